"""The lag in months: the published one reproduced, the compute lag, the weak link, and every refusal."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import UsageError
from headgate.world.anchors import Anchor, anchors
from headgate.world.frontier import Frontier, frontier
from headgate.world.lag import EciLag, compute_growth, compute_lag, eci_lags, lag_spread, side_by_side
from headgate.world.weak_link import BY, best_so_far, points_per_month, weak_link, weigh

PUBLISHED = anchors(metric="ECI lag: months since a US model first reached the same ECI")
# How the anchors' notes name what the table names otherwise.
SHORT = {"DeepSeek-R1-0528": "DeepSeek-R1 (May 2025)", "Qwen3-235B-Thinking": "Qwen3-235B-A22B-Thinking (Jul 2025)"}


def named(each: Anchor) -> tuple[str, str]:
    """Return the Chinese model and the one ahead of it, from `X vs Y; ...`."""
    chinese, ahead = each.notes.split(";")[0].split(" vs ")
    return SHORT.get(chinese, chinese), ahead


def off(lags: Sequence[EciLag]) -> dict[str, float]:
    """Return how far each published lag is missed, infinite where the model is not there."""
    by_name = {lag.model.split(" (MoE")[0]: lag.months for lag in lags}
    found = {}
    for each in PUBLISHED:
        months = by_name.get(named(each)[0])
        found[each.anchor_id] = abs(months - (each.value or 0)) if months is not None else float("inf")
    return found


def test_the_eighteen_published_lags_are_reproduced() -> None:
    lags = eci_lags()
    assert len(PUBLISHED) == 18 == len(lags)
    assert all(each.target == "hard" for each in PUBLISHED)
    assert max(off(lags).values()) < 0.06  # the published months have one digit
    for each, lag in zip(PUBLISHED, lags, strict=True):
        assert lag.day == each.day
        assert lag.model.startswith(named(each)[0].split(" (")[0])
        assert lag.ahead.startswith(named(each)[1])


def test_without_the_index_own_dates_ten_of_eighteen_hold() -> None:
    """What the dates of release alone give; the table's notes say where the other dates are from."""
    lags = eci_lags([replace(model, scored=model.released) for model in frontier()])
    assert sum(miss < 0.2 for miss in off(lags).values()) == 10


def test_medians_are_those_of_the_survey() -> None:
    by_year = {year: [lag.months or 0 for lag in eci_lags() if lag.day.year == year] for year in (2025, 2026)}
    assert round(median(by_year[2025]), 1) == 5.4
    assert round(median(by_year[2026]), 1) == 5.1


def model(name: str, bloc: str, day: date, eci: float | None = None, flop: float | None = None) -> Frontier:
    return replace(frontier()[0], name=name, bloc=bloc, released=day, scored=day, eci=eci, flop=flop)


def test_a_lag_can_be_missing_or_negative() -> None:
    table = [
        model("base", "CN", date(2024, 1, 1), 100),
        model("first", "CN", date(2024, 6, 1), 110),
        model("alone", "CN", date(2025, 1, 1), 130),
        model("late", "US", date(2024, 12, 1), 120),
    ]
    first, alone = eci_lags(table)
    assert (first.ahead, alone.ahead, alone.months) == ("late", "", None)
    assert first.months == pytest.approx(-183 / (365.25 / 12))
    assert eci_lags(table[:1]) == ()


def test_an_equal_score_counts_as_reached_and_is_no_new_best() -> None:
    table = [model(name, "CN", date(2024, month, 1), eci) for name, month, eci in (("a", 1, 100), ("b", 2, 100))]
    assert eci_lags(table) == ()
    table += [model("c", "CN", date(2024, 5, 1), 105), model("u", "US", date(2024, 4, 1), 105)]
    assert [lag.ahead for lag in eci_lags(table)] == ["u"]


@given(st.lists(st.tuples(st.integers(0, 1500), st.floats(80, 160)), min_size=2, max_size=12, unique=True))
def test_a_bloc_never_lags_behind_itself(points: list[tuple[int, float]]) -> None:
    """With the same models in both blocs every new best is reached on its own day."""
    days = [(date.fromordinal(738000 + n), eci) for n, eci in points]
    both = [model(f"{bloc}{n}", bloc, day, eci) for bloc in ("US", "CN") for n, (day, eci) in enumerate(days)]
    lags = eci_lags(both)
    assert all(lag.months == 0 for lag in lags)
    assert len(lags) == len(best_so_far((day, eci, "") for day, eci in days)) - 1


def test_compute_lag_at_the_end_of_2025() -> None:
    lag = compute_lag(date(2025, 12, 31))
    assert (lag.model, lag.ahead) == ("Doubao-pro", "Gemini 1.0 Ultra")
    assert lag.months == pytest.approx(24.8, abs=0.05)
    assert lag.months_at_release == pytest.approx(10.7, abs=0.05)
    assert lag.ratio == pytest.approx(5e26 / 2.505e25)


def test_compute_lag_without_the_speculative() -> None:
    lag = compute_lag(date(2025, 12, 31), sure=True)
    assert (lag.model, lag.ahead) == ("Doubao-pro", "Llama 3.1-405B")
    assert lag.ratio == pytest.approx(3.8e26 / 2.505e25)


def test_compute_lag_on_the_day_and_the_day_before() -> None:
    on, before = compute_lag(date(2024, 10, 28)), compute_lag(date(2024, 10, 27))
    assert on.model == "Doubao-pro"
    assert on.months == on.months_at_release
    assert before.model == "SenseNova 5.5"


def test_compute_lag_where_none_is_as_large() -> None:
    table = [
        model("small", "US", date(2024, 1, 1), flop=1e24),
        model("large", "CN", date(2024, 2, 1), flop=1e25),
    ]
    lag = compute_lag(date(2024, 3, 1), table)
    assert (lag.months, lag.months_at_release, lag.ahead) == (None, None, "")
    assert lag.ratio == pytest.approx(0.1)


def test_a_day_before_the_first_run_is_refused() -> None:
    with pytest.raises(UsageError, match="No training run of CN with a known compute was released by 2022-08-03"):
        compute_lag(date(2022, 8, 3))
    with pytest.raises(UsageError, match="Growth of the largest run: 2 models"):
        compute_growth(date(2022, 8, 4))


def test_growth_of_a_made_up_frontier_is_recovered() -> None:
    table = [model(str(n), "US", date(2020 + n, 1, 1), flop=1e24 * 4.0**n) for n in range(4)]
    assert compute_growth(date(2030, 1, 1), table) == pytest.approx(4.0, rel=1e-3)


def made_up(slope: float, per_year: float, noise: float = 0.0) -> list[Frontier]:
    """Return a table whose index is a line in compute and date, with some noise."""
    rng = np.random.default_rng(5)
    found = []
    for number in range(40):
        log, days = rng.uniform(23, 26), int(rng.integers(0, 1400))
        eci = slope * log + per_year * days / 365.25 + noise * rng.standard_normal()
        day = date.fromordinal(date(2022, 1, 1).toordinal() + days)
        found.append(model(str(number), ("US", "CN")[number % 2], day, eci, 10.0**log))
    return found


def test_a_made_up_link_is_recovered() -> None:
    for link in weak_link(made_up(7.0, 12.0), draws=20):
        if link.by == "compute and date":
            assert link.slope == pytest.approx(7.0, abs=1e-6)
            assert link.r2 == pytest.approx(1.0)
            assert link.residual_points == pytest.approx(0.0, abs=1e-6)
        else:
            assert link.r2 < 0.999


def test_the_interval_of_a_made_up_link_holds_the_truth() -> None:
    links = [link for link in weak_link(made_up(7.0, 12.0, noise=2.0)) if link.by == "compute and date"]
    assert all(link.slope_low < 7.0 < link.slope_high for link in links)
    pooled = links[-1]
    assert pooled.bloc == "both"
    assert pooled.residual_points == pytest.approx(2.0, rel=0.35)


def test_compute_explains_only_a_part() -> None:
    links = {(link.bloc, link.by): link for link in weak_link()}
    assert [link.count for link in links.values()] == [20] * 3 + [25] * 3 + [45] * 3
    assert {by for _, by in links} == set(BY)
    for bloc in ("US", "CN", "both"):
        alone, date_alone, both = (links[bloc, by] for by in BY)
        assert alone.r2 < date_alone.r2 < both.r2
        assert both.residual_points < alone.residual_points
        for link in (alone, date_alone, both):
            assert link.r2_low < link.r2 < link.r2_high
            assert link.slope_low < link.slope < link.slope_high
            assert link.residual_months == pytest.approx(link.residual_points / points_per_month())
    assert links["both", "compute"].r2 == pytest.approx(0.242, abs=0.001)
    assert links["both", "compute"].residual_points == pytest.approx(11.0, abs=0.01)


def test_the_fit_is_numpy_own() -> None:
    rows = [(np.log10(m.flop), m.eci) for m in frontier() if m.flop and m.eci and m.bloc == "US"]
    x, y = np.array(rows).T
    slope, _ = np.polyfit(x, y, 1)
    link = weak_link(draws=10)[0]
    assert link.slope == pytest.approx(slope)
    assert link.r2 == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)


def test_the_bootstrap_depends_on_its_seed_alone() -> None:
    assert weak_link(draws=50) == weak_link(draws=50)
    one, two = weak_link(draws=50, seed=1)[0], weak_link(draws=50, seed=2)[0]
    assert one.r2 == two.r2
    assert one.r2_low != two.r2_low


def test_weights_count_as_repeated_models() -> None:
    x = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 3.0]])
    y = np.array([1.0, 2.0, 9.0])
    once, r2 = weigh(x, y, np.array([[2.0, 1.0, 1.0]]))
    twice, same = weigh(x[[0, 0, 1, 2]], y[[0, 0, 1, 2]], np.ones((1, 4)))
    assert once == pytest.approx(twice)
    assert r2 == pytest.approx(same)


def test_too_few_models_are_refused() -> None:
    table = frontier()
    with pytest.raises(UsageError, match="Progress of the frontier: 0 models"):
        points_per_month([m for m in table if m.bloc == "CN"])
    with pytest.raises(UsageError, match="Capability and compute, CN: 0 models have the numbers, 5 are needed"):
        weak_link([m for m in table if m.bloc == "US"])
    with pytest.raises(UsageError, match="number of draws"):
        weak_link(draws=0)


def test_a_table_without_models_is_not_the_package_own() -> None:
    assert eci_lags([]) == ()
    with pytest.raises(UsageError, match="No training run of CN"):
        compute_lag(date(2026, 1, 1), [])
    with pytest.raises(UsageError, match="Progress of the frontier: 0 models"):
        weak_link([])


def test_lag_of_a_ratio() -> None:
    months, sd = lag_spread(np.array([[1.0], [8.0]]), np.array([2.0, 4.0, 8.0]))
    assert months == pytest.approx(np.array([[0, 0, 0], [36, 18, 12]]))
    assert sd == pytest.approx(3.476, abs=0.001)
    below, none = lag_spread(0.5, 2.0, residual_months=0.0)
    assert (float(below), none) == (pytest.approx(-12), 0.0)


@given(st.floats(1.01, 1e4), st.floats(1.01, 1e3), st.floats(1.01, 10))
def test_lag_rises_with_the_ratio_and_falls_with_growth(ratio: float, more: float, growth: float) -> None:
    lag, further, faster = (float(lag_spread(*pair)[0]) for pair in ((ratio, growth), (ratio * more, growth),
                                                                      (ratio, growth * more)))  # fmt: skip
    assert 0 < lag < further
    assert faster < lag
    back = float(lag_spread(1 / ratio, growth)[0])
    assert back == pytest.approx(-lag)


@pytest.mark.parametrize(
    ("ratio", "growth", "residual", "message"),
    [
        (0.0, 4.0, None, "ratio of training compute is 0, and must be finite and over 0"),
        (-1.0, 4.0, None, "ratio of training compute is -1"),
        (float("nan"), 4.0, None, "ratio of training compute is nan"),
        (float("inf"), 4.0, None, "ratio of training compute is inf"),
        (2.0, 1.0, None, "growth per year is 1, and must be finite and over 1"),
        (2.0, float("nan"), None, "growth per year is nan"),
        (2.0, 4.0, -1.0, "residual in months is -1"),
        (2.0, 4.0, float("nan"), "residual in months is nan"),
    ],
)
def test_a_ratio_without_a_lag_is_refused(ratio: float, growth: float, residual: float | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        lag_spread([3.0, ratio], growth, residual)


def test_the_observed_lag_is_far_below_what_compute_alone_implies() -> None:
    day = date(2026, 7, 31)
    observed = median(lag.months or 0 for lag in eci_lags())
    implied = float(lag_spread(compute_lag(day).ratio, compute_growth(day))[0])
    assert observed < 6
    assert implied > 3 * observed
    assert (compute_lag(day).months or 0) > 3 * observed
    lines = side_by_side(day)
    assert "5.5 months behind" in lines[0]
    assert f"{implied:.1f} months" in lines[2]


def test_side_by_side_needs_a_recent_best() -> None:
    with pytest.raises(UsageError, match="China in the last year"):
        side_by_side(date(2023, 9, 27))
    with pytest.raises(UsageError, match="China in the last year"):
        side_by_side(date(2028, 1, 1))
