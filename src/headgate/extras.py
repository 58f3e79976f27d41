"""Packages that only some commands need: which extra installs each, and the refusal when it is missing."""

from importlib import import_module
from types import ModuleType

from headgate.errors import UsageError

# The extra of pyproject.toml that brings each module, and what it is for.
EXTRAS = {
    "numpy": ("machine", "the model of machines"),
    "altair": ("pictures", "pictures"),
    "vl_convert": ("pictures", "pictures"),
    "typst": ("pdf", "a memo as PDF"),
    "shtab": ("completion", "completion in the shell"),
    "scipy": ("fit", "calibration"),
    "jax": ("world", "the world"),
    "numpyro": ("world", "the calibration of the world"),
    "xarray": ("world", "labeled results"),
}


def needed(module: str) -> ModuleType:
    """Import a module of an optional package.

    Args:
        module: A name in `EXTRAS`.

    Returns:
        The module.

    Raises:
        UsageError: It is not installed; the message says which extra brings it.

    Example:
        >>> needed("numpy").__name__
        'numpy'
    """
    extra, purpose = EXTRAS[module]
    try:
        return import_module(module)
    except ModuleNotFoundError as problem:
        # A module that is there but lacks one of its own is another fault, and not mended by the extra.
        if problem.name != module:
            raise
        raise UsageError(
            f"{purpose[0].upper()}{purpose[1:]} needs {module}, which is not installed. "
            f"Install it with: pip install 'headgate[{extra}]'"
        ) from problem
