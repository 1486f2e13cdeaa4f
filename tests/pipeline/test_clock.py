"""Where the seconds went adds up."""

import re

from pipeline.clock import SHOWN, Clock


def test_the_longest_parts_come_first_and_all_adds_up_to_the_whole():
    clock = Clock()
    clock.lap("imports")
    for number in range(SHOWN + 5):
        clock.started(f"step__{number}", 100.0)
        clock.ended(f"step__{number}", 100.0 + number)
    told = list(clock.told())
    assert told[0].startswith(f"step {SHOWN + 4} ")
    assert told[SHOWN].startswith("6 shorter parts ")
    seconds = [float(re.search(r"(-?[\d.]+) s  ", line)[1]) for line in told]
    assert abs(sum(seconds[:-1]) - seconds[-1]) < 0.2
    assert told[-1].startswith("the whole ")


def test_a_step_that_never_began_has_no_seconds():
    clock = Clock()
    clock.ended("step", 5.0)
    assert clock.seconds == {}
