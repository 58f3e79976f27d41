"""What a chip does on two reference jobs: usable training and serving compute, read from `data/world/usable.csv`.

The table is written by `scripts/usable.py` with the model of machines. A chip that it cannot compose takes the share of
the ceiling that a relative reaches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.catalog.measured import Measured, number
from headgate.catalog.refusals import stop
from headgate.errors import UsageError, did_you_mean
from headgate.predict.models import architecture
from headgate.world.chips import WorldChip
from headgate.world.records import read_world_table, refuse_disorder, refuse_unknown_word

JOBS = ("training", "serving")
UNITS: Mapping[str, str] = MappingProxyType({"training": "TFLOP/s", "serving": "tokens/s"})
# measured: runs of the chip are published, of either job; machine: none, but a machine of it is on record; plain_node:
# eight of it with plain links; relative: the share that another chip reaches.
BASES = ("measured", "machine", "plain_node", "relative")
MODEL = "llama3-70b"
# The reference jobs. Sequence, prompt and answer are in tokens.
TRAINING_CHIPS, SEQUENCE = 1024, 8192
SERVING_CHIPS, PROMPT, ANSWER, TPOT_LIMIT_MS = 64, 4096, 1024, 50.0
CACHE_BYTES = 1.0  # of one cached key or value


@dataclass(frozen=True, slots=True)
class Usable:
    """What one chip of a machine does on a reference job.

    Args:
        chip: Id on the axis of chips.
        job: One of `JOBS`.
        machine: The machine that it was predicted in; that of its relative where it has none.
        precision: The recipe.
        basis: One of `BASES`.
        like: The relative; empty where there is none.
        low: Low end of the band of 90 %, in the job's unit for one chip; the same for `median` and `high`.
        ceiling: What the peaks of the chip allow, in the same unit.
    """

    chip: str
    job: str
    machine: str
    precision: str
    basis: str
    like: str
    low: float
    median: float
    high: float
    ceiling: float

    @property
    def share(self) -> float:
        """The share of the ceiling that the median reaches, 0 to 1."""
        return self.median / self.ceiling

    @property
    def spread(self) -> tuple[float, float]:
        """Low and high end over the median."""
        return self.low / self.median, self.high / self.median


def refuse_missing_number(chip: str, what: str, keys: Sequence[str]) -> NoReturn:
    """Refuse a chip without the number that a measure needs."""
    advice = f"Give {' or '.join(keys)} in its `measures`, with a source and a mark."
    stop("chips.toml", chip, f"it has no number for {what}, and 0 would be wrong", advice)


def refuse_no_row(chip: str, job: str, known: Sequence[str]) -> NoReturn:
    """Refuse a chip that the table does not have."""
    advice = f"Write it anew with scripts/usable.py after adding a chip.{did_you_mean(chip, known)}"
    stop("usable.csv", chip, f"there is no row of {job} for it", advice)


def refuse_bad_number(where: str, row: str, column: str, cell: str) -> NoReturn:
    """Refuse a cell that is no finite number over 0."""
    stop(
        where, row, f"{column}: {cell!r} is not a finite number over 0", "Write the table anew with scripts/usable.py."
    )


def refuse_bad_relative(where: str, row: str, like: str, why: str) -> NoReturn:
    """Refuse a relative that is none."""
    advice = "Name in `like` a chip of the table that was predicted itself, and only on a row of basis `relative`."
    stop(where, row, f"like: {like!r} {why}", advice)


def refuse_unknown_job(job: str) -> NoReturn:
    """Refuse a job that is no reference job."""
    raise UsageError(f"{job!r} is not a reference job: they are {', '.join(JOBS)}.{did_you_mean(job, JOBS)} Take one.")


def training_rate(chip: WorldChip) -> tuple[str, float]:
    """Return the format that a chip trains in and its dense rate in TFLOPS: FP8 where that is faster than FP16.

    Raises:
        CatalogError: It has neither.
    """
    wide, narrow = chip.number("fp16") or 0.0, chip.number("fp8") or 0.0
    if not wide and not narrow:
        refuse_missing_number(chip.id, "training", ("fp8", "fp16"))
    return ("fp8", narrow) if narrow > wide else ("bf16", wide)


def serving_rate(chip: WorldChip) -> tuple[str, float]:
    """Return the format that a chip serves in and its dense rate: the faster of its 8-bit ones, else FP16.

    Raises:
        CatalogError: It has none.
    """
    eight = {"fp8": chip.number("fp8") or 0.0, "int8": chip.number("int8") or 0.0}
    best = max(eight, key=lambda name: eight[name])
    if eight[best]:
        return best, eight[best]
    wide = chip.number("fp16") or refuse_missing_number(chip.id, "serving", ("fp8", "int8", "fp16"))
    return "bf16", wide


@cache
def _work() -> tuple[float, float]:
    """Return operations and bytes of cached keys and values that one token of an answer takes, its prompt included."""
    a = architecture(MODEL)
    forward = a.train_flop_per_token(0) / 3.0
    kept = a.layers * a.kv_heads * (a.head_dim + a.v_dim) * CACHE_BYTES
    return (PROMPT / ANSWER + 1.0) * forward, (PROMPT + ANSWER / 2.0) * kept


def ceiling(chip: WorldChip, job: str) -> float:
    """Return what the peaks of a chip allow on a reference job: no software reaches it.

        training:  the dense rate of the format it trains in
        serving:   1 / (operations per token / rate + bytes of keys and values per token / memory bandwidth)

    Args:
        chip: A chip of the world.
        job: `training` (TFLOP/s) or `serving` (tokens/s).

    Raises:
        CatalogError: The chip lacks a number.
        UsageError: There is no such job.

    Source:
        A sum, since a chip multiplies or reads. Left out, for serving: attention's own operations and the reading of
        weights, which many requests share.

    Example:
        >>> from headgate.world.chips import chips
        >>> ceiling(chips()[0], "training"), round(ceiling(chips()[0], "serving"))
        (312.0, 674)
    """
    if job not in JOBS:
        refuse_unknown_job(job)
    if job == "training":
        return training_rate(chip)[1]
    bandwidth = chip.number("memory_bandwidth") or refuse_missing_number(chip.id, job, ("memory_bandwidth",))
    flop, read = _work()
    return 1.0 / (flop / (serving_rate(chip)[1] * 1e12) + read / (bandwidth * 1e9))


def rows_of(table: Measured) -> Mapping[tuple[str, str], Usable]:
    """Return the rows of a table by chip and job, each checked.

    Raises:
        CatalogError: A row is not as it must be; the message names it.
    """
    where = f"{table.name}.csv"
    found: dict[tuple[str, str], Usable] = {}
    for raw in table.rows:
        for column, words in {"job": JOBS, "basis": BASES}.items():
            if raw[column] not in words:
                refuse_unknown_word(where, raw["row_id"], column, raw[column], words)
        if raw["row_id"] != f"{raw['chip']}/{raw['job']}":
            stop(where, raw["row_id"], "the id is not chip/job of its row", "Write the table anew.")
        numbers = [_positive(where, raw, column) for column in ("low", "median", "high", "ceiling")]
        if numbers != sorted(numbers):
            refuse_disorder(where, raw["row_id"], "low, median, high, ceiling", numbers)
        low, median, high, top = numbers
        told = raw["chip"], raw["job"], raw["machine"], raw["precision"], raw["basis"], raw["like"]
        found[raw["chip"], raw["job"]] = Usable(*told, low, median, high, top)
    for (_, job), row in found.items():
        relative = found.get((row.like, job))
        if bool(row.like) != (row.basis == "relative"):
            refuse_bad_relative(where, f"{row.chip}/{job}", row.like, f"does not go with basis {row.basis}")
        if row.like and (relative is None or relative.basis == "relative"):
            refuse_bad_relative(where, f"{row.chip}/{job}", row.like, "is no chip that was predicted")
    return MappingProxyType(found)


def _positive(where: str, raw: Mapping[str, str], column: str) -> float:
    found = number(raw[column])
    if found is None or not 0 < found < float("inf"):
        refuse_bad_number(where, raw["row_id"], column, raw[column])
    return found


@cache
def _own() -> Mapping[tuple[str, str], Usable]:
    return rows_of(read_world_table("usable"))


def usable(path: Path | None = None) -> Mapping[tuple[str, str], Usable]:
    """Return usable compute by chip and job.

    Args:
        path: A CSV with the same columns; None for the package's own, which is read once.

    Raises:
        CatalogError: The file or a row is not as it must be.

    Example:
        >>> usable()["nvidia-h100-sxm", "training"].machine
        'dgx-h100'
    """
    return _own() if path is None else rows_of(read_world_table("usable", path))


def usable_of(chip: WorldChip, job: str, table: Mapping[tuple[str, str], Usable] | None = None) -> tuple[float, Usable]:
    """Return the usable compute of a chip, and the row it rests on.

    The row's share of the ceiling holds when the numbers of the chip have changed since it was written:

        usable = median * ceiling of the chip as given / ceiling of the row

    Args:
        chip: A chip of the world.
        job: One of `JOBS`.
        table: Rows by chip and job; None for the package's own.

    Raises:
        CatalogError: The table has no row for the chip, or the chip lacks a number.
        UsageError: There is no such job.

    Example:
        >>> from headgate.world.chips import chips
        >>> value, row = usable_of(chips()[0], "training")
        >>> round(value / row.median, 3)
        1.0
    """
    rows = _own() if table is None else table
    if job not in JOBS:
        refuse_unknown_job(job)
    row = rows.get((chip.id, job)) or refuse_no_row(chip.id, job, sorted({c for c, _ in rows}))
    return row.median * ceiling(chip, job) / row.ceiling, row


def usable_spread(which: Sequence[WorldChip]) -> NDArray[np.float64]:
    """Return the ends of the bands over their medians: float64 [chip, job, end], jobs as in `JOBS`, low before high.

    Raises:
        CatalogError: The table has no row for a chip.

    Example:
        >>> from headgate.world.chips import chips
        >>> found = usable_spread(chips())
        >>> found.shape[1:], bool((found[:, :, 0] < 1).all() and (found[:, :, 1] > 1).all())
        ((2, 2), True)
    """
    return np.array([[usable_of(chip, job)[1].spread for job in JOBS] for chip in which], dtype=np.float64)
