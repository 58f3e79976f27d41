"""The words of rules that are written outside the book: a code that cannot occur would never fire, and is refused."""

from collections.abc import Iterable

from headgate.catalog.chips import Catalog
from headgate.catalog.countries import find_country
from headgate.decide.columns import COLUMNS
from headgate.decide.item import FAMILIES
from headgate.errors import BookError, CatalogError, did_you_mean
from headgate.expr import walk
from headgate.expr.node import OneOf
from headgate.law.fields import BY_NAME
from headgate.law.provision import Provision

ITEMS = ("item.id", "ic.id")


def check_codes(provisions: Iterable[Provision], catalog: Catalog) -> None:
    """Refuse a rule that compares a field with a code the field never has.

    Raises:
        BookError: The code is no country, no value of the column or no item; the message says what to write.
    """
    for p in provisions:
        for node in walk(p.when):
            if isinstance(node, OneOf):
                for code in node.values:
                    check_code(p.id, node.name, code, catalog)


def check_code(id: str, name: str, code: str, catalog: Catalog) -> None:
    """Refuse one code of one field; see `check_codes`."""
    column = COLUMNS[BY_NAME[name].column]
    where = f"provision {id}: {name} is never {code!r}"
    if name in ITEMS:
        known = {*catalog.ids(), *FAMILIES}
        if code not in known:
            raise BookError(f"{where}: no item of the catalog has this id.{did_you_mean(code, known)}")
    elif column.kind in ("country", "countries"):
        try:
            meant = find_country(code)
        except CatalogError as problem:
            raise BookError(f"{where}: {problem}") from None
        if meant != code:
            raise BookError(f"{where}: it counts as {meant}; write {meant!r}")
    elif column.values and name != "item.commodity" and code not in column.values:
        raise BookError(f"{where}: it is one of {', '.join(column.values)}.{did_you_mean(code, column.values)}")
