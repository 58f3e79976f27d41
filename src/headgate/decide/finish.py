"""The last steps of a decision, shared by one case and a table: other readings, duty, papers, measures."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace

from headgate.decide.answer import Answer
from headgate.decide.cell import Cell
from headgate.decide.decision import Measure
from headgate.decide.era import Era
from headgate.decide.item import SHOWN, ItemFacts
from headgate.expr import AtLeast
from headgate.expr.margin import margin
from headgate.law.provision import POLICIES, WEIGHTS

# Flag of a text that can be read in two ways, by the label of the reading.
READING_FLAGS = {"tf32": "tf32_bit_length", "datacenter": "datacenter_marketing", "window": "foundry_year_2028"}
Z_ENTRIES = ("3A001", "4A003", "4A004", "4A005", "5A002", "5A004", "5A992", "5D002", "5D992", "5E002", "5E992")
CONTROLLED = ("3A090", "4A090", "3D001", "4D090", "3E001", "4E001")


def combine(
    answers: Mapping[str, Answer], readings: tuple[tuple[str, Mapping[str, Answer]], ...]
) -> tuple[dict[str, Answer], tuple[str, ...]]:
    """Lay other sources and other readings beside the answer.

    A second source never changes the answer and is flagged where it would. Two readings of the text whose outcomes
    differ are `legal_ambiguity`; where only the policy differs the stricter one stands. Both are flagged.
    """
    final = dict(answers)
    flags: dict[str, None] = {}
    for label, others in readings:
        for track, own in answers.items():
            other = others[track]
            if (other.outcome, other.review_policy) == (own.outcome, own.review_policy):
                continue
            if label == "source":
                flags["sources_disagree"] = None
                continue
            flags[READING_FLAGS[label]] = None
            if other.outcome != own.outcome:
                final[track] = replace(final[track], outcome="legal_ambiguity", exceptions=())
                flags[f"readings:{'|'.join(sorted({own.outcome, other.outcome}))}"] = None
            final[track] = replace(
                final[track], review_policy=stricter(final[track].review_policy, other.review_policy)
            )
    return final, tuple(flags)


def stricter(a: str, b: str) -> str:
    """Return the stricter of two review policies; blank is the mildest.

    Example:
        >>> stricter("case_by_case", "presumption_of_denial")
        'presumption_of_denial'
    """
    order = (*POLICIES, "")
    return min(a, b, key=order.index)


def heavier(a: str, b: str) -> str:
    """Return the heavier of two weights of red flags; blank is none.

    Example:
        >>> heavier("note", "block")
        'block'
    """
    return min(a, b, key=(*WEIGHTS, "").index)


def duty_rate(found: Answer, us_import: Cell) -> float | None:
    """Return the duty as a share of value; None where it was not asked or is not known."""
    if us_import is not True or found.duty is None:
        return None
    return found.rate if found.duty else 0.0


def eccn_differs(stated: Cell, found: Answer) -> bool:
    """Say whether the papers name another entry than the book finds; a .z item of a controlled machine is the same."""
    if stated is None or not found.eccn:
        return False
    text = str(stated).upper().replace(" ", "")
    own = found.eccn_paragraph.upper()
    if own.startswith(text) or text.startswith(own):
        return False
    is_z = text.split(".")[0] in Z_ENTRIES and ".Z" in text
    return not (is_z and found.eccn.startswith(CONTROLLED))


def measures(item: ItemFacts, era: Era) -> dict[str, Measure]:
    """Return the measures used, each with its mark and its margin to the nearest threshold of the day."""
    if not item.parts:
        return {}
    found: dict[str, Measure] = {}
    for column, name in SHOWN.items():
        value = item.parts[0].get(name)
        if not isinstance(value, float | AtLeast):
            continue
        low = value.low if isinstance(value, AtLeast) else value
        found[column] = {
            "value": low,
            "at_least": isinstance(value, AtLeast),
            "mark": item.marks.get(column, ""),
            "threshold": None,
            "margin": None,
        }
        limits = era.limits.get(name, ())
        if limits:
            at = bisect_left(limits, low, key=lambda t: t.value)
            nearest = min(limits[max(at - 1, 0) : at + 1], key=lambda t: abs(low - t.value))
            found[column] |= {"threshold": nearest.id, "margin": round(margin(name, low, ">=", nearest).share, 6)}
    return found


def shown(found: Mapping[str, Measure]) -> dict[str, Measure | None]:
    """Return every measure in order, None where it is unknown."""
    return {column: found.get(column) for column in SHOWN}
