"""Measure the search over ways to run a job beside Calculon and llm-analysis, on one core.

    .venv/bin/python benchmarks/machines.py [--calculon DIR] [--llm-analysis DIR] [--peer-python PYTHON] [--core N]

DIR is a clone of the peer's public source; without it the peer is not run, and nothing is downloaded. The peers' own
needs (numpy, pandas and psutil; fire) must be importable by PYTHON, which is the running one unless given. Every job is
a process of its own, held to one core and one thread; rates count processor seconds, so that a busy machine does not
slow them, commands count wall seconds; memory is the peak.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
ONE_THREAD = dict.fromkeys(THREADS, "1")
RUNS = 3

# The search that Calculon's README shows: Turing-530B on 5,128 A100, batch 2,520; -m ends a branch once it fails.
CALCULON_SEARCH = (
    "bin/calculon llm-optimal-execution models/turing-530B.json 5128 2520 float16 systems/a100_80g.json {out} -m -c 1"
)
CALCULON_CHECK = "bin/calculon llm-validation"
CALCULON_ONE = """
import json, logging, time
from calculon import System
from calculon.io import read_json_file
from calculon.llm import Llm
app = Llm.Application(read_json_file("models/turing-530B.json"))
execution = read_json_file("examples/3072_t4_p64_d12_mbs4_full.json")
system = System(read_json_file("systems/a100_80g.json"))
def one():
    model = Llm(app, logging.Logger("sub"))
    model.compile(system, Llm.Execution.from_json(execution))
    model.run(system)
"""
LLM_ANALYSIS_ONE = """
import logging, time
from llm_analysis.analysis import ActivationRecomputation, LLMAnalysis
from llm_analysis.config import (ParallelismConfig, get_dtype_config_by_name, get_gpu_config_by_name,
                                 get_model_config_by_name)
logging.disable(logging.CRITICAL)
model, gpu = get_model_config_by_name("facebook_opt-175b"), get_gpu_config_by_name("a100-sxm-80gb")
dtype = get_dtype_config_by_name("w16a16e16")
def one():
    ways = ParallelismConfig(tp_size=8, pp_size=12, dp_size=4)
    LLMAnalysis(model, gpu, dtype, ways, achieved_tflops=153).training(
        batch_size_per_gpu=8, total_num_tokens=300e9, activation_recomputation=ActivationRecomputation.FULL)
"""
OURS = """
import json, sys, time
from headgate.machine.layout import Job
from headgate.machine.memory import Keeps
from headgate.machine.training import Habits
from headgate.predict.hardware import machine
from headgate.predict.models import architecture, recipe
from headgate.predict.search import Space, blocks, evaluate, search
model, chips, form, count, sequence, batch = sys.argv[1:]
job = Job(sequence=float(sequence), global_batch=float(batch))
space = Space(architecture(model), machine(chips), recipe(form), job, int(count), {}, Habits(), Keeps())
start = time.process_time()
found = search(space)
whole = time.process_time() - start
block = next(blocks(space))
evaluate(space, block)
taken = []
for _ in range(30):
    start = time.process_time()
    step, peak = evaluate(space, block)
    step.total, peak
    taken.append(time.process_time() - start)
print(json.dumps([found.evaluated, found.fitting, whole, len(block.tensor) / sorted(taken)[len(taken) // 2]]))
"""
OUR_SEARCHES = {
    "DeepSeek-V3 on 2,048 H800": ("deepseek-v3", "h800", "fp8_block", "2048", "4096", "15360"),
    "GPT-3 175B on 1,024 A100": ("gpt3-175b", "dgx-a100", "bf16", "1024", "2048", "1536"),
}
OUR_COMMAND = "train --model deepseek-v3 --machine h800 --chips 2048 --tokens 14.8T"
REPEAT = """
one()
taken = []
for _ in range(300):
    start = time.process_time()
    one()
    taken.append(time.process_time() - start)
taken.sort()
print(taken[len(taken) // 2])
"""
WATCH = """
import json, os, resource, subprocess, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
start = time.perf_counter()
found = subprocess.run(sys.argv[2:], capture_output=True, text=True)
wall = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
worked = used.ru_utime + used.ru_stime
print(json.dumps([found.returncode, found.stdout + found.stderr, wall, worked, used.ru_maxrss / 1000]))
"""


class NotRun(Exception):
    """A job that could not be run; the message says why, and stands in the table."""


class Ran(NamedTuple):
    """What one command printed, its wall and processor seconds, and its peak memory in MB."""

    text: str
    wall: float
    worked: float
    peak: float


def job(command: list[str], core: int, folder: Path | None = None) -> Ran:
    """Run one command held to one core."""
    env = {**os.environ, **ONE_THREAD}
    if folder is not None:
        env["PYTHONPATH"] = str(folder)
    watch = [sys.executable, "-c", WATCH, str(core), *command]
    done = subprocess.run(watch, capture_output=True, text=True, check=True, env=env, cwd=folder)
    code, *ran = json.loads(done.stdout)
    if code != 0:
        said = ran[0].strip().splitlines()
        raise NotRun(f"failed: {said[-1] if said else f'exit code {code}'}")
    return Ran(*ran)


def matched(pattern: str, text: str) -> float:
    """Return the number that a pattern finds last in what a peer printed."""
    found = re.findall(pattern, text)
    if not found:
        raise NotRun(f"printed nothing like {pattern!r}")
    return float(found[-1])


def spread(values: list[float], form: str) -> str:
    """Return the median of some values with the least and the most."""
    low, middle, high = (format(v, form) for v in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low} to {high})"


def source(folder: Path | None, marker: str) -> Path:
    """Return a peer's clone, or say why it is not run."""
    if folder is None or not (folder / marker).exists():
        raise NotRun("not found: not run")
    return folder.resolve()


def calculon(folder: Path | None, python: str, core: int) -> list[tuple[str, str]]:
    """Time Calculon's search and one of its configurations, and repeat its own validation."""
    clone = source(folder, "bin/calculon")
    with tempfile.TemporaryDirectory() as out:
        search = [python, *CALCULON_SEARCH.format(out=f"{out}/best.json").split()]
        runs = [job(search, core, clone) for _ in range(RUNS)]
    tried, good = (matched(rf"{word} executions: (\d+)", runs[0].text) for word in ("Total", "Good"))
    rates = [tried / run.worked for run in runs]
    one = [job([python, "-c", CALCULON_ONE + REPEAT], core, clone) for _ in range(RUNS)]
    check = job([python, *CALCULON_CHECK.split()], core, clone).text
    mean, most = (matched(rf"{word},,([\d.]+)%", check) for word in ("Ave", "Max"))
    what = f"Calculon, search of Turing-530B on 5,128 A100 ({tried:,.0f} tried, {good:,.0f} valid)"
    valid = spread([good / tried * rate for rate in rates], ",.0f")
    return [
        (what, f"{spread(rates, ',.0f')} tried/s, {valid} valid/s, {runs[0].peak:,.0f} MB"),
        (
            "Calculon, one configuration, the example of its README (64 stages)",
            f"{spread([1e3 * float(run.text) for run in one], '.2f')} ms, {one[0].peak:,.0f} MB",
        ),
        ("Calculon, error of step time on its own 8 rows", f"{mean:.2f} % mean, {most:.2f} % at most"),
    ]


def llm_analysis(folder: Path | None, python: str, core: int) -> list[tuple[str, str]]:
    """Time one configuration of llm-analysis."""
    clone = source(folder, "llm_analysis/analysis.py")
    one = [job([python, "-c", LLM_ANALYSIS_ONE + REPEAT], core, clone) for _ in range(RUNS)]
    taken = [float(run.text.split()[0]) for run in one]
    rate = spread([1 / t for t in taken], ",.0f")
    milliseconds = spread([1e3 * t for t in taken], ".2f")
    return [("llm-analysis, one configuration", f"{milliseconds} ms, {rate}/s, {one[0].peak:,.0f} MB")]


def headgate(core: int) -> list[tuple[str, str]]:
    """Time whole searches, the evaluation alone of one of their blocks, and the command from cold."""
    table = []
    for name, question in OUR_SEARCHES.items():
        runs = [job([sys.executable, "-c", OURS, *question], core) for _ in range(RUNS)]
        found = [json.loads(run.text.splitlines()[0]) for run in runs]
        evaluated, fitting = found[0][:2]
        walls, whole = [f[2] for f in found], spread([f[0] / f[2] for f in found], ",.0f")
        alone = spread([f[3] for f in found], ",.0f")
        what = f"Headgate, search of {name} ({evaluated:,} valid, {fitting:,} fit)"
        table.append((what, f"{spread(walls, '.2f')} s, {whole} valid/s, {runs[0].peak:,.0f} MB"))
        table.append((f"Headgate, one block of {name}, evaluation alone", f"{alone} valid/s"))
    return table


def command(core: int) -> list[tuple[str, str]]:
    """Time the command line without search, from cold."""
    runs = [job([sys.executable, "-m", "headgate", *OUR_COMMAND.split()], core) for _ in range(5)]
    return [(f"`headgate {OUR_COMMAND}`", f"{spread([run.wall for run in runs], '.2f')} s, {runs[0].peak:,.0f} MB")]


def rows(name: str, run, *args) -> list[tuple[str, str]]:
    """Return a peer's rows, or one row that says why it was not run."""
    try:
        return run(*args)
    except NotRun as why:
        return [(name, str(why))]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calculon", type=Path, metavar="DIR", help="clone of github.com/calculon-ai/calculon")
    parser.add_argument("--llm-analysis", type=Path, metavar="DIR", help="clone of github.com/cli99/llm-analysis")
    parser.add_argument("--peer-python", default=sys.executable, metavar="PYTHON", help="interpreter of the peers")
    parser.add_argument("--core", type=int, default=min(os.sched_getaffinity(0)), metavar="N", help="core to hold to")
    given = parser.parse_args()
    table = [
        *rows("Headgate, search", headgate, given.core),
        *rows(f"`headgate {OUR_COMMAND}`", command, given.core),
        *rows("Calculon", calculon, given.calculon, given.peer_python, given.core),
        *rows("llm-analysis", llm_analysis, given.llm_analysis, given.peer_python, given.core),
    ]
    print("| what | measured |\n|---|---|")
    for what, measured in table:
        print(f"| {what} | {measured} |")


if __name__ == "__main__":
    main()
