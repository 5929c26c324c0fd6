"""A PDF made small: what is no stream goes into object streams (ISO 32000-1, 7.5.7), the table of offsets into one too.

Only for files that were written here: one classical cross-reference table, every object `n 0 obj`, none encrypted.
"""

from __future__ import annotations

import re
import zlib

TOGETHER = 200
LINE_ENDS = (b"\r", b"\n")
_TRAILER = re.compile(rb"trailer\s*<<(.*)>>\s*startxref\s+(\d+)\s+%%EOF\s*\Z", re.DOTALL)


def deflated(data: bytes, *, pad: bytes = b"") -> bytes | None:
    """Packed so that no line end closes it: where the bytes of a stream end so, readers differ on where it ends.

    `pad` may be added to the data until that is so; without one, None says that it cannot be packed.
    """
    packed = zlib.compress(data, 6)
    while packed[-1:] in LINE_ENDS:
        if not pad:
            return None
        data += pad
        packed = zlib.compress(data, 6)
    return packed


def packed(pdf: bytes) -> bytes:
    """The same objects under the same numbers. Equal input gives equal bytes."""
    found = _TRAILER.search(pdf, max(0, len(pdf) - 4096))
    if found is None:
        raise ValueError("this file has no trailer of ours")
    offsets = _offsets(pdf, int(found[2]))
    ends = dict(zip(order := sorted(offsets.values()), [*order[1:], int(found[2])], strict=True))
    out, size = bytearray(pdf[: order[0]]), max(offsets) + 1
    entries: dict[int, tuple[int, int, int]] = {0: FREE}
    small: list[tuple[int, bytes]] = []
    for number, offset in sorted(offsets.items()):
        head, told = b"%d 0 obj" % number, pdf[offset : ends[offset]].rstrip()
        body = told[len(head) : -len(b"endobj")].strip()
        if body.endswith(b"endstream"):
            entries[number] = (1, len(out), 0)
            out += told + b"\n"
        else:
            small.append((number, body))
    for begin in range(0, len(small), TOGETHER):
        together = small[begin : begin + TOGETHER]
        place, index, bodies = 0, [], []
        for at, (number, body) in enumerate(together):
            entries[number] = (2, size, at)
            index.append(b"%d %d" % (number, place))
            bodies.append(body)
            place += len(body) + 1
        first = b" ".join(index) + b"\n"
        told = b"/Type/ObjStm/N %d/First %d" % (len(together), len(first))
        entries[size] = (1, len(out), 0)
        out += _written(size, told, deflated(first + b"\n".join(bodies), pad=b" ") or b"")
        size += 1
    entries[size], start = (1, len(out), 0), len(out)
    table = b"".join(_entry(*entries.get(number, FREE)) for number in range(size + 1))
    while (told := deflated(table)) is None:
        table += _entry(*FREE)  # one number more that is not used, for another end
    kept = re.sub(rb"/Size \d+", b"", found[1]).strip()
    out += _written(size, b"/Type/XRef/W[1 4 2]/Size %d%s" % (len(table) // ENTRY, kept), told)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


FREE, ENTRY = (0, 0, 65535), 7


def _entry(kind: int, where: int, place: int) -> bytes:
    return kind.to_bytes(1, "big") + where.to_bytes(4, "big") + place.to_bytes(2, "big")


def _written(number: int, dictionary: bytes, told: bytes) -> bytes:
    return b"%d 0 obj\n<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (
        number, dictionary, len(told), told,
    )  # fmt: skip


def _offsets(pdf: bytes, start: int) -> dict[int, int]:
    """Number → offset, of the one section that there is."""
    lines = pdf[start:].split(b"\n", 2)
    if lines[0].strip() != b"xref":
        raise ValueError("this file has no table of ours")
    first, count = map(int, lines[1].split())
    rows = lines[2][: 20 * count]
    made = {}
    for at in range(count):
        offset, _generation, kind = rows[20 * at : 20 * at + 20].split()
        if kind == b"n":
            made[first + at] = int(offset)
    return made
