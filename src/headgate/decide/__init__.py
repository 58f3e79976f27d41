"""The room in which transactions are decided. It shares its name with the verb `headgate.decide`: it can be called."""

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    def __call__(self, *row: Any, **columns: Any) -> Any:
        from headgate.decide.one import decide_one

        return decide_one(*row, **columns)


# Whichever of the two the import system leaves under the name `headgate.decide`, calling it decides.
sys.modules[__name__].__class__ = _Room
