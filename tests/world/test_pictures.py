"""Pictures of the world: what they show, the same bytes for the same data, and what is refused."""

import json
import subprocess
import sys
from itertools import combinations, pairwise
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.world import frames

from headgate.errors import UsageError
from headgate.pictures.files import ENDINGS
from headgate.world.pictures import (
    DARK,
    LIGHT,
    channel_stack,
    claims,
    fan,
    let_through,
    paired,
    predictive,
    run_words,
    save,
    svg_of,
    tornado,
)
from headgate.world.pictures.against import covered_words
from headgate.world.pictures.odds import percent, strongest
from headgate.world.pictures.panels import dodged
from headgate.world.pictures.supply import spells, stacked

ABOUT = run_words(10_000, 7, "2026-11-22", "owned compute")
SOURCE = "Source: Headgate. Data: Epoch AI (CC BY 4.0)."
PICTURES = {
    "fan": lambda **more: fan(frames.bands(), level=(1.0, "parity"), **more),
    "fan with points": lambda **more: fan(frames.bands(("fp8",)), frames.observed(), **more),
    "stack": lambda **more: channel_stack(frames.channels(), **more),
    "let through": lambda **more: let_through(frames.let_through(), **more),
    "paired": lambda **more: paired(frames.paired(2), **more),
    "paired apart": lambda **more: paired(frames.paired(4), **more),
    "tornado": lambda **more: tornado(frames.tornado(), **more),
    "predictive": lambda **more: predictive(frames.bands(("fp8",)), frames.observed(), **more),
    "claims": lambda **more: claims(frames.claims(), **more),
}
BEGINS = {".svg": b"<svg", ".png": b"\x89PNG\r\n", ".pdf": b"%PDF-", ".html": b"<!DOCTYPE html>", ".json": b"{"}


def words_of(chart):
    return [text for text in ElementTree.fromstring(svg_of(chart)).itertext() if text.strip()]


def rows_named(chart, *columns):
    """Return the rows of a chart's definition that have all the columns."""
    every = chart.to_dict()["datasets"].values()
    return [row for rows in every for row in rows if set(columns) <= set(row)]


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_every_picture_says_its_title_its_run_and_its_source_the_same_every_time(name, look):
    about = {"title": "What it is", "about": ABOUT, "source": SOURCE, "look": look}
    made = [svg_of(PICTURES[name](**about)) for _ in range(1 if look is DARK else 2)]
    assert made[0] == made[-1]
    told = [text for text in ElementTree.fromstring(made[0]).itertext() if text.strip()]
    assert {"What it is", ABOUT, SOURCE} <= set(told)
    assert f'fill="{look.background}"' in made[0]
    assert not {"undefined", "null", "NaN"} & set(told)


@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_is_wider_than_a_page_shows_at_eighty_percent(name):
    width = float(ElementTree.fromstring(svg_of(PICTURES[name]()))[0].get("width"))
    assert width <= 1000


def test_a_png_has_the_same_bytes_every_time(tmp_path):
    for name in ("a.png", "b.png"):
        save(PICTURES["fan with points"](), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_kind_of_file_is_written_whole(tmp_path, ending):
    path = tmp_path / f"picture{ending}"
    path.write_text("old", encoding="utf-8")
    save(PICTURES["paired"](), path)
    assert path.read_bytes().startswith(BEGINS[ending])
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    if ending == ".json":
        assert json.loads(path.read_text("utf-8"))["$schema"].endswith("json")
    if ending == ".html":
        assert 'src="http' not in path.read_text("utf-8")


@pytest.mark.parametrize("name", ["x.gif", "x", "x.svgz"])
def test_another_ending_is_refused_and_leaves_nothing(tmp_path, name):
    with pytest.raises(UsageError, match=r"End the name in .svg, .png, .pdf, .html, .json"):
        save(PICTURES["paired"](), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        save(PICTURES["paired"](), tmp_path / "nowhere" / "x.json")


def test_the_fan_has_a_panel_a_measure_and_the_bands_of_the_frame():
    told = words_of(PICTURES["fan"]())
    assert told.count("parity") == 6
    assert {"TPP (legal measure)", "Dense FP8", "Memory bandwidth", "stock", "flow", "times", "2032"} <= set(told)
    drawn = rows_named(PICTURES["fan"](), "q05", "line")
    frame = frames.bands()
    assert sorted(row["q50"] for row in drawn) == sorted(frame["q50"].to_list())


def test_an_axis_is_logarithmic_only_when_numbers_span_a_lot():
    def kinds(frame, **more):
        return set(json.dumps(fan(frame, **more).to_dict()).split('"')) & {"log"}

    wide = frames.bands(("fp8",), ("stock",)).with_columns(pl.col("q95") * 100)
    assert kinds(wide) == {"log"}
    assert kinds(frames.bands(("fp8",), ("stock",))) == set()
    assert kinds(wide.with_columns(q05=pl.lit(0.0))) == set()


def test_panels_share_their_axis_unless_each_measure_has_its_own_unit():
    frame = frames.bands(("fp8", "h100e"), ("stock",)).with_columns(
        pl.when(pl.col("measure") == "h100e").then(pl.col(q) * 1000).otherwise(pl.col(q)).alias(q)
        for q in ("q05", "q25", "q50", "q75", "q95")
    )
    own = words_of(fan(frame, unit={"fp8": "EFLOP/s", "h100e": "H100-equivalents"}))
    assert {"EFLOP/s", "H100-equivalents"} <= set(own)
    assert words_of(fan(frame)).count("times") == 1
    with pytest.raises(UsageError, match="no unit for measure 'h100e'"):
        fan(frame, unit={"fp8": "EFLOP/s"})


def test_bases_are_panels_and_scenarios_are_lines():
    frame = frames.bands(("fp8",), ("stock",), ("baseline", "embargo"), ("owned", "controlled"))
    told = set(words_of(fan(frame, frames.observed())))
    assert {"Dense FP8, owned", "Dense FP8, controlled", "stock, baseline", "stock, embargo"} <= told


def test_a_single_date_is_drawn_as_bars():
    frame = frames.bands(("fp8",), ("stock",)).head(1)
    assert '"rule"' in json.dumps(fan(frame).to_dict())
    assert words_of(fan(frame)).count("2022") == 1


def test_published_points_stand_apart_at_one_date_with_the_shape_of_their_source():
    chart = PICTURES["fan with points"]()
    seen = rows_named(chart, "median", "source")
    assert len(seen) == len({row["x"] for row in seen}) == frames.observed().height
    assert {"Epoch AI", "IFP", "CNAS"} <= set(words_of(chart))
    many = frames.observed().with_columns(source=pl.Series([f"source {n}" for n in range(5)]))
    longer = pl.concat([many, many.with_columns(pl.col("source") + " again", pl.lit("2022Q1").alias("quarter"))])
    assert "source 1" not in words_of(fan(frames.bands(("fp8",)), longer))


def test_points_that_are_alone_are_not_moved():
    assert dodged([{"x": 1.0}, {"x": 2.0}]) == [{"x": 1.0}, {"x": 2.0}]


def test_the_predictive_check_counts_the_medians_in_the_band():
    chart = PICTURES["predictive"]()
    frame, seen = frames.bands(("fp8",)), frames.observed()
    held = seen.join(frame.filter(pl.col("series") == "stock"), on="quarter")
    count = held.filter(pl.col("median").is_between(pl.col("q05"), pl.col("q95"))).height
    assert f"model: {count} of {seen.height} medians in the 90 % band" in words_of(chart)
    assert "nothing published" in words_of(chart)  # of the flow
    both = frames.bands(("fp8",), ("stock",), ("prior", "posterior"))
    told = " ".join(words_of(predictive(both, seen)))
    assert "prior: " in told
    assert "posterior: " in told
    assert covered_words([], [{"x": 1.0, "median": 1.0}], ["model"]) == []


@given(st.lists(st.tuples(st.sampled_from(["legal", "domestic", "smuggled"]), st.floats(0, 1e9)), max_size=3))
def test_stacked_channels_add_up_and_leave_no_gap(given_rows):
    rows = [{"x": 1.0, "channel": c, "median": m} for c, m in dict(given_rows).items()]
    names = ["legal", "domestic", "smuggled"]
    heap = stacked(rows, names)
    for lower, upper in pairwise(heap):
        assert lower["top"] == upper["bottom"]
    total = sum(row["median"] for row in rows)
    assert (heap[-1]["top"] if heap else 0.0) == pytest.approx(total)


def test_channels_stand_in_the_order_of_the_axes_whatever_that_of_the_frame():
    frame = frames.channels()
    assert svg_of(channel_stack(frame)) == svg_of(channel_stack(frame.reverse()))
    assert "made in China" in words_of(channel_stack(frame))


def test_a_channel_keeps_its_color_whichever_are_drawn():
    drawing = svg_of(channel_stack(frames.channels().filter(pl.col("channel").is_in(["legal", "smuggled"]))))
    assert {color for color in LIGHT.colors if color in drawing} == {LIGHT.colors[0], LIGHT.colors[3]}


def test_the_strip_shows_the_answer_where_nothing_passed_and_the_disc_the_units():
    chart = PICTURES["let through"]()
    strips = [row for row in rows_named(chart, "from", "to", "words") if "units" not in row]
    a100 = [row for row in strips if row["row"] == "NVIDIA A100"]
    assert [(row["from"], row["to"], row["words"]) for row in a100] == [
        (2022.0, 2022.75, "no license needed"),
        (2022.75, 2028.0, "presumption of denial"),
    ]
    discs = rows_named(chart, "units")
    assert len(discs) == frames.let_through().filter(pl.col("units") > 0).height
    assert {"units in a quarter", "case by case", "license exception"} <= set(words_of(chart))


def test_a_gap_in_the_quarters_is_a_gap_in_the_strip():
    rows = [{"row": "H20", "x": x, "from": x, "to": x + 0.25, "words": "open"} for x in (0.0, 1.0)]
    assert len(spells(rows)) == 2


def test_chips_of_one_name_are_told_apart_by_id_and_nothing_let_through_is_drawn():
    frame = frames.let_through().with_columns(chip_name=pl.lit("H20"), units=0.0, low=0.0, high=0.0)
    assert "H20 (nvidia-b30a)" in words_of(let_through(frame))


def test_differences_stand_apart_when_there_are_many():
    together, apart = words_of(PICTURES["paired"]()), words_of(PICTURES["paired apart"]())
    assert together.count("H200 open at the cap") == 1  # in the legend
    assert apart.count("H200 open at the cap") == 2  # over its panel, for each measure
    assert {"PB/s", "H100-equivalents"} <= set(apart)


def test_the_tornado_shows_the_strongest_first_and_says_how_many_are_left_out():
    chart = tornado(frames.tornado(), most=4)
    told = " ".join(words_of(chart))
    assert "Not shown: 22 weaker ones." in told
    bars = rows_named(chart, "end", "from")
    assert len(bars) == 2 * 2 * 4
    assert all(row["from"] == pytest.approx(13.0) for row in bars if row["to"] < 1000)
    assert "Not shown" not in " ".join(words_of(tornado(frames.tornado(), most=20)))


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=9), st.integers(1, 9))
def test_no_prior_left_out_is_stronger_than_one_shown(ends, most):
    rows = [{"prior": f"p{n}", "low": low, "high": high} for n, (low, high) in enumerate(ends)]
    kept = strongest(rows, most)
    left = [abs(row["high"] - row["low"]) for row in rows if row not in kept]
    assert len(kept) == min(most, len(rows))
    assert all(abs(row["high"] - row["low"]) >= max(left, default=0) for row in kept)


def test_every_probability_is_written_in_its_cell():
    frame = frames.claims()
    cells = rows_named(PICTURES["claims"](), "probability")
    assert len(cells) == frame.height
    told = words_of(PICTURES["claims"]())
    assert "A: the US-to-China ratio is higher than a year before (flow)" in told
    for words in {percent(p) for p in frame["probability"]}:
        assert told.count(words) >= [percent(p) for p in frame["probability"]].count(words)


def test_a_claim_without_a_basis_leaves_that_panel_out():
    frame = frames.claims().filter((pl.col("claim") == "A") | (pl.col("basis") == "owned"))
    told = words_of(claims(frame))
    assert (told.count("owned"), told.count("controlled")) == (4, 2)


GOOD = {
    fan: frames.bands(("fp8",), ("stock",)).head(4),
    channel_stack: frames.channels().head(4),
    let_through: frames.let_through().head(4),
    paired: frames.paired(1).head(4),
    tornado: frames.tornado().head(4),
    claims: frames.claims().head(4),
}
NUMBERS = {
    fan: "q50",
    channel_stack: "median",
    let_through: "units",
    paired: "q95",
    tornado: "effect",
    claims: "probability",
}


@pytest.mark.parametrize("draw", GOOD, ids=lambda draw: draw.__name__)
def test_a_frame_that_is_not_as_it_must_be_is_refused(draw):
    frame, number = GOOD[draw], NUMBERS[draw]
    with pytest.raises(UsageError, match="a Polars DataFrame is needed, not dict"):
        draw(frame.to_dict())
    with pytest.raises(UsageError, match="no rows, so there is nothing to draw"):
        draw(frame.clear())
    with pytest.raises(UsageError, match=rf"no column '{number}'. Did you mean x{number}"):
        draw(frame.rename({number: f"x{number}"}))
    with pytest.raises(UsageError, match="row 5: a row for .* was there before"):
        draw(pl.concat([frame, frame.head(1)]))
    for wrong in (None, float("nan"), float("inf")):
        told = frame.with_columns(
            pl.when(pl.int_range(pl.len()) == 2).then(pl.lit(wrong, pl.Float64)).otherwise(pl.col(number)).alias(number)
        )
        with pytest.raises(UsageError, match=f"row 3: {number} is .*; a finite number is needed"):
            draw(told)


@pytest.mark.parametrize(
    ("draw", "change", "says"),
    [
        (fan, {"q25": pl.lit(1e9)}, "numbers must not fall from left to right"),
        (fan, {"quarter": pl.lit("2026-Q1")}, "quarter is '2026-Q1'; a quarter from 2022Q1 to 2032Q4"),
        (fan, {"quarter": pl.lit("2021Q4")}, "a quarter from 2022Q1 to 2032Q4"),
        (fan, {"series": pl.lit(3)}, "series is 3; a text is needed"),
        (paired, {"year": pl.lit(1999)}, "year is 1999; a year from 2022 to 2032"),
        (channel_stack, {"low": pl.lit(-1.0)}, "low is -1.0; 0 or more is needed"),
        (channel_stack, {"channel": pl.lit("smugled")}, "channel 'smugled' is not known. Did you mean smuggled"),
        (let_through, {"answer": pl.lit("denied")}, "answer 'denied' is not known. Did you mean denial"),
        (let_through, {"units": pl.lit(1e9)}, "low .* units .* high .*: numbers must not fall"),
        (claims, {"probability": pl.lit(1.2)}, "probability is 1.2; 1 or less"),
        (tornado, {"low": pl.lit(1.0), "high": pl.lit(1.0)}, "no prior moves 'US-to-China ratio"),
    ],
)
def test_a_wrong_cell_is_refused(draw, change, says):
    with pytest.raises(UsageError, match=says):
        draw(GOOD[draw].with_columns(**change))


def test_a_frame_without_a_date_is_refused():
    with pytest.raises(UsageError, match="no column 'quarter'"):
        fan(GOOD[fan].drop("quarter"))


def test_points_without_a_band_or_a_measure_are_refused():
    with pytest.raises(UsageError, match="series 'stok' has no band. Did you mean stock"):
        fan(frames.bands(("fp8",)), frames.observed().with_columns(series=pl.lit("stok")))
    with pytest.raises(UsageError, match="observed: there is no column 'measure'"):
        fan(frames.bands(), frames.observed())


def test_too_many_lines_and_two_units_are_refused():
    eight = frames.bands(("fp8",), tuple(f"line {n}" for n in range(8)))
    with pytest.raises(UsageError, match="8 lines are too many for one picture"):
        fan(eight)
    frame = frames.paired(1)
    with pytest.raises(UsageError, match="h100e is counted in H100-equivalents and in B300-equivalents"):
        paired(
            frame.with_columns(unit=pl.when(pl.col("year") == 2026).then(pl.lit("B300-equivalents")).otherwise("unit"))
        )


# How people with no red, no green and no blue cones see linear red, green and blue (Machado and others, 2009).
SEEN = (
    np.eye(3),
    np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
)


def linear(color):
    parts = np.array([int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one, two):
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, two))
    return (high + 0.05) / (low + 0.05)


def lab(light):
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(light, 0, 1) / [0.9505, 1.0, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_colors_are_told_apart_with_any_color_vision_and_read_on_their_background(look):
    for colors in (look.colors, tuple(look.answers.values()), look.ends):
        for one, two in combinations(colors, 2):
            apart = min(float(np.linalg.norm(lab(m @ linear(one)) - lab(m @ linear(two)))) for m in SEEN)
            assert apart > 15, (one, two, apart)
    assert all(contrast(color, look.background) >= 3 for color in (*look.colors, *look.ends))
    assert all(contrast(color, look.background) >= 1.9 for color in look.answers.values())
    assert all(contrast(color, look.background) >= 7 for color in (look.ink, look.soft))
    assert all(contrast(color, look.ink) >= 4.5 for color in look.ramp)


def test_altair_and_polars_are_loaded_only_to_draw():
    code = "import sys, headgate.world.pictures; print({'altair', 'vl_convert', 'polars'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
