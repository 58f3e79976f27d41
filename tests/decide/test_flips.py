"""Which chips flip: representative destinations give what deciding every destination gives."""

import time
from datetime import date

import pytest

from headgate.catalog.country_names import countries
from headgate.decide.flips import clean_row, flips, groups
from headgate.decide.one import decider

PAIRS = [
    (date(2023, 10, 22), date(2023, 11, 18)),
    (date(2024, 3, 14), date(2024, 5, 31)),
    (date(2025, 5, 14), date(2025, 5, 15)),
    (date(2026, 1, 1), date(2026, 9, 1)),
]
SAMPLE = ["nvidia-a800-sxm4-80", "nvidia-rtx-4090", "nvidia-h20-96", "intel-gaudi3"]


def every_country():
    return sorted(set(countries().names) - set(countries().counted_as))


def answers(item, code, day):
    d = decider().decide(clean_row(item, code, day), "clean", None)
    return {"enforced": (d.outcome, d.review_policy), "printed": (d.outcome_printed, d.review_policy_printed)}


def by_brute_force(first, second, items):
    found = set()
    for item in items:
        for code in every_country():
            a, b = answers(item, code, first), answers(item, code, second)
            moves = {}
            for track in ("enforced", "printed"):
                if a[track][0] != b[track][0]:
                    moves[track] = ("outcome", a[track][0], b[track][0])
                elif a[track][1] != b[track][1]:
                    moves[track] = ("review_policy", a[track][1], b[track][1])
            if moves.get("printed") == moves.get("enforced"):
                moves.pop("printed", None)
            found |= {(track, *move, item, code) for track, move in moves.items()}
    return found


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_flips_are_those_of_every_destination(first, second):
    quick = flips(decider(), first, second, SAMPLE)
    spread = {(f.track, f.what, f.before, f.after, i, c) for f in quick for i in f.items for c in f.destinations}
    assert spread == by_brute_force(first, second, SAMPLE)


def test_every_destination_is_in_one_group():
    found = groups(decider(), PAIRS[0])
    assert sorted(code for group in found for code in group) == every_country()
    assert "HK" not in every_country()
    assert len(found) < 60


def test_destinations_that_a_provision_names_stand_alone():
    alone = {group[0] for group in groups(decider(), PAIRS[0]) if len(group) == 1}
    assert {"CN", "MO", "RU", "AE", "UA", "US"} <= alone


def test_the_a800_flips_in_2023():
    found = flips(decider(), *PAIRS[0], ["nvidia-a800-sxm4-80"])
    first = found[0]
    assert (first.track, first.what, first.before) == ("enforced", "outcome", "no_license_required")
    assert first.after == "license_required"
    assert {"CN", "MO", "VN", "SA"} <= set(first.destinations)
    assert {"US", "DE", "RU"}.isdisjoint(first.destinations)


def test_the_printed_text_is_named_where_it_is_another_change():
    found = flips(decider(), date(2025, 5, 14), date(2025, 5, 15), ["nvidia-h100-sxm"])
    assert [f for f in found if f.track == "enforced"] == []
    printed = {c for f in found if f.track == "printed" and f.what == "outcome" for c in f.destinations}
    assert {"DE", "BR"} <= printed


def test_nothing_flips_between_equal_laws():
    assert flips(decider(), date(2024, 6, 1), date(2024, 6, 2)) == ()


def test_the_whole_catalog_takes_seconds():
    begun = time.perf_counter()
    flips(decider(), *PAIRS[0])
    assert time.perf_counter() - begun < 15
