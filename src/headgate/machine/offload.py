"""State held off the chip: optimizer state in host memory, cached context in host memory or on storage."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.machine.ranges import checked


def host_bytes_per_s(link_bytes_per_s: ArrayLike, memory_bytes_per_s: ArrayLike) -> NDArray[np.float64]:
    """Rate between a chip and its host's memory, in bytes per second, one direction: the slower of link and memory.

        rate = min(link, memory)

    Args:
        link_bytes_per_s: Host link for one chip, one direction, over 0.
        memory_bytes_per_s: Host memory bandwidth for one chip, over 0.

    Returns:
        Bytes per second, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is not over 0; 0 stands for unknown in a machine record.

    Source:
        Definition.

    Example:
        >>> float(host_bytes_per_s(900e9, 600e9)) / 1e9  # here the memory is the slower
        600.0
    """
    link = checked("link_bytes_per_s", link_bytes_per_s, above=True)
    return np.minimum(link, checked("memory_bytes_per_s", memory_bytes_per_s, above=True))


def optimizer_seconds(
    parameters: ArrayLike,
    link_bytes_per_s: ArrayLike,
    memory_bytes_per_s: ArrayLike,
    gradient_bytes: ArrayLike = 2.0,
    weight_bytes: ArrayLike = 2.0,
    state_bytes: ArrayLike = 12.0,
) -> NDArray[np.float64]:
    """Time of an optimizer step on the host that keeps the state in its memory, in seconds.

    Gradients come down while weights go up. Gradients are written and read, state is read and written, weights are
    written and read. All runs in buckets, so that the slower of link and memory sets the time:

        t = parameters * max(max(gradient, weight) / link, 2 (gradient + state + weight) / memory)

    Args:
        parameters: Parameters that one chip updates, 0 or more.
        link_bytes_per_s: Host link for one chip, one direction, over 0.
        memory_bytes_per_s: Host memory bandwidth for one chip, over 0.
        gradient_bytes, weight_bytes: Bytes of one gradient and of one weight as sent, 0 or more.
        state_bytes: Bytes of state for one parameter, 0 or more: master weight and two moments in 4 bytes each.

    Returns:
        Seconds, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Ren et al. (2021), arXiv:2101.06840 (ZeRO-Offload). Left out: the host's arithmetic, which is far from its
        limit when memory is.

    Example:
        >>> round(float(optimizer_seconds(1e9, 900e9, 600e9)), 4)
        0.0533
    """
    number = checked("parameters", parameters)
    gradient, weight = checked("gradient_bytes", gradient_bytes), checked("weight_bytes", weight_bytes)
    link = np.maximum(gradient, weight) / checked("link_bytes_per_s", link_bytes_per_s, above=True)
    touched = 2.0 * (gradient + checked("state_bytes", state_bytes) + weight)
    return number * np.maximum(link, touched / checked("memory_bytes_per_s", memory_bytes_per_s, above=True))


def exposed_seconds(transfer_seconds: ArrayLike, hidden_seconds: ArrayLike) -> NDArray[np.float64]:
    """Part of a transfer that computing does not hide, in seconds.

        t = max(0, transfer_seconds - hidden_seconds)

    Args:
        transfer_seconds: Time of the transfer, 0 or more.
        hidden_seconds: Computing that runs beside it, 0 or more.

    Returns:
        Seconds, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is below 0.

    Source:
        Definition.

    Example:
        >>> float(exposed_seconds(0.05, 0.03).round(2)), float(exposed_seconds(0.05, 0.5))
        (0.02, 0.0)
    """
    hidden = checked("hidden_seconds", hidden_seconds)
    return np.maximum(0.0, checked("transfer_seconds", transfer_seconds) - hidden)


def prefix_seconds(
    cached_tokens: ArrayLike, kv_bytes_per_token: ArrayLike, tier_bytes_per_s: ArrayLike, latency_seconds: ArrayLike
) -> NDArray[np.float64]:
    """Time to bring the cached context of one request back to the chip, in seconds.

        t = latency_seconds + cached_tokens * kv_bytes_per_token / tier_bytes_per_s

    Args:
        cached_tokens: Tokens found in the cache, 0 or more; none takes no time.
        kv_bytes_per_token: Keys and values of one token, over all layers, on one chip, 0 or more.
        tier_bytes_per_s: Rate to the tier for one chip, over 0: `host_bytes_per_s`, or `Machine.storage_bytes_per_s`
            through the data processor.
        latency_seconds: Before the first byte, 0 or more.

    Returns:
        Seconds, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Definition.

    Example:
        >>> round(float(prefix_seconds(65536, 70272, 25e9, 1e-4)), 3)  # DeepSeek-V3, 64 K tokens, 25 GB/s
        0.184
    """
    tokens = checked("cached_tokens", cached_tokens)
    moved = tokens * checked("kv_bytes_per_token", kv_bytes_per_token)
    seconds = moved / checked("tier_bytes_per_s", tier_bytes_per_s, above=True)
    return np.where(tokens > 0, seconds + checked("latency_seconds", latency_seconds), 0.0 * seconds)


def recompute_tokens_per_s(kv_bytes_per_token: ArrayLike, tier_bytes_per_s: ArrayLike) -> NDArray[np.float64]:
    """Prefill rate at which computing a context again is as fast as fetching it, in tokens per second.

    A chip that prefills faster than this has no use for the tier:

        rate = tier_bytes_per_s / kv_bytes_per_token

    Args:
        kv_bytes_per_token: Keys and values of one token, over all layers, on one chip, over 0.
        tier_bytes_per_s: Rate to the tier for one chip, over 0.

    Returns:
        Tokens per second, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is not over 0.

    Source:
        Definition.

    Example:
        >>> round(float(recompute_tokens_per_s(70272, 25e9)))
        355760
    """
    kept = checked("kv_bytes_per_token", kv_bytes_per_token, above=True)
    return checked("tier_bytes_per_s", tier_bytes_per_s, above=True) / kept
