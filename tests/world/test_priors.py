"""What the world supposes: each quantity with its source and place among the normals; what a file is refused for."""

from datetime import date
from pathlib import Path

import pytest

from headgate.draw.stream import columns
from headgate.errors import CatalogError, HeadgateError, UsageError
from headgate.source import MARKS
from headgate.world.anchors import anchors
from headgate.world.axes import LABELS, QUARTERS
from headgate.world.history import history
from headgate.world.priors import FILE, Priors, priors, read_priors, step_weights

GOOD = """
read_on = 2026-11-22
[[prior]]
id = "one"
unit = "share"
says = "One"
shape = "logit_normal"
low = 0.1
high = 0.4
source = "nobody"
mark = "unverified"
[[path]]
id = "way"
unit = "USD bn"
says = "A way"
shape = "lognormal"
common = 0.5
shock = { sd = 0.1, keeps = 0.5 }
knots = { 2022Q1 = { low = 1, median = 2, high = 4 }, 2032Q4 = { low = 2, high = 8 } }
source = "nobody"
mark = "unverified"
[[steps]]
id = "gate"
unit = "share"
says = "A gate"
shape = "logit_normal"
at = [{ from = 2022-01-01, low = 0.1, high = 0.2 }, { from = 2026-01-15, value = 0.9 }]
source = "nobody"
mark = "unverified"
[[prior]]
id = "known"
unit = "factor"
says = "Known"
value = 1.0
source = "nobody"
mark = "primary"
"""
MORE = """
[[prior]]
id = "new"
unit = "factor"
says = "New"
shape = "lognormal"
low = 1
high = 2
source = "nobody"
mark = "unverified"
"""


def read(folder: Path, text: str = GOOD) -> Priors:
    path = folder / "priors.toml"
    path.write_text(text, encoding="utf-8")
    return read_priors(path)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert list(found.quantities) == ["one", "known", "way", "gate"]
    assert [q.size for q in found.quantities.values()] == [1, 0, 3 + len(LABELS), 2]
    assert [found.start[id] for id in found.quantities] == [0, 1, 1, 4 + len(LABELS)]
    assert found.size == 6 + len(LABELS)
    assert found.streams() == [("one", 1), ("way", 3 + len(LABELS)), ("gate", 2)]
    way, gate = found.find("way"), found.find("gate")
    assert (way.knots, way.common, way.shock) == ((0, 43), 0.5, (0.1, 0.5))
    assert (way.is_logarithmic, way.is_share) == (True, False)
    assert (gate.days, gate.is_share) == ((date(2022, 1, 1), date(2026, 1, 15)), True)
    assert found.labels()[:4] == ["one", "way[0]", "way[1]", "way[2]"]
    assert len(found.labels()) == found.size


def test_a_new_quantity_moves_no_other_stream(tmp_path: Path) -> None:
    """Added in the middle of the file: every other quantity keeps its normals, bit for bit."""
    plain, more = read(tmp_path), read(tmp_path, GOOD.replace("[[path]]", MORE + "[[path]]", 1))
    before, after = (columns(each.streams(), 50, 7) for each in (plain, more))
    for id, q in plain.quantities.items():
        old = before[:, plain.start[id] : plain.start[id] + q.size]
        new = after[:, more.start[id] : more.start[id] + q.size]
        assert old.tobytes() == new.tobytes(), id
    assert after.shape[1] == before.shape[1] + 1
    assert plain.fingerprint() != more.fingerprint()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("low = 0.1\nhigh = 0.4", "low = 0.4\nhigh = 0.1", "0.4"),
        ("low = 0.1\nhigh = 0.4", "low = 0.1\nhigh = 1.4", "1.4"),
        ("low = 0.1\nhigh = 0.4", "low = 0.1", "high"),
        ("low = 0.1\nhigh = 0.4", "low = 0.1\nhigh = 0.4\nvalue = 0.2", "value"),
        ('shape = "logit_normal"\nlow', 'shape = "beta"\nlow', "beta"),
        ("low = 1, median = 2", "low = 3, median = 2", "2"),
        ("common = 0.5", "common = 1.5", "a share from 0 to 1"),
        ("sd = 0.1", "sd = 0", "sd over 0"),
        ("keeps = 0.5", "keeps = 1.0", "keeps from 0 to below 1"),
        (", keeps = 0.5", "", "keeps"),
        ("2032Q4", "2033Q4", "2033Q4"),
        ("{ 2022Q1 = { low = 1, median = 2, high = 4 }, 2032Q4 = { low = 2, high = 8 } }", "{}", "a table of quarters"),
        ("2022-01-01", "2022-01-02", "the first on 2022-01-01"),
        ("2026-01-15", "2021-01-15", "rising days"),
        ('mark = "primary"', 'mark = "certain"', "'certain' is not a mark"),
        ('id = "gate"', 'id = "one"', "the id stands twice"),
        ('id = "one"\n', "", "id"),
        ('unit = "share"\n', "", "unit"),
        ('source = "nobody"\n', "", "source"),
        ('unit = "share"', 'units = "share"\nunit = "share"', "units"),
        ("[[prior]]", "[[priors]]", "priors"),
        ("[[prior]]", "[[prior]", "not valid TOML"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(HeadgateError) as refused:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert says in str(refused.value)
    assert isinstance(refused.value, CatalogError) or says == "2033Q4"


def test_an_unknown_quantity_is_refused_with_near_ones() -> None:
    with pytest.raises(UsageError, match="the world has no quantity 'smugling.ease'.*smuggling.ease"):
        priors().find("smugling.ease")


def test_steps_weigh_by_days() -> None:
    rows = step_weights([date(2022, 1, 1), date(2026, 1, 16)])
    assert rows[0] == [1, 0]
    assert rows[16] == pytest.approx([15 / 90, 75 / 90])
    assert rows[-1] == [0, 1]
    assert all(sum(row) == pytest.approx(1) for row in rows)
    assert len(rows) == len(QUARTERS)


# The package's own


def test_every_quantity_says_what_it_is_and_where_it_is_from() -> None:
    known = {a.anchor_id for a in anchors()} | {r.row_id for r in history()}
    for q in priors().quantities.values():
        assert q.unit, q.id
        assert len(q.says) > 10, q.id
        assert len(q.source) > 10, q.id
        assert q.mark in MARKS, q.id
        assert set(q.refs) <= known, q.id


def test_the_normals_are_laid_out_without_gap_or_overlap() -> None:
    given = priors()
    at = 0
    for id, q in given.quantities.items():
        assert given.start[id] == at
        assert given.columns(id) == slice(at, at + q.size)
        at += q.size
    assert at == given.size == len(given.labels())
    assert len(set(given.labels())) == given.size


def test_the_file_is_read_once_and_the_same() -> None:
    assert priors() is priors()
    assert read_priors(FILE).fingerprint() == priors().fingerprint()
