"""The book of the United States: every provision, in the order of the text."""

from datetime import date
from functools import cache

from headgate.law.book import Book
from headgate.law.us import non_enforcement, not_modeled, red_flags, savings, section_232
from headgate.law.us.ear import (
    eccn_3a090,
    eccn_3a090_c,
    eccn_3a090_note_1,
    eccn_3a090_table,
    eccn_3a991,
    eccn_3e001,
    eccn_4a090,
    eccn_4e091,
    s734,
    s734_9,
    s736_2_b_10,
    s740_8,
    s740_25,
    s740_27,
    s742_6,
    s742_6_a_6_i,
    s742_6_b,
    s742_6_b_10_iii,
    s742_6_b_diffusion,
    s744_2,
    s744_6,
    s744_11,
    s744_23,
    s746,
    s748_15,
)
from headgate.law.us.letters import is_informed
from headgate.law.us.sources import RESCISSION_2025

BEGINS = date(2022, 8, 26)
# On which day the sources were read, and up to which day.
READINGS = ((date(2026, 11, 22), date(2026, 9, 25)),)
READ_ON = READINGS[-1][1]
ROOMS = (
    eccn_3a090,
    eccn_3a090_note_1,
    eccn_3a090_c,
    eccn_3a090_table,
    eccn_4a090,
    eccn_3e001,
    eccn_4e091,
    eccn_3a991,
    is_informed,
    s734,
    s734_9,
    s736_2_b_10,
    s740_8,
    s740_25,
    s740_27,
    s742_6,
    s742_6_a_6_i,
    s742_6_b,
    s742_6_b_10_iii,
    s742_6_b_diffusion,
    s744_2,
    s744_6,
    s744_11,
    s744_23,
    s746,
    s748_15,
    non_enforcement,
    savings,
    section_232,
    red_flags,
    not_modeled,
)


@cache
def book() -> Book:
    """Return the book of the United States.

    Example:
        >>> book().versions("us.ear.3a090.a.1")[0].start.isoformat()
        '2023-11-17'
    """
    provisions = tuple(p for room in ROOMS for p in room.PROVISIONS)
    return Book(provisions, BEGINS, READ_ON, READINGS, announced=RESCISSION_2025.published_on)
