"""Sections 9, 12 and 13 of the catalogue: packets, pictures, time."""

from __future__ import annotations

import struct

import pytest

from monitor.media.parameter_sets import Size
from monitor.media.pictures import MAX_UNIT_BYTES
from monitor.media.rtcp import parse_rtcp
from monitor.media.rtp import signed_difference
from monitor.media.video import VideoReceiver
from tests.fakes import numbered, paff
from tests.fakes.jpeg_packetiser import payloads_jpeg
from tests.fakes.packetiser import encode, packets, payloads_h264, rtp
from tests.fakes.paff import frames
from tests.quirks.cases import Cases, run
from tests.unit.media.test_video import receiver, send

case = Cases()


class Feed:
    """Payloads to a receiver, with sequence numbers counted for them."""

    def __init__(self, codec: str = "h264", **how) -> None:
        self.video = receiver(codec, **how)
        self.seq = 0

    def send(self, *payloads: bytes, time: int = 0, marker: int | None = -1, **how) -> Feed:
        at = how.pop("at", 1.0)
        for number, payload in enumerate(payloads):
            last = marker is not None and number == marker % len(payloads)
            packet = rtp(payload, seq=self.seq, time=time, marker=last, **how)
            self.video.rtp.packet(memoryview(packet), at)
            self.seq += 1
        return self

    def done(self) -> VideoReceiver:
        self.video.units.flush()
        return self.video


def nals(number: int = 0, **how) -> tuple[bytes, ...]:
    return encode("h264", frames=20, **how)[number].nals


SPS, PPS = (next(nal for nal in nals() if nal[0] & 31 == kind) for kind in (7, 8))
IDR = next(nal for nal in nals() if nal[0] & 31 == 5)
DELTA = nals(1)[-1]


def whole(video: VideoReceiver) -> list[bool]:
    return [unit.incomplete is None for unit in video.facts.keyframes]


# --- 9. RTP and RTCP ------------------------------------------------------------------------


@case("Q83-ssrc-differs-from-setup")
def ssrc_differs_from_setup() -> None:
    video = receiver()
    video.rtp._announced = 0x99
    send(video, packets(encode("h264")))
    assert video.rtp.ssrc_differs
    assert video.flow.proven


@case("Q95-foreign-ssrc-is-dropped")
def foreign_ssrc_is_dropped() -> None:
    feed = Feed()
    feed.send(SPS, PPS, *payloads_h264(IDR))
    feed.video.rtp.packet(memoryview(rtp(b"\x41x", seq=7, time=9, marker=True, ssrc=5)), 1.1)
    feed.send(DELTA, time=3600)
    assert feed.video.rtp.foreign == 1
    assert feed.video.units.pictures == 2
    assert whole(feed.done()) == [True]


@case("Q96-encoder-restarts-with-another-ssrc")
def encoder_restarts_with_another_ssrc() -> None:
    feed = Feed().send(SPS, PPS, IDR, at=1.0)
    feed.send(SPS, PPS, IDR, time=500_000, ssrc=5, at=4.0)
    assert feed.video.rtp.resets == 1
    assert feed.video.units.pictures == 2


@case("Q97-unknown-payload-type")
def unknown_payload_type() -> None:
    feed = Feed().send(SPS, PPS)
    packet = rtp(b"x", seq=1, time=0, marker=False, kind=50)
    feed.video.rtp.packet(memoryview(packet), 1.0)
    feed.send(IDR)
    assert (feed.video.rtp.unknown_type, feed.video.rtp.lost) == (1, 0)


@case("Q98-loss-over-tcp")
def loss_over_tcp() -> None:
    groups = packets(encode("h264"))
    groups[4] = groups[4][:-1]
    video = receiver()
    send(video, groups)
    assert video.rtp.lost == 1
    assert video.flow.proven


@case("Q99-padding-longer-than-the-packet")
def padding_longer_than_the_packet() -> None:
    video = receiver()
    head = struct.pack("!BBHII", 0xA0, 96, 1, 0, 7)
    video.rtp.packet(memoryview(head + b"ab\xff"), 1.0)
    assert (video.rtp.malformed, video.rtp.packets) == (1, 0)


@case("Q101-broken-rtcp")
def broken_rtcp() -> None:
    video = receiver()
    for data in (b"", b"\x80", b"\x81\xca\x00\x05ab", b"\x80\xc8\xff\xff" + b"\0" * 8, b"junk" * 9):
        video.rtcp(memoryview(data), 1.0)
        assert list(parse_rtcp(memoryview(data))) == []
    assert not video.facts.ended


@case("Q102-goodbye")
def goodbye() -> None:
    feed = Feed().send(SPS, PPS, IDR)
    feed.video.rtcp(memoryview(struct.pack("!BBHI", 0x81, 203, 1, 0x99)), 1.0)
    assert not feed.video.facts.ended
    feed.video.rtcp(memoryview(struct.pack("!BBHI", 0x81, 203, 1, 0x1234)), 1.0)
    assert feed.video.facts.ended


# --- 12. video payload ----------------------------------------------------------------------


@case("Q117-marker-on-parameter-sets")
def marker_on_parameter_sets() -> None:
    feed = Feed()
    for nal in (SPS, PPS):
        feed.send(nal, time=10)
    feed.send(*payloads_h264(IDR), time=20)
    feed.send(DELTA, time=3620)
    assert feed.video.units.pictures == 2
    assert whole(feed.done()) == [True]


@case("Q118-marker-never-set")
def marker_never_set() -> None:
    feed = Feed().send(SPS, PPS, *payloads_h264(IDR), marker=None)
    feed.send(DELTA, time=3600, marker=None)
    assert whole(feed.done()) == [True]
    assert feed.video.units.first_whole is not None


@case("Q119-more-after-the-marker")
def more_after_the_marker() -> None:
    slices = [nal for nal in _sliced() if nal[0] & 31 == 5]
    feed = Feed().send(*[nal for nal in _sliced() if nal[0] & 31 in (7, 8)], marker=None)
    for piece in slices:
        feed.send(*payloads_h264(piece))
    feed.send(DELTA, time=3600)
    assert feed.video.units.pictures == 2
    assert feed.done().facts.keyframes[0].data.endswith(slices[-1])


def _sliced() -> tuple[bytes, ...]:
    return encode("h264", frames=2, options=(("x264-params", "slices=3"),))[0].nals


@case("Q120-start-codes-inside-rtp")
def start_codes_inside_rtp() -> None:
    blob = SPS + b"\0\0\0\1" + PPS + b"\0\0\1" + IDR
    for first in (blob, b"\0\0\0\1" + blob, b"\0\0\1" + blob):
        feed = Feed().send(*payloads_h264(first, 65_000)).send(DELTA, time=3600)
        assert whole(feed.done()) == [True]
        assert feed.video.size is not None
    fragmented = Feed().send(*payloads_h264(blob, 900)).send(DELTA, time=3600)
    assert whole(fragmented.done()) == [True]
    assert fragmented.video.facts.keyframes[0].data.endswith(IDR)


@case("Q121-odd-fragments")
def odd_fragments() -> None:
    both = bytes((0x7C, 0xC5)) + IDR[1:]
    feed = Feed().send(SPS, PPS, both).send(DELTA, time=3600)
    assert whole(feed.done()) == [True]
    parts = list(payloads_h264(IDR))
    parts[1] = bytes((parts[1][0], 0x01)) + parts[1][2:]  # goes on with another NAL type
    parts.insert(2, b"\x7c\x05")  # an empty fragment
    parts[3] = bytes((parts[3][0], parts[3][1] | 0x20)) + parts[3][2:]  # the reserved bit
    feed = Feed().send(SPS, PPS, *parts).send(DELTA, time=3600)
    assert whole(feed.done()) == [True]


@case("Q122-stap-with-zero-padding")
def stap_with_zero_padding() -> None:
    stap = b"\x18" + b"".join(struct.pack("!H", len(nal)) + nal for nal in (SPS, PPS)) + b"\0" * 5
    feed = Feed().send(stap, *payloads_h264(IDR)).send(DELTA, time=3600)
    assert whole(feed.done()) == [True]
    assert feed.video.size is not None


@case("Q123-unreadable-size-is-unknown")
def unreadable_size_is_unknown() -> None:
    broken = SPS[:6]
    feed = Feed().send(broken, PPS, *payloads_h264(IDR)).send(DELTA, time=3600)
    assert feed.video.size is None
    assert feed.video.units.shape.size_unreadable
    assert whole(feed.done()) == [True]
    tailed = Feed().send(SPS + b"\xaa\xbb\xcc", PPS, *payloads_h264(IDR))
    assert tailed.video.size is not None


@case("Q124-size-changes-in-mid-stream")
def size_changes_in_mid_stream() -> None:
    video = receiver()
    send(video, packets(encode("h264")))
    assert not video.units.shape.changed
    smaller = packets(encode("h264", width=176, height=144), seq=video.rtp._highest + 1)
    send(video, smaller, start=20.0)
    assert video.units.shape.changed
    assert video.size == Size(176, 144)


@case("Q126-frames-that-never-end")
def frames_that_never_end() -> None:
    feed = Feed().send(SPS, PPS, b"\x7c\x85\x88", marker=None)
    for _ in range(MAX_UNIT_BYTES // 60_000 + 9):
        feed.send(b"\x7c\x05" + b"\x77" * 60_000, marker=None)
    assert len(feed.video.units._unit or b"") <= MAX_UNIT_BYTES
    assert whole(feed.done()) == []


@case("Q139-recovery-point-without-idr")
def recovery_point_without_idr() -> None:
    options = (("x264-params", "open-gop=1:keyint=10:bframes=2:scenecut=0"), ("tune", "film"))
    pictures = encode("h264", frames=40, options=(*options, ("preset", "veryfast")))
    opens = [p for p in pictures if any(n[0] & 31 == 6 for n in p.nals[1:]) or p.key]
    start = pictures.index(opens[1])
    video = receiver()
    send(video, [packets(encode("h264"))[0], *packets(pictures[start:], seq=9000)])
    assert not any(nal[0] & 31 == 5 for picture in pictures[start:] for nal in picture.nals)
    assert video.facts.keyframes_seen >= 2


@case("Q140-intra-refresh-has-no-keyframe")
def intra_refresh_has_no_keyframe() -> None:
    options = (("x264-params", "intra-refresh=1:keyint=10"),)
    video = receiver()
    send(video, packets(encode("h264", options=options))[2:])
    assert video.units.intra_refresh
    assert video.facts.keyframes_seen == 0


@case("Q141-cra-is-a-random-access-point")
def cra_is_a_random_access_point() -> None:
    options = (
        ("x265-params", "open-gop=1:keyint=10:min-keyint=10:scenecut=0:bframes=2:repeat-headers=1"),
        ("tune", "grain"),
        ("preset", "superfast"),
    )
    pictures = encode("h265", frames=40, options=options)
    kinds = {nal[0] >> 1 & 63 for picture in pictures for nal in picture.nals}
    video = receiver("h265")
    send(video, packets(pictures, "h265")[3:])
    assert 21 in kinds
    assert video.facts.keyframes_seen >= 2


@case("Q143-slices-lost-in-the-middle")
def slices_lost_in_the_middle() -> None:
    pieces = _sliced()
    kept = [nal for nal in pieces if nal[0] & 31 != 5]
    slices = [nal for nal in pieces if nal[0] & 31 == 5]
    for missing in range(len(slices)):
        feed = Feed().send(*kept, marker=None)
        for number, piece in enumerate(slices):
            if number == missing:
                feed.seq += 1
            else:
                feed.send(*payloads_h264(piece, 60_000), marker=None)
        feed.send(DELTA, time=3600)
        assert whole(feed.done()) == []


@case("Q125-jpeg-fragments-before-a-start")
def jpeg_fragments_before_a_start() -> None:
    file = encode("mjpeg", frames=1)[0].nals[0]
    payloads = list(payloads_jpeg(file))
    feed = Feed("mjpeg").send(*payloads[5:])
    assert feed.video.flow.pictures == 1
    feed.send(*payloads, time=90_000, at=2.0)
    (unit,) = feed.done().facts.keyframes
    assert (unit.incomplete, unit.rtp_time) == (None, 90_000)


@case("Q125-jpeg-without-its-end")
def jpeg_without_its_end() -> None:
    file = encode("mjpeg", frames=1)[0].nals[0]
    assert file.endswith(b"\xff\xd9")
    feed = Feed("mjpeg").send(*payloads_jpeg(file[:-2]))
    (unit,) = feed.done().facts.keyframes
    assert unit.data.endswith(file[-40:])


@case("Q142-field-pairs")
def field_pairs() -> None:
    for apart in (0, 1800):
        feed = Feed()
        for number, (top, bottom) in enumerate(frames(6)):
            time = 3600 * number
            feed.send(*((paff.SPS, paff.PPS) if number % 5 == 0 else ()), top, time=time)
            feed.send(bottom, time=time + apart)
        assert feed.video.units.pictures == 6
        assert whole(feed.done()) == [True, True]
        assert feed.video.facts.keyframes[0].data.endswith(frames(1)[0][1])


@case("Q144-decoding-order-numbers-are-skipped")
def decoding_order_numbers_are_skipped() -> None:
    feed = Feed().send(numbered.stap_b((SPS, PPS), 7), *numbered.fu_b(IDR, 9))
    feed.send(numbered.mtap([(DELTA, 0, 0), (nals(2)[-1], 1, 3600)], 10), time=3600)
    assert feed.video.unsupported is None
    assert feed.video.units.pictures == 3
    assert whole(feed.done()) == [True]
    hevc = encode("h265", frames=2)
    feed = Feed("h265", fmtp={"sprop-max-don-diff": "4"})
    for number, nal in enumerate(hevc[0].nals):
        feed.send(*numbered.fu_h265(nal, number), marker=None)
    feed.send(numbered.single_h265(hevc[1].nals[-1], 60), time=3600)
    assert whole(feed.done()) == [True]


@case("Q144-used-interleaving-is-unsupported")
def used_interleaving_is_unsupported() -> None:
    feed = Feed().send(numbered.stap_b((SPS, PPS), 7), *numbered.fu_b(IDR, 5))
    assert "decoding order 5 after 8" in (feed.video.unsupported or "")


@case("Q145-slow-by-intention")
def slow_by_intention() -> None:
    feed = Feed().send(SPS, PPS, IDR, at=0.0)
    for number in (1, 2):
        feed.send(DELTA, time=450_000 * number, at=5.0 * number)
    assert feed.video.flow.proven


# --- 13. time -------------------------------------------------------------------------------


@case("Q128-rtp-time-wraps-and-jumps")
def rtp_time_wraps_and_jumps() -> None:
    assert signed_difference(5, 0xFFFFFFFB) == 10
    feed = Feed()
    times = [0xFFFFFFFF - 3600, 0xFFFFFFFF, 3599, 7199, 10, 3610, 7210]
    for number, time in enumerate(times):
        feed.send(DELTA, time=time, at=0.04 * number)
    assert feed.video.flow.proven


@case("Q129-the-first-burst-is-no-frame-rate")
def the_first_burst_is_no_frame_rate() -> None:
    video = receiver()
    groups = packets(encode("h264", frames=60))
    send(video, groups[:20], every_s=0.0)
    send(video, groups[20:], start=11.0)
    assert video.pace.per_second == pytest.approx(25)


@case("Q130-the-cameras-clock-is-a-metric-only")
def the_cameras_clock_is_a_metric_only() -> None:
    video = receiver()
    send(video, packets(encode("h264")))
    wrong = struct.pack("!BBHIIIIII", 0x80, 200, 6, 0x1234, 2_300_000_000, 0, 1, 1, 1)
    video.rtcp(memoryview(wrong), 12.0)
    assert video.facts.report == (2_300_000_000 - 2_208_988_800, 12.0)
    assert video.flow.proven


@case("Q131-frame-rate-is-measured")
def frame_rate_is_measured() -> None:
    video = receiver()
    send(video, packets(encode("h264", frames=60)), every_s=1 / 21)
    assert video.pace.per_second == pytest.approx(21)


@pytest.mark.parametrize("check", case.params)
async def test_quirk(check):
    await run(check)
