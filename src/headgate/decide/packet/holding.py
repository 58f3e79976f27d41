"""Which lines are held, and why: by their answer, for the papers of an exception, by a red flag, or for a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from headgate.decide.packet.documents import owed_by
from headgate.decide.summary import HELD

if TYPE_CHECKING:
    from polars import DataFrame

# Weights of red flags that hold a line even where no license is needed.
STOPPING = ("block", "hold")
# Why a line is held: by its answer, for the papers of an exception, by a red flag alone, or for a paper alone.
HOLD, PAPERS_DUE, RED_FLAG, OWING = "hold", "papers", "flag", "paper"


def is_held(outcome: str, missing: Sequence[str], diligence: str) -> bool:
    """Say whether a line gets a packet by its answer: it may not go, not yet, or not before somebody has looked.

    What is not held so may still owe a paper: see `owes_paper`.

    Example:
        >>> is_held("exception_available", ("purchase_order",), ""), is_held("no_license_required", (), "")
        (True, False)
    """
    return held_as(outcome, missing, diligence) != OWING


def held_as(outcome: str, missing: Sequence[str], diligence: str) -> str:
    """Say why a line is held; one that its answer does not hold can only owe a paper.

    Example:
        >>> held_as("no_license_required", (), "hold"), held_as("no_license_required", (), "")
        ('flag', 'paper')
    """
    if outcome in HELD:
        return HOLD
    if outcome == "exception_available" and missing:
        return PAPERS_DUE
    return RED_FLAG if diligence in STOPPING else OWING


def may_owe(found: DataFrame, orders: DataFrame, stated: Mapping[str, object] | None) -> Sequence[bool]:
    """Say of each line whether a flag or a stated fact could raise a document: only these are decided for it again."""
    import polars as pl

    flags, columns = owed_by()
    may = [found["flags"].list.eval(pl.element().is_in([*flags])).list.any()]
    may += [orders[c].is_not_null() for c in columns if c in orders.columns]
    if columns & {*(stated or ())}:
        return [True] * found.height
    return pl.select(pl.any_horizontal(may)).to_series().fill_null(value=False).to_list()
