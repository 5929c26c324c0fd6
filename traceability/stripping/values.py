"""What an object of each kind may hold in a PDF that is drawn anew (ISO 32000-1), and values that carry nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pikepdf import Array, Dictionary, Name, Stream, String

from traceability.stripping import spelled
from traceability.stripping.embedded import NotUnderstood, each

DEEPEST = 40
BOXES = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit")
IMAGE = (
    "/Width",
    "/Height",
    "/BitsPerComponent",
    "/Intent",
    "/ImageMask",
    "/Decode",
    "/Interpolate",
    "/SMaskInData",
    "/Matte",
)
FORM = ("/FormType", "/BBox", "/Matrix")
TILING = ("/PatternType", "/PaintType", "/TilingType", "/BBox", "/XStep", "/YStep", "/Matrix")
SHADING = (
    "/ShadingType", "/Background", "/BBox", "/AntiAlias", "/Coords", "/Domain", "/Extend", "/Matrix", "/BitsPerCoordinate",
    "/BitsPerComponent", "/BitsPerFlag", "/Decode", "/VerticesPerRow",
)  # fmt: skip
STATE = (
    "/LW",
    "/LC",
    "/LJ",
    "/ML",
    "/D",
    "/RI",
    "/OP",
    "/op",
    "/OPM",
    "/FL",
    "/SM",
    "/SA",
    "/BM",
    "/CA",
    "/ca",
    "/AIS",
    "/TK",
)
FUNCTION = (
    "/FunctionType",
    "/Domain",
    "/Range",
    "/Size",
    "/BitsPerSample",
    "/Order",
    "/Encode",
    "/Decode",
    "/C0",
    "/C1",
    "/N",
    "/Bounds",
)
FONT = ("/Subtype", "/FirstChar", "/LastChar", "/Widths", "/FontBBox", "/FontMatrix", "/W", "/DW", "/W2", "/DW2")
DESCRIBED = (
    "/Flags", "/FontBBox", "/ItalicAngle", "/Ascent", "/Descent", "/Leading", "/CapHeight", "/XHeight", "/StemV", "/StemH", "/AvgWidth",
    "/MaxWidth", "/MissingWidth",
)  # fmt: skip
PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3")
PROGRAM = ("/Length1", "/Length2", "/Length3", "/Subtype")
CALIBRATED = ("/WhitePoint", "/BlackPoint", "/Gamma", "/Matrix", "/Range")
PACKED = (
    "/Predictor", "/Colors", "/BitsPerComponent", "/Columns", "/EarlyChange", "/K", "/EndOfLine", "/EncodedByteAlign", "/Rows",
    "/EndOfBlock", "/BlackIs1", "/DamagedRowsBeforeError", "/ColorTransform",
)  # fmt: skip
PARTS = {
    "/DeviceGray": 1,
    "/CalGray": 1,
    "/Indexed": 1,
    "/Separation": 1,
    "/DeviceRGB": 3,
    "/CalRGB": 3,
    "/Lab": 3,
    "/DeviceCMYK": 4,
}
DEVICES = {1: Name.DeviceGray, 3: Name.DeviceRGB, 4: Name.DeviceCMYK}
"""What a colour profile with so many parts is drawn as without it."""
DIRECT = frozenset({"/DeviceGray", "/DeviceRGB", "/DeviceCMYK", "/Pattern"})
MARKS = {
    **dict.fromkeys(("/Highlight", "/Underline", "/Squiggly", "/StrikeOut"), ("/QuadPoints",)),
    **dict.fromkeys(("/Square", "/Circle"), ("/IC", "/RD")),
    **dict.fromkeys(("/Polygon", "/PolyLine"), ("/IC", "/Vertices", "/LE")),
    "/Line": ("/IC", "/L", "/LE", "/LL", "/LLE", "/LLO"),
    "/Ink": ("/InkList",),
    "/FreeText": ("/RD", "/Q"),
    "/Text": (),
}
"""Remarks that a reader draws by itself where they bring no drawing, and what it draws them by (12.5.6)."""
MARK = ("/Rect", "/F", "/C", "/CA", "/Border")
INKS = frozenset({"/All", "/None", "/Cyan", "/Magenta", "/Yellow", "/Black"})
"""Names that say how an ink is drawn; any other is a word of somebody's."""
WORDS = frozenset(
    f"/{word}"
    for words in (
        "AbsoluteColorimetric RelativeColorimetric Saturation Perceptual",  # intents
        "Normal Compatible Multiply Screen Overlay Darken Lighten ColorDodge ColorBurn HardLight SoftLight Difference Exclusion Hue",
        "Color Luminosity Alpha None",  # how colours are laid over others
        "Type0 Type1 MMType1 Type3 TrueType CIDFontType0 CIDFontType2 Type1C CIDFontType0C OpenType",  # fonts
        "AllOn AnyOn AnyOff AllOff And Or Not ON OFF Unchanged",  # layers
        "Square Circle Diamond OpenArrow ClosedArrow Butt ROpenArrow RClosedArrow Slash S D B I U C",  # ends and edges of remarks
    )
    for word in words.split()
)
"""Names that the standard gives a meaning where they stand as a value."""
CALLED = re.compile(r"[A-Za-z0-9-]{1,32}")
ODD = re.compile(r"[^A-Za-z0-9+,._# -]")


def take(made: Any, old: Any, names: Iterable[str]) -> None:
    for name in names:
        if name in old and (told := flat(old[name])) is not None:
            made[name] = told


def flat(told: Any) -> Any:
    """Numbers, truth, words of the standard, and lists of them; None for anything else."""
    if isinstance(told, Array):
        return Array([one for part in each(told) if (one := flat(part)) is not None])
    if isinstance(told, Name):
        return Name(str(told)) if str(told) in WORDS else None
    return None if isinstance(told, String | Dictionary | Stream | bytes | str) else told


def mark(old: Any) -> Any:
    """A remark that the reader draws: where, and how; its words only where they are printed on the page."""
    made = Dictionary(Type=Name.Annot, Subtype=Name(str(old.Subtype)))
    take(made, old, (*MARK, *MARKS[str(old.Subtype)]))
    for name in ("/BS", "/BE"):
        if name in old:
            made[name] = Dictionary()
            take(made[name], old[name], ("/W", "/S", "/D", "/I"))
    if str(old.Subtype) == "/FreeText":
        for name, told in (("/Contents", str), ("/DA", spelled.look)):
            if name in old:
                made[name] = String(told(str(old[name])))
    return made


def inherited(page: Any, name: str) -> Any:
    for _ in range(DEEPEST):
        if name in page:
            return page[name]
        if "/Parent" not in page:
            return None
        page = page.Parent
    raise RecursionError


def named(told: Any) -> Any:
    """The name of a font, a letter, or a table of letters, in the letters that such names have."""
    return Name(f"/{ODD.sub('', str(told)[1:])[:80] or '0'}")


def collection(told: Any) -> Any:
    words = {name: str(told[name]) for name in ("/Registry", "/Ordering")}
    if not all(CALLED.fullmatch(one) for one in words.values()):
        raise NotUnderstood
    return Dictionary({name: String(one) for name, one in words.items()} | {"/Supplement": int(told.Supplement)})


def encoding(told: Any) -> Any:
    made = Dictionary(Type=Name.Encoding)
    if "/BaseEncoding" in told:
        made.BaseEncoding = named(told.BaseEncoding)
    if "/Differences" in told:
        made.Differences = Array([one if isinstance(one, int) else named(one) for one in each(told.Differences)])
    return made


def parts(colours: Any) -> int:
    """How many numbers make a colour."""
    kind = str(colours if isinstance(colours, Name) else colours[0])
    return len(colours[1]) if kind == "/DeviceN" else PARTS[kind]
