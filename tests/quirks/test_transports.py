"""Quirks of the ways in: transports refused and changed, UDP, TLS, addresses."""

from __future__ import annotations

import pytest

from monitor.rtsp.auth import Credentials
from monitor.rtsp.failures import ProbeFailure
from monitor.rtsp.headers import parse_transport
from monitor.rtsp.quirks import Quirk
from monitor.rtsp.state import Opened
from monitor.rtsp.url import parse_url
from tests.fakes.interview import DIGEST, PORTS, Interview
from tests.quirks.cases import Cases, run

case = Cases()


def _udp_set_up(transport: str) -> Interview:
    talk = Interview(over_udp=True)
    talk.describe()
    talk.set_up(transport)
    return talk


@case("Q11-a-changed-transport-begins-with-describe")
def a_changed_transport_begins_with_describe() -> None:
    talk = Interview(may_switch=True, login=Credentials("viewer", "s3cret"))
    talk.challenge(DIGEST)
    talk.describe()
    talk.answer(461)
    talk.tell(Opened(PORTS))
    talk.challenge(DIGEST.replace("n1", "n2"))
    talk.describe()

    assert talk.asked == ["DESCRIBE", "DESCRIBE", "SETUP", "DESCRIBE", "DESCRIBE", "SETUP"]
    assert talk.sent[3].headers.get("Authorization") is None
    assert talk.authorization()["nonce"] == "n2"


@case("Q25-udp-is-written-without-udp")
def udp_is_written_without_udp() -> None:
    talk = Interview(over_udp=True)
    talk.describe()
    assert talk.header("Transport") == "RTP/AVP;unicast;client_port=50000-50001"


@case("Q78-udp-only-camera-is-asked-over-udp")
def udp_only_camera_is_asked_over_udp() -> None:
    for status, chosen in (
        (461, ""),
        (406, ""),
        (200, "RTP/AVP;unicast;server_port=6970-6971"),
        (200, "RTP/AVP/UDP;unicast"),
    ):
        talk = Interview(may_switch=True)
        talk.describe()
        talk.answer(status, {"Session": "77", "Transport": chosen})
        assert len(talk.reconnects) == 1
        talk.tell(Opened(PORTS))
        talk.describe()
        assert talk.header("Transport") == "RTP/AVP;unicast;client_port=50000-50001"
        assert Quirk.UDP_ONLY in talk.state.quirks


@case("Q78-a-transport-is-changed-once")
def a_transport_is_changed_once() -> None:
    talk = Interview(may_switch=True)
    for _ in range(2):
        talk.describe()
        talk.answer(461)
        talk.tell(Opened(PORTS))
    assert len(talk.reconnects) == 1
    assert talk.broken is not None
    assert talk.broken.failure is ProbeFailure.UNSUPPORTED


@case("Q78-the-other-way-round-too")
def the_other_way_round_too() -> None:
    talk = Interview(over_udp=True, may_switch=True)
    talk.describe()
    talk.answer(461)
    talk.tell(Opened())
    talk.describe()
    assert talk.header("Transport") == "RTP/AVP/TCP;unicast;interleaved=0-1"
    assert Quirk.UDP_ONLY not in talk.state.quirks


@case("Q84-server-ports-absent-zero-single-unreadable")
def server_ports_absent_zero_single_unreadable() -> None:
    for told, ports in (
        ("", (0, 0)),
        (";server_port=0", (0, 0)),
        (";server_port=0-0", (0, 0)),
        (";server_port=6970", (6970, 0)),
        (";server_port=6970-6971", (6970, 6971)),
        (";server_port= 6970 - 6971 ;source=", (6970, 6971)),
        (";source=camera.local;server_port=99999-x", (0, 0)),
    ):
        assert parse_transport(f"RTP/AVP;unicast{told}").server_ports == ports
        talk = _udp_set_up(f"RTP/AVP;unicast{told}")
        assert talk.listening is not None
        assert talk.listening.server_ports == ports


@case("Q84-no-transport-header-over-udp")
def no_transport_header_over_udp() -> None:
    talk = Interview(over_udp=True)
    talk.describe()
    talk.answer(200, {"Session": "77"})
    assert talk.listening is not None
    assert talk.listening.server_ports == (0, 0)
    assert Quirk.UNREADABLE_FIELD in talk.state.quirks


@case("Q12-a-redirect-out-of-tls-is-refused")
def a_redirect_out_of_tls_is_refused() -> None:
    talk = Interview("rtsps://192.0.2.7/live")
    talk.answer(302, {"Location": "rtsp://192.0.2.7/live"})
    assert talk.broken is not None
    assert talk.broken.failure is ProbeFailure.PROTOCOL
    assert talk.reconnects == []


@case("Q13-default-port-and-other-ports-of-rtsps")
def default_port_and_other_ports_of_rtsps() -> None:
    for text, port in (("rtsps://192.0.2.7/x", 322), ("rtsps://192.0.2.7:7441/x", 7441)):
        assert parse_url(text)[0].port == port


@case("Q13-udp-beside-tls-is-unsupported")
def udp_beside_tls_is_unsupported() -> None:
    talk = Interview("rtsps://192.0.2.7/live", may_switch=True)
    talk.describe()
    talk.answer(461)
    assert talk.broken is not None
    assert talk.broken.failure is ProbeFailure.UNSUPPORTED
    assert talk.reconnects == []


@case("Q13-a-redirect-into-tls-ends-what-was-remembered-of-udp")
def a_redirect_into_tls_ends_udp() -> None:
    talk = Interview(over_udp=True, may_switch=True)
    talk.answer(302, {"Location": "rtsps://192.0.2.7/live"})
    talk.tell(Opened())
    talk.describe()
    assert talk.header("Transport") == "RTP/AVP/TCP;unicast;interleaved=0-1"


@case("Q146-a-zone-is-ours-and-is-not-sent")
def a_zone_is_ours_and_is_not_sent() -> None:
    talk = Interview("rtsp://[fe80::1%25eth0]:8554/live")
    assert talk.last.uri == "rtsp://[fe80::1]:8554/live"
    talk.answer(302, {"Location": "rtsp://[FE80::1]:8554/other"})
    (reconnect,) = talk.reconnects
    assert (reconnect.url.host, reconnect.url.port) == ("FE80::1%eth0", 8554)
    assert reconnect.url.text == "rtsp://[FE80::1]:8554/other"


@pytest.mark.parametrize("check", case.params)
async def test_quirk(check):
    await run(check)
