"""What a file says of who made it, when and where, taken out before it is kept: by its structure, no pixel touched (R54).

JPEG, PNG and PDF; DICOM is kept as it came, because it says who is meant in more places than can be known. Anything else is refused,
and so is a file that is not what its first bytes say.
"""

from __future__ import annotations

from dataclasses import dataclass

from traceability.domain.errors import Refused
from traceability.stripping import dicom, jpeg, pdf, png

MEDIA = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/pdf": "pdf",
    "application/dicom": "dcm",
}
"""Media type → how a file of it ends."""
DRAWN = frozenset({"image/jpeg", "image/png"})
"""What a browser may draw; everything else is saved."""
NAMING = frozenset({"application/dicom"})
"""What still says whose it is: for who has looked at that."""


@dataclass(frozen=True, slots=True)
class Stripped:
    data: bytes
    media_type: str


def media_type_of(data: bytes) -> str:
    """By its first bytes; what its sender calls it is not asked. Raises Refused `file_refused`."""
    if data.startswith(jpeg.MAGIC):
        return "image/jpeg"
    if data.startswith(png.MAGIC):
        return "image/png"
    if data.startswith(pdf.MAGIC):
        return "application/pdf"
    if dicom.told_by(data):
        return "application/dicom"
    raise Refused("file_refused", kinds=sorted(MEDIA))


def stripped(data: bytes) -> Stripped:
    """The same picture or paper without what is told beside it. Raises Refused `file_refused`, `file_damaged`, `picture_not_understood`."""
    media_type = media_type_of(data)
    match media_type:
        case "image/jpeg":
            return Stripped(jpeg.strip(data), media_type)
        case "image/png":
            return Stripped(png.strip(data), media_type)
        case "application/dicom":
            return Stripped(dicom.kept(data), media_type)
    return Stripped(pdf.strip(data), media_type)
