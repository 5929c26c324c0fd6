"""A PNG without text, EXIF, times, profiles, animation and whatever trails: W3C PNG (Third Edition), 5. Critical chunks and what tells
how to draw them are copied; everything else is left out.
"""

from __future__ import annotations

import struct
import zlib

from traceability.domain.errors import Refused

MAGIC = b"\x89PNG\r\n\x1a\n"
KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"})
LENGTHS = {b"IHDR": 13, b"IEND": 0, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9}
MOST_PIXELS = 200_000_000


def strip(data: bytes) -> bytes:
    """Raises Refused `file_damaged` where a chunk is cut off, does not add up, is out of its place, or is needed and not known."""
    made, at, seen = bytearray(MAGIC), len(MAGIC), [b""]
    while seen[-1] != b"IEND":
        if at + 12 > len(data):
            raise Refused("file_damaged")
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data) or not kind.isalpha():
            raise Refused("file_damaged")
        chunk = data[at:end]
        if zlib.crc32(chunk[4:-4]) != struct.unpack(">I", chunk[-4:])[0]:
            raise Refused("file_damaged")
        if kind[:1].isupper() and kind not in KEPT:
            raise Refused("file_damaged")
        if kind in KEPT:
            _placed(kind, length, seen)
            if kind == b"IHDR":
                wide, high = struct.unpack_from(">II", chunk, 8)
                if not wide or not high or wide * high > MOST_PIXELS:
                    raise Refused("file_damaged")
            made += chunk
            seen.append(kind)
        at = end
    if b"IDAT" not in seen:
        raise Refused("file_damaged")
    return bytes(made)


def _placed(kind: bytes, length: int, seen: list[bytes]) -> None:
    """The header first and once, each of the others once, the picture in one run."""
    if (kind == b"IHDR") != (len(seen) == 1) or length != LENGTHS.get(kind, length):
        raise Refused("file_damaged")
    again = kind in seen and (kind != b"IDAT" or seen[-1] != b"IDAT")
    if again:
        raise Refused("file_damaged")
