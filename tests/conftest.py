"""Hypothesis profiles: "fast" and the longer "thorough" repeat their examples; "hunt" looks for new ones.

HYPOTHESIS_PROFILE chooses one.
"""

import os

from hypothesis import HealthCheck, settings

UNHURRIED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

settings.register_profile(
    "fast", max_examples=80, derandomize=True, database=None, deadline=None, suppress_health_check=UNHURRIED
)
settings.register_profile(
    "thorough", max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=UNHURRIED
)
settings.register_profile("hunt", max_examples=800, deadline=None, print_blob=True, suppress_health_check=UNHURRIED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
