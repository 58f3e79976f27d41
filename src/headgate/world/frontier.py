"""Large models of both blocs, their training compute and capability: `data/world/frontier_models.csv` read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from headgate.catalog.measured import number
from headgate.world.records import check_order, day_of, read_world_table, refuse_unknown_word

BLOCS = ("US", "CN")
SURE = ("Confident", "Likely")  # what Epoch says of its own estimates of compute


@dataclass(frozen=True, slots=True)
class Frontier:
    """One model.

    Args:
        released: First release or announcement.
        scored: Day by which the capability index dates the variant that it scored.
        flop: Training compute in floating-point operations, None where unknown.
        confidence: Epoch's word for it, or the estimating team's probability of being within three times.
        parameters: All parameters, also those that one token does not pass.
        tokens: Size of the training set.
        chips: How many chips trained it.
        hours: Wall time.
        eci: Epoch Capabilities Index of the best variant, with its 90 % interval in `eci_low` and `eci_high`.
        basis: How the compute was estimated, in the source's words.
    """

    name: str
    organization: str
    bloc: str
    released: date
    scored: date
    flop: float | None
    confidence: str
    parameters: float | None
    tokens: float | None
    hardware: str
    chips: float | None
    hours: float | None
    chip_hours: float | None
    chip_hours_basis: str
    eci: float | None
    eci_low: float | None
    eci_high: float | None
    eci_variant: str
    basis: str
    source: str
    url: str

    @property
    def mark(self) -> str:
        """How well the training compute is known."""
        return "one_source" if self.confidence in SURE else "unverified"


def _model(where: str, raw: Mapping[str, str]) -> Frontier:
    name = raw["model"]
    if raw["bloc"] not in BLOCS:
        refuse_unknown_word(where, name, "bloc", raw["bloc"], BLOCS)
    released = day_of(where, name, "release_date", raw["release_date"])
    scored = raw["eci_release_date"]
    low, eci, high = (number(raw[column]) for column in ("eci_ci_low", "eci", "eci_ci_high"))
    check_order(where, name, "eci", (low, eci, high))
    return Frontier(
        name, raw["organization"], raw["bloc"], released,
        day_of(where, name, "eci_release_date", scored) if scored else released,
        number(raw["training_compute_flop"]), raw["compute_confidence"], number(raw["parameters"]),
        number(raw["training_tokens_or_datapoints"]), raw["hardware"], number(raw["hardware_quantity"]),
        number(raw["training_time_hours"]), number(raw["chip_hours"]), raw["chip_hours_basis"], eci, low, high,
        raw["eci_variant"], raw["compute_basis_short"], raw["source"], raw["source_url"],
    )  # fmt: skip


@cache
def _own() -> tuple[Frontier, ...]:
    return _read(None)


def _read(path: Path | None) -> tuple[Frontier, ...]:
    return tuple(_model("frontier_models.csv", raw) for raw in read_world_table("frontier_models", path).rows)


def frontier(path: Path | None = None) -> tuple[Frontier, ...]:
    """Return the models of both blocs, in the order of the file.

    Args:
        path: A CSV with the same columns; None for the package's own, which is read once.

    Raises:
        CatalogError: The file or a row is not as it must be; the message names it.

    Example:
        >>> len(frontier()), sum(model.flop is not None for model in frontier())
        (155, 116)
        >>> max(model.eci or 0 for model in frontier() if model.bloc == "CN")
        157.5
    """
    return _own() if path is None else _read(path)
