"""JPEG files cut into RTP payloads (RFC 2435): what a camera leaves out and sends instead."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Jpeg:
    """A baseline JPEG file, taken apart."""

    tables: dict[int, bytes] = field(default_factory=dict)
    wide: int = 0  # bit n: table n has 16-bit values
    kind: int = 1
    width: int = 0
    height: int = 0
    restart: int = 0
    scan: bytes = b""

    @classmethod
    def of(cls, file: bytes) -> Jpeg:
        jpeg, at = cls(), 2
        while True:
            marker, size = struct.unpack_from("!xBH", file, at)
            body = file[at + 4 : at + 2 + size]
            at += 2 + size
            if marker == 0xDA:
                jpeg.scan = file[at:]
                return jpeg
            jpeg._take(marker, body)

    def _take(self, marker: int, body: bytes) -> None:
        if marker == 0xDB:
            while body:
                size = 129 if body[0] >> 4 else 65
                self.wide |= (body[0] >> 4) << (body[0] & 15)
                self.tables[body[0] & 15] = body[1:size]
                body = body[size:]
        elif marker == 0xC0:
            self.height, self.width = struct.unpack_from("!HH", body, 1)
            self.kind = {0x21: 0, 0x22: 1}[body[7]]
        elif marker == 0xDD:
            (self.restart,) = struct.unpack("!H", body)


def payloads_jpeg(
    file: bytes, limit: int = 1200, *, quality: int = 255, with_tables: bool = True
) -> Iterator[bytes]:
    """Q of 128 and more sends the tables in the first fragment, unless told not to."""
    jpeg = Jpeg.of(file)
    kind = jpeg.kind | 64 * bool(jpeg.restart)
    sides = [-(-side // 8) for side in (jpeg.width, jpeg.height)]
    size = bytes(side if side < 256 else 0 for side in sides)  # 0: told in the description
    for at in range(0, len(jpeg.scan), limit):
        head = struct.pack("!I", at) + bytes((kind, quality)) + size
        if jpeg.restart:
            head += struct.pack("!HH", jpeg.restart, 0xFFFF)
        if quality >= 128 and at == 0:
            tables = b"".join(jpeg.tables[number] for number in sorted(jpeg.tables))
            tables = tables if with_tables else b""
            head += struct.pack("!BBH", 0, jpeg.wide, len(tables)) + tables
        yield head + jpeg.scan[at : at + limit]
