"""A private overlay: a folder of the user's own rules, laid over the book and never shared with it.

Letters received, license conditions, company policy. They can only make an answer stricter, except what is marked as an
authorization held. Their ids begin with `own.`, so that every reason shows whose rule it was.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from headgate.errors import BookError
from headgate.law.book import OWN, Book
from headgate.law.provision import Provision
from headgate.law.read import check_keys, read_provision

DENYING = ("denial", "presumption_of_denial")
STRICTER = ("scope", "require", "review", "note")


def lay_over(book: Book, folder: Path) -> Book:
    """Return the book with the user's own provisions at its end.

    Args:
        book: The book.
        folder: A folder of TOML files with `[[provision]]` tables; see `headgate.law.read`.

    Raises:
        BookError: The folder holds no provision, or one that is malformed, milder than the law, or names what is not.
    """
    own = tuple(read_folder(folder))
    if not own:
        raise BookError(f"{folder}: no provision found; write [[provision]] tables into .toml files there")
    return replace(book, provisions=(*book.provisions, *own))


def read_folder(folder: Path) -> Iterator[Provision]:
    """Yield the provisions of a folder, file by file.

    Raises:
        BookError: There is no such folder, or a file cannot be used.
    """
    if not folder.is_dir():
        raise BookError(f"{folder}: there is no such folder; name the folder of your own rules")
    for path in sorted(folder.glob("*.toml")):
        try:
            content = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise BookError(f"{path}: the file is not valid TOML: {problem}") from None
        check_keys(content, ("provision",), (), str(path))
        tables = content.get("provision", [])
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            raise BookError(f"{path}: provision is {tables!r}; write [[provision]] tables")
        for table in tables:
            yield _read(dict(table), str(path))


def _read(table: dict[str, Any], where: str) -> Provision:
    authorization = table.pop("authorization", False)
    if not isinstance(authorization, bool):
        raise BookError(f"{where}: authorization is {authorization!r}; write true or false")
    made = read_provision(table, where)
    where = f"{where}, provision {made.id}"
    if not made.id.startswith(OWN):
        raise BookError(
            f"{where}: the id of a rule of your own begins with {OWN!r}, so that every reason shows whose it is"
        )
    if made.stage == "exempt" and not authorization:
        raise BookError(
            f"{where}: it would make an answer milder; an authorization you hold says `authorization = true`"
        )
    if authorization and not (made.stage == "exempt" and made.exception and made.covers):
        raise BookError(
            f"{where}: an authorization is of stage `exempt` and names its `exception` and the ids it `covers`"
        )
    if not authorization and made.stage not in STRICTER:
        raise BookError(f"{where}: a rule of your own is of stage {', '.join(STRICTER)}, not {made.stage}")
    if made.policy and made.policy not in DENYING:
        raise BookError(f"{where}: {made.policy} could make an answer milder; state {' or '.join(DENYING)}")
    if (made.stage == "review") != bool(made.policy):
        raise BookError(f"{where}: a rule of stage `review` states a policy, and no other does")
    return made
