"""The fleet of the benchmark is what its docs say it is, and the same each time."""

from __future__ import annotations

from collections import Counter

from benchmarks.mixed_fleet import mixed_fleet
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

    assert not {Behaviour.REFUSES, Behaviour.REJECTS_LOGIN} & {c.behaviour for c in channels}
    assert any(channel.behaviour is not Behaviour.LIVE for channel in channels)
