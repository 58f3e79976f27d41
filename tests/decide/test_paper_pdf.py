"""The memo as PDF: archival, the same bytes each time, no text is code, and no letter vanishes."""

import time

import pytest

from headgate.decide.explain import memo_page
from headgate.decide.one import decider
from headgate.decide.paper import pdf, to_pdf
from headgate.decide.prose import Page
from headgate.errors import UsageError

YI = "ꆈꌠ"


def page_of(*texts):
    page = Page()
    for text in texts:
        page.say(text)
    return page


def memo_of(**more):
    row = {"item": "nvidia-h200-sxm", "activity": "export", "ship_from": "US", "event_date": "2026-02-15", **more}
    return memo_page(decider().decide({"destination": "CN", **row}, "clean", None), warnings=["Look again."])


def laid_out(page, title="T"):
    """Return what the template was given, and make the file."""
    given = []
    compiled = to_pdf._compiled

    def spy(template, data, system):
        given.append((template, data, system))
        return compiled(template, data, system)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(to_pdf, "_compiled", spy)
        made = pdf(page, title)
    return made, given[-1][1], given[-1][2]


def test_the_same_memo_is_the_same_file_and_archival():
    first, second = pdf(memo_of(), "Memo"), pdf(memo_of(), "Memo")
    assert first == second
    assert first.startswith(b"%PDF-1.7")
    for mark in (b"<pdfaid:part>2</pdfaid:part>", b"<pdfaid:conformance>A</pdfaid:conformance>", b"pdfuaid:part"):
        assert mark in first
    assert b"1970-01-01" in first
    assert pdf(memo_of(), "Another") != first


def test_a_memo_takes_less_than_a_second():
    pdf(memo_of(), "warm")
    start = time.perf_counter()
    pdf(memo_of(destination="SG"), "Memo")
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize(
    "text", ['#panic("read")', '"); panic("x', "= Heading", "$x$", '#import "/etc/passwd"', "\\u{41}", "/* <a> @b"]
)
def test_no_text_is_code(text):
    _, data, _ = laid_out(page_of(text), text)
    assert data["title"] == text
    assert data["sections"][0]["groups"][0]["nodes"][0]["runs"][0]["text"] == text


def test_western_letters_need_no_font_of_the_machine():
    _, data, system = laid_out(page_of("Müller & Søn, Kyïv Київ, Αθήνα: ≥ 4800 TPP/mm², “x” …"))
    assert system is False
    assert data["fonts"] == ["Libertinus Serif"]
    assert "No font of the machine" not in str(data)


def test_a_letter_without_a_font_is_shown_as_its_code(monkeypatch):
    # As on a machine that has no fonts of its own.
    alone = to_pdf._fonts(False)
    monkeypatch.setattr(to_pdf, "_fonts", lambda system: alone)
    _, data, _ = laid_out(page_of(f"Sold to {YI} and 昇腾 Ltd."), f"Memo {YI}")
    assert data["sections"][0]["groups"][0]["nodes"][0]["runs"][0]["text"] == (
        "Sold to [U+A188][U+A320] and [U+6607][U+817E] Ltd."
    )
    assert data["title"] == "Memo [U+A188][U+A320]"
    assert "[U+6607], [U+817E], [U+A188], [U+A320]. The same memo as HTML" in str(data["foot"])


def test_what_cannot_be_shown_is_never_dropped():
    made, data, _ = laid_out(page_of("a\ue000b\u200bc \ud800 \U0001f468\u200d\U0001f469 e\u0301 \U00013000 ไทย हिन्दी"))
    assert made.startswith(b"%PDF-")
    text = data["sections"][0]["groups"][0]["nodes"][0]["runs"][0]["text"]
    assert text.startswith("a[U+E000]b[U+200B]c [U+D800]")


def test_a_name_that_reads_from_the_right_is_isolated():
    page = page_of("Sold to שלום, today.")
    _, data, _ = laid_out(page)
    texts = [run["text"] for run in data["sections"][0]["groups"][0]["nodes"][0]["runs"]]
    assert texts == ["Sold to ", "\u2068שלום\u2069", ", today."] or texts[1].startswith("\u2068[U+")


def test_every_form_of_block_can_be_laid_out():
    page = Page()
    for shape in ("octagon", "square", "diamond", "circle", "triangle"):
        page.status("Said", shape)
    page.warning("First.")
    page.head("List")
    page.say("One.", mark="3. ", lead="One")
    page.say("deep", 6, "- ")
    page.cite("88 FR 73458", [("88 FR 73458", "https://www.federalregister.gov/citation/88-FR-73458")], 5)
    page.say("您好", lang="zh-Hans")
    page.facts([("Item", "x"), ("To", "y")])
    page.row([("A", "1"), ("B", "2"), ("C", "3")])
    page.say("Many words. " * 2000)
    page.say("Nospaceatall" * 300)
    page.foot("End.")
    assert pdf(page, "T" * 300, "zh-Hans").startswith(b"%PDF-")
    assert pdf(Page(), "Empty").startswith(b"%PDF-")


def test_without_typst_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(UsageError, match=r"A memo as PDF needs typst.*pip install 'headgate\[pdf\]'"):
        pdf(page_of("x"), "T")
