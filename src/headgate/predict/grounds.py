"""Where a prediction is from: the sources of its model, machine, kernels, recipe and calibration, in words."""

from collections.abc import Iterable, Mapping

from headgate.catalog.chips import catalog
from headgate.catalog.models import model_sources, models
from headgate.errors import HeadgateError
from headgate.machine.architecture import Architecture
from headgate.machine.hardware import Machine
from headgate.predict.kernels import kernel_set

# What of a record decides how fast it trains.
DECIDING = ("dense_fp16_tflops", "dense_fp8_tflops", "dense_fp4_tflops", "memory_gb", "dram_bandwidth_gb_per_s")
LINKS = ("scale_up_bandwidth_each_direction_gb_per_s", "scaleout_nic_gbit_per_s", "power_kw", "price_usd")


def grounds_of(a: Architecture, machine: Machine, kind: str) -> Mapping[str, str]:
    """Return the sources of a prediction by what they are for, with how well known they are.

    Args:
        a: The model.
        machine: The machine.
        kind: `training` or `serving`.

    Example:
        >>> from headgate.predict.hardware import machine
        >>> from headgate.predict.models import architecture
        >>> list(grounds_of(architecture("llama3-8b"), machine("h100"), "training"))
        ['model', 'chip', 'machine', 'kernels', 'calibration']
    """
    kernels = kernel_set(machine.chip.id, machine.chip.family)
    return {
        "model": _model(a.id),
        "chip": _record(machine.chip.id, DECIDING),
        "machine": _record(machine.id, LINKS),
        "kernels": f"{', '.join(kernels.source)} ({_plain(kernels.mark)})",
        "calibration": f"headgate/data/fit/{kind}.toml, fitted to the published runs in headgate/data/measured",
    }


def _plain(mark: str) -> str:
    return mark.replace("_", " ")


def _model(name: str) -> str:
    known = models()
    if name not in known:
        return "a file of your own, or the sizes given; unchecked"
    titles = [model_sources()[source].title for source in known[name].sources]
    return f"{'; '.join(titles)} ({_plain(known[name].mark)})"


def _record(record_id: str, keys: Iterable[str]) -> str:
    """Return the sources of the figures of a record that matter here, figures of one source together."""
    try:
        record = catalog().get(record_id)
    except HeadgateError:
        return "a file of your own, or assumed"
    together: dict[str, list[str]] = {}
    for key in keys:
        value = record.values.get(key)
        if value is not None:
            together.setdefault(f"{_plain(value.mark)}: {', '.join(value.source)}", []).append(key)
    said = [f"{', '.join(found)} ({source})" for source, found in together.items()]
    return "; ".join([*said, f"all in `headgate machine show {record_id}`"])
