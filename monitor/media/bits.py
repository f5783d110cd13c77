"""Reading the bit syntax of parameter sets and slice headers. Knows no codec."""

from __future__ import annotations


class Truncated(ValueError):
    """The bits end before the syntax does, or a number is longer than any that is meant."""


class BitReader:
    """Bits of an RBSP (emulation prevention already removed), most significant first."""

    __slots__ = ("_bits", "_length", "position")

    def __init__(self, data: bytes) -> None:
        self._bits = int.from_bytes(data, "big")
        self._length = 8 * len(data)
        self.position = 0

    @property
    def left(self) -> int:
        return self._length - self.position

    def u(self, count: int) -> int:
        if count > self.left:
            raise Truncated(f"{count} bits wanted, {self.left} left")
        self.position += count
        return self._bits >> (self._length - self.position) & ((1 << count) - 1)

    def flag(self) -> bool:
        return self.u(1) == 1

    def skip(self, count: int) -> None:
        self.u(count)

    def ue(self) -> int:
        """Exp-Golomb, ITU-T H.264 section 9.1."""
        zeros = 0
        while self.u(1) == 0:
            zeros += 1
            if zeros > 32:
                raise Truncated("an Exp-Golomb code of more than 32 leading zeros")
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def unescape(nal: bytes) -> bytes:
    """Without the emulation prevention bytes."""
    return nal.replace(b"\x00\x00\x03", b"\x00\x00")
