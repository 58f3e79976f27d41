"""What must hold for the packet of any line, whatever stands in it."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.decide.one import decider
from headgate.decide.packet import form, papers
from headgate.decide.packet.asked import CUSTOMER, EXPORTER, asks
from headgate.decide.packet.documents import due
from headgate.decide.packet.record import Line, Source, json_bytes, record
from headgate.decide.paper import html, markdown
from headgate.decide.whatif import needed

from .rows import rows

SOURCE = Source(("orders.csv", "0" * 64), {})
NAMES = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


@given(rows(), NAMES, NAMES)
@settings(max_examples=60)
def test_any_line_has_a_whole_packet(row, line_id, name):
    by = decider().answering
    cells = {**row, "line_id": line_id or "1", "consignee": name}
    decision = by.decide(cells, None, None, {})
    line = Line(decision, by, cells, cells, {}, SOURCE, tuple(asks(decision)), tuple(due(decision)))
    if decision.trace is not None:
        asked = {column.name for ask in line.asks if ask.state == "missing" for column in ask.answers}
        assert asked == set(decision.missing) - needed(decision.trace)
    found = json.loads(json_bytes(record(line)))
    assert found["decision"]["outcome"] == decision.outcome
    assert [m["name"] for m in found["missing"]] == list(decision.missing)
    assert {r["id"] for r in found["reasons"]} == {*decision.reasons, *decision.reasons_printed}
    page = papers.page(line)
    texts = [form.html(line), form.markdown(line), html(page, line.name), markdown(page, line.name)]
    for text in texts:
        assert not any(c in text for c in "\u202e\u202d\u200b\u0000\u001b")
    questions = [ask for ask in line.asks if ask.who != EXPORTER]
    assert texts[0].count("<fieldset>") == len(questions)
    whose = [ask.who == CUSTOMER for ask in form.to_ask(line)]
    assert whose == sorted(whose, reverse=True)


@given(rows())
@settings(max_examples=40)
def test_a_document_that_is_due_stays_due_when_a_fact_is_taken_away(row):
    """What is certain may become uncertain, never vanish, as long as the line can be read and is not let go."""
    by = decider().answering
    full = by.decide(row, None, None, {})
    less = by.decide({**row, "is_unverified": None, "hq_country": None}, None, None, {})
    open_outcomes = ("insufficient_facts", "license_required")
    if full.outcome in open_outcomes and less.outcome in open_outcomes:
        lists = {"uvl_statement", "entity_list_entry", "lawful_production", "savings_papers", "data_sheet"}
        before = {each.document.id for each in due(full)} - lists
        assert before <= {each.document.id for each in due(less)}
