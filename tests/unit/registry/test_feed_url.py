"""Where a URL points, and whom a credential may be shown to."""

from __future__ import annotations

import pytest

from registry.feed_url import BadFeedUrl, feed_address, is_bound, widened


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("rtsp://192.0.2.1/x", ("192.0.2.1", 554)),
        ("RTSPS://Cam.Example:8322", ("cam.example", 8322)),
        ("rtsps://cam.example/", ("cam.example", 322)),
        ("rtsp://[2001:DB8::1]:8554/x", ("2001:db8::1", 8554)),
        ("rtsp://[::1]?a=b", ("::1", 554)),
        ("rtsp://[fe80::1%25eth0]:554/x", ("fe80::1%eth0", 554)),
        ("rtsp://[FE80::0:1%eth0]/x", ("fe80::1%eth0", 554)),
        ("rtsp://host/a%2Fb@c?d=[e]#f", ("host", 554)),
    ],
)
def test_the_address_is_read_from_the_text(url, address):
    assert feed_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://192.0.2.1/",
        "rtsp://",
        "rtsp:///x",
        "rtsp://h:0/",
        "rtsp://h:65536/",
        "rtsp://h:x/",
        "rtsp://[1/x",
        "rtsp://[::zz]/x",
        "rtsp://[:::]/x",
        "rtsp://[fe80::1%]/x",
        "rtsp://[fe80::1%eth 0]/x",
        "rtsp://u:p@h/",
        "rtsp://h/a b",
        "rtsp://h/\r\nX: y",
        "rtsp://h/" + "x" * 2000,
        " rtsp://h/",
    ],
)
def test_anything_else_is_refused_without_repeating_its_path(url):
    with pytest.raises(BadFeedUrl):
        feed_address(url)


@pytest.mark.parametrize(
    ("host", "hosts", "bound"),
    [
        ("192.0.2.1", ["192.0.2.1"], True),
        ("192.0.2.1", ["192.0.2.0/24", "x"], True),
        ("192.0.3.1", ["192.0.2.0/24"], False),
        ("cam.example", ["Cam.Example"], True),
        ("evil-cam.example", ["cam.example"], False),
        ("2001:db8::1", ["2001:db8::/32"], True),
        ("192.0.2.1", ["2001:db8::/32"], False),
        ("192.0.2.1", [], False),
        ("fe80::1%eth0", ["fe80::1%eth0"], True),
        ("fe80::1%eth0", ["fe80::1%eth1"], False),
        ("fe80::1%eth0", ["fe80::/10"], True),
        ("fe80::1", ["fe80::1%eth0"], False),
        ("192.0.2.1", ["cam.example"], False),
    ],
)
def test_a_credential_goes_only_where_it_is_bound(host, hosts, bound):
    assert is_bound(host, hosts) is bound


@pytest.mark.parametrize(
    ("before", "after", "further"),
    [
        (["192.0.2.0/24"], ["192.0.2.7", "192.0.2.0/25"], []),
        (["192.0.2.0/25", "cam.example"], ["192.0.2.0/24", "Cam.Example"], ["192.0.2.0/24"]),
        (["192.0.2.7"], ["192.0.2.7/32", "192.0.2.7", "x"], ["x"]),
        (["2001:db8::/32"], ["2001:db8::/33", "::/0", "0.0.0.0/0"], ["::/0", "0.0.0.0/0"]),
        (["192.0.2.0/24"], ["192.0.0.0/16", "192.0.2.0/24"], ["192.0.0.0/16"]),
    ],
)
def test_a_binding_is_widened_by_what_it_does_not_hold(before, after, further):
    assert widened(before, after) == further
