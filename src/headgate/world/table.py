"""Results as one table in a file, with what they were made of in its metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.files import write_whole
from headgate.world.frames import summary
from headgate.world.results import Results

if TYPE_CHECKING:
    import polars as pl

MANIFEST = "headgate.manifest"


def parquet(frame: pl.DataFrame, manifest: object) -> bytes:
    """Return a frame as the bytes of a Parquet file; the same frame and manifest give the same bytes."""
    held = BytesIO()
    frame.write_parquet(held, compression="zstd", metadata={MANIFEST: json.dumps(manifest, sort_keys=True)})
    return held.getvalue()


def write_table(results: Sequence[Results], path: Path) -> None:
    """Write the quantiles of some runs as one Parquet file, which is never half written.

    Args:
        results: One or more; the column `scenario` names them.
        path: A file of that name is replaced.

    Raises:
        OSError: It cannot be written.
    """
    import polars as pl

    frame = pl.concat([summary(each) for each in results])
    write_whole(path, parquet(frame, [dict(each.manifest) for each in results]))


def manifest_of(path: Path) -> Any:
    """Return what the table of a file was made of: a manifest for each run.

    Raises:
        KeyError: The file has no manifest.
    """
    import polars as pl

    told: Mapping[str, str] = pl.read_parquet_metadata(path)
    return json.loads(told[MANIFEST])
