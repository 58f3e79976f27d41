"""The stored posterior: read as it was written, refused where it does not speak for a world, never half written."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.world import worlds

from headgate.errors import UsageError
from headgate.world.history import history
from headgate.world.observed import observations
from headgate.world.posterior import (
    FILE,
    MADE_OF,
    METADATA,
    Posterior,
    differences,
    digest,
    fitting,
    load,
    store,
)
from headgate.world.priors import priors
from headgate.world.tables import HISTORY_ENDS

DIAGNOSTICS = {"r_hat": 1.01, "effective_sample": 400.0, "divergent_share": 0.0}


def small(seed: int = 0, draws: int = 6, **made_of: str) -> Posterior:
    """Return a posterior of three normals that speaks for the baseline."""
    normals = np.random.default_rng(seed).standard_normal((draws, 3)).astype(np.float32).astype(np.float64)
    now = worlds.baseline().fingerprints(HISTORY_ENDS + 1)
    told = {**{k: now[k] for k in MADE_OF}, **made_of}
    names, columns = priors().labels(), np.array([2, 5, 9], dtype=np.intp)
    return Posterior(tuple(names[c] for c in columns), columns, normals, told, DIAGNOSTICS, digest(normals))


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "posterior.parquet"
    given = small()
    store(given, path)
    found = load(path)
    assert (found.names, found.hash, found.draws) == (given.names, given.hash, 6)
    assert found.columns.tolist() == [2, 5, 9]
    assert found.normals.tobytes() == given.normals.tobytes()
    assert (found.made_of, found.diagnostics) == (given.made_of, given.diagnostics)
    assert [p.name for p in path.parent.iterdir()] == ["posterior.parquet"]


def test_the_same_draws_give_the_same_file(tmp_path: Path) -> None:
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    store(small(), one)
    store(small(), other)
    assert one.read_bytes() == other.read_bytes()
    assert small(1).hash != small(0).hash


def test_one_that_speaks_for_the_world_is_taken() -> None:
    given = small()
    assert differences(given, worlds.baseline()) == []
    assert fitting(given, worlds.baseline()) is given


@pytest.mark.parametrize("what", MADE_OF)
def test_one_made_with_other_law_or_data_is_refused_unless_told(what: str, tmp_path: Path) -> None:
    given = small(**{what: "0" * 64})
    assert differences(given, worlds.baseline()) == [what]
    with pytest.raises(UsageError) as refused:
        fitting(given, worlds.baseline(), path=tmp_path / "p.parquet")
    assert f"p.parquet was made with other {what} than this world has" in str(refused.value)
    assert "--stale" in str(refused.value)
    assert fitting(given, worlds.baseline(), stale=True) is given


def test_all_that_differs_is_named() -> None:
    given = replace(small(), made_of={})
    with pytest.raises(UsageError, match=" and ".join(MADE_OF)):
        fitting(given, worlds.baseline())


def test_law_after_the_history_does_not_make_it_stale() -> None:
    """A scenario of 2026 has the history of the baseline; October 2022 alone has another one."""
    assert differences(small(), worlds.scenario("full-embargo")) == []
    assert differences(small(), worlds.scenario("no-controls")) == ["lanes"]


def test_none_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no posterior at .*nothing.parquet.*world calibrate.*--prior"):
        load(tmp_path / "nothing.parquet")
    with pytest.raises(UsageError, match="there is no posterior"):
        load(tmp_path)


ABOUT = {"columns": [2, 5], "made_of": {}, "diagnostics": {}}


@pytest.mark.parametrize(
    ("about", "columns"),
    [
        ({**ABOUT, "columns": [2]}, {"a": [0.0], "b": [1.0]}),
        (ABOUT, {"a": [0.0], "b": [float("nan")]}),
        (ABOUT, {"a": [0.0], "b": [float("inf")]}),
        ({"columns": [2, 5], "made_of": {}}, {"a": [0.0], "b": [1.0]}),
        ({**ABOUT, "columns": ["x", "y"]}, {"a": [0.0], "b": [1.0]}),
        (None, {"a": [0.0], "b": [1.0]}),
        (ABOUT, {"a": ["high"], "b": ["low"]}),
    ],
    ids=["too few columns", "nan", "inf", "no diagnostics", "columns of words", "no metadata", "words"],
)
def test_a_file_that_holds_none_is_refused(about: dict | None, columns: dict, tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    metadata = {METADATA: json.dumps(about)} if about is not None else {}
    pl.DataFrame(columns).write_parquet(path, metadata=metadata)
    with pytest.raises(UsageError, match="holds no posterior: .* Make it anew with `headgate world calibrate`"):
        load(path)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all", None], ids=["empty", "head", "text", "cut"])
def test_a_broken_file_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    store(small(), path)
    path.write_bytes(path.read_bytes()[:-40] if content is None else content)
    with pytest.raises(UsageError, match="p.parquet holds no posterior"):
        load(path)


@pytest.mark.parametrize("stops", [KeyboardInterrupt, OSError("disk full"), MemoryError])
def test_an_interruption_leaves_the_old_file_and_no_other(
    stops: BaseException | type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.parquet"
    store(small(0), path)
    before = path.read_bytes()

    whole = Path.write_bytes

    def half(self: Path, content: bytes) -> None:
        whole(self, content[: len(content) // 2])
        raise stops

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(stops if isinstance(stops, type) else type(stops)):
        store(small(1), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["p.parquet"]
    assert load(path).hash == small(0).hash


def test_a_file_replaced_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    store(small(0), path)
    assert load(path).hash == small(0).hash
    store(small(1, draws=9), path)
    assert (load(path).hash, load(path).draws) == (small(1, draws=9).hash, 9)


def test_it_is_read_without_jax(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    store(small(), path)
    code = (
        "import sys; from pathlib import Path; from headgate.world.posterior import load\n"
        f"assert load(Path({str(path)!r})).draws == 6\n"
        "assert not {'jax', 'numpyro'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# The package's own


def test_the_stored_one_came_out_well_and_names_what_it_holds() -> None:
    found, names = load(), [*priors().labels()]
    assert FILE.is_file()
    assert found.draws >= 1000
    assert len(set(found.names)) == len(found.names) == len(found.columns)
    assert found.columns.tolist() == sorted(set(found.columns.tolist()))
    for name, column in zip(found.names, found.columns, strict=True):
        assert column >= len(names) or names[column] == name
    assert found.diagnostics["r_hat"] <= 1.05
    assert found.diagnostics["effective_sample"] >= 100
    assert found.diagnostics["divergent_share"] <= 0.01
    assert np.abs(found.normals.mean(0)).max() < 4
    assert (found.normals.std(0) > 0).all()
    assert found.made_of["through"] == "2025Q4"


def test_the_stored_one_speaks_for_the_law_and_data_of_the_package() -> None:
    found = load()
    assert fitting(found, worlds.baseline()) is found
    assert observations(history())
