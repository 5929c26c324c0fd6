"""The loader behind the one predicate: all facts of k vials in a fixed number of queries, and the scan that asks it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from traceability.domain import checks, coldchain, gs1
from traceability.domain.checks import Finding, Purpose, ReleaseFact, Severity, StopFact, Verdict, VialFacts
from traceability.domain.people import Actor
from traceability.domain.states import Custody, LotState
from traceability.services.hot import Hot, day, driver_of, known, moment, reading
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
    "SELECT h.id, 0, h.number, h.title, s.kind, s.target_id, s.since, s.until FROM scope s JOIN hold h ON h.id = s.hold_id"
    " WHERE s.target_id = ANY(:targets) AND h.lifted_at IS NULL UNION ALL"
    " SELECT r.id, 1, r.number, r.title, s.kind, s.target_id, s.since, s.until FROM scope s"
    " JOIN recall r ON r.id = s.recall_id WHERE s.target_id = ANY(:targets) AND r.withdrawn_at IS NULL"
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
    vial_id: str
    place_id: str
    since: datetime
    until: datetime | None
    site_id: str
    longest_age_s: int | None


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
    driver = driver_of(view)
    asker = asker_id or view.actor.organisation_id
    found = {row[0]: _Vial._make(row) for row in _VIALS(driver, ids=list(vial_ids))}
    rows = [found[vial_id] for vial_id in vial_ids]
    return _facts(driver, rows, at or view.at, purpose, asker, zone or _zone(driver, asker), scanned)


def _facts(
    driver: Any,
    vials: Sequence[_Vial],
    at: datetime,
    purpose: Purpose,
    asker: str,
    zone: ZoneInfo,
    scanned: gs1.Identity | None,
) -> list[VialFacts]:
    vial_ids, lot_ids = [vial.id for vial in vials], sorted({vial.lot_id for vial in vials})
    expiries: dict[str, list[date]] = defaultdict(list)
    for lot_id, expires in _EXPIRIES(driver, ids=lot_ids):
        expiries[lot_id].append(day(expires))
    releases = {row[0]: row for row in _RELEASES(driver, ids=vial_ids, asker=asker)}
    stays: dict[str, list[_Stay]] = defaultdict(list)
    for vial_id, place_id, since, until, site_id, longest in _STAYS(driver, ids=vial_ids):
        stays[vial_id].append(_Stay(vial_id, place_id, known(since), moment(until), site_id, longest))
    watch = _Watch(driver, sorted({stay.place_id for rows in stays.values() for stay in rows}))
    stopped = _stops(driver, vials, lot_ids, stays)
    made = []
    for vial in vials:
        told = expiries[vial.lot_id]
        there = stays[vial.id]
        release = None
        if vial.id in releases:
            _, number, kind, until, void_at = releases[vial.id]
            release = ReleaseFact(number, kind, moment(until), void_at is not None)
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
                superseded=tuple(told[:-1]), release=release,
                holds=stopped.get((vial.id, 0), ()), recalls=stopped.get((vial.id, 1), ()), history=thermal,
                thawed_at=moment(vial.thawed_at), thaw_s=vial.thaw_s, in_use_s=vial.in_use_s, budget_s=vial.budget_s,
                label_waits=None if not vial.labels else vial.labels_waiting > 0, scanned=scanned,
            )
        )  # fmt: skip
    return made


class _Watch:
    """How the places of some stays were watched."""

    def __init__(self, driver: Any, places: list[str]) -> None:
        self.bands = {row[0]: row[1:] for row in _BANDS(driver, ids=places)}
        self.read = {row[0]: row[1:] for row in _READ(driver, ids=places)}
        self.files: dict[str, list[Any]] = defaultdict(list)
        for place_id, *file in _FILES(driver, ids=places):
            self.files[place_id].append(file)
        self.excursions: dict[str, list[coldchain.Excursion]] = defaultdict(list)
        for place_id, since, until, peak_mc in _EXCURSIONS(driver, ids=places):
            one = coldchain.Excursion(known(since), moment(until), peak_mc, "above", place_id)
            self.excursions[place_id].append(one)

    def stay(self, stay: _Stay) -> coldchain.Stay:
        return coldchain.Stay(stay.place_id, stay.since, stay.until, self._monitoring(stay))

    def _monitoring(self, stay: _Stay) -> coldchain.Assumed | coldchain.Monitored | None:
        """A file that watched the whole stay, readings by hand from before it, else what is assumed; else nothing."""
        age = stay.longest_age_s or DEFAULT_AGE_S
        for first, last, interval_s, judgement in self.files.get(stay.place_id, ()):
            end = known(last)
            gaps = [(known(a), known(b)) for a, b in json.loads(judgement)["gaps"]]
            if coldchain.covers((stay.since, stay.until or end), known(first), end, gaps, interval_s):
                return coldchain.Monitored(stay.until or end, age)
        hand = self.read.get(stay.place_id)
        if hand is not None and known(hand[0]) <= stay.since:
            return coldchain.Monitored(known(hand[1]), age)
        if band := self.bands.get(stay.place_id):
            return coldchain.Assumed(*band)
        return coldchain.Monitored(None, age) if hand is not None or stay.place_id in self.files else None


def _stops(
    driver: Any, vials: Sequence[_Vial], lot_ids: list[str], stays: dict[str, list[_Stay]]
) -> dict[tuple[str, int], tuple[StopFact, ...]]:
    """Open holds (0) and recalls (1) of every organisation that cover each vial: found by what they cover, not one by one."""
    materials: dict[str, set[str]] = defaultdict(set)
    for lot_id, material_id in _MATERIALS(driver, ids=lot_ids):
        materials[lot_id].add(material_id)
    boxes: dict[str, set[str]] = defaultdict(set)
    for vial_id, consignment_id in _BOXES(driver, ids=[vial.id for vial in vials]):
        boxes[vial_id].add(consignment_id)
    targets = {vial.id for vial in vials}.union(lot_ids, *materials.values(), *boxes.values())
    targets.update(vial.maker_id for vial in vials)
    for there in stays.values():
        targets.update(stay.place_id for stay in there)
        targets.update(stay.site_id for stay in there)
    scopes = _OPEN(driver, targets=list(targets))
    made: dict[tuple[str, int], dict[str, StopFact]] = {}
    for _, recall, number, title, kind, target_id, since, until in sorted(scopes, key=itemgetter(1, 0)):
        scope = _Scope(kind, target_id, moment(since), moment(until))
        for vial in vials:
            if _covers(scope, vial, stays.get(vial.id, ()), materials[vial.lot_id], boxes[vial.id]):
                made.setdefault((vial.id, recall), {})[number] = StopFact(number, title)
    return {key: tuple(stops.values()) for key, stops in made.items()}


class _Scope(NamedTuple):
    kind: str
    target_id: str
    since: datetime | None
    until: datetime | None


def _covers(scope: _Scope, vial: _Vial, stays: Sequence[_Stay], materials: set[str], boxes: set[str]) -> bool:
    match scope.kind:
        case "vial":
            return scope.target_id == vial.id
        case "lot":
            return scope.target_id == vial.lot_id
        case "maker":
            return scope.target_id == vial.maker_id
        case "material":
            return scope.target_id in materials
        case "consignment":
            return scope.target_id in boxes
        case "place" | "site":
            return any(
                scope.target_id == (stay.place_id if scope.kind == "place" else stay.site_id)
                and (scope.until is None or stay.since < scope.until)
                and (scope.since is None or stay.until is None or stay.until > scope.since)
                for stay in stays
            )
    raise AssertionError(f"a scope of an unknown kind: {scope.kind}")


def usable_until(expires: date, zone: ZoneInfo) -> datetime:
    """Through 23:59:59 of its date in the zone of the using site: the first moment at which it is expired (MODEL.md)."""
    return datetime.combine(expires + timedelta(days=1), time(), zone)


def _zone(driver: Any, organisation_id: str) -> ZoneInfo:
    found = _ZONE(driver, id=organisation_id)
    return ZoneInfo(found[0][0] if found else "UTC")


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
    found = _scan(driver_of(view), view.actor, view.at, raw, purpose)
    return (
        found if found.in_sight or found.vial_id is None else replace(found, in_sight=bool(_seen(view, found.vial_id)))
    )


def scan_now(store: Store, actor: Actor, raw: str, purpose: Purpose) -> Scanned:
    """The same for who opened no view: the shortest way from a code to its verdict."""
    with reading(store) as driver:
        found = _scan(driver, actor, store.clock(), raw, purpose)
    if found.in_sight or found.vial_id is None:
        return found
    with store.read(actor) as view:
        return replace(found, in_sight=bool(_seen(view, found.vial_id)))


def _scan(driver: Any, actor: Actor, at: datetime, raw: str, purpose: Purpose) -> Scanned:
    asker = actor.organisation_id
    zone = _zone(driver, asker)
    identity = gs1.read(raw, at.astimezone(zone).date())
    gtin, serial = identity.gtin, identity.serial
    rows = _BY_CODE(driver, gtin=gtin, serial=serial) if gtin and serial else ()
    if not rows:
        why = Finding("serial_unknown", False, Severity.ASK, {"kind": identity.kind, "serial": serial})
        return Scanned(Verdict.ASK_QA, purpose, (why,), identity, None, None, False)
    vial = _Vial._make(rows[0])
    (fact,) = _facts(driver, (vial,), at, purpose, asker, zone, identity)
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
