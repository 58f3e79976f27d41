"""Uncertain quantities: spreads, named random streams, rank correlation, and scores of forecasts."""

from headgate.extras import needed

# Every file of the room works on arrays; without NumPy the first import says what to install.
needed("numpy")
