"""Excursions: what everything told of a place says was out of limits, held until QA has decided of each vial (R26).

One function makes them, whatever was told and however late: readings, files, moves, calibrations. They only grow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import or_
from sqlmodel import col

from traceability.domain import coldchain
from traceability.domain.coldchain import Limits
from traceability.domain.errors import Refused
from traceability.domain.papers import FileKind
from traceability.domain.plain import moment as plain_moment
from traceability.domain.rules import Finding, Severity
from traceability.domain.states import GONE, Custody
from traceability.services import Answer, performs, watching
from traceability.services.cases import asked, numbered, open_case
from traceability.services.eyes import frees
from traceability.services.organisations import stands_for
from traceability.store import AHEAD, Reader, Tx, View
from traceability.store.hot import Hot, known, moment, reader_of
from traceability.store.tables import (
    Alarm,
    Attachment,
    Case,
    Consignment,
    Disposition,
    Excursion,
    Hold,
    Place,
    Scope,
    Site,
    Stay,
    Vial,
)
from traceability.store.tables.alarms import AlarmKind
from traceability.store.tables.coldchain import Decision
from traceability.store.tables.quality import CaseKind, ScopeKind

_THERE = Hot(
    "SELECT s.since, s.until, p.low_mc, p.high_mc, p.freeze_sensitive FROM stay s JOIN vial v ON v.id = s.vial_id"
    " JOIN lot l ON l.id = v.lot_id JOIN product_version p ON p.id = l.product_version_id WHERE s.place_id = :place"
    " AND (s.until IS NULL OR s.until > :since) ORDER BY s.since, s.id"
)
_SAID_TO_HAVE_LEFT = Hot(
    "SELECT s.vial_id, s.until, e.recorded_at, p.low_mc, p.high_mc, p.freeze_sensitive FROM stay s"
    " JOIN entry e ON e.act_id = s.act_id JOIN vial v ON v.id = s.vial_id JOIN lot l ON l.id = v.lot_id"
    " JOIN product_version p ON p.id = l.product_version_id WHERE s.place_id = :place AND s.until > :earliest"
    " AND e.recorded_at > :since ORDER BY s.until, s.id"
)
"""Vials that lie there no more, by words that were recorded since; some were told late."""
LATEST_WORD = timedelta(days=92)
"""So long before what was out a vial is said to have left, and is looked for."""
_OUT = Hot(
    "SELECT EXISTS (SELECT 1 FROM manual_reading r JOIN product_version p ON p.id = :version WHERE r.place_id = :place"
    " AND (r.low_mc < p.low_mc OR r.high_mc > p.high_mc) AND r.at >= coalesce((SELECT max(at) FROM manual_reading"
    " WHERE place_id = :place AND at <= :came), :came))"
    " OR EXISTS (SELECT 1 FROM assignment a JOIN product_version p ON p.id = :version JOIN block b ON b.sensor_id = a.sensor_id"
    " WHERE a.place_id = :place AND b.day >= coalesce((SELECT max(day) FROM block WHERE sensor_id = a.sensor_id AND day < :day), :day)"
    " AND (b.low_mc < p.low_mc OR b.high_mc > p.high_mc))"
    " OR EXISTS (SELECT 1 FROM assignment a JOIN product_version p ON p.id = :version JOIN daily_extreme x ON x.sensor_id = a.sensor_id"
    " WHERE a.place_id = :place AND x.until > :came AND (x.low_mc < p.low_mc OR x.high_mc > p.high_mc))"
)
"""Whether anything says that a place was out of a product's limits when a vial came, or since: else there is nothing to settle."""
_VERSIONS = Hot("SELECT DISTINCT product_version_id FROM lot WHERE id = ANY(:ids)")
_LIMITS = (
    "SELECT max(p.low_mc), min(p.high_mc) FROM stay s JOIN vial v ON v.id = s.vial_id JOIN lot l ON l.id = v.lot_id"
    " JOIN product_version p ON p.id = l.product_version_id WHERE s.place_id = :place AND (s.until IS NULL OR s.until > :since)"
)


EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""A thermometer that was never reset tells of all time; before this there is nothing to look at, and no room to go back."""


class Settled(NamedTuple):
    """Numbers of the excursions that are new or say more than before, and of those that only came to an end."""

    found: list[str]
    ended: list[str]


def settle(tx: Tx, place_id: str, since: datetime) -> Settled:
    """Make the excursions of a place agree with all that is told of it from `since` on.

    Each holds exactly the vials that were there. One that was given already opens a case: its patient is looked for.
    """
    since = max(since, EARLIEST)
    handled = tx.known(Place, id=place_id)[0].kind in watching.HANDLED
    tx.alone(f"excursions of {place_id}")
    reader = reader_of(tx)
    place = watching.places(reader, [place_id])[place_id]
    found: list[str] = []
    going = tx.known(Excursion, Excursion.place_id == place_id, col(Excursion.until).is_(None))
    ended: dict[str, datetime | None] = {}
    for limits, stays in _by_limits(tx, place_id, place.before(since) - place.waits(reader)).items():
        if out := place.out(reader, limits, since, None):
            for one in place.fired(reader, out, limits, since, None, tx.at):
                if handled and not (limits.freezes and one.peak_mc < 0):
                    continue
                # what ended with the first of these readings has become as long as it was only now
                if (one.until is None or one.until >= since) and any(_meet(one, *stay) for stay in stays):
                    found += _told_of(tx, place, one, limits, [first for first, _ in stays], ended)
    if not handled:
        _doubt_leavers(tx, place, reader, since)
    for row in going:
        _ends(tx, row, place, reader)
    open_ = {row.id for row in tx.known(Excursion, Excursion.place_id == place_id, col(Excursion.until).is_(None))}
    made = list(dict.fromkeys(found))
    return Settled(made, [row.number for row in going if row.id not in open_ and row.number not in made])


def _doubt_leavers(tx: Tx, place: watching.Place, reader: Reader, since: datetime) -> None:
    """Who said afterwards that a vial had left, before anybody had read that it was out there: somebody has to look.

    A late word that is told after that was read is weighed when it is told (`late`).
    """
    found = []
    bounds = {"since": _bound(tx, since), "earliest": _bound(tx, since - LATEST_WORD)}
    for vial_id, until, recorded_at, low, high, freezes in _SAID_TO_HAVE_LEFT(reader.driver, place=place.id, **bounds):
        left, heard, limits = known(until), known(recorded_at), Limits(low, high, bool(freezes))
        if heard - left <= AHEAD:
            continue
        out = place.out(reader, limits, left, None)
        fired = place.fired(reader, out, limits, left, None, tx.at) if out else ()
        reasons = [one.since for one in fired if _meet(one, left, heard)]
        watched = place.cleared(left, heard)
        if watched.again and (watched.through or left) < heard:  # nor will anybody know what it was like there then
            reasons.append(watched.through or left)
        if reasons:
            found.append((vial_id, min(reasons)))
    for vial_id, since_ in found:
        (vial,) = tx.known(Vial, Vial.id == vial_id)
        told = Finding("left_before_it_was_out", False, Severity.ASK, {"serial": vial.serial})
        again = f"{told.code} {since_.astimezone(UTC):%Y-%m-%d %H:%M}Z"  # once for what was told, whoever has answered for it
        if not any((one.title or "").endswith(again) for one in tx.known(Case, Case.vial_id == vial.id)):
            asked(tx, f"Vial {vial.serial}, {vial.state}: {again}", [told.code], [vial])


def came(tx: Tx, vials: Sequence[Vial], place_id: str) -> list[str]:
    """Vials were put somewhere: where that was out of their limits, last or since, its excursion is their own too (R26)."""
    day = tx.occurred.date() - timedelta(days=1)
    told = {"came": _bound(tx, tx.occurred), "day": day.isoformat() if _is_sqlite(tx) else day}
    driver = reader_of(tx).driver
    versions = {row[0] for row in _VERSIONS(driver, ids=sorted({vial.lot_id for vial in vials}))} if vials else ()
    if any(_OUT(driver, place=place_id, version=one, **told)[0][0] for one in versions):
        return settle(tx, place_id, tx.occurred).found
    return []


def _by_limits(tx: Tx, place_id: str, since: datetime) -> dict[Limits, list[tuple[datetime, datetime | None]]]:
    """The stays in a place that did not end before, by what their vials bear."""
    made: dict[Limits, list[tuple[datetime, datetime | None]]] = {}
    for begins, ends, low, high, freezes in _THERE(reader_of(tx).driver, place=place_id, since=_bound(tx, since)):
        made.setdefault(Limits(low, high, bool(freezes)), []).append((known(begins), moment(ends)))
    return made


def _told_of(
    tx: Tx,
    place: watching.Place,
    one: coldchain.Excursion,
    limits: Limits,
    stays: Sequence[datetime],
    ended: dict[str, datetime | None],
) -> list[str]:
    """The row of this time out of limits: one that QA has not decided on grows; of what it has decided on, only what is new."""
    rows = [
        row
        for row in tx.known(Excursion, place_id=place.id)
        if _meet(one, row.since, row.until) and _warm(row) == (one.direction == "above")
    ]
    decided = {row.id: at for row in rows if (at := _decided_through(tx, row)) is not None}
    for row in rows:
        if row.id in decided:
            _reopen(tx, row)
            if _goes_on(tx, row, one) and _told_no_worse(tx, place, row, decided[row.id]):
                # for those whom QA has not decided on it goes on, and the others were not there any more
                del decided[row.id]
    no_worse = [row for row in rows if row.id in decided and _told_no_worse(tx, place, row, decided[row.id])]
    left = _undecided(place, one, stays, no_worse, decided)
    for row in rows:
        if row.id in decided:
            continue
        since, until = min([row.since, *(begins for begins, _ in left)]), one.until
        if until is not None and row.until is not None:
            until = max(until, row.until)
        elif row.until is not None and row.closed_at is not None:
            if (one.seen or one.since) <= row.until:
                until = row.until
            else:  # somebody said that it was over, and it was read as out after that
                tx.change(row, closed_at=None)
        if row.id in ended:  # by another product's limits it went on for longer
            last = ended[row.id]
            until = None if last is None or until is None else max(last, until)
        ended[row.id] = until
        both = limits.within(Limits(row.low_limit_mc, row.high_limit_mc))
        return [row.number] if _grow(tx, row, since, until, both.worst(row.peak_mc, one.peak_mc), both) else []
    made = [_begin(tx, place.id, since, until, one.peak_mc, limits) for since, until in left]
    ended.update({row.id: row.until for row in made})
    return [row.number for row in made]


def _begin(tx: Tx, place_id: str, since: datetime, until: datetime | None, peak_mc: int, limits: Limits) -> Excursion:
    """An excursion with its hold on whatever lay there, and its alarm."""
    row = tx.add(
        Excursion(
            number=numbered(tx, Excursion, "EX"), place_id=place_id, consignment_id=_box(tx, place_id), since=since,
            until=until, peak_mc=peak_mc, low_limit_mc=limits.low_mc, high_limit_mc=limits.high_mc,
        )
    )  # fmt: skip
    hold = tx.add(
        Hold(
            number=numbered(tx, Hold, "H"), organisation_id=tx.actor.organisation_id, excursion_id=row.id, title=row.number,
            placed_at=tx.at,
        )
    )  # fmt: skip
    tx.add(Scope(hold_id=hold.id, kind=ScopeKind.PLACE, target_id=place_id, since=since, until=until))
    _raise(tx, row)
    _about(tx, row)
    return row


def _ends(tx: Tx, going: Excursion, place: watching.Place, reader: Reader) -> None:
    """The first reading back in ends what went on, judged or not, and whatever lies there now."""
    for row in tx.known(Excursion, Excursion.id == going.id, col(Excursion.until).is_(None)):
        limits = Limits(row.low_limit_mc, row.high_limit_mc)
        for one in place.out(reader, limits, row.since, None):
            same = _warm(row) == (one.direction == "above")
            if same and one.until is not None and one.since <= row.since < one.until:
                _grow(tx, row, row.since, one.until, row.peak_mc, limits)


def _told_no_worse(tx: Tx, place: watching.Place, row: Excursion, decided: datetime) -> bool:
    """Whether of the time that QA decided on nothing worse was told since."""
    warm = _warm(row)
    furthest = place.furthest(reader_of(tx), row.since, min(row.until or decided, decided), warm=warm)
    return furthest is None or (furthest <= row.peak_mc if warm else furthest >= row.peak_mc)


def _undecided(
    place: watching.Place,
    one: coldchain.Excursion,
    stays: Sequence[datetime],
    rows: Sequence[Excursion],
    decided: Mapping[str, datetime],
) -> list[tuple[datetime, datetime | None]]:
    """What is left of it beside what QA has decided on. Of one that goes on: where something was read since the decision."""
    begins, last = one.since, place.last
    for row in sorted(rows, key=lambda row: row.since):
        if row.since <= begins:
            covered = decided[row.id] if row.until is None else min(row.until, decided[row.id])
            if one.until is not None and covered >= one.until:
                return []
            came_since = any(first >= decided[row.id] for first in stays)
            if one.until is None and row.until is None and (last is None or last <= covered) and not came_since:
                return []
            begins = max(begins, covered)
    return [(begins, one.until)]


def _grow(tx: Tx, row: Excursion, since: datetime, until: datetime | None, peak_mc: int, limits: Limits) -> bool:
    """Its hold covers as long as it was; whether it says more than before, and not only how it ended."""
    more = (
        since < row.since
        or peak_mc != row.peak_mc
        or (until is None and row.until is not None)
        or (until is not None and row.until is not None and until > row.until)
    )
    tx.change(row, since=since, until=until, peak_mc=peak_mc, low_limit_mc=limits.low_mc, high_limit_mc=limits.high_mc)
    for hold in tx.known(Hold, Hold.excursion_id == row.id):
        for scope in tx.known(Scope, Scope.hold_id == hold.id):
            tx.change(scope, since=since, until=until)
    for alarm in tx.known(Alarm, Alarm.excursion_id == row.id):
        # over with what it tells of; it goes on where that turns out to
        tx.change(alarm, cleared_at=None if until is None else alarm.cleared_at or tx.at)
    _about(tx, row)
    return more


def _reopen(tx: Tx, row: Excursion) -> None:
    """A vial was there of which nobody knew when QA decided: of it, somebody has to."""
    for hold in tx.known(Hold, Hold.excursion_id == row.id):
        if hold.lifted_at is not None and undecided(tx, row):
            tx.change(hold, lifted_at=None)


def _about(tx: Tx, row: Excursion) -> None:
    """The vials that were there, wherever they lie now; for one that was given, somebody looks for its patient."""
    vials = there(tx, row.place_id, row.since, row.until)
    tx.about.update(vials)
    if vials and not tx.known(
        Case, excursion_id=row.id
    ):  # somebody finds out why, whatever is decided on the vials (R34)
        (place,) = tx.known(Place, id=row.place_id)
        open_case(
            tx,
            CaseKind.EXCURSION,
            f"{row.number}: {place.code}",
            excursion_id=row.id,
            consignment_id=_box(tx, place.id),
        )
    given = tx.known(Vial, col(Vial.id).in_(vials), Vial.state == Custody.GIVEN) if vials else []
    told = {
        case.vial_id
        for case in tx.known(Case, Case.kind == CaseKind.EXCURSION, col(Case.title).startswith(f"{row.number}:"))
        if case.vial_id
    }
    for vial in given:
        if vial.id not in told:
            title = f"{row.number}: {vial.serial} was given before this was known"
            open_case(tx, CaseKind.EXCURSION, title, vial_id=vial.id, lot_id=vial.lot_id)


def _raise(tx: Tx, row: Excursion) -> None:
    (place,) = tx.known(Place, id=row.place_id)
    (site,) = tx.known(Site, id=place.site_id)
    tx.add(
        Alarm(
            number=numbered(tx, Alarm, "A"), organisation_id=site.organisation_id, kind=AlarmKind.OUT_OF_LIMITS,
            place_id=place.id, excursion_id=row.id, since=row.since, raised_at=tx.at,
            cleared_at=None if row.until is None else tx.at,
        )
    )  # fmt: skip


def _box(tx: Tx, place_id: str) -> str | None:
    """The consignment whose box this place is."""
    found = tx.known(Consignment, place_id=place_id)
    return found[0].id if found else None


def _goes_on(tx: Tx, row: Excursion, one: coldchain.Excursion) -> bool:
    """Whether QA has still to decide on vials, and those that it has decided on went through nothing more of it."""
    if not undecided(tx, row) or _stayed(tx, row):
        return False
    stays = tx.known(Stay, Stay.place_id == row.place_id, col(Stay.vial_id).in_(list(_decided(tx, row))))
    more: list[tuple[datetime, datetime | None]] = [(one.since, row.since)] if one.since < row.since else []
    if row.until is not None and (one.until is None or row.until < one.until):
        more.append((row.until, one.until))
    return not any(
        (until is None or stay.since < until) and (stay.until is None or stay.until > since)
        for since, until in more
        for stay in stays
    )


def _decided_through(tx: Tx, row: Excursion) -> datetime | None:
    """Up to when QA has judged what was out: what a vial still went through there after its own decision, nobody has."""
    told = _decided(tx, row)
    if not told:
        return None
    if stayed := _stayed(tx, row):
        return min(told[one] for one in stayed)
    last = max(told.values())
    return last if row.until is None else max(last, row.until)


def _decided(tx: Tx, row: Excursion) -> dict[str, datetime]:
    """When QA last decided on each vial."""
    told: dict[str, datetime] = {}
    for one in tx.known(Disposition, excursion_id=row.id):
        told[one.vial_id] = max(one.decided_at, told.get(one.vial_id, one.decided_at))
    return told


def _stayed(tx: Tx, row: Excursion) -> set[str]:
    """The vials that lay there still, or again, after QA had decided on them."""
    told = _decided(tx, row)
    stays = tx.known(Stay, Stay.place_id == row.place_id, col(Stay.vial_id).in_(list(told))) if told else []
    return {one.vial_id for one in stays if one.until is None or one.until > told[one.vial_id]}


def _warm(row: Excursion) -> bool:
    return row.peak_mc > row.high_limit_mc


def _meet(one: coldchain.Excursion | Excursion, since: datetime, until: datetime | None) -> bool:
    """Half-open intervals that share a moment; two that begin together do."""
    begun = until is None or one.since < until or one.since == since
    return begun and (one.until is None or since < one.until or one.since == since)


# ------------------------------------------------------------------------------------------------------------- decisions


@performs("excursion.close")
def close(tx: Tx, excursion_id: str, until: datetime) -> Answer:
    """How an excursion ended whose sensor had gone silent: said by a person, with a reason (R25). What is read later counts."""
    row = _ours(tx, excursion_id)
    if row.until is not None:
        raise Refused("already_ended", noun="excursion")
    tx.alone(f"excursions of {row.place_id}")
    last = watching.places(reader_of(tx), [row.place_id])[row.place_id].last
    if not max(row.since, last or row.since) <= until <= tx.at:  # what was read as out was out
        raise Refused("excursion_read_since", last=last or row.since, now=tx.at)
    limits = Limits(row.low_limit_mc, row.high_limit_mc)
    _grow(tx, row, row.since, until, row.peak_mc, limits)
    tx.change(row, closed_at=tx.at)
    through = _decided_through(tx, row)
    if through is None or through >= until:
        return {"id": row.id, "number": row.number}
    after = _begin(tx, row.place_id, through, until, row.peak_mc, limits)
    tx.change(after, closed_at=tx.at)
    return {"id": row.id, "number": row.number, "excursions": [after.number]}


@performs("excursion.dispose")
def dispose(
    tx: Tx,
    excursion_id: str,
    vial_ids: Sequence[str],
    decision: Decision,
    *,
    until: date | None = None,
    statement_id: str | None = None,
) -> Answer:
    """QA decides, signed, of vials that were there: use, use until a day, reject (R26). Of the others the hold stands."""
    row = _ours(tx, excursion_id)
    if (decision is Decision.USE_UNTIL) != (until is not None):
        raise Refused("use_until_day")
    was_there = set(there(tx, row.place_id, row.since, row.until))
    chosen = sorted(set(vial_ids))
    if not chosen:
        raise Refused("nothing_chosen")
    if not set(chosen) <= was_there:
        raise Refused("vials_not_there", excursion=row.number)
    statement = _statement(tx, statement_id, chosen) if statement_id else None
    if decision is not Decision.REJECT:
        for case in tx.known(Case, Case.excursion_id == row.id, col(Case.closed_at).is_(None)):
            frees(tx, case)
    tx.add_all(
        [
            Disposition(
                excursion_id=row.id,
                vial_id=one,
                decision=decision,
                until=until,
                attachment_id=statement,
                decided_at=tx.at,
            )
            for one in chosen
        ]
    )
    tx.mention(*chosen)
    left = undecided(tx, row)
    for hold in tx.known(Hold, Hold.excursion_id == row.id) if not left else ():
        tx.change(hold, lifted_at=tx.at)
    return {"id": row.id, "number": row.number, "vials": len(chosen), "left": len(left)}


def _statement(tx: Tx, statement_id: str, vial_ids: Sequence[str]) -> str:
    """What a decision rests on is a stability statement, and of the lot of each vial that it decides on."""
    file = tx.need(Attachment, statement_id)
    lots = {vial.lot_id for vial in tx.known(Vial, col(Vial.id).in_(vial_ids))}
    if file.kind != FileKind.STABILITY_STATEMENT or lots != {file.lot_id}:
        raise Refused("statement_of_another")
    return file.id


def _ours(tx: Tx, excursion_id: str) -> Excursion:
    row = tx.need(Excursion, excursion_id)
    stands_for(tx, tx.need(Site, tx.need(Place, row.place_id).site_id).organisation_id)
    return row


# -------------------------------------------------------------------------------------------------------------- reads


def there(view: View, place_id: str, since: datetime, until: datetime | None) -> list[str]:
    """Ids of the vials that lay in a place at some moment of a half-open interval."""
    ended = col(Stay.until)
    where = [Stay.place_id == place_id, or_(ended.is_(None), ended > since), *([Stay.since < until] if until else [])]
    return [stay.vial_id for stay in view.known(Stay, *where)]


def undecided(view: View, row: Excursion) -> list[str]:
    """The vials that were there, are not gone, and of which QA has said nothing."""
    told = {one.vial_id for one in view.known(Disposition, excursion_id=row.id)}
    left = set(there(view, row.place_id, row.since, row.until)) - told
    return sorted(one.id for one in view.known(Vial, col(Vial.id).in_(left)) if one.state not in GONE) if left else []


def decided_before(view: View, vial_ids: Sequence[str], place_id: str, since: datetime) -> dict[str, Excursion]:
    """Of vials that are said to lie in a place since a moment: the excursion there, then or later, on which QA had decided already.

    QA knew of less time in the warmth than is told now.
    """
    rows = view.known(Excursion, Excursion.place_id == place_id)
    rows = [row for row in rows if row.until is None or row.until > since]
    told = view.known(Disposition, col(Disposition.vial_id).in_(vial_ids)) if rows else []
    by_id = {row.id: row for row in rows}
    return {
        one.vial_id: by_id[one.excursion_id] for one in told if one.excursion_id in by_id and one.decided_at > since
    }


def excursions(view: View, place_id: str | None = None) -> list[Excursion]:
    where = [Excursion.place_id == place_id] if place_id else []
    return view.all(Excursion, *where, order=col(Excursion.since).desc())


def limits_there(view: View, place_id: str, since: datetime) -> Limits | None:
    """The narrowest limits of what lay there since; None when nothing did."""
    ((low, high),) = view.rows(_LIMITS, {"place": place_id, "since": _bound(view, since)})
    return None if low is None else Limits(low, high)


def _bound(view: View, at: datetime) -> Any:
    return plain_moment(at) if _is_sqlite(view) else at


def _is_sqlite(view: View) -> bool:
    return view.connection.dialect.name == "sqlite"
