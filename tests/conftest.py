"""What holds for every test.

Property tests run the same examples everywhere and are not timed: a slow machine is no failure.
"""

from hypothesis import settings

settings.register_profile("augenhoehe", deadline=None, derandomize=True, database=None)
settings.load_profile("augenhoehe")
