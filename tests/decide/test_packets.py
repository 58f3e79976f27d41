"""Packets on disk: whole or not there, one for each line to hold, the same bytes for the same book."""

import csv
import errno
import hashlib
import json
import re
from datetime import date
from html.parser import HTMLParser
from math import inf
from pathlib import Path
from urllib.parse import unquote

import pytest

from headgate.decide.answers import read_answers
from headgate.decide.book_run import decide_file
from headgate.decide.packet import packets
from headgate.decide.packet.holding import is_held
from headgate.decide.packet.packets import Packets
from headgate.decide.packet.record import json_bytes
from headgate.decide.write import Writer
from headgate.errors import UsageError

HEADING = "line_id,activity,event_date,item,ship_from,destination,consignee,end_user,quantity,hq_country,is_denied,own"
HELD = "SO-1,export,2026-02-15,nvidia-h200-sxm,US,CN,北京算力公司,شركة الخليج 7,8,CN,no,PO 9"
OPEN = "SO/2,export,2026-02-15,nvidia-h100-sxm,US,SG,<b>&A\u202egpj,=cmd(),2,,,"
NAC = "so-1,export,2024-06-01,nvidia-rtx-4090,US,CN,a,b,1,CN,no,"
FREE = "SO-4,export,2024-06-01,nvidia-h20-96,US,GB,a,b,1,GB,no,"
TWICE = "SO-1,export,2026-02-15,nvidia-h100-sxm,US,SG,a,b,2,,,"
WRONG = ",export,2026-02-15,nvidia-h10-sxm,US,SG,a,b,2,,,"
BOOK = (HELD, OPEN, NAC, FREE, TWICE, WRONG)
FORMS = {"questions.html", "questions.md"}
PAPERS = {"memo.html", "memo.md", "documents.html", "documents.md", "decision.json", *FORMS}
VOID = {"meta", "br", "input", "circle", "path", "hr"}


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("\n".join((HEADING, *BOOK)) + "\n", encoding="utf-8")
    return path


def run(orders, folder, assume="clean", answers=None, **given):
    writer = Writer(orders.parent / "decisions.csv", None)
    with Packets(str(folder), orders, **given) as made, writer:
        decide_file(orders, writer, assume=assume, answers=answers, carry=["own"], beside=[made])
    return made


def index(folder):
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        return {row["row_number"]: row for row in csv.DictReader(file)}


def record(folder, row):
    return json.loads((folder / index(folder)[str(row)]["folder"] / "decision.json").read_text(encoding="utf-8"))


class Tree(HTMLParser):
    """Reads a page, and remembers what is not closed, what is fetched, and where links lead."""

    def __init__(self, text):
        super().__init__()
        self.open, self.links, self.tags, self.fetched = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        found = dict(attrs)
        self.fetched += [v for k, v in attrs if k in ("src", "srcset", "data", "action") or k.startswith("on")]
        if tag == "a":
            self.links.append(found["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def files_of(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def left(folder):
    return [p.name for p in folder.iterdir() if p.name.startswith(".")]


def test_every_line_to_hold_has_a_packet_and_no_other(orders, tmp_path):
    made = run(orders, tmp_path / "packets")
    rows = index(tmp_path / "packets")
    held = {"1": "license_required", "3": "exception_available", "5": "invalid_row", "6": "invalid_row"}
    assert {n: row["outcome"] for n, row in rows.items()} == held
    folders = {p.name for p in (tmp_path / "packets").iterdir() if p.is_dir()}
    assert folders == {row["folder"] for row in rows.values()}
    for row in rows.values():
        wanted = PAPERS - FORMS if row["outcome"] == "invalid_row" else PAPERS
        assert {p.name for p in (tmp_path / "packets" / row["folder"]).iterdir()} == wanted
    assert made.held == len(rows)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("outcome", "missing", "diligence", "held"),
    [
        ("prohibited", (), "", True),
        ("license_required", (), "", True),
        ("insufficient_facts", ("tpp",), "", True),
        ("legal_ambiguity", (), "", True),
        ("not_modeled", (), "", True),
        ("invalid_row", (), "", True),
        ("exception_available", ("purchase_order",), "", True),
        ("exception_available", (), "", False),
        ("no_license_required", (), "", False),
        ("no_license_required", (), "note", False),
        ("no_license_required", (), "hold", True),
        ("no_license_required", (), "block", True),
    ],
)
def test_what_is_held(outcome, missing, diligence, held):
    assert is_held(outcome, missing, diligence) is held


def test_the_record_holds_the_row_as_it_stands_as_it_was_read_and_where_it_is(orders, tmp_path):
    run(orders, tmp_path / "packets")
    found = record(tmp_path / "packets", 1)
    assert found["source"]["sha256"] == hashlib.sha256(orders.read_bytes()).hexdigest()
    assert (found["source"]["file"], found["source"]["row_number"]) == ("orders.csv", 1)
    assert found["input"]["cells"]["own"] == "PO 9"
    assert found["input"]["cells"]["quantity"] == "8"
    assert found["input"]["read"]["quantity"] == 8.0
    assert found["input"]["read"]["is_denied"] is False
    assert found["input"]["assumed"]["is_entity_listed"] is False
    assert "is_entity_listed" not in found["input"]["read"]
    assert found["decision"]["outcome"] == "license_required"
    assert found["law"]["read_up_to"] == "2026-09-25"
    assert found["law"]["day"] == "2026-02-15"


def test_every_reason_has_its_citation_and_the_days_of_its_version(orders, tmp_path):
    run(orders, tmp_path / "packets")
    found = record(tmp_path / "packets", 1)
    decided = found["decision"]
    for track, column in (("enforced", "reasons"), ("printed", "reasons_printed")):
        told = [r["id"] for r in found["reasons"] if track in r["tracks"]]
        assert sorted(told) == sorted(decided[column])
    for reason in found["reasons"]:
        assert reason["section"]
        assert reason["mark"] in ("primary", "two_sources", "one_source", "unverified")
        assert reason["start"] <= "2026-02-15"
        assert reason["end"] is None or reason["end"] > "2026-02-15"
    first = next(r for r in found["reasons"] if r["id"] == "us.ear.3a090.a.1")
    assert (first["published"], first["tracks"]) == ("88 FR 73458", ["enforced", "printed"])
    assert first["url"].startswith("https://www.govinfo.gov/")


def test_a_row_that_cannot_be_read_keeps_its_cells_and_its_error(orders, tmp_path):
    run(orders, tmp_path / "packets")
    twice, wrong = record(tmp_path / "packets", 5), record(tmp_path / "packets", 6)
    assert "already stands in row 1" in twice["decision"]["error"]
    assert twice["input"]["cells"]["item"] == "nvidia-h100-sxm"
    assert wrong["decision"]["line_id"] is None
    assert index(tmp_path / "packets")["6"]["folder"] == "row-6"
    memo = (tmp_path / "packets" / "row-6" / "memo.md").read_text(encoding="utf-8")
    assert "cannot be read" in memo


def test_a_map_keeps_the_file_s_own_headings(tmp_path):
    from headgate.decide.mapping.map_file import read_map

    orders = tmp_path / "erp.csv"
    orders.write_text(f"{HEADING.replace('quantity', 'Menge')}\n{HELD}\n", encoding="utf-8")
    rules = tmp_path / "erp.toml"
    rules.write_text('[columns]\nMenge = "quantity"\n')
    writer = Writer(tmp_path / "d.csv", None)
    with Packets(str(tmp_path / "p"), orders, {"Map of headings": str(rules)}) as made, writer:
        decide_file(orders, writer, layout=read_map(str(rules)), carry=["own"], beside=[made])
    found = record(tmp_path / "p", 1)
    assert found["input"]["cells"]["Menge"] == "8"
    assert found["input"]["read"]["quantity"] == 8.0
    digest = hashlib.sha256(rules.read_bytes()).hexdigest()
    assert found["source"]["others"]["Map of headings"] == {"file": "erp.toml", "sha256": digest}
    assert digest in (tmp_path / "p" / "index.html").read_text(encoding="utf-8")


def test_answers_stand_in_the_record_and_off_the_form(orders, tmp_path):
    told = tmp_path / "answers.csv"
    told.write_text("line_id,consignee_role\nSO-1,end_user\n")
    run(orders, tmp_path / "packets", answers=read_answers(str(told)), others={"Answers": str(told)})
    found = record(tmp_path / "packets", 1)
    assert found["input"]["answers"] == {"consignee_role": "end_user"}
    assert found["input"]["answers_read"] == {"consignee_role": "end_user"}
    assert "KYC-09" not in {q["id"] for q in found["questions"]}


def test_the_same_book_gives_the_same_bytes(orders, tmp_path):
    run(orders, tmp_path / "a")
    run(orders, tmp_path / "b")
    first, second = files_of(tmp_path / "a"), files_of(tmp_path / "b")
    assert len(first) == 2 + 2 * len(PAPERS) + 2 * len(PAPERS - FORMS)
    assert first == second


def test_pages_are_whole_fetch_nothing_and_their_links_lead_somewhere(orders, tmp_path):
    folder = tmp_path / "packets"
    run(orders, folder)
    for path in folder.rglob("*.html"):
        tree = Tree(path.read_text(encoding="utf-8"))
        assert tree.open == []
        assert tree.fetched == []
        assert {"script", "img", "link", "iframe", "form"} & set(tree.tags) == set()
        for link in tree.links:
            if not link.startswith("https://"):
                assert (path.parent / unquote(link)).is_file()
    assert len(Tree((folder / "index.html").read_text(encoding="utf-8")).links) > 17


def test_no_name_becomes_markup_a_formula_or_a_change_of_direction(orders, tmp_path):
    folder = tmp_path / "packets"
    run(orders, folder, assume=None)
    row = index(folder)["2"]
    assert row["end_user"] == "'=cmd()"
    for name in ("memo", "questions", "documents"):
        page = (folder / row["folder"] / f"{name}.html").read_text(encoding="utf-8")
        assert "&lt;b&gt;&amp;A[U+202E]gpj" in page
        assert "<b>" not in page
        text = (folder / row["folder"] / f"{name}.md").read_text(encoding="utf-8")
        assert "\u202e" not in page + text
        assert "<b>" not in text
    assert "<b>" not in (folder / "index.html").read_text(encoding="utf-8")
    arabic = (folder / index(folder)["1"]["folder"] / "questions.html").read_text(encoding="utf-8")
    assert '北京算力公司; <bdi dir="rtl">شركة الخليج 7</bdi>' in arabic


def test_the_form_asks_in_two_languages_lets_say_unknown_and_is_signed(orders, tmp_path):
    folder = tmp_path / "packets"
    run(orders, folder, assume=None)
    packet = folder / index(folder)["1"]["folder"]
    html, text = ((packet / f"questions.{kind}").read_text(encoding="utf-8") for kind in ("html", "md"))
    asked = [q for q in record(folder, 1)["questions"] if q["of"] != "exporter"]
    assert len(asked) > 5
    for q in asked:
        assert q["asks_zh"] in html
        assert f'<li id="{q["id"]}">' in html
    assert html.count("Unknown / 不详</label>") == len(asked) == text.count("☐ Unknown / 不详")
    for words in ("our own translation", "未经律师或翻译人员审核", "Signature", "公章", "UNKNOWN".lower()):
        assert words in html
    assert "未经律师或翻译人员审核" in text
    for q in record(folder, 1)["questions"]:
        if q["of"] == "exporter":
            assert q["asks"] not in text


def test_the_form_does_not_say_what_an_answer_would_change(orders, tmp_path):
    folder = tmp_path / "packets"
    run(orders, folder, assume=None)
    text = (folder / index(folder)["1"]["folder"] / "questions.md").read_text(encoding="utf-8").casefold()
    for word in ("license", "denial", "3a090", "red flag", "outcome", "orders.csv"):
        assert word not in text


def test_the_documents_show_each_certification_and_what_is_unverified(orders, tmp_path):
    folder = tmp_path / "packets"
    run(orders, folder)
    text = (folder / index(folder)["1"]["folder"] / "documents.md").read_text(encoding="utf-8")
    assert len(re.findall(r"\(cert_\w+\): not stated", text)) >= 8
    assert "91 FR 1684" in text
    assert "15 CFR 758.6 (eCFR); unverified" in text
    assert "designed or marketed for data centers (is_datacenter): yes by the catalog" in text
    assert "tpp = 15,832 by the catalog" in text
    nac = (folder / index(folder)["3"]["folder"] / "documents.md").read_text(encoding="utf-8")
    for words in ("at most six items", "exactly one end user", "C67", "STELA", "25 calendar days", "Still to do"):
        assert words in nac


def test_the_index_counts_cites_retention_and_says_what_is_not_covered(orders, tmp_path):
    folder = tmp_path / "packets"
    made = run(orders, folder, under=["Under the scenario x: this is not the law."])
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert f"{made.held} of 6 lines" in page
    for words in ("15 CFR 762.6", "five years from the latest of", "primary text", "Deemed exports", "not the law"):
        assert words in page
    assert "Under the scenario x" in (folder / "so-1-93f52e17" / "memo.html").read_text(encoding="utf-8")


OWING = {
    "uvl": "export,2026-09-01,nvidia-h100-sxm,US,DE,DE,yes,no,,,,",
    "savings": "export,2023-10-24,nvidia-a10,US,CN,CN,no,yes,2023-10-14,2023-10-17,,",
    "duty": "export,2026-09-01,nvidia-h200-sxm,TW,US,US,no,no,,,yes,us_data_center",
    "free": "export,2026-09-01,nvidia-h100-sxm,US,DE,DE,no,no,,,,",
}


def owing(folder, **given):
    heading = "line_id,activity,event_date,item,ship_from,destination,hq_country,is_unverified,is_entity_listed"
    rows = [f"{heading},loaded_date,entity_listed_on,us_import,us_import_use"]
    orders = folder / "owing.csv"
    orders.write_text("\n".join([*rows, *(f"{id},{row}" for id, row in OWING.items())]) + "\n", encoding="utf-8")
    with Packets(str(folder / "p"), orders, **given) as made, Writer(folder / "d.csv", None) as writer:
        decide_file(orders, writer, assume="clean", beside=[made])
    return made, index(folder / "p")


def test_a_line_that_needs_no_license_and_owes_a_paper_is_held(tmp_path):
    made, rows = owing(tmp_path)
    assert {row["line_id"]: row["outcome"] for row in rows.values()} == dict.fromkeys(
        ("uvl", "savings", "duty"), "no_license_required"
    )
    assert made.said().endswith("(0 lines to hold, 3 held for a paper alone)")
    page = (tmp_path / "p" / "index.html").read_text(encoding="utf-8")
    assert "to obtain: UVL statement" in page
    wanted = {"1": "uvl_statement", "2": "savings_papers", "3": "duty_papers"}
    for row, id in wanted.items():
        assert id in {d["id"] for d in record(tmp_path / "p", row)["documents"] if d["certain"]}


def test_a_fact_stated_for_the_whole_book_holds_its_lines_too(tmp_path):
    orders = tmp_path / "o.csv"
    orders.write_text(
        "line_id,activity,event_date,item,ship_from,destination,us_import\n"
        "1,export,2026-09-01,nvidia-h200-sxm,TW,US,yes\n",
        encoding="utf-8",
    )
    with Packets(str(tmp_path / "p"), orders) as made, Writer(tmp_path / "d.csv", None) as writer:
        stated = {"us_import_use": "us_data_center"}
        decide_file(orders, writer, assume="clean", stated=stated, beside=[made])
    assert made.held == 1


def test_an_overdue_review_is_said_in_the_memo_the_documents_the_index_and_the_record(tmp_path):
    owing(tmp_path, today=date(2026, 11, 22))
    packet = tmp_path / "p" / "uvl"
    says = "review overdue since 2026-11-10"
    for path in (tmp_path / "p" / "index.html", packet / "memo.html", packet / "memo.md", packet / "documents.html"):
        assert says in path.read_text(encoding="utf-8")
    assert any(says in text for text in record(tmp_path / "p", 1)["warnings"])


def test_under_a_scenario_nothing_is_written_for_the_customer_and_the_pages_say_so(orders, tmp_path):
    folder = tmp_path / "packets"
    run(orders, folder, asked={"scenario": "x"}, under=["Under the scenario x: this is not the law."])
    assert not list(folder.rglob("questions.*"))
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "No questions to a customer are written under a scenario" in page
    assert "questions.html" not in page
    documents = (folder / "SO-1" / "documents.html").read_text(encoding="utf-8")
    for words in ("Under the scenario x: this is not the law.", "No questions to a customer are written"):
        assert words in documents
    found = record(folder, 1)
    assert found["law"]["scenario"] == "x"
    assert found["warnings"] == ["Under the scenario x: this is not the law."]


def test_the_documents_name_the_day_of_their_law_beside_that_of_the_line(orders, tmp_path):
    from headgate.scenario.trial import law_under

    folder = tmp_path / "packets"
    by, writer = law_under("2024-06-01"), Writer(tmp_path / "d.csv", None)
    with Packets(str(folder), orders, asked={"as_of": "2024-06-01"}) as made, writer:
        decide_file(orders, writer, assume="clean", by=by, carry=["own"], beside=[made])
    text = (folder / "SO-1" / "documents.md").read_text(encoding="utf-8")
    assert "**Law of:** 2024-06-01; read up to" in text
    assert "2026-02-15" in text
    assert record(folder, 1)["law"] | {"version": ""} == {
        "day": "2024-06-01",
        "version": "",
        "read_up_to": "2026-09-25",
        "as_of": "2024-06-01",
        "as_known": None,
        "scenario": None,
        "parameters": None,
        "overlay": None,
        "data_version": record(folder, 1)["decision"]["data_version"],
        "under": [],
    }


def test_a_figure_of_the_catalog_is_not_called_unstated(orders, tmp_path):
    run(orders, tmp_path / "packets")
    text = (tmp_path / "packets" / "SO-1" / "documents.md").read_text(encoding="utf-8")
    assert "die_area_mm2 = 814 by the catalog" in text
    assert "Not stated: die_area_mm2" not in text


def test_a_book_without_a_line_to_hold_still_has_an_index(tmp_path):
    orders = tmp_path / "orders.csv"
    orders.write_text(f"{HEADING}\n{FREE}\n", encoding="utf-8")
    made = run(orders, tmp_path / "p")
    assert made.held == 0
    assert "No line is to be held" in (tmp_path / "p" / "index.html").read_text(encoding="utf-8")
    assert {p.name for p in (tmp_path / "p").iterdir()} == {"index.html", "index.csv"}


def test_an_empty_folder_is_filled_and_another_refused(orders, tmp_path):
    (tmp_path / "empty").mkdir()
    run(orders, tmp_path / "empty")
    assert (tmp_path / "empty" / "index.html").is_file()
    before = files_of(tmp_path / "empty")
    with pytest.raises(UsageError, match="not empty"):
        run(orders, tmp_path / "empty")
    assert files_of(tmp_path / "empty") == before
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name, says in (("orders.csv", "this is a file"), ("no/such", "does not exist"), ("link", "this is a link")):
        with pytest.raises(UsageError, match=says):
            Packets(str(tmp_path / name), orders)


def test_a_folder_that_was_filled_meanwhile_is_left_alone(orders, tmp_path):
    folder = tmp_path / "p"

    def fill_meanwhile():
        with Packets(str(folder), orders) as made:
            with Writer(tmp_path / "d.csv", None) as writer:
                decide_file(orders, writer, carry=["own"], beside=[made])
            folder.mkdir()
            (folder / "mine").write_text("x")

    with pytest.raises(UsageError, match="not empty"):
        fill_meanwhile()
    assert [p.name for p in folder.iterdir()] == ["mine"]
    assert left(tmp_path) == []


def test_nothing_is_left_when_the_disk_is_full(orders, tmp_path, monkeypatch):
    written = []
    own = packets.write_line

    def full(folder, line, with_pdf):
        own(folder, line, with_pdf)
        written.append(folder)
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(packets, "write_line", full)
    with pytest.raises(UsageError, match="No space left on device. Nothing was left there"):
        run(orders, tmp_path / "p")
    assert not (tmp_path / "p").exists()
    assert not (tmp_path / "decisions.csv").exists()
    assert left(tmp_path) == []


def test_nothing_is_left_when_the_run_is_interrupted(orders, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(packets, "write_line", stop)
    with pytest.raises(KeyboardInterrupt):
        run(orders, tmp_path / "p")
    assert not (tmp_path / "p").exists()
    assert left(tmp_path) == []


def test_a_book_that_changes_after_it_was_hashed_gives_no_packets(orders, tmp_path):
    with pytest.raises(UsageError, match="changed during the run"), Packets(str(tmp_path / "p"), orders):
        orders.write_text(orders.read_text(encoding="utf-8") + FREE, encoding="utf-8")
    assert not (tmp_path / "p").exists()


def test_json_has_a_word_for_every_number_and_no_name_breaks_it():
    found = json_bytes({"margin": inf, "names": ["\u202e</script>\u2028", '"'], "none": None})
    assert json.loads(found) == {"margin": "inf", "names": ["\u202e</script>\u2028", '"'], "none": None}
    assert b"Infinity" not in found


def test_a_pdf_of_the_memo_comes_with_it_when_asked(orders, tmp_path):
    pytest.importorskip("typst")
    run(orders, tmp_path / "p", pdf=True)
    row = index(tmp_path / "p")["1"]
    assert (tmp_path / "p" / row["folder"] / "memo.pdf").read_bytes().startswith(b"%PDF")
    assert f"./{row['folder']}/memo.pdf" in (tmp_path / "p" / "index.html").read_text(encoding="utf-8")


def test_the_folder_can_be_read_by_whoever_may_read_its_neighbors(orders, tmp_path):
    (tmp_path / "plain").mkdir()
    run(orders, tmp_path / "p")
    assert Path(tmp_path / "p").stat().st_mode == (tmp_path / "plain").stat().st_mode
