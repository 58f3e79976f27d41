"""What kind of item it is.

A row that gives a circuit's measures and no kind is judged as a circuit, but never freed as one. Software and
technology are controlled by the circuits of the commodity that they are for; only a stated kind makes an item one.
"""

from headgate.expr import fact, field

KIND = field("item.kind")
DESCRIBED = KIND.is_blank() & fact("item.is_described")
CIRCUIT = KIND.one_of("ic") | DESCRIBED
CHIP = KIND.one_of("ic", "computer") | DESCRIBED
RELATED = ~KIND.is_blank() & KIND.one_of("software", "technology")
TECHNOLOGY = ~KIND.is_blank() & KIND.one_of("technology")
CHIP_OR_RELATED = CHIP | RELATED
