"""Failures: how often a large job stops, how often to write checkpoints, and what share of its time is progress."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.machine.ranges import checked

DAY_SECONDS = 86400.0

# Llama 3 405B: 419 unexpected interruptions in 54 days on 16,384 H100 (arXiv:2407.21783, section 3.3.4). Google's
# Gemini on TPU v4 is reported at 7.5 hours for 10,000 chips, 3.2e-4 (glennklockwood.com/garden/job-reliability).
FAILURES_PER_CHIP_DAY = 419 / (54 * 16384)

# Llama 3's file system sustains 2 TB/s (arXiv:2407.21783, section 3.3.1): its share for each chip of that job.
LLAMA_3_STORAGE_BYTES_PER_S = 2e12 / 16384

# Derived: what makes Llama 3's effective training time 90 % (the report says "higher than 90 %", so at most this).
RESTART_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Goodput:
    """What failures cost a job.

    Args:
        mtbf_seconds: Mean time between failures of the whole job.
        write_seconds: Time to write one checkpoint.
        interval_seconds: Time of progress between checkpoints, the best one.
        restart_seconds: From a failure to the next step, with reading the checkpoint.
        share: Share of wall time that is progress, 0 to 1.
    """

    mtbf_seconds: NDArray[np.float64]
    write_seconds: NDArray[np.float64]
    interval_seconds: NDArray[np.float64]
    restart_seconds: NDArray[np.float64]
    share: NDArray[np.float64]


def job_mtbf_seconds(chips: ArrayLike, failures_per_chip_day: ArrayLike = FAILURES_PER_CHIP_DAY) -> NDArray[np.float64]:
    """Mean time between failures of a job that any one failure stops, in seconds.

        t = 86400 / (chips * failures_per_chip_day)

    Args:
        chips: Chips in the job, over 0. Broadcasts with the rest.
        failures_per_chip_day: Failures for each chip and day, over 0, of everything that stops the job (hosts, links
            and software included). The default is that of Llama 3.

    Returns:
        Seconds, float64, in the broadcast shape. NaN in gives NaN out.

    Raises:
        UsageError: An argument is not over 0.

    Source:
        Grattafiori et al. (2024), arXiv:2407.21783, table 5. Left out: failures that come in bursts, wear.

    Example:
        >>> round(float(job_mtbf_seconds(16384)) / 3600, 2)
        3.09
    """
    number = checked("chips", chips, above=True)
    return DAY_SECONDS / (number * checked("failures_per_chip_day", failures_per_chip_day, above=True))


def checkpoint_seconds(state_bytes: ArrayLike, chips: ArrayLike, storage_bytes_per_s: ArrayLike) -> NDArray[np.float64]:
    """Time to write (or read) a checkpoint that is spread over all chips, in seconds.

        t = state_bytes / (chips * storage_bytes_per_s)

    Args:
        state_bytes: Weights and optimizer state of the whole job, 0 or more (12 to 14 bytes a parameter).
        chips: Chips that write, over 0.
        storage_bytes_per_s: Bandwidth to storage for one chip, over 0: `Machine.storage_bytes_per_s`, and no more than
            the file system gives to each (`LLAMA_3_STORAGE_BYTES_PER_S` is a measured one).

    Returns:
        Seconds, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Definition. Left out: writing while training goes on, which hides most of it.

    Example:
        >>> round(float(checkpoint_seconds(405e9 * 14, 16384, LLAMA_3_STORAGE_BYTES_PER_S)), 1)
        2.8
    """
    rate = checked("chips", chips, above=True) * checked("storage_bytes_per_s", storage_bytes_per_s, above=True)
    return checked("state_bytes", state_bytes) / rate


def young_interval_seconds(write_seconds: ArrayLike, mtbf_seconds: ArrayLike) -> NDArray[np.float64]:
    """Best time between checkpoints to first order, in seconds.

        t = sqrt(2 * write_seconds * mtbf_seconds)

    Args:
        write_seconds: Time to write a checkpoint, 0 or more, much less than `mtbf_seconds`.
        mtbf_seconds: Mean time between failures of the job, over 0.

    Returns:
        Seconds of progress between two checkpoints, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Young (1974), doi:10.1145/361147.361115.

    Example:
        >>> float(young_interval_seconds(300, 86400))
        7200.0
    """
    return np.sqrt(2.0 * checked("write_seconds", write_seconds) * checked("mtbf_seconds", mtbf_seconds, above=True))


def daly_interval_seconds(write_seconds: ArrayLike, mtbf_seconds: ArrayLike) -> NDArray[np.float64]:
    """Best time between checkpoints to higher order, in seconds; right also when writing takes long.

        t = sqrt(2 d M) (1 + sqrt(d / 2M) / 3 + (d / 2M) / 9) - d    for d < 2M, else M

    Args:
        write_seconds: Time d to write a checkpoint, 0 or more.
        mtbf_seconds: Mean time M between failures of the job, over 0.

    Returns:
        Seconds of progress between two checkpoints, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Daly (2006), doi:10.1016/j.future.2004.11.016: the perturbation solution.

    Example:
        >>> round(float(daly_interval_seconds(300, 86400)) / 60)  # the paper's figure 3: 117 minutes
        117
    """
    write, mtbf = checked("write_seconds", write_seconds), checked("mtbf_seconds", mtbf_seconds, above=True)
    ratio = write / (2.0 * mtbf)
    series = np.sqrt(2.0 * write * mtbf) * (1.0 + np.sqrt(ratio) / 3.0 + ratio / 9.0) - write
    return np.where(ratio < 1.0, series, mtbf)


def goodput_share(
    interval_seconds: ArrayLike, write_seconds: ArrayLike, restart_seconds: ArrayLike, mtbf_seconds: ArrayLike
) -> NDArray[np.float64]:
    """Share of wall time that is progress when failures strike at random, 0 to 1.

        share = t / (M * exp(R / M) * (exp((t + d) / M) - 1))

    Args:
        interval_seconds: Time t of progress between checkpoints, over 0.
        write_seconds: Time d to write one, 0 or more.
        restart_seconds: Time R from a failure to the next step, 0 or more.
        mtbf_seconds: Mean time M between failures, over 0.

    Returns:
        Share, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Daly (2006), doi:10.1016/j.future.2004.11.016: the complete cost function; failures are exponential.

    Example:
        >>> round(float(goodput_share(7000, 300, 600, 86400)), 3)
        0.913
    """
    interval = checked("interval_seconds", interval_seconds, above=True)
    mtbf = checked("mtbf_seconds", mtbf_seconds, above=True)
    cycle = (interval + checked("write_seconds", write_seconds)) / mtbf
    # Written with falling exponentials, so that nothing overflows when failures come faster than restarts.
    restarts = np.exp(-checked("restart_seconds", restart_seconds) / mtbf)
    return interval / mtbf * restarts * np.exp(-cycle) / -np.expm1(-cycle)


def implied_restart_seconds(
    share: ArrayLike, interval_seconds: ArrayLike, write_seconds: ArrayLike, mtbf_seconds: ArrayLike
) -> NDArray[np.float64]:
    """Restart time that explains a published goodput: `goodput_share` solved for it, in seconds.

        R = -M * ln(share / share without restarts)

    Args:
        share: Published share of effective training time, over 0 and at most 1.
        interval_seconds: Time of progress between checkpoints, over 0.
        write_seconds: Time to write one, 0 or more.
        mtbf_seconds: Mean time M between failures, over 0.

    Returns:
        Seconds, float64, in the broadcast shape; below 0 when checkpoints alone cost more than was lost.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Daly (2006), doi:10.1016/j.future.2004.11.016.

    Example:
        >>> round(float(implied_restart_seconds(0.90, 250, 2.8, 11135)) / 60, 1)  # Llama 3, at most
        15.4
    """
    part = checked("share", share, high=1.0, above=True)
    best = goodput_share(interval_seconds, write_seconds, 0.0, mtbf_seconds)
    return -np.asarray(mtbf_seconds, dtype=np.float64) * np.log(part / best)


def goodput(
    chips: ArrayLike,
    state_bytes: ArrayLike,
    storage_bytes_per_s: ArrayLike,
    failures_per_chip_day: ArrayLike = FAILURES_PER_CHIP_DAY,
    restart_seconds: ArrayLike = RESTART_SECONDS,
) -> Goodput:
    """What failures cost a job that writes checkpoints at the best interval.

    Joins the formulas above; reading the checkpoint is added to `restart_seconds`.

    Args:
        chips: Chips in the job, over 0.
        state_bytes: Weights and optimizer state of the whole job, over 0.
        storage_bytes_per_s: Bandwidth to storage for one chip, over 0.
        failures_per_chip_day: Failures for each chip and day, over 0.
        restart_seconds: From a failure to the start of reading, 0 or more.

    Returns:
        Times and share, each in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        As above; the defaults are those of Llama 3 and are for other machines an assumption.

    Example:
        >>> run = goodput(16384, 405e9 * 14, LLAMA_3_STORAGE_BYTES_PER_S)
        >>> round(float(run.share), 3)
        0.901
    """
    mtbf = job_mtbf_seconds(chips, failures_per_chip_day)
    write = checkpoint_seconds(checked("state_bytes", state_bytes, above=True), chips, storage_bytes_per_s)
    interval = daly_interval_seconds(write, mtbf)
    restart = checked("restart_seconds", restart_seconds) + write
    return Goodput(mtbf, write, interval, restart, goodput_share(interval, write, restart, mtbf))


def days_to_tokens(tokens: ArrayLike, tokens_per_s: ArrayLike, share: ArrayLike) -> NDArray[np.float64]:
    """Wall time to train on a number of tokens, in days, failures included.

        days = tokens / (tokens_per_s * share * 86400)

    Args:
        tokens: Tokens to train on, 0 or more.
        tokens_per_s: Of the whole job between failures, over 0.
        share: Goodput, over 0 and at most 1. 1 leaves failures out.

    Returns:
        Days, float64, in the broadcast shape.

    Raises:
        UsageError: An argument is out of range.

    Source:
        Definition.

    Example:
        >>> round(float(days_to_tokens(14.8e12, 2048 * 1543, 1.0)), 1)  # DeepSeek-V3: "less than two months"
        54.2
    """
    rate = checked("tokens_per_s", tokens_per_s, above=True) * checked("share", share, high=1.0, above=True)
    return checked("tokens", tokens) / (rate * DAY_SECONDS)
