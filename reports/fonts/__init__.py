"""Inter Regular and Bold (OFL, licence beside them), in every document; an unknown glyph is refused."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

from reportlab.pdfbase.pdfmetrics import getFont, registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont

from traceability.domain.errors import Refused

REGULAR, BOLD = "Inter", "Inter-Bold"

_FOLDER = Path(__file__).parent
registerFont(TTFont(REGULAR, str(_FOLDER / "Inter-Regular.ttf")))
registerFont(TTFont(BOLD, str(_FOLDER / "Inter-Bold.ttf")))
registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
_KNOWN = frozenset(map(chr, set(getFont(REGULAR).face.charToGlyph) & set(getFont(BOLD).face.charToGlyph)))
WIDTHS: dict[str, dict[str, float]] = {
    name: {char: getFont(name).face.getCharWidth(ord(char)) for char in _KNOWN} for name in (REGULAR, BOLD)
}
"""Of each character, in thousandths of the size."""


def printable(text: str, refusal: str = "document_glyph_missing") -> str:
    """NFC, and every character has a glyph: nothing is lost silently on paper."""
    text = normalize("NFC", text)
    if not _KNOWN.issuperset(text):
        missing = next(char for char in text if char not in _KNOWN)
        raise Refused(refusal, character=f"U+{ord(missing):04X}", text=text)
    return text


def spelled(text: str) -> str:
    """The text with every character that has no glyph as its code point; line ends and tabs stay. Without one, as it came."""
    told = normalize("NFC", text)
    if _KNOWN.issuperset(told):
        return text
    return "".join(
        char if char in _KNOWN or char in "\n\t" else f"[U+{ord(char):04X}]" for char in told.replace("\r\n", "\n")
    )


def width(text: str, font: str, points: float) -> float:
    """Width in points of what is printable."""
    return sum(map(WIDTHS[font].__getitem__, text)) * points / 1000
