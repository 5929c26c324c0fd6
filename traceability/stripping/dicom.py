"""DICOM (PS3.10, 7.1): kept as it came, byte for byte. Who is meant stands in its data, in private fields and in the pixels too;
what nobody can take out whole is not taken out in part. So it is handed out only to who has seen whose it is.
"""

from __future__ import annotations

from traceability.domain.errors import Refused

PREAMBLE = 128
PREFIX = b"DICM"
META = b"\x02\x00"
"""Group 0002, the File Meta Information: always little-endian, always first."""


def told_by(data: bytes) -> bool:
    return data[PREAMBLE : PREAMBLE + len(PREFIX)] == PREFIX


def kept(data: bytes) -> bytes:
    """The same bytes. Raises Refused `file_damaged` where no File Meta Information follows the prefix."""
    begin = PREAMBLE + len(PREFIX)
    if data[begin : begin + len(META)] != META:
        raise Refused("file_damaged")
    return data
