"""Beacons: known-good places that tell a blind prober from a dead fleet.

Blindness comes only from here, never from "many are down".
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from functools import partial

import structlog

from monitor.doors.opener import TcpOpener
from monitor.doors.race import first_to_succeed
from registry.clock import Clock

log = structlog.get_logger()

ASK_EVERY_S = 10.0
ANSWER_S = 3.0
ROUNDS_TO_BLINDNESS = 2


class Beacons:
    """Asks each `host:port` for a TCP connection. Blind is: none answered, twice in a row."""

    def __init__(self, clock: Clock, places: Sequence[str]) -> None:
        self._clock = clock
        self._places = tuple(places)
        # A thread for each: a name without an answer holds up nobody but itself. A failure is not
        # kept: told twice, it would be two silent rounds.
        threads = max(1, len(self._places))
        self._opener = TcpOpener(clock, threads=threads, keep_failure_s=0.0)
        self._silent_rounds = 0
        self._round_began_s = float("-inf")
        self._one_round = asyncio.Lock()

    @property
    def blind(self) -> bool:
        return self._silent_rounds >= ROUNDS_TO_BLINDNESS

    def gauges(self) -> dict[str, float]:
        """Nothing is claimed where no beacon is configured."""
        return {"vantage_blind": float(self.blind)} if self._places else {}

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Asked for as long as this is open."""
        asking = asyncio.create_task(self._keep_asking(), name="beacons")
        try:
            yield
        finally:
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asking
            self._opener.close()

    async def sees(self) -> bool:
        """Does any beacon answer now? Asked in a round that begins after the question was put.

        Many who ask at once share one round. Without beacons there is nothing to doubt.
        """
        asked_s = self._clock.monotonic()
        while self._places and self._round_began_s < asked_s:
            async with self._one_round:
                if self._round_began_s < asked_s:
                    await self.ask()
        return self._silent_rounds == 0

    async def ask(self) -> None:
        """One round."""
        self._round_began_s = self._clock.monotonic()
        answers = await asyncio.gather(*map(self._answers, self._places))
        was_blind = self.blind
        self._silent_rounds = 0 if any(answers) else self._silent_rounds + 1
        if self.blind != was_blind:
            log.warning("vantage_blind", blind=self.blind, beacons=self._places)

    async def _keep_asking(self) -> None:
        while self._places:
            await self.ask()
            await self._clock.sleep(ASK_EVERY_S)

    async def _answers(self, place: str) -> bool:
        host, _, port = place.rpartition(":")
        try:
            async with asyncio.timeout(ANSWER_S):
                addresses = await self._opener.resolve(host.strip("[]"))
                attempts = [partial(self._taken, address, int(port)) for address in addresses]
                return await first_to_succeed(attempts, lambda _: None)
        except (OSError, ValueError):  # ValueError: a name that is none
            return False

    async def _taken(self, address: str, port: int) -> bool:
        """Raises OSError."""
        transport = await self._opener.connect(address, port, asyncio.Protocol)
        transport.close()
        return True
