"""What happens around a file: it changes, the disk is full, nobody may write, somebody presses Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from headgate.cli.main import main
from headgate.decide import book_run
from headgate.files import refusal, system_error, write_whole, writing

from .files import row, text

ORDERS = Path(__file__).resolve().parents[2] / "examples" / "orders.csv"


@pytest.fixture
def orders(tmp_path):
    """Return an order book in a folder of its own."""
    path = tmp_path / "orders.csv"
    path.write_bytes(text(row("1"), row("2")))
    return path


def grows(path):
    with path.open("ab") as file:
        file.write(row("3").encode())


def shrinks(path):
    os.truncate(path, 50)


def is_replaced(path):
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.replace(other, path)


def is_written_over(path):
    path.write_bytes(path.read_bytes().replace(b"US", b"CN"))
    os.utime(path, ns=(1, 1))


def is_taken_away(path):
    path.unlink()


CHANGES = {
    grows: "the file changed (from ",
    shrinks: "the file changed (from ",
    is_replaced: "the file changed while it was read",
    is_written_over: "the file changed while it was read",
    is_taken_away: "the file was taken away while it was read",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_a_file_that_changes_while_it_is_read_gives_no_decisions(change, ending, tmp_path, monkeypatch, capfd):
    import polars as pl

    path, out = tmp_path / f"orders{ending}", tmp_path / "out.csv"
    frame = pl.read_csv(text(row("1"), row("2")), infer_schema=False)
    {".csv": frame.write_csv, ".jsonl": frame.write_ndjson, ".parquet": frame.write_parquet}[ending](path)
    decide = book_run.decide_rows

    def meanwhile(*given, **more):
        change(path)
        return decide(*given, **more)

    monkeypatch.setattr(book_run, "decide_rows", meanwhile)
    assert main(["decide", str(path), "-o", str(out)]) == 2
    said = capfd.readouterr().err
    assert CHANGES[change] in said
    assert said.count("\n") == 1
    assert {p.name for p in tmp_path.iterdir()} <= {path.name}


def test_ctrl_c_says_so_and_leaves_nothing_half_written(orders, monkeypatch, capfd):
    def pressed(*_, **__):
        raise KeyboardInterrupt

    out = orders.with_name("out.csv")
    out.write_text("as it was")
    monkeypatch.setattr(book_run, "decide_rows", pressed)
    assert main(["decide", str(orders), "-o", str(out), "--questions", str(orders.with_name("q.csv"))]) == 130
    assert capfd.readouterr().err == "\nheadgate: interrupted; what was not whole yet was not written\n"
    assert out.read_text() == "as it was"
    assert sorted(p.name for p in orders.parent.iterdir()) == ["orders.csv", "out.csv"]


STOPPED = """
import os, signal, sys
from headgate.cli.main import main
from headgate.decide import book_run
decide = book_run.decide_rows
def stop(*given, **more):
    os.kill(os.getpid(), signal.SIGTERM)
    return decide(*given, **more)
book_run.decide_rows = stop
sys.exit(main())
"""


def test_a_stop_from_outside_takes_half_written_files_away(orders):
    out = orders.with_name("out.csv")
    done = subprocess.run([sys.executable, "-c", STOPPED, "decide", str(orders), "-o", str(out)], check=False)
    assert done.returncode == 128 + signal.SIGTERM
    assert [p.name for p in orders.parent.iterdir()] == ["orders.csv"]


SMALL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
from headgate.cli.main import main
sys.exit(main())
"""


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_a_file_that_cannot_grow_is_not_left_in_half(ending, tmp_path):
    out = tmp_path / f"out{ending}"
    out.write_text("as it was")
    command = [sys.executable, "-B", "-c", SMALL, "decide", str(ORDERS), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"headgate: -o {out}: File too large. Write elsewhere")
    assert done.stderr.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == [out.name]
    assert out.read_text() == "as it was"


@pytest.mark.parametrize("command", [["decide", str(ORDERS)], ["decide", str(ORDERS), "--json"], ["law", "timeline"]])
def test_a_full_disk_under_standard_output_is_said(command):
    with Path("/dev/full").open("wb") as full:
        run = [sys.executable, "-m", "headgate", *command]
        done = subprocess.run(run, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "No space left on device. Make room, or write elsewhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_system_refuses_is_said_with_the_name_and_what_to_do(tmp_path):
    import errno

    for number in (errno.ENOSPC, errno.EROFS, errno.EACCES):
        assert refusal(number).startswith(f"{os.strerror(number)}. ")
    assert refusal(errno.ENAMETOOLONG) == os.strerror(errno.ENAMETOOLONG)
    assert system_error(ValueError("of another kind")) is None
    with pytest.raises(Exception, match="-o x: No space left on device. Make room"), writing("-o x"):
        raise RuntimeError("underlying IO error: No space left on device (os error 28)")
    with pytest.raises(RuntimeError, match="a fault of ours"), writing("-o x"):
        raise RuntimeError("a fault of ours")
    with pytest.raises(BrokenPipeError), writing("-o x"):
        raise OSError("Broken pipe (os error 32)")


def test_an_error_names_the_file_that_was_asked_for_and_not_the_half(tmp_path):
    gone = tmp_path / "gone" / "report.html"
    with pytest.raises(OSError, match="No such file") as told:
        write_whole(gone, b"x")
    assert told.value.filename == str(gone)
    folder = tmp_path / "report.html"
    folder.mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(folder, b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_folder_that_may_not_be_written_in_is_said(orders, monkeypatch, capfd):
    from headgate.decide import write

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(write.tempfile, "mkdtemp", refuse)
    assert main(["decide", str(orders), "-o", str(orders.with_name("out.csv"))]) == 2
    assert "cannot write there: Permission denied" in capfd.readouterr().err


def is_pipe(path):
    os.mkfifo(path)


def is_folder(path):
    path.mkdir()


def is_broken_link(path):
    path.symlink_to("nowhere.csv")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (is_pipe, "this is a pipe or a device, no file"),
        (is_folder, "this is a folder; name the file in it"),
        (is_broken_link, "the link leads to nowhere.csv, which is not there"),
        (lambda path: None, "no such file. Check the path"),
    ],
)
def test_what_is_no_file_is_refused(make, says, tmp_path, capfd):
    path = tmp_path / "orders.csv"
    make(path)
    assert main(["decide", str(path)]) == 2
    assert says in capfd.readouterr().err


@pytest.mark.parametrize("name", ["/dev/stdin", "/dev/null", "x" * 300 + ".csv", "a\0b.csv"])
def test_a_strange_name_is_refused(name, capfd):
    assert main(["decide", name]) == 2
    assert capfd.readouterr().err.startswith("headgate: ")


@pytest.mark.parametrize("link", ["hard", "soft", "same"])
def test_the_output_is_never_the_input(link, orders, capfd):
    before, out = orders.read_bytes(), orders.with_name("link.csv")
    if link == "hard":
        os.link(orders, out)
    elif link == "soft":
        out.symlink_to(orders)
    else:
        out = orders
    assert main(["decide", str(orders), "-o", str(out)]) == 2
    assert "this is the order book itself; name another file" in capfd.readouterr().err
    assert orders.read_bytes() == before


@pytest.mark.parametrize(
    "command",
    [
        ["decide", str(ORDERS), "-o", "{}.csv"],
        ["decide", str(ORDERS), "--questions", "{}.csv"],
        ["machine", "predict", str(ORDERS.with_name("runs.csv")), "-o", "{}.csv"],
        ["explain", "--item", "nvidia-h20-96", "--on", "2024-06-01", "--format", "html", "-o", "{}.html"],
        ["map", "suggest", str(ORDERS), "-o", "{}.toml"],
        ["chip", "show", "nvidia-h20-96", "--on", "2024-06-01", "--picture", "{}.svg"],
    ],
)
def test_an_unwritable_file_is_named_as_it_was_asked_for(command, tmp_path, monkeypatch, capfd):
    """As in a folder that is mounted read-only: tests may be run by somebody who may write anywhere."""
    import errno
    import io

    opened = io.open

    def refuse(path, mode="r", *given, **more):
        if str(tmp_path) in str(path) and set(mode) & set("wxa"):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return opened(path, mode, *given, **more)

    def refuse_made(*_, **more):
        raise OSError(errno.EROFS, "Read-only file system", str(tmp_path / ".made"))

    monkeypatch.setattr(io, "open", refuse)
    monkeypatch.setattr("tempfile.mkdtemp", refuse_made)
    monkeypatch.setattr("tempfile.mkstemp", refuse_made)
    target = str(tmp_path / "asked")
    assert main([word.format(target) for word in command]) == 2
    said = capfd.readouterr().err.splitlines()[-1]
    assert target in said
    assert "Read-only file system" in said
    assert "/." not in said
    assert list(tmp_path.iterdir()) == []
