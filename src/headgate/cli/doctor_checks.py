"""What `headgate doctor` looks at, one function a question; nothing of it needs a network."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from headgate.cli.requirements import Requirement, python_version, requirements, within
from headgate.errors import HeadgateError

FINE, NOTE, WRONG = "ok", "note", "wrong"
LEAST_PYTHON = ">=3.11"
LEAST_WIDTH = 80
# Lines of days that are past, so that only a fault changes what is found: facts beside them, and the answer.
KNOWN = (
    ({"item": "nvidia-h100-sxm", "event_date": "2024-06-01"}, "clean", "license_required"),
    ({"item": "nvidia-h20-96", "event_date": "2024-06-01"}, "clean", "no_license_required"),
    ({"item": "nvidia-h20-96", "event_date": "2024-06-01"}, None, "insufficient_facts"),
)
TO_CHINA = {"activity": "export", "ship_from": "US", "destination": "CN"}


@dataclass(frozen=True, slots=True)
class Check:
    """What was found about one thing.

    Args:
        group: The heading that it stands under.
        name: What was looked at.
        state: `ok`, `note` for what one should know, or `wrong` for what must be mended.
        says: What was found.
        do: What to do about it; blank when there is nothing.
    """

    group: str
    name: str
    state: str
    says: str
    do: str = ""


def checks(today: date) -> Iterator[Check]:
    """Look at everything, one thing after the other.

    Args:
        today: The day from which ages are counted.
    """
    yield from installed()
    yield decides()
    yield from law(today)
    yield from data(today)
    yield from here()


def installed() -> Iterator[Check]:
    """Look at Python, at Headgate, and at the packages that it needs or can use."""
    from headgate import __file__ as home
    from headgate import __version__

    where = Path(home).parent
    yield Check("installation", "headgate", FINE, f"{__version__} in {where}")
    fits = within(python_version(), LEAST_PYTHON)
    told = f"{python_version()} ({LEAST_PYTHON})"
    yield Check("installation", "Python", FINE if fits else WRONG, told, "" if fits else "Install a newer Python")
    found: dict[str, list[Requirement]] = {}
    for each in requirements():
        found.setdefault(each.extra, []).append(each)
    for extra, packages in found.items():
        yield _of_packages(extra, packages)
    if not found:
        yield Check("installation", "packages", NOTE, "what is asked for is not on record: headgate is not installed")


def _of_packages(extra: str, packages: list[Requirement]) -> Check:
    name = f"[{extra}]" if extra else "packages"
    told = ", ".join(f"{p.name} {p.installed}" for p in packages if p.installed)
    missing = [p.name for p in packages if p.installed is None]
    unfit = [f"{p.name} {p.installed} is not {p.wanted}" for p in packages if p.installed is not None and not p.fits]
    mend = f"pip install 'headgate[{extra}]'" if extra else "pip install --upgrade headgate"
    if unfit:
        return Check("installation", name, WRONG, "; ".join(unfit), mend)
    if missing and extra:
        return Check("installation", name, NOTE, f"{' and '.join(missing)} missing; for {_purpose(extra)}", mend)
    if missing:
        return Check("installation", name, WRONG, f"{' and '.join(missing)} missing", mend)
    return Check("installation", name, FINE, told)


def _purpose(extra: str) -> str:
    from headgate.extras import EXTRAS

    return " and ".join(dict.fromkeys(purpose for own, purpose in EXTRAS.values() if own == extra)) or "what it adds"


def decides() -> Check:
    """Decide lines whose answer is known, one by one and as a table."""
    import headgate

    try:
        for facts, assume, expected in KNOWN:
            row = {"line_id": "1", **TO_CHINA, **facts}
            one = headgate.decide(row, assume=assume).outcome
            table = headgate.decide_table([row], assume=assume)["outcome"].to_list()
            if [one] != table or one != expected:
                told = f"{facts['item']} of {facts['event_date']} is {one} and {table[0]}, not {expected}"
                return Check("installation", "self-check", WRONG, told, "Install headgate anew; do not rely on it")
    except (HeadgateError, ImportError) as problem:
        return Check("installation", "self-check", WRONG, str(problem), "Install headgate anew; do not rely on it")
    return Check("installation", "self-check", FINE, f"{len(KNOWN)} known lines are decided as they should be")


def law(today: date) -> Iterator[Check]:
    """Look at how old the law is, what waits for a review, and what is not modeled."""
    from headgate.decide.one import decider
    from headgate.law.us.coverage import coverage

    book = decider().book
    days = (today - book.read_on).days
    told = f"up to {book.read_on}{_ago(today, book.read_on)}; {len(book.ids())} provisions, version {book.version}"
    do = "Later lines are flagged: check these against the Federal Register"
    yield Check("law", "read", NOTE if days > 0 else FINE, told, do if days > 0 else "")
    late = book.overdue(today)
    told = ", ".join(f"{p.id} since {p.review_by}" for p in late) or "none is overdue"
    do = f"See `headgate law show {late[0].id}`" if late else ""
    yield Check("law", "reviews", NOTE if late else FINE, told, do)
    states = Counter(row.state for row in coverage())
    told = f"{states['modeled']} sections modeled, {states['partial']} in part, {states['not_modeled']} not"
    yield Check("law", "not modeled", FINE, told, "`headgate law coverage --state not_modeled` lists them")


def _ago(today: date, day: date) -> str:
    days = (today - day).days
    return f", {days:,} day{'' if days == 1 else 's'} ago" if days > 0 else ""


def data(today: date) -> Iterator[Check]:
    """Look at the records of chips, and at the stored results of the world."""
    from headgate.catalog.chips import catalog
    from headgate.decide.one import decider

    kinds = Counter(record.kind for record in catalog().records())
    read = [source.read_on for source in catalog().sources().values()]
    told = f"{kinds['ic']} circuits, {kinds['computer']} systems; sources read by {max(read)}"
    told += f"{_ago(today, max(read))}; version {decider().data_version}"
    yield Check("data", "catalog", FINE, told, "`headgate chip list`")
    yield world()


def world() -> Check:
    """Say whether the stored results of the world were made with the files that are here."""
    from headgate.extras import needed

    try:
        needed("numpy")
    except HeadgateError:
        return Check("data", "world", NOTE, "not looked at: numpy is missing", "pip install 'headgate[world]'")
    from headgate.world.claims_made import PARTS, digest_of_files
    from headgate.world.claims_stored import read
    from headgate.world.scores import read as read_scores
    from headgate.world.scores import stale

    try:
        stored = read()
        edited = [part for part in PARTS if stored.files.get(part) != digest_of_files(part)]
        told = stale(read_scores())
    except HeadgateError as problem:
        return Check("data", "world", WRONG, str(problem), "Install headgate anew")
    if told:
        says = f"the back-test was made with other {' and '.join(told)}"
        return Check("data", "world", NOTE, says, "Run `headgate world backtest --refit` again")
    if edited:
        says = f"files behind the stored claims were edited since ({', '.join(edited)})"
        return Check("data", "world", NOTE, says, "`headgate world claims` says whether it matters")
    return Check("data", "world", FINE, "the stored claims and the back-test were made with these files")


def here() -> Iterator[Check]:
    """Look at the folder, the terminal and the fonts that commands work with."""
    yield folder(Path.cwd())
    encoding = (getattr(sys.stdout, "encoding", "") or "unknown").lower()
    width = shutil.get_terminal_size((LEAST_WIDTH, 24)).columns
    told = f"{encoding}, {width} columns" if sys.stdout.isatty() else f"{encoding}, no terminal"
    if encoding.replace("-", "") != "utf8":
        yield Check("here", "terminal", NOTE, f"{told}: names in other scripts fail", "Set PYTHONUTF8=1")
    elif sys.stdout.isatty() and width < LEAST_WIDTH:
        yield Check("here", "terminal", NOTE, f"{told}: tables are cut", f"Make it {LEAST_WIDTH} columns wide")
    else:
        yield Check("here", "terminal", FINE, told)
    yield fonts()
    if present := os.environ.get("HEADGATE_TODAY"):
        yield Check("here", "HEADGATE_TODAY", NOTE, f"set: today is taken as {present}", "Unset it for the present day")


def folder(path: Path) -> Check:
    """Say whether files can be written in a folder."""
    try:
        with tempfile.NamedTemporaryFile(dir=path, prefix=".headgate."):
            pass
    except OSError as problem:
        why = f"nothing can be written in {path}: {problem.strerror}"
        return Check("here", "folder", NOTE, why, "Name another folder with -o")
    return Check("here", "folder", FINE, f"{path} may be written in")


def fonts() -> Check:
    """Say whether there is a font for Chinese, in which questions for customers are also written."""
    lister = shutil.which("fc-list")
    if lister is None:
        return Check("here", "fonts", FINE, "not looked at: fc-list is not here")
    try:
        found = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return Check("here", "fonts", FINE, "not looked at: fc-list does not answer")
    if found.stdout.strip():
        return Check("here", "fonts", FINE, f"Chinese: {sorted(found.stdout.splitlines())[0].split(',')[0]}")
    return Check("here", "fonts", NOTE, "none for Chinese: its signs are boxes in PDFs", "Install Noto Sans CJK")
