"""What camreach, FFmpeg and aiortsp each see of a stream, in the same few words."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.beacons import Beacons
from monitor.doors.limits import Limits
from monitor.doors.once import target_of_url
from monitor.doors.opener import TcpOpener
from monitor.doors.policy import ANY_NETWORK
from monitor.doors.rtsp import RtspDoor
from monitor.looking import Looker
from monitor.picture.pool import DecoderPool
from monitor.plan.lockout import LoginGate
from monitor.plan.scheduler import Order
from monitor.verdict import FeedMemory
from registry.clock import SystemClock
from registry.targets import Target
from registry.vocabulary import Depth, Outcome, Reason, TransportPolicy, shown_reason

LIMITS = Limits(reply_s=2, first_packet_s=2, liveness_s=3, keyframe_s=6, teardown_s=1)
ROOT = Path(__file__).parent.parent.parent
PICTURES = 3  # more than the two with which some streams end
_CODECS = {"hevc": "h265", "jpeg": "mjpeg", "mp4v-es": "mpeg4"}


@dataclass(frozen=True, slots=True)
class Stream:
    """Where the same stream is, for each of the three."""

    name: str
    url: str  # without a login
    login: tuple[str, str] | None = None
    over_udp: bool = False
    packets: int = 12  # pictures that FFmpeg takes before it says what it saw

    @property
    def with_login(self) -> str:
        if self.login is None:
            return self.url
        return self.url.replace("rtsp://", "rtsp://{}:{}@".format(*self.login), 1)


@dataclass(frozen=True, slots=True)
class Sight:
    plays: bool
    codec: str | None = None  # None: it does not say
    size: tuple[int, int] | None = None
    reason: Reason | None = None  # of camreach, where it does not play

    def __str__(self) -> str:
        return self.reason or ("plays" if self.plays else "does not play")

    def beside(self, other: Sight) -> str:
        """In the words in which the two differ."""
        return str(self) if self.plays != other.plays else f"{self.codec} {self.size}"

    def agrees_with(self, other: Sight) -> bool:
        if not (self.plays and other.plays):
            return self.plays == other.plays
        said = [(self.codec, other.codec), (self.size, other.size)]
        return all(None in pair or pair[0] == pair[1] for pair in said)


async def camreach_sees(streams: Sequence[Stream]) -> list[Sight]:
    clock = SystemClock()
    gate = LoginGate(clock, back_off_s=1.0)
    pool = DecoderPool(workers=1, clock=clock)
    with contextlib.closing(TcpOpener(clock)) as opener:
        door = RtspDoor(clock=clock, opener=opener, policy=ANY_NETWORK, limits=LIMITS, gate=gate)
        looker = Looker(
            *(clock, door, pool, gate, Beacons(clock, ())),
            liveness_limit_s=LIMITS.liveness_s,
            keyframe_limit_s=LIMITS.keyframe_s,
        )
        await pool.start()
        try:
            return list(await asyncio.gather(*(_looked(looker, stream) for stream in streams)))
        finally:
            await pool.close()


async def _looked(looker: Looker, stream: Stream) -> Sight:
    order = Order(_target(stream), Depth.PICTURE, 2, lag_s=0.0, ticket=None)
    seen, _ = await looker.look(order, FeedMemory(), None)
    look, video = seen.look, seen.look.video
    size = (video.width, video.height) if video.width and video.height else None
    plays = look.outcome is Outcome.LIVE
    codec = video.codec.value if video.codec is not None else None
    return Sight(plays, codec, size, shown_reason(look.reasons))


def _target(stream: Stream) -> Target:
    user, password = stream.login or (None, None)
    policy = TransportPolicy.UDP if stream.over_udp else TransportPolicy.TCP
    made = target_of_url(stream.url, username=user, password=password, transport=policy)
    return replace(made, expected_width=640, expected_height=360)


async def ffmpeg_sees(streams: Sequence[Stream]) -> list[Sight]:
    return list(await asyncio.gather(*map(_ffprobe, streams)))


async def _ffprobe(stream: Stream) -> Sight:
    """It plays when pictures come out of its decoder."""
    over = "udp" if stream.over_udp else "tcp"
    process = await asyncio.create_subprocess_exec(
        *("ffprobe", "-v", "quiet", "-of", "json", "-rtsp_transport", over, "-timeout", "2000000"),
        *("-analyzeduration", "1500000"),
        *("-select_streams", "v:0", "-count_frames", "-read_intervals", f"%+#{stream.packets}"),
        *("-show_entries", "stream=codec_name,width,height,nb_read_frames", stream.with_login),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    for seen in json.loads(out or "{}").get("streams", []):
        if int(seen.get("nb_read_frames", "0").replace("N/A", "0")) >= PICTURES:
            size = (seen["width"], seen["height"]) if seen.get("width") else None
            return Sight(True, _codec(seen["codec_name"]), size)
    return Sight(False)


async def aiortsp_sees(streams: Sequence[Stream]) -> list[Sight]:
    """It plays when packets come; it looks into none."""
    urls = [s.with_login if s.over_udp else _over_tcp(s.with_login) for s in streams]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.peers.aiortsp_player", *urls),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
    )
    out, _ = await process.communicate()
    found = json.loads(out)
    return [Sight(found[url]["plays"], _codec(found[url]["codec"])) for url in urls]


def _over_tcp(url: str) -> str:
    return re.sub("^rtsp:", "rtspt:", url)


def _codec(name: str | None) -> str | None:
    return None if name is None else _CODECS.get(name.lower(), name.lower())
