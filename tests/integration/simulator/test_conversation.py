"""What a simulated camera says on the wire, behaviour by behaviour, before any video."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re

import pytest

from monitor.simulator.behaviour import (
    AuthOffer,
    Behaviour,
    SimulatedCamera,
    SimulatedLogin,
    SimulatedRecorder,
)
from monitor.simulator.clips import ClipLibrary
from monitor.simulator.fleet import Fleet
from registry.vocabulary import Codec
from tests.integration.simulator.client import Client, until

LOGIN = SimulatedLogin("operator", "s3cret")


def one(behaviour: Behaviour = Behaviour.LIVE, **more: object) -> list[SimulatedCamera]:
    return [SimulatedCamera(code="CAM", behaviour=behaviour, reply_delay_s=0.0, **more)]  # type: ignore[arg-type]


def signed(challenge: str, method: str, uri: str, login: SimulatedLogin = LOGIN) -> str:
    said = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    make = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[said["algorithm"]]

    def hashed(text: str) -> str:
        return make(text.encode()).hexdigest()

    secret = hashed(f"{login.username}:{said['realm']}:{login.password}")
    answer = hashed(f"{secret}:{said['nonce']}:00000001:abc:auth:{hashed(f'{method}:{uri}')}")
    return (
        f'Digest username="{login.username}", realm="{said["realm"]}", nonce="{said["nonce"]}", '
        f'uri="{uri}", algorithm={said["algorithm"]}, qop=auth, nc=00000001, cnonce="abc", '
        f'response="{answer}"'
    )


async def test_live_camera_describes_its_video_and_plays(library: ClipLibrary) -> None:
    async with Fleet(one(), library=library) as fleet, await Client.connect(fleet.url("CAM")) as c:
        options = await c.ask("OPTIONS")
        described = await c.ask("DESCRIBE")
        set_up = await c.set_up()
        played = await c.ask("PLAY")
        first = (await c.pictures(1))[0].packets[0]

    assert "TEARDOWN" in options.header("public")
    assert "m=video 0 RTP/AVP 96" in described.body
    assert "a=rtpmap:96 H264/90000" in described.body
    assert "interleaved=0-1" in set_up.header("transport")
    info = played.header("rtp-info")
    assert f"seq={first.sequence};rtptime={first.rtp_time}" in info
    assert f"ssrc={first.ssrc:08X}" in set_up.header("transport")


async def test_h265_camera_gives_its_three_parameter_sets(library: ClipLibrary) -> None:
    cameras = one(codec=Codec.H265)
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        described = await c.ask("DESCRIBE")

    assert "H265/90000" in described.body
    sets = re.findall(r"sprop-(vps|sps|pps)=([^;\s]+)", described.body)
    types = {name: base64.b64decode(text)[0] >> 1 for name, text in sets}
    assert types == {"vps": 32, "sps": 33, "pps": 34}


async def test_refusing_camera_refuses_and_keeps_its_address(library: ClipLibrary) -> None:
    async with Fleet(one(Behaviour.REFUSES), library=library) as fleet:
        with pytest.raises(ConnectionRefusedError):
            await Client.connect(fleet.url("CAM"))

        await fleet.set_behaviour("CAM", Behaviour.LIVE)
        async with await Client.connect(fleet.url("CAM")) as c:
            assert (await c.ask("OPTIONS")).status == 200

        await fleet.set_behaviour("CAM", Behaviour.REFUSES)
        with pytest.raises(ConnectionRefusedError):
            await Client.connect(fleet.url("CAM"))


async def test_silent_camera_accepts_and_never_answers(library: ClipLibrary) -> None:
    cameras = one(Behaviour.SILENT)
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        c.send("OPTIONS")

        assert await c.is_quiet(0.3)
        assert fleet.stats().cameras["CAM"].requests == 1


async def test_garbage_is_longer_than_a_client_may_skip(library: ClipLibrary) -> None:
    cameras = one(Behaviour.GARBAGE)
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        c.send("OPTIONS")
        data = await c.read(16 * 1024)

        assert b"RTSP" not in data
        assert b"$" not in data
        assert await c.is_quiet(0.2)


async def test_camera_that_hangs_up_does_so_on_the_first_request(library: ClipLibrary) -> None:
    cameras = one(Behaviour.HANGS_UP)
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        c.send("OPTIONS")

        assert await c.rest() == b""


@pytest.mark.parametrize(
    ("behaviour", "said", "unsaid"),
    [
        (Behaviour.AUDIO_ONLY, "m=audio 0 RTP/AVP 0", "m=video"),
        (Behaviour.OTHER_CODEC, "a=rtpmap:96 AV1/90000", "H264"),
    ],
)
async def test_stream_without_video_that_can_be_read_is_described_as_it_is(
    library: ClipLibrary, behaviour: Behaviour, said: str, unsaid: str
) -> None:
    async with (
        Fleet(one(behaviour), library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        described = await c.ask("DESCRIBE")

    assert described.status == 200
    assert said in described.body
    assert unsaid not in described.body


async def test_missing_stream_is_404(library: ClipLibrary) -> None:
    cameras = one(Behaviour.NOT_FOUND)
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        assert (await c.ask("OPTIONS")).status == 200
        assert (await c.ask("DESCRIBE")).status == 404


async def test_wrong_path_on_a_live_camera_is_404(library: ClipLibrary) -> None:
    async with Fleet(one(), library=library) as fleet, await Client.connect(fleet.url("CAM")) as c:
        assert (await c.ask("DESCRIBE", f"{c.url}/elsewhere")).status == 404


async def test_busy_camera_describes_and_refuses_the_session(library: ClipLibrary) -> None:
    cameras = one(Behaviour.BUSY)
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        assert (await c.ask("DESCRIBE")).status == 200
        assert (await c.set_up()).status == 453


async def test_udp_is_not_offered(library: ClipLibrary) -> None:
    async with Fleet(one(), library=library) as fleet, await Client.connect(fleet.url("CAM")) as c:
        reply = await c.ask("SETUP", Transport="RTP/AVP;unicast;client_port=5000-5001")

    assert reply.status == 461


@pytest.mark.parametrize("sent", [b"hello\r\n\r\n", b"\x16\x03\x01\x02\x00"], ids=["text", "tls"])
async def test_unreadable_request_is_told_so_and_ends_the_connection(
    library: ClipLibrary, sent: bytes
) -> None:
    async with Fleet(one(), library=library) as fleet, await Client.connect(fleet.url("CAM")) as c:
        c.send_bytes(sent)

        assert (await c.rest()).startswith(b"RTSP/1.0 400 Bad Request\r\n")


@pytest.mark.parametrize(
    ("behaviour", "algorithm"),
    [(Behaviour.LIVE, "MD5"), (Behaviour.DIGEST_SHA256, "SHA-256")],
)
async def test_digest_login_is_asked_for_and_checked(
    library: ClipLibrary, behaviour: Behaviour, algorithm: str
) -> None:
    cameras = one(behaviour, login=LOGIN)
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        challenge = (await c.ask("DESCRIBE")).header("www-authenticate")
        wrong = SimulatedLogin("operator", "guess")
        refused = await c.ask("DESCRIBE", Authorization=signed(challenge, "DESCRIBE", c.url, wrong))
        admitted = await c.ask("DESCRIBE", Authorization=signed(challenge, "DESCRIBE", c.url))
        counts = fleet.stats().cameras["CAM"]
        kept = fleet.signed_requests("CAM")

    assert f"algorithm={algorithm}," in challenge
    assert (refused.status, admitted.status) == (401, 200)
    assert (counts.requests, counts.signed_requests, counts.basic_requests) == (3, 2, 0)
    assert [r.method for r in kept] == ["DESCRIBE", "DESCRIBE"]
    assert all(LOGIN.password not in r.authorization for r in kept)


async def test_rejecting_camera_rejects_the_right_login_too(library: ClipLibrary) -> None:
    cameras = one(Behaviour.REJECTS_LOGIN, login=LOGIN)
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        challenge = (await c.ask("DESCRIBE")).header("www-authenticate")
        reply = await c.ask("DESCRIBE", Authorization=signed(challenge, "DESCRIBE", c.url))

    assert reply.status == 401


async def test_downgrading_camera_offers_basic_alone_and_records_who_falls_for_it(
    library: ClipLibrary,
) -> None:
    cameras = one(Behaviour.BASIC_ONLY, login=LOGIN)
    basic = base64.b64encode(b"operator:s3cret").decode()
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        offers = (await c.ask("DESCRIBE")).headers["www-authenticate"]
        before = fleet.stats().cameras["CAM"].basic_requests
        admitted = await c.ask("DESCRIBE", Authorization=f"Basic {basic}")
        after = fleet.stats().cameras["CAM"].basic_requests

    assert [offer.partition(" ")[0] for offer in offers] == ["Basic"]
    assert admitted.status == 200
    assert (before, after) == (0, 1)


async def test_camera_may_offer_digest_before_basic(library: ClipLibrary) -> None:
    cameras = one(login=LOGIN, auth=AuthOffer.DIGEST_MD5_AND_BASIC)
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        offers = (await c.ask("DESCRIBE")).headers["www-authenticate"]

    assert [offer.partition(" ")[0] for offer in offers] == ["Digest", "Basic"]


async def test_reply_and_first_packet_wait_as_told(library: ClipLibrary) -> None:
    cameras = [SimulatedCamera(code="CAM", reply_delay_s=0.15, start_delay_s=0.2)]
    loop = asyncio.get_running_loop()
    async with (
        Fleet(cameras, library=library) as fleet,
        await Client.connect(fleet.url("CAM")) as c,
    ):
        asked = loop.time()
        await c.ask("OPTIONS")
        answered = loop.time()
        await c.play()
        played = loop.time()
        first = (await c.pictures(1))[0]

    assert answered - asked >= 0.15
    assert first.packets[0].arrived_s - played >= 0.19


async def test_recorder_holds_so_many_sessions_and_frees_them_by_teardown(
    library: ClipLibrary,
) -> None:
    cameras = [SimulatedCamera(code=f"CH{n}", recorder="NVR", reply_delay_s=0.0) for n in range(3)]
    recorders = [SimulatedRecorder(code="NVR", session_limit=2)]
    async with Fleet(cameras, recorders=recorders, library=library) as fleet:
        urls = fleet.urls()
        clients = [await Client.connect(urls[f"CH{n}"]) for n in range(3)]
        statuses = [(await c.set_up()).status for c in clients]
        full = fleet.stats()
        torn_down = await clients[0].ask("TEARDOWN")
        retried = await clients[2].set_up()
        freed = fleet.stats()
        for c in clients:
            c.close()

    assert len({url.rpartition("/channel")[0] for url in urls.values()}) == 1
    assert len(set(urls.values())) == 3
    assert statuses == [200, 200, 453]
    assert (full.sessions_open, full.cameras["CH2"].sessions_refused) == (2, 1)
    assert (torn_down.status, retried.status) == (200, 200)
    assert (freed.sessions_open, freed.totals.sessions_torn_down) == (2, 1)


async def test_session_left_without_teardown_lingers_on_the_recorder(library: ClipLibrary) -> None:
    cameras = [SimulatedCamera(code="CH", recorder="NVR", reply_delay_s=0.0)]
    recorders = [SimulatedRecorder(code="NVR", session_limit=1, lingering_s=60.0)]
    async with Fleet(cameras, recorders=recorders, library=library) as fleet:
        rude = await Client.connect(fleet.url("CH"))
        await rude.set_up()
        rude.close()
        await until(lambda: fleet.stats().totals.sessions_left_behind == 1)
        async with await Client.connect(fleet.url("CH")) as next_one:
            refused = await next_one.set_up()
        stats = fleet.stats()

    assert refused.status == 453
    assert (stats.totals.sessions_left_behind, stats.totals.sessions_torn_down) == (1, 0)


async def test_teardown_sent_right_before_the_end_counts(library: ClipLibrary) -> None:
    cameras = [SimulatedCamera(code="CAM", reply_delay_s=0.2)]
    async with Fleet(cameras, library=library) as fleet:
        c = await Client.connect(fleet.url("CAM"))
        await c.set_up()
        c.send("TEARDOWN")
        c.close()
        await until(lambda: fleet.stats().sessions_open == 0)
        totals = fleet.stats().totals

    assert (totals.sessions_torn_down, totals.sessions_left_behind) == (1, 0)


async def test_one_channel_cannot_refuse_alone_but_its_recorder_can(library: ClipLibrary) -> None:
    cameras = [SimulatedCamera(code=f"CH{n}", recorder="NVR") for n in range(2)]
    async with Fleet(cameras, library=library) as fleet:
        with pytest.raises(ValueError, match="only the whole recorder"):
            await fleet.set_behaviour("CH0", Behaviour.REFUSES)

        await fleet.set_behaviour("NVR", Behaviour.REFUSES)
        with pytest.raises(ConnectionRefusedError):
            await Client.connect(fleet.url("CH1"))
