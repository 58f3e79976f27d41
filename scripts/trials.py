"""Write beside each scenario what `headgate law try` says of it; `--check` fails when one is stale.

python scripts/trials.py
python scripts/trials.py --check
"""

import contextlib
import io
import os
import sys
from pathlib import Path

from headgate.cli.main import main
from headgate.scenario.record import FOLDER, names

ROOT = Path(__file__).resolve().parents[1]
WIDTH = "100"


def said(name: str) -> str:
    """Return what the command prints for one scenario and the example order book."""
    out = io.StringIO()
    os.environ["COLUMNS"] = WIDTH
    with contextlib.redirect_stdout(out):
        code = main(["law", "try", name, str(ROOT / "examples" / "orders.csv")])
    if code:
        raise SystemExit(f"law try {name} exits with {code}")
    return out.getvalue()


def run(check: bool) -> int:
    """Write every golden result, or say which is stale."""
    stale = []
    for name in names():
        path, text = FOLDER / f"{name}.txt", said(name)
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, "utf-8")
    extra = sorted({p.stem for p in FOLDER.glob("*.txt")} - set(names()))
    if check and (stale or extra):
        print(f"stale: {', '.join(stale) or 'none'}; without a scenario: {', '.join(extra) or 'none'}")
        print("run python scripts/trials.py, read what changed, and commit it")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run("--check" in sys.argv[1:]))
