"""The report of a run: one page of HTML on which every number can be followed to its source."""

from pathlib import Path
from typing import NoReturn

from headgate.errors import UsageError
from headgate.files import write_whole
from headgate.world.report.check import check
from headgate.world.report.page import (
    Figure,
    Headline,
    Page,
    ProvisionRow,
    Section,
    SourceRow,
    Table,
    Value,
)
from headgate.world.report.render import rendered

__all__ = [
    "Figure",
    "Headline",
    "Page",
    "ProvisionRow",
    "Section",
    "SourceRow",
    "Table",
    "Value",
    "html",
    "report",
]


def refuse_other_ending(path: Path) -> NoReturn:
    """Refuse a report that is no page of HTML."""
    raise UsageError(f"{path}: a report is a page of HTML. End its name in .html")


def html(page: Page) -> str:
    """Return a page as HTML that asks for nothing from the network, the same for the same page.

    Raises:
        UsageError: A number has no source on the page, or another thing is not as `check` wants it.

    Example:
        >>> page = Page("T", "What if?", (), (), (), (), (), {"seed": 7}, ("Energy.",))
        >>> "<h1>T</h1>" in html(page)
        True
    """
    check(page)
    return rendered(page)


def report(page: Page, path: Path) -> None:
    """Write a page to a file, which is never half written: an interruption leaves what was there.

    Args:
        page: What it says.
        path: A name in .html.

    Raises:
        UsageError: The page is not as it must be, the name ends otherwise, or vl-convert is not installed.
        OSError: The file cannot be written.
    """
    if path.suffix != ".html":
        refuse_other_ending(path)
    write_whole(path, html(page).encode("utf-8"))
