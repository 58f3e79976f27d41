"""The file of inputs and targets is read strictly."""

import numpy as np
import pytest

from headgate.errors import CatalogError
from headgate.source import MARKS
from headgate.world.published.inputs import MODELS, inputs, read_published, targets

SOURCE = '{ authors = "A", title = "T", published = 2026-01-01, url = "https://x.example", what = "W" }'
ENDS = "\n".join(f'[{model}]\nsource = "s"\nmark = "primary"' for model in MODELS if model != "cnas")
INPUT = 'v = { value = 2, unit = "chips" }'
TARGET = """
id = "a"
test = "F1"
name = "N"
unit = "chips"
source = "s"
mark = "primary"
year = 2024
median = 3
tolerance = 0.1
"""


def text(
    given: str = INPUT, target: str = TARGET, source: str = SOURCE, shared: str = 'source = "s"\nmark = "primary"'
):
    top = f'read_on = 2026-11-22\nnote = "N"\n[sources]\ns = {source}\n'
    return f"{top}[cnas]\n{shared}\n{given}\n{ENDS}\n[[target]]\n{target}\n"


def one(given: str):
    return read_published(text(given))[0]["cnas"].one("v")


def test_every_input_and_target_has_a_source_and_a_mark() -> None:
    rows = [each for model in MODELS for each in inputs(model).given.values()]
    assert len(rows) > 80
    for each in (*rows, *targets()):
        assert each.source.url.startswith("https://")
        assert each.mark in MARKS
        if each.mark == "unverified":
            assert each.source.authors == "the Headgate authors"


def test_a_guess_of_ours_is_an_estimate_with_a_spread() -> None:
    guesses = [each for model in MODELS for each in inputs(model).given.values() if each.mark == "unverified"]
    assert [each.id for each in guesses] == [
        "cnas.framework_off_factor",
        "ai2040.channels.at_start",
        "ai2040.world.at_start",
        "ai2040.world.kept_share",
        "arithmetic.ifp.us_share_2026",
    ]
    for each in guesses:
        assert each.spread is not None
        assert each.spread.low < each.spread.high
        assert each.note.startswith("ours: ")


def test_what_is_from_epoch_is_credited() -> None:
    assert {each.source.credit for each in inputs("epoch").given.values()} == {"Epoch AI"}
    assert {each.source.license for each in inputs("epoch").given.values()} == {"CC BY 4.0"}


def test_each_form_is_read() -> None:
    assert one(INPUT).spread.middle == 2
    assert dict(one('v = { years = { 2024 = 1, 2025 = 2.5 }, unit = "x" }').years) == {2024: 1.0, 2025: 2.5}
    assert one('v = { low = 1, high = 100, shape = "lognormal", unit = "x" }').spread.middle == pytest.approx(10)
    assert one('v = { beta = [16, 2], unit = "x" }').beta == (16.0, 2.0)
    assert one('g = { v = { value = 1, unit = "x" } }\nv = { value = 2, unit = "x" }').id == "cnas.v"


def test_a_wider_mass_is_turned_into_ninety_percent() -> None:
    spread = one('v = { low = 204, high = 12000, shape = "lognormal", mass = 0.95, unit = "x" }').spread
    assert spread.quantile(0.025) == pytest.approx(204, rel=1e-6)
    assert spread.quantile(0.975) == pytest.approx(12000, rel=1e-6)


def test_a_share_by_mean_and_deviation_is_cut() -> None:
    share = one('v = { mean = 0.9, sd = 0.2, unit = "x" }')
    assert share.of(np.array([-1.0, 0.0, 1.0, -9.0])).tolist() == pytest.approx([0.7, 0.9, 1.0, 0.0])


def test_a_beta_has_its_mean() -> None:
    draws = inputs("epoch").draw("accuracy", 100_000)
    assert float(draws.mean()) == pytest.approx(16 / 18, abs=0.001)
    assert float(draws.std()) == pytest.approx((16 * 2 / (18**2 * 19)) ** 0.5, rel=0.02)


def test_an_input_may_name_its_own_source_and_mark() -> None:
    own = 'v = { value = 2, unit = "chips", mark = "unverified" }'
    assert one(own).mark == "unverified"
    assert read_published(text(INPUT.replace("unit", 'source = "s", mark = "primary", unit'), shared=""))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("v = 2", "cnas.v: 2 is not a table"),
        ('v = { value = 2, low = 1, unit = "x" }', "value, low is not one way to tell a number"),
        ('v = { value = 2, vlaue = 1, unit = "x" }', "value, vlaue is not one way"),
        ('v = { unit = "x" }', "nothing is not one way"),
        ('v = { mean = 0.5, unit = "x" }', "mean is not one way"),
        ('v = { mean = 0.5, sd = -1, unit = "x" }', "is over high"),
        ('v = { mean = 0.5, sd = "a", unit = "x" }', "not a finite number"),
        ("v = { value = 2 }", "unit: None is not non-empty text"),
        ('v = { value = 2, unit = "x", note = 3 }', "note: 3 is not non-empty text"),
        ('v = { value = nan, unit = "x" }', "not a finite number"),
        ('v = { low = 3, high = 1, shape = "lognormal", unit = "x" }', "low 3 is over high 1"),
        ('v = { low = 1, high = 3, shape = "lognormall", unit = "x" }', "Did you mean lognormal"),
        ('v = { low = 1, high = 3, shape = "lognormal", mass = 1.0, unit = "x" }', "mass 1.0 cannot be turned"),
        ('v = { low = 1, high = 3, shape = "lognormal", mass = 0, unit = "x" }', "mass 0 cannot be turned"),
        ('v = { low = 1, high = 3, shape = "normal", mass = 0.8, unit = "x" }', "mass 0.8 cannot be turned"),
        ('v = { low = 1, high = 3, median = 2, shape = "lognormal", mass = 0.8, unit = "x" }', "mass 0.8 cannot"),
        ('v = { years = {}, unit = "x" }', "{} is not a table of numbers by year"),
        ('v = { years = { y = 1 }, unit = "x" }', "is not a table of numbers by year"),
        ('v = { years = { 2024 = "1" }, unit = "x" }', "2024: '1' is not a finite number"),
        ('v = { beta = [1], unit = "x" }', "is not two numbers over 0"),
        ('v = { beta = [1, 0], unit = "x" }', "is not two numbers over 0"),
        ('v = { value = 2, unit = "x", source = "z" }', "source 'z' is not in [sources]"),
        ('v = { value = 2, unit = "x", mark = "primry" }', "Did you mean primary"),
    ],
)
def test_inputs_that_are_not_as_they_must_be_are_refused(given: str, says: str) -> None:
    with pytest.raises(CatalogError, match=r"published\.toml: ") as refused:
        read_published(text(given))
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("median = 3", "", "it has no number"),
        ("year = 2024", "", "no year"),
        ("year = 2024", 'year = "2024"', "no year"),
        ("year = 2024", "years = { 2024 = 1 }", "both `year` and `years`"),
        ("tolerance = 0.1", "", "it has no tolerance"),
        ("tolerance = 0.1", "tolerance = 0.1\nabsolute = 1", "two kinds of it"),
        ("tolerance = 0.1", "tolerance = -0.1", "one under 0"),
        ("tolerance = 0.1", "tolerance = 0.1\ntolerance_tail = -1", "one under 0"),
        ("tolerance = 0.1", 'tolerance = 0.1\nsoft = "yes"', "'yes' is not true or false"),
        ("median = 3", "median = true", "median: True is not a finite number"),
        ('name = "N"', 'name = ""', "name: '' is not non-empty text"),
        ('unit = "chips"', "", "unit: the key is missing"),
        ('unit = "chips"', 'unit = "chips"\nunits = "x"', "Did you mean unit"),
        ('source = "s"', 'source = "t"', "source 't' is not in [sources]"),
    ],
)
def test_targets_that_are_not_as_they_must_be_are_refused(old: str, new: str, says: str) -> None:
    assert old in TARGET
    with pytest.raises(CatalogError, match=r"published\.toml: ") as refused:
        read_published(text(target=TARGET.replace(old, new)))
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("whole", "says"),
    [
        ("x = ", "the file is not valid TOML"),
        (text().replace("read_on = 2026-11-22", 'read_on = "today"'), "read_on: 'today' is not a date"),
        (text().replace('note = "N"\n', ""), "note: the key is missing"),
        (text() + "\n[cnaz]\n", "cnaz"),
        (text(source=SOURCE.replace("what", "whta")), "Did you mean what"),
        (text(shared='source = "s"'), "mark is missing"),
    ],
)
def test_files_that_are_not_as_they_must_be_are_refused(whole: str, says: str) -> None:
    with pytest.raises(CatalogError, match=r"published\.toml: ") as refused:
        read_published(whole)
    assert says in str(refused.value)


def test_names_that_are_not_there_are_refused() -> None:
    with pytest.raises(CatalogError, match="no model 'cnaz' is rebuilt.*Did you mean cnas"):
        inputs("cnaz")
    with pytest.raises(CatalogError, match="'vendor' is not an input of cnas.*Did you mean vendors"):
        inputs("cnas").number("vendor")
    with pytest.raises(CatalogError, match="it is one number, not a number a year"):
        inputs("cnas").years("vendors")
    with pytest.raises(CatalogError, match="it is no single number"):
        inputs("ai2040").number("channels.legal")
    with pytest.raises(CatalogError, match="it is a number a year, not an uncertain number"):
        inputs("ai2040").draw("channels.legal", 3)
    with pytest.raises(CatalogError, match="no year 2031"):
        inputs("ai2040").at("channels.legal", 2031)
