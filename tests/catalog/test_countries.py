"""Names of countries and dated lists: digest section 14, the names people write, and every refusal."""

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.catalog import country_names
from headgate.catalog.countries import country_lists, country_name, find_country, read_lists
from headgate.errors import CatalogError

AFTER = date(2026, 7, 23)
FIRST = date(2022, 8, 26)
ONE_DAY = timedelta(days=1)
B_2023 = frozenset(
    "AF AM AZ BH BY MM KH CF CN CD CU EG ER GE HT IR IQ JO KZ KP KW KG LA LB LY MO MD MN OM PK QA RU SA SO SS SD SY TJ "
    "TM AE UZ VE VN YE ZW".split()
)


def group(name: str, day: date) -> frozenset[str]:
    return country_lists().members(f"us.country_group.{name}", day)


def scope_b(day: date) -> frozenset[str]:
    return (group("d1", day) | group("d4", day) | group("d5", day)) - (group("a5", day) | group("a6", day))


# Names


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NO", "NO"),
        ("no", "NO"),
        ("CHN", "CN"),
        ("usa", "US"),
        ("U.S.", "US"),
        ("United States", "US"),
        ("United States of America", "US"),
        ("UK", "GB"),
        ("United Kingdom", "GB"),
        ("UAE", "AE"),
        ("South Korea", "KR"),
        ("Republic of Korea", "KR"),
        ("Korea, South", "KR"),
        ("North Korea", "KP"),
        ("DPRK", "KP"),
        ("Korea, Democratic People's Republic of", "KP"),
        ("Russia", "RU"),
        ("Burma", "MM"),
        ("myanmar", "MM"),
        ("Taiwan", "TW"),
        ("Macau", "MO"),
        ("Macao", "MO"),
        ("Turkey", "TR"),
        ("Turkiye", "TR"),
        ("TÜRKİYE", "TR"),
        ("Czech Republic", "CZ"),
        ("Czechia", "CZ"),
        ("Vietnam", "VN"),
        ("Viet Nam", "VN"),
        ("Ivory Coast", "CI"),
        ("cote d’ivoire", "CI"),
        ("PRC", "CN"),
        ("Mainland China", "CN"),
        ("the Netherlands", "NL"),
        ("Guinea", "GN"),
        ("Samoa", "WS"),
        ("Sudan", "SD"),
        ("Micronesia", "FM"),
        ("Trinidad & Tobago", "TT"),
        ("St. Lucia", "LC"),
        ("Dem. Rep. of the Congo", "CD"),
        ("Kosovo", "XK"),
    ],
)
def test_codes_and_names(text: str, code: str) -> None:
    assert find_country(text) == code


@pytest.mark.parametrize("text", ["HK", "hk", "HKG", "Hong Kong", "HONG KONG SAR", "Hong Kong, China", "Hongkong"])
def test_hong_kong_counts_as_china(text: str) -> None:
    assert find_country(text) == "CN"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Korea", {"KR", "KP"}),
        ("Congo", {"CG", "CD"}),
        ("virgin islands", {"VG", "VI"}),
        ("St. Martin", {"MF", "SX"}),
        ("Republic of China", {"TW", "CN"}),
    ],
)
def test_a_name_of_several_countries_is_asked_back(text: str, codes: set[str]) -> None:
    with pytest.raises(CatalogError, match=r"fits several countries.*\?") as refusal:
        find_country(text)
    assert all(f"{code} ({country_name(code)})" in str(refusal.value) for code in codes)


@pytest.mark.parametrize("text", ["", "  ", "\t"])
def test_a_blank_is_no_country(text: str) -> None:
    with pytest.raises(CatalogError, match="no country is given"):
        find_country(text)


def test_a_misspelt_name_gets_near_names() -> None:
    with pytest.raises(CatalogError, match="'Germny' is no country.*Did you mean Germany"):
        find_country("Germny")


@pytest.mark.parametrize("text", ["ZZ", "N", "Crimea", "Asia", "N.O.", "?", "Chin"])
def test_what_is_no_country_is_refused(text: str) -> None:
    with pytest.raises(CatalogError, match="no country known"):
        find_country(text)


def test_every_code_has_a_name_and_every_name_leads_back() -> None:
    known = country_names.countries()
    assert len(known.names) == 250
    for code, name in known.names.items():
        assert (
            find_country(name) == find_country(code) == find_country(code.lower()) == known.counted_as.get(code, code)
        )


def test_a_name_is_in_the_spelling_of_the_rules() -> None:
    assert [country_name(code) for code in ("MM", "MO", "KP", "NO")] == ["Burma", "Macau", "North Korea", "Norway"]
    with pytest.raises(CatalogError, match="'ZZ' is no country"):
        country_name("ZZ")


@given(st.text())
def test_any_text_gives_a_code_or_a_refusal(text: str) -> None:
    with contextlib.suppress(CatalogError):
        assert find_country(text) in country_names.countries().names


# Lists


@pytest.mark.parametrize(
    ("name", "count"), [("a1", 40), ("a5", 38), ("a6", 8), ("d1", 24), ("d4", 21), ("d5", 22), ("e1", 3), ("e2", 1)]
)
def test_counts_of_the_groups_as_printed_on_2026_07_23(name: str, count: int) -> None:
    assert len(group(name, AFTER)) == count


def test_counts_before_the_changes() -> None:
    assert len(group("a5", date(2026, 7, 9))) == 37
    assert len(group("d4", date(2026, 7, 9))) == 22
    assert len(group("d5", date(2023, 11, 17))) == 23
    assert len(group("d1", date(2023, 11, 17))) == 23


def test_the_scope_of_2023_is_45_destinations() -> None:
    day = date(2023, 11, 17)
    assert scope_b(day) == B_2023
    assert len(B_2023) == 45
    assert {"CY"} <= group("d5", day) & group("a6", day)
    assert {"IL"} <= group("d4", day) & group("a6", day)


def test_the_scope_of_2026_swaps_the_uae_for_nicaragua() -> None:
    assert scope_b(AFTER) == B_2023 - {"AE"} | {"NI"}
    assert len(scope_b(AFTER)) == 45


@pytest.mark.parametrize(
    ("name", "country", "day", "joins"),
    [
        ("us.country_group.a5", "AE", date(2026, 7, 10), True),
        ("us.country_group.d4", "AE", date(2026, 7, 10), False),
        ("us.country_group.d5", "CY", date(2024, 5, 30), False),
        ("us.country_group.d1", "NI", date(2024, 3, 15), True),
        ("us.country_group.d5", "NI", date(2024, 3, 15), True),
        ("us.meu_countries", "NI", date(2024, 3, 15), True),
        ("us.country_group.d5", "KH", date(2026, 2, 3), False),
        ("us.diffusion.supplement_5a", "GB", date(2025, 1, 13), True),
    ],
)
def test_the_day_of_a_change_and_the_day_before(name: str, country: str, day: date, joins: bool) -> None:
    lists = country_lists()
    assert (country in lists.members(name, day)) is joins
    assert (country in lists.members(name, day - ONE_DAY)) is not joins
    assert day in lists.change_days()


def test_change_days_are_exactly_the_days_on_which_some_list_differs() -> None:
    lists = country_lists()
    assert list(lists.change_days()) == sorted(set(lists.change_days()))
    day, found = FIRST, []
    while day < date(2026, 11, 22):
        day += ONE_DAY
        if any(lists.members(i, day) != lists.members(i, day - ONE_DAY) for i in lists.ids()):
            found.append(day)
    assert tuple(found) == lists.change_days()


def test_cambodia_leaves_d5_and_stays_in_d1() -> None:
    assert "KH" in group("d1", AFTER)
    assert "KH" not in group("d5", AFTER)
    assert "KH" in scope_b(AFTER)


def test_macau_is_named_by_d1_and_d4_and_not_by_d5() -> None:
    assert "MO" in group("d1", AFTER) & group("d4", AFTER)
    assert all("MO" not in group("d5", day) for day in (FIRST, *country_lists().change_days(), AFTER))


def test_hong_kong_stands_on_no_list() -> None:
    assert not [e for entries in country_lists().entries.values() for e in entries if e.country == "HK"]


def test_the_other_lists() -> None:
    lists = country_lists()
    assert lists.members("us.embargoed", AFTER) == {"CU", "IR", "KP", "SY"}
    assert lists.members("us.russia_belarus", AFTER) == {"RU", "BY"}
    assert lists.members("us.meu_countries", AFTER) == {"BY", "CN", "KH", "MM", "NI", "RU", "VE"}
    assert len(lists.members("us.diffusion.supplement_5a", AFTER)) == 19
    assert lists.members("us.diffusion.supplement_5a", date(2025, 1, 12)) == frozenset()


def test_every_entry_can_be_cited() -> None:
    lists = country_lists()
    for list_id in lists.ids():
        assert lists.says[list_id]
        for country in lists.members(list_id, AFTER):
            entry = lists.entry(list_id, country, AFTER)
            assert entry.cite
            assert entry.country == country
    assert lists.entry("us.country_group.a5", "AE").cite == "91 FR 43034"
    assert lists.entry("us.country_group.d5", "KH").mark == "one_source"


def test_no_such_list_and_no_such_entry() -> None:
    with pytest.raises(CatalogError, match="Did you mean us.country_group.d5"):
        country_lists().members("us.country_group.d55", AFTER)
    with pytest.raises(CatalogError, match="NO is not on us.country_group.d5"):
        country_lists().entry("us.country_group.d5", "NO")
    with pytest.raises(CatalogError, match="CY is not on us.country_group.d5 on the day asked"):
        country_lists().entry("us.country_group.d5", "CY", AFTER)


# Refusals of the data

HEAD = "read_on = 2026-11-22\nfirst_day = 2022-08-26\n"
LIST = '[list.x]\nsays = "x"\nmark = "primary"\ncite = "c"\nmembers = ["CN"]\n'
CHANGE = '[[list.x.change]]\nmark = "primary"\ncite = "c"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + LIST + 'membres = ["US"]\n', "unknown key 'membres'. Did you mean members"),
        (HEAD + "extra = 1\n" + LIST, "unknown key 'extra'"),
        (HEAD + LIST + CHANGE + 'country = "RU"\nstarts = 2024-01-01\n', "unknown key 'starts'. Did you mean start"),
        (HEAD + LIST.replace('cite = "c"\n', ""), "list x: cite missing"),
        (HEAD + LIST + CHANGE + "end = 2024-01-01\n", "country missing"),
        (HEAD + LIST.replace("primary", "certain"), "mark 'certain' is none of"),
        (HEAD + LIST.replace("CN", "ZZ"), "'ZZ' is no ISO"),
        (HEAD + LIST.replace("CN", "cn"), "'cn' is no ISO"),
        (HEAD + LIST.replace("CN", "HK"), "HK counts as CN"),
        (HEAD + LIST + CHANGE + 'country = "RU"\n', "no span of days"),
        (HEAD + LIST + CHANGE + 'country = "RU"\nstart = 2024-01-01\nend = 2024-01-01\n', "no span of days"),
        (HEAD + LIST + CHANGE + 'country = "RU"\nstart = "2024-01-01"\n', "no span of days"),
        (HEAD + LIST + CHANGE + 'country = "CN"\nend = 2024-01-01\n', "two entries for CN share a day"),
        (HEAD + LIST.replace('["CN"]', '["CN", "CN"]'), "two entries for CN share a day"),
    ],
)
def test_a_bad_list_is_refused(text: str, says: str) -> None:
    with pytest.raises(CatalogError, match=says):
        read_lists(text, country_names.countries())


def test_a_country_may_leave_and_come_back() -> None:
    text = HEAD + LIST.replace('"CN"', "")
    text += CHANGE + 'country = "RU"\nend = 2024-01-01\n' + CHANGE + 'country = "RU"\nstart = 2025-01-01\n'
    lists = read_lists(text, country_names.countries())
    days = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1)]
    assert ["RU" in lists.members("x", day) for day in days] == [True, False, False, True]
    assert lists.entry("x", "RU").start == date(2025, 1, 1)


ROWS = "alpha2,alpha3,name,aliases\nCN,CHN,China,PRC\nHK,HKG,Hong Kong,\n"
NOTES = """
read_on = 2026-11-22
mark = "primary"
source = "s"
[counted_as.HK]
as = "CN"
mark = "primary"
cite = "c"
[ambiguous]
"""


@pytest.mark.parametrize(
    ("rows", "notes", "says"),
    [
        (ROWS + "TW,TWN,Taiwan,prc\n", NOTES, "'prc' stands for CN and TW"),
        (ROWS + "TW,CHN,Taiwan,\n", NOTES, "'CHN' stands for CN and TW"),
        (ROWS + "TW,TWN,Taiwan\n", NOTES, "line 4: not the columns"),
        (ROWS + "TW,TWN,Taiwan, Province of China,\n", NOTES, "line 4: not the columns"),
        (ROWS, NOTES + 'PRC = ["CN", "HK"]\n', "'PRC' stands for CN and CN or HK"),
        (ROWS, NOTES + 'Korea = ["KR", "KP"]\n', "'KR' is no ISO"),
        (ROWS, NOTES.replace("source", "sauce"), "source missing"),
        (ROWS, "extra = 1\n" + NOTES, "unknown key 'extra'"),
        (ROWS, NOTES.replace('mark = "primary"\nsource', 'mark = "sure"\nsource'), "mark 'sure' is none of"),
    ],
)
def test_bad_country_data_is_refused(rows: str, notes: str, says: str) -> None:
    assert country_names.read_countries(ROWS, NOTES).find("HK") == "CN"
    with pytest.raises(CatalogError, match=says):
        country_names.read_countries(rows, notes)


def test_headquarters_in_d5_are_those_outside_a5_and_a6_on_every_day():
    lists = country_lists()
    for moment in (date(2022, 8, 26), *lists.change_days()):
        d5, a5, a6 = (lists.members(f"us.country_group.{g}", moment) for g in ("d5", "a5", "a6"))
        assert lists.members("us.headquarters.d5", moment) == d5 - a5 - a6


def test_headquarters_in_d4_are_those_outside_a5_and_a6_and_nobody_in_d1_is_in_either():
    lists = country_lists()
    for moment in (date(2022, 8, 26), *lists.change_days()):
        d1, d4, a5, a6 = (lists.members(f"us.country_group.{g}", moment) for g in ("d1", "d4", "a5", "a6"))
        assert lists.members("us.headquarters.d4", moment) == d4 - a5 - a6
        assert d1 & (a5 | a6) == set()
