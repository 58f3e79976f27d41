"""The chain of provisions behind a decision: what applied, with the numbers compared, and what did not and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from headgate.catalog.countries import country_name
from headgate.decide.era import Track
from headgate.decide.paper.links import links
from headgate.decide.prose import Page, listed, number, percent
from headgate.decide.trace import Trace
from headgate.decide.wording import MARK, NEEDS, POLICY, authority
from headgate.expr.margin import Margin, margins
from headgate.expr.node import And, AnyPart, Compare, Expr, Holds, Not, OneOf, Or
from headgate.expr.oracle import evaluate
from headgate.expr.value import Row, Truth
from headgate.expr.words import words
from headgate.law.fields import BY_NAME, WORDS
from headgate.law.provision import Provision

PLACES = (
    "act.ship_from",
    "act.destination",
    "party.hq",
    "party.parent",
    "item.designer_countries",
    "act.cloud_customer",
)
CODES = {"ic": "an integrated circuit", "computer": "a computer or assembly", "hbm": "high-bandwidth memory"}


@dataclass(frozen=True)
class Chain:
    """The provisions of one track of a decision, and what they came to.

    Args:
        trace: What the decision was made from.
        name: The track, `enforced` or `printed`.
    """

    trace: Trace
    name: str

    @property
    def track(self) -> Track:
        """The track itself."""
        return self.trace.era.tracks[self.name]

    @cached_property
    def truths(self) -> Mapping[str, Truth]:
        """Truth of each provision in force, by id."""
        steps = zip(self.track.provisions, self.track.steps, strict=True)
        return {p.id: self.trace.truths[step] for p, step in steps}

    def formula(self, name: str) -> Truth:
        """Return the truth of one formula of the day, for example `open:NAC`."""
        return self.trace.truths[self.track.formulas[name]]

    def stage(self, name: str, truth: Truth) -> list[Provision]:
        """Return the provisions of a stage that came to this."""
        return [p for p in self.track.law.stage(name) if self.truths[p.id] is truth]

    @cached_property
    def freed(self) -> list[Provision]:
        """The provisions by which the line needs no license, whatever the requirements are."""
        return [p for p in self.stage("scope", True) if p.frees]

    def facts(self, p: Provision) -> Row:
        """Return what a provision reads: the row, and the circuit that meets it, or else the strongest one."""
        parts = self.trace.item.parts or ()
        meets = (part for part in parts if self.check(p.when, {**self.trace.row, **part}))
        return {**self.trace.row, **next(meets, parts[0] if parts else {})}

    def check(self, node: Expr, facts: Row) -> Truth:
        """Evaluate a condition on some facts."""
        return evaluate(node, facts, self.trace.era.lists, self.trace.item.parts, self.track.law.expression)

    def margins(self, p: Provision) -> list[Margin]:
        """Return the comparisons written in one provision, with the numbers of the row."""
        return margins([p.when], self.facts(p))

    def lacks(self, p: Provision, truth: Truth) -> list[Expr]:
        """Return the conditions of a provision that came to this: what failed, or what is unknown."""
        facts = self.facts(p)
        whole = p.when.arg if isinstance(p.when, AnyPart) and not isinstance(p.when.arg, Holds) else p.when
        joined = whole.args if isinstance(whole, And) else (whole,)
        return [node for node in joined if self.check(node, facts) is truth]

    def say(self, node: Expr, p: Provision) -> str:
        """Write one condition of a provision in words, with the number of the row where it compares one."""
        law = self.track.law

        def title(id: str) -> str:
            found = law.by_id.get(id)
            return f"“{found.says.rstrip('.')}”" if found else f"[{id}], which is not in force"

        if isinstance(node, Compare | Not):
            inner = node.arg if isinstance(node, Not) else node
            if isinstance(inner, Compare) and (found := margins([inner], self.facts(p))):
                return margin_words(found[0])
        return words(named(node), WORDS, title)


def named(node: Expr) -> Expr:
    """Return an expression whose codes of countries and kinds are written out, for people.

    Example:
        >>> from headgate.expr import field
        >>> words(named(field("act.destination").one_of("CN", "MO")), WORDS)
        'the destination is China or Macau'
    """
    match node:
        case And(args):
            return And(tuple(named(a) for a in args))
        case Or(args):
            return Or(tuple(named(a) for a in args))
        case Not(arg):
            return Not(named(arg))
        case AnyPart(arg):
            return AnyPart(named(arg))
        case OneOf(name, values) if name in PLACES:
            return OneOf(name, tuple(country_name(v) for v in values))
        case OneOf(name, values) if name not in ("ic.id", "item.id"):
            return OneOf(name, tuple(CODES.get(v, v.replace("_", " ")) for v in values))
    return node


def margin_words(m: Margin) -> str:
    """Write one number beside its threshold.

    Example:
        >>> from headgate.expr.margin import margin
        >>> from headgate.expr.node import threshold
        >>> margin_words(margin("ic.tpp", 4750.0, ">=", threshold("t", 4800, "TPP")))
        'total processing performance 4,750 TPP against 4,800 (1.0 % below)'
    """
    info = BY_NAME.get(m.name)
    said = (info.words if info else m.name).removeprefix("its ")
    value = f"{'at least ' if m.bound else ''}{number(m.value, m.limit.value)} {m.limit.unit}".strip()
    how_far = "not settled" if m.bound and m.share < 0 else percent(m.share)
    return f"{said} {value} against {number(m.limit.value)} ({how_far})"


def show_cite(page: Page, chain: Chain, p: Provision, indent: int) -> None:
    """Write where a provision stands; on paper the section and the publication lead to their texts."""
    page.cite(cited(p), links(p.cite, chain.trace.day, chain.track.law.book.read_on), indent)


def cited(p: Provision) -> str:
    """Write where a provision stands, under which id, and how well it is known when not from the primary text."""
    known = "" if p.mark == "primary" else f"; {MARK[p.mark]}"
    return f"{p.cite}; {p.id}{known}"


def show_provisions(page: Page, chain: Chain, provisions: Iterable[Provision], start: int = 1) -> int:
    """Write provisions with their numbers and citations; return the next number."""
    for n, p in enumerate(provisions, start):
        mark = f"{n}. "
        page.say(p.says, mark=mark)
        indent = 2 + len(mark)
        for m in chain.margins(p):
            page.say(margin_words(m), indent, "- ")
        show_cite(page, chain, p, indent)
        start = n + 1
    return start


def show_not_met(page: Page, chain: Chain, stage: str, truth: Truth, head: str, *, most: int = 14) -> None:
    """Write one line for each provision of a stage that did not apply, or is unknown: the first thing it lacks."""
    found = [p for p in chain.stage(stage, truth) if stage != "classify" or p.eccn]
    shown = [(p, lacking) for p in found if not _other_kind(lacking := chain.lacks(p, truth)) or stage != "classify"]
    # What lacks the fewest conditions is the nearest to applying, so it is worth reading first.
    shown.sort(key=lambda pair: len(pair[1]))
    if shown:
        page.say(head)
    for p, lacking in shown[:most]:
        name = p.paragraph if stage == "classify" else short_section(p)
        page.say(f"{name}: {listed(chain.say(node, p) for node in lacking[:2])}", 4, "- ", lead=f"{name}:")
    if len(shown) > most:
        page.say(f"and {len(shown) - most} more, further away.", 4, "- ")


def _other_kind(lacking: list[Expr]) -> bool:
    """Say whether an entry is for another kind of item; that it does not reach this one goes without saying."""
    return any(isinstance(node, OneOf) and node.name == "item.kind" for node in lacking)


def short_section(p: Provision) -> str:
    """Return the section a provision stands in, without the words that every one shares.

    Example:
        >>> from headgate.law.us import book
        >>> short_section(book().versions("us.ear.744_11")[0]), short_section(book().versions("us.ear.3a090.a.1")[0])
        ('744.11, 744.16', '3A090.a.1')
    """
    head = p.cite.section.split(";")[0]
    for words_ in ("15 CFR ", "part 774, supp. 1, ECCNs ", "part 774, supp. 1, ECCN ", "part 774, supp. 1, "):
        head = head.replace(words_, "")
    return head


def show_exceptions(page: Page, chain: Chain) -> None:
    """Write each exception the day's law knows, and why it is open or closed."""
    if not chain.track.exceptions:
        page.say("On this day the book knows no license exception for these items.")
    for name in chain.track.exceptions:
        truth = chain.formula(f"open:{name}")
        state = {True: "open", False: "closed", None: "not known"}[truth]
        provisions = [p for p in chain.track.law.stage("exempt") if p.exception == name]
        head = f"{authority(name)}: {state}."
        page.say(f"{head} {_why(chain, provisions, truth)}", lead=head)
        for p in provisions:
            if truth is not False and chain.truths[p.id] is not False:
                show_cite(page, chain, p, 4)
                todo = [NEEDS.get(n, n) for n in p.needs if chain.trace.cells.get(n) is None]
                if truth and todo:
                    page.say(f"Still to do: {'; '.join(todo)}.", 4)


def _why(chain: Chain, provisions: Sequence[Provision], truth: Truth) -> str:
    applying = [p for p in provisions if chain.truths[p.id] is True]
    if truth is True:
        return applying[0].says
    if applying:
        p = applying[0]
        beyond = [r for r in chain.stage("require", truth is False or None) if r.id not in p.covers]
        said = "it does not cover" if truth is False else "it would not cover, if it applies,"
        return f"Item, destination and party would qualify, but {said} {listed(short_section(r) for r in beyond)}."
    p = next((p for p in provisions if chain.truths[p.id] is None), provisions[0])
    lacking = sorted((chain.say(node, p) for node in chain.lacks(p, chain.truths[p.id])), key=len)
    # One failed condition closes it, and the shortest says it best; of what is unknown, all is worth knowing.
    if chain.truths[p.id] is False:
        return f"It is not so that {lacking[0]}." if len(lacking[0]) < 200 else f"It reaches only this: {p.says}"
    return f"It is not known whether {listed(lacking[:3])}."


def show_review(page: Page, chain: Chain, policy: str) -> None:
    """Write the review policy with the provisions that state it, or could."""
    if not policy:
        return
    sure = [p for p in chain.stage("review", True) if p.policy == policy]
    open_ = [p for p in chain.stage("review", None) if p.policy == policy]
    page.say(f"Review: {POLICY[policy]}.", lead="Review:")
    for p in sure or open_:
        page.say(p.says, 4)
        show_cite(page, chain, p, 4)
    if open_ and not sure:
        page.say("Missing facts decide whether this policy holds; the strictest one still possible is shown.", 4)
    others = {p.policy for p in chain.stage("review", None)} - {policy}
    if others:
        page.say(
            f"With the missing facts it could also be: {listed(map(POLICY.__getitem__, sorted(others)), 'or')}.", 4
        )
