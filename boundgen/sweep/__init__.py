"""Many derivations: every choice of a model's assumptions, every estimand, on any executor."""

from boundgen.sweep.run import Sweep, sweep

__all__ = ["Sweep", "sweep"]
