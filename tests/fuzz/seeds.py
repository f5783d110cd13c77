"""What a fuzzer begins with: honest messages, descriptions and really encoded video."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from monitor.picture import wire
from monitor.picture.values import Luma
from registry.look import Finding
from registry.vocabulary import Answer
from tests.fakes import paff
from tests.fakes.jpeg_packetiser import payloads_jpeg
from tests.fakes.packetiser import PAYLOADS, Picture, encode, interleaved, rtp
from tests.fakes.scripted_camera import SDP
from tests.fuzz.targets.sequence import MARK

_OK = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\n"
_DIGEST = b'Digest realm="IP Camera(C1234)", nonce="4d1f", algorithm=MD5, stale="FALSE", qop="auth"'


def seeds(name: str) -> Iterator[bytes]:
    """Of a target, by its name; all of them bytes that no camera sent."""
    yield from _SEEDS.get(name, lambda: ())()


def _responses() -> Iterable[bytes]:
    body = SDP.format(codec="H264").encode()
    described = b"%sContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % (_OK, len(body))
    frame = interleaved(rtp(b"\x65\x88" * 20, seq=1, time=0, marker=True))
    challenge = (
        b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: " + _DIGEST + b"\r\n\r\n"
    )
    asks = b"OPTIONS rtsp://192.0.2.7/ RTSP/1.0\r\nCSeq: 9\r\n\r\n"
    folded = b"RTSP/1.0 200\nX: a\n b\n\tc\nContent-Length: 3\n\nabc"
    yield from (b"\0" + described + body, b"\5" + frame + asks + frame, b"\0" + challenge)
    yield from (b"\1" + folded, b"\0" + frame[:9] + b"garbage $" + frame + frame, b"\7\r\n" + asks)
    yield from (b"\0HTTP/1.1 400 Bad\r\n\r\n", b"\2$\0\0\0$\1\0\0" + frame)


def _conversations() -> Iterable[bytes]:
    body = SDP.format(codec="H264").encode()
    described = b"%sContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % (_OK, len(body))
    challenge = b"RTSP/1.0 401 No\r\nWWW-Authenticate: " + _DIGEST + b"\r\n\r\n"
    set_up = _OK + b"Session: 1;timeout=60\r\nTransport: RTP/AVP/TCP;interleaved=0-1;ssrc=1\r\n\r\n"
    over_udp = _OK + b"Session: 1\r\nTransport: RTP/AVP;unicast;server_port=6970-6971\r\n\r\n"
    whole = described + body + set_up + _OK + b"\r\n"
    moved = b"RTSP/1.0 302 Moved\r\nLocation: rtsp://198.51.100.9/live\r\n\r\n"
    for first in (b"\0", b"\1", b"\4", b"\5", b"\7"):
        yield from (first + whole, first + challenge + whole, first + moved + challenge + whole)
    yield from (b"\3" + described + body + over_udp, b"\5" + challenge + challenge)
    yield from (b"\x0dRTSP/1.0 461 No\r\n\r\n" + whole, b"\x0cRTSP/1.0 454 No\r\n\r\n" + set_up)
    yield from (
        b"\x15OPTIONS * RTSP/1.0\r\nCSeq: 3\r\n\r\n" + _OK,
        b"\5" + challenge + moved + whole,
    )


def _headers() -> Iterable[bytes]:
    yield b"RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1234ABCD;mode=play"
    yield b'RTP/AVP;unicast;client_port=50000-50001;server_port=6970-6971;ssrc="2A"'
    yield b"RTP/AVP;multicast;destination=239.0.0.1;port=1-2"
    yield b"1234567890;timeout=60"
    yield b"url=rtsp://192.0.2.7/track1;seq=17;rtptime=12345,url=track2;seq=1"


def _challenges() -> Iterable[bytes]:
    yield _DIGEST
    yield b'Digest realm="a", nonce="b", algorithm=SHA-256, opaque="c"\nBasic realm="a"'
    yield b'Basic realm="a", Digest realm="q\\"x", nonce=n1, stale=true, algorithm=MD5-sess'


def _descriptions() -> Iterable[bytes]:
    base = b"rtsp://192.0.2.7/live/\n"
    for codec in ("H264", "H265", "JPEG", "MP4V-ES"):
        yield base + SDP.format(codec=codec).encode()
    sets = [nal for nal in encode("h264", frames=1)[0].nals if nal[0] & 31 in (7, 8)]
    text = ",".join(b64encode(nal).decode() for nal in sets)
    first = SDP.format(codec="H264") + f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={text}"
    yield b"192.0.2.7/live\n" + first.encode()
    sets = [nal for nal in encode("h265", frames=1)[0].nals if nal[0] >> 1 in (32, 33, 34)]
    names = zip(("vps", "sps", "pps"), sets, strict=True)
    words = ";".join(f"sprop-{name}={b64encode(nal).decode()}" for name, nal in names)
    yield b"/x\n" + f"{SDP.format(codec='H265')}a=fmtp:96 {words};sprop-max-don-diff=1".encode()
    config = encode("mpeg4", frames=1)[0].nals[0].partition(b"\0\0\1\xb6")[0].hex()
    yield b"\n" + f"{SDP.format(codec='MP4V-ES')}a=fmtp:96 config={config}".encode()
    yield b"*\nm=audio 0 RTP/AVP 0\r\nm=video 0 RTP/SAVP 26\r\na=framesize:26 2592-1944\r\n"


def _urls() -> Iterable[bytes]:
    yield from (b"rtsp://192.0.2.7:554/live?channel=1", b"rtsp://[2001:db8::7%25eth0]:8554/a")
    yield from (b"/Streaming/Channels/101", b"rtsps://camera.example/", b"rtsp://a:p@ss@host:1/x")
    yield from (b"rtsp://rtsp://192.0.2.7/live/", b"192.0.2.7:554/live", b"trackID=1", b"*")


def _certificates() -> Iterable[bytes]:
    """Signed with a key of the same bytes every time, so that they are the same as well."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "camera")])
    began = datetime(1970, 1, 1, tzinfo=UTC)
    for ended in (datetime(2027, 5, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)):
        wanted = x509.CertificateBuilder(name, name, key.public_key(), 1, began, ended)
        yield wanted.sign(key, None).public_bytes(Encoding.DER)


def _rtp() -> Iterable[bytes]:
    sent = [rtp(b"\x65\x88", seq=n, time=3600 * n, marker=True) for n in (1, 2, 4, 3, 5, 5, 9000)]
    for first in (b"\0", b"\3", b"\6"):
        yield first + MARK.join(sent)
    extended = b"\x90\x60\0\1\0\0\0\0\0\0\x12\x34\xbe\xde\0\1abcdxyz"
    yield b"\2" + MARK.join((extended, b"\xa0\x60\0\2\0\0\0\0\0\0\x12\x34abc\2"))


def _rtcp() -> Iterable[bytes]:
    report = b"\x80\xc8\0\6" + b"\0\0\x12\x34" + b"\xe8" * 8 + b"\0" * 12
    yield from (report, b"\x81\xcb\0\1\0\0\x12\x34", report + b"\x81\xca\0\2\0\0\x12\x34\1\2cn")


def _video(codec: str) -> Iterable[bytes]:
    pictures = encode(codec, 64, 48, frames=4, options=(("g", "2"),))
    for first in (b"\0", b"\1", b"\2"):
        yield first + MARK.join(_pieces(codec, pictures, 300))
    yield b"\0" + MARK.join(_pieces(codec, pictures, 60))[:4000]


def _pieces(codec: str, pictures: Iterable[Picture], limit: int) -> Iterator[bytes]:
    for number, picture in enumerate(pictures):
        payloads = [each for nal in picture.nals for each in PAYLOADS[codec](nal, limit)]
        for at, payload in enumerate(payloads):
            how = (at == len(payloads) - 1) | 2 * (at == 0 and number > 0)
            yield bytes((how,)) + payload


def _h264() -> Iterable[bytes]:
    yield from _video("h264")
    fields = paff.frames(2)
    yield b"\0" + MARK.join(b"\2" + nal for nal in (paff.SPS, paff.PPS, *fields[0], *fields[1]))
    nals = encode("h264", width=64, height=48, frames=1)[0].nals
    units = b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)
    timed = b"".join(
        (len(nal)).to_bytes(2, "big") + bytes((number, 0, number)) + nal
        for number, nal in enumerate(nals)
    )
    yield b"\0\1\x18" + units + MARK + b"\3\x19\0\1" + units
    yield b"\0\1\x1a\0\1" + timed + MARK + b"\1\x1d\x85\0\1\x88\x88"


def _h265() -> Iterable[bytes]:
    yield from _video("h265")
    nals = encode("h265", width=64, height=48, frames=1)[0].nals
    yield b"\0\1\x60\1" + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)
    yield b"\0\1\x64\1\0\0"


def _mjpeg() -> Iterable[bytes]:
    yield from _video("mjpeg")
    (file,) = encode("mjpeg", width=64, height=48, frames=1)[0].nals
    for quality in (50, 128):
        pieces = payloads_jpeg(file, 200, quality=quality)
        yield b"\0" + MARK.join(b"\0" + piece for piece in pieces)


def _sets(codec: str) -> Iterable[bytes]:
    for width, height in ((64, 48), (320, 240), (1280, 720)):
        nals = encode(codec, width, height, frames=1)[0].nals
        yield MARK.join(nal[:120] for nal in nals)
    if codec == "h264":
        yield MARK.join((paff.SPS, paff.PPS, *paff.frames(1)[0]))
        high = "6764001facd9405005bb011000000300100000030320f183196068ebe3cb22c0"
        yield bytes.fromhex(high)


def _layers() -> Iterable[bytes]:
    data = encode("mpeg4", width=64, height=48, frames=1)[0].nals[0]
    yield from (data[:200], data.partition(b"\0\0\1\x20")[2][:60], data.partition(b"\xb6")[2][:60])


def _starts() -> Iterable[bytes]:
    (file,) = encode("mjpeg", width=64, height=48, frames=1)[0].nals
    for quality in (50, 128, 255):
        yield next(payloads_jpeg(file, 60, quality=quality))


def _answers() -> Iterable[bytes]:
    finding = Finding(Answer.OK, None, 3.5)
    luma = Luma(1.0, 2.0, 3.0)
    seen = wire.Seen(1, dict.fromkeys(wire.CHILD_REASONS, finding), luma, 64, 48, None, 0.01, 0.02)
    yield wire.pack_seen(seen)[wire.HEADER_BYTES :]
    yield wire.pack_seen(seen)[wire.HEADER_BYTES :] + b"\n\xff\xd8\xff\xff\xd9"
    yield wire.pack_refused(wire.Refused(1, "no picture"))[wire.HEADER_BYTES :]
    yield wire.pack_ready(wire.Ready(None))[wire.HEADER_BYTES :]
    yield wire.pack_ready(wire.Ready("no seccomp"))
    yield json.dumps({"v": 1, "keyframe_hash": "a", "luma": None}).encode()


def _workbooks() -> Iterable[bytes]:
    book = b'<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>'
    relation = b'<Relationship Id="r1" Target="worksheets/sheet1.xml"/>'
    relations = b"<Relationships>" + relation + b"</Relationships>"
    rows = (
        b'<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c t="inlineStr"><is><t>area'
        b'</t></is></c></row><row><c><f>1+1</f></c><c t="e"><v>#REF!</v></c></row></sheetData>'
        b"</worksheet>"
    )
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    types = b'<Types><Override PartName="/xl/workbook.xml" ContentType="%s"/></Types>' % kind
    shared = b"<sst><si><t>camera</t></si></sst>"
    yield MARK.join((book, relations, rows, shared, types))
    yield MARK.join((book, relations, b"<worksheet/>", b"<sst>" + b"<si>" * 40, types))


def _tables() -> Iterable[bytes]:
    yield b"camera,area,coordinates\nC-1,reg,43.2 76.9\n"
    yield b'sep=;\r\n"camera";area\r\nC-1;"a""b"\r\n'
    yield b'{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null}]}'
    yield b"PK\3\4"


_SEEDS: dict[str, Callable[[], Iterable[bytes]]] = {
    "response": _responses,
    "conversation": _conversations,
    "headers": _headers,
    "challenges": _challenges,
    "sdp": _descriptions,
    "url": _urls,
    "certificate": _certificates,
    "rtp": _rtp,
    "rtcp": _rtcp,
    "h264": _h264,
    "h265": _h265,
    "mjpeg": _mjpeg,
    "mpeg4": lambda: _video("mpeg4"),
    "h264_sets": lambda: _sets("h264"),
    "h265_sets": lambda: _sets("h265"),
    "mpeg4_layer": _layers,
    "jpeg_start": _starts,
    "decoder_child": _answers,
    "workbook": _workbooks,
    "table": _tables,
}
