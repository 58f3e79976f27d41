"""Collectives over two levels: nothing for one rank, ring volumes, and the slower of two wires."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.machine.collectives import distinct, exchange_seconds, gather_seconds, inside_domain, level_seconds

from .units import ONE

MACHINE = ONE.machine(8)
QUIET = replace(
    MACHINE,
    scale_up=replace(MACHINE.scale_up, latency_seconds=0.0),
    scale_out=replace(MACHINE.scale_out, latency_seconds=0.0),
)
BYTES = st.floats(0.0, 1e12)
RANKS = st.sampled_from([1, 2, 4, 8])
MORE = st.floats(1.0, 50.0)


def with_links(up: float, out: float):
    return replace(
        MACHINE,
        scale_up=replace(MACHINE.scale_up, bytes_per_s=MACHINE.scale_up.bytes_per_s * up),
        scale_out=replace(MACHINE.scale_out, bytes_per_s=MACHINE.scale_out.bytes_per_s * out),
    )


@given(sent=BYTES, operation=st.sampled_from(["all_reduce", "all_gather", "all_to_all", "send"]))
def test_one_rank_sends_nothing_in_no_time(sent, operation):
    assert level_seconds(sent, MACHINE.scale_up, operation, 1) == 0.0
    assert gather_seconds(sent, 1, 1, MACHINE) == 0.0
    assert exchange_seconds(sent, sent, 1, 1, MACHINE) == 0.0


def test_a_small_message_costs_the_latency_which_grows_with_the_logarithm_of_the_ranks():
    at = {n: float(level_seconds(0.0, MACHINE.scale_up, "all_gather", n)) for n in (2, 8, 64)}
    assert at[8] == pytest.approx(MACHINE.scale_up.latency_seconds)
    assert at[2] == pytest.approx(at[8] / 3)
    assert at[64] == pytest.approx(2 * at[8])


def test_a_large_message_runs_at_the_share_of_the_line_rate_of_its_operation():
    for operation, share in MACHINE.scale_up.efficiency.items():
        assert level_seconds(450e9 * share, QUIET.scale_up, operation, 8) == pytest.approx(1.0)


def test_a_gather_inside_one_domain_never_touches_the_fabric():
    # Seven eighths of eight gigabytes come over the link.
    inside = gather_seconds(8e9, 8, 8, QUIET)
    assert inside == pytest.approx(7e9 / (450e9 * 0.75))
    slow = with_links(1.0, 1e-3)
    assert gather_seconds(8e9, 8, 8, slow) == gather_seconds(8e9, 8, 8, MACHINE)


def test_a_gather_over_nodes_carries_only_its_own_share_over_the_card():
    near, far = 7e9 / (450e9 * 0.75), (8e9 / 8) * (3 / 4) / (50e9 * 0.75)
    assert gather_seconds(8e9, 32, 8, QUIET) == pytest.approx(near + far)
    # With one rank in each node, all of it does.
    assert gather_seconds(8e9, 32, 1, QUIET) == pytest.approx(8e9 * 31 / 32 / (50e9 * 0.75))


def test_an_all_reduce_sends_twice_what_a_gather_does():
    # all_reduce reaches 0.8 of the line inside, a gather 0.75.
    assert gather_seconds(8e9, 8, 8, QUIET, "all_reduce") == pytest.approx(14e9 / (450e9 * 0.8))


@given(sent=BYTES, inside=RANKS, nodes=st.integers(1, 64), up=MORE, out=MORE)
def test_more_bandwidth_never_makes_a_collective_slower(sent, inside, nodes, up, out):
    ranks = inside * nodes
    for machine in (with_links(up, 1.0), with_links(1.0, out)):
        assert gather_seconds(sent, ranks, inside, machine) <= gather_seconds(sent, ranks, inside, MACHINE)
        assert exchange_seconds(sent, sent / 9, ranks, inside, machine) <= exchange_seconds(
            sent, sent / 9, ranks, inside, MACHINE
        )


@given(sent=BYTES, more=MORE, inside=RANKS, nodes=st.integers(1, 64))
def test_more_bytes_never_take_less_time(sent, more, inside, nodes):
    ranks = inside * nodes
    assert gather_seconds(sent * more, ranks, inside, MACHINE) >= gather_seconds(sent, ranks, inside, MACHINE)


def test_an_exchange_takes_as_long_as_the_slower_of_its_two_wires():
    near_alone = exchange_seconds(70e9, 0.0, 16, 8, QUIET)
    far_alone = exchange_seconds(0.0, 70e9, 16, 8, QUIET)
    assert near_alone == pytest.approx(70e9 / (450e9 * 0.7))
    assert far_alone == pytest.approx(70e9 / (50e9 * 0.7))
    assert exchange_seconds(70e9, 70e9, 16, 8, QUIET) == far_alone


def test_distinct_places():
    assert distinct(1.0, 8) == 1.0
    assert distinct(256.0, 1) == pytest.approx(1.0)
    assert distinct(8.0, 1000.0) == pytest.approx(8.0)
    draws = np.random.default_rng(7).integers(0, 8, size=(20000, 8))
    seen = np.mean([len(set(row)) for row in draws])
    assert distinct(8.0, 8) == pytest.approx(seen, abs=0.02)


@pytest.mark.parametrize(
    ("ranks", "stride", "domain", "inside"),
    [
        (8, 1, 8, 8),
        (16, 1, 8, 8),
        (7, 1, 8, 7),
        (16, 4, 8, 2),
        (16, 5, 8, 1),  # the next neighbor is in the domain, the one after it is not: 8 / 5 is 1
        (16, 8, 8, 1),
        (16, 16, 8, 1),
        (4, 1, 72, 4),
        (1, 1, 1, 1),
    ],
)
def test_ranks_that_share_a_domain(ranks, stride, domain, inside):
    assert inside_domain(ranks, stride, domain) == inside


@given(ranks=st.integers(1, 4096), stride=st.integers(1, 4096), domain=st.integers(1, 1024))
def test_at_least_one_rank_and_no_more_than_the_group_share_a_domain(ranks, stride, domain):
    inside = inside_domain(ranks, stride, domain)
    assert 1 <= inside <= ranks
    assert inside_domain(ranks, stride, domain + 1) >= inside
    assert inside_domain(ranks, stride + 1, domain) <= inside
