"""Records and formulas become runs: a job on a machine, its median and its band, and the best way to run it."""
