"""The scores of the back-test: stored, read without JAX, and set side by side, wins and losses alike."""

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from statistics import fmean
from typing import Any, NoReturn

from headgate.catalog.record import table_of
from headgate.errors import CatalogError
from headgate.files import write_whole
from headgate.world.records import WORLD

ORIGINS = ("2023Q4", "2024Q2", "2024Q4", "2025Q2")
AHEAD = 4
# The forecasts of the world: the first is the one that is judged, the others say what more or other knowledge is worth.
WORLDS = ("world", "world, growth as before", "world, law that came", "world, products that came")
ALL = "all"
NAME = "backtest"
TOP = ("says", "note", "hindsight", "run", "fits", "tables")
SAYS = "Forecasts of the world from four origins, each quarter scored beside two naive ones; by headgate world backtest"
NOTE = """
Every number is a result of ours, to be marked unverified. One row is one forecast of one quarter. `outcome` is the
published median (supply_history.csv, gap_anchors.csv), H100-equivalents added in the quarter; `low`, `median` and
`high` are the 5, 50 and 95 % points of the forecast in the same unit. `crps` is the continuous ranked probability score
of log(1 + flow / 1,000): 0.1 is an error of about 10 %, less is better. `in80` and `in90` say whether the central
interval held the outcome.
Methods: `world` was fitted through the origin under the law as known then, and knows nothing of later but what
`hindsight` says; its growth beyond the origin is the same blind guess for all. `world, growth as before` lets grow
on what grew, as it did on average (added after the scores of `world` at the first origin had been seen); `world, law
that came` is `world` under the law of today; `world, products that came` knows which products the makers would sell,
though not how many. `last_growth` and `random_walk` are naive (headgate.world.naive), and need two known quarters.
Series: `us_named`, the seven owners that Epoch AI names; `china_legal`; `china_domestic`, Huawei and Cambricon;
`china_smuggled`. History ends with 2025Q4, so that the last origin has two quarters to forecast.
[run] says what it was made of, [fits] how well the sampler did, [tables] is the digest of the CSV.
"""


@dataclass(frozen=True, slots=True)
class Score:
    """One forecast of one quarter, scored; flows in H100e.

    Args:
        origin: The last quarter known.
        method: One of `WORLDS`, or a naive one.
        outcome: What came.
        low: 5 % point of the forecast; `median` is the 50 % and `high` the 95 % point.
        crps: Continuous ranked probability score of log(1 + flow / 1,000 H100e); less is better.
        in80: Whether the 80 % interval held the outcome; the same for 90 %.
    """

    origin: str
    quarter: str
    series: str
    method: str
    outcome: float
    low: float
    median: float
    high: float
    crps: float
    in80: bool
    in90: bool


@dataclass(frozen=True)
class Backtest:
    """All scores, what they were made of, and how well the sampler did at each origin.

    Args:
        run: Draws, seed, fit, digests of history, priors and code, versions.
        fits: Diagnostics by origin.
        hindsight: What is known later than the origins all the same.
    """

    scores: tuple[Score, ...]
    run: Mapping[str, Any]
    fits: Mapping[str, Mapping[str, Any]]
    hindsight: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: a method over some forecasts.

    Args:
        origin: An origin, or `all`; so the series.
        alone: Whether no naive forecast could be made of these quarters.
        forecasts: How many.
        crps: Their mean score; `in80` and `in90` are the shares whose interval held what came.
        wins: In how many of them the score is less than that of `world`; of `world`, less than of every naive one.
    """

    origin: str
    series: str
    method: str
    alone: bool
    forecasts: int
    crps: float
    in80: float
    in90: float
    wins: int


def refuse_unreadable(path: Path, why: object) -> NoReturn:
    """Refuse scores that are not there or not as they were written."""
    raise CatalogError(
        f"{path}: the stored scores cannot be read: {why}. Make them anew with `headgate world backtest --refit`."
    )


def texts(found: Backtest) -> dict[str, str]:
    """Return the two files of a back-test as text, by name; the description last."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow([f.name for f in fields(Score)])
    for score in found.scores:
        table.writerow([_cell(x) for x in astuple(score)])
    text = out.getvalue()
    lines = [f'says = "{SAYS}"', f'note = """{NOTE}"""', "hindsight = ["]
    lines += [*(f"  {json.dumps(each, ensure_ascii=False)}," for each in found.hindsight), "]"]
    heads: dict[str, Mapping[str, Any]] = {"run": found.run}
    heads |= {f'fits."{origin}"': told for origin, told in found.fits.items()}
    heads["tables"] = {f"{NAME}.csv": hashlib.sha256(text.encode()).hexdigest()}
    for head, told in heads.items():
        lines += ["", f"[{head}]", *(f'"{k}" = {json.dumps(v)}' for k, v in told.items())]
    return {f"{NAME}.csv": text, f"{NAME}.toml": "\n".join(lines) + "\n"}


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def write(found: Backtest, folder: Path = WORLD) -> None:
    """Write a back-test; each file is replaced as a whole, and the description, which has the digest, last."""
    for name, text in texts(found).items():
        write_whole(folder / name, text.encode("utf-8"))


def read(folder: Path = WORLD) -> Backtest:
    """Read a stored back-test.

    Raises:
        CatalogError: It is not there, or not as it was written.

    Example:
        >>> sorted({score.origin for score in read().scores})
        ['2023Q4', '2024Q2', '2024Q4', '2025Q2']
    """
    path = folder / f"{NAME}.toml"
    try:
        about = table_of(path.name, "file", tomllib.loads(path.read_text("utf-8")), TOP, TOP)
        text = (folder / f"{NAME}.csv").read_text("utf-8")
        if hashlib.sha256(text.encode()).hexdigest() != about["tables"].get(f"{NAME}.csv"):
            refuse_unreadable(path, f"{NAME}.csv is not the table that it speaks of")
        head, *lines = csv.reader(io.StringIO(text))
        if head != [f.name for f in fields(Score)]:
            refuse_unreadable(path, f"{NAME}.csv has other columns")
        scores = tuple(_score(line) for line in lines)
    except (OSError, ValueError) as problem:
        refuse_unreadable(path, problem)
    return Backtest(scores, about["run"], about["fits"], tuple(about["hindsight"]))


def _score(line: Sequence[str]) -> Score:
    origin, quarter, series, method, *rest = line
    outcome, low, median, high, crps, in80, in90 = map(float, rest)
    return Score(origin, quarter, series, method, outcome, low, median, high, crps, bool(in80), bool(in90))


Key = tuple[str, str, str]


def split(scores: Iterable[Score]) -> tuple[dict[Key, dict[str, Score]], dict[Key, dict[str, Score]]]:
    """Return scores by forecast and method: those that every method made, and those that the world alone could make.

    A method is compared with others on the same forecasts, never on those that happen to suit it.
    """
    found: dict[Key, dict[str, Score]] = {}
    methods = set()
    for s in scores:
        methods.add(s.method)
        found.setdefault((s.origin, s.quarter, s.series), {})[s.method] = s
    shared = {k: each for k, each in found.items() if set(each) == methods}
    return shared, {k: each for k, each in found.items() if k not in shared}


def lines(scores: Iterable[Score]) -> list[Line]:
    """Return the table: every series, every origin, and the two again for what the world forecast alone."""
    made: list[Line] = []
    for alone, cells in enumerate(split(scores)):
        origins = list(dict.fromkeys(k[0] for k in cells))
        names = list(dict.fromkeys(k[2] for k in cells))
        for origin, name in [*((ALL, s) for s in names), (ALL, ALL), *((o, ALL) for o in origins)]:
            mine = [each for k, each in cells.items() if origin in (k[0], ALL) and name in (k[2], ALL)]
            for method in dict.fromkeys(m for each in mine for m in each):
                made.append(_line(origin, name, method, bool(alone), [e for e in mine if method in e]))
    return made


def _line(origin: str, series: str, method: str, alone: bool, mine: Sequence[Mapping[str, Score]]) -> Line:
    own = [each[method] for each in mine]
    judged = WORLDS[0]
    wins = 0
    for each in mine:
        rivals = [s.crps for m, s in each.items() if (m not in WORLDS if method == judged else m == judged)]
        wins += bool(rivals) and each[method].crps < min(rivals)
    shares = (fmean(s.in80 for s in own), fmean(s.in90 for s in own))
    return Line(origin, series, method, alone, len(own), fmean(s.crps for s in own), *shares, wins)


def stale(found: Backtest) -> list[str]:
    """Return what stored scores were made of that is no more as it is: of history and priors."""
    from headgate.world.history import fingerprint, history
    from headgate.world.priors import priors

    now = {"history": fingerprint(history()), "priors": priors().fingerprint()}
    return [name for name, digest in now.items() if found.run.get(name) != digest]
