"""Random expressions, books, and rows for the properties of the readers: a coast with ships, lamps, and harbors."""

import math
from datetime import date, timedelta

from hypothesis import strategies as st

from headgate.expr import AtLeast, any_part, fact, field, holds, threshold
from headgate.expr.node import FALSE, TRUE, And, Compare, Not, Or

LIMITS = (-3.0, 0.0, 0.1, 1.6, 4800.0)
OPS = (">=", ">", "<", "<=")
HARBORS = ("AA", "BB", "CC", "DD")
MEMBERS = {"coast.north": frozenset(("AA", "BB")), "coast.none": frozenset()}
DAY = date(2024, 2, 29)
NUMBERS, FLAGS, CODES, DAYS = (
    ("item.weight", "item.length"),
    ("party.is_pirate", "item.is_lit"),
    ("act.harbor",),
    ("act.day",),
)
PART_NUMBERS, PART_FLAGS, PART_CODES = ("ic.glow", "ic.size"), ("ic.is_lamp",), ("ic.maker",)
ROW_IDS, PART_IDS = ("coast.a", "coast.b", "coast.c"), ("lamp.a", "lamp.b")


def lists(list_id):
    """Return the members of a list of the coast."""
    return MEMBERS[list_id]


def edge_numbers():
    """Numbers on a threshold, one step of floating point to either side of it, far off, or without bound."""
    near = [math.nextafter(limit, to) for limit in LIMITS for to in (-math.inf, limit, math.inf)]
    return st.sampled_from((*near, 7.0, -math.inf, math.inf))


def cells(name):
    """Values of one field, blank among them."""
    if name in (*NUMBERS, *PART_NUMBERS):
        known = edge_numbers() | edge_numbers().map(AtLeast)
    elif name in (*FLAGS, *PART_FLAGS):
        known = st.booleans()
    elif name in DAYS:
        known = st.integers(-2, 2).map(lambda n: DAY + timedelta(n))
    else:
        known = st.sampled_from(HARBORS) | st.frozensets(st.sampled_from(HARBORS))
    return st.none() | known


def rows_of(*names):
    """Rows of some fields; a blank is None or not there at all."""
    full = st.fixed_dictionaries({name: cells(name) for name in names})
    return full | full.map(lambda row: {name: value for name, value in row.items() if value is not None})


def rows():
    """Rows of the whole item."""
    return rows_of(*NUMBERS, *FLAGS, *CODES, *DAYS)


def parts():
    """The parts of an item: unknown, none, one, or several."""
    return st.none() | st.lists(rows_of(*PART_NUMBERS, *PART_FLAGS, *PART_CODES), max_size=3).map(tuple)


def _leaves(numbers, flags, codes, ids):
    limits = st.sampled_from(LIMITS).map(lambda value: threshold(f"coast/{value}", value, "st"))
    code = st.sampled_from(codes).map(field)
    found = [
        st.sampled_from((TRUE, FALSE)),
        st.builds(Compare, st.sampled_from(numbers), st.sampled_from(OPS), limits),
        st.sampled_from(flags).map(fact),
        st.builds(lambda f, some: f.one_of(*some), code, st.lists(st.sampled_from(HARBORS), min_size=1, unique=True)),
        st.builds(lambda f, id: f.in_list(id), code, st.sampled_from(tuple(MEMBERS))),
        st.sampled_from((*numbers, *flags, *codes)).map(lambda name: field(name).is_blank()),
    ]
    return st.one_of(*found, *([st.sampled_from(ids).map(holds)] if ids else []))


def _grown(leaves):
    def grow(inner):
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(inner.map(Not), several.map(And), several.map(Or), st.builds(lambda a, b: a & b, inner, inner))

    return st.recursive(leaves, grow, max_leaves=8)


def part_expressions(ids=()):
    """Conditions on one part."""
    return _grown(_leaves(PART_NUMBERS, PART_FLAGS, PART_CODES, ids))


def expressions(ids=(), part_ids=()):
    """Conditions on the whole item, with every kind of node."""
    days = st.builds(
        lambda start, length: field(DAYS[0]).during(str(start), str(start + timedelta(length)) if length else None),
        st.integers(-2, 2).map(lambda n: DAY + timedelta(n)),
        st.integers(0, 2),
    )
    inside = part_expressions(part_ids).map(any_part)
    return _grown(_leaves(NUMBERS, FLAGS, CODES, ids) | days | inside)


@st.composite
def books(draw):
    """A small book without circles: an entry refers only to those before it."""
    book = {}
    for n, id in enumerate(PART_IDS):
        book[id] = draw(part_expressions(PART_IDS[:n]))
    for n, id in enumerate(ROW_IDS):
        book[id] = draw(expressions(ROW_IDS[:n], PART_IDS))
    return book


def sheets():
    """Rows with their parts, as in a table."""
    return st.lists(st.tuples(rows(), parts()), min_size=1, max_size=5)
