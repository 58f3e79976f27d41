"""The names a provision may read, and the column of a transaction that states each.

The order is the order in which a desk would ask: what is done, with what, where, for whom, for what use.
"""

from dataclasses import dataclass

from headgate.law.flag_records import KINDS, PREFIX, flag_records


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One name of the law.

    Args:
        name: As provisions write it.
        column: The column of a transaction that states it.
        kind: `number`, `flag`, `code`, `codes` or `day`.
        words: How a sentence names it.
        unit: Unit of a number.
        asked: Whether a decision asks for it; what only the exporter can bring up is not asked of every line.
    """

    name: str
    column: str
    kind: str
    words: str
    unit: str = ""
    asked: bool = True


USES = (
    "civil",
    "ai_training",
    "supercomputer",
    "military",
    "military_intelligence",
    "wmd",
    "advanced_node_fab",
    "chip_manufacturing",
    "technical_analysis",
)
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
    FieldInfo("item.commodity", "contains", "code", "the commodity, or that which the software or technology is for"),
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
    FieldInfo("ic.transistors", "transistors_bn", "number", "its transistors, over all dies of the package", "billion"),
    FieldInfo("ic.has_hbm", "has_hbm", "flag", "it holds high-bandwidth memory"),
    FieldInfo(
        "ic.is_window_open", "transistors_bn", "flag", "the limit of 35 billion is read to stand through the year 2028"
    ),
    FieldInfo("item.is_nonplanar", "die_area_mm2", "flag", "a logic die is non-planar"),
    FieldInfo("item.node", "node_nm", "number", "its technology node", "nm"),
    FieldInfo("item.made_in", "made_in", "code", "the country it is made in"),
    FieldInfo(
        "item.is_direct_product",
        "is_us_direct_product",
        "flag",
        "it is the direct product of listed US technology or software, or of a plant that is",
    ),
    FieldInfo("item.us_content_share", "us_content_share", "number", "the share of controlled US content", ""),
    FieldInfo("item.is_planar", "die_area_mm2", "flag", "no logic die is stated to be non-planar"),
    FieldInfo("item.designer_countries", "designer_hq_country", "codes", "the headquarters of its designer"),
    FieldInfo("item.hbm_density", "hbm_density_gb_per_s_mm2", "number", "its memory bandwidth density", "GB/s/mm2"),
    FieldInfo("act.quantity", "quantity", "number", "the quantity of the line", "units"),
    FieldInfo("act.line_tpp", "quantity", "number", "the performance of all units of the line", "TPP"),
    FieldInfo(
        "act.lpp_tpp",
        "lpp_tpp_this_year",
        "number",
        "the performance of the line and of what the consignee got under LPP this calendar year",
        "TPP",
    ),
    FieldInfo(
        "act.allocation_tpp",
        "allocation_tpp_used",
        "number",
        "the performance of the line and of what was licensed against the country allocation",
        "TPP",
    ),
    FieldInfo("act.loaded_date", "loaded_date", "day", "the day of loading aboard a carrier"),
    FieldInfo(
        "act.known_violation", "known_violation", "flag", "a violation of the EAR is known to be behind the item"
    ),
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
    FieldInfo("party.entity_listed_on", "entity_listed_on", "day", "the day on which the party was listed"),
    FieldInfo("party.is_meu_listed", "is_meu_listed", "flag", "a party is on the Military End-User List"),
    FieldInfo("party.is_unverified", "is_unverified", "flag", "a party is on the Unverified List"),
    FieldInfo("party.is_uae_approved", "is_uae_approved", "flag", "the recipient is a UAE agency or on supplement 8"),
    *(FieldInfo(f"use.{u}", "end_use", "flag", f"the end use is {u.replace('_', ' ')}") for u in USES),
    FieldInfo("act.exporter_role", "exporter_role", "code", "the exporter's role"),
    FieldInfo("item.designer_status", "designer_status", "code", "its designer's status"),
    FieldInfo(
        "item.designer_application_days",
        "designer_application_days",
        "number",
        "the days since its designer applied for approval",
        "days",
    ),
    FieldInfo("item.packager_status", "packager_status", "code", "its packager's status"),
    FieldInfo(
        "item.fabricator_packages_in", "fabricator_packages_in", "code", "the place where its fabricator packages it"
    ),
    FieldInfo(
        "item.us_available", "us_available_2026_01_15", "flag", "it was commercially available in the US on 2026-01-15"
    ),
    *(FieldInfo(f"cert.{c.removeprefix('cert_')}", c, "flag", w) for c, w in CERTIFICATIONS.items()),
    FieldInfo("act.us_import", "us_import", "flag", "it is imported into the United States"),
    FieldInfo("act.us_import_use", "us_import_use", "code", "the use after import into the United States"),
    FieldInfo("item.training_operations", "training_operations", "number", "the training operations", "operations"),
    FieldInfo("item.weights_published", "weights_published", "flag", "the model's weights are published"),
    FieldInfo(
        "item.is_below_published",
        "is_below_published_model",
        "flag",
        "it took fewer operations than the most capable published model",
    ),
    FieldInfo("item.is_finetune", "is_finetune_of_published", "flag", "it is a fine-tune of a published model"),
    FieldInfo("item.added_operations", "added_operations", "number", "the operations of the fine-tuning", "operations"),
    FieldInfo(
        "item.added_share",
        "added_operations_share",
        "number",
        "these as a share of the original operations",
        "",
    ),
    FieldInfo("act.cloud_customer_hq", "cloud_customer_hq_country", "code", "the headquarters of the cloud customer"),
    FieldInfo("act.violation_stated", "known_violation", "flag", "a known violation of the EAR is stated", asked=False),
    FieldInfo(
        "act.cloud_customer_stated",
        "cloud_customer_hq_country",
        "code",
        "the stated headquarters of the cloud customer",
        asked=False,
    ),
    FieldInfo("auth.veu_number", "veu_number", "code", "the validated end user number"),
    FieldInfo("auth.veu_type", "veu_type", "code", "the kind of validated end user"),
    FieldInfo(
        "auth.veu_country_tpp",
        "veu_country_tpp",
        "number",
        "the performance that the validated end user has in this country, with this line",
        "TPP",
    ),
    FieldInfo(
        "auth.veu_country_share",
        "veu_country_share",
        "number",
        "the share of its performance that the validated end user has in this country",
        "",
    ),
    FieldInfo(
        "act.is_location_verified",
        "is_location_verified",
        "flag",
        "the item reports its location (bills only)",
    ),
    FieldInfo(
        "party.is_trusted_operator",
        "is_trusted_operator",
        "flag",
        "the recipient is a trusted US operator abroad (bills only)",
    ),
)
# What the answers to the questions of red flags state, in a table of their own; no decision asks for them.
ANSWERS = tuple(
    FieldInfo(f"{PREFIX}{f.name}", f.name, KINDS[f.kind], f.words, f.unit) for f in flag_records().facts.values()
)
BY_NAME = {f.name: f for f in (*FIELDS, *ANSWERS)}
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
    "us.headquarters.d4": "Country Group D:4 outside A:5 and A:6",
    "us.headquarters.d5": "Country Group D:5 outside A:5 and A:6",
    "us.country_group.e1": "Country Group E:1",
    "us.country_group.e2": "Country Group E:2",
    "us.embargoed": "the embargoed destinations (Cuba, Iran, North Korea, Syria)",
    "us.russia_belarus": "Russia and Belarus",
    "us.meu_countries": "the military end-user countries",
    "us.diffusion.supplement_5a": "supplement 5(a) to part 740",
}
WORDS = {f.name: f.words for f in BY_NAME.values()} | LISTS
