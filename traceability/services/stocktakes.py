"""The count of a place: scan after scan against the record, its differences named, nothing moved by it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col

from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.rules import Finding, Severity
from traceability.domain.states import GONE, Custody
from traceability.services import Answer, performs
from traceability.services.by_label import compared
from traceability.services.cases import hold, numbered, open_case
from traceability.services.names import of_vial, thing, vial_if_known
from traceability.services.organisations import stands_for
from traceability.store import Tx, View
from traceability.store.tables import Case, Hold, Place, Scope, Site, Stay, Stocktake, StocktakeLine, Vial
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import CaseKind
from traceability.store.tables.stocktakes import Seen

NOT_THERE = Finding("not_counted_there", False, Severity.ASK)


@performs("stocktake.begin")
def begin(tx: Tx, place_id: str) -> Answer:
    """Begin to count what lies in a place. Two people may scan for one count; a place has one at a time."""
    place = tx.need(Place, place_id)
    stands_for(tx, tx.need(Site, place.site_id).organisation_id)
    if place.kind is PlaceKind.SHIPPER:
        raise Refused("place_not_a_shelf", place=place.code)
    tx.alone(f"counts of {place.id}")
    if going_on := open_in(tx, place.id):
        raise Refused("stocktake_goes_on", place=place.code, number=going_on.number)
    row = tx.add(
        Stocktake(
            number=numbered(tx, Stocktake, "S"), organisation_id=tx.actor.organisation_id, place_id=place.id, begun_at=tx.occurred
        )
    )  # fmt: skip
    tx.mention(place.id)
    return {"id": row.id, "number": row.number, "place_id": place.id}


@performs("stocktake.note")
def note(tx: Tx, stocktake_id: str, code: str) -> Answer:
    """One vial was scanned in the place: there as recorded, or a difference, which is kept, asked about and moves nothing."""
    count, place = _going_on(tx, stocktake_id)
    scanned = gs1.read(code, tx.at.date())
    vial = vial_if_known(tx, scanned)
    if vial is None:
        return _unknown(tx, count, place, scanned)
    label = compared(tx, vial, scanned)
    noted = tx.known(StocktakeLine, StocktakeLine.stocktake_id == count.id, StocktakeLine.vial_id == vial.id)
    if noted and (not label.contradicts or _is_held(tx, count, vial)):
        raise Refused("counted_already", serial=vial.serial)
    lay_in = _lay_in(tx, vial)
    found: tuple[Finding, ...] = ()
    seen = Seen.HERE
    if vial.state in GONE or vial.state is Custody.LOST:
        seen = Seen.OUT_OF_STOCK
        found = (Finding("state_contradicts", False, Severity.ASK, {"serial": vial.serial, "state": vial.state}),)
    elif lay_in != place.id:
        seen = Seen.ELSEWHERE
        found = (Finding("not_in_that_place", False, Severity.ASK, {"serial": vial.serial, "place": place.code}),)
    found += label.contradicts
    if noted:  # another vial of this name: its label was not on the one that was noted
        seen = noted[0].seen
    else:
        tx.add(StocktakeLine(stocktake_id=count.id, vial_id=vial.id, seen=seen, place_id=lay_in, at=tx.occurred))
    answer = {
        "id": count.id,
        "vial_id": vial.id,
        "serial": vial.serial,
        "seen": seen,
        "findings": [one.code for one in (*found, *label.outdated)],
    }
    if found:
        case = _case(tx, count, place)
        hold(tx, case, [one.code for one in found], [vial])
        answer |= {"case": case.number}
    tx.mention(place.id)
    return answer


def _unknown(tx: Tx, count: Stocktake, place: Place, scanned: gs1.Identity) -> Answer:
    """A code of no vial on record lies there: a line with its code, and the case."""
    lines = tx.known(StocktakeLine, StocktakeLine.stocktake_id == count.id, col(StocktakeLine.code).is_not(None))
    if thing(scanned) in [thing(gs1.read(str(one.code), tx.at.date())) for one in lines]:
        raise Refused("counted_already", serial=scanned.serial or scanned.giai)
    tx.add(StocktakeLine(stocktake_id=count.id, code=of_vial(scanned), seen=Seen.UNKNOWN, at=tx.occurred))
    case = _case(tx, count, place)
    tx.mention(place.id)
    return {
        "id": count.id, "vial_id": None, "serial": scanned.serial or scanned.giai, "seen": Seen.UNKNOWN, "findings": ["serial_unknown"],
        "case": case.number,
    }  # fmt: skip


@performs("stocktake.finish")
def finish(tx: Tx, stocktake_id: str, *, empty: bool = False) -> Answer:
    """The count is over. What lay there from its begin to its end and was not scanned is missing: held, and not moved.

    `empty`: nothing at all was scanned because nothing is there; without it such a count is not finished.
    """
    count, place = _going_on(tx, stocktake_id)
    lines = tx.known(StocktakeLine, StocktakeLine.stocktake_id == count.id)
    missing = _missing(tx, count, {one.vial_id for one in lines})
    if not lines and missing and not empty:
        raise Refused("nothing_counted")
    tx.add_all(
        [StocktakeLine(stocktake_id=count.id, vial_id=vial.id, seen=Seen.MISSING, place_id=place.id, at=tx.occurred) for vial in missing]
    )  # fmt: skip
    if missing:
        hold(tx, _case(tx, count, place), [NOT_THERE.code], missing)
    tally = Counter(dict.fromkeys(Seen, 0))
    tally.update(Counter(one.seen for one in lines))
    tally[Seen.MISSING] = len(missing)
    if (case := _known(tx, count)) is not None:
        told = _differences(tx, lines, missing)
        tx.change(case, title=f"{count.number}: {place.code}, {', '.join(told)}"[:240])
    tx.change(count, ended_at=max(tx.occurred, count.begun_at))
    tx.mention(place.id)
    return {
        "id": count.id, "place_id": place.id, "tally": {str(seen): n for seen, n in tally.items()},
        "findings": [NOT_THERE.code] if missing else [], "case": case.number if case else None,
    }  # fmt: skip


@performs("stocktake.drop")
def drop(tx: Tx, stocktake_id: str) -> Answer:
    """Nobody goes on with it: what was scanned stays noted, and of what was not scanned nothing is said."""
    count, place = _going_on(tx, stocktake_id)
    tx.change(count, ended_at=max(tx.occurred, count.begun_at), dropped=True)
    tx.mention(place.id)
    return {"id": count.id, "place_id": place.id}


def _going_on(tx: Tx, stocktake_id: str) -> tuple[Stocktake, Place]:
    count = tx.need(Stocktake, stocktake_id)
    if count.organisation_id != tx.actor.organisation_id:
        raise Refused("not_yours", noun="stocktake")
    if count.ended_at is not None:
        raise Refused("already_ended", noun="stocktake")
    tx.still(count)
    return count, tx.need(Place, count.place_id)


def _case(tx: Tx, count: Stocktake, place: Place) -> Case:
    """The case of a count: opened by its first difference."""
    if (case := _known(tx, count)) is not None:
        return case
    case = open_case(tx, CaseKind.COUNT_DIFFERS, f"{count.number}: {place.code}")
    tx.change(count, case_id=case.id)
    return case


def _is_held(tx: Tx, count: Stocktake, vial: Vial) -> bool:
    """Whether this count has asked about the vial already."""
    holds = tx.known(Hold, Hold.case_id == count.case_id, col(Hold.lifted_at).is_(None)) if count.case_id else []
    return bool(holds) and bool(
        tx.known(Scope, col(Scope.hold_id).in_([one.id for one in holds]), Scope.target_id == vial.id)
    )


def _known(tx: Tx, count: Stocktake) -> Case | None:
    """The case as it is; whoever counts need not be one who sees cases."""
    return tx.known(Case, Case.id == count.case_id)[0] if count.case_id else None


def _lay_in(tx: Tx, vial: Vial) -> str | None:
    """Where the record has it at that moment."""
    stays = tx.known(Stay, vial_id=vial.id)
    return next(
        (one.place_id for one in stays if one.since <= tx.occurred and (one.until is None or tx.occurred < one.until)),
        None,
    )


def _missing(tx: Tx, count: Stocktake, scanned: set[str | None]) -> list[Vial]:
    """What lay there all the while and was not scanned; nobody moves it before this is on record."""
    found = tx.known(Vial, col(Vial.id).in_(_throughout(tx, count)))
    tx.still(*found)
    there = set(_throughout(tx, count)) - scanned
    return [vial for vial in found if vial.id in there]


def _throughout(tx: Tx, count: Stocktake) -> list[str]:
    stays = tx.known(Stay, Stay.place_id == count.place_id, col(Stay.since) <= count.begun_at)
    return sorted({stay.vial_id for stay in stays if stay.until is None or stay.until > tx.occurred})


def _differences(tx: Tx, lines: list[StocktakeLine], missing: list[Vial]) -> list[str]:
    strange = [one for one in lines if one.seen is not Seen.HERE]
    known = {
        vial.id: vial for vial in tx.known(Vial, col(Vial.id).in_([one.vial_id for one in strange if one.vial_id]))
    }
    told = [f"{known[one.vial_id].serial if one.vial_id else one.code} {one.seen}" for one in strange]
    return sorted(told) + [f"{vial.serial} {Seen.MISSING}" for vial in sorted(missing, key=lambda one: one.serial)]


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a count: the vial or the code, and where the record had it."""

    seen: Seen
    at: datetime
    vial: Vial | None
    code: str | None
    place: Place | None


@dataclass(frozen=True, slots=True)
class Counted:
    """One count: its lines, the newest first, and how many vials the record has there now that were not scanned yet."""

    count: Stocktake
    place: Place
    lines: list[Line]
    left: list[Vial]
    case: Case | None

    @property
    def tally(self) -> dict[str, int]:
        told = Counter(str(one.seen) for one in self.lines)
        return {str(seen): told[str(seen)] for seen in Seen}


def stocktake(view: View, stocktake_id: str) -> Counted:
    """One count with what was scanned. Raises `NotFound`."""
    count = view.need(Stocktake, stocktake_id)
    rows = view.all(
        StocktakeLine,
        StocktakeLine.stocktake_id == count.id,
        order=(col(StocktakeLine.at).desc(), col(StocktakeLine.id).desc()),
    )
    stays = view.all(Stay, Stay.place_id == count.place_id, col(Stay.until).is_(None)) if count.ended_at is None else []
    ids = {row.vial_id for row in rows if row.vial_id} | {stay.vial_id for stay in stays}
    vials = {one.id: one for one in view.all(Vial, col(Vial.id).in_(ids))}
    places = {one.id: one for one in view.all(Place, col(Place.id).in_({row.place_id for row in rows if row.place_id}))}
    noted = {row.vial_id for row in rows}
    left = [vials[stay.vial_id] for stay in stays if stay.vial_id not in noted and stay.vial_id in vials]
    return Counted(
        count=count,
        place=view.need(Place, count.place_id),
        lines=[
            Line(row.seen, row.at, vials.get(row.vial_id or ""), row.code, places.get(row.place_id or ""))
            for row in rows
        ],
        left=sorted(left, key=lambda one: one.serial),
        case=view.find(Case, count.case_id) if count.case_id else None,
    )


def open_in(view: View, place_id: str) -> Stocktake | None:
    """The count that goes on in a place, if one does."""
    found = view.known(Stocktake, Stocktake.place_id == place_id, col(Stocktake.ended_at).is_(None))
    return found[0] if found else None


def of_place(view: View, place_id: str, limit: int = 20) -> list[Stocktake]:
    """The counts of a place, newest first."""
    return view.all(Stocktake, Stocktake.place_id == place_id, order=col(Stocktake.begun_at).desc(), limit=limit)
