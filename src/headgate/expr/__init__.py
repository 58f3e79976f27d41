"""The law's expression: written once, read by many.

`node` is the expression itself. Its readers: `oracle` (tree walk), `case` (generated Python), `table` (Polars),
`words`, `missing` and `margin`. SQL text will be a further reader, beside `table`.
"""

from headgate.expr.node import (
    FALSE,
    TRUE,
    Expr,
    Field,
    Threshold,
    all_of,
    any_of,
    any_part,
    fact,
    field,
    holds,
    threshold,
    walk,
)
from headgate.expr.value import AtLeast

__all__ = [
    "FALSE",
    "TRUE",
    "AtLeast",
    "Expr",
    "Field",
    "Threshold",
    "all_of",
    "any_of",
    "any_part",
    "fact",
    "field",
    "holds",
    "threshold",
    "walk",
]
