"""Every refusal of Headgate: one base class, and the way near names are offered."""

import difflib
from collections.abc import Iterable


class HeadgateError(Exception):
    """A refusal that says what is wrong, which value, why, and what to do."""


class UsageError(HeadgateError):
    """The command or call cannot be carried out as given (exit code 2)."""


class RowError(HeadgateError):
    """One row cannot be read; it becomes `invalid_row` and the run goes on."""


class BookError(HeadgateError):
    """The law book contradicts itself; raised when it is built, never while deciding."""


class ConflictError(HeadgateError):
    """Two provisions of one stage both apply and disagree without a declared precedence."""


class CatalogError(HeadgateError):
    """A record of the catalog is malformed, or a name is not in it."""


def near_names(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to `count` known names that look like `name`, best first.

    Example:
        >>> near_names("nvidia-h10-sxm", ["nvidia-h100-sxm", "amd-mi300x"])
        ['nvidia-h100-sxm']
    """
    folded = {k.casefold(): k for k in known}
    return [folded[k] for k in difflib.get_close_matches(name.casefold(), folded, n=count, cutoff=0.6)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a sentence with near names, or an empty string when nothing is near.

    Example:
        >>> did_you_mean("destnation", ["destination", "maker"])
        ' Did you mean destination?'
    """
    near = near_names(name, known)
    return f" Did you mean {' or '.join(near)}?" if near else ""
