"""The loader behind the one predicate: all facts of k vials in a fixed number of queries, and the scan that asks it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from traceability.domain import checks, coldchain, gs1
from traceability.domain.checks import Finding, Purpose, ReleaseFact, Severity, StopFact, Verdict, VialFacts
from traceability.domain.people import Actor
from traceability.domain.states import Custody, LotState
from traceability.services.hot import Hot, Reader, day, known, moment, reader_of
from traceability.store import Store, View

_COLUMNS = (
    "SELECT v.id, v.gtin, v.serial, v.state, v.organisation_id, v.lot_id, l.number, l.state, l.maker_id,"
    " p.low_mc, p.high_mc, p.thaw_s, p.in_use_s, p.budget_s, t.at,"
    " (SELECT count(*) FROM label_print x WHERE x.vial_id = v.id),"
    " (SELECT count(*) FROM label_print x WHERE x.vial_id = v.id AND x.scanned_back_at IS NULL)"
    " FROM vial v JOIN lot l ON l.id = v.lot_id JOIN product_version p ON p.id = l.product_version_id"
    " LEFT JOIN thaw t ON t.vial_id = v.id WHERE "
)
_VIALS = Hot(_COLUMNS + "v.id = ANY(:ids)")
_BY_CODE = Hot(_COLUMNS + "v.gtin = :gtin AND v.serial = :serial")
_EXPIRIES = Hot("SELECT lot_id, expires FROM expiry_statement WHERE lot_id = ANY(:ids) ORDER BY lot_id, version")
_RELEASES = Hot(
    "SELECT rv.vial_id, r.number, r.kind, r.until, r.void_at FROM released_vial rv JOIN release r ON r.id = rv.release_id"
    " WHERE rv.vial_id = ANY(:ids) AND r.organisation_id = :asker ORDER BY r.released_at"
)
_STAYS = Hot(
    "SELECT s.vial_id, s.place_id, s.since, s.until, p.site_id, p.longest_age_s FROM stay s"
    " JOIN place p ON p.id = s.place_id WHERE s.vial_id = ANY(:ids) ORDER BY s.vial_id, s.since"
)
_BANDS = Hot("SELECT place_id, low_mc, high_mc, longest_s FROM assumed_band WHERE place_id = ANY(:ids) ORDER BY id")
_READ = Hot(
    # from where the readings go on without a gap: one that was reset after the reading before it begins anew
    "SELECT place_id, max(CASE WHEN last_at IS NULL OR since > last_at THEN since END), max(at) FROM"
    " (SELECT place_id, since, at, lag(at) OVER (PARTITION BY place_id ORDER BY at) AS last_at FROM manual_reading"
    " WHERE place_id = ANY(:ids)) AS r GROUP BY place_id"
)
_FILES = Hot("SELECT place_id, first, last, interval_s, judgement FROM sensor_file WHERE place_id = ANY(:ids)")
_EXCURSIONS = Hot("SELECT place_id, since, until, peak_mc FROM excursion WHERE place_id = ANY(:ids)")
_OPEN = Hot(
    "SELECT s.target_id, 0, h.id, h.number, h.title, s.kind, s.since, s.until FROM scope s JOIN hold h ON h.id = s.hold_id"
    " WHERE s.target_id = ANY(:ids) AND h.lifted_at IS NULL UNION ALL"
    " SELECT s.target_id, 1, r.id, r.number, r.title, s.kind, s.since, s.until FROM scope s"
    " JOIN recall r ON r.id = s.recall_id WHERE s.target_id = ANY(:ids) AND r.withdrawn_at IS NULL"
)
_MATERIALS = Hot("SELECT lot_id, material_id FROM lot_ancestor WHERE lot_id = ANY(:ids)")
_BOXES = Hot("SELECT vial_id, consignment_id FROM consignment_line WHERE vial_id = ANY(:ids)")
_ZONE = Hot("SELECT zone FROM site WHERE organisation_id = :id ORDER BY id LIMIT 1")
DEFAULT_AGE_S = 24 * 3600
"""How old a place's last reading may be where nobody said: loggers are read daily (R25)."""


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
    low_mc: int
    high_mc: int
    thaw_s: int | None
    in_use_s: int | None
    budget_s: int
    thawed_at: Any
    labels: int
    labels_waiting: int


class _Stay(NamedTuple):
    place_id: str
    since: datetime
    until: datetime | None
    site_id: str
    longest_age_s: int | None


class _Scope(NamedTuple):
    """Of an open hold (0) or recall (1): what it covers, and from when to when."""

    recall: int
    id: str
    number: str
    title: str
    kind: str
    target_id: str
    since: datetime | None
    until: datetime | None


def facts(
    view: View,
    vial_ids: Sequence[str],
    purpose: Purpose,
    *,
    asker_id: str | None = None,
    zone: ZoneInfo | None = None,
    scanned: gs1.Identity | None = None,
    at: datetime | None = None,
) -> list[VialFacts]:
    """What the verdict on these vials rests on, in their order; one vial or five hundred, the same queries.

    `at`: as of when, for a fact that is recorded late; what is known of that moment is what is known now.
    """
    if not vial_ids:
        return []
    reader = reader_of(view)
    asker = asker_id or view.actor.organisation_id
    found = {row[0]: _Vial._make(row) for row in _VIALS(reader.driver, ids=list(vial_ids))}
    rows = [found[vial_id] for vial_id in vial_ids]
    return _facts(reader, rows, at or view.at, purpose, asker, zone or _zone(reader, asker), scanned)


def _facts(
    reader: Reader,
    vials: Sequence[_Vial],
    at: datetime,
    purpose: Purpose,
    asker: str,
    zone: ZoneInfo,
    scanned: gs1.Identity | None,
) -> list[VialFacts]:
    vial_ids, lot_ids = [vial.id for vial in vials], {vial.lot_id for vial in vials}
    expiries = reader.grouped(_EXPIRIES, lot_ids, lambda row: day(row[1]))
    releases = reader.grouped(_RELEASES, vial_ids, _release, asker=asker)
    stays = reader.grouped(_STAYS, vial_ids, _stay)
    watch = _Watch(reader, {stay.place_id for vial_id in vial_ids for stay in stays[vial_id]})
    stopped = _stops(reader, vials, lot_ids, stays)
    made = []
    for vial in vials:
        told = expiries[vial.lot_id]
        there = stays[vial.id]
        thermal = coldchain.history(
            [watch.stay(stay) for stay in there],
            [one for stay in there for one in watch.excursions[stay.place_id]],
            coldchain.Limits(vial.low_mc, vial.high_mc),
            at,
        )
        made.append(
            VialFacts(
                at=at, purpose=purpose, asker_id=asker, holder_id=vial.organisation_id, state=Custody(vial.state),
                serial=vial.serial, lot_number=vial.lot_number, lot_state=LotState(vial.lot_state),
                usable_until=usable_until(told[-1], zone) if told else None, expires=told[-1] if told else None,
                superseded=tuple(told[:-1]), release=releases[vial.id][-1] if releases[vial.id] else None,
                holds=stopped.get((vial.id, 0), ()), recalls=stopped.get((vial.id, 1), ()), history=thermal,
                thawed_at=moment(vial.thawed_at), thaw_s=vial.thaw_s, in_use_s=vial.in_use_s, budget_s=vial.budget_s,
                label_waits=None if not vial.labels else vial.labels_waiting > 0, scanned=scanned,
            )
        )  # fmt: skip
    return made


def _release(row: Any) -> ReleaseFact:
    _, number, kind, until, void_at = row
    return ReleaseFact(number, kind, moment(until), void_at is not None)


def _stay(row: Any) -> _Stay:
    _, place_id, since, until, site_id, longest_age_s = row
    return _Stay(place_id, known(since), moment(until), site_id, longest_age_s)


class _Watch:
    """How the places of some stays were watched."""

    def __init__(self, reader: Reader, places: Iterable[str]) -> None:
        self.bands = reader.grouped(_BANDS, places, lambda row: coldchain.Assumed(*row[1:]))
        self.read = reader.grouped(_READ, places, lambda row: (known(row[1]), known(row[2])))
        self.files = reader.grouped(_FILES, places, _file)
        self.excursions = reader.grouped(_EXCURSIONS, places, _excursion)

    def stay(self, stay: _Stay) -> coldchain.Stay:
        return coldchain.Stay(stay.place_id, stay.since, stay.until, self._monitoring(stay))

    def _monitoring(self, stay: _Stay) -> coldchain.Assumed | coldchain.Monitored | None:
        """A file that watched the whole stay, readings by hand from before it, else what is assumed; else nothing."""
        age, files, hand = stay.longest_age_s or DEFAULT_AGE_S, self.files[stay.place_id], self.read[stay.place_id]
        for first, last, interval_s, gaps in files:
            if coldchain.covers((stay.since, stay.until or last), first, last, gaps, interval_s):
                return coldchain.Monitored(stay.until or last, age)
        if hand and hand[0][0] <= stay.since:
            return coldchain.Monitored(hand[0][1], age)
        if bands := self.bands[stay.place_id]:
            newest: coldchain.Assumed = bands[-1]
            return newest
        return coldchain.Monitored(None, age) if hand or files else None


def _file(row: Any) -> tuple[datetime, datetime, int, list[tuple[datetime, datetime]]]:
    _, first, last, interval_s, judgement = row
    gaps = [(known(a), known(b)) for a, b in json.loads(judgement)["gaps"]]
    return known(first), known(last), interval_s, gaps


def _excursion(row: Any) -> coldchain.Excursion:
    place_id, since, until, peak_mc = row
    return coldchain.Excursion(known(since), moment(until), peak_mc, "above", place_id)


def _stops(
    reader: Reader, vials: Sequence[_Vial], lot_ids: Iterable[str], stays: Mapping[str, Sequence[_Stay]]
) -> dict[tuple[str, int], tuple[StopFact, ...]]:
    """Open holds (0) and recalls (1) of every organisation that cover each vial: found by what they cover, not one by one."""
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
    for vial_id, covered in targets.items():
        scopes = [scope for target in covered for scope in opened[target] if _during(scope, stays[vial_id])]
        for scope in sorted(scopes, key=itemgetter(0, 1)):
            told = StopFact(scope.number, scope.title)
            if told not in made.get((vial_id, scope.recall), ()):
                made[vial_id, scope.recall] = (*made.get((vial_id, scope.recall), ()), told)
    return made


def _scope(row: Any) -> _Scope:
    target_id, recall, id_, number, title, kind, since, until = row
    return _Scope(recall, id_, number, title, kind, target_id, moment(since), moment(until))


def _during(scope: _Scope, stays: Sequence[_Stay]) -> bool:
    """A place or a site is covered for an interval: a vial that lay there then. Anything else is covered as such."""
    if scope.kind not in ("place", "site"):
        return True
    return any(
        scope.target_id == (stay.place_id if scope.kind == "place" else stay.site_id)
        and (scope.until is None or stay.since < scope.until)
        and (scope.since is None or stay.until is None or stay.until > scope.since)
        for stay in stays
    )


def usable_until(expires: date, zone: ZoneInfo) -> datetime:
    """Through 23:59:59 of its date in the zone of the using site: the first moment at which it is expired (MODEL.md)."""
    return datetime.combine(expires + timedelta(days=1), time(), zone)


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
    gtin, serial = identity.gtin, identity.serial
    rows = _BY_CODE(reader.driver, gtin=gtin, serial=serial) if gtin and serial else ()
    if not rows:
        why = Finding("serial_unknown", False, Severity.ASK, {"kind": identity.kind, "serial": serial})
        return Scanned(Verdict.ASK_QA, purpose, (why,), identity, None, None, False)
    vial = _Vial._make(rows[0])
    (fact,) = _facts(reader, (vial,), at, purpose, asker, zone, identity)
    findings = checks.use(fact)
    in_sight = vial.organisation_id == asker
    return Scanned(checks.verdict(findings), purpose, findings, identity, vial.id, fact, in_sight, vial.lot_id)


def _seen(view: View, vial_id: str) -> Any:
    from traceability.store.tables import Vial

    return view.find(Vial, vial_id)


def judge(view: View, vial_ids: Sequence[str], purpose: Purpose) -> dict[str, tuple[Verdict, tuple[Finding, ...]]]:
    """The same predicate for many vials at once: pick lists, a place's content, the vials of a lot."""
    found = {vial_id: checks.use(fact) for vial_id, fact in zip(vial_ids, facts(view, vial_ids, purpose), strict=True)}
    return {vial_id: (checks.verdict(findings), findings) for vial_id, findings in found.items()}
