from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest

from monitor.doors.policy import ANY_NETWORK, NetworkPolicy, bound_to, embedded, parse_address


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        (["198.18.0.0/15"], "198.18.3.4", True),
        (["198.18.0.0/15"], "198.20.0.1", False),
        ([], "198.18.3.4", False),
        (["0.0.0.0/0", "::/0"], "127.0.0.1", False),
        (["0.0.0.0/0", "::/0"], "::1", False),
        (["0.0.0.0/0", "::/0"], "169.254.169.254", False),
        (["0.0.0.0/0", "::/0"], "100.100.100.200", False),
        (["0.0.0.0/0", "::/0"], "fe80::1%eth0", False),
        (["0.0.0.0/0", "::/0"], "::ffff:127.0.0.1", False),
        (["::/0"], "::ffff:198.18.0.1", False),
        (["0.0.0.0/0"], "::ffff:198.18.0.1", True),
        (["0.0.0.0/0", "::/0"], "192.0.0.192", False),
        (["127.0.0.0/8"], "127.3.4.5", True),
        (["127.3.4.5"], "127.3.4.5", True),
        (["127.3.4.5"], "127.3.4.6", False),
        (["fe80::/10"], "fe80::1%eth0", True),
        (["169.254.0.0/16"], "169.254.10.1", True),
    ],
)
def test_special_addresses_are_allowed_only_where_listed(networks, address, allowed):
    assert NetworkPolicy.of(networks).allows(address) is allowed


NAT64, TO_4, COMPATIBLE, TRANSLATED = "64:ff9b::{}", "2002:{}::1", "::{}", "::ffff:0:{}"
ISATAP, GLOBAL_ISATAP = "2001:db8::5efe:{}", "2001:db8::200:5efe:{}"
LOOPBACK, METADATA, ORDINARY = "7f00:1", "a9fe:a9fe", "c633:6401"  # 198.51.100.1


@pytest.mark.parametrize("form", [NAT64, TO_4, COMPATIBLE, TRANSLATED, ISATAP, GLOBAL_ISATAP])
@pytest.mark.parametrize("zone", ["", "%eth0"])
def test_an_address_is_allowed_together_with_what_is_embedded_in_it(form, zone):
    wide = NetworkPolicy.of(["0.0.0.0/0", "::/0"])
    only_ipv6 = NetworkPolicy.of(["::/0"])
    near = NetworkPolicy.of(["::/0", "198.51.100.0/24"])
    ordinary = form.format(ORDINARY) + zone

    for inside in (LOOPBACK, METADATA):
        assert not wide.allows(form.format(inside) + zone)
    assert wide.allows(ordinary)
    assert near.allows(ordinary)
    assert not only_ipv6.allows(ordinary)
    assert NetworkPolicy.of(["::/0", "127.0.0.0/8"]).allows(form.format(LOOPBACK))
    assert ANY_NETWORK.allows(form.format(LOOPBACK))


@pytest.mark.parametrize(
    ("server", "client", "allowed"),
    [
        ("198.51.100.1", "198.51.100.9", True),
        ("198.51.100.1", "127.0.0.1", False),
        ("127.0.0.1", "198.51.100.9", False),
    ],
)
def test_teredo_embeds_a_server_and_the_inverse_of_a_client(server, client, allowed):
    bits = 0x20010000 << 96 | int(IPv4Address(server)) << 64 | int(IPv4Address(client)) ^ 0xFFFFFFFF
    wide = NetworkPolicy.of(["0.0.0.0/0", "::/0"])

    assert wide.allows(str(IPv6Address(bits))) is allowed


@pytest.mark.parametrize("prefix", ["64:ff9b:1::/48", "64:ff9b:1:2::/64"])
def test_a_translator_of_our_own_is_reached_only_where_it_is_listed(prefix):
    assert not NetworkPolicy.of(["0.0.0.0/0", "::/0"]).allows("64:ff9b:1:2::c633:6401")
    assert NetworkPolicy.of([prefix]).allows("64:ff9b:1:2::c633:6401")


@pytest.mark.parametrize("address", ["192.0.2.1", "::1", "::", "2001:db8::c633:6401", "fe80::1"])
def test_other_addresses_embed_none(address):
    assert embedded(parse_address(address)) == ()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.0.2.1", "2001:db8::1", "fe80::1"])
def test_a_person_may_look_anywhere(address):
    assert ANY_NETWORK.allows(address)


@pytest.mark.parametrize(
    ("home", "address", "allowed"),
    [
        ("192.0.2.7", "198.51.100.1", True),
        ("192.0.2.7", "127.0.0.1", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "::ffff:127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("fe80::1%eth0", "fe80::1%eth0", True),
        ("fe80::1%eth0", "fe80::1%eth1", False),
        ("fe80::1%eth0", "fe80::2%eth0", False),
    ],
)
def test_a_camera_leads_a_person_home_or_to_ordinary_addresses(home, address, allowed):
    assert ANY_NETWORK.allows(address, (home,)) is allowed


def test_a_camera_leads_the_service_wherever_it_may_go():
    policy = NetworkPolicy.of(["127.0.0.0/8"])

    assert policy.allows("127.0.0.9", ("127.0.0.1",))
    assert not policy.allows("192.0.2.1", ("127.0.0.1",))


@pytest.mark.parametrize(
    ("hosts", "host", "address", "allowed"),
    [
        ((), "cam", "192.0.2.1", True),
        (("cam.example",), "CAM.example", "192.0.2.1", True),
        (("192.0.2.1",), "cam", "192.0.2.1", True),
        (("192.0.2.0/24",), "cam", "192.0.2.1", True),
        (("192.0.3.0/24", "other"), "cam", "192.0.2.1", False),
        (("fe80::1%eth0",), "fe80::0:1%eth0", "fe80::0:1%eth0", True),
        (("fe80::1%eth1",), "fe80::0:1%eth0", "fe80::0:1%eth0", False),
        (("[2001:db8::1]",), "2001:db8::1", "2001:db8::1", True),
    ],
)
def test_a_login_goes_only_where_it_is_bound_to(hosts, host, address, allowed):
    assert bound_to(hosts, host, address) is allowed
