"""The limit of open files is raised as far as this process may, and no further."""

from __future__ import annotations

import resource

from monitor import open_files


def test_a_look_over_udp_has_three_files():
    assert open_files.needed_files(100) - open_files.needed_files(0) == 300


def test_the_soft_limit_is_raised_and_never_lowered():
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)

    assert open_files.allow(soft)
    assert open_files.allow(10)

    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == soft


def test_what_the_machine_does_not_allow_is_said():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert not open_files.allow(before[1] + 1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
