"""Progress on a terminal: nothing before a second, nothing after the end, nothing where nobody watches."""

import sys

import pytest

from headgate.cli import progress as module
from headgate.cli.main import main
from headgate.cli.progress import Bar, drawn, progress, watched

WIPED = "\r\x1b[K"


class Terminal:
    """A standard error that may be a terminal."""

    def __init__(self, is_one=True):
        self.is_one, self.text = is_one, ""

    def isatty(self):
        return self.is_one

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.fixture
def watching(monkeypatch):
    """Return what puts a terminal before the test, on which every step of a bar is drawn."""

    def put():
        monkeypatch.setattr(module, "LEAST_SECONDS", 0)
        found = Terminal()
        monkeypatch.setattr(sys, "stderr", found)
        return found

    return put


def late(bar):
    """Make it later than the first second."""
    bar.begun -= 2


def test_lines_are_counted_where_their_number_is_not_known(watching):
    screen = watching()
    with watched("deciding book.csv", unit="lines") as bar:
        bar(10, 0)
        assert screen.text == ""
        late(bar)
        bar(250_000, 0)
        assert screen.text.endswith("deciding book.csv: 250,000 lines")
        bar.part("writing packets", "lines to hold")(7, 0)
        assert screen.text.endswith("writing packets: 7 lines to hold")
        bar(500_000, 0)
        assert screen.text.endswith("deciding book.csv: 500,000 lines")
    assert screen.text.endswith(WIPED)


def test_a_long_step_is_seen_to_be_alive(watching):
    screen = watching()
    bar = Bar("gradients")
    late(bar)
    bar._waiting()
    assert screen.text.endswith("gradients: getting ready ...  2 s")
    bar(1, 4)
    bar._waiting()
    assert f"{drawn('gradients', 1, 4)}  2 s" in screen.text
    bar.close()
    before = screen.text
    bar._waiting()
    bar(2, 4)
    assert screen.text == before


def test_a_bar_is_wiped_off_after_a_fault_too(watching):
    screen = watching()
    bars = []

    def fail():
        with watched("x") as bar:
            bars.append(bar)
            late(bar)
            bar(1, 2)
            raise ValueError("a fault")

    with pytest.raises(ValueError, match="a fault"):
        fail()
    assert screen.text.endswith(WIPED)
    assert bars[0].over


def test_a_bar_is_not_drawn_for_every_line(monkeypatch):
    found = Terminal()
    monkeypatch.setattr(sys, "stderr", found)
    bar = Bar("x", "lines")
    late(bar)
    for n in range(1, 1001):
        bar(n, 0)
    assert found.text.count(WIPED) < 100
    bar.close()


def test_nobody_watches_a_file_or_json(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal(is_one=False))
    assert progress("x") is None
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert progress("x", quiet=True) is None


@pytest.mark.parametrize(("options", "is_seen"), [([], True), (["--json"], False)])
def test_deciding_a_book_shows_how_far_it_is(options, is_seen, tmp_path, monkeypatch, watching, capsysbinary):
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.0)
    book = tmp_path / "orders.csv"
    book.write_text("line_id,activity,event_date,item\n1,export,2024-06-01,nvidia-h100-sxm\n")
    screen = watching()
    main(["decide", str(book), "-o", str(tmp_path / "out.csv"), *options])
    assert ("deciding orders.csv: 1 lines" in screen.text) is is_seen
    assert (screen.text == "") is not is_seen
    assert not screen.text or screen.text.endswith(WIPED)
