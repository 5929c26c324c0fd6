"""A PDF of ours taken up again: objects added, others put in their place, and all of it written small.

What is no stream goes into object streams (ISO 32000-1, 7.5.7), the table of offsets into one too. Only for files that
`tags` has written: one classical table of offsets, every object `n 0 obj`, nothing encrypted. Equal input gives equal bytes.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

TOGETHER = 200
LINE_ENDS = (b"\r", b"\n")
FREE, ENTRY = (0, 0, 65535), 7
_TRAILER = re.compile(rb"trailer\s*<<(.*)>>\s*startxref\s+(\d+)\s+%%EOF\s*\Z", re.DOTALL)
_REFERENCE = rb"/%s (\d+) 0 R"


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


def stream(dictionary: bytes, data: bytes) -> bytes:
    """The body of a stream: packed where that can be, byte for byte what `data` is."""
    packed = deflated(data)
    filtered, told = (b"/Filter/FlateDecode", packed) if packed is not None else (b"", data)
    return _stream(dictionary + filtered, told)


def _stream(dictionary: bytes, told: bytes) -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (dictionary, len(told), told)


@dataclass
class File:
    """The objects of a file as they lie in it, and those that were put beside or in place of them."""

    data: bytes
    spans: dict[int, tuple[int, int]]
    root: int
    info: int
    ids: bytes
    new: dict[int, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return 1 + max((*self.spans, *self.new))

    def body(self, number: int) -> bytes:
        if number in self.new:
            return self.new[number]
        begin, end = self.spans[number]
        head = b"%d 0 obj" % number
        return self.data[begin:end].rstrip()[len(head) : -len(b"endobj")].strip()

    def add(self, body: bytes) -> int:
        number = self.size
        self.new[number] = body
        return number

    def put(self, number: int, body: bytes) -> None:
        self.new[number] = body

    def written(self, head: bytes) -> bytes:
        """All of it, under the same numbers."""
        out, entries = bytearray(head), {0: FREE}
        small: list[tuple[int, bytes]] = []
        size = self.size
        for number in sorted({*self.spans, *self.new}):
            body = self.body(number)
            if body.endswith(b"endstream"):
                entries[number] = (1, len(out), 0)
                out += _object(number, body)
            else:
                small.append((number, body))
            if len(small) == TOGETHER:
                size = _together(out, entries, small, size)
        size = _together(out, entries, small, size)
        entries[size], start = (1, len(out), 0), len(out)
        table = b"".join(_entry(*entries.get(number, FREE)) for number in range(size + 1))
        while (told := deflated(table)) is None:
            table += _entry(*FREE)  # one number more that is not used, for another end
        about = b"/Type/XRef/W[1 4 2]/Size %d/Root %d 0 R/Info %d 0 R/ID%s/Filter/FlateDecode"
        out += _object(size, _stream(about % (len(table) // ENTRY, self.root, self.info, self.ids), told))
        out += b"startxref\n%d\n%%%%EOF\n" % start
        return bytes(out)


def taken_up(pdf: bytes) -> File:
    """A file that was written here. Raises ValueError for any other."""
    found = _TRAILER.search(pdf, max(0, len(pdf) - 4096))
    root, info = (re.search(_REFERENCE % name, found[1]) for name in (b"Root", b"Info")) if found else (None, None)
    ids = re.search(rb"/ID\s*(\[[^\]]*\])", found[1]) if found else None
    if found is None or root is None or info is None or ids is None:
        raise ValueError("this file has no trailer of ours")
    offsets = _offsets(pdf, int(found[2]))
    ends = dict(zip(order := sorted(offsets.values()), [*order[1:], int(found[2])], strict=True))
    spans = {number: (offset, ends[offset]) for number, offset in offsets.items()}
    return File(pdf, spans, int(root[1]), int(info[1]), ids[1])


def _together(
    out: bytearray, entries: dict[int, tuple[int, int, int]], small: list[tuple[int, bytes]], size: int
) -> int:
    """Many small objects as one stream under the next number; gives the one after it."""
    if not small:
        return size
    place, index = 0, []
    for at, (number, body) in enumerate(small):
        entries[number] = (2, size, at)
        index.append(b"%d %d" % (number, place))
        place += len(body) + 1
    first = b" ".join(index) + b"\n"
    told = deflated(first + b"\n".join(body for _, body in small), pad=b" ") or b""
    entries[size] = (1, len(out), 0)
    about = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(small), len(first))
    out += _object(size, _stream(about, told))
    small.clear()
    return size + 1


def _entry(kind: int, where: int, place: int) -> bytes:
    return kind.to_bytes(1, "big") + where.to_bytes(4, "big") + place.to_bytes(2, "big")


def _object(number: int, body: bytes) -> bytes:
    return b"%d 0 obj\n%s\nendobj\n" % (number, body)


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
