"""The patient's card: one sheet with a card of the size of a bank card (ISO/IEC 7810 ID-1), two sides beside each other.

It is cut out along the line and folded. Who carries it is written by hand: no name stands in a record.
"""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether

from reports import frame as sheets
from reports import page, sections, terms
from reports.lines import Style
from reports.lines import Words as Told
from reports.sections import Checkpoint, Section
from reports.tags import Tagged
from reports.words import DASH, Words
from traceability.domain.records import CardDose, CardRecord

WIDE, TALL = 85.6 * mm, 54 * mm
INSIDE, QR = 4 * mm, 15 * mm
NAME, LINE, FINE = Style(9.5, bold=True, spacing=1.25), Style(7.5, spacing=1.3), Style(7, spacing=1.25, gray=0.267)
HAND = Style(7.5, spacing=2.1)
"""So high that a pen fits between the lines."""
BOLD = Style(7.5, bold=True, spacing=1.3)
MOST = 8
"""So many vials stand on the card, the newest; how many came before is said."""


def draw(
    record: CardRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:
    """PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    _ = Words(language, record.head.zone)
    side = terms.knee(_, record.joint, record.laterality)
    frame = sections.sheet(
        _, record.head, _("Patient’s card"), f"{record.pseudonym}, {side}",
        digest=digest, checkpoint=checkpoint, status_url=status_url,
    )  # fmt: skip
    card = Card(
        _front(_, record, side), _back(_, record), status_url, _("QR code that leads to whether this card is current")
    )
    told = page.note(
        _("Print at full size. Cut along the line, fold in the middle, write name and telephone number by hand.")
    )
    body: list[Section] = [
        (_("To cut out"), [KeepTogether([card]), told]),
        sections.proof(_, digest, checkpoint, renderer),
    ]
    return page.draw(frame, sections.numbered(body))


def _front(_: Words, record: CardRecord, side: str) -> list[Told]:
    house = ", ".join(
        filter(
            None, (record.head.organisation, record.head.site if record.head.site != record.head.organisation else "")
        )
    )
    known = (
        f"{record.head.number}, {record.head.version}", _.day(record.head.as_of), _("DEMONSTRATION") if record.head.demonstration else "",
    )  # fmt: skip
    planned = len({one.k for one in record.given if one.k is not None})
    others = len({(one.k, one.given_at) for one in record.given}) - planned
    told = {"side": side, "n": planned, "total": record.doses}
    return [
        Told(_("Patient’s card"), NAME),
        Told(house, BOLD),
        Told(", ".join(record.products), LINE),
        Told(
            _("%(side)s, %(n)s of %(total)s doses; other injections: %(others)s", **told, others=others)
            if others
            else _("%(side)s, %(n)s of %(total)s doses", **told),
            BOLD,
        ),
        Told(_("Known there as %(pseudonym)s", pseudonym=record.pseudonym), LINE),
        Told(_("Name: %(line)s", line="_" * 30), HAND),
        Told(_("Call: %(line)s", line="_" * 30), HAND),
        Told(
            _("Show this card to whoever treats you. Call if the knee swells, reddens or hurts more, or with fever."),
            FINE,
        ),
        Told(" · ".join(filter(None, known)), FINE),
    ]


def _back(_: Words, record: CardRecord) -> list[Told]:
    astray = record.elsewhere[-MOST // 2 :]
    shown = record.given[-(MOST - (len(astray) + 1 if astray else 0)) :]
    lines = [Told(_("Given into this knee"), NAME), *(Told(_dose(_, one), LINE) for one in shown)]
    if not shown:
        lines.append(Told(_("Nothing yet."), LINE))
    if before := len(record.given) - len(shown):
        lines.append(Told(_("%(n)s before these are on record.", n=_.number(before)), FINE))
    if astray:
        lines.append(Told(_("Planned for this knee, given into another"), BOLD))
        lines += [Told(f"{terms.knee(_, record.joint, one.laterality)}: {_dose(_, one)}", LINE) for one in astray]
    if before := len(record.elsewhere) - len(astray):
        lines.append(Told(_("%(n)s before these are on record.", n=_.number(before)), FINE))
    return lines


def _dose(_: Words, one: CardDose) -> str:
    k = DASH if one.k is None else _.number(one.k)
    lot = _("lot %(number)s", number=one.lot or DASH)
    return "  ".join((k, _.day(one.given_at), lot, one.serial, _.millilitres(one.given_ul)))


class Card(Flowable):
    """Both sides, read one after the other; the outline is where to cut, the broken line where to fold."""

    def __init__(self, front: Sequence[Told], back: Sequence[Told], url: str, alternative: str) -> None:
        super().__init__()
        self.sides, self.code, self.alternative = (front, back), sheets.rows(url), alternative
        self.spaceBefore = self.spaceAfter = 4 * mm

    def wrap(self, width: float, *_: float) -> tuple[float, float]:
        self.width, self.height = width, TALL
        return width, TALL

    def draw(self) -> None:
        canvas: Tagged = self.canv
        with canvas.artifact():
            canvas.setLineWidth(0.5)
            canvas.rect(0, 0, 2 * WIDE, TALL)
            canvas.setDash(2, 2)
            canvas.line(WIDE, 0, WIDE, TALL)
            canvas.setDash()
        for at, lines in enumerate(self.sides):
            node, left, top = canvas.here.add("Div"), at * WIDE + INSIDE, TALL - INSIDE
            free = WIDE - 2 * INSIDE
            for one in lines:
                beside = at == 0 and top - 2 * one.leading > TALL - INSIDE - QR  # the first lines end before the symbol
                one.measure(free - (QR + 2 * mm if beside or (at == 0 and top > TALL - INSIDE - QR) else 0))
                one.paint(canvas, left, top, node.add("P"))
                top -= one.tall + 0.6 * mm
            if at == 0:
                corner = (WIDE - INSIDE - QR, TALL - INSIDE - QR)
                figure = canvas.figure(node, self.alternative, *corner, QR, QR)
                with canvas.mark(figure):
                    sheets.symbol(canvas, self.code, corner[0], corner[1] + QR, QR)
