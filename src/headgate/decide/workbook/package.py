"""The package of a workbook: a zip of XML parts, read so that nothing in it takes more time or memory than it may."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

from headgate.decide.workbook.places import listed
from headgate.errors import UsageError

# A book of 1,048,576 rows and 60 filled columns is about 250 MB, and 2.5 GB when expanded. Real sheets expand 5 to 60
# times; a bomb, about 1,000 times.
MAX_FILE_BYTES, MAX_PART_BYTES = 512_000_000, 4_000_000_000
MAX_RATIO, SMALL_BYTES = 200, 64_000_000
MAX_PARTS, MAX_DIRECTORY_BYTES = 20_000, 4_000_000
BLOCK = 1 << 20
WORKBOOK, LINKS, STRINGS, STYLES = (
    f"xl/{name}" for name in ("workbook.xml", "_rels/workbook.xml.rels", "sharedStrings.xml", "styles.xml")
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
AGAIN = "Open it in a spreadsheet program and save it as .xlsx again"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of cells.

    Args:
        name: As on its tab.
        part: Its part of the package.
        hidden: It is hidden.
    """

    name: str
    part: str
    hidden: bool


class Package:
    """A workbook's file in memory, so that what is looked over is what is read.

    Args:
        path: The file, for messages.

    Raises:
        UsageError: It is no workbook, damaged, encrypted, holds macros, or is too large.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.stat().st_size > MAX_FILE_BYTES:
            raise self.refused(
                f"the workbook has over {MAX_FILE_BYTES // 1_000_000} MB; save the sheet as CSV and decide that"
            )
        self.data = path.read_bytes()
        _check_kind(path, self.data)
        _check_directory(path, self.data)
        try:
            self.zip = zipfile.ZipFile(BytesIO(self.data))
        except (zipfile.BadZipFile, ValueError, OverflowError, RuntimeError, struct.error) as problem:
            raise self.damaged(problem) from None
        self.names = {part.filename: part for part in self.zip.infolist()}
        _check_parts(self, [part.filename for part in self.zip.infolist()])
        self.day_zero_1904, self.sheets = self._sheets()

    def refused(self, why: str) -> UsageError:
        """Return the refusal of this file."""
        return UsageError(f"{self.path}: {why}")

    def damaged(self, why: object) -> UsageError:
        """Return the refusal of a file that is broken."""
        return self.refused(f"the workbook is cut off or damaged ({why}). {AGAIN}, or copy it anew")

    def blocks(self, name: str, most: int = MAX_PART_BYTES) -> Iterator[bytes]:
        """Expand a part block by block.

        Args:
            name: The part.
            most: Bytes that it may have when expanded.

        Raises:
            UsageError: It is damaged, expands too far, or declares a document type, which may hold a bomb.
        """
        part = self.names[name]
        packed, told = max(part.compress_size, 1), part.file_size
        part.file_size = most + BLOCK  # What it says of its own size is checked, not believed.
        size, tail = 0, b""
        try:
            with self.zip.open(part) as file:
                while block := file.read(BLOCK):
                    size += len(block)
                    if size > most or (size > SMALL_BYTES and size > MAX_RATIO * packed):
                        raise self.refused(
                            f"its part {name} expands from {packed:,} bytes to over {size - len(block):,}: no order "
                            "book does that. If it is one, save the sheet as CSV and decide that"
                        )
                    if b"<!DOCTYPE" in (seen := tail + block) or b"<!ENTITY" in seen:
                        raise self.refused(f"its part {name} declares a document type, as no workbook does. {AGAIN}")
                    tail = block[-9:]
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as problem:
            raise self.damaged(f"{name}: {problem}") from None
        finally:
            part.file_size = told
        if size != told:
            raise self.damaged(f"{name} has {size:,} bytes and says {told:,}")

    def tree(self, name: str) -> ElementTree.Element:
        """Read a small part whole."""
        text = b"".join(self.blocks(name, 16_000_000))
        try:
            return ElementTree.fromstring(text)
        except ElementTree.ParseError as problem:
            raise self.damaged(f"{name}: {problem}") from None

    def _sheets(self) -> tuple[bool, list[Sheet]]:
        """Return whether days count from 1904, and the sheets of cells in their order."""
        book, targets = self.tree(WORKBOOK), self._targets()
        found: list[Sheet] = []
        dated = False
        for node in book.iter():
            kind = node.tag.rpartition("}")[2]
            told = {key.rpartition("}")[2]: value for key, value in node.attrib.items()}
            if kind == "workbookPr":
                dated = told.get("date1904", "") in ("1", "true", "on")
            if kind != "sheet" or told.get("id") not in targets:
                continue
            part, is_cells = targets[told["id"]]
            if is_cells:
                if part not in self.names:
                    raise self.damaged(f"the part {part} of sheet {told.get('name')!r} is missing")
                found.append(Sheet(told.get("name", ""), part, told.get("state", "visible") != "visible"))
        if not found:
            raise self.refused(f"the workbook has no sheet of cells. {AGAIN}")
        if len({s.name for s in found}) < len(found):
            raise self.damaged("two sheets have one name")
        return dated, found

    def _targets(self) -> dict[str, tuple[str, bool]]:
        """Return for each link of the workbook its part, and whether that is a sheet of cells."""
        found: dict[str, tuple[str, bool]] = {}
        for node in self.tree(LINKS):
            target, kind = node.get("Target", ""), node.get("Type", "").rpartition("/")[2]
            if node.get("Id", "") in found:
                raise self.damaged(f"two links have the id {node.get('Id')}")
            part = target[1:] if target.startswith("/") else target if target.startswith("xl/") else f"xl/{target}"
            found[node.get("Id", "")] = (posixpath.normpath(part), kind == "worksheet")
        return found


def _check_kind(path: Path, data: bytes) -> None:
    """Refuse what is no zip by what it is."""
    if data.startswith(OLD_OFFICE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise UsageError(
            f"{path}: the workbook is encrypted; take its password off and save it again"
            if locked
            else f"{path}: this is a workbook of the old kind (.xls) under another name; save it as .xlsx"
        )
    if not data.startswith(b"PK"):
        begins = data[:12].decode("utf-8", "replace")
        raise UsageError(
            f"{path}: this is no workbook, it begins with {begins!r}. If it is text, name it .csv or .jsonl; "
            "else save the book as .xlsx"
        )


def _check_directory(path: Path, data: bytes) -> None:
    """Refuse a zip whose directory is huge, before it is read: each entry takes memory."""
    at = data.rfind(b"PK\x05\x06")
    if at < 0 or len(data) < at + 22:
        raise UsageError(f"{path}: the workbook is cut off or damaged (its end is missing). Copy it anew")
    count, size = struct.unpack_from("<HI", data, at + 10)
    if data[at - 20 : at - 16] == b"PK\x06\x07" and 0xFFFF in (count, size & 0xFFFF):
        (record,) = struct.unpack_from("<Q", data, at - 12)
        if data[record : record + 4] == b"PK\x06\x06" and len(data) >= record + 56:
            count, size = struct.unpack_from("<QQ", data, record + 32)
    if count > MAX_PARTS or size > MAX_DIRECTORY_BYTES:
        raise UsageError(
            f"{path}: the workbook holds {count:,} parts or more; a workbook has a few dozen. {AGAIN}, or save as CSV"
        )


def _check_parts(package: Package, names: list[str]) -> None:
    """Refuse a zip that holds no workbook, or one with macros, or two parts of one name."""
    plain = {name.replace("\\", "/").casefold() for name in names}
    if len(names) > MAX_PARTS or len(plain) < len(names):
        raise package.damaged("two parts have one name" if len(names) <= MAX_PARTS else f"{len(names):,} parts")
    if any(name.endswith("vbaproject.bin") for name in plain):
        raise package.refused("the workbook holds macros; save it as .xlsx, which has none")
    if WORKBOOK not in names or LINKS not in names:
        others = {"xl/workbook.bin": "Excel's binary kind (.xlsb)", "content.xml": "the OpenDocument kind (.ods)"}
        kind = next((said for name, said in others.items() if name in plain), "")
        said = f"this is a workbook of {kind}" if kind else f"this is a zip, but no workbook: {listed(names, 3)}"
        raise package.refused(f"{said}. {AGAIN}")
