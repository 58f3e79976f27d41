"""Write docs/machines.md: what the model of machines says, its equations, how far off it is, and worked examples.

    python scripts/machines.py            write it (about a minute)
    python scripts/machines.py --check    say whether it is up to date (exit 1 if not)

A generated block stands between `<!-- begin: NAME -->` and `<!-- end: NAME -->`. A block that takes long to compute
carries a hash of what it is computed from, so that a test can tell whether it is stale without computing it.
"""

import hashlib
import importlib
import inspect
import math
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from page_words import ROOT, escaped

PAGE = ROOT / "docs" / "machines.md"
SOURCE = ROOT / "src" / "headgate"
DATA = (*(f"data/{room}/*" for room in ("fit", "measured", "models", "machines", "chips")), "data/recipes.toml")
CODE = ("agree.text", "agree.authors", "parts", "agree.scores", "agree.worked")
IMPORTED = re.compile(r"^\s*from headgate\.((?:machine|predict)(?:\.\w+)+) import", re.MULTILINE)
CHAPTERS = (
    ("One multiplication, one attention, one pass", ("kernels",)),
    ("Between chips", ("collectives",)),
    ("The pipeline", ("pipeline",)),
    ("One training step", ("training",)),
    ("Serving", ("serving_layers", "decode", "serving")),
    ("The roofline", ("roofline",)),
    ("Failures", ("goodput",)),
    ("State off the chip", ("offload",)),
    ("Energy", ("energy",)),
    ("Cost", ("cost",)),
)
NAMES = {
    "step_time_s": "training, time of a step",
    "tpot_ms": "serving, time per output token",
    "ttft_ms": "serving, time to first token",
    "tokens_per_s_per_chip": "serving, tokens a second and chip",
    "peak_mem_gib": "training, peak memory",
}
DIFFERS = 0.10  # share of the authors' time from which a disagreement is listed


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield a table of Markdown; every cell but the first of a line is set to the right when it is a number."""
    head = list(head)
    body = [[str(cell) for cell in row] for row in rows]
    right = [all(re.fullmatch(r"[-+0-9.,% x()]*", row[n]) for row in body) for n in range(len(head))]
    yield "| " + " | ".join(head) + " |"
    yield "|" + "|".join("---:" if r and n else "---" for n, r in enumerate(right)) + "|"
    yield from ("| " + " | ".join(row) + " |" for row in body)


def percent(share: float, places: int = 1) -> str:
    """Return a share in percent, or nothing where there is none."""
    return "" if math.isnan(share) else f"{100 * share:.{places}f} %"


def significant(value: float) -> str:
    """Return a number with three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def equations() -> Iterator[str]:
    """Yield every public formula of `headgate.machine` with its equation and its source, from its docstring."""
    for title, modules in CHAPTERS:
        yield from (f"### {title}", "")
        for name in modules:
            module = importlib.import_module(f"headgate.machine.{name}")
            for function in vars(module).values():
                if inspect.isfunction(function) and function.__module__ == module.__name__:
                    yield from formula(name, function)


def formula(module: str, function: Callable[..., object]) -> Iterator[str]:
    """Yield one formula; nothing for a function that is private or states no equation."""
    text = inspect.getdoc(function) or ""
    said, *rest = re.split(r"\n\n(?=(?:Args|Returns|Raises|Source|Example):\n)", text)
    if function.__name__.startswith("_") or not re.search(r"^    \S", said, re.MULTILINE):
        return
    source = next((part.removeprefix("Source:\n") for part in rest if part.startswith("Source:\n")), "")
    yield from (f"`{module}.{function.__name__}`", "")
    for paragraph in said.split("\n\n"):
        lines = paragraph.splitlines()
        if all(line.startswith("    ") for line in lines):
            yield from ("```text", *(line[4:] for line in lines), "```", "")
        else:
            yield from (escaped(" ".join(lines)), "")
    if source:
        yield from (f"*Source: {escaped(' '.join(source.split()))}*", "")


def left_out() -> Iterator[str]:
    """Yield the table of what was left out, beside the bars and the constant efficiency."""
    from headgate.predict.agree.text import left_out as made

    found = made()
    rows = []
    for s in found["slice"]:
        bars = [percent(s[k], 0) if k in s else "" for k in ("must", "good")]
        others = percent(s["others"]) if "others" in s else ""
        flat = percent(s.get("constant_median", math.nan))
        numbers = (percent(s["median"]), percent(s["p90"]), percent(s["bias"]), percent(s["in_band"], 0))
        rows.append((NAMES[s["quantity"]], s["says"], s["arch"], s["rows"], *numbers, flat, others, *bars))
    head = ("quantity", "left out", "kind", "rows", "median", "p90", "bias", "in the band of 90 %")
    yield from table((*head, "one efficiency, same rows", "others, other rows", "must", "good"), rows)
    yield ""
    for what, short in shortfalls(found["slice"]).items():
        yield f"- {what}: {'; '.join(short) if short else 'none'}."
    yield from ("", f"Run on {found['ran_on']} by `scripts/leave_out.py`. {found['caveat']}")


def shortfalls(slices: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return, in words, which slices miss what must be reached, and which bands hold too few or too many rows."""
    missed, narrow, wide = [], [], []
    for s in slices:
        name = f"{NAMES[s['quantity']]}, {s['name']} left out, {s['arch']}"
        if s["median"] > s.get("must", math.inf):
            missed.append(f"{name} ({percent(s['median'])} instead of {percent(s['must'], 0)})")
        if s["in_band"] < 0.845:
            narrow.append(f"{name} ({percent(s['in_band'], 0)})")
        if s["in_band"] > 0.955:
            wide.append(f"{name} ({percent(s['in_band'], 0)})")
    return {
        "Missed what must be reached": missed,
        "Bands that hold fewer than 85 % of the rows": narrow,
        "Bands that hold more than 95 %": wide,
    }


def accuracy() -> Iterator[str]:
    """Yield the summary by quantity, chip and kind of model."""
    from headgate.predict.agree import KINDS, agreement
    from headgate.predict.agree.scores import summary

    for kind in KINDS:
        found = agreement(kind)
        rows = []
        for x in summary(found):
            three = [
                (percent(s.middle), percent(s.high), percent(s.bias), percent(s.covered, 0)) for s in (x.seen, x.blind)
            ]
            flat = percent(x.constant.middle)
            rows.append((NAMES[x.quantity], x.chip, x.arch, x.seen.rows, *three[0], *three[1], flat))
        head = ("quantity", "chip", "kind", "rows", "seen: median", "p90", "bias", "in band")
        yield from table((*head, "left out: median", "p90", "bias", "in band", "one efficiency"), rows)
        lost = [r for r in found if not r.told]
        yield ""
        for r in lost:
            yield f"- not predicted: `{r.id}`, {r.quantity}: {escaped(r.problem)}"
        if not lost:
            yield f"Every {kind} row is predicted."
        yield ""


def worked() -> Iterator[str]:
    """Yield the worked examples."""
    from headgate.predict.agree.worked import UNITS, worked_examples

    rows = []
    examples = worked_examples()
    for e in examples:
        for c in e.checks:
            band = f"{significant(c.told[1])} to {significant(c.told[2])}" if c.told else c.problem
            told = significant(c.told[0]) if c.told else "none"
            blind = percent(c.blind[0] / c.published - 1) if c.blind else "never seen" if e.layout else ""
            numbers = (significant(c.published), told, band, percent(c.error), "yes" if c.inside else "no", blind)
            rows.append((e.title, UNITS[c.quantity], *numbers, f"{escaped(c.source)} ({c.mark})"))
    head = ("run", "quantity", "published", "predicted", "band of 90 %", "error", "in band", "error when left out")
    yield from table((*head, "source"), rows)
    yield ""
    for e in examples:
        memory = f", {e.memory_gib:.0f} GiB by the memory formula of {e.room_gib:.0f}"
        layout = f" Computed as {e.layout}{memory}." if e.layout else ""
        unseen = f" Never seen in calibration: {', '.join(e.unseen)}." if e.unseen else ""
        yield f"- **{e.title}.** {escaped(e.says)}{layout}{unseen}"


def authors() -> Iterator[str]:
    """Yield where the search would choose otherwise than the authors."""
    from headgate.predict.agree.authors import against_authors, words

    found = against_authors()
    done = [c for c in found if not c.problem]
    beaten = [c for c in done if c.gain >= DIFFERS]
    ties = sum(c.gain < 0.02 for c in done)
    tight = sum(c.tight for c in done)
    yield (
        f"Of {len(found)} calibration rows that state their mapping, {len(done)} can be compared. In all of them the "
        f"search's mapping is as fast as the stated one or faster, by the same model. It saves less than 2 % of the "
        f"time in {ties}, and {percent(DIFFERS, 0)} or more in {len(beaten)}, which are listed. In {tight} rows the "
        "stated mapping takes more memory than the model allows a job; it did run, so that the search got as much room."
    )
    yield ""
    best: dict[str, list[object]] = defaultdict(list)
    for c in sorted(beaten, key=lambda c: -c.gain):
        best[c.group].append(c)
    rows = [
        (group.replace("|", ", "), len(rows), words(rows[0].theirs), words(rows[0].ours), percent(rows[0].gain, 0))
        for group, rows in best.items()
    ]
    yield from table(("chip, model, precision", "rows", "the authors' (most saved)", "the search's", "saves"), rows)
    yield from ("", *(f"- not compared: `{c.id}`: {escaped(c.problem)}" for c in found if c.problem))


def six_parts() -> Iterator[str]:
    """Yield what halving each of Rubin's parts does."""
    from headgate.predict.parts import RACKS, WORK, parts

    yield (
        "A Vera Rubin NVL72 is composed of six chips. Each column is one kind of work on DeepSeek-V3 in MXFP8, "
        f"training on {RACKS} racks; a cell says how many times as long it takes when every figure of the part is "
        "halved and nothing else changes, mapping and batch included. A dash: the part plays no role in it."
    )
    yield ""
    rows = []
    for p in parts():
        cells = ["-" if abs(p.slower[work] - 1.0) < 5e-4 else f"{p.slower[work]:.2f} x" for work in WORK]
        rows.append((f"`{p.id}` ({p.role.replace('_', ' ')})", *cells, "yes" if p.fits else "no"))
    yield from table(("part", *WORK.values(), "job still fits"), rows)


BLOCKS: dict[str, tuple[bool, Callable[[], Iterator[str]]]] = {
    "left_out": (False, left_out),
    "accuracy": (True, accuracy),
    "worked": (True, worked),
    "authors": (True, authors),
    "six_parts": (False, six_parts),
    "equations": (False, equations),
}


def code() -> set[Path]:
    """Return the source files of rooms `machine` and `predict` that a slow block runs, found by their imports."""
    found: set[Path] = set()
    waiting = [f"predict.{name}" for name in CODE]
    while waiting:
        name = waiting.pop().replace(".", "/")
        path = next(p for p in (SOURCE / f"{name}.py", SOURCE / name / "__init__.py") if p.is_file())
        if path not in found:
            found.add(path)
            waiting += IMPORTED.findall(path.read_text(encoding="utf-8"))
    return found


def inputs_hash() -> str:
    """Return a short hash of all code and data that a slow block is computed from."""
    data = {path for pattern in DATA for path in SOURCE.glob(pattern) if path.is_file()}
    found = hashlib.sha256()
    for path in sorted(data | code()):
        found.update(path.relative_to(SOURCE).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def pattern(name: str) -> re.Pattern[str]:
    """Return what finds a block: its hash, if it has one, and its text."""
    return re.compile(rf"<!-- begin: {name}(?: from (?P<hash>\w+))? -->\n(?P<text>.*?)<!-- end: {name} -->", re.DOTALL)


def block(name: str) -> str:
    """Return a block, computed anew, with its marks."""
    slow, make = BLOCKS[name]
    mark = f" from {inputs_hash()}" if slow else ""
    text = "\n".join(make()).strip("\n")
    return f"<!-- begin: {name}{mark} -->\n\n{text}\n\n<!-- end: {name} -->"


def stale(text: str) -> list[str]:
    """Return the blocks of a page that are missing or not up to date; slow ones are told by their hash."""
    faults = []
    for name, (slow, _) in BLOCKS.items():
        found = pattern(name).search(text)
        if found is None:
            faults.append(f"missing: {name}")
        elif slow and found["hash"] != inputs_hash():
            faults.append(f"computed from older code or data: {name}")
        elif not slow and found[0] != block(name):
            faults.append(f"stale: {name}")
    return faults


def main() -> int:
    """Write or check the page."""
    text = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        faults = stale(text)
        print("\n".join(faults or ["docs/machines.md is up to date"]))
        return int(bool(faults))
    for name in BLOCKS:
        if not pattern(name).search(text):
            raise SystemExit(f"docs/machines.md has no block {name}")
        new = block(name)
        text = pattern(name).sub(lambda _, new=new: new, text)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
