"""What is read of a certificate, which is as hostile as any other bytes of a camera."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.doors.tls import Trust, expiry
from registry.vocabulary import TlsPolicy
from tests.fakes.certificates import NEXT_YEAR, certificate


@pytest.fixture(scope="module")
def der(tmp_path_factory) -> bytes:
    return certificate(tmp_path_factory.mktemp("certificates"), "camera").der


def test_the_end_of_a_certificate_is_read_to_the_second(der):
    assert expiry(der) == NEXT_YEAR


def test_a_certificate_cut_anywhere_has_no_end(der):
    assert {expiry(der[:end]) for end in range(0, len(der), 7)} == {None}


@given(st.data())
def test_a_damaged_certificate_has_an_end_or_none(der, data):
    damaged = bytearray(der)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))

    ends = expiry(bytes(damaged))

    assert ends is None or ends.tzinfo is not None


def test_the_end_is_read_though_the_serial_number_is_none_that_rfc_5280_allows(der):
    version, serial = der[8:13], 15  # its first byte, behind tag and length
    assert version == b"\xa0\x03\x02\x01\x02"

    negative = bytearray(der)
    negative[serial] |= 0x80

    assert expiry(bytes(negative)) == NEXT_YEAR


def test_an_endless_certificate_is_not_read(der):
    assert expiry(der + b"\0" * 70_000) is None


async def test_only_accept_any_goes_below_what_is_safe():
    trust = Trust()

    verifying = await trust.context(TlsPolicy.VERIFY)
    accepting = await trust.context(TlsPolicy.ACCEPT_ANY)

    assert verifying is await trust.context(TlsPolicy.VERIFY)
    assert verifying.check_hostname
    assert verifying.verify_mode is ssl.CERT_REQUIRED
    assert verifying.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert accepting.verify_mode is ssl.CERT_NONE


async def test_a_file_of_authorities_that_cannot_be_read_is_an_os_error(tmp_path):
    (tmp_path / "ca.pem").write_text("nonsense")

    with pytest.raises(OSError, match=r"\[(SSL|X509)"):
        await Trust(tmp_path / "ca.pem").context(TlsPolicy.VERIFY)


@pytest.mark.parametrize("policy", TlsPolicy)
async def test_no_server_may_choose_the_numbers_of_an_exchange(policy):
    """Of 10,000 bits, they would hold the loop for a second and all other looks with it."""
    context = await Trust().context(policy)

    assert [c["name"] for c in context.get_ciphers() if c["kea"] == "kx-dhe"] == []
    assert "AES128-SHA" in [c["name"] for c in context.get_ciphers()]
