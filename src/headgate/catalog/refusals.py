"""What a data file is refused for: each reason a function, its message saying where, what, why and what to do."""

from collections.abc import Iterable
from typing import NoReturn

from headgate.errors import CatalogError, did_you_mean
from headgate.source import MARKS

# A true zero exists only here (no DRAM, no link, no PCIe, no non-planar die); elsewhere 0 would stand for unknown.
MAY_BE_ZERO = ("dram_bandwidth_gb_per_s", "scale_up_bandwidth_gb_per_s", "pcie_lanes", "die_area_mm2")


def stop(where: str, key: str, why: str, advice: str) -> NoReturn:
    """Refuse: raise `CatalogError` that names file and key, says why, and what to do."""
    raise CatalogError(f"{where}: {key}: {why}. {advice}")


def refuse_bad_toml(where: str, error: Exception) -> NoReturn:
    """Refuse a file that is not TOML."""
    raise CatalogError(f"{where}: the file is not valid TOML: {error}. Correct it at that place.") from error


def refuse_unknown_key(where: str, key: str, allowed: Iterable[str], place: str) -> NoReturn:
    """Refuse a key outside the closed list, with near names."""
    known = tuple(allowed)
    near = did_you_mean(key, known) or f" Known are {', '.join(known)}."
    raise CatalogError(f"{where}: {key}: {place} has no such key. Correct or remove it.{near}")


def refuse_missing_key(where: str, key: str) -> NoReturn:
    """Refuse a table without a key it needs."""
    stop(where, key, "the key is missing", "Add it; only values in [value] may be left out to say unknown.")


def refuse_wrong_type(where: str, key: str, given: object, wanted: str) -> NoReturn:
    """Refuse a value of another type than the key's."""
    stop(where, key, f"{given!r} is not {wanted}", f"Write {wanted}.")


def refuse_impossible_number(where: str, key: str, given: float) -> NoReturn:
    """Refuse NaN, infinity and negative numbers."""
    stop(where, key, f"{given} is not a finite number of 0 or more", "Leave the key out to say unknown.")


def refuse_zero(where: str, key: str) -> NoReturn:
    """Refuse 0 where it could only stand for unknown."""
    stop(where, key, "0 would stand for unknown", f"Leave the key out; only {', '.join(MAY_BE_ZERO)} may be 0.")


def refuse_unknown_mark(where: str, key: str, mark: str) -> NoReturn:
    """Refuse a mark outside the list."""
    stop(where, key, f"{mark!r} is not a mark", f"Write one of {', '.join(MARKS)}.{did_you_mean(mark, MARKS)}")


def refuse_unknown_source(where: str, key: str, source: str, known: Iterable[str]) -> NoReturn:
    """Refuse a source id that `sources.toml` does not have."""
    stop(where, key, f"source {source!r} is not in sources.toml", f"Add it there.{did_you_mean(source, known)}")


def refuse_misnamed_file(where: str, given: str) -> NoReturn:
    """Refuse a record whose id is not its file's name."""
    stop(where, "id", f"{given!r} is not the name of the file", "Give file and record the same name.")


def refuse_misplaced_contents(where: str, kind: str) -> NoReturn:
    """Refuse a computer that contains no chip, and a chip that contains some or has parts."""
    advice = "A computer names the chips inside it and may name its parts; a chip has no such key."
    stop(where, "contains or parts", f"wrong for kind {kind!r}", advice)


def refuse_mixed_reading(where: str) -> NoReturn:
    """Refuse a reading that gives a derived figure together with parts of it."""
    stop(where, "reading", "a derived figure stands beside other keys", "Give tpp and performance_density alone.")


def refuse_unexplained_choice(where: str) -> NoReturn:
    """Refuse readings without a `chosen`, and a `chosen` without readings."""
    stop(where, "chosen", "readings and `chosen` belong together", "Say which value is used and why, or remove it.")
