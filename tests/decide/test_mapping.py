"""Other people's columns made ours: exact, cell by cell, and a cell that cannot be read breaks its own row only."""

import re
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.decide.chunk import Chunk
from headgate.decide.columns import COLUMNS
from headgate.decide.decision import DECISION_COLUMNS
from headgate.decide.mapping.convert import How, converted
from headgate.decide.mapping.day_forms import COMMON, MONTHS, day_form, fitting
from headgate.decide.mapping.headings import fold
from headgate.decide.mapping.languages import LANGUAGES, country_words, language_values
from headgate.decide.mapping.layout import Layout
from headgate.decide.mapping.map_file import layout_of
from headgate.decide.mapping.scales import SCALES, read_number, scaled, unit_named
from headgate.errors import UsageError


def apply(text, typed=False, **columns):
    """Apply the text of a map to a table of texts."""
    made = layout_of("m.toml", text).apply(Chunk(pl.DataFrame(columns), {}), typed)
    return made


@pytest.mark.parametrize(
    "heading",
    ["Material", "material", "MATERIAL ", " Ｍａｔｅｒｉａｌ", "Mate\u200brial", "Material\u00a0", "\ufeffMaterial"],
)
def test_a_heading_is_found_whatever_its_case_width_and_blanks(heading):
    assert apply('[columns]\nMaterial = "item"', **{heading: ["h100"]}).frame.to_dicts() == [{"item": "h100"}]


def test_an_exact_heading_wins_over_one_that_looks_alike():
    found = apply('[columns]\nMaterial = "item"\nmaterial = "maker"', Material=["h100"], material=["NVIDIA"])
    assert found.frame.to_dicts() == [{"item": "h100", "maker": "NVIDIA"}]


def test_headings_that_look_alike_are_asked_back():
    with pytest.raises(UsageError, match=r"'MATERIAL' could be any of the headings 'Material', 'material'"):
        apply('[columns]\nMATERIAL = "item"', Material=["h100"], material=["NVIDIA"])


def test_a_heading_that_is_not_there_is_named_with_near_ones():
    with pytest.raises(UsageError, match=r"no heading 'Materail'\. Did you mean Material\?.*under `optional`"):
        apply('[columns]\nMaterail = "item"', Material=["h100"])


def test_an_optional_heading_may_lack_and_stays_unknown():
    found = apply('optional = ["Sitz"]\n[columns]\nSitz = "hq_country"\nMaterial = "item"', Material=["h100"])
    assert found.frame.columns == ["item"]


def test_a_file_is_not_changed_and_its_own_columns_can_be_carried():
    found = apply(
        'carry = ["Land"]\n[columns]\nLand = "destination"\n[values.destination]\nDeutschland = "DE"',
        Land=["Deutschland"],
        quantity=["5"],
    )
    assert found.frame.to_dicts() == [{"destination": "DE", "quantity": "5"}]
    assert found.carry == ("Land",)
    assert found.carried(["Land", "destination"]).to_dicts() == [{"Land": "Deutschland", "destination": "DE"}]


def test_a_heading_of_ours_that_the_map_does_not_mention_stays_ours():
    found = apply(
        '[file]\ndecimal = ","\n[columns]\nMaterial = "item"', Material=["h100"], tpp=["1.580,5"], other=["x"]
    )
    assert found.frame.to_dicts() == [{"item": "h100", "tpp": "1580.5", "other": "x"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[columns]\nMaterial = "item"', "the heading 'item' of the file and another entry of the map give item"),
        (
            '[join]\nitem = { of = ["Material"] }',
            "the heading 'item' of the file and another entry of the map give item",
        ),
        ('[constants]\nitem = "h100"\n[columns]\nMaterial = "maker"', "the heading 'item' of the file and another"),
    ],
)
def test_a_column_has_one_source(text, says):
    with pytest.raises(UsageError, match=says):
        apply(text, Material=["a"], item=["b"])
    # To carry a heading that has our name does not take the name away: only `ignore` says that it is another thing.
    with pytest.raises(UsageError, match=says):
        apply(f'carry = ["item"]\n{text}', Material=["a"], item=["b"])
    assert apply(f'ignore = ["item"]\n{text}', Material=["a"], item=["b"]).frame["item"].to_list() != ["b"]


def test_constants_stand_on_every_line_and_are_said():
    found = apply('[constants]\nactivity = "export"\n[columns]\nM = "item"', M=["a", "b"])
    assert found.frame["activity"].to_list() == ["export", "export"]
    assert found.notes == ("The map m.toml states for every line: activity = export.",)


def test_what_is_left_out_is_said():
    found = apply('ignore = ["Notiz", "gone"]\n[columns]\nM = "item"', M=["a"], Notiz=["x"])
    assert found.frame.columns == ["item"]
    assert found.notes == ("The map m.toml leaves out: Notiz.",)


def test_a_join_breaks_a_row_of_which_a_part_is_blank():
    text = '[join]\nline_id = { of = ["Doc", "Pos"], with = "-" }'
    found = apply(text, Doc=["1", None, "", "4"], Pos=["10", "20", None, " "])
    assert found.frame["line_id"].to_list() == ["1-10", None, None, None]
    assert set(found.broken) == {1, 3}
    assert "heading 'Doc' is blank" in found.broken[1]
    assert "heading 'Pos' is blank" in found.broken[3]


def test_a_join_may_miss_as_a_whole_and_not_in_part():
    text = 'optional = ["A", "B"]\n[join]\nhq_country = { of = ["A", "B"], with = ";" }\n[columns]\nM = "item"'
    assert apply(text, M=["x"]).frame.columns == ["item"]
    with pytest.raises(UsageError, match="hq_country is made of 'B', which the file lacks"):
        apply(text, M=["x"], A=["CN"])


OURS = ("is_denied", "is_entity_listed", "hq_country", "tpp", "us_import", "is_datacenter", "event_date")
CELLS = st.sampled_from(["yes", "no", "CN", "4800", "2024-06-01", "", "x"])


@given(
    st.dictionaries(st.sampled_from((*OURS, "Material", "Notes")), CELLS, min_size=1),
    st.sets(st.sampled_from((*OURS, "Notes"))),
    st.sets(st.sampled_from((*OURS, "Notes"))),
    st.sampled_from(["", '[join]\nline_id = { of = ["Material", "tpp"], with = "-" }', '[columns]\nMaterial = "item"']),
)
def test_to_carry_or_to_check_never_takes_a_fact_away(row, carry, only, more):
    """Whatever is carried or checked, the facts that are decided are the same."""
    columns = {h: [v] for h, v in (row | {"Material": "h20", "tpp": "70"}).items()}
    plain = apply(f'ignore = ["gone"]\n{more}', **columns)
    text = f"carry = {sorted(carry & set(columns))}\nignore = ['gone']\n{more}\n[only]\n"
    text += "".join(f"{h} = ['', 'yes', 'no', 'CN', '4800', '2024-06-01', 'x', '70']\n" for h in only & set(columns))
    found = apply(text, **columns)
    facts = [c for c in plain.frame.columns if c in COLUMNS]
    assert [c for c in found.frame.columns if c in COLUMNS] == facts
    assert found.frame.select(facts).equals(plain.frame.select(facts))
    assert set(facts) >= set(OURS) & set(columns)
    assert found.broken == {}


def test_a_checked_heading_of_ours_is_decided_and_its_own_line_refused():
    found = apply('[only]\nis_denied = ["no"]\n[columns]\nM = "item"', M=["a", "b"], is_denied=["no", "yes"])
    assert found.frame["is_denied"].to_list() == ["no", "yes"]
    assert set(found.broken) == {1}


def test_a_part_of_a_join_that_has_our_name_stays_our_column():
    """A join copies: the fact stays, but where the join makes that very column of it."""
    found = apply('[join]\nline_id = { of = ["line_id", "item"], with = "/" }', line_id=["1"], item=["h20"])
    assert found.frame.to_dicts() == [{"item": "h20", "line_id": "1/h20"}]
    with pytest.raises(UsageError, match="the heading 'item' of the file and another entry of the map give item"):
        apply('[join]\nline_id = { of = ["N", "item"] }\n[columns]\nM = "item"', N=["1"], item=["h20"], M=["h100"])


def test_a_heading_of_ours_is_another_column_only_where_columns_say_so():
    found = apply('[columns]\nis_denied = "is_unverified"', is_denied=["yes"])
    assert found.frame.to_dicts() == [{"is_unverified": "yes"}]


@pytest.mark.parametrize("typed", [False, True])
def test_a_join_of_one_heading_is_read_as_under_columns(typed):
    tables = '[units]\nB = "TB/s"\n[dates]\nD = "DD.MM.YYYY"\n[file]\ndecimal = ","\n'
    under = '[columns]\nB = "dram_bandwidth_gb_per_s"\nD = "event_date"\n'
    joined = '[join]\ndram_bandwidth_gb_per_s = { of = ["B"] }\nevent_date = { of = ["D"] }\n'
    cells = {"B": ["4,8", "1.234,5", "x", None], "D": ["1.6.2024", "soon", "2024-06-01", None]}
    first, second = (apply(tables + way, typed, **cells) for way in (under, joined))
    assert first.frame.equals(second.frame)
    assert first.broken == second.broken
    assert set(first.broken) == {1, 2}


def test_a_column_can_be_copied_and_its_day_is_read_in_both():
    text = '[columns]\nD = "event_date"\n[join]\norder_date = { of = ["d"] }\n[dates]\nD = "DD/MM/YYYY"'
    found = apply(text, D=["01/02/2026"])
    assert found.frame.to_dicts() == [{"event_date": "2026-02-01", "order_date": "2026-02-01"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[columns]\nM = "item"\n[units]\ntpp = "kTPP"', r"the file has no heading 'tpp'"),
        (
            'ignore = ["io_bandwidth_gb_per_s"]\n[columns]\nM = "item"\n[units]\nio_bandwidth_gb_per_s = "TB/s"',
            r"\[units\] 'io_bandwidth_gb_per_s': this heading becomes no column that is a number with a unit",
        ),
        (
            'ignore = ["order_date"]\n[dates]\norder_date = "DD/MM/YYYY"',
            r"\[dates\] 'order_date': this heading becomes no column that is a day",
        ),
        ('[columns]\n" x" = "die_area_mm2"\n[units]\nX = "cm2"\n"x " = "mm2"', "are one heading of the file; keep one"),
        ('[columns]\nM = "item"\n[values.activity]\nEXP = "export"', "the file has no heading 'activity'"),
        ('ignore = ["is_denied"]\n[values.is_denied]\nJ = "yes"', "nothing would read the table"),
    ],
)
def test_an_entry_that_nothing_would_read_is_refused(text, says):
    """4.8 TB/s read as 4.8 GB/s would free a chip."""
    ours = {"is_denied": ["no"], "order_date": ["2024-06-01"], "io_bandwidth_gb_per_s": ["5"]}
    with pytest.raises(UsageError, match=says):
        apply(text, M=["h20"], X=["8"], **ours)


def test_a_unit_of_a_heading_that_has_our_name_is_read_and_one_that_may_lack_is_no_trouble():
    assert apply('[units]\ntpp = "kTPP"\n[columns]\nM = "item"', M=["a"], tpp=["5"]).frame["tpp"].to_list() == ["5000"]
    optional = 'optional = ["tpp", "D", "is_denied"]\n[columns]\nM = "item"\nD = "event_date"\n[units]\ntpp = "kTPP"\n'
    optional += '[dates]\nD = "DD/MM/YYYY"\n[values.is_denied]\nJ = "yes"'
    assert apply(optional, M=["a"]).frame.columns == ["item"]


def test_what_is_carried_and_read_by_nobody_is_said():
    headings = {f"H{n}": ["x"] for n in range(14)}
    text = (
        f'carry = ["M", "tpp", "C", {", ".join(repr(h) for h in headings)}]\n[columns]\nM = "item"\n[only]\nC = ["1"]'
    )
    found = apply(text, M=["a"], tpp=["5"], C=["1"], **headings)
    told = ", ".join(list(headings)[:12])
    assert found.notes == (f"The map m.toml carries, and nothing reads: {told} and 2 more.",)


def test_decisions_of_an_earlier_run_are_no_order_book():
    """A row that could not be read stands blank beside its decision: decided again, it would state nothing."""
    decided = {c: ["x"] for c in DECISION_COLUMNS}
    for layout in (Layout(), layout_of("m.toml", '[join]\nline_id = { of = ["M"] }')):
        with pytest.raises(UsageError, match="the file holds decisions of an earlier run.*Decide the order book"):
            layout.apply(Chunk(pl.DataFrame(decided | {"M": ["a"]}), {}))
    few = Layout().apply(Chunk(pl.DataFrame({"line_id": ["1"], "error": [""], "outcome": ["x"]}), {}))
    assert few.frame.height == 1


@pytest.mark.parametrize(
    "text", ['carry = ["tpp "]', '[join]\nline_id = { of = ["Tpp", "M"] }', '[columns]\nTpp = "tpp"']
)
def test_what_is_ignored_is_not_used_under_another_spelling(text):
    with pytest.raises(UsageError, match="ignore lists 'TPP', which another part of the map uses"):
        apply(f'ignore = ["tPP"]\n{text}', TPP=["5"], M=["a"])
    # Two headings that differ in case alone are told apart by their exact spelling.
    found = apply('ignore = ["tpp"]\n[columns]\nTPP = "tpp"', TPP=["5"], tpp=["6"])
    assert found.frame["tpp"].to_list() == ["5"]


def test_headings_written_twice_by_an_earlier_run_are_all_named():
    text = '[columns]\nPreis = "unit_price_usd"\nLand = "destination"\n[constants]\nactivity = "export"\n'
    cells = {"Preis": ["5"], "Land": ["DE"], "unit_price_usd": ["5"], "destination": ["DE"], "activity": ["export"]}
    with pytest.raises(
        UsageError, match="and so with 2 more.*decide the file without the map, with --carry-rest"
    ) as found:
        apply(text, **cells)
    (told,) = re.findall(r"ignore = \[.*?\]", str(found.value))
    assert apply(f"{told}\n{text}", **cells).frame.to_dicts() == [
        {"unit_price_usd": "5", "destination": "DE", "activity": "export"}
    ]


@pytest.mark.parametrize(
    ("cells", "noted"),
    [
        (["15.824", "4.800", "70", None], True),
        (["15.824", "4.8"], False),
        (["0.824"], False),
        (["1.580.000"], False),
        (["15824"], False),
    ],
)
def test_a_column_of_points_before_three_digits_is_pointed_at(cells, noted):
    for layout in (Layout(), layout_of("m.toml", '[columns]\nX = "tpp"')):
        heading = "X" if layout.name else "tpp"
        found = layout.apply(Chunk(pl.DataFrame({heading: cells}), {}))
        assert any("three digits behind it" in note for note in found.notes) is noted
        assert found.frame["tpp"].to_list() == cells
        assert layout.apply(Chunk(pl.DataFrame({heading: cells}), {}), typed=True).notes == ()


def test_values_are_read_by_a_table_and_others_pass_as_they_stand():
    text = (
        '[columns]\nLand = "destination"\nSitz = "hq_country"\n[values.destination]\nDeutschland = "DE"\n"k. A." = ""'
    )
    text += '\n[values.hq_country]\nChina = "CN"\nDeutschland = "DE"'
    found = apply(
        text, Land=[" DEUTSCHLAND", "Absurdistan", "k. a.", None], Sitz=["China;Deutschland", "SG;China", "", " "]
    )
    assert found.frame["destination"].to_list() == ["DE", "Absurdistan", None, None]
    assert found.frame["hq_country"].to_list() == ["CN;DE", "SG;CN", None, None]
    assert found.broken == {}


def test_a_line_that_must_say_something_else_is_refused():
    found = apply('[only]\nCurr = ["USD"]\n[columns]\nM = "item"', M=["a", "b", "c"], Curr=["usd ", "EUR", None])
    assert found.broken == {
        1: "heading 'Curr': 'EUR' is none of 'USD', which the map says it must be",
        2: "heading 'Curr': '' is none of 'USD', which the map says it must be",
    }
    assert apply('[only]\nCurr = ["USD", ""]\n[columns]\nM = "item"', M=["a"], Curr=[None]).broken == {}


def test_what_the_reader_found_wrong_with_a_row_comes_first():
    layout = layout_of("m.toml", '[only]\nCurr = ["USD"]\n[columns]\nM = "item"')
    frame = pl.DataFrame({"M": [None], "Curr": [None]}, schema={"M": pl.String, "Curr": pl.String})
    assert layout.apply(Chunk(frame, {0: "torn"})).broken == {0: "torn"}


def test_without_a_map_nothing_is_touched():
    chunk = Chunk(pl.DataFrame({"Material": ["a"]}), {})
    found = Layout().apply(chunk)
    assert found.frame is chunk.frame
    assert found.own is chunk.frame


def test_no_rows_are_no_trouble():
    text = '[columns]\nA = "tpp"\nD = "event_date"\n[dates]\nD = "DD.MM.YYYY"\n[units]\nA = "kTPP"\n[only]\nC = ["x"]'
    none = {h: pl.Series([], dtype=pl.String) for h in "ADC"}
    assert apply(text, **none).frame.shape == (0, 2)


@pytest.mark.parametrize(
    ("column", "unit", "cell", "made"),
    [
        ("dram_bandwidth_gb_per_s", "TB/s", "4.8", "4800"),
        ("dram_bandwidth_gb_per_s", "TB/s", "3.35", "3350"),
        ("io_bandwidth_gb_per_s", "Gbit/s", "400", "50"),
        ("dense_fp8_tflops", "PFLOPS", "1.979", "1979"),
        ("dense_int8_tops", "POPS", "0.296", "296"),
        ("die_area_mm2", "cm2", "8.14", "814"),
        ("unit_price_usd", "kUSD", "31.25", "31250"),
        ("listed_owner_share", "%", "49.9", "0.499"),
        ("listed_owner_share", "%", "0.6 %", "0.006"),
        ("listed_owner_share", "%", "0", "0"),
        ("tpp", "kTPP", "15.832", "15832"),
        ("transistors_bn", "count", "80000000000", "80"),
    ],
)
def test_units_are_exact(column, unit, cell, made):
    assert apply(f'[columns]\nX = "{column}"\n[units]\nX = "{unit}"', X=[cell]).frame[column].to_list() == [made]


@pytest.mark.parametrize("cell", ["0.6", "1", "0.006"])
def test_a_percent_that_could_be_a_share_is_refused(cell):
    """A workbook stores 60 % as 0.6; read as 0.6 % it would free what is not free."""
    found = apply('[columns]\nX = "listed_owner_share"\n[units]\nX = "%"', X=[cell])
    assert found.frame["listed_owner_share"].to_list() == [None]
    assert "as a workbook stores percents" in found.broken[0]


@given(st.integers(-(10**12), 10**12), st.integers(0, 6), st.sampled_from(sorted(SCALES)), st.data())
def test_every_scale_is_exact(digits, places, column, data):
    unit = data.draw(st.sampled_from(sorted(SCALES[column])))
    number = Decimal(digits).scaleb(-places)
    assert Decimal(scaled(number, SCALES[column][unit])) == number * SCALES[column][unit]


@given(st.integers(0, 10**12), st.integers(0, 4), st.booleans())
def test_a_number_is_the_same_with_either_sign(digits, places, grouped):
    number = Decimal(digits).scaleb(-places)
    point = f"{number:,f}" if grouped else f"{number:f}"
    comma = point.translate(str.maketrans(",.", ".,"))
    assert read_number(point, ".") == read_number(comma, ",") == number
    series = pl.Series([comma])
    made, wrong = converted(series, "X", How("tpp", decimal=","))
    assert (Decimal(made[0]), wrong) == (number, {})


@given(st.text(st.sampled_from("0123456789.,+-' %e"), max_size=9), st.sampled_from([",", "."]), st.booleans())
def test_the_fast_and_the_slow_path_of_numbers_agree(cell, decimal, typed):
    fast, wrong = converted(pl.Series([cell]), "X", How("tpp", decimal=decimal, typed=typed))
    slow, also = converted(pl.Series([cell]), "X", How("tpp", {"never": "1"}, decimal=decimal, typed=typed))
    assert wrong == also
    assert [None if v is None else Decimal(v) for v in fast] == [None if v is None else Decimal(v) for v in slow]


@pytest.mark.parametrize(
    ("cell", "decimal", "typed"),
    [
        ("12.5", ",", False),
        ("1,5", ".", False),
        ("1.234", ",", True),
        ("1,23,456", ".", False),
        ("1.23,5", ",", False),
        ("4,8 TB/s", ",", False),
        ("NaN", ",", False),
        ("inf", ".", False),
        ("1e999", ",", False),
    ],
)
def test_a_number_that_could_be_read_in_two_ways_or_none_breaks_its_row(cell, decimal, typed):
    found = apply(f'[file]\ndecimal = "{decimal}"\n[columns]\nX = "tpp"', typed, X=["7", cell])
    assert found.frame["tpp"].to_list() == ["7", None]
    assert found.broken[1].startswith("tpp: heading 'X': " + repr(cell))


def test_numbers_of_a_typed_column_keep_their_point():
    found = apply('[file]\ndecimal = ","\n[columns]\nX = "tpp"\nY = "die_area_mm2"', X=[1.234], Y=["1.234"])
    assert found.frame["tpp"].to_list() == [1.234]
    assert found.frame["die_area_mm2"].to_list() == ["1234"]


def test_a_float_column_in_another_unit_is_exact():
    found = apply('[columns]\nX = "dram_bandwidth_gb_per_s"\n[units]\nX = "TB/s"', X=[4.8, 3.35, None])
    assert found.frame["dram_bandwidth_gb_per_s"].to_list() == ["4800", "3350", None]


@pytest.mark.parametrize(("form", "text"), [(f, "7.3.2026") for f in ("DD.MM.YYYY",)] + [("YYYYMMDD", "20260307")])
def test_days_are_read_in_their_form(form, text):
    found = apply(
        f'[columns]\nD = "event_date"\n[dates]\nD = "{form}"', D=[text, "2026-03-07", None, "31.02.2026", "x"]
    )
    assert found.frame["event_date"].to_list() == ["2026-03-07", "2026-03-07", None, None, None]
    assert set(found.broken) == {3, 4}
    assert "heading 'D'" in found.broken[3]


def write(day, form):
    """Write a day in a form."""
    month = next(name for name, n in MONTHS.items() if n == day.month).upper()
    parts = {"YYYY": f"{day.year}", "YY": f"{day.year % 100:02}", "MON": month, "MM": f"{day.month:02}"}
    parts |= {"DD": f"{day.day:02}", "hh": "00", "mm": "00", "ss": "00"}
    for token, value in parts.items():
        form = form.replace(token, value.lower() if token == "MON" else value)
    return form


@given(st.integers(0, 27_000), st.sampled_from(COMMON))
def test_every_common_form_reads_what_is_written_in_it(days, form):
    day = date(2022, 8, 26) + timedelta(days % 27_000)
    assert day_form(form).read(write(day, form)) == day.isoformat()
    assert form in fitting([write(day, form)])


@pytest.mark.parametrize("form", ["DD.MM", "DD.DD.YYYY", "dd.mm.yyyy", "DD/MM/YYYYx", "", "YYYY-DD-MM", "YYYYDDMM"])
def test_a_form_that_is_none_is_refused(form):
    with pytest.raises(ValueError, match=r"day"):
        day_form(form)


def test_days_that_fit_two_forms_are_not_chosen_between():
    assert fitting(["01/02/2026", "12/11/2026"]) == ("DD/MM/YYYY", "MM/DD/YYYY")
    assert fitting(["01/02/2026", "13/11/2026"]) == ("DD/MM/YYYY",)


def test_german_and_english_months_are_read():
    read = day_form("DD-MON-YYYY").read
    assert {read(f"05-{m}-2026") for m in ("MAY", "Mai", "mai.")} == {"2026-05-05"}
    assert read("01-MRZ-2026") == read("01-Mär-2026") == read("1-MAR-2026")


@pytest.mark.parametrize(
    ("column", "unit", "named"),
    [
        ("dram_bandwidth_gb_per_s", "gb/s", None),
        ("dram_bandwidth_gb_per_s", "Gb/s", None),
        ("dram_bandwidth_gb_per_s", "GB/S", "GB/s"),
        ("die_area_mm2", "mm²", "mm2"),
        ("item", "GB/s", None),
    ],
)
def test_a_unit_is_known_by_its_own_spelling(column, unit, named):
    """Gb/s is gigabits to some and gigabytes to others: nobody's guess is taken."""
    assert unit_named(column, unit) == named


def test_each_scaled_column_has_a_unit_that_is_ours():
    assert all(Decimal(1) in units.values() for units in SCALES.values())
    assert {c for c in SCALES if COLUMNS[c].kind not in ("number", "share")} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_name_of_a_country_means_one(language):
    """The table is read into a dictionary: a name that stood at two would be lost."""
    words = country_words(language)
    assert len(set(words.values())) > 200
    assert all(fold(w) == w for w in words)


def test_languages_read_countries_and_yes_and_no_only():
    kinds = {COLUMNS[c].kind for c in language_values("zh")}
    assert kinds == {"country", "countries", "yesno"}
    text = '[file]\nlanguage = "zh"\n[columns]\nX = "hq_country"\nY = "is_denied"'
    found = apply(text, X=["中国;新加坡"], Y=["否"])
    assert found.frame.to_dicts() == [{"hq_country": "CN;SG", "is_denied": "no"}]
