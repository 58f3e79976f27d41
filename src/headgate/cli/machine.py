"""`headgate machine`: what a stock of chips can do, from the records and by the formulas of `headgate.machine`."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.errors import UsageError

if TYPE_CHECKING:
    from headgate.machine.architecture import Architecture
    from headgate.machine.hardware import Machine

PURPOSE = "Show what machines can do: list, compare, predict runs, agree with measured."
RUNS = """
A row is of training or of serving, by its columns: those of the tables in
`headgate/data/measured`. Needed are the model (or its sizes), the chip, `chips`,
and `seq` (training) or `isl` and `osl` (serving). A blank mapping is searched.
Measured columns are not read. A row that cannot be predicted says why in
`error`, and the rest goes on; the exit code is 0 all the same. In CSV a text that
a spreadsheet would run gets an apostrophe; `row_id` stays, so that it can be joined.
"""
MOST_SHOWN = 5
UNITS = {"bf16": "bf16", "fp8": "fp8", "nvfp4": "fp4"}


def add(commands: Any) -> None:
    """Add `machine` and its commands to the parser."""
    from headgate.cli import compare

    raw = argparse.RawDescriptionHelpFormatter
    made: dict[str, argparse.ArgumentParser] = {}
    machine = commands.add_parser("machine", help=PURPOSE, description=PURPOSE, formatter_class=raw)
    verbs = machine.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (says, example, run) in COMMANDS.items():
        text = f"{says}\n{RUNS}" if name == "predict" else says
        made[name] = verbs.add_parser(
            name, help=says, description=text, epilog=f"Example:\n  {example}\n", formatter_class=raw
        )
        made[name].set_defaults(run=run)
    machine.epilog = "Example:\n" + "".join(f"  {example}\n" for _, example, _ in COMMANDS.values())
    made["show"].add_argument("id", metavar="ID", help="a machine, or a chip for its usual machine; or a path to TOML")
    made["predict"].add_argument("runs", metavar="RUNS", help="a table of runs: .csv, .jsonl or .parquet")
    made["predict"].add_argument("-o", "--output", metavar="OUT", help="write here: .csv, .jsonl or .parquet")
    compare.add(verbs)
    agree = made["agree"]
    agree.add_argument("--kind", metavar="KIND", default="all", help="`training` or `serving`; by default all")
    agree.add_argument("--chip", metavar="ID", help="only the runs of one chip")
    agree.add_argument("--model", metavar="ID", help="only the runs of one model")
    agree.add_argument("--summary", action="store_true", help="leave the single runs out")
    for name in ("list", "show", "models", "agree", "predict"):
        made[name].add_argument("--json", action="store_true", help="print one JSON object a line")


def emit_known(found: Mapping[str, object]) -> None:
    """Print one JSON object on one line, with null for a figure that is unknown."""
    from headgate.cli.text import emit

    emit({k: None if isinstance(v, float) and v != v else v for k, v in found.items()})


def facts(m: "Machine") -> dict[str, object]:
    """Return the figures of a machine for one chip, by name; NaN when unknown."""
    unknown = float("nan")
    return {
        "id": m.id,
        "name": m.name,
        "chip": m.chip.id,
        "domain_chips": m.domain_chips,
        **{f"dense_{name}_tflops": kernel.rate_flop_per_s / 1e12 for name, kernel in m.chip.kernels.items()},
        "memory_gib": m.chip.memory_bytes / 2**30,
        "memory_gb_per_s": m.chip.memory_bytes_per_s / 1e9,
        "scale_up_gb_per_s": m.scale_up.bytes_per_s / 1e9,
        "scale_up_reduces": m.scale_up_reduces,
        "scale_out_gb_per_s": m.scale_out.bytes_per_s / 1e9,
        "host_memory_gb": m.host_memory_bytes / 1e9 or unknown,
        "host_memory_gb_per_s": m.host_memory_bytes_per_s / 1e9 or unknown,
        "host_link_gb_per_s": m.host_link_bytes_per_s / 1e9 or unknown,
        "storage_gb_per_s": m.storage_bytes_per_s / 1e9 or unknown,
        "chip_tdp_watts": m.chip.tdp_watts,
        "chip_price_usd": m.chip.price_usd,
        "domain_watts": m.domain_watts,
        "domain_price_usd": m.domain_price_usd,
        "published_only": m.published_only,
    }


def run_list(args: argparse.Namespace) -> int:
    """Print the machines that can be composed, and those that cannot with what is missing."""
    from headgate.cli.text import say
    from headgate.predict.hardware import machine, machine_gaps, machines

    found = [machine(name) for name in machines()]
    gaps = machine_gaps()
    if args.json:
        for m in found:
            emit_known(facts(m))
        for name, missing in gaps.items():
            emit_known({"id": name, "unknown": list(missing)})
        return 0
    say(_listed(found, gaps))
    return 0


def _listed(found: Sequence["Machine"], gaps: Mapping[str, Sequence[str]]) -> Iterator[str]:
    from headgate.cli.text import Column, table, terminal_width, wrap

    width = terminal_width()
    heads = ("chips", "bf16", "fp8", "fp4", "GiB", "TB/s", "up", "out")
    columns = [Column("machine"), *(Column(h, right=True) for h in heads), Column("runs"), Column("chip", least=8)]
    rows = []
    for m in found:
        rates = [m.chip.kernels.get(name) for name in UNITS]
        cells = [f"{m.domain_chips:,}", *(f"{k.rate_flop_per_s / 1e12:,.0f}" if k else "" for k in rates)]
        cells += [f"{m.chip.memory_bytes / 2**30:.0f}", f"{m.chip.memory_bytes_per_s / 1e12:.2f}"]
        cells += [f"{link.bytes_per_s / 1e9:,.0f}" for link in (m.scale_up, m.scale_out)]
        rows.append([m.id, *cells, "no" if m.published_only else "yes", m.chip.id])
    yield from table(columns, rows, width)
    foot = (
        "chips: in one scale-up domain. For one chip: dense TFLOP/s by format (blank where it has none), memory, and "
        "GB/s each way inside the domain (up) and between domains (out). runs: published runs of the chip "
        "calibrate the model; `no` means its figures are the maker's alone."
    )
    yield from ("", *wrap(foot, width))
    if gaps:
        yield from ("", "NOT ENOUGH IS KNOWN OF")
        for name, missing in gaps.items():
            words = ", ".join(key if record == name else f"{key} of {record}" for record, _, key in map(_gap, missing))
            yield from wrap(f"{name}: {words}", width, "  ", "      ")


def _gap(text: str) -> tuple[str, str, str]:
    return text.partition(": ")


def run_show(args: argparse.Namespace) -> int:
    """Print one machine with its parts, its figures and their sources."""
    from headgate.cli.machine_show import shown, shown_record
    from headgate.cli.text import emit, prose_width, say
    from headgate.predict.hardware import machine

    found = machine(args.id)
    if args.json:
        emit(shown_record(found, facts(found)))
    else:
        say(shown(found, prose_width()))
    return 0


def attention_word(a: "Architecture") -> str:
    """Return the kind of attention in short: mla, mha, mqa or gqa, and whether layers look through a window."""
    by_heads = "mha" if a.kv_heads == a.heads else "mqa" if a.kv_heads == 1 else "gqa"
    word = "mla" if a.attention == "mla" else by_heads
    return f"{word}+swa" if a.window else word


def run_models(args: argparse.Namespace) -> int:
    """Print the models of the catalog with their sizes."""
    from headgate.catalog.models import models
    from headgate.cli.text import Column, emit, say, table, terminal_width
    from headgate.predict.models import architecture_of

    rows = []
    for model in models().values():
        a = architecture_of(model)
        total, active = a.parameters / 1e9, a.active_parameters / 1e9
        if args.json:
            sizes = {"parameters_b": total, "active_b": active, **model.size}
            emit({"id": model.id, "name": model.name, **sizes, "mark": model.mark, "sources": list(model.sources)})
            continue
        experts = f"{a.topk} of {a.experts}" if a.experts else ""
        cells = [f"{total:,.1f}", f"{active:,.1f}", str(a.layers), f"{a.hidden:,}", attention_word(a), experts]
        rows.append([model.id, *cells, model.mark])
    if rows:
        columns = [Column("model"), *(Column(h, right=True) for h in ("B total", "B active", "layers", "hidden"))]
        columns += [Column("attention"), Column("experts", right=True), Column("mark", least=6)]
        say(table(columns, rows, terminal_width()))
    return 0


def run_predict(args: argparse.Namespace) -> int:
    """Predict a table of runs, row by row."""
    from headgate.cli.text import emit
    from headgate.predict.table import predict_table
    from headgate.predict.table_file import check_target, columns_of, read_rows, write_rows

    source, target = Path(args.runs), Path(args.output) if args.output else None
    check_target(target)
    if target and target.exists() and source.exists() and target.samefile(source):
        raise UsageError(f"-o {target}: this is the table of runs itself; name another file")
    rows = read_rows(source)
    wrong: list[str] = []
    found = watched(predict_table(rows), len(rows), wrong)
    if args.json and target is None:
        for row in found:
            emit(row)
    else:
        write_rows(found, target, sys.stdout, columns_of(rows))
    quiet = sys.stderr if target is None else sys.stdout
    print(f"{len(rows):,} rows: {len(rows) - len(wrong):,} predicted, {len(wrong):,} with an error", file=quiet)
    for said in wrong[:MOST_SHOWN]:
        print(f"  {said}", file=quiet)
    if len(wrong) > MOST_SHOWN:
        print(f"  and {len(wrong) - MOST_SHOWN:,} more, in the column error", file=quiet)
    if target:
        print(f"Predictions: {target}")
    return 0


def watched(rows: Iterable[dict[str, Any]], total: int, wrong: list[str]) -> Iterator[dict[str, Any]]:
    """Pass predictions on; note those with an error, and on a terminal say each second how far it is."""
    began = told = time.monotonic()
    shows = sys.stderr.isatty()
    for number, row in enumerate(rows, start=1):
        if row["error"]:
            wrong.append(f"{row['row_id']}: {row['error']}" if len(wrong) < MOST_SHOWN else "")
        yield row
        if shows and time.monotonic() - told > 1.0:
            told = time.monotonic()
            print(f"\r{number:,} of {total:,} rows", end="", file=sys.stderr, flush=True)
    if told > began:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def run_agree(args: argparse.Namespace) -> int:
    """Print predicted against measured for every published run."""
    from dataclasses import asdict

    from headgate.cli.text import say
    from headgate.predict.agree.scores import summary
    from headgate.predict.agree.text import agree_text, chosen_rows

    if not args.json:
        say(agree_text(args.kind, args.chip, args.model, rows=not args.summary))
        return 0
    rows = chosen_rows(args.kind, args.chip, args.model)
    if args.summary:
        for line in summary(rows):
            emit_known(_scored(asdict(line)))
        return 0
    for row in rows:
        emit_known({**asdict(row), "error": row.error})
    return 0


def _scored(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line of the summary with its scores as `seen_rows`, `seen_median` and so on; NaN stays."""
    names = {"rows": "rows", "middle": "median", "high": "p90", "bias": "bias", "covered": "in_band"}
    flat: dict[str, Any] = {}
    for key, value in line.items():
        flat |= {f"{key}_{names[k]}": v for k, v in value.items()} if isinstance(value, dict) else {key: value}
    return flat


COMMANDS: Mapping[str, tuple[str, str, Callable[[argparse.Namespace], int]]] = {
    "list": ("List the machines with their figures, and which are only published.", "headgate machine list", run_list),
    "show": (
        "Show one machine: its parts, rates, links, power and price, and what is unknown.",
        "headgate machine show vera-rubin-nvl72",
        run_show,
    ),
    "models": ("List the models with their sizes.", "headgate machine models", run_models),
    "agree": (
        "Print predicted against measured for every published run, with error, bias and source.",
        "headgate machine agree --kind training --summary",
        run_agree,
    ),
    "predict": ("Predict a table of runs.", "headgate machine predict examples/runs.csv", run_predict),
}
