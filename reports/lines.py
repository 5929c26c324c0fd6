"""Text set in lines: plain words, never markup. Broken between words, a word longer than its line within it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Self

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from reports import fonts
from reports.marks import Icon
from reports.tags import Node, Part, Tagged

DASH = "–"
FEWEST = 2
"""So many lines of a paragraph stay together on either side of a page's end."""


@dataclass(frozen=True)
class Style:
    """How words stand: `size` and `leading` in points, `gray` from 0 black to 1 white."""

    size: float = 9
    bold: bool = False
    spacing: float = 1.35
    gray: float = 0
    right: bool = False
    before: float = 0
    after: float = 0

    @cached_property
    def font(self) -> str:
        return fonts.BOLD if self.bold else fonts.REGULAR

    @cached_property
    def leading(self) -> float:
        return self.size * self.spacing


TEXT, STRONG, QUIET = Style(), Style(bold=True), Style(gray=0.267)
NUMBER, NUMBER_HEAD = Style(right=True), Style(8, bold=True, right=True)
HEAD, SECTION = Style(8, bold=True), Style(10.5, bold=True, before=3.8 * mm, after=1.2 * mm)
NOTE, SMALL = Style(before=2 * mm, after=0.8 * mm), Style(8, gray=0.267)
TITLE, NAME, VERDICT = Style(17, True, 1.15), Style(12, True), Style(14, True, 1.2)
ANSWER = Style(10.5)


def plain(value: str | None) -> str:
    """What is printed of a value: NFC, one kind of line end, tabs as spaces; None is a dash. Refuses what has no glyph."""
    if value is None:
        return DASH
    told = value.expandtabs(1).replace("\r\n", "\n")
    return "\n".join(map(fonts.printable, told.split("\n"))) if "\n" in told else fonts.printable(told)


def broken(told: str, style: Style, width: float) -> list[str]:
    """The lines of a text in this width (points). A space at the end of a line keeps its last word apart for who listens."""
    widths, most = fonts.WIDTHS[style.font], width / style.size * 1000 + 0.01
    made: list[str] = []
    for line in told.split("\n"):
        if made:
            made[-1] += " "
        if sum(map(widths.__getitem__, line)) <= most:
            made.append(line)
        else:
            made += _filled(line, widths, most)
    return made


def _filled(line: str, widths: dict[str, float], most: float) -> list[str]:
    made: list[str] = []
    current, used, space = "", 0.0, widths[" "]
    for word in line.split(" "):
        wide = sum(map(widths.__getitem__, word))
        if current and used + space + wide > most:
            made.append(f"{current} ")
            current, used = "", 0.0
        if current:
            current, used = f"{current} {word}", used + space + wide
            continue
        while wide > most and len(word) > 1:
            fits, reached = 0, 0.0
            for char in word:
                reached += widths[char]
                if reached > most and fits:
                    break
                fits += 1
            made.append(word[:fits])
            word = word[fits:]
            wide = sum(map(widths.__getitem__, word))
        current, used = word, wide
    return [*made, current]


def show(canvas: Tagged, style: Style, left: float, top: float, lines: Sequence[str], width: float = 0) -> None:
    """Write lines below `top`; `width` is that of the column, for what stands at its right."""
    font, code, leading = style.font, canvas._code, style.leading
    y = top - leading + (leading - style.size) / 2 + style.size * 0.22
    gray = f" {style.gray:g} g" if style.gray else ""
    code.append(f"BT{gray} {canvas.face(font, style.size)} {leading:g} TL 1 0 0 1 {left:.2f} {y:.2f} Tm")
    for at, line in enumerate(lines):
        if style.right:
            x = left + width - fonts.width(line.rstrip(" "), font, style.size)
            code.append(f"1 0 0 1 {x:.2f} {y - at * leading:.2f} Tm")
        elif at:
            code.append("T*")
        code.append(f"<{canvas.hexed(font, line)}> Tj")
    code.append("0 g ET" if style.gray else "ET")


class Words:
    """Text as it stands in a column: measured and broken for its width, cut where a page ends, painted."""

    __slots__ = ("lines", "style", "told", "width")

    def __init__(self, value: str | None, style: Style = TEXT) -> None:
        self._set(plain(value), style)

    def _set(self, told: str, style: Style, lines: Sequence[str] = (), width: float = -1) -> Self:
        self.told, self.style, self.lines, self.width = told, style, lines, width
        return self

    @property
    def leading(self) -> float:
        return self.style.leading

    def measure(self, width: float) -> float:
        """How high it is in this width."""
        if width != self.width:
            self.lines, self.width = broken(self.told, self.style, width), width
        return len(self.lines) * self.style.leading

    @property
    def tall(self) -> float:
        return len(self.lines) * self.style.leading

    def cut(self, fit: int) -> tuple[Words, Words]:
        """So many lines, and those that are left; of what was measured."""
        first, rest = self.lines[:fit], self.lines[fit:]
        return self._piece(first), self._piece(rest)

    def _piece(self, lines: Sequence[str]) -> Words:
        return Words.__new__(Words)._set("".join(lines), self.style, lines, self.width)

    def paint(self, canvas: Tagged, left: float, top: float, node: Node | None) -> None:
        """`node` is its element, None within an artifact."""
        if self.told:
            if node is not None:
                canvas.open(node)
            show(canvas, self.style, left, top, self.lines, self.width)
            if node is not None:
                canvas.close()


class State:
    """A state by its shape, and its word beside it."""

    __slots__ = ("icon", "words")
    INDENT = 1.5 * TEXT.size

    def __init__(self, shape: str, word: str) -> None:
        self.icon: Icon | None = _icon(shape)
        self.words = Words(word)

    @property
    def leading(self) -> float:
        return self.words.style.leading

    def measure(self, width: float) -> float:
        return self.words.measure(max(width - self.INDENT, 1))

    @property
    def tall(self) -> float:
        return self.words.tall

    def cut(self, fit: int) -> tuple[State, State]:
        """The shape stays with the first lines."""
        first, rest = self.words.cut(fit)
        return self._piece(self.icon, first), self._piece(None, rest)

    @staticmethod
    def _piece(icon: Icon | None, words: Words) -> State:
        made: State = State.__new__(State)
        made.icon, made.words = icon, words
        return made

    def paint(self, canvas: Tagged, left: float, top: float, node: Node | None) -> None:
        """The word says what the shape says: the shape is furniture for who listens."""
        if self.icon is not None:
            if node is not None:
                canvas._code.append("/Artifact BMC")
            self.icon.at(canvas, left, top - (self.leading + self.icon.height) / 2)
            if node is not None:
                canvas._code.append("EMC")
        self.words.paint(canvas, left + self.INDENT, top, node)


@cache
def _icon(shape: str) -> Icon:
    return Icon(shape, TEXT.size * 1.15)


class Text(Flowable):
    """A paragraph of its own."""

    def __init__(self, value: str | None, style: Style = TEXT, role: str = "P") -> None:
        super().__init__()
        self._set(Words(value, style), Part(role))

    def _set(self, words: Words, part: Part) -> Self:
        self.words, self.part, self.style = words, part, words.style
        self.spaceBefore, self.spaceAfter = self.style.before, self.style.after
        return self

    def wrap(self, width: float, *_: float) -> tuple[float, float]:
        self.width, self.height = width, self.words.measure(width)
        return width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        self.words.measure(width)
        lines = len(self.words.lines)
        fit = min(int(height / self.style.leading + 0.001), lines - FEWEST)
        if fit < FEWEST:
            return []
        first, rest = (Text("")._set(one, self.part) for one in self.words.cut(fit))
        rest.spaceBefore = 0
        return [first, rest]

    def draw(self) -> None:
        self.words.paint(self.canv, 0, self.height, self.part.under(self.canv.here))
