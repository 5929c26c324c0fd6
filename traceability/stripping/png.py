"""A PNG without text, EXIF, times, profiles, animation and whatever trails: W3C PNG (Third Edition), 5. Critical chunks and what tells
how to draw them are copied, each as long as the header says; everything else is left out, also behind the end of the pixels.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from traceability.domain.errors import Refused

MAGIC = b"\x89PNG\r\n\x1a\n"
KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"})
LENGTHS = {b"IHDR": 13, b"IEND": 0, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9}
MOST_PIXELS = 200_000_000
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By colour type: grey, RGB, palette, grey and RGB with alpha."""
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
OPAQUE = {0: 2, 2: 6}
"""Bytes of tRNS where one colour is transparent; of a palette at most one for each of its colours."""
SIGNIFICANT = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Interlaced: where each pass begins and how far apart its pixels are, across and down (8.2)."""
AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class _Header:
    wide: int
    high: int
    depth: int
    colour: int
    interlaced: bool

    @property
    def size(self) -> int:
        """Bytes of the pixels before they are packed: each row of each pass with the byte that names its filter (9.1)."""
        passes = ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        bits, size = self.depth * CHANNELS[self.colour], 0
        for left, top, across, down in passes:
            wide, high = -(-(self.wide - left) // across), -(-(self.high - top) // down)
            size += high * (1 + (wide * bits + 7) // 8) if wide > 0 and high > 0 else 0
        return size


def strip(data: bytes) -> bytes:
    """Raises Refused `file_damaged` where a chunk is cut off, does not add up, is out of its place, or is needed and not known; and
    where the pixels are fewer or more than the header says.
    """
    made, seen, pixels = bytearray(MAGIC), [b""], bytearray()
    header, colours = _Header(0, 0, 0, 0, False), 0
    for kind, payload in _chunks(data):
        if kind not in KEPT:
            if kind[:1].isupper():
                raise Refused("file_damaged")
            continue
        _placed(kind, len(payload), seen)
        if kind == b"IHDR":
            header = _header(payload)
        elif not _fits(kind, payload, header, colours):
            raise Refused("file_damaged")
        if kind == b"IDAT":
            pixels += payload
        elif kind == b"IEND":
            made += _chunk(b"IDAT", packed(bytes(pixels), header.size)) + _chunk(kind, payload)
        elif b"IDAT" not in seen and (
            kind != b"PLTE" or header.colour == 3
        ):  # behind the pixels it says nothing to a reader
            made += _chunk(kind, payload)
        if kind == b"PLTE":
            colours = len(payload) // 3
        seen.append(kind)
    return bytes(made)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every chunk up to the one that ends the file, each with the sum that it says."""
    at, kind = len(MAGIC), b""
    while kind != b"IEND":
        if at + 12 > len(data):
            raise Refused("file_damaged")
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data) or not kind.isalpha():
            raise Refused("file_damaged")
        if zlib.crc32(data[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
            raise Refused("file_damaged")
        yield kind, data[at + 8 : end - 4]
        at = end


def _header(payload: bytes) -> _Header:
    wide, high, depth, colour, packing, filtering, interlaced = struct.unpack(">IIBBBBB", payload)
    if not wide or not high or wide * high > MOST_PIXELS or depth not in DEPTHS.get(colour, ()):
        raise Refused("file_damaged")
    if packing or filtering or interlaced > 1:
        raise Refused("file_damaged")
    return _Header(wide, high, depth, colour, bool(interlaced))


def _fits(kind: bytes, payload: bytes, header: _Header, colours: int) -> bool:
    """It is as long as what the header and the palette say: nothing else is carried in it."""
    match kind:
        case b"PLTE":
            return len(payload) % 3 == 0 and 0 < len(payload) // 3 <= (1 << header.depth if header.colour == 3 else 256)
        case b"tRNS":
            return 0 < len(payload) <= colours if header.colour == 3 else len(payload) == OPAQUE.get(header.colour)
        case b"sBIT":
            return len(payload) == SIGNIFICANT[header.colour]
    return True


def packed(pixels: bytes, size: int) -> bytes:
    """The packed pixels up to where they end, byte for byte; they are unpacked to be counted, and not kept. RFC 1950.

    Raises Refused `file_damaged` where they are fewer or more.
    """
    inflate, counted, rest, part = zlib.decompressobj(), 0, pixels, b"-"
    try:
        while part and not inflate.eof and counted <= size:
            part = inflate.decompress(rest, AT_ONCE)
            counted, rest = counted + len(part), inflate.unconsumed_tail
    except zlib.error:
        raise Refused("file_damaged") from None
    if not inflate.eof or counted != size:
        raise Refused("file_damaged")
    return pixels[: len(pixels) - len(inflate.unused_data)]


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4s", len(payload), kind) + payload + struct.pack(">I", zlib.crc32(kind + payload))


def _placed(kind: bytes, length: int, seen: list[bytes]) -> None:
    """The header first and once, each of the others once, the picture in one run."""
    if (kind == b"IHDR") != (len(seen) == 1) or length != LENGTHS.get(kind, length):
        raise Refused("file_damaged")
    again = kind in seen and (kind != b"IDAT" or seen[-1] != b"IDAT")
    if again:
        raise Refused("file_damaged")
