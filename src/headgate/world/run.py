"""Run worlds: the same draws through one world or several side by side, some hundred draws at a time."""

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.draw.stream import blocks
from headgate.errors import UsageError
from headgate.extras import needed
from headgate.version import VERSION
from headgate.world.axes import ACCOUNTS, LABELS, MEASURES
from headgate.world.build import World
from headgate.world.changes import Change
from headgate.world.changes import streams as change_streams
from headgate.world.memory import bytes_needed, free_memory, refuse_too_large
from headgate.world.posterior import Posterior
from headgate.world.results import KEPT, Results
from headgate.world.tables import digest

Progress = Callable[[int, int], None]
BATCH = 256  # draws worked on together: their arrays stay in the cache
SAMPLE = 400  # draws of which chips are kept
STORED = ("claims", "backtest")  # results, from which nothing is made
SOURCE = Path(__file__).parent.parent


def refuse_unknown_columns(lost: Sequence[str]) -> NoReturn:
    """Refuse a posterior that speaks of quantities which the world does not have."""
    shown = ", ".join(lost[:5]) + (" and others" if len(lost) > 5 else "")
    raise UsageError(
        f"the posterior speaks of {shown}, which this world does not have, so it cannot be used even with --stale. "
        "Calibrate anew: `headgate world calibrate`."
    )


def refuse_other_priors(one: str, other: str) -> NoReturn:
    """Refuse worlds that do not share what is supposed."""
    raise UsageError(f"{one} and {other} suppose different things, so their draws are not the same. Build both anew.")


def refuse_no_world() -> NoReturn:
    """Refuse to run nothing."""
    raise UsageError("no world was given to run. Give the baseline, a scenario, or both.")


@cache
def code_hash() -> str:
    """Return a digest of the code and data that make a run: every file of the world's room and its tables."""
    told = hashlib.sha256()
    files = [*SOURCE.glob("world/**/*.py"), *SOURCE.glob("draw/*.py"), *SOURCE.glob("data/world/*")]
    made = [p for p in files if p.is_file() and p.suffix in (".py", ".toml", ".csv") and not p.name.startswith(STORED)]
    for path in sorted(made):
        told.update(path.relative_to(SOURCE).as_posix().encode())
        told.update(path.read_bytes())
    return told.hexdigest()


_compiled: dict[tuple[Any, ...], Callable[..., Any]] = {}


def fixed_digest(world: World) -> str:
    """Return a digest of the tables without a time axis, which are built into a compiled simulator."""
    return digest(world.fixed)


def compiled(worlds: Sequence[World], chips: bool) -> Callable[[Any], Any]:
    """Return the compiled simulator of some worlds; the last ones are kept."""
    from headgate.world.quarter.horizon import Variant, tables_of

    if not worlds:
        refuse_no_world()
    for each in worlds[1:]:
        if each.priors is not worlds[0].priors and each.priors.fingerprint() != worlds[0].priors.fingerprint():
            refuse_other_priors(worlds[0].name, each.name)
    # Law and history are given anew each time: worlds that differ in nothing else share one compiled simulator.
    first = worlds[0].fingerprints()
    key = (chips, first["priors"], first["measures"], fixed_digest(worlds[0]), *(each.changes for each in worlds))
    if key not in _compiled:
        if len(_compiled) >= 8:
            _compiled.clear()
        _compiled[key] = _compile(worlds, chips)
    variants = [Variant(each.gate_tables, each.changes) for each in worlds]
    tables = _jax().device_put(tables_of(worlds[0].by_quarter, variants, len(LABELS)))
    simulate = _compiled[key]
    return lambda z: simulate(z, tables)


def _compile(worlds: Sequence[World], chips: bool) -> Callable[..., Any]:
    """Return the compiled simulator of some worlds, for a batch of draws.

    Args:
        worlds: They share chips, history and what is supposed.
        chips: Whether to keep chips instead of measures.
    """
    jax = _jax()
    from headgate.world.quarter.horizon import Variant, simulator

    first = worlds[0]
    factors = first.conversion.factors
    usable = np.array([name in ("training", "serving") for name in MEASURES])

    def finish(record: Any) -> Any:
        if chips:
            return {"chips": record["chips"].astype(np.float32)}
        flows = (record["chips"] * record["quality"]) @ factors
        flows = flows * jax.numpy.where(usable, record["usable"][:, None], 1.0)
        return {
            k: v.astype(np.float32) for k, v in {"flows": flows, **{s: record[s] for s in ("series", "kept")}}.items()
        }

    variants = [Variant(each.gate_tables, placed(each, worlds)) for each in worlds]
    run = simulator(first.priors, first.fixed, first.by_quarter, variants, finish=finish)
    made: Callable[..., Any] = jax.jit(jax.vmap(run, in_axes=(0, None)))
    return made


def extras(worlds: Sequence[World]) -> list[tuple[str, int]]:
    """Return the random streams of the changes of some worlds, each once: a world's draws turn on no other's."""
    return list(dict.fromkeys(stream for each in worlds for stream in change_streams(each.changes)))


def placed(world: World, worlds: Sequence[World]) -> tuple[Change, ...]:
    """Return the changes of a world with their columns among the extra streams of all worlds."""
    own, every = change_streams(world.changes), extras(worlds)
    return tuple(replace(c, column=every.index(own[c.column])) if c.column >= 0 else c for c in world.changes)


def _jax() -> Any:
    jax = needed("jax")
    import headgate.world.quarter  # noqa: F401  (64 bits before anything is traced)

    folder = cache_folder()
    if folder:
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 1.0)
    return jax


def cache_folder() -> Path | None:
    """Return where compiled simulators are kept; None when `HEADGATE_CACHE=off`."""
    if os.environ.get("HEADGATE_CACHE") == "off":
        return None
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headgate" / "compiled"


def places(world: World, posterior: Posterior) -> NDArray[np.intp]:
    """Return where the columns of a posterior stand among the normals of a world, by their names.

    Raises:
        UsageError: The world has no quantity of some name: the posterior is of another world.
    """
    from headgate.world.quarter.horizon import streams

    names = [*world.priors.labels(), *(f"{n}[{k}]" for n, width in streams() for k in range(width))]
    at = {name: n for n, name in enumerate(names)}
    if lost := [name for name in posterior.names if name not in at]:
        refuse_unknown_columns(lost)
    return np.array([at[name] for name in posterior.names], dtype=np.intp)


def normals(worlds: Sequence[World], draws: int, seed: int, posterior: Posterior | None, batch: int = BATCH) -> Any:
    """Yield the normals of some draws at a time, [batch, normals]; the last batch is filled up with zeros.

    What history says replaces the draws of the quantities that it was asked about.
    """
    from headgate.world.quarter.horizon import streams

    names = [*worlds[0].priors.streams(), *streams(), *extras(worlds)]
    columns = places(worlds[0], posterior) if posterior is not None else np.empty(0, dtype=np.intp)
    start = 0
    for block in blocks(names, draws, seed, batch):
        full = np.zeros((batch, block.shape[1]))
        full[: len(block)] = block
        if posterior is not None:
            at = np.arange(start, start + len(block)) % posterior.draws
            full[: len(block), columns] = posterior.normals[at]
        start += len(block)
        yield len(block), full


def run(
    worlds: Sequence[World],
    draws: int = 10_000,
    seed: int = 0,
    posterior: Posterior | None = None,
    progress: Progress | None = None,
    sample: int = SAMPLE,
) -> tuple[Results, ...]:
    """Run worlds side by side; every world sees the same draws, so that a difference is a difference of policy.

    Args:
        worlds: One or more; the first is what the others are compared with.
        draws: How many draws, 1 or more.
        seed: 0 to 2^63 - 1.
        posterior: What history says of the quantities; None runs under the priors alone.
        progress: Called with draws done and draws in all.
        sample: How many draws keep their chips; 0 keeps none.

    Returns:
        One result for each world, in order.

    Raises:
        UsageError: An argument is out of range, or memory does not hold the results.
    """
    from headgate.world.quarter.step import SERIES

    if type(draws) is not int or draws < 1:
        raise UsageError(f"draws is {draws!r}; give a whole number of 1 or more")
    wanted, free = bytes_needed(draws, len(worlds), len(SERIES)), free_memory()
    if wanted > free:
        refuse_too_large(draws, len(worlds), wanted, free)
    simulate = compiled(worlds, chips=False)
    shapes = {"flows": (len(ACCOUNTS), len(MEASURES)), "series": (len(SERIES),), "kept": (len(KEPT),)}
    held = [{k: np.empty((len(LABELS), draws, *s), np.float32) for k, s in shapes.items()} for _ in worlds]
    batches = normals(worlds, draws, seed, posterior)

    def one(job: tuple[int, int, NDArray[np.float64]]) -> int:
        start, count, z = job
        for into, found in zip(held, simulate(z), strict=True):
            for key, array in into.items():
                array[:, start : start + count] = np.swapaxes(np.asarray(found[key])[:count], 0, 1)
        return count

    done = 0
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        for count in pool.map(one, _starts(batches)):
            done += count
            if progress:
                progress(done, draws)
    chips = _chips(worlds, min(sample, draws), seed, posterior) if sample else [_NONE] * len(worlds)
    return tuple(
        Results(
            name=each.name,
            flows=into["flows"],
            series=into["series"],
            figures=SERIES,
            quantities=into["kept"],
            chips=kept,
            chip_ids=tuple(c.id for c in each.chips),
            manifest=manifest(each, draws, seed, posterior),
        )
        for each, into, kept in zip(worlds, held, chips, strict=True)
    )


def _starts(batches: Any) -> Any:
    start = 0
    for count, z in batches:
        yield start, count, z
        start += count


_NONE = np.empty((len(LABELS), 0, len(ACCOUNTS), 0), np.float32)


def _chips(worlds: Sequence[World], sample: int, seed: int, posterior: Posterior | None) -> list[NDArray[np.float32]]:
    """Return the chips of the first draws, [quarter, draw, account, chip], for each world."""
    simulate = compiled(worlds, chips=True)
    found: list[list[Any]] = [[] for _ in worlds]
    for count, z in normals(worlds, sample, seed, posterior, batch=min(sample, BATCH)):
        for into, record in zip(found, simulate(z), strict=True):
            into.append(np.swapaxes(np.asarray(record["chips"])[:count], 0, 1))
    return [np.concatenate(parts, axis=1) for parts in found]


def manifest(world: World, draws: int, seed: int, posterior: Posterior | None) -> dict[str, Any]:
    """Return what a run was made of; the same manifest gives the same bytes on the same machine."""
    from importlib.metadata import version

    return {
        "headgate": VERSION,
        "scenario": world.name,
        "draws": draws,
        "seed": seed,
        "posterior": posterior.hash if posterior else "none: priors alone",
        **{f"hash_{k}": v for k, v in world.fingerprints().items()},
        "hash_code": code_hash(),
        "numpy": version("numpy"),
        "jax": version("jax"),
    }
