"""A PDF written page by page: what was written is gone from memory. Text in Inter, one-bit masks, lines; nothing else.

Positions are points from the top left corner of the page. Equal input gives equal bytes.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable
from typing import BinaryIO

from reports import fonts
from reports.faces import Face, short

CATALOG, PAGES, RESOURCES, INFO = 1, 2, 3, 4
FIRST_FREE = 5
HAIR = 0.001


class Stream:
    """Give pages to `page`, then `close`. `form` keeps what many pages show alike."""

    def __init__(self, out: BinaryIO, title: str) -> None:
        self._out, self._at = out, 0
        self._offsets = array("Q", bytes(8 * FIRST_FREE))
        self._kids = array("L")
        self._forms: list[int] = []
        self._title = title
        self._faces = {fonts.REGULAR: Face(fonts.REGULAR, "F1"), fonts.BOLD: Face(fonts.BOLD, "F2")}
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def page(self, width: float, height: float, content: str | bytes) -> None:
        """`content` with its origin at the top left corner, y growing downwards (see `text`, `mask`, `line`, `use`)."""
        body = self.write_stream(b"", f"1 0 0 1 0 {short(height)} cm\n".encode() + _bytes(content))
        size = " ".join(
            short(side - HAIR / 10) for side in (width, height)
        )  # a hair over a whole dot would be a dot more
        number = self.write_object(
            f"<</Type/Page/Parent {PAGES} 0 R/MediaBox[0 0 {size}]/Contents {body} 0 R"
            f"/Resources {RESOURCES} 0 R>>".encode()
        )
        self._kids.append(number)

    def form(self, width: float, height: float, content: str) -> str:
        """What many labels have in common; gives what `use` shows."""
        box = f"/Type/XObject/Subtype/Form/BBox[0 {short(-height)} {short(width)} 0]/Resources {RESOURCES} 0 R".encode()
        self._forms.append(self.write_stream(box, _bytes(content)))
        return f"X{len(self._forms)}"

    def text(self, font: str, points: float, left: float, baseline: float, text: str) -> str:
        face = self._faces[font]
        return f"BT /{face.name} {points:g} Tf {short(left)} {short(-baseline)} Td <{face.hexed(text)}> Tj ET\n"

    def close(self) -> None:
        used = [(face.name, face.write(self)) for face in self._faces.values()]
        named = "".join(f"/{name} {number} 0 R" for name, number in used)
        forms = "".join(f"/X{place} {number} 0 R" for place, number in enumerate(self._forms, 1))
        self.write_object(f"<</Font<<{named}>>/XObject<<{forms}>>>>".encode(), RESOURCES)
        kids = " ".join(f"{number} 0 R" for number in self._kids)
        self.write_object(f"<</Type/Pages/Count {len(self._kids)}/Kids[{kids}]>>".encode(), PAGES)
        told = self._title.encode("utf-16-be").hex()
        self.write_object(f"<</Title<feff{told}>/Producer(secretome-traceability)>>".encode(), INFO)
        # printers otherwise shrink a sheet to their margins, and codes are no whole dots any more
        seen = "/ViewerPreferences<</PrintScaling/None/DisplayDocTitle true>>"
        self.write_object(f"<</Type/Catalog/Pages {PAGES} 0 R/Lang(en){seen}>>".encode(), CATALOG)
        start = self._at
        self._write(f"xref\n0 {len(self._offsets)}\n0000000000 65535 f \n".encode())
        for offset in self._offsets[1:]:
            self._write(b"%010d 00000 n \n" % offset)
        tail = (
            f"trailer\n<</Size {len(self._offsets)}/Root {CATALOG} 0 R/Info {INFO} 0 R>>\nstartxref\n{start}\n%%EOF\n"
        )
        self._write(tail.encode())

    def write_stream(self, dictionary: bytes, content: bytes) -> int:
        packed = zlib.compress(content, 9)
        return self.write_object(
            b"<<" + dictionary + b"/Filter/FlateDecode/Length %d>>stream\n" % len(packed) + packed + b"\nendstream"
        )

    def write_object(self, body: bytes, number: int | None = None) -> int:
        if number is None:
            number = len(self._offsets)
            self._offsets.append(self._at)
        else:
            self._offsets[number] = self._at
        self._write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
        return number

    def _write(self, told: bytes) -> None:
        self._out.write(told)
        self._at += len(told)


def mask(left: float, top: float, side: float, modules: int, packed: bytes) -> str:
    """A one-bit mask, filled in black where a bit is 0; each row begins with a new byte. Hexadecimal: no byte in it
    can be taken for the end of the image. Smaller by a hair: whatever touches a dot by rounding paints all of it.
    """
    wide = short(side - 2 * HAIR)
    return (
        f"q {wide} 0 0 {wide} {short(left + HAIR)} {short(HAIR - top - side)} cm BI/W {modules}/H {modules}/BPC 1/IM true/F/AHx ID\n"
        f"{packed.hex()}>\nEI Q\n"
    )


def placed(left: float, top: float, content: str) -> str:
    """What `content` shows, with its origin moved here."""
    return f"q 1 0 0 1 {short(left)} {short(-top)} cm\n{content}Q\n"


def use(form: str) -> str:
    return f"/{form} Do\n"


def lines(width: float, gray: float, ends: Iterable[tuple[float, float, float, float]]) -> str:
    drawn = "".join(f"{short(a)} {short(-b)} m {short(c)} {short(-d)} l\n" for a, b, c, d in ends)
    return f"q {short(width)} w {short(gray)} G\n{drawn}S Q\n"


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("ascii")
