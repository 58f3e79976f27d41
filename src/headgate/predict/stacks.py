"""Software stacks of published runs: their habits, read from `data/fit/stacks.toml`, and the day of a release."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from headgate.errors import CatalogError, near_names
from headgate.machine.memory import Keeps

FILE = Path(__file__).parent.parent / "data" / "fit" / "stacks.toml"
ATTENTION = ("best", "fa2", "unfused")
OVERLAPS = ("fused", "plain", "none")
KEEPS = ("gradient_bytes", "optimizer_bytes", "logit_bytes", "selective_share", "runtime_gib")
KEYS = (
    "match says from tensor_overlap expert_overlap attention sharding sequence_parallel schedule interleaved recompute "
    "wide_inputs "
    "graphs immaturity"
).split() + list(KEEPS)
REFERENCE = 2025.9  # the year at which the host's time for experts is stated


@dataclass(frozen=True, slots=True)
class Stack:
    """How one software trains.

    Args:
        id: Name of the stack.
        tensor_overlap: `fused`, `plain` or `none`.
        expert_overlap: Share of the expert exchange that it hides; None for the calibrated share.
        attention: `best`, `fa2` or `unfused`.
        sharding: What data ranks divide, a word of `machine.layout.SHARDING`.
        sequence_parallel: Norms are divided over tensor ranks.
        schedule: Pipeline schedule, a word of `machine.pipeline.SCHEDULES`.
        interleaved: It interleaves stages; a blank number of virtual stages is searched.
        recompute: What it recomputes when a run does not say; empty for what fits.
        wide_inputs: It keeps the inputs of linear layers in bf16 whatever the recipe.
        graphs: Launches are captured, so that the host costs nothing.
        immaturity: Host time of experts over the usual of its day.
        keeps: What it keeps in memory.
        says, source: In words, and from where.
    """

    id: str
    tensor_overlap: str = "plain"
    expert_overlap: float | None = None
    attention: str = "best"
    sharding: str = "optimizer"
    sequence_parallel: bool = True
    schedule: str = "1f1b"
    interleaved: bool = False
    recompute: str = ""
    wide_inputs: bool = False
    graphs: bool = False
    immaturity: float = 1.0
    keeps: Keeps = field(default_factory=Keeps)
    says: str = ""
    source: tuple[str, ...] = ()


@cache
def _file() -> Mapping[str, Any]:
    return MappingProxyType(tomllib.loads(FILE.read_text(encoding="utf-8")))


@cache
def stacks() -> Mapping[str, Stack]:
    """Return all stacks by id, in the order in which they are looked for.

    Raises:
        CatalogError: A key of the file is unknown.
    """
    found = {}
    for name, entry in _file()["stack"].items():
        if strange := [key for key in entry if key not in KEYS]:
            raise CatalogError(f"stacks.toml: {name}: {strange[0]!r} is not a key. Keys are {', '.join(KEYS)}.")
        own = {k: v for k, v in entry.items() if k not in ("match", "from", *KEEPS)}
        keeps = Keeps(**{k: v for k, v in entry.items() if k in KEEPS})
        found[name] = Stack(name, keeps=keeps, source=tuple(entry["from"]), **own)
    return MappingProxyType(found)


def stack_of(software: str) -> Stack:
    """Return the stack whose words stand in the text of a software, or `other`.

    Example:
        >>> stack_of("NeMo 25.11").id, stack_of("").id
        ('nemo', 'other')
    """
    text = software.casefold()
    for name, entry in _file()["stack"].items():
        if any(word in text for word in entry["match"]):
            return stacks()[name]
    return stacks()["other"]


def stack(name: str) -> Stack:
    """Return a stack by its id.

    Raises:
        CatalogError: No stack has this id; the message lists near names.
    """
    if name not in stacks():
        near = near_names(name, stacks())
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Stacks are {', '.join(stacks())}."
        raise CatalogError(f"{name!r} is not a software stack. {hint}")
    return stacks()[name]


def year_of(software: str) -> float | None:
    """Return the year of a software's release, with its fraction, or None when it is not known.

    Example:
        >>> year_of("NeMo 25.11"), year_of("torchtitan 2024-12"), year_of("something")
        (2025.875, 2024.958, None)
    """
    text = software.casefold()
    releases: Mapping[str, date] = _file()["release"]
    exact = [name for name in releases if text.startswith(name)]
    if exact:
        day = releases[max(exact, key=len)]
        return round(day.year + (day.timetuple().tm_yday - 1) / 365.25, 3)
    if told := re.search(r"nemo\D*\b(\d\d)\.(\d\d)", text):
        return round(2000 + int(told[1]) + (int(told[2]) - 0.5) / 12, 3)
    if told := re.search(r"(20\d\d)-(\d\d)", text):
        return round(int(told[1]) + (int(told[2]) - 0.5) / 12, 3)
    return None
