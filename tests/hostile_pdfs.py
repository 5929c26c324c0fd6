"""PDFs that want to harm their reader: broken, encrypted, endless, and bombs that unpack to gigabytes."""

from __future__ import annotations

import zlib
from io import BytesIO

import pikepdf

OPENED = b"%PDF-1.7\n"


def encrypted() -> bytes:
    out = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(out, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return out.getvalue()


def attachment_bomb() -> bytes:
    """A record of a gigabyte in a megabyte."""
    packer = zlib.compressobj(9)
    zeros = bytes(1 << 24)
    data = b"".join(packer.compress(zeros) for _ in range(64)) + packer.flush()
    out = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        held = made.make_stream(data, Filter=pikepdf.Name.FlateDecode)
        spec = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, UF="record.json", EF=pikepdf.Dictionary(F=held))
        made.Root.AF = pikepdf.Array([made.make_indirect(spec)])
        made.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def object_bomb() -> bytes:
    """An object stream that unpacks to a gigabyte of objects."""
    packer = zlib.compressobj(9)
    body = b"0 0 " * (1 << 22)
    data = b"".join(packer.compress(body) for _ in range(64)) + packer.flush()
    told = b"<</Type/ObjStm/N 100000000/First 4/Filter/FlateDecode/Length %d>>" % len(data)
    stream = b"2 0 obj\n" + told + b"stream\n" + data + b"\nendstream\nendobj\n"
    rows = b"\x00\x00\x00\x00\x00" + b"\x02\x00\x00\x00\x02" + b"\x01" + (9).to_bytes(4, "big")
    table = zlib.compress(rows + b"\x01" + (9 + len(stream)).to_bytes(4, "big"))
    xref = b"3 0 obj\n<</Type/XRef/W[1 4 0]/Size 4/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(table)
    return OPENED + stream + xref + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (9 + len(stream))


def nested() -> bytes:
    """Arrays within arrays, two hundred thousand deep."""
    deep = b"[" * 200_000 + b"]" * 200_000
    body = OPENED + b"1 0 obj\n<</Type/Catalog/Pages 2 0 R/X " + deep + b">>\nendobj\n"
    return (
        body
        + b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer<</Size 2/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % len(body)
    )


def circular() -> bytes:
    """Tables of offsets that name each other for ever."""
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer<</Size 1/Root 1 0 R/Prev %d>>\n"
    first = OPENED + table % 9
    return first + b"startxref\n9\n%%EOF\n"


FILES = {
    "nothing": OPENED,
    "noise": OPENED + bytes(range(256)) * 400,
    "nested": nested(),
    "circular": circular(),
}
