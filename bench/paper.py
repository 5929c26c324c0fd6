"""Records on paper: of a lot of 500 vials, from the database to a file for the archive; and two hundred pages in one process.

Against reportlab drawing the same pages without our code: every line of text, rule, shape and code put where it stands by
a program that knows all places beforehand, so it lays nothing out, tags nothing and attaches nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from hashlib import sha256
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

from bench import measure, worlds
from bench.measure import PEAK, Row
from reports import frame, grid, lines, marks
from traceability.domain.records import Record, RecordKind, told
from traceability.services import documents
from traceability.store import Store

LOT = 500
MOST_S = {RecordKind.RELEASE: 1.0, RecordKind.TRACE: 3.0}
NAMES = {RecordKind.RELEASE: "release record", RecordKind.TRACE: "batch trace"}
TIMES = 2.0
MOST_MB = 192

Drawing = Callable[[Any], None]


def link(number: str, version: int) -> str:
    return documents.status_url("https://trace.example.org", number, version)


def rows(folder: Path, *, rounds: int) -> list[Row]:
    base = worlds.founded(folder / "paper", "paper", None)
    worlds.given(base, LOT)
    made = []
    with base.store.read(base.clinic.QUALITY) as view:
        nouns = {
            RecordKind.TRACE: base.clinic.ids["lot"],
            RecordKind.RELEASE: documents.noun_of(view, RecordKind.RELEASE, base.clinic.ids["lot"]),
        }
    for kind, noun_id in nouns.items():
        made += _of_kind(base.store, base.clinic.QUALITY, kind, noun_id, rounds)
    base.close(drop=True)
    return [*made, pages()]


def _of_kind(store: Store, who: Any, kind: RecordKind, noun_id: str, rounds: int) -> list[Row]:
    def whole() -> documents.Drawn:
        return documents.prepare(store, who, kind, noun_id, "en", link)

    first = whole()
    with store.read(who) as view:
        record = documents.KINDS[kind].build(view, noun_id, first.number, first.version)

    def ours() -> bytes:
        return drawn(kind, record, first)

    count, steps = recorded(ours)

    def plain() -> bytes:
        return replayed(steps)

    took = measure.paired({"whole": whole, "plain": plain, "ours": ours}, rounds=rounds, calls=1, warm=1)
    seconds, times = took["whole"].cpu_us / 1e6, measure.ratio(took["plain"].cpu, took["ours"].cpu)
    what = f"{NAMES[kind]} of {LOT} vials, {count} pages"
    return [
        Row(f"{what}: read, drawn, tagged, archived, kept", "",
            f"{seconds:.2f} s of CPU ({took['whole'].wall_us / 1e6:.2f} s)", f"≤ {MOST_S[kind]:.0f} s",
            took["whole"].wall_us / 1e6 <= MOST_S[kind], {"cpu_s": seconds, "pages": count}),
        Row(f"{what}: drawn, tagged, archived", "reportlab putting the same lines, rules and shapes where they stand",
            f"{times:.2f} × ({took['ours'].cpu_us / 1e3:.0f} ms, it {took['plain'].cpu_us / 1e3:.0f} ms)",
            f"≤ {TIMES:.0f} ×", times <= TIMES, {"times": times}),
    ]  # fmt: skip


def drawn(kind: RecordKind, record: Record, like: documents.Drawn) -> bytes:
    """The record as a file for the archive, without database and disk."""
    written = told(record)
    pdf = import_module(documents.KINDS[kind].paper).draw(
        record, language="en", digest=sha256(written.encode()).hexdigest(), checkpoint=like.checkpoint,
        status_url=link(like.number, like.version), renderer=like.renderer,
    )  # fmt: skip
    made: bytes = import_module("reports.archive").archived(pdf, written, at=record.head.as_of, renderer=like.renderer)
    return made


# ── the same pages, without our code ──


def recorded(draw: Callable[[], bytes]) -> tuple[int, list[list[Drawing]]]:
    """How many pages it makes, and what stands on each, as steps for a canvas of reportlab's own."""
    steps: list[list[Drawing]] = []

    def step(canvas: Any, made: Drawing, page: int | None = None) -> None:
        at = canvas.getPageNumber() if page is None else page
        steps.extend([] for _ in range(at - len(steps)))
        steps[at - 1].append(made)

    def show(canvas: Any, style: Any, left: float, top: float, said: list[str], width: float = 0) -> None:
        for at, line in enumerate(said):
            x, y = canvas.absolutePosition(left, top - (at + 1) * style.leading + 0.22 * style.size)
            if style.right:
                step(canvas, _right(style, x + width, y, line.rstrip()))
            else:
                step(canvas, _left(style, x, y, line))
        original_show(canvas, style, left, top, said, width)

    def icon(self: Any, canvas: Any, left: float, bottom: float) -> None:
        x, y = canvas.absolutePosition(left, bottom)
        step(canvas, _shape(self.shape, self.width, x, y))
        original_icon(self, canvas, left, bottom)

    def table(self: Any) -> None:
        top = self.tall
        for row in self.rows:
            top -= row.tall
            x, y = self.canv.absolutePosition(0, top)
            step(self.canv, _rules(x, y, self.columns.rules))
        original_table(self)

    def symbol(self: Any, canvas: Any, top: float) -> None:
        step(canvas, lambda plain: original_symbol(self, plain, top))
        original_symbol(self, canvas, top)

    original_show, original_icon, original_table = lines.show, marks.Icon.at, grid.Grid.draw
    original_symbol = frame._Head._symbol
    with (
        mock.patch.object(lines, "show", show), mock.patch.object(frame, "show", show),
        mock.patch.object(marks.Icon, "at", icon), mock.patch.object(grid.Grid, "draw", table),
        mock.patch.object(frame._Head, "_symbol", symbol),
    ):  # fmt: skip
        draw()
    return len(steps), steps


def _left(style: Any, x: float, y: float, line: str) -> Drawing:
    def draw(canvas: Any) -> None:
        canvas.setFont(style.font, style.size)
        canvas.setFillGray(style.gray)
        canvas.drawString(x, y, line)

    return draw


def _right(style: Any, x: float, y: float, line: str) -> Drawing:
    def draw(canvas: Any) -> None:
        canvas.setFont(style.font, style.size)
        canvas.setFillGray(style.gray)
        canvas.drawRightString(x, y, line)

    return draw


def _shape(shape: str, side: float, x: float, y: float) -> Drawing:
    def draw(canvas: Any) -> None:
        canvas.saveState()
        canvas.translate(x, y + side)
        canvas.scale(side / 24, -side / 24)
        canvas.setFillGray(0)
        canvas.setStrokeGray(1)
        canvas.setLineWidth(2.8)
        marks._SHAPES[shape](canvas)
        canvas.restoreState()

    return draw


def _rules(x: float, y: float, rules: Any) -> Drawing:
    def draw(canvas: Any) -> None:
        canvas.setLineWidth(0.3)
        canvas.setStrokeGray(0.733)
        for begin, end in rules:
            canvas.line(x + begin, y, x + end, y)

    return draw


def replayed(steps: list[list[Drawing]]) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    from reports import fonts

    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, pageCompression=1, initialFontName=fonts.REGULAR)
    for page in steps:
        for draw in page:
            draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


# ── many pages ──

JOB = (
    PEAK
    + """
import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from reports import trace
from reports.archive import archived
from tests.reports import samples
from traceability.domain.records import told
count = int(sys.argv[1])
serials = [f"Q9X{n:06d}MN" for n in range(count)]
vials = (replace(samples.vial(n % 60), serial=one, since=samples.AT + timedelta(minutes=n)) for n, one in enumerate(serials))
record = samples.trace(vials=tuple(vials))
before, written = peak_mb(), told(record)
pdf = archived(trace.draw(record, language="en", digest=sha256(written.encode()).hexdigest(), checkpoint=samples.CHECKPOINT,
                          status_url=samples.STATUS_URL, renderer=samples.RENDERER),
               written, at=samples.AT, renderer=samples.RENDERER)
open(sys.argv[2], "wb").write(pdf)
import pypdfium2
after = peak_mb()
print(json.dumps({"pages": len(pypdfium2.PdfDocument(pdf)), "before": before, "mb": after}))
"""
)


def pages(sizes: tuple[int, int] = (500, 6_000)) -> Row:
    """The most memory that a trace takes, by its pages, in processes of their own."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        few, many = (measure.told(measure.child(JOB, str(size), file.name)) for size in sizes)
    each = (many["mb"] - few["mb"]) / (many["pages"] - few["pages"])
    return Row(
        f"batch trace of {many['pages']} pages in one process", f"one of {few['pages']}",
        f"{many['mb']:.0f} MB at most, {few['mb']:.0f} MB: {each:.2f} MB a page", f"≤ {MOST_MB} MB", many["mb"] <= MOST_MB,
        {"pages": [few["pages"], many["pages"]], "mb": [few["mb"], many["mb"]]},
    )  # fmt: skip
