"""The report of a run: every number leads to its source on the page, nothing is loaded, and no half is ever written."""

import os
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.world import frames

import headgate.world.report.render as rendering
from headgate.errors import UsageError
from headgate.world.pictures import fan, tornado
from headgate.world.report import (
    Figure,
    Headline,
    Page,
    ProvisionRow,
    Section,
    SourceRow,
    Table,
    Value,
    html,
    report,
)
from headgate.world.report.check import bare_number
from headgate.world.report.render import linked, notes

VOID = {"meta", "br", "hr", "img", "input", "link"}
PRIORS = tuple(
    SourceRow(f"prior.{name}", f"About {name}", 1.5, 2.0, 4e6, "units", source, mark, url)
    for name, source, mark, url in (
        ("wafers", "SemiAnalysis <2025>", "one_source", "https://example.org/a?b=1&c=2"),
        ("share", "our estimate", "unverified", ""),
        ("learning", "see https://example.org/curve.", "two_sources", ""),
        ("detection", "our estimate", "unverified", "javascript:alert(1)"),
    )
)
HISTORY = (SourceRow("S0001", "A100, 2022Q1", 163481, None, 276445.0, "chips", "Epoch AI", "primary"),)
PROVISIONS = (ProvisionRow("us.ear.3a090.a.1/tpp", "TPP floor", "15 CFR part 774 & supp. 1", "open to denial"),)
RATIO = Value("13.2 [9.1, 18.4]", ("prior.wafers", "prior.share", "prior.learning", "S0001"))


def page(**change):
    table = Table(
        ("scenario", "end of", "difference"),
        (
            ("H200 open at the cap", "2028", Value("-2.1", ("us.ear.3a090.a.1/tpp", "prior.share"))),
            ("full embargo", "2028", Value("+4.0", ("prior.detection",))),
        ),
    )
    figure = Figure(fan(frames.bands(("fp8",))), 'The ratio, "FP8" & more', ("prior.wafers", "S0001"))
    prose = ("The ratio at the end of 2028 is ", RATIO, " in 90 % of draws.")
    whole = Page(
        "A <b>bold</b> run",
        "What if the cap were 25 % & more?",
        (Headline("US-to-China ratio, FP8, end of 2028", RATIO),),
        (Section("The gap <i>", prose, figure, table), Section("More", "Plain words.")),
        PRIORS,
        HISTORY,
        PROVISIONS,
        {"seed": 7, "draws": 10_000, "hashes": {"law": "ab12", "data": "<cd>"}},
        ("Energy & land.",),
    )
    return replace(whole, **change)


class Walk(HTMLParser):
    """Tags with their attributes, the open tags above each, and the text."""

    def __init__(self):
        super().__init__()
        self.seen, self.open, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes), tuple(self.open)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def drawn():
    return html(page())


@pytest.fixture(scope="module")
def walked(drawn):
    walk = Walk()
    walk.feed(drawn)
    walk.close()
    assert walk.open == []
    return walk


def test_every_number_names_rows_that_stand_on_the_page(walked):
    rows = {a["id"].removeprefix("from-") for tag, a, _ in walked.seen if tag == "tr" and "id" in a}
    assert rows == {row.id for row in (*PRIORS, *HISTORY, *PROVISIONS)}
    numbers = [a for tag, a, _ in walked.seen if a.get("class") == "num" and tag != "th"]
    assert len(numbers) == 1 + 1 + 2 + 3 * len(PRIORS + HISTORY)
    figures = [a for tag, a, _ in walked.seen if tag == "figure"]
    for attributes in (*numbers, *figures):
        named = attributes["data-from"].split()
        assert named
        assert set(named) <= rows


def test_every_link_within_the_page_leads_somewhere_and_no_id_is_there_twice(walked):
    ids = [a["id"] for _, a, _ in walked.seen if "id" in a]
    assert len(ids) == len(set(ids))
    inside = [a["href"] for tag, a, _ in walked.seen if tag == "a" and a["href"].startswith("#")]
    assert len(inside) > 5
    assert {unquote(href[1:]) for href in inside} <= set(ids)


def test_nothing_is_loaded_and_no_script_runs(drawn, walked):
    tags = {tag for tag, _, _ in walked.seen}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "use", "image"}
    for tag, attributes, _ in walked.seen:
        assert not {name for name in attributes if name.startswith("on")} | ({"src", "xlink:href"} & set(attributes))
        assert not (tag == "a" and attributes["href"].startswith("javascript"))
    assert "@import" not in drawn
    assert "url(http" not in drawn
    policy = next(a for tag, a, _ in walked.seen if a.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"].startswith("default-src 'none'")


def test_what_was_asked_and_how_to_make_it_again_stand_on_the_page(walked):
    text = " ".join(walked.text)
    for words in (
        "A <b>bold</b> run",
        "What if the cap were 25 % & more?",
        "US-to-China ratio, FP8, end of 2028",
        "13.2 [9.1, 18.4]",
        "The gap <i>",
        "Energy & land.",
        "seed",
        "10000",
        "hashes.law",
        "<cd>",
        "SemiAnalysis <2025>",
        "15 CFR part 774 & supp. 1",
        "open to denial",
        "unverified",
        "163,481",
        "our estimate (javascript:alert(1))",
    ):
        assert words in text
    assert not any(tag in ("b", "i") for tag, _, _ in walked.seen)


def test_addresses_of_sources_are_links(walked):
    outside = {a["href"] for tag, a, _ in walked.seen if tag == "a" and not a["href"].startswith("#")}
    assert outside == {"https://example.org/a?b=1&c=2", "https://example.org/curve"}


def test_the_picture_is_inline_named_and_from_somewhere(walked):
    drawings = [(a, above) for tag, a, above in walked.seen if tag == "svg"]
    assert len(drawings) == 1
    assert drawings[0][0]["aria-label"] == 'The ratio, "FP8" & more'
    assert drawings[0][1][-1] == "figure"
    assert "Dense FP8" in walked.text


def test_it_prints_on_a4_and_reads_on_a_dark_screen(drawn):
    for rule in ("@page { size: A4", "break-inside: avoid", "prefers-color-scheme: dark", "table-header-group"):
        assert rule in drawn


def test_the_same_page_is_the_same_bytes(drawn):
    assert html(page()) == drawn


def test_an_empty_page_has_no_empty_tables():
    walk = Walk()
    walk.feed(html(Page("T", "Q", (), (), (), (), (), {}, ())))
    assert not {tag for tag, _, _ in walk.seen} & {"table", "section", "ul"}


def test_blank_lines_in_prose_begin_a_paragraph():
    walk = Walk()
    walk.feed(html(Page("T", "Q", (), (Section("S", "One.\n\nTwo."),), (), (), (), {}, ())))
    assert [tag for tag, _, above in walk.seen if tag == "p" and above[-1] == "section"] == ["p", "p"]


def test_a_run_of_rows_is_noted_by_its_ends():
    marks = {f"p{n}": f"P{n}" for n in range(1, 9)} | {"h1": "H1"}
    plain = "".join(text_of(notes(("p3", "p1", "p2", "p8", "h1", "p1"), marks)))
    assert plain == "P1\u2013P3, P8, H1"
    assert "".join(text_of(notes(("p1", "p2"), marks))) == "P1, P2"


def text_of(told):
    walk = Walk()
    walk.feed(told)
    return walk.text


@given(st.text(max_size=60))
def test_no_text_becomes_a_tag_but_a_link(text):
    walk = Walk()
    walk.feed(f"<p>{linked(text)}</p>")
    walk.close()
    assert {tag for tag, _, _ in walk.seen} <= {"p", "a"}


@given(st.text(st.sampled_from("<>\"'&/ =ax:.htps"), max_size=40))
def test_hostile_titles_stay_text(text):
    walk = Walk()
    walk.feed(html(Page(text, text, (), (Section(text, (text,)),), (), (), (), {text: text}, (text,))))
    walk.close()
    assert walk.open == []
    assert {tag for tag, _, _ in walk.seen} <= set(
        "html head meta title style body main h1 h2 p section ul li a table tbody tr th td code".split()
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"headlines": (Headline("ratio", Value("13.2", ())),)}, "headline 'ratio': '13.2' has no source"),
        (
            {"headlines": (Headline("ratio", Value("13.2", ("prior.wafer",))),)},
            "comes from 'prior.wafer', which is in no table of the page. Did you mean prior.wafers",
        ),
        ({"sections": (Section("S", ("It is 4.1 times.",)),)}, r"section 'S': the number 4.1 in 'It is 4.1 times.'"),
        ({"sections": (Section("S", "It is 41 times."),)}, "the number 41 in"),
        ({"sections": (Section("S", (), None, Table(("a",), (("1,234",),))),)}, "row 1: the number 1,234"),
        ({"sections": (Section("S", (), None, Table(("a", "b"), (("x",),))),)}, "row 1: 1 cells for 2 columns"),
        ({"sections": (Section("S", (), Figure(None, "words", ())),)}, "section 'S', picture: 'words' has no source"),
        ({"history": (HISTORY[0], HISTORY[0])}, "two rows have the id 'S0001'"),
        ({"history": (replace(HISTORY[0], id="prior.share"),)}, "two rows have the id 'prior.share'"),
        ({"history": (*HISTORY, replace(HISTORY[0], id="S 2"))}, "the id 'S 2' is empty or has a blank"),
        ({"history": (*HISTORY, replace(HISTORY[0], id=""))}, "the id '' is empty"),
        ({"history": (replace(HISTORY[0], mark="primry"),)}, "'primry' is not a mark. Did you mean primary"),
        ({"history": (replace(HISTORY[0], high=float("nan")),)}, "S0001: nan is not a number that can be shown"),
    ],
)
def test_a_page_that_cannot_be_followed_is_refused(change, says):
    with pytest.raises(UsageError, match=says.replace("[", r"\[")):
        html(page(**change))


@pytest.mark.parametrize(
    "text",
    ["By 2026Q3 and 2028", "on 2026-01-16", "90 % and 50 % of draws", "H100s, FP8, 3A090", "no digits", "(2025)"],
)
def test_names_with_digits_are_no_numbers(text):
    assert bare_number(text) is None


@pytest.mark.parametrize(
    ("text", "number"), [("up 25 %", "25"), ("1,234 chips", "1,234"), ("x2 or 3", "3"), ("-7", "7")]
)
def test_numbers_in_plain_text_are_found(text, number):
    assert bare_number(text) == number


def test_a_report_is_written_whole(tmp_path, drawn):
    path = tmp_path / "run.html"
    path.write_text("old", encoding="utf-8")
    report(page(), path)
    assert path.read_text("utf-8") == drawn
    assert [each.name for each in tmp_path.iterdir()] == ["run.html"]


@pytest.mark.parametrize("problem", [KeyboardInterrupt, MemoryError])
def test_an_interruption_while_it_is_drawn_leaves_the_old_report(tmp_path, monkeypatch, problem):
    path = tmp_path / "run.html"
    path.write_text("old", encoding="utf-8")
    calls = []

    def stop(chart):
        calls.append(chart)
        raise problem

    monkeypatch.setattr(rendering, "svg_of", stop)
    with pytest.raises(problem):
        report(page(), path)
    assert len(calls) == 1
    assert path.read_text("utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["run.html"]


def test_an_interruption_while_it_is_put_in_place_leaves_the_old_report(tmp_path, monkeypatch):
    path = tmp_path / "run.html"
    path.write_text("old", encoding="utf-8")

    def stop(half, whole):
        assert os.path.getsize(half) > 1000
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        report(page(), path)
    assert path.read_text("utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["run.html"]


def test_another_ending_is_refused_before_anything_is_drawn(tmp_path):
    with pytest.raises(UsageError, match=r"run.pdf: a report is a page of HTML. End its name in .html"):
        report(page(), tmp_path / "run.pdf")
    assert list(tmp_path.iterdir()) == []


def test_two_pictures_on_one_page_share_no_id():
    figures = [Figure(tornado(frames.tornado()), "Words", ("S0001",)), Figure(fan(frames.bands()), "Words", ("S0001",))]
    walk = Walk()
    walk.feed(html(page(sections=tuple(Section(f"Part {n}", (), f) for n, f in zip("ab", figures, strict=True)))))
    ids = [a["id"] for _, a, _ in walk.seen if "id" in a]
    assert len([tag for tag, _, _ in walk.seen if tag == "svg"]) == 2
    assert len(ids) == len(set(ids))
