"""Where a look under way stands: found out when somebody asks, so that other looks pay nothing."""

from __future__ import annotations

from monitor.doors.line import Line
from monitor.doors.report import Account
from monitor.doors.watch import Watch
from monitor.rtsp.failures import Step
from monitor.rtsp.state import State
from registry.vocabulary import Stage

STAGES = {
    Step.OPTIONS: Stage.OPTIONS,
    Step.DESCRIBE: Stage.DESCRIBE,
    Step.SETUP: Stage.SETUP,
    Step.PLAY: Stage.PLAY,
}


def stage_of(
    line: Line | None, state: State | None, watch: Watch | None, account: Account
) -> Stage | None:
    """What a look waits for; None where that is no timed stage: frames to advance, or TEARDOWN."""
    if line is None or state is None:
        return Stage.CONNECT  # with the name: the resolver does not tell how far it is
    if watch is not None:
        return watch.stage()
    if state.url.scheme == "rtsps" and Stage.TLS not in account.stages:
        return Stage.TLS
    return STAGES.get(state.step)
