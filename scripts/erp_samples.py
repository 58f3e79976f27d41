"""Write one order book of 120 lines in eight forms to `examples/erp/`.

    python scripts/erp_samples.py            write the files
    python scripts/erp_samples.py --check    say whether they are up to date (exit 1 if not, with the names)

The lines are the first 120 of `examples/orders.csv`, under shorter line ids: all parties are fictitious. Four files
have the columns of a transaction, four those of another system, which the shipped maps read. The same lines give the
same bytes.
"""

import csv
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import xlsxwriter

from headgate.catalog.country_names import countries
from headgate.decide.mapping.languages import country_words

ROOT = Path(__file__).resolve().parents[1]
ORDERS, TARGET = ROOT / "examples" / "orders.csv", ROOT / "examples" / "erp"
LINES = 120
WRITTEN = datetime(
    2026, 11, 22, tzinfo=UTC
)  # the day in the workbook's properties, so that its bytes are the same every time
NUMBERS = ("quantity", "unit_price_usd", "tpp", "die_area_mm2", "dram_bandwidth_gb_per_s", "io_bandwidth_gb_per_s")
Row = Mapping[str, str]
# A heading, and what stands under it for a row.
Field = tuple[str, Callable[[Row], object]]


def rows() -> list[dict[str, str]]:
    """Return the lines of the book, without the columns that are blank in all of them."""
    with ORDERS.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))[:LINES]
    used = [c for c in found[0] if any(r[c] for r in found)]
    return [{c: r[c].removeprefix("SO-") if c == "line_id" else r[c] for c in used} for r in found]


def code(country: str) -> str:
    """Return the code of a country in the book, which names some of them in English; Hong Kong keeps its own."""
    known = countries()
    return country if country in known.names else next((c for c, name in known.names.items() if name == country), "")


def german(country: str) -> str:
    """Return the German name of a country."""
    wanted = code(country)
    name = next((n for n, c in country_words("de").items() if c == wanted), "")
    return " ".join(w if w == "und" else w.capitalize() for w in name.split())


def comma(text: str, places: str = "0.01") -> str:
    """Write a number with a decimal comma and points between thousands."""
    if not text:
        return ""
    return f"{Decimal(text).quantize(Decimal(places)):,}".translate(str.maketrans(",.", ".,"))


def times(text: str, by: str) -> str:
    """Return a number times a scale, in plain digits."""
    return f"{(Decimal(text) * Decimal(by)).normalize():f}" if text else ""


def number(column: str, by: str = "1") -> Callable[[Row], object]:
    """Return what takes a column as a number times a scale."""
    return lambda r: float(times(r[column], by)) if r[column] else ""


def day(text: str, form: str) -> str:
    """Write a day in another form."""
    return date.fromisoformat(text).strftime(form).upper() if text else ""


def of(column: str, words: Mapping[str, str] | None = None) -> Callable[[Row], str]:
    """Return what takes a column as it stands, or its word in another system."""
    return lambda r: (words or {}).get(r[column], r[column])


def each(column: str, change: Callable[[str], str]) -> Callable[[Row], str]:
    """Return what changes every entry of a column, `;` between."""
    return lambda r: ";".join(change(v) for v in r[column].split(";")) if r[column] else ""


def number_of(row: Row) -> tuple[str, str]:
    """Return the number of the order and that of the line."""
    order, _, line = row["line_id"].partition("-")
    return order, line


YES = {"yes": "ja", "no": "nein"}
FIRM = (
    "is_entity_listed is_meu_listed is_unverified is_denied is_uae_approved end_use exporter_role "
    "us_available_2026_01_15 cert_performance cert_us_shipments_stated cert_us_supply cert_no_foundry_diversion "
    "cert_volume_cap cert_no_prohibited_use cert_kyc_remote_access cert_us_lab_test us_import us_import_use"
).split()


def firm(headings: Sequence[str], words: Mapping[str, Mapping[str, str]] | None = None) -> list[Field]:
    """Return the fields that a firm adds of its own, in the order of `FIRM`."""
    return [(h, of(c, (words or {}).get(c))) for h, c in zip(headings, FIRM, strict=True)]


def sap_german() -> list[Field]:
    """Return the list of sales orders with German headings."""
    words = dict.fromkeys(FIRM, YES) | {
        "end_use": {"civil": "zivil"},
        "exporter_role": {"other": "keines von beiden"},
        "us_import_use": {"none": "keine der genannten", "us_data_center": "US-Rechenzentrum"},
    }
    own = (
        "Entity List;MEU List;Unverified List;Denied Persons;UAE-genehmigt;Endverwendung;Rolle des Ausführers;"
        "In USA verfügbar 15.01.2026;Zert. Leistung;Zert. US-Lieferungen;Zert. US-Versorgung;Zert. Foundry;"
        "Zert. Mengengrenze;Zert. Verwendung;Zert. KYC;Zert. US-Labor;US-Einfuhr;US-Einfuhr Verwendung"
    ).split(";")
    return [
        ("Verkaufsbeleg", lambda r: number_of(r)[0]),
        ("Position", lambda r: number_of(r)[1]),
        ("Belegdatum", lambda r: day(r["order_date"], "%d.%m.%Y")),
        ("Material", of("item")),
        ("Auftragsmenge", lambda r: comma(r["quantity"], "1")),
        ("Mengeneinheit", lambda r: "ST"),
        ("Nettopreis", lambda r: comma(r["unit_price_usd"])),
        ("Währung", lambda r: "USD"),
        ("Preiseinheit", lambda r: "1"),
        ("Warenausgangsdatum", lambda r: day(r["event_date"], "%d.%m.%Y")),
        ("Versandland", each("ship_from", german)),
        ("Empfangsland", each("destination", german)),
        ("Warenempfänger", of("consignee")),
        ("Endverwender", of("end_user")),
        ("Vorgang", of("activity", {"export": "Ausfuhr", "reexport": "Wiederausfuhr", "transfer": "Inlandstransfer"})),
        ("Ausfuhrlistennummer", of("stated_eccn")),
        ("Artikelart", of("item_kind", {"ic": "Schaltkreis", "computer": "Rechner", "software": "Software"})),
        ("Enthaltene Bauteile", of("contains")),
        ("Hersteller", of("maker")),
        ("TPP", lambda r: comma(r["tpp"], "1")),
        ("Chipfläche (mm²)", lambda r: comma(r["die_area_mm2"], "0.1")),
        ("Speicherbandbreite (TB/s)", lambda r: times(r["dram_bandwidth_gb_per_s"], "0.001").replace(".", ",")),
        ("I/O-Bandbreite (GB/s)", lambda r: comma(r["io_bandwidth_gb_per_s"], "1")),
        ("Rechenzentrumsware", of("is_datacenter", YES)),
        ("Hauptsitz", each("hq_country", german)),
        ("Hauptsitz Konzernmutter", each("ultimate_parent_hq_country", german)),
        ("Anteil gelisteter Eigner (%)", lambda r: times(r["listed_owner_share"], "100").replace(".", ",")),
        *firm(own, words),
    ]


def sap_fields() -> list[Field]:
    """Return the same list under the names of the fields; numbers are numbers, days are days."""
    own = "ZZENTITY ZZMEU ZZUVL ZZDPL ZZUAE ZZENDUSE ZZROLE ZZUS_AVAIL".split()
    own += [f"ZZCERT{n}" for n in range(1, 9)] + ["ZZUSIMP", "ZZUSIMP_USE"]

    def moment(column: str) -> Callable[[Row], object]:
        return lambda r: date.fromisoformat(r[column]) if r[column] else "00000000" if column == "order_date" else ""

    return [
        ("VBELN", lambda r: number_of(r)[0]),
        ("POSNR", lambda r: number_of(r)[1]),
        ("AUDAT", moment("order_date")),
        ("MATNR", of("item")),
        ("KWMENG", number("quantity")),
        ("VRKME", lambda r: "EA"),
        ("NETPR", number("unit_price_usd")),
        ("WAERK", lambda r: "USD"),
        ("KPEIN", lambda r: 1.0),
        ("WADAT", moment("event_date")),
        ("ALAND", each("ship_from", code)),
        ("LAND1", each("destination", code)),
        ("KUNWE_NAME", of("consignee")),
        ("ZZENDUSER", of("end_user")),
        ("ZZACT", of("activity", {"export": "EXP", "reexport": "REX", "transfer": "TRF"})),
        ("ZZECCN", of("stated_eccn")),
        ("ZZKIND", of("item_kind")),
        ("ZZCONTAINS", of("contains")),
        ("MFRNR", of("maker")),
        ("ZZTPP", number("tpp")),
        ("ZZDIE_MM2", number("die_area_mm2")),
        ("ZZDRAM_TBS", number("dram_bandwidth_gb_per_s", "0.001")),
        ("ZZIO_GBS", number("io_bandwidth_gb_per_s")),
        ("ZZDC", of("is_datacenter", {"yes": "X"})),
        ("ZZHQ", each("hq_country", code)),
        ("ZZPARENT_HQ", each("ultimate_parent_hq_country", code)),
        ("ZZLISTED_PCT", number("listed_owner_share", "100")),
        *firm(own),
    ]


ENGLISH = (
    "Cert Performance;Cert US Shipments;Cert US Supply;Cert No Foundry Diversion;Cert Volume Cap;"
    "Cert No Prohibited Use;Cert KYC;Cert US Lab Test;US Import;US Import Use"
).split(";")


def oracle() -> list[Field]:
    """Return order lines with English headings."""
    own = [
        *"Entity List Hit;MEU List Hit;UVL Hit;DPL Hit;UAE Approved;End Use;Exporter Role".split(";"),
        "US Available 2026-01-15",
        *ENGLISH,
    ]
    words: dict[str, Mapping[str, str]] = {c: {"yes": "Y", "no": "N"} for c in FIRM}
    words["exporter_role"] = {"other": "Neither"}
    return [
        ("Order Number", lambda r: number_of(r)[0]),
        ("Line Number", lambda r: number_of(r)[1]),
        ("Ordered Date", lambda r: day(r["order_date"], "%d-%b-%Y")),
        ("Ordered Item", of("item")),
        ("Ordered Quantity", of("quantity")),
        ("Order Quantity UOM", lambda r: "Ea"),
        ("Unit Selling Price", of("unit_price_usd")),
        ("Currency", lambda r: "USD"),
        ("Schedule Ship Date", lambda r: day(r["event_date"], "%d-%b-%Y")),
        ("Ship From Country", of("ship_from")),
        ("Ship To Country", of("destination")),
        ("Ship To Customer", of("consignee")),
        ("End Customer", of("end_user")),
        (
            "Transaction Type",
            of("activity", {"export": "Export", "reexport": "Re-export", "transfer": "In-country transfer"}),
        ),
        ("ECCN", of("stated_eccn")),
        ("Item Kind", of("item_kind")),
        ("Components", of("contains")),
        ("Manufacturer", of("maker")),
        ("TPP", of("tpp")),
        ("Die Area", lambda r: times(r["die_area_mm2"], "0.01")),
        ("Memory Bandwidth", of("dram_bandwidth_gb_per_s")),
        ("IO Bandwidth", of("io_bandwidth_gb_per_s")),
        ("Data Center Item", of("is_datacenter", {"yes": "Y"})),
        ("Party HQ Country", of("hq_country")),
        ("Ultimate Parent HQ Country", of("ultimate_parent_hq_country")),
        ("Listed Owner Share", of("listed_owner_share")),
        *firm(own, words),
    ]


def census() -> list[Field]:
    """Return commodity lines by the names of the EEI, with the firm's own facts beside them."""
    own = [
        *"On Entity List;On MEU List;On Unverified List;Denied or Blocked;UAE Approved;End Use;Exporter Role".split(
            ";"
        ),
        "US Available 2026-01-15",
        *ENGLISH,
    ]
    return [
        ("Shipment Reference Number", lambda r: number_of(r)[0]),
        ("Line Number", lambda r: number_of(r)[1]),
        ("Date of Export", lambda r: day(r["event_date"], "%m/%d/%Y")),
        ("Ultimate Consignee", of("consignee")),
        ("Country of Ultimate Destination", of("destination")),
        ("Schedule B Number", lambda r: "8473301180"),
        ("Quantity", of("quantity")),
        ("Unit of Measure", lambda r: "NO"),
        ("Value", lambda r: times(r["unit_price_usd"], r["quantity"] or "0")),
        ("ECCN", of("stated_eccn")),
        ("Part Number", of("item")),
        ("Country of Export", of("ship_from")),
        ("Activity", of("activity")),
        ("Order Date", lambda r: day(r["order_date"], "%m/%d/%Y")),
        ("Item Kind", of("item_kind")),
        ("Components", of("contains")),
        ("Maker", of("maker")),
        ("TPP", of("tpp")),
        ("Die Area (mm2)", of("die_area_mm2")),
        ("Memory Bandwidth (GB/s)", of("dram_bandwidth_gb_per_s")),
        ("I/O Bandwidth (GB/s)", of("io_bandwidth_gb_per_s")),
        ("Data Center Item", of("is_datacenter")),
        ("End User", of("end_user")),
        ("HQ Country", of("hq_country")),
        ("Ultimate Parent HQ Country", of("ultimate_parent_hq_country")),
        ("Listed Owner Share", of("listed_owner_share")),
        *firm(own),
    ]


def table(fields: Sequence[Field], lines: Sequence[Row]) -> list[list[object]]:
    """Return the heading and the rows of a form."""
    return [[h for h, _ in fields], *([take(r) for _, take in fields] for r in lines)]


def as_csv(cells: Sequence[Sequence[object]], separator: str = ",") -> bytes:
    """Write a table as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(cells)
    return out.getvalue().encode()


def as_xlsx(cells: Sequence[Sequence[object]], sheet: str, above: Sequence[str] = ()) -> bytes:
    """Write a table as a workbook; a number is a number and a day a day."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": WRITTEN})
    page, days = book.add_worksheet(sheet), book.add_format({"num_format": "dd.mm.yyyy"})
    for n, text in enumerate(above):
        page.write_string(n, 0, text)
    for row, line in enumerate(cells, len(above)):
        for column, cell in enumerate(line):
            if isinstance(cell, date):
                page.write_datetime(row, column, cell, days)
            elif cell != "":
                page.write(row, column, cell)
    book.close()
    return out.getvalue()


def typed(row: Row) -> dict[str, object]:
    """Return the filled cells of a row with numbers as numbers."""
    return {c: (float(v) if "." in v else int(v)) if c in NUMBERS else v for c, v in row.items() if v}


def files() -> dict[str, bytes]:
    """Return every file by its name."""
    lines = rows()
    parquet = io.BytesIO()
    pl.DataFrame(
        [typed(r) for r in lines], schema_overrides=dict.fromkeys(NUMBERS, pl.Float64), infer_schema_length=None
    ).select(list(lines[0])).write_parquet(parquet, compression="zstd")
    above = ("Open sales order lines", "All parties are fictitious")
    return {
        "book.csv": as_csv([list(lines[0]), *(list(r.values()) for r in lines)]),
        "book.jsonl": "".join(json.dumps(typed(r), ensure_ascii=False) + "\n" for r in lines).encode(),
        "book.parquet": parquet.getvalue(),
        "book.xlsx": as_xlsx([list(lines[0]), *([typed(r).get(c, "") for c in r] for r in lines)], "Orders"),
        "sap-german.csv": b"\xef\xbb\xbf" + as_csv(table(sap_german(), lines), ";"),
        "sap-fields.xlsx": as_xlsx(table(sap_fields(), lines), "VBAP", above),
        "oracle-orders.csv": as_csv(table(oracle(), lines)),
        "census-eei.csv": as_csv(table(census(), lines)),
    }


def main() -> int:
    """Write the files, or say which are stale."""
    made = files()
    if "--check" in sys.argv[1:]:
        # A workbook or a Parquet file differs in its bytes where another version of a library wrote it; text does not.
        stale = [n for n, content in made.items() if not (TARGET / n).is_file() or (TARGET / n).read_bytes() != content]
        print("\n".join(f"stale: {n}" for n in stale) or "examples/erp is up to date")
        return 1 if stale else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (TARGET / name).write_bytes(content)
        print(f"{len(content):>8,}  examples/erp/{name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
