"""Decoding order numbers of H.264 (RFC 6184 section 5.5) and H.265 (RFC 7798 section 4.6).

They are skipped; what they would be needed for, bringing interleaved NAL units back into order, is
noticed and not done (Q144).
"""

from __future__ import annotations


class DecodingOrder:
    """Fed with the number of each NAL unit in order of arrival."""

    def __init__(self) -> None:
        self.interleaved: str | None = None  # really used, and how that was seen
        self._last: int | None = None

    def begin_again(self) -> None:
        """Packets are missing: the next number may be any."""
        self._last = None

    def nal_unit(self, number: int) -> None:
        number &= 0xFFFF
        if self._last is not None and number - self._last & 0x8000:
            seen = f"decoding order {number} after {self._last}"
            self.interleaved = f"interleaved NAL units are not supported, saw {seen}"
        self._last = number
