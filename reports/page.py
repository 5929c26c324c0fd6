"""The one frame of every A4 record: head, decision, numbered sections, tables, signatures, foot.

Not here: what a record says (one module a document) and PDF/A. All text is text, never markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from itertools import groupby
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Table

from reports import fonts, symbols
from reports.marks import Icon
from traceability.domain import codes

WIDTH, HEIGHT = A4
SIDE, TOP, FOOT = 15 * mm, 12 * mm, 8 * mm
BODY = WIDTH - 2 * SIDE
INK, SOFT, LINE = "#000000", "#444444", "#bbbbbb"
GAP, FOOT_LINE = 7 * mm, 3.4 * mm

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "number": "Record",
        "version": "Version",
        "data_as_of": "Data as of",
        "page": "Page {page} of {pages}",
        "demonstration": "DEMONSTRATION DATA. Not for use.",
    },
    "id": {
        "number": "Dokumen",
        "version": "Versi",
        "data_as_of": "Data per",
        "page": "Halaman {page} dari {pages}",
        "demonstration": "DATA DEMONSTRASI. Tidak untuk dipakai.",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands around the content of a record; `digest` is the SHA-256 of the record, not of the file."""

    language: str
    site: str
    title: str
    number: str
    version: str
    data_as_of: str
    status_url: str
    digest: str
    checkpoint: str
    subject: str = ""
    demonstration: bool = False
    words: Mapping[str, str] = field(default_factory=dict)

    def word(self, name: str) -> str:
        return self.words.get(name) or WORDS[self.language][name]


@dataclass(frozen=True, slots=True)
class Mark:
    """A state in a cell: shape and word, so that a grey copy loses nothing."""

    shape: str
    word: str


@dataclass(frozen=True, slots=True)
class Signature:
    meaning: str
    name: str
    role: str
    at: str
    covers: str


Cell = str | Mark | None


def _style(size: float, leading: float = 1.35, **more: Any) -> ParagraphStyle:
    font = fonts.BOLD if more.pop("bold", False) else fonts.REGULAR
    plain = {
        "fontName": font,
        "fontSize": size,
        "leading": size * leading,
        "textColor": INK,
        "bulletFontName": font,
        "allowWidows": 0,
    }
    return ParagraphStyle(f"{font} {size}", **(plain | more))


TEXT, STRONG, QUIET = _style(9), _style(9, bold=True), _style(9, textColor=SOFT)
NUMBER, NUMBER_HEAD = _style(9, alignment=2), _style(8, bold=True, alignment=2)
HEAD, SECTION = _style(8, bold=True), _style(10.5, bold=True, spaceBefore=3.8 * mm, spaceAfter=1.2 * mm)
NOTE, SMALL = _style(9, spaceBefore=2 * mm), _style(8, textColor=SOFT)
TITLE, NAME, VERDICT = _style(17, 1.15, bold=True), _style(12, bold=True), _style(14, 1.2, bold=True)
FINE = 7.2


def text(value: str | None, style: ParagraphStyle = TEXT) -> Paragraph:
    """A paragraph of plain text: NFC, escaped, line ends kept; None is a dash."""
    lines = ("–" if value is None else value).expandtabs(1).replace("\r\n", "\n").split("\n")
    return Paragraph("<br/>".join(escape(fonts.printable(line)) for line in lines), style)


def note(value: str) -> Flowable:
    return text(value, NOTE)


class State(Flowable):  # type: ignore[misc]
    """A mark and its word, wrapped beside it."""

    def __init__(self, mark: Mark, size: float = 9) -> None:
        super().__init__()
        self.icon = Icon(mark.shape, size * 1.15)
        self.words = text(mark.word, TEXT if size == 9 else _style(size))
        self.indent = size * 1.5

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        _, self.tall = self.words.wrap(max(width - self.indent, 1), height)
        return width, self.tall

    def draw(self) -> None:
        line = self.words.style.leading
        self.icon.drawOn(self.canv, 0, self.tall - (line + self.icon.height) / 2)
        self.words.drawOn(self.canv, self.indent, 0)


def _bare(rows: Sequence[Sequence[Any]], widths: Sequence[float], *commands: Any, **more: Any) -> Table:
    base = [
        ("FONT", (0, 0), (-1, -1), fonts.REGULAR, 9),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ]
    return Table(rows, colWidths=list(widths), style=[*base, *commands], **more)


def decision(shape: str, word: str, detail: str = "") -> Flowable:
    """The answer first: shape, word, and what it is about, in a box."""
    wide = min(fonts.width(fonts.printable(word), fonts.BOLD, 14) + 4 * mm, BODY / 2)
    box = _bare(
        [[Icon(shape, 6.5 * mm), text(word, VERDICT), text(detail, _style(10.5)) if detail else ""]],
        [9.5 * mm, wide, BODY - 16.5 * mm - wide],
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (2, 0), (2, 0), 2),
    )
    return _bare(
        [[box]],
        [BODY],
        ("BOX", (0, 0), (-1, -1), 1.2, INK),
        ("LEFTPADDING", (0, 0), (-1, -1), 3.5 * mm),
        ("TOPPADDING", (0, 0), (-1, -1), 1.8 * mm),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.8 * mm),
        spaceAfter=2 * mm,
    )


class Heading(Paragraph):  # type: ignore[misc]
    """Fits only where the first rows under it fit too; what follows may still break over pages."""

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        _, tall = super().wrap(width, height)
        return width, tall if height >= tall + 25 * mm else height + 1

    def split(self, *_: float) -> list[Flowable]:
        return []


def section(number: int, title: str) -> Flowable:
    """A numbered heading that never stays behind at the foot of a page."""
    return Heading(escape(fonts.printable(f"{number}\xa0\xa0{title}")), SECTION)


def pairs(rows: Iterable[tuple[str, Cell]], *, columns: int = 2) -> Flowable:
    """Names and values, read across in two columns, or down in one."""
    told = [(text(name, QUIET), _cell(value, STRONG)) for name, value in rows]
    told += [("", "")] * (-len(told) % columns)
    label = 26 * mm
    value = (BODY - GAP * (columns - 1)) / columns - label
    grid: list[list[Any]] = []
    for at in range(0, len(told), columns):
        line: list[Any] = [*told[at]]
        for name, cell in told[at + 1 : at + columns]:
            line += ["", name, cell]
        grid.append(line)
    rules: list[tuple[Any, ...]] = [("LINEBELOW", (3 * k, 0), (3 * k + 1, -1), 0.3, LINE) for k in range(columns)]
    rules += [("RIGHTPADDING", (3 * k, 0), (3 * k, -1), 2 * mm) for k in range(columns)]
    widths = [label, value, *([GAP, label, value] * (columns - 1))]
    padding = [("TOPPADDING", (0, 0), (-1, -1), 0.6 * mm), ("BOTTOMPADDING", (0, 0), (-1, -1), 0.9 * mm)]
    return _bare(grid or [[""] * len(widths)], widths, *padding, *rules)


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    widths: Sequence[float],
    *,
    numeric: Iterable[int] = (),
) -> Flowable:
    """A table whose head repeats on every page. `widths` are shares of the body; `numeric` go right."""
    right, whole = set(numeric), sum(widths)
    styles = [NUMBER if at in right else TEXT if at else STRONG for at in range(len(head))]
    heads = [NUMBER_HEAD if at in right else HEAD for at in range(len(head))]
    grid = [[text(name, style) for name, style in zip(head, heads, strict=True)]]
    grid += [[_cell(cell, style) for cell, style in zip(row, styles, strict=True)] for row in rows]
    return _bare(
        grid,
        [BODY * share / whole for share in widths],
        ("RIGHTPADDING", (0, 0), (-2, -1), 2.5 * mm),
        *(("RIGHTPADDING", (at, 0), (at, -1), 4 * mm) for at in right if at < len(widths) - 1),
        ("TOPPADDING", (0, 0), (-1, -1), 0.6 * mm),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.9 * mm),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, LINE),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
        repeatRows=1,
        spaceAfter=1 * mm,
    )


def _cell(value: Cell, style: ParagraphStyle) -> Flowable:
    return State(value) if isinstance(value, Mark) else text(value, style)


def signatures(signed: Sequence[Signature]) -> list[Flowable]:
    """Boxes two by two; a box is never broken over pages."""
    wide = (BODY - 5 * mm) / 2
    boxes = [_signature(one, wide) for one in signed]
    rows = [boxes[at : at + 2] for at in range(0, len(boxes), 2)]
    return [
        KeepTogether(
            [
                _bare(
                    [[row[0], "", row[1] if len(row) > 1 else ""]],
                    [wide, 5 * mm, wide],
                    spaceBefore=2 * mm,
                    spaceAfter=2 * mm,
                )
            ]
        )
        for row in rows
    ]


def _signature(one: Signature, wide: float) -> Table:
    lines = [
        [text(one.meaning)],
        [text(one.name, NAME)],
        [text(one.role)],
        [text(one.at)],
        [text(one.covers, SMALL)],
    ]
    return _bare(
        lines,
        [wide],
        ("BOX", (0, 0), (-1, -1), 0.8, INK),
        ("LEFTPADDING", (0, 0), (-1, -1), 3 * mm),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3 * mm),
        ("TOPPADDING", (0, 0), (-1, 0), 1.8 * mm),
        ("BOTTOMPADDING", (0, -1), (-1, -1), 2 * mm),
    )


class Followed(Flowable):  # type: ignore[misc]
    """A table and the notes under it: wherever it breaks, they stand under rows of it, never alone on a new page."""

    def __init__(self, table: Table, notes: Sequence[Paragraph]) -> None:
        super().__init__()
        self.table, self.notes = table, list(notes)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.table.wrap(width, height)
        for one in self.notes:
            one.wrap(width, height)
        self.tall = self.table._height + sum(one.getSpaceBefore() + one.height for one in self.notes)
        return width, self.tall

    def split(self, width: float, height: float) -> list[Flowable]:
        self.wrap(width, height)
        first_of_two = self.table._height - sum(self.table._rowHeights[-2:]) + 0.1
        parts = self.table.split(width, height if height < self.table._height else first_of_two)
        if len(parts) == 2:
            return [parts[0], Followed(parts[1], self.notes)]
        return [self.table, *self.notes] if height > HEIGHT / 2 else []  # no page is long enough, or the next one is

    def draw(self) -> None:
        top = self.tall - self.table._height
        self.table.drawOn(self.canv, 0, top)
        for one in self.notes:
            top -= one.getSpaceBefore() + one.height
            one.drawOn(self.canv, 0, top)

    def getSpaceAfter(self) -> float:  # noqa: N802  # reportlab's name
        return float(self.table.getSpaceAfter())


MOST_BOUND = 4


def bound(flow: Iterable[Flowable]) -> list[Flowable]:
    """Notes stay with what they are about: a table, a box; of many the first does, and the last with the one before it."""
    made: list[Flowable] = []
    for is_note, group in groupby(flow, lambda one: isinstance(one, Paragraph) and one.style is NOTE):
        notes = list(group)
        before = made[-1] if is_note and made else None
        if isinstance(before, (Table, KeepTogether)):
            few = notes[: len(notes) if len(notes) <= MOST_BOUND else 1]
            boxed = isinstance(before, KeepTogether)
            made[-1] = KeepTogether([*before._content, *few]) if boxed else Followed(before, few)
            notes = notes[len(few) :]
        if is_note and len(notes) > 1:
            notes[-2:] = [KeepTogether(notes[-2:])]
        made += notes
    return made


def _code(canvas: Canvas, rows: Sequence[Sequence[bool]], left: float, top: float, module: float) -> None:
    """The dark modules as filled boxes: paper of an office printer has no dots that one could count on."""
    path = canvas.beginPath()
    for row, line in enumerate(rows):
        start = 0
        for dark, run in groupby(line):
            wide = len(list(run))
            if dark:
                path.rect(left + start * module, top - (row + 1) * module, wide * module, module)
            start += wide
    canvas.drawPath(path, stroke=0, fill=1)


def draw(sheet: Sheet, flow: Sequence[Flowable]) -> bytes:
    """The record as PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    head, code = _head(sheet), symbols.mask(codes.plain("qr", sheet.status_url)).rows()
    _, tall = head.wrap(BODY, HEIGHT)
    tall = max(tall, 20 * mm) + 3.5 * mm
    feet = _feet(sheet)
    foot = FOOT + len(feet) * FOOT_LINE  # of the rule above it
    counted = (sheet.word("page"), foot - FOOT_LINE)

    def furnish(canvas: Canvas, _: BaseDocTemplate) -> None:
        top = HEIGHT - TOP
        head.wrapOn(canvas, BODY, HEIGHT)
        head.drawOn(canvas, SIDE, top - head._height)
        _code(canvas, code, WIDTH - SIDE - 20 * mm, top, 20 * mm / len(code))
        canvas.setLineWidth(1.2)
        canvas.line(SIDE, top - tall, WIDTH - SIDE, top - tall)
        canvas.setLineWidth(0.8)
        canvas.line(SIDE, foot, WIDTH - SIDE, foot)
        for at, (line, font) in enumerate(feet):
            canvas.setFont(font, FINE)
            canvas.drawString(SIDE, foot - (at + 1) * FOOT_LINE, line)

    low = foot + 4 * mm
    frame = Frame(SIDE, low, BODY, HEIGHT - TOP - tall - 3.5 * mm - low, 0, 0, 0, 0)
    out = BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        invariant=1,
        lang=sheet.language,
        title=fonts.printable(f"{sheet.title} {sheet.number}"),
        author=fonts.printable(sheet.site),
        initialFontName=fonts.REGULAR,
        pageTemplates=[PageTemplate(frames=[frame], onPage=furnish)],
    )
    document.build(bound(flow), canvasmaker=_numbered(*counted))
    return out.getvalue()


def _head(sheet: Sheet) -> Table:
    facts = _bare(
        [
            [text(sheet.word("number"), QUIET), text(sheet.number, STRONG)],
            [text(sheet.word("version"), QUIET), text(sheet.version, STRONG)],
            [text(sheet.word("data_as_of"), QUIET), text(sheet.data_as_of, STRONG)],
        ],
        [19 * mm, 43 * mm],
    )
    told = [[text(sheet.site, STRONG)], [text(sheet.title, TITLE)]]
    if sheet.subject:
        told.append([text(sheet.subject)])
    left = BODY - 62 * mm - 20 * mm - 12 * mm
    names = _bare(told, [left], ("BOTTOMPADDING", (0, 1), (0, 1), 0.8 * mm))
    return _bare([[names, "", facts, ""]], [left, 6 * mm, 62 * mm, 26 * mm])


def _feet(sheet: Sheet) -> list[tuple[str, str]]:
    """The lines of the foot. Digest and checkpoint stand whole: half a hash proves nothing."""
    lines = [(f"SHA-256 {sheet.digest}", fonts.REGULAR)]
    lines += [(line, fonts.REGULAR) for line in _broken(" ".join(sheet.checkpoint.splitlines()))]
    if sheet.demonstration:
        lines.append((sheet.word("demonstration"), fonts.BOLD))
    return [(fonts.printable(line), font) for line, font in lines]


def _broken(line: str) -> list[str]:
    lines = [""]
    for word in line.split(" "):
        longer = f"{lines[-1]} {word}".lstrip(" ")
        if lines[-1] and fonts.width(longer, fonts.REGULAR, FINE) > BODY:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line for line in lines if line]


def _numbered(words: str, baseline: float) -> type[Canvas]:
    """A canvas that knows the number of pages before it writes the first."""

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802  # reportlab's name
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, state in enumerate(self._kept, 1):
                self.__dict__.update(state)
                self.setFont(fonts.BOLD, FINE)
                told = fonts.printable(words.format(page=number, pages=len(self._kept)))
                self.drawRightString(WIDTH - SIDE, baseline, told)
                super().showPage()
            super().save()

    return Numbered
