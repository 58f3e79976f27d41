"""The floors of the house: a file imports only from below its own floor, or from its own room.

The map below is the law; a new room gets its floor here in the commit that adds it.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "headgate"

FLOORS = (
    ("errors", "extras", "files", "units", "days", "source", "version"),  # ground: standard library only
    ("expr", "draw", "pictures"),  # tools
    ("catalog", "data"),  # facts
    ("law", "machine", "screen"),  # knowledge
    ("decide", "predict", "ledger"),  # judgment
    ("world",),  # the world
    ("scenario", "compare", "redteam"),  # questions
    ("__init__", "__main__", "cli", "api", "web"),  # roof: doors, which may call each other
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
ROOF = len(FLOORS) - 1
FORBIDDEN = {("law", "catalog"), ("law", "machine")}
HEAVY = {"polars", "duckdb", "altair", "vl_convert", "scipy", "numpy", "pandas", "xarray", "jax", "numpyro"}
HEAVY |= {"python_calamine", "xlsxwriter", "typst", "shtab"}
ARRAYS = {"machine", "predict", "draw", "world"}  # rooms whose every file works on arrays, and imports NumPy at the top
# Folders whose every file is traced by JAX; they are imported late as a whole.
TRACED = {"world/quarter": {"jax"}, "world/fit": {"jax", "numpyro"}}


def room_of(path: Path, source: Path) -> str:
    """Return the room a file stands in: its first folder, or its own name at the top."""
    parts = path.relative_to(source).with_suffix("").parts
    return parts[0]


def is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run when a module is imported, inside classes, branches, and loops too."""
    for node in body:
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if is_type_checking(node):
            yield from statements(node.orelse)  # type: ignore[attr-defined]
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from statements(getattr(node, field, []))
        for part in (*getattr(node, "handlers", []), *getattr(node, "cases", [])):
            yield from statements(part.body)


def imported(node: ast.AST, path: Path, source: Path) -> list[str]:
    """Return the dotted names that an import statement asks for; relative ones made absolute."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module or ""
    if node.level:
        package = ["headgate", *path.relative_to(source).parts[:-1]]
        base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [base])])
    return [f"{base}.{alias.name}" for alias in node.names]


def complaints_of(path: Path, source: Path) -> Iterator[str]:
    """Yield what is wrong with the imports of one file."""
    here = room_of(path, source)
    where = path.relative_to(source).as_posix()
    if here not in FLOOR:
        yield f"{where}: the room {here!r} stands on no floor; give it one in tests/tree/test_floors.py"
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        for name in imported(node, path, source):
            top, _, rest = name.partition(".")
            if top == "headgate":
                there = rest.split(".")[0] or "__init__"
                if there not in FLOOR:
                    there = "__init__"  # a public name of the package, say headgate.decide_table
                yield from judge(where, here, there)
            elif FLOOR[here] == 0 and top not in sys.stdlib_module_names:
                yield f"{where}: the ground floor imports {top}; it uses the standard library only"
    allowed = TRACED.get(path.parent.relative_to(source).as_posix(), set()) | ({"numpy"} if here in ARRAYS else set())
    for node in statements(tree.body):
        for name in imported(node, path, source):
            top = name.partition(".")[0]
            if top in HEAVY and top not in allowed:
                yield f"{where}:{node.lineno}: {top} is imported at the top; import it where it is used"


def judge(where: str, here: str, there: str) -> Iterator[str]:
    """Yield a complaint if the room `here` may not import from the room `there`."""
    if here == there:
        return
    if (here, there) in FORBIDDEN:
        yield f"{where}: {here} never imports {there}"
    elif FLOOR[there] > FLOOR[here]:
        yield f"{where}: {here} (floor {FLOOR[here]}) imports {there} (floor {FLOOR[there]}) from above"
    elif FLOOR[there] == FLOOR[here] != ROOF and FLOOR[here] != 0:
        yield f"{where}: {here} imports {there}, another room on its floor"


def complaints(source: Path) -> list[str]:
    """Return everything wrong with the imports of a source tree, in order."""
    return [each for path in sorted(source.rglob("*.py")) for each in complaints_of(path, source)]


def test_the_house_stands() -> None:
    assert complaints(SOURCE) == []


def test_every_file_is_seen() -> None:
    assert {"errors.py", "days.py", "source.py"} <= {path.name for path in SOURCE.rglob("*.py")}


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("expr/node.py", "from headgate.law.book import Book", "imports law (floor 3) from above"),
        ("expr/node.py", "import headgate.law.book", "imports law (floor 3) from above"),
        ("expr/node.py", "from headgate import law", "imports law (floor 3) from above"),
        ("expr/node.py", "from ..law import book", "imports law (floor 3) from above"),
        ("expr/node.py", "from .. import law", "imports law (floor 3) from above"),
        ("expr/node.py", "def f():\n    from headgate.law import book", "imports law (floor 3) from above"),
        ("expr/node.py", "from headgate import decide_table", "imports __init__ (floor 7) from above"),
        ("expr/node.py", "import headgate", "imports __init__ (floor 7) from above"),
        ("expr/node.py", "from headgate.draw import stream", "expr imports draw, another room on its floor"),
        ("law/us/ear/x.py", "from headgate.catalog.countries import find_country", "law never imports catalog"),
        ("law/us/ear/x.py", "from ....catalog import countries", "law never imports catalog"),
        ("law/measures.py", "from headgate.machine import speed", "law never imports machine"),
        ("scenario.py", "from headgate.compare import difference", "another room on its floor"),
        ("errors.py", "import yaml", "ground floor imports yaml"),
        ("decide/table.py", "import polars as pl", "polars is imported at the top"),
        ("decide/table.py", "from duckdb.typing import X", "duckdb is imported at the top"),
        ("cli/compare.py", "import numpy as np", "numpy is imported at the top"),
        ("catalog/chips.py", "from numpy.typing import NDArray", "numpy is imported at the top"),
        ("predict/compare/pictures.py", "import altair as alt", "altair is imported at the top"),
        ("predict/compare/pictures.py", "import vl_convert", "vl_convert is imported at the top"),
        ("predict/effects.py", "from scipy import stats", "scipy is imported at the top"),
        ("world/claims.py", "import jax", "jax is imported at the top"),
        ("world/quarter/step.py", "import numpyro", "numpyro is imported at the top"),
        ("draw/spread.py", "import jax.numpy as jnp", "jax is imported at the top"),
        ("decide/table.py", "if True:\n    import polars", "polars is imported at the top"),
        ("decide/table.py", "class A:\n    import polars", "polars is imported at the top"),
        ("decide/table.py", "try:\n    pass\nexcept OSError:\n    import polars", "polars is imported at the top"),
        ("decide/table.py", "if not TYPE_CHECKING:\n    import polars", "polars is imported at the top"),
        ("decide/table.py", "if TYPE_CHECKING:\n    pass\nelse:\n    import polars", "polars is imported at the top"),
        ("attic/x.py", "", "stands on no floor"),
        ("attic.py", "", "stands on no floor"),
    ],
)
def test_the_walk_catches(tmp_path: Path, path: str, text: str, says: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    found = complaints(tmp_path)
    assert len(found) == 1
    assert says in found[0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("days.py", "from headgate.errors import UsageError\nimport datetime"),
        ("law/us/ear/x.py", "from headgate.law.provision import provision\nfrom headgate.expr import field"),
        ("decide/table.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import polars as pl"),
        ("decide/table.py", "def f():\n    import polars as pl"),
        ("decide/table.py", "class A:\n    def f(self):\n        import polars"),
        ("machine/kernels.py", "import numpy as np"),
        ("predict/effects.py", "import numpy as np\nfrom numpy.typing import NDArray"),
        ("predict/compare/pictures.py", "def f():\n    import altair as alt"),
        ("world/quarter/step.py", "import jax.numpy as jnp"),
        ("world/fit/model.py", "import numpyro"),
        ("draw/spread.py", "import numpy as np"),
        ("cli/main.py", "import headgate\nfrom headgate.api import app"),
        ("__init__.py", "from headgate.decide import decide_table"),
    ],
)
def test_the_walk_lets_pass(tmp_path: Path, path: str, text: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    assert complaints(tmp_path) == []
