"""A PDF written page by page: what was written is gone from memory. Text in Inter, one-bit masks, lines; nothing else.

Positions are points from the top left corner of the page. Equal input gives equal bytes.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable
from typing import BinaryIO

from reportlab.pdfbase.pdfmetrics import getFont

from reports import fonts

CATALOG, PAGES, RESOURCES, INFO = 1, 2, 3, 4
FIRST_FREE = 5
HAIR = 0.001


class _Face:
    """The glyphs of one font that were used, numbered as they came; the font's subset keeps that order."""

    def __init__(self, font: str, name: str) -> None:
        self.face, self.name = getFont(font).face, name
        self.numbers: dict[int, int] = {0: 0}  # glyph of the whole font → glyph of the subset
        self.codes: list[int] = []
        self._known: dict[str, str] = {"\xa0": self._number(" "), " ": self._number(" ")}

    def hexed(self, text: str) -> str:
        """The text as a hexadecimal string of glyph numbers, two bytes each."""
        known = self._known
        return "".join([known.get(char) or self._number(char) for char in text])

    def _number(self, char: str) -> str:
        glyph = self.face.charToGlyph[ord(char)]
        if glyph not in self.numbers:
            self.numbers[glyph] = len(self.numbers)
            self.codes.append(ord(char))
        told = f"{self.numbers[glyph]:04x}"
        if hasattr(self, "_known"):
            self._known[char] = told
        return told


class Stream:
    """Give pages to `page`, then `close`. `form` keeps what many pages show alike."""

    def __init__(self, out: BinaryIO, title: str) -> None:
        self._out, self._at = out, 0
        self._offsets = array("Q", bytes(8 * FIRST_FREE))
        self._kids = array("L")
        self._forms: list[int] = []
        self._title = title
        self._faces = {fonts.REGULAR: _Face(fonts.REGULAR, "F1"), fonts.BOLD: _Face(fonts.BOLD, "F2")}
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def page(self, width: float, height: float, content: str | bytes) -> None:
        """`content` with its origin at the top left corner, y growing downwards (see `text`, `mask`, `line`, `use`)."""
        body = self._stream(b"", f"1 0 0 1 0 {_n(height)} cm\n".encode() + _bytes(content))
        size = " ".join(_n(side - HAIR / 10) for side in (width, height))  # a hair over a whole dot would be a dot more
        number = self._object(
            f"<</Type/Page/Parent {PAGES} 0 R/MediaBox[0 0 {size}]/Contents {body} 0 R"
            f"/Resources {RESOURCES} 0 R>>".encode()
        )
        self._kids.append(number)

    def form(self, width: float, height: float, content: str) -> str:
        """What many labels have in common; gives what `use` shows."""
        box = f"/Type/XObject/Subtype/Form/BBox[0 {_n(-height)} {_n(width)} 0]/Resources {RESOURCES} 0 R".encode()
        self._forms.append(self._stream(box, _bytes(content)))
        return f"X{len(self._forms)}"

    def text(self, font: str, points: float, left: float, baseline: float, text: str) -> str:
        face = self._faces[font]
        return f"BT /{face.name} {points:g} Tf {_n(left)} {_n(-baseline)} Td <{face.hexed(text)}> Tj ET\n"

    def close(self) -> None:
        used = [(face.name, self._font(face)) for face in self._faces.values()]
        named = "".join(f"/{name} {number} 0 R" for name, number in used)
        forms = "".join(f"/X{place} {number} 0 R" for place, number in enumerate(self._forms, 1))
        self._object(f"<</Font<<{named}>>/XObject<<{forms}>>>>".encode(), RESOURCES)
        kids = " ".join(f"{number} 0 R" for number in self._kids)
        self._object(f"<</Type/Pages/Count {len(self._kids)}/Kids[{kids}]>>".encode(), PAGES)
        told = self._title.encode("utf-16-be").hex()
        self._object(f"<</Title<feff{told}>/Producer(secretome-traceability)>>".encode(), INFO)
        # printers otherwise shrink a sheet to their margins, and codes are no whole dots any more
        seen = "/ViewerPreferences<</PrintScaling/None/DisplayDocTitle true>>"
        self._object(f"<</Type/Catalog/Pages {PAGES} 0 R/Lang(en){seen}>>".encode(), CATALOG)
        start = self._at
        self._write(f"xref\n0 {len(self._offsets)}\n0000000000 65535 f \n".encode())
        for offset in self._offsets[1:]:
            self._write(b"%010d 00000 n \n" % offset)
        tail = (
            f"trailer\n<</Size {len(self._offsets)}/Root {CATALOG} 0 R/Info {INFO} 0 R>>\nstartxref\n{start}\n%%EOF\n"
        )
        self._write(tail.encode())

    def _font(self, face: _Face) -> int:
        """A composite font whose codes are the glyphs' numbers in the subset, and what each is in Unicode."""
        made, name = (
            face.face,
            f"{'A' * 5}{face.name[-1].translate(str.maketrans('12', 'AB'))}+{face.face.name.decode()}",
        )
        program = made.makeSubset(face.codes)
        file = self._stream(b"/Length1 %d" % len(program), program)
        box = " ".join(_n(side) for side in made.bbox)
        about = self._object(
            f"<</Type/FontDescriptor/FontName/{name}/Flags 4/FontBBox[{box}]/ItalicAngle {_n(made.italicAngle)}/Ascent {_n(made.ascent)}"
            f"/Descent {_n(made.descent)}/CapHeight {_n(made.capHeight)}/StemV {_n(made.stemV)}/FontFile2 {file} 0 R>>".encode()
        )
        widths = " ".join(_n(made.getCharWidth(code)) for code in face.codes)
        inner = self._object(
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            f"/FontDescriptor {about} 0 R/DW 0/W[1[{widths}]]/CIDToGIDMap/Identity>>".encode()
        )
        unicode = self._stream(b"", _to_unicode(face.codes).encode())
        return self._object(
            f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H/DescendantFonts[{inner} 0 R]"
            f"/ToUnicode {unicode} 0 R>>".encode()
        )

    def _stream(self, dictionary: bytes, content: bytes) -> int:
        packed = zlib.compress(content, 9)
        return self._object(
            b"<<" + dictionary + b"/Filter/FlateDecode/Length %d>>stream\n" % len(packed) + packed + b"\nendstream"
        )

    def _object(self, body: bytes, number: int | None = None) -> int:
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
    wide = _n(side - 2 * HAIR)
    return (
        f"q {wide} 0 0 {wide} {_n(left + HAIR)} {_n(HAIR - top - side)} cm BI/W {modules}/H {modules}/BPC 1/IM true/F/AHx ID\n"
        f"{packed.hex()}>\nEI Q\n"
    )


def placed(left: float, top: float, content: str) -> str:
    """What `content` shows, with its origin moved here."""
    return f"q 1 0 0 1 {_n(left)} {_n(-top)} cm\n{content}Q\n"


def use(form: str) -> str:
    return f"/{form} Do\n"


def lines(width: float, gray: float, ends: Iterable[tuple[float, float, float, float]]) -> str:
    drawn = "".join(f"{_n(a)} {_n(-b)} m {_n(c)} {_n(-d)} l\n" for a, b, c, d in ends)
    return f"q {_n(width)} w {_n(gray)} G\n{drawn}S Q\n"


def _n(value: float) -> str:
    """To a thousandth of a hundredth of a millimetre, without zeros at the end."""
    return f"{value:.4f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("ascii")


def _to_unicode(codes: list[int]) -> str:
    pairs = [f"<{number:04x}> <{code:04x}>" for number, code in enumerate(codes, 1)]
    parts = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    told = "".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n" for part in parts)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n" + told + "endcmap\nend\nend\n"
    )
