"""Every scenario of the package has its trial beside it, and gives it again."""

import pytest

from headgate.cli.main import main
from headgate.scenario.record import FOLDER, names, read_scenario

ORDERS = FOLDER.parents[3] / "examples" / "orders.csv"
ASKED = (
    "diffusion-enforced october-2022-only october-2023-kept h20-letters-lifted h200-rule-repealed no-controls gain-ai "
    "ai-overwatch restrict safe-chips chip-security remote-access-security march-2026-draft h200-customer-cap "
    "h20-ban-kept h200-open-at-cap h200-open-25 h200-open-unlimited b30a-allowed blackwell-allowed full-embargo "
    "hbm-unconstrained enforcement-doubled beijing-bans-foreign beijing-opens match-act stop-stealing-our-chips "
    "bis-funding no-feedback cxmt-stalls cxmt-on-plan smuggling-stopped no-advanced-chips-for-ccp "
    "section-232-expanded affiliates-rule-stays-suspended"
).split()


def test_every_scenario_that_was_asked_for_is_there():
    assert set(ASKED) <= set(names())


@pytest.mark.parametrize("name", names())
def test_the_trial_beside_it_is_what_the_command_says(name, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["law", "try", name, str(ORDERS)]) == 0
    assert capsys.readouterr().out == (FOLDER / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", names())
def test_a_scenario_says_where_it_comes_from(name):
    scenario = read_scenario(name)
    assert scenario.id == name
    assert scenario.status
    assert scenario.sources
    assert all(p.says for p in scenario.parameters.values())
    assert scenario.changes or scenario.priors
    assert all(c.made or c.table.get("why") for c in scenario.changes)
    assert all(p.why for p in scenario.priors)


def test_every_scenario_that_changes_law_moves_something():
    still = [name for name in names() if (FOLDER / f"{name}.txt").read_text("utf-8").startswith("Nothing moved")]
    # Its law is on memory alone, which no chip of the catalog is; test_prior.py shows what it moves.
    assert still == ["hbm-unconstrained"]
