"""Writing pictures: SVG, PNG, PDF, a page of HTML that needs no network, or the definition as JSON."""

import json
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

from headgate.errors import UsageError, did_you_mean
from headgate.extras import needed
from headgate.files import write_whole

ENDINGS = (".svg", ".png", ".pdf", ".html", ".json")
SVG = "http://www.w3.org/2000/svg"
NAMING = ("class", "role", "pointer-events")  # attributes of a group that change nothing that is drawn
PIXELS = 2.0  # of a PNG, for one of the definition


def refuse_ending(path: Path) -> NoReturn:
    """Refuse a file of a kind that no picture is written in."""
    near = did_you_mean(path.suffix, ENDINGS)
    kind = f"as {path.suffix}" if path.suffix else "without an ending"
    raise UsageError(f"{path}: no picture is written {kind}.{near} End the name in {', '.join(ENDINGS)}.")


def svg_of(chart: Any) -> str:
    """Return a chart as the text of an SVG, the same for the same chart.

    Raises:
        UsageError: vl-convert is not installed.
    """
    needed("vl_convert")
    drawn = StringIO()
    chart.save(drawn, format="svg")
    return drawn.getvalue()


def bytes_of(chart: Any, ending: str) -> bytes:
    """Return a chart as the bytes of a file of one kind."""
    if ending == ".json":
        return (json.dumps(chart.to_dict(), sort_keys=True, indent=1, allow_nan=False) + "\n").encode()
    svg = svg_of(chart)
    if ending == ".html":
        return str(chart.to_html(inline=True)).encode()
    if ending == ".svg":
        return svg.encode()
    convert = needed("vl_convert")
    drawn = convert.svg_to_png(svg, scale=PIXELS) if ending == ".png" else convert.svg_to_pdf(flattened(svg))
    return bytes(drawn)


def save(chart: Any, path: Path) -> None:
    """Write a chart to a file; the ending of its name says as what.

    Args:
        chart: A chart of this room.
        path: A name in .svg, .png, .pdf, .html or .json. A file of that name is replaced once the new one is whole.

    Raises:
        UsageError: Another ending, or vl-convert is not installed.
        OSError: The file cannot be written.
    """
    if path.suffix not in ENDINGS:
        refuse_ending(path)
    write_whole(path, bytes_of(chart, path.suffix))


def flattened(svg: str) -> str:
    """Return a drawing without the groups that only name what is in them: a PDF nests groups but a few levels deep.

    Example:
        >>> flattened('<svg xmlns="http://www.w3.org/2000/svg"><g class="a"><g fill="red"><g><path/></g></g></g></svg>')
        '<svg xmlns="http://www.w3.org/2000/svg"><g fill="red"><path /></g></svg>'
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(svg)
    _flatten(root)
    return ElementTree.tostring(root, encoding="unicode")


def _flatten(node: ElementTree.Element) -> None:
    kept: list[ElementTree.Element] = []
    for child in node:
        _flatten(child)
        naming = all(name in NAMING or name.startswith("aria-") for name in child.attrib)
        kept += [*child] if naming and child.tag == f"{{{SVG}}}g" else [child]
    node[:] = kept
