"""The sizes of a language model as its record states them: which there are, what one left out means, what contradicts.

A size left out is 0 or false, or what most models have: a gate, as many `kv_heads` as `heads`, and a `head_dim` that is
a head's share of `hidden`. Experts stand in every layer, unless `ffn` is given: then `moe_layers` is needed too.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from headgate.catalog.refusals import refuse_missing_key, refuse_wrong_type, stop

COUNTS = ("layers", "hidden", "heads", "kv_heads", "head_dim", "value_dim", "ffn", "vocab", "mtp_layers")
LATENT = ("q_rank", "kv_rank", "rope_dim")
EXPERTS = ("moe_layers", "experts", "topk", "moe_ffn", "shared_experts", "shared_ffn", "group_limit")
WHOLE = (*COUNTS, *LATENT, "window", "sparse_topk", *EXPERTS)
FLAGS = ("gated", "tied", "parallel_block")
SIZES = (*WHOLE, *FLAGS, "attention", "window_share")
NEEDED_SIZES = ("layers", "hidden", "heads", "vocab")
ATTENTIONS = ("gqa", "mla")


def refuse_contradiction(where: str, key: str, why: str) -> NoReturn:
    """Refuse sizes that cannot all be true of one model."""
    stop(where, f"size: {key}", why, "Correct one of them; sizes are those of the published configuration.")


def size_of(where: str, key: str, given: object) -> int | float | bool | str:
    """Return one size of [size], checked for its type and range."""
    if key in FLAGS:
        return given if isinstance(given, bool) else refuse_wrong_type(where, f"size: {key}", given, "true or false")
    if key == "attention":
        known = given if isinstance(given, str) and given in ATTENTIONS else None
        return known or refuse_wrong_type(where, f"size: {key}", given, f"one of {', '.join(ATTENTIONS)}")
    if key == "window_share":
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
            refuse_wrong_type(where, f"size: {key}", given, "a share from 0 to 1")
        return float(given)
    least = 1 if key in NEEDED_SIZES else 0
    if type(given) is not int or given < least:
        refuse_wrong_type(where, f"size: {key}", given, f"a whole number of {least} or more")
    return given


def completed(where: str, size: dict[str, Any]) -> Mapping[str, Any]:
    """Return the sizes with those that follow from others filled in, refused where they contradict each other."""
    full = {"attention": "gqa", "gated": True, "kv_heads": size["heads"], "ffn": 0, **size}
    if "head_dim" not in full:
        if full["attention"] == "mla" or full["hidden"] % full["heads"]:
            refuse_missing_key(where, "size: head_dim")
        full["head_dim"] = full["hidden"] // full["heads"]
    if full.get("experts") and "moe_layers" not in full:
        if full["ffn"]:
            refuse_missing_key(where, "size: moe_layers")
        full["moe_layers"] = full["layers"]
    for key, why in contradictions(full):
        refuse_contradiction(where, key, why)
    return MappingProxyType(full)


def contradictions(size: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what cannot all be true among sizes, as pairs of a key and the reason.

    Example:
        >>> tiny = {"layers": 2, "hidden": 64, "heads": 8, "head_dim": 8, "ffn": 64, "vocab": 9, "attention": "gqa"}
        >>> contradictions({**tiny, "kv_heads": 3})
        [('kv_heads', '3 does not divide 8 heads')]
    """
    zero = [(key, "it is 0") for key in (*NEEDED_SIZES, "kv_heads", "head_dim") if not size[key]]
    if zero:
        return zero
    mixture = [bool(size.get(key)) for key in ("moe_layers", "experts", "topk", "moe_ffn")]
    latent = [bool(size.get(key)) for key in ("kv_rank", "rope_dim")] + [size["attention"] == "mla"]
    window = [bool(size.get(key)) for key in ("window", "window_share")]
    layers, moe_layers = size["layers"], size.get("moe_layers", 0)
    rules = (
        ("kv_heads", size["heads"] % size["kv_heads"], f"{size['kv_heads']} does not divide {size['heads']} heads"),
        ("moe_layers", moe_layers > layers, f"{moe_layers} is more than {layers} layers"),
        ("ffn", moe_layers < layers and not size["ffn"], "layers without experts need an inner width"),
        ("experts", len(set(mixture)) > 1, "moe_layers, experts, topk and moe_ffn go together"),
        ("topk", size.get("topk", 0) > size.get("experts", 0), "more experts are chosen than there are"),
        ("kv_rank", len(set(latent)) > 1, "kv_rank, rope_dim and attention mla go together"),
        ("rope_dim", size.get("rope_dim", 0) >= size["head_dim"], "the rotated part is not smaller than the head"),
        ("window_share", len(set(window)) > 1, "a window and its share of layers go together"),
    )
    return [(key, why) for key, wrong, why in rules if wrong]
