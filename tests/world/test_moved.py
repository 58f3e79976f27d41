"""What a scenario moves at gate 1, and the sentence that says so first."""

from dataclasses import replace
from datetime import date
from functools import cache

import pytest

import headgate
from headgate.scenario.record import read_scenario
from headgate.world.axes import QUARTERS
from headgate.world.build import world
from headgate.world.moved import Answer, Move, grouped, is_same, moves, verdict


@pytest.fixture(scope="module")
def base():
    return world(headgate.law())


@cache
def under(name):
    told = read_scenario(name)
    return world(headgate.law(scenario=name), told.id, told.start, told.priors)


def test_a_world_moves_nothing_against_itself(base) -> None:
    again = world(headgate.law(), "again")
    assert moves(base, again) == ()
    assert is_same(base, again)
    assert verdict(base, again, ()).startswith("Nothing moved: no lane decision, and no quantity.")


def test_the_h200_rule_repealed_moves_what_it_says(base) -> None:
    then = under("h200-rule-repealed")
    found = moves(base, then)
    assert {m.lane for m in found} == {"cn_direct"}
    assert {m.start for m in found} == {date(2026, 1, 15)}
    moved = {m.chip: m for m in found}
    h200 = moved["nvidia-h200-sxm"]
    assert (h200.before.category, h200.after.category) == ("case_by_case", "denial")
    assert (h200.before.limits, h200.after.limits) == ("us_volume", "")
    assert "us.ear.742_6.b_10_iii.case_by_case" in h200.gone
    assert "us.ear.742_6.b_10.denial" in h200.new
    assert "nvidia-h20-96" not in moved
    said = verdict(base, then, found)
    assert f"the law's answer moves for {len(moved)} chips on 1 lane, first on 2026-01-15" in said
    assert said.endswith("This is not the law.")
    assert not is_same(base, then)


def test_both_ways_are_each_others_mirror(base) -> None:
    then = under("h200-rule-repealed")
    there, back = moves(base, then), moves(then, base)
    assert [(m.lane, m.chip, m.start, m.end, m.after, m.before) for m in there] == [
        (m.lane, m.chip, m.start, m.end, m.before, m.after) for m in back
    ]


def test_a_change_of_what_is_supposed_moves_no_lane(base) -> None:
    then = under("smuggling-stopped")
    assert moves(base, then) == ()
    assert not is_same(base, then)
    said = verdict(base, then, ())
    assert said.startswith("No lane decision moved: smuggling-stopped changes no answer of the law, but")
    assert "smuggling.ease" in said


def test_law_and_what_is_supposed_are_both_said(base) -> None:
    then = under("h200-open-unlimited")
    said = verdict(base, then, moves(base, then))
    assert "the law's answer moves" in said
    assert "and so does what is supposed of cap.us_volume_share" in said


def test_a_bill_that_no_lane_sees_moves_nothing(base) -> None:
    then = under("gain-ai")
    assert moves(base, then) == ()
    assert is_same(base, then)
    assert verdict(base, then, ()).startswith("Nothing moved:")


def test_an_answer_on_a_lane_that_carries_nothing_is_said_to_move_nothing(base) -> None:
    move = Move("unused", "h20", date(2026, 1, 1), None, Answer("denial", "", 0.0), Answer("open", "", 0.0), (), ())
    said = verdict(base, replace(base, name="draft"), (move,))
    assert said.endswith("but no chip of the world goes by unused, so that nothing else moves.")


def test_memory_is_not_counted_as_a_chip(base) -> None:
    then = under("hbm-unconstrained")
    found = moves(base, then)
    assert {m.chip for m in found} == {"hbm"}
    assert "moves for HBM on 1 lane" in verdict(base, then, found)


@pytest.mark.parametrize("name", ["h200-rule-repealed", "hbm-unconstrained", "full-embargo"])
def test_nothing_moves_before_the_first_day(base, name: str) -> None:
    then = under(name)
    found = moves(base, then)
    assert all(m.start >= then.start for m in found)
    assert all(m.start < QUARTERS[-1].end for m in found)
    assert all(m.before != m.after for m in found)
    keys = [(m.lane, m.chip, m.start) for m in found]
    assert len(keys) == len(set(keys))


def test_groups_hold_every_move_once(base) -> None:
    found = moves(base, under("full-embargo"))
    told = grouped(found)
    pairs = sorted((g.start, g.says, lane, chip) for g in told for lane in g.lanes for chip in g.chips)
    assert pairs == sorted((m.start, m.says, m.lane, m.chip) for m in found)
    assert 0 < len(told) < len(found)


def test_an_answer_in_words() -> None:
    assert Answer("denial", "", 0.0).words() == "denial"
    assert Answer("approval", "country_allocation", 0.0).words() == "approval, limit country allocation"
