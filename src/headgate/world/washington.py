"""Gate 1, Washington: the book of law decides every chip on every lane, once per change of law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NoReturn

from headgate.catalog.refusals import stop
from headgate.decide.one import Decider
from headgate.decide.table import decide_frame
from headgate.world.axes import QUARTERS
from headgate.world.chips import CATALOG_KEY, WorldChip
from headgate.world.chips import chips as world_chips
from headgate.world.gate import GATED, LOOSER, US_VOLUME, Gates, gates_of, permitted
from headgate.world.lane import CATEGORIES, Lane, Lanes
from headgate.world.lane_cache import Span, digest, grounds, keep, kept, spans
from headgate.world.lanes import lanes as world_lanes

if TYPE_CHECKING:
    from polars import DataFrame

__all__ = ["CATEGORIES", "LOOSER", "Gates", "category_of", "gates", "lane_decisions", "permitted", "transactions"]
OUTCOMES = {"no_license_required": "open", "exception_available": "exception", "prohibited": "denial"}
POLICIES = {
    "presumption_of_approval": "approval",
    "case_by_case": "case_by_case",
    "presumption_of_denial": "denial",
    "denial": "denial",
    "unstated": "unstated",
    "": "unstated",
}
COLUMNS = (
    *("lane", "chip", "start", "end", "outcome", "review_policy", "exceptions", "duty_rate"),
    *("reasons", "missing", "category", "basis", "limits", "capped"),
)
ANSWER = ("outcome", "review_policy", "exceptions", "duty_rate", "reasons", "missing", "error")
# Answers under one state of the law, and gates, that are kept in memory.
REMEMBERED, REMEMBERED_GATES = 500, 16
_answers: dict[str, DataFrame] = {}
_gates: dict[str, Gates] = {}


def refuse_undecided(lane: str, chip: str, start: date, row: Mapping[str, Any]) -> NoReturn:
    """Refuse a lane on which the book has no answer: an error in the lane, not a number."""
    why = f"{chip} on {start}: the book answers {row['outcome']}"
    if row["error"]:
        why += f" ({row['error']})"
    if row["missing"]:
        why += f"; missing: {row['missing'].replace(';', ', ')}"
    if row["outcome"] == "not_modeled":
        stop("lanes.toml", lane, why, "Say how to read it with `where_not_modeled`, and from which source.")
    stop("lanes.toml", lane, why, "State the facts that are missing, in the lane or in chips.toml.")


def category_of(outcome: str, review_policy: str) -> str | None:
    """Return how passable an answer leaves a lane, one of `CATEGORIES`; None when it is no answer.

    Example:
        >>> category_of("license_required", "case_by_case"), category_of("insufficient_facts", "")
        ('case_by_case', None)
    """
    return POLICIES[review_policy] if outcome == "license_required" else OUTCOMES.get(outcome)


def transactions(chips: Sequence[WorldChip], lanes: Lanes) -> dict[tuple[str, str], dict[str, str]]:
    """Return the facts that a line states, by lane and chip; only of chips that go over a border.

    Example:
        >>> found = transactions(world_chips(), world_lanes())
        >>> found["rent", "nvidia-h20-96"]["item"], ("rent", "google-tpu-v4") in found
        ('nvidia-h20-96', False)
    """
    gated = {c.id: _of_chip(c, lanes.imagined) for c in chips if c.kind in GATED}
    found = {(lane.id, id): {**lane.facts, **told} for lane in lanes.of_chips for id, told in gated.items()}
    return found | {(lane.id, lane.carries): dict(lane.facts) for lane in lanes.of_items}


def _of_chip(chip: WorldChip, imagined: Mapping[str, str]) -> dict[str, str]:
    if chip.decided_as:
        return {"item": chip.decided_as}
    columns = {**CATALOG_KEY, "io_bandwidth": "io_bandwidth_gb_per_s"}
    own = {columns[name]: f"{value:.12g}" for name, value in chip.measures.items() if name != "memory_size"}
    beneath = {} if chip.record else {**imagined, "maker": chip.maker}
    return {**beneath, "item": chip.id, **own}


def _decided(by: Decider, rows: Sequence[Mapping[str, str]], over: Sequence[Span]) -> dict[str, DataFrame]:
    """Return the answers to some transactions by hash of the law; those met before are not worked out again."""
    import polars as pl

    base = grounds(by, rows)
    new = list({s.law: s for s in over if f"{base} {s.law}" not in _answers}.values())
    if new:
        if len(_answers) + len(new) > REMEMBERED:
            _answers.clear()
        lines = [
            {**row, "line_id": f"{n} {s.law}", "event_date": str(s.start)} for s in new for n, row in enumerate(rows)
        ]
        out = decide_frame(by, pl.DataFrame(lines, infer_schema_length=None))
        out = out.select(
            pl.col(name).list.join(";") if out.schema[name] == pl.List(pl.String) else pl.col(name) for name in ANSWER
        )
        for n, s in enumerate(new):
            _answers[f"{base} {s.law}"] = out.slice(n * len(rows), len(rows))
    return {s.law: _answers[f"{base} {s.law}"] for s in over}


def lane_decisions(by: Decider, chips: Sequence[WorldChip], lanes: Lanes) -> DataFrame:
    """Decide every gated chip on every lane, once per change of law.

    Args:
        by: The decider of a book, of the law as it is or under a scenario.
        chips: The chips of the world; captive and domestic ones have no lanes.
        lanes: The lanes.

    Returns:
        One row for each lane, chip (or `hbm`) and span of unchanged law `[start, end)`, in that order. `category` is
        one of `CATEGORIES`; `basis` says what it follows from: `book`, `before_the_book`, or `where_not_modeled`;
        `limits` are ids of `lanes.limits`, `capped` that of the US volume. Texts that list something have `;` between.

    Raises:
        CatalogError: The book has no answer on a lane.
    """
    import polars as pl

    stated = transactions(chips, lanes)
    rows = list({tuple(sorted(facts.items())): facts for facts in stated.values()}.values())
    place = {tuple(sorted(facts.items())): n for n, facts in enumerate(rows)}
    over = spans(by)
    answers = {law: found.to_dicts() for law, found in _decided(by, rows, over).items()}
    read: dict[tuple[int, str, str], dict[str, Any]] = {}
    found: list[dict[str, Any]] = []
    for (id, chip), facts in stated.items():
        lane, n = lanes.get(id), place[tuple(sorted(facts.items()))]
        found += _before(lane, chip, over[0].start)
        for s in over:
            if (n, id, s.law) not in read:
                read[n, id, s.law] = _read(lane, chip, s.start, answers[s.law][n], lanes)
            found.append({"lane": id, "chip": chip, "start": s.start, "end": s.end, **read[n, id, s.law]})
    texts = [c for c in COLUMNS if c not in ("start", "end", "duty_rate", "capped")]
    types = {"start": pl.Date, "end": pl.Date, "duty_rate": pl.Float64, "capped": pl.Boolean}
    return pl.DataFrame(found, schema={c: pl.String if c in texts else types[c] for c in COLUMNS})


def _before(lane: Lane, chip: str, begins: date) -> list[dict[str, Any]]:
    """Return the row before the book begins; none when it begins with the horizon."""
    first = QUARTERS[0].start
    if begins <= first:
        return []
    blank = dict.fromkeys(("outcome", "review_policy", "exceptions", "reasons", "missing", "limits"), "")
    told = {"category": lane.before_the_book.category, "basis": "before_the_book", "capped": False}
    return [{"lane": lane.id, "chip": chip, "start": first, "end": begins, **blank, **told, "duty_rate": None}]


def _read(lane: Lane, chip: str, start: date, row: dict[str, Any], lanes: Lanes) -> dict[str, Any]:
    """Return an answer with its category and limits."""
    category, basis = category_of(row["outcome"], row["review_policy"]), "book"
    if category is None and row["outcome"] == "not_modeled" and lane.where_not_modeled:
        category, basis = lane.where_not_modeled.category, "where_not_modeled"
    if category is None:
        refuse_undecided(lane.id, chip, start, row)
    reasons = row["reasons"].split(";")
    limits = [x.id for x in lanes.limits if any(fnmatchcase(r, p) for p in x.provisions for r in reasons)]
    told = {"category": category, "basis": basis, "limits": ";".join(limits), "capped": US_VOLUME in limits}
    return {**{c: row[c] for c in ANSWER if c != "error"}, **told}


def gates(by: Decider, chips: Sequence[WorldChip] | None = None, lanes: Lanes | None = None) -> Gates:
    """Return gate 1 under a book: of the world's own chips and lanes unless others are given.

    What was decided once is kept: in memory, and as a file under `$XDG_CACHE_HOME/headgate/lanes` (`~/.cache` without
    that variable; `HEADGATE_CACHE=off` keeps none) under a hash of all that an answer turns on.

    Raises:
        CatalogError: The book has no answer on a lane.

    Example:
        >>> from headgate.decide.one import decider
        >>> found = gates(decider(), world_chips()[:2])
        >>> [round(float(x), 2) for x in found.shares[3, found.lanes.index("cn_direct"), 0]]
        [0.0, 0.0, 0.0, 0.0, 0.22, 0.78]
    """
    which, on = world_chips() if chips is None else tuple(chips), lanes or world_lanes()
    stated = transactions(which, on)
    laws = [f"{s.start} {s.end} {s.law}" for s in spans(by)]
    about = [*map(repr, on.lanes), *map(repr, on.limits), *(f"{c.id} {c.kind}" for c in which), *map(repr, stated)]
    key = digest((grounds(by, list(stated.values())), *laws, *about))
    if key not in _gates:
        table = kept(key)
        if table is None:
            table = lane_decisions(by, which, on)
            keep(key, table)
        if len(_gates) >= REMEMBERED_GATES:
            _gates.clear()
        _gates[key] = gates_of(table, which, on)
    return _gates[key]
