"""Rules. `USE` decides whether a vial may be used, `RELEASE` whether vials may be released: lists of small rules that
give every finding, not the first. A rule that cannot be evaluated answers None: unknown, which asks and never passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from traceability.domain.coldchain import History
from traceability.domain.gs1 import Identity
from traceability.domain.plain import plain
from traceability.domain.states import GONE, Custody, LotState

F = TypeVar("F")


class Severity(StrEnum):
    """What it means that a rule does not hold: a fact that will not change, or something undecided."""

    STOP = "stop"
    ASK = "ask"


class Purpose(StrEnum):
    STOCK = "stock"
    ISSUE = "issue"
    BEDSIDE = "bedside"


class Verdict(StrEnum):
    USE = "use"
    ASK_QA = "ask_qa"
    DO_NOT_USE = "do_not_use"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's answer. `holds` None: it could not be evaluated. `values` fill the sentence and name the evidence."""

    code: str
    holds: bool | None
    severity: Severity
    values: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        return {"code": self.code, "holds": self.holds, "severity": str(self.severity), "values": plain(self.values)}

    @staticmethod
    def of(told: Mapping[str, Any]) -> Finding:
        return Finding(told["code"], told["holds"], Severity(told["severity"]), told["values"])


Answer = tuple[bool | None, Mapping[str, Any]]
"""Whether it holds, and what was found."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[F]):
    code: str
    severity: Severity
    ask: Callable[[F], Answer]

    def find(self, facts: F) -> Finding:
        """An unknown asks, whatever the rule would mean if it were known not to hold."""
        holds, values = self.ask(facts)
        return Finding(self.code, holds, Severity.ASK if holds is None else self.severity, values)


def run(rules: Iterable[Rule[F]], facts: F) -> tuple[Finding, ...]:
    """Every rule's finding, those that do not hold first, the stops before the rest."""
    found = [rule.find(facts) for rule in rules]
    return tuple(sorted(found, key=lambda one: (one.holds is True, one.severity is not Severity.STOP)))


def unmet(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.holds is not True)


def verdict(findings: Iterable[Finding]) -> Verdict:
    """A stop forbids, anything else unmet asks, and nothing unmet permits."""
    left = unmet(findings)
    if any(finding.severity is Severity.STOP for finding in left):
        return Verdict.DO_NOT_USE
    return Verdict.ASK_QA if left else Verdict.USE


# ---------------------------------------------------------------------------------------------- may this vial be used


@dataclass(frozen=True, slots=True)
class ReleaseFact:
    number: str
    kind: str
    until: datetime | None
    void: bool


@dataclass(frozen=True, slots=True)
class StopFact:
    """An open hold or recall that covers the vial."""

    number: str
    title: str


@dataclass(frozen=True, slots=True)
class VialFacts:
    """All that the verdict on one vial rests on, at one moment, for one purpose, in the zone of the asking site."""

    at: datetime
    purpose: Purpose
    asker_id: str
    holder_id: str
    state: Custody
    serial: str
    lot_number: str
    lot_state: LotState
    usable_until: datetime | None
    expires: date | None
    superseded: tuple[date, ...]
    release: ReleaseFact | None
    holds: tuple[StopFact, ...]
    recalls: tuple[StopFact, ...]
    history: History
    thawed_at: datetime | None
    thaw_s: int | None
    in_use_s: int | None
    budget_s: int
    label_waits: bool | None
    scanned: Identity | None = None


AT_HAND = {
    Purpose.STOCK: frozenset(
        {Custody.MADE, Custody.IN_TRANSIT, Custody.IN_STOCK, Custody.RESERVED, Custody.BACK_IN_PHARMACY}
    ),
    Purpose.ISSUE: frozenset({Custody.IN_STOCK, Custody.RESERVED}),
    Purpose.BEDSIDE: frozenset({Custody.ISSUED}),
}
"""Where a vial is expected to be for a purpose; elsewhere somebody has to ask why."""


def not_given(vial: VialFacts) -> Answer:
    return vial.state is not Custody.GIVEN, {}


def not_gone(vial: VialFacts) -> Answer:
    return vial.state is Custody.GIVEN or vial.state not in GONE, {"state": vial.state}


def at_hand(vial: VialFacts) -> Answer:
    """A vial that is gone has its own finding; this one is for vials that are somewhere else than they should be."""
    return vial.state in GONE or vial.state in AT_HAND[vial.purpose], {"state": vial.state, "purpose": vial.purpose}


def not_expired(vial: VialFacts) -> Answer:
    if vial.usable_until is None:
        return None, {}
    return vial.at < vial.usable_until, {"expires": vial.expires, "usable_until": vial.usable_until}


def not_recalled(vial: VialFacts) -> Answer:
    return not vial.recalls, {"recalls": [f"{recall.number}: {recall.title}" for recall in vial.recalls]}


def not_declined(vial: VialFacts) -> Answer:
    return vial.lot_state is not LotState.DECLINED, {"lot": vial.lot_number}


def certified(vial: VialFacts) -> Answer:
    return vial.lot_state is not LotState.ANNOUNCED, {"lot": vial.lot_number}


def thaw_kept(vial: VialFacts) -> Answer:
    """Time since thawing began, against the limit of the product version; a limit that nobody set is unknown (R28)."""
    if vial.thawed_at is None or vial.state in GONE:
        return True, {}
    limits = [limit for limit in (vial.thaw_s, vial.in_use_s) if limit is not None]
    if not limits:
        return None, {"since": vial.thawed_at}
    limit = timedelta(seconds=min(limits))
    return vial.at - vial.thawed_at <= limit, {"since": vial.thawed_at, "limit_s": min(limits)}


def budget_kept(vial: VialFacts) -> Answer:
    used = vial.history.out_of_storage_s
    if vial.state in GONE:
        return True, {"used_s": used, "allowed_s": vial.budget_s}
    return used <= vial.budget_s, {"used_s": used, "allowed_s": vial.budget_s}


def label_agrees(vial: VialFacts) -> Answer:
    """What the label says of lot and expiry is what the record says; a date the record never knew is a stop (R3)."""
    scanned = vial.scanned
    if scanned is None:
        return True, {}
    if scanned.lot is not None and scanned.lot != vial.lot_number:
        return False, {"label": scanned.lot, "record": vial.lot_number}
    known = {vial.expires, *vial.superseded}
    if scanned.expires is not None and scanned.expires not in known:
        return False, {"label": scanned.expires, "record": vial.expires}
    return True, {}


def label_current(vial: VialFacts) -> Answer:
    old = vial.scanned is not None and vial.scanned.expires in vial.superseded and vial.scanned.expires != vial.expires
    return not old, {"label": vial.scanned.expires if vial.scanned else None, "record": vial.expires}


def label_back(vial: VialFacts) -> Answer:
    """The label that was printed last was scanned back on the vial (R12); a vial without any label is unknown."""
    return (None, {}) if vial.label_waits is None else (not vial.label_waits, {})


def released(vial: VialFacts) -> Answer:
    return vial.state in GONE or vial.release is not None, {"lot": vial.lot_number}


def release_stands(vial: VialFacts) -> Answer:
    release = vial.release
    if release is None:
        return True, {}
    ended = release.until is not None and vial.at >= release.until
    return not release.void and not ended, {"release": release.number, "until": release.until, "void": release.void}


def release_general(vial: VialFacts) -> Answer:
    """A release for a named patient is judged with that patient only."""
    special = vial.release is not None and vial.release.kind == "named_patient"
    return not special, {"release": vial.release.number if vial.release else None}


def not_held(vial: VialFacts) -> Answer:
    return not vial.holds, {"holds": [f"{hold.number}: {hold.title}" for hold in vial.holds]}


def temperature_known(vial: VialFacts) -> Answer:
    """Every stay was measured, or assumed within its longest stay (R21, R25). A vial that is gone lies nowhere."""
    if vial.state in GONE:
        return True, {}
    return vial.history.known or None, {"reasons": vial.history.reasons, "since": vial.history.unknown_since}


def ours(vial: VialFacts) -> Answer:
    return vial.state in GONE or vial.holder_id == vial.asker_id, {}


STOP, ASK = Severity.STOP, Severity.ASK

USE: tuple[Rule[VialFacts], ...] = (
    Rule("given", STOP, not_given),
    Rule("gone", STOP, not_gone),
    Rule("recalled", STOP, not_recalled),
    Rule("expired", STOP, not_expired),
    Rule("lot_declined", STOP, not_declined),
    Rule("label_contradicts", STOP, label_agrees),
    Rule("thaw_spent", STOP, thaw_kept),
    Rule("budget_spent", STOP, budget_kept),
    Rule("held", ASK, not_held),
    Rule("not_certified", ASK, certified),
    Rule("not_released", ASK, released),
    Rule("release_ended", ASK, release_stands),
    Rule("named_patient_only", ASK, release_general),
    Rule("temperature_unknown", ASK, temperature_known),
    Rule("label_superseded", ASK, label_current),
    Rule("label_not_scanned_back", ASK, label_back),
    Rule("not_at_hand", ASK, at_hand),
    Rule("other_organisation", ASK, ours),
)
"""The one predicate: scan, pick list, bedside, release and API ask it. Its codes are those of `unmet` findings."""


def use(facts: VialFacts) -> tuple[Finding, ...]:
    """Why this vial may not be used for this purpose now; empty: it may. What `unmet(run(…))` gives, made for what is unmet."""
    return run([rule for rule in USE if rule.ask(facts)[0] is not True], facts)


# ------------------------------------------------------------------------------------------ may these vials be released


@dataclass(frozen=True, slots=True)
class CredentialFact:
    id: str
    number: str
    valid_from: date | None
    valid_until: date | None
    suspended_from: date | None

    def covers(self, day: date) -> bool | None:
        """True on a day inside its validity; None where its source gives no dates."""
        if self.suspended_from is not None and day >= self.suspended_from:
            return False
        if self.valid_from is None or self.valid_until is None:
            return None
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True)
class ResultFact:
    id: str
    test: str
    conforms: bool | None
    reviewed: bool
    analyst_id: str


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """The dossier of one lot and the vials chosen from it, as QA of one hospital sees them at one moment."""

    at: datetime
    today: date
    releaser_id: str
    lot_number: str
    lot_state: LotState
    transcribed: bool | None
    certifier_ids: tuple[str, ...]
    made_on: date
    expires: date | None
    certificate_ids: tuple[str, ...]
    gmp: tuple[CredentialFact, ...]
    licences: tuple[CredentialFact, ...]
    route: str
    route_number: str
    route_credentials: tuple[CredentialFact, ...]
    mandatory_tests: tuple[str, ...]
    results: tuple[ResultFact, ...]
    vials: tuple[VialFacts, ...]
    counted_ok: int
    transit_logged: bool | None
    open_excursions: tuple[str, ...]
    reviewed_through: int
    last_entry: int


def lot_certified(lot: ReleaseFacts) -> Answer:
    return lot.lot_state is LotState.CERTIFIED, {"state": lot.lot_state, "transcribed": bool(lot.transcribed)}


def certificate_attached(lot: ReleaseFacts) -> Answer:
    return bool(lot.certificate_ids), {"attachments": lot.certificate_ids}


def covered(credentials: tuple[CredentialFact, ...], day: date) -> Answer:
    """One paper that covers the day is enough; none on file does not hold; only undated ones are unknown."""
    answers = {paper: paper.covers(day) for paper in credentials}
    told = {
        "numbers": [paper.number for paper in credentials],
        "day": day,
        "credentials": [paper.id for paper in credentials],
    }
    if True in answers.values():
        return True, told
    return (None if None in answers.values() else False), told


def gmp_valid(lot: ReleaseFacts) -> Answer:
    return covered(lot.gmp, lot.made_on)


def licence_valid(lot: ReleaseFacts) -> Answer:
    return covered(lot.licences, lot.made_on)


def route_allowed(lot: ReleaseFacts) -> Answer:
    """Marketed: its number is on file. Trial or service: the hospital's own paper is valid today (R15, R16)."""
    if lot.route == "marketed":
        return bool(lot.route_number), {"route": lot.route, "numbers": [lot.route_number]}
    holds, told = covered(lot.route_credentials, lot.today)
    return holds, {**told, "route": lot.route}


def still_fresh(lot: ReleaseFacts) -> Answer:
    return (None if lot.expires is None else lot.today <= lot.expires), {"expires": lot.expires}


def count_cleared(lot: ReleaseFacts) -> Answer:
    return 0 < len(lot.vials) == lot.counted_ok, {"chosen": len(lot.vials), "counted": lot.counted_ok}


def in_stock(lot: ReleaseFacts) -> Answer:
    away = [vial.serial for vial in lot.vials if vial.state is not Custody.IN_STOCK]
    return not away, {"serials": away}


def transport_measured(lot: ReleaseFacts) -> Answer:
    return lot.transit_logged or None, {}


def excursions_decided(lot: ReleaseFacts) -> Answer:
    return not lot.open_excursions, {"excursions": lot.open_excursions}


def storage_known(lot: ReleaseFacts) -> Answer:
    blind = [vial.serial for vial in lot.vials if not vial.history.known]
    return (None if blind else True), {"serials": blind}


def no_stop(lot: ReleaseFacts) -> Answer:
    names = sorted({stop.number for vial in lot.vials for stop in (*vial.holds, *vial.recalls)})
    return not names, {"stops": names}


def labels_back(lot: ReleaseFacts) -> Answer:
    waiting = [vial.serial for vial in lot.vials if vial.label_waits is not False]
    return not waiting, {"serials": waiting}


def budgets_left(lot: ReleaseFacts) -> Answer:
    spent = [vial.serial for vial in lot.vials if vial.history.out_of_storage_s > vial.budget_s]
    return not spent, {"serials": spent}


def results_complete(lot: ReleaseFacts) -> Answer:
    """Without a specification nobody knows what had to be tested: not evaluable."""
    if not lot.mandatory_tests:
        return None, {"missing": []}
    missing = sorted(set(lot.mandatory_tests) - {result.test for result in lot.results})
    return not missing, {"missing": missing, "tests": len(lot.mandatory_tests)}


def results_conform(lot: ReleaseFacts) -> Answer:
    outside = [result.test for result in lot.results if result.conforms is False]
    unread = [result.test for result in lot.results if result.conforms is None]
    return (False if outside else None if unread or not lot.results else True), {"tests": outside or unread}


def results_reviewed(lot: ReleaseFacts) -> Answer:
    waiting = [result.test for result in lot.results if not result.reviewed]
    return (None if not lot.results else not waiting), {"tests": waiting}


def independent(lot: ReleaseFacts) -> Answer:
    """Who entered a result or vouched for the lot does not release on it (R30)."""
    entered = [result.test for result in lot.results if result.analyst_id == lot.releaser_id]
    return not entered and lot.releaser_id not in lot.certifier_ids, {"tests": entered}


def audit_reviewed(lot: ReleaseFacts) -> Answer:
    """The releaser has read the lot's audit trail up to its last entry (R31)."""
    return lot.reviewed_through >= lot.last_entry, {"reviewed": lot.reviewed_through, "last": lot.last_entry}


def not_released_yet(lot: ReleaseFacts) -> Answer:
    again = [vial.serial for vial in lot.vials if vial.release is not None and not vial.release.void]
    return not again, {"serials": again}


RELEASE: tuple[Rule[ReleaseFacts], ...] = (
    Rule("lot_certified", STOP, lot_certified),
    Rule("certificate_attached", STOP, certificate_attached),
    Rule("gmp_valid", STOP, gmp_valid),
    Rule("licence_valid", STOP, licence_valid),
    Rule("route_allowed", STOP, route_allowed),
    Rule("still_fresh", STOP, still_fresh),
    Rule("count_cleared", STOP, count_cleared),
    Rule("in_stock", STOP, in_stock),
    Rule("labels_back", STOP, labels_back),
    Rule("transport_measured", STOP, transport_measured),
    Rule("storage_known", STOP, storage_known),
    Rule("excursions_decided", STOP, excursions_decided),
    Rule("budgets_left", STOP, budgets_left),
    Rule("no_stop", STOP, no_stop),
    Rule("results_complete", STOP, results_complete),
    Rule("results_conform", STOP, results_conform),
    Rule("results_reviewed", STOP, results_reviewed),
    Rule("independent", STOP, independent),
    Rule("audit_reviewed", STOP, audit_reviewed),
    Rule("not_released_yet", STOP, not_released_yet),
)
"""Release is refused, with every reason at once, unless all of these hold (R14, R15, R30, R31)."""
