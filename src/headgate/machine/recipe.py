"""A precision recipe: which multiplications run narrow, what stays wide, and what quantizing costs.

"Transformer Engine" is not a rate but such a recipe. Linear layers run in `format`; attention, router, embedding and
output stay in bf16; every narrow operand is first read wide and written narrow, which is a pass through memory.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """One precision recipe for training or serving.

    Args:
        id: Name, as `bf16`, `fp8`, `fp8_block`, `mxfp8`, `nvfp4`, `int8`.
        format: Format of the linear layers' multiplications, a key of `Chip.kernels`.
        weight_bytes: Bytes of one weight as held for multiplication.
        gather_bytes: Bytes of one weight when it is gathered from other chips.
        dispatch_bytes: Bytes of one activation sent to an expert; what comes back has 2.
        quantize_bytes: Bytes moved through memory to quantize one activation element, with scales and transposes.
        saved_bytes: Bytes of one linear layer's input kept for the backward pass.
        roof_factor: 1 for the dense roof. More is a best case that depends on the data (Rubin's 50 instead of 35
            petaflops is 50/35), and is shown wherever it is used.
    """

    id: str
    format: str
    weight_bytes: float = 2.0
    gather_bytes: float = 2.0
    dispatch_bytes: float = 2.0
    quantize_bytes: float = 0.0
    saved_bytes: float = 2.0
    roof_factor: float = 1.0
