"""One decision: the contract's columns as attributes, and how it shows itself."""

import json
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from headgate.decide.trace import Trace

LISTS = ("exceptions", "exceptions_printed", "reasons", "reasons_printed", "missing", "flags", "assumed")
Measure = dict[str, float | bool | str | None]


@dataclass(frozen=True)
class Decision:
    """The answer to one transaction. It has no truth value: an outcome is more than yes or no.

    Example:
        >>> import headgate
        >>> d = headgate.decide(item="nvidia-h100-sxm", activity="export", ship_from="US", destination="CN",
        ...                     event_date="2024-06-01", assume="clean")
        >>> d.outcome, d.eccn_paragraph, d.review_policy
        ('license_required', '3A090.a.1', 'presumption_of_denial')
    """

    line_id: str | None = None
    row_number: int | None = None
    error: str | None = None
    outcome: str = "invalid_row"
    outcome_printed: str = "invalid_row"
    eccn: str = ""
    eccn_paragraph: str = ""
    review_policy: str = ""
    review_policy_printed: str = ""
    exceptions: tuple[str, ...] = ()
    exceptions_printed: tuple[str, ...] = ()
    duty_rate: float | None = None
    reasons: tuple[str, ...] = ()
    reasons_printed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    measures: dict[str, Measure | None] = field(default_factory=dict)
    evidence: str = ""
    diligence: str = ""
    law_version: str = ""
    data_version: str = ""
    trace: "Trace | None" = field(default=None, repr=False, compare=False)

    def __bool__(self) -> NoReturn:
        raise TypeError("a decision has no truth value; compare its .outcome, for example with 'license_required'")

    def to_dict(self) -> dict[str, object]:
        """Return the contract's columns in order, lists as lists."""
        found = {name: getattr(self, name) for name in DECISION_COLUMNS}
        return {name: list(v) if isinstance(v, tuple) else v for name, v in found.items()}

    def to_json(self) -> str:
        """Return the contract's columns as one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def explain(self) -> str:
        """Return the memo of this decision as text."""
        from headgate.decide.explain import memo

        return memo(self)

    def _repr_html_(self) -> str:
        from headgate.decide.explain import memo_page
        from headgate.decide.memo_top import memo_title
        from headgate.decide.paper.to_html import article

        return article(memo_page(self), memo_title(self))


DECISION_COLUMNS = tuple(f.name for f in fields(Decision) if f.name != "trace")
