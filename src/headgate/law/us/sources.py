"""The publications that the US book cites, each named once, with the day on which it came out."""

from dataclasses import dataclass
from datetime import date

from headgate.source import Cite

READ = "2026-11-22"
FR = "https://www.govinfo.gov/content/pkg/"


@dataclass(frozen=True, slots=True)
class Publication:
    """One document.

    Args:
        name: As a lawyer cites it, for example `88 FR 73458`.
        published_on: Its day; None for a compilation that published nothing new.
        url: Its address, when it was found.
    """

    name: str
    published_on: date | None
    url: str = ""


IFR_2022 = Publication("87 FR 62186", date(2022, 10, 13), FR + "FR-2022-10-13/html/2022-21658.htm")
MACAU_2023 = Publication("88 FR 2821", date(2023, 1, 18))
AC_S_2023 = Publication("88 FR 73458", date(2023, 10, 25), FR + "FR-2023-10-25/html/2023-23055.htm")
FIX_2024 = Publication("89 FR 23876", date(2024, 4, 4))
DIFFUSION_2025 = Publication(
    "90 FR 4544", date(2025, 1, 15), "https://www.federalregister.gov/documents/2025/01/15/2025-00636"
)
FOUNDRY_2025 = Publication("90 FR 5298", date(2025, 1, 16), FR + "FR-2025-01-16/html/2025-00711.htm")
HBM_2024 = Publication("89 FR 96790", date(2024, 12, 5), FR + "FR-2024-12-05/html/2024-28270.htm")
AFFILIATES_2025 = Publication(
    "90 FR 47201", date(2025, 9, 30), "https://www.federalregister.gov/documents/2025/09/30/2025-19001"
)
STAY_2025 = Publication(
    "90 FR 50857", date(2025, 11, 12), "https://www.federalregister.gov/documents/2025/11/12/2025-19846"
)
H200_2026 = Publication("91 FR 1684", date(2026, 1, 15), FR + "FR-2026-01-15/html/2026-00789.htm")
UAE_2026 = Publication("91 FR 43034", date(2026, 7, 14), FR + "FR-2026-07-14/html/2026-14132.htm")
GUIDANCE_2026 = Publication(
    "BIS guidance of 2026-05-31", date(2026, 5, 31), "https://www.bis.gov/media/documents/bis-guidance-may-31-2026.pdf"
)
GP10_2025 = Publication("BIS guidance of 2025-05-13", date(2025, 5, 13))
DUTY_2026 = Publication(
    "Proclamation of 2026-01-14, FR Doc 2026-01052",
    date(2026, 1, 14),
    "https://www.whitehouse.gov/presidential-actions/2026/01/",
)
ECFR = Publication("eCFR of 2026-07-23", None, "https://www.ecfr.gov/api/versioner/v1/full/2026-07-23/title-15.xml")
LETTER_2022 = Publication(
    "NVIDIA 8-K of 2022-08-31", date(2022, 8, 31), "https://www.theregister.com/2022/09/01/us_stops_nvidia_and_amd/"
)
LETTER_2023_07 = Publication("NVIDIA 10-Q to 2023-07-30", date(2023, 8, 28))
LETTER_2023_10 = Publication(
    "NVIDIA 8-K of 2023-10-24",
    date(2023, 10, 24),
    "https://www.theregister.com/2023/11/27/nvidia_china_h20_accelerator/",
)
LETTER_2025 = Publication(
    "NVIDIA 8-K of 2025-04-15; Intel letter as reported",
    date(2025, 4, 15),
    "https://www.sec.gov/Archives/edgar/data/1045810/000104581025000082/nvda-20250409.htm",
)
DC_VEU_2024 = Publication("89 FR 80080", date(2024, 10, 2))
FIX_2025 = Publication("90 FR 9604", date(2025, 2, 14), FR + "FR-2025-02-14/html/2025-02655.htm")
FOUNDRY_FIX_2026 = Publication("91 FR 17851", date(2026, 4, 9), FR + "FR-2026-04-09/html/2026-06851.htm")
STATEMENT_2025 = Publication("BIS policy statement on training AI models of 2025-05-13", date(2025, 5, 13))
RED_FLAGS_2025 = Publication("BIS industry guidance of 2025-05-13", date(2025, 5, 13))
BIREN_2023 = Publication("88 FR 71991", date(2023, 10, 19), FR + "FR-2023-10-19/html/2023-23048.htm")
RESCISSION_2025 = Publication("BIS announcement of 2025-05-13", date(2025, 5, 13))
GAO_2026 = Publication("GAO decision of 2026-05-12", date(2026, 5, 12), "https://www.gao.gov/products/b-337935")
CYPRUS_2024 = Publication(
    "89 FR 40369",
    date(2024, 5, 10),
    "https://regulations.justia.com/regulations/fedreg/2024/05/10/2024-10280.html",
)
TRI_SEAL_2023 = Publication("Tri-seal compliance note of 2023-03-02", date(2023, 3, 2))
TRI_SEAL_2024 = Publication("Tri-seal compliance note of 2024-03-06", date(2024, 3, 6))
FINCEN = Publication("Joint alerts of BIS and FinCEN", None)
CASE_SINGAPORE = Publication("Singapore charges of 2025-02-27", date(2025, 2, 27))
CASE_ALX = Publication("C.D. Cal., charges of 2025-08-05", date(2025, 8, 5))
CASE_MEGASPEED = Publication("Press of October 2025 on Megaspeed", date(2025, 10, 1))
CASE_JANFORD = Publication("M.D. Fla., unsealed 2025-11-20", date(2025, 11, 20))
CASE_GATEKEEPER = Publication("S.D. Tex., unsealed 2025-12-08", date(2025, 12, 8))
CASE_APPLIED = Publication(
    "BIS order of 2026-02-11",
    date(2026, 2, 11),
    "https://www.bis.gov/media/documents/2026.02.11-amat-settlement-documents-combined.pdf",
)
CASE_SUPERMICRO = Publication("S.D.N.Y., charges of 2026-03-19", date(2026, 3, 19))
CASE_KEELUNG = Publication("Keelung prosecutors, 2026-05-21", date(2026, 5, 21))


def cite(section: str, publication: Publication) -> Cite:
    """Make a citation of one section as published in one place.

    Example:
        >>> str(cite("15 CFR 742.6(a)(6)", IFR_2022))
        '15 CFR 742.6(a)(6) (87 FR 62186)'
    """
    return Cite(section, publication.name, READ, publication.url, publication.published_on)
