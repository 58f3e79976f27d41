"""The publications that the US book cites, each named once."""

from headgate.source import Cite

READ = "2026-11-22"

FR = "https://www.govinfo.gov/content/pkg/"
IFR_2022 = ("87 FR 62186", FR + "FR-2022-10-13/html/2022-21658.htm")
MACAU_2023 = ("88 FR 2821", "")
AC_S_2023 = ("88 FR 73458", FR + "FR-2023-10-25/html/2023-23055.htm")
FIX_2024 = ("89 FR 23876", "")
DIFFUSION_2025 = ("90 FR 4544", "https://bis.gov/advanced-compute-resources")
FOUNDRY_2025 = ("90 FR 5298", FR + "FR-2025-01-16/html/2025-00711.htm")
HBM_2024 = ("89 FR 96790", FR + "FR-2024-12-05/html/2024-28270.htm")
AFFILIATES_2025 = ("90 FR 47201", "https://www.federalregister.gov/documents/2025/09/30/2025-19001")
STAY_2025 = ("90 FR 50857", "https://www.federalregister.gov/documents/2025/11/12/2025-19846")
H200_2026 = ("91 FR 1684", FR + "FR-2026-01-15/html/2026-00789.htm")
UAE_2026 = ("91 FR 43034", FR + "FR-2026-07-14/html/2026-14132.htm")
GUIDANCE_2026 = ("BIS guidance of 2026-05-31", "https://www.bis.gov/media/documents/bis-guidance-may-31-2026.pdf")
GP10_2025 = ("BIS guidance of 2025-05-13", "")
DUTY_2026 = (
    "Proclamation of 2026-01-14, FR Doc 2026-01052",
    "https://www.whitehouse.gov/presidential-actions/2026/01/",
)
ECFR = ("eCFR of 2026-07-23", "https://www.ecfr.gov/api/versioner/v1/full/2026-07-23/title-15.xml")
LETTER_2022 = ("NVIDIA 8-K of 2022-08-31", "https://www.theregister.com/2022/09/01/us_stops_nvidia_and_amd/")
LETTER_2023_07 = ("NVIDIA 10-Q to 2023-07-30", "")
LETTER_2023_10 = ("NVIDIA 8-K of 2023-10-24", "https://www.theregister.com/2023/11/27/nvidia_china_h20_accelerator/")
LETTER_2025 = (
    "NVIDIA 8-K of 2025-04-15; Intel letter as reported",
    "https://www.sec.gov/Archives/edgar/data/1045810/000104581025000082/nvda-20250409.htm",
)


def cite(section: str, publication: tuple[str, str]) -> Cite:
    """Make a citation of one section as published in one place.

    Example:
        >>> str(cite("15 CFR 742.6(a)(6)", IFR_2022))
        '15 CFR 742.6(a)(6) (87 FR 62186)'
    """
    return Cite(section, publication[0], READ, publication[1])
