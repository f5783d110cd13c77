from __future__ import annotations

import subprocess
import sys
import threading
from functools import partial

from monitor.doors.errands import Errands

STUCK = """
import os
from monitor.doors.errands import Errands
Errands(1, "stuck").ask(lambda: os.read(0, 1))
"""


def test_errands_are_run_in_the_order_of_asking():
    errands = Errands[int](2, "sums")

    assert [errands.ask(partial(abs, -n)).result(5) for n in range(5)] == [0, 1, 2, 3, 4]
    errands.close()


def test_what_has_not_begun_is_cancelled_at_the_end_and_what_has_is_left_to_itself():
    begun, free = threading.Event(), threading.Event()
    errands = Errands[bool](1, "slow")

    def slow() -> bool:
        begun.set()
        return free.wait(5)

    running, waiting = errands.ask(slow), errands.ask(lambda: True)
    begun.wait(5)
    errands.close()

    assert waiting.cancelled()
    free.set()
    assert running.result(5) is True


def test_the_process_ends_though_an_errand_never_returns():
    with subprocess.Popen([sys.executable, "-c", STUCK], stdin=subprocess.PIPE) as process:
        try:
            assert process.wait(30) == 0
        finally:
            process.kill()
