"""Time of one decode step, and what the cache of keys and values takes."""

from typing import Any

import numpy as np

from headgate.machine.architecture import Architecture
from headgate.machine.hardware import Machine
from headgate.machine.recipe import Recipe
from headgate.machine.serving_layers import layers_pass, matrix
from headgate.machine.serving_parts import Engine, Pass, ServingLayout, bound

LATENT_EFFICIENCY = 0.6  # share of the bf16 roof that latent attention reaches: 660 of 989 TFLOP/s on H800


def kept_tokens(a: Architecture, context: Any) -> Any:
    """Tokens of a context whose keys and values are kept and read, as a mean over layers.

    Example:
        >>> mixed = Architecture("x", 36, 2880, 64, 8, 64, 2880, 201088, window=128, window_share=0.5)
        >>> float(kept_tokens(mixed, 1128))
        628.0
    """
    if not a.window:
        return np.asarray(context, dtype=np.float64)
    return (1.0 - a.window_share) * context + a.window_share * np.minimum(context, a.window)


def cache_bytes_per_token(a: Architecture, tensor: Any, cache_bytes: float) -> Any:
    """Bytes of keys and values that one chip keeps for one token of one layer.

    Heads are split over `tensor` chips but never below one head; a latent is kept whole by each.

    Args:
        a: The model.
        tensor: Chips that split attention, 1 or more.
        cache_bytes: Bytes of one cached element: 2 for bf16, 1 for fp8.

    Example:
        >>> llama = Architecture("x", 80, 8192, 64, 8, 128, 28672, 128256)
        >>> float(cache_bytes_per_token(llama, 1, 2.0)) * 80
        327680.0
    """
    if a.attention == "mla":
        return (a.kv_rank + a.rope_dim) * cache_bytes * np.ones_like(np.asarray(tensor, dtype=np.float64))
    return np.maximum(a.kv_heads / tensor, 1.0) * (a.head_dim + a.v_dim) * cache_bytes


def scores_pass(
    a: Architecture,
    machine: Machine,
    layout: ServingLayout,
    engine: Engine,
    queries: Any,
    requests: Any,
    context: Any,
    cache_bytes: float,
) -> Pass:
    """Time of attention over the cache in all layers of one step, by part.

        memory = requests * context * bytes / (bandwidth * efficiency)
        compute = 2 queries * heads * context * (width of keys + width of values) / (roof * efficiency)

    Args:
        queries: Query tokens of one attention group: requests times tokens tried at once.
        requests: Requests of one attention group.
        context: Mean tokens that a request has in the cache.
        cache_bytes: Bytes of one cached element.
    """
    chip = machine.chip
    read = kept_tokens(a, context)
    if a.sparse_topk:
        # Keys of the index, one narrow head, are read in full to choose which to attend to.
        index = requests * context * a.rope_dim * 2.0
        read = np.minimum(read, a.sparse_topk)
    else:
        index = 0.0
    moved = requests * read * cache_bytes_per_token(a, layout.tensor, cache_bytes) + index
    width = 2 * a.kv_rank + a.rope_dim if a.attention == "mla" else a.head_dim + a.v_dim
    flop = 2.0 * queries * np.maximum(a.heads / layout.tensor, 1.0) * read * width
    compute = flop / (chip.kernels["bf16"].rate_flop_per_s * LATENT_EFFICIENCY)
    return bound(compute, moved / (chip.memory_bytes_per_s * engine.cache_efficiency)) * a.layers


def decode_pass(
    a: Architecture,
    machine: Machine,
    recipe: Recipe,
    layout: ServingLayout,
    engine: Engine,
    requests: Any,
    context: Any,
    *,
    cache_bytes: float = 2.0,
    draft_tokens: int = 0,
    imbalance: Any = 1.0,
    wide_attention: bool = False,
) -> Pass:
    """Time of one decode step of one copy of a model, by part.

    Each of `data` groups steps `requests / data` requests. Pipeline stages take turns, so that a token passes all
    layers with its share of the batch.

    Args:
        a, machine, recipe, layout, engine: Model, machine, formats, spread, software.
        requests: Running requests of the copy, over 0.
        context: Mean tokens in the cache of one request.
        cache_bytes: Bytes of one cached element.
        draft_tokens: Tokens tried beyond the sure one, 0 or more; all are computed, not all are accepted.
        imbalance: Load of the busiest expert chip over the mean, 1 or more.
        wide_attention: The checkpoint keeps attention in bf16.

    Returns:
        Seconds by part, in the broadcast shape.
    """
    own = requests / layout.data / layout.pipeline
    tokens = own * (1.0 + draft_tokens)
    layers = layers_pass(a, machine, recipe, layout, engine, tokens, imbalance, wide_attention)
    scores = scores_pass(a, machine, layout, engine, tokens, own, context, cache_bytes)
    head = matrix(machine, recipe, engine, wide=True)(tokens, a.vocab / layout.tensor, a.hidden)
    drafts = draft_tokens / a.layers if draft_tokens else 0.0
    fixed = a.dense_layers * engine.dense_layer_seconds + a.moe_layers * engine.expert_layer_seconds
    host = engine.step_seconds + engine.request_seconds * own
    return (layers + scores) * (1.0 + drafts) + head * (1.0 + draft_tokens) + Pass(floor=fixed + host)


def accepted_tokens(draft_tokens: Any, acceptance: Any) -> Any:
    """Tokens that one step yields when each draft token is accepted with the same chance, until the first miss.

        1 + p + p^2 + ... + p^d

    Args:
        draft_tokens: Tokens tried beyond the sure one, 0 or more.
        acceptance: Chance p that a draft token is accepted, 0 to 1.

    Source:
        Leviathan, Kalman and Matias (2023), arXiv:2211.17192, equation 1.

    Example:
        >>> accepted_tokens(np.array([1, 0, 3]), np.array([0.7, 0.7, 1.0])).round(3).tolist()
        [1.7, 1.0, 4.0]
    """
    p, d = np.asarray(acceptance, dtype=np.float64), np.asarray(draft_tokens, dtype=np.float64)
    short = np.where(p < 1.0, p, 0.0)
    return np.where(p < 1.0, (1.0 - short ** (d + 1.0)) / (1.0 - short), d + 1.0)
