"""Chips become compute, at the very end: what one chip counts for in each measure, and what each number rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.errors import UsageError, did_you_mean
from headgate.law.measures import BITS, total_processing_performance
from headgate.source import weakest
from headgate.world.axes import MEASURES
from headgate.world.chips import CATALOG_KEY, WorldChip
from headgate.world.history import Row, history
from headgate.world.usable import BASES, refuse_missing_number, usable_of

# catalog: a value of the catalog; own: the chip's own number, in chips.toml; derived: computed from such numbers;
# published: Epoch AI's number; the rest, as in `usable`: predicted on a machine, or the share of a relative.
KINDS = ("catalog", "own", "derived", "published", *BASES)
H100_TOPS = 1979.0  # dense 8-bit operations of an H100, by which Epoch AI counts
EPOCH = "Epoch AI"
AGREE = 0.03  # a derived equivalent further from Epoch's than this share is a disagreement
# Where a measure comes from: the first group with a number counts, and of a group the highest.
RULES: dict[str, tuple[tuple[str, ...], ...]] = {
    "fp8": (("fp8",), ("fp16",)),
    "fp4": (("fp4",), ("fp8",), ("fp16",)),
    "int8": (("int8", "fp8"), ("fp16",)),
    "memory_bandwidth": (("memory_bandwidth",),),
    "memory_size": (("memory_size",),),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What one number of the conversion rests on.

    Args:
        kind: One of `KINDS`.
        says: Which number, and how it was reached, in words.
        source: Ids of the catalog's sources, or the source of the chip's own record.
        mark: How well it is known.
        fallback: The measure was not there, and the next one was taken.
    """

    kind: str
    says: str
    source: str
    mark: str
    fallback: bool = False


@dataclass(frozen=True)
class Conversion:
    """What one unit of each chip counts for.

    Args:
        chips: Ids, in the order of the axis.
        factors: float64 [chip, measure], measures in the order of `axes.MEASURES`, each over 0.
        grounds: The same shape: what each number rests on.
    """

    chips: tuple[str, ...]
    factors: NDArray[np.float64]
    grounds: tuple[tuple[Ground, ...], ...]

    def column(self, measure: str) -> NDArray[np.float64]:
        """Return one measure of every chip.

        Raises:
            UsageError: There is no such measure.
        """
        if measure not in MEASURES:
            refuse_unknown_measure(measure)
        return self.factors[:, tuple(MEASURES).index(measure)]

    def ground(self, chip: str, measure: str) -> Ground:
        """Return what one number rests on.

        Raises:
            UsageError: There is no such chip or measure.
        """
        if chip not in self.chips:
            raise UsageError(f"{chip!r} is not among the chips.{did_you_mean(chip, self.chips)} Take one that is.")
        if measure not in MEASURES:
            refuse_unknown_measure(measure)
        return self.grounds[self.chips.index(chip)][tuple(MEASURES).index(measure)]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two numbers of H100-equivalents for one chip: by its rates, and as Epoch AI counts."""

    chip: str
    derived: float
    published: float

    @property
    def share(self) -> float:
        """Derived over published, less 1."""
        return self.derived / self.published - 1.0


def refuse_unknown_measure(name: str) -> NoReturn:
    """Refuse a measure that is not on the axis."""
    raise UsageError(
        f"{name!r} is not a measure: they are {', '.join(MEASURES)}.{did_you_mean(name, MEASURES)} Take one."
    )


def _stated(chip: WorldChip, name: str) -> tuple[str, str, str]:
    """Return kind, source and mark of a number that a chip has."""
    if name in chip.measures or chip.record is None:
        return "own", chip.source, chip.mark
    value = chip.record.values[CATALOG_KEY[name]]
    return "catalog", ", ".join(value.source), value.mark


def _by_rule(chip: WorldChip, measure: str) -> tuple[float, Ground]:
    for place, names in enumerate(RULES[measure]):
        found = {name: value for name in names if (value := chip.number(name))}
        if found:
            best = max(found, key=lambda name: found[name])
            kind, source, mark = _stated(chip, best)
            says = f"{CATALOG_KEY[best]} = {found[best]:g}"
            return found[best], Ground(kind, says, source, mark, place > 0)
    refuse_missing_number(chip.id, measure, [name for names in RULES[measure] for name in names])


def _tpp(chip: WorldChip) -> tuple[float, Ground]:
    """Compute the legal measure from every rate of the chip; its own numbers go before the catalog's."""
    values = chip.record.values if chip.record else {}
    rates = {key: float(values[key].v) for key in BITS if key in values}
    own = {key: chip.measures[name] for name, key in CATALOG_KEY.items() if key in BITS and name in chip.measures}
    best = total_processing_performance({key: rate for key, rate in {**rates, **own}.items() if rate})
    if best is None:
        refuse_missing_number(chip.id, "tpp", ("fp16", "fp8", "fp4", "int8"))
    tpp, key = best
    if key in own:
        source, mark = chip.source, chip.mark
    else:
        source, mark = ", ".join(values[key].source), values[key].mark
    return tpp, Ground("derived", f"{key} x bits (15 CFR part 774, supp. 1, ECCN 3A090, notes 1 to 3)", source, mark)


@cache
def _epoch_rows() -> tuple[Row, ...]:
    """Return the rows of history in which Epoch AI counts chips and their equivalents."""
    counted = (r for r in history() if r.unit == "chips" and r.source.startswith(EPOCH))
    return tuple(r for r in counted if r.h100e_per_unit and r.median)


def published_h100e(chip: WorldChip) -> tuple[float, Ground] | None:
    """Return the H100-equivalents of a chip as Epoch AI counts them, over all units of the history, or None.

    Example:
        >>> from headgate.world.chips import chips
        >>> by_id = {c.id: c for c in chips()}
        >>> round(published_h100e(by_id["nvidia-h20-96"])[0], 4), published_h100e(by_id["nvidia-2029"])
        (0.1496, None)
    """
    rows = [row for row in _epoch_rows() if row.chip in chip.history]
    if not rows:
        return None
    units = sum(row.median or 0.0 for row in rows)
    value = sum((row.median or 0.0) * (row.h100e_per_unit or 0.0) for row in rows) / units
    says = f"h100e_per_unit of {len(rows)} rows of supply_history.csv from {rows[0].row_id} on, weighted by units"
    return value, Ground("published", says, f"{EPOCH} (CC BY 4.0)", weakest({row.mark for row in rows}))


def derived_h100e(chip: WorldChip) -> tuple[float, Ground]:
    """Return the H100-equivalents of a chip by Epoch AI's rule: its 8-bit operations over the 1,979 TOPS of an H100.

    Raises:
        CatalogError: The chip has no rate.

    Source:
        Epoch AI, https://github.com/epoch-research/ai-chip-counts (CC BY 4.0). FP16 where there are no 8 bits is ours.

    Example:
        >>> from headgate.world.chips import chips
        >>> round(derived_h100e(chips()[0])[0], 4)
        0.3153
    """
    rate, ground = _by_rule(chip, "int8")
    return rate / H100_TOPS, Ground(
        "derived", f"{ground.says} / {H100_TOPS:g}", ground.source, ground.mark, ground.fallback
    )


def disagreements(which: Sequence[WorldChip]) -> tuple[Disagreement, ...]:
    """Return the chips whose H100-equivalents by their rates differ from Epoch AI's by more than 3 %.

    Example:
        >>> from headgate.world.chips import chips
        >>> "huawei-ascend-910b2" in [d.chip for d in disagreements(chips())]
        True
    """
    pairs = [(c, published_h100e(c)) for c in which]
    found = [Disagreement(c.id, derived_h100e(c)[0], told[0]) for c, told in pairs if told]
    return tuple(d for d in found if abs(d.share) > AGREE)


def _predicted(chip: WorldChip, job: str) -> tuple[float, Ground]:
    value, row = usable_of(chip, job)
    like = f", at the share of its ceiling that {row.like} reaches" if row.like else ""
    says = f"usable.csv, {chip.id}/{job}: {row.precision} on {row.machine}{like}; 90 % {row.low:g} to {row.high:g}"
    return value, Ground(row.basis, says, "model of machines, an estimate of ours", "unverified")


def _cell(chip: WorldChip, measure: str) -> tuple[float, Ground]:
    if measure in RULES:
        return _by_rule(chip, measure)
    if measure == "tpp":
        return _tpp(chip)
    if measure == "h100e":
        return published_h100e(chip) or derived_h100e(chip)
    return _predicted(chip, measure)


def conversion(chips: Sequence[WorldChip]) -> Conversion:
    """Return what one unit of each chip counts for in each measure, and what each number rests on.

        tpp               the legal measure, from all rates
        fp8               dense FP8, else FP16 (the rule of K. Pilz and others)
        fp4               FP4, else FP8, else FP16
        int8              the higher of INT8 and FP8, else FP16
        h100e             Epoch AI's number of the chip, else 8-bit operations over 1,979
        training, serving usable compute on a reference job, `usable.csv`

    Args:
        chips: Chips of the world, in the order of the axis.

    Raises:
        CatalogError: A number is missing; the message says of which chip, and what to give. Never 0.

    Example:
        >>> from headgate.world.chips import chips
        >>> found = conversion(chips())
        >>> float(found.column("tpp")[0]), found.ground("nvidia-a100-sxm4-80", "fp8").says
        (4992.0, 'dense_fp16_tflops = 312')
    """
    cells = [[_cell(chip, measure) for measure in MEASURES] for chip in chips]
    factors = np.array([[value for value, _ in row] for row in cells], dtype=np.float64).reshape(-1, len(MEASURES))
    return Conversion(tuple(c.id for c in chips), factors, tuple(tuple(g for _, g in row) for row in cells))
