"""The January 2026 duty on imports into the US (section 232): two bands of performance and memory bandwidth."""

from headgate.expr import any_part, fact, field, holds, threshold
from headgate.law.provision import Provision, provision
from headgate.law.us.sources import DUTY_2026, cite

TPP, DRAM = field("ic.tpp"), field("ic.dram_bandwidth")
USE = field("act.us_import_use")


def _band(name: str, tpp: tuple[float, float], dram: tuple[float, float]) -> Provision:
    """A band: strictly between two performances and strictly between two DRAM bandwidths."""
    id = f"us.section_232.{name}"
    return provision(
        id,
        stage="scope",
        says=f"{name.replace('_', ' ').capitalize()}: between {tpp[0]:g} and {tpp[1]:g} TPP, and between {dram[0]:g} "
        f"and "
        f"{dram[1]:g} GB/s of DRAM bandwidth.",
        when=(TPP > threshold(f"{id}/tpp_above", tpp[0], "TPP"))
        & (TPP < threshold(f"{id}/tpp_below", tpp[1], "TPP"))
        & (DRAM > threshold(f"{id}/dram_above", dram[0], "GB/s"))
        & (DRAM < threshold(f"{id}/dram_below", dram[1], "GB/s")),
        start="2026-01-15",
        cite=cite("HTSUS ch. 99, US note 39; heading 9903.79.01", DUTY_2026),
        mark="two_sources",
    )


band_1 = _band("band_1", (14000, 17500), (4500, 5000))
band_2 = _band("band_2", (20800, 21100), (5800, 6200))
exempt_use = provision(
    "us.section_232.exempt_use",
    stage="scope",
    says="Data centers, repair, research, startups and the public sector in the United States are exempt, and "
    "consumer and civil "
    "industrial uses outside data centers.",
    when=USE.one_of("us_data_center", "us_repair", "us_research", "us_startup", "public_sector")
    | (USE.one_of("consumer", "civil_industrial") & ~any_part(fact("ic.is_datacenter"))),
    start="2026-01-15",
    cite=cite("HTSUS headings 9903.79.02 to 9903.79.09", DUTY_2026),
    mark="two_sources",
)
duty = provision(
    "us.section_232.duty",
    stage="duty",
    says="A duty of 25 percent is due on imports in a band, unless the use is exempt.",
    when=fact("act.us_import")
    & any_part(holds("us.section_232.band_1") | holds("us.section_232.band_2"))
    & ~holds("us.section_232.exempt_use"),
    start="2026-01-15",
    cite=cite("HTSUS heading 9903.79.01", DUTY_2026),
    mark="two_sources",
    rate=0.25,
    note="The tariff headings 8471.50, 8471.80 and 8473.30 are the user's to check.",
)

PROVISIONS = (band_1, band_2, exempt_use, duty)
