"""What there is to look at: a target for each feed that has an address. It plans nothing."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from registry.estate.logins import login_of
from registry.estate.places import Places, center_of, recorder_of, site_of
from registry.estate.rows import Row
from registry.feed_url import BadFeedUrl, feed_address
from registry.look import FeedKey
from registry.targets import Login, Target
from registry.vocabulary import CameraKind, Hop

log = structlog.get_logger()

# Homes, and what a policeman carries or drives, are shown only once an admin has said so.
KINDS_WITHOUT_SNAPSHOTS = frozenset({CameraKind.DOORWAY, CameraKind.BODY, CameraKind.IN_CAR})

# A camera serves one session without harm, a recorder a few, a relay or a center's system many.
SESSION_BUDGETS = {Hop.CAMERA: 1, Hop.RECORDER: 4, Hop.RELAY: 16, Hop.CENTER: 16}


def target_of(feed: Row, camera: Row, places: Places, logins: Mapping[int, Login]) -> Target | None:
    key = FeedKey(camera.code, feed.name)
    try:
        host, port = feed_address(feed.url)
    except BadFeedUrl as error:
        log.warning("feed_not_probed", feed=str(key), why=str(error))
        return None
    recorder = recorder_of(feed, camera, host, places)
    site = site_of(feed, camera, recorder, places)
    center = center_of(feed, places)
    return Target(
        key=key,
        feed_id=feed.id,
        url=feed.url,
        host=host,
        port=port,
        hop=feed.hop,
        kind=camera.kind,
        importance=camera.importance,
        lifecycle=camera.lifecycle,
        login=login_of(feed, key, host, logins),
        transport=feed.transport,
        tls_policy=feed.tls_policy,
        recorder=recorder.code if recorder else None,
        session_budget=recorder.session_budget if recorder else SESSION_BUDGETS[feed.hop],
        site=site.code if site else None,
        site_kbit=site.network_kbit if site else None,
        center=center.code if center else None,
        center_kbit=center.network_kbit if center else None,
        snapshots=_snapshots(camera),
        expected_codec=feed.expected_codec,
        expected_width=feed.expected_width,
        expected_height=feed.expected_height,
        expected_fps=feed.expected_fps,
        keyframe_limit_s=feed.keyframe_limit_s,
        liveness_every_s=feed.liveness_every_s,
        picture_every_s=feed.picture_every_s,
    )


def _snapshots(camera: Row) -> bool:
    if camera.snapshots is None:
        return camera.kind not in KINDS_WITHOUT_SNAPSHOTS
    return bool(camera.snapshots)
