"""Whether vials may be released (`RELEASE`), and what ends a release by itself (`MATERIAL`). Rules like those of `checks`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from traceability.domain.checks import VialFacts, budget_kept
from traceability.domain.papers import CredentialFact, allowed, covered
from traceability.domain.rules import ASK, STOP, Answer, Finding, Rule, unmet
from traceability.domain.states import Custody, LotState


@dataclass(frozen=True, slots=True)
class ResultFact:
    """What stands of one test. `reviewed`: every result of it, also those that do not stand; `analyst_ids`: of all of them."""

    test: str
    conforms: bool | None
    reviewed: bool
    analyst_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class OutsideFact:
    """A result outside its specification for which nobody has answered in full: its case is open, or says not which result stands."""

    test: str
    case: str


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """The dossier of one lot and the vials chosen from it, as QA of one hospital sees them at one moment."""

    at: datetime
    today: date
    releaser_ids: frozenset[str]
    """Whoever signs."""
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
    outside: tuple[OutsideFact, ...]
    vials: tuple[VialFacts, ...]
    counted_ok: int
    transit_logged: bool | None
    open_excursions: tuple[str, ...]
    reviewed_through: int
    last_entry: int
    unreviewed: int


def lot_certified(lot: ReleaseFacts) -> Answer:
    return lot.lot_state is LotState.CERTIFIED, {"state": lot.lot_state, "transcribed": bool(lot.transcribed)}


def certificate_attached(lot: ReleaseFacts) -> Answer:
    return bool(lot.certificate_ids), {"attachments": lot.certificate_ids}


def gmp_valid(lot: ReleaseFacts) -> Answer:
    return covered(lot.gmp, lot.made_on)


def licence_valid(lot: ReleaseFacts) -> Answer:
    return covered(lot.licences, lot.made_on)


def route_allowed(lot: ReleaseFacts) -> Answer:
    """Marketed: its number is on file. Trial or service: the hospital's own paper is valid today (R15, R16)."""
    return allowed(lot.route, lot.route_number, lot.route_credentials, lot.today)


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


def none_rejected(lot: ReleaseFacts) -> Answer:
    """QA decided after an excursion that it is not used, or that it was to be used by a day that is over (R26)."""
    out = [v.serial for v in lot.vials if v.rejected or (v.shortened is not None and v.at >= v.shortened.until)]
    return not out, {"serials": out}


def budgets_left(lot: ReleaseFacts) -> Answer:
    spent = [vial.serial for vial in lot.vials if not budget_kept(vial)[0]]
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


def outside_answered(lot: ReleaseFacts) -> Answer:
    """Of every result outside its specification it is said which result stands, and its case is closed (R31)."""
    cases = tuple(dict.fromkeys(one.case for one in lot.outside))
    return not lot.outside, {"tests": sorted({one.test for one in lot.outside}), "cases": cases}


def independent(lot: ReleaseFacts) -> Answer:
    """Who entered a result or vouched for the lot does not release on it (R30)."""
    entered = [result.test for result in lot.results if lot.releaser_ids & result.analyst_ids]
    return not entered and not lot.releaser_ids & {*lot.certifier_ids}, {"tests": entered}


def audit_reviewed(lot: ReleaseFacts) -> Answer:
    """Somebody of QA has reviewed every entry of the lot's audit trail, signed (R31, R55): older ones that joined it too."""
    told = {"reviewed": lot.reviewed_through, "last": lot.last_entry, "unreviewed": lot.unreviewed}
    return not lot.unreviewed, told


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
    Rule("none_rejected", STOP, none_rejected),
    Rule("budgets_left", STOP, budgets_left),
    Rule("no_stop", STOP, no_stop),
    Rule("results_complete", STOP, results_complete),
    Rule("results_conform", STOP, results_conform),
    Rule("results_reviewed", STOP, results_reviewed),
    Rule("outside_answered", STOP, outside_answered),
    Rule("independent", STOP, independent),
    Rule("audit_reviewed", STOP, audit_reviewed),
    Rule("not_released_yet", STOP, not_released_yet),
)
"""Release is refused, with every reason at once, unless all of these hold (R14, R15, R30, R31)."""

NAMED_WITHOUT = frozenset({"results_complete", "results_conform"})
"""Without which of them QA and the physician may release for a named patient (R33): a test is pending, or one is known to be
outside. Never without the others: what a physician answers for is a result that stands, not a vial of which something is unknown.
"""


def accepted(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The rules that do not hold and without which a named patient may be treated."""
    return tuple(sorted(one.code for one in unmet(findings) if one.code in NAMED_WITHOUT))


# ------------------------------------------------------------------------------------------ does a release still stand


class Lapsed(StrEnum):
    """Why what a paper tells of is not to be relied on: of a release that was signed, the gravest first; of contingency sheets."""

    RECALLED = "recalled"
    VOIDED = "voided"
    RAN_OUT = "ran_out"
    CHANGED = "changed"
    TOLD_SINCE = "told_since"


@dataclass(frozen=True, slots=True)
class SinceRelease:
    """What is known now of what a release rests on (MODEL.md, decision 3)."""

    made_on: date
    gmp: tuple[CredentialFact, ...]
    licences: tuple[CredentialFact, ...]
    failed: tuple[str, ...]
    """Tests with a result of after the release that does not conform, repeated since or not."""
    expired_then: date | None
    expires: date | None
    earliest: date | None
    """The earliest date that was stated since, whatever was stated after it."""
    files: int
    """Logger files of the vial's journeys that were judged after the release."""
    cases: tuple[str, ...] = ()
    """Open cases of results outside their specification: opened, or opened again, since."""
    excursions: tuple[str, ...] = ()
    """Excursions that reach before the release, of a place where the vial lay, and that came on record after it."""
    named: tuple[str, ...] = ()
    """Open cases, major or critical, of the vial or its lot, of which QA has not decided: none was open at the release."""


def none_failed(since: SinceRelease) -> Answer:
    return not since.failed, {"tests": since.failed}


def gmp_still(since: SinceRelease) -> Answer:
    return covered(since.gmp, since.made_on)


def licence_still(since: SinceRelease) -> Answer:
    return covered(since.licences, since.made_on)


def expiry_kept(since: SinceRelease) -> Answer:
    """A date that was shortened and stated again ends it all the same: between the two somebody had a reason, and QA looks at it."""
    least = min((one for one in (since.expires, since.earliest) if one is not None), default=None)
    shorter = since.expires is None or (
        since.expired_then is not None and least is not None and least < since.expired_then
    )
    return not shorter, {"then": since.expired_then, "expires": least}


def journey_kept(since: SinceRelease) -> Answer:
    return not since.files, {"files": since.files}


def cases_closed(since: SinceRelease) -> Answer:
    return not since.cases, {"cases": since.cases}


def storage_kept(since: SinceRelease) -> Answer:
    return not since.excursions, {"excursions": since.excursions}


def cases_decided(since: SinceRelease) -> Answer:
    return not since.named, {"cases": since.named}


MATERIAL: tuple[Rule[SinceRelease], ...] = (
    Rule("result_failed", ASK, none_failed),
    Rule("gmp_ended", ASK, gmp_still),
    Rule("licence_ended", ASK, licence_still),
    Rule("expiry_shortened", ASK, expiry_kept),
    Rule("journey_judged_anew", ASK, journey_kept),
    Rule("outside_reopened", ASK, cases_closed),
    Rule("excursion_found", ASK, storage_kept),
    Rule("case_undecided", ASK, cases_decided),
)
"""What ends a release by itself: its vials ask QA until they are released again. What has a finding of its own in `USE`
(hold, recall, a donor's late result, lot declined, route, rejection, temperature unknown) needs no row here."""


def changes(since: SinceRelease) -> tuple[str, ...]:
    """What has changed since a release, by its codes: unknown now is a change, for it was known then."""
    return tuple(rule.code for rule in MATERIAL if rule.ask(since)[0] is not True)
