"""Days as other people write them: a form such as DD.MM.YYYY, read into ISO days. No form is ever chosen by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_ENGLISH = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_GERMAN = "jan feb mär apr mai jun jul aug sep okt nov dez".split()
MONTHS = {name: n for names in (_ENGLISH, _GERMAN) for n, name in enumerate(names, 1)} | {"mrz": 3, "sept": 9}
# A digit before and behind tells one part from the next; where parts touch, each has its full width.
_PARTS = {
    "YYYY": r"(?P<year>\d{4})",
    "YY": r"(?P<year>\d{2})",
    "MON": r"(?P<name>[^\W\d_]{3,4})\.?",
    "MM": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
    "hh": r"\d{1,2}",
    "mm": r"\d{2}",
    "ss": r"\d{2}",
}
_TOKEN = re.compile("YYYY|YY|MON|MM|DD|hh|mm|ss|.", re.DOTALL)
# What a draft tries, the commonest first.
COMMON = (
    "YYYY-MM-DD",
    "DD.MM.YYYY",
    "DD/MM/YYYY",
    "MM/DD/YYYY",
    "YYYYMMDD",
    "DD-MON-YYYY",
    "DD-MON-YY",
    "DD MON YYYY",
    "YYYY/MM/DD",
    "YYYY.MM.DD",
    "YYYY年MM月DD日",
    "DD-MM-YYYY",
    "MM-DD-YYYY",
    "DD.MM.YY",
    "DD/MM/YY",
    "MM/DD/YY",
    "DD.MM.YYYY hh:mm:ss",
    "DD-MON-YYYY hh:mm:ss",
    "YYYY-MM-DD hh:mm:ss",
    "MON DD, YYYY",
)


@dataclass(frozen=True, slots=True)
class DayForm:
    """One way to write a day.

    Args:
        form: As a map states it; YYYY, YY (20YY), MM, MON (a month's short name), DD, and hh, mm, ss that are left out.
        pattern: The same as a regular expression.
    """

    form: str
    pattern: re.Pattern[str]

    def read(self, text: str) -> str:
        """Return a day as ISO text; an ISO day is read under every form.

        Raises:
            ValueError: It is not written so, or no such day exists.

        Example:
            >>> day_form("DD.MM.YYYY").read("7.3.2026"), day_form("DD-MON-YYYY").read("15-JAN-2026")
            ('2026-03-07', '2026-01-15')
        """
        found = self.pattern.fullmatch(text)
        if found is None:
            if ISO.fullmatch(text):
                return date.fromisoformat(text).isoformat()
            raise ValueError(f"{text!r} is not written as {self.form}")
        told = found.groupdict()
        year = int(told["year"]) + (2000 if len(told["year"]) == 2 else 0)
        month = MONTHS.get(told["name"].casefold(), 0) if told.get("name") else int(told.get("month") or 0)
        try:
            return date(year, month, int(told["day"])).isoformat()
        except ValueError:
            raise ValueError(f"{text!r}, read as {self.form}, is not a real day") from None


@cache
def day_form(form: str) -> DayForm:
    """Return the reader of a form.

    Raises:
        ValueError: It lacks the year, the month or the day, has one twice, or holds a letter that stands for nothing.
    """
    tokens = _TOKEN.findall(form)
    parts = [t for t in tokens if t in _PARTS]
    kinds = sorted({"MON": "M"}.get(t, t[0]) for t in parts if t.isupper())
    strange = next((t for t in tokens if t not in _PARTS and t.isascii() and t.isalnum()), None)
    if strange is not None or kinds != ["D", "M", "Y"]:
        why = f"{strange!r} stands for nothing" if strange else "it needs the year, the month and the day once each"
        raise ValueError(f"{form!r} is no form of a day: {why}; write it like DD.MM.YYYY, MM/DD/YYYY or DD-MON-YYYY")
    if form.startswith("YY") and form.find("DD") < form.find("M"):
        raise ValueError(f"{form!r} puts the day before the month behind the year, which reads like an ISO day")
    pattern = ""
    for n, token in enumerate(tokens):
        near = (tokens[n - 1] if n else "", tokens[n + 1] if n + 1 < len(tokens) else "")
        part = _PARTS.get(token, re.escape(token))
        pattern += part.replace("{1,2}", "{2}") if any(t in _PARTS for t in near) else part
    return DayForm(form, re.compile(pattern, re.ASCII if "MON" not in tokens else 0))


def fitting(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the common forms in which every text can be read.

    Example:
        >>> fitting(["31.12.2025", "01.02.2026"]), fitting(["01/02/2026"])
        (('DD.MM.YYYY',), ('DD/MM/YYYY', 'MM/DD/YYYY'))
    """
    left = list(COMMON)
    for text in texts:
        left = [form for form in left if day_form(form).pattern.fullmatch(text) and _is_real(form, text)]
        if not left:
            break
    return tuple(left)


def _is_real(form: str, text: str) -> bool:
    try:
        day_form(form).read(text)
    except ValueError:
        return False
    return True
