"""The chain of chips made in China, 44 quarters of it, as other tools would write it: NumPy, squigglepy, PySD.

    python benchmarks/chain.py JOB INPUTS.npz

JOB is one of `JOBS`. It runs under any interpreter that has the tool; Headgate is not imported. INPUTS is what
`benchmarks/world.py` wrote: for each draw the numbers and paths of the world's own chain. Prints one JSON object:
seconds a draw, draws timed, and the packages that came out of the first draws, to be held against the world's.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

QUARTERS, TINY = 44, 1e-12
TABLES = ("dies", "stacks", "domestic_price", "die_delivery", "bank_delivery", "after_bank")
NUMBERS = (
    *("die.per_wafer", "yield.first", "yield.first_wafers", "yield.learning", "yield.packaging", "smic.ai_share"),
    *("die_bank.total", "die_bank.rate", "die_bank.own_weight", "hbm.bank_stacks", "hbm.usable_share", "hbm.rate"),
    *("hbm.import_stacks",),
)
PATHS = ("smic_wafers", "domestic.packaging", "hbm.cxmt", "hbm.import_open", "orders_usd", "capacity_factor", "let_hbm")


def smooth_min(limits):
    """Return the smooth minimum of four limits."""
    least = limits[0]
    for x in limits[1:]:
        least = np.minimum(least, x)
    return least * sum((least / np.maximum(x, TINY)) ** 12.0 for x in limits) ** (-1 / 12)


def chain(p, path, table):
    """Run all quarters; numbers, or arrays over draws."""
    die_bank, hbm_bank, wafers, found = 0.0, 1e5, 0.0, []
    for q in range(QUARTERS):
        rate = 1.0 - (1.0 - p["yield.first"]) * (1.0 + wafers / p["yield.first_wafers"]) ** -p["yield.learning"]
        good, factor = p["die.per_wafer"] * rate, path["capacity_factor"][q]
        own = 1e3 * path["smic_wafers"][q] * p["smic.ai_share"] * factor * good
        bank = die_bank * p["die_bank.rate"]
        each = table["dies"][q] / p["yield.packaging"]
        limits = (
            path["orders_usd"][q] / table["domestic_price"][q],
            (own + bank) / each,
            hbm_bank * p["hbm.rate"] / table["stacks"][q],
            1e3 * path["domestic.packaging"][q] * factor,
        )
        packages = smooth_min(limits)
        dies = packages * each
        share = dies * bank / np.maximum(bank + p["die_bank.own_weight"] * own, 1e-9)
        from_bank = np.minimum(np.maximum(share, dies - own), bank)
        let = path["let_hbm"][q]
        foreign = (let * path["hbm.import_open"][q] + (1.0 - let) * p["hbm.import_stacks"]) / 4.0
        came = foreign * table["after_bank"][q] + path["hbm.cxmt"][q] * factor / 4.0
        came = came + p["hbm.bank_stacks"] * p["hbm.usable_share"] * table["bank_delivery"][q]
        die_bank = die_bank + 1e6 * p["die_bank.total"] * table["die_delivery"][q] - from_bank
        hbm_bank = hbm_bank + 1e6 * came - packages * table["stacks"][q]
        wafers = wafers + (dies - from_bank) / good / 1e3
        found.append(packages)
    return np.array(found)


def inputs(name):
    """Return numbers [draw], paths [quarter, draw] and tables [quarter] by name."""
    held = np.load(name)
    return {k: held[k] for k in NUMBERS}, {k: held[k] for k in PATHS}, {k: held[k] for k in TABLES}


def each_draw(p, path, table, draws):
    """Return the function that runs some draws one after the other, in a loop of Python."""

    def run():
        return [chain({k: v[d] for k, v in p.items()}, {k: v[:, d] for k, v in path.items()}, table) for d in draws]

    return run


def numpy_loop(p, path, table):
    """NumPy, one draw after the other."""
    return each_draw(p, path, table, range(300)), 300


def numpy_whole(p, path, table):
    """NumPy, all draws at once: the quarters are the only loop."""
    return lambda: chain(p, path, table).T, len(p["hbm.rate"])


def squiggle(p, path, table):
    """Squigglepy: every number and the ends of every path sampled in the model, which is called for each draw."""
    import squigglepy as sq

    low, high = ({k: np.quantile(v, at) for k, v in p.items()} for at in (0.05, 0.95))
    ends = {k: np.quantile(v, (0.05, 0.95), axis=1) for k, v in path.items()}
    spread = {k: sq.const(low[k]) if low[k] == high[k] else sq.lognorm(low[k], high[k]) for k in p}
    along = {
        k: [sq.lognorm(max(v[0, q], 1e-9), max(v[1, q], 2e-9)) for q in range(0, QUARTERS, 6)] for k, v in ends.items()
    }
    knots, quarters = np.arange(0, QUARTERS, 6), np.arange(QUARTERS)

    def model():
        numbers = {k: sq.sample(s) for k, s in spread.items()}
        paths = {k: np.interp(quarters, knots, [sq.sample(s) for s in v]) for k, v in along.items()}
        return chain(numbers, paths, table)[19]

    return lambda: sq.sample(model, n=200), 200


MDL = """{UTF-8}
yield= 1-(1-yield first)*(1+wafers/yield first wafers)^(-yield learning) ~~|
good= die per wafer*yield ~~|
own= 1000*smic wafers*smic ai share*capacity factor*good ~~|
bank= die bank*die bank rate ~~|
each= dies table/yield packaging ~~|
ordered= orders usd/domestic price ~~|
by dies= (own+bank)/each ~~|
by memory= hbm bank*hbm rate/stacks table ~~|
by packaging= 1000*domestic packaging*capacity factor ~~|
least= MIN(MIN(ordered,by dies),MIN(by memory,by packaging)) ~~|
packages= least*((least/ordered)^12+(least/by dies)^12+(least/by memory)^12+(least/by packaging)^12)^(-1/12) ~~|
dies= packages*each ~~|
share= dies*bank/MAX(bank+die bank own weight*own,1e-09) ~~|
from bank= MIN(MAX(share,dies-own),bank) ~~|
foreign= (let hbm*hbm import open+(1-let hbm)*hbm import stacks)/4*after bank ~~|
came= 1e+06*(foreign+hbm cxmt*capacity factor/4+hbm bank stacks*hbm usable share*bank delivery) ~~|
die bank= INTEG(1e+06*die bank total*die delivery-from bank,0) ~~|
hbm bank= INTEG(came-packages*stacks table,100000) ~~|
wafers= INTEG((dies-from bank)/good/1000,0) ~~|
"""
TIMES = {"INITIAL TIME": 0, "FINAL TIME": QUARTERS - 1, "TIME STEP": 1, "SAVEPER": 1}


def pysd_model(p, path, table):
    """PySD: the chain as a Vensim model, stocks integrated by quarters; numbers and paths are given to each run."""
    import warnings

    import pandas as pd
    import pysd

    warnings.filterwarnings("ignore")
    named = {"dies": "dies table", "stacks": "stacks table"}
    word = {k: named.get(k, k.replace(".", " ").replace("_", " ")) for k in (*NUMBERS, *PATHS, *TABLES)}
    text = MDL + "".join(f"{name}= {value} ~~|\n" for name, value in TIMES.items())
    text += "".join(f"{name}= 1 ~~|\n" for name in word.values())
    file = Path(tempfile.mkdtemp()) / "chain.mdl"
    file.write_text(text, encoding="utf-8")
    model = pysd.read_vensim(str(file))
    fixed = {word[k]: pd.Series(v.astype(float)) for k, v in table.items()}

    def one(d):
        told = {word[k]: float(v[d]) for k, v in p.items()}
        told |= {word[k]: pd.Series(v[:, d]) for k, v in path.items()}
        return model.run(params={**fixed, **told}, return_columns=["packages"])["packages"].to_numpy()

    return lambda: [one(d) for d in range(20)], 20


JOBS = {"numpy-loop": numpy_loop, "numpy-whole": numpy_whole, "squigglepy": squiggle, "pysd": pysd_model}


def main():
    """Run one job once to warm up and three times for time."""
    job, name = sys.argv[1:]
    run, draws = JOBS[job](*inputs(name))
    found, taken = run(), []
    for _ in range(3):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) / draws)
    packages = np.asarray(found, dtype=float)
    shown = packages[:20].tolist() if packages.ndim == 2 else []
    median = float(np.median(packages[:, 19] if packages.ndim == 2 else packages))
    print(json.dumps({"seconds": sorted(taken), "draws": draws, "packages": shown, "median_2026q4": median}))


if __name__ == "__main__":
    main()
