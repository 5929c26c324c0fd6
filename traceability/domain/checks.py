"""`USE`: may this vial be used, for this purpose, now? A list of small rules that gives every finding, not the first.

A rule that cannot be evaluated answers None: unknown, which asks and never passes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from traceability.domain.gs1 import Identity
from traceability.domain.history import History
from traceability.domain.papers import CredentialFact, allowed
from traceability.domain.rules import ASK, STOP, Answer, Finding, Rule, run
from traceability.domain.states import GONE, Custody, LotState


class Purpose(StrEnum):
    STOCK = "stock"
    ISSUE = "issue"
    BEDSIDE = "bedside"


# ---------------------------------------------------------------------------------------------- may this vial be used


@dataclass(frozen=True, slots=True)
class ReleaseFact:
    """`changes`: what it rests on and has changed since, by the codes of `MATERIAL`.

    `theirs`: of a release for a named patient, whether it is for the one who is asked for; None where nobody said for whom.
    """

    number: str
    kind: str
    until: datetime | None
    void: bool
    changes: tuple[str, ...] = ()
    theirs: bool | None = None


@dataclass(frozen=True, slots=True)
class RouteFact:
    """By which right the asking hospital uses the lot: its legal route, and the hospital's papers for it on that day (R15, R16)."""

    route: str
    number: str
    papers: tuple[CredentialFact, ...]
    day: date


@dataclass(frozen=True, slots=True)
class StopFact:
    """An open hold or recall that covers the vial: people read number and title, the ledger keeps the number alone."""

    number: str
    title: str | None

    def __str__(self) -> str:
        return f"{self.number}: {self.title}" if self.title else self.number

    @property
    def kept(self) -> str:
        return self.number


@dataclass(frozen=True, slots=True)
class ShortenedFact:
    """QA let a vial be used after an excursion, until the end of a day (R26)."""

    excursion: str
    day: date
    until: datetime


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
    route: RouteFact | None = None
    scanned: Identity | None = None
    label_until: datetime | None = None
    refrozen_at: datetime | None = None
    reported_given: bool = False
    clock_behind: datetime | None = None
    rejected: tuple[str, ...] = ()
    shortened: ShortenedFact | None = None
    gtin: str = ""
    giai: str | None = None
    """The number of its over-label, where its maker gave it no serial."""
    labelled: date | None = None
    """The expiry on the label that was printed for it last; None where none was printed here."""

    @property
    def label_dates(self) -> tuple[date, ...]:
        """Every date that the label gives for its expiry: as a day (17), as a minute (7003)."""
        if self.scanned is None:
            return ()
        day, minute = self.scanned.expires, self.scanned.expires_at
        days = () if day is None else (day,)
        return days if minute is None else (*days, minute.date())


def better(was: VialFacts, now: VialFacts) -> bool:
    """Whether what was told in between makes anything of it less, known or free that was not so before."""
    before, after = was.history, now.history
    freed = {*was.holds, *was.recalls} - {*now.holds, *now.recalls}
    bands = any(less.used_s < more.used_s for more, less in zip(before.bands, after.bands, strict=False))
    thawed_once = was.refrozen_at is not None and now.refrozen_at is None
    warmth = after.out_of_storage_s < before.out_of_storage_s or after.warm_s < before.warm_s
    return bool(freed) or warmth or bands or thawed_once or (after.known is True and before.known is None)


AT_HAND = {
    Purpose.STOCK: frozenset(
        {Custody.MADE, Custody.IN_TRANSIT, Custody.IN_STOCK, Custody.RESERVED, Custody.BACK_IN_PHARMACY}
    ),
    Purpose.ISSUE: frozenset({Custody.IN_STOCK, Custody.RESERVED}),
    Purpose.BEDSIDE: frozenset({Custody.ISSUED}),
}
"""Where a vial is expected to be for a purpose; elsewhere somebody has to ask why."""


def not_given(vial: VialFacts) -> Answer:
    """By its state, and by every injection that names it: one may have been told before the vial was on record."""
    return vial.state is not Custody.GIVEN and not vial.reported_given, {}


def not_gone(vial: VialFacts) -> Answer:
    return vial.state is Custody.GIVEN or vial.state not in GONE, {"state": vial.state}


def at_hand(vial: VialFacts) -> Answer:
    """A vial that is gone has its own finding; this one is for vials that are somewhere else than they should be."""
    return vial.state in GONE or vial.state in AT_HAND[vial.purpose], {"state": vial.state, "purpose": vial.purpose}


def not_expired(vial: VialFacts) -> Answer:
    """The date on record and the minute on the label: the earliest wins. An unknown date is no later one."""
    if vial.label_until is not None and vial.at >= vial.label_until:
        return False, {"expires": vial.expires, "label_until": vial.label_until}
    if vial.usable_until is None:
        return None, {}
    return vial.at < vial.usable_until, {"expires": vial.expires, "usable_until": vial.usable_until}


def not_rejected(vial: VialFacts) -> Answer:
    """QA decided after an excursion, or in a case, that it is not used (R26, R34). A vial that is gone has its own finding."""
    return vial.state in GONE or not vial.rejected, {"excursions": vial.rejected}


def shortened_kept(vial: VialFacts) -> Answer:
    """QA let it be used after an excursion, until a day (R26)."""
    told = vial.shortened
    if told is None or vial.state in GONE:
        return True, {}
    return vial.at < told.until, {"excursion": told.excursion, "until": told.day}


def not_recalled(vial: VialFacts) -> Answer:
    return not vial.recalls, {"recalls": vial.recalls}


def not_declined(vial: VialFacts) -> Answer:
    return vial.lot_state is not LotState.DECLINED, {"lot": vial.lot_number}


def certified(vial: VialFacts) -> Answer:
    return vial.lot_state is not LotState.ANNOUNCED, {"lot": vial.lot_number}


def thaw_kept(vial: VialFacts) -> Answer:
    """Time since thawing began, against the limit of the product version; a limit that nobody set is unknown (R28).

    It thaws by itself, whether anybody said so or not, and from when it was warm, not from when somebody said so.
    """
    limits = [limit for limit in (vial.thaw_s, vial.in_use_s) if limit is not None]
    if vial.state in GONE or (vial.thawed_at is None and vial.thaw_s is None):
        return True, {}
    if not limits:
        return None, {"since": vial.thawed_at}
    limit_s, warm_s = min(limits), vial.history.warm_s
    if warm_s > limit_s or (warm_s and vial.thawed_at is None):
        return warm_s <= limit_s, {"warm_s": warm_s, "limit_s": limit_s}
    if vial.thawed_at is None:
        return True, {}
    return vial.at - vial.thawed_at <= timedelta(seconds=limit_s), {"since": vial.thawed_at, "limit_s": limit_s}


def thaw_told(vial: VialFacts) -> Answer:
    """What is kept frozen is given thawed: where nobody recorded when that began, no clock can be read (R28)."""
    asked = vial.purpose == Purpose.BEDSIDE and vial.thaw_s is not None and vial.state is Custody.ISSUED
    return (None if asked and vial.thawed_at is None else True), {}


def never_refrozen(vial: VialFacts) -> Answer:
    """There is no way back to the freezer once thawing began, whoever put it there and for however long (R28)."""
    return vial.refrozen_at is None or vial.state in GONE, {"since": vial.refrozen_at}


def budget_kept(vial: VialFacts) -> Answer:
    used = vial.history.out_of_storage_s
    if vial.state in GONE:
        return True, {"used_s": used, "allowed_s": vial.budget_s}
    for band in vial.history.bands if used <= vial.budget_s else ():
        if band.spent:
            told = {"used_s": band.used_s, "allowed_s": band.allowed_s}
            return False, {f"{band.direction}_mc": band.threshold_mc, **told}
    return used <= vial.budget_s, {"used_s": used, "allowed_s": vial.budget_s}


def label_agrees(vial: VialFacts) -> Answer:
    """What the label says of lot and expiry is what the record says; a date the record never knew is a stop (R3)."""
    scanned = vial.scanned
    if scanned is None:
        return True, {}
    if scanned.lot is not None and scanned.lot != vial.lot_number:
        return False, {"label": scanned.lot, "record": vial.lot_number}
    known = {vial.expires, *vial.superseded}
    for told in vial.label_dates:
        if told not in known:
            return False, {"label": told, "record": vial.expires}
    return True, {}


def label_current(vial: VialFacts) -> Answer:
    dates = vial.label_dates
    if vial.scanned is None and vial.labelled is not None and vial.state not in GONE:
        dates = (vial.labelled,)  # nobody held it under a scanner: it carries what was printed
    old = [told for told in dates if told in vial.superseded and told != vial.expires]
    return not old, {"label": next(iter(old or dates), None), "record": vial.expires}


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


def release_current(vial: VialFacts) -> Answer:
    """Nothing material has changed since (MODEL.md, decision 3): `MATERIAL`. One that was taken back has its own finding."""
    release = vial.release
    if release is None or vial.state in GONE:
        return True, {}
    return release.void or not release.changes, {"release": release.number, "changes": release.changes}


def _named(vial: VialFacts) -> bool:
    return vial.release is not None and vial.release.kind == "named_patient" and vial.state not in GONE


def release_general(vial: VialFacts) -> Answer:
    """A release for a named patient is judged with that patient only (R33)."""
    if not _named(vial) or vial.release is None:
        return True, {}
    return vial.release.theirs is not None, {"release": vial.release.number}


def release_theirs(vial: VialFacts) -> Answer:
    """A vial that was released for one patient is no other's (R33)."""
    if not _named(vial) or vial.release is None:
        return True, {}
    return vial.release.theirs is not False, {"release": vial.release.number}


def not_held(vial: VialFacts) -> Answer:
    return not vial.holds, {"holds": vial.holds}


def temperature_known(vial: VialFacts) -> Answer:
    """Every stay was measured, or assumed within its longest stay (R21, R25). A vial that is gone lies nowhere."""
    if vial.state in GONE:
        return True, {}
    return vial.history.known or None, {"reasons": vial.history.reasons, "since": vial.history.unknown_since}


def route_open(vial: VialFacts) -> Answer:
    """To issue and to inject takes the hospital's own paper, valid on that day: the release was on another (R15)."""
    if vial.purpose == Purpose.STOCK or vial.state in GONE:
        return True, {}
    if vial.route is None:
        return None, {}
    return allowed(vial.route.route, vial.route.number, vial.route.papers, vial.route.day)


def clock_right(vial: VialFacts) -> Answer:
    """No clock is judged by that stands before what was written already."""
    return vial.clock_behind is None or vial.state in GONE, {"last": vial.clock_behind}


def ours(vial: VialFacts) -> Answer:
    return vial.state in GONE or vial.holder_id == vial.asker_id, {}


USE: tuple[Rule[VialFacts], ...] = (
    Rule("given", STOP, not_given),
    Rule("gone", STOP, not_gone),
    Rule("recalled", STOP, not_recalled),
    Rule("expired", STOP, not_expired),
    Rule("rejected", STOP, not_rejected),
    Rule("shortened", STOP, shortened_kept),
    Rule("lot_declined", STOP, not_declined),
    Rule("label_contradicts", STOP, label_agrees),
    Rule("thaw_spent", STOP, thaw_kept),
    Rule("refrozen", STOP, never_refrozen),
    Rule("budget_spent", STOP, budget_kept),
    Rule("released_for_another", STOP, release_theirs),
    Rule("held", ASK, not_held),
    Rule("thaw_unknown", ASK, thaw_told),
    Rule("not_certified", ASK, certified),
    Rule("not_released", ASK, released),
    Rule("release_ended", ASK, release_stands),
    Rule("release_outdated", ASK, release_current),
    Rule("named_patient_only", ASK, release_general),
    Rule("route_closed", ASK, route_open),
    Rule("temperature_unknown", ASK, temperature_known),
    Rule("clock_behind", ASK, clock_right),
    Rule("label_superseded", ASK, label_current),
    Rule("label_not_scanned_back", ASK, label_back),
    Rule("not_at_hand", ASK, at_hand),
    Rule("other_organisation", ASK, ours),
)
"""The one predicate: scan, pick list, bedside, release and API ask it. Its codes are those of `unmet` findings."""


def use(facts: VialFacts) -> tuple[Finding, ...]:
    """Why this vial may not be used for this purpose now; empty: it may. What `unmet(run(…))` gives, made for what is unmet."""
    return run([rule for rule in USE if rule.ask(facts)[0] is not True], facts)


PASSING = frozenset({"expired", "shortened", "release_ended", "route_closed"})
"""Rules whose answer changes by the calendar alone: a vial that may be used today may not be used on a later day."""


def use_later(facts: VialFacts, at: datetime, day: date) -> tuple[Finding, ...]:
    """Why a vial that may be used now may not be used at a later moment, nothing else having changed. The same rules, asked of then."""
    route = None if facts.route is None else replace(facts.route, day=day)
    then = replace(facts, at=at, route=route)
    return run([rule for rule in USE if rule.code in PASSING and rule.ask(then)[0] is not True], then)
