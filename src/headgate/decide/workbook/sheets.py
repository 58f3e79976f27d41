"""Which sheet of a workbook is read: the only one with cells, or the one that is named; several are asked back."""

from __future__ import annotations

from headgate.decide.workbook.package import STRINGS, STYLES, Package, Sheet
from headgate.decide.workbook.places import MOST_ROWS, listed
from headgate.decide.workbook.scan import DamagedSheet, Scan, scan_sheet, scan_strings
from headgate.errors import did_you_mean

# The library lays a sheet out as one rectangle of about 60 bytes a cell: 1,048,576 rows of 64 columns take 4 GB.
MOST_CELLS = MOST_ROWS * 64
# Each cell gets its own copy of a text that the table of strings holds once.
MOST_TEXT_BYTES = 4_000_000_000
# The sheets that `write_xlsx` writes; the first one holds the lines.
OWN_SHEETS = ("Decisions", "Reasons", "What this does not cover", "About")


def choose(package: Package, wanted: str | None, option: str = "--sheet NAME") -> tuple[Sheet, Scan, list[str]]:
    """Return the sheet to read, what was found in it, and what a person should know.

    Args:
        package: The workbook.
        wanted: The sheet's name; None when the workbook must say.
        option: How the user names a sheet, for messages; blank when it cannot be named.

    Raises:
        UsageError: There are several sheets to choose from, or none.
    """
    if wanted is not None:
        return _named(package, wanted)
    shown = [s for s in package.sheets if not s.hidden]
    if [s.name for s in package.sheets] == list(OWN_SHEETS):
        return shown[0], scanned(package, shown[0]), [f"the sheet {OWN_SHEETS[0]} was read, as Headgate wrote it"]
    found = [(s, scan) for s in shown if (scan := scanned(package, s)).rows]
    hidden = [s.name for s in package.sheets if s.hidden]
    also = f" Hidden: {listed([repr(n) for n in hidden])}." if hidden else ""
    say = f"Say which with {option}" if option else "Leave cells in one only"
    if len(found) > 1:
        told = listed([f"{s.name!r} ({scan.rows:,} rows)" for s, scan in found], 12)
        raise package.refused(f"the workbook has {len(found)} sheets: {told}.{also} {say}")
    if not found:
        raise package.refused(f"no sheet that is shown holds a cell.{also}" + (f" {say}" if hidden else ""))
    notes = [f"hidden sheets were not read: {listed([repr(n) for n in hidden])}"] if hidden else []
    return *found[0], notes


def _named(package: Package, wanted: str) -> tuple[Sheet, Scan, list[str]]:
    same = [s for s in package.sheets if s.name.casefold() == wanted.casefold()]
    if not same:
        names = [s.name for s in package.sheets]
        told = listed([f"{s.name!r}{' (hidden)' if s.hidden else ''}" for s in package.sheets], 12)
        raise package.refused(f"there is no sheet {wanted!r}.{did_you_mean(wanted, names)} It has {told}")
    scan = scanned(package, same[0])
    if not scan.rows:
        raise package.refused(f"the sheet {same[0].name!r} holds no cell")
    return same[0], scan, [f"the sheet {same[0].name!r} is hidden; it was read"] if same[0].hidden else []


def scanned(package: Package, sheet: Sheet) -> Scan:
    """Look over a sheet, and refuse one that cannot be laid out."""
    try:
        scan = scan_sheet(package.blocks(sheet.part))
    except DamagedSheet as problem:
        raise package.damaged(f"sheet {sheet.name!r}: {problem}") from None
    if scan.last_row * scan.width > MOST_CELLS:
        raise package.refused(
            f"sheet {sheet.name!r} reaches to column {scan.width:,} and row {scan.last_row:,}, {MOST_CELLS:,} cells at "
            "most can be read. If a cell stands far off by mistake, delete its row or column; else save it as CSV"
        )
    return scan


def check_texts(package: Package, scan: Scan) -> None:
    """Refuse texts that would take more memory than there is, before they are read; and look over the styles."""
    if STYLES in package.names:
        for _ in package.blocks(STYLES, 256_000_000):
            pass
    if STRINGS not in package.names:
        return
    try:
        longest = max(scan_strings(package.blocks(STRINGS)), default=0)
    except DamagedSheet as problem:
        raise package.damaged(f"{STRINGS}: {problem}") from None
    if longest * scan.shared > MOST_TEXT_BYTES:
        raise package.refused(
            f"{scan.shared:,} cells hold texts of up to {longest:,} letters; that may be more than fits in memory. "
            "Save the sheet as CSV"
        )
