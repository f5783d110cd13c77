"""A few threads for what may never return, such as a question to a dead name server.

Unlike those of concurrent.futures they are not joined when the process ends.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Errands(Generic[T]):
    """Errands are run in the order of asking, so many at once. What goes wrong they tell by what
    they return.
    """

    def __init__(self, at_once: int, name: str) -> None:
        self._at_once = at_once
        self._name = name
        self._asked: SimpleQueue[tuple[Future[T], Callable[[], T]] | None] = SimpleQueue()
        self._threads = 0

    def ask(self, errand: Callable[[], T]) -> Future[T]:
        result: Future[T] = Future()
        self._asked.put((result, errand))
        if self._threads < self._at_once:
            self._threads += 1
            Thread(target=self._run, name=f"{self._name}-{self._threads}", daemon=True).start()
        return result

    def close(self) -> None:
        """What has not begun is cancelled; what has is left to itself, and nobody waits for it."""
        with suppress(Empty):
            while asked := self._asked.get_nowait():
                asked[0].cancel()
        for _ in range(self._threads):
            self._asked.put(None)

    def _run(self) -> None:
        try:
            while asked := self._asked.get():
                result, errand = asked
                if result.set_running_or_notify_cancel():
                    result.set_result(errand())
        finally:
            self._threads -= 1  # the next errand brings another
