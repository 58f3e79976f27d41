"""Chinese words for what a customer reads, from the data; a test holds them against the English ones."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from headgate.errors import CatalogError

FILE = "words/zh.toml"
TABLES = ("column", "need", "flag", "value", "document", "page")
# The key of the question that stands for several certifications.
CERTIFIED_KEY = "certified"

# The words of the page itself; the Chinese ones stand in the data under the same names.
PAGE = {
    "title": "Questions to the customer",
    "intro": "Before we can go on with this order line under the US Export Administration Regulations (EAR, 15 CFR "
    "730-774) we need your answers to the questions below. Please answer each of them.",
    "unknown_rule": "State what you do not know as unknown: leave nothing blank, and do not guess (the rule of form "
    "BIS-711).",
    "translation": "The Chinese text is our own translation, reviewed by neither a lawyer nor a translator; the "
    "English text governs.",
    "order": "Order",
    "line": "Order line",
    "line_item": "Item",
    "line_quantity": "Quantity",
    "line_route": "Route",
    "line_parties": "Parties",
    "line_day": "Day",
    "questions": "Questions",
    "nothing": "There is nothing to ask you about this line.",
    "documents": "Please send with your answers",
    "answer": "Answer",
    "yes": "Yes",
    "no": "No",
    "unknown": "Unknown",
    "country": "Country or territory",
    "source": "How you know it (paper, person)",
    "statement": "Statement",
    "statement_text": "We state that, to the best of our knowledge, the answers above are true and complete, and that "
    "we do not know what is marked unknown. We will tell you in writing at once of any change before the order is "
    "carried out.",
    "company": "Company (seal)",
    "name": "Name",
    "position": "Position",
    "date": "Date",
    "signature": "Signature",
}


@cache
def chinese() -> Mapping[str, Mapping[str, str]]:
    """Return the Chinese words by table and name.

    Raises:
        CatalogError: A table is missing or unknown, or something in it is not text.

    Example:
        >>> chinese()["page"]["unknown"]
        '不详'
    """
    return read_words((files("headgate.data") / FILE).read_text(encoding="utf-8"))


def read_words(text: str) -> Mapping[str, Mapping[str, str]]:
    """Read a file of words.

    Raises:
        CatalogError: See `chinese`.
    """
    found = tomllib.loads(text)
    if set(found) != set(TABLES):
        raise CatalogError(f"{FILE}: its tables are {', '.join(found)}; they must be {', '.join(TABLES)}")
    for table, entries in found.items():
        for name, said in entries.items():
            if not isinstance(said, str) or not said.strip():
                raise CatalogError(f"{FILE}, {table}.{name}: {said!r} is no text")
    return found
