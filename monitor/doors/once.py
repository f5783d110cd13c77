"""A single look for a person at a terminal: the typed URL to a target, the look to JSON, text and
exit code.
"""

from __future__ import annotations

from datetime import datetime

from monitor.rtsp.url import parse_url
from registry.look import NO_CHECK_YET, FeedKey, Look, Video
from registry.security.secrets_in_urls import without_secrets
from registry.targets import Login, Target
from registry.vocabulary import (
    WORDS,
    CameraKind,
    Depth,
    Hop,
    Importance,
    Lifecycle,
    Outcome,
    TlsPolicy,
    TransportPolicy,
    shown_reason,
)


def target_of_url(
    url: str,
    *,
    username: str | None,
    password: str | None,
    transport: TransportPolicy,
    allow_basic: bool = False,
    tls_policy: TlsPolicy = TlsPolicy.VERIFY,
) -> Target:
    """What to look at; secrets of the typed URL are in the login at once. Raises ValueError."""
    clean = without_secrets(url)
    parsed, _ = parse_url(clean.url)
    user = (username if username is not None else clean.username) or ""
    word = (password if password is not None else clean.password) or ""
    login = None
    if user or word or clean.secrets:
        login = Login(user, word, clean.secrets, (parsed.host,), allow_basic, "typed")
    return Target(
        key=FeedKey("typed", "url"),
        feed_id=0,
        url=f"{parsed.scheme}://{parsed.authority}{parsed.rest}",
        host=parsed.host,
        port=parsed.port,
        hop=Hop.CAMERA,
        kind=CameraKind.STREET,
        importance=Importance.NORMAL,
        lifecycle=Lifecycle.INSTALLED,
        login=login,
        transport=transport,
        tls_policy=tls_policy,
    )


def exit_code(look: Look) -> int:
    """0 seen live, 1 seen absent or poor, 3 could not look; 2 is for bad arguments."""
    match look.outcome:
        case Outcome.LIVE:
            return 0
        case Outcome.DEGRADED | Outcome.DOWN:
            return 1
        case Outcome.COULD_NOT_LOOK:
            return 3


def look_to_json(target: Target, look: Look) -> dict[str, object]:
    """The shape of DESIGN section 6; what was not measured is None, never 0."""
    return {
        "target": target.url,
        "depth": look.depth.value,
        "outcome": look.outcome.value,
        "reason": _reason(look),
        "detail": look.detail,
        "transport": look.transport,
        "certificate_expires_at": _iso(look.certificate_expires_at),
        "stages": {stage.value: round(took, 6) for stage, took in look.stages.items()},
        "video": _video(look.video),
        "clock_offset_seconds": _rounded(look.clock_offset_s),
        "bytes_received": look.bytes_received,
        "findings": {reason.value: found.answer.value for reason, found in look.findings.items()},
        "quirks": list(look.quirks),
        "server": look.server,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _reason(look: Look) -> str | None:
    shown = shown_reason(look.reasons)
    return shown.value if shown is not None else None


def _video(video: Video) -> dict[str, object]:
    return {
        "codec": video.codec.value if video.codec is not None else None,
        "width": video.width,
        "height": video.height,
        "frames_per_second": _rounded(video.frames_per_second),
        "bytes_per_second": _rounded(video.bytes_per_second),
        "frames": video.frames,
        "packets": video.packets,
        "lost": video.lost,
        "jitter_seconds": _rounded(video.jitter_s),
        "keyframe_interval_seconds": _rounded(video.keyframe_interval_s),
    }


def _rounded(value: float | None) -> float | None:
    return round(value, 6) if value is not None else None


def look_to_text(target: Target, look: Look) -> str:
    """A few lines for the technician."""
    lines = [target.url, *_verdict_words(look)]
    if look.detail:
        lines.append(f"  detail   {look.detail}")
    lines.append(f"  video    {_video_words(look)}")
    stages = ", ".join(f"{stage.value} {1000 * took:.1f} ms" for stage, took in look.stages.items())
    lines.append(f"  stages   {stages or 'none'}")
    if look.findings:
        checked = {r: f for r, f in look.findings.items() if f.why != NO_CHECK_YET}
        found = (f"{r.value} {f.answer.value}" for r, f in checked.items())
        lines.append(f"  picture  {', '.join(found)}")
    if look.clock_offset_s is not None:
        lines.append(f"  clock    {look.clock_offset_s:+.3f} s from ours")
    if look.certificate_expires_at is not None:
        lines.append(f"  tls      certificate until {_iso(look.certificate_expires_at)}")
    if look.quirks:
        lines.append(f"  noted    {', '.join(look.quirks)}")
    if look.outcome is not Outcome.LIVE:
        lines += [f"  {line}" for line in look.log]
    return "\n".join(lines)


def _verdict_words(look: Look) -> list[str]:
    """The outcome, and for what is not live: the word in words, and what to do."""
    shown = shown_reason(look.reasons)
    if shown is None:
        return [look.outcome.value]
    word = WORDS[shown]
    return [
        f"{look.outcome.value}: {shown.value} ({word.label.en})",
        f"  next     {word.next_step}",
    ]


def _video_words(look: Look) -> str:
    video = look.video
    if video.codec is None:
        return "none"
    words = [video.codec.value]
    if video.width and video.height:
        words.append(f"{video.width}x{video.height}")
    words.append(f"{video.frames} pictures in {video.packets} packets, {video.lost} lost")
    if look.depth is Depth.MEASURE:
        if video.frames_per_second is not None:
            words.append(f"{video.frames_per_second:.2f} per second")
        if video.bytes_per_second is not None:
            words.append(f"{video.bytes_per_second * 8 / 1000:.0f} kbit/s")
        if video.keyframe_interval_s is not None:
            words.append(f"keyframe every {video.keyframe_interval_s:.2f} s")
        if video.jitter_s is not None:
            words.append(f"jitter {1000 * video.jitter_s:.1f} ms")
    return ", ".join(words)
