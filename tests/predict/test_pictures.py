"""The picture of a comparison: its rows, its files, and what is refused."""

import json
import math
import subprocess
import sys
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import UsageError
from headgate.predict.compare import compare
from headgate.predict.compare.basis import Basis
from headgate.predict.compare.picture_rows import (
    caption,
    names,
    rates,
    rooflines,
    roofs,
    splits,
    spread,
    subtitle,
    ticks,
)
from headgate.predict.compare.pictures import ENDINGS, MACHINE_COLORS, PART_COLORS, flattened, picture, save
from headgate.predict.compare.side import Work
from headgate.predict.hardware import machine

BEGINS = {".svg": b"<svg", ".png": b"\x89PNG\r\n", ".pdf": b"%PDF-", ".html": b"<!DOCTYPE html>"}


@pytest.fixture(scope="module")
def found():
    return compare(["h20:fp8", "vr200:mxfp8", "vr200:nvfp4", "ascend-910c:fp8"], Work("llama3-70b"), Basis(chips=64))


def test_roofs_are_dense_and_the_best_case_of_rubin_stands_apart():
    vera = [(words, rate / 1e15, best) for words, rate, best in roofs(machine("vr200"))]
    assert ("NVFP4", 35.0, False) in vera
    assert vera[-1] == ("NVFP4 best case", pytest.approx(50.0), True)
    assert not any(best for name in ("h20", "gb300", "ascend-910c") for _, _, best in roofs(machine(name)))
    assert [words for words, _, _ in roofs(machine("ascend-910c"))] == ["BF16", "INT8"]


def test_a_roofline_rises_to_its_ridge_and_stays():
    corners, ends, (low, high) = rooflines({"h20": machine("h20")}, 0.03)
    bf16 = [(row["x"], row["y"]) for row in corners if row["roof"] == "h20 BF16"]
    assert bf16 == [(1.0, pytest.approx(4.0)), (pytest.approx(37.0), 148.0), (10000.0, 148.0)]
    assert 0 < low < 4.0
    assert 296.0 < high < 1000.0
    assert [row["words"] for row in ends] == ["BF16  148 TF", "FP8, INT8  296 TF"]


@given(st.lists(st.floats(1.0, 1e5), min_size=1, max_size=12), st.floats(1.01, 1.5))
def test_words_never_cover_each_other_and_keep_their_order(heights, ratio):
    moved = spread(heights, ratio)
    order = sorted(range(len(heights)), key=lambda n: (heights[n], n))
    for lower, upper in pairwise(order):
        assert moved[upper] >= moved[lower] * ratio * (1 - 1e-9)
    assert math.prod(moved) == pytest.approx(math.prod(heights), rel=1e-6)


def test_words_with_room_stay_where_they_are():
    assert spread([1.0, 10.0, 100.0], 2.0) == pytest.approx([1.0, 10.0, 100.0])


def test_rows_are_those_of_the_comparison(found):
    assert names(found.sides) == ["hgx-h20-8", "vera-rubin-nvl72 mxfp8", "vera-rubin-nvl72 nvfp4", "cloudmatrix-384"]
    bars = splits(found.sides)
    assert {row["name"] for row in bars} == set(names(found.sides)[:3])
    assert [row["part"] for row in bars[:6]] == list(PART_COLORS)
    for name in names(found.sides)[:3]:
        own = [row for row in bars if row["name"] == name]
        assert sum(row["share"] for row in own) == pytest.approx(1.0)
        assert own[0]["middle"] == own[0]["share"] / 2
    assert [row["middle"] for row in rates(found.sides)] == [side.rate[0] for side in found.sides[:3]]


def test_the_caption_says_what_is_extrapolated_dashed_and_missing(found):
    said = " ".join(caption(found))
    assert "No training on hgx-h20-8, vera-rubin-nvl72 was ever measured" in said
    assert "Dashed: the best case" in said
    assert "cannot be run there: cloudmatrix-384" in said
    assert "Source: Headgate" in said
    plain = " ".join(caption(compare(["h100"], Work("llama3-70b"), Basis(chips=64))))
    assert not any(words in plain for words in ("Dashed", "ever measured", "cannot be run"))


def test_the_subtitle_says_the_job_and_who_trains_in_what(found):
    words = " ".join(subtitle(found))
    assert words.startswith("Training on 64 chips each, sequences of 4,096 tokens: ")
    assert "mxfp8 on vera-rubin-nvl72, nvfp4 on vera-rubin-nvl72" in words


@given(st.floats(0.01, 1e6), st.floats(1.0, 1e4))
def test_ticks_lie_inside_and_rise(low, ratio):
    found = ticks(low, low * ratio)
    assert found == sorted(found)
    assert all(low <= tick <= low * ratio for tick in found)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_kind_of_file_is_written_whole(found, tmp_path, ending):
    path = tmp_path / f"machines{ending}"
    path.write_text("old", encoding="utf-8")
    save(picture(found), path)
    assert path.read_bytes().startswith(BEGINS[ending])
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_the_drawing_has_title_units_and_caption_and_is_the_same_every_time(found, tmp_path):
    for name in ("a.svg", "b.svg"):
        save(picture(found), tmp_path / name)
    drawing = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert drawing == (tmp_path / "b.svg").read_text(encoding="utf-8")
    words = " ".join(ElementTree.fromstring(drawing).itertext())
    for text in (
        "Llama 3 70B on hgx-h20-8, vera-rubin-nvl72",
        "Operations for each byte of memory traffic",
        "Attainable TFLOP/s of one chip",
        "Share of a training step",
        "Tokens a second for one chip, with a band of 90 %",
        "NVFP4 best case",
        "Source: Headgate",
    ):
        assert text in words


def test_a_page_asks_for_nothing_from_the_network(found, tmp_path):
    save(picture(found), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'src="http' not in page
    assert 'href="http' not in page
    assert len(page) > 500_000


def test_the_definition_holds_plain_numbers_only(found):
    told = json.dumps(picture(found).to_dict(), allow_nan=False)
    assert "h20" in told


def test_groups_that_draw_nothing_are_left_out_of_a_pdf():
    inside = '<g class="a" aria-label="b"><g transform="scale(2)"><path/></g></g>'
    told = f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'
    kept = ElementTree.fromstring(flattened(told))
    assert [each.attrib for each in kept.iter() if each.tag.endswith("}g")] == [{"transform": "scale(2)"}]


@pytest.mark.parametrize("name", ["x.gif", "x", "x.svgz"])
def test_another_ending_is_refused(found, tmp_path, name):
    with pytest.raises(UsageError, match=r"End the name in .svg, .png, .pdf, .html"):
        save(picture(found), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error_and_leaves_nothing(found, tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        save(picture(found), tmp_path / "nowhere" / "x.svg")


def test_too_many_machines_and_none_that_runs_are_refused():
    many = compare(["h20"] * (len(MACHINE_COLORS) + 1), Work("llama3-8b"), Basis(chips=8))
    with pytest.raises(UsageError, match="9 machines are too many"):
        picture(many)
    with pytest.raises(UsageError, match=r"nothing to draw.*does not fit"):
        picture(compare(["h20"], Work("deepseek-v3"), Basis(chips=8)))


def test_colors_are_told_apart():
    assert len(set(MACHINE_COLORS) | set(PART_COLORS.values())) == len(MACHINE_COLORS) + len(PART_COLORS)


def test_altair_is_loaded_only_to_draw():
    code = "import sys, headgate.predict.compare.pictures; print({'altair', 'vl_convert'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
