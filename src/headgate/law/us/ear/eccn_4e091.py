"""ECCN 4E091: the weights of closed models; 742.6(a)(13) and (b)(14) with it."""

from headgate.expr import fact, field, holds, threshold
from headgate.law.kinds import DESCRIBED
from headgate.law.provision import provision
from headgate.law.us.ear.s740_27 import ALL_ALLIED
from headgate.law.us.sources import DIFFUSION_2025, cite

SECTION = "15 CFR part 774, supp. 1, ECCN 4E091"
ID = "us.ear.4e091"
KIND, OPERATIONS = field("item.kind"), field("item.training_operations")
# A row that states the operations of a training and no kind is about weights.
WEIGHTS = KIND.one_of("model_weights") | (KIND.is_blank() & ~OPERATIONS.is_blank())
SUBSTANTIAL = (field("item.added_operations") > threshold(f"{ID}.note_1/added_operations", 2.5e25, "operations")) & (
    field("item.added_share") > threshold(f"{ID}.note_1/added_share", 0.25, "of the operations")
)

note_1 = provision(
    f"{ID}.note_1",
    stage="scope",
    says="The weights are published, or derived from published ones with no more than 2.5e25 operations or a quarter "
    "of the operations, whichever is higher.",
    when=fact("item.weights_published") | (fact("item.is_finetune") & ~SUBSTANTIAL),
    start="2025-01-13",
    cite=cite(f"{SECTION}, Note 1", DIFFUSION_2025),
    mark="primary",
    note="The quarter is of the operations that Note 2 defines, by its words; digests read it as a quarter of the "
    "original model's.",
)
parameters = provision(
    f"{ID}.parameters",
    stage="scope",
    says="The model took 1e26 operations or more, is not left out by Note 1, and took no fewer than the most capable "
    "published model would.",
    when=(OPERATIONS >= threshold(f"{ID}/operations", 1e26, "operations"))
    & ~holds(f"{ID}.note_1")
    & ~fact("item.is_below_published"),
    start="2025-01-13",
    cite=cite(f"{SECTION}, technical notes 2 and 3, Note 2", DIFFUSION_2025),
    mark="primary",
    note="The operations are those of pre-training and of all later training. Where more than a tenth of them is on "
    "unpublished data from one generator, those of generating the data count too, and, if its weights are not "
    "published, those of training it; the column is to be stated with them.",
)
eccn = provision(
    ID,
    stage="classify",
    says="Model weights are 4E091 when the training took 1e26 operations and neither note leaves them out.",
    when=((KIND.one_of("model_weights") & ~DESCRIBED) | (KIND.is_blank() & ~OPERATIONS.is_blank()))
    & holds(f"{ID}.parameters"),
    start="2025-01-13",
    cite=cite(SECTION, DIFFUSION_2025),
    mark="primary",
    eccn="4E091",
    paragraph="4E091",
    note="The announcement of 2025-05-13 is about enforcement; the entry is still printed.",
)
requirement = provision(
    "us.ear.742_6.a_13",
    stage="require",
    says="A license is required for 4E091 weights to every destination.",
    when=holds("us.ear.734.movement") & WEIGHTS & holds(f"{ID}.parameters"),
    start="2025-01-13",
    binds_from="2025-05-15",
    cite=cite("15 CFR 742.6(a)(13)", DIFFUSION_2025),
    mark="primary",
    track="printed",
    note="Printed law only: BIS announced on 2025-05-13 that it does not enforce it.",
)
review = provision(
    "us.ear.742_6.b_14",
    stage="review",
    says="Applications for 4E091 weights are reviewed with a presumption of denial for parties headquartered, or with "
    "an ultimate parent, outside the destinations of supplement 5(a).",
    when=holds("us.ear.742_6.a_13") & ~ALL_ALLIED,
    start="2025-01-13",
    binds_from="2025-05-15",
    cite=cite("15 CFR 742.6(b)(14)", DIFFUSION_2025),
    mark="primary",
    track="printed",
    policy="presumption_of_denial",
    note="For parties of supplement 5(a) no policy is stated.",
)

PROVISIONS = (note_1, parameters, eccn, requirement, review)
