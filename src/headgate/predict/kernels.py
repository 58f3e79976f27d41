"""Constants of single kernels for a chip: fitted on its own timings, on its family's, or a prior that says so."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from headgate.catalog.chips import DATA
from headgate.catalog.record import Record
from headgate.errors import CatalogError, did_you_mean
from headgate.machine.hardware import Chip, Kernel, Link
from headgate.machine.kernels import package_bytes_per_s

# The record's rate for each format; bf16 and fp16 have one.
RATE_KEYS = {
    "bf16": "dense_fp16_tflops",
    "fp8": "dense_fp8_tflops",
    "fp8_block": "dense_fp8_tflops",
    "mxfp8": "dense_fp8_tflops",
    "nvfp4": "dense_fp4_tflops",
    "int8": "dense_int8_tops",
}
OPERATIONS = ("all_reduce", "all_gather", "all_to_all", "send")
# Makers print GB for what is GiB in the package: an 80 GB H100 has 80 GiB, less what error correction keeps.
MEMORY_GB = 2**30


@dataclass(frozen=True, slots=True)
class KernelSet:
    """The constants that one chip uses, and where they come from.

    Args:
        name: The set: a chip's id where its own kernels were timed, else a family.
        format: Constants by format, with `prior` true where no kernel of that format was timed.
        scale_up, scale_out: Share of the line rate by operation, and `latency_us` for 8 ranks.
        source, mark, why: Sources, how well known, and in words what a prior rests on.
    """

    name: str
    format: Mapping[str, Mapping[str, Any]]
    stream_efficiency: float
    attention: Mapping[str, float]
    scale_up: Mapping[str, float]
    scale_out: Mapping[str, float]
    decode: Mapping[str, float]
    source: tuple[str, ...]
    mark: str
    why: str = ""


@cache
def _tables() -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the fitted file and the file of priors."""
    folder = DATA / "fit"
    fitted, priors = ((folder / f"{name}.toml").read_text("utf-8") for name in ("kernels", "kernel_priors"))
    return tomllib.loads(fitted), tomllib.loads(priors)


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one table over another, level by level."""
    both = {
        k: _over(base[k], v) if isinstance(v, Mapping) and isinstance(base.get(k), Mapping) else v
        for k, v in own.items()
    }
    return {**base, **both}


@cache
def _raw(name: str) -> Mapping[str, Any]:
    """Return a set with everything that it takes from another one."""
    fitted, priors = _tables()
    timed, own = fitted["set"].get(name, {}), dict(priors["set"].get(name, {}))
    base: dict[str, Any] = {k: v for k, v in timed.items() if k != "format"}
    formats: dict[str, dict[str, Any]] = {k: {"prior": False, **v} for k, v in timed.get("format", {}).items()}
    if "like" in own:
        other = _raw(own.pop("like"))
        base = {k: v for k, v in other.items() if k != "format"}
        formats = {k: {**other["format"].get(k, other["format"]["bf16"]), "prior": True} for k in own.pop("formats")}
    for key, change in own.pop("format", {}).items():
        source = formats.get(change.get("like", key), formats["bf16"])
        formats[key] = {**source, **{k: v for k, v in change.items() if k != "like"}, "prior": True}
    return {**_over(base, own), "format": formats}


@cache
def kernel_set(chip_id: str, family: str = "") -> KernelSet:
    """Return the constants for a chip: its own, else those that its id, its family or `other` uses.

    Raises:
        CatalogError: No set has the family's name.

    Example:
        >>> kernel_set("nvidia-h200-sxm", "hopper").name, kernel_set("nvidia-h200-sxm", "hopper").mark
        ('nvidia-h100-sxm', 'one_source')
    """
    fitted, priors = _tables()
    uses = priors["uses"]
    known = {*fitted["set"], *priors["set"], *uses}
    if family and family not in known:
        near = did_you_mean(family, known) or f" Known are {', '.join(sorted(families()))}."
        raise CatalogError(f"{chip_id}: family: {family!r} has no kernel constants. Write a known family.{near}")
    name = next(n for n in (chip_id, family, "other") if n in known)
    name = uses.get(name, name)
    raw = _raw(name)
    return KernelSet(
        name=name,
        format=MappingProxyType(dict(raw["format"])),
        stream_efficiency=raw["stream_efficiency"],
        attention=raw["attention"],
        scale_up=raw["scale_up"],
        scale_out=priors["fabric"][raw["scale_out"]],
        decode=raw["decode"],
        source=tuple(raw["from"]),
        mark=raw["mark"],
        why=raw.get("why", ""),
    )


def families() -> tuple[str, ...]:
    """Return the names that `family` of a chip's record may have, sorted.

    Example:
        >>> "hopper" in families()
        True
    """
    _, priors = _tables()
    names = {*priors["uses"], *priors["set"]}
    return tuple(sorted(name for name in names if "-" not in name))


def link_of(bytes_per_s: float, shares: Mapping[str, Any]) -> Link:
    """Return one level of the network: a line rate with the shares and the latency of a set."""
    return Link(bytes_per_s, {name: shares[name] for name in OPERATIONS}, shares["latency_us"] * 1e-6)


def chip_gaps(record: Record) -> tuple[str, ...]:
    """Return the figures without which nothing can be said about a chip, and which its record lacks.

    Example:
        >>> from headgate.catalog.chips import catalog
        >>> chip_gaps(catalog().get("baidu-kunlun-p800"))
        ('dram_bandwidth_gb_per_s',)
    """
    return tuple(k for k in ("dense_fp16_tflops", "memory_gb", "dram_bandwidth_gb_per_s") if not record.number(k))


def chip_of(record: Record) -> Chip:
    """Compose a chip from its record and the constants of its kernels.

    A format that is slower than bf16 by the record has no unit of its own and is left out.

    Raises:
        CatalogError: The record lacks a figure that is needed.

    Example:
        >>> from headgate.catalog.chips import catalog
        >>> sorted(chip_of(catalog().get("nvidia-h20-96")).kernels)
        ['bf16', 'fp8', 'fp8_block', 'int8']
    """
    if gaps := chip_gaps(record):
        raise CatalogError(
            f"{record.id!r} cannot be modeled: its record does not know {', '.join(gaps)}. "
            "State them in a TOML file of your own and give its path"
        )
    chip_id = record.same_as or record.id
    found = kernel_set(chip_id, record.family)
    rates = {name: 1e12 * (record.number(key) or 0.0) for name, key in RATE_KEYS.items()}
    kernels = {
        name: Kernel(
            rate_flop_per_s=rates[name],
            efficiency_limit=row["efficiency_limit"],
            m_half=row["m_half"],
            n_half=row["n_half"],
            k_half=row["k_half"],
            memory_efficiency=row["memory_efficiency"],
            floor_seconds=row["floor_us"] * 1e-6,
        )
        for name, row in found.format.items()
        if name == "bf16" or rates[name] >= rates["bf16"]
    }
    measured = tuple(n for n in kernels if found.name == chip_id and not found.format[n]["prior"])
    unknown = float("nan")
    dies = int(record.number("dies_count") or 1)
    between = (record.number("die_to_die_each_direction_gb_per_s") or 0.0) * 1e9
    return Chip(
        id=chip_id,
        family=record.family or "other",
        kernels=MappingProxyType(kernels),
        memory_bytes=(record.number("memory_gb") or 0.0) * MEMORY_GB,
        memory_bytes_per_s=package_bytes_per_s((record.number("dram_bandwidth_gb_per_s") or 0.0) * 1e9, dies, between),
        stream_efficiency=found.stream_efficiency,
        attention_limit=found.attention["limit"],
        attention_half=found.attention["half_tokens"],
        dies_count=dies,
        die_to_die_bytes_per_s=between,
        tdp_watts=record.number("tdp_watts") or unknown,
        price_usd=record.number("price_usd") or unknown,
        measured=measured,
    )
