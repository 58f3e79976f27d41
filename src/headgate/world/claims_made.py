"""Making the results of the two claims, and telling when law, data or code have changed since."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from headgate.world.claims_stored import Claim, Deciding, Stored

if TYPE_CHECKING:
    from headgate.decide.one import Decider
    from headgate.world.build import World
    from headgate.world.posterior import Posterior

PACKAGE = Path(__file__).parent.parent
NO_POSTERIOR = "none: priors alone"
_LAW = (
    *("law/**/*.py", "expr/**/*.py", "catalog/*.py", "decide/**/*.py"),
    *("data/*.toml", "data/*.csv", "data/chips/*.toml", "data/world/lanes.toml", "data/world/chips.toml"),
    *(f"world/{name}.py" for name in ("axes", "build", "chips", "gate", "lane", "lanes", "tables", "washington")),
)
_CHIPS = ("data/world/chips.toml", "data/world/usable.*", "data/chips/*.toml", "world/chips.py", "catalog/chips.py")
_HISTORY = ("data/world/supply_history.*", "world/history.py")
# What the results rest on, and the files behind it: only where a file has changed is the part itself compared.
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lanes": _LAW,
        "lanes without controls": (*_LAW, "data/scenarios/no-controls.toml", "scenario/*.py"),
        "history": _HISTORY,
        "priors": ("data/world/priors.toml", "world/priors.py"),
        "chips": (*_CHIPS, *_HISTORY, "world/tables.py"),
        "measures": (*_CHIPS, "world/measures.py", "world/usable.py"),
        "posterior": ("data/world/posterior.parquet",),
        "simulator": (
            *("world/quarter/*.py", "draw/stream.py"),
            *(f"world/{name}.py" for name in ("axes", "claims", "decided", "results", "run")),
        ),
    }
)
NO_PART = ("gradient.py",)  # lies among the files of a part, and no run uses it
DECIMALS = {"probability": 4, "mc_error": 4, "correlation": 2, "low_third": 3, "high_third": 3}


def digest_of_files(part: str, package: Path = PACKAGE) -> str:
    """Return a digest of the files behind a part.

    Example:
        >>> digest_of_files("priors") == digest_of_files("history")
        False
    """
    told = hashlib.sha256()
    found = {path for pattern in PARTS[part] for path in package.glob(pattern) if path.name not in NO_PART}
    for path in sorted(p for p in found if p.is_file()):
        raw = path.read_bytes()
        told.update(f"{path.relative_to(package).as_posix()} {len(raw)}\n".encode() + raw)
    return told.hexdigest()


def parts_of(baseline: "World", free: "World", posterior: "Posterior | None") -> dict[str, str]:
    """Return the digests of what a run is made of, by part."""
    here = baseline.fingerprints()
    return {
        "lanes": here["lanes"],
        "lanes without controls": free.fingerprints()["lanes"],
        **{k: here[k] for k in ("history", "priors", "chips", "measures")},
        "posterior": posterior.hash if posterior else NO_POSTERIOR,
        "simulator": digest_of_files("simulator"),
    }


def part_now(part: str, law: "Callable[[], Decider]", free: "Callable[[], Decider]") -> str:
    """Return the digest of one part as the package is now; JAX is not needed for it.

    Args:
        part: One of `PARTS`.
        law: Gives the law as it is.
        free: Gives it without controls.
    """
    from headgate.world import posterior
    from headgate.world.build import world

    if part == "simulator":
        return digest_of_files(part)
    if part == "posterior":
        return posterior.load().hash if posterior.FILE.is_file() else NO_POSTERIOR
    if part == "lanes without controls":
        return world(free()).fingerprints()["lanes"]
    return world(law()).fingerprints()[part]


def differences(stored: Stored, law: "Callable[[], Decider]", free: "Callable[[], Decider]") -> list[str]:
    """Return the parts of which the package now has others than the results were made of.

    Args:
        stored: The results.
        law: Gives the law as it is; called only where its files have changed.
        free: Gives it without controls; as `law`.
    """
    changed = [p for p in PARTS if stored.files.get(p) != digest_of_files(p)]
    return [p for p in changed if stored.made_of.get(p) != part_now(p, law, free)]


def made(
    baseline: "World",
    free: "World",
    draws: int,
    seed: int = 0,
    posterior: "Posterior | None" = None,
    progress: Callable[[int, int], None] | None = None,
) -> Stored:
    """Run both worlds and return the claims with what decides them.

    Args:
        baseline: The world under the controls.
        free: The world without them, scenario `no-controls`.
        draws: How many draws.
        seed: Which random numbers.
        posterior: What history says; None runs under the priors alone.
        progress: Called with draws done and draws in all.

    Raises:
        UsageError: An argument is out of range, or memory does not hold the run.
    """
    from headgate.world.claims import claims, parity
    from headgate.world.decided import decided, drawn
    from headgate.world.run import run

    here, there = run([baseline, free], draws, seed, posterior, progress, sample=1)
    told = posterior.draws if posterior else None
    rows = [*claims(here, there, told).rows(), *parity(here, there, told).rows()]
    deciding = decided(here, there, drawn([baseline, free], draws, seed, posterior)).rows()
    kept = ("headgate", "draws", "seed", "posterior", "numpy", "jax")
    return Stored(
        tuple(Claim(*_rounded(Claim, row)) for row in rows),
        tuple(Deciding(*_rounded(Deciding, row)) for row in deciding),
        {k: here.manifest[k] for k in kept},
        parts_of(baseline, free, posterior),
        {p: digest_of_files(p) for p in PARTS},
    )


def _rounded(kind: type[Claim] | type[Deciding], row: Sequence[Any]) -> list[Any]:
    """Return the cells of a row as they are stored; adding zero takes the sign off a zero."""
    names = [f.name for f in fields(kind)]
    return [round(v, DECIMALS[n]) + 0.0 if n in DECIMALS else v for n, v in zip(names, row, strict=True)]
