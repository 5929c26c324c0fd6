"""Sections that several records share: product, papers, custody, stops, changes, signatures, proof. Which record has which, not here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from reportlab.platypus import Flowable, KeepTogether

from reports import meanings, page, terms
from reports.page import Cell, Mark, Sheet
from reports.words import DASH, Words, grouped
from traceability.domain.records import (
    BudgetPart,
    CasePart,
    Certified,
    Change,
    DisposedPart,
    ExcursionPart,
    Head,
    LotPart,
    Paper,
    ProductPart,
    Signed,
    StayPart,
    StopPart,
)

Section = tuple[str, list[Flowable]]
Checkpoint = Mapping[str, Any]
"""As the ledger makes it: origin, ledger, size, root, at, signature, key."""


def sheet(
    _: Words, head: Head, title: str, subject: str, *, digest: str, checkpoint: Checkpoint, status_url: str
) -> Sheet:
    """What stands on every page. The checkpoint's size and root are whole here, its signature in the last section."""
    replaces = _(", replaces %(version)s", version=head.version - 1) if head.version > 1 else ""
    return Sheet(
        language=_.language,
        site=", ".join(part for part in (head.organisation, head.site) if part),
        title=title,
        subject=subject,
        number=head.number,
        version=f"{head.version}{replaces}",
        data_as_of=_.moment(head.as_of),
        status_url=status_url,
        digest=digest,
        checkpoint=_(
            "Checkpoint %(size)s entries, root %(root)s", size=_.number(checkpoint["size"]), root=checkpoint["root"]
        ),
        seal=seal(_, head),
        sealed_by=head.seal.name if head.seal else None,
        demonstration=head.demonstration,
    )


def seal(_: Words, head: Head) -> str:
    """Whether the file carries the site's electronic seal. One without a certificate says so; it is never called signed."""
    if head.seal is None:
        return _("No electronic seal: this site has no certificate.")
    if head.seal.stamped_by is None:
        return _("Electronic seal: %(name)s, without time stamp.", name=head.seal.name)
    return _(
        "Electronic seal: %(name)s, time stamp by %(authority)s.", name=head.seal.name, authority=head.seal.stamped_by
    )


def numbered(sections: Iterable[Section]) -> list[Flowable]:
    flow: list[Flowable] = []
    for number, (title, body) in enumerate(sections, 1):
        heading = page.section(number, title)
        if body and isinstance(body[0], KeepTogether):  # boxes do not break: their heading goes with them
            flow += [KeepTogether([heading, *body[0]._content]), *body[1:]]
        else:
            flow += [heading, *body]
    return flow


def table(
    _: Words,
    head: Sequence[str],
    rows: Sequence[tuple[Sequence[Cell], bool]],
    widths: Sequence[float],
    *,
    numeric: Iterable[int] = (),
) -> list[Flowable]:
    """A table of rows of which some are demonstration data; where all are, one line says so."""
    every = bool(rows) and all(invented for _row, invented in rows)
    told = []
    for row, invented in rows:
        cells = list(row)
        if invented and not every:
            cells[0] = f"{cells[0]}" + _(" (demonstration)")
        told.append(cells)
    body: list[Flowable] = [page.table(head, told, widths, numeric=numeric)]
    return [*body, page.note(_("All rows of this table are demonstration data."))] if every else body


def product_and_lot(
    _: Words, product: ProductPart, lot: LotPart, certified: Certified | None, *more: tuple[str, Cell]
) -> Section:
    """What it is. A lot whose certificate the hospital copied never reads "certified"."""
    state = terms.lot(_, lot.state)
    if certified is not None and certified.transcribed and lot.state == "certified":
        state = _("transcribed by the hospital")
    earlier = _(" (before: %(dates)s)", dates=", ".join(map(_.day, lot.expired_before))) if lot.expired_before else ""
    rows: list[tuple[str, Cell]] = [
        (_("Product"), f"{product.name}, {_.millilitres(product.volume_ul)}"),
        (_("Strength"), _.told(product.strength)),
        (_("Batch (lot)"), lot.number),
        ("GTIN", product.gtin),
        (_("Made"), _.day(lot.made_on)),
        (_("Expires"), _.day(lot.expires) + earlier),
        (_("Legal route"), _route(_, lot)),
        (_("State of the lot"), state),
        *more,
        (_("Storage"), _storage(_, product)),
        (_("Out of storage"), _("%(time)s allowed", time=_.duration(product.budget_s))),
    ]
    return _("Product and lot"), [page.pairs(rows)]


def _route(_: Words, lot: LotPart) -> str:
    return f"{terms.route(_, lot.route)}, {lot.route_number}" if lot.route_number else terms.route(_, lot.route)


def _storage(_: Words, product: ProductPart) -> str:
    parts = [_.band(product.low_mc, product.high_mc)]
    if product.thaw_s is not None:
        parts.append(_("use within %(time)s of thawing", time=_.duration(product.thaw_s)))
    if product.in_use_s is not None:
        parts.append(_("in use %(time)s", time=_.duration(product.in_use_s)))
    if product.freeze_sensitive:
        parts.append(_("do not freeze"))
    return ", ".join(parts)


def maker(_: Words, name: str, papers: Sequence[Paper], certified: Certified | None) -> Section:
    rows = [((terms.paper(_, one.kind), *_paper(_, one)), one.demonstration) for one in papers]
    body: list[Flowable] = [page.pairs([(_("Name"), name)], columns=1)]
    if rows:
        head = [_("Paper"), _("Number and issuer"), _("Scope"), _("Valid"), _("Lot made inside")]
        body += table(_, head, rows, [2.4, 4.4, 2.6, 3.6, 2.4])
    else:
        body.append(page.note(_("No certificate and no licence on file.")))
    return _("Manufacturer"), [*body, page.note(_word(_, certified))]


def _paper(_: Words, one: Paper) -> tuple[Cell, ...]:
    valid = f"{_.day(one.valid_from)} – {_.day(one.valid_until)}"
    if one.valid_from is None and one.valid_until is None:
        valid = _("not reported")
    for told in one.suspensions:
        valid += "\n" + _("suspended from %(day)s", day=_.day(told.since))
        if told.until is not None:
            valid += " " + _("through %(day)s", day=_.day(told.until))
    inside = {True: Mark("ok", _("yes")), False: Mark("stop", _("no")), None: Mark("ask", _("Unknown"))}
    return f"{one.number}\n{one.issuer}", one.scope, valid, inside[one.covers_making]


def _word(_: Words, certified: Certified | None) -> str:
    if certified is None:
        return _("Nobody has certified this lot.")
    day, files = _.day(certified.on), _.listed(certified.files)
    if certified.transcribed:
        said = _("Transcribed by the hospital on its own responsibility, not certified here by the maker.")
        said += " " + _(
            "The maker's certificate is of %(day)s: “%(statement)s”", day=day, statement=certified.statement
        )
    else:
        said = _("Certified by the maker on %(day)s: “%(statement)s”", day=day, statement=certified.statement)
    return said + " " + _("Certificate of analysis: %(files)s.", files=files)


def custody(_: Words, stays: Sequence[StayPart], product: ProductPart) -> list[Flowable]:
    """Where vials were and what was measured there; an unwatched place says so."""
    if not stays:
        return [page.note(_("No stay on record."))]
    head = [_("Place"), _("From, to"), _("Vials"), _("Watched by"), "Min °C", _("Max °C"), _("Judged")]
    rows = [
        (
            one.place,
            _.span(one.since, one.until),
            _.number(one.vials),
            _watch(_, one),
            _extreme(_, one, 0),
            _extreme(_, one, 1),
            _judged(_, one, product),
        )
        for one in stays
    ]
    return [
        page.table(head, rows, [3.85, 3.4, 1.1, 3.95, 1.4, 1.4, 2.5], numeric=[2, 4, 5]),
        *_files(_, stays, product),
    ]


def _watch(_: Words, one: StayPart) -> str:
    told = []
    for logger in one.loggers:
        gaps = _("%(n)s gaps, %(time)s without reading", n=_.number(logger.gaps), time=_.duration(logger.gap_s))
        told.append(
            _(
                "logger %(serial)s, %(n)s readings, %(gaps)s",
                serial=_.told(logger.serial),
                n=_.number(logger.readings),
                gaps=gaps if logger.gaps else _("no gap"),
            )
        )
    named = [logger.serial for logger in one.loggers]
    told += [_("sensor %(serial)s", serial=serial) for serial in one.sensors if serial not in named]
    if one.read is not None:
        told.append(_("%(n)s readings by hand", n=_.number(one.read[0])))
    if one.assumed is not None and not told:
        low, high, longest = one.assumed
        told.append(_("assumed %(band)s for up to %(time)s", band=_.band(low, high), time=_.duration(longest)))
    return "\n".join(told) or _("nothing")


def _extreme(_: Words, one: StayPart, side: int) -> str:
    measured = [one.measured] if one.measured else [(logger.min_mc, logger.max_mc) for logger in one.loggers]
    measured += [one.read[1:]] if one.read is not None else []
    if not measured:
        return DASH
    return _.scaled(min(low for low, _high in measured) if side == 0 else max(high for _low, high in measured), 1)


def _judged(_: Words, one: StayPart, product: ProductPart) -> Mark:
    if one.excursions:
        return Mark("stop", ", ".join(one.excursions))
    if any(logger.gaps for logger in one.loggers):
        return Mark("ask", _("Gap"))
    if one.loggers or one.sensors or one.read is not None:
        return Mark("ok", _("In limits"))
    if one.assumed is not None:
        low, high, _longest = one.assumed
        inside = product.low_mc <= low and high <= product.high_mc
        return Mark("warn", _("Assumed")) if inside else Mark("warn", _("Counted as out"))
    return Mark("ask", _("Unknown"))


def _files(_: Words, stays: Sequence[StayPart], product: ProductPart) -> list[Flowable]:
    """Each logger's file once: its means, and the digest under which the file itself is kept."""
    loggers = {logger.sha256: logger for one in stays for logger in one.loggers}.values()
    if not loggers:
        return []
    rows = [
        (
            _.told(one.serial),
            _.celsius(one.mean_mc, 3),
            _.celsius(one.mkt_mc, 3) if product.mkt_applies else _("not applicable"),
            grouped(one.sha256, 8),
        )
        for one in loggers
    ]
    head = [_("Logger"), _("Mean"), _("Mean kinetic temperature"), _("SHA-256 of the file")]
    return [page.table(head, rows, [3, 2, 3, 8])]


AT_ONCE = 24


def shared(serials: Sequence[str], at: int, cells: Sequence[Cell]) -> list[tuple[Cell, ...]]:
    """A row of many vials in as many rows as a page can break: what is said of all of them stands in the first."""
    parts = [", ".join(serials[n : n + AT_ONCE]) for n in range(0, len(serials), AT_ONCE)] or [DASH]
    empty = [""] * len(cells)
    return [
        (*(cells if n == 0 else empty)[:at], part, *(cells if n == 0 else empty)[at:]) for n, part in enumerate(parts)
    ]


def budgets(_: Words, told: Sequence[BudgetPart]) -> list[Flowable]:
    """How far each vial's temperature is known, and what is left of its time out of storage; vials alike share a row."""
    rows: list[tuple[Cell, ...]] = []
    for one in told:
        known = Mark("ok", _("known"))
        if one.reasons:
            known = Mark("ask", ", ".join(terms.reason(_, code) for code in one.reasons))
        left = _.duration(one.used_s), _.duration(one.left_s)
        rows += shared(one.serials, 0, (_.moment(one.cleared_through), known, *left))
    if not rows:
        return []
    head = [_("Vials"), _("Cleared through"), _("Temperature"), _("Used"), _("Left")]
    return [page.table(head, rows, [6.4, 3.3, 3.6, 2.1, 2.2], numeric=[3, 4])]


def disposed(_: Words, told: Sequence[DisposedPart]) -> list[Flowable]:
    """What QA decided after excursions, vial by vial."""
    rows: list[tuple[Cell, ...]] = []
    for one in told:
        said = terms.disposition(_, one.decision)
        shape = "stop" if one.decision == "reject" else "ok"
        mark = Mark(shape, f"{said} {_.day(one.until)}" if one.until else said)
        why = "; ".join(filter(None, (one.reason, one.statement)))
        rows += shared(one.serials, 1, (one.excursion, mark, _.moment(one.at), why or DASH))
    if not rows:
        return []
    head = [_("Number"), _("Vials"), _("Decision"), _("Decided"), _("Why")]
    return [page.table(head, rows, [1.6, 5.2, 3.2, 3.3, 4.3])]


def deviations(
    _: Words, excursions: Sequence[ExcursionPart], stops: Sequence[StopPart], cases: Sequence[CasePart]
) -> Section:
    """Excursions, holds, recalls and cases, each with how it ended or that it has not."""
    rows: list[tuple[Cell, ...]] = []
    for one in excursions:
        limits = _.band(one.low_limit_mc, one.high_limit_mc)
        what = _(
            "Excursion at %(place)s, peak %(peak)s, limits %(limits)s",
            place=one.place,
            peak=_.celsius(one.peak_mc),
            limits=limits,
        )
        hold = f"{what}; {one.hold}" if one.hold else what
        rows.append((one.number, hold, _.span(one.since, one.until), _end(_, one.lifted_at, one.lifted_by, one.reason)))
    for stop in stops:
        what = _("Hold: %(title)s", title=terms.title(_, stop.title))
        if stop.recall_class is not None:
            what = _("Recall, class %(n)s: %(title)s", n=stop.recall_class, title=stop.title)
        rows.append(
            (
                stop.number,
                f"{what} ({terms.covers(_, stop.covers)})",
                _.moment(stop.started_at),
                _end(_, stop.ended_at, stop.ended_by, stop.reason),
            )
        )
    for case in cases:
        what = f"{terms.case(_, case.kind)}: {terms.title(_, case.title)}"
        rows.append((case.number, what, _.moment(case.opened_at), _end(_, case.closed_at, case.closed_by, case.reason)))
    title = _("Deviations, excursions, holds and recalls")
    if not rows:
        return title, [page.note(_("None on record."))]
    return title, [page.table([_("Number"), _("What"), _("When"), _("Closed")], rows, [1.6, 6.4, 4, 5])]


def _end(_: Words, at: Any, who: str | None, reason: str | None) -> Cell:
    if at is None:
        return Mark("ask", _("still open"))
    return "\n".join(part for part in (_.moment(at), ", ".join(filter(None, (who, reason)))) if part)


def changes(_: Words, made: Sequence[Change]) -> Section:
    """Whether data changed since first entry (R38): always a section, so that "no" is said too."""
    title = _("Changes since first entry")
    if not made:
        return title, [page.note(_("None: every value is the one first entered."))]
    head = [_("When"), _("Value"), _("Before"), _("After"), _("Who, why, entry")]
    rows = [
        (
            _.moment(one.at),
            ": ".join(filter(None, (terms.change(_, one.what), one.of))),
            DASH if one.before is None else _value(_, one.what, one.before),
            DASH if one.after is None else _value(_, one.what, one.after),
            "; ".join(filter(None, (one.who, one.reason, _entry(_, one.entry)))),
        )
        for one in made
    ]
    note = page.note(_("A signature covers what was on record when it was made, and no value that changed after it."))
    return title, [page.table(head, rows, [3.6, 4, 2.6, 2.6, 5]), note]


def _value(_: Words, what: str, value: str) -> str:
    """In the reader's words and units, by what it is a value of."""
    match what:
        case "expiry":
            return _.day(value)
        case "given_at":
            return _.moment(datetime.fromisoformat(value))
        case "laterality":
            return terms.knee(_, "knee", value)
        case "inspection":
            return terms.inspection(_, value) or value
        case "identifiers":
            return terms.identifiers(_, value) or value
        case "given_ul" | "discarded_ul" | "aspirated_ul":
            return _.millilitres(int(value))
        case _:
            return _.quantity(value)


def _entry(_: Words, number: int | None) -> str:
    return _("entry %(number)s", number=_.number(number)) if number is not None else ""


def signature(_: Words, one: Signed) -> page.Signature:
    about = f", {one.about}" if one.about else ""
    return page.Signature(
        meaning=terms.meaning(_, one.meaning) + about,
        name=one.name,
        role="\n".join(filter(None, (terms.role(_, one.role), _behalf(_, one)))),
        says=meanings.sentence(_, one.meaning),
        at=_.moment(one.at, seconds=True, universal=True),
        covers=_("covers SHA-256 %(digest)s", digest=grouped(one.covers, 8)),
    )


def _behalf(_: Words, one: Signed) -> str:
    """For whom somebody signed who stood in, and by which entry the role was handed over; empty: in their own right."""
    if one.behalf is None:
        return ""
    if one.delegation is None:
        return _("for %(name)s", name=one.behalf)
    return _("for %(name)s, delegation no. %(number)s", name=one.behalf, number=_.number(one.delegation))


def signatures(_: Words, signed: Sequence[Signed]) -> Section:
    title = _("Signatures")
    if not signed:
        return title, [page.note(_("Nobody has signed."))]
    told = page.note(_("Signed electronically: the password was asked for again for each signature."))
    return title, [*page.signatures([signature(_, one) for one in signed]), told]


def proof(_: Words, digest: str, checkpoint: Checkpoint, renderer: str) -> Section:
    """All that is needed to prove the record offline; it is public and says nothing about people."""
    rows: list[tuple[str, Cell]] = [
        (_("SHA-256 of the record"), grouped(digest, 8)),
        (_("Checkpoint of"), f"{checkpoint['origin']}, {checkpoint['ledger']}"),
        (_("Entries, time"), f"{_.number(checkpoint['size'])}, {checkpoint['at']}"),
        (_("Root"), grouped(str(checkpoint["root"]), 8)),
        (_("Signature"), grouped(str(checkpoint["signature"]), 8)),
        (_("Public key"), grouped(str(checkpoint["key"]), 8)),
        (_("Drawn by"), renderer),
    ]
    note = _("The QR shows whether this record is current, superseded or revoked, and its hash. Nothing about people.")
    return _("Proof"), [KeepTogether([page.pairs(rows, columns=1)]), page.note(note)]  # read as one, so on one page
