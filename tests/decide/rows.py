"""Random transactions for the property tests: values that sit on, just under and across the lines of the law."""

from hypothesis import strategies as st

DAYS = (
    "2022-08-26 2022-09-01 2022-10-20 2022-10-21 2023-01-16 2023-01-17 2023-06-30 2023-07-01 2023-10-17 2023-10-22 "
    "2023-10-23 2023-11-15 2023-11-16 "
    "2023-11-17 2024-04-03 2024-04-04 2024-05-29 2024-06-01 2025-01-31 2025-04-08 2025-04-09 2025-05-12 "
    "2025-05-13 2025-05-14 2025-05-15 "
    "2024-12-30 2024-12-31 2025-10-15 2026-01-14 2026-01-15 2026-03-01 2026-05-31 2026-07-09 2026-07-10 "
    "2026-09-25 2026-11-10 2026-11-22 "
    "2026-12-30 2026-12-31 2027-01-01 2027-04-07 2028-01-01 2029-01-01"
).split()
PLACES = "CN MO HK SG DE AE SA IN VN KZ RU BY IR KP CU SY IL CY TW US UA MY NI KH".split()
TPP = (
    0.0,
    100.0,
    512.0,
    1599.9,
    1600.0,
    2000.0,
    2399.9,
    2400.0,
    4799.9,
    4800.0,
    4992.0,
    15000.0,
    20900.0,
    20999.0,
    21000.0,
)
AREAS = (0.0, 100.0, 300.0, 600.0, 800.0, 814.0, 1600.0, 3000.0)
DENSITIES = (0.0, 1.5, 1.6, 3.1, 3.2, 5.9, 5.92, 10.0)
DRAM = (0.0, 300.0, 1399.0, 1400.0, 4800.0, 6000.0, 6499.0, 6500.0, 8000.0)
IO = (0.0, 64.0, 149.0, 150.0, 599.0, 600.0, 1099.0, 1100.0, 1800.0)
ENDS = ("civil", "supercomputer", "military", "civil;ai_training", "military_intelligence", "wmd", "technical_analysis")
ACTS = ("export", "reexport", "transfer", "use", "service", "cloud_access", None)
YESNO = (True, False)
CHIPS = (
    "nvidia-h100-sxm nvidia-h20-96 nvidia-rtx-4090 nvidia-rtx-5090d nvidia-a800-sxm4-80 nvidia-l4 nvidia-a30 "
    "amd-mi308x amd-mi325x "
    "intel-gaudi3 aws-trainium2 google-tpu-v4 huawei-ascend-910b2 nvidia-gb200 dgx-h100 cloudmatrix-384 gb300-nvl72"
).split()
CERTS = (
    "cert_performance cert_us_shipments_stated cert_us_supply cert_no_foundry_diversion cert_volume_cap "
    "cert_no_prohibited_use "
    "cert_kyc_remote_access cert_us_lab_test"
).split()
FLAGS = (
    "is_entity_listed is_meu_listed is_unverified is_denied is_uae_approved us_available_2026_01_15 in_occupied_region"
).split()


def maybe(values, blank=True):
    """Draw one of some values, or a blank."""
    options = st.sampled_from(tuple(values))
    return st.none() | options if blank else options


def mostly(usual, values):
    """Draw the usual value three times out of four: most facts of a real row are in order."""
    return st.sampled_from((usual,) * 3 * len(values) + tuple(values))


@st.composite
def rows(draw, blank=True, measured=None):
    """Draw a row; with `blank` false every fact that may matter is stated."""
    row = {
        "event_date": draw(st.sampled_from(DAYS)),
        "activity": draw(mostly("export", ACTS if blank else ("export", "reexport"))),
        "ship_from": draw(mostly("US", ("US", "TW", "CN", None) if blank else ("US", "TW"))),
        "destination": draw(maybe(PLACES, blank)),
        "hq_country": draw(maybe(PLACES, blank)),
        "ultimate_parent_hq_country": draw(maybe(PLACES, blank)),
        "listed_owner_share": draw(mostly(0.0, (0.0, 0.3, 0.5, 1.0))),
        "end_use": draw(mostly("civil", ENDS)),
        "exporter_role": draw(mostly("other", ("other", "foundry"))),
        "known_violation": draw(mostly(False, YESNO)),
        "cloud_customer_hq_country": draw(maybe(("CN", "MO", "SG", "DE", "IR"), blank)),
        "loaded_date": draw(mostly(None, ("2023-10-16", "2023-10-17", "2023-11-10"))),
        "entity_listed_on": draw(mostly(None, ("2023-10-16", "2023-10-17"))),
        "us_import": draw(mostly(False, YESNO)),
        "us_import_use": draw(mostly("none", ("none", "consumer", "us_data_center"))),
        **{f: draw(mostly(f == "us_available_2026_01_15", YESNO)) for f in FLAGS},
        **{c: draw(mostly(True, YESNO)) for c in CERTS},
    }
    if draw(st.booleans()) if measured is None else measured:
        row |= draw(circuits(blank))
    else:
        row["item"] = draw(st.sampled_from(CHIPS))
    if draw(st.integers(0, 3)) == 0:
        row |= draw(foreign())
    if draw(st.integers(0, 3)) == 0:
        row |= draw(rare(measured))
    if blank:
        for column in draw(st.sets(st.sampled_from(sorted(set(row) - {"event_date"})), max_size=8)):
            row[column] = None
    return row


# Facts that few rows state, with values on and beside the lines of the law.
RARE = {
    "quantity": (1.0, 100.0, 10_000.0),
    "lpp_tpp_this_year": (0.0, 26_000_000.0, 26_900_000.0),
    "allocation_tpp_used": (0.0, 789_000_000.0, 790_000_000.0),
    "veu_number": ("VEU-1",),
    "veu_type": ("data_center", "universal", "national"),
    "veu_country_tpp": (900_000_000.0, 5_064_000_000.0, 5_065_000_000.0),
    "veu_country_share": (0.05, 0.07, 0.08),
    "exporter_role": ("foundry", "osat", "other"),
    "designer_status": ("approved", "authorized", "none"),
    "packager_status": ("approved", "none"),
    "designer_application_days": (0.0, 179.0, 180.0),
    "fabricator_packages_in": ("TW", "CN", "MO"),
    "node_nm": (5.0, 16.0, 28.0),
    "transistors_bn": (29.9, 30.0, 34.0, 39.0, 50.0),
    "has_hbm": YESNO,
}
KINDS = {
    "hbm": {"hbm_density_gb_per_s_mm2": (1.0, 2.0, 2.1, 3.2, 3.3, 7.0)},
    "model_weights": {
        "training_operations": (9e25, 1e26, 2e26),
        "weights_published": YESNO,
        "is_below_published_model": YESNO,
        "is_finetune_of_published": YESNO,
        "added_operations": (1e25, 2.5e25, 3e25),
        "added_operations_share": (0.1, 0.25, 0.3),
    },
    "software": {},
    "technology": {},
}


@st.composite
def rare(draw, measured=None):
    """Draw facts that few rows state; where the row is not about a circuit's measures, also another kind of item."""
    found = {c: draw(st.sampled_from(RARE[c])) for c in draw(st.sets(st.sampled_from(sorted(RARE)), max_size=8))}
    if measured is None and draw(st.booleans()):
        kind = draw(st.sampled_from(sorted(KINDS)))
        found |= {"item_kind": kind} | {c: draw(maybe(v)) for c, v in KINDS[kind].items()}
        if kind in ("hbm", "model_weights"):
            # What is neither circuit nor computer has no performance of its own.
            found |= dict.fromkeys(("item", "tpp", "performance_density", "die_area_mm2"))
    return found


@st.composite
def foreign(draw):
    """Draw the facts of a line whose item is said to be made abroad."""
    return {
        "activity": draw(mostly("reexport", ("export", "transfer"))),
        "ship_from": draw(mostly("TW", ("CN", "US"))),
        "made_in": draw(mostly("TW", ("CN", "US"))),
        "is_us_direct_product": draw(st.booleans()),
        "us_content_share": draw(st.sampled_from((0.0, 0.1, 0.11, 0.25, 0.26))),
    }


@st.composite
def circuits(draw, blank=True):
    """Draw the measures of one circuit."""
    found = {
        "item_kind": "ic",
        "maker": draw(maybe(("NVIDIA", "AMD", "Intel", "ACME"), blank)),
        "designer_hq_country": draw(mostly("US", ("US", "CN"))),
        "tpp": draw(maybe(TPP, blank)),
        "is_datacenter": draw(maybe(YESNO, blank)),
        "dram_bandwidth_gb_per_s": draw(maybe(DRAM, blank)),
        "io_bandwidth_gb_per_s": draw(maybe(IO, blank)),
    }
    if draw(st.booleans()):
        found["die_area_mm2"] = draw(maybe(AREAS, blank))
    else:
        found["performance_density"] = draw(maybe(DENSITIES, blank))
    return found
