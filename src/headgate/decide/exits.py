"""Exit codes of `decide` and `explain`: automation must never take missing facts for a clear answer."""

from collections.abc import Iterable

NOTHING, LICENSE, EXCEPTIONS, OPEN, STALE, USAGE = 0, 10, 11, 20, 3, 2
CONCERN = {
    "prohibited": LICENSE,
    "license_required": LICENSE,
    "exception_available": EXCEPTIONS,
    "no_license_required": NOTHING,
    "insufficient_facts": OPEN,
    "legal_ambiguity": OPEN,
    "not_modeled": OPEN,
    "invalid_row": OPEN,
}


def exit_code(outcomes: Iterable[str], stale: bool = False, strict: bool = False) -> int:
    """Return the exit code of some outcomes: the highest concern wins, and under `strict` stale law wins over all.

    Args:
        outcomes: Outcomes of the decisions, each once or more.
        stale: Stale or unverified law touched some row.
        strict: The user asked for that to count.

    Example:
        >>> exit_code(["no_license_required", "insufficient_facts", "exception_available"])
        20
        >>> exit_code(["license_required"], stale=True, strict=True)
        3
    """
    if strict and stale:
        return STALE
    found = {CONCERN[o] for o in outcomes}
    return next((code for code in (LICENSE, OPEN, EXCEPTIONS) if code in found), NOTHING)


def is_stale(flags: Iterable[str], evidence: str) -> bool:
    """Say whether stale or unverified law touched a decision.

    Example:
        >>> is_stale(["law_not_read_after_2026-09-25"], "unverified"), is_stale([], "primary")
        (True, False)
    """
    return evidence == "unverified" or any(f.startswith("law_not_read_after_") for f in flags)
