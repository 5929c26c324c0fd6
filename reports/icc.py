"""The colours of a record: sRGB (IEC 61966-2-1) as an ICC profile, version 4, computed from its own definition."""

from __future__ import annotations

from struct import pack

_TO_D50 = ((0.4360747, 0.3850649, 0.1430804), (0.2225045, 0.7168786, 0.0606169), (0.0139322, 0.0971045, 0.7141733))
"""Primaries of sRGB as XYZ, adapted to D50: each row X, Y, Z of red, green, blue."""
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_ADAPTED = (1.0478112, 0.0228866, -0.0501270, 0.0295424, 0.9904844, -0.0170491, -0.0092345, 0.0150436, 0.7521316)
_WHITE = (0.9642, 1.0, 0.8249)


def srgb() -> bytes:
    """The same bytes always: its date is that of the standard."""
    curve = b"para" + bytes(4) + pack(">HH", 3, 0) + b"".join(map(_fixed, _CURVE))
    tags: dict[bytes, bytes] = {
        b"desc": _text("sRGB"),
        b"cprt": _text("No copyright, use freely"),
        b"wtpt": _xyz(*_WHITE),
        b"chad": b"sf32" + bytes(4) + b"".join(map(_fixed, _ADAPTED)),
        **{name: _xyz(*(row[at] for row in _TO_D50)) for at, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    at, table, data = 128 + 4 + 12 * len(tags), b"", b""
    placed: dict[bytes, int] = {}
    for name, told in tags.items():
        if told not in placed:
            placed[told] = at + len(data)
            data += told + bytes(-len(told) % 4)
        table += name + pack(">II", placed[told], len(told))
    size = at + len(data)
    head = (
        pack(">I4sI4s4s4s", size, bytes(4), 0x04200000, b"mntr", b"RGB ", b"XYZ ")
        + pack(">6H", 1999, 10, 18, 0, 0, 0)
        + b"acsp"
        + bytes(28)
        + b"".join(map(_fixed, _WHITE))
    )
    return head + bytes(128 - len(head)) + pack(">I", len(tags)) + table + data


def _fixed(value: float) -> bytes:
    return pack(">i", round(value * 65536))


def _xyz(*value: float) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, value))


def _text(said: str) -> bytes:
    told = said.encode("utf-16-be")
    return b"mluc" + bytes(4) + pack(">II", 1, 12) + b"enUS" + pack(">II", len(told), 28) + told
