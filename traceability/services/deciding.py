"""Excursions as somebody decides on them: what was out, who lay there by what each went through, who had one. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import col

from traceability.domain import checks, rules
from traceability.domain.checks import Purpose
from traceability.domain.history import Band
from traceability.domain.papers import FileKind
from traceability.domain.rules import Finding, Verdict
from traceability.domain.states import GONE, Custody
from traceability.services import signatures, trace
from traceability.services.excursions import there
from traceability.services.verdicts import facts
from traceability.store import View
from traceability.store.tables import (
    AlarmRule,
    Attachment,
    Disposition,
    Excursion,
    Hold,
    Lot,
    Place,
    Site,
    Stay,
    Vial,
)

_COUNTS = text(
    "SELECT e.id, count(DISTINCT s.vial_id) AS vials, count(DISTINCT CASE WHEN v.state NOT IN :gone AND d.id IS NULL THEN s.vial_id END)"
    " AS undecided, count(DISTINCT CASE WHEN v.state = 'given' THEN s.vial_id END) AS given FROM excursion e JOIN stay s"
    " ON s.place_id = e.place_id AND (e.until IS NULL OR s.since < e.until) AND (s.until IS NULL OR s.until > e.since)"
    " JOIN vial v ON v.id = s.vial_id LEFT JOIN disposition d ON d.excursion_id = e.id AND d.vial_id = s.vial_id"
    " WHERE e.id IN :ids GROUP BY e.id"
).bindparams(bindparam("ids", expanding=True), bindparam("gone", expanding=True))


@dataclass(frozen=True, slots=True)
class Listed:
    """One excursion with how many vials were there, of how many nobody has decided, and how many were given."""

    excursion: Excursion
    place: Place
    vials: int
    undecided: int
    given: int

    @property
    def state(self) -> str:
        """going, undecided or decided; empty where nothing that lay there is left to decide on."""
        if self.excursion.until is None:
            return "going"
        return "undecided" if self.undecided else "decided" if self.vials else "empty"


def listed(view: View, found: Sequence[Excursion] | None = None) -> list[Listed]:
    """Every excursion in sight: those that go on first, then those that wait for a decision, the newest of each first."""
    if found is None:
        found = view.all(Excursion, order=col(Excursion.since).desc())
    if not found:
        return []
    places = {one.id: one for one in view.all(Place, col(Place.id).in_({one.place_id for one in found}))}
    given = {"ids": [one.id for one in found], "gone": [str(state) for state in GONE]}
    counts = {row.id: row for row in view.connection.execute(_COUNTS, given)}
    made = []
    for one in found:
        row = counts.get(one.id)
        told = (row.vials, row.undecided, row.given) if row else (0, 0, 0)
        made.append(Listed(one, places[one.place_id], *told))
    order = ("going", "undecided", "decided", "empty")
    return sorted(made, key=lambda one: order.index(one.state))


@dataclass(frozen=True, slots=True)
class There:
    """A vial that was there: how long during it, its whole time out of storage, what may be done with it, what was decided."""

    vial: Vial
    lot: str
    here_s: int
    used_s: int
    budget_s: int
    known: bool
    bands: tuple[Band, ...]
    """Of the budget: what may be spent farther out, and is."""
    verdict: Verdict
    findings: tuple[Finding, ...]
    decided: Disposition | None

    @property
    def left_s(self) -> int:
        return max(0, self.budget_s - self.used_s)

    @property
    def waits(self) -> bool:
        return self.decided is None and self.vial.state not in GONE

    @property
    def history(self) -> tuple[Any, ...]:
        """Vials that share this share a row."""
        decided = (self.decided.decision, self.decided.until) if self.decided else None
        why = tuple(one.code for one in self.findings)
        return (
            self.vial.state in GONE,
            self.vial.lot_id,
            self.here_s,
            self.used_s,
            self.bands,
            self.known,
            self.verdict,
            why,
            decided,
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Vials with one history."""

    vials: tuple[There, ...]

    @property
    def first(self) -> There:
        return self.vials[0]

    @property
    def key(self) -> str:
        """Names exactly these: who ticks them all has seen each."""
        return sha256(" ".join(sorted(one.vial.id for one in self.vials)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: of which vials, by whom, why, on what statement."""

    at: datetime
    decision: str
    until: Any
    serials: tuple[str, ...]
    name: str | None
    reason: str | None
    statement: str | None


@dataclass(frozen=True, slots=True)
class Detail:
    listed: Listed
    ours: bool
    hold: Hold | None
    rules: list[AlarmRule]
    groups: list[Group]
    gone: list[Group]
    exposed: list[dict[str, Any]]
    decisions: list[Decided]
    lots: dict[str, str]
    """The lots that lay there: id and number."""
    statements: list[Attachment]
    """Stability statements of the lots that lay there: one of them may be what a decision rests on."""


def detail(view: View, excursion_id: str) -> Detail:
    """Raises `NotFound`."""
    row = view.need(Excursion, excursion_id)
    (told,) = listed(view, [row])
    site = view.need(Site, told.place.site_id)
    vials = _there(view, row)
    waiting = [one for one in vials if one.vial.state not in GONE]
    given = [one.vial.id for one in vials if one.vial.state is Custody.GIVEN]
    holds = view.all(Hold, Hold.excursion_id == row.id)
    lots = {one.vial.lot_id: one.lot for one in vials}
    return Detail(
        listed=told,
        ours=site.organisation_id == view.actor.organisation_id,
        hold=holds[0] if holds else None,
        rules=view.all(AlarmRule, AlarmRule.place_id == row.place_id, col(AlarmRule.ended_at).is_(None)),
        groups=_grouped(waiting),
        gone=_grouped([one for one in vials if one.vial.state in GONE]),
        exposed=trace.exposed(view, given) if given else [],
        decisions=_decisions(view, row, {one.vial.id: one.vial.serial for one in vials}),
        lots=lots,
        statements=view.all(
            Attachment,
            col(Attachment.lot_id).in_(lots),
            Attachment.kind == FileKind.STABILITY_STATEMENT,
            order=col(Attachment.id).desc(),
        ),
    )


def dispositions(view: View, excursion_id: str) -> list[Disposition]:
    """What was decided, vial by vial, in its order; of one vial the last counts."""
    return view.all(Disposition, Disposition.excursion_id == excursion_id, order=Disposition.decided_at)


def _there(view: View, row: Excursion) -> list[There]:
    found = view.all(Vial, col(Vial.id).in_(there(view, row.place_id, row.since, row.until)), order=Vial.serial)
    ids = [one.id for one in found]
    lots = {one.id: one.number for one in view.all(Lot, col(Lot.id).in_({one.lot_id for one in found}))}
    newest = {
        one.vial_id: one
        for one in view.all(Disposition, Disposition.excursion_id == row.id, order=Disposition.decided_at)
    }
    here: dict[str, timedelta] = defaultdict(timedelta)
    for stay in view.known(Stay, Stay.place_id == row.place_id, col(Stay.vial_id).in_(ids)):
        begins, ends = max(stay.since, row.since), min(stay.until or view.at, row.until or view.at)
        here[stay.vial_id] += max(ends - begins, timedelta())
    made = []
    for vial, fact in zip(found, facts(view, ids, Purpose.STOCK), strict=True):
        findings = checks.use(fact)
        made.append(
            There(
                vial=vial, lot=lots[vial.lot_id], here_s=int(here[vial.id].total_seconds()), used_s=fact.history.out_of_storage_s,
                budget_s=fact.budget_s, known=fact.history.known is True, bands=fact.history.bands,
                verdict=rules.verdict(findings), findings=findings, decided=newest.get(vial.id),
            )
        )  # fmt: skip
    return made


def _grouped(vials: Sequence[There]) -> list[Group]:
    """By history; the most spent first, what waits for a decision before what was decided."""
    made: dict[tuple[Any, ...], list[There]] = defaultdict(list)
    for one in vials:
        made[one.history].append(one)
    found = [Group(tuple(each)) for each in made.values()]
    return sorted(
        found, key=lambda one: (not one.first.waits, one.first.known, -one.first.used_s, one.first.vial.serial)
    )


def _decisions(view: View, row: Excursion, serials: dict[str, str]) -> list[Decided]:
    told = view.all(Disposition, Disposition.excursion_id == row.id, order=Disposition.decided_at)
    signed = {one.signature.act_id: one for one in signatures.about(view, [row.id]).get(row.id, [])}
    files = {
        one.id: one.name for one in view.all(Attachment, col(Attachment.id).in_({one.attachment_id for one in told}))
    }
    acts: dict[str, list[Disposition]] = defaultdict(list)
    for one in told:
        acts[one.act_id].append(one)
    made = []
    for act_id, each in acts.items():
        first, by = each[0], signed.get(act_id)
        made.append(
            Decided(
                at=first.decided_at, decision=str(first.decision), until=first.until,
                serials=tuple(sorted(serials[one.vial_id] for one in each if one.vial_id in serials)),
                name=by.signature.name if by else None, reason=by.reason if by else None,
                statement=files.get(first.attachment_id or ""),
            )
        )  # fmt: skip
    return made
