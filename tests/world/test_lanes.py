"""The lanes: what each states, read strictly, and every refusal."""

import re
from datetime import date
from pathlib import Path

import pytest

from headgate.decide.columns import COLUMNS, read_cell
from headgate.decide.one import decider
from headgate.errors import CatalogError
from headgate.law.us import book
from headgate.source import MARKS
from headgate.world.axes import BLOCS, CHANNELS
from headgate.world.lane import CATEGORIES
from headgate.world.lanes import FILE, lanes, read_lanes

TEXT = FILE.read_text("utf-8")
CHINA = 'destination = "CN", hq_country = "CN", ultimate_parent_hq_country = "CN" }'


def changed(folder: Path, old: str, new: str) -> Path:
    """Write the package's lanes with one place changed, and return their path."""
    assert old in TEXT
    path = folder / "lanes.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_lanes_that_the_world_needs_are_there() -> None:
    ids = [lane.id for lane in lanes().lanes]
    assert {"cn_direct", "cn_listed", "cn_abroad", "rent", "hbm_cn"} <= set(ids)
    assert {bloc for bloc in BLOCS if any(lane.bloc == bloc for lane in lanes().lanes)} == {"china", "allied", "other"}
    assert [lane.id for lane in lanes().of_items] == ["hbm_cn"]
    assert len(lanes().of_chips) + 1 == len(ids) == len(set(ids))


def test_weights_split_each_bloc_and_channel() -> None:
    totals: dict[tuple[str, str], float] = {}
    for lane in lanes().lanes:
        low, middle, high = lane.weight
        assert 0 <= low <= middle <= high <= 1
        assert lane.channel in CHANNELS
        totals[lane.bloc, lane.channel] = totals.get((lane.bloc, lane.channel), 0.0) + middle
    assert totals == pytest.approx(dict.fromkeys(totals, 1.0))


def test_every_lane_is_sourced_and_its_facts_are_cells_of_a_transaction() -> None:
    for lane in lanes().lanes:
        assert lane.source
        assert lane.mark in MARKS
        assert lane.before_the_book.category in CATEGORIES
        assert {"activity", "ship_from", "destination", "hq_country", "is_entity_listed"} <= lane.facts.keys()
        for column, value in lane.facts.items():
            assert column in COLUMNS
            assert read_cell(column, value) is not None


def test_what_a_lane_states_itself_goes_over_its_sets() -> None:
    assert lanes().get("cn_direct").facts["is_entity_listed"] == "no"
    assert lanes().get("cn_listed").facts["is_entity_listed"] == "yes"
    assert lanes().get("cn_direct").facts["cert_volume_cap"] == "yes"
    assert "cert_volume_cap" not in lanes().get("other_my").facts
    assert lanes().get("other_my").facts["lpp_tpp_this_year"] == "26900000"


def test_readings_say_why() -> None:
    rent = lanes().get("rent").where_not_modeled
    assert rent is not None
    assert (rent.category, rent.mark) == ("open", "two_sources")
    assert "2025-05-13" in rent.source
    assert [lane.id for lane in lanes().lanes if lane.where_not_modeled] == ["rent"]
    assert lanes().get("cn_direct").before_the_book.category == "open"
    assert lanes().get("cn_listed").before_the_book.category == "denial"


def test_limits_name_what_the_book_has() -> None:
    ids, thresholds = book().ids(), {t.id for p in book().provisions for t in p.thresholds()}
    assert [(limit.id, limit.prior) for limit in lanes().limits] == [
        ("us_volume", "cap.us_volume_share"),
        ("country_allocation", ""),
    ]
    for limit in lanes().limits:
        for pattern in limit.provisions:
            assert [id for id in ids if re.fullmatch(pattern.replace(".", r"\.").replace("*", ".*"), id)]
        assert limit.prior or limit.threshold in thresholds


def test_the_book_begins_within_the_horizon_so_that_something_must_say_what_was_before() -> None:
    assert decider().book.begins > date(2022, 1, 1)


REFUSED = {
    "no TOML": ("read_on = 2026-11-22", "read_on = ", "not valid TOML"),
    "unknown key of the file": ("read_on =", "reed_on =", "reed_on: file has no such key.*Did you mean read_on"),
    "missing key of the file": ("read_on = 2026-11-22\n", "", "file: read_on: the key is missing"),
    "day that is none": ("read_on = 2026-11-22", 'read_on = "today"', "read_on: 'today' is not a day"),
    "unknown key of a lane": (
        'bloc    = "china"',
        'block   = "china"',
        "block: lane has no such key.*Did you mean bloc",
    ),
    "missing key of a lane": ('bloc    = "china"\n', "", "lane: bloc: the key is missing"),
    "unknown bloc": ('bloc    = "china"', 'bloc    = "chyna"', "cn_direct: bloc: 'chyna' is not a known bloc.*china"),
    "unknown channel": ('channel = "legal"', 'channel = "leagl"', "'leagl' is not a known channel.*Did you mean legal"),
    "unknown cargo": ('carries = "hbm"', 'carries = "ham"', "hbm_cn: carries: 'ham' is not a known carries"),
    "unknown set": ('"h200_rule", "through_us"]', '"h200_rul", "through_us"]', "Did you mean h200_rule"),
    "unknown fact": (CHINA, CHINA[:-2] + ', is_chip = "yes" }', "cn_direct: is_chip: facts has no such key"),
    "fact of the wrong kind": (CHINA, CHINA[:-2] + ", is_unverified = true }", "is_unverified: True is not a text or"),
    "unknown country": ('destination = "CN"', 'destination = "Chyna"', "cn_direct: destination.*Chyna"),
    "unknown use": ('end_use            = "civil"', 'end_use            = "civill"', "civill"),
    "fact of the chip": (CHINA, CHINA[:-2] + ", tpp = 100 }", "cn_direct: tpp: the chip states it, not the lane"),
    "item of the chip": (CHINA, CHINA[:-2] + ', item = "x" }', "item: the chip states it"),
    "fact of the world": (CHINA, CHINA[:-2] + ', event_date = "2026-01-01" }', "event_date: the world states it"),
    "two sets disagree": (
        '"h200_rule", "through_us"]',
        '"not_through_us", "through_us"]',
        "cn_direct: us_import: not_through_us and through_us state it differently",
    ),
    "weight without middle": ("low = 0.60, median = 0.80", "low = 0.60", "weight: median: the key is missing"),
    "weight that falls": ("low = 0.60, median = 0.80", "low = 0.90, median = 0.80", "0.9, 0.8, 0.95 do not stand in"),
    "weight over 1": ("median = 0.80, high = 0.95", "median = 0.80, high = 1.95", "1.95 is no share"),
    "negative weight": ("low = 0.60, median = 0.80", "low = -0.60, median = 0.80", "-0.6 is not a finite number"),
    "weights that are no split": (
        "median = 0.80",
        "median = 0.70",
        "china legal: .* add up to 0.9. Make them add up to 1",
    ),
    "unknown mark of a lane": ('mark    = "unverified"', 'mark    = "guess"', "cn_direct: mark: 'guess' is not a mark"),
    "unknown category": ('category = "open"', 'category = "opened"', "before_the_book: category: 'opened'.*open"),
    "reading without source": ("source   = ", "saurce   = ", "saurce: before_the_book has no such key"),
    "mark of a reading": (
        'mark     = "two_sources"',
        'mark     = "three"',
        "before_the_book: mark: 'three' is not a mark",
    ),
    "limit without a quantity": (
        'prior      = "cap.us_volume_share"\n',
        "",
        "limit us_volume: prior or threshold: a limit",
    ),
    "limit with two quantities": (
        'prior      = "cap.us_volume_share"',
        'prior      = "cap.us_volume_share"\nthreshold  = "x"',
        "limit us_volume: prior or threshold: a limit names exactly one",
    ),
    "limit twice": ('id         = "country_allocation"', 'id         = "us_volume"', "us_volume: the id stands twice"),
    "lane twice": ('id      = "cn_listed"', 'id      = "cn_direct"', "cn_direct: the id stands twice"),
    "mark of what is imagined": (
        'source = "what an imagined chip is; ours"\nmark   = "unverified"',
        'source = "what an imagined chip is; ours"\nmark   = "ours"',
        "imagined: mark: 'ours' is not a mark",
    ),
    "limits that are no list": ("[[limit]]", "[limit]", "limit|not valid TOML"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(tmp_path: Path, name: str) -> None:
    old, new, message = REFUSED[name]
    with pytest.raises(CatalogError, match=message) as refusal:
        read_lanes(changed(tmp_path, old, new))
    assert str(refusal.value).startswith("lanes.toml")


def test_lanes_that_are_no_list_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "lanes.toml"
    path.write_text(TEXT[: TEXT.index("[[lane]]")] + '[lane]\nid = "x"\n', encoding="utf-8")
    with pytest.raises(CatalogError, match=r"lane: .* is not a list of tables \[\[lane\]\]"):
        read_lanes(path)


def test_sets_that_are_no_table_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "lanes.toml"
    text = re.sub(r"(?ms)^\[facts\.\w+\]\n.*?(?=^\[|^#)", "", TEXT)
    path.write_text('facts = "none"\n' + text, encoding="utf-8")
    with pytest.raises(CatalogError, match="facts: 'none' is not a table"):
        read_lanes(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="it cannot be read.*Give the path of a TOML file"):
        read_lanes(tmp_path / "none.toml")
    (tmp_path / "raw.toml").write_bytes(b"\xff")
    with pytest.raises(CatalogError, match="it cannot be read"):
        read_lanes(tmp_path / "raw.toml")


def test_an_unknown_lane_is_refused_with_near_names() -> None:
    with pytest.raises(CatalogError, match="cn_derect: no lane has this id.*Did you mean cn_direct"):
        lanes().get("cn_derect")
