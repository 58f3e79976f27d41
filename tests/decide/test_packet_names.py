"""Folder names of packets: safe on every file system, one for each line, the same for the same book."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.decide.packet.names import DEVICES, Names, key_of, safe_name

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=300)


@given(TEXTS)
def test_a_name_is_safe_whatever_the_id(line_id):
    name = Names(("index.html", "index.csv")).of(line_id, 7)
    assert name
    assert len(name.encode()) <= 160
    assert all(c in "-_." or unicodedata.category(c)[0] in "LMN" for c in name)
    assert name[0] not in ".-"
    assert name[-1] not in ".-"
    assert name.split(".")[0].upper() not in DEVICES
    assert name.casefold() not in ("index.html", "index.csv")


@given(st.lists(TEXTS, max_size=12))
def test_every_line_has_a_name_of_its_own_and_the_same_again(ids):
    first, second = Names(), Names()
    names = [first.of(id, n) for n, id in enumerate(ids, 1)]
    assert len({key_of(name) for name in names}) == len(ids)
    assert names == [second.of(id, n) for n, id in enumerate(ids, 1)]


@pytest.mark.parametrize("line_id", ["SO-4101-2", "10.5", "订单-7", "طلب_3", "a" * 48])
def test_an_id_that_is_safe_stays_as_it_is(line_id):
    assert Names().of(line_id, 1) == line_id


@pytest.mark.parametrize(
    ("line_id", "begins"),
    [
        ("../../etc/passwd", "etc_passwd-"),
        ("a/b\\c:d", "a_b_c_d-"),
        ("con", "_con-"),
        ("LPT¹.txt", "_LPT¹.txt-"),
        (".hidden", "hidden-"),
        ("-rf", "rf-"),
        ("end. ", "end-"),
        ("...", "line-"),
        ("\u202e\u200b", "line-"),
        ("x" * 49, "x" * 48 + "-"),
        ("昇" * 60, "昇" * 40 + "-"),
        ("index.html", "index.html-"),
    ],
)
def test_an_id_that_is_not_is_changed_and_told_apart(line_id, begins):
    name = Names(("index.html",)).of(line_id, 1)
    assert name.startswith(begins)
    assert len(name) == len(begins) + 8


def test_names_that_differ_in_case_or_composition_alone_are_told_apart():
    names = Names()
    found = [names.of(id, n) for n, id in enumerate(("SO-É", "so-é", "so-e\u0301", "ſo-é"), 1)]
    assert found[0] == "SO-É"
    assert len({key_of(name) for name in found}) == 4


def test_one_id_in_three_rows_has_three_folders():
    names = Names()
    assert [names.of("1", n) for n in (1, 2, 3)] == ["1", "1-6b86b273", "1-6b86b273-row-3"]


def test_a_name_that_looks_like_another_folder_does_not_take_its_place():
    names = Names()
    assert names.of("1-6b86b273", 1) == "1-6b86b273"
    assert [names.of("1", 2), names.of("1", 3)] == ["1", "1-6b86b273-row-3"]


def test_a_line_without_an_id_is_named_for_its_row():
    assert Names().of(None, 12) == "row-12"
    assert Names().of("", 12) == "row-12"


def test_a_mark_of_a_device_is_found_behind_every_dot():
    assert safe_name("NUL.tar.gz") == "_NUL.tar.gz"
    assert safe_name("console") == "console"
