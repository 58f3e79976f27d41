"""What history says of the quantities: draws of their normals, stored with the hashes of what they were made of."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from headgate.catalog.chips import DATA
from headgate.errors import UsageError
from headgate.files import write_whole
from headgate.world.tables import HISTORY_ENDS

if TYPE_CHECKING:
    from headgate.world.build import World

FILE = DATA / "world" / "posterior.parquet"
MADE_OF = ("lanes", "history", "priors", "chips", "measures")
METADATA = "headgate.posterior"


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of the normals that history was asked about.

    Args:
        names: Label of each column.
        columns: Place of each among the normals of a draw.
        normals: float64 [draw, column].
        made_of: Digests of lane decisions, history, priors and tables; and through which quarter history was known.
        diagnostics: How well the sampler did.
        hash: Digest of the draws.
    """

    names: tuple[str, ...]
    columns: NDArray[np.intp]
    normals: NDArray[np.float64]
    made_of: Mapping[str, str]
    diagnostics: Mapping[str, Any]
    hash: str

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.normals)


def refuse_missing(path: Path) -> NoReturn:
    """Refuse to go on without a stored posterior."""
    raise UsageError(f"there is no posterior at {path}. Make one with `headgate world calibrate`, or give --prior.")


def refuse_broken(path: Path, why: object) -> NoReturn:
    """Refuse a file that holds no posterior."""
    raise UsageError(f"{path} holds no posterior: {why}. Make it anew with `headgate world calibrate`.")


def refuse_other_world(path: Path, differs: list[str]) -> NoReturn:
    """Refuse a posterior made with other law or data."""
    raise UsageError(
        f"{path} was made with other {' and '.join(differs)} than this world has, so it does not speak for it. "
        "Calibrate anew (`headgate world calibrate`), or say --stale to use it all the same."
    )


def digest(normals: NDArray[np.float64]) -> str:
    """Return a digest of draws."""
    return hashlib.sha256(np.ascontiguousarray(normals, dtype=np.float32).tobytes()).hexdigest()


def store(posterior: Posterior, path: Path = FILE) -> None:
    """Write a posterior; a file of that name is replaced as a whole or not at all."""
    import polars as pl

    frame = pl.DataFrame(dict(zip(posterior.names, posterior.normals.astype(np.float32).T, strict=True)))
    about = {
        "columns": [int(c) for c in posterior.columns],
        "made_of": dict(posterior.made_of),
        "diagnostics": dict(posterior.diagnostics),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = BytesIO()
    frame.write_parquet(whole, compression="zstd", metadata={METADATA: json.dumps(about)})
    write_whole(path, whole.getvalue())


@cache
def _read(path: Path, stamp: float) -> Posterior:
    import polars as pl

    try:
        about = json.loads(pl.read_parquet_metadata(path)[METADATA])
        frame = pl.read_parquet(path)
        normals = frame.to_numpy().astype(np.float64)
        columns = np.array(about["columns"], dtype=np.intp)
        if normals.shape[1] != len(columns) or not np.isfinite(normals).all():
            refuse_broken(path, "its columns do not fit together")
        return Posterior(
            tuple(frame.columns), columns, normals, about["made_of"], about["diagnostics"], digest(normals)
        )
    except (OSError, KeyError, ValueError, pl.exceptions.PolarsError) as problem:
        refuse_broken(path, problem)


def load(path: Path = FILE) -> Posterior:
    """Read a stored posterior.

    Raises:
        UsageError: There is none, or the file holds none.
    """
    if not path.is_file():
        refuse_missing(path)
    return _read(path, path.stat().st_mtime)


def differences(posterior: Posterior, baseline: "World") -> list[str]:
    """Return what a posterior was made of that is not as in a world: of lanes, history, priors, chips and measures."""
    now = baseline.fingerprints(HISTORY_ENDS + 1)
    return [k for k in MADE_OF if posterior.made_of.get(k) != now[k]]


def fitting(posterior: Posterior, baseline: "World", stale: bool = False, path: Path = FILE) -> Posterior:
    """Return a posterior that speaks for a world.

    Args:
        posterior: As stored.
        baseline: The world under the law as it is; a scenario is compared with the baseline, not with itself.
        stale: Take it although law or data have changed.
        path: For the message.

    Raises:
        UsageError: It was made with other law or data, and `stale` was not said.
    """
    differs = differences(posterior, baseline)
    if differs and not stale:
        refuse_other_world(path, differs)
    return posterior
