"""What was decided on lanes is kept under a hash of all that an answer turns on, and read only as it was written."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import polars as pl
import pytest

from headgate.catalog.record import Record
from headgate.decide.one import Decider, decider
from headgate.expr.change import with_thresholds
from headgate.world import lane_cache, washington
from headgate.world.axes import QUARTERS
from headgate.world.chips import WorldChip, chips
from headgate.world.lane import Lanes
from headgate.world.lane_cache import content, digest, folder, grounds, keep, kept, spans
from headgate.world.lanes import lanes
from headgate.world.washington import Gates, gates

FEW = [c for c in chips() if c.id in ("nvidia-h20-96", "nvidia-h200-sxm")]
TABLE = pl.DataFrame({"lane": ["a", "b"], "days": [1.0, 0.1 + 0.2]})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep tables in a folder of the test, and forget what is in memory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("HEADGATE_CACHE", raising=False)
    monkeypatch.setattr(washington, "_gates", {})
    return tmp_path / "headgate" / "lanes"


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often lanes are decided."""
    found: list[int] = []
    own = washington.lane_decisions

    def counted(by: Decider, which: list[WorldChip], on: Lanes) -> pl.DataFrame:
        found.append(len(which))
        return own(by, which, on)

    monkeypatch.setattr(washington, "lane_decisions", counted)
    return found


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(washington, "_gates", {})


def same(one: Gates, other: Gates) -> bool:
    return one.hash == other.hash and (one.shares == other.shares).all() and one.table.equals(other.table)


def test_gates_are_decided_once_and_then_read(
    home: Path, decisions: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = gates(decider(), FEW)
    assert gates(decider(), FEW) is first
    forget(monkeypatch)
    assert same(gates(decider(), FEW), first)
    assert decisions == [2]
    assert [path.suffix for path in home.iterdir()] == [".parquet"]


def test_a_broken_file_is_passed_over_and_written_anew(
    home: Path, decisions: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = gates(decider(), FEW)
    [path] = home.iterdir()
    for spoil in (b"", b"no parquet", path.read_bytes()[:-100]):
        path.write_bytes(spoil)
        forget(monkeypatch)
        assert same(gates(decider(), FEW), first)
        assert kept(path.stem) is not None
    assert decisions == [2, 2, 2, 2]


def test_a_file_with_other_content_or_under_another_key_is_passed_over(
    home: Path, decisions: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = gates(decider(), FEW)
    [path] = home.iterdir()
    told = pl.read_parquet_metadata(path)[lane_cache.METADATA]
    freed = first.table.with_columns(category=pl.lit("open"))
    freed.write_parquet(path, metadata={lane_cache.METADATA: told})
    forget(monkeypatch)
    assert same(gates(decider(), FEW), first)
    path.rename(home / f"{'0' * 64}.parquet")
    assert kept("0" * 64) is None
    first.table.write_parquet(path)
    assert kept(path.stem) is None
    assert decisions == [2, 2]


def test_the_environment_turns_it_off(home: Path, decisions: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADGATE_CACHE", "Off")
    assert folder() is None
    gates(decider(), FEW)
    forget(monkeypatch)
    gates(decider(), FEW)
    assert decisions == [2, 2]
    assert not home.exists()
    keep("a", TABLE)
    assert kept("a") is None


def test_without_a_folder_of_its_own_it_stands_in_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HEADGATE_CACHE", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert folder() == tmp_path / ".cache" / "headgate" / "lanes"


def test_a_folder_that_cannot_be_written_is_passed_over(home: Path, tmp_path: Path) -> None:
    (tmp_path / "headgate").write_text("in the way", encoding="utf-8")
    keep("a", TABLE)
    assert kept("a") is None


def test_a_table_is_written_whole_or_not_at_all(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep("a", TABLE)
    assert TABLE.equals(kept("a"))

    def fails(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", fails)
    keep("b", TABLE)
    assert [path.name for path in home.iterdir()] == ["a.parquet"]


def test_the_content_is_what_the_table_holds() -> None:
    assert content(TABLE) == content(TABLE.clone())
    assert content(TABLE) != content(TABLE.with_columns(days=pl.Series([1.0, 0.3])))
    assert content(TABLE) != content(TABLE.reverse())
    assert content(TABLE) != content(TABLE.rename({"days": "day"}))
    assert digest(["a", ""]) != digest(["a"])


# What the key turns on


def keys(home: Path) -> set[str]:
    return {path.stem for path in home.iterdir()} if home.exists() else set()


def _other_threshold(by: Decider) -> Decider:
    gate = "us.ear.742_6.b_10_iii.gate"
    changed = tuple(
        replace(p, when=with_thresholds(p.when, {f"{gate}/tpp": 30000.0})) if p.id == gate else p
        for p in by.book.provisions
    )
    return by.with_book(replace(by.book, provisions=changed), by.lists)


def _other_list(by: Decider) -> Decider:
    entries = {**by.lists.entries, "us.country_group.a6": by.lists.entries["us.country_group.a6"][1:]}
    return by.with_book(by.book, replace(by.lists, entries=MappingProxyType(entries)))


def _other_start(by: Decider) -> Decider:
    return by.with_book(replace(by.book, begins=date(2022, 9, 1)), by.lists)


def _other_parts(by: Decider) -> Decider:
    own: dict[str, Record] = {"nvidia-h20-96": by.catalog.get("nvidia-h100-sxm")}
    return Decider(by.book, own, by.lists, by.catalog)


def _one_day(by: Decider) -> Decider:
    return Decider(by.book, None, by.lists, by.catalog, date(2025, 1, 1))


@pytest.mark.parametrize("change", [_other_threshold, _other_list, _other_start, _other_parts, _one_day])
def test_another_law_is_another_key(home: Path, decisions: list[int], change: Callable[[Decider], Decider]) -> None:
    gates(decider(), FEW)
    gates(change(decider()), FEW)
    assert decisions == [2, 2]
    assert len(keys(home)) == 2


def test_the_users_own_parts_are_decided_as_theirs(home: Path) -> None:
    found, own = gates(decider(), FEW), gates(_other_parts(decider()), FEW)
    at = (found.lanes.index("cn_direct"), found.chips.index("nvidia-h20-96"))
    assert found.shares[11][at].argmax() == 0
    assert own.shares[11][at].argmax() == 5


def test_other_chips_lanes_and_code_are_other_keys(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gates(decider(), FEW)
    gates(decider(), FEW[:1])
    gates(decider(), [replace(FEW[0], measures=MappingProxyType({"fp16": 2000.0}), record=FEW[0].record), FEW[1]])
    first = lanes().lanes[0]
    gates(decider(), FEW, replace(lanes(), lanes=(replace(first, note="other"), *lanes().lanes[1:])))
    gates(decider(), FEW, replace(lanes(), limits=lanes().limits[:1]))
    assert len(keys(home)) == 5
    before = grounds(decider(), [{"item": "x"}])
    monkeypatch.setattr(lane_cache, "engine", lambda: "another version of the code")
    assert grounds(decider(), [{"item": "x"}]) != before


def test_the_same_law_in_another_book_is_not_decided_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADGATE_CACHE", "off")
    by = decider()
    other = by.with_book(replace(by.book, scenario="renamed"), by.lists)
    assert other.book.version != by.book.version
    assert spans(other) == spans(by)
    first = gates(by, FEW)
    monkeypatch.setattr(washington, "decide_frame", None)
    assert gates(other, FEW) is first


def test_spans_lie_in_the_horizon_without_a_gap() -> None:
    found = spans(decider())
    assert found[0].start == decider().book.begins
    assert found[-1].end == QUARTERS[-1].end
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(s.start < s.end for s in found)


def test_hashes_are_the_same_in_another_process() -> None:
    code = (
        "from headgate.decide.one import decider; from headgate.world.lane_cache import engine, spans;"
        "print(engine(), *(s.law for s in spans(decider())))"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for seed in ("1", "2")
    ]
    assert told[0] == told[1] == [lane_cache.engine(), *(s.law for s in spans(decider()))]
