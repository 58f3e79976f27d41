"""The smallest count of chips on which a job fits, found by trying."""

from dataclasses import replace
from typing import NoReturn

from headgate.errors import UsageError
from headgate.predict.runs import Run, usual_batch
from headgate.predict.search import search
from headgate.predict.training import does_not_fit, fit, space_of

MOST = 2**20
TRIES = 32
# The leanest choices; what a person holds goes before them.
LEAN = {"recompute": 2.0, "micro_batch": 1.0, "schedule": 0.0, "virtual": 1.0}


def fits(run: Run, chips: int) -> bool:
    """Say whether any layout of a run fits on another count of chips."""
    free = {k: v for k, v in run.fixed.items() if k != "shard"}
    batch = usual_batch(chips, int(run.job.sequence), free) if run.batch_assumed else run.job.global_batch
    other = replace(run, chips=chips, job=replace(run.job, global_batch=float(batch)), fixed={**LEAN, **free})
    try:
        return search(space_of(other, fit()), keep=1).fitting > 0
    except UsageError:
        return False


def smallest_count(run: Run) -> int | None:
    """Return the smallest count of chips over the run's own on which it fits; None when none was found.

    Tried are powers of two and multiples of the scale-up domain, up to a million.

    Example:
        >>> from headgate.predict.runs import run_of_row
        >>> row = {"model": "llama3-70b", "chip": "H100", "chips": "8", "seq": "8192", "precision": "bf16"}
        >>> smallest_count(run_of_row(row))
        16
    """
    power = 1
    while power <= run.chips:
        power *= 2
    while power <= MOST and not fits(run, power):
        power *= 2
    least = max(run.chips, power // 2)
    domain = run.machine.domain_chips
    between = range((least // domain + 1) * domain, min(power, MOST), domain)
    for count in between[:: max(1, -(-len(between) // TRIES))]:
        if fits(run, count):
            return count
    return power if power <= MOST else None


def refuse_no_room(run: Run, least: float) -> NoReturn:
    """Refuse a job that does not fit: by how much, and the smallest count that would.

    Args:
        run: The job.
        least: Peak memory of its leanest layout, in bytes.
    """
    count, held = smallest_count(run), ", ".join(f"{k} {v:g}" for k, v in run.fixed.items() if k in HELD)
    what = f"With {held} held, no" if held else "No"
    then = f"The smallest count that fits is {count:,}." if count else f"{what} count up to {MOST:,} fits."
    raise UsageError(does_not_fit(run, least).strip() + " " + then)


HELD = ("tensor", "pipeline", "context", "data", "expert", "micro_batch")
