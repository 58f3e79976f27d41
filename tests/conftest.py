"""Settings for every test."""

import os

from hypothesis import settings

# Compiled worlds are run on few draws here: what the compiler's last passes gain is less than they take.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
settings.register_profile("many", deadline=None, max_examples=6000)
