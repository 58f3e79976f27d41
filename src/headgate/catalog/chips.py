"""The catalog of chips and systems: find a record by id, alias or name, and fingerprint the data.

Nothing is read on import. A look-up by exact id reads that one file; any other look-up reads all of them once.
A name is compared by its letters and digits alone, whatever their case: `H100-SXM` and `h100 sxm` are the same.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

from headgate.catalog.record import Record, parse_record, table_of, text_of
from headgate.catalog.refusals import refuse_bad_toml, refuse_wrong_type, stop
from headgate.errors import CatalogError, near_names

DATA = Path(__file__).parent.parent / "data"
FOLDERS = ("chips", "machines")
SOURCE_KINDS = ("maker", "compilation", "press", "code", "rule", "analysis", "estimate")
SOURCE_TEXTS = ("title", "kind", "url", "license", "credit", "note")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from; `url` is empty for an estimate and where no address was kept."""

    id: str
    title: str
    kind: str
    read_on: date
    url: str = ""
    license: str = ""
    credit: str = ""
    note: str = ""


def normalized(text: str) -> str:
    """Return the letters and digits of a name, case folded.

    Example:
        >>> normalized("H100-SXM5 80GB")
        'h100sxm580gb'
    """
    return "".join(c for c in text.casefold() if c.isalnum())


def tokens(text: str) -> set[str]:
    """Return the words of a name, split at everything that is not a letter or digit.

    Example:
        >>> sorted(tokens("nvidia-h100-sxm"))
        ['h100', 'nvidia', 'sxm']
    """
    return set(re.findall(r"[^\W_]+", text.casefold()))


def refuse_unknown_item(text: str, near: Iterable[str]) -> NoReturn:
    """Refuse a name that no record has, with near names."""
    hint = f" Did you mean {' or '.join(near)}?" if near else " Give an id, or the item's measures instead."
    told = f"{text!r} is not in the catalog: no id, alias or name is exactly that.{hint}"
    raise CatalogError(f"{told} `headgate chip list` shows all ids")


def refuse_ambiguous_item(text: str, ids: Iterable[str]) -> NoReturn:
    """Refuse a family name, with the records it could mean."""
    told = ", ".join((names := sorted(ids))[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    raise CatalogError(f"{text!r} is ambiguous: it could mean {told}. Give one of these ids.")


def refuse_duplicate_name(name: str, first: str, second: str) -> NoReturn:
    """Refuse a name or alias that two records have after normalization."""
    stop(f"{second}.toml", "aliases", f"{name!r} also names {first}", "A name means one record; remove one.")


def refuse_duplicate_id(record_id: str) -> NoReturn:
    """Refuse an id that stands in both folders."""
    stop(f"{record_id}.toml", "id", f"a file of that name is in {' and in '.join(FOLDERS)}", "Rename one of the two.")


def refuse_dangling_id(record_id: str, key: str, target: str, known: Iterable[str]) -> NoReturn:
    """Refuse a record that points to no record, or to one that itself points on."""
    near = near_names(target, known)
    advice = f"Did you mean {' or '.join(near)}?" if near else "Name a chip that has its own values."
    stop(f"{record_id}.toml", key, f"{target!r} is not a chip with its own values", advice)


def read_sources(text: str) -> Mapping[str, Source]:
    """Read `sources.toml`: tables `[group.name]`, each a source with the id `group.name`.

    Args:
        text: The file's text.

    Returns:
        The sources by id, in the order of the file.

    Raises:
        CatalogError: The file is not TOML, or a source has an unknown, missing or wrong key.

    Example:
        >>> read_sources('[a.b]\\ntitle = "T"\\nkind = "press"\\nread_on = 2026-11-22')["a.b"].title
        'T'
    """
    where = "sources.toml"
    try:
        groups = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        refuse_bad_toml(where, error)
    found = {}
    for group, entries in groups.items():
        for name, entry in table_of(where, group, entries, entries, ()).items():
            key = f"{group}.{name}"
            row = table_of(where, key, entry, (*SOURCE_TEXTS, "read_on"), ("title", "kind", "read_on"))
            if row["kind"] not in SOURCE_KINDS:
                refuse_wrong_type(where, f"{key}: kind", row["kind"], f"one of {', '.join(SOURCE_KINDS)}")
            if type(row["read_on"]) is not date:
                refuse_wrong_type(where, f"{key}: read_on", row["read_on"], "a date, as 2026-11-22")
            texts = {k: text_of(where, f"{key}: {k}", row[k]) for k in SOURCE_TEXTS if k in row}
            found[key] = Source(id=key, read_on=row["read_on"], **texts)
    return MappingProxyType(found)


class Catalog:
    """All records under one data folder, read when they are first asked for.

    Args:
        data: The folder with `chips/`, `machines/` and `sources.toml`; the package's own unless another is given.
        known_on: Leave out what was announced after this day; None leaves out nothing.

    Example:
        >>> Catalog().get("nvidia-h100-sxm").maker
        'NVIDIA'
    """

    def __init__(self, data: Path = DATA, known_on: date | None = None) -> None:
        self.data, self.known_on = data, known_on
        self._single: dict[str, Record] = {}

    def get(self, record_id: str) -> Record:
        """Return the record with exactly this id, by reading its file alone.

        Raises:
            CatalogError: No record has this id (near names are given), or its file is malformed.
        """
        found = self._one(record_id)
        return self._known(found) if found is not None else self._refuse(record_id)

    def find(self, text: str) -> Record:
        """Return the record that `text` names: an id, an alias, a name, or the name without the maker.

        Raises:
            CatalogError: Nothing has this name (near names are given), or it is a family name that fits several.

        Example:
            >>> catalog().find("H100 SXM").id
            'nvidia-h100-sxm'
        """
        found = self._one(text)
        if found is None:
            exact = self._names.get(normalized(text))
            found = self._all[exact] if exact else self._refuse(text)
        return self._known(found)

    def as_known(self, day: date) -> "Catalog":
        """Return the catalog without what was announced after a day.

        Example:
            >>> "nvidia-rubin-vr200" in [r.id for r in catalog().as_known(date(2023, 1, 1)).records()]
            False
        """
        return Catalog(self.data, day)

    def is_known(self, record: Record) -> bool:
        """Say whether a record counts in this catalog."""
        return self.known_on is None or record.known_from <= self.known_on

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all files, sorted, without reading a record."""
        return self._ids

    @cached_property
    def _ids(self) -> tuple[str, ...]:
        found = sorted(path.stem for folder in FOLDERS for path in (self.data / folder).glob("*.toml"))
        for record_id in found if len(set(found)) < len(found) else ():
            if found.count(record_id) > 1:
                refuse_duplicate_id(record_id)
        return tuple(found)

    def records(self) -> tuple[Record, ...]:
        """Return all records in the order of their ids, fully checked against each other and the sources."""
        return tuple(r for r in self._all.values() if self.is_known(r))

    def sources(self) -> Mapping[str, Source]:
        """Return the sources by id, with title, address, license and the day they were read."""
        return self._sources

    def version(self) -> str:
        """Return the first 16 hexadecimal digits of the SHA-256 over the files of all known records, sorted."""
        digest = hashlib.sha256()
        known = None if self.known_on is None else {r.id for r in self.records()}
        files = [path for folder in FOLDERS for path in (self.data / folder).glob("*.toml")]
        files = [path for path in files if known is None or path.stem in known]
        for name, path in sorted((path.relative_to(self.data).as_posix(), path) for path in files):
            content = path.read_bytes()
            digest.update(f"{name}\n{len(content)}\n".encode() + content)
        return digest.hexdigest()[:16]

    def _known(self, record: Record) -> Record:
        if not self.is_known(record):
            raise CatalogError(
                f"{record.id!r} was not yet known on {self.known_on}: it was announced on {record.known_from}. "
                "State its measures, or take a later day of knowledge"
            )
        return record

    def _one(self, record_id: str) -> Record | None:
        """Return the record with this id by reading its one file, or two where it shares values; None if no such."""
        if "_all" in self.__dict__:
            return self._all.get(record_id)
        if record_id not in self._single:
            raw = self._raw(record_id)
            if raw is None:
                return None
            self._single[record_id] = self._shared(raw)
        return self._single[record_id]

    def _raw(self, record_id: str) -> Record | None:
        """Return what stands in the file of this id alone, or None if there is no such file."""
        paths = [self.data / folder / f"{record_id}.toml" for folder in FOLDERS] if ID.fullmatch(record_id) else []
        return next((parse_record(p.read_text("utf-8"), record_id) for p in paths if p.is_file()), None)

    def _shared(self, record: Record) -> Record:
        """Return the record with the values and readings of the one it is the same as; its own values go first."""
        if not record.same_as:
            return record
        target = self._raw(record.same_as)
        if target is None or target.same_as:
            refuse_dangling_id(record.id, "same_as", record.same_as, self.ids())
        values = MappingProxyType({**target.values, **record.values})
        family = record.family or target.family
        return replace(record, values=values, readings=target.readings, chosen=target.chosen, family=family)

    @cached_property
    def _sources(self) -> Mapping[str, Source]:
        return read_sources((self.data / "sources.toml").read_text("utf-8"))

    @cached_property
    def _all(self) -> dict[str, Record]:
        """All records by id; the one place where sources and references between records are checked."""
        paths = {path.stem: path for folder in FOLDERS for path in (self.data / folder).glob("*.toml")}
        raw = {i: parse_record(paths[i].read_text("utf-8"), i, self._sources) for i in self.ids()}
        for record in raw.values():
            for target in record.contains:
                if target not in raw or raw[target].kind != "ic":
                    refuse_dangling_id(record.id, "contains", target, raw)
            for role, part in record.parts.items():
                if part.id not in raw:
                    refuse_dangling_id(record.id, f"parts: {role}", part.id, raw)
        return {i: self._shared(record) for i, record in raw.items()}

    @cached_property
    def _names(self) -> dict[str, str]:
        """Every normalized id, name and alias, with the id of the one record it means."""
        found: dict[str, str] = {}
        for record in self._all.values():
            short = record.name.removeprefix(record.maker)
            for name in (record.id, record.name, short, record.maker + record.name, *record.aliases):
                other = found.setdefault(normalized(name), record.id)
                if other != record.id:
                    refuse_duplicate_name(name, other, record.id)
        return found

    def _refuse(self, text: str) -> NoReturn:
        """Refuse a name: as ambiguous when several records have its words, else as unknown with near names."""
        wanted, flat = tokens(text), normalized(text)
        words = {r.id: tokens(" ".join((r.id, r.name, *r.aliases))) for r in self._all.values()}
        fits = [i for i, have in words.items() if wanted and wanted <= have]
        if len(fits) < 2:
            fits += sorted({i for name, i in self._names.items() if len(flat) > 1 and flat in name} - {*fits})
        if len(fits) > 1:
            refuse_ambiguous_item(text, fits)
        spelled = {name: r.id for r in self._all.values() for name in (r.id, r.name, *r.aliases)}
        refuse_unknown_item(text, dict.fromkeys(fits + [spelled[name] for name in near_names(text, spelled)]))


@cache
def catalog() -> Catalog:
    """Return the catalog of this installation, one for the whole process.

    Example:
        >>> catalog().find("nvidia-b200").number("dense_fp4_tflops")
        9000.0
    """
    return Catalog()
