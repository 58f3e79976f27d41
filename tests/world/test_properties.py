"""What must hold in every world, quarter and draw: nothing is lost, nothing moves early, each limit keeps its word."""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from tests.world import worlds
from tests.world.worlds import ByHand, at, by_hand, hand, tables_of

import headgate
from headgate.scenario.record import names, read_scenario
from headgate.world.axes import ACCOUNTS, LABELS, MEASURES, QUARTERS, quarter, quarter_of
from headgate.world.build import world
from headgate.world.quarter import learn
from headgate.world.results import OUTSIDE, place

# The widest there are: nothing held back, everything, allocations, sales up to the cap and over, a flood of memory.
WIDE = (
    *("", "no-controls", "full-embargo", "diffusion-enforced", "h200-open-at-cap"),
    *("h200-open-unlimited", "blackwell-open", "hbm-unconstrained"),
)
OF_PRIORS = [name for name in names() if read_scenario(name).priors and name not in WIDE]
OWNED = [n for n, name in enumerate(ACCOUNTS) if name != "china_rented"]
LEGAL = ACCOUNTS.index("china_legal")


def dies_each(found: ByHand) -> np.ndarray:
    """Return how many dies a package of the chain takes, [quarter, draw]."""
    return tables_of(found.given)["dies"][:, None] / found.p["yield.packaging"]


def used(found: ByHand) -> dict[str, np.ndarray]:
    """Return what the chain used, reckoned back from the packages that came out of it, [quarter, draw]."""
    packages, proxy = found.figure("packages"), found.account("china_proxy_fab").sum(-1)
    return {
        "bank_dies": proxy * dies_each(found),
        "stacks": packages * tables_of(found.given)["stacks"][:, None],
        "wafers": (packages - proxy) * dies_each(found) / (found.p["die.per_wafer"] * found.figure("yield")) / 1e3,
    }


def let_by(found: ByHand, gate: str) -> np.ndarray:
    """Return the share that a gate without letters lets through, [quarter, draw, ...]."""
    denial = found.p["granted.presumption_of_denial"]
    case = denial + (1 - denial) * found.p["granted.case_by_case"]
    approval = case + (1 - case) * found.p["granted.presumption_of_approval"]
    rungs = np.stack([np.ones_like(denial), np.ones_like(denial), approval, case, case, denial], -1)
    return np.einsum("q...k,qdk->qd...", tables_of(found.given)[gate], rungs)


def arrived(found: ByHand) -> dict[str, np.ndarray]:
    """Return what came into the two banks, [quarter, draw]."""
    p, tables = found.p, tables_of(found.given)
    let = let_by(found, "gate_hbm")
    foreign = (let * p["hbm.import_open"] + (1 - let) * p["hbm.import_stacks"]) / 4 * tables["after_bank"][:, None]
    bank = p["hbm.bank_stacks"] * p["hbm.usable_share"] * tables["bank_delivery"][:, None]
    own = p["hbm.cxmt"] * p["hbm.cxmt_stacks"] * found.figure("capacity_factor") / 4
    dies = 1e6 * p["die_bank.total"] * tables["die_delivery"][:, None]
    return {"hbm_bank": 1e6 * (foreign + bank + own), "die_bank": dies}


def foreign_supply(found: ByHand) -> np.ndarray:
    """Return what is left outside China of what is made abroad, from the quantities, [quarter, draw, chip]."""
    p, t, fixed = found.p, tables_of(found.given), found.given.fixed
    merchant, gb = fixed["is_merchant"], fixed["gb"]
    error = found.error[:, :, fixed["vendor"]]
    width = np.where(error < 0, t["history_below"][:, None], t["history_above"][:, None])
    past = t["history"][:, None] * np.exp(width * error)
    held = np.maximum((past * merchant * gb).sum(-1), 1)
    back = p["displacement.share"] * t["china_gb"][:, None] / held
    past = past * (1 + back[:, :, None] * merchant)
    revenue = np.stack([p[f"{v}.revenue"] for v in ("nvidia", "amd", "google", "amazon")], -1)[:, :, fixed["vendor"]]
    wanted = 1e9 * revenue * t["share"][:, None] / (t["price"][:, None] * p["foreign.price"][:, :, None])
    ratios = [
        1e6 * p["world.hbm"] / np.maximum((wanted * gb).sum(-1), 1),
        1e6 * p["world.packaging"] / np.maximum((wanted * fixed["reticles"]).sum(-1), 1),
    ]
    limit = (1 + ratios[0] ** -12 + ratios[1] ** -12) ** (-1 / 12)
    made = np.where(t["is_history"][:, None, None], past, wanted * limit[:, :, None]) * fixed["is_foreign"]
    legal = found.account("china_legal")
    taken = np.minimum((legal * gb).sum(-1) / np.maximum((made * merchant * gb).sum(-1), 1), 1)
    return made * (1 - (p["displacement.share"] * taken)[:, :, None] * merchant)


# Conservation


@pytest.mark.parametrize("name", WIDE)
def test_the_accounts_add_up_to_what_was_made(name: str) -> None:
    found = hand(name)
    chips, made = found.record["chips"], found.record["made"]
    assert np.isfinite(chips).all()
    assert chips.min() >= 0
    np.testing.assert_allclose(chips[:, :, OWNED].sum(2), made, rtol=1e-12, atol=1e-6)
    assert (made.sum(-1) > 1e4).all()


@pytest.mark.parametrize("name", WIDE)
def test_what_was_made_is_what_the_makers_could_make(name: str) -> None:
    found = hand(name)
    left, mix = foreign_supply(found), tables_of(found.given)["mix"][:, None]
    fixed, legal = found.given.fixed, found.account("china_legal")
    # China's own: packages of the chain, and what other Chinese firms delivered.
    chain = found.figure("packages")[:, :, None] * mix * fixed["is_chain"]
    others = found.account("china_domestic_other").sum(-1)[:, :, None] * mix * fixed["is_domestic_other"]
    missing = left + legal + chain + others - found.record["made"]
    scale = left.sum(-1, keepdims=True)
    assert (missing >= -1e-9 * scale).all()
    assert (missing.max() > 1e-6 * scale.max()) == (name != "no-controls")
    # What is not made is what the law keeps from third countries and nobody else takes: none where all displaces.
    outside = sum(found.account(n) for n in OUTSIDE) + found.account("china_smuggled")
    np.testing.assert_allclose(left - missing, outside, rtol=1e-9, atol=1e-6)
    third, p = left * (1 - np.where(fixed["is_captive"], 1, found.p["us.named_share"][:, :, None])), found.p
    third = third * (1 - p["us.other_share"][:, :, None])
    share, let = p["allied.share"][:, :, None], {k: let_by(found, k) for k in ("gate_allied", "gate_other")}
    denied = third * (share * (1 - let["gate_allied"]) + (1 - share) * (1 - let["gate_other"]))
    nobody = denied * (1 - p["displacement.share"][:, :, None])
    if name == "diffusion-enforced":
        assert (missing >= nobody - 1e-9 * scale).all()
        assert (missing > nobody + 1e-6 * scale).any(), "no allocation binds"
    else:
        np.testing.assert_allclose(missing, nobody, rtol=1e-6, atol=1e-9 * scale.max())


def test_chips_stand_only_in_accounts_that_can_have_them() -> None:
    found = hand("blackwell-open")
    fixed = found.given.fixed
    sold = fixed["is_merchant"] | fixed["is_special"]
    can_have = {
        **dict.fromkeys(("us_named", "us_other", "allied", "other", "china_rented"), fixed["is_foreign"]),
        **{"china_legal": sold, "china_smuggled": fixed["is_merchant"]},
        **dict.fromkeys(("china_domestic", "china_proxy_fab"), fixed["is_chain"]),
        "china_domestic_other": fixed["is_domestic_other"],
    }
    assert set(can_have) == set(ACCOUNTS)
    for name, may in can_have.items():
        chips = found.account(name)
        assert not chips[:, :, ~may].any(), name
        assert chips[:, :, may].any(), name


def test_what_is_rented_and_smuggled_keeps_within_its_shares() -> None:
    for name in ("", "full-embargo", "hbm-unconstrained"):
        found = hand(name)
        there = sum(found.account(n) for n in OUTSIDE)
        most = found.p["rental.max_share"][:, :, None]
        assert (found.account("china_rented") <= most * there * (1 + 1e-12) + 1e-9).all()
        smuggled = found.account("china_smuggled")
        sold = found.account("allied") + found.account("other") + smuggled
        assert (smuggled <= found.p["smuggling.max_share"][:, :, None] * sold * (1 + 1e-12) + 1e-9).all()
        assert smuggled.max() > 0


# Banks and the chain


@pytest.mark.parametrize("name", WIDE)
def test_dies_and_memory_used_are_what_left_the_banks(name: str) -> None:
    found = hand(name)
    took, came = used(found), arrived(found)
    for bank, what in (("die_bank", "bank_dies"), ("hbm_bank", "stacks")):
        before = found.states[bank]
        assert before.min() >= 0
        after = before + came[bank] - took[what]
        scale = np.maximum.accumulate(before + came[bank], axis=0)[:-1]
        assert (np.abs(after[:-1] - before[1:]) <= 1e-9 * scale + 1e-3).all(), bank
    wafers = found.states["wafers"][0] + np.cumsum(took["wafers"], axis=0)
    np.testing.assert_allclose(found.states["wafers"][1:], wafers[:-1], rtol=1e-9, atol=1e-9)
    assert took["bank_dies"].sum(0).max() > 1e5
    assert took["stacks"].sum(0).max() > 1e6


def test_no_link_of_the_chain_gives_more_than_it_has() -> None:
    for name in WIDE:
        found = hand(name)
        packages, took = found.figure("packages"), used(found)
        for link in ("dies", "memory", "packaging"):
            assert (packages <= found.figure(f"limit_{link}") * (1 + 1e-12)).all(), link
        assert (took["bank_dies"] <= found.states["die_bank"] * found.p["die_bank.rate"] * (1 + 1e-9) + 1e-3).all()
        assert (took["stacks"] <= found.states["hbm_bank"] * found.p["hbm.rate"] * (1 + 1e-9)).all()
        at_hand = found.p["smic_wafers"] * found.p["smic.wafers"] * found.p["smic.ai_share"]
        assert (took["wafers"] <= at_hand * found.figure("capacity_factor") * (1 + 1e-9)).all()


def test_the_yield_follows_its_curve_and_never_falls() -> None:
    found = hand()
    p, wafers = found.p, found.states["wafers"]
    curve = 1 - (1 - p["yield.first"]) * (1 + wafers / p["yield.first_wafers"]) ** -p["yield.learning"]
    np.testing.assert_allclose(found.figure("yield"), curve, rtol=1e-12)
    assert (np.diff(found.figure("yield"), axis=0) >= -1e-15).all()
    assert found.figure("yield").max() < 1


@pytest.mark.parametrize("name", WIDE)
def test_china_spends_no_more_than_it_has(name: str) -> None:
    found = hand(name)
    parts = [found.figure(f"{channel}_usd") for channel in ("legal", "domestic", "smuggled", "rented")]
    assert min(part.min() for part in parts) >= 0
    assert (sum(parts) <= found.figure("budget_usd") * (1 + 1e-9)).all()
    assert (found.figure("domestic_usd") <= found.figure("orders_usd") * (1 + 1e-9)).all()


# The cap


@pytest.mark.parametrize("name", WIDE)
def test_what_is_sold_under_the_cap_never_exceeds_it(name: str) -> None:
    found = hand(name)
    fixed, p = found.given.fixed, found.p
    counted = np.where(fixed["is_special"], p["cap.us_volume_counted"][:, :, None], 1)
    volume = found.states["us_volume"][:, :, fixed["volume_of"]] * counted
    sold, most = found.states["sold_under_cap"], p["cap.us_volume_share"][:, :, None] * volume
    assert (sold <= most * (1 + 1e-12) + 1e-6).all()
    assert (np.diff(sold, axis=0) >= 0).all()
    if name == "h200-open-at-cap":
        assert (sold[-1] > 0.5 * most[-1])[most[-1] > 0].any()


def test_a_cap_that_begins_in_mid_quarter_counts_no_more_than_it_holds() -> None:
    found = hand("h200-open-unlimited")
    q = quarter("2028Q1")
    now = at(tables_of(found.given), q)
    now["capped"] = np.where(now["gate_unlisted"][:, 0] > 0, 0.5, 0.0)
    now["gate_unlisted"] = np.eye(6)[np.zeros(len(now["capped"]), int)]
    state = {**at(found.states, q), "us_volume": np.zeros_like(found.states["us_volume"][q])}
    after, record = worlds.the_step()(state, now, at(found.p, q), found.error[q])
    assert np.asarray(record["chips"])[:, LEGAL].max() > 100
    assert (np.asarray(after["sold_under_cap"]) == state["sold_under_cap"]).all()


# Nothing early, nothing for nothing


@pytest.mark.parametrize("text", [worlds.EMPTY, worlds.SAID_AGAIN], ids=["empty", "said again"])
def test_a_scenario_that_changes_nothing_is_bit_for_bit_the_baseline(text: str, tmp_path: Path) -> None:
    draft = worlds.draft(tmp_path, text)
    assert len(draft.changes) == text.count("[[prior]]")
    found, plain = by_hand(draft), hand()
    for key in plain.record:
        assert found.record[key].tobytes() == plain.record[key].tobytes(), key
    for key in plain.states:
        assert found.states[key].tobytes() == plain.states[key].tobytes(), key
    assert {k: v for k, v in draft.fingerprints().items() if k != "changes"} == {
        k: v for k, v in worlds.baseline().fingerprints().items() if k != "changes"
    }


@pytest.mark.parametrize("name", [*OF_PRIORS, *WIDE[1:]])
def test_nothing_moves_before_a_scenario_begins(name: str) -> None:
    """What a scenario changes of the quantities, or of quantities and law; of law alone, `test_washington` has all."""
    told = read_scenario(name)
    q = quarter_of(told.start)
    draft = worlds.scenario(name) if name in WIDE else world(headgate.law(), told.id, told.start, told.priors)
    found, plain = by_hand(draft, through=q), hand()
    assert q == 0 or QUARTERS[q - 1].end <= told.start
    for key in plain.record:
        assert found.record[key][:q].tobytes() == plain.record[key][:q].tobytes(), key
    for key in plain.states:
        assert found.states[key].tobytes() == plain.states[key][: q + 1].tobytes(), key


@pytest.mark.parametrize("name", [*OF_PRIORS, *WIDE[1:]])
def test_a_scenario_moves_what_it_names_and_no_other_quantity(name: str) -> None:
    told = read_scenario(name)
    draft = worlds.scenario(name) if name in WIDE else world(headgate.law(), told.id, told.start, told.priors)
    p, error = worlds.quantities(draft, worlds.drawn(draft, worlds.DRAWS))
    moved = {id for id, plain in hand().p.items() if p[id].tobytes() != plain.tobytes()}
    assert moved - {"smic_wafers"} == {c.prior for c in told.priors}
    assert error.tobytes() == hand().error.tobytes()
    if name in WIDE:
        assert (hand(name).record["chips"] != hand().record["chips"]).any()


def test_feedback_of_no_strength_is_the_model_without_feedback(monkeypatch: pytest.MonkeyPatch) -> None:
    told = hand("no-feedback")
    monkeypatch.setattr(learn, "capacity_factor", lambda p, state: jnp.ones(()))
    monkeypatch.setattr(learn, "performance_factor", lambda p, state: jnp.ones(()))
    monkeypatch.setattr(learn, "preference_factor", lambda p, state: jnp.ones(()))
    without = by_hand(worlds.baseline(), do=worlds.compiled_step())
    for key in told.record:
        assert told.record[key].tobytes() == without.record[key].tobytes(), key
    assert (told.figure("capacity_factor") == 1).all()
    assert (told.record["quality"] == 1).all()
    assert (told.record["chips"] != hand().record["chips"]).any()


# Gates


def test_a_looser_law_permits_no_less_in_every_quarter() -> None:
    plain, loose, strict = (hand(name).record["permitted"] for name in ("", "no-controls", "full-embargo"))
    first = quarter_of(read_scenario("full-embargo").start)
    assert (loose >= plain - 1e-15).all()
    assert (loose[-1] >= 1 - hand().p["china.listed_share"][-1][:, None]).all()
    assert (strict[first:] <= plain[first:] + 1e-15).all()
    assert (loose > plain).any()
    assert (strict < plain).any()


# One step at equal state

STEPS = (8, 12, 16, 20, 32)


def again(found: ByHand, q: int, p: dict | None = None, **state: np.ndarray) -> dict[str, np.ndarray]:
    """Return the record of a quarter taken again from the same state, with some things changed."""
    given = {**at(found.p, q), **(p or {})}
    return worlds.the_step()({**at(found.states, q), **state}, at(tables_of(found.given), q), given, found.error[q])[1]


def account(record: dict[str, np.ndarray], name: str) -> np.ndarray:
    return np.asarray(record["chips"])[:, ACCOUNTS.index(name)]


@pytest.mark.parametrize("q", STEPS, ids=[LABELS[q] for q in STEPS])
def test_more_enforcement_never_smuggles_more(q: int) -> None:
    found = hand()
    plain = account(again(found, q), "china_smuggled")
    doubled = np.minimum(2 * found.p["smuggling.detection"][q], 0.99)
    for change in (
        {"smuggling.detection": doubled},
        {"smuggling.location_verification": found.p["smuggling.location_verification"][q] + 0.5},
        {"smuggling.ease": 0.5 * found.p["smuggling.ease"][q]},
    ):
        less = account(again(found, q, change), "china_smuggled")
        assert (less <= plain * (1 + 1e-12) + 1e-9).all(), change
        assert (less < plain).any(), change


@pytest.mark.parametrize("q", STEPS, ids=[LABELS[q] for q in STEPS])
def test_more_of_any_input_never_makes_fewer_packages(q: int) -> None:
    found = hand()
    packages = np.asarray(again(found, q)["series"])[:, 7]
    assert (packages == found.figure("packages")[q]).all()
    for change in ("hbm_bank", "die_bank", "wafers"):
        more = again(found, q, **{change: 2 * found.states[change][q]})
        assert (np.asarray(more["series"])[:, 7] >= packages * (1 - 1e-12)).all(), change
    for id in ("domestic.packaging", "smic.ai_share", "hbm.rate", "yield.first", "china.budget"):
        raised = {id: np.minimum(1.3 * found.p[id][q], 0.99 if "share" in id or "yield" in id else np.inf)}
        more = again(found, q, raised)
        assert (np.asarray(more["series"])[:, 7] >= packages * (1 - 1e-12)).all(), id


# Measures of the same chips


def test_the_gap_opens_from_memory_to_arithmetic_to_the_narrowest_format() -> None:
    """Memory bandwidth, then FP8, then FP4: three ratios of the same chips; the order is hard, the levels are not."""
    chips, factors = hand().record["chips"], worlds.baseline().conversion.factors
    end = quarter("2026Q4") + 1
    found = {}
    for measure in ("memory_bandwidth", "fp8", "fp4"):
        flows = chips[:end].sum(0) @ factors[:, list(MEASURES).index(measure)]
        china = flows[:, [n for n in OWNED if ACCOUNTS[n].startswith("china")]].sum(1)
        found[measure] = flows[:, :2].sum(1) / china
    assert (found["memory_bandwidth"] < found["fp8"]).all()
    assert np.median(found["fp8"]) < np.median(found["fp4"])
    assert (found["fp8"] < found["fp4"]).mean() > 0.8


@pytest.mark.parametrize("id", ["ai-overwatch", "h200-rule-repealed"])
def test_denying_chips_raises_no_legal_import_by_much(id: str) -> None:
    # Denying what nobody sells any more must not bring a chip made for China back.
    before, after = worlds.run([worlds.baseline(), worlds.scenario(id)], 64)
    legal = ACCOUNTS.index("china_legal")
    for measure in ("fp8", "memory_bandwidth"):
        then, now = (r.flows[16:, :, legal, place(measure)].sum(axis=0, dtype=float) for r in (before, after))
        assert np.median(now / then) < 1.02
