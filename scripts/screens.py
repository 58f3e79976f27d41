"""Write docs/screens.md and its pictures: what a person sees of the commands, the memo, the packet and the charts.

    python scripts/screens.py                all of them
    python scripts/screens.py memo law-map   some of them

Pages of HTML are drawn by Chromium, which must be on the PATH as `chromium` (or name it: CHROMIUM=/path); without one
their pictures stay as they are, and the script says so. Everything else is drawn by the packages of the lock.
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from readme import WRITTEN_ON

from headgate.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "screens.md"
FOLDER = ROOT / "docs" / "screens"
ORDERS = "examples/orders.csv"
H200 = "--item nvidia-h200-sxm --from US --to CN --on 2026-02-15 --assume clean"
LINES = 46  # of a terminal that is shown
COLORS = 64
CHART_SIZE = 0.6  # of the size that a command draws
BROWSER = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars --disable-sync "
    "--disable-background-networking --disable-component-update"
).split()


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture.

    Args:
        name: The file's name, without its ending.
        says: What is to be seen, one line.
        draw: Given a folder to work in, returns the bytes of a PNG; None where a browser is needed and there is none.
    """

    name: str
    says: str
    draw: Callable[[Path], bytes | None]


def headgate(told: str, width: int = 80, **environment: str) -> bytes:
    """Run a command in a process of its own, as on a terminal; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "headgate", *told.split()],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env={**os.environ, "COLUMNS": str(width), "HEADGATE_TODAY": WRITTEN_ON, "PYTHONUTF8": "1", **environment},
    )
    if done.returncode not in (0, 10, 11, 20):
        raise SystemExit(f"screens: headgate {told}: {done.stderr.decode()}")
    return done.stdout


def terminal(told: str, width: int = 80, dark: bool = True) -> Callable[[Path], bytes]:
    """Return what draws a command on a terminal."""

    def draw(folder: Path) -> bytes:
        import vl_convert
        from rich.console import Console
        from rich.terminal_theme import DEFAULT_TERMINAL_THEME, DIMMED_MONOKAI
        from rich.text import Text

        command = told.replace("{folder}", str(folder))
        lines = (
            headgate(command, width)
            .decode()
            .replace(str(folder), "build")
            .replace(str(ROOT), "~/headgate")
            .splitlines()
        )
        shown = "\n".join([*lines[:LINES], *(["[...]"] if len(lines) > LINES else [])])
        console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
        console.print(Text.from_ansi(shown))
        theme = DIMMED_MONOKAI if dark else DEFAULT_TERMINAL_THEME
        title = f"headgate {told.replace('{folder}/', '')}"
        # A fixed id keeps the same text the same bytes.
        svg = console.export_svg(title=title, theme=theme, unique_id="screen")
        return bytes(vl_convert.svg_to_png(svg, scale=0.75))

    return draw


def browser() -> str | None:
    """Return the browser that draws pages."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def page(told: str, file: str, width: int = 900, height: int = 1200) -> Callable[[Path], bytes | None]:
    """Return what draws a page that a command writes."""

    def draw(folder: Path) -> bytes | None:
        found = browser()
        if found is None:
            return None
        headgate(told.replace("{folder}", str(folder)))
        at, drawn = next(folder.glob(file)), folder / "page.png"
        window = [f"--window-size={width},{height}", f"--screenshot={drawn}", f"--user-data-dir={folder / 'browser'}"]
        subprocess.run([found, *BROWSER, *window, at.as_uri()], check=True, capture_output=True)
        return drawn.read_bytes()

    return draw


def paper(told: str, file: str) -> Callable[[Path], bytes]:
    """Return what draws the first page of a PDF that a command writes."""

    def draw(folder: Path) -> bytes:
        import pypdfium2

        headgate(told.replace("{folder}", str(folder)))
        drawn = io.BytesIO()
        pypdfium2.PdfDocument(folder / file)[0].render(scale=1.4).to_pil().save(drawn, format="PNG")
        return drawn.getvalue()

    return draw


def picture(told: str) -> Callable[[Path], bytes]:
    """Return what draws a chart that a command writes."""

    def draw(folder: Path) -> bytes:
        headgate(told.replace("{folder}", str(folder)))
        return (folder / "picture.png").read_bytes()

    return draw


DECIDE = f"decide {ORDERS} -o {{folder}}/decisions.csv"
PACKET = f"decide {ORDERS} -o {{folder}}/decisions.csv --packet {{folder}}/hold"
MEMO = f"explain {H200} -o {{folder}}/memo"
FLIPS = "chip flips nvidia-a800-sxm4-80"
PLANE = "chip show nvidia-h20-96 --on 2024-06-01"
WORLD = "law map --item nvidia-h100-sxm --on 2026-09-01"
CHART = "--picture {folder}/picture.png"
HEADS: dict[str, tuple[Shot, ...]] = {
    "On a terminal": (
        Shot("greeting", "`headgate` alone.", terminal("")),
        Shot("decide-80", "The demo's order book at 80 columns, on a dark terminal.", terminal(DECIDE)),
        Shot("decide-200", "The same at 200 columns, on a light one.", terminal(DECIDE, 200, dark=False)),
        Shot("explain-80", "`headgate explain`, 80 columns, light.", terminal(f"explain {H200}", dark=False)),
        Shot("explain-200", "The same at 200 columns, dark.", terminal(f"explain {H200}", 200)),
        Shot("law-map-80", "`headgate law map`, 80 columns, dark.", terminal(WORLD)),
        Shot("chip-flips-200", "`headgate chip flips`, 200 columns, light.", terminal(FLIPS, 200, dark=False)),
        Shot("doctor", "`headgate doctor`, 80 columns, dark.", terminal("doctor")),
    ),
    "The memo": (
        Shot("memo-html", "`headgate explain ... -o memo.html` in a browser.", page(f"{MEMO}.html", "memo.html")),
        Shot("memo-pdf", "`headgate explain ... -o memo.pdf`, its first page.", paper(f"{MEMO}.pdf", "memo.pdf")),
    ),
    "The packet of a line to hold": (
        Shot("packet-index", "`headgate decide ... --packet hold`: hold/index.html.", page(PACKET, "hold/index.html")),
        Shot("packet-questions", "Questions to the customer.", page(PACKET, "hold/SO-4114-3/questions.html")),
        Shot("packet-documents", "Documents to obtain.", page(PACKET, "hold/SO-4114-3/documents.html")),
    ),
    "Charts": (
        Shot("chip-plane", f"`headgate {PLANE} --picture h20.png`", picture(f"{PLANE} {CHART}")),
        Shot("chip-plane-dark", "The same with `--dark`.", picture(f"{PLANE} {CHART} --dark")),
        Shot("world-map", f"`headgate {WORLD} --picture map.png`", picture(f"{WORLD} {CHART}")),
        Shot("world-map-dark", "The same with `--dark`.", picture(f"{WORLD} {CHART} --dark")),
    ),
}


def small(drawn: bytes) -> bytes:
    """Return a picture of words with few colors, which takes a quarter of the room and looks the same."""
    from PIL import Image

    kept = io.BytesIO()
    Image.open(io.BytesIO(drawn)).convert("RGB").quantize(COLORS).save(kept, format="PNG", optimize=True)
    return kept.getvalue()


def smaller(drawn: bytes) -> bytes:
    """Return a chart at a lesser size; its colors stay, since they tell answers apart."""
    from PIL import Image

    kept = io.BytesIO()
    whole = Image.open(io.BytesIO(drawn)).convert("RGB")
    size = (round(whole.width * CHART_SIZE), round(whole.height * CHART_SIZE))
    whole.resize(size, Image.Resampling.LANCZOS).save(kept, format="PNG", optimize=True)
    return kept.getvalue()


def shots() -> Iterator[Shot]:
    """Yield every picture."""
    for some in HEADS.values():
        yield from some


def text() -> str:
    """Return the page."""
    lines = [
        "# Screens",
        "",
        "What a person sees, drawn by `python scripts/screens.py` from the commands named under each picture.",
        "All parties are fictitious.",
        "",
    ]
    for head, some in HEADS.items():
        lines += [f"## {head}", ""]
        for shot in some:
            lines += [f"{shot.says}", "", f"![{shot.says}](screens/{shot.name}.png)", ""]
    return "\n".join(lines)


def main(names: list[str]) -> int:
    """Draw the pictures that are named, or all, and write the page."""
    known = {shot.name: shot for shot in shots()}
    if unknown := [name for name in names if name not in known]:
        raise SystemExit(f"screens: no picture {unknown[0]!r}; there are {', '.join(known)}")
    FOLDER.mkdir(exist_ok=True)
    for name in names or known:
        with tempfile.TemporaryDirectory() as folder:
            drawn = known[name].draw(Path(folder))
        if drawn is None:
            print(f"screens: {name}: no browser was found, so its picture stays as it is", file=sys.stderr)
            continue
        drawn = (smaller if known[name] in HEADS["Charts"] else small)(drawn)
        write_whole(FOLDER / f"{name}.png", drawn)
        print(f"{name}: {len(drawn) // 1024} kB")
    for old in set(FOLDER.glob("*.png")) - {FOLDER / f"{name}.png" for name in known}:
        old.unlink()
    write_whole(PAGE, text().encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
