"""`headgate machine`: list, show, models, agree and predict."""

import argparse
import csv
import json
import subprocess
import sys

import pytest

from headgate.catalog.chips import catalog
from headgate.catalog.models import models
from headgate.cli.machine import watched
from headgate.cli.main import main, parser
from headgate.predict.hardware import machine, machine_gaps, machines

RUNS = "row_id,model,chip,chips,seq,precision,desk\na,llama3-8b,H100,8,8192,bf16,7\nb,llama3-8b,H100,0,8192,bf16,8\n"


@pytest.fixture(autouse=True)
def _narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def said(capsys, *arguments):
    assert main(["machine", *arguments]) == 0
    return capsys.readouterr().out


def flat(text):
    return " ".join(text.split())


def parsers(top, name="headgate"):
    """Yield every parser with its name."""
    yield name, top
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for verb, made in action.choices.items():
                yield from parsers(made, f"{name} {verb}")


OURS = ("headgate machine", "headgate train", "headgate serve-model")


@pytest.mark.parametrize("name", [n for n, _ in parsers(parser()) if n.startswith(OURS)])
def test_every_command_has_an_example_and_every_option_its_help(name) -> None:
    made = dict(parsers(parser()))[name]
    assert "Example" in made.epilog
    assert name in made.epilog
    assert [a.dest for a in made._actions if not a.help and not isinstance(a, argparse._SubParsersAction)] == []
    assert made.format_help()


def test_help_loads_no_array_engine() -> None:
    script = "import sys; from headgate.cli.main import main; main(['train', '--help']); main(['--help']);"
    script += "print(*{m.split('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"numpy", "polars", "altair"} & set(done.stdout.splitlines()[-1].split())


def test_list_has_every_machine_and_what_is_not_known_of_the_rest(capsys) -> None:
    text = said(capsys, "list")
    rubin = next(line for line in text.splitlines() if line.startswith("vera-rubin-nvl72"))
    assert rubin.split()[1:9] == ["72", "4,000", "17,500", "35,000", "288", "22.00", "1,800", "200"]
    assert rubin.split()[9] == "no"
    table, gaps = text.split("NOT ENOUGH IS KNOWN OF")
    assert [m for m in machines() if m not in table] == []
    assert [m for m in machine_gaps() if m not in gaps] == []
    assert max(map(len, text.splitlines())) <= 80


def test_a_format_that_a_chip_lacks_is_blank(capsys) -> None:
    line = next(line for line in said(capsys, "list").splitlines() if line.startswith("atlas-900-a2-8"))
    assert line.split()[:4] == ["atlas-900-a2-8", "8", "376", "64"]


def test_list_as_json(capsys) -> None:
    rows = {r["id"]: r for r in map(json.loads, said(capsys, "list", "--json").splitlines())}
    assert rows["vera-rubin-nvl72"]["dense_nvfp4_tflops"] == 35000
    assert rows["vera-rubin-nvl72"]["published_only"] is True
    assert rows["hgx-h800-8"]["domain_price_usd"] is None
    assert rows["trn3-ultraserver-gen2"]["unknown"]
    assert len(rows) == len(machines()) + len(machine_gaps())


def test_show_has_parts_rates_links_power_price_and_sources(capsys) -> None:
    text = said(capsys, "show", "vr200")
    words = flat(text)
    for phrase in (
        "72 x nvidia-rubin-vr200 in one scale-up domain; no published run of the chip is known",
        "nvfp4 is 35,000 dense; 50,000 only as nvfp4-best-case.",
        "memory bandwidth 22,000 GB/s",
        "inside the domain 1,800 GB/s each way",
        "36 x NVIDIA Vera CPU (rubin-chip-1-vera-cpu): host memory, and the link to it",
        "18 x NVIDIA BlueField-4 DPU",
        "power_kw: 230 (unverified: estimate.unseen)",
        "switches add numbers yes",
        "kernels: ",
    ):
        assert phrase in words
    for part in machine("vr200").parts.values():
        assert part in text
    for source in catalog().get("vera-rubin-nvl72").values["price_usd"].source:
        assert f"  {source}: " in text
    assert max(len(line) for line in text.splitlines() if "https://" not in line) <= 80


def test_show_says_what_is_unknown_and_assumed(capsys) -> None:
    assert "price                  unknown" in said(capsys, "show", "h800")
    assert "ASSUMED" in said(capsys, "show", "nvidia-l40s")


@pytest.mark.parametrize("name", machines())
def test_every_machine_can_be_shown(capsys, name) -> None:
    text = said(capsys, "show", name)
    assert machine(name).name.split()[0] in text
    made = json.loads(said(capsys, "show", name, "--json"))
    assert made["id"] == name
    assert made["kernels"].keys() == machine(name).chip.kernels.keys()
    assert all(made[k] is None for k in made["unknown"])


def test_show_takes_a_file_of_one_s_own(capsys, tmp_path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'kind = "computer"\ncontains = ["nvidia-h100-sxm"]\n[value]\naccelerators_count = 16\n'
        "scale_up_bandwidth_each_direction_gb_per_s = 450\nscaleout_nic_gbit_per_s = 400\n",
        encoding="utf-8",
    )
    assert "16 x nvidia-h100-sxm" in said(capsys, "show", str(file))


def test_models_lists_every_model(capsys) -> None:
    text = said(capsys, "models")
    lines = {line.split()[0]: line.split() for line in text.splitlines()}
    assert lines["deepseek-v3"][1:4] == ["671.0", "37.6", "61"]
    assert lines["deepseek-v3"][5:9] == ["mla", "8", "of", "256"]
    seen = {name: lines[name][5] for name in ("gpt3-175b", "llama3-8b", "palm-540b", "gpt-oss-20b") if name in lines}
    assert seen == {"gpt3-175b": "mha", "llama3-8b": "gqa", "palm-540b": "mqa", "gpt-oss-20b": "gqa+swa"}
    assert set(models()) <= set(lines)
    rows = [json.loads(line) for line in said(capsys, "models", "--json").splitlines()]
    assert {r["id"] for r in rows} == set(models())


def test_predict_writes_a_file_and_says_how_many(capsys, tmp_path) -> None:
    source, target = tmp_path / "runs.csv", tmp_path / "out.csv"
    source.write_text(RUNS, encoding="utf-8")
    text = said(capsys, "predict", str(source), "-o", str(target))
    assert "2 rows: 1 predicted, 1 with an error" in text
    assert "  b: chips is 0" in text
    with target.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(r["row_id"], r["desk"], bool(r["error"])) for r in rows] == [("a", "7", False), ("b", "8", True)]
    assert float(rows[0]["step_time_s_low"]) < float(rows[0]["step_time_s_high"])


def test_predict_prints_without_a_file_and_counts_beside(capsys, tmp_path) -> None:
    source = tmp_path / "runs.csv"
    source.write_text(RUNS, encoding="utf-8")
    assert main(["machine", "predict", str(source)]) == 0
    out, err = capsys.readouterr()
    assert [line.split(",")[0] for line in out.splitlines()] == ["row_id", "a", "b"]
    assert "2 rows" in err
    rows = [json.loads(line) for line in said(capsys, "predict", str(source), "--json").splitlines()]
    assert rows[0]["tpot_ms_median"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "vera-rubbin-nvl72"], "vera-rubin-nvl72"),
        (["show", "panjiu-al128"], "cannot be composed"),
        (["predict", "none.csv"], "there is no such file"),
        (["predict", "RUNS", "-o", "RUNS"], "this is the table of runs itself"),
        (["predict", "RUNS", "-o", "x.txt"], "no known format"),
        (["agree", "--kind", "serve"], "Did you mean serving"),
        (["agree", "--kind", "training", "--chip", "h2000", "--json"], "stands in no calibration row"),
        (["agree", "--model", "llama9", "--summary", "--json"], "stands in no calibration row"),
        (["lisst"], "Did you mean list"),
    ],
)
def test_refusals(capsys, tmp_path, monkeypatch, arguments, says) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs.csv").write_text(RUNS, encoding="utf-8")
    told = [a.replace("RUNS", "runs.csv") for a in arguments]
    assert main(["machine", *told]) == 2
    assert says in capsys.readouterr().err
    assert (tmp_path / "runs.csv").read_text(encoding="utf-8") == RUNS


def test_agree_prints_a_report_of_one_chip(capsys) -> None:
    text = said(capsys, "agree", "--kind", "training", "--chip", "nvidia-h200-sxm", "--summary")
    assert text.startswith("Predicted against measured")
    rows = [
        json.loads(line)
        for line in said(capsys, "agree", "--kind", "training", "--chip", "nvidia-h200-sxm", "--json").splitlines()
    ]
    assert {r["chip"] for r in rows} == {"nvidia-h200-sxm"}
    assert all(r["source"] and abs(r["error"]) < 1 for r in rows)


def test_agree_takes_short_names_and_a_summary_is_a_summary_in_json_too(capsys) -> None:
    text = said(capsys, "agree", "--chip", "h800", "--summary", "--json")
    rows = [json.loads(line) for line in text.splitlines()]
    assert {r["chip"] for r in rows} == {"all", "nvidia-h800-sxm"}
    assert all(r["seen_rows"] >= 1 and r["seen_median"] >= 0 for r in rows)
    assert not any("row_id" in r or "source" in r for r in rows)
    assert said(capsys, "agree", "--chip", "H800", "--json") == said(
        capsys, "agree", "--chip", "nvidia-h800-sxm", "--json"
    )


def test_the_summary_of_agree_is_a_hundred_columns_wide(capsys) -> None:
    assert max(map(len, said(capsys, "agree", "--summary").splitlines())) <= 100


def test_a_long_table_says_on_a_terminal_how_far_it_is(capsys, monkeypatch) -> None:
    ticks = iter(range(100))
    monkeypatch.setattr("headgate.cli.machine.time.monotonic", lambda: 0.6 * next(ticks))
    for terminal in (True, False):
        monkeypatch.setattr("sys.stderr.isatty", lambda terminal=terminal: terminal)
        wrong: list[str] = []
        rows = [{"row_id": str(n), "error": "bad" if n > 3 else ""} for n in range(1, 12)]
        assert list(watched(iter(rows), 11, wrong)) == rows
        assert (len(wrong), wrong[0]) == (8, "4: bad")
        err = capsys.readouterr().err
        assert ("of 11 rows" in err) is terminal
        assert err.endswith("\x1b[K") is terminal


def test_show_does_not_lay_a_person_s_own_figures_on_the_maker(capsys, tmp_path) -> None:
    file = tmp_path / "mine.toml"
    figures = "dense_fp16_tflops = 900\nmemory_gb = 80\ndram_bandwidth_gb_per_s = 3000\ntdp_watts = 600\n"
    file.write_text(f"[value]\n{figures}", encoding="utf-8")
    text = flat(said(capsys, "show", str(file)))
    assert "the figures are of a file of one's own, unchecked" in text
    assert "maker's" not in text.split("OF ONE CHIP")[0]
