"""The loader behind the one predicate: all facts of k vials in a fixed number of queries, and the scan that asks it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, text

from traceability.domain import checks, coldchain, gs1
from traceability.domain.checks import Finding, Purpose, ReleaseFact, Severity, StopFact, Verdict, VialFacts
from traceability.domain.states import Custody, LotState
from traceability.services.organisations import zone_of
from traceability.store import View


def _many(query: str) -> Any:
    return text(query).bindparams(bindparam("ids", expanding=True))


_VIALS = _many(
    "SELECT v.id, v.gtin, v.serial, v.state, v.organisation_id, v.lot_id, l.number AS lot_number, l.state AS lot_state,"
    " l.maker_id, p.low_mc, p.high_mc, p.thaw_s, p.in_use_s, p.budget_s, t.at AS thawed_at,"
    " (SELECT count(*) FROM label_print x WHERE x.vial_id = v.id) AS labels,"
    " (SELECT count(*) FROM label_print x WHERE x.vial_id = v.id AND x.scanned_back_at IS NULL) AS labels_waiting"
    " FROM vial v JOIN lot l ON l.id = v.lot_id JOIN product_version p ON p.id = l.product_version_id"
    " LEFT JOIN thaw t ON t.vial_id = v.id WHERE v.id IN :ids"
)
_EXPIRIES = _many("SELECT lot_id, expires FROM expiry_statement WHERE lot_id IN :ids ORDER BY lot_id, version")
_RELEASES = _many(
    "SELECT rv.vial_id, r.number, r.kind, r.until, r.void_at FROM released_vial rv JOIN release r ON r.id = rv.release_id"
    " WHERE rv.vial_id IN :ids AND r.organisation_id = :asker ORDER BY r.released_at"
)
_STAYS = _many(
    "SELECT s.vial_id, s.place_id, s.consignment_id, s.since, s.until, p.site_id, p.longest_age_s FROM stay s"
    " JOIN place p ON p.id = s.place_id WHERE s.vial_id IN :ids ORDER BY s.vial_id, s.since"
)
_BANDS = _many("SELECT place_id, low_mc, high_mc, longest_s FROM assumed_band WHERE place_id IN :ids ORDER BY id")
_READ = _many(
    "SELECT place_id, min(since) AS first, max(at) AS last FROM manual_reading WHERE place_id IN :ids GROUP BY place_id"
)
_FILES = _many("SELECT place_id, first, last, interval_s, judgement FROM sensor_file WHERE place_id IN :ids")
_EXCURSIONS = _many("SELECT place_id, since, until, peak_mc FROM excursion WHERE place_id IN :ids")
_OPEN = text(
    "SELECT h.number, h.title, 0 AS recall, s.kind, s.target_id, s.since, s.until FROM hold h JOIN scope s ON s.hold_id = h.id"
    " WHERE h.lifted_at IS NULL UNION ALL"
    " SELECT r.number, r.title, 1, s.kind, s.target_id, s.since, s.until FROM recall r JOIN scope s ON s.recall_id = r.id"
    " WHERE r.withdrawn_at IS NULL"
)
_MATERIALS = _many("SELECT lot_id, material_id FROM lot_ancestor WHERE lot_id IN :ids")
_BOXES = _many("SELECT vial_id, consignment_id FROM consignment_line WHERE vial_id IN :ids")
DEFAULT_AGE_S = 24 * 3600
"""How old a place's last reading may be where nobody said: loggers are read daily (R25)."""


def facts(
    view: View,
    vial_ids: Sequence[str],
    purpose: Purpose,
    *,
    asker_id: str | None = None,
    zone: ZoneInfo | None = None,
    scanned: gs1.Identity | None = None,
) -> list[VialFacts]:
    """What the verdict on these vials rests on, in their order; one vial or five hundred, the same queries."""
    if not vial_ids:
        return []
    asker = asker_id or view.actor.organisation_id
    zone = zone or zone_of(view, asker)
    found = {row.id: row for row in _ask(view, _VIALS, ids=list(vial_ids))}
    lot_ids = sorted({row.lot_id for row in found.values()})
    expiries: dict[str, list[date]] = defaultdict(list)
    for lot_id, expires in _ask(view, _EXPIRIES, ids=lot_ids):
        expiries[lot_id].append(_day(expires))
    releases = {row.vial_id: row for row in _ask(view, _RELEASES, ids=list(vial_ids), asker=asker)}
    stays: dict[str, list[Any]] = defaultdict(list)
    for row in _ask(view, _STAYS, ids=list(vial_ids)):
        stays[row.vial_id].append(row)
    places = sorted({stay.place_id for rows in stays.values() for stay in rows})
    watch = _Watch(view, places)
    stopped = _stops(view, found, stays)
    made = []
    for vial_id in vial_ids:
        row = found[vial_id]
        told = expiries[row.lot_id]
        release = releases.get(vial_id)
        thermal = coldchain.history(
            [watch.stay(stay) for stay in stays[vial_id]],
            [one for stay in stays[vial_id] for one in watch.excursions[stay.place_id]],
            coldchain.Limits(row.low_mc, row.high_mc),
            view.at,
        )
        made.append(
            VialFacts(
                at=view.at, purpose=purpose, asker_id=asker, holder_id=row.organisation_id, state=Custody(row.state),
                serial=row.serial, lot_number=row.lot_number, lot_state=LotState(row.lot_state),
                usable_until=usable_until(told[-1], zone) if told else None, expires=told[-1] if told else None,
                superseded=tuple(told[:-1]),
                release=ReleaseFact(release.number, release.kind, _moment(release.until), release.void_at is not None) if release else None,
                holds=stopped[vial_id, 0], recalls=stopped[vial_id, 1], history=thermal,
                thawed_at=_moment(row.thawed_at), thaw_s=row.thaw_s, in_use_s=row.in_use_s, budget_s=row.budget_s,
                label_waits=None if not row.labels else row.labels_waiting > 0, scanned=scanned,
            )
        )  # fmt: skip
    return made


class _Watch:
    """How the places of some stays were watched."""

    def __init__(self, view: View, places: list[str]) -> None:
        self.bands = {row.place_id: row for row in _ask(view, _BANDS, ids=places)}
        self.read = {row.place_id: row for row in _ask(view, _READ, ids=places)}
        self.files: dict[str, list[Any]] = defaultdict(list)
        for row in _ask(view, _FILES, ids=places):
            self.files[row.place_id].append(row)
        self.excursions: dict[str, list[coldchain.Excursion]] = defaultdict(list)
        for row in _ask(view, _EXCURSIONS, ids=places):
            one = coldchain.Excursion(_known(row.since), _moment(row.until), row.peak_mc, "above", row.place_id)
            self.excursions[row.place_id].append(one)

    def stay(self, row: Any) -> coldchain.Stay:
        since, until = _known(row.since), _moment(row.until)
        return coldchain.Stay(row.place_id, since, until, self._monitoring(row, since, until))

    def _monitoring(
        self, row: Any, since: datetime, until: datetime | None
    ) -> coldchain.Assumed | coldchain.Monitored | None:
        """A file that watched the whole stay, readings by hand from before it, else what is assumed; else nothing."""
        age = row.longest_age_s or DEFAULT_AGE_S
        for file in self.files[row.place_id]:
            first, last = _known(file.first), _known(file.last)
            gaps = [(_known(a), _known(b)) for a, b in _json(file.judgement)["gaps"]]
            if coldchain.covers((since, until or last), first, last, gaps, file.interval_s):
                return coldchain.Monitored(until or last, age)
        hand = self.read.get(row.place_id)
        if hand is not None and _known(hand.first) <= since:
            return coldchain.Monitored(_known(hand.last), age)
        if band := self.bands.get(row.place_id):
            return coldchain.Assumed(band.low_mc, band.high_mc, band.longest_s)
        return coldchain.Monitored(None, age) if hand is not None or self.files[row.place_id] else None


def _stops(
    view: View, found: dict[str, Any], stays: dict[str, list[Any]]
) -> dict[tuple[str, int], tuple[StopFact, ...]]:
    """Open holds (0) and recalls (1) of every organisation that cover each vial, by what they cover."""
    made: dict[tuple[str, int], dict[str, StopFact]] = defaultdict(dict)
    scopes = _ask(view, _OPEN)
    if scopes:
        materials: dict[str, set[str]] = defaultdict(set)
        boxes: dict[str, set[str]] = defaultdict(set)
        kinds = {row.kind for row in scopes}
        if "material" in kinds:
            for lot_id, material_id in _ask(view, _MATERIALS, ids=sorted({row.lot_id for row in found.values()})):
                materials[lot_id].add(material_id)
        if "consignment" in kinds:
            for vial_id, consignment_id in _ask(view, _BOXES, ids=list(found)):
                boxes[vial_id].add(consignment_id)
        for row in scopes:
            since, until = _moment(row.since), _moment(row.until)
            for vial_id, vial in found.items():
                if _covers(row, since, until, vial, stays[vial_id], materials[vial.lot_id], boxes[vial_id]):
                    made[vial_id, row.recall][row.number] = StopFact(row.number, row.title)
    return defaultdict(tuple, {key: tuple(stops.values()) for key, stops in made.items()})


def _covers(
    scope: Any,
    since: datetime | None,
    until: datetime | None,
    vial: Any,
    stays: list[Any],
    materials: set[str],
    boxes: set[str],
) -> bool:
    match scope.kind:
        case "vial":
            return bool(scope.target_id == vial.id)
        case "lot":
            return bool(scope.target_id == vial.lot_id)
        case "maker":
            return bool(scope.target_id == vial.maker_id)
        case "material":
            return scope.target_id in materials
        case "consignment":
            return scope.target_id in boxes
        case "place" | "site":
            column = "place_id" if scope.kind == "place" else "site_id"
            return any(
                getattr(stay, column) == scope.target_id
                and (until is None or _known(stay.since) < until)
                and (since is None or stay.until is None or _known(stay.until) > since)
                for stay in stays
            )
    raise AssertionError(f"a scope of an unknown kind: {scope.kind}")


def usable_until(expires: date, zone: ZoneInfo) -> datetime:
    """Through 23:59:59 of its date in the zone of the using site: the first moment at which it is expired (MODEL.md)."""
    return datetime.combine(expires + timedelta(days=1), time(), zone)


def _ask(view: View, query: Any, **values: Any) -> Any:
    return view.connection.execute(query, values).all()


def _moment(value: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _known(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _json(value: Any) -> Any:
    import json

    return json.loads(value) if isinstance(value, str) else value


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


_BY_SERIAL = text("SELECT v.id, v.lot_id, v.organisation_id FROM vial v WHERE v.gtin = :gtin AND v.serial = :serial")


def scan(view: View, raw: str, purpose: Purpose) -> Scanned:
    """Any readable code gets a verdict; an unreadable one is `Refused` (MODEL.md). Nothing is written here."""
    identity = gs1.read(raw, view.at.astimezone(zone := zone_of(view, view.actor.organisation_id)).date())
    row = None
    if identity.gtin and identity.serial:
        row = view.connection.execute(_BY_SERIAL, {"gtin": identity.gtin, "serial": identity.serial}).one_or_none()
    if row is None:
        why = Finding("serial_unknown", False, Severity.ASK, {"kind": identity.kind, "serial": identity.serial})
        return Scanned(Verdict.ASK_QA, purpose, (why,), identity, None, None, False)
    (fact,) = facts(view, [row.id], purpose, zone=zone, scanned=identity)
    findings = checks.use(fact)
    in_sight = row.organisation_id == view.actor.organisation_id or bool(_seen(view, row.id))
    return Scanned(checks.verdict(findings), purpose, findings, identity, row.id, fact, in_sight)


def _seen(view: View, vial_id: str) -> Any:
    from traceability.store.tables import Vial

    return view.find(Vial, vial_id)


def judge(view: View, vial_ids: Sequence[str], purpose: Purpose) -> dict[str, tuple[Verdict, tuple[Finding, ...]]]:
    """The same predicate for many vials at once: pick lists, a place's content, the vials of a lot."""
    found = {vial_id: checks.use(fact) for vial_id, fact in zip(vial_ids, facts(view, vial_ids, purpose), strict=True)}
    return {vial_id: (checks.verdict(findings), findings) for vial_id, findings in found.items()}
