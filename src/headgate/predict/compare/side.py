"""One machine of a comparison: what it takes, and how fast it trains and serves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate.machine.cost import Terms
from headgate.machine.energy import tokens_per_s_per_mw
from headgate.machine.hardware import Machine
from headgate.predict.serving.by_name import Service
from headgate.predict.train.record import Band, Trained

UNKNOWN: Band = (float("nan"),) * 3


@dataclass(frozen=True, slots=True)
class Work:
    """What every machine of a comparison is asked to do.

    Args:
        model: Id, alias or name of the model, or the path of a TOML file.
        precision: Recipe for all machines that have it; None for the usual one of each.
        sequence, batch: Tokens in a sequence of the training, sequences in a step; None for a usual batch.
        isl, osl: Tokens of a prompt and of an answer of the service, over 0.
        tpot_ms: Most milliseconds for each token of an answer, over 0.
        terms: What prices assume.
    """

    model: str
    precision: str | None = None
    sequence: int = 4096
    batch: int | None = None
    isl: float = 4096.0
    osl: float = 1024.0
    tpot_ms: float = 50.0
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class Side:
    """One machine of a comparison.

    Args:
        machine: The machine.
        chips: Chips that the basis gives it; 0 when it gives none.
        watts_per_chip, usd_per_chip: With what belongs to a chip; NaN when unknown.
        usd_per_hour: Of one chip, by the terms; NaN when unknown.
        pue: Power of the building over power of the machines.
        trained: The training on a trillion tokens; None when it was refused.
        served: The service; None when it was refused.
        refusal, serving_refusal: Why one of the two is missing.
        notes: Assumptions, one sentence each.
    """

    machine: Machine
    chips: int
    watts_per_chip: float
    usd_per_chip: float
    usd_per_hour: float
    pue: float
    trained: Trained | None = None
    served: Service | None = None
    refusal: str = ""
    serving_refusal: str = ""
    notes: tuple[str, ...] = ()

    @property
    def precision(self) -> str:
        """Recipe of the training; empty when it was refused."""
        return self.trained.run.recipe.id if self.trained else ""

    @property
    def extrapolated(self) -> bool:
        """Whether no training run on the chip was ever measured."""
        return self.trained is not None and "chip" in self.trained.predicted.unseen

    @property
    def parts(self) -> Mapping[str, float]:
        """Share of the step's time by part; empty when the training was refused."""
        return self.trained.parts if self.trained else {}

    def figure(self, name: str) -> Band:
        """Return (median, low, high) of a figure of the training; NaN when unknown or refused."""
        return self.trained.figures[name] if self.trained else UNKNOWN

    @property
    def rate(self) -> Band:
        """Tokens a second for one chip while it trains."""
        return self.figure("tokens_per_s_per_chip")

    @property
    def served_rate(self) -> Band:
        """Tokens of answers a second for one chip while it serves; NaN when that was refused."""
        return self.served.plan.tokens_per_s_per_chip if self.served else UNKNOWN

    def per_mw(self, rate: Band) -> Band:
        """Return the rate of a chip as that of a megawatt of the building; NaN when the power is unknown."""
        middle, low, high = (float(tokens_per_s_per_mw(r, self.watts_per_chip, self.pue)) for r in rate)
        return middle, low, high

    def per_usd(self, rate: Band) -> Band:
        """Return the tokens for a dollar at the rate of a chip, failures left out; NaN when the price is unknown."""
        middle, low, high = (3600.0 * r / self.usd_per_hour for r in rate)
        return middle, low, high


@dataclass(frozen=True, slots=True)
class Comparison:
    """Machines side by side.

    Args:
        model: Name of the model.
        work: What each is asked to do.
        basis: What is the same for all, in words.
        sides: The machines, in the order asked for.
    """

    model: str
    work: Work
    basis: str
    sides: tuple[Side, ...]
