"""Units as numbers: a formula is right in its dimensions when it comes out the same in any units."""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from headgate.machine.architecture import Architecture
from headgate.machine.hardware import Chip, Kernel, Link, Machine
from headgate.machine.recipe import Recipe

FORMATS = ("bf16", "fp8", "fp8_block", "mxfp8", "nvfp4", "int8")


@dataclass(frozen=True)
class Units:
    """How large one second, byte and so on is in the units of this try; all are 1 in the usual ones."""

    s: float = 1.0
    byte: float = 1.0
    flop: float = 1.0
    token: float = 1.0
    chip: float = 1.0
    watt: float = 1.0
    usd: float = 1.0

    def machine(self, chips: int = 8) -> Machine:
        """Return a machine in these units, with every figure known and every format."""
        rate = self.byte / self.s
        shares = {"all_reduce": 0.8, "all_gather": 0.75, "all_to_all": 0.7, "send": 0.9}
        kernels = {
            name: Kernel(1e15 * self.flop / self.s, 0.8, 100.0, 50.0, 100.0, 0.8, 4e-6 * self.s) for name in FORMATS
        }
        chip = Chip(
            "chip",
            "other",
            kernels,
            memory_bytes=80e9 * self.byte,
            memory_bytes_per_s=3e12 * rate,
            stream_efficiency=0.85,
            attention_limit=0.6,
            attention_half=1000.0 * self.token,
            tdp_watts=700.0 * self.watt,
            price_usd=30e3 * self.usd,
        )
        return Machine(
            "machine",
            "Machine",
            chip,
            chips,
            Link(450e9 * rate, shares, 12e-6 * self.s),
            Link(50e9 * rate, shares, 30e-6 * self.s),
            host_memory_bytes=1e12 * self.byte,
            host_memory_bytes_per_s=300e9 * rate,
            host_link_bytes_per_s=64e9 * rate,
            storage_bytes_per_s=2e9 * rate,
            domain_watts=10.2e3 * self.watt,
            domain_price_usd=350e3 * self.usd,
        )


ONE = Units()
DENSE = Architecture("dense", 32, 4096, 32, 8, 128, 14336, 128256)
MIXTURE = Architecture(
    "mixture", 61, 7168, 128, 128, 192, 18432, 129280, value_dim=128, attention="mla", q_rank=1536, kv_rank=512,
    rope_dim=64, moe_layers=58, experts=256, topk=8, moe_ffn=2048, shared_experts=1, group_limit=4,
)  # fmt: skip
FP8 = Recipe("fp8", "fp8", weight_bytes=1.0, quantize_bytes=4.0, dispatch_bytes=1.0)


def numbers(result: Any) -> dict[str, np.ndarray]:
    """Return the numbers of a result by path: of a number, a tuple, or a record of numbers; words are left out."""
    if isinstance(result, str):
        return {}
    if is_dataclass(result):
        parts = {f.name: getattr(result, f.name) for f in fields(result)}
    elif isinstance(result, tuple):
        parts = {str(i): part for i, part in enumerate(result)}
    else:
        return {"": np.asarray(result, dtype=np.float64)}
    return {f"{key}.{path}".rstrip("."): v for key, part in parts.items() for path, v in numbers(part).items()}
