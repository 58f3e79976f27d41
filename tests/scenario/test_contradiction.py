"""A scenario that contradicts itself is refused: two values of one threshold on one day."""

from pathlib import Path

import pytest

import headgate
from headgate.errors import BookError

HEAD = """
id = "own"
title = "T"
says = "S"
status = "A test."
evidence = "unverified"
from = 2026-02-01
[[source]]
title = "ours"
"""
SET = """
[[set]]
threshold = "us.ear.742_6.b_10_iii.gate/tpp"
value = {value}
from = {start}
{until}
why = "a test"
"""


def law(folder: Path, *sets: str) -> object:
    path = folder / "own.toml"
    path.write_text(HEAD + "".join(sets), "utf-8")
    return headgate.law(scenario=str(path))


def one(value: int, start: str, until: str = "") -> str:
    return SET.format(value=value, start=start, until=f"until = {until}" if until else "")


def test_two_values_on_one_day_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="is set to 40000 from 2026-02-01 and to 1000 from 2026-03-01, on days that"):
        law(tmp_path, one(40000, "2026-02-01"), one(1000, "2026-03-01"))


def test_one_after_the_other_is_no_contradiction(tmp_path: Path) -> None:
    assert law(tmp_path, one(40000, "2026-02-01", "2026-03-01"), one(1000, "2026-03-01")) is not None


def test_the_same_value_twice_is_no_contradiction(tmp_path: Path) -> None:
    assert law(tmp_path, one(40000, "2026-02-01"), one(40000, "2026-03-01")) is not None
