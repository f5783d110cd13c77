"""One simulated camera while it runs: its behaviour, its place in the clip, what was counted of it.

It must not touch sockets.
"""

from __future__ import annotations

import hashlib

from monitor.simulator.behaviour import Behaviour, SimulatedCamera
from monitor.simulator.clips import Clip, ClipLibrary
from monitor.simulator.counts import Counts
from monitor.simulator.script import Script, clip_for, write_script

STALL_S = 2.0


class Channel:
    def __init__(self, camera: SimulatedCamera, library: ClipLibrary, path: str) -> None:
        self.camera = camera
        self.path = path
        self.behaviour = camera.behaviour
        self.counts = Counts()
        self._library = library
        digest = hashlib.blake2b(camera.code.encode(), digest_size=8).digest()
        self._pick = int.from_bytes(digest[:4], "big")
        self._offset = int.from_bytes(digest[4:], "big")
        self._frozen_at = self._offset

    @property
    def clip(self) -> Clip:
        return clip_for(self.behaviour, self._library, self.camera.codec, self._pick)

    def loss(self) -> float:
        """The share of packets that get lost now, where they come over UDP."""
        return self.camera.loss_under(self.behaviour)

    def behave(self, behaviour: Behaviour, now_s: float) -> None:
        self._frozen_at = self._position(now_s)
        self.behaviour = behaviour

    def script(self, now_s: float, *, from_keyframe: bool = False) -> Script:
        """What to send from now on; other pictures in mid-stream are begun with a keyframe."""
        clip = self.clip
        position = self._position(now_s)
        if from_keyframe:
            position -= position % clip.gop_length
        return write_script(self.behaviour, clip, position, self._frozen_at)

    def resumes_at(self, at_s: float) -> float:
        """When a picture that is due at that time can leave: at once, or after a stall."""
        every_s = self.camera.stalls_every_s
        if not every_s:
            return at_s
        into_s = (at_s + self._offset) % every_s
        return at_s + max(0.0, STALL_S - into_s)

    def sent(self, count: int) -> None:
        self.counts.bytes_sent += count

    def _position(self, now_s: float) -> int:
        return int(now_s * self.clip.spec.frames_per_second) + self._offset
