"""The tables that RTP leaves out of a JPEG: those of ITU-T T.81 annex K, scaled by Q (RFC 2435
section 4.2).

Constants and one formula; it reads nothing.
"""

from __future__ import annotations

from functools import cache
from struct import pack

# Tables K.1 and K.2, in zigzag order.
_QUANTISATION = tuple(
    bytes.fromhex(table)
    for table in (
        "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933"
        "383740485c4e404457453738506d51575f626768673e4d71797064785c656763",
        "111212181518" + "2f1a1a2f634238426363636363636363636363636363636363636363" + 30 * "63",
    )
)
# Tables K.3 to K.6: class and number, codes of each length 1 to 16, the values they stand for.
_HUFFMAN = (
    "00 00010501010101010100000000000000 000102030405060708090a0b",
    "10 0002010303020403050504040000017d 01020300041105122131410613516107227114328191a1082342b1c115"
    "52d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a6364"
    "65666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7"
    "b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
    "01 00030101010101010101010000000000 000102030405060708090a0b",
    "11 00020102040403040705040400010277 0001020311040521310612415107617113223281081442"
    "91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455"
    "565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8"
    "a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9"
    "fa",
)


@cache  # of 99 values
def quantisation_tables(quality: int) -> bytes:
    """Luma and chroma for Q from 1 to 99, one behind the other."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return bytes(
        min(max((value * scale + 50) // 100, 1), 255) for table in _QUANTISATION for value in table
    )


def segment(marker: int, body: bytes) -> bytes:
    return pack("!BBH", 0xFF, marker, len(body) + 2) + body


HUFFMAN_SEGMENTS = b"".join(segment(0xC4, bytes.fromhex(table)) for table in _HUFFMAN)
