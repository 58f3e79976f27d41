"""Write the generated blocks of README.md: what the commands print, and what the book covers.

    python scripts/readme.py            write them
    python scripts/readme.py --check    say whether they are up to date (exit 1 if not)

A block stands between `<!-- begin: NAME -->` and `<!-- end: NAME -->`.
"""

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
# The day of which the README tells: which reviews are overdue depends on it.
WRITTEN_ON = "2026-11-22"


def printed(*argv: str) -> str:
    """Return what a command prints to a person whose terminal is 80 columns wide."""
    from headgate.cli.main import main

    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    os.environ |= {"COLUMNS": "80", "HEADGATE_TODAY": WRITTEN_ON}
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), contextlib.chdir(ROOT):
        main(list(argv))
    out.flush()
    return out.buffer.getvalue().decode()


def demo() -> str:
    """Return the summary of `make demo`."""
    with tempfile.TemporaryDirectory() as folder:
        text = printed("decide", "examples/orders.csv", "-o", f"{folder}/decisions.csv")
        return fenced(text.replace(f"{folder}/", "build/"))


def explain() -> str:
    """Return the first part of a memo."""
    text = printed(*"explain --item nvidia-h200-sxm --from US --to CN --on 2026-02-15 --assume clean".split())
    return fenced(
        text.split("\nWHY\n")[0].rstrip()
        + "\n\n[... then the chain of provisions, exceptions, what is missing, sources]\n"
    )


def timeline() -> str:
    """Return the timeline of the law."""
    return fenced(printed("law", "timeline"))


def train() -> str:
    """Return a prediction of a training run, without its sources."""
    told = "train --model deepseek-v3 --machine cloudmatrix-384 --chips 3072 --tokens 14.8T"
    text = printed(*told.split())
    return fenced(text.split("\nSOURCES\n")[0].rstrip() + "\n\n[... then the sources]\n")


def claims() -> str:
    """Return the first part of the claims about the compute gap."""
    first = printed("world", "claims").split("\nowned or rented")[0].rstrip()
    return fenced(first + "\n\n[... then owned or rented, the flows, claim B, and what decides]\n")


def coverage() -> str:
    """Return the table of what the book models and what it does not, as the command prints it."""
    return printed("law", "coverage", "--markdown")


def fenced(text: str) -> str:
    """Put a text into a code block."""
    return f"```text\n{text.rstrip()}\n```\n"


BLOCKS = {
    "demo": demo,
    "explain": explain,
    "timeline": timeline,
    "train": train,
    "claims": claims,
    "coverage": coverage,
}


def filled(text: str) -> str:
    """Return the README with every block written anew."""
    for name, make in BLOCKS.items():
        pattern = re.compile(rf"(<!-- begin: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise SystemExit(f"README.md has no block {name}")
        block = make()
        text = pattern.sub(lambda m, block=block: m[1] + block + m[2], text)
    return text


def main() -> int:
    """Write or check the README."""
    old = README.read_text(encoding="utf-8")
    new = filled(old)
    if "--check" in sys.argv:
        return int(old != new)
    README.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
