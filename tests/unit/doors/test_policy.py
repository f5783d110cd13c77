from __future__ import annotations

import pytest

from monitor.doors.policy import ANY_NETWORK, NetworkPolicy, bound_to


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
        (["127.0.0.0/8"], "127.3.4.5", True),
        (["127.3.4.5"], "127.3.4.5", True),
        (["127.3.4.5"], "127.3.4.6", False),
        (["fe80::/10"], "fe80::1%eth0", True),
        (["169.254.0.0/16"], "169.254.10.1", True),
    ],
)
def test_special_addresses_are_allowed_only_where_listed(networks, address, allowed):
    assert NetworkPolicy.of(networks).allows(address) is allowed


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.0.2.1", "2001:db8::1", "fe80::1"])
def test_a_person_may_look_anywhere(address):
    assert ANY_NETWORK.allows(address)


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
