"""Papers: one memo as Markdown, HTML and PDF; no name is ever markup, vanishes, or moves what is around it."""

import re
import unicodedata
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.decide.explain import memo, memo_page
from headgate.decide.memo_end import citations
from headgate.decide.memo_top import SHAPES, UNDECIDED, memo_title
from headgate.decide.one import decider
from headgate.decide.paper import html, markdown
from headgate.decide.paper.links import links
from headgate.decide.paper.outline import Run, is_reversed, runs, sections, set_apart, visible
from headgate.decide.paper.to_html import SHAPES as DRAWN
from headgate.decide.paper.to_html import style
from headgate.decide.prose import Block, Page
from headgate.source import Cite

ARABIC = "شركة النور (G42) للحوسبة"
OVERRIDE, ISOLATE, END = "\u202e", "\u2068", "\u2069"
VOID = {"meta"}
H200 = {"item": "nvidia-h200-sxm", "activity": "export", "ship_from": "US", "event_date": "2026-02-15"}


class Reader(HTMLParser):
    """Reads a page: its words, elements and addresses, and whether every element is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.words, self.links = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def tags(self):
        return [tag for tag, _ in self.seen]


def decided(row=(), assume="clean"):
    return decider().decide({**H200, "destination": "CN", **dict(row)}, assume, None)


def page_of(*texts, **more):
    page = Page()
    for text in texts:
        page.say(text, **more)
    return page


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize("render", [html, markdown])
def test_every_word_of_the_memo_stands_in_the_paper(render):
    for row in ({}, {"destination": "VN"}, {"activity": "cloud_access"}, {"item": "nvidia-h1000"}):
        decision = decided(row, None)
        page = memo_page(decision)
        shown = render(page, memo_title(decision))
        shown = " ".join("".join(Reader(shown).words).split()) if render is html else flat(shown.replace("\\", ""))
        for block in page.blocks:
            if block.kind not in ("gap", "head") and block.only != "text" and not block.cells and not block.links:
                # What stands between backticks is shown as code, in HTML without them.
                said = flat(block.text).replace("`", "") if render is html else flat(block.text)
                assert said in re.sub(r"\*\*", "", shown)


def test_on_paper_the_answer_comes_first_and_then_what_is_missing():
    titles = [s.title for s in sections(memo_page(decided()))]
    assert titles[:4] == ["The answer", "The line", "What is missing", "Why"]
    assert titles[-1] == "Facts decided on"
    lines = memo(decided()).splitlines()
    heads = [line for line in lines if line.isupper() and not line.startswith(" ")]
    assert heads[:4] == ["THE ANSWER", "WHY", "EXCEPTIONS AND REVIEW", "WHAT IS MISSING"]
    assert not {"THE LINE", "FACTS DECIDED ON"} & {*heads}


def test_the_missing_stands_after_the_exceptions_where_it_points_back_to_them():
    row = {"item": "nvidia-rtx-4090", "event_date": "2024-06-01"}
    page = memo_page(decided(row))
    said = " ".join(block.text for block in page.blocks)
    titles = [s.title for s in sections(page)]
    assert "stands above" in said
    assert titles.index("What is missing") > titles.index("Exceptions and review")


def test_html_is_whole_and_fetches_nothing():
    reader = Reader(html(memo_page(decided(), warnings=["Look."]), "Memo"))
    assert reader.open == []
    assert not {"script", "link", "img", "iframe", "object", "form"} & {*reader.tags}
    assert reader.tags.count("h1") == 1
    assert {"ol", "ul", "table", "th", "footer"} <= {*reader.tags}
    assert all(address.startswith("https://") for address in reader.links)
    assert "url(" not in style()
    assert "@import" not in style()
    assert ("html", {"lang": "en"}) in reader.seen
    assert any("default-src 'none'" in (a.get("content") or "") for _, a in reader.seen)


def test_every_provision_leads_to_its_section_and_its_page():
    found = Reader(html(memo_page(decided()), "Memo")).links
    assert "https://www.ecfr.gov/on/2026-02-15/title-15/section-742.6" in found
    assert "https://www.ecfr.gov/on/2026-02-15/title-15/part-774" in found
    assert "https://www.govinfo.gov/content/pkg/FR-2023-10-25/html/2023-23055.htm" in found


def test_a_citation_leads_nowhere_later_than_the_law_was_read():
    cite = Cite("31 CFR parts 500 to 599; 15 CFR 744.6(a)", "89 FR 23876", "2026-11-22")
    found = dict(links(cite, date(2028, 5, 9), date(2026, 9, 25)))
    assert found == {
        "15 CFR 744.6(a)": "https://www.ecfr.gov/on/2026-09-25/title-15/section-744.6",
        "89 FR 23876": "https://www.federalregister.gov/citation/89-FR-23876",
    }
    assert [*links(Cite("is-informed letters", "NVIDIA 10-Q", "2026-11-22"), date(2024, 1, 1), date(2026, 9, 25))] == []


@pytest.mark.parametrize("shape", sorted({*SHAPES.values(), UNDECIDED}))
def test_every_outcome_has_a_shape_and_a_word(shape):
    page = Page()
    page.status("A license is required", shape)
    reader = Reader(html(page, "Memo"))
    assert shape in DRAWN
    assert "svg" in reader.tags
    assert "A license is required" in reader.words
    assert page.text() == ""


def luminance(color):
    channels = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(part * weight for part, weight in zip(parts, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_letters_stand_out_from_the_page_in_light_and_dark():
    looks = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", part)) for part in style().split(":root")[1:3]]
    assert len(looks) == 2
    for look in looks:
        inks = {name: color for name, color in look.items() if name not in ("page", "tint", "line")}
        assert len(inks) == 8
        poor = {n for n, c in inks.items() for back in ("page", "tint") if contrast(c, look[back]) < 4.5}
        assert poor == set()


HOSTILE = "<script>alert(1)</script> & \"x\" 'y' *a* _b_ [c](http://d) `e` | f\n# g\n- h"


def test_no_name_is_markup():
    page = memo_page(decided({"end_user": HOSTILE}))
    shown = html(page, HOSTILE)
    reader = Reader(shown)
    assert "script" not in reader.tags
    assert "b" not in reader.tags
    assert flat(HOSTILE) in reader.words
    assert all(address.startswith("https://") for address in reader.links)
    marked = markdown(page, HOSTILE)
    assert "\\<script\\>alert(1)\\</script\\>" in marked
    assert "\\[c\\](http://d)" in marked
    assert "\n# g" not in marked


@pytest.mark.parametrize("text", ["1. one", "- two", "+ three", "# four", "> five", "=== six", "12) seven"])
def test_no_paragraph_of_markdown_starts_as_something_else(text):
    (line,) = markdown(page_of(text), "T").splitlines()[2:]
    assert line.replace("\\", "") == text
    assert re.match(r"\d*\\", line)


def test_an_id_stays_readable_in_markdown():
    assert "us.ear.742_6.a_6_iii" in markdown(page_of("us.ear.742_6.a_6_iii"), "T")
    assert "\\_x\\_" in markdown(page_of("_x_"), "T")


@given(st.text())
def test_nothing_hidden_is_left(text):
    shown = visible(text)
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp") for c in shown)
    assert visible(shown) == shown
    kept = [c for c in text if not c.isspace()]
    assert all(c in shown or f"[U+{ord(c):04X}]" in shown for c in kept)


@given(st.text(), st.sets(st.text()))
def test_runs_lose_nothing(text, names):
    block = Block("say", text, links=((text[:3], "https://x"),), lead=text[:2])
    assert "".join(run.text for run in runs(block, names)) == visible(text)


@given(st.text(alphabet="שلab 1(.\u0301", max_size=12))
def test_what_reads_from_the_right_is_set_apart(text):
    found = set_apart(Run(visible(text)), ())
    assert not any(is_reversed(run.text) for run in found if not run.apart)
    assert not any("a" in run.text or "b" in run.text for run in found if run.apart)


def test_a_name_that_reads_from_the_right_stays_whole():
    page = page_of(f"Sold to {ARABIC}, on time.")
    page.name(ARABIC)
    assert f'Sold to <bdi dir="rtl">{ARABIC}</bdi>, on time.' in html(page, "T")
    assert f"Sold to {ISOLATE}{ARABIC}{END}, on time." in markdown(page, "T")


def test_an_override_is_seen_and_said():
    page = memo_page(decided({"end_user": f"safe{OVERRIDE}live\u200b"}))
    for shown in (html(page, "T"), markdown(page, "T").replace("\\", "")):
        assert OVERRIDE not in shown
        assert "safe[U+202E]live[U+200B]" in shown
        assert "a character of a given text that is not seen" in shown
    assert "not seen" not in html(memo_page(decided()), "T")


def test_lists_tables_and_languages_keep_their_form():
    page = Page()
    page.head("Ask")
    page.say("First.", mark="1. ")
    page.say("inner", 5, "- ")
    page.say("[cited]", 5)
    page.say("Second.", mark="2. ")
    page.say("您好", lang="zh")
    page.say("a 1", mark="- ", cells=[("Name", "a"), ("Value", "1")])
    page.say("b 2", mark="- ", cells=[("Name", "b"), ("Value", "2")])
    shown = html(page, "T", "zh").replace("\n", "")
    assert '<html lang="zh">' in shown
    assert (
        '<ol start="1"><li>First.<ul><li>inner</li></ul><p>[cited]</p></li><li>Second.</li></ol><p lang="zh">您好</p>'
    ) in shown
    assert shown.count("<table>") == 1
    assert shown.count("<tr>") == 3
    assert page.text().splitlines()[1:4] == ["  1. First.", "     - inner", "     [cited]"]
    marked = markdown(page, "T")
    assert "1. First.\n\n   - inner\n\n   \\[cited\\]\n\n2. Second." in marked
    assert "- a 1\n- b 2" in marked


def test_plain_text_leaves_out_a_section_for_paper():
    page = page_of("One.")
    page.head("The line")
    page.facts([("Item", "x")])
    page.gap()
    page.foot("End.")
    assert page.text() == "  One.\n\nEnd.\n"


def test_the_same_page_gives_the_same_text():
    first, second = memo_page(decided()), memo_page(decided())
    assert html(first, "T") == html(second, "T")
    assert markdown(first, "T") == markdown(second, "T")


def test_the_parties_the_versions_and_the_facts_are_filed():
    decision = decided({"line_id": "L-1", "end_user": "深圳市前海鲲鹏计算有限公司", "consignee": ARABIC})
    shown = html(memo_page(decision, warnings=["us.ear.744_11: review overdue."]), memo_title(decision))
    for word in ("L-1", "深圳市前海鲲鹏计算有限公司", ARABIC, decision.law_version, "review overdue", "2026-09-25"):
        assert word in shown
    assert "<td>listed_owner_share</td><td>0</td><td>stated or assumed, not checked</td>" in shown
    assert "<td>destination</td><td>CN</td><td>given with the line</td>" in shown


def test_citations_name_every_reason():
    decision = decided()
    found = citations(decision)
    assert {*decision.reasons, *decision.reasons_printed} <= {c["id"] for c in found}
    assert all(c["section"] and c["start"] for c in found)
    assert citations(decided({"item": "nvidia-h1000"})) == []


def test_a_notebook_shows_the_memo_without_a_style_of_its_own():
    reader = Reader(decided({"end_user": HOSTILE})._repr_html_())
    assert reader.open == []
    assert reader.tags[0] == "article"
    assert not {"style", "script", "html"} & {*reader.tags}
    assert flat(HOSTILE) in reader.words


def test_what_an_exception_asks_for_is_not_called_a_missing_fact():
    row = {"item": "nvidia-rtx-4090", "event_date": "2024-06-01"}
    shown = html(memo_page(decided(row)), "T")
    assert "nothing that could change the answer; to use the exception 6 more" in shown
    assert "9 facts: see What is missing" in html(memo_page(decided()), "T")


def test_a_command_is_shown_as_code_and_a_name_that_somebody_gave_as_it_stands():
    page = Page()
    page.name("a `b` c")
    page.say("Sold to a `b` c; see `headgate law list`. An `unclosed one.")
    assert "Sold to a `b` c; see <code>headgate law list</code>. An `unclosed one." in html(page, "Memo")
    assert "Sold to a \\`b\\` c; see `headgate law list`. An \\`unclosed" in markdown(page, "Memo")


def test_latin_punctuation_never_comes_from_a_font_of_another_script():
    from headgate.decide.packet.form import form_style

    stacks = [found for found in re.findall(r"font(?:-family)?:([^;}]*)", form_style()) if "CJK" in found]
    assert len(stacks) >= 3
    for stack in stacks:
        if not stack.lstrip().startswith('"Noto Sans CJK'):
            assert stack.index("DejaVu") < stack.index("CJK")
