"""A machine as its parts: chip, scale-up domain, host, network card, fabric, storage, power, and price.

Every figure is a plain number in the unit that its name ends in; rates are dense, bandwidths are one direction and per
chip unless the name says otherwise. `predict/hardware.py` composes these records from the catalog.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kernel:
    """How fast one chip multiplies matrices in one number format, by the saturating form.

    Args:
        rate_flop_per_s: Dense roof of the format, over 0.
        efficiency_limit: Share of the roof that an endless multiplication reaches, 0 to 1.
        m_half, n_half, k_half: Size at which a dimension alone halves the efficiency, 0 or more, in elements.
        memory_efficiency: Share of the memory bandwidth that weight streaming reaches, 0 to 1.
        floor_seconds: Time of the smallest multiplication.
    """

    rate_flop_per_s: float
    efficiency_limit: float
    m_half: float
    n_half: float
    k_half: float
    memory_efficiency: float
    floor_seconds: float


@dataclass(frozen=True, slots=True)
class Chip:
    """One accelerator package.

    Args:
        id: Id in the catalog.
        family: Kernels are shared by family: ampere, hopper, blackwell, rubin, cdna3, cdna4, ascend, tpu, other.
        kernels: Multiplication by format: `bf16`, `fp8` (one scale a tensor), `fp8_block`, `mxfp8`, `nvfp4`, `int8`.
            A format that the chip lacks is not in it. `fp16` is `bf16`.
        memory_bytes, memory_bytes_per_s: Capacity and bandwidth of the high-bandwidth memory.
        stream_efficiency: Share of that bandwidth that element-wise passes reach.
        attention_limit, attention_half: Share of the bf16 roof that fused causal attention reaches at an endless
            sequence, and the sequence length, in tokens, that halves it.
        dies_count: Compute dies in the package.
        die_to_die_bytes_per_s: Between the dies, one direction; 0 when unknown, and then it limits nothing.
        tdp_watts, price_usd: NaN when unknown.
        measured: Formats whose kernel constants were fitted on this chip's own kernels.
    """

    id: str
    family: str
    kernels: Mapping[str, Kernel]
    memory_bytes: float
    memory_bytes_per_s: float
    stream_efficiency: float
    attention_limit: float
    attention_half: float
    dies_count: int = 1
    die_to_die_bytes_per_s: float = 0.0
    tdp_watts: float = float("nan")
    price_usd: float = float("nan")
    measured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One level of the network as a chip sees it.

    Args:
        bytes_per_s: Line rate for one chip, one direction, over 0.
        efficiency: Share of the line rate that large collectives reach, by operation: `all_reduce`, `all_gather`
            (also for reduce-scatter), `all_to_all`, `send`.
        latency_seconds: Fixed time of one collective over the level's usual group.
    """

    bytes_per_s: float
    efficiency: Mapping[str, float]
    latency_seconds: float


@dataclass(frozen=True, slots=True)
class Machine:
    """A scale-up domain, what feeds it, and the fabric that joins many of them.

    Args:
        id, name: Of the catalog's record.
        chip: The accelerator.
        domain_chips: Chips in one scale-up domain (8 in a node, 72 in an NVL72, 384 in a CloudMatrix).
        scale_up: The link inside the domain: the smaller of the chip's ports and its share of the switches.
        scale_up_reduces: The switches add numbers, so that an all-reduce sends each byte once.
        scale_out: The network card and its share of the fabric.
        host_memory_bytes, host_memory_bytes_per_s, host_link_bytes_per_s: Of the processors, for one chip.
        storage_bytes_per_s: To checkpoints and cached context, for one chip.
        domain_watts: All-in at full load, for the domain. NaN when unknown, and so below.
        domain_price_usd: Price of the domain.
        published_only: Nothing of it was ever measured: figures are the maker's.
        parts: Record ids by role: `cpu`, `accelerator`, `scale_up_switch`, `nic`, `dpu`, `fabric_switch`.
        assumed: What no record states and was assumed instead, one sentence each; empty for a machine of the catalog.
    """

    id: str
    name: str
    chip: Chip
    domain_chips: int
    scale_up: Link
    scale_out: Link
    scale_up_reduces: bool = False
    host_memory_bytes: float = 0.0
    host_memory_bytes_per_s: float = 0.0
    host_link_bytes_per_s: float = 0.0
    storage_bytes_per_s: float = 0.0
    domain_watts: float = float("nan")
    domain_price_usd: float = float("nan")
    published_only: bool = False
    parts: Mapping[str, str] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
