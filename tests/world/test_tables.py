"""The tables of a world: what chips, history and law become before any quarter is taken."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

import headgate
from headgate.decide.one import Decider
from headgate.errors import CatalogError
from headgate.world.axes import LABELS, QUARTERS, quarter
from headgate.world.build import NO_LIMIT, World, allocation, digest, weights, world
from headgate.world.chips import chips
from headgate.world.gate import permitted
from headgate.world.history import history, select
from headgate.world.lanes import lanes
from headgate.world.tables import (
    BANK_DELIVERY,
    DIE_DELIVERY,
    HISTORY_ENDS,
    VENDORS,
    fixed_tables,
    legal_history,
    made_history,
    offered,
    shares,
)

IDS = [c.id for c in chips()]
PLACE = {label: n for n, c in enumerate(chips()) for label in c.history}


@pytest.fixture(scope="module")
def law() -> Decider:
    return headgate.law()


@pytest.fixture(scope="module")
def given(law: Decider) -> World:
    return world(law)


def test_every_table_is_finite_and_as_long_as_its_axes(given: World) -> None:
    for name, table in given.fixed.items():
        assert np.asarray(table).shape[0] == len(chips()), name
        assert np.isfinite(np.asarray(table, dtype=float)).all(), name
    for name, table in {**given.by_quarter, **given.gate_tables}.items():
        assert np.asarray(table).shape[0] == len(LABELS), name
        assert np.isfinite(np.asarray(table, dtype=float)).all(), name
        assert np.asarray(table, dtype=float).min() >= 0, name


def test_every_chip_is_of_one_kind(given: World) -> None:
    kinds = ("is_merchant", "is_captive", "is_special", "is_chain", "is_domestic_other")
    assert (sum(given.fixed[k].astype(int) for k in kinds) == 1).all()
    assert (given.fixed["is_foreign"] == (given.fixed["is_merchant"] | given.fixed["is_captive"])).all()
    assert (given.fixed["tpp"] > 0).all()
    assert given.fixed["log_flops"][IDS.index("nvidia-h100-sxm")] == pytest.approx(0)
    assert given.fixed["log_bandwidth"][IDS.index("nvidia-h100-sxm")] == pytest.approx(0, abs=1e-3)
    assert given.fixed["tpp"][IDS.index("nvidia-h100-sxm")] == pytest.approx(15832, rel=0.001)


def test_shares_of_revenue_and_packages_add_up(given: World) -> None:
    later = slice(HISTORY_ENDS, None)
    for vendor in range(len(VENDORS)):
        mine = given.fixed["is_foreign"] & (given.fixed["vendor"] == vendor)
        assert given.by_quarter["share"][later][:, mine].sum(1) == pytest.approx(1.0)
    for group in ("is_chain", "is_domestic_other"):
        assert given.by_quarter["mix"][:, given.fixed[group]].sum(1) == pytest.approx(1.0)
    assert not given.by_quarter["share"][:, ~given.fixed["is_foreign"]].any()
    assert not given.by_quarter["mix"][:, given.fixed["is_foreign"] | given.fixed["is_special"]].any()


def test_a_vendor_without_a_share_is_refused() -> None:
    without = [replace(c, share={}) if c.vendor == "amd" else c for c in chips()]
    with pytest.raises(CatalogError, match=r"amd: no chip has a share in 2025Q4\. Let the shares go on\."):
        shares(without)


def test_a_chip_without_a_number_is_refused() -> None:
    imagined = next(c for c in chips() if c.record is None and c.is_foreign)
    bare = [replace(c, measures={}) if c is imagined else c for c in chips()]
    with pytest.raises(CatalogError, match=f"{imagined.id}: none of .* is known"):
        fixed_tables(bare)


def test_history_outside_china_is_production_less_what_china_bought(given: World) -> None:
    q, h100 = quarter("2023Q1"), IDS.index("nvidia-h100-sxm")
    told = made_history(chips(), history())
    rows = [r for r in select(history(), freq="Q", channel="world production (all destinations)") if r.primary]
    produced = {(r.start, r.chip): r.median for r in rows if r.covers == "whole"}
    assert told["history"][q, h100] == produced[date(2023, 1, 1), "H100/H200"]
    a100, first = IDS.index("nvidia-a100-sxm4-80"), quarter("2022Q1")
    sold = next(r for r in legal_history(history()) if r.chip == "A100" and r.start == date(2022, 1, 1))
    assert told["history"][first, a100] == pytest.approx(produced[date(2022, 1, 1), "A100"] - sold.median)
    assert told["history"].min() >= 0
    assert not told["history"][HISTORY_ENDS + 1 :].any()
    assert not told["history"][:, ~given.fixed["is_foreign"]].any()
    assert (told["china_gb"] > 0).sum() >= 12


def test_a_row_of_production_without_interval_is_refused() -> None:
    rows = list(history())
    n = next(
        n for n, r in enumerate(rows) if r.channel.startswith("world production") and r.chip == "A100" and r.primary
    )
    rows[n] = replace(rows[n], low=None)
    with pytest.raises(CatalogError, match=f"{rows[n].row_id}: a row of world production has no interval"):
        made_history(chips(), rows)


def test_deliveries_add_up_to_the_whole() -> None:
    """Foreign dies and memory came to the last one by the end of 2024, and the parts of the shares are all there."""
    assert sum(DIE_DELIVERY.values()) == pytest.approx(1)
    assert sum(BANK_DELIVERY.values()) == pytest.approx(1)
    assert max([*DIE_DELIVERY, *BANK_DELIVERY]) <= "2024Q4"


def test_a_chip_for_china_is_offered_in_its_window() -> None:
    for chip in chips():
        path = offered(chip)
        assert len(path) == len(LABELS)
        assert all(0 <= x <= 1 for x in path)
        assert any(path) == (chip.kind == "china"), chip.id
        if chip.kind == "china":
            on = [n for n, x in enumerate(path) if x]
            assert on == list(range(on[0], on[-1] + 1))
            assert all(path[n] == 1 for n in on[1:-1])
            days = sum(x * q.days for x, q in zip(path, QUARTERS, strict=True))
            assert days == pytest.approx((chip.window[1] - chip.window[0]).days + 1)


# Gates


def test_every_gate_adds_up_to_its_quarter(given: World) -> None:
    for name in ("gate_unlisted", "gate_listed", "gate_rent", "gate_allied", "gate_other", "gate_hbm"):
        assert given.gate_tables[name].sum(-1) == pytest.approx(1.0), name
    assert (given.gate_tables["capped"] <= 1 + 1e-12).all()
    assert np.diff(given.gate_tables["allocation_tpp"]).min() >= 0


def test_the_gates_are_the_lanes_that_they_name(given: World) -> None:
    at, tables = given.gates.lanes.index, given.gate_tables
    assert (tables["gate_unlisted"] == given.gates.shares[:, at("cn_direct")]).all()
    assert (tables["gate_listed"] == given.gates.shares[:, at("cn_listed")]).all()
    assert (tables["duty"] == given.gates.duty[:, at("cn_direct")]).all()
    told = weights()["gate_other"]
    assert set(told) == {lane.id for lane in lanes().lanes if lane.bloc == "other"}
    mixed = sum(given.gates.shares[:, at(lane)] * w for lane, w in told.items()) / sum(told.values())
    np.testing.assert_allclose(tables["gate_other"], mixed, atol=1e-12)


def test_listed_buyers_are_never_let_through_more_easily(given: World) -> None:
    rungs = np.array([1, 1, 0.9, 0.6, 0.3, 0.01])
    listed, unlisted = (permitted(given.gate_tables[f"gate_{k}"], rungs) for k in ("listed", "unlisted"))
    assert (listed <= unlisted + 1e-12).all()


def test_the_allocation_is_the_books_own_number(law: Decider) -> None:
    assert allocation(law) == pytest.approx(790e6)
    bare = replace(law.book, provisions=tuple(p for p in law.book.provisions if "diffusion" not in p.id))
    assert allocation(SimpleNamespace(book=bare)) == NO_LIMIT


# A world


def test_worlds_of_one_law_have_one_fingerprint_and_others_another(law: Decider, given: World) -> None:
    assert world(law).fingerprints() == given.fingerprints()
    other = world(headgate.law(scenario="october-2022-only"))
    differs = {k for k, v in given.fingerprints().items() if other.fingerprints()[k] != v}
    assert differs == {"lanes"}
    # The letters are lifted on 2025-07-15: the quarters up to 2025Q2 are the same, and what history is asked about.
    late = world(headgate.law(scenario="h20-letters-lifted"))
    known = quarter("2025Q2") + 1
    assert late.fingerprints(known) == given.fingerprints(known)
    assert late.fingerprints(known + 1)["lanes"] != given.fingerprints(known + 1)["lanes"]


def test_a_digest_turns_on_names_and_bytes() -> None:
    one = {"a": np.arange(44.0), "b": np.ones(44)}
    assert digest(one) == digest(dict(reversed(one.items())))
    assert digest(one) != digest({"a": one["b"], "b": one["a"]})
    moved = {**one, "a": np.where(np.arange(44) == 30, 1e-9 + one["a"], one["a"])}
    assert digest(one) != digest(moved)
    assert digest(one, quarters=30) == digest(moved, quarters=30)
