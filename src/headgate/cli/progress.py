"""How far a run is: a bar on the terminal from a second on, and nothing anywhere else."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

QUIET_SECONDS, BAR = 1.0, 30
LEAST_SECONDS = 0.1  # between two pictures of a bar
Progress = Callable[[int, int], None]


class Bar:
    """A bar on the standard error; nothing of it is seen in the first second, nor after the last step.

    Args:
        label: What is under way.
        unit: What the steps are, where their number is not known before, as `lines`.
    """

    def __init__(self, label: str, unit: str = "") -> None:
        self.label, self.unit = label, unit
        self.begun, self.shown = time.monotonic(), 0.0
        self.lock = threading.Lock()
        self.over = False
        self.text = f"{label}: getting ready ..."
        self.timer = self._next()

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is; the last step wipes the bar off. A total of 0 is not known: what is done is counted."""
        self._show(self.label, self.unit, done, total)

    def part(self, label: str, unit: str) -> Progress:
        """Return what shows another part of the same run on this bar.

        Args:
            label: What is under way in that part.
            unit: What its steps are; their number is not known before.
        """
        return lambda done, _: self._show(label, unit, done, 0)

    def _show(self, label: str, unit: str, done: int, total: int) -> None:
        with self.lock:
            if self.over:
                return
            if 0 < total <= done:
                self.over = True
                self.timer.cancel()
                self._write("")
                return
            self.text = drawn(label, done, total) if total else f"{label}: {done:,} {unit}".rstrip()
            now = time.monotonic()
            if now - self.begun >= QUIET_SECONDS and now - self.shown >= LEAST_SECONDS:
                self.shown = now
                self._write(self.text)

    def close(self) -> None:
        """Wipe the bar off, as after an interruption."""
        self(1, 1)

    def _next(self) -> threading.Timer:
        timer = threading.Timer(QUIET_SECONDS, self._waiting)
        timer.daemon = True
        timer.start()
        return timer

    def _waiting(self) -> None:
        """Say each second how long it has been, so that a long step is seen to be alive."""
        with self.lock:
            if not self.over:
                self._write(f"{self.text}  {time.monotonic() - self.begun:.0f} s")
                self.timer = self._next()

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def drawn(label: str, done: int, total: int) -> str:
    """Return a bar in text.

    Example:
        >>> drawn("baseline", 1, 4)
        'baseline [#######-----------------------]  25 %'
    """
    full = done * BAR // max(total, 1)
    return f"{label} [{'#' * full}{'-' * (BAR - full)}] {100 * done // max(total, 1):>3} %"


def progress(label: str, quiet: bool = False, unit: str = "") -> Bar | None:
    """Return what shows the progress of a run; None where nobody watches: with `--json`, or without a terminal."""
    return Bar(label, unit) if not quiet and sys.stderr.isatty() else None


@contextmanager
def watched(label: str, quiet: bool = False, unit: str = "") -> Iterator[Bar | None]:
    """Show the progress of what is done inside, and wipe it off at the end, however that comes.

    Args:
        label: What is under way.
        quiet: Show nothing, as with `--json`.
        unit: What the steps are, where their number is not known before.
    """
    bar = progress(label, quiet, unit)
    try:
        yield bar
    finally:
        if bar:
            bar.close()
