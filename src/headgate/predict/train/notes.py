"""What a prediction assumes and where it leaves what was measured, in words."""

from collections.abc import Iterator

from headgate.machine.goodput import Goodput
from headgate.predict.kernels import kernel_set
from headgate.predict.training import Predicted
from headgate.predict.usual import is_best_case

# What was never measured, by factor of the calibration; releases and single rows are left out.
UNSEEN = {
    "family_format": "no run of this family of chips in {format}",
    "chip": "no run on {chip}",
    "chip_format": "no run on {chip} in {format}",
    "stack": "no {kind} run with {software}",
    "stack_chip": "no run with {software} on {chip}",
    "dense_model": "no run of {model}",
    "moe_model": "no run of {model}",
    "dense_chip_model": "no run of {model} on {chip}",
    "moe_chip_model": "no run of {model} on {chip}",
}


def notes_on(predicted: Predicted) -> Iterator[str]:
    """Yield what a prediction of training assumes, one sentence each."""
    run = predicted.computed.run
    yield from predicted.notes
    if is_best_case(run.recipe):
        roof = run.machine.chip.kernels[run.recipe.format].rate_flop_per_s / 1e15
        yield (
            f"{run.recipe.id} is a best case by choice: {roof * run.recipe.roof_factor:g} petaflops where the dense "
            f"roof is {roof:g}; utilization is of the dense roof"
        )
    if words := unseen_words(predicted):
        yield f"calibration has {'; '.join(words)}: the band is wider for it"
    kernels = kernel_set(run.machine.chip.id, run.machine.chip.family)
    if kernels.why:
        yield f"kernels: {kernels.why}"
    if run.architecture.moe_layers:
        yield "experts are taken to be evenly loaded"


def unseen_words(predicted: Predicted) -> list[str]:
    """Return what was never measured, in words; a general lack hides the finer ones that follow from it."""
    run, lacks = predicted.computed.run, set(predicted.unseen)
    if "chip" in lacks:
        lacks -= {"chip_format", "stack_chip", "dense_chip_model", "moe_chip_model"}
    if "stack" in lacks:
        lacks -= {"stack_chip"}
    if lacks & {"dense_model", "moe_model"}:
        lacks -= {"dense_chip_model", "moe_chip_model"}
    names = {
        "format": run.recipe.format,
        "chip": run.machine.chip.id,
        "kind": "expert" if run.architecture.moe_layers else "dense",
        "software": run.stack.id,
        "model": run.architecture.id,
    }
    return [text.format(**names) for factor, text in UNSEEN.items() if factor in lacks]


def failure_notes(lost: Goodput) -> Iterator[str]:
    """Yield what failures are taken to be."""
    hours = float(lost.mtbf_seconds) / 3600.0
    yield (
        f"failures strike every {hours:,.1f} hours, as often for each chip as in the run of Llama 3 405B "
        "(arXiv:2407.21783), which for other machines is an assumption; checkpoints go to storage like its own, "
        f"every {float(lost.interval_seconds) / 60.0:,.0f} minutes"
    )
