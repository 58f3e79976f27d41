"""Leave whole groups, chips, models and scales out, fit everything again without them, and see how far off they come.

    python scripts/leave_out.py        writes data/fit/leave_out.csv and leave_out.toml (about twenty minutes)

Unlike the quick check at the end of `scripts/fit_training.py`, which only forgets the residuals of what is left out,
nothing that was fitted has seen it here: scalars, spreads, noise and band are all fitted again. Kernel constants are
not, since they come from kernels timed alone, never from a run. A chip left out is predicted as one that was never
measured, with the wider band that the program gives such a chip.
"""

import csv
import hashlib
import math
import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two folds side by side, one core each
sys.path.insert(0, str(Path(__file__).resolve().parent))

import fit_training as training
import numpy as np

from headgate.errors import HeadgateError
from headgate.predict.agree import Row, agreement, constant_seconds, score
from headgate.predict.effects import fit_effects
from headgate.predict.runs import run_of_row
from headgate.predict.training import FIT, levels_of, predict

FOLDS = 8
SLICES = ("group", "chip", "model", "scale")
SAYS = {
    "group": "chip, model and precision never seen together",
    "chip": "no run of the chip was ever seen",
    "model": "no run of the model was ever seen",
    "scale": "the same chip, model and precision were seen on fewer chips",
}
# The bars of the issue: what must be reached and what is good, by slice and kind of model; and what one efficiency
# reached on rows that were kept aside from these (perf.md finding 1 and annex E).
BARS = {
    ("group", "dense"): (0.08, 0.05, 0.127),
    ("group", "moe"): (0.14, 0.09, 0.221),
    ("chip", "all"): (0.20, 0.13, 0.32),
    ("scale", "all"): (0.06, 0.04, 0.073),
}
