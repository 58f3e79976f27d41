"""Write docs/world: the claims, the comparison of all scenarios, three stories with their pictures, as measured.

    python scripts/world.py             write all of it (some minutes)
    python scripts/world.py --check     say whether the pages speak of the stored posterior and of every scenario

Every number in the pages is worked out here from runs of the model; none is written by hand.
"""

import argparse
import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from readme import printed

import headgate
from headgate.scenario.record import Scenario, names, read_scenario
from headgate.world.axes import YEARS
from headgate.world.build import World, world
from headgate.world.charts import charts, fitted
from headgate.world.compared import Compared, compared
from headgate.world.frames import added
from headgate.world.pictures import save
from headgate.world.posterior import fitting, load
from headgate.world.predictive import charts as check_charts
from headgate.world.predictive import checked, insides, published
from headgate.world.results import Results, year_ends
from headgate.world.run import run
from headgate.world.scores_told import markdown as backtest_table

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs" / "world"
PICTURES = DOCS / "pictures"
DRAWS, SEED = 4000, 0
SHOWN = ("difference", "china-stock", "let-through")
CAPTIONS = {
    "difference": "What the scenario changes, draw by draw: scenario less baseline, with 50 and 90 % of the draws.",
    "china-stock": "China's stock by the way it came, in H100-equivalents, under the scenario.",
    "let-through": "What both gates let through, chip by chip; the color is the law's answer in that quarter.",
}


def scenario_world(scenario: Scenario) -> World:
    """Return a world under a scenario of the package."""
    return world(headgate.law(scenario=scenario.id), scenario.id, scenario.start, scenario.priors)


def pair(scenario: Scenario) -> tuple[tuple[World, World], tuple[Results, ...]]:
    """Run a scenario beside the baseline."""
    worlds = (world(headgate.law()), scenario_world(scenario))
    return worlds, run(worlds, DRAWS, SEED, fitting(load(), worlds[0]))


def amount(value: float) -> str:
    """Return a number to two figures, with a word for its size.

    Example:
        >>> amount(1234567), amount(-4321), amount(12.34)
        ('1.2 million', '-4.3 thousand', '12')
    """
    for size, word in ((1e9, " billion"), (1e6, " million"), (1e3, " thousand")):
        if abs(value) >= size:
            return f"{float(f'{value / size:.2g}'):g}{word}"
    return f"{float(f'{value:.2g}'):g}"


def interval(draws: np.ndarray, form: Callable[[float], str] = amount) -> str:
    """Return median and 90 % interval of draws."""
    low, middle, high = np.quantile(draws, (0.05, 0.5, 0.95))
    return f"{form(float(middle))} ({form(float(low))} to {form(float(high))})"


def signed(value: float) -> str:
    """Return a ratio's change with its sign."""
    return f"{value:+.2g}"


def change_rows(results: Sequence[Results]) -> Iterator[str]:
    """Yield the table of what a scenario changes: imports by channel, and the ratio, owned and controlled."""
    base, other = results
    span = (2026, 2027, 2028)
    yield "| | baseline | scenario | change, draw by draw |\n| --- | --- | --- | --- |"
    before, after = added(base, "h100e", span), added(other, "h100e", span)
    names_of = {
        "legal": "imported legally",
        "domestic": "made in China",
        "proxy_fab": "Chinese designs on foreign dies",
    }
    names_of |= {"smuggled": "diverted to China", "rented": "newly rented abroad"}
    for channel, words in names_of.items():
        one, two = before[channel], after[channel]
        yield f"| {words}, {span[0]} to {span[-1]}, H100e | {interval(one)} | {interval(two)} | {interval(two - one)} |"
    for basis in ("owned", "controlled"):
        for year in (2026, 2028, 2032):
            one, two = (year_ends(r.ratio(basis, "fp8"))[YEARS.index(year)] for r in results)
            form = "{:.1f}".format
            yield (
                f"| US over China, FP8 {basis}, end of {year} | {interval(one, form)} | {interval(two, form)} | "
                f"{interval(two - one, signed)} |"
            )


def sentence(results: Sequence[Results], year: int) -> str:
    """Say in a sentence what the scenario does to the ratio at the end of a year, owned and controlled."""
    told = []
    for basis in ("owned", "controlled"):
        one, two = (year_ends(r.ratio(basis, "fp8"))[YEARS.index(year)] for r in results)
        lower = float(np.mean(two < one))
        told.append(
            f"of FP8 compute {basis} it is {np.median(one):.1f} in the baseline and {np.median(two):.1f} here, "
            f"and lower in {lower:.0%} of the draws"
        )
    return f"At the end of {year} the US has more than China: {'; '.join(told)}."


def where_it_goes(results: Sequence[Results]) -> str:
    """Say what legal imports take the place of, in shares of what is added."""
    base, other = results
    span = (2026, 2027, 2028)
    before, after = added(base, "h100e", span), added(other, "h100e", span)
    gained = {
        k: float(np.median(after[k] - before[k])) for k in ("legal", "domestic", "proxy_fab", "smuggled", "rented")
    }
    up = ", ".join(f"{k.replace('_', ' ')} {amount(v)}" for k, v in gained.items() if v > 1000)
    down = ", ".join(f"{k.replace('_', ' ')} {amount(-v)}" for k, v in gained.items() if v < -1000)
    return f"From 2026 to 2028 what rises, in H100-equivalents: {up or 'nothing'}. What falls: {down or 'nothing'}."


STORIES = {
    row["scenario"]: (row["page"], row["title"], row["opening"])
    for row in tomllib.loads((ROOT / "scripts" / "world_stories.toml").read_text("utf-8"))["story"]
}


def story(id: str) -> str:
    """Write one story, with its pictures, and return its page."""
    name, title, opening = STORIES[id]
    scenario = read_scenario(id)
    worlds, results = pair(scenario)
    told = compared(worlds, results)
    drawn = charts(results, worlds, str(headgate.law().book.read_on), fitted(load(), worlds[0]))
    parts = [f"# {title}", opening.strip(), f"> {told.says}"]
    parts.append(f"{scenario.says} It begins on {scenario.start}. Run it: `headgate world run {id}`.")
    parts.append("\n".join(change_rows(results)))
    parts += [sentence(results, 2028), where_it_goes(results)]
    for key in SHOWN:
        if key in drawn:
            path = PICTURES / f"{name}-{key}.png"
            save(drawn[key], path)
            parts.append(f"![{CAPTIONS[key]}](pictures/{path.name})\n\n{CAPTIONS[key]}")
    parts.append(
        f"What decides it, and how: `headgate world sensitivity {id}`. What Chinese buyers spend beyond where it goes "
        "follows from how much more a dollar buys them, by an exponent that may be zero (`china.budget_response`)."
    )
    sources = "; ".join(f"[{s['title']}]({s['url']})" if s.get("url") else s["title"] for s in scenario.sources)
    parts.append(f"Sources of the scenario: {sources}.")
    parts.append(made_of(results[1]))
    return "\n\n".join(parts) + "\n"


def made_of(results: Results) -> str:
    """Return what a page was made of, in a line."""
    m = results.manifest
    return (
        f"<sub>{m['draws']:,} draws, seed {m['seed']}, posterior `{str(m['posterior'])[:12]}`, lanes "
        f"`{str(m['hash_lanes'])[:12]}`, history `{str(m['hash_history'])[:12]}`. Medians; in parentheses 90 % of the "
        "draws. H100e: H100-equivalents by Epoch AI's rule.</sub>"
    )


def comparison() -> tuple[str, str]:
    """Run every scenario beside the baseline; return the table, and what it was made of."""
    rows, baseline, last = [], world(headgate.law()), None
    posterior = fitting(load(), baseline)
    order = sorted(names())
    for id in order:
        other = scenario_world(read_scenario(id))
        found = run([baseline, other], DRAWS // 2, SEED, posterior, sample=1)
        rows.append(compared((baseline, other), found))
        last = found[0]
        print(f"world: {id}", file=sys.stderr)
    assert last is not None
    return "\n".join(table(rows)), made_of(last)


def table(rows: Sequence[Compared]) -> Iterator[str]:
    """Yield the comparison as Markdown: the baseline's medians, then what each scenario changes of them."""
    ids = ("legal", "domestic", "smuggled", "rented", "orders", "owned_2028", "owned_2032", "controlled_2028")
    heads = ("legal", "domestic", "smuggled", "rented", "orders, USD", "owned 2028", "owned 2032", "controlled 2028")
    yield "| scenario | answers moved | " + " | ".join(heads) + " |"
    yield "| --- | --- |" + " --- |" * len(ids)
    base = rows[0].base
    yield "| **baseline** | | " + " | ".join(f"**{cell(id, base[id][2])}**" for id in ids) + " |"
    for row in rows:
        cells = []
        for id in ids:
            low, _, middle, _, high = row.changes[id]
            text = cell(id, middle, "+")
            cells.append(f"({text})" if low <= 0 <= high else text)
        yield f"| {row.scenario} | {row.moved or ('nothing' if row.is_same else 'none')} | " + " | ".join(cells) + " |"


def cell(id: str, value: float, sign: str = "") -> str:
    """Return a number of the comparison."""
    if "_" in id:
        return f"{value:{sign}.2g}" if sign else f"{value:.1f}"
    if abs(value) < 500:
        return "0"
    text = amount(value).replace(" thousand", "k").replace(" million", "M").replace(" billion", "bn")
    return f"+{text}" if sign and value > 0 else text


def predictive() -> Iterator[str]:
    """Draw the predictive checks; yield how many published medians lie in the bands, and the pictures."""
    baseline = world(headgate.law())
    results = checked(baseline, fitting(load(), baseline), DRAWS, SEED)
    points = published(baseline.rows)
    yield "| series | of | published medians | in the 50 % band | in the 90 % band |\n| --- | --- | --- | --- | --- |"
    for row in insides(results, points):
        yield f"| {row.series.replace('_', ' ')} | {row.of} | {row.points} | {row.in50} | {row.in90} |"
    yield ""
    about = f"{DRAWS:,} draws, seed {SEED}; flows, without the errors of those who count them."
    for name, chart in check_charts(results, points, about).items():
        path = PICTURES / f"{name}.png"
        save(chart, path)
        yield f"![Published numbers against what was supposed and what was fitted](pictures/{path.name})\n"


def front() -> str:
    """Return the front page of the documentation of the world."""
    compare, foot = comparison()
    checks = "\n".join(predictive())
    text = (ROOT / "scripts" / "world_front.md").read_text("utf-8")
    blocks = {
        "CLAIMS": f"```text\n{printed('world', 'claims').rstrip()}\n```",
        "COMPARISON": compare,
        "COMPARISON_FOOT": foot,
        "BACKTEST": backtest_table(),
        "CHECKS": checks,
        "STORIES": "\n".join(f"- [{title}]({name}.md)" for name, title, _ in STORIES.values()),
    }
    for key, block in blocks.items():
        text = text.replace(f"@{key}@", block)
    return text


def check() -> list[str]:
    """Return what the pages lack: the posterior they were made with, or a scenario."""
    wrong, page = [], (DOCS / "README.md").read_text("utf-8")
    now = load().hash[:12]
    for path in (DOCS / "README.md", *(DOCS / f"{name}.md" for name, _, _ in STORIES.values())):
        if not path.is_file() or f"posterior `{now}`" not in path.read_text("utf-8"):
            wrong.append(f"{path.name} was not made with the stored posterior {now}")
    wrong += [f"scenario {id} is not in the comparison" for id in names() if f"| {id} |" not in page]
    return wrong


def main() -> int:
    """Write or check the pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", choices=("stories", "front"), help="write only these pages")
    args = parser.parse_args()
    if args.check:
        wrong = check()
        print("\n".join(wrong) or "docs/world is up to date")
        return int(bool(wrong))
    os.environ.setdefault("HEADGATE_TODAY", "2026-11-22")
    PICTURES.mkdir(parents=True, exist_ok=True)
    if args.only != "front":
        for id, (name, _, _) in STORIES.items():
            (DOCS / f"{name}.md").write_text(story(id), "utf-8")
            print(f"world: {name}", file=sys.stderr)
    if args.only != "stories":
        (DOCS / "README.md").write_text(front(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
