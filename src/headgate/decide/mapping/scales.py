"""Units that other people's columns are in, and by how much a number in one becomes ours. Exact decimal arithmetic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Context, Decimal

from headgate.decide.columns import COLUMNS
from headgate.law.measures import BITS

_BANDWIDTH = {
    "MB/s": "0.001",
    "GB/s": "1",
    "TB/s": "1000",
    "GiB/s": "1.073741824",
    "TiB/s": "1099.511627776",
    "Gbit/s": "0.125",
    "Tbit/s": "125",
}
_SHARE = {"share": "1", "%": "0.01"}
_BY_COLUMN: dict[str, dict[str, str]] = {
    **{
        rate: {"TOPS": "1", "POPS": "1000", "GOPS": "0.001"}
        if rate.endswith("tops")
        else {"TFLOPS": "1", "PFLOPS": "1000", "GFLOPS": "0.001"}
        for rate in BITS
    },
    "dram_bandwidth_gb_per_s": _BANDWIDTH,
    "io_bandwidth_gb_per_s": _BANDWIDTH,
    "hbm_density_gb_per_s_mm2": {"GB/s/mm2": "1", "TB/s/mm2": "1000", "GB/s/cm2": "0.01"},
    "die_area_mm2": {"mm2": "1", "cm2": "100"},
    "tpp": {"TPP": "1", "kTPP": "1000"},
    "performance_density": {"TPP/mm2": "1", "TPP/cm2": "0.01"},
    "transistors_bn": {"bn": "1", "mn": "0.001", "count": "0.000000001"},
    "node_nm": {"nm": "1", "angstrom": "0.1"},
    "unit_price_usd": {"USD": "1", "kUSD": "1000", "MUSD": "1000000", "US cents": "0.01"},
    "quantity": {"units": "1", "thousands": "1000"},
    **{c.name: _SHARE for c in COLUMNS.values() if c.kind == "share"},
    "added_operations_share": _SHARE,
}
# Our column -> unit -> what a number in it is multiplied by; the first with 1 is our own.
SCALES: Mapping[str, Mapping[str, Decimal]] = {
    column: {unit: Decimal(by) for unit, by in units.items()} for column, units in _BY_COLUMN.items()
}
# Wide enough for every product of a cell and a scale to be exact.
_EXACT = Context(prec=400)
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?")
# Thousands stand in groups of three; the first has no leading zero.
BLANKS = "[ '’\u00a0\u2009\u202f]"


def unit_named(column: str, unit: str) -> str | None:
    """Return the unit of a column that a map or a heading means; None when it has no such unit.

    Example:
        >>> unit_named("dram_bandwidth_gb_per_s", "TB/S"), unit_named("die_area_mm2", "mm²"), unit_named("tpp", "mm2")
        ('TB/s', 'mm2', None)
    """
    plain = unit.replace("²", "2").replace("％", "%").strip()
    if plain in SCALES.get(column, {}):
        return plain
    # Gb/s could be gigabytes or gigabits: only what is no bit's spelling may differ in case.
    if re.search(r"[GTMgtm]b/s", plain):
        return None
    folded = {u.casefold(): u for u in SCALES.get(column, {})}
    return folded.get(plain.casefold())


def read_number(text: str, decimal: str | None, typed: bool = False) -> Decimal:
    """Read a number in plain digits, or with a decimal sign of `,` or `.` and thousands between.

    Args:
        text: The cell.
        decimal: The sign that a map states; None when it states none.
        typed: The file has numbers of its own, which came here with a point, whatever the sign of its texts.

    Raises:
        ValueError: It is no number, or one that could be read in two ways.

    Example:
        >>> read_number("1.234,5", ","), read_number("1,234.5", "."), read_number("4.8", None)
        (Decimal('1234.5'), Decimal('1234.5'), Decimal('4.8'))
        >>> read_number("1.234", ","), read_number("0.125", ",", typed=True)
        (Decimal('1234'), Decimal('0.125'))
    """
    if _PLAIN.fullmatch(text) and (decimal != "," or typed or "." not in text):
        if decimal == "," and re.fullmatch(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", text):
            both = f"{text.replace('.', '')} or {text} (this kind of file has numbers of its own)"
            raise ValueError(f"{text!r} could be {both}; write it with decimals, as 1234,0")
        return Decimal(text)
    if decimal is not None:
        between = f"(?:{'[.]' if decimal == ',' else '[,]'}|{BLANKS})"
        if re.fullmatch(rf"[+-]?([1-9]\d{{0,2}}({between}\d{{3}})+|\d+)({re.escape(decimal)}\d+)?", text):
            return Decimal(re.sub(between, "", text).replace(",", "."))
    sign = f" and {decimal!r} for decimals" if decimal else " with a point for decimals, or state `decimal` in the map"
    raise ValueError(f"{text!r} is not a number; write digits{sign}")


def scaled(number: Decimal, by: Decimal) -> str:
    """Return a number times a scale, exactly, in plain digits.

    Example:
        >>> scaled(Decimal("4.8"), Decimal(1000)), scaled(Decimal("12"), Decimal("0.01"))
        ('4800', '0.12')
    """
    made = _EXACT.multiply(number, by)
    text = format(made, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
