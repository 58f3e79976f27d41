"""The history of supply: complete, strictly read, no chip counted twice, and every refusal."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import CatalogError, UsageError
from headgate.source import MARKS
from headgate.world.history import COUNTS, UNITS, WITH_CHINA, Row, fingerprint, history, select, span_of
from headgate.world.records import WORLD, read_world_table

TEXT = (WORLD / "supply_history.csv").read_text("utf-8")
Change = Callable[[list[dict[str, str]]], None]


def written(folder: Path, change: Change, header: list[str] | None = None) -> Path:
    """Write the package's history, changed, and return its path."""
    rows = list(csv.DictReader(io.StringIO(TEXT)))
    change(rows)
    path = folder / "history.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header or list(rows[0]), lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def put(row: int, **cells: str) -> Change:
    return lambda rows: rows[row].update(cells)


def test_all_rows_are_there_and_each_is_sourced() -> None:
    rows = history()
    assert len(rows) == 247 == len({row.row_id for row in rows})
    assert Counter(row.freq for row in rows) == {"Q": 177, "A": 68, "H": 2}
    assert Counter(row.use for row in rows) == {
        WITH_CHINA: 48, "primary": 132, "alternative": 52, "input": 5, "context": 10
    }  # fmt: skip
    assert Counter(row.unit for row in rows) == {
        "chips": 208, "h100e": 24, "b300e": 8, "dies": 3, "usd": 2, "hbm_stacks": 2
    }  # fmt: skip
    assert all(row.source and row.url.startswith("https://") and row.mark in MARKS for row in rows)
    assert all(row.counts in COUNTS and row.unit in UNITS for row in rows)


def test_epoch_is_credited_with_its_license() -> None:
    sources = read_world_table("supply_history").sources
    epoch = [each for name, each in sources.items() if name.startswith("Epoch")]
    assert len(epoch) == 3
    assert all(each.license == "CC BY 4.0" and each.credit == "Epoch AI" and "https" in each.url for each in epoch)


def test_the_unit_says_what_the_notes_say() -> None:
    """The column is ours; where a note names the unit, they agree."""
    for row in history():
        assert ("B300-EQUIVALENTS" in row.notes) == (row.unit == "b300e"), row.row_id
        assert ("do not use as a full quarter" in row.notes) == (row.covers == "part"), row.row_id
        assert (row.unit == "usd") == (row.counts == "sales"), row.row_id


def test_a_primary_row_of_chips_converts_by_its_own_factor() -> None:
    """Median chips times H100-equivalents per chip is the median in H100-equivalents, to rounding."""
    seen = 0
    for row in history():
        if row.unit == "chips" and row.median and row.h100e_median and row.h100e_per_unit:
            seen += 1
            assert row.median * row.h100e_per_unit == pytest.approx(row.h100e_median, rel=2e-3, abs=1), row.row_id
    assert seen > 150


@pytest.mark.parametrize(
    ("group", "end_2025", "tolerance"), [("CN-LEGAL", 412221, 0.01), ("CN-DOM", 742893, 1e-5), ("CN-SMUG", 662048, 0)]
)
def test_quarters_add_up_to_the_published_stock(group: str, end_2025: float, tolerance: float) -> None:
    rows = [row for row in select(use="primary", group=group) if row.end <= date(2026, 1, 1)]
    assert sum(row.h100e_median or 0 for row in rows) == pytest.approx(end_2025, rel=tolerance)


def test_the_world_rows_contain_the_rows_of_the_china_products() -> None:
    """Which is why the two groups are never added."""
    inside = {(row.chip, row.period): row.median for row in select(group="NV-WORLD", use=WITH_CHINA)}
    chips = ("A800", "H800", "H20")
    china = [row for row in select(group="CN-LEGAL", use="primary", vendor="Nvidia") if row.chip in chips]
    assert len(china) == 16
    assert all(row.median == inside[row.chip, row.period] for row in china)


def test_what_the_notes_say_of_double_counts_and_corrections_is_so() -> None:
    row = {each.row_id: each for each in history()}
    assert row["S0086"].h100e_high == 232
    assert row["S0160"].median == row["S0068"].median == 31859
    assert row["S0160"].group != row["S0068"].group
    assert (row["S0197"].median, row["S0198"].median) == (4.6e9, 5e7)
    assert (row["S0202"].low, row["S0202"].high) == (10000, None)


def test_select_takes_words_and_refuses_others() -> None:
    assert {row.freq for row in select(freq=("Q", "H"))} == {"Q", "H"}
    few = select(select(vendor="AMD"), chip="Instinct MI308X")
    assert [row.channel for row in few] == ["legal import", "world production (all destinations)"]
    assert select(iter(few), chip="Instinct MI308X", freq="Q") == few
    with pytest.raises(UsageError, match=r"vendor 'Nvidai'.*Did you mean Nvidia"):
        select(vendor="Nvidai")
    with pytest.raises(UsageError, match=r"no text column 'chanel'.*Did you mean channel"):
        select(chanel="domestic")
    with pytest.raises(UsageError, match="Known are CN-LEGAL, OTHER-WORLD"):
        select(few, group="elsewhere")


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2024", (date(2024, 1, 1), date(2025, 1, 1), "A")),
        ("2024H2", (date(2024, 7, 1), date(2025, 1, 1), "H")),
        ("2024Q4", (date(2024, 10, 1), date(2025, 1, 1), "Q")),
        ("2024Q5", None),
        ("2024H3", None),
        ("24Q1", None),
        ("2024q1", None),
    ],
)
def test_periods(period: str, expected: object) -> None:
    assert span_of(period) == expected


@given(st.integers(2000, 2099), st.integers(1, 4))
def test_quarters_of_a_year_follow_one_another(year: int, quarter: int) -> None:
    one, two = span_of(f"{year}Q{quarter}"), span_of(f"{year + quarter // 4}Q{quarter % 4 + 1}")
    assert one is not None
    assert two is not None
    assert one[1] == two[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put(0, unit="wafers"), r"S0001: 'wafers' is not a known unit\. Write one of chips, h100e"),
        (put(0, unit="chip"), "Did you mean chips"),
        (put(0, unit=""), "S0001: '' is not a known unit"),
        (put(0, use="primry"), "S0001: 'primry' is not a known use.*Did you mean primary"),
        (put(0, counts="level"), "'level' is not a known counts"),
        (put(0, covers="half"), "'half' is not a known covers"),
        (put(0, freq="M"), "'M' is not a known freq"),
        (put(0, mark="sure"), "'sure' is not a mark"),
        (put(0, units_low="999999"), r"S0001: units: 999999, 212120, 276445 do not stand in order"),
        (put(0, units_median="", units_low="999999"), "999999, blank, 276445 do not stand in order"),
        (put(0, h100e_high="1"), "S0001: h100e: .* do not stand in order"),
        (put(0, period_end="2022-03-30"), "S0001: period '2022Q1' is not the span 2022-01-01 to 2022-03-30"),
        (put(0, period="2022"), "period '2022' is not the span"),
        (put(0, period="spring"), "period 'spring' is not the span"),
        (put(0, freq="A"), "period '2022Q1' is not the span"),
        (put(0, units_median="many"), "line 2: units_median: 'many' is not a number"),
        (put(0, units_median="nan"), "units_median: 'nan' is not a number"),
        (put(0, units_median="-1"), "units_median: '-1' is not a number"),
        (put(1, row_id="S0001"), "line 3: row_id: 'S0001' is blank or was there before"),
        (put(186, units_median="", h100e_median=""), "S0187: no number in units or H100-equivalents"),
    ],
)
def test_a_bad_row_is_refused(tmp_path: Path, change: Change, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        history(written(tmp_path, change))


def test_an_unknown_column_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    header = next(csv.reader([TEXT.splitlines()[0]]))
    with pytest.raises(CatalogError, match="differs from the description at unit"):
        history(written(tmp_path, lambda rows: None, [name for name in header if name != "unit"]))
    more = written(tmp_path, lambda rows: [row.update(color="red") for row in rows] and None, [*header, "color"])
    with pytest.raises(CatalogError, match="differs from the description at color"):
        history(more)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"gone\.csv: it cannot be read"):
        history(tmp_path / "gone.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogError, match="it cannot be read"):
        history(tmp_path / "bytes.csv")


def test_primary_rows_that_count_the_same_chips_are_refused(tmp_path: Path) -> None:
    def again(rows: list[dict[str, str]]) -> None:
        rows.append(rows[60] | {"row_id": "X1"})

    with pytest.raises(CatalogError, match=r"S0061 and X1 both count Nvidia H20 \(legal import\) in CN-LEGAL"):
        history(written(tmp_path, again))

    def a_year_over_its_quarters(rows: list[dict[str, str]]) -> None:
        year = {"period": "2024", "period_start": "2024-01-01", "period_end": "2024-12-31", "freq": "A"}
        rows.append(rows[60] | year | {"row_id": "X1"})

    with pytest.raises(CatalogError, match=r"S0061 and X1 both count.*\(2024Q1, 2024\)"):
        history(written(tmp_path, a_year_over_its_quarters))

    def an_alternative(rows: list[dict[str, str]]) -> None:
        a_year_over_its_quarters(rows)
        rows[-1]["use"] = "alternative"

    assert len(history(written(tmp_path, an_alternative))) == 248


def test_a_primary_row_with_the_china_products_inside_is_primary_too(tmp_path: Path) -> None:
    def again(rows: list[dict[str, str]]) -> None:
        rows.append(rows[0] | {"row_id": "X1", "use": "primary"})

    with pytest.raises(CatalogError, match="S0001 and X1 both count Nvidia A100"):
        history(written(tmp_path, again))


def test_the_fingerprint_moves_with_the_content_alone(tmp_path: Path) -> None:
    rows = history()
    same = history(written(tmp_path, lambda cells: cells.reverse()))
    assert fingerprint(same) == fingerprint(rows)
    assert fingerprint(history(written(tmp_path, put(0, units_median="212120.0")))) == fingerprint(rows)
    assert len(fingerprint(rows)) == 64


@given(st.integers(0, 246), st.sampled_from(["median", "notes", "group", "low"]))
def test_any_change_moves_the_fingerprint(number: int, field: str) -> None:
    def other(row: Row) -> Row:
        if field in ("median", "low"):
            return replace(row, **{field: (getattr(row, field) or 0) + 1})
        return replace(row, **{field: getattr(row, field) + "x"})

    rows = list(history())
    rows[number] = other(rows[number])
    assert fingerprint(rows) != fingerprint(history())
