"""Leave whole groups, chips, models and scales out, fit everything again without them, and see how far off they come.

    python scripts/leave_out.py            writes data/fit/leave_out.csv and leave_out.toml (about fifteen minutes)
    python scripts/leave_out.py training   does one kind again and keeps what is there of the other (or: serving)

Unlike the quick check at the end of `scripts/fit_training.py`, which only forgets the residuals of what is left out,
nothing that was fitted has seen it here: scalars, spreads, noise and band are all fitted again (the band of serving is
not: it is the one that holds nine in ten rows with their group left out). Kernel constants stay, since they come from
kernels timed alone, never from a run. A chip left out is predicted as one that was never measured, with the wider band
that the program gives such a chip.
"""

import csv
import datetime
import math
import os
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two folds side by side, one core each
sys.path.insert(0, str(Path(__file__).resolve().parent))

import fit_serving as serving
import fit_training as training
import numpy as np

from headgate.predict import calibrated
from headgate.predict.agree import Band, agreement, constant_seconds, fitted_hash
from headgate.predict.agree.scores import score
from headgate.predict.calibrated import FIT
from headgate.predict.effects import fit_effects
from headgate.predict.runs import run_of_row
from headgate.predict.training import predict

FOLDS = 8
SAYS = {
    "group": "chip, model and precision never seen together",
    "chip": "no run of the chip was seen",
    "model": "no run of the model was seen",
    "scale": "the same chip, model and precision were seen on fewer chips",
}
# What must be reached and what is good, by slice, quantity and kind of model; and what others reached on other rows:
# one efficiency on rows kept aside from these, AIConfigurator 0.12 on 212 of its own published measurements.
BARS = {
    ("group", "step_time_s", "dense"): (0.08, 0.05, 0.127),
    ("group", "step_time_s", "moe"): (0.14, 0.09, 0.221),
    ("chip", "step_time_s", "all"): (0.20, 0.13, 0.32),
    ("scale", "step_time_s", "all"): (0.06, 0.04, 0.073),
    ("group", "tpot_ms", "all"): (0.18, 0.10, 0.205),
    ("group", "ttft_ms", "all"): (0.40, 0.25, 0.49),
}
CAVEAT = (
    "The form of the model, its factors and the priors of its scalars were chosen while looking at the error of these "
    "rows with their group left out, so that the figures are slightly optimistic; rows that nobody here has seen are "
    "the real test."
)
IN_FILE = {"tpot": ("tpot_ms", 1e3), "ttft": ("ttft_ms", 1e3), "rate": ("tokens_per_s_per_chip", 1.0)}


@dataclass(frozen=True, slots=True)
class Fold:
    """What is left out together: the slice it belongs to, a name, and the rows."""

    slice: str
    name: str
    rows: frozenset[str]


@dataclass(frozen=True, slots=True)
class Blind:
    """One measured quantity of one row, predicted by a model that had not seen it."""

    slice: str
    fold: str
    row_id: str
    quantity: str
    arch: str
    scored: bool
    measured: float
    band: Band
    constant: float = math.nan


def dealt(keys: Mapping[str, str], folds: int) -> list[set[str]]:
    """Deal rows into folds by key, the largest key first to the emptiest fold, so that no key is divided."""
    by_key = defaultdict(set)
    for row_id, key in keys.items():
        by_key[key].add(row_id)
    dealt: list[set[str]] = [set() for _ in range(folds)]
    for _, rows in sorted(by_key.items(), key=lambda item: (-len(item[1]), item[0])):
        min(dealt, key=len).update(rows)
    return dealt


def folds(rows: Iterable[Mapping[str, str]]) -> list[Fold]:
    """Return every fold of every slice of training."""
    rows = list(rows)
    found = []
    for kind in ("group", "model"):
        parts = dealt({r["row_id"]: r[kind] for r in rows}, FOLDS)
        found += [Fold(kind, str(number + 1), frozenset(part)) for number, part in enumerate(parts)]
    chip_of = {r["row_id"]: r["chip_id"] or r["chip"] for r in rows}
    for chip in sorted(set(chip_of.values())):
        found.append(Fold("chip", chip, frozenset(i for i, c in chip_of.items() if c == chip)))
    counts = defaultdict(set)
    for r in rows:
        counts[r["group"]].add(int(r["chips"]))
    # Of each group that was measured at more than one count, the largest: one fold for each family of chips.
    largest = [r for r in rows if len(counts[r["group"]]) > 1 and int(r["chips"]) == max(counts[r["group"]])]
    family = {r["row_id"]: run_of_row(r).machine.chip.family for r in largest}
    for name in sorted(set(family.values())):
        found.append(Fold("scale", name, frozenset(i for i, f in family.items() if f == name)))
    return found


def silent(_: str) -> None:
    """Say nothing."""


def predicted(fold: Fold) -> list[Blind]:
    """Fit training without a fold, and predict its rows."""
    rows = training.rows()
    fit, used, done, y = training.fit_all(silent, [r for r in rows if r["row_id"] not in fold.rows])
    trust = np.array([training.TRUST[r["verify"]] for r in used])
    levels = training.levels_of_rows(done, fit)
    fit = replace(fit, band=calibrated.fit().band)
    known = fit_effects(levels, y, fit.spread, fit.noise, trust)
    timed = {r.id: r for r in agreement("training") if r.quantity == "step_time_s"}
    others = [r for i, r in timed.items() if i not in fold.rows]
    found = []
    for raw in (r for r in rows if r["row_id"] in fold.rows and r["row_id"] in timed):
        run = run_of_row(raw)
        if fold.slice == "chip":
            run = replace(run, machine=replace(run.machine, published_only=True))
        row = timed[run.id]
        band = predict(run, fit, known).quantities["step_time_s"]
        flat = constant_seconds(row, others)
        found.append(Blind(fold.slice, fold.name, row.id, row.quantity, row.arch, row.scored, row.measured, band, flat))
    return found


def all_training() -> list[Blind]:
    """Run every fold of training, two side by side."""
    work = folds(training.rows())
    found = []
    with ProcessPoolExecutor(2) as pool:
        for fold, rows in zip(work, pool.map(predicted, work), strict=True):
            own = score([(b.band, b.measured) for b in rows])
            print(f"{fold.slice:6s}{fold.name:24s}{own.rows:4d} rows, median {own.middle:.3f}, in {own.covered:.2f}")
            sys.stdout.flush()
            found += rows
    return found


def all_serving() -> list[Blind]:
    """Leave groups, chips and models of serving out, one at a time."""
    data = serving.rows()
    trust = np.array([row.trust for row in data])
    point, _, _, _ = serving.fit(data, trust, np.zeros(len(serving.SCALARS)), 8)
    bands = serving_bands()
    found = []
    for kind in ("group", "chip", "model"):
        errors, spreads = serving.left_out(kind, data, point)
        for row, error, sd in zip(data, errors, spreads, strict=True):
            quantity, unit = IN_FILE[row.quantity]
            middle = row.measured * math.exp(-error) * unit
            wide = math.exp(max(sd, serving.LEAST[row.quantity]) * bands[row.quantity])
            arch = "moe" if row.case.architecture.experts else "dense"
            band = (middle, middle / wide, middle * wide)
            found.append(Blind(kind, row.keys[kind], row.id, quantity, arch, True, row.measured * unit, band))
        print(f"serving by {kind}: {len(data)} quantities", flush=True)
    return found


def serving_bands() -> Mapping[str, float]:
    """Return the half-width of the bands of serving, in standard deviations."""
    from headgate.predict.serving.fit import serving_fit

    return serving_fit().band


def tables(found: list[Blind]) -> Iterator[str]:
    """Yield the lines of the summary, a table for each slice, quantity and kind of model."""
    for kind, says in SAYS.items():
        for quantity in ("step_time_s", "tokens_per_s_per_chip", "tpot_ms", "ttft_ms"):
            for arch in ("dense", "moe", "all"):
                own = [b for b in found if (b.slice, b.quantity) == (kind, quantity)]
                own = [b for b in own if b.scored and arch in ("all", b.arch)]
                if own:
                    yield from ("", "[[slice]]", f'name = "{kind}"', f'says = "{says}"')
                    yield from (f'quantity = "{quantity}"', f'arch = "{arch}"', *scores(own))
                    if (kind, quantity, arch) in BARS:
                        must, good, others = BARS[kind, quantity, arch]
                        yield from (f"must = {must}", f"good = {good}", f"others = {others}")


def scores(own: list[Blind]) -> Iterator[str]:
    """Yield the scores of some rows, and of the constant efficiency where there is one."""
    ours = score([(b.band, b.measured) for b in own])
    yield from (f"rows = {ours.rows}", f"fits = {len({b.fold for b in own})}")
    yield from (f"median = {ours.middle:.4f}", f"p90 = {ours.high:.4f}", f"bias = {ours.bias:.4f}")
    yield f"in_band = {ours.covered:.4f}"
    if flat := [((b.constant, 0.0, 0.0), b.measured) for b in own if b.constant == b.constant]:
        constant = score(flat)
        yield from (f"constant_median = {constant.middle:.4f}", f"constant_p90 = {constant.high:.4f}")


HEADER = ["slice", "fold", "row_id", "quantity", "arch", "scored", "measured", "median", "low", "high", "constant"]


def kept(quantities: Iterable[str]) -> list[Blind]:
    """Return what an earlier run left of some quantities."""
    with (FIT / "leave_out.csv").open(encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if r["quantity"] in set(quantities)]
    return [
        Blind(
            *(r[k] for k in HEADER[:5]),
            r["scored"] == "1",
            float(r["measured"]),
            (float(r["median"]), float(r["low"]), float(r["high"])),
            float(r["constant"] or "nan"),
        )
        for r in rows
    ]


def hashes(kinds: Iterable[str]) -> dict[str, str]:
    """Return of which calibration the rows tell: for what was run the one of today, for the rest that of its run."""
    path = FIT / "leave_out.toml"
    before = tomllib.loads(path.read_text(encoding="utf-8"))["fitted"] if path.is_file() else {}
    return {**before, **{kind: fitted_hash(kind) for kind in kinds}}


def write(found: list[Blind], kinds: Iterable[str]) -> None:
    """Write the rows and the summary."""
    with (FIT / "leave_out.csv").open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(HEADER)
        for b in found:
            numbers = [f"{x:.6g}" if x == x else "" for x in (b.measured, *b.band, b.constant)]
            table.writerow([b.slice, b.fold, b.row_id, b.quantity, b.arch, int(b.scored), *numbers])
    today = datetime.datetime.now(tz=datetime.UTC).date()
    lines = ["# Written by scripts/leave_out.py; do not edit.", f"ran_on = {today.isoformat()}"]
    told = ", ".join(f'{kind} = "{text}"' for kind, text in hashes(kinds).items())
    lines += [f"fitted = {{ {told} }}", f'caveat = "{CAVEAT}"', *tables(found)]
    (FIT / "leave_out.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Run what is asked for and write what comes out."""
    kinds = sys.argv[1:] or ["training", "serving"]
    served = [name for name, _ in IN_FILE.values()]
    found = all_training() if "training" in kinds else kept(["step_time_s"])
    found += all_serving() if "serving" in kinds else kept(served) if (FIT / "leave_out.csv").is_file() else []
    write(found, kinds)
    print("\n".join(tables(found)))


if __name__ == "__main__":
    main()
