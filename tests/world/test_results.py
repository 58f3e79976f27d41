"""What a run gives: stocks from flows, the three bases, and what is not asked for in the right words."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.errors import UsageError
from headgate.world.axes import ACCOUNTS, BLOCS, CHINA_OWNED, KINDS, LABELS, MEASURES, US_OWNED, YEARS
from headgate.world.results import KEPT, Results, place, year_ends, yearly

DRAWS, FIGURES = 7, ("rent_permitted", "packages")


def results(seed: int = 0, hazard: float = 0.1, permitted: float = 1.0, rented: float = 0.1) -> Results:
    """Return a small world with random flows; what is rented is little of what is outside."""
    draw = np.random.default_rng(seed)
    flows = draw.uniform(1, 10, (len(LABELS), DRAWS, len(ACCOUNTS), len(MEASURES))).astype(np.float32)
    flows[:, :, ACCOUNTS.index("china_rented")] *= rented
    series = np.full((len(LABELS), DRAWS, len(FIGURES)), permitted, np.float32)
    quantities = np.full((len(LABELS), DRAWS, len(KEPT)), 0.2, np.float32)
    quantities[:, :, KEPT.index("retire.hazard")] = hazard
    chips = draw.uniform(0, 5, (len(LABELS), 3, len(ACCOUNTS), 2)).astype(np.float32)
    return Results("small", flows, series, FIGURES, quantities, chips, ("one", "two"), {"seed": seed})


def account(found: Results, name: str, measure: str = "tpp") -> np.ndarray:
    return found.flows[:, :, ACCOUNTS.index(name), place(measure)]


def test_flows_by_bloc_are_sums_of_accounts() -> None:
    found = results()
    for measure in MEASURES:
        us = sum(account(found, a, measure) for a in US_OWNED)
        china = sum(account(found, a, measure) for a in CHINA_OWNED)
        np.testing.assert_allclose(found.flow("us", "owned", measure), us, rtol=1e-6)
        np.testing.assert_allclose(found.flow("china", "owned", measure), china, rtol=1e-6)
        controlled = china + account(found, "china_rented", measure)
        np.testing.assert_allclose(found.flow("china", "controlled", measure), controlled, rtol=1e-6)
        np.testing.assert_allclose(found.ratio("owned", measure, "flow"), us / china, rtol=1e-5)


@given(st.integers(0, 10**6), st.floats(0.0, 0.9), st.floats(0.0, 1.0), st.floats(0.0, 0.39))
@settings(max_examples=25)
def test_no_basis_makes_or_loses_a_chip(seed: int, hazard: float, permitted: float, rented: float) -> None:
    """Owned, located and controlled are three ways to share out the same chips."""
    found = results(seed, hazard, permitted, rented)
    for told in (found.flow, found.stock):
        whole = {kind: sum(told(bloc, kind, "fp8") for bloc in BLOCS) for kind in KINDS}
        np.testing.assert_allclose(whole["located"], whole["owned"], rtol=1e-4)
        np.testing.assert_allclose(whole["controlled"], whole["owned"], rtol=1e-4)
        for bloc in BLOCS:
            for kind in KINDS:
                assert (told(bloc, kind, "fp8") >= 0).all()
    assert (found.stock("us", "controlled", "fp8") <= found.stock("us", "owned", "fp8")).all()
    assert (found.stock("china", "controlled", "fp8") >= found.stock("china", "owned", "fp8")).all()
    assert (found.stock("us", "located", "fp8") <= found.stock("us", "owned", "fp8")).all()


def test_what_may_not_be_rented_any_more_counts_for_its_owners() -> None:
    found = results(permitted=0.0)
    np.testing.assert_array_equal(found.stock("china", "controlled", "tpp"), found.stock("china", "owned", "tpp"))
    np.testing.assert_array_equal(found.stock("us", "controlled", "tpp"), found.stock("us", "owned", "tpp"))
    assert (found.flow("china", "controlled", "tpp") > found.flow("china", "owned", "tpp")).all()


def test_stocks_are_what_is_left_of_flows() -> None:
    found = results(hazard=0.1)
    kept, stock = 0.9**0.25, 0.0
    for q in range(len(LABELS)):
        stock = stock * kept + account(found, "us_named")[q].astype(float)
        np.testing.assert_allclose(found.account_stock("tpp")[q, :, 0], stock, rtol=1e-5)
    whole = found.account_stock("tpp", retiring=False)
    np.testing.assert_allclose(whole, np.cumsum(found.flows[..., place("tpp")].astype(float), axis=0), rtol=1e-5)
    assert (found.account_stock("tpp")[1:] < whole[1:]).all()
    np.testing.assert_allclose(results(hazard=0.0).account_stock("tpp"), whole, rtol=1e-5)
    assert (found.stock("china", "owned", "tpp", retiring=False) > found.stock("china", "owned", "tpp"))[1:].all()


def test_a_year_lost_at_the_hazard_is_the_hazard() -> None:
    found = results(hazard=0.3)
    alone = replace(found, flows=np.where(np.arange(len(LABELS))[:, None, None, None] == 0, found.flows, 0))
    stock = alone.account_stock("tpp")
    np.testing.assert_allclose(stock[4], stock[0] * 0.7, rtol=1e-5)


def test_years_are_four_quarters() -> None:
    flows = np.arange(44.0)[:, None] * np.ones(3)
    assert yearly(flows)[:, 0].tolist() == [float(sum(range(4 * n, 4 * n + 4))) for n in range(len(YEARS))]
    assert year_ends(flows)[:, 1].tolist() == [float(n) for n in range(3, 44, 4)]
    assert len(year_ends(LABELS)) == len(YEARS)
    assert all(label.endswith("Q4") for label in year_ends(LABELS))


def test_nothing_over_nothing_is_a_number() -> None:
    found = results()
    empty = replace(found, flows=np.zeros_like(found.flows))
    for kind in ("stock", "flow"):
        for basis in KINDS:
            assert np.isfinite(empty.ratio(basis, "tpp", kind)).all()


def test_figures_and_quantities_are_found_by_name() -> None:
    found = results(hazard=0.25)
    assert found.draws == DRAWS
    assert found.figure("packages").shape == (len(LABELS), DRAWS)
    assert found.quantity("retire.hazard").flat[0] == 0.25


def test_a_labeled_data_set_says_what_stands_where() -> None:
    found = results(seed=3)
    data = found.dataset()
    assert data["flow"].dims == ("quarter", "draw", "account", "measure")
    assert data["chips"].dims == ("quarter", "sample", "account", "chip")
    told = data["flow"].sel(quarter="2026Q3", account="china_smuggled", measure="fp4").values
    np.testing.assert_array_equal(told, account(found, "china_smuggled", "fp4")[LABELS.index("2026Q3")])
    assert data["series"].sel(figure="packages").shape == (len(LABELS), DRAWS)
    assert set(data["quantity"].coords["quantity_id"].values) == set(KEPT)
    assert (data.attrs["name"], data.attrs["seed"]) == ("small", 3)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda r: r.flow("usa", "owned", "tpp"), "there is no bloc 'usa'"),
        (lambda r: r.flow("us", "own", "tpp"), "there is no basis 'own'; it is one of owned, located, controlled"),
        (lambda r: r.stock("us", "rented", "tpp"), "there is no basis 'rented'"),
        (lambda r: r.stock("us", "owned", "fp9"), "there is no measure 'fp9'"),
        (lambda r: r.ratio("owned", "tpp", "stocks"), "there is no kind 'stocks'; it is one of stock, flow"),
        (lambda r: r.figure("package"), "a run has no figure 'package'"),
        (lambda r: r.quantity("retire"), "there is no kept quantity 'retire'"),
    ],
)
def test_what_is_not_there_is_refused(ask, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        ask(results())
    assert says in str(refused.value)
