"""The names a provision may read, and the column of a transaction that states each.

The order is the order in which a desk would ask: what is done, with what, where, for whom, for what use.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One name of the law.

    Args:
        name: As provisions write it.
        column: The column of a transaction that states it.
        kind: `number`, `flag`, `code`, `codes` or `day`.
        words: How a sentence names it.
        unit: Unit of a number.
    """

    name: str
    column: str
    kind: str
    words: str
    unit: str = ""


USES = ("civil", "ai_training", "supercomputer", "military", "military_intelligence", "wmd", "advanced_node_fab")
CERTIFICATIONS = {
    "cert_performance": "the certification that the item is under both limits of the H200 rule",
    "cert_us_shipments_stated": "the statement of units already shipped in the United States",
    "cert_us_supply": "the certification of sufficient supply in the United States",
    "cert_no_foundry_diversion": "the certification that no foundry capacity is diverted from US users",
    "cert_volume_cap": "the certification that China and Macau get at most half of the US volume",
    "cert_no_prohibited_use": "the certification that no prohibited end user or end use is served",
    "cert_kyc_remote_access": "the certification that the consignee guards against unauthorized remote access",
    "cert_us_lab_test": "the certification that an independent US laboratory tests every shipment",
}

FIELDS = (
    FieldInfo("act.activity", "activity", "code", "the activity"),
    FieldInfo("item.id", "item", "code", "the item"),
    FieldInfo("item.kind", "item_kind", "code", "the kind of item"),
    FieldInfo("item.is_described", "item_kind", "flag", "its kind is not stated, but the measures of a circuit are"),
    FieldInfo("ic.id", "item", "code", "the integrated circuit"),
    FieldInfo("ic.tpp", "tpp", "number", "its total processing performance", "TPP"),
    FieldInfo("ic.performance_density", "die_area_mm2", "number", "its performance density", "TPP/mm2"),
    FieldInfo("ic.is_datacenter", "is_datacenter", "flag", "it is designed or marketed for data centers"),
    FieldInfo("ic.peak_tops", "tpp", "number", "its peak rate", "TOPS"),
    FieldInfo("ic.dram_bandwidth", "dram_bandwidth_gb_per_s", "number", "its DRAM bandwidth", "GB/s"),
    FieldInfo(
        "ic.io_bandwidth", "io_bandwidth_gb_per_s", "number", "its aggregate I/O bandwidth, memory apart", "GB/s"
    ),
    FieldInfo("ic.total_bandwidth", "io_bandwidth_gb_per_s", "number", "its DRAM and I/O bandwidth together", "GB/s"),
    FieldInfo("ic.maker", "maker", "code", "its maker"),
    FieldInfo("item.is_planar", "die_area_mm2", "flag", "no logic die is stated to be non-planar"),
    FieldInfo("item.designer_countries", "designer_hq_country", "codes", "the headquarters of its designer"),
    FieldInfo("item.hbm_density", "hbm_density_gb_per_s_mm2", "number", "its memory bandwidth density", "GB/s/mm2"),
    FieldInfo("act.ship_from", "ship_from", "code", "the place it is shipped from"),
    FieldInfo("act.destination", "destination", "code", "the destination"),
    FieldInfo(
        "act.is_occupied_region", "in_occupied_region", "flag", "the destination lies in an occupied region of Ukraine"
    ),
    FieldInfo("party.hq", "hq_country", "codes", "a party's headquarters"),
    FieldInfo("party.parent", "ultimate_parent_hq_country", "codes", "the headquarters of a party's ultimate parent"),
    FieldInfo("party.is_one_hq", "hq_country", "flag", "all parties are headquartered in one country"),
    FieldInfo("party.is_one_parent", "ultimate_parent_hq_country", "flag", "all ultimate parents are in one country"),
    FieldInfo("party.is_denied", "is_denied", "flag", "a party is denied export privileges or blocked"),
    FieldInfo("party.is_entity_listed", "is_entity_listed", "flag", "a party is on the Entity List"),
    FieldInfo("party.listed_owner_share", "listed_owner_share", "number", "the share held by listed parties", ""),
    FieldInfo("party.is_meu_listed", "is_meu_listed", "flag", "a party is on the Military End-User List"),
    FieldInfo("party.is_unverified", "is_unverified", "flag", "a party is on the Unverified List"),
    FieldInfo("party.is_uae_approved", "is_uae_approved", "flag", "the recipient is a UAE agency or on supplement 8"),
    *(FieldInfo(f"use.{u}", "end_use", "flag", f"the end use is {u.replace('_', ' ')}") for u in USES[1:]),
    FieldInfo("act.exporter_role", "exporter_role", "code", "the exporter's role"),
    FieldInfo(
        "item.us_available", "us_available_2026_01_15", "flag", "it was commercially available in the US on 2026-01-15"
    ),
    *(FieldInfo(f"cert.{c.removeprefix('cert_')}", c, "flag", w) for c, w in CERTIFICATIONS.items()),
    FieldInfo("act.us_import", "us_import", "flag", "it is imported into the United States"),
    FieldInfo("act.us_import_use", "us_import_use", "code", "the use after import into the United States"),
    FieldInfo("item.training_operations", "training_operations", "number", "the training operations", "operations"),
)
BY_NAME = {f.name: f for f in FIELDS}
# What a decision may ask for, in the order in which a desk would ask.
COLUMNS = tuple(
    dict.fromkeys(c for f in FIELDS for c in ((f.column, "contains") if f.name == "item.id" else (f.column,)))
)
RANK = {column: n for n, column in enumerate(COLUMNS)}

LISTS = {
    "us.country_group.a1": "Country Group A:1",
    "us.country_group.a5": "Country Group A:5",
    "us.country_group.a6": "Country Group A:6",
    "us.country_group.d1": "Country Group D:1",
    "us.country_group.d4": "Country Group D:4",
    "us.country_group.d5": "Country Group D:5",
    "us.headquarters.d5": "Country Group D:5 outside A:5 and A:6",
    "us.country_group.e1": "Country Group E:1",
    "us.country_group.e2": "Country Group E:2",
    "us.embargoed": "the embargoed destinations (Cuba, Iran, North Korea, Syria)",
    "us.russia_belarus": "Russia and Belarus",
    "us.meu_countries": "the military end-user countries",
    "us.diffusion.supplement_5a": "supplement 5(a) to part 740",
}
WORDS = {f.name: f.words for f in FIELDS} | LISTS
