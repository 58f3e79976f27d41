"""Pictures of the world in Altair: one definition for files, notebooks and the page."""

from headgate.pictures.files import save, svg_of
from headgate.pictures.look import DARK, LIGHT, Look, run_words
from headgate.world.pictures.against import paired, predictive
from headgate.world.pictures.bands import fan
from headgate.world.pictures.odds import claims, tornado
from headgate.world.pictures.supply import channel_stack, let_through

__all__ = [
    "DARK",
    "LIGHT",
    "Look",
    "channel_stack",
    "claims",
    "fan",
    "let_through",
    "paired",
    "predictive",
    "run_words",
    "save",
    "svg_of",
    "tornado",
]
