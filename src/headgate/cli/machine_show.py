"""What `headgate machine show` prints: one machine, its parts, figures, gaps and sources."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headgate.catalog.record import Record
    from headgate.machine.hardware import Machine

ROLES = {
    "accelerator": "computes",
    "cpu": "host memory, and the link to it",
    "scale_up_switch": "joins the chips of the domain",
    "nic": "leads out of the domain",
    "dpu": "leads to storage",
    "fabric_switch": "joins the domains",
}
# Figures of one chip and of the domain: what each is called, and its unit.
CHIP = {
    "memory_gib": ("memory", "GiB"),
    "memory_gb_per_s": ("memory bandwidth", "GB/s"),
    "scale_up_gb_per_s": ("inside the domain", "GB/s each way"),
    "scale_out_gb_per_s": ("between domains", "GB/s each way"),
    "host_memory_gb": ("host memory", "GB"),
    "host_memory_gb_per_s": ("host memory bandwidth", "GB/s"),
    "host_link_gb_per_s": ("link to the host", "GB/s each way"),
    "storage_gb_per_s": ("to storage", "GB/s"),
    "chip_tdp_watts": ("design power", "W"),
    "chip_price_usd": ("price", "USD"),
}
DOMAIN = {"domain_watts": ("power, all in", "W"), "domain_price_usd": ("price", "USD")}


def records_of(m: "Machine") -> "dict[str, Record]":
    """Return the records of the catalog that a machine is made of: itself, its chip, its parts."""
    from headgate.catalog.chips import catalog

    known = catalog().ids()
    parts = [part for role, part in m.parts.items() if role != "accelerator"]
    return {i: catalog().get(i) for i in (m.id, m.chip.id, *parts) if i in known}


def is_own(m: "Machine") -> bool:
    """Say whether a machine is from a file of the user's own."""
    return any(note.endswith(", unchecked") for note in m.assumed)


def unknowns(figures: Mapping[str, object]) -> list[str]:
    """Return the figures that no record knows."""
    return [name for name, value in figures.items() if isinstance(value, float) and value != value]


def shown_record(m: "Machine", figures: Mapping[str, object]) -> dict[str, object]:
    """Return one machine as plain values, as for JSON."""
    from headgate.predict.kernels import kernel_set

    kernels = kernel_set(m.chip.id, m.chip.family)
    missing = unknowns(figures)
    return {
        **{k: None if k in missing else v for k, v in figures.items()},
        "parts": dict(m.parts),
        "kernels": {
            name: {"efficiency_limit": k.efficiency_limit, "measured": name in m.chip.measured}
            for name, k in m.chip.kernels.items()
        },
        "kernel_sources": list(kernels.source),
        "kernel_mark": kernels.mark,
        "assumed": list(m.assumed),
        "unknown": missing,
        "values": {
            i: {k: {"value": v.v, "mark": v.mark, "sources": list(v.source)} for k, v in r.values.items()}
            for i, r in records_of(m).items()
        },
    }


def shown(m: "Machine", width: int) -> Iterator[str]:
    """Yield one machine as text."""
    from headgate.cli.machine import facts
    from headgate.cli.text import wrap

    figures = facts(m)
    yield from wrap(f"{m.name} ({m.id})", width)
    state = (
        "no published run of the chip is known"
        if m.published_only
        else "published runs of the chip calibrate the model"
    )
    whose = "of a file of one's own, unchecked" if is_own(m) else "the maker's alone"
    alone = f": the figures are {whose}" if m.published_only else ""
    yield from wrap(f"{m.domain_chips:,} x {m.chip.id} in one scale-up domain; {state}{alone}.", width)
    yield from _rates(m)
    yield from ("", "OF ONE CHIP", *_figures(figures, CHIP))
    yield f"  {'switches add numbers':<22} {'yes' if m.scale_up_reduces else 'no'}"
    yield from ("", "OF THE DOMAIN", *_figures(figures, DOMAIN))
    yield from _parts(m, width)
    if m.assumed:
        yield from ("", "ASSUMED")
        for text in m.assumed:
            yield from wrap(text, width, "  - ")
    yield from _sources(m, width)


def _figures(figures: Mapping[str, object], named: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    from headgate.decide.prose import number

    for name, (label, unit) in named.items():
        value = figures[name]
        assert isinstance(value, float)
        yield f"  {label:<22} {'unknown' if value != value else f'{number(value)} {unit}'}"


def _rates(m: "Machine") -> Iterator[str]:
    """Yield the formats with their roofs, and what an endless multiplication reaches of them."""
    from headgate.predict.recipes import recipe, recipes
    from headgate.predict.usual import BEST_CASE_FAMILY, is_best_case

    yield from ("", "MULTIPLICATION BY FORMAT, ONE CHIP")
    yield "  format     dense TFLOP/s  reached at most  timed on this chip"
    for name, kernel in m.chip.kernels.items():
        rate, timed = kernel.rate_flop_per_s / 1e12, "yes" if name in m.chip.measured else "no, a prior"
        yield f"  {name:<9}  {rate:>13,.0f}  {kernel.efficiency_limit:>14.1%}   {timed}".replace("%", " %")
    for chosen in map(recipe, recipes()):
        if is_best_case(chosen) and m.chip.family == BEST_CASE_FAMILY and chosen.format in m.chip.kernels:
            rate = m.chip.kernels[chosen.format].rate_flop_per_s / 1e12
            yield f"  {chosen.format} is {rate:,.0f} dense; {rate * chosen.roof_factor:,.0f} only as {chosen.id}."


def _parts(m: "Machine", width: int) -> Iterator[str]:
    from headgate.catalog.chips import catalog
    from headgate.cli.text import wrap

    if not m.parts:
        return
    known = catalog()
    parts = known.get(m.id).parts if m.id in known.ids() else {}
    yield from ("", "PARTS")
    for role, part_id in m.parts.items():
        count = f"{parts[role].count:g} x " if role in parts else ""
        name = known.get(part_id).name if part_id in known.ids() else part_id
        yield from wrap(f"{count}{name} ({part_id}): {ROLES[role]}", width, "  ", "      ")


def _sources(m: "Machine", width: int) -> Iterator[str]:
    """Yield every value of the records with its mark and sources, and what the sources are."""
    from headgate.catalog.chips import catalog
    from headgate.cli.text import wrap
    from headgate.decide.prose import number
    from headgate.decide.wording import MARK
    from headgate.predict.kernels import kernel_set

    used: dict[str, None] = {}
    for record_id, record in records_of(m).items():
        yield from ("", f"FIGURES OF {record_id}".upper())
        for key, v in record.values.items():
            used |= dict.fromkeys(v.source)
            text = ("yes" if v.v else "no") if isinstance(v.v, bool) else v.v if isinstance(v.v, str) else number(v.v)
            note = f"; {v.note}" if v.note else ""
            said = f"{key}: {text} ({MARK[v.mark]}: {', '.join(v.source)}{note})"
            yield from wrap(said, width, "  ", "      ")
        if record.chosen:
            yield from wrap(f"chosen: {record.chosen}", width, "  ", "      ")
    kernels = kernel_set(m.chip.id, m.chip.family)
    yield from ("", "SOURCES")
    why = f"; {kernels.why}" if kernels.why else ""
    yield from wrap(f"kernels: {'; '.join(kernels.source)} ({MARK[kernels.mark]}){why}", width, "  ", "      ")
    sources = catalog().sources()
    for source_id in used:
        s = sources.get(source_id)
        said = f"{s.title}, read {s.read_on}{f', {s.url}' if s.url else ''}" if s else "not listed"
        yield from wrap(f"{source_id}: {said}", width, "  ", "      ")
