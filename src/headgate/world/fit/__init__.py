"""Calibration: the quantities of the world, given the history of 2022 to 2025; traced by JAX, sampled by NumPyro."""
