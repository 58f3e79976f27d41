"""One packet: the files of one line in its folder."""

from pathlib import Path

from headgate.decide.explain import memo_page
from headgate.decide.memo_top import memo_title
from headgate.decide.packet import form, papers
from headgate.decide.packet.record import Line, json_bytes, record
from headgate.decide.paper import html, markdown, pdf


def write_line(folder: Path, line: Line, with_pdf: bool = False) -> None:
    """Write the packet of a line.

    Args:
        folder: A folder that does not exist yet.
        line: The line.
        with_pdf: Write the memo as a PDF too.

    Raises:
        OSError: It cannot be written.
    """
    folder.mkdir()
    name, digest = line.source.orders
    memo = memo_page(line.decision, line.by, warnings=line.source.warnings)
    memo.foot(f"Row {line.decision.row_number} of {name}, SHA-256 {digest}.")
    title = memo_title(line.decision, line.by)
    memo.name(line.name, name, *line.parties())
    listed = papers.page(line)
    papers_title = f"Documents to obtain: {line.name}"
    files = {
        "memo.html": html(memo, title),
        "memo.md": markdown(memo, title),
        "documents.html": html(listed, papers_title),
        "documents.md": markdown(listed, papers_title),
    }
    if not line.no_form:
        files |= {"questions.html": form.html(line), "questions.md": form.markdown(line)}
    for file, text in files.items():
        (folder / file).write_bytes(text.encode())
    if with_pdf:
        (folder / "memo.pdf").write_bytes(pdf(memo, title))
    (folder / "decision.json").write_bytes(json_bytes(record(line)))
