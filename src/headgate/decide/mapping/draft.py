"""A draft as the text of a map file: guesses marked, what is for a person to say as comments."""

from __future__ import annotations

from collections.abc import Iterator

from headgate.decide.mapping.headings import quoted
from headgate.decide.mapping.readings import UNDECIDED
from headgate.decide.mapping.suggest import Draft, Guess

_TOP = """\
# A draft of `headgate map suggest` for {file}.
#
# GUESS   a guess, from the heading and the cells. Check each.
# LEGAL   nothing of the law is guessed. Where the file says it, take the # away and check; else leave it blank there.
# CHOICE  several things are possible, or none is sure. Take the # away from the one that is right, and mend it.
#
# {counts}
# A heading that is neither mapped nor listed under carry or ignore stops the run.
# When all is checked, write confirmed = true.
"""
_UNKNOWN = """
# CHOICE: no column was found for {0}, and each stops the run until you say what it is. One that states a fact of
# the transaction belongs under [columns]. Else take the # away under carry (it is passed through, and nothing reads
# it) or under ignore (it is left out).
"""
_HEADS = {
    "file": "Where the table is, and how it is written",
    "join": "The name of a line",
    "columns": "Their heading = our column (`headgate decide --columns` lists ours)",
    "units": "Units; without one a number is in the unit of our column",
    "dates": "The form of days",
    "only": "What a line must say there; any other line is refused",
    "constants": "What holds for every line",
}
_MARK = {"guess": "GUESS: because {0}", "legal": "LEGAL: confirm by hand: {0}", "choice": "CHOICE: {0}"}


def draft_text(draft: Draft) -> str:
    """Return the text of a map file; read with `confirmed = true` it is a map.

    Args:
        draft: The guesses.
    """
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    yield _TOP.format(file=_comment(draft.peek.path.name), counts=_counts(draft))
    yield "confirmed = false"
    if draft.unknown:
        yield _UNKNOWN.format(_headings(len(draft.unknown))).rstrip()
        yield "carry = ["
        yield from (f"    # {quoted(h)},  # {_comment(draft.seen(h))}" for h in draft.unknown)
        yield "]"
        yield "ignore = ["
        yield from (f"    # {quoted(h)}," for h in draft.unknown)
        yield "]"
    if draft.own:
        yield ""
        yield f"# These have our names already, and are read as they stand: {', '.join(draft.own)}"
    if draft.peek.file:
        yield from ("", f"# {_HEADS['file']}", "[file]")
        for key, (value, why) in draft.peek.file.items():
            told = value if isinstance(value, int) else quoted(value)
            mark = _MARK["guess"].format(_comment(why))
            if value == UNDECIDED and key == "decimal":
                mark = f'CHOICE: {_comment(why)}; write "," or "." for what stands before decimals'
            yield f"{key} = {told}" + (f"  # {mark}" if why else "")
    tables = dict.fromkeys(g.table for g in draft.guesses)
    order = [t for t in _HEADS if t in tables] + [t for t in tables if t not in _HEADS]
    for table in order:
        inside = [g for g in draft.guesses if g.table == table]
        column = table.removeprefix("values.")
        head = _HEADS.get(
            table, f"Values of {column} that Headgate does not know; a value that is not listed stays as it is"
        )
        yield from ("", f"# {head}", f"[{table}]")
        previous = ""
        for g in inside:
            yield from _entry(g, g.key == previous)
            previous = g.key


def _counts(draft: Draft) -> str:
    guesses, legal, choices = (draft.count(kind) for kind in _MARK)
    told = f"Lines marked GUESS: {guesses}, LEGAL: {legal}, CHOICE: {choices}"
    lost = f"; among these {_headings(len(draft.unknown))} that no column was found for" if draft.unknown else ""
    return f"{told}{lost}."


def _headings(count: int) -> str:
    return "1 heading" if count == 1 else f"{count} headings"


def _entry(g: Guess, again: bool) -> Iterator[str]:
    key = g.key if g.table in ("join", "constants") else quoted(g.key)
    value = f'{{ of = {_list(g.value)}, with = "-" }}' if g.table == "join" else _list(g.value)
    mark = _MARK[g.kind].format(_comment(g.because))
    if g.kind == "guess":
        yield f"{key} = {value}  # {mark}"
        return
    # Alternatives of one heading stand together, the reason above the first.
    if not again or g.kind == "legal":
        yield f"# {mark}"
    yield f"# {key} = {value}"


def _list(value: object) -> str:
    return f"[{', '.join(quoted(str(v)) for v in value)}]" if isinstance(value, list) else quoted(str(value))


def _comment(text: str) -> str:
    """Return a text for a comment, on one line and without control characters."""
    return "".join(c if c.isprintable() else " " for c in text)
