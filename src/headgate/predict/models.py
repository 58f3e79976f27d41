"""Models by name or by the columns of a table of runs, as the machine's formulas want them; and their recipes."""

import math
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import product
from typing import Any, NoReturn

from headgate.catalog.model_sizes import contradictions
from headgate.catalog.models import Model, find_model, models
from headgate.errors import CatalogError, UsageError, did_you_mean
from headgate.machine.architecture import Architecture
from headgate.predict.recipes import recipe, recipes
from headgate.units import digits

__all__ = ["architecture", "architecture_of", "architecture_of_row", "recipe", "recipes", "reduced", "stated_sizes"]

AGREEMENT = 0.02
COUNTED = (
    *("layers", "hidden", "heads", "kv_heads", "ffn", "vocab"),
    *("moe_layers", "moe_ffn", "experts", "topk", "shared_experts"),
)
LEAST_WINDOW = 16  # a smaller number beside `swa` is a ratio of layers
DSA_TOPK = 2048  # DeepSeek-V3.2, index_topk of its configuration
DEEPSEEK_MLA = {"attention": "mla", "q_rank": 1536, "kv_rank": 512, "rope_dim": 64, "head_dim": 192, "value_dim": 128}
LATENT_KEYS = tuple(DEEPSEEK_MLA)


def refuse_unlike_parameters(model: Model, found_b: float) -> NoReturn:
    """Refuse a model whose sizes do not give the parameters it states."""
    raise CatalogError(
        f"{model.id}: the sizes give {found_b:.2f} billion parameters, but parameters_b says {model.parameters_b:g}, "
        f"over {AGREEMENT:.0%} apart. Correct a size, or say why in `unlike`."
    )


def refuse_too_few_columns(model: str, missing: list[str]) -> NoReturn:
    """Refuse a row whose model is unknown and whose columns do not describe it."""
    near = did_you_mean(model, models())
    raise UsageError(
        f"model {model!r} is not in the catalog, and the row lacks {', '.join(missing)}.{near} "
        "Fill these columns, or give the model as the path of a TOML file with a table [size]."
    )


def refuse_bad_cell(column: str, given: str) -> NoReturn:
    """Refuse a cell that is not the count its column needs."""
    raise UsageError(
        f"column {column}: {given!r} is not a number of 0 or more, or not a whole one where it counts. "
        "Correct it, or leave it blank."
    )


def refuse_contradicting_columns(model: str, key: str, why: str) -> NoReturn:
    """Refuse a row whose sizes cannot all be true of one model."""
    raise UsageError(f"model {model!r}: column {key}: {why}. Correct the row.")


def refuse_other_layers(a: Architecture, layers: int) -> NoReturn:
    """Refuse a proxy that has no layer, or more than its model."""
    raise UsageError(f"layers_run: {layers} is not between 1 and the {a.layers} layers of {a.id}. Correct the row.")


def architecture(name: str) -> Architecture:
    """Return the sizes of a model.

    Args:
        name: Id, alias or name of a model of the catalog, or the path of a person's own TOML file.

    Returns:
        The architecture, its parameters within 2 % of those that the record states.

    Raises:
        CatalogError: The name is unknown, the file is malformed, or sizes and stated parameters disagree.

    Example:
        >>> architecture("Llama 3 8B").layers
        32
    """
    return architecture_of(find_model(name))


def architecture_of(model: Model) -> Architecture:
    """Return the sizes of a record, checked against the parameters it states.

    Raises:
        CatalogError: The sizes give over 2 % more or fewer parameters than the record states, and it does not say why.
    """
    found = Architecture(id=model.id, **model.size)
    stated = (model.parameters_b or 0) * 1e9
    if stated and not model.unlike and abs(found.parameters / stated - 1) > AGREEMENT:
        refuse_unlike_parameters(model, found.parameters / 1e9)
    return found


def count_of(row: Mapping[str, str], column: str) -> int | None:
    """Return the whole number in a cell, or None when it is blank or the column is absent."""
    number = number_of(row, column)
    return None if number is None else int(number) if number == int(number) else refuse_bad_cell(column, row[column])


def number_of(row: Mapping[str, str], column: str) -> float | None:
    """Return the number in a cell, or None when it is blank or the column is absent."""
    text = digits(row.get(column) or "")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        refuse_bad_cell(column, text)
    return number if 0 <= number < float("inf") else refuse_bad_cell(column, text)


def latent_sizes(words: str) -> dict[str, Any]:
    """Return the sizes of latent attention that words such as `qk 128+64 / v 128` state, else DeepSeek-V3's.

    Example:
        >>> latent_sizes("qk 192+64 / v 256")["head_dim"]
        256
    """
    sizes = dict(DEEPSEEK_MLA)
    if said := re.search(r"qk\s*(\d+)\s*\+\s*(\d+)", words):
        sizes |= {"head_dim": int(said[1]) + int(said[2]), "rope_dim": int(said[2])}
    for key, pattern in (("value_dim", r"\bv\s*(\d+)"), ("kv_rank", r"kv_lora\s*(\d+)"), ("rope_dim", r"rope\s*(\d+)")):
        if said := re.search(pattern, words):
            sizes[key] = int(said[1])
    return sizes


def stated_sizes(row: Mapping[str, str]) -> dict[str, Any]:
    """Return the sizes that a row of a table of runs states, by the names of `Architecture`; blanks are left out.

    `head_dim` may be words: `qk 128+64 / v 128` and `mla kv_lora 512 + rope 64` mean latent attention, whose other
    sizes are those of DeepSeek-V3. In `attention`, `mla` means the same, `dsa` adds its 2,048 keys, `mha` means as many
    key heads as query heads, `mqa` one, `parallel block` that of PaLM, and `swa128` a window of 128 tokens on every
    other layer.
    """
    sizes: dict[str, Any] = {column: n for column in COUNTED if (n := count_of(row, column)) is not None}
    dim = (row.get("head_dim") or "").strip().casefold()
    words = f"{row.get('attention') or ''} {dim}".casefold()
    if re.search(r"mla|qk|kv_lora", words):
        sizes |= latent_sizes(dim)
    elif dim:
        sizes["head_dim"] = count_of(row, "head_dim")
    if "dsa" in words:
        sizes["sparse_topk"] = DSA_TOPK
    if re.search(r"\bmqa\b", words):
        sizes.setdefault("kv_heads", 1)
    if re.search(r"\bmha\b", words) and "heads" in sizes:
        sizes.setdefault("kv_heads", sizes["heads"])
    if "parallel block" in words:
        sizes["parallel_block"] = True
    if (window := re.search(r"swa\s*(\d+)(?!\d*\s*:)", words)) and int(window[1]) >= LEAST_WINDOW:
        sizes |= {"window": int(window[1]), "window_share": 0.5}
    if (gated := count_of(row, "gated_ffn")) is not None:
        sizes["gated"] = gated != 0
    return sizes


def architecture_of_row(row: Mapping[str, str]) -> Architecture:
    """Return the sizes of the model of one row of a table of runs.

    A model of the catalog has the catalog's sizes, except where a number in the row says otherwise. A model that is not
    in it is built from the row: `kv_heads` left out is `heads`, and `head_dim` a head's share of `hidden`. What is left
    open further (a gate, a shared embedding, which layers hold experts) is chosen to come closest to `params_total_b`;
    without it, the block has a gate, the embedding is not shared, and experts stand in all layers, or in all but the
    first when `ffn` is given. Where layers without experts lack `ffn`, they get the width that meets `params_total_b`:
    so layers of another kind (state space) count as feed-forward blocks with as many parameters. `layers_run` is not
    looked at: see `reduced`.

    Args:
        row: Cells by column, as text. Read are model, attention, layers, hidden, heads, kv_heads, head_dim, ffn,
            gated_ffn, moe_ffn, experts, topk, shared_experts, moe_layers, vocab, params_total_b. Any may be blank.

    Returns:
        The architecture; its id is the catalog's, or the row's model.

    Raises:
        UsageError: The model is unknown and columns are missing, a cell is not a count, or sizes contradict each other.
        CatalogError: The model is a path to a file that is malformed.

    Example:
        >>> cells = {"layers": "36", "hidden": "4096", "heads": "32", "ffn": "16384", "vocab": "51200"}
        >>> built = architecture_of_row({"model": "my-gpt", "params_total_b": "7.5", **cells})
        >>> built.gated, built.tied
        (False, True)
    """
    name, stated = (row.get("model") or "").strip(), stated_sizes(row)
    if known := _known(name):
        # Words in a row are short for latent attention; a record that has it knows its sizes better.
        kept = LATENT_KEYS if known.attention == "mla" else ()
        found = replace(known, **{key: given for key, given in stated.items() if key not in kept})
    else:
        found = _built(name or "unnamed", stated, number_of(row, "params_total_b"))
    for key, why in contradictions({f.name: getattr(found, f.name) for f in fields(found)}):
        refuse_contradicting_columns(found.id, key, why)
    return found


def reduced(a: Architecture, layers: int) -> Architecture:
    """Return the proxy of a model with fewer layers, as people measure it on few chips.

    A mixture of experts keeps one dense layer, if it has any, and experts in the others, and no extra prediction layer:
    so did the published proxies.

    Args:
        a: The whole model.
        layers: Layers that are run, 1 to those of the model.

    Returns:
        The proxy; the model itself when no layer is left out.

    Raises:
        UsageError: There are more layers than the model has, or none.

    Source:
        SimuMax, docs/b200/b200_release_v1.2_summary.md: "DeepSeekV3 formal rows use dense_layers=1".

    Example:
        >>> proxy = reduced(architecture("deepseek-v3"), 4)
        >>> proxy.dense_layers, proxy.moe_layers
        (1, 3)
    """
    if not 1 <= layers <= a.layers:
        refuse_other_layers(a, layers)
    if layers == a.layers:
        return a
    moe_layers = layers - min(a.dense_layers, 1) if a.moe_layers else 0
    return replace(a, layers=layers, moe_layers=moe_layers, mtp_layers=0)


def _known(name: str) -> Architecture | None:
    """Return a model of the catalog, or None when no model has that name."""
    try:
        return architecture(name)
    except CatalogError:
        if name.endswith(".toml") or name in models():
            raise
        return None


def _built(name: str, stated: dict[str, Any], parameters_b: float | None) -> Architecture:
    """Build an architecture from stated sizes, what they leave open chosen to meet the parameters."""
    moe = bool(stated.get("experts"))
    needed = ["layers", "hidden", "heads", "vocab", *(("topk", "moe_ffn") if moe else ())]
    missing = [column for column in needed if not stated.get(column)]
    if not missing and "head_dim" not in stated and stated["hidden"] % stated["heads"]:
        missing = ["head_dim"]
    bare = not stated.get("ffn") and (not moe or stated.get("moe_layers", math.inf) < stated.get("layers", 0))
    if bare and not parameters_b:
        missing.append("ffn or params_total_b")
    if missing:
        refuse_too_few_columns(name, missing)
    layers = stated["layers"]
    full = {"kv_heads": stated["heads"], "head_dim": stated["hidden"] // stated["heads"], "ffn": 0, **stated}
    spread = (
        [n for n in (layers - 1, layers, layers - 2, layers - 3, layers // 2) if n > 0] if full["ffn"] else [layers]
    )
    open_sizes = {"gated": (True, False), "tied": (False, True), "moe_layers": spread if moe else (0,)}
    choices = {key: values for key, values in open_sizes.items() if key not in stated}
    tried = [
        Architecture(id=name, **full, **dict(zip(choices, values, strict=True)))
        for values in product(*choices.values())
    ]
    if not parameters_b:
        return tried[0]
    wanted = parameters_b * 1e9
    return _filled(tried[0], wanted) if bare else min(tried, key=lambda a: abs(a.parameters - wanted))


def _filled(a: Architecture, parameters: float) -> Architecture:
    """Give the layers without experts the inner width that meets the parameters."""
    one = replace(a, ffn=1)
    width = (parameters - a.parameters) / (one.parameters - a.parameters)
    return replace(a, ffn=max(1, round(width)))
