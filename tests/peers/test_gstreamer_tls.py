"""RTSPS from a server that nobody here wrote, with the certificates that cameras have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.doors.once import target_of_url
from registry.targets import Target
from registry.vocabulary import Codec, Depth, Outcome, Reason, TlsPolicy, TransportPolicy
from tests.fakes.certificates import LAST_YEAR, NEXT_YEAR, Certificate, authority, certificate
from tests.fakes.targets import prober
from tests.peers.gstreamer import PASSWORD, USER, require_gstreamer, served
from tests.peers.test_probe_command import probe as typed_probe

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def ca(tmp_path_factory) -> Certificate:
    require_gstreamer()
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def good_port(ca, tmp_path_factory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("good")
    yield from served("tls", str(certificate(folder, "good", by=ca).path))


@pytest.fixture(scope="module")
def expired_port(ca, tmp_path_factory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("expired")
    yield from served("tls", str(certificate(folder, "expired", by=ca, ends=LAST_YEAR).path))


@pytest.fixture(scope="module")
def self_signed_port(tmp_path_factory) -> Iterator[int]:
    require_gstreamer()
    folder = tmp_path_factory.mktemp("self-signed")
    yield from served("tls", str(certificate(folder, "self-signed").path))


def _typed(
    port: int,
    path: str = "h264",
    policy: TlsPolicy = TlsPolicy.VERIFY,
    transport: TransportPolicy = TransportPolicy.AUTO,
) -> Target:
    return target_of_url(
        f"rtsps://127.0.0.1:{port}/{path}",
        username=USER,
        password=PASSWORD,
        transport=transport,
        tls_policy=policy,
    )


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
async def test_a_picture_look_with_a_login_through_tls_is_live(good_port, ca, codec):
    with prober(ca_file=ca.path) as probe:
        look = await probe.look(_typed(good_port, codec), Depth.PICTURE)

    assert (look.outcome, look.detail, look.transport) == (Outcome.LIVE, None, "tls")
    assert (look.signed_attempt, look.quirks) == (True, ())
    assert look.certificate_expires_at == NEXT_YEAR
    assert look.keyframes[0].incomplete is None


async def test_an_expired_certificate_is_tls_unless_any_is_taken(expired_port, ca):
    with prober(ca_file=ca.path) as probe:
        refused = await probe.look(_typed(expired_port))
        taken = await probe.look(_typed(expired_port, policy=TlsPolicy.ACCEPT_ANY))

    assert (refused.failure, refused.signed_attempt) == (Reason.TLS, False)
    assert "expired" in (refused.detail or "")
    assert (taken.outcome, taken.certificate_expires_at) == (Outcome.LIVE, LAST_YEAR)


async def test_a_self_signed_certificate_is_tls_unless_any_is_taken(self_signed_port, ca):
    with prober(ca_file=ca.path) as probe:
        refused = await probe.look(_typed(self_signed_port))
        taken = await probe.look(_typed(self_signed_port, policy=TlsPolicy.ACCEPT_ANY))

    assert (refused.failure, refused.signed_attempt) == (Reason.TLS, False)
    assert "self-signed" in (refused.detail or "")
    assert taken.outcome is Outcome.LIVE


async def test_a_server_that_refuses_tcp_inside_tls_is_unsupported(good_port, ca):
    with prober(ca_file=ca.path) as probe:
        look = await probe.look(_typed(good_port, "udp"))

    assert look.failure is Reason.UNSUPPORTED
    assert "SRTP" in (look.detail or "")


def test_the_command_takes_the_rule_for_certificates(self_signed_port):
    url = f"rtsps://{USER}:{PASSWORD.replace('/', '%2F')}@127.0.0.1:{self_signed_port}/h264"

    refused = typed_probe(url)
    taken = typed_probe(url, "--tls", "accept_any", "--picture")

    assert (refused.code, refused.look["reason"]) == (3, "tls")
    assert (taken.code, taken.look["outcome"], taken.look["transport"]) == (0, "live", "tls")
    assert taken.look["certificate_expires_at"] == NEXT_YEAR.isoformat()
    assert PASSWORD not in taken.everything
