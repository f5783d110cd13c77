"""The last picture of each feed, in memory only and within a budget of bytes.

It must not decide who may see one.
"""

from __future__ import annotations

from collections import OrderedDict

from registry.live import Frame
from registry.look import FeedKey


class Frames:
    """What was put or asked for longest ago makes room; its next picture look brings it back."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._frames: OrderedDict[FeedKey, Frame] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def bytes(self) -> int:
        return self._bytes

    def put(self, key: FeedKey, frame: Frame) -> None:
        self.forget(key)
        self._frames[key] = frame
        self._bytes += len(frame.jpeg)
        while self._bytes > self._most_bytes:
            self.forget(next(iter(self._frames)))

    def get(self, key: FeedKey) -> Frame | None:
        """Pictures that people look at are the last to go."""
        frame = self._frames.get(key)
        if frame is not None:
            self._frames.move_to_end(key)
        return frame

    def forget(self, key: FeedKey) -> None:
        frame = self._frames.pop(key, None)
        if frame is not None:
            self._bytes -= len(frame.jpeg)
