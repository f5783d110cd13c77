"""Where camreach and a player that nobody here wrote say different things of the same stream, and
why: the source of docs/differential.md and of the test that neither more nor fewer are seen.
"""

from __future__ import annotations

from dataclasses import dataclass

FFMPEG, AIORTSP = "FFmpeg", "aiortsp"


@dataclass(frozen=True, slots=True)
class Difference:
    stream: str
    camreach: str  # plays, or the reason
    player: str
    says: str
    why: str


_NO_PICTURE = "It counts packets and decodes nothing."
_NOT_JUDGED = "It decodes what comes and does not judge what is to be seen."
_SHA256 = "It signs with MD5 whatever the challenge asks for, and is refused."
_BASIC = "It sends the password readably. camreach does so only where the login allows it."
_JUDGED = ("frozen", "black", "too_dark", "too_bright", "wrong_profile")

DIFFERENCES = (
    Difference("digest_sha256", "plays", FFMPEG, "does not play", _SHA256),
    Difference("digest_sha256", "plays", AIORTSP, "does not play", _SHA256),
    Difference("basic_only", "auth_unsupported", FFMPEG, "plays", _BASIC),
    Difference("basic_only", "auth_unsupported", AIORTSP, "plays", _BASIC),
    Difference(
        "burst_only",
        "burst_only",
        FFMPEG,
        "plays",
        "It takes the stored pictures of a relay for a stream: it asks for pictures, not for pace.",
    ),
    Difference("no_keyframe", "no_keyframe", AIORTSP, "plays", _NO_PICTURE),
    *(Difference(name, name, FFMPEG, "plays", _NOT_JUDGED) for name in _JUDGED),
    *(Difference(name, name, AIORTSP, "plays", _NO_PICTURE) for name in _JUDGED),
)
