"""How far somebody sees: limits by area, by center, by contractor. It asks no database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """All limits that are set must hold, any value of each; without limits it is everything.

    A camera is in or out as a whole: whoever sees it sees all its feeds and deliveries.
    """

    areas: tuple[str, ...] = ()  # paths; the whole subtree of each
    centers: tuple[str, ...] = ()  # codes; cameras that one of them must see
    contractor: str | None = None  # code; cameras it answers for now
    within: Reach | None = None  # the reach of the account that a token belongs to

    @property
    def is_everything(self) -> bool:
        return not any((each.areas, each.centers, each.contractor) != _NO_LIMIT for each in self)

    @property
    def is_by_place(self) -> bool:
        """What has no camera, such as a site, can be judged by its area alone."""
        return all(not each.centers and each.contractor is None for each in self)

    def __iter__(self) -> Iterator[Reach]:
        """This and what it lies within; each of them must hold."""
        step: Reach | None = self
        while step is not None:
            yield step
            step = step.within


_NO_LIMIT = ((), (), None)
EVERYTHING = Reach()
