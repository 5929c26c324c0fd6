"""Lists for programs: what an actor may see of one noun, newest first, a page at a time. Pages have reads of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import and_, not_, or_, select
from sqlmodel import col

from traceability.services.alarms import DONE
from traceability.services.credentials import suspensions
from traceability.services.progress import told_of
from traceability.services.shifts import shifts as planned
from traceability.services.stops import NOUN, seen
from traceability.services.trainings import standing_of
from traceability.store import View
from traceability.store.tables import (
    Alarm,
    AlarmContact,
    Case,
    Credential,
    Excursion,
    GrantRow,
    Hold,
    Material,
    Organisation,
    Person,
    Place,
    Product,
    ProductVersion,
    Recall,
    Release,
    Row,
    Scope,
    Sensor,
    Site,
    Specification,
    Training,
    TrainingNeed,
    Vial,
)

R = TypeVar("R", bound=Row)
Item = dict[str, Any]


def _page(view: View, kind: type[R], limit: int, after: str | None, *where: Any) -> list[R]:
    """Ids grow with time: the newest first, those before `after`."""
    before = [col(kind.id) < after] if after else []
    return view.all(kind, *where, *before, order=col(kind.id).desc(), limit=limit)


def _of(rows: Sequence[Row], column: str) -> dict[str, list[Any]]:
    made: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        made[getattr(row, column)].append(row)
    return made


def _plain(row: Row, **more: Any) -> Item:
    return row.model_dump() | more


def organisations(view: View, *, limit: int, after: str | None) -> list[Item]:
    found = _page(view, Organisation, limit, after)
    sites = _of(view.all(Site, col(Site.organisation_id).in_([one.id for one in found])), "organisation_id")
    return [_plain(one, sites=sites[one.id]) for one in found]


def places(view: View, *, limit: int, after: str | None) -> list[Item]:
    found = _page(view, Place, limit, after)
    counted = dict(view.rows("SELECT place_id, count(*) FROM stay WHERE until IS NULL GROUP BY place_id"))
    return [_plain(one, vials=counted.get(one.id, 0)) for one in found]


def persons(view: View, *, limit: int, after: str | None) -> list[Item]:
    """The people of one's own organisation."""
    found = _page(view, Person, limit, after, Person.organisation_id == view.actor.organisation_id)
    grants = _of(view.all(GrantRow, col(GrantRow.person_id).in_([one.id for one in found])), "person_id")
    return [_plain(one, grants=grants[one.id]) for one in found]


def trainings(view: View, *, limit: int, after: str | None) -> list[Item]:
    """Of one's own organisation, each as it stands today."""
    found = _page(view, Training, limit, after, Training.organisation_id == view.actor.organisation_id)
    return [_plain(one.row, standing=one.standing) for one in standing_of(view, found)]


def training_needs(view: View, *, limit: int, after: str | None) -> list[Item]:
    found = _page(view, TrainingNeed, limit, after, TrainingNeed.organisation_id == view.actor.organisation_id)
    return [_plain(one) for one in found]


def products(view: View, *, limit: int, after: str | None) -> list[Item]:
    found = _page(view, Product, limit, after)
    versions = view.all(ProductVersion, col(ProductVersion.product_id).in_([one.id for one in found]))
    asked = _of(
        view.all(Specification, col(Specification.product_version_id).in_([one.id for one in versions])),
        "product_version_id",
    )
    told: dict[str, list[Item]] = defaultdict(list)
    for one in versions:
        told[one.product_id].append(_plain(one, specifications=asked[one.id]))
    return [_plain(one, versions=told[one.id]) for one in found]


def materials(view: View, *, limit: int, after: str | None) -> list[Item]:
    return [_plain(one) for one in _page(view, Material, limit, after)]


def credentials(view: View, *, limit: int, after: str | None) -> list[Item]:
    page = _page(view, Credential, limit, after)
    told = suspensions(view, page)
    return [
        _plain(one) | {"suspensions": [{"since": each.since, "until": each.until} for each in told[one.id]]}
        for one in page
    ]


def releases(view: View, *, limit: int, after: str | None) -> list[Item]:
    return [_plain(one) for one in _page(view, Release, limit, after)]


def alarms(view: View, *, limit: int, after: str | None, is_open: bool | None = None) -> list[Item]:
    ended = or_(and_(col(Alarm.acknowledged_at).is_not(None), col(Alarm.cleared_at).is_not(None)), DONE)
    where = [] if is_open is None else [not_(ended) if is_open else ended]
    return [_plain(one) for one in _page(view, Alarm, limit, after, *where)]


def alarm(view: View, alarm_id: str) -> Item:
    return _plain(view.need(Alarm, alarm_id))


def contacts(view: View, *, limit: int, after: str | None) -> list[Item]:
    return [_plain(one) for one in _page(view, AlarmContact, limit, after)]


def shifts(view: View, *, limit: int, after: str | None) -> list[Item]:
    """Newest first: those that go on or are to come."""
    found = sorted(planned(view), key=lambda one: one.shift.id, reverse=True)
    return [_plain(one.shift, name=one.name) for one in found if after is None or one.shift.id < after][:limit]


def cases(view: View, *, limit: int, after: str | None, is_open: bool | None = None) -> list[Item]:
    where = [] if is_open is None else [col(Case.closed_at).is_(None) == is_open]
    return [_plain(one) for one in _page(view, Case, limit, after, *where)]


def sensors(view: View, *, limit: int, after: str | None) -> list[Sensor]:
    return _page(view, Sensor, limit, after)


def excursions(view: View, *, limit: int, after: str | None, is_open: bool | None = None) -> list[Excursion]:
    """Open: no end was seen, or its hold stands, because somebody has to decide on a vial that was there."""
    where = []
    if is_open is not None:
        held = select(col(Hold.excursion_id)).where(col(Hold.lifted_at).is_(None), col(Hold.excursion_id).is_not(None))
        going = or_(col(Excursion.until).is_(None), col(Excursion.id).in_(held))
        where = [going if is_open else not_(going)]
    return _page(view, Excursion, limit, after, *where)


def holds(view: View, *, limit: int, after: str | None, is_open: bool | None = None) -> list[Item]:
    where = [] if is_open is None else [col(Hold.lifted_at).is_(None) == is_open]
    before = [col(Hold.id) < after] if after else []
    found = sorted(view.known(Hold, seen(view), *where, *before), key=lambda one: one.id, reverse=True)[:limit]
    scopes = _in_sight(view, view.known(Scope, col(Scope.hold_id).in_([one.id for one in found])))
    return [_plain(one, scopes=[scope for scope in scopes if scope.hold_id == one.id]) for one in found]


def recalls(view: View, *, limit: int, after: str | None, is_open: bool | None = None) -> list[Item]:
    """Of every organisation: they stop use everywhere. What one covers is told as far as it may be seen.

    A mock one is told to those who hold, held or gave a vial of it.
    """
    found = sorted(view.known(Recall, told_of(view)), key=lambda one: one.id, reverse=True)
    found = [
        one
        for one in found
        if (after is None or one.id < after) and (is_open is None or (one.withdrawn_at is None) == is_open)
    ][:limit]
    scopes = _in_sight(view, view.known(Scope, col(Scope.recall_id).in_([one.id for one in found])))
    return [_plain(one, scopes=[scope for scope in scopes if scope.recall_id == one.id]) for one in found]


def scopes_of(view: View, recall: Recall) -> list[Scope]:
    """What one recall covers, as far as it may be seen."""
    return _in_sight(view, view.known(Scope, Scope.recall_id == recall.id))


def _in_sight(view: View, scopes: Sequence[Scope]) -> list[Scope]:
    """Those that name a thing which the actor may see."""
    seen: set[str] = set()
    for kind, table in NOUN.items():
        of_kind = [scope for scope in scopes if scope.kind is kind]
        seen.update(one.id for one in view.all(table, col(table.id).in_([scope.target_id for scope in of_kind])))
    return [scope for scope in scopes if scope.target_id in seen]


def vials(view: View, lot_id: str, *, limit: int, after: str | None) -> list[Vial]:
    """The vials of a lot in the order of their serials; `after` is a serial."""
    where = [col(Vial.serial) > after] if after else []
    return view.all(Vial, Vial.lot_id == lot_id, *where, order=Vial.serial, limit=limit)
