"""Measure the world: whole runs, its claims from cold, its domestic chain beside other tools, and the memory's limit.

    .venv/bin/python benchmarks/world.py [--peer-python PYTHON] [--runs N] [--draws N]

PYTHON has squigglepy and PySD; without it, or without one of them, the row says so, and nothing is downloaded. Every
job is a process of its own, on all cores; seconds are wall seconds, memory is the peak of the process. A warm run is
one after the first, which compiles. The chain is the part of the world that other tools could write: dies, memory,
packaging, orders, their smooth minimum, two banks and a learning curve, 44 quarters, on the same numbers and paths.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CHAIN = Path(__file__).with_name("chain.py")
SCENARIO, DRAWS = "h200-open-at-cap", 2000
PEERS = {
    "numpy-loop": "NumPy, a loop over draws",
    "numpy-whole": "NumPy, all draws at once",
    "squigglepy": "squigglepy, its model called for each draw",
    "pysd": "PySD, the model run for each draw",
}


def worlds():
    """Return the baseline and one scenario."""
    import headgate
    from headgate.scenario.record import read_scenario
    from headgate.world.build import world

    told = read_scenario(SCENARIO)
    return world(headgate.law()), world(headgate.law(scenario=SCENARIO), told.id, told.start, told.priors)


def timed(do) -> float:
    """Return the wall seconds of a call."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def job_run(draws: str, runs: str) -> dict:
    """Time warm runs of the baseline."""
    from headgate.world.run import run

    given, _ = worlds()
    run([given], 256)
    taken = [timed(lambda: run([given], int(draws))) for _ in range(int(runs))]
    return {"seconds": taken}


def job_pair(draws: str, runs: str) -> dict:
    """Time one world, and the same with a scenario beside it, in turn."""
    from headgate.world.run import run

    one, other = worlds()
    run([one], 256)
    run([one, other], 256)
    taken = []
    for _ in range(int(runs)):
        alone = timed(lambda: run([one], int(draws)))
        taken.append(timed(lambda: run([one, other], int(draws))) / alone)
    return {"ratios": taken}


def job_compile() -> dict:
    """Time the first run with nothing kept from before, less a second one."""
    from headgate.world.run import run

    given, _ = worlds()
    first = timed(lambda: run([given], 256))
    return {"seconds": [first - timed(lambda: run([given], 256))]}


def job_bandwidth() -> dict:
    """Measure how fast memory is read and written by as many threads as there are cores: a copy, and a triad."""
    import numpy as np

    threads, size = os.cpu_count() or 1, 32 << 20
    parts = [[np.ones(size) for _ in range(3)] for _ in range(threads)]

    def copy(part):
        np.copyto(part[0], part[1])

    def triad(part):
        np.multiply(part[1], 3.0, out=part[0])
        np.add(part[0], part[2], out=part[0])

    found = {}
    with ThreadPoolExecutor(threads) as pool:
        # Bytes that the processor moves for one number: what is read, and what is written, which is read before.
        for name, do, moved in (("copy", copy, 24), ("triad", triad, 24 + 24)):
            list(pool.map(do, parts))
            taken = min(timed(lambda do=do: list(pool.map(do, parts))) for _ in range(7))
            found[name] = moved * size * threads / taken / 1e9
    return {"gb_per_s": found}


def job_inputs(name: str, draws: str) -> dict:
    """Write what the chain of each draw takes, and what the world made of it."""
    import jax
    import numpy as np

    from headgate.world.quarter.gate import ladder
    from headgate.world.quarter.horizon import capacity
    from headgate.world.quarter.values import Layout
    from headgate.world.run import normals, run

    sys.path.insert(0, str(CHAIN.parent))
    from chain import NUMBERS, PATHS, TABLES

    given, _ = worlds()
    layout = Layout(given.priors)
    z = np.concatenate([block[:count] for count, block in normals([given], int(draws), 0, None)])
    p = jax.jit(jax.vmap(layout.values))(z)
    result = run([given], int(draws))[0]
    orders = (1 - np.asarray(p["china.other_share"])) * result.figure("orders_usd")
    found = {**p, "smic_wafers": jax.vmap(capacity)({**p}), "orders_usd": orders.T}
    found["capacity_factor"] = result.figure("capacity_factor").T
    found |= {k: given.by_quarter[k] for k in TABLES if k in given.by_quarter}
    found["let_hbm"] = np.asarray(jax.vmap(ladder)(p)) @ given.gate_tables["gate_hbm"].T
    shaped = {k: np.asarray(found[k]).T if k in PATHS else np.asarray(found[k]) for k in (*NUMBERS, *PATHS, *TABLES)}
    np.savez(name, **shaped)
    return {"packages": np.asarray(result.figure("packages"))[:, :20].T.tolist()}


def job_chain(name: str, draws: str) -> dict:
    """Time our own steps of the chain alone, for many draws, compiled."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    from headgate.world.quarter import domestic

    sys.path.insert(0, str(CHAIN.parent))
    from chain import inputs

    numbers, paths, tables = inputs(name)
    times = -(-int(draws) // len(numbers["hbm.rate"]))
    many = {k: np.tile(v, times)[: int(draws)] for k, v in numbers.items()}
    along = {k: np.tile(v, (1, times))[:, : int(draws)].T.copy() for k, v in paths.items()}
    known = {"smic.wafers": 1.0, "hbm.cxmt_stacks": 1.0, "granted.presumption_of_denial": 0.0}
    known |= {"granted.case_by_case": 0.0, "granted.presumption_of_approval": 0.0}

    def one(p, path):
        def quarter(state, step):
            now, here = step
            given, let = {**known, **p, **here}, here["let_hbm"]
            now = {**now, "gate_hbm": jnp.stack([let, *[jnp.zeros(())] * 4, 1 - let])}
            used = domestic.chain(now, given, state, here["orders_usd"], here["capacity_factor"])
            return domestic.refill(now, given, state, used, here["capacity_factor"]), used["packages"]

        begun = {"die_bank": jnp.zeros(()), "hbm_bank": jnp.full((), 1e5), "wafers": jnp.zeros(())}
        return jax.lax.scan(quarter, begun, (tables, path))[1]

    run = jax.jit(jax.vmap(one))
    batch = 1024
    spans = [slice(n, n + batch) for n in range(0, int(draws) // batch * batch, batch)]
    cut = [({k: v[s] for k, v in many.items()}, {k: v[s] for k, v in along.items()}) for s in spans]

    def whole():
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return list(pool.map(lambda part: np.asarray(run(*part)), cut))

    first = whole()[0]
    taken = [timed(whole) / (len(cut) * batch) for _ in range(3)]
    return {"seconds": sorted(taken), "packages": first[:20].tolist()}


def job_bytes(draws: str) -> dict:
    """Return how many bytes a run must touch: draws made and read, results written (and read before they are)."""
    from headgate.world.axes import ACCOUNTS, LABELS, MEASURES
    from headgate.world.priors import priors
    from headgate.world.quarter.horizon import streams
    from headgate.world.quarter.step import SERIES
    from headgate.world.results import KEPT

    normals = priors().size + sum(n for _, n in streams())
    results = len(LABELS) * (len(ACCOUNTS) * len(MEASURES) + len(SERIES) + len(KEPT))
    return {"bytes": int(draws) * (normals * 8 * 2 + results * 4 * 2)}


ALL = (job_run, job_pair, job_compile, job_bandwidth, job_inputs, job_chain, job_bytes)
JOBS = {f.__name__[4:]: f for f in ALL}


def ask(*command: str, **env: str) -> dict:
    """Run a job in a process of its own; what it found, or why it failed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **env})
    if done.returncode:
        said = done.stderr.strip().splitlines()
        return {"failed": said[-1] if said else f"exit code {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def ours(*words: str, **env: str) -> dict:
    """Run a job of this file."""
    return ask(sys.executable, __file__, "--job", *words, **env)


def spread(values: list[float], form: str = ".2f") -> str:
    """Return the median of some values with the least and the most."""
    low, middle, high = (format(v, form) for v in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low} to {high})"


def rows_of_runs(draws: int, runs: int) -> list[tuple[str, str, str]]:
    """Return the rows of whole runs, and of the claims from cold."""
    many, few, pair = ours("run", str(draws), "2"), ours("run", "10000", str(runs)), ours("pair", "10000", str(runs))
    compiled = ours("compile", HEADGATE_CACHE="off")
    told = [time_of(sys.executable, "-m", "headgate", "world", "claims") for _ in range(runs)]
    table = [
        (f"{draws:,} draws, 44 quarters, all chips, warm", many, "20 s, 4,000 MB"),
        ("10,000 draws, warm", few, "2 s"),
        ("to compile it, nothing kept from before", compiled, ""),
    ]
    found = []
    for what, got, limit in table:
        shown = got.get("failed") or f"{spread(got['seconds'])} s, {got['peak_mb']:,.0f} MB"
        found.append((what, shown, limit))
    ratio = pair.get("failed") or f"{spread(pair['ratios'])} times one run"
    claims = f"{spread([t for t, _ in told])} s, {told[0][1]:,.0f} MB"
    return [
        *found,
        ("a scenario beside the baseline, 10,000 draws", ratio, "1.3"),
        ("`world claims`, cold", claims, ""),
    ]


def rows_of_memory(draws: int, seconds: float) -> list[tuple[str, str, str]]:
    """Return the rows of the limit that the memory sets."""
    got = ours("bandwidth")["gb_per_s"]
    touched = ours("bytes", str(draws))["bytes"]
    best = touched / max(got.values()) / 1e9
    return [
        ("bandwidth of memory, copy and triad in NumPy", f"{got['copy']:.1f} and {got['triad']:.1f} GB/s", ""),
        (
            f"the least for {draws:,} draws: {touched / 1e9:.1f} GB of draws and results over it",
            f"{best:.2f} s; the run takes {seconds / best:.0f} times that",
            "",
        ),
    ]


def time_of(*command: str) -> tuple[float, float]:
    """Return the wall seconds and the peak memory in MB of a command; NaN when it failed."""
    before = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    taken = time.perf_counter() - before if status == 0 else float("nan")
    return taken, used.ru_maxrss / 1000


def rows_of_chain(peer: str) -> list[tuple[str, str, str]]:
    """Return the rows of the domestic chain: ours, and other tools' on the same inputs."""
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        name = f"{folder}/inputs.npz"
        world = ours("inputs", name, str(DRAWS))
        got = {"ours": ours("chain", name, "102400")}
        for job in PEERS:
            python = peer if job in ("squigglepy", "pysd") else sys.executable
            got[job] = ask(python, str(CHAIN), job, name)
    base, found = statistics.median(got["ours"]["seconds"]), []
    for job, what in {"ours": "Headgate's steps, compiled, all cores", **PEERS}.items():
        if "failed" in got[job]:
            found.append((f"the chain: {what}", f"not run: {got[job]['failed']}", ""))
            continue
        each = statistics.median(got[job]["seconds"])
        told = f"{1e6 * each:,.2f} us a draw, {each / base:,.{int(each < 10 * base)}f} times ours"
        if got[job].get("packages"):
            apart = np.array(got[job]["packages"]) / np.array(world["packages"]) - 1
            told += f"; packages as in the world to {np.abs(apart).max():.0e}"
        found.append((f"the chain: {what}", told, ""))
    return found


def main() -> None:
    """Print the table, or do one job."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", default=sys.executable, metavar="PYTHON", help="interpreter of the peers")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="how often to run what is short (default: 5)")
    parser.add_argument("--draws", type=int, default=100_000, metavar="N", help="draws of the long run")
    parser.add_argument("--job", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.job:
        found = JOBS[given.job[0]](*given.job[1:])
        print(json.dumps({**found, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000}))
        return
    runs = rows_of_runs(given.draws, given.runs)
    shown = [*runs, *rows_of_memory(given.draws, float(runs[0][1].split()[0])), *rows_of_chain(given.peer_python)]
    print(f"load of the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| what | measured | limit |\n|---|---|---|")
    for row in shown:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
