"""How much the tests that make up their own cases try."""

import os

from hypothesis import settings

settings.register_profile("suite", max_examples=500, deadline=None)
settings.register_profile("fuzz", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
