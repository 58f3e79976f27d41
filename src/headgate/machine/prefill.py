"""Time to read prompts: one pass over a chunk of tokens with causal attention."""

from typing import Any

import numpy as np

from headgate.machine.architecture import Architecture
from headgate.machine.hardware import Machine
from headgate.machine.kernels import attention_seconds
from headgate.machine.recipe import Recipe
from headgate.machine.serving_layers import layers_pass
from headgate.machine.serving_parts import Engine, Pass, ServingLayout


def prompt_pass(
    a: Architecture,
    machine: Machine,
    recipe: Recipe,
    layout: ServingLayout,
    engine: Engine,
    prompt: Any,
    prompts: Any = 1.0,
    *,
    imbalance: Any = 1.0,
    wide_attention: bool = False,
) -> Pass:
    """Time for each attention group to read `prompts` prompts of `prompt` tokens, by part.

    More tokens than the engine's chunk take several passes, each of which reads the weights again.

    Args:
        a, machine, recipe, layout, engine: Model, machine, formats, spread, software.
        prompt: Tokens of one prompt, over 0.
        prompts: Prompts of one attention group, over 0.
        imbalance: Load of the busiest expert chip over the mean, 1 or more.
        wide_attention: The checkpoint keeps attention in bf16.

    Returns:
        Seconds by part, in the broadcast shape. Pipeline stages work side by side on chunks, so their time divides.
    """
    tokens = prompt * prompts * 1.0
    passes = np.maximum(tokens / engine.chunk_tokens, 1.0)
    layers = layers_pass(a, machine, recipe, layout, engine, tokens / passes, imbalance, wide_attention, True) * passes
    flop = 2.0 * tokens * a.heads / layout.tensor * (a.head_dim + a.v_dim) * a.attended_tokens(prompt) * a.layers
    scores = Pass(compute=attention_seconds(flop, prompt, (a.head_dim + a.v_dim) / 2.0, machine.chip))
    whole: Pass = (layers + scores) * (engine.prefill_time / layout.pipeline)
    return whole
