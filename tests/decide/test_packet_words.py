"""The Chinese words: nothing that a customer is asked is without them, and they keep every number and citation."""

import re

import pytest

from headgate.decide.answers import ANSWERS
from headgate.decide.columns import COLUMNS
from headgate.decide.packet.documents import documents
from headgate.decide.packet.words import CERTIFIED_KEY, FILE, PAGE, TABLES, chinese, read_words
from headgate.decide.wording import CERTIFIED, NEEDS, QUESTIONS
from headgate.errors import CatalogError
from headgate.law.flag_records import flag_records

ENGLISH = {
    "column": {**QUESTIONS, CERTIFIED_KEY: CERTIFIED},
    "need": NEEDS,
    "flag": {flag.id: flag.ask for flag in flag_records().flags.values()},
    "value": {v: "" for column in (*COLUMNS.values(), *ANSWERS.values()) for v in column.values},
    "document": {d.id: d.title for d in documents()},
    "page": PAGE,
}
PAIRS = [(table, name, said) for table, words in ENGLISH.items() for name, said in words.items()]
# A section, a number, a country group, an exception or another name that is never translated.
KEPT = re.compile(r"\d[\d,.-]*\d|\d|D:5|BIS|SNAP-R|NAC|ACA|AIA|LPP|TPP|HBM|VEU|ECCN|SNAP|\bEAR\b|mm2|GB/s")
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("table", TABLES)
def test_every_word_that_is_shown_has_a_chinese_one_and_none_is_left_over(table):
    assert set(chinese()[table]) == set(ENGLISH[table])


def test_every_question_of_every_column_of_a_transaction_that_can_be_missing_is_among_them():
    asked = {name for name in COLUMNS if name in QUESTIONS}
    assert asked <= set(chinese()["column"])
    assert len(asked) > 50


@pytest.mark.parametrize(("table", "name", "said"), PAIRS)
def test_numbers_citations_and_names_of_the_law_stay_as_they_are(table, name, said):
    translated = chinese()[table][name]
    assert HAN.search(translated)
    lost = [kept for kept in KEPT.findall(said) if kept not in translated]
    assert lost == []


def test_the_file_and_the_page_say_that_nobody_reviewed_the_translation():
    from importlib.resources import files

    head = (files("headgate.data") / FILE).read_text(encoding="utf-8")[:600]
    assert "has reviewed them" in head
    assert "No lawyer" in head
    assert "English text governs" in PAGE["translation"].replace("\n", " ")
    assert "以英文文本为准" in chinese()["page"]["translation"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[column]\na = 'b'", "they must be column, need"),
        ("".join(f"[{t}]\n" for t in TABLES) + "[extra]\n", "extra"),
        ("".join(f"[{t}]\n" for t in TABLES) + "a = ' '\n", "page.a"),
        ("".join(f"[{t}]\n" for t in TABLES) + "a = 1\n", "is no text"),
    ],
)
def test_a_file_of_words_that_is_not_one_is_refused(text, says):
    with pytest.raises(CatalogError, match=says):
        read_words(text)
