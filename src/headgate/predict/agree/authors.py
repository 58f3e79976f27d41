"""Published mappings against the best that the search finds, both timed by the same model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from headgate.catalog.measured import measured
from headgate.errors import HeadgateError
from headgate.machine.layout import RECOMPUTE, SHARDING, Layout
from headgate.predict.runs import Run, run_of_row
from headgate.predict.search import AXES, USABLE, search
from headgate.predict.training import compute, fit, space_of

# What the software decides, not the person who lays out the job.
HABITS = ("schedule", "sequence_parallel")
SHORT = {
    "tensor": "TP",
    "pipeline": "PP",
    "virtual": "VP",
    "context": "CP",
    "data": "DP",
    "expert": "EP",
    "expert_tensor": "ETP",
    "micro_batch": "MB",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One published mapping and the best that was found for the same chips, batch, sequence, recipe and software.

    Args:
        id, group, source: Of the row.
        theirs, ours: The layouts.
        their_seconds, our_seconds: Computed time of a step, without what calibration multiplies both by.
        tight: The stated mapping takes more memory than the model allows a job, by its own account; the search was
            then given as much.
        evaluated: Layouts tried.
        problem: Why there is no comparison.
    """

    id: str
    group: str
    source: str
    theirs: Layout | None = None
    ours: Layout | None = None
    their_seconds: float = float("nan")
    our_seconds: float = float("nan")
    tight: bool = False
    evaluated: int = 0
    problem: str = ""

    @property
    def gain(self) -> float:
        """Share of the authors' time that the search saves, 0 to 1."""
        return 1.0 - self.our_seconds / self.their_seconds


def stated(row: Mapping[str, str]) -> bool:
    """Say whether a row states its mapping.

    Example:
        >>> stated({"tp": "8", "pp": "1", "micro_batch": "1"}), stated({"tp": "8", "pp": "", "micro_batch": "1"})
        (True, False)
    """
    return all(row[column].strip() for column in ("tp", "pp", "micro_batch"))


def words(layout: Layout) -> str:
    """Return a layout in the short hand of papers; what is one is left out.

    Example:
        >>> words(Layout(tensor=8, pipeline=4, data=16, shard=1))
        'TP8 PP4 DP16 MB1, shards optimizer, recomputes none'
    """
    sizes = [f"{short}{int(v)}" for name, short in SHORT.items() if (v := getattr(layout, name)) > 1 or short == "MB"]
    return f"{' '.join(sizes)}, shards {SHARDING[int(layout.shard)]}, recomputes {RECOMPUTE[int(layout.recompute)]}"


def choice(run: Run, source: str = "", group: str = "") -> Choice:
    """Return the stated mapping of a run beside the best one.

    Held are chips, sequence, batch, recipe, schedule and what the software hides; everything else is searched. A stated
    mapping did run: where the memory model would not let it, the search gets as much room as it takes.

    Args:
        run: A run that states its mapping.
        source, group: Of its row.

    Returns:
        Both, or the reason why they cannot be compared.
    """
    try:
        done = compute(run)
        room = max(USABLE, done.peak_bytes / run.machine.chip.memory_bytes)
        held = {name: value for name, value in run.fixed.items() if name in HABITS}
        space = replace(space_of(run, fit()), fixed=held, usable=room)
        found = search(space, keep=1)
    except HeadgateError as problem:
        return Choice(run.id, group, source, problem=str(problem))
    best = Layout(*(float(getattr(found.layout, name)[0]) for name in AXES))
    return Choice(
        run.id,
        group,
        source,
        done.layout,
        best,
        done.seconds,
        float(found.seconds[0]),
        room > USABLE,
        found.evaluated,
    )


@cache
def against_authors() -> tuple[Choice, ...]:
    """Return, for every calibration row that states its mapping, that mapping beside the best one.

    Example:
        >>> len(against_authors()) > 150
        True
    """
    rows = (row for row in measured("training_runs").rows if stated(row))
    return tuple(choice(run_of_row(row), row["source"], row["group"]) for row in rows)
