"""A chip among the limits of a day: areas from the book, marks from the catalog, and where words stand."""

import ast
import json
from datetime import date
from math import inf
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.decide.one import decider
from headgate.decide.plane.areas import OPEN, plane_of
from headgate.decide.plane.picture import picture
from headgate.decide.plane.points import scene
from headgate.decide.plane.told import as_record, ruler, summary
from headgate.pictures.files import bytes_of
from headgate.pictures.labels import Box, put
from headgate.pictures.look import DARK

DATACENTER = {"maker": "NVIDIA", "is_datacenter": True}
SOURCE = Path(__file__).resolve().parents[2] / "src" / "headgate"
NOW = date(2026, 9, 1)


def at(plane, x, y):
    found = [f for f in plane.fields if f.x[0] <= x < f.x[1] and f.y[0] <= y < f.y[1]]
    assert len(found) == 1
    return found[0].paragraph


def seen(id, day=NOW, by=None):
    by = by or decider()
    return scene(by, by.catalog.get(id), day)


@pytest.mark.parametrize(
    ("x", "y", "paragraph"),
    [
        (4800, 0.1, "3A090.a.1"),
        (4799.9999, 5.92, "3A090.a.2"),
        (1600, 5.92, "3A090.a.2"),
        (1599.9, 50, ""),
        (2400, 1.6, "3A090.b.1"),
        (2399.9, 1.6, ""),
        (2399.9, 3.2, "3A090.b.2"),
        (4799.9999, 1.5999, ""),
    ],
)
def test_the_areas_are_those_of_the_text(x, y, paragraph):
    assert at(plane_of(decider(), date(2024, 6, 1), DATACENTER), x, y) == paragraph


@settings(max_examples=60, deadline=None)
@given(
    x=st.floats(10, 100_000), y=st.floats(0.05, 100), day=st.sampled_from([date(2022, 11, 1), date(2023, 12, 1), NOW])
)
def test_any_circuit_lies_where_the_book_puts_it(x, y, day):
    plane = plane_of(decider(), day, DATACENTER)
    y = y * 20 if plane.y == "ic.io_bandwidth" else y
    column = {"ic.io_bandwidth": "io_bandwidth_gb_per_s", "ic.performance_density": "performance_density"}[plane.y]
    row = {"item": "x", "item_kind": "ic", "exporter_role": "other", "event_date": day, "tpp": x, column: y}
    decided = decider().decide_cells({**row, **DATACENTER})
    expected = decided.eccn_paragraph if decided.eccn.startswith("3A090") else ""
    assert at(plane, x, y) == expected


def test_the_day_and_a_scenario_move_the_areas():
    from headgate.scenario.trial import law_under

    early = plane_of(decider(), date(2022, 11, 1), DATACENTER)
    assert early.y == "ic.io_bandwidth"
    assert (at(early, 4800, 600), at(early, 4800, 599)) == ("3A090", "")
    assert {f.paragraph for f in plane_of(decider(), date(2022, 10, 1), DATACENTER).fields} == {
        "",
        "is-informed letters of 2022-08-26",
    }
    moved = law_under(None, None, None, "ai-overwatch", {"ceiling_tpp": "21000"}, None)
    day = date(2027, 6, 1)
    assert plane_of(moved, day, DATACENTER).limits != plane_of(decider(), day, DATACENTER).limits


def test_the_letter_of_2023_goes_before_the_text_of_2022():
    plane = plane_of(decider(), date(2023, 10, 30), DATACENTER)
    assert at(plane, 5000, 700) == "3A090.a"
    other = plane_of(decider(), date(2023, 10, 30), {"maker": "AMD", "is_datacenter": True})
    assert (at(other, 5000, 700), at(other, 5000, 500)) == ("3A090", "")


def test_note_2_leaves_consumer_chips_out_and_an_unknown_market_open():
    consumer = plane_of(decider(), NOW, {"maker": "NVIDIA", "is_datacenter": False})
    assert {f.paragraph for f in consumer.fields} == {"", "3A090.a.1"}
    unknown = plane_of(decider(), NOW, {"maker": "NVIDIA", "is_datacenter": None})
    assert at(unknown, 2000, 4.0) == OPEN


def test_the_fields_tile_the_plane():
    plane = plane_of(decider(), NOW, DATACENTER)
    for axis in (0, 1):
        edges = sorted({end for f in plane.fields for end in ((f.x, f.y)[axis])})
        assert (edges[0], edges[-1]) == (0.0, inf)
    assert len({(f.x, f.y) for f in plane.fields}) == len(plane.fields)


def test_other_limits_are_drawn_only_near_the_chip():
    assert 21000.0 in [limit.threshold.value for limit in seen("nvidia-h200-sxm").limits if not limit.classifies]
    assert 21000.0 not in [limit.threshold.value for limit in seen("nvidia-h20-96").limits]
    # The bands of the duty decide no license.
    assert not {14000.0, 17500.0} & {limit.threshold.value for limit in seen("nvidia-h200-sxm").limits}


def test_an_unknown_area_and_a_lower_bound_stay_unknown():
    gaudi = seen("intel-gaudi3").points[0]
    assert (gaudi.x, gaudi.y) == (26848.0, None)
    assert [p.x for p in seen("intel-gaudi3").of("reading") if p.y is None] == [29360.0]
    mi308 = seen("amd-mi308x")
    assert (mi308.points[0].x, mi308.points[0].y) == (None, None)
    assert len(mi308.of("reading")) == 6


def test_other_readings_say_who_and_why_and_none_stands_on_the_chip():
    for p in seen("intel-gaudi3").of("reading"):
        assert p.says.endswith(")")
        assert len(p.label) == 1
    assert [p.x for p in seen("nvidia-rtx-4090").of("reading")] == [10570.0]


def test_neighbors_are_of_the_day_and_of_the_same_market():
    early = {id for p in seen("nvidia-a100-sxm4-80", date(2022, 11, 1)).of("neighbor") for id in p.ids}
    assert early
    assert not early & {"nvidia-b200", "nvidia-rtx-4090", "nvidia-a100-sxm4-80", "nvidia-a100-sxm4-40"}
    # Of equal figures: one mark with the chip.
    assert "nvidia-a100-sxm4-40" in seen("nvidia-a100-sxm4-80", date(2022, 11, 1)).points[0].ids


def test_a_system_shows_the_circuit_inside():
    point = seen("dgx-h100").points[0]
    assert point.label == "H100 SXM5 80GB in DGX H100"
    assert point.x == 15832.0


def test_a_planar_circuit_has_no_place_at_density_zero():
    for id in decider().catalog.ids():
        for p in seen(id).points:
            assert p.x is None or p.x > 0
            assert p.y is None or p.y > 0


@pytest.mark.parametrize("id", ["nvidia-h20-96", "intel-gaudi3", "amd-mi308x", "gb200-nvl72", "nvidia-rtx-4090"])
def test_the_picture_names_what_it_shows(id):
    found = seen(id)
    text = bytes_of(picture(found, DARK), ".svg").decode()
    for words in (f"limits of {NOW}", "4,800", "3A090.a.1", "Not legal advice", DARK.background):
        assert words in text
    assert text == bytes_of(picture(seen(id), DARK), ".svg").decode()
    assert json.loads(json.dumps(as_record(found), default=str))["points"][0]["kind"] == "chip"


def test_the_limits_come_from_the_book_and_not_from_the_picture():
    """The numbers of the law stand nowhere in the code that draws."""
    folder = SOURCE / "decide" / "plane"
    nodes = [node for path in folder.glob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    written = {node.value for node in nodes if isinstance(node, ast.Constant) and type(node.value) in (int, float)}
    eras = (decider().eras.on(day) for day in decider().eras.starts)
    axes = ("ic.tpp", "ic.performance_density", "ic.io_bandwidth")
    limits = {t.value for era in eras for axis in axes for t in era.limits.get(axis, ())}
    assert {4800.0, 1.6, 3.2, 5.92, 600.0} <= limits
    assert limits & written == set()


def test_the_summary_says_what_the_picture_shows():
    text = summary(seen("nvidia-h20-96"))
    for words in ("within 5 % of a limit: 1.3 % below 2,400 TPP", "3A090.b.2", "us.ear.3a090.a.1", "A30"):
        assert words in text
    assert "exactly 4,992 TPP" in summary(seen("nvidia-a100-sxm4-80", date(2022, 11, 1)))


@given(
    limits=st.lists(st.integers(1, 10_000), min_size=1, max_size=6, unique=True),
    found=st.floats(0.5, 20_000),
    room=st.integers(34, 90),
)
def test_a_ruler_keeps_its_room_and_its_side(limits, found, room):
    line, below = ruler({f"{v:,}": float(v) for v in limits}, found, False, room)
    assert len(line) == room
    assert len(below) <= room
    assert line.count("#") == 1
    if len(limits) == 1:
        if found != limits[0]:
            assert (line.index("#") < line.index("|")) == (found < limits[0])
        else:
            assert "|" not in line


@given(
    marks=st.lists(
        st.tuples(st.sampled_from(["A100", "a long name of a chip"]), st.floats(0, 600), st.floats(0, 400)), max_size=25
    )
)
def test_no_words_lie_over_each_other_or_a_mark_or_leave_the_frame(marks):
    frame = Box(0, 0, 600, 400)
    placed = [w for w in put(marks, frame) if w is not None]
    for n, w in enumerate(placed):
        assert w.box.inside(frame)
        assert not any(w.box.meets(other.box) for other in placed[:n])
        assert not any(w.box.meets(Box(x - 3.5, y - 3.5, x + 3.5, y + 3.5)) for _, x, y in marks)
