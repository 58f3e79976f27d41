"""`headgate machine compare`: machines side by side on one job, as a table and as a picture."""

import argparse
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.cli.numbers import above_zero, whole

if TYPE_CHECKING:
    from headgate.predict.compare.side import Comparison, Side
    from headgate.predict.train.record import Band

PURPOSE = "Compare machines on one job: speed with its band, where the time goes, power, dollars; with a picture."
EXAMPLES = """\
Example:
  headgate machine compare h20 h200 vr200 ascend-910c --on deepseek-v3
  headgate machine compare h20 ascend-910c vr200:nvfp4 --usd 100e6
"""
# Of a job's own record: what the comparison says itself, or in another measure.
BESIDE = ("model machine chip chips notes layouts front tokens_per_s_per_mw usd_per_million_tokens").split()
LABEL, NARROW, WIDE = 28, 11, 18  # columns of a label, and the fewest and most of a machine
RANKS = {"tensor": "TP", "pipeline": "PP", "virtual": "VPP", "context": "CP", "data": "DP", "expert": "EP"}


def add(verbs: Any) -> None:
    """Add `compare` to the commands of `machine`."""
    made = verbs.add_parser(
        "compare",
        help=PURPOSE,
        description=PURPOSE,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "names", metavar="MACHINE", nargs="+", help="a machine, chip or TOML file; `:PRECISION` may follow"
    )
    made.add_argument("--on", metavar="MODEL", default="deepseek-v3", help="the model; deepseek-v3 by default")
    basis = made.add_mutually_exclusive_group()
    basis.add_argument("--chips", metavar="N", type=whole, help="chips of each machine; 2048 by default")
    basis.add_argument("--usd", metavar="USD", type=above_zero, help="or for so much money each, as 100e6")
    basis.add_argument("--megawatts", metavar="MW", type=above_zero, help="or on so much power of the building each")
    made.add_argument("--precision", metavar="RECIPE", help="for all that have it, as fp8-block; else what is usual")
    made.add_argument("--sequence", metavar="TOKENS", type=whole, default=4096, help="tokens in one sequence; 4096")
    made.add_argument("--batch", metavar="N", type=whole, help="sequences in one step; near 16 Mi tokens by default")
    made.add_argument("--isl", metavar="TOKENS", type=whole, default=4096, help="tokens of a prompt when serving; 4096")
    made.add_argument("--osl", metavar="TOKENS", type=whole, default=1024, help="tokens of an answer; 1024")
    made.add_argument("--tpot-limit", metavar="MS", type=above_zero, default=50.0, help="most for each token of it; 50")
    made.add_argument("-o", "--output", metavar="FILE", type=Path, help="also draw it: .svg, .png, .pdf or .html")
    made.add_argument("--json", action="store_true", help="print one JSON object a line, one for each machine")
    made.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compare, print the table, and write the picture if one is asked for."""
    from headgate.cli.text import emit, prose_width, say
    from headgate.predict.compare import compare
    from headgate.predict.compare.basis import Basis
    from headgate.predict.compare.pictures import check_ending, picture, save
    from headgate.predict.compare.side import Work

    if args.output:
        check_ending(args.output)
    work = Work(
        args.on,
        precision=args.precision,
        sequence=args.sequence,
        batch=args.batch,
        isl=args.isl,
        osl=args.osl,
        tpot_ms=args.tpot_limit,
    )
    found = compare(args.names, work, Basis(args.chips, args.usd, args.megawatts))
    if args.output:
        save(picture(found), args.output)
    if args.json:
        for side in found.sides:
            emit(as_row(found, side))
        return 0
    say(shown(found, prose_width()))
    if args.output:
        say(["", f"The picture is in {args.output}."])
    return 0


def as_row(found: "Comparison", side: "Side") -> dict[str, object]:
    """Return one machine as an object for JSON; what is unknown is null."""
    from headgate.predict.serving.by_name import service_record
    from headgate.predict.train.record import record_of

    own = {
        "tokens_per_s_per_mw": side.per_mw(side.rate),
        "tokens_per_usd": side.per_usd(side.rate),
        "served_tokens_per_s_per_chip": side.served_rate,
        "served_tokens_per_s_per_mw": side.per_mw(side.served_rate),
        "served_tokens_per_usd": side.per_usd(side.served_rate),
    }
    return {
        "machine": side.machine.id,
        "chip": side.machine.chip.id,
        "model": found.model,
        "basis": found.basis,
        "chips": side.chips,
        "watts_per_chip": _known(side.watts_per_chip),
        "usd_per_chip": _known(side.usd_per_chip),
        **{name: dict(zip(("median", "low", "high"), map(_known, band), strict=True)) for name, band in own.items()},
        "refusal": side.refusal or None,
        "serving_refusal": side.serving_refusal or None,
        "training": _without(record_of(side.trained)) if side.trained else None,
        "serving": _without(service_record(side.served)) if side.served else None,
        "notes": list(side.notes),
    }


def _without(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a job without what stands beside it, and with its own layout alone."""
    kept = {name: value for name, value in record.items() if name not in BESIDE}
    return kept | ({"layout": record["layouts"][0]} if "layouts" in record else {})


def _known(value: float) -> float | None:
    return None if value != value else value


def shown(found: "Comparison", width: int) -> Iterator[str]:
    """Yield the comparison for a person: a column for each machine, then what it rests on."""
    from headgate.cli.text import wrap

    yield from wrap(f"{found.model} on {found.basis}", width)
    able = [side for side in found.sides if side.trained or side.served]
    most = max(1, (width - LABEL) // (NARROW + 2))
    for start in range(0, len(able), most):
        sides = able[start : start + most]
        cell = max(NARROW, min(WIDE, (width - LABEL) // len(sides) - 2))
        yield ""
        for label, cells in _lines(found, sides):
            yield from _line(label, cells, cell)
    if refused := list(_refusals(found.sides)):
        yield from ("", "WHAT CANNOT BE RUN")
        for words in refused:
            yield from wrap(words, width, "  ", "    ")
    if able:
        yield from ("", "NOTES", *_notes(able, width))


def _line(label: str, cells: Sequence[str], cell: int) -> Iterator[str]:
    """Yield one line of the table, or several where a cell is wider than its column; a heading has no cells."""
    if not cells:
        yield from ("", label)
        return
    parts = [textwrap.wrap(text, cell) or [""] for text in cells]
    for nth in range(max(map(len, parts))):
        texts = [part[nth] if nth < len(part) else "" for part in parts]
        yield (f"{label if nth == 0 else '':<{LABEL}}" + "".join(f"  {text:>{cell}}" for text in texts)).rstrip()


Lines = Iterator[tuple[str, list[str]]]


def _lines(found: "Comparison", sides: Sequence["Side"]) -> Lines:
    """Yield the label and the cells of each line."""
    yield "", [side.machine.id for side in sides]
    yield "  chips", [f"{side.chips:,}" for side in sides]
    yield "  kW a chip", [_number(side.watts_per_chip / 1e3) for side in sides]
    yield "  USD a chip", [_number(side.usd_per_chip) for side in sides]
    if any(side.trained for side in sides):
        yield f"TRAINING, SEQUENCES OF {found.work.sequence:,} TOKENS", []
        yield from _training(sides)
    if any(side.served for side in sides):
        work = found.work
        yield f"SERVING, {work.isl:,.0f} TOKENS IN, {work.osl:,.0f} OUT, AT MOST {work.tpot_ms:g} MS A TOKEN", []
        yield from _serving(sides)


def _training(sides: Sequence["Side"]) -> Lines:
    jobs = [side.trained for side in sides]
    yield "  precision", [side.precision for side in sides]
    yield "  sequences a step", [f"{job.run.job.global_batch:,.0f}" if job else "" for job in jobs]
    yield "  ever measured", ["" if not side.trained else "no" if side.extrapolated else "yes" for side in sides]
    yield from _banded("  tokens/s a chip", [side.rate for side in sides], 1.0)
    yield from _banded("  days for 1T, with failures", [side.figure("days") for side in sides], 1.0)
    yield from _worth(sides, [side.rate for side in sides])
    yield "  share of the roof", [_share(side.figure("mfu")[0]) for side in sides]
    yield "  time: compute", [_share(side.parts.get("compute")) for side in sides]
    for part in ("memory", "communication", "bubble", "host", "jitter"):
        yield f"    {part}", [_share(side.parts.get(part)) for side in sides]
    yield "  peak memory, GiB", [_memory(side, side.figure("peak_mem_gib")) for side in sides]
    yield "  layout", [_ranks(job.options[0].layout) if job else "" for job in jobs]


def _serving(sides: Sequence["Side"]) -> Lines:
    plans = [side.served.plan if side.served else None for side in sides]
    yield "  precision", [side.served.recipe.id if side.served else "" for side in sides]
    yield from _banded("  tokens/s a chip", [side.served_rate for side in sides], 1.0)
    yield from _worth(sides, [side.served_rate for side in sides])
    yield "  ms a token", [_number(plan.tpot_ms[0]) if plan else "" for plan in plans]
    yield "  requests a chip", [_number(plan.running / plan.layout.chips) if plan else "" for plan in plans]
    for part in ("compute", "memory", "communication", "floor", "prompts"):
        label = f"  time: {part}" if part == "compute" else f"    {part}"
        yield label, [_share(plan.step_ms.get(part, 0.0) / plan.tpot_ms[0]) if plan else "" for plan in plans]
    yield "  peak memory, GiB", [_memory(s, s.served.plan.peak_mem_gib) if s.served else "" for s in sides]
    yield "  layout of a copy", [_ranks(asdict(plan.layout)) if plan else "" for plan in plans]


def _worth(sides: Sequence["Side"], rates: Sequence["Band"]) -> Lines:
    """Yield what a megawatt and a dollar bring; the bands are those of the rate."""
    pairs = list(zip(sides, rates, strict=True))
    yield "  k tokens/s per MW", [_number(side.per_mw(rate)[0] / 1e3, rate) for side, rate in pairs]
    yield "  M tokens/USD, no failures", [_number(side.per_usd(rate)[0] / 1e6, rate) for side, rate in pairs]


def _banded(label: str, bands: Sequence["Band"], unit: float) -> Lines:
    """Yield the line of the medians and that of the bands; blank where there is none."""
    yield label, [_number(band[0] / unit, band) for band in bands]
    ends = [(low / unit, high / unit) for _, low, high in bands]
    yield "    90 % band", [f"{_number(low)}-{_number(high)}" if low == low else "" for low, high in ends]


def _number(value: float, rate: "Band | None" = None) -> str:
    """Return a number with the figures that matter, or `unknown`; nothing where there is no rate at all."""
    if rate is not None and rate[0] != rate[0]:
        return ""
    if value != value:
        return "unknown"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _share(value: float | None) -> str:
    return "" if value is None or value != value else f"{100 * value:.0f} %"


def _memory(side: "Side", peak: "Band") -> str:
    return "" if peak[0] != peak[0] else f"{peak[0]:.0f} of {side.machine.chip.memory_bytes / 2**30:.0f}"


def _ranks(sizes: Mapping[str, Any]) -> str:
    """Return the ranks of a layout in short; those of one rank are left out."""
    known = {word: int(sizes.get(name, 1)) for name, word in RANKS.items()}
    return " ".join(f"{word}{size}" for word, size in known.items() if size > 1) or "one chip"


def _refusals(sides: Sequence["Side"]) -> Iterator[str]:
    for side in sides:
        if side.refusal == side.serving_refusal != "":
            yield f"{side.machine.id}: {side.refusal}"
            continue
        for what, why in (("training", side.refusal), ("serving", side.serving_refusal)):
            if why:
                yield f"{side.machine.id}, {what}: {why}"


def _notes(able: Sequence["Side"], width: int) -> Iterator[str]:
    """Yield what is true of all machines first, then what is of each; what several share stands once."""
    from headgate.cli.text import wrap

    said: dict[str, list[str]] = {}
    for side in able:
        for note in dict.fromkeys(side.notes):
            said.setdefault(note, []).append(side.machine.id)
    together: dict[str, list[str]] = {}
    for note, ids in said.items():
        whose = "all" if len(ids) == len(able) > 1 else ", ".join(dict.fromkeys(ids))
        together.setdefault(whose, []).append(note)
    for whose, notes in sorted(together.items(), key=lambda item: item[0] != "all"):
        yield f"  {whose}"
        for note in notes:
            yield from wrap(note, width, "    ", "      ")
