"""Contingency sheets: a page a dose. What is known beforehand stands there; times, volumes and names are written by hand (R45)."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak

from reports import frame as sheets
from reports import page, sections, terms
from reports.blanks import Blanks, Box
from reports.lines import Style
from reports.lines import Words as Told
from reports.page import Cell
from reports.sections import Checkpoint, Section
from reports.tags import Tagged
from reports.words import Words
from traceability.domain.records import ContingencyRecord, SheetPart
from traceability.domain.rules import Severity

QR = 24 * mm


def draw(
    record: ContingencyRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:
    """PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    _ = Words(language, record.head.zone)
    frame = sections.sheet(
        _, record.head, _("Contingency sheets"), ", ".join((record.site, _.day(record.day))),
        digest=digest, checkpoint=checkpoint, status_url=status_url,
    )  # fmt: skip
    base = status_url.rpartition("/d/")[0]
    body = [_sheet(_, one, base) for one in record.sheets] or [_nothing(_)]
    return page.draw(frame, sections.numbered([*body, sections.proof(_, digest, checkpoint, renderer)]))


def _nothing(_: Words) -> Section:
    return _("Doses"), [page.note(_("No dose is planned for this day."))]


def _sheet(_: Words, one: SheetPart, base: str) -> Section:
    title = ", ".join(
        (one.pseudonym, terms.knee(_, one.joint, one.laterality), _("dose %(k)s of %(n)s", k=one.k, n=one.doses))
    )
    rows: list[tuple[str, Cell]] = [
        (_("Planned"), _.day(one.due)),
        (_("Ordered"), _ordered(_, one)),
        (_("Product"), one.product),
        (_("Volume"), _volume(_, one)),
        (_("Protocol"), one.protocol),
        (_("Watched for"), _("%(n)s minutes", n=_.number(one.observation_min))),
    ]
    if not one.vials:
        rows.append((_("Vial"), _("none is kept")))
    elif len(one.vials) == 1:
        (vial,) = one.vials
        rows += [
            (_("Vial"), vial.serial),
            (_("Lot"), vial.lot),
            (_("Expires"), _.day(vial.expires)),
            (_("Code"), vial.code),
        ]
    else:
        for k, vial in enumerate(one.vials, 1):
            named = ", ".join((vial.serial, vial.lot, _("expires %(day)s", day=_.day(vial.expires))))
            rows += [(_("Vial %(k)s of %(n)s", k=k, n=len(one.vials)), named), (_("Code"), vial.code)]
    told: list[Flowable] = [
        *([_against(_, one)] if one.against else []),
        page.pairs(rows),
        Entry(
            _("Enter it here as soon as the system is back: when it happened, when it is entered, why on paper, who saw it."),
            base + one.entry, _("QR code that leads to the page on which this dose is entered afterwards"),
        ),
        *(Blanks(boxes, tall) for tall, boxes in _boxes(_, _takes(one))),
        page.note(_("What was given is always entered, whatever rule it broke. A box that nobody filled in is not reported.")),
        PageBreak(),
    ]  # fmt: skip
    return title, told


def _volume(_: Words, one: SheetPart) -> str:
    """What the dose takes, and of how many vials: none of several is given for the whole."""
    whole = _.millilitres(one.volume_ul)
    if one.vials and one.lacks_ul:
        return _(
            "%(volume)s. Too little is kept: %(lacks)s are missing", volume=whole, lacks=_.millilitres(one.lacks_ul)
        )
    return _("%(volume)s, from all %(n)s vials", volume=whole, n=len(one.vials)) if len(one.vials) > 1 else whole


def _takes(one: SheetPart) -> int:
    """For how many vials there is room to write: those that are kept, and one more where they hold too little."""
    return max(1, len(one.vials) + bool(one.lacks_ul))


def _against(_: Words, one: SheetPart) -> Flowable:
    """What stood against it when it was printed, before everything else: whoever reads this has nothing else to ask."""
    stops = any(each.severity is Severity.STOP for each in one.against)
    rules = "; ".join(dict.fromkeys(terms.rule(_, each.code) for each in one.against))
    word = _("DO NOT GIVE AS PLANNED") if stops else _("ASK QA FIRST")
    return page.decision("stop" if stops else "ask", word, _("Not met when printed: %(rules)s", rules=rules))


def _ordered(_: Words, one: SheetPart) -> str:
    if one.verified:
        return _("ordered and verified")
    return _("ordered, not verified") if one.ordered else _("not ordered")


def _boxes(_: Words, vials: int) -> list[tuple[float, list[Box]]]:
    """Rows of boxes: how high in mm, and what belongs into each; for each vial that the dose takes its code and its thaw."""
    # a dose of two is signed on the page that names them
    low, high = (13.0, 22.0) if vials == 1 else (9.5, 14.0)
    return [
        (low, [(_("Wristband read, and two things said that agree"), 3), (_("Knee that was injected: right or left"), 2)]),
        *[(low, [(_("Code of the vial, as on its label"), 3), (_("Thawed from (date, time)"), 2)])] * vials,
        (low, [(_("Looked at: clear, without particles, whole"), 3), (_("Pain before, 0 to 10"), 2)]),
        (low, [(_("Injected at (date, time, zone)"), 2), (_("Withdrawn, mL"), 1), (_("Given, mL"), 1), (_("Discarded, mL"), 1)]),
        (low, [(_("Guidance, approach, needle, skin"), 3), (_("Aspirated first, mL"), 1), (_("Given with it"), 2)]),
        (low, [(_("Watched from"), 1), (_("to"), 1), (_("Reaction: none, or what was seen"), 3), (_("Pain after, 0 to 10"), 1)]),
        (low, [(_("Why on paper"), 1)]),
        (high, [(_("Injected by: name, signature, date, time"), 1), (_("Seen by: name, signature, date, time"), 1)]),
        (low, [(_("Entered afterwards by: name, date, time"), 2), (_("Number of the entry"), 1)]),
    ]  # fmt: skip


class Entry(Flowable):
    """The code that opens the late entry of this dose, and what to do there."""

    TEXT = Style(9, spacing=1.3)

    def __init__(self, said: str, url: str, alternative: str) -> None:
        super().__init__()
        self.said, self.url, self.alternative = Told(said, self.TEXT), url, alternative
        self.code = sheets.rows(url)
        self.spaceBefore = self.spaceAfter = 2.5 * mm

    def wrap(self, width: float, *_: float) -> tuple[float, float]:
        self.said.measure(width - QR - 5 * mm)
        self.width, self.height = width, max(QR, self.said.tall)
        return self.width, self.height

    def draw(self) -> None:
        canvas: Tagged = self.canv
        figure = canvas.figure(canvas.here.add("P"), self.alternative, 0, self.height - QR, QR, QR)
        with canvas.mark(figure):
            sheets.symbol(canvas, self.code, 0, self.height, QR)
        self.said.paint(canvas, QR + 5 * mm, self.height / 2 + self.said.tall / 2, canvas.here.add("P"))
