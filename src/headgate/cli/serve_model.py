"""`headgate serve-model`: how a model is best served on a stock of chips, how fast, and how sure that is."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from headgate.cli.numbers import above_zero, whole, zero_or_more

if TYPE_CHECKING:
    from headgate.machine.serving_parts import ServingLayout
    from headgate.predict.serving.by_name import Service

PURPOSE = (
    "Predict how fast a model is served on a stock of chips, laid out in the best way, with bands of ninety percent."
)
EXAMPLE = """\
Example:
  headgate serve-model --model deepseek-r1 --machine cloudmatrix-384 --chips 384 --isl 4096 --osl 1024 --tpot-limit 50
  headgate serve-model --model deepseek-r1 --machine h200 --chips 128 --isl 4096 --osl 1024 --disaggregated --draft 1
"""
BAR = 40


def add(commands: Any) -> None:
    """Add `serve-model` to the parser."""
    made = commands.add_parser(
        "serve-model",
        help=PURPOSE,
        description=PURPOSE,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--model", required=True, metavar="M", help="a model's id, alias or name, or a path to TOML")
    made.add_argument("--machine", required=True, metavar="X", help="a machine, or a chip for its usual machine")
    made.add_argument("--chips", required=True, metavar="N", type=whole, help="chips in all")
    made.add_argument("--isl", required=True, metavar="TOKENS", type=above_zero, help="mean tokens of a prompt")
    made.add_argument("--osl", required=True, metavar="TOKENS", type=above_zero, help="mean tokens of an answer")
    made.add_argument("--tpot-limit", metavar="MS", type=above_zero, help="most milliseconds a token")
    made.add_argument("--concurrency", metavar="N", type=above_zero, help="clients at once; by default as many as go")
    made.add_argument("--precision", metavar="R", help="recipe; by default that of the weights, or the usual")
    made.add_argument("--disaggregated", action="store_true", help="read prompts on chips of their own")
    made.add_argument("--draft", metavar="N", type=int, default=0, help="draft tokens tried in a step (0)")
    made.add_argument(
        "--acceptance",
        metavar="CHANCE",
        type=zero_or_more,
        default=0.7,
        help="chance of a draft token (0.7)",
    )
    made.add_argument("--imbalance", metavar="RATIO", type=above_zero, help="busiest expert chip over the mean")
    made.add_argument("--engine", metavar="NAME", default="usual", help="vllm, trtllm or sglang; by default usual")
    made.add_argument("--json", action="store_true", help="print one JSON object")
    made.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Predict a service."""
    from headgate.cli.text import emit, prose_width, say
    from headgate.predict.serving.by_name import serve_model, service_record

    found = serve_model(
        args.model,
        args.machine,
        args.chips,
        args.isl,
        args.osl,
        precision=args.precision,
        tpot_limit_ms=args.tpot_limit,
        concurrency=args.concurrency,
        disaggregated=args.disaggregated,
        draft_tokens=args.draft,
        acceptance=args.acceptance,
        imbalance=args.imbalance,
        engine=args.engine,
    )
    if args.json:
        emit(service_record(found))
    else:
        say(_shown(found, prose_width()))
    return 0


def _shown(found: "Service", width: int) -> Iterator[str]:
    from headgate.cli.text import wrap
    from headgate.predict.grounds import grounds_of

    chip = found.machine.chip.id
    yield from wrap(f"{found.architecture.id} on {found.chips:,} x {chip} ({found.machine.name})", width)
    yield from wrap(f"prompts of {found.isl:,g} tokens, answers of {found.osl:,g}, {found.recipe.id}", width)
    yield from _figures(found)
    plan = found.plan
    if plan.step_ms:
        yield from ("", "WHERE THE TIME OF A TOKEN GOES")
    for name, ms in plan.step_ms.items():
        part = ms / plan.tpot_ms[0]
        yield f"  {name:<14} {ms:>7.2f} ms  {'#' * round(BAR * part)}".rstrip()
    yield from ("", "LAYOUT")
    what = "for answers" if plan.prefill_layout else "of the model"
    yield from wrap(f"{_copies(plan.copies)} {what}, each over {_words(plan.layout)}", width, "  ")
    yield f"  {plan.running:,.0f} requests run at once in each"
    if plan.prefill_layout:
        yield from wrap(
            f"{_copies(plan.prefill_copies)} for prompts, each over {_words(plan.prefill_layout)}", width, "  "
        )
    yield from ("", "WHAT IT RESTS ON")
    for note in found.notes:
        yield from wrap(note, width, "  - ")
    yield from ("", "SOURCES")
    for what, said in grounds_of(found.architecture, found.machine, "serving").items():
        yield from wrap(f"{what}: {said}", width, "  ", "      ")


def _figures(found: "Service") -> Iterator[str]:
    from headgate.cli.numbers import band_head, band_line, short

    plan, room = found.plan, found.machine.chip.memory_bytes / 2**30
    yield ""
    yield band_head()
    yield band_line("time a token (TPOT)", plan.tpot_ms, "ms")
    yield band_line("first token (TTFT)", plan.ttft_ms, "ms")
    yield band_line("tokens/s a chip", plan.tokens_per_s_per_chip)
    yield band_line("peak memory", plan.peak_mem_gib, f"GiB of {room:.0f}")
    rates = {
        "tokens/s in all": (plan.tokens_per_s_per_chip[0] * found.chips, ""),
        "prompt tokens/s a chip": (plan.input_tokens_per_s_per_chip, ""),
        "tokens/s a megawatt": (plan.tokens_per_s_per_mw, "of machines, without the building"),
        "USD a million tokens": (plan.usd_per_million_tokens, ""),
    }
    for label, (value, basis) in rates.items():
        yield f"{label:<22} {short(float('nan') if value is None else value):>12}  {basis}".rstrip()


def _copies(count: int) -> str:
    """Return a count of copies in words."""
    return f"{count:,} {'copy' if count == 1 else 'copies'}"


def _words(layout: "ServingLayout") -> str:
    """Return a spread in words; sizes of one are left out."""
    sizes = {name: int(getattr(layout, name)) for name in ("tensor", "data", "pipeline", "expert", "expert_tensor")}
    said = ", ".join(f"{name.replace('_', ' ')} {size}" for name, size in sizes.items() if size > 1)
    count = int(layout.chips)
    return f"{count:,} chips ({said})" if said else "one chip"
