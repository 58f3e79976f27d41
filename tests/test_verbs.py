"""The public names, as a script meets them: in a fresh process, in any order, more than once."""

import subprocess
import sys

SCRIPT = """
import headgate
row = dict(item="nvidia-h200-sxm", activity="export", ship_from="US", destination="CN", event_date="2026-02-01")
assert headgate.decide(row, assume="clean").outcome == "license_required"
for day in ("2026-01-14", "2026-01-15"):
    by = headgate.law(as_known=day)
    assert headgate.decide(row, assume="clean", by=by).outcome == "license_required"
headgate.book(), headgate.chip("nvidia-h200-sxm"), headgate.law(scenario="gain-ai")
table = headgate.decide_table([{"line_id": "1", **row}], by=headgate.law(as_of="2022-09-01"))
assert table["outcome"].to_list() == ["license_required"], table["outcome"]
"""


def test_every_verb_can_be_called_again_and_in_any_order():
    done = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
