"""Compose a machine from records: its chip, its parts by role, and what the record states of the whole.

A figure of a machine comes from the part that fills the role. Where a record names no part for a role it states the
figure itself: a link or a card for one accelerator, memory, storage, power and price for the whole domain.
"""

from collections.abc import Callable
from types import MappingProxyType

from headgate.catalog.record import Record
from headgate.errors import CatalogError
from headgate.machine.hardware import Machine
from headgate.predict.kernels import chip_gaps, chip_of, kernel_set, link_of

Find = Callable[[str], Record]
# A fabric of two tiers without a bottleneck passes each byte through three switch ports' worth of capacity: up and
# down at the leaf, once at the spine. Two tiers of 512 ports reach 131,072 end points.
FABRIC_PASSES = 3.0
# One direction of one PCIe lane, in bytes per second, by generation.
LANE_BYTES_PER_S = {3: 1e9, 4: 2e9, 5: 4e9, 6: 8e9}
PLAIN_CHIPS = 8
PLAIN_NIC_GBIT_PER_S = 400.0
GBIT = 1e9 / 8.0


def _sum(record: Record, find: Find, role: str, key: str) -> float:
    """Return a figure for the whole domain: of the part times its count, else as the record states it; 0 if unknown."""
    part = record.parts.get(role)
    if part is None:
        return record.number(key) or 0.0
    return (find(part.id).number(key) or 0.0) * part.count


def _accelerator(record: Record, find: Find) -> Record:
    """Return the record of the chip that computes."""
    part = record.parts.get("accelerator")
    return find(part.id if part else record.contains[0])


def pcie_bytes_per_s(chip: Record) -> float:
    """Return what one direction of a chip's PCIe carries, by generation and lanes; 0 when unknown.

    Example:
        >>> from headgate.catalog.chips import catalog
        >>> pcie_bytes_per_s(catalog().get("nvidia-h100-sxm"))
        64000000000.0
    """
    generation, lanes = chip.number("pcie_generation"), chip.number("pcie_lanes")
    return LANE_BYTES_PER_S.get(int(generation or 0), 0.0) * (lanes or 0.0)


def scale_up_bytes_per_s(record: Record, find: Find) -> float:
    """Return one direction of the scale-up link for one chip: its port, or its share of the switches if that is less.

    0 when no record knows it.
    """
    chip = _accelerator(record, find)
    ports = [(chip.number("scale_up_bandwidth_gb_per_s") or 0.0) / 2.0]
    if "scale_up_switch" in record.parts:
        total = _sum(record, find, "scale_up_switch", "switch_bandwidth_each_direction_gb_per_s")
        ports.append(total / (record.number("accelerators_count") or 1.0))
    else:
        ports.append(record.number("scale_up_bandwidth_each_direction_gb_per_s") or 0.0)
    return min((p for p in ports if p > 0.0), default=0.0) * 1e9


def scale_out_bytes_per_s(record: Record, find: Find) -> float:
    """Return one direction of the fabric for one chip: its cards, or its share of the switches if that is less.

    0 when no record knows it.
    """
    chips = record.number("accelerators_count") or 1.0
    if "nic" in record.parts:
        cards = _sum(record, find, "nic", "nic_gbit_per_s") / chips
    else:
        cards = record.number("scaleout_nic_gbit_per_s") or 0.0
    if "fabric_switch" in record.parts:
        total = 1e3 * _sum(record, find, "fabric_switch", "fabric_switch_tbit_per_s")
        cards = min(cards, total / (FABRIC_PASSES * chips))
    return cards * GBIT


def host_link_bytes_per_s(record: Record, find: Find) -> float:
    """Return one direction between one chip and its processors: the chip's own end, or its share of theirs if less."""
    chip = _accelerator(record, find)
    own = 1e9 * (chip.number("host_link_each_direction_gb_per_s") or 0.0) or pcie_bytes_per_s(chip)
    if "cpu" in record.parts:
        total = _sum(record, find, "cpu", "host_link_each_direction_gb_per_s")
        theirs = 1e9 * total / (record.number("accelerators_count") or 1.0)
    else:
        theirs = 1e9 * (record.number("host_link_each_direction_gb_per_s") or 0.0)
    return min((end for end in (own, theirs) if end > 0.0), default=0.0)


def _reduces(record: Record, find: Find) -> bool:
    """Say whether the scale-up switches add numbers, by their part or else by the record."""
    if "scale_up_switch" in record.parts:
        return _sum(record, find, "scale_up_switch", "in_network_reduction_tflops") > 0.0
    return "scale_up_reduces" in record.values and bool(record.values["scale_up_reduces"].v)


def machine_gaps(record: Record, find: Find) -> tuple[str, ...]:
    """Return the figures without which a machine cannot be composed, each as `record: key`."""
    chip = _accelerator(record, find)
    gaps = [f"{chip.id}: {key}" for key in chip_gaps(chip)]
    if not record.number("accelerators_count"):
        gaps.append(f"{record.id}: accelerators_count")
    if not scale_up_bytes_per_s(record, find):
        gaps.append(f"{record.id}: scale_up_bandwidth_each_direction_gb_per_s")
    if not scale_out_bytes_per_s(record, find):
        gaps.append(f"{record.id}: scaleout_nic_gbit_per_s")
    return tuple(gaps)


def composed(record: Record, find: Find, measured: bool, assumed: tuple[str, ...] = ()) -> Machine:
    """Compose a machine from its record.

    Args:
        record: A computer.
        find: Returns the record of a chip or part by its id.
        measured: The chip has a measured run.
        assumed: What was assumed for it, in words.

    Raises:
        CatalogError: A figure that is needed is unknown; the message names each.
    """
    if gaps := machine_gaps(record, find):
        raise CatalogError(
            f"{record.id!r} cannot be composed: no record knows {'; '.join(gaps)}. "
            "State them in a TOML file of your own and give its path"
        )
    source = _accelerator(record, find)
    chips = record.number("accelerators_count") or 1.0
    shares = kernel_set(source.same_as or source.id, source.family)
    inside, adds = shares.scale_up, _reduces(record, find)
    if not adds:
        # Without switches that add, an all-reduce is a reduce-scatter and a gather.
        inside = {**inside, "all_reduce": min(inside["all_reduce"], inside["all_gather"])}
    unknown = float("nan")
    return Machine(
        id=record.id,
        name=record.name,
        chip=chip_of(source),
        domain_chips=int(chips),
        scale_up=link_of(scale_up_bytes_per_s(record, find), inside),
        scale_out=link_of(scale_out_bytes_per_s(record, find), shares.scale_out),
        scale_up_reduces=adds,
        host_memory_bytes=_sum(record, find, "cpu", "host_memory_gb") * 1e9 / chips,
        host_memory_bytes_per_s=_sum(record, find, "cpu", "host_memory_bandwidth_gb_per_s") * 1e9 / chips,
        host_link_bytes_per_s=host_link_bytes_per_s(record, find),
        storage_bytes_per_s=_sum(record, find, "dpu", "storage_gbit_per_s") * GBIT / chips,
        domain_watts=(record.number("power_kw") or unknown) * 1e3,
        domain_price_usd=record.number("price_usd") or unknown,
        published_only=not measured,
        parts=MappingProxyType({role: part.id for role, part in record.parts.items()}),
        assumed=assumed,
    )
