"""How much memory the results of a run take, how much is free, and the refusal where it does not fit."""

from typing import NoReturn

from headgate.errors import UsageError
from headgate.world.axes import ACCOUNTS, LABELS, MEASURES
from headgate.world.results import KEPT

BESIDE = 600 << 20  # bytes that a run takes beside its results, as measured


def refuse_too_large(draws: int, worlds: int, wanted: int, free: int) -> NoReturn:
    """Refuse a run that memory cannot hold."""
    fits = max(1, int(draws * (free - BESIDE) / max(wanted - BESIDE, 1)))
    raise UsageError(
        f"{draws:,} draws of {worlds} worlds need about {wanted / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free. "
        f"Ask for at most {fits:,} draws, or for fewer scenarios at a time."
    )


def free_memory() -> int:
    """Return how many bytes of memory are free; a large number where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            found = {k: v for k, _, v in (line.partition(":") for line in lines)}
        return int(found["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 1 << 62


def bytes_needed(draws: int, worlds: int, figures: int) -> int:
    """Return about how many bytes the results of a run take."""
    each = len(LABELS) * (len(ACCOUNTS) * len(MEASURES) + figures + len(KEPT))
    return 4 * draws * worlds * each + BESIDE
