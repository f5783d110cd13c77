"""The fleet of the benchmark is what its docs say it is, and the same each time."""

from __future__ import annotations

from collections import Counter

from benchmarks.mixed_fleet import TENANT, healthy_fleet, mixed_fleet
from monitor.simulator.behaviour import Behaviour


def test_the_same_number_gives_the_same_fleet():
    assert mixed_fleet(200) == mixed_fleet(200)


def test_three_of_ten_are_channels_of_recorders_with_at_most_64():
    fleet = mixed_fleet(1000)

    channels = Counter(camera.recorder for camera in fleet.cameras if camera.recorder)

    assert channels.total() == 300
    assert max(channels.values()) <= 64
    assert channels.keys() == {recorder.code for recorder in fleet.recorders}


def test_one_of_ten_is_in_trouble_and_no_kind_of_it_is_missing():
    behaviours = Counter(camera.behaviour for camera in mixed_fleet(1000).cameras)

    assert behaviours.keys() == set(Behaviour)
    assert behaviours.total() - behaviours[Behaviour.LIVE] == 100


def test_trouble_of_a_whole_box_is_never_given_to_one_channel():
    channels = [camera for camera in mixed_fleet(1000).cameras if camera.recorder]

    of_the_box = {Behaviour.REFUSES, Behaviour.PLAIN_INSTEAD_OF_TLS}
    parking = {Behaviour.REJECTS_LOGIN, Behaviour.HANGS_UP_ON_LOGIN}
    assert not (of_the_box | parking) & {c.behaviour for c in channels}
    assert any(channel.behaviour is not Behaviour.LIVE for channel in channels)


def test_who_loses_packets_sends_over_udp_and_who_forgets_tls_has_it():
    cameras = mixed_fleet(1000).cameras

    assert {c.behaviour for c in cameras if c.udp} == {Behaviour.LOSES_PACKETS}
    assert {c.behaviour for c in cameras if c.tls} == {Behaviour.PLAIN_INSTEAD_OF_TLS}


def test_a_big_fleet_has_one_tenant_with_338_channels():
    fleet = mixed_fleet(3000)

    channels = Counter(camera.recorder for camera in fleet.cameras if camera.recorder)

    assert channels.total() == 900
    assert channels[TENANT] == 338
    assert sum(feeds > 64 for feeds in channels.values()) == 1


def test_in_a_healthy_fleet_only_the_network_is_bad():
    fleet = healthy_fleet(200, udp_loss=0.01, stalls=True)

    assert all(fault.is_live for fault in fleet.faults().values())
    assert sum(camera.udp for camera in fleet.cameras) == 100
    assert {camera.loss for camera in fleet.cameras} == {0.01}
    assert all(camera.stalls_every_s for camera in fleet.cameras)
