"""The words of the batch path: every column that may be asked for has its bit, and circuits keep to the first word."""

from headgate.decide.batch import BIT, BITS_A_WORD, WORD, asked_columns
from headgate.law.fields import BY_NAME, COLUMNS


def test_every_column_has_a_bit_and_is_read_back():
    for column in COLUMNS:
        assert asked_columns(BIT[column], WORD[column]) == [column]
    assert len(COLUMNS) <= 2 * BITS_A_WORD


def test_the_columns_of_circuits_and_items_stand_in_the_first_word():
    columns = {info.column for info in BY_NAME.values() if info.name.startswith(("ic.", "item.id", "item.kind"))}
    assert {WORD[c] for c in (*columns, "contains", "item")} == {0}
