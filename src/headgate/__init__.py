"""Headgate: the United States' export controls on AI chips, as a program.

>>> d = decide(item="nvidia-h200-sxm", activity="export", ship_from="US", destination="CN", event_date="2025-06-01")
>>> d.outcome, d.review_policy
('license_required', 'presumption_of_denial')
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

# The rooms `decide` and `law` share a name with a verb: load the (empty) rooms first, so that the verbs stay on top.
import headgate.decide
import headgate.law  # noqa: F401
from headgate.version import VERSION

if TYPE_CHECKING:
    from headgate.catalog.record import Record
    from headgate.decide.decision import Decision
    from headgate.decide.one import Decider
    from headgate.law.book import Book
    from headgate.predict.compare import compare as compare_machines
    from headgate.predict.hardware import machine as find_machine
    from headgate.predict.serving.by_name import serve_model
    from headgate.predict.table import predict_table as predict_runs
    from headgate.predict.train import train
    from headgate.scenario.worlds import run_world

__version__ = VERSION
__all__ = [
    "__version__",
    "book",
    "chip",
    "compare_machines",
    "decide",
    "decide_table",
    "find_machine",
    "law",
    "predict_runs",
    "run_world",
    "serve_model",
    "train",
]

# What works on arrays is loaded when it is first asked for: public name to its module and its name there.
LATE = {
    "compare_machines": ("headgate.predict.compare", "compare"),
    "find_machine": ("headgate.predict.hardware", "machine"),
    "predict_runs": ("headgate.predict.table", "predict_table"),
    "serve_model": ("headgate.predict.serving.by_name", "serve_model"),
    "run_world": ("headgate.scenario.worlds", "run_world"),
    "train": ("headgate.predict.train", "train"),
}


def __getattr__(name: str) -> Any:
    """Return a public name that is loaded late.

    Example:
        >>> import headgate
        >>> headgate.find_machine("h20").domain_chips
        8
    """
    if name not in LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, own = LATE[name]
    return getattr(import_module(module), own)


def __dir__() -> list[str]:
    """Return the public names, those that are loaded late among them."""
    return sorted({*__all__, *LATE})


def decide(
    row: Mapping[str, object] | None = None,
    /,
    *,
    assume: str | None = None,
    set: Mapping[str, object] | None = None,
    by: "Decider | None" = None,
    answers: Mapping[str, object] | None = None,
    **columns: object,
) -> "Decision":
    """Decide one transaction.

    Args:
        row: Column to cell, as in a file; or give the columns by name.
        assume: `"clean"` states the clean facts wherever the row is blank.
        set: Facts to state wherever the row is blank.
        by: Under which law, from `law`; by default the law of the row's day.
        answers: Answers to the questions of red flags (`headgate flags list --columns`); they never change an outcome.
        columns: Cells by column name; text as in a file, or typed.

    Returns:
        The decision. A row that cannot be read has the outcome `invalid_row` and says why in `error`.

    Raises:
        UsageError: An unknown column or assumption.

    Example:
        >>> decide(item="nvidia-h20-96", activity="export", ship_from="US", destination="CN",
        ...        event_date="2024-06-01", assume="clean").outcome
        'no_license_required'
        >>> decide(item="nvidia-l4", activity="export", ship_from="US", destination="MY", event_date="2026-06-01",
        ...        assume="clean", answers={"consignee_role": "forwarder"}).diligence
        'block'
    """
    from headgate.decide.one import decide_one

    return decide_one(row, assume=assume, set=set, by=by, answers=answers, **columns)


def decide_table(
    table: Any,
    *,
    assume: str | None = None,
    set: Mapping[str, object] | None = None,
    by: "Decider | None" = None,
    answers: Any = None,
) -> Any:
    """Decide a table of transactions, one row each.

    Args:
        table: A Polars data frame, or what Polars can make one of, in the contract's columns; `line_id` is required.
        assume: As in `decide`.
        set: As in `decide`.
        by: As in `decide`.
        answers: A table of answers by `line_id`, or what Polars can make one of.

    Returns:
        A Polars data frame with one decision per row, in the table's order.

    Example:
        >>> import polars
        >>> table = polars.DataFrame({"line_id": ["1"], "item": ["nvidia-h100-sxm"], "destination": ["CN"],
        ...                           "activity": ["export"], "event_date": ["2024-06-01"]})
        >>> decide_table(table)["outcome"].to_list()
        ['license_required']
    """
    from headgate.decide.one import decider
    from headgate.decide.table import decide_frame

    return decide_frame(by or decider(), table, assume=assume, stated=set, answers=answers)


def law(
    *,
    as_of: str | None = None,
    as_known: str | None = None,
    overlay: str | None = None,
    scenario: str | None = None,
    parameters: Mapping[str, str] | None = None,
) -> "Decider":
    """Return the law under which to decide, for the `by` of `decide` and `decide_table`.

    Args:
        as_of: Decide every row under the law of this day instead of its event date.
        as_known: Use only what the book knew on this day.
        overlay: A folder of rules of your own: stricter, or authorizations held.
        scenario: A scenario file, or the id of one, laid over the law.
        parameters: Parameters of the scenario with other values, as text.

    Raises:
        UsageError: A day, folder, scenario or parameter cannot be used.
        BookError: A rule of the overlay or the scenario cannot be used.

    Example:
        >>> before = law(as_known="2026-01-14")
        >>> decide(item="nvidia-h200-sxm", activity="export", ship_from="US", destination="CN",
        ...        event_date="2026-02-01", by=before).review_policy
        'presumption_of_denial'
    """
    from headgate.scenario.trial import law_under

    return law_under(as_of, as_known, overlay, scenario, parameters)


def chip(id: str) -> "Record":
    """Return a chip or system of the catalog by id, alias or name.

    Raises:
        CatalogError: Nothing has this name; the message lists near names.

    Example:
        >>> chip("nvidia-a100-sxm4-80").number("die_area_mm2")
        826.0
    """
    from headgate.catalog.chips import catalog

    return catalog().find(id)


def book() -> "Book":
    """Return the law book of the United States.

    Example:
        >>> "us.ear.3a090.a.1" in book().ids()
        True
    """
    from headgate.law.us import book as us_book

    return us_book()
