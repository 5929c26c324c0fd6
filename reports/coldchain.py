"""Cold-chain records: a shipment, a place over a month, a vial. The drawing first, then who measured it, what was out, who decided."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.platypus import Flowable

from reports import page, sections, terms
from reports.page import Cell, Mark
from reports.plot import Drawing
from reports.sections import Checkpoint, Section
from reports.words import DASH, Words, grouped
from traceability.domain.plots import Plot
from traceability.domain.records import ColdChainRecord, ConcernedPart, ExcursionPart, SensorPart, VialRecord
from traceability.domain.thermal import StayTold, Thermal

MOST_ROWS, FEW = 70, 8


def draw(
    record: ColdChainRecord | VialRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:  # fmt: skip
    """PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    _ = Words(language, record.plot.zone)
    title, subject = _titled(_, record)
    frame = sections.sheet(
        _, record.head, title, subject, digest=digest, checkpoint=checkpoint, status_url=status_url
    )  # fmt: skip
    body = _of_vial(_, record) if isinstance(record, VialRecord) else _of_place(_, record)
    body.append(sections.signatures(_, record.signatures))
    body.append(sections.proof(_, digest, checkpoint, renderer))
    return page.draw(frame, [_answer(_, record), *sections.numbered(body)])


def _titled(_: Words, record: ColdChainRecord | VialRecord) -> tuple[str, str]:
    if isinstance(record, VialRecord):
        told = record.thermal
        named = (
            _("Vial %(serial)s", serial=told.serial),
            _("Batch (lot) %(lot)s, %(product)s", lot=told.lot, product=told.product),
        )
        return _("Cold chain of a vial"), ", ".join(named)
    if record.consignment is not None:
        box = record.consignment
        return _("Cold chain of a shipment"), f"{box.number}, SSCC {box.sscc}, {box.sender} → {box.receiver}"
    kind = terms.place_kind(_, record.place_kind)
    named = record.name if kind.lower() in record.name.lower() else f"{kind} {record.name}"
    return _("Cold chain of a place"), f"{named}, {_.span(record.plot.since, record.plot.until)}"


# ── the answer first ──


def _answer(_: Words, record: ColdChainRecord | VialRecord) -> Flowable:
    plot = record.plot
    least = _("least %(low)s, most %(high)s", low=_.celsius(plot.low_mc), high=_.celsius(plot.high_mc))
    told = least if plot.low_mc is not None else _("Nothing was read.")
    lost = [one for one in plot.unknown if one.reason != "not_read_yet"]
    if plot.outs:
        open_ = isinstance(record, ColdChainRecord) and any(one.left for one in record.excursions)
        parts = [_("%(n)s × out of limits", n=_.number(len(plot.outs))), told]
        parts += [_("QA has not decided on every vial")] if open_ else []
        return page.decision("stop", _("OUT OF LIMITS"), "; ".join(parts))
    if lost or (isinstance(record, VialRecord) and not record.thermal.known):
        return page.decision("ask", _("NOT KNOWN THROUGHOUT"), told)
    if plot.limits is None:
        return page.decision("none", _("NOTHING LAY HERE"), told)
    if plot.low_mc is None and plot.assumed:
        return page.decision("none", _("ASSUMED, NOT MEASURED"), told)
    return page.decision("ok", _("IN LIMITS"), told)


# ── a shipment, a place ──


def _of_place(_: Words, record: ColdChainRecord) -> list[Section]:
    vials: list[tuple[Cell, ...]] = []
    for lain in record.vials:
        vials += sections.shared(lain.serials, 3, (lain.lot, lain.product, _.number(len(lain.serials))))
    there: list[Flowable] = [page.note(_("Nothing lay here."))]
    if vials:
        head = [_("Batch (lot)"), _("Product"), _("Vials"), _("Serial")]
        there = [page.table(head, vials, [2.6, 4, 1.4, 9], numeric=[2])]
    concerned: list[tuple[Cell, ...]] = []
    for one in record.excursions:
        concerned += sections.shared(one.serials, 4, (*_excursion(_, one.excursion), _open(_, one)))
    out: list[Flowable] = [page.note(_("None."))]
    if concerned:
        head = [_("Number"), _("When"), _("Furthest"), _("Limits"), _("Vials there"), _("QA")]
        out = [
            page.table(head, concerned, [1.5, 3.6, 1.9, 2.5, 4.6, 3], numeric=[2]),
            *sections.disposed(_, record.disposed),
        ]
    return [
        _drawing(_, record.plot),
        _sensors(_, record.sensors, mkt_applies=record.mkt_applies),
        (_("Excursions and decisions"), out),
        _unknown(_, record.plot),
        _figures(_, record.plot),
        (_("Vials that were there"), there),
    ]


def _open(_: Words, one: ConcernedPart) -> Mark:
    if not one.left:
        return Mark("ok", _("decided"))
    if one.left == one.serials:
        return Mark("ask", _("still open"))
    named = ", ".join(one.left) if len(one.left) <= FEW else _("%(n)s vials", n=_.number(len(one.left)))
    return Mark("ask", _("open: %(serials)s", serials=named))


def _excursion(_: Words, one: ExcursionPart) -> tuple[str, ...]:
    return one.number, _.span(one.since, one.until), _.celsius(one.peak_mc), _.band(one.low_limit_mc, one.high_limit_mc)


# ── a vial ──


def _of_vial(_: Words, record: VialRecord) -> list[Section]:
    told = record.thermal
    out: list[Flowable] = [page.note(_("None."))]
    if record.excursions:
        rows = [(*_excursion(_, one), one.place) for one in record.excursions]
        head = [_("Number"), _("When"), _("Furthest"), _("Limits"), _("Place")]
        out = [page.table(head, rows, [1.7, 4.5, 2, 3, 5], numeric=[2]), *sections.disposed(_, record.disposed)]
    return [
        _drawing(_, record.plot),
        _left(_, told),
        (_("Where it was, and what that was judged by"), [_stays(_, told)]),
        (_("Excursions and decisions"), out),
        _unknown(_, record.plot),
        _sensors(_, record.sensors, mkt_applies=told.mkt.value_mc is not None),
    ]


def _left(_: Words, told: Thermal) -> Section:
    """Time out of storage, clocks, and the mean kinetic temperature or why it does not apply."""
    clock = _("not thawed")
    if told.clock is not None:
        clock = _("began %(moment)s", moment=_.moment(told.clock.since))
        if told.clock.until is not None:
            clock += ", " + _("to be used by %(moment)s", moment=_.moment(told.clock.until))
    if told.mkt.value_mc is not None:
        supports = _("speaks for use") if told.mkt.supports else _("does not speak for use")
        mkt = f"{_.celsius(_tenths(told.mkt.value_mc))}, {supports}"
    else:
        mkt = _("not applicable, %(why)s", why=terms.no_mkt(_, str(told.mkt.why_not)))
    known = _("known throughout")
    if not told.known:
        known = _("known through %(moment)s", moment=_.moment(told.unknown_since))
        known += ": " + ", ".join(terms.reason(_, code) for code in told.reasons)
    used = _("%(used)s used of %(allowed)s", used=_.duration(told.used_s), allowed=_.duration(told.budget_s))
    rows: list[tuple[str, Cell]] = [
        (_("Storage"), _.band(told.limits.low_mc, told.limits.high_mc)),
        (_("Custody"), terms.custody(_, told.custody)),
        (_("Temperature"), known),
        (_("Out of storage"), used + "; " + _("%(time)s left", time=_.duration(told.left_s))),
        *(
            (
                _("Warmer than %(limit)s", limit=_.celsius(band.threshold_mc, 0))
                if band.direction == "above"
                else _("Colder than %(limit)s", limit=_.celsius(band.threshold_mc, 0)),
                _("%(used)s used of %(allowed)s", used=_.duration(band.used_s), allowed=_.duration(band.allowed_s)),
            )
            for band in told.bands
        ),
        (_("Thawing"), clock),
        ("MKT", mkt),
    ]
    return _("What it has left"), [page.pairs(rows)]


def _stays(_: Words, told: Thermal) -> Flowable:
    rows = [
        (
            one.place,
            _.span(one.since, one.until),
            _judged_by(_, one),
            _.scaled(one.low_mc, 1) if one.low_mc is not None else DASH,
            _.scaled(one.high_mc, 1) if one.high_mc is not None else DASH,
            _found(_, one),
        )
        for one in told.stays
    ]
    head = [_("Place"), _("From, to"), _("Judged by"), "Min °C", _("Max °C"), _("Judged")]
    return page.table(head, rows, [3.2, 3.8, 3.8, 1.6, 1.6, 3.8], numeric=[3, 4])


def _judged_by(_: Words, one: StayTold) -> str:
    said = [terms.judged_by(_, str(by)) for by in one.by]
    if one.sensors:
        said[0] += f" {', '.join(one.sensors)}"
    if one.band is not None:
        low, high, longest = one.band
        said = [_("assumed %(band)s for up to %(time)s", band=_.band(low, high), time=_.duration(longest))]
    return ", ".join(said)


def _found(_: Words, one: StayTold) -> Mark:
    told = [", ".join(one.excursions)] if one.excursions else []
    if one.out_s:
        told.append(_("out for %(time)s", time=_.duration(one.out_s)))
    if one.unknown_s:
        told.append(_("unknown for %(time)s", time=_.duration(one.unknown_s)))
    if not told:
        return terms.judged(_, "assumed" if one.band else "in_limits")
    return Mark("stop" if one.excursions or one.out_s else "ask", ", ".join(told))


# ── what all share ──


def _drawing(_: Words, plot: Plot) -> Section:
    """One drawing, and the few figures of it."""
    lost = sum(int((one.until - one.since).total_seconds()) for one in plot.unknown if one.reason != "not_read_yet")
    rows: list[tuple[str, Cell]] = [
        (_("From, to"), _.span(plot.since, plot.until)),
        (_("Limits"), _.band(plot.limits.low_mc, plot.limits.high_mc) if plot.limits else _("none")),
        (_("Least, most"), f"{_.celsius(plot.low_mc)}, {_.celsius(plot.high_mc)}"),
        (_("Unknown"), _.duration(lost) if lost else _("nothing")),
    ]
    points = _("Every reading is drawn.")
    if plot.bucket_s:
        points = _("Each point is every reading of %(time)s: least and most.", time=_.duration(plot.bucket_s))
    more = [page.note(points)] if plot.worst else []
    return _("What was measured"), [page.pairs(rows), Drawing(_, plot), *more]


def _sensors(_: Words, sensors: Sequence[SensorPart], *, mkt_applies: bool) -> Section:
    title = _("Sensors and their files")
    if not sensors:
        return title, [page.note(_("No sensor measured here."))]
    rows = [
        (
            one.serial,
            "\n".join(
                _("%(certificate)s, due %(day)s", certificate=told.certificate, day=_.day(told.valid_until))
                for told in one.calibrations
            )
            or _("not calibrated"),
            _.number(one.readings),
            *(DASH if mc is None else _.scaled(_tenths(mc), 1) for mc in (one.min_mc, one.max_mc, one.mean_mc)),
            DASH if one.mkt_mc is None else _.scaled(_tenths(one.mkt_mc), 1),
            _("%(n)s, %(time)s", n=_.number(one.gaps), time=_.duration(one.gap_s)) if one.gaps else _("none"),
        )
        for one in sensors
    ]
    head = [_("Sensor"), _("Calibration"), _("Readings"), "Min °C", _("Max °C"), _("Mean °C"), "MKT °C", _("Gaps")]
    flow: list[Flowable] = [page.table(head, rows, [3.2, 3.9, 2.2, 1.5, 1.7, 2.0, 1.7, 2.2], numeric=[2, 3, 4, 5, 6])]
    if not mkt_applies:
        flow.append(page.note(_("Mean kinetic temperature: not applicable.")))
    files = [(one.serial, file) for one in sensors for file in one.files]
    if files:
        told = [
            (serial, _.span(file.first, file.last), _.number(file.readings), grouped(file.sha256, 8))
            for serial, file in files
        ]
        flow.append(
            page.table(
                [_("Sensor"), _("File, from, to"), _("Readings"), "SHA-256"], told, [3, 4.4, 2.2, 7.8], numeric=[2]
            )
        )
    return title, flow


def _tenths(mc: int) -> int:
    """What was computed is printed to a tenth; what was read, as it was read, has no more."""
    return (mc + 50) // 100 * 100 if mc % 100 else mc


def _unknown(_: Words, plot: Plot) -> Section:
    spans = [(one.since, one.until, terms.reason(_, one.reason)) for one in plot.unknown]
    spans += [
        (band.since, band.until, _("assumed %(band)s", band=_.band(band.low_mc, band.high_mc))) for band in plot.assumed
    ]
    rows = [
        (_.span(since, until), _.duration(int((until - since).total_seconds())), why)
        for since, until, why in sorted(spans)
    ]
    if not rows:
        return _("Gaps, unknown and assumed time"), [page.note(_("None."))]
    return _("Gaps, unknown and assumed time"), [page.table([_("From, to"), _("Time"), _("Why")], rows, [7, 4, 7])]


def _figures(_: Words, plot: Plot) -> Section:
    rows = [
        (
            _.moment(row.since),
            DASH if row.low_mc is None else _.scaled(row.low_mc, 1),
            DASH if row.high_mc is None else _.scaled(row.high_mc, 1),
            _.number(row.n),
            terms.judged(_, str(row.judged)),
        )
        for row in plot.rows[:MOST_ROWS]
    ]
    return _("In figures"), [
        page.table(
            [_("From"), "Min °C", _("Max °C"), _("Readings"), _("Judged")],
            rows,
            [5, 2.4, 2.4, 2.4, 4],
            numeric=[1, 2, 3],
        )
    ]
