"""Records and formulas become runs: a job on a machine, its median and its band, and the best way to run it."""

import headgate.machine  # noqa: F401  says what to install when NumPy is missing
