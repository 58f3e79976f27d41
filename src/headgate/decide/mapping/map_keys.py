"""The keys of a map file: a closed list, each entry checked before a row is read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence, Set
from typing import Any

from headgate.decide.cell import read_items
from headgate.decide.columns import COLUMNS, read_cell
from headgate.decide.mapping.convert import LISTS, NUMBERS
from headgate.decide.mapping.day_forms import DayForm, day_form
from headgate.decide.mapping.headings import fold, quoted
from headgate.decide.mapping.languages import LANGUAGES, language_values
from headgate.decide.mapping.layout import Join, Layout
from headgate.decide.mapping.readings import UNDECIDED, Pair
from headgate.decide.mapping.scales import SCALES, unit_named
from headgate.errors import RowError, UsageError, did_you_mean

# Every key of a map file, and what it says.
KEYS: Mapping[str, str] = {
    "confirmed": "`false` in a draft; a person who has checked every guess writes `true`",
    "file": "where the table is in the file: the keys below",
    "columns": "their heading = our column",
    "join": "our column = { of = [headings], with = what stands between them }",
    "constants": "our column = the value that it has on every line",
    "values": "a table for each of our columns: their value = ours",
    "units": "their heading = the unit of its numbers",
    "dates": "their heading = the form of its days",
    "only": "their heading = the values that a line may have there",
    "carry": "headings that are passed through as they stand",
    "ignore": "headings that are left out knowingly",
    "optional": "headings that a file may lack",
}
FILE_KEYS: Mapping[str, str] = {
    "sheet": "the sheet of a workbook",
    "heading_row": "the row of the headings, from 1",
    "separator": "what stands between the cells of a CSV file: one character",
    "encoding": "how a CSV file writes letters, as cp1252 or gb18030",
    "decimal": "the decimal sign of numbers that are text: `,` or `.`",
    "language": "`de` or `zh`: names of countries, and yes and no, are read in German or Chinese too",
}
GUESS = "# GUESS:"
_LISTS = ("carry", "ignore", "optional")
_SPARSE = re.compile(r"spars|稀疏|dünn", re.IGNORECASE)


class MapReader:
    """Reads the parts of one map; every refusal names it.

    Args:
        name: The map, for messages.
        drafts: Read a draft too.
    """

    def __init__(self, name: str, drafts: bool = False) -> None:
        self.name, self.drafts = name, drafts

    def wrong(self, what: str) -> UsageError:
        return UsageError(f"--map {self.name}: {what}")

    def layout(self, found: Mapping[str, Any], text: str) -> Layout:
        """Make a layout of the tables of a map.

        Args:
            found: The tables.
            text: The same as it stands in the file, to count guesses in a draft.

        Raises:
            UsageError: An entry cannot be used.
        """
        self._closed("", found, KEYS)
        self._confirmed(found.get("confirmed", True), text)
        columns = self._texts("columns", found)
        for theirs, ours in columns.items():
            self._column(f"[columns] {theirs!r} = {ours!r}", ours)
            if ours.startswith("dense_") and _SPARSE.search(theirs):
                raise self.wrong(
                    f"[columns] {theirs!r} is a rate with sparsity, and {ours} the dense one; a rate with 2:4 sparsity "
                    "is twice the dense one. State the dense rate, and carry or ignore this heading"
                )
        joins = self._joins(found)
        constants = self._constants(found)
        self._once([*columns.values(), *joins, *constants])
        lists = {key: self._names(key, found) for key in _LISTS}
        used = {*columns, *(h for j in joins.values() for h in j.of), *lists["carry"]}
        for heading in lists["ignore"]:
            if heading in used:
                raise self.wrong(f"ignore lists {heading!r}, which another part of the map uses; keep one of the two")
        if not any(told for key, told in found.items() if key not in ("confirmed", "optional")):
            raise self.wrong('it maps nothing; write a table [columns] of "their heading" = "our column"')
        file = self._file(found)
        words = language_values(file.pop("language", None))
        values = self._values(found)
        pairs = Layout(columns=columns, joins=joins).pairs()
        made = {*joins, *constants}
        return Layout(
            name=self.name,
            **file,
            columns=columns,
            joins=joins,
            constants=constants,
            values={c: words.get(c, {}) | values.get(c, {}) for c in (*words, *values)},
            tables=tuple(values),
            units=self._units(found, pairs, made),
            days=self._days(found, pairs, made),
            only={h: self._allowed(h, v) for h, v in self._table("only", found).items()},
            carry=lists["carry"],
            ignore=lists["ignore"],
            optional=lists["optional"],
        )

    def _closed(self, where: str, found: Mapping[str, Any], known: Mapping[str, str]) -> None:
        for key in found:
            if key not in known:
                near = did_you_mean(key, known)
                raise self.wrong(f"{where}unknown key {key!r}.{near} Known: {', '.join(known)}")

    def _confirmed(self, said: Any, text: str) -> None:
        if said is True:
            return
        if said is not False:
            raise self.wrong("confirmed is true or false")
        if self.drafts:
            return
        count = sum(GUESS in line for line in text.splitlines())
        lines = "1 line is" if count == 1 else f"{count} lines are"
        raise self.wrong(
            f"this map is a draft: {lines} marked GUESS. Check each, add what is commented out as LEGAL where the file "
            "says it, then write confirmed = true"
        )

    def _table(self, key: str, found: Mapping[str, Any]) -> Mapping[str, Any]:
        table = found.get(key, {})
        if not isinstance(table, dict):
            raise self.wrong(f"{key} is a table; write [{key}] and one entry a line. It holds: {KEYS.get(key, key)}")
        return table

    def _texts(self, key: str, found: Mapping[str, Any], where: str = "") -> dict[str, str]:
        table = self._table(key, found)
        for name, value in table.items():
            if not isinstance(value, str):
                raise self.wrong(f'{where or f"[{key}]"} {name!r} = {value!r} is no text; put it in quotes: "{value}"')
        return dict(table)

    def _names(self, key: str, found: Mapping[str, Any]) -> tuple[str, ...]:
        names = found.get(key, [])
        if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            raise self.wrong(f'{key} is a list of headings; write {key} = ["Heading one", "Heading two"]')
        return tuple(names)

    def _column(self, where: str, name: str) -> None:
        if name not in COLUMNS:
            raise self.wrong(f"{where} names no column.{did_you_mean(name, COLUMNS)}")

    def _once(self, ours: list[str]) -> None:
        for name in ours:
            if ours.count(name) > 1:
                raise self.wrong(f"two headings become the same column, or one and a constant: {name}; keep one")

    def _joins(self, found: Mapping[str, Any]) -> dict[str, Join]:
        made = {}
        for ours, told in self._table("join", found).items():
            self._column(f"[join] {ours}", ours)
            headings = told.get("of") if isinstance(told, dict) else None
            if (
                not isinstance(headings, list)
                or not headings
                or not all(isinstance(h, str) for h in headings)
                or not isinstance(told.get("with", ""), str)
                or set(told) - {"of", "with"}
            ):
                raise self.wrong(f'[join] {ours}: write {ours} = {{ of = ["Heading one", "Heading two"], with = "-" }}')
            if len(headings) > 1 and COLUMNS[ours].kind in NUMBERS:
                raise self.wrong(f"[join] {ours}: it is a number, and no number is put together; name one heading")
            made[ours] = Join(tuple(headings), told.get("with", ""))
        return made

    def _constants(self, found: Mapping[str, Any]) -> dict[str, str]:
        constants = self._texts("constants", found)
        for ours, value in constants.items():
            self._column(f"[constants] {ours}", ours)
            if ours == "line_id":
                raise self.wrong(
                    "[constants] line_id: every line needs a name of its own; map a heading or join several"
                )
            if not value.strip():
                raise self.wrong(f"[constants] {ours} is blank, and blank is unknown; take the line out")
            self._value(f"[constants] {ours} = {value!r}", ours, value)
        return constants

    def _values(self, found: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        made: dict[str, dict[str, str]] = {}
        for ours, table in self._table("values", found).items():
            self._column(f"[values.{ours}]", ours)
            if not isinstance(table, dict):
                raise self.wrong(f'[values.{ours}] is a table; write "their value" = "ours" in it')
            made[ours] = {}
            for theirs, value in self._texts(ours, {ours: table}, f"[values.{ours}]").items():
                where = f"[values.{ours}] {theirs!r} = {value!r}"
                if not fold(theirs):
                    raise self.wrong(
                        f"{where}: a blank cell is unknown and stays so; state facts with --set or [constants]"
                    )
                if made[ours].get(fold(theirs), value) != value:
                    raise self.wrong(
                        f"{where}: the same value, but for case and blanks, stands there with another; keep one"
                    )
                self._value(where, ours, value)
                made[ours][fold(theirs)] = value
        return made

    def _value(self, where: str, ours: str, value: str) -> None:
        """Refuse a value of ours that no cell could have; a blank says unknown."""
        try:
            for entry in read_items(value) if COLUMNS[ours].kind in LISTS else [value]:
                read_cell(ours, entry)
        except (RowError, ValueError) as problem:
            raise self.wrong(f"{where}: {str(problem).removeprefix(f'{ours}: ')}") from None

    def _sources(self, table: str, heading: str, pairs: Sequence[Pair], made: Set[str]) -> list[str]:
        """Return the columns that a heading alone becomes; one with the name of a column may stand in the file."""
        exact = [ours for h, ours in pairs if h == heading]
        found = exact or [ours for h, ours in pairs if fold(h) == fold(heading)]
        if found:
            return found
        givers = [h for h, ours in pairs if ours == heading]
        if givers:
            raise self.wrong(
                f"[{table}] {heading!r} is our column, and nothing would read the entry; write the heading that "
                f"becomes it: {quoted(givers[0])}"
            )
        if heading not in COLUMNS or heading in made:
            near = did_you_mean(heading, [h for h, _ in pairs])
            raise self.wrong(f"[{table}]: {heading!r} does not stand in [columns].{near}")
        return [heading]

    def _units(self, found: Mapping[str, Any], pairs: Sequence[Pair], made: Set[str]) -> dict[str, str]:
        units = {}
        for heading, told in self._texts("units", found).items():
            becomes = self._sources("units", heading, pairs, made)
            for ours in [c for c in becomes if c in SCALES] or becomes:
                unit = unit_named(ours, told)
                if unit is None:
                    known = SCALES.get(ours)
                    fits = f"units of {ours} are {', '.join(known)}" if known else f"{ours} has no unit"
                    raise self.wrong(f"[units] {heading!r} = {told!r}: {fits}.{did_you_mean(told, known or ())}")
                units[heading] = unit
        return units

    def _days(self, found: Mapping[str, Any], pairs: Sequence[Pair], made: Set[str]) -> dict[str, DayForm]:
        days = {}
        for heading, told in self._texts("dates", found).items():
            becomes = self._sources("dates", heading, pairs, made)
            if not any(COLUMNS[ours].kind == "day" for ours in becomes):
                raise self.wrong(f"[dates] {heading!r}: {becomes[0]} is no day")
            try:
                days[heading] = day_form(told)
            except ValueError as problem:
                raise self.wrong(f"[dates] {heading!r}: {problem}") from None
        return days

    def _allowed(self, heading: str, told: Any) -> tuple[str, ...]:
        if not isinstance(told, list) or not told or not all(isinstance(v, str) for v in told):
            raise self.wrong(f'[only] {heading!r}: write a list of texts, as "{heading}" = ["USD"]; "" allows a blank')
        return tuple(told)

    def _file(self, found: Mapping[str, Any]) -> dict[str, Any]:
        told = dict(self._table("file", found))
        self._closed("[file] ", told, FILE_KEYS)
        row = told.get("heading_row", 1)
        if type(row) is not int or row < 1:
            raise self.wrong(f"[file] heading_row = {row!r} is no row; write a whole number from 1")
        for key, value in told.items():
            if key != "heading_row" and not (isinstance(value, str) and value):
                raise self.wrong(f"[file] {key} = {value!r} is no text. It says {FILE_KEYS[key]}")
        if told.get("decimal") == UNDECIDED:
            raise self.wrong(f'[file] decimal = "{UNDECIDED}" is still to be chosen: see the lines around it')
        if told.get("decimal", ".") not in (",", "."):
            raise self.wrong(f'[file] decimal = {told["decimal"]!r}: the decimal sign is "," or "."')
        if told.get("language", "de") not in LANGUAGES:
            raise self.wrong(f"[file] language = {told['language']!r}: it is one of {', '.join(LANGUAGES)}")
        separator = told.get("separator", ",")
        if len(separator) != 1 or not separator.isascii() or separator.isalnum() or separator in "\"'\r\n .-":
            raise self.wrong(f'[file] separator = {separator!r}: write one character, as ";" or "\\t"')
        if told.get("encoding"):
            told["encoding"] = self._encoding(told["encoding"])
        return told

    def _encoding(self, name: str) -> str:
        try:
            found = codecs.lookup(name)
            "a".encode(found.name)
        except (LookupError, ValueError, TypeError):
            known = ("utf-8", "utf-16", "cp1252", "gb18030", "big5", "shift_jis", "euc_kr")
            near = did_you_mean(name, known)
            raise self.wrong(f"[file] encoding = {name!r} is unknown.{near} Common: {', '.join(known)}") from None
        return "utf-8" if found.name in ("utf-8", "utf-8-sig", "ascii") else found.name
