"""Pictures in black and white as JBIG2 (ITU-T T.88, 7.2), segment by segment: remarks are left out."""

from __future__ import annotations

import struct

REMARK = 62
UNKNOWN = 0xFFFFFFFF


def strip(data: bytes) -> bytes:
    """As it lies in a PDF, without a file's head. Raises ValueError and struct.error where it cannot be followed."""
    made, at = bytearray(), 0
    while at < len(data):
        begin = at
        number, flags = struct.unpack_from(">IB", data, at)
        at += 5
        referred = data[at] >> 5
        if referred == 7:
            referred = struct.unpack_from(">I", data, at)[0] & 0x1FFFFFFF
            at += 4 + (referred + 8) // 8
        else:
            at += 1
        at += referred * (1 if number <= 256 else 2 if number <= 65536 else 4)
        at += 4 if flags & 0x40 else 1
        (length,) = struct.unpack_from(">I", data, at)
        at += 4
        if length == UNKNOWN or at + length > len(data):
            raise ValueError("a segment without its end")
        at += length
        if flags & 0x3F != REMARK:
            made += data[begin:at]
    return bytes(made)
