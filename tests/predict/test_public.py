"""The public names for machines, as a script meets them."""

import subprocess
import sys

import pytest

import headgate

SCRIPT = """
import sys, headgate
assert "numpy" not in sys.modules
assert headgate.find_machine("h20").chip.id == "nvidia-h20-96"
import headgate.machine.cost, headgate.predict.train
assert headgate.find_machine("h20").domain_chips == 8
job = headgate.train("llama3-8b", "h100", 8, "10B", precision="bf16")
assert job.figures["days"][1] < job.figures["days"][0] < job.figures["days"][2]
row = {"model": "llama3-8b", "chip": "H100", "chips": 8, "seq": 4096, "precision": "bf16"}
assert [r["error"] for r in headgate.predict_runs([row, {}])][0] == ""
assert headgate.serve_model("llama3-8b", "h100", 8, 1024, 128).plan.tpot_ms[0] > 0
assert headgate.compare_machines.__name__ == "compare"
"""


def test_every_name_works_in_a_fresh_process() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_all_names_are_there_and_no_others() -> None:
    for name in headgate.__all__:
        assert getattr(headgate, name) is not None
    assert set(headgate.LATE) <= set(headgate.__all__)
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        headgate.trian  # noqa: B018
