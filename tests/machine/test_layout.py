"""Layouts: chips by parts, entries picked from arrays, and words for choices."""

import numpy as np
import pytest

from headgate.machine.layout import RECOMPUTE, SHARDING, Layout
from headgate.machine.pipeline import SCHEDULES


def test_chips_are_the_product_of_the_four_ranks_alone():
    assert Layout().chips == 1
    assert Layout(tensor=8, pipeline=4, context=2, data=3, expert=64, virtual=5, micro_batch=7).chips == 192


def test_entries_are_picked_from_arrays_and_numbers_stay():
    many = Layout(tensor=np.array([1, 2, 4]), data=np.array([8, 4, 2]), micro_batch=3)
    one = many.take(1)
    assert (one.tensor, one.data, one.micro_batch) == (2, 4, 3)
    some = many.take(np.array([2, 0]))
    assert some.tensor.tolist() == [4, 1]
    assert some.chips.tolist() == [8, 8]
    assert some.micro_batch == 3


def test_a_layout_of_plain_numbers_is_its_own_only_entry():
    one = Layout(tensor=8)
    assert one.take(0) is one


def test_an_entry_that_is_not_there_is_an_error():
    with pytest.raises(IndexError):
        Layout(tensor=np.array([1, 2])).take(2)


def test_a_layout_cannot_be_changed():
    with pytest.raises(AttributeError):
        Layout().tensor = 2


def test_the_order_of_choices_is_that_of_the_formulas():
    assert RECOMPUTE == ("none", "selective", "full")
    assert SHARDING == ("none", "optimizer", "gradients", "weights")
    assert SCHEDULES == ("1f1b", "zero_bubble", "dualpipe")
