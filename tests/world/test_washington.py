"""Gate 1: what the book answers on each lane, as shares of quarters; looser law never lets less through."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.decide.one import Decider, decider
from headgate.errors import CatalogError
from headgate.law.provision import POLICIES
from headgate.scenario.record import names, read_scenario
from headgate.scenario.trial import under
from headgate.world.axes import LABELS, QUARTERS, quarter
from headgate.world.chips import WorldChip, chips
from headgate.world.gate import GATED
from headgate.world.lane import CATEGORIES, Lanes
from headgate.world.lanes import lanes
from headgate.world.washington import (
    LOOSER,
    Gates,
    category_of,
    gates,
    lane_decisions,
    permitted,
    transactions,
)

LAW_SCENARIOS = [name for name in names() if read_scenario(name).changes]
HEAD = """
id = "draft"
title = "A draft"
says = "It changes something."
status = "imagined"
evidence = "unverified"
from = {day}
[[source]]
title = "nobody"
"""
Draft = Callable[..., Decider]


@pytest.fixture(autouse=True)
def _keep_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADGATE_CACHE", "off")


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    """Return a decider under a scenario of a few lines."""

    def read(text: str, day: str = "2026-01-15") -> Decider:
        path = tmp_path / "draft.toml"
        path.write_text(HEAD.format(day=day) + text, encoding="utf-8")
        return under(read_scenario(str(path)), decider())

    return read


@cache
def in_law(scenario: str = "") -> Gates:
    return gates(under(read_scenario(scenario), decider()) if scenario else decider())


def runs(lane: str, chip: str, scenario: str = "") -> list[tuple[str, str]]:
    """Return the first day of every category on a lane, in order."""
    found: list[tuple[str, str]] = []
    rows = in_law(scenario).table.filter((pl.col("lane") == lane) & (pl.col("chip") == chip)).sort("start")
    for row in rows.iter_rows(named=True):
        if not found or found[-1][1] != row["category"]:
            found.append((str(row["start"]), row["category"]))
    return found


def share(when: str, lane: str, chip: str, category: str, scenario: str = "") -> float:
    found = in_law(scenario)
    at = (quarter(when), found.lanes.index(lane), found.chips.index(chip), CATEGORIES.index(category))
    return float(found.shares[at])


TRUTHS = {
    ("cn_direct", "nvidia-a100-sxm4-80"): [
        ("2022-01-01", "open"),
        ("2022-08-26", "unstated"),
        ("2022-10-21", "denial"),
        ("2026-01-15", "case_by_case"),
    ],
    ("cn_direct", "nvidia-a800-sxm4-80"): [
        ("2022-01-01", "open"),
        ("2023-10-23", "denial"),
        ("2026-01-15", "case_by_case"),
    ],
    ("cn_direct", "nvidia-h20-96"): [("2022-01-01", "open"), ("2025-04-09", "unstated")],
    ("cn_direct", "amd-mi308x"): [("2022-01-01", "open"), ("2025-04-09", "unstated")],
    ("cn_direct", "nvidia-h200-sxm"): [
        ("2022-01-01", "open"),
        ("2022-08-26", "unstated"),
        ("2022-10-21", "denial"),
        ("2026-01-15", "case_by_case"),
    ],
    ("cn_direct", "nvidia-gb300"): [("2022-01-01", "open"), ("2022-08-26", "unstated"), ("2022-10-21", "denial")],
    ("cn_direct", "nvidia-2031"): [("2022-01-01", "open"), ("2022-08-26", "unstated"), ("2022-10-21", "denial")],
    ("cn_listed", "nvidia-h20-96"): [("2022-01-01", "denial")],
    ("cn_abroad", "nvidia-h200-sxm"): [("2022-01-01", "open"), ("2023-10-23", "denial")],
    ("rent", "nvidia-gb200"): [("2022-01-01", "open")],
    ("hbm_cn", "hbm"): [("2022-01-01", "open"), ("2024-12-31", "denial")],
    ("allied_de", "nvidia-gb200"): [("2022-01-01", "open")],
    ("other_my", "nvidia-gb200"): [("2022-01-01", "open")],
    ("other_sa", "nvidia-gb200"): [("2022-01-01", "open"), ("2023-07-01", "unstated"), ("2023-10-23", "approval")],
    ("other_ae", "nvidia-gb200"): [
        ("2022-01-01", "open"),
        ("2023-07-01", "unstated"),
        ("2023-10-23", "approval"),
        ("2026-07-10", "unstated"),
    ],
    ("other_ae_approved", "nvidia-gb200"): [
        ("2022-01-01", "open"),
        ("2023-07-01", "unstated"),
        ("2023-10-23", "approval"),
        ("2026-07-10", "open"),
        ("2027-04-07", "unstated"),
    ],
}


@pytest.mark.parametrize("lane_and_chip", TRUTHS, ids=" ".join)
def test_the_days_on_which_a_lane_turns(lane_and_chip: tuple[str, str]) -> None:
    assert runs(*lane_and_chip) == TRUTHS[lane_and_chip]


def test_quarters_are_weighted_by_days() -> None:
    assert share("2022Q2", "cn_direct", "nvidia-a100-sxm4-80", "open") == 1
    assert share("2022Q3", "cn_direct", "nvidia-a100-sxm4-80", "open") == pytest.approx(56 / 92)
    assert share("2022Q3", "cn_direct", "nvidia-a100-sxm4-80", "unstated") == pytest.approx(36 / 92)
    assert share("2022Q4", "cn_direct", "nvidia-a100-sxm4-80", "denial") == pytest.approx(72 / 92)
    assert share("2025Q2", "cn_direct", "nvidia-h20-96", "open") == pytest.approx(8 / 91)
    assert share("2032Q4", "cn_direct", "nvidia-h20-96", "unstated") == 1
    assert in_law().item_shares[quarter("2024Q4"), 0].tolist() == pytest.approx([91 / 92, 0, 0, 0, 0, 1 / 92])


def test_the_h200_rule_caps_and_taxes_from_its_day() -> None:
    found = in_law()
    at = (found.lanes.index("cn_direct"), found.chips.index("nvidia-h200-sxm"))
    for array, level in ((found.capped, 1.0), (found.duty, 0.25)):
        assert array[quarter("2025Q4")][at] == 0
        assert array[quarter("2026Q1")][at] == pytest.approx(level * 76 / 90)
        assert array[quarter("2026Q2")][at] == level
    h20 = (found.lanes.index("cn_direct"), found.chips.index("nvidia-h20-96"))
    assert not found.capped[:, *h20].any()
    assert not found.duty[:, *h20].any()
    only = [lane for n, lane in enumerate(found.lanes) if found.capped[:, n].any()]
    assert only == ["cn_direct"]
    assert not found.limited["country_allocation"].any()


def test_shares_add_up_and_what_goes_over_no_border_is_open() -> None:
    found = in_law()
    assert found.shares.shape == (len(LABELS), len(found.lanes), len(chips()), len(CATEGORIES))
    assert found.chips == tuple(c.id for c in chips())
    assert np.abs(found.shares.sum(-1) - 1).max() <= 1e-12
    assert np.abs(found.item_shares.sum(-1) - 1).max() <= 1e-12
    home = [n for n, c in enumerate(chips()) if c.kind not in GATED]
    assert home
    assert (found.shares[:, :, home, 0] == 1).all()
    assert not found.duty[:, :, home].any()
    assert found.duty.min() >= 0
    assert found.capped.max() <= 1 + 1e-12
    with pytest.raises(ValueError, match="read-only"):
        found.shares[0, 0, 0, 0] = 0.5


def test_a_chip_decided_as_another_has_its_answer() -> None:
    told = [c for c in chips() if c.decided_as]
    assert told
    for c in told:
        by_id = transactions((c,), lanes())["cn_direct", c.id]
        assert by_id["item"] == c.decided_as
    assert runs("cn_direct", "amd-mi308x") == runs("cn_direct", "nvidia-h20-96")


def test_rows_run_through_the_horizon_without_a_gap() -> None:
    table = in_law().table
    assert table.group_by("lane", "chip").len().height == len(transactions(chips(), lanes()))
    for _, rows in table.group_by("lane", "chip"):
        ordered = rows.sort("start")
        assert ordered["start"][0] == QUARTERS[0].start
        assert ordered["end"][-1] == QUARTERS[-1].end
        assert ordered["start"][1:].to_list() == ordered["end"][:-1].to_list()
    assert set(table["basis"].unique()) == {"book", "before_the_book", "where_not_modeled"}
    assert table.filter(pl.col("basis") == "where_not_modeled")["lane"].unique().to_list() == ["rent"]
    assert table.filter(pl.col("basis") == "where_not_modeled")["outcome"].unique().to_list() == ["not_modeled"]
    assert set(table["category"].unique()) <= set(CATEGORIES)


# Scenarios


@pytest.mark.parametrize("name", LAW_SCENARIOS)
def test_every_lane_is_decided_under_every_scenario_and_nothing_moves_before_its_first_day(name: str) -> None:
    found = in_law(name)
    first = read_scenario(name).start
    before = [n for n, q in enumerate(QUARTERS) if q.end <= first]
    assert (found.shares[before] == in_law().shares[before]).all()
    assert (found.duty[before] == in_law().duty[before]).all()
    moved = any((a != b).any() for a, b in _arrays(found, in_law()))
    assert (found.hash != in_law().hash) == moved


def _arrays(one: Gates, other: Gates) -> list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
    pairs = [(one.shares, other.shares), (one.item_shares, other.item_shares), (one.duty, other.duty)]
    return pairs + [(one.limited[x], other.limited[x]) for x in one.limited]


def test_without_controls_everything_is_open_but_for_listed_parties() -> None:
    found = in_law("no-controls")
    clean = [n for n, lane in enumerate(found.lanes) if lane != "cn_listed"]
    after = quarter("2022Q4")
    assert (found.shares[after:, clean, :, 0] > 1 - 1e-12).all()
    assert (found.item_shares[after:, :, 0] > 1 - 1e-12).all()
    assert runs("cn_listed", "nvidia-h20-96", "no-controls") == [("2022-01-01", "denial")]


def test_the_remote_access_act_closes_renting_of_controlled_chips() -> None:
    assert runs("rent", "nvidia-gb200", "remote-access-security") == [("2022-01-01", "open"), ("2026-01-01", "denial")]
    assert runs("rent", "nvidia-h20-96", "remote-access-security") == [("2022-01-01", "open")]
    assert in_law().hash != in_law("remote-access-security").hash


def test_the_diffusion_rule_enforced() -> None:
    name = "diffusion-enforced"
    assert runs("allied_de", "nvidia-gb200", name) == [("2022-01-01", "open"), ("2025-05-15", "exception")]
    assert runs("other_my", "nvidia-gb200", name) == [
        ("2022-01-01", "open"),
        ("2025-05-15", "approval"),
        ("2028-01-01", "unstated"),
    ]
    allocated = in_law(name).limited["country_allocation"]
    at = (in_law(name).lanes.index("other_my"), in_law(name).chips.index("nvidia-gb200"))
    assert allocated[quarter("2026Q1")][at] == 1
    assert allocated[quarter("2028Q1")][at] == 0
    assert (in_law(name).capped == in_law().capped).all()


def test_moving_one_threshold_moves_chips(draft: Draft) -> None:
    gate = '[[set]]\nthreshold = "us.ear.742_6.b_10_iii.gate/{}"\nvalue = {}\nwhy = "x"\n'
    found = gates(draft(gate.format("tpp", 30001) + gate.format("dram", 9000)))
    differs = (found.shares != in_law().shares).any((0, 3))
    assert {(found.lanes[i], found.chips[j]) for i, j in zip(*np.nonzero(differs), strict=True)} == {
        ("cn_direct", "nvidia-b30a")
    }
    at = (found.lanes.index("cn_direct"), found.chips.index("nvidia-b30a"))
    assert found.shares[-1][*at].tolist() == [0, 0, 0, 1, 0, 0]
    assert found.capped[-1][at] == 1
    assert found.hash != in_law().hash


def test_an_edit_that_moves_no_chip_keeps_the_hash(draft: Draft) -> None:
    base = decider()
    notes = tuple(replace(p, says="Said in other words.") if p.stage == "note" else p for p in base.book.provisions)
    other = base.with_book(replace(base.book, provisions=notes), base.lists)
    assert other.book.version != base.book.version
    assert gates(other).hash == in_law().hash
    split = draft('[[set]]\nthreshold = "us.ear.3a090.c/density"\nvalue = 2.5\nwhy = "x"\n', "2026-02-14")
    assert gates(split).table.height > in_law().table.height
    assert gates(split).hash == in_law().hash


def test_a_decider_of_one_day_answers_for_the_whole_horizon_alike() -> None:
    by = Decider(decider().book, None, decider().lists, decider().catalog, date(2024, 6, 1))
    found = gates(by, [c for c in chips() if c.id == "nvidia-h20-96"])
    assert (found.shares[quarter("2022Q4") :, found.lanes.index("cn_direct"), 0, 0] == 1).all()


# What is refused


def lane_without(id: str, *columns: str, **gives: Any) -> Lanes:
    """Return the lanes with some facts of one of them gone, or with something of it changed."""
    lane = lanes().get(id)
    facts = MappingProxyType({c: v for c, v in lane.facts.items() if c not in columns})
    return replace(lanes(), lanes=(replace(lane, **{"facts": facts, **gives}),), limits=lanes().limits)


def one(id: str) -> Sequence[WorldChip]:
    return [c for c in chips() if c.id == id]


def test_a_lane_that_leaves_a_fact_open_is_refused() -> None:
    open_lane = lane_without("cn_direct", "hq_country", "ultimate_parent_hq_country", "is_entity_listed")
    with pytest.raises(
        CatalogError,
        match="cn_direct: nvidia-h20-96 on 2022-08-26: the book answers insufficient_facts; missing: .*entity_listed"
        ".*State the facts",
    ):
        lane_decisions(decider(), one("nvidia-h20-96"), open_lane)


def test_law_that_is_not_modeled_needs_a_reading() -> None:
    silent = lane_without("rent", where_not_modeled=None)
    with pytest.raises(CatalogError, match="rent: nvidia-h20-96 on 2022-08-26: .* not_modeled.*`where_not_modeled`"):
        lane_decisions(decider(), one("nvidia-h20-96"), silent)


def test_a_chip_that_the_catalog_lacks_is_refused() -> None:
    lost = [replace(c, decided_as="nvidia-h21") for c in one("amd-mi308x")]
    with pytest.raises(CatalogError, match=r"cn_direct: amd-mi308x on .*: the book answers invalid_row \(item: .*h21"):
        lane_decisions(decider(), lost, lane_without("cn_direct"))


def test_a_chip_without_its_numbers_is_refused() -> None:
    bare = [replace(c, measures=MappingProxyType({"fp16": 100.0})) for c in one("nvidia-b800")]
    with pytest.raises(
        CatalogError, match="nvidia-b800 on .* insufficient_facts; missing: .*State the facts.*chips.toml"
    ):
        lane_decisions(decider(), bare, lane_without("cn_direct"))


# The ladder


def test_every_policy_has_a_category() -> None:
    assert {category_of("license_required", policy) for policy in (*POLICIES, "")} == set(CATEGORIES) - {
        "open",
        "exception",
    }
    assert category_of("no_license_required", "") == "open"
    assert category_of("exception_available", "presumption_of_denial") == "exception"
    assert category_of("prohibited", "") == "denial"
    for outcome in ("insufficient_facts", "legal_ambiguity", "not_modeled", "invalid_row"):
        assert category_of(outcome, "") is None
    with pytest.raises(KeyError):
        category_of("license_required", "maybe")


@st.composite
def ladders(draw: st.DrawFn, unstated_over_case_by_case: bool = False) -> np.ndarray[Any, Any]:
    """Return what is granted in each category, in the order of `LOOSER`."""
    denial, case, approval, exception = sorted(draw(st.lists(st.floats(0, 1), min_size=4, max_size=4)))
    unstated = draw(st.floats(case if unstated_over_case_by_case else denial, 1))
    granted = dict(zip(CATEGORIES, (1.0, exception, approval, case, unstated, denial), strict=True))
    for stricter, looser in LOOSER:
        assert granted[stricter] <= granted[looser]
    return np.array([granted[c] for c in CATEGORIES])


@given(st.lists(st.floats(0.01, 1), min_size=6, max_size=6), ladders(), st.sampled_from(LOOSER), st.floats(0, 1))
def test_moving_days_to_a_looser_category_never_lets_less_through(
    raw: list[float], granted: np.ndarray[Any, Any], step: tuple[str, str], part: float
) -> None:
    shares = np.array(raw) / sum(raw)
    stricter, looser = (CATEGORIES.index(c) for c in step)
    moved = shares.copy()
    moved[looser] += part * shares[stricter]
    moved[stricter] -= part * shares[stricter]
    assert 0 <= permitted(shares, granted) <= permitted(moved, granted) + 1e-12 <= 1 + 1e-9


def test_permitted_takes_arrays_of_either_library() -> None:
    import jax.numpy as jnp

    granted = np.linspace(1, 0, 6)
    shares = in_law().shares
    found = permitted(shares, granted)
    assert found.shape == shares.shape[:-1]
    assert found.max() <= 1 + 1e-12
    assert np.allclose(permitted(jnp.asarray(shares), jnp.asarray(granted)), found, atol=1e-6)
    by_draw = permitted(shares[:, None], np.stack([granted, granted / 2])[None, :, None, None])
    assert by_draw.shape == (shares.shape[0], 2, *shares.shape[1:-1])


SET = '[[set]]\nthreshold = "{}"\nvalue = {}\nwhy = "x"\n'
REPEAL = '[[repeal]]\nprovisions = {}\nwhy = "x"\n'
LOOSENED = {
    "the gate of the H200 rule a little": SET.format("us.ear.742_6.b_10_iii.gate/tpp", 31000),
    "the gate of the H200 rule away": SET.format("us.ear.742_6.b_10_iii.gate/tpp", 1e9)
    + SET.format("us.ear.742_6.b_10_iii.gate/dram", 1e9),
    "the letters of 2025": REPEAL.format('["us.letter.2025_04_09*"]'),
    "the density of memory": SET.format("us.ear.3a090.c/density", 100),
}
LOOSENED_ENTRY = {
    "both floors of 3A090.a": SET.format("us.ear.3a090.a.1/tpp", 1e9) + SET.format("us.ear.3a090.a.2/tpp", 1e9),
    "3A090 repealed": REPEAL.format('["us.ear.3a090.a*", "us.ear.3a090.b*"]'),
}


def never_less(found: Gates, granted: np.ndarray[Any, Any]) -> None:
    for one, other in ((found.shares, in_law().shares), (found.item_shares, in_law().item_shares)):
        assert (permitted(one, granted) >= permitted(other, granted) - 1e-12).all()


@pytest.mark.parametrize("name", LOOSENED)
def test_looser_law_never_lets_less_through(draft: Draft, name: str) -> None:
    found = gates(draft(LOOSENED[name]))
    moved = [(one != other).any() for one, other in _arrays(found, in_law())]
    assert any(moved)

    @settings(max_examples=40)
    @given(ladders())
    def under_any_ladder(granted: np.ndarray[Any, Any]) -> None:
        never_less(found, granted)

    under_any_ladder()


@pytest.mark.parametrize("name", LOOSENED_ENTRY)
def test_a_looser_entry_never_lets_less_through_where_no_policy_is_no_stricter_than_case_by_case(
    draft: Draft, name: str
) -> None:
    # Under the H200 rule and a letter the rule's policy governs; without the entry only the letter is left, which
    # states none. So the entry's loosening is one only where `unstated` is granted no less than `case_by_case`.
    found = gates(draft(LOOSENED_ENTRY[name]))
    at = (found.lanes.index("cn_direct"), found.chips.index("nvidia-h200-sxm"))
    assert in_law().shares[-1][at][CATEGORIES.index("case_by_case")] == 1
    assert found.shares[-1][at][CATEGORIES.index("unstated")] == 1

    @settings(max_examples=40)
    @given(ladders(unstated_over_case_by_case=True))
    def under_such_a_ladder(granted: np.ndarray[Any, Any]) -> None:
        never_less(found, granted)

    under_such_a_ladder()
