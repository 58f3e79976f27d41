"""Write a page for every provision of the book, and an index of them, into docs/law/.

Pages of provisions that are gone are removed.

    python scripts/pages.py            write them
    python scripts/pages.py --check    name the pages that are missing, stale or orphaned (exit 1 if there are any)
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from headgate.cli.coverage import counted
from headgate.cli.law import span_words
from headgate.law.book import Book
from headgate.law.us import ROOMS, book, red_flags
from headgate.law.us.coverage import coverage, row_of

sys.path.insert(0, str(Path(__file__).resolve().parent))
from page_cases import read_cases
from page_words import ROOT, anchor, escaped, link
from provision_page import INDEX, latest, page, row_line

FOLDER = ROOT / "docs" / "law"
CASES = ROOT / "tests" / "law" / "us"
FLAGS = ROOT / "src" / "headgate" / "data" / "red_flags.toml"
INTRODUCTION = """\
# The law, provision by provision

A page for every provision of the book: what it says, when it applies, its thresholds and days, where it is written and
how well it is known, what changed from version to version, and the cases that it is tested with.

*Printed* law is what the regulations print, *enforced* law is what BIS says it enforces; a provision is both unless its
page says otherwise. *Primary text*, *two sources*, *one source*, *unverified* say how well it is known; *unverified*
means that nobody here has read the text. Not legal advice.
"""


def all_pages() -> dict[str, str]:
    """Return every file of docs/law/ by name."""
    found, cases, rows = book(), read_cases(CASES), coverage()
    homes = {p.id: Path(str(room.__file__)) for room in ROOMS for p in room.PROVISIONS}
    homes |= {p.id: FLAGS for p in red_flags.PROVISIONS}
    pages = {f"{id}.md": page(id, found, row_of(id, rows), cases.get(id), homes[id]) for id in found.ids()}
    return {INDEX: "\n".join(index(found)) + "\n"} | pages


def index(found: Book) -> Iterator[str]:
    """Yield the index of all pages: by section, in the order of the text."""
    rows = coverage()
    parts = dict.fromkeys(row.part for row in rows)
    yield INTRODUCTION
    yield counted(rows, found)
    yield ""
    yield from (f"- [{escaped(part)}](#{anchor(part)})" for part in parts)
    for part in parts:
        yield from ("", f"## {part}", "")
        for row in (r for r in rows if r.part == part):
            yield f"- {row_line(row, escaped(row.section))}"
            for id in row.ids(found):
                last = latest(id, found)
                days = f" *({span_words(last)})*" if last.end else ""
                printed = " *(printed only)*" if last.track == "printed" else ""
                yield f"  - {link(id)}: {escaped(last.says)}{printed}{days}"


def faults(pages: Mapping[str, str], folder: Path) -> list[str]:
    """Return which files of a folder are missing, stale or orphaned."""
    there = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*"))}
    found = [f"missing: {name}" for name in pages if name not in there]
    found += [f"stale: {name}" for name in pages if name in there and there[name] != pages[name]]
    return found + [f"orphaned: {name}" for name in there if name not in pages]


def write(pages: Mapping[str, str], folder: Path) -> None:
    """Write every page that is not there as it must be, and remove what is no page."""
    folder.mkdir(parents=True, exist_ok=True)
    for fault in faults(pages, folder):
        what, name = fault.split(": ")
        if what == "orphaned":
            (folder / name).unlink()
        else:
            (folder / name).write_text(pages[name], encoding="utf-8")


def main() -> int:
    """Write or check the pages."""
    pages = all_pages()
    if "--check" not in sys.argv:
        write(pages, FOLDER)
        return 0
    found = faults(pages, FOLDER)
    print("\n".join([*found, "run: make docs"] if found else ["docs/law is up to date"]))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
