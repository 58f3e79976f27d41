"""Predict what each chip of the world does on the two reference jobs and write `data/world/usable.csv`.

    python scripts/usable.py            write the table
    python scripts/usable.py --check    say whether it is up to date (exit 1 if not, with the rows that differ)

It takes seconds. Run it anew after a change of `data/world/chips.toml`, of a chip's or machine's record, or of the
calibration in `data/fit`. The day is held, because the software of a day is part of a prediction.
"""

import csv
import io
import math
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from headgate.catalog.chips import catalog
from headgate.errors import CatalogError
from headgate.predict.hardware import machine
from headgate.predict.serving.by_name import serve_model
from headgate.predict.train import train
from headgate.world.chips import WorldChip, chips
from headgate.world.records import WORLD, read_world_table
from headgate.world.usable import (
    ANSWER,
    JOBS,
    MODEL,
    PROMPT,
    SEQUENCE,
    SERVING_CHIPS,
    TPOT_LIMIT_MS,
    TRAINING_CHIPS,
    UNITS,
    Usable,
    ceiling,
    rows_of,
    serving_rate,
    training_rate,
)

TARGET = WORLD / "usable.csv"
TODAY = "2026-11-22"
COLUMNS = ("row_id", "chip", "job", "machine", "precision", "basis", "like", "low", "median", "high", "unit", "ceiling")
# A chip without a machine, or with numbers of our own, takes the share of one that trains in the same format: of its
# vendor where there is one, else the nearest that was measured or is of its country and generation.
LIKE: Mapping[str, str] = {
    "nvidia-rubin-ultra-2die": "nvidia-rubin-vr200",
    "nvidia-b800": "nvidia-gb200",
    "nvidia-r800": "nvidia-rubin-vr200",
    "nvidia-2029": "nvidia-rubin-vr200",
    "nvidia-2031": "nvidia-rubin-vr200",
    "amd-mi300a": "amd-mi300x",
    "amd-mi308x": "amd-mi300x",
    "amd-2029": "amd-mi455x",
    "google-tpu-v4i": "google-tpu-v4",
    "google-tpu-2027": "google-tpu-7x-ironwood",
    "google-tpu-2029": "google-tpu-7x-ironwood",
    "aws-trainium-2028": "aws-trainium3",
    "huawei-2031": "huawei-ascend-970",
    "cambricon-mlu690": "huawei-ascend-950pr",
    "baidu-kunlun-p800": "huawei-ascend-910b2",
    "thead-ppu-zhenwu810e": "huawei-ascend-910b2",
    "china-other": "huawei-ascend-910b2",
}
# By how much the band of a relative is wider on each side, as a factor: judgments of ours.
SAME_VENDOR, OTHER_VENDOR = 1.25, 1.5
# Numbers that a prediction rests on: a chip that states one of its own is not the chip of the catalog.
RATES = ("fp16", "fp8", "fp4", "int8", "memory_bandwidth", "memory_size")
NEAR = 5e-3  # rows that differ by less are the same: a search may break a tie elsewhere on another machine


def is_composed(chip: WorldChip) -> bool:
    """Say whether the machine of a chip can be composed from the catalog, with no rate or memory of our own."""
    if chip.record is None or set(chip.measures) & set(RATES):
        return False
    try:
        machine(chip.id)
    except CatalogError:
        return False
    return True


def predicted(chip: WorldChip, job: str) -> Usable:
    """Predict a reference job on the usual machine of a chip, or on a plain node of it."""
    top = ceiling(chip, job)
    if job == "training":
        recipe, _ = training_rate(chip)
        done = train(MODEL, chip.id, TRAINING_CHIPS, "1T", precision=recipe, sequence=SEQUENCE)
        home = done.run.machine
        # Useful operations: causal attention, nothing recomputed; failures are left out.
        useful = done.run.architecture.train_flop_per_token(SEQUENCE) / 1e12
        median, low, high = (rate * useful for rate in done.figures["tokens_per_s_per_chip"])
    else:
        recipe, _ = serving_rate(chip)
        service = serve_model(
            MODEL, chip.id, SERVING_CHIPS, PROMPT, ANSWER, precision=recipe, tpot_limit_ms=TPOT_LIMIT_MS
        )
        home = service.machine
        median, low, high = service.plan.tokens_per_s_per_chip
    on_record = "machine" if home.id in catalog().ids() else "plain_node"
    basis = on_record if home.published_only else "measured"
    return Usable(chip.id, job, home.id, recipe, basis, "", low, median, min(high, top), top)


def related(chip: WorldChip, like: WorldChip, row: Usable) -> Usable:
    """Return the row of a chip that reaches the share of its ceiling that its relative does, with a wider band."""
    rate = training_rate if row.job == "training" else serving_rate
    if row.job == "training" and rate(chip)[0] != row.precision:
        sys.exit(
            f"{chip.id} trains in {rate(chip)[0]}, its relative {like.id} in {row.precision}. Take another in LIKE."
        )
    extra = math.log(SAME_VENDOR if chip.vendor == like.vendor else OTHER_VENDOR)
    below, above = (math.exp(math.hypot(math.log(end), extra)) for end in row.spread)
    top = ceiling(chip, row.job)
    median = row.share * top
    band = median / below, median, min(median * above, top)
    return Usable(chip.id, row.job, row.machine, rate(chip)[0], "relative", like.id, *band, top)


def computed(which: Sequence[WorldChip]) -> list[Usable]:
    """Return the rows of all chips, in the order of the axis."""
    by_id = {chip.id: chip for chip in which}
    own = {(c.id, job): predicted(c, job) for c in which if is_composed(c) for job in JOBS}
    if missing := [c.id for c in which if (c.id, JOBS[0]) not in own and c.id not in LIKE]:
        sys.exit(f"no machine of {', '.join(missing)} can be composed: name a relative of each in LIKE.")
    return [own.get((c.id, job)) or related(c, by_id[LIKE[c.id]], own[LIKE[c.id], job]) for c in which for job in JOBS]


def text_of(rows: Sequence[Usable]) -> str:
    """Return the table as text."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for r in rows:
        low, median, high, top = (f"{value:.5g}" for value in (r.low, r.median, r.high, r.ceiling))
        words = (f"{r.chip}/{r.job}", r.chip, r.job, r.machine, r.precision, r.basis, r.like)
        table.writerow([*words, low, median, high, UNITS[r.job], top])
    return out.getvalue()


def differing(text: str, path: Path) -> list[str]:
    """Return the ids of rows that differ between the text of a table and the file at `path`."""
    wanted, found = (
        {row["row_id"]: row for row in csv.DictReader(io.StringIO(t))} for t in (text, path.read_text("utf-8"))
    )
    odd = sorted(wanted.keys() ^ found.keys())
    return odd + [name for name in wanted if name in found and not _alike(wanted[name], found[name])]


def _alike(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    numbers = ("low", "median", "high", "ceiling")
    near = all(math.isclose(float(one[n]), float(other[n]), rel_tol=NEAR) for n in numbers)
    return near and all(one[n] == other[n] for n in COLUMNS if n not in numbers)


def main() -> int:
    """Write the table, or compare it with what would be written."""
    os.environ["HEADGATE_TODAY"] = TODAY
    text = text_of(computed(chips()))
    if "--check" in sys.argv:
        if odd := differing(text, TARGET):
            print(f"usable.csv is stale: {', '.join(odd)}. Run: python scripts/usable.py", file=sys.stderr)
        return 1 if odd else 0
    TARGET.write_text(text, "utf-8")
    rows_of(read_world_table("usable"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
