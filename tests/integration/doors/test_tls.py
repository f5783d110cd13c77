"""RTSPS on real sockets: whose certificate is believed, what an old camera gets, who may log in."""

from __future__ import annotations

import ssl
import warnings
from dataclasses import replace

import pytest

from monitor.doors.limits import Limits
from monitor.doors.policy import NetworkPolicy
from monitor.rtsp.quirks import Quirk
from registry.vocabulary import Depth, Outcome, Reason, Stage, TlsPolicy, TransportPolicy
from tests.fakes.certificates import LAST_YEAR, NEXT_YEAR, Certificate, authority, certificate
from tests.fakes.packetiser import encode, packets
from tests.fakes.scripted_camera import ScriptedCamera, Talk, handshake, stream
from tests.fakes.targets import LOGIN, prober, target
from tests.fakes.udp import described

LIMITS = Limits(tls_s=0.5, reply_s=0.5, first_packet_s=0.4, liveness_s=0.9, teardown_s=0.3)
ANY = TlsPolicy.ACCEPT_ANY
CHALLENGE = 'WWW-Authenticate: Digest realm="cam", nonce="n1"'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def ca(folder) -> Certificate:
    return authority(folder)


@pytest.fixture(scope="module")
def good(folder, ca) -> Certificate:
    return certificate(folder, "good", by=ca)


@pytest.fixture(scope="module")
def self_signed(folder) -> Certificate:
    return certificate(folder, "self-signed")


@pytest.fixture
def probe(ca):
    with prober(limits=LIMITS, ca_file=ca.path) as made:
        yield made


async def live(talk: Talk) -> None:
    await handshake(talk)
    await stream(talk, packets(encode("h264")))


async def guarded(talk: Talk) -> None:
    talk.answer(await talk.request(), "401 Unauthorized", CHALLENGE)
    await live(talk)


async def test_a_certificate_of_a_known_authority_is_believed(probe, good):
    async with ScriptedCamera(live, tls=good.server()) as camera:
        look = await probe.look(camera.url, Depth.PICTURE)

    assert camera.url.startswith("rtsps://")
    assert (look.outcome, look.detail, look.transport) == (Outcome.LIVE, None, "tls")
    assert look.certificate_expires_at == NEXT_YEAR
    assert look.quirks == ()
    assert look.keyframes[0].incomplete is None
    assert {Stage.CONNECT, Stage.TLS, Stage.DESCRIBE} <= set(look.stages)
    assert camera.methods[-1] == "TEARDOWN"
    assert camera.sessions == set()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({}, "self-signed certificate"),
        ({"by": True, "ends": LAST_YEAR}, "certificate has expired"),
        ({"by": True, "of": "192.0.2.8"}, "ip address mismatch"),
    ],
)
async def test_a_certificate_that_proves_nothing_is_tls(probe, folder, ca, how, said):
    how = how | ({"by": ca} if "by" in how else {})
    wrong = certificate(folder, "wrong", **how)

    async with ScriptedCamera(live, tls=wrong.server()) as camera:
        look = await probe.look(target(camera.url, LOGIN))

    assert (look.failure, look.outcome) == (Reason.TLS, Outcome.COULD_NOT_LOOK)
    assert said in (look.detail or "").lower()
    assert camera.requests == []


async def test_an_authority_nobody_named_is_tls(good):
    with prober(limits=LIMITS) as probe:
        async with ScriptedCamera(live, tls=good.server()) as camera:
            look = await probe.look(camera.url)

    assert look.failure is Reason.TLS
    assert "local issuer certificate" in (look.detail or "")


@pytest.mark.parametrize("ends", [NEXT_YEAR, LAST_YEAR])
async def test_any_certificate_is_taken_where_the_feed_says_so(probe, folder, ends):
    own = certificate(folder, "own", ends=ends)

    async with ScriptedCamera(live, tls=own.server()) as camera:
        look = await probe.look(target(camera.url, tls_policy=ANY))

    assert (look.outcome, look.transport) == (Outcome.LIVE, "tls")
    assert look.certificate_expires_at == ends
    assert look.quirks == ()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_old_tls_is_noted_where_anything_is_taken_and_tls_elsewhere(probe, good, version):
    async with ScriptedCamera(live, tls=_old_server(good, version)) as camera:
        looks = [await probe.look(target(camera.url, tls_policy=each)) for each in TlsPolicy]

    refused, taken = looks
    assert refused.failure is Reason.TLS
    assert (taken.outcome, taken.quirks) == (Outcome.LIVE, (Quirk.OLD_TLS,))
    assert taken.certificate_expires_at == NEXT_YEAR


def _old_server(of: Certificate, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = of.server()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


async def test_rsa_suites_without_forward_secrecy_are_taken(probe, good):
    """UniFi and older Hikvision have no others (Q13)."""
    server = good.server()
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers("AES128-SHA")

    async with ScriptedCamera(live, tls=server) as camera:
        look = await probe.look(camera.url)

    assert (look.outcome, look.quirks) == (Outcome.LIVE, ())


async def answering_plainly(talk: Talk) -> None:
    talk.send(b"RTSP/1.0 400 Bad Request\r\n\r\n")


async def hanging_up(talk: Talk) -> None:
    talk.close()


async def silent(_talk: Talk) -> None:
    return None


def _over_tls(camera: ScriptedCamera) -> str:
    return camera.url.replace("rtsp:", "rtsps:")


async def test_a_plain_rtsp_port_is_tls_and_says_so(probe):
    async with ScriptedCamera(answering_plainly) as camera:
        look = await probe.look(_over_tls(camera))

    assert look.failure is Reason.TLS
    assert "does not speak tls on this port" in (look.detail or "").lower()


async def test_a_peer_that_closes_in_the_handshake_is_tls(probe):
    async with ScriptedCamera(hanging_up) as camera:
        look = await probe.look(_over_tls(camera))

    assert look.failure is Reason.TLS
    assert "tls: the peer closed the connection" in (look.detail or "")


async def test_a_peer_that_falls_silent_in_the_handshake_is_a_timeout(probe):
    async with ScriptedCamera(silent) as camera:
        look = await probe.look(_over_tls(camera))
        await camera.left_alone()

    assert look.failure is Reason.TIMEOUT
    assert "tls: no answer in time" in (look.detail or "")
    assert look.duration_s < 2


async def test_a_dead_port_is_refused_over_tls_too(probe):
    async with ScriptedCamera(silent) as camera:
        url = _over_tls(camera)

    assert (await probe.look(url)).failure is Reason.REFUSED


async def test_a_login_goes_through_tls_and_only_where_it_is_bound(probe, good):
    elsewhere = replace(LOGIN, hosts=("192.0.2.7",))

    async with ScriptedCamera(guarded, tls=good.server()) as camera:
        taken = await probe.look(target(camera.url, LOGIN))
        refused = await probe.look(target(camera.url, elsewhere))

    assert (taken.outcome, taken.signed_attempt) == (Outcome.LIVE, True)
    assert (refused.failure, refused.signed_attempt) == (Reason.NOT_ALLOWED, False)
    assert camera.connections == 1


async def test_an_address_outside_the_policy_is_not_reached_over_tls(good, ca):
    policy = NetworkPolicy.of(["192.0.2.0/24"])
    with prober(limits=LIMITS, policy=policy, ca_file=ca.path) as probe:
        async with ScriptedCamera(live, tls=good.server()) as camera:
            look = await probe.look(camera.url)

    assert look.failure is Reason.NOT_ALLOWED
    assert camera.connections == 0


async def test_a_redirect_from_tls_to_plain_is_refused(probe, good):
    async with ScriptedCamera(live) as plain:

        async def leading_away(talk: Talk) -> None:
            talk.answer(await talk.request(), "302 Moved", f"Location: {plain.url}")

        async with ScriptedCamera(leading_away, tls=good.server()) as camera:
            look = await probe.look(target(camera.url, LOGIN))

    assert look.failure is Reason.PROTOCOL
    assert "rtsps to plain rtsp" in (look.detail or "")
    assert plain.connections == 0


async def test_a_redirect_into_tls_is_followed_by_the_feeds_rule_and_without_its_login(
    probe, good, self_signed
):
    for behind, outcome in ((good, Outcome.LIVE), (self_signed, Outcome.COULD_NOT_LOOK)):
        async with ScriptedCamera(live, tls=behind.server()) as secure:

            async def leading_in(talk: Talk, to: str = secure.url) -> None:
                talk.answer(await talk.request(), "302 Moved", f"Location: {to}")

            async with ScriptedCamera(leading_in) as camera:
                look = await probe.look(target(camera.url, LOGIN))

        assert look.outcome is outcome
        assert all(asked.header("Authorization") is None for asked in secure.requests)


@pytest.mark.parametrize("policy", [TransportPolicy.AUTO, TransportPolicy.UDP])
async def test_udp_beside_tls_is_clearly_unsupported(probe, good, policy):
    async def refusing(talk: Talk) -> None:
        await described(talk)
        talk.answer(await talk.request(), "461 Unsupported Transport")

    async with ScriptedCamera(refusing, tls=good.server()) as camera:
        look = await probe.look(target(camera.url, transport=policy))

    assert look.failure is Reason.UNSUPPORTED
    assert "SRTP" in (look.detail or "")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1/live", "tunnelled in HTTP is not supported"),
        ("rtsph://127.0.0.1/live", "tunnelled in HTTP is not supported"),
        ("rtspu://127.0.0.1/live", "rtspu is not supported"),
    ],
)
async def test_other_ways_in_are_clearly_unsupported(probe, url, said):
    look = await probe.look(url)

    assert look.failure is Reason.UNSUPPORTED
    assert said in (look.detail or "")


async def test_encrypted_rtp_is_clearly_unsupported(probe, good):
    async def script(talk: Talk) -> None:
        body = "m=video 0 RTP/SAVP 96\r\na=rtpmap:96 H264/90000\r\n"
        talk.answer(await talk.request(), "200 OK", "Content-Type: application/sdp", body=body)

    async with ScriptedCamera(script, tls=good.server()) as camera:
        look = await probe.look(camera.url)

    assert look.failure is Reason.UNSUPPORTED
    assert "encrypted RTP" in (look.detail or "")
