"""Pictures in a PDF: a JPEG loses what it says of itself however it is packed; what is not understood is not kept (R54).

A stream may be packed several times (ISO 32000-1, 7.4): its filters are a name or a list, the outermost first. Those without loss
carry bytes and nothing beside them; a JPEG carries EXIF, and JPEG 2000 boxes of its own, which are not read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traceability.stripping import jpeg

LONG = {
    "/A85": "/ASCII85Decode", "/AHx": "/ASCIIHexDecode", "/CCF": "/CCITTFaxDecode", "/DCT": "/DCTDecode", "/Fl": "/FlateDecode",
    "/LZW": "/LZWDecode", "/RL": "/RunLengthDecode",
}  # fmt: skip
"""Abbreviations, which readers take outside of inline pictures too."""
UNPACKED = frozenset({"/ASCII85Decode", "/ASCIIHexDecode", "/FlateDecode", "/LZWDecode", "/RunLengthDecode"})
DRAWN = frozenset({"/CCITTFaxDecode", "/JBIG2Decode"})
"""Pictures in black and white: nothing but dots."""
JPEG, JBIG2, FLATE = "/DCTDecode", "/JBIG2Decode", "/FlateDecode"


class NotUnderstood(Exception):
    """A stream is packed in a way whose own words cannot be taken out."""


def clean(stream: Any) -> None:
    """Write a JPEG again without what it says of itself, in this one packing alone. Raises NotUnderstood, and what a damaged one does."""
    import pikepdf

    names = filters(stream.get("/Filter"))
    if "/F" in stream:  # its bytes lie in another file
        raise NotUnderstood
    outer, last = names[:-1], names[-1] if names else ""
    if not UNPACKED.issuperset(outer) or last not in UNPACKED | DRAWN | {JPEG, ""}:
        raise NotUnderstood
    if last == JPEG:
        packed = _parms(stream, len(names))
        raw = bytes(stream.read_raw_bytes())
        how = {"decode_parms": packed[-1]} if isinstance(packed[-1], pikepdf.Dictionary) else {}
        stream.write(jpeg.strip(_unpacked(raw, outer, packed[:-1])), filter=pikepdf.Name.DCTDecode, **how)


def filters(told: Any) -> list[str]:
    """The outermost first; an empty list for bytes that lie there as they are."""
    return [LONG.get(str(one), str(one)) for one in each(told) if one is not None]


def _parms(stream: Any, count: int) -> list[Any]:
    """What each filter is told, in their order."""
    return [*each(stream.get("/DecodeParms", stream.get("/DP"))), *[None] * count][:count]


def each(told: Any) -> list[Any]:
    """What stands in a list; or the one that stands alone."""
    import pikepdf

    return [told[at] for at in range(len(told))] if isinstance(told, pikepdf.Array) else [told]


def _unpacked(raw: bytes, outer: Sequence[str], parms: Sequence[Any]) -> bytes:
    import pikepdf

    if not outer:
        return raw
    with pikepdf.new() as aside:
        packed = aside.make_stream(raw)
        packed.Filter = pikepdf.Array([pikepdf.Name(one) for one in outer])
        if any(isinstance(one, pikepdf.Dictionary) for one in parms):
            packed.DecodeParms = pikepdf.Array(
                [pikepdf.Dictionary(dict(one.items())) if one else None for one in parms]
            )
        return _read(packed)


def _read(stream: Any) -> bytes:
    import pikepdf

    return bytes(stream.read_bytes(pikepdf.StreamDecodeLevel.specialized))
