"""Inter as a PDF carries it: the glyphs that were used, numbered as they came, and what each is in Unicode."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Protocol

from reportlab.pdfbase.pdfmetrics import getFont


class Writer(Protocol):
    """What writes the objects of a file; both give the number of what they wrote."""

    def write_object(self, body: bytes) -> int: ...

    def write_stream(self, dictionary: bytes, content: bytes) -> int: ...


class Face:
    """One font of a document. Its subset keeps the order in which the glyphs came, so equal texts give equal bytes."""

    def __init__(self, font: str, name: str) -> None:
        self.face, self.name = getFont(font).face, name
        self.numbers: dict[int, int] = {0: 0}  # glyph of the whole font → glyph of the subset
        self.codes: list[int] = []
        self._known: dict[str, str] = {}
        space = self._number(" ")
        self._known |= {"\xa0": space, " ": space}

    def hexed(self, text: str) -> str:
        """The text as a hexadecimal string of glyph numbers, two bytes each."""
        known = self._known
        return "".join([known.get(char) or self._number(char) for char in text])

    def _number(self, char: str) -> str:
        glyph = self.face.charToGlyph[ord(char)]
        if glyph not in self.numbers:
            self.numbers[glyph] = len(self.numbers)
            self.codes.append(ord(char))
        told = self._known[char] = f"{self.numbers[glyph]:04x}"
        return told

    def write(self, writer: Writer) -> int:
        """A composite font whose codes are the glyphs' numbers in the subset."""
        made = self.face
        tag = f"{'A' * 5}{ascii_uppercase[int(self.name.removeprefix('F')) - 1]}"
        name = f"{tag}+{made.name.decode()}"
        program = made.makeSubset(self.codes)
        file = writer.write_stream(b"/Length1 %d" % len(program), program)
        box = " ".join(short(side) for side in made.bbox)
        about = writer.write_object(
            f"<</Type/FontDescriptor/FontName/{name}/Flags 4/FontBBox[{box}]/ItalicAngle {short(made.italicAngle)}"
            f"/Ascent {short(made.ascent)}/Descent {short(made.descent)}/CapHeight {short(made.capHeight)}"
            f"/StemV {short(made.stemV)}/FontFile2 {file} 0 R>>".encode()
        )
        widths = " ".join(short(made.getCharWidth(code)) for code in self.codes)
        inner = writer.write_object(
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            f"/FontDescriptor {about} 0 R/DW 0/W[1[{widths}]]/CIDToGIDMap/Identity>>".encode()
        )
        unicode = writer.write_stream(b"", _to_unicode(self.codes).encode())
        return writer.write_object(
            f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H/DescendantFonts[{inner} 0 R]"
            f"/ToUnicode {unicode} 0 R>>".encode()
        )


def short(value: float) -> str:
    """To a thousandth of a hundredth of a millimetre, without zeros at the end."""
    return f"{value:.4f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def _to_unicode(codes: list[int]) -> str:
    pairs = [f"<{number:04x}> <{code:04x}>" for number, code in enumerate(codes, 1)]
    parts = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    told = "".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n" for part in parts)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n" + told + "endcmap\nend\nend\n"
    )
