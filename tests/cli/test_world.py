"""`headgate world run` and `world compare`: what they say first, their tables and files, and what they refuse."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from headgate.cli.main import main
from headgate.cli.progress import Bar, drawn, progress
from headgate.world.axes import ACCOUNTS
from headgate.world.results import Results
from headgate.world.table import manifest_of

DRAFT = """
id = "draft"
title = "A draft"
says = "It changes something, or nothing."
status = "imagined"
evidence = "unverified"
from = {start}
[[source]]
title = "nobody"
"""
FEW = ["--prior", "--draws", "256"]
SCENARIO = "h200-rule-repealed"


@pytest.fixture(autouse=True)
def _narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture(scope="module")
def real():
    """Return what the simulator gives for the law as it is; made once."""
    from headgate.decide.one import decider
    from headgate.world.build import world
    from headgate.world.run import run

    return run([world(decider(), "baseline")], 256, 0)[0]


@pytest.fixture
def made(monkeypatch, real):
    """Put made-up results in the place of the simulator: each scenario imports half as much more as the one before."""

    def simulate(worlds, draws, seed, posterior, bar=None, sample=0):
        found = []
        for n, each in enumerate(worlds):
            flows = real.flows.copy()
            if not (each.gates.hash == worlds[0].gates.hash and not each.changes):
                flows[16:, :, ACCOUNTS.index("china_legal")] *= 1 + n / 2
            manifest = {**real.manifest, "scenario": each.name, "draws": draws, "seed": seed}
            found.append(replace(real, name=each.name, flows=flows, manifest=manifest))
        if bar:
            bar(draws, draws)
        return tuple(found)

    monkeypatch.setattr("headgate.world.run.run", simulate)


def said(capsys, *arguments):
    assert main(["world", *arguments]) == 0
    return capsys.readouterr().out


def refused(capsys, *arguments):
    assert main(["world", *arguments]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    return " ".join(found.err.split())


def draft(folder, text, start="2026-01-01"):
    path = folder / "draft.toml"
    path.write_text(DRAFT.format(start=start) + text, encoding="utf-8")
    return str(path)


def lines_fit(text, width=80):
    return max(map(len, text.splitlines())) <= width and all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.usefixtures("made")
def test_the_law_as_it_is(capsys) -> None:
    text = said(capsys, "run", *FEW)
    assert text.startswith("The law as it is enforced, 256 draws.")
    for heading in (
        "US OVER CHINA, COMPUTE OWNED, END OF THE YEAR",
        "US OVER CHINA, COMPUTE CONTROLLED (OWNED OR RENTED), END OF THE YEAR",
        "CHINA'S STOCK BY THE WAY IT CAME, H100-EQUIVALENTS, END OF THE YEAR",
        "WHAT BOTH GATES LET INTO CHINA, UNITS IN THE YEAR",
        "CLAIM A, THE GAP IS WIDER THAN A YEAR BEFORE: COMPUTE OWNED, % OF DRAWS",
        "MADE OF",
    ):
        assert heading in text.splitlines()
    assert "Under the priors alone" in text
    assert "\n  change  " not in text
    assert lines_fit(text)


@pytest.mark.usefixtures("made")
def test_a_wide_terminal_shows_more_years(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    head = said(capsys, "run", *FEW, "--measure", "fp8").split("END OF THE YEAR\n")[1].splitlines()[0]
    assert head.split() == [str(year) for year in range(2022, 2033)]


@pytest.mark.usefixtures("made")
def test_the_first_line_says_what_the_law_moves(capsys) -> None:
    text = said(capsys, "run", SCENARIO, *FEW)
    first, rest = text.split("\n\n", 1)
    assert "the law's answer moves for" in " ".join(first.split())
    assert "WHAT THE LAW ANSWERS OTHERWISE" in rest
    assert "2026-01-15, cn_direct: case by case, limit us volume -> denial" in rest
    assert "nvidia-h200-sxm" in rest
    assert "\n  change  " in rest
    assert lines_fit(text)


@pytest.mark.usefixtures("made")
def test_the_first_line_says_when_nothing_moved(capsys, tmp_path) -> None:
    text = " ".join(said(capsys, "run", draft(tmp_path, ""), *FEW).split())
    assert text.startswith(
        "Nothing moved: no lane decision, and no quantity. The world under draft is that of baseline."
    )
    assert " change " not in text
    text = said(capsys, "run", "smuggling-stopped", *FEW)
    assert text.startswith("No lane decision moved: smuggling-stopped changes no answer of the law")


@pytest.mark.usefixtures("made")
def test_the_numbers_printed_are_those_of_the_results(capsys, real) -> None:
    line = next(x for x in said(capsys, "run", *FEW, "--measure", "fp8").splitlines() if x.startswith("FP8"))
    ratio = real.ratio("owned", "fp8")[27].astype(float)
    low, median, high = (f"{q:.3g}" for q in np.quantile(ratio, [0.05, 0.5, 0.95]))
    assert f"{median} {low}..{high}" in line


@pytest.mark.usefixtures("made")
def test_json_has_every_part_and_the_manifest(capsys) -> None:
    found = [
        json.loads(line) for line in said(capsys, "run", SCENARIO, *FEW, "--json", "--measure", "fp8").splitlines()
    ]
    first = found[0]
    assert (first["kind"], first["scenario"], first["same_as_baseline"]) == ("run", SCENARIO, False)
    assert first["lanes_moved"] == 9
    assert [m["scenario"] for m in first["manifest"]] == ["baseline", SCENARIO]
    for m in first["manifest"]:
        assert {"seed", "draws", "posterior", "hash_lanes", "hash_history", "hash_code"} <= set(m)
    kinds = {record["kind"] for record in found}
    assert kinds == {
        *("run", "moved", "ratio_of_stock", "ratio_of_flow", "china_stock", "let_through", "claim_a", "difference"),
    }
    probabilities = [r["probability"] for r in found if r["kind"] == "claim_a"]
    assert all(0 <= p <= 1 for p in probabilities)
    assert {r["scenario"] for r in found if r["kind"] == "china_stock"} == {"baseline", SCENARIO}


def test_the_same_command_gives_the_same_bytes(capsys, tmp_path) -> None:
    files = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        names = ["--out", str(folder / "run.parquet"), "--report", str(folder / "run.html")]
        text = said(capsys, "run", *FEW, *names).replace(str(folder), "")
        files.append((text, *(path.read_bytes() for path in sorted(folder.iterdir()))))
    assert len(files[0]) == 3
    assert files[0] == files[1]
    table = pl.read_parquet(tmp_path / "a" / "run.parquet")
    assert {"scenario", "quarter", "what", "name", "basis", "measure", "kind", "q05", "q95"} <= set(table.columns)
    assert manifest_of(tmp_path / "a" / "run.parquet")[0]["draws"] == 256
    other, same = (said(capsys, "run", *FEW, "--seed", seed).split("MADE OF")[0] for seed in ("1", "0"))
    assert other != same
    assert files[0][0].startswith(same)


@pytest.mark.usefixtures("made")
def test_pictures_are_written_with_their_manifest(capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("headgate.world.charts.FORMATS", (".svg",))
    text = said(capsys, "run", SCENARIO, *FEW, "--pictures", str(tmp_path / "new" / "pictures"))
    names = sorted(path.name for path in (tmp_path / "new" / "pictures").iterdir())
    assert "ratio-owned.svg" in names
    assert "difference.svg" in names
    assert text.count("written: ") == len(names)
    told = json.loads((tmp_path / "new" / "pictures" / "manifest.json").read_text(encoding="utf-8"))
    assert [each["scenario"] for each in told] == ["baseline", SCENARIO]


def test_an_interruption_leaves_what_was_there(capsys, tmp_path, monkeypatch) -> None:
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("headgate.world.run.run", stop)
    kept = {tmp_path / "run.html": b"old page", tmp_path / "run.parquet": b"old table"}
    for path, content in kept.items():
        path.write_bytes(content)
    names = ["--report", str(tmp_path / "run.html"), "--out", str(tmp_path / "run.parquet")]
    assert main(["world", "run", *FEW, *names, "--pictures", str(tmp_path / "pictures")]) == 130
    assert main(["world", "compare", "baseline", SCENARIO, *FEW, "--out", str(tmp_path / "run.parquet")]) == 130
    assert capsys.readouterr().out == ""
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == kept


@pytest.mark.usefixtures("made")
def test_an_interruption_while_writing_leaves_no_half_page(tmp_path, monkeypatch) -> None:
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("headgate.world.grounds.grounds", stop)
    assert main(["world", "run", *FEW, "--report", str(tmp_path / "run.html")]) == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "h200-open-at-capp"], "there is no scenario 'h200-open-at-capp'. Did you mean h200-open-at-cap"),
        (["run", ""], "there is no scenario ''"),
        (["run", "--seed", "-1"], "'-1' is no seed"),
        (["run", "--seed", str(2**63)], "give a whole number from 0 to 2^63 - 1"),
        (["run", "--draws", "0"], "'0' is no whole number of 1 or more"),
        (["run", "--draws", "1e3"], "'1e3' is no whole number"),
        (["run", "--measure", "fp9"], "--measure fp9: there is no such measure. Did you mean fp8"),
        (["run", "--param", "x=1"], "--param belongs to a scenario"),
        (["run", "chip-security", "--param", "x=1"], "--param x"),
        (["run", "--report", "page.pdf"], "--report page.pdf: the name must end in .html; write it as page.html"),
        (["run", "--out", "run.csv"], "--out run.csv: the name must end in .parquet"),
        (["run", "--out", "no/such/run.parquet"], "there is no folder no/such"),
        (["compare", "--out", "run.csv", "--all"], "--out run.csv: the name must end in .parquet"),
        (["compare"], "nothing is named"),
        (["compare", "baseline"], "only baseline is named"),
        (["compare", "baseline", "full-embargoo"], "there is no scenario 'full-embargoo'. Did you mean full-embargo"),
        (["compare", "baselin", "full-embargo"], "there is no scenario 'baselin'"),
        (["runn"], "command 'runn': there is no such word. Did you mean run?"),
    ],
)
def test_what_is_refused(capsys, arguments, says) -> None:
    assert says in refused(capsys, *arguments, *([] if arguments == ["runn"] else ["--prior"]))


def test_too_many_draws_for_memory_are_refused(capsys) -> None:
    message = refused(capsys, "run", "--prior", "--draws", "100,000,000")
    assert "100,000,000 draws of 1 world" in message
    assert "Ask for at most" in message


def test_a_scenario_that_names_nothing_is_refused(capsys, tmp_path) -> None:
    path = draft(tmp_path, '[[prior]]\nprior = "smuggling.easy"\nvalue = 1.0\nwhy = "x"\n')
    assert "the world has no quantity 'smuggling.easy'. Did you mean smuggling.ease" in refused(capsys, "run", path)
    path = draft(tmp_path, '[[set]]\nthreshold = "us.ear.3a090.a.1/tppp"\nvalue = 1\n')
    assert "us.ear.3a090.a.1/tpp" in refused(capsys, "run", path)


def test_changes_outside_the_horizon_are_refused(capsys, tmp_path) -> None:
    path = draft(tmp_path, '[[set]]\nthreshold = "us.ear.3a090.a.1/tpp"\nvalue = 1\n', "2040-01-01")
    message = refused(capsys, "run", path)
    assert "its change of law (set, from 2040-01-01) lies outside the horizon" in message
    assert "2022-01-01 to 2032-12-31" in message
    path = draft(tmp_path, '[[prior]]\nprior = "smuggling.ease"\nvalue = 1.0\nwhy = "x"\n', "2040-01-01")
    assert "lies outside the horizon" in refused(capsys, "run", path)


def test_a_spread_that_is_none_is_refused(capsys, tmp_path) -> None:
    path = draft(tmp_path, '[[prior]]\nprior = "smuggling.ease"\nlow = 2\nhigh = 1\nwhy = "x"\n')
    assert "low 2 lies over high 1" in refused(capsys, "run", path)


def test_a_file_where_a_folder_is_to_be_is_refused(capsys, tmp_path) -> None:
    (tmp_path / "pictures").write_text("x", encoding="utf-8")
    assert "this is a file" in refused(capsys, "run", "--pictures", str(tmp_path / "pictures"))
    (tmp_path / "run.html").mkdir()
    assert "this is a folder" in refused(capsys, "run", "--report", str(tmp_path / "run.html"))


def test_a_posterior_of_another_world_is_refused_unless_told(capsys, monkeypatch, made) -> None:
    from headgate.world.posterior import load

    other = replace(load(), made_of={**load().made_of, "lanes": "other", "history": "other"})
    monkeypatch.setattr("headgate.world.posterior.load", lambda: other)
    message = refused(capsys, "run")
    assert "was made with other lanes and history" in message
    assert "--stale" in message
    assert "STALE: fitted to history with other lanes and history" in said(capsys, "run", "--stale")


def test_without_a_posterior_the_way_on_is_said(capsys, monkeypatch) -> None:
    monkeypatch.setattr("headgate.world.posterior.load.__defaults__", (Path("no") / "posterior.parquet",))
    assert "or give --prior" in refused(capsys, "run")


@pytest.mark.usefixtures("made")
def test_scenarios_side_by_side(capsys) -> None:
    text = said(capsys, "compare", "baseline", SCENARIO, "gain-ai", "smuggling-stopped", *FEW)
    first = " ".join(text.split("\n\n", 1)[0].split())
    assert first == (
        "The law's answer on a lane moves in 1 of 3 scenarios; in 1 only what is supposed changes; "
        "in 1 no chip moves (gain-ai)."
    )
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line and not line.startswith(" ")}
    assert rows["gain-ai"] == ["0"] * 5
    table = {line.split()[0]: line.split() for line in text.split("UNDER BASELINE\n")[1].splitlines() if line}
    assert table["gain-ai"] == ["gain-ai", "-", *["0"] * 4]
    assert table[SCENARIO][1] == "9"
    assert lines_fit(text)


@pytest.mark.usefixtures("made")
def test_intervals_are_shown_where_there_is_room(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = said(capsys, "compare", "baseline", SCENARIO, *FEW)
    assert ".." in next(x for x in text.splitlines() if x.startswith(SCENARIO))
    assert lines_fit(text, 200)


@pytest.mark.usefixtures("made")
def test_nothing_moved_is_the_first_line_of_a_comparison(capsys) -> None:
    text = said(capsys, "compare", "baseline", "gain-ai", *FEW)
    assert text.startswith("Nothing moved: gain-ai is the same world as baseline, in every draw.")


@pytest.mark.usefixtures("made")
def test_any_scenario_can_be_the_baseline(capsys) -> None:
    found = json.loads(said(capsys, "compare", SCENARIO, "baseline", *FEW, "--json"))
    assert (found["baseline"], found["scenario"], found["lanes_moved"]) == (SCENARIO, "baseline", 9)


@pytest.mark.usefixtures("made")
def test_a_comparison_as_json_and_as_a_table(capsys, tmp_path) -> None:
    path = tmp_path / "c.parquet"
    arguments = ["compare", "baseline", SCENARIO, "gain-ai", SCENARIO, *FEW, "--json", "--out", str(path)]
    found = [json.loads(line) for line in said(capsys, *arguments).splitlines()]
    assert [each["scenario"] for each in found] == [SCENARIO, "gain-ai"]
    assert found[1]["same_as_baseline"]
    legal = found[0]["numbers"]["legal"]
    assert legal["unit"] == "H100-equivalents"
    assert legal["change"]["q05"] <= legal["change"]["q50"] <= legal["change"]["q95"]
    assert legal["q50"] > legal["baseline"]["q50"]
    assert {"hash_lanes", "seed"} <= set(found[0]["manifest"])
    table = pl.read_parquet(path)
    assert table["scenario"].unique().sort().to_list() == ["gain-ai", SCENARIO]
    assert [m["scenario"] for m in manifest_of(path)] == [SCENARIO, "gain-ai"]


@pytest.mark.usefixtures("made")
def test_all_scenarios_of_the_package(capsys, monkeypatch) -> None:
    monkeypatch.setattr("headgate.scenario.record.names", lambda: ("gain-ai", SCENARIO))
    found = [json.loads(line) for line in said(capsys, "compare", "--all", *FEW, "--json").splitlines()]
    assert [each["scenario"] for each in found] == ["gain-ai", SCENARIO]


def test_a_pair_through_the_simulator(capsys) -> None:
    found = json.loads(said(capsys, "compare", "baseline", "no-controls", *FEW, "--json"))
    assert found["lanes_moved"] > 50
    numbers = found["numbers"]
    assert 0 < numbers["legal"]["change"]["q05"] < numbers["legal"]["change"]["q95"]
    assert numbers["smuggled"]["change"]["q50"] < 0
    assert numbers["owned_2028"]["change"]["q50"] < 0


def test_help_is_fast_and_loads_no_arrays() -> None:
    code = "import sys; from headgate.cli.main import main; main(['world', 'run', '--help']); main(['--help']); "
    code += "print([m for m in ('numpy', 'jax', 'polars', 'altair') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "headgate world run h200-open-at-cap" in done.stdout
    assert "world" in done.stdout


@pytest.mark.parametrize("command", [["world"], ["world", "run"], ["world", "compare"]])
def test_every_help_has_an_example(capsys, command) -> None:
    assert main([*command, "--help"]) == 0
    assert "Example:\n  headgate world" in capsys.readouterr().out


class Terminal:
    def __init__(self, is_one):
        self.is_one, self.text = is_one, ""

    def isatty(self):
        return self.is_one

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_progress_is_shown_to_a_terminal_after_a_second_only(monkeypatch) -> None:
    monkeypatch.setattr("sys.stderr", Terminal(False))
    assert progress("x") is None
    screen = Terminal(True)
    monkeypatch.setattr("sys.stderr", screen)
    assert progress("x", quiet=True) is None
    bar = progress("baseline")
    assert isinstance(bar, Bar)
    bar(1, 4)
    assert screen.text == ""
    bar.begun -= 2
    bar(2, 4)
    assert drawn("baseline", 2, 4) in screen.text
    bar(4, 4)
    assert screen.text.endswith("\r\x1b[K")
    waiting = Bar("slow")
    waiting.close()
    before = screen.text
    waiting._waiting()
    assert screen.text == before


def test_the_made_up_results_are_whole(real) -> None:
    assert isinstance(real, Results)
    assert real.draws == 256
