"""Prometheus text for the fleet: rendered once a second as results arrive, only joined at scrape.

It never probes and never queries; what has expired is taken out before the join by whoever knows.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal
from zlib import crc32

from monitor.record import DeliveryRecord, FeedRecord
from registry.targets import CameraFacts
from registry.vocabulary import DeliveryState, FeedState, Hop, Reason

PerCamera = Literal["all", "not_live", "none"]

_FEED = ("camera", "feed", "hop", "vantage")


@dataclass(frozen=True, slots=True)
class Metric:
    """One family: its type, what it says, and its labels in order."""

    type: str
    help: str
    labels: tuple[str, ...]


METRICS: dict[str, Metric] = {
    "camreach_camera_info": Metric(
        "gauge",
        "What the registry says of a camera; always 1.",
        (
            "camera",
            "kind",
            "area",
            "site",
            "system",
            "recorder",
            "contractor",
            "program",
            "importance",
            "lifecycle",
        ),
    ),
    "camreach_delivery_info": Metric(
        "gauge",
        "A center that must have the camera's picture, and what a look can prove; always 1.",
        ("camera", "center", "proof"),
    ),
    "camreach_delivery_reaching": Metric(
        "gauge",
        "1 when the picture reaches the center, also degraded; 0 when not; absent while unknown.",
        ("camera", "center"),
    ),
    "camreach_delivery_state": Metric(
        "gauge", "1 for the state the delivery is in.", ("camera", "center", "state")
    ),
    "camreach_delivery_failing_at": Metric(
        "gauge", "1 for the place where the picture is lost.", ("camera", "center", "at")
    ),
    "camreach_feed_up": Metric(
        "gauge", "1 when frames advance, 0 when not; absent while unknown.", _FEED
    ),
    "camreach_feed_reason": Metric(
        "gauge", "1 for the reason why the feed is not live.", (*_FEED, "reason")
    ),
    "camreach_feed_last_look_timestamp_seconds": Metric(
        "gauge", "When the last look ended.", _FEED
    ),
    "camreach_feed_last_frame_timestamp_seconds": Metric(
        "gauge", "When frames were last seen.", _FEED
    ),
    "camreach_feed_last_fresh_picture_timestamp_seconds": Metric(
        "gauge", "When a picture different from the one before was last seen.", _FEED
    ),
    "camreach_feed_frames_per_second": Metric("gauge", "Frame rate as last measured.", _FEED),
    "camreach_feed_received_bytes_per_second": Metric(
        "gauge", "Stream size as last measured.", _FEED
    ),
    "camreach_feed_packet_loss_ratio": Metric(
        "gauge", "Share of packets lost as last measured.", _FEED
    ),
    "camreach_feed_clock_offset_seconds": Metric(
        "gauge", "The camera's clock minus ours as last measured.", _FEED
    ),
    "camreach_feed_certificate_expiry_timestamp_seconds": Metric(
        "gauge", "When the certificate of an rtsps feed ends, as last seen.", _FEED
    ),
    "camreach_feed_first_frame_duration_seconds": Metric(
        "gauge", "From the first byte sent to the first whole frame, in the last look.", _FEED
    ),
    "camreach_feed_effective_cadence_seconds": Metric(
        "gauge", "How often the budgets allow a look at the feed.", _FEED
    ),
    "camreach_fleet_deliveries": Metric(
        "gauge", "Deliveries by state.", ("kind", "area", "center", "state")
    ),
    "camreach_fleet_feeds": Metric(
        "gauge", "Feeds that are looked at: what the bill is shared among.", ("hop",)
    ),
    "camreach_outages_open": Metric(
        "gauge", "Feeds that are not live now, by reason.", ("class", "reason", "area")
    ),
}

_OF_EACH_LOOK = (
    "camreach_feed_last_look_timestamp_seconds",
    "camreach_feed_last_frame_timestamp_seconds",
    "camreach_feed_first_frame_duration_seconds",
)
# What `_seldom_new` says of a feed; why it is not live stands apart, with a label of its own.
_SELDOM_NEW = (
    "camreach_feed_up",
    "camreach_feed_last_fresh_picture_timestamp_seconds",
    "camreach_feed_frames_per_second",
    "camreach_feed_received_bytes_per_second",
    "camreach_feed_packet_loss_ratio",
    "camreach_feed_clock_offset_seconds",
    "camreach_feed_certificate_expiry_timestamp_seconds",
    "camreach_feed_effective_cadence_seconds",
)
_FLEET = ("camreach_fleet_deliveries", "camreach_fleet_feeds", "camreach_outages_open")


_Value = float | datetime | None  # times as they are: most are written once and compared often


@dataclass(slots=True)
class _Shown:
    """What the lines of a feed say now, but for those that say something new after each look."""

    hop: Hop
    labels: str  # written out
    values: tuple[_Value, ...] = (None,) * len(_SELDOM_NEW)
    reason: Reason | None = None


class Exposition:
    """The fleet's lines, by family and by what they speak of."""

    def __init__(self, vantage: str, per_camera: PerCamera = "all") -> None:
        self._vantage = vantage
        self._per_camera = per_camera
        self._lines: dict[str, dict[tuple[str, str], str]] = {
            name: {} for name in METRICS if name not in _FLEET
        }
        self._changed: dict[tuple[str, str], FeedRecord] = {}  # since they were rendered
        self._shown: dict[tuple[str, str], _Shown] = {}
        self._quiet: set[tuple[str, str]] = set()  # live: left out where only `not_live` is wanted

    def camera(self, facts: CameraFacts) -> None:
        values = (
            facts.camera,
            facts.kind,
            facts.area,
            facts.site,
            facts.system,
            facts.recorder,
            facts.contractor,
            facts.program,
            facts.importance,
            facts.lifecycle,
        )
        line = _line("camreach_camera_info", values, 1)
        self._lines["camreach_camera_info"][facts.camera, ""] = line

    def feed(self, record: FeedRecord) -> None:
        """It changed: the next `render` looks at it, however often it changes until then."""
        self._changed[record.key] = record

    def render(self) -> None:
        """One feed after the other: that is cheaper than each of them behind its look."""
        changed, self._changed = self._changed, {}
        for record in changed.values():
            self._render(record)

    def _render(self, record: FeedRecord) -> None:
        """Only what says something else is written anew: three lines of twelve, as a rule."""
        key, shown, memory = record.key, self._shown_of(record), record.memory
        looked = (memory.last_look_at, memory.last_frame_at, record.measured.first_frame_s)
        for name, value in zip(_OF_EACH_LOOK, looked, strict=True):
            self._say(name, key, shown.labels, value)
        values = _seldom_new(record)
        for name, value, before in zip(_SELDOM_NEW, values, shown.values, strict=True):
            if value != before:
                self._say(name, key, shown.labels, value)
        shown.values = values
        if memory.reason is not shown.reason:
            name, shown.reason = "camreach_feed_reason", memory.reason
            line = f'{name}{{{shown.labels},reason="{memory.reason}"}} 1\n'
            self._put(name, key, line if memory.reason else None)
        self._mark(key, quiet=memory.state is FeedState.LIVE)

    def _say(self, name: str, key: tuple[str, str], labels: str, value: _Value) -> None:
        line = None if value is None else f"{name}{{{labels}}} {_number(value)}\n"
        self._put(name, key, line)

    def _shown_of(self, record: FeedRecord) -> _Shown:
        key, hop = record.key, record.target.hop
        shown = self._shown.get(key)
        if shown is None or shown.hop is not hop:
            self.forget([key])  # what it said under other labels
            labels = _labels(_FEED, (key.camera, key.feed, hop, self._vantage))
            shown = self._shown[key] = _Shown(hop, labels)
        return shown

    def delivery(self, record: DeliveryRecord) -> None:
        camera, center = record.target.camera, record.target.center
        key, verdict = (camera, f"center:{center}"), record.verdict
        unknown = verdict.state is DeliveryState.UNKNOWN
        reaching = verdict.state in (DeliveryState.REACHING, DeliveryState.DEGRADED)
        at = verdict.failing_at
        lines = {
            "camreach_delivery_info": _line(
                "camreach_delivery_info", (camera, center, record.target.proof), 1
            ),
            "camreach_delivery_reaching": None
            if unknown
            else _line("camreach_delivery_reaching", (camera, center), int(reaching)),
            "camreach_delivery_state": "".join(
                _line("camreach_delivery_state", (camera, center, state), state is verdict.state)
                for state in DeliveryState
            ),
            "camreach_delivery_failing_at": _line(
                "camreach_delivery_failing_at", (camera, center, at), 1
            )
            if at
            else None,
        }
        for name, line in lines.items():
            self._put(name, key, line)
        self._mark(key, quiet=verdict.state is DeliveryState.REACHING)

    def forget(self, keys: Iterable[tuple[str, str]]) -> None:
        for key in keys:
            self._quiet.discard(key)
            self._shown.pop(key, None)
            self._changed.pop(key, None)
            for lines in self._lines.values():
                lines.pop(key, None)

    async def per_camera(self, shard: int = 0, shards: int = 1) -> bytes:
        """The per-camera families, joined one by one so that the loop can breathe between them."""
        if self._per_camera == "none":
            return b""
        self.render()
        parts = []
        for name, lines in self._lines.items():
            chosen = "".join(
                line
                for key, line in lines.items()
                if (shards == 1 or crc32(key[0].encode()) % shards == shard)
                and not (self._per_camera == "not_live" and key in self._quiet)
            )
            if chosen:
                parts.append((_head(name) + chosen).encode())
            await asyncio.sleep(0)
        return b"".join(parts)

    def _put(self, name: str, key: tuple[str, str], line: str | None) -> None:
        if line is None:
            self._lines[name].pop(key, None)
        else:
            self._lines[name][key] = line

    def _mark(self, key: tuple[str, str], *, quiet: bool) -> None:
        if quiet:
            self._quiet.add(key)
        else:
            self._quiet.discard(key)


def fleet_text(
    cameras: Mapping[str, CameraFacts],
    feeds: Iterable[FeedRecord],
    deliveries: Iterable[DeliveryRecord],
) -> str:
    """The families that count: few lines however large the estate."""
    states: Counter[tuple[str, ...]] = Counter()
    for delivery in deliveries:
        facts = cameras[delivery.target.camera]
        states[facts.kind, facts.area, delivery.target.center, delivery.verdict.state] += 1
    outages: Counter[tuple[str, ...]] = Counter()
    hops: Counter[tuple[str, ...]] = Counter()
    for feed in feeds:
        hops[(feed.target.hop,)] += 1
        reason = feed.memory.reason
        if reason is not None:
            area = cameras[feed.key.camera].area
            outages[reason.reason_class, reason, area] += 1
    return (
        _family("camreach_fleet_deliveries", states)
        + _family("camreach_fleet_feeds", hops)
        + _family("camreach_outages_open", outages)
    )


def _family(name: str, counts: Mapping[tuple[str, ...], int]) -> str:
    lines = "".join(_line(name, values, count) for values, count in sorted(counts.items()))
    return _head(name) + lines if lines else ""


def _seldom_new(record: FeedRecord) -> tuple[_Value, ...]:
    """In the order of `_SELDOM_NEW`."""
    memory, measured = record.memory, record.measured
    flows = 1 if memory.flow.standing is None else 0  # a frozen feed is up: its frames advance
    return (
        None if memory.state is FeedState.UNKNOWN else flows,
        memory.last_fresh_picture_at,
        measured.frames_per_second,
        measured.bytes_per_second,
        measured.packet_loss_ratio,
        measured.clock_offset_s,
        measured.certificate_expires_at,
        record.rhythm.effective_cadence_s,
    )


def _head(name: str) -> str:
    metric = METRICS[name]
    return f"# HELP {name} {metric.help}\n# TYPE {name} {metric.type}\n"


def _line(name: str, values: Iterable[str], value: float) -> str:
    return f"{name}{{{_labels(METRICS[name].labels, values)}}} {_number(value)}\n"


def _labels(names: Iterable[str], values: Iterable[str]) -> str:
    return ",".join(f'{label}="{_escape(text)}"' for label, text in zip(names, values, strict=True))


def _number(value: float | datetime) -> str:
    if isinstance(value, datetime):
        return _moment(value)
    return str(int(value)) if value == int(value) else repr(float(value))


@lru_cache(1)
def _moment(at: datetime) -> str:
    """The last frame is of the last look, as a rule."""
    return _number(at.timestamp())


def _escape(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
