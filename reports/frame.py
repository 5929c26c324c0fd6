"""The sheet around every record: its head, its foot, its pages counted, its bookmarks and tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from itertools import groupby

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from reports import fonts, symbols
from reports.lines import QUIET, STRONG, TEXT, TITLE, Style, broken, plain, show
from reports.tags import Node, Tagged
from traceability.domain import codes

WIDTH, HEIGHT = A4
SIDE, TOP, FOOT = 15 * mm, 12 * mm, 8 * mm
BODY = WIDTH - 2 * SIDE
FOOT_LINE = 3.4 * mm
QR = 20 * mm
APART, LABEL, FACTS = 6 * mm, 19 * mm, 62 * mm
FINE, FINE_STRONG = Style(7.2), Style(7.2, bold=True)

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "number": "Record",
        "version": "Version",
        "data_as_of": "Data as of",
        "page": "Page {page} of {pages}",
        "demonstration": "DEMONSTRATION DATA. Not for use.",
        "status": "Status of {number} on the web: current, superseded or revoked",
        "code": "QR code that leads to {url}",
        "sealed": "Electronic seal of {name}",
    },
    "id": {
        "number": "Dokumen",
        "version": "Versi",
        "data_as_of": "Data per",
        "page": "Halaman {page} dari {pages}",
        "demonstration": "DATA DEMONSTRASI. Tidak untuk dipakai.",
        "status": "Status {number} di web: berlaku, digantikan, atau dicabut",
        "code": "Kode QR menuju {url}",
        "sealed": "Segel elektronik {name}",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands around the content of a record; `digest` is the SHA-256 of the record, not of the file.

    `seal`: what is said of the site's electronic seal; `sealed_by`: whose it is, where one is to be set.
    """

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
    seal: str = ""
    sealed_by: str | None = None
    demonstration: bool = False
    words: Mapping[str, str] = field(default_factory=dict)

    def word(self, name: str, /, **values: object) -> str:
        said = self.words.get(name) or WORDS[self.language][name]
        return fonts.printable(said.format(**values) if values else said)


def draw(sheet: Sheet, flow: Sequence[Flowable]) -> bytes:
    """The record as tagged PDF, the same bytes for the same input. Refuses `document_glyph_missing`."""
    head, feet = _Head(sheet), _feet(sheet)
    foot = FOOT + len(feet) * FOOT_LINE  # of the rule above it

    def furnish(canvas: Tagged, _: BaseDocTemplate) -> None:
        head.draw(canvas, first=canvas.getPageNumber() == 1)
        with canvas.artifact("Footer"):
            canvas.setLineWidth(0.8)
            canvas.line(SIDE, foot, WIDTH - SIDE, foot)
            for at, (line, style) in enumerate(feet):
                show(canvas, style, SIDE, foot - 1.2 - at * FOOT_LINE, [line])

    def count(canvas: Tagged, page: int, pages: int) -> None:
        told = sheet.word("page", page=page, pages=pages)
        show(canvas, FINE_STRONG, WIDTH - SIDE - fonts.width(told, fonts.BOLD, FINE.size), foot - 1.2, [told])

    class Sheets(Tagged):
        """Finished as it is saved: then the pages are counted."""

        def save(self) -> None:
            self.numbered(lambda page, pages: count(self, page, pages))
            self.finish()
            super().save()

    low = foot + 4 * mm
    frame = Frame(SIDE, low, BODY, HEIGHT - TOP - head.tall - 3.5 * mm - low, 0, 0, 0, 0)
    out = BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=(WIDTH, HEIGHT),
        invariant=1,
        lang=sheet.language,
        title=fonts.printable(f"{sheet.title} {sheet.number}"),
        author=fonts.printable(sheet.site),
        initialFontName=fonts.REGULAR,
        pageTemplates=[PageTemplate(frames=[frame], onPage=furnish)],
    )
    identity = sha256(f"{sheet.number}\n{sheet.version}\n{sheet.language}\n{sheet.digest}".encode()).digest()
    document.build([*flow, _End(sheet)], canvasmaker=lambda *given, **more: Sheets(*given, **more).identify(identity))
    return out.getvalue()


FIELD = "seal"
"""The name of the field of the site's signature."""


class _End(Flowable):
    """After everything else, unseen: the field that the site's seal is put into."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self.sheet = sheet

    def wrap(self, *_: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        if self.sheet.sealed_by is not None:
            told = self.sheet.word("sealed", name=self.sheet.sealed_by)
            self.canv.signature_field(self.canv.here.add("Form"), FIELD, told)


class _Head:
    """Read once, as the title of the document and its first list; repeated as furniture on every other page."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.code = rows(sheet.status_url)
        told = {name: plain(getattr(sheet, name)) for name in ("number", "version", "data_as_of")}
        wide = min(FACTS - LABEL, max(fonts.width(one, STRONG.font, STRONG.size) for one in told.values()) + 1)
        self.facts = [(sheet.word(name), broken(one, STRONG, wide)) for name, one in told.items()]
        self.facts_at = WIDTH - SIDE - QR - APART - wide - LABEL
        self.names = [
            (style, role, gap, broken(plain(told), style, self.facts_at - APART - SIDE))
            for told, style, role, gap in (
                (sheet.site, STRONG, "P", 0.0), (sheet.title, TITLE, "H1", 0.8 * mm), (sheet.subject, TEXT, "P", 0.0),
            )
            if told
        ]  # fmt: skip
        left = sum(len(lines) * style.leading + gap for style, _, gap, lines in self.names)
        right = sum(len(lines) * STRONG.leading for _, lines in self.facts)
        self.tall = max(left, right, QR) + 3.5 * mm

    def draw(self, canvas: Tagged, *, first: bool) -> None:
        top = HEIGHT - TOP
        if first:
            self._said(canvas, top, canvas.root)
            self._linked(canvas, top)
        with canvas.artifact("Header"):
            if not first:
                self._said(canvas, top, None)
                symbol(canvas, self.code, WIDTH - SIDE - QR, top, QR)
            canvas.setLineWidth(1.2)
            canvas.line(SIDE, top - self.tall, WIDTH - SIDE, top - self.tall)

    def _said(self, canvas: Tagged, top: float, root: Node | None) -> None:
        y = top
        for style, role, gap, lines in self.names:
            self._shown(canvas, style, SIDE, y, lines, root and root.add(role))
            y -= len(lines) * style.leading + gap
        y, left = top, self.facts_at
        facts = root and root.add("L")
        for name, lines in self.facts:
            item = facts and facts.add("LI")
            self._shown(canvas, QUIET, left, y, [name], item and item.add("Lbl"))
            self._shown(canvas, STRONG, left + LABEL, y, lines, item and item.add("LBody"))
            y -= len(lines) * STRONG.leading

    @staticmethod
    def _shown(canvas: Tagged, style: Style, left: float, top: float, lines: Sequence[str], node: Node | None) -> None:
        if node is None:
            show(canvas, style, left, top, lines)
        else:
            with canvas.mark(node):
                show(canvas, style, left, top, lines)

    def _linked(self, canvas: Tagged, top: float) -> None:
        """The code is a picture and an address at once: whoever reads on a screen follows it."""
        url, left = self.sheet.status_url, WIDTH - SIDE - QR
        link = canvas.root.add("P").add("Link")
        figure = canvas.figure(link, self.sheet.word("code", url=url), left, top - QR, QR, QR)
        with canvas.mark(figure):
            symbol(canvas, self.code, left, top, QR)
        told = self.sheet.word("status", number=self.sheet.number)
        canvas.link(link, url, told, (left, top - QR, left + QR, top))


def rows(url: str) -> Sequence[Sequence[bool]]:
    """The modules of the QR code that leads to an address."""
    return symbols.mask(codes.plain("qr", url)).rows()


def symbol(canvas: Tagged, rows: Sequence[Sequence[bool]], left: float, top: float, side: float) -> None:
    """A QR code. The dark modules as filled boxes: paper of an office printer has no dots that one could count on."""
    module = side / len(rows)
    path = canvas.beginPath()
    for row, line in enumerate(rows):
        start = 0
        for dark, run in groupby(line):
            wide = len(list(run))
            if dark:
                path.rect(left + start * module, top - (row + 1) * module, wide * module, module)
            start += wide
    canvas.drawPath(path, stroke=0, fill=1)


def _feet(sheet: Sheet) -> list[tuple[str, Style]]:
    """The lines of the foot. Digest and checkpoint stand whole: half a hash proves nothing."""
    lines = [(f"SHA-256 {sheet.digest}", FINE)]
    for told in (sheet.checkpoint, sheet.seal):
        if told:
            lines += [(line, FINE) for line in broken(plain(" ".join(told.splitlines())), FINE, BODY)]
    if sheet.demonstration:
        lines.append((sheet.word("demonstration"), FINE_STRONG))
    return lines
