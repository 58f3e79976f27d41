"""The pictures of one run: the gap by measure, China's stock, what came in, and what a scenario changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.world import frames
from headgate.world.axes import LABELS
from headgate.world.frames import legal_units
from headgate.world.posterior import Posterior, differences
from headgate.world.results import Results

if TYPE_CHECKING:
    from headgate.world.build import World

FAN = ("tpp", "fp8", "fp4", "memory_bandwidth", "h100e", "serving")
FORMATS = (".png", ".svg", ".pdf")
MOST_CHIPS = 12
PARITY = (1.0, "parity")


def largest(results: Sequence[Results]) -> list[str]:
    """Return the chips of which most units came into China in any of the runs, the most first."""
    found: dict[str, float] = {}
    for each in results:
        units = legal_units(each).sum(axis=(0, 1))
        for chip in frames.imported(each):
            found[chip] = max(found.get(chip, 0.0), float(units[each.chip_ids.index(chip)]))
    return sorted(found, key=lambda chip: -found[chip])[:MOST_CHIPS]


def fitted(posterior: Posterior | None, baseline: World) -> str:
    """Say in a few words what history had to say in a run."""
    if posterior is None:
        return "Priors alone."
    return "Fitted to other law or data: stale." if differences(posterior, baseline) else "Fitted to history."


def charts(
    results: Sequence[Results], worlds: Sequence[World], law: str, fit: str, first: str = LABELS[4]
) -> dict[str, Any]:
    """Return the pictures of a run by name.

    Args:
        results: The baseline alone, or the baseline and a scenario run with it.
        worlds: The same, as worlds.
        law: The day on which the law was last read, for the subtitles.
        fit: What history had to say, from `fitted`, for the subtitles.
        first: The first quarter to show.

    Returns:
        `ratio-owned`, `ratio-controlled`, `china-stock`, `let-through` when anything came in, and `difference` when
        there is a scenario that changes anything: Altair charts.

    Raises:
        UsageError: Altair is not installed.
    """
    from headgate.world.pictures import channel_stack, fan, let_through, paired, run_words

    shown, world = results[-1], worlds[-1]
    made = shown.manifest

    def about(basis: str) -> list[str]:
        return [f"{run_words(int(made['draws']), int(made['seed']), law, basis)} {fit} World: {shown.name}."]

    found: dict[str, Any] = {}
    for basis, words in (("owned", "compute owned"), ("controlled", "compute owned or rented")):
        bands = frames.ratios(results, (basis,), FAN, first=first)
        found[f"ratio-{basis}"] = fan(bands, about=about(f"{words}, stock at the end of the quarter"), level=PARITY)
    stock = frames.channels(shown, "h100e", first)
    found["china-stock"] = channel_stack(stock, about=about("H100-equivalents in use at the end of the quarter"))
    if chips := largest(results):
        units = frames.let_through(shown, world, chips)
        found["let-through"] = let_through(units, about=about("units that both gates let into China in the quarter"))
    if len(results) > 1:
        less = frames.differences(results[0], results[1:], first=2023)
        if less.select("q05", "q95").to_numpy().any():
            found["difference"] = paired(less, about=about("stocks at the end of the year"))
    return found


def save_charts(drawn: Mapping[str, Any], folder: Path, manifest: object) -> list[Path]:
    """Write pictures as PNG, SVG and PDF into a folder, which is made when it is not there.

    Args:
        drawn: Pictures by name.
        folder: Where to.
        manifest: What they were made of, written beside them as `manifest.json`.

    Returns:
        The files, the manifest last.

    Raises:
        UsageError: vl-convert is not installed.
        OSError: A file cannot be written; each that was written before is whole.
    """
    from headgate.files import write_whole
    from headgate.pictures.files import bytes_of

    held = {f"{name}{ending}": bytes_of(chart, ending) for name, chart in drawn.items() for ending in FORMATS}
    held["manifest.json"] = (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in held.items():
        write_whole(folder / name, content)
    return [folder / name for name in held]
