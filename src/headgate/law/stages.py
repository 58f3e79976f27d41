"""How the provisions of one day combine: the answer itself, written as expressions over the provisions in force.

    required    any requirement holds
    prohibited  any prohibiting requirement holds
    open:X      exception X applies, and no requirement that it does not cover
    exempted    any exception is open
    policy:P    some review provision states policy P
    unmodeled   a stated value asks for law that the book does not have
    due         the duty is due

Because they are expressions, every reader of expressions reads the answer too: one case, a table, what is missing.
"""

from headgate.expr import Expr, any_of, holds
from headgate.expr.node import any_part
from headgate.law.book import Law
from headgate.law.kinds import CIRCUIT
from headgate.law.provision import POLICIES, Provision


def formulas(law: Law) -> dict[str, Expr]:
    """Return the answer of one day and track as named expressions.

    Example:
        >>> from datetime import date
        >>> from headgate.law.us import book
        >>> sorted(f for f in formulas(book().on(date(2024, 6, 1), "enforced")) if f.startswith("open:"))
        ['open:ACA', 'open:NAC']
    """
    require = law.stage("require")
    found = {
        "required": any_of(*(holds(p.id) for p in require)),
        "prohibited": any_of(*(holds(p.id) for p in require if p.prohibits)),
        "unmodeled": any_of(*(holds(p.id) for p in law.stage("not_modeled"))),
        "due": any_of(*(holds(p.id) for p in law.stage("duty"))),
    }
    for name in exception_names(law):
        found[f"open:{name}"] = any_of(*(_open(p, require) for p in law.stage("exempt") if p.exception == name))
    found["exempted"] = any_of(*(found[f"open:{name}"] for name in exception_names(law)))
    for policy in POLICIES:
        found[f"policy:{policy}"] = any_of(*(holds(p.id) for p in law.stage("review") if p.policy == policy))
    return found


def classification(law: Law, p: Provision) -> Expr:
    """Return when a classification is the item's own: one of a circuit is, if the item is a circuit."""
    return CIRCUIT & any_part(p.when) if law.is_of_part(p) else p.when


def exception_names(law: Law) -> tuple[str, ...]:
    """Return the exceptions that the day's law knows, in order."""
    return tuple(dict.fromkeys(p.exception for p in law.stage("exempt")))


def _open(p: Provision, require: tuple[Provision, ...]) -> Expr:
    return holds(p.id) & ~any_of(*(holds(r.id) for r in require if r.id not in p.covers))
