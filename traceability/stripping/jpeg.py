"""A JPEG without EXIF, XMP, IPTC, colour profiles, comments, thumbnails, second pictures and whatever trails: ITU-T T.81, Annex B.

What the decoder needs is copied byte for byte. How the camera was held is written anew: a knee does not lie on its side.
"""

from __future__ import annotations

import struct

from traceability.domain.errors import Refused

MAGIC = b"\xff\xd8\xff"
SOI, EOI, SOS, TEM = 0xD8, 0xD9, 0xDA, 0x01
FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB})
"""Start of a frame that stands alone; hierarchical ones (C5 to C7, CD to CF) hold several pictures."""
ARITHMETIC = frozenset({0xC9, 0xCA, 0xCB})
DAC = 0xCC
TABLES = frozenset({0xC4, DAC, 0xDB, 0xDC, 0xDD})
"""Huffman, arithmetic, quantisation, number of lines, restart interval."""
JFIF, ADOBE, EXIF = b"JFIF\0", b"Adobe", b"Exif\0\0"
MOST_PIXELS = 200_000_000
ORIENTATION = 0x0112


def strip(data: bytes) -> bytes:
    """Raises Refused `file_damaged` where it does not end as a JPEG ends, or holds what one picture does not."""
    made, at, turned = bytearray(b"\xff\xd8"), 2, 1
    frame = scans = conditioned = 0
    arithmetic = False
    body = bytearray()
    while True:
        marker, at = _marker(data, at)
        if marker == EOI:
            break
        if marker in (SOI, TEM) or 0xD0 <= marker <= 0xD7:
            raise Refused("file_damaged")
        length = struct.unpack_from(">H", data, at)[0] if at + 2 <= len(data) else 0
        if length < 2 or at + length > len(data):
            raise Refused("file_damaged")
        payload = data[at + 2 : at + length]
        at += length
        if marker in FRAMES:
            frame += 1
            arithmetic = marker in ARITHMETIC
            _sized(payload)
        elif marker == SOS:
            scans += 1
            if not payload or len(payload) != 4 + 2 * payload[0]:
                raise Refused("file_damaged")
        elif marker == 0xE0 and payload.startswith(JFIF) and len(payload) >= 12:
            payload = payload[:12] + b"\0\0"  # its thumbnail is left out
            made += _segment(marker, payload)
            continue
        elif marker == 0xEE and payload.startswith(ADOBE) and len(payload) >= 12:
            payload = payload[:12]  # how its colours were turned, without which they are read wrongly
        elif marker == 0xE1 and payload.startswith(EXIF):
            turned = _orientation(payload[len(EXIF) :])
            continue
        elif 0xE0 <= marker <= 0xEF or marker == 0xFE:
            continue
        elif marker not in TABLES or not _fits(marker, payload):
            raise Refused("file_damaged")
        body += _segment(marker, payload)
        conditioned += marker == DAC
        if marker == SOS:
            if not frame:
                raise Refused("file_damaged")
            end = _scan_end(data, at)
            body += data[at:end]
            at = end
    if frame != 1 or not scans or (conditioned and not arithmetic):
        raise Refused("file_damaged")
    if turned != 1:
        made += _segment(0xE1, EXIF + _held(turned))
    return bytes(made + body + b"\xff\xd9")


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The next marker and where it ends; fill bytes before it are passed over."""
    if at >= len(data) or data[at] != 0xFF:
        raise Refused("file_damaged")
    while at < len(data) and data[at] == 0xFF:
        at += 1
    if at >= len(data) or data[at] == 0:
        raise Refused("file_damaged")
    return data[at], at + 1


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


def _scan_end(data: bytes, at: int) -> int:
    """Where the entropy-coded data end: at a marker that is neither a stuffed byte nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Refused("file_damaged")
        following = data[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:
            at += 2
        else:
            return at


def _fits(marker: int, payload: bytes) -> bool:
    """A table is as long as its own numbers say: nothing else is carried in it."""
    at = 0
    if marker == 0xDB:  # quantisation: 64 values of one byte or of two
        while at < len(payload):
            at += 129 if payload[at] >> 4 else 65
    elif marker == 0xC4:  # Huffman: sixteen counts and so many values
        while at + 17 <= len(payload):
            at += 17 + sum(payload[at + 1 : at + 17])
    elif marker == DAC:  # for each of four tables of two kinds a value
        at = len({one & 0x13 for one in payload[::2]}) * 2
    else:  # number of lines, restart interval
        at = 2
    return at == len(payload)


def _sized(payload: bytes) -> None:
    if len(payload) < 6 or len(payload) != 6 + 3 * payload[5]:
        raise Refused("file_damaged")
    high, wide = struct.unpack_from(">HH", payload, 1)
    if not wide or high * wide > MOST_PIXELS:
        raise Refused("file_damaged")


def _orientation(tiff: bytes) -> int:
    """1 to 8, of the first directory of EXIF; 1 where it says nothing that can be read."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    try:
        if order is None:
            return 1
        begin = struct.unpack_from(f"{order}I", tiff, 4)[0]
        entries = struct.unpack_from(f"{order}H", tiff, begin)[0]
        for one in range(entries):
            tag, kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, begin + 2 + 12 * one)
            if (tag, kind) == (ORIENTATION, 3):
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _held(turned: int) -> bytes:
    """EXIF with that one entry."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, turned, 0, 0)
