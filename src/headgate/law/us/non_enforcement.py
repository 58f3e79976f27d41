"""What surrounds the rule of 2025-01-13: the announcement that it is not enforced, and what the GAO said of that."""

from headgate.expr import holds
from headgate.law.provision import provision
from headgate.law.us.sources import GAO_2026, cite

PRINTED_ALONE = (
    holds("us.ear.742_6.a_6_iii.worldwide")
    & ~holds("us.ear.742_6.a_6_iii.a")
    & ~holds("us.ear.742_6.a_6_iii.hq")
    & ~holds("us.ear.742_6.a_6_iii.uae")
) | holds("us.ear.742_6.a_13")

gao = provision(
    "us.non_enforcement.gao",
    stage="note",
    says="The GAO held that the announcement not to enforce the worldwide requirement is itself a rule that was never "
    "submitted to Congress.",
    when=PRINTED_ALONE,
    start="2026-05-12",
    cite=cite("GAO B-337935, on the Congressional Review Act", GAO_2026),
    mark="one_source",
    track="printed",
    flag="gao_non_enforcement",
    note="It changes no answer: the announcement of 2025-05-13 stands, and no rule has taken the text out of the code.",
)

PROVISIONS = (gao,)
