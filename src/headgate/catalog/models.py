"""The catalog of language models: the sizes of each, with source and mark, found by id, alias, name or file.

Nothing is read on import. A person's own model is a file of the same form, of which only `[size]` is needed; its mark
is `unverified` unless it says otherwise.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from headgate.catalog.chips import DATA, Source, normalized, read_sources
from headgate.catalog.model_sizes import NEEDED_SIZES, SIZES, completed, size_of
from headgate.catalog.record import date_of, number_of, sources_of, table_of, text_of, texts_of
from headgate.catalog.refusals import (
    refuse_bad_toml,
    refuse_misnamed_file,
    refuse_unknown_mark,
    refuse_wrong_type,
    stop,
)
from headgate.errors import CatalogError, did_you_mean
from headgate.source import MARKS

NEEDED = ("id", "name", "maker", "maker_country", "sources", "mark")
TEXTS = ("id", "name", "maker", "maker_country", "native", "unlike", "note", "same_as")
TOP = (*TEXTS, "released", "aliases", "parameters_b", "active_b", "context", "sources", "mark", "size", "unsure")


@dataclass(frozen=True, slots=True)
class Model:
    """One language model of the catalog.

    Args:
        size: Sizes by the names of `headgate.machine.architecture.Architecture`.
        sources: Ids in `model_sources.toml` that state the sizes.
        mark: How well the sizes are known, one of `primary`, `two_sources`, `one_source`, `unverified`.
        unsure: Sizes that are less certain than the mark, with the reason.
        parameters_b, active_b: Parameters and those one token passes, in billions, as published; None when not stated.
        context: Tokens that the published model reads, or None.
        native: Precision in which the weights were published, or an empty string.
        unlike: Why the parameters that the sizes give differ by over 2 % from `parameters_b`; else an empty string.
        same_as: Id of the model whose sizes this one shares, or an empty string.
        released: Day of the paper or of the weights, a month as text, or None.
    """

    id: str
    name: str
    size: Mapping[str, Any]
    mark: str
    sources: tuple[str, ...] = ()
    unsure: Mapping[str, str] = field(default_factory=dict)
    maker: str = ""
    maker_country: str = ""
    released: date | str | None = None
    aliases: tuple[str, ...] = ()
    parameters_b: float | None = None
    active_b: float | None = None
    context: int | None = None
    native: str = ""
    unlike: str = ""
    same_as: str = ""
    note: str = ""


def refuse_unknown_model(text: str, known: Mapping[str, Model]) -> NoReturn:
    """Refuse a name that no model has, with near names."""
    spelled = [name for m in known.values() for name in (*m.aliases, m.name)] + [*known]
    hint = did_you_mean(text, spelled)
    raise CatalogError(
        f"model {text!r} is not in the catalog: no id, alias or name is exactly that.{hint} "
        "`headgate machine models` shows all. A model of your own is given as the path to its TOML file."
    )


def refuse_unreadable_model(path: str, error: Exception) -> NoReturn:
    """Refuse a path at which no file can be read."""
    raise CatalogError(f"model {path!r} cannot be read: {error}. Give the path to a TOML file with a table [size].")


def refuse_shared_name(name: str, first: str, second: str) -> NoReturn:
    """Refuse a name or alias that two models have after normalization."""
    stop(f"{second}.toml", "aliases", f"{name!r} also names {first}", "A name means one model; remove one.")


def refuse_two_or_no_sizes(where: str) -> NoReturn:
    """Refuse a model that has both sizes and `same_as`, or neither."""
    stop(where, "size", "a model has sizes of its own or shares another's by same_as", "Keep one of the two.")


def refuse_dangling_model(model: str, target: str, known: Iterable[str]) -> NoReturn:
    """Refuse a model that shares the sizes of none, or of one that itself shares them."""
    advice = did_you_mean(target, known).strip() or "Name a model with its own sizes."
    stop(f"{model}.toml", "same_as", f"{target!r} is not a model with its own sizes", advice)


def parse_model(text: str, stem: str, known_sources: Collection[str] | None = None, *, own: bool = False) -> Model:
    r"""Read one model from the text of its TOML file.

    Args:
        text: The file's text.
        stem: The file's name without `.toml`; the model's id must be the same, unless the file is a person's own.
        known_sources: Ids of `model_sources.toml`; None leaves that one check to the full load.
        own: A person's own file, of which only `[size]` is needed.

    Returns:
        The model; its `size` is empty when it shares another's through `same_as`.

    Raises:
        CatalogError: Anything in the file is not as it must be; the message names file, key, why, and what to do.

    Example:
        >>> parse_model("[size]\nlayers = 2\nhidden = 64\nheads = 4\nffn = 256\nvocab = 100", "tiny", own=True).mark
        'unverified'
    """
    where = f"{stem}.toml"
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        refuse_bad_toml(where, error)
    top = table_of(where, "model", raw, TOP, ("size",) if own else NEEDED)
    done: dict[str, Any] = {key: text_of(where, key, top[key]) for key in TEXTS if key in top}
    done = {"id": stem, "name": done.get("id", stem), **done}
    if done["id"] != stem and not own:
        refuse_misnamed_file(where, done["id"])
    if "maker_country" in done and not re.fullmatch(r"[A-Z]{2}", done["maker_country"]):
        refuse_wrong_type(where, "maker_country", done["maker_country"], "the two capital letters of ISO 3166")
    done["released"] = date_of(where, "released", top.get("released"))
    done["aliases"] = texts_of(where, "aliases", top.get("aliases", []))
    done |= {key: number_of(where, key, top[key]) for key in ("parameters_b", "active_b") if key in top}
    if "context" in top:
        done["context"] = size_of(where, "context", top["context"])
    done["sources"] = sources_of(where, "sources", top["sources"], known_sources) if "sources" in top else ()
    done["mark"] = text_of(where, "mark", top.get("mark", "unverified"))
    if done["mark"] not in MARKS:
        refuse_unknown_mark(where, "mark", done["mark"])
    if ("size" in top) == ("same_as" in top):
        refuse_two_or_no_sizes(where)
    sizes = table_of(where, "size", top.get("size", {}), SIZES, NEEDED_SIZES if "size" in top else ())
    checked = {key: size_of(where, key, given) for key, given in sizes.items()}
    unsure = table_of(where, "unsure", top.get("unsure", {}), (*SIZES, "released", "context"), ())
    done["unsure"] = MappingProxyType({key: text_of(where, f"unsure: {key}", why) for key, why in unsure.items()})
    return Model(**done, size=completed(where, checked) if checked else MappingProxyType({}))


def read_model(path: Path) -> Model:
    """Read a person's own model from its file.

    Raises:
        CatalogError: The file cannot be read, or is not as it must be.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        refuse_unreadable_model(str(path), error)
    return parse_model(text, path.stem, own=True)


def read_models(folder: Path, known_sources: Collection[str] | None) -> Mapping[str, Model]:
    """Read all models of a folder by id, checked against each other; those with `same_as` get the shared sizes."""
    paths = {p.stem: p for p in folder.glob("*.toml")}
    raw = {i: parse_model(paths[i].read_text("utf-8"), i, known_sources) for i in sorted(paths)}
    for model in raw.values():
        if model.same_as and (model.same_as not in raw or raw[model.same_as].same_as):
            refuse_dangling_model(model.id, model.same_as, raw)
    return MappingProxyType({i: replace(m, size=raw[m.same_as].size) if m.same_as else m for i, m in raw.items()})


@cache
def model_sources() -> Mapping[str, Source]:
    """Return the sources of the models by id."""
    return read_sources((DATA / "model_sources.toml").read_text("utf-8"))


@cache
def models() -> Mapping[str, Model]:
    """Return all models of the catalog by id, in the order of their ids.

    Example:
        >>> models()["deepseek-v3"].size["experts"]
        256
    """
    return read_models(DATA / "models", model_sources())


def names_of(known: Mapping[str, Model]) -> Mapping[str, str]:
    """Return every normalized id, name and alias of some models, with the id of the one model it means."""
    found: dict[str, str] = {}
    for model in known.values():
        for name in (model.id, model.name, *model.aliases):
            other = found.setdefault(normalized(name), model.id)
            if other != model.id:
                refuse_shared_name(name, other, model.id)
    return MappingProxyType(found)


@cache
def _names() -> Mapping[str, str]:
    return names_of(models())


def find_model(text: str) -> Model:
    """Return the model that `text` names: an id, an alias, a name, or the path of a person's own TOML file.

    Args:
        text: A name, compared by its letters and digits alone; what ends in `.toml` is a path.

    Returns:
        The model.

    Raises:
        CatalogError: No model has this name (near names are given), or the file is malformed.

    Example:
        >>> find_model("DeepSeek V3").id
        'deepseek-v3'
    """
    if text.endswith(".toml"):
        return read_model(Path(text))
    exact = _names().get(normalized(text))
    return models()[exact] if exact else refuse_unknown_model(text, models())
