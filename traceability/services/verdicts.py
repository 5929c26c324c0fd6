"""The loader behind the one predicate: all facts of k vials in a fixed number of queries, and the scan that asks it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from traceability.domain import checks, gs1, history, releasing, rules
from traceability.domain.checks import Purpose, ReleaseFact, RouteFact, ShortenedFact, StopFact, VialFacts
from traceability.domain.coldchain import Limits
from traceability.domain.papers import DESIGNATION, ROUTE_PAPERS, CredentialFact, Suspended, shared
from traceability.domain.people import Actor
from traceability.domain.rules import Finding, Severity, Verdict
from traceability.domain.specifications import within
from traceability.domain.states import Custody, LotState
from traceability.services import naming, watching
from traceability.services.watching import Stay
from traceability.store import AHEAD, Reader, Store, View
from traceability.store.hot import Hot, day, known, moment, reader_of
from traceability.store.tables.coldchain import Decision
from traceability.store.tables.organisations import PlaceKind

_COLUMNS = (
    "SELECT v.id, v.gtin, v.serial, v.state, v.organisation_id, v.lot_id, l.number, l.state, l.maker_id,"
    " l.made_on, l.route, l.route_number, p.low_mc, p.high_mc, p.thaw_s, p.in_use_s, p.budget_s, t.at,"
    " (SELECT count(*) FROM label_print x WHERE x.vial_id = v.id),"
    " (SELECT count(*) FROM label_print x WHERE x.vial_id = v.id AND x.scanned_back_at IS NULL AND x.spoiled_at IS NULL),"
    " EXISTS (SELECT 1 FROM administration_vial x JOIN administration y ON y.id = x.administration_id"
    " WHERE x.vial_id = v.id AND y.void_at IS NULL), l.product_version_id, p.freeze_sensitive,"
    " (SELECT a.code FROM alias a WHERE a.vial_id = v.id AND a.scheme = 'giai'),"
    " (SELECT max(x.printed_at) FROM label_print x WHERE x.vial_id = v.id)"
    " FROM vial v JOIN lot l ON l.id = v.lot_id JOIN product_version p ON p.id = l.product_version_id"
    " LEFT JOIN thaw t ON t.vial_id = v.id WHERE "
)
_VIALS = Hot(_COLUMNS + "v.id = ANY(:ids)")
_BY_CODE = Hot(_COLUMNS + "v.gtin = :gtin AND v.serial = :serial AND v.serial_kind = 'maker'")
_BY_ALIAS = Hot(
    _COLUMNS + "v.id IN (SELECT a.vial_id FROM alias a WHERE a.scheme = :scheme AND a.code = :code)"  # noqa: S608
)
_EXPIRIES = Hot(
    "SELECT lot_id, expires, stated_at FROM expiry_statement WHERE lot_id = ANY(:ids) ORDER BY lot_id, version"
)
LEFT = (
    "EXISTS (SELECT 1 FROM stay s JOIN place p ON p.id = s.place_id JOIN site t ON t.id = p.site_id"
    " WHERE s.vial_id = rv.vial_id AND s.since > r.released_at AND p.kind <> 'shipper' AND t.organisation_id <> r.organisation_id)"
)
"""A vial rv of a release r lay with another organisation since: it comes back as anything comes, and waits for a release of its own."""
_RELEASES = Hot(
    "SELECT rv.vial_id, r.id, r.number, r.kind, r.until, r.void_at, r.released_at, r.course_id FROM released_vial rv"  # noqa: S608 - from the words above alone
    " JOIN release r ON r.id = rv.release_id WHERE rv.vial_id = ANY(:ids) AND r.organisation_id = :asker"
    f" AND NOT {LEFT} ORDER BY r.released_at"
)
_STAYS = Hot(
    "SELECT s.vial_id, s.place_id, s.since, s.until, p.site_id, p.longest_age_s, t.zone, p.kind, s.consignment_id,"  # noqa: S608 - from the words above alone
    f" {naming.OWNER} FROM stay s JOIN place p ON p.id = s.place_id JOIN site t ON t.id = p.site_id"
    " LEFT JOIN consignment b ON b.place_id = s.place_id WHERE s.vial_id = ANY(:ids) ORDER BY s.vial_id, s.since"
)
_ONLY = (  # whose stock alone a stop of a maker or a material reaches, where not its owner has placed it
    "CASE WHEN s.kind NOT IN ('maker', 'material') OR s.target_id = x.organisation_id OR EXISTS (SELECT 1 FROM material m"
    " WHERE m.id = s.target_id AND m.organisation_id = x.organisation_id) THEN NULL ELSE x.organisation_id END"
)
_OPEN = Hot(
    f"SELECT s.target_id, 0, x.id, x.number, x.title, s.kind, s.since, s.until, {_ONLY}, x.placed_at, x.excursion_id FROM scope s"  # noqa: S608
    " JOIN hold x ON x.id = s.hold_id WHERE s.target_id = ANY(:ids)"
    # an excursion's holds whatever QA has not decided on, also what nobody knew of when it did
    " AND (x.lifted_at IS NULL OR x.excursion_id IS NOT NULL) UNION ALL"
    f" SELECT s.target_id, 1, x.id, x.number, x.title, s.kind, s.since, s.until, {_ONLY}, x.started_at, NULL FROM scope s"
    " JOIN recall x ON x.id = s.recall_id WHERE s.target_id = ANY(:ids) AND x.withdrawn_at IS NULL UNION ALL"
    # what a case decided last of it, where that bars use: of a vial or a box wherever it is, else of one's own stock,
    # and of a lot everywhere by its maker
    " SELECT d.target_id, 2, k.id, k.number, NULL, d.kind, NULL, NULL,"
    " CASE WHEN d.kind IN ('vial', 'consignment') THEN NULL ELSE k.organisation_id END, d.decided_at, NULL FROM case_disposition d"
    " JOIN cases k ON k.id = d.case_id WHERE d.target_id = ANY(:ids) AND d.decision IN ('reject', 'return', 'destroy') AND NOT EXISTS"
    " (SELECT 1 FROM case_disposition n WHERE n.case_id = d.case_id AND n.target_id = d.target_id AND n.id > d.id)"
)
_DISPOSED = Hot(
    "SELECT d.vial_id, d.excursion_id, e.number, d.decision, d.until FROM disposition d JOIN excursion e ON e.id = d.excursion_id"
    " WHERE d.vial_id = ANY(:ids) ORDER BY d.decided_at, d.id"
)
_BUDGETS = Hot(
    "SELECT product_version_id, direction, threshold_mc, allowed_s FROM budget_band WHERE product_version_id = ANY(:ids)"
    " ORDER BY direction, abs(threshold_mc)"
)
_MATERIALS = Hot("SELECT lot_id, material_id FROM lot_ancestor WHERE lot_id = ANY(:ids)")
_BOXES = Hot("SELECT vial_id, consignment_id FROM consignment_line WHERE vial_id = ANY(:ids)")
_PAPERS = Hot(
    "SELECT c.organisation_id, c.kind, p.gtin, c.id, c.number, c.valid_from, c.valid_until FROM credential c"
    " LEFT JOIN product p ON p.id = c.product_id WHERE c.organisation_id = ANY(:ids) ORDER BY c.id"
)
_SUSPENDED = Hot(
    "SELECT credential_id, since, until, id FROM suspension WHERE credential_id = ANY(:ids) ORDER BY since, id"
)
_RESULTS = Hot(
    "SELECT r.lot_id, s.test, s.expected, s.low, s.high, r.value, r.case_id, e.recorded_at FROM result r"
    " JOIN specification s ON s.id = r.specification_id LEFT JOIN entry e ON e.act_id = r.act_id"
    " WHERE r.lot_id = ANY(:ids) ORDER BY s.test, r.version"
)
_OUTSIDE = Hot(
    "SELECT DISTINCT r.lot_id, c.number FROM result r JOIN cases c ON c.id = r.case_id"
    " WHERE r.lot_id = ANY(:ids) AND c.closed_at IS NULL ORDER BY c.number"
)
_FOUND = Hot(
    # an excursion comes on record with the hold over what was there
    "SELECT e.place_id, e.number, e.since, e.until, min(h.placed_at) FROM excursion e JOIN hold h ON h.excursion_id = e.id"
    " WHERE e.place_id = ANY(:ids) GROUP BY e.place_id, e.number, e.since, e.until ORDER BY e.number"
)
_LATEST = Hot(
    # one server, one clock: whatever ledger it is in, and also what was recorded while the clock ran ahead
    "SELECT max(latest) FROM (SELECT (SELECT max(e.recorded_at) FROM entry e WHERE e.ledger = o.id) AS latest"
    " FROM organisation o) AS told"
)
_GIVEN_IN = Hot("SELECT t.zone FROM course c JOIN site t ON t.id = c.site_id WHERE c.id = :id")
_ZONE = Hot("SELECT zone FROM site WHERE organisation_id = :id ORDER BY id LIMIT 1")


class _Vial(NamedTuple):
    """A vial with its lot, the limits of its product version, its thaw and its labels."""

    id: str
    gtin: str
    serial: str
    state: str
    organisation_id: str
    lot_id: str
    lot_number: str
    lot_state: str
    maker_id: str
    made_on: Any
    route: str
    route_number: str
    low_mc: int
    high_mc: int
    thaw_s: int | None
    in_use_s: int | None
    budget_s: int
    thawed_at: Any
    labels: int
    labels_waiting: int
    reported_given: bool
    version_id: str
    freezes: bool
    giai: str | None
    printed_at: Any


class _Release(NamedTuple):
    id: str
    number: str
    kind: str
    until: datetime | None
    void: bool
    at: datetime
    course_id: str | None


class _Scope(NamedTuple):
    """Of an open hold (0), a recall (1) or a case that bars its use (2): what it covers, and from when to when."""

    recall: int
    id: str
    number: str
    title: str | None
    kind: str
    target_id: str
    since: datetime | None
    until: datetime | None
    only: str | None
    placed_at: datetime
    excursion_id: str | None

    def reaches(self, vial: _Vial, stays: Sequence[Stay]) -> bool:
        """A maker or a material is stopped everywhere by its owner and by the lot's maker; by others, for what they hold now,
        or held at any moment since: under it once, it stays so wherever it travels.
        """
        if self.only in (None, vial.maker_id, vial.organisation_id):
            return True
        return any(stay.owner_id == self.only and (stay.until is None or stay.until > self.placed_at) for stay in stays)


def facts(
    view: View,
    vial_ids: Sequence[str],
    purpose: Purpose,
    *,
    asker_id: str | None = None,
    scanned: gs1.Identity | None = None,
    at: datetime | None = None,
    course_id: str | None = None,
) -> list[VialFacts]:
    """What the verdict on these vials rests on, in their order; one vial or five hundred, the same queries.

    `at`: as of when, for a fact that is recorded late; what is known of that moment is what is known now.
    `course_id`: for whom it is asked; without it, a release for a named patient asks.
    """
    if not vial_ids:
        return []
    reader = reader_of(view)
    asker = asker_id or view.actor.organisation_id
    found = {row[0]: _Vial._make(row) for row in _VIALS(reader.driver, ids=list(vial_ids))}
    rows = [found[vial_id] for vial_id in vial_ids]
    return _facts(reader, rows, at or view.at, purpose, asker, scanned, view.at, course_id)


def _facts(
    reader: Reader,
    vials: Sequence[_Vial],
    at: datetime,
    purpose: Purpose,
    asker: str,
    scanned: gs1.Identity | None,
    now: datetime,
    course_id: str | None = None,
) -> list[VialFacts]:
    vial_ids, lot_ids = [vial.id for vial in vials], {vial.lot_id for vial in vials}
    expiries = reader.grouped(_EXPIRIES, lot_ids, lambda row: (day(row[1]), known(row[2])))
    last = reader.once(_LATEST, lambda rows: moment(rows[0][0]))
    behind = last if last is not None and now < last - AHEAD else None
    releases = reader.grouped(_RELEASES, vial_ids, _release, asker=asker)
    released = {vial.lot_id for vial in vials if releases[vial.id]}
    cases = naming.named(reader, released)
    for query, of_lot in ((_RESULTS, _result), (_OUTSIDE, itemgetter(1))):  # at once, whatever `_released` asks of each
        reader.grouped(query, released, of_lot)
    stays = reader.grouped(_STAYS, vial_ids, _stay)
    places = watching.places(reader, {stay.place_id for vial_id in vial_ids for stay in stays[vial_id]})
    decided = _decided(
        reader, [one for one in vial_ids if any(places[stay.place_id].excursions for stay in stays[one])]
    )
    stopped = _stops(reader, vials, lot_ids, stays, decided)
    made = []
    for vial in vials:
        told = [one for one, _ in expiries[vial.lot_id]]
        there, limits = stays[vial.id], Limits(vial.low_mc, vial.high_mc, bool(vial.freezes))
        thermal = history.history(
            [part for stay in there for part in places[stay.place_id].watched(reader, stay, limits)],
            [one for stay in there for one in places[stay.place_id].excursions],
            limits,
            at,
        )
        if thermal.out_of_storage_s:
            thermal = replace(thermal, bands=_budgets(reader, vial.version_id, there, places, at))
        came = [stay.zone for stay in there if stay.since <= at]
        zone = ZoneInfo(came[-1]) if came else _zone(reader, asker)
        zones = {zone, *_given_in(reader, course_id)}
        minute = scanned.expires_at if scanned else None
        release = releases[vial.id][-1:]
        # journeys that the release rests on: one that began after it is judged by what was measured in it
        lain = [
            places[stay.place_id] for stay in there if stay.consignment_id and release and stay.since <= release[0].at
        ]
        found = _found(reader, there, places, release[0]) if release else ()
        houses, owners = (asker, vial.maker_id), (stay.owner_id for stay in there)
        named = naming.undecided(cases[vial.lot_id], vial.id, houses, owners) if release else ()
        told_of = (found, named)
        stands = (
            _released(reader, vial, release[0], expiries[vial.lot_id], lain, told_of, course_id) if release else None
        )
        made.append(
            VialFacts(
                at=at, purpose=purpose, asker_id=asker, holder_id=vial.organisation_id, state=Custody(vial.state),
                gtin=vial.gtin, serial=vial.serial, giai=vial.giai, lot_number=vial.lot_number, lot_state=LotState(vial.lot_state),
                usable_until=usable_until(told[-1], zones) if told else None, expires=told[-1] if told else None,
                superseded=tuple(told[:-1]), release=stands,
                holds=stopped.get((vial.id, 0), ()), recalls=stopped.get((vial.id, 1), ()), history=thermal,
                rejected=(
                    *(one.number for one in decided.get(vial.id, {}).values() if one.decision == Decision.REJECT),
                    *(one.number for one in stopped.get((vial.id, 2), ())),
                ),
                shortened=_shortened(decided.get(vial.id, {}).values(), zones),
                thawed_at=(thawed := moment(vial.thawed_at)), refrozen_at=_refrozen(there, thawed, at),
                reported_given=bool(vial.reported_given),
                thaw_s=vial.thaw_s, in_use_s=vial.in_use_s, budget_s=vial.budget_s,
                label_waits=None if not vial.labels else vial.labels_waiting > 0,
                route=None if purpose == Purpose.STOCK else _route(reader, vial, asker, at.astimezone(zone).date()), scanned=scanned,
                labelled=_labelled(moment(vial.printed_at), expiries[vial.lot_id]),
                label_until=min(minute.replace(tzinfo=one) for one in zones) if minute else None, clock_behind=behind,
            )
        )  # fmt: skip
    return made


def _labelled(printed_at: datetime | None, stated: Sequence[tuple[date, datetime]]) -> date | None:
    """The date on the label that was printed last: that which counted when it was printed."""
    told = [expires for expires, at in stated if printed_at is not None and at <= printed_at]
    return told[-1] if told else None


def _budgets(
    reader: Reader, version_id: str, stays: Sequence[Stay], places: Mapping[str, watching.Place], at: datetime
) -> tuple[history.Band, ...]:
    """How much of its time out of storage lay beyond each threshold of its product."""
    made = []
    for band in reader.grouped(_BUDGETS, (version_id,), _budget)[version_id]:
        limits = band.limits()
        parts = [part for stay in stays for part in places[stay.place_id].watched(reader, stay, limits)]
        made.append(replace(band, used_s=history.history(parts, (), limits, at).out_of_storage_s))
    return tuple(made)


def _budget(row: Any) -> history.Band:
    _, direction, threshold_mc, allowed_s = row
    return history.Band(direction, threshold_mc, allowed_s)


def _refrozen(stays: Sequence[Stay], thawed: datetime | None, at: datetime) -> datetime | None:
    """When a vial that had begun to thaw lay in a freezer again, as of a moment."""
    if thawed is None:
        return None
    back = [stay for stay in stays if stay.kind == PlaceKind.FREEZER and (stay.until is None or stay.until > thawed)]
    since = min((max(stay.since, thawed) for stay in back), default=None)
    return since if since is not None and since <= at else None


def _route(reader: Reader, vial: _Vial, asker: str, on: date) -> RouteFact:
    papers = _papers(reader, asker, *ROUTE_PAPERS.get(vial.route, DESIGNATION), gtin=vial.gtin)
    return RouteFact(vial.route, vial.route_number, papers, on)


def _release(row: Any) -> _Release:
    _, id_, number, kind, until, void_at, released_at, course_id = row
    return _Release(id_, number, kind, moment(until), void_at is not None, known(released_at), course_id)


def _found(
    reader: Reader, stays: Sequence[Stay], places: Mapping[str, watching.Place], release: _Release
) -> tuple[str, ...]:
    """Excursions of places while the vial was there, before its release, that nobody knew of when it was released."""
    there = [stay for stay in stays if places[stay.place_id].excursions and stay.since < release.at]
    known_of = reader.grouped(_FOUND, {stay.place_id for stay in there}, _excursion)
    return tuple(
        dict.fromkeys(
            number
            for stay in there
            for number, since, until, placed in known_of[stay.place_id]
            if placed > release.at
            and since < release.at
            and (stay.until is None or since < stay.until)
            and (until is None or until > stay.since)
        )
    )


def _excursion(row: Any) -> tuple[str, datetime, datetime | None, datetime]:
    _, number, since, until, placed = row
    return number, known(since), moment(until), known(placed)


def _released(
    reader: Reader,
    vial: _Vial,
    release: _Release,
    stated: Sequence[tuple[date, datetime]],
    places: Sequence[watching.Place],
    told_of: tuple[tuple[str, ...], tuple[str, ...]],
    course_id: str | None,
) -> ReleaseFact:
    """The release with what has changed since, which is the same for all vials that came the same way.

    `told_of`: excursions from before it, and cases, that came on record since.
    """
    found, named = told_of
    made = reader.memo.setdefault(ReleaseFact, {})
    key = release.id, course_id, told_of, *[place.id for place in places]
    if key not in made:
        results = reader.grouped(_RESULTS, (vial.lot_id,), _result)[vial.lot_id]
        then = [expires for expires, at in stated if at <= release.at]
        since = releasing.SinceRelease(
            made_on=day(vial.made_on), gmp=_papers(reader, vial.maker_id, "gmp"),
            licences=_papers(reader, vial.maker_id, "licence"),
            failed=tuple(test for test, conforms, at in results if conforms is not True and _after(at, release)),
            expired_then=then[-1] if then else None, expires=stated[-1][0] if stated else None,
            earliest=min((expires for expires, at in stated if at > release.at), default=None),
            files=sum(_after(told, release) for place in places for told in place.told_at),
            cases=tuple(reader.grouped(_OUTSIDE, (vial.lot_id,), itemgetter(1))[vial.lot_id]), excursions=found,
            named=named,
        )  # fmt: skip
        changes = releasing.changes(since)
        theirs = None if course_id is None or release.course_id is None else course_id == release.course_id
        made[key] = ReleaseFact(release.number, release.kind, release.until, release.void, changes, theirs)
    fact: ReleaseFact = made[key]
    return fact


def _after(at: datetime | None, release: _Release) -> bool:
    """Recorded after the release. What has no entry yet is of this very act, and none of those that write it asks."""
    return at is not None and at > release.at


def _result(row: Any) -> tuple[str, bool | None, datetime | None]:
    """A test, whether its result conforms, and when that came on record; with a case it was found outside as it was entered."""
    _, test, expected, low, high, value, case_id, recorded_at = row
    return test, False if case_id else within(expected, low, high, value), moment(recorded_at)


def _paper(row: Any) -> tuple[str, str | None, CredentialFact]:
    _, kind, gtin, id_, number, valid_from, valid_until = row
    return (
        kind,
        gtin,
        CredentialFact(id_, number, day(valid_from) if valid_from else None, day(valid_until) if valid_until else None),
    )


def _suspended(row: Any) -> Suspended:
    _, since, until, id_ = row
    return Suspended(day(since), day(until) if until else None, str(id_))


def _papers(reader: Reader, organisation_id: str, *kinds: str, gtin: str | None = None) -> tuple[CredentialFact, ...]:
    """Its papers of these kinds, without those that are of another product than this one."""
    all_of = reader.grouped(_PAPERS, (organisation_id,), _paper)[organisation_id]
    found = [one for one in all_of if one[0] in kinds]
    told = reader.grouped(_SUSPENDED, [paper.id for *_, paper in found], _suspended)
    whole = shared((kind, replace(paper, suspensions=tuple(told[paper.id]))) for kind, _, paper in found)
    return tuple(fact for fact, (_, of, _) in zip(whole, found, strict=True) if gtin is None or of in (None, gtin))


def _stay(row: Any) -> Stay:
    _, place_id, since, until, *place = row
    return Stay(place_id, known(since), moment(until), *place)


class _Decided(NamedTuple):
    """What QA decided of a vial after one excursion."""

    number: str
    decision: str
    until: date | None


def _decided(reader: Reader, vial_ids: Sequence[str]) -> Mapping[str, Mapping[str, _Decided]]:
    """Of vials that lay where there were excursions: by vial and excursion; the newest decision counts."""
    found = reader.grouped(_DISPOSED, vial_ids, tuple)
    made: dict[str, dict[str, _Decided]] = defaultdict(dict)
    for vial_id in vial_ids:
        for _, excursion_id, number, decision, until in found[vial_id]:
            made[vial_id][excursion_id] = _Decided(number, decision, day(until) if until else None)
    return made


def _stops(
    reader: Reader,
    vials: Sequence[_Vial],
    lot_ids: Iterable[str],
    stays: Mapping[str, Sequence[Stay]],
    decided: Mapping[str, Mapping[str, _Decided]],
) -> dict[tuple[str, int], tuple[StopFact, ...]]:
    """Open holds (0), recalls (1) and cases that bar use (2) of every organisation that cover each vial: found by what they cover."""
    materials = reader.grouped(_MATERIALS, lot_ids, itemgetter(1))
    boxes = reader.grouped(_BOXES, [vial.id for vial in vials], itemgetter(1))
    targets: dict[str, set[str]] = {}
    for vial in vials:
        there = stays[vial.id]
        targets[vial.id] = {
            vial.id, vial.lot_id, vial.maker_id, *materials[vial.lot_id], *boxes[vial.id],
            *[stay.place_id for stay in there], *[stay.site_id for stay in there],
        }  # fmt: skip
    opened = reader.grouped(_OPEN, set().union(*targets.values()), _scope)
    made: dict[tuple[str, int], tuple[StopFact, ...]] = {}
    by_id = {vial.id: vial for vial in vials}
    for vial_id, covered in targets.items():
        scopes = [
            scope
            for target in covered
            for scope in opened[target]
            if scope.reaches(by_id[vial_id], stays[vial_id])
            and scope.excursion_id not in decided.get(vial_id, {})  # QA has decided of this very vial
            and _during(scope, stays[vial_id])
        ]
        for scope in sorted(scopes, key=itemgetter(0, 1)):
            told = StopFact(scope.number, scope.title)
            if told not in made.get((vial_id, scope.recall), ()):
                made[vial_id, scope.recall] = (*made.get((vial_id, scope.recall), ()), told)
    return made


def _scope(row: Any) -> _Scope:
    target_id, recall, id_, number, title, kind, since, until, only, placed_at, excursion_id = row
    times = moment(since), moment(until)
    return _Scope(recall, id_, number, title, kind, target_id, *times, only, known(placed_at), excursion_id)


def _during(scope: _Scope, stays: Sequence[Stay]) -> bool:
    """A place or a site is covered for an interval: a vial that lay there then. Anything else is covered as such."""
    if scope.kind not in ("place", "site"):
        return True
    return any(
        scope.target_id == (stay.place_id if scope.kind == "place" else stay.site_id)
        and (scope.until is None or stay.since < scope.until)
        and (scope.since is None or stay.until is None or stay.until > scope.since)
        for stay in stays
    )


LAST_DAY = date(9990, 12, 31)
"""Later ones are the same to whoever is alive."""


def usable_until(expires: date, zones: Iterable[ZoneInfo]) -> datetime:
    """Through 23:59:59 of its date where it lies and, where it is asked for a course, where that is given: the first moment at
    which it is expired in one of them (MODEL.md).
    """
    return min(datetime.combine(min(expires, LAST_DAY) + timedelta(days=1), time(), one) for one in zones)


def _shortened(decided: Iterable[_Decided], zones: Iterable[ZoneInfo]) -> ShortenedFact | None:
    """The earliest day that QA set after an excursion."""
    days = [(one.until, one.number) for one in decided if one.until is not None]
    return ShortenedFact(min(days)[1], min(days)[0], usable_until(min(days)[0], zones)) if days else None


def _given_in(reader: Reader, course_id: str | None) -> tuple[ZoneInfo, ...]:
    """The zone of the site at which a course is given."""
    if course_id is None:
        return ()
    made: tuple[ZoneInfo, ...] = reader.once(
        _GIVEN_IN, lambda rows: tuple(ZoneInfo(row[0]) for row in rows), id=course_id
    )
    return made


def _zone(reader: Reader, organisation_id: str) -> ZoneInfo:
    made: ZoneInfo = reader.once(_ZONE, lambda rows: ZoneInfo(rows[0][0] if rows else "UTC"), id=organisation_id)
    return made


# --------------------------------------------------------------------------------------------------------------- scan


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan answers: the verdict for a purpose, every finding, and the vial, where the code named one of ours."""

    verdict: Verdict
    purpose: Purpose
    findings: tuple[Finding, ...]
    identity: gs1.Identity
    vial_id: str | None
    facts: VialFacts | None
    in_sight: bool
    lot_id: str | None = None


ANYBODY: Mapping[str, frozenset[str]] = {
    "recalled": frozenset(),
    "rejected": frozenset(),
    "shortened": frozenset({"until"}),
    "expired": frozenset({"expires", "label_until"}),
    "lot_declined": frozenset({"lot"}),
    "other_organisation": frozenset(),
    "serial_unknown": frozenset({"kind", "serial"}),
}
"""What is told of a vial to whoever holds it, with which values: that it must not be used, that somebody has to be asked,
and nothing of whose it is, where it should be, or what they wrote of it."""


def outside(found: Scanned) -> Scanned:
    """The answer for who may not see this vial: in the wrong building one that is recalled or expired is the most dangerous."""
    told = tuple(
        replace(one, values={name: value for name, value in one.values.items() if name in ANYBODY[one.code]})
        for one in found.findings
        if one.code in ANYBODY and one.holds is False
    )
    stopped = rules.verdict(told) is Verdict.DO_NOT_USE
    verdict = Verdict.DO_NOT_USE if stopped else Verdict.ASK_QA
    return Scanned(verdict, found.purpose, told, found.identity, None, None, False)


def scan(view: View, raw: str, purpose: Purpose) -> Scanned:
    """Any readable code gets a verdict; an unreadable one is `Refused` (MODEL.md). Nothing is written here."""
    found = _scan(reader_of(view), view.actor, view.at, raw, purpose)
    return (
        found if found.in_sight or found.vial_id is None else replace(found, in_sight=bool(_seen(view, found.vial_id)))
    )


def scan_in(reader: Reader, store: Store, actor: Actor, raw: str, purpose: Purpose) -> Scanned:
    """The same for who opened no view: the shortest way from a code to its verdict."""
    found = _scan(reader, actor, store.clock(), raw, purpose)
    if found.in_sight or found.vial_id is None:
        return found
    with store.read(actor) as view:
        return replace(found, in_sight=bool(_seen(view, found.vial_id)))


def _scan(reader: Reader, actor: Actor, at: datetime, raw: str, purpose: Purpose) -> Scanned:
    asker = actor.organisation_id
    zone = _zone(reader, asker)
    identity = gs1.read(raw, at.astimezone(zone).date())
    rows = _named(reader, identity)
    if not rows:
        why = Finding("serial_unknown", False, Severity.ASK, {"kind": identity.kind, "serial": identity.serial})
        return Scanned(Verdict.ASK_QA, purpose, (why,), identity, None, None, False)
    vial = _Vial._make(rows[0])
    (fact,) = _facts(reader, (vial,), at, purpose, asker, identity, at)
    findings = checks.use(fact)
    in_sight = vial.organisation_id == asker
    return Scanned(rules.verdict(findings), purpose, findings, identity, vial.id, fact, in_sight, vial.lot_id)


def _named(reader: Reader, code: gs1.Identity) -> Sequence[Any]:
    """The vial that a code names: what `names.vial_of` finds, with everything the verdict needs of it, in one query."""
    if code.kind == "vial" and code.serial:
        return cast(Sequence[Any], reader.once(_BY_CODE, tuple, gtin=code.gtin, serial=code.serial))
    if code.other_name is None:
        return ()
    scheme, text = code.other_name
    return cast(Sequence[Any], reader.once(_BY_ALIAS, tuple, scheme=scheme, code=text))


def _seen(view: View, vial_id: str) -> Any:
    from traceability.store.tables import Vial

    return view.find(Vial, vial_id)


def judge(view: View, vial_ids: Sequence[str], purpose: Purpose) -> dict[str, tuple[Verdict, tuple[Finding, ...]]]:
    """The same predicate for many vials at once: pick lists, a place's content, the vials of a lot."""
    found = {vial_id: checks.use(fact) for vial_id, fact in zip(vial_ids, facts(view, vial_ids, purpose), strict=True)}
    return {vial_id: (rules.verdict(findings), findings) for vial_id, findings in found.items()}
