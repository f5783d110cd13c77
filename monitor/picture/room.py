"""Memory that pool and child share: a keyframe is laid there rather than sent through the pipe.

A pipe copies it four times, in pieces. The parent only ever writes here, and the child only reads.
"""

from __future__ import annotations

import fcntl
import mmap
import os

from monitor.picture.wire import MAX_KEYFRAME_BYTES

# Or a child that a picture has taken over could cut it off, and the parent's next write would end
# the parent (SIGBUS).
_OF_THIS_SIZE = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


class Room:
    """The parent's end. Pages that no keyframe has touched take no memory."""

    def __init__(self) -> None:
        self.fd = os.memfd_create("keyframe", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, MAX_KEYFRAME_BYTES)
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, _OF_THIS_SIZE)
        self._memory = mmap.mmap(self.fd, MAX_KEYFRAME_BYTES)

    def lay(self, data: bytes) -> None:
        self._memory[: len(data)] = data

    def close(self) -> None:
        self._memory.close()
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)


def read_end(fd: int) -> memoryview:
    """The child's end, in place of the descriptor."""
    memory = mmap.mmap(fd, MAX_KEYFRAME_BYTES, prot=mmap.PROT_READ)
    os.close(fd)
    return memoryview(memory)
