"""MPEG-4 part 2 over RTP (RFC 6416), really encoded."""

from __future__ import annotations

import av
import pytest

from monitor.media.mpeg4 import VOP, configuration_in, vop_identity
from monitor.media.mpeg4_pictures import Mpeg4Pictures
from monitor.media.parameter_sets import MAX_SET_BYTES, Size
from tests.fakes.packetiser import Picture, encode, packets, payloads_mpeg4, rtp
from tests.unit.media.test_video import receiver, send

GROUP = b"\0\0\1\xb3"


def _configuration(picture: Picture) -> bytes:
    return picture.nals[0].partition(GROUP)[0]


def _bare(pictures: tuple[Picture, ...]) -> tuple[Picture, ...]:
    """Without configuration in band, as many cameras send."""
    return tuple(
        Picture((p.nals[0][p.nals[0].find(GROUP) :],), p.time, p.key) if p.key else p
        for p in pictures
    )


def _hashes(pictures: tuple[Picture, ...], codec: str = "mpeg4") -> list[str]:
    video = receiver(codec)
    send(video, packets(pictures, codec))
    video.flush()
    return [unit.vcl_hash for unit in video.facts.keyframes]


def _decoded(data: bytes):
    decoder = av.CodecContext.create("mpeg4", "r")
    (frame,) = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
    return frame


def test_pictures_are_counted_and_i_vops_assembled():
    video = receiver("mpeg4")

    send(video, packets(encode("mpeg4"), "mpeg4"))
    video.flush()

    assert video.units.pictures == 30
    assert [unit.gop for unit in video.facts.keyframes] == [1, 2, 3]
    assert video.facts.incomplete is None
    assert video.size == Size(320, 240)
    assert video.flow.proven
    assert not video.units.shape.changed
    assert video.keyframe_interval_s == pytest.approx(0.4)


@pytest.mark.parametrize("in_band", [True, False])
def test_an_assembled_keyframe_decodes_to_a_whole_picture(in_band):
    pictures = encode("mpeg4")
    fmtp = {} if in_band else {"config": _configuration(pictures[0]).hex()}
    video = receiver("mpeg4", fmtp=fmtp)

    send(video, packets(pictures if in_band else _bare(pictures), "mpeg4"))

    frame = _decoded(video.facts.keyframes[0].data)
    assert (frame.width, frame.height, frame.is_corrupt) == (320, 240, False)
    assert video.size == Size(320, 240)


def test_without_any_configuration_no_keyframe_is_whole():
    video = receiver("mpeg4")

    send(video, packets(_bare(encode("mpeg4")), "mpeg4"))

    assert video.facts.keyframes == []
    assert video.facts.incomplete == "no configuration came"
    assert video.flow.proven


@pytest.mark.parametrize("text", ["no hex", "000001b0", "00", "000001200", "zz" * 9000])
def test_an_unusable_description_is_noted_and_the_stream_waited_for(text):
    video = receiver("mpeg4", fmtp={"config": text})

    send(video, packets(encode("mpeg4"), "mpeg4"))

    assert video.facts.sprop_unusable
    assert len(video.facts.keyframes) == 3


@pytest.mark.parametrize("cut", [1, 4, 30, 45, 60])
def test_headers_may_come_in_packets_of_their_own(cut):
    pictures = encode("mpeg4", frames=12)
    video = receiver("mpeg4")
    seq = 0
    for number, picture in enumerate(pictures):
        data = picture.nals[0]
        at = data.find(VOP) if picture.key else 0
        pieces = [data[at - cut : at], *payloads_mpeg4(data[at:])] if at else [data]
        pieces = [data[: at - cut], *pieces] if at else pieces
        for position, piece in enumerate(pieces):
            marker = position == len(pieces) - 1
            packet = rtp(piece, seq=seq, time=picture.time, marker=marker)
            video.rtp.packet(memoryview(packet), 1.0 + number)
            seq += 1
    video.flush()

    assert video.units.pictures == 12
    assert len(video.facts.keyframes) == 2
    assert _decoded(video.facts.keyframes[0].data).width == 320


@pytest.mark.parametrize("missing", [0, 1, 20, -1])
def test_a_keyframe_with_a_hole_is_never_whole(missing):
    groups = packets(encode("mpeg4"), "mpeg4")
    hole = missing % len(groups[10])
    groups[10] = groups[10][:hole] + groups[10][hole + 1 :]
    video = receiver("mpeg4")

    send(video, groups)
    video.flush()

    whole = [unit.rtp_time - 90_000_000 for unit in video.facts.keyframes]
    assert whole == [0, 20 * 3600]
    assert video.units.pictures == 30


def test_pictures_end_without_a_single_marker():
    video = receiver("mpeg4")

    send(video, packets(encode("mpeg4"), "mpeg4", marker=False))
    video.flush()

    assert [unit.incomplete for unit in video.facts.keyframes] == [None, None, None]


@pytest.mark.parametrize("fps", [25, 4, 30])
def test_a_still_scene_coded_again_differs_in_its_times_alone(fps):
    """At 4 pictures per second the seconds between keyframes take another number of bits."""
    pictures = encode("mpeg4", still=True, frames=42, fps=fps)
    coded = {_vop(picture) for picture in pictures if picture.key}

    assert len(coded) > 1
    assert len(set(_hashes(pictures))) == 1


def _vop(picture: Picture) -> bytes:
    return picture.nals[0][picture.nals[0].find(VOP) :]


def test_a_moving_scene_has_another_hash_each_time():
    assert len(set(_hashes(encode("mpeg4")))) == 3


def test_the_identity_of_an_unreadable_vop_is_all_of_it():
    configuration = configuration_in(_configuration(encode("mpeg4")[0]))
    assert configuration is not None
    layer = configuration.layer
    endless = VOP + b"\x3f" + b"\xff" * 400

    assert vop_identity(endless, layer) == (endless,)
    assert vop_identity(VOP + b"\x10", layer) == (VOP + b"\x10",)
    assert vop_identity(VOP + b"\x10\x77", None) == (VOP + b"\x10\x77",)


@pytest.mark.parametrize("size", [(176, 144), (704, 576), (640, 362)])
@pytest.mark.parametrize("options", [(), (("flags", "+ildct"),), (("aspect", "40:33"),)])
def test_the_size_is_read_from_the_layer(size, options):
    pictures = encode("mpeg4", width=size[0], height=size[1], frames=2, options=options)
    video = receiver("mpeg4")

    send(video, packets(pictures, "mpeg4"))

    assert video.size == Size(*size)


# Behind the start code: two flags of the layer, then as ISO/IEC 14496-2 section 6.2.3 has it.
_HEAD = "0" + "00000001"
_SIZE = "1" + f"{640:013b}" + "1" + f"{480:013b}" + "1"


@pytest.mark.parametrize(
    "bits",
    [
        _HEAD + "0" + "0001" + "0" + "00" + "1" + f"{25:016b}" + "1" + "0" + _SIZE,
        _HEAD + "1" + "0010" + "001" + "0001" + "0" + "00" + "1" + f"{25:016b}" + "1" + "0" + _SIZE,
        _HEAD + "0" + "1111" + 16 * "1" + "0" + "00" + "1" + f"{25:016b}" + "1" + "0" + _SIZE,
        _HEAD + "0" + "0001" + "1" + "0110" + "00" + "1" + f"{25:016b}" + "1" + "0" + _SIZE,
        _HEAD + "0" + "0001" + "10111" + 79 * "1" + "00" + "1" + f"{25:016b}" + "10" + _SIZE,
        _HEAD + "0" + "0001" + "0" + "00" + "1" + f"{25:016b}" + "11" + "00001" + _SIZE,
        _HEAD + "0" + "0001" + "0" + "00" + "1" + f"{1:016b}" + "11" + "0" + _SIZE,
    ],
    ids=["plain", "versioned", "aspect", "control", "buffer", "fixed rate", "one tick"],
)
def test_layers_of_every_shape_of_header_tell_the_size(bits):
    body = int(bits + "0" * (-len(bits) % 8), 2).to_bytes(-(-len(bits) // 8))

    found = configuration_in(b"\0\0\1\x00\0\0\1\x20" + body)

    assert found is not None
    assert found.layer is not None
    assert found.layer.size == Size(640, 480)


def test_an_unreadable_layer_leaves_the_size_unknown_and_the_look_going():
    pictures = encode("mpeg4")
    broken = _configuration(pictures[0])[:22]
    video = receiver("mpeg4", fmtp={"config": broken.hex()})

    send(video, packets(_bare(pictures), "mpeg4"))

    assert video.size is None
    assert video.units.shape.size_unreadable
    assert len(video.facts.keyframes) == 3


def test_another_size_in_mid_stream_is_noted():
    video = receiver("mpeg4")
    send(video, packets(encode("mpeg4"), "mpeg4"))
    smaller = encode("mpeg4", width=176, height=144)

    send(video, packets(smaller, "mpeg4", seq=video.rtp._highest + 1), start=20.0)

    assert video.units.shape.changed
    assert video.size == Size(176, 144)


def test_b_vops_behind_their_time_are_a_steady_flow():
    pictures = encode("mpeg4", options=(("bf", "2"),))
    times = [picture.time for picture in pictures]
    video = receiver("mpeg4")

    send(video, packets(pictures, "mpeg4"))

    assert times != sorted(times)
    assert video.flow.proven


def test_headers_without_end_are_bounded():
    video = receiver("mpeg4")
    for seq in range(3000):
        packet = rtp(b"\0\0\1\xb2" + b"x" * 60, seq=seq, time=seq, marker=False)
        video.rtp.packet(memoryview(packet), 1.0)

    assert video.units.pictures == 0
    assert isinstance(video.units, Mpeg4Pictures)
    assert len(video.units._headers) <= MAX_SET_BYTES
