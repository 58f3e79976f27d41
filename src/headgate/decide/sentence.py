"""The answer in one plain sentence, and the names it needs."""

from headgate.catalog.countries import country_name
from headgate.decide.chain import Chain
from headgate.decide.decision import Decision
from headgate.decide.one import Decider
from headgate.decide.prose import clean, listed
from headgate.decide.trace import Trace
from headgate.decide.wording import ACT, POLICY, authority, question
from headgate.errors import CatalogError
from headgate.law.book import ENFORCED

WITH_ARTICLE = ("AE", "BS", "CD", "CF", "CG", "DO", "GM", "MH", "NL", "PH", "SB", "US")
KINDS = {
    "ic": "an unnamed integrated circuit",
    "computer": "an unnamed computer",
    "hbm": "high-bandwidth memory",
    "software": "software",
    "technology": "technology",
    "model_weights": "model weights",
}


def place(code: object) -> str:
    """Return a country as a sentence names it; an unknown one is said to be so.

    Example:
        >>> place("AE"), place("CN"), place(None)
        ('the United Arab Emirates', 'China', 'a place not stated')
    """
    if code is None:
        return "a place not stated"
    return f"{'the ' if code in WITH_ARTICLE else ''}{country_name(str(code))}"


def item_name(trace: Trace, by: Decider) -> str:
    """Return the item's name: that of the catalog, or what the row says."""
    name = trace.cells.get("item")
    if name is None:
        return KINDS.get(str(trace.row.get("item.kind")), "an item not stated")
    try:
        record = by.own.get(str(name).casefold()) or by.catalog.find(str(name))
    except CatalogError:
        return clean(str(name))
    return record.name


def sentence(decision: Decision, trace: Trace, by: Decider) -> str:
    """Return the answer as enforced, in one plain sentence."""
    cells = trace.cells
    to, start = place(cells.get("destination")), place(cells.get("ship_from"))
    activity = str(cells.get("activity") or "send")
    routes = {"export": f"to {to}", "send": f"to {to}", "transfer": f"within {to}", "reexport": f"from {start} to {to}"}
    route = routes.get(activity, f"(destination {to})")
    act = f"to {ACT.get(activity, activity)} {item_name(trace, by)} {route} on {trace.day}"
    chain = Chain(trace, ENFORCED)
    match decision.outcome:
        case "prohibited":
            why = [p.says for p in chain.stage("require", True) if p.prohibits]
            return f"It is prohibited {act}. {' '.join(why)}"
        case "license_required":
            return f"A license is required {act}; {POLICY[decision.review_policy or 'unstated']}."
        case "exception_available":
            names = listed(map(authority, decision.exceptions), "or")
            return f"A license is required {act} unless {names} is used, which is open."
        case "no_license_required":
            return " ".join((f"No license is required {act}.", *(p.says for p in chain.freed)))
        case "legal_ambiguity":
            return f"The text leaves two readings of whether a license is required {act}; both are shown below."
        case "not_modeled":
            gaps = " ".join(p.says for p in chain.stage("not_modeled", True))
            return f"Whether a license is required {act} cannot be said: the law asked for is not modeled. {gaps}"
    first = question(decision.missing[0]) if decision.missing else ""
    return f"Whether a license is required {act} cannot be said, because facts are missing. Ask first: {first}"
