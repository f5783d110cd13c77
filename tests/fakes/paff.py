"""H.264 coded field by field (PAFF), as old recorders do and no encoder at hand does: 32 x 32, each
field one flat grey, written as raw macroblocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_MACROBLOCKS = 2  # of one field: 32 x 16


@dataclass
class Bits:
    """An RBSP being written."""

    text: list[str] = field(default_factory=list)

    def u(self, count: int, value: int) -> Bits:
        self.text.append(f"{value:0{count}b}")
        return self

    def ue(self, *values: int) -> Bits:
        for value in values:
            code = f"{value + 1:b}"
            self.text.append("0" * (len(code) - 1) + code)
        return self

    def flags(self, bits: str) -> Bits:
        self.text.append(bits)
        return self

    def align(self, filler: str = "0") -> Bits:
        joined = "".join(self.text)
        self.text = [joined + filler * (-len(joined) % 8)]
        return self

    def raw(self, data: bytes) -> Bits:
        self.text.append("".join(f"{byte:08b}" for byte in data))
        return self

    def nal(self, header: int) -> bytes:
        bits = "".join([*self.text, "1"])
        bits += "0" * (-len(bits) % 8)
        body = int(bits, 2).to_bytes(len(bits) // 8)
        assert not any(code in body for code in (b"\0\0\0", b"\0\0\1", b"\0\0\3"))
        return bytes((header,)) + body


SPS = (
    # Main profile; set 0, frame_num of 4 bits, output in decoding order, one reference; no gaps;
    # 2 x 1 macroblock pairs; fields allowed, not adaptive, direct_8x8; no cropping, no VUI.
    Bits().u(24, 0x4D001E).ue(0, 0, 2, 1).flags("0").ue(1, 0).flags("00100").nal(0x67)
)
# Set 0 of 0, CAVLC; one slice group, one reference each; plain prediction; quantisers; deblocking
# control in slices.
PPS = Bits().ue(0, 0).flags("00").ue(0, 0, 0).flags("000").ue(0, 0, 0).flags("100").nal(0x68)


def coded_field(*, frame_num: int, bottom: bool, grey: int, idr: bool = False) -> bytes:
    """One field as one slice; a P field holds raw macroblocks too."""
    bits = Bits().ue(0, 7 if idr else 5, 0).u(4, frame_num).flags("1").u(1, bottom)
    if idr:
        bits.ue(0).flags("00")  # idr_pic_id, reference marking
    else:
        bits.flags("000")  # reference count, list and marking as usual
    bits.ue(0, 1)  # quantiser, no deblocking
    for _ in range(_MACROBLOCKS):
        if not idr:
            bits.ue(0)  # nothing is skipped
        bits.ue(25 if idr else 30).align().raw(bytes((grey,)) * 256 + b"\x80" * 128)
    return bits.nal(0x65 if idr else 0x61)


def frames(count: int, *, every: int = 5) -> list[tuple[bytes, bytes]]:
    """(top, bottom) of each frame; every so many an IDR field with a P field."""
    made = []
    for number in range(count):
        idr, frame_num = number % every == 0, number % every
        top = coded_field(frame_num=frame_num, bottom=False, grey=60 + number, idr=idr)
        made.append((top, coded_field(frame_num=frame_num, bottom=True, grey=180 + number)))
    return made
