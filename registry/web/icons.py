"""The shapes of states: each has its own outline, so that color is never the only sign."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

_OUTLINES: Final = {
    "reaching": '<circle cx="8" cy="8" r="7"/><path class="mark" d="M4.6 8.3l2.4 2.4 4.4-5"/>',
    "degraded": '<path d="M8 .8l7.4 13.6H.6z"/><path class="mark" d="M8 5.6v4.2M8 12.2v.1"/>',
    "not_reaching": '<rect x="1" y="1" width="14" height="14" rx="2"/>'
    '<path class="mark" d="M5 5l6 6M11 5l-6 6"/>',
    "unknown": '<path class="open" d="M8 1l7 7-7 7-7-7z"/>'
    '<path class="line" d="M6.4 6.6a1.6 1.6 0 1 1 2.2 1.5c-.4.2-.6.4-.6.9M8 11v.1"/>',
    "no_center": '<rect class="open" x="1.5" y="4.5" width="13" height="7" rx="3.5"/>',
    "seen": '<path class="line" d="M1 8c3.500-5 10.500-5 14 0-3.500 5-10.500 5-14 0z"/>'
    '<circle cx="8" cy="8" r="2.400"/>',
    "not_measured": '<circle class="open dashed" cx="8" cy="8" r="6.5"/>',
}
_SAME: Final = {"live": "reaching", "down": "not_reaching"}


def shape(state: str) -> Markup:
    outline = _OUTLINES[_SAME.get(state, state)]
    # Only the constants above enter: nothing a peer or a user wrote.
    return Markup(  # noqa: S704
        '<svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        f"{outline}</svg>"
    )
