"""Workbooks for tests: written by a library, or put together by hand where no library would."""

import io
import zipfile
from pathlib import Path

import xlsxwriter

SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKED = "http://schemas.openxmlformats.org/package/2006/relationships"
ROOT = (
    f'<Relationships xmlns="{PACKED}"><Relationship Id="r" Type="{LINKED}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
HEADING = ("line_id", "activity", "event_date", "item", "ship_from", "destination")
LINE = ("1", "export", "2024-06-01", "nvidia-h100-sxm", "US", "CN")


def save(path: Path, rows, name="Orders", options=None, change=None) -> Path:
    """Write rows as a workbook; `change(book, sheet)` does the rest."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, **(options or {})})
    sheet = book.add_worksheet(name)
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, place, value)
            elif value is not None:
                sheet.write(number, place, value)
    if change:
        change(book, sheet)
    book.close()
    return path


def row(number, *cells, told=""):
    """Return a row of XML; a text is an inline string, `<...>` stands as it is."""
    found = ""
    for place, cell in enumerate(cells):
        ref = f"{chr(65 + place)}{number}"
        if isinstance(cell, str) and cell.startswith("<"):
            found += cell.replace("REF", ref)
        elif isinstance(cell, str):
            found += f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{cell}</t></is></c>'
        elif cell is not None:
            found += f'<c r="{ref}"><v>{cell!r}</v></c>'
    return f'<row r="{number}"{told}>{found}</row>'


def parts(rows, strings="", before="", after="", states=("",), workbook=""):
    """Return the parts of a workbook by name; every sheet has the same rows."""
    sheets = range(1, len(states) + 1)
    told = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"{states[n - 1]}/>' for n in sheets)
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKED}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in sheets
    )
    found = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT,
        "xl/workbook.xml": f'<workbook xmlns="{SPACE}" xmlns:r="{LINKED}">{workbook}<sheets>{told}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKED}">{links}</Relationships>',
    }
    for n in sheets:
        found[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{SPACE}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
        )
    if strings:
        found["xl/sharedStrings.xml"] = f'<sst xmlns="{SPACE}">{strings}</sst>'
    return found


def pack(path: Path, found) -> Path:
    """Write parts as a zip."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in found.items():
            package.writestr(name, content)
    path.write_bytes(held.getvalue())
    return path
