"""The stored probabilities of the two claims: three files, read in a moment and without JAX, Polars or NumPy."""

import csv
import hashlib
import io
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from headgate.catalog.record import table_of
from headgate.errors import CatalogError
from headgate.files import write_whole
from headgate.world.records import WORLD

TOP = ("says", "note", "run", "made_of", "files", "tables")
SAYS = "Probabilities of the claims A and B by year and measure, and what goes with them; by scripts/world_claims.py"
NOTE = """
Every number is a result of ours, to be marked unverified: a share of the draws of a model, no measurement. Both claims
are defined at the top of headgate.world.claims. `claims.csv`: claim, basis (owned, located, controlled), kind (stock at
the end of the year, or flow of the year), measure, year, probability, and its Monte Carlo error. `claims_decided.csv`:
for each of them the quantities of priors.toml that go most with it over the draws: rank correlation with the margin by
which the claim holds, as level at the end of the year or as change over it, and the probability in the lower and in the
upper third of the quantity. Quantities hang together once history is asked, so that one may stand for another.
[made_of] are digests of what the results rest on, [files] those of the files behind each.
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """The probability of a claim in a year; see `headgate.world.claims`."""

    claim: str
    basis: str
    kind: str
    measure: str
    year: int
    probability: float
    mc_error: float


@dataclass(frozen=True, slots=True)
class Deciding:
    """A quantity that goes with a claim, the `place`-th; see `headgate.world.decided`."""

    claim: str
    basis: str
    kind: str
    measure: str
    year: int
    place: int
    quantity: str
    part: str
    correlation: float
    low_third: float
    high_third: float


TABLES: Mapping[str, type[Claim] | type[Deciding]] = MappingProxyType(
    {"claims.csv": Claim, "claims_decided.csv": Deciding}
)
VENDORS = ("NVIDIA", "AMD", "Google", "Amazon")


@dataclass(frozen=True)
class Stored:
    """The results and what they were made of.

    Args:
        claims: All claims, parity among them.
        decided: What decides them.
        run: Draws, seed, posterior and versions.
        made_of: Digest of each part that the results rest on.
        files: Digest of the files behind each part.
    """

    claims: tuple[Claim, ...]
    decided: tuple[Deciding, ...]
    run: Mapping[str, Any]
    made_of: Mapping[str, str]
    files: Mapping[str, str]


def refuse_unreadable(path: Path, why: object) -> NoReturn:
    """Refuse results that are not there or not as they were written."""
    raise CatalogError(
        f"{path}: the stored results of the claims cannot be read: {why}. "
        "Make them anew: python scripts/world_claims.py; or run `headgate world claims --refresh`."
    )


def texts(stored: Stored) -> dict[str, str]:
    """Return the three files of the results as text, by name; the description last."""
    found = {}
    for name, rows in (("claims.csv", stored.claims), ("claims_decided.csv", stored.decided)):
        out = io.StringIO()
        table = csv.writer(out, lineterminator="\n")
        names = [f.name for f in fields(TABLES[name])]
        table.writerow(names)
        table.writerows([getattr(row, n) for n in names] for row in rows)
        found[name] = out.getvalue()
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in found.items()}
    told = {"run": stored.run, "made_of": stored.made_of, "files": stored.files, "tables": hashes}
    lines = [f'says = "{SAYS}"', f'note = """{NOTE}"""']
    for head, values in told.items():
        cells = {k: str(v) if isinstance(v, int) else f'"{v}"' for k, v in values.items()}
        lines += ["", f"[{head}]", *(f'"{k}" = {v}' for k, v in cells.items())]
    return {**found, "claims.toml": "\n".join(lines) + "\n"}


def write(stored: Stored, folder: Path = WORLD) -> None:
    """Write the results, each file as a whole; the description comes last, since it has digests of the others."""
    for name, text in texts(stored).items():
        write_whole(folder / name, text.encode("utf-8"))


def read(folder: Path = WORLD) -> Stored:
    """Read the stored results.

    Raises:
        CatalogError: They are not there, or not as they were written.
    """
    path = folder / "claims.toml"
    try:
        about = table_of(path.name, "file", tomllib.loads(path.read_text("utf-8")), TOP, TOP)
        claims = tuple(Claim(*cells) for cells in _cells(folder / "claims.csv", Claim, about["tables"]))
        decided = tuple(Deciding(*cells) for cells in _cells(folder / "claims_decided.csv", Deciding, about["tables"]))
    except (OSError, ValueError) as problem:
        refuse_unreadable(path, problem)
    return Stored(claims, decided, about["run"], about["made_of"], about["files"])


def _cells(path: Path, kind: type[Claim] | type[Deciding], hashes: Mapping[str, str]) -> Iterator[list[Any]]:
    text = path.read_text("utf-8")
    if hashlib.sha256(text.encode()).hexdigest() != hashes.get(path.name):
        refuse_unreadable(path, "it is not the table that claims.toml speaks of")
    types: list[Any] = [f.type for f in fields(kind)]
    lines = csv.reader(io.StringIO(text))
    next(lines)
    for line in lines:
        yield [into(cell) for into, cell in zip(types, line, strict=True)]


def sayings(path: Path = WORLD / "priors.toml") -> dict[str, str]:
    """Return what each quantity says in words, by id; read as text, so that no array package is needed.

    Example:
        >>> sayings()["error.amd"]
        'Error of the published units of AMD'
    """
    raw = tomllib.loads(path.read_text("utf-8"))
    found = {q["id"]: q["says"] for kind in ("prior", "path", "steps") for q in raw.get(kind, ())}
    return found | {f"error.{name.lower()}": f"Error of the published units of {name}" for name in VENDORS}
