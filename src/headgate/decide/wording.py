"""The words for outcomes, policies, flags and open questions, written once for every memo and summary."""

from headgate.law.fields import CERTIFICATIONS
from headgate.law.flag_records import flag_records

OUTCOME = {
    "prohibited": "the act is prohibited",
    "license_required": "a license is required",
    "exception_available": "a license exception is open",
    "no_license_required": "no license is required",
    "insufficient_facts": "cannot be said, facts are missing",
    "legal_ambiguity": "the text leaves two readings",
    "not_modeled": "not modeled",
    "invalid_row": "the row cannot be read",
}
POLICY = {
    "denial": "applications are denied",
    "presumption_of_denial": "applications are reviewed with a presumption of denial",
    "case_by_case": "applications are reviewed case by case",
    "presumption_of_approval": "applications are reviewed with a presumption of approval",
    "unstated": "no review policy is published",
}
MARK = {
    "primary": "primary text",
    "two_sources": "two sources",
    "one_source": "one source",
    "unverified": "unverified",
    "user": "stated by the user",
}
ACT = {
    "export": "export",
    "reexport": "reexport",
    "transfer": "transfer",
    "deemed_export": "release (deemed export)",
    "cloud_access": "give cloud access to",
    "use": "use",
    "service": "service",
}
NLR = (
    "It means: none under the provisions that `headgate law list` shows. What the book does not model stands there "
    "too, under `not_modeled`."
)
READING = {
    "tf32": "a TF32 input counts as 32 bits instead of 19",
    "datacenter": "only the circuit's own marketing counts, not that of the machine it is in",
    "source": "another source's figures are used",
    "window": "the 35 billion transistors of 2027 stand through 2028",
}

# What to ask a customer, by column.
QUESTIONS = {
    "activity": "What is done: an export, a reexport, an in-country transfer, or something else?",
    "item": "Which chip or machine is it?",
    "item_kind": "Is it a chip, a computer or rack, high-bandwidth memory, software, technology or model weights?",
    "contains": "Which chips are inside?",
    "maker": "Who makes it?",
    "tpp": "What is its total processing performance (largest dense rate times input bit length)?",
    "performance_density": "What is its performance density (TPP over the area of the non-planar logic dies)?",
    "die_area_mm2": "What is the area of its logic dies made on a non-planar process, in mm2?",
    "is_datacenter": "Is it designed or marketed for data centers?",
    "dram_bandwidth_gb_per_s": "What is its memory bandwidth, in GB/s?",
    "io_bandwidth_gb_per_s": "What is its aggregate I/O bandwidth, both directions, memory apart, in GB/s?",
    "hbm_density_gb_per_s_mm2": "What is its memory bandwidth density, in GB/s/mm2?",
    "designer_hq_country": "Where is the company that designed it headquartered?",
    "ship_from": "From which country does it ship?",
    "destination": "To which country does it go?",
    "in_occupied_region": "Does it go to Crimea or an occupied part of Donetsk or Luhansk?",
    "hq_country": "Where are the buyer, consignee and end user headquartered?",
    "ultimate_parent_hq_country": "Where are the ultimate parents of the buyer, consignee and end user headquartered?",
    "is_denied": "Is any party denied export privileges, or a blocked person?",
    "is_entity_listed": "Is any party on the Entity List?",
    "listed_owner_share": "How much of any party do listed parties own together, directly and indirectly (0 to 1)?",
    "is_meu_listed": "Is any party on the Military End-User List?",
    "is_unverified": "Is any party on the Unverified List?",
    "is_uae_approved": "Is the recipient a UAE government agency or a party of supplement 8 to part 740?",
    "end_use": "What will it be used for?",
    "exporter_role": "Is the exporter a chip foundry or a packaging company?",
    "designer_status": "Is the designer an approved or authorized one?",
    "packager_status": "Is the packager an approved one?",
    "us_available_2026_01_15": "Was it commercially available in the United States on 2026-01-15?",
    **{column: f"Is there {words}?" for column, words in CERTIFICATIONS.items()},
    "node_nm": "On which technology node is it made, in nm?",
    "transistors_bn": "How many transistors has it over all dies of the final package, in billions, as attested?",
    "has_hbm": "Does it hold high-bandwidth memory?",
    "designer_application_days": "How many days ago did the designer apply for approval?",
    "fabricator_packages_in": "In which country does the fabricator itself package it?",
    "made_in": "In which country is it made?",
    "is_us_direct_product": "Is it the direct product of listed US technology or software, or of a plant that is?",
    "us_content_share": "What share of its value is controlled US content (0 to 1)?",
    "known_violation": "Is it known that the item was exported, reexported or transferred in breach of the EAR?",
    "loaded_date": "On which day was it loaded aboard the carrier?",
    "entity_listed_on": "On which day was the party put on the Entity List?",
    "quantity": "How many units?",
    "is_below_published_model": "Did it take fewer operations than the most capable published model?",
    "is_finetune_of_published": "Is it a fine-tune of a published model?",
    "added_operations": "How many operations did the fine-tuning take?",
    "added_operations_share": "What share of the original operations did the fine-tuning take?",
    "veu_number": "Which validated end user number has the recipient?",
    "veu_type": "Is the validated end user a data center, universal or national one?",
    "veu_country_tpp": "How much performance (TPP) has the validated end user in this country, with this line?",
    "veu_country_share": "What share of its performance has the validated end user in this country (0 to 1)?",
    "lpp_tpp_this_year": "How much performance (TPP) has the ultimate consignee had under LPP this calendar year?",
    "allocation_tpp_used": "How much performance (TPP) is licensed against the country allocation so far?",
    "is_location_verified": "Does the item report where it is?",
    "is_trusted_operator": "Is the recipient a trusted US operator abroad?",
    "us_import": "Is it imported into the United States?",
    "us_import_use": "What is it used for after import into the United States?",
    "training_operations": "With how many operations was the model trained?",
    "weights_published": "Are the model's weights published?",
    "cloud_customer_hq_country": "Where is the cloud customer headquartered?",
}
CERTIFIED = "Does the application carry the certifications of 91 FR 1684 that are still open?"

# What must still be done or shown to use an exception.
NEEDS = {
    "nac_filed_date": "file the NAC notification in SNAP-R and note the day",
    "nac_number": "wait for the NAC number and put it into the export filing",
    "25_days_since_filing": "let 25 calendar days pass after filing",
    "license_conditions": "keep to the conditions of the license that is held",
    "purchase_order": "have a written purchase order before shipment",
    "one_end_user": "name exactly one end user",
    "no_distributor": "have no distributor as a party",
    "aia_certification": "have the ultimate consignee's certification of 740.27(b)(2), and tell it each ECCN",
    "aia_notice": "tell the ultimate consignee in writing, with each shipment, that it goes under AIA",
    "aia_large_order": "send the certification to BIS first where the consignee's items reach 253,000,000 TPP in all "
    "(740.27(c))",
    "weights_storage": "store the weights as paragraphs 14, 15 and 18 of supplement 10 to part 748 demand",
    "acm_private_sector": "have an end user of the private sector, held by no government but that of the US",
    "acm_customers": "make sure that the items are for customers outside Macau and Country Group D:5",
    "acm_accounting": "account for what enters and leaves each facility",
    "lpp_one_consignee": "ship directly to one ultimate consignee",
    "lpp_statement": "have the ultimate consignee's statement, and send BIS a copy within 30 days (740.29(f), (g))",
    "lpp_notice": "tell BIS before a shipment of 3,200,000 TPP or more (740.29(g)(3))",
    "veu_listing": "find the end user and the site in supplement 7 to part 748, or have its letter from BIS",
    "veu_certification": "have the validated end user's certification (748.15(e))",
    "veu_notice": "tell the validated end user what ships under the authorization (748.15(g))",
    "uveu_shares": "show that it keeps 75 percent of its performance in supplement 5(a), and a US company half in the "
    "United States",
    "uveu_new_site": "show that BIS knew of a new site 180 days before",
    "veu_security": "show that paragraphs 14, 15 and 18 of supplement 10 to part 748 are followed, from 2026-01-15",
    "hbm_bought_by_designer": "show that the designer of the co-packaged part buys the memory",
    "hbm_shipped_to_packaging_site": "ship the memory directly to the packaging site",
    "hbm_allied_packaging_site": "show that the packaging site belongs to a US or allied company",
    "hbm_units_reconciled": "reconcile the units sent with the packaged parts that come back",
    "hbm_shortfalls_reported": "report shortfalls to BIS",
}

FLAGS = {
    "review_policy_sources_disagree": "One digest of the rule of 2026-01-15 reads a presumption of denial here, "
    "another keeps case by case, which is shown; read 742.6(b)(10).",
    "uae_two_parties_lapsed": "G42 and Core42 lapsed from supplement 8 after 2027-04-06 unless renewed; the approval "
    "is taken to have ended for all, as a row does not say which party it is.",
    **{f.id: f.says for f in flag_records().flags.values() if f.rules},
    "letter_addressee_unconfirmed": "A letter to named companies was counted by the item's maker or numbers; "
    "whether it was addressed to this exporter is not known.",
    "near_threshold": "A number that decides lies within 5 percent of its threshold; check its source.",
    "sources_disagree": "Another source's figures for this item would change the answer.",
    "subject_to_ear_assumed": "The item is taken as subject to the EAR; made_in, ship_from, is_us_direct_product and "
    "us_content_share, all stated, would settle it.",
    "read_footnote": "Read the footnote of the party's Entity List entry: a direct product is taken as reached by it.",
    "planar_reading": "No logic die is non-planar, so the density tests are taken as not met; the text is silent.",
    "affiliates_rule_suspended": "A listed party owns a share: a red flag while the affiliates rule is suspended.",
    "affiliates_rule_status_unverified": "The suspension of the affiliates rule ended by its own terms; whether it "
    "was extended is unverified.",
    "listed_minority_owner": "A listed party holds a share below half: red flag 29 asks for more diligence.",
    "read_entity_list_entry": "Read the party's Entity List entry: it states the items and how they are reviewed.",
    "read_owner_entry": "Read the listed owner's entry: it states the items and how they are reviewed.",
    "uvl_statement": "A party is on the Unverified List: no license exception, and a statement must be obtained first.",
    "denied_party_domestic": "A denied party stands on a domestic line; what will be exported later is reached.",
    "gao_non_enforcement": "Only the printed text asks for a license; the GAO holds that the announcement not to "
    "enforce it is a rule that Congress was never given.",
    "table_error_before_correction": "The license table of 3A090 was misprinted from 2025-01-16 to 2025-02-10; what it "
    "said was not read.",
    "tf32_bit_length": "The text does not say whether a TF32 input has 19 or 32 bits; the two readings differ here.",
    "foundry_year_2028": "The foundry note names no limit for 2028, between those of 2027 and 2029; two readings.",
    "report_743_9": "An authorized designer's numbers are relied on: the foundry must report to BIS under 743.9.",
    "hbm_exception_unread": "The conditions of License Exception HBM were not read in the text; check each of them.",
    "datacenter_marketing": "The text does not say if the circuit's or the machine's marketing counts; they differ.",
    "eccn_mismatch": "The ECCN on the papers is not the one the book finds.",
    "item_not_in_catalog": "The item is not in the catalog; the stated measures decide.",
    "user_overrides_catalog": "A stated measure differs from the catalog's; the stated one is used.",
    "measures_disagree": "The stated measures contradict each other; the stricter one is used.",
    "measures_of_computer_counted": "Measures stated for a computer count as one more circuit inside, never as a sum.",
    "gp10": "General Prohibition Ten may reach any dealing with this circuit: get BIS authorization or proof first.",
    "gp10_technical_analysis": "The circuit is acquired only for technical analysis or destructive testing, which BIS "
    "does not pursue; nothing else may be done with it.",
    "known_violation_stated": "A known violation of the EAR is stated: General Prohibition Ten forbids going on.",
    "us_person_assumed": "Support by US persons is controlled; the row does not say who acts, so one is assumed.",
    "cloud_review": "Cloud access is no export, yet it may be controlled support: have it reviewed before giving it.",
    "cloud_not_an_export": "Access to computing over a network is no export by the provider (opinions of 2009, 2011 "
    "and 2014, not read); support by US persons and the statement on training stay to be watched.",
    "listed_party_no_item": "A party is on the Entity List: parts, software and technology for it need a license.",
    "savings_clause_applied": "A savings clause lets what was loaded before the rule's day go on under the old terms; "
    "keep the papers of loading and the order.",
    "savings_clause_may_apply": "It was loaded before the rule's day: read the rule's savings clause, which is not in "
    "the book and lowers nothing here.",
}


def flag_words(flag: str) -> str:
    """Say what a flag means; one without words is shown as it stands.

    Example:
        >>> flag_words("law_not_read_after_2026-09-25")
        'The law was not read after 2026-09-25; what changed since is not known here.'
    """
    if flag.startswith("law_not_read_after_"):
        return f"The law was not read after {flag.rpartition('_')[2]}; what changed since is not known here."
    if flag.startswith("readings:"):
        outcomes = [OUTCOME.get(o, o) for o in flag.partition(":")[2].split("|")]
        return f"The two readings give: {' / '.join(outcomes)}."
    return FLAGS.get(flag, flag)


def question(column: str) -> str:
    """Return what to ask a customer for a column."""
    return QUESTIONS.get(column, f"What is {column}?")


def authority(name: str) -> str:
    """Return an exception as a sentence names it; a number is that of a license or another authorization held.

    Example:
        >>> authority("NAC"), authority("D1234567")
        ('License Exception NAC', 'Authorization D1234567')
    """
    return f"{'License Exception' if name.isalpha() else 'Authorization'} {name}"


def short_answer(outcome: str, policy: str = "", exceptions: tuple[str, ...] = ()) -> str:
    """Say an answer in a few words.

    Example:
        >>> short_answer("license_required", "case_by_case")
        'a license is required (applications are reviewed case by case)'
    """
    if outcome == "exception_available":
        return f"{' or '.join(map(authority, exceptions))} is open"
    said = OUTCOME[outcome]
    return f"{said} ({POLICY[policy]})" if policy and outcome in ("license_required", "legal_ambiguity") else said
