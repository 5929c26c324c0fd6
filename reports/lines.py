"""Text set in lines: plain words, never markup. Broken between words, a word longer than its line within it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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


class Text(Flowable):  # type: ignore[misc]  # reportlab is untyped
    """A paragraph. As the cell of a table it is measured, broken and painted by the table."""

    def __init__(self, value: str | None, style: Style = TEXT, role: str = "P") -> None:
        super().__init__()
        self._set(plain(value), style, Part(role))

    def _set(self, told: str, style: Style, part: Part) -> None:
        self.told, self.style, self.part = told, style, part
        self.spaceBefore, self.spaceAfter = style.before, style.after
        self.lines: list[str] = []
        self.broken_at = -1.0

    # ── as a cell ──

    def measure(self, width: float) -> float:
        if width != self.broken_at:
            self.lines, self.broken_at = broken(self.told, self.style, width), width
        return len(self.lines) * self.style.leading

    def cut(self, height: float) -> tuple[Text, Text]:
        """Those lines that fit into a height, and those that do not; of what was measured."""
        fit = int(height / self.style.leading + 0.001)
        return self._piece(self.lines[:fit]), self._piece(self.lines[fit:])

    def _piece(self, lines: Sequence[str]) -> Text:
        made: Text = Text.__new__(type(self))
        Flowable.__init__(made)
        made._set("".join(lines), self.style, self.part)
        made.lines, made.broken_at = list(lines), self.broken_at
        return made

    def paint(self, canvas: Tagged, left: float, top: float, node: Node | None) -> None:
        """Within its column; `node` is its element, None within an artifact."""
        if self.told:
            if node is not None:
                canvas.open(node)
            show(canvas, self.style, left, top, self.lines, self.broken_at)
            if node is not None:
                canvas.close()

    # ── as a paragraph ──

    def wrap(self, width: float, *_: float) -> tuple[float, float]:
        self.width, self.height = width, self.measure(width)
        return width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        fit = int(height / self.style.leading + 0.001)
        self.measure(width)
        if len(self.lines) - fit < FEWEST:
            fit = len(self.lines) - FEWEST
        if fit < min(FEWEST, len(self.lines)):
            return []
        rest = self._piece(self.lines[fit:])
        rest.spaceBefore = 0
        return [self._piece(self.lines[:fit]), rest]

    def draw(self) -> None:
        self.paint(self.canv, 0, self.height, self.part.under(self.canv.here))


class State(Flowable):  # type: ignore[misc]
    """A state by its shape, and its word beside it."""

    def __init__(self, shape: str, word: str, size: float = 9) -> None:
        super().__init__()
        self.icon = Icon(shape, size * 1.15)
        self.words = Text(word, TEXT if size == TEXT.size else Style(size))
        self.indent = size * 1.5

    @property
    def told(self) -> str:
        return self.words.told

    def measure(self, width: float) -> float:
        return self.words.measure(max(width - self.indent, 1))

    def cut(self, height: float) -> tuple[State | Text, Text]:
        """The shape stays with the first lines."""
        first, rest = self.words.cut(height)
        kept: State = State.__new__(State)
        Flowable.__init__(kept)
        kept.icon, kept.words, kept.indent = self.icon, first, self.indent
        return kept, rest

    def paint(self, canvas: Tagged, left: float, top: float, node: Node | None) -> None:
        """The word says what the shape says: the shape is furniture for who listens."""
        if node is not None:
            canvas._code.append("/Artifact BMC")
        self.icon.at(canvas, left, top - (self.words.style.leading + self.icon.height) / 2)
        if node is not None:
            canvas._code.append("EMC")
        self.words.paint(canvas, left + self.indent, top, node)

    def wrap(self, width: float, *_: float) -> tuple[float, float]:
        self.width, self.height = width, self.measure(width)
        return width, self.height

    def draw(self) -> None:
        self.paint(self.canv, 0, self.height, self.words.part.under(self.canv.here))
