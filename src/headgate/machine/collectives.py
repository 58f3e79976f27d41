"""Time of collectives over two levels, the scale-up domain and the fabric, by latency and bandwidth."""

from typing import Any

import numpy as np

from headgate.machine.hardware import Link, Machine


def level_seconds(moved_bytes: Any, link: Link, operation: str, ranks: Any) -> Any:
    """Time of one collective inside one level, in seconds; none for a single rank.

        t = latency * log2(ranks) / 3 + moved_bytes / (line rate * efficiency)

    Args:
        moved_bytes: Bytes that one rank sends, 0 or more: for n ranks (n - 1) / n of the message for a gather,
            scatter or exchange, twice that for an all-reduce.
        link: The level; its latency was measured with 8 ranks.
        operation: `all_reduce`, `all_gather`, `all_to_all` or `send`.
        ranks: Ranks in the group, 1 or more.

    Returns:
        Seconds, in the broadcast shape.

    Source:
        Hockney's model; constants from published timings, `data/fit/kernels.toml`.
    """
    wire = moved_bytes / (link.bytes_per_s * link.efficiency[operation])
    return np.where(ranks > 1, wire + link.latency_seconds * np.log2(np.maximum(ranks, 2)) / 3.0, 0.0)


def gather_seconds(message_bytes: Any, ranks: Any, inside: Any, machine: Machine, operation: str = "all_gather") -> Any:
    """Time to gather (or reduce and scatter) a message over ranks of which `inside` share a domain, in seconds.

    Inside, each rank receives what its neighbors hold; between domains every card carries only its own share:

        t = level((inside - 1) / inside * bytes) + level((outside - 1) / outside * bytes / inside)

    Args:
        message_bytes: Bytes of the whole message, 0 or more.
        ranks: Ranks in the group, 1 or more.
        inside: Ranks of the group in one domain, 1 to `ranks`.
        machine: The machine.
        operation: `all_gather`, or `all_reduce`, which sends twice as much; what switches add is in its efficiency.

    Returns:
        Seconds, in the broadcast shape; 0 for a single rank.

    Source:
        Thakur, Rabenseifner and Gropp (2005), doi:10.1177/1094342005051521.

    Example:
        >>> from headgate.machine.hardware import Chip, Machine
        >>> up = Link(450e9, {"all_gather": 0.75, "send": 0.8, "all_to_all": 0.7, "all_reduce": 0.8}, 0.0)
        >>> chip = Chip("x", "other", {}, 80e9, 3e12, 0.8, 0.6, 1000)
        >>> one = Machine("x", "X", chip, 8, up, up)
        >>> float(gather_seconds(8e9, 1, 1, one)), round(float(gather_seconds(8e9, 8, 8, one)), 4)
        (0.0, 0.0207)
    """
    outside = ranks / inside
    twice = 2.0 if operation == "all_reduce" else 1.0
    near = twice * message_bytes * (1.0 - 1.0 / inside)
    far = twice * message_bytes / inside * (1.0 - 1.0 / outside)
    return level_seconds(near, machine.scale_up, operation, inside) + level_seconds(
        far, machine.scale_out, "all_gather", outside
    )


def exchange_seconds(near_bytes: Any, far_bytes: Any, ranks: Any, inside: Any, machine: Machine) -> Any:
    """Time of an all-to-all whose traffic inside the domain and between domains runs side by side, in seconds.

        t = max(level(near_bytes), level(far_bytes))

    Args:
        near_bytes, far_bytes: Bytes that one rank sends over the scale-up link and over the card, 0 or more.
        ranks: Ranks in the group, 1 or more.
        inside: Ranks of the group in one domain.
        machine: The machine.

    Returns:
        Seconds, in the broadcast shape; 0 for a single rank.
    """
    near = level_seconds(near_bytes, machine.scale_up, "all_to_all", inside)
    far = level_seconds(far_bytes, machine.scale_out, "all_to_all", ranks / inside)
    return np.maximum(near, far)


def distinct(places: Any, draws: float) -> Any:
    """Expected number of distinct places that `draws` independent draws reach.

        places * (1 - (1 - 1 / places) ** draws)

    Example:
        >>> round(float(distinct(4.0, 8)), 2)
        3.6
    """
    return places * (1.0 - (1.0 - 1.0 / places) ** draws)


def inside_domain(ranks: Any, stride: Any, domain_chips: int) -> Any:
    """Ranks of a group that share a scale-up domain when neighbors are `stride` chips apart, at least 1.

    Example:
        >>> float(inside_domain(16, 4, 8)), float(inside_domain(4, 1, 72)), float(inside_domain(16, 16, 8))
        (2.0, 4.0, 1.0)
    """
    room = np.maximum(1.0, np.floor(domain_chips / stride))
    return np.minimum(ranks, room) * 1.0
