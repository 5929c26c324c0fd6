"""Contingency sheets of a site and a day, from the calendar: printed ahead, for the day on which nothing else works (R45)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlmodel import col

from traceability.domain.checks import Purpose, use, use_later
from traceability.domain.errors import NotFound, Refused
from traceability.domain.records import ContingencyRecord, KeptVial, RecordKind, SheetPart
from traceability.domain.rules import Finding, Severity
from traceability.services import calendar, consents, lots, persons, sites
from traceability.services.calendar import Planned
from traceability.services.forecasts import NOON
from traceability.services.names import giais, label
from traceability.services.records import parts
from traceability.services.subjects import standing
from traceability.services.supply import Kept
from traceability.services.verdicts import facts
from traceability.store import View
from traceability.store.tables import Consent, Course, Lot, Product, ProtocolVersion, Site, Subject, Vial
from traceability.store.tables.row import Row
from traceability.store.tables.subjects import ConsentKind, Laterality

R = TypeVar("R", bound=Row)
AHEAD = timedelta(days=31)
"""So far ahead sheets are printed: what is further away will have changed."""


def build(view: View, site_id: str, number: str, version: int, period: str) -> ContingencyRecord:
    site, day = view.need(Site, site_id), date.fromisoformat(period)
    if site.organisation_id != view.actor.organisation_id:
        raise NotFound("site")
    today = sites.day(site, view.at)
    if not today - timedelta(days=1) <= day <= today + AHEAD:
        raise Refused("document_period", period=period)
    found = [one for one in calendar.doses(view, day, day, site.id) if not one.done and one.due <= day]
    invented = any(one.demonstration for one in _by_id(view, Subject, {one.subject_id for one in found}).values())
    return ContingencyRecord(
        head=parts.head(view, RecordKind.CONTINGENCY, number, version, demonstration=invented, at=site),
        site=site.name, day=day, sheets=tuple(sheets(view, found, site.organisation_id, day)),
    )  # fmt: skip


def _by_id(view: View, kind: type[R], ids: Iterable[str]) -> dict[str, R]:
    """Whoever asks: what stands against a dose does not depend on who looks."""
    return {one.id: one for one in view.known(kind, col(kind.id).in_(sorted(ids)))}


def sheets(view: View, found: Sequence[Planned], house: str, day: date | None = None) -> list[SheetPart]:
    """What is printed now of these doses of a house, in their order; for a day, else for the day of each, or today if that is past."""
    courses = _by_id(view, Course, {one.course_id for one in found})
    protocols = _by_id(view, ProtocolVersion, {one.protocol_version_id for one in courses.values()})
    products = _by_id(view, Product, {one.product_id for one in protocols.values()})
    kept = _kept(view, [vial for one in found for vial in one.vials])
    stands = _against(view, found, house, courses, day)
    made = []
    for one in found:
        protocol = protocols[courses[one.course_id].protocol_version_id]
        made.append(
            SheetPart(
                pseudonym=one.pseudonym, joint=protocol.joint, laterality=one.laterality, k=one.k or 0, doses=protocol.doses,
                protocol=f"{protocol.name}, {protocol.version}", product=products[protocol.product_id].name,
                volume_ul=protocol.volume_ul, observation_min=protocol.observation_min, due=one.due, ordered=one.ordered,
                verified=one.verified, vials=tuple(kept[vial.vial_id] for vial in one.vials),
                entry=f"/subjects/{one.subject_id}/given?dose_id={one.dose_id}", against=tuple(stands[one.dose_id or ""]),
            )
        )  # fmt: skip
    return made


def _against(
    view: View, found: Sequence[Planned], house: str, of: Mapping[str, Course], day: date | None
) -> Mapping[str, list[Finding]]:
    """By dose what stands against it on its day, as it is known now: of each of its vials by the one verdict, now and then; a consent
    that is not there or asks; a second course of the same knee.
    """
    vial_ids = sorted({vial.vial_id for one in found for vial in one.vials})
    known = dict(zip(vial_ids, facts(view, vial_ids, Purpose.ISSUE, asker_id=house), strict=True))
    papers = _papers(view, {one.subject_id for one in found})
    at = sites.known(view, {one.site_id for one in found})
    on = [day or max(one.due, one.today) for one in found]
    asked = [
        (paper, then, at[one.site_id])
        for one, then in zip(found, on, strict=True)
        if (paper := papers.get(one.subject_id))
    ]
    asks = iter(consents.against_on(view, house, asked))
    twice = _twice(view, of.values())
    made: dict[str, list[Finding]] = {}
    for one, then in zip(found, on, strict=True):
        told = [*next(asks)] if one.subject_id in papers else [Finding("no_consent", False, Severity.STOP)]
        told += [Finding("course_twice", False, Severity.STOP)] if one.course_id in twice else []
        for vial in one.vials:
            fact = known[vial.vial_id]
            if fact.release is not None and fact.release.kind == "named_patient":  # judged with that patient only
                (fact,) = facts(view, [vial.vial_id], Purpose.ISSUE, asker_id=house, course_id=one.course_id)
            then_too = use_later(fact, datetime.combine(then, NOON, sites.zone(at[one.site_id])), then)
            # where it is now says nothing of the day that is printed for
            told += [each for each in (*use(fact), *then_too) if each.code != "not_at_hand" and each not in told]
        made[one.dose_id or ""] = told
    return made


def _twice(view: View, courses: Iterable[Course]) -> set[str]:
    """Of these courses those beside which the same person has another open one in the same knee, under whichever pseudonym."""
    stands = persons.stood_for(view)
    asked = {stands.get(one.subject_id, one.subject_id) for one in courses}
    anybody = [*asked, *(one for one, other in stands.items() if other in asked)]
    knees: dict[tuple[str, Laterality], list[str]] = defaultdict(list)
    for one in view.known(Course, col(Course.subject_id).in_(anybody), col(Course.ended_at).is_(None)):
        knees[stands.get(one.subject_id, one.subject_id), one.laterality].append(one.id)
    return {one for several in knees.values() if len(several) > 1 for one in several}


def _papers(view: View, subject_ids: Iterable[str]) -> dict[str, Consent]:
    """Of these people the consent to the therapy that stands now, under whichever pseudonym they signed it."""
    stands = persons.stood_for(view)
    who = {one: stands.get(one, one) for one in subject_ids}
    anybody = {*who.values(), *(one for one, other in stands.items() if other in who.values())}
    signed: dict[str, list[Consent]] = defaultdict(list)
    for one in view.known(Consent, col(Consent.subject_id).in_(sorted(anybody)), Consent.kind == ConsentKind.THERAPY):
        signed[stands.get(one.subject_id, one.subject_id)].append(one)
    found = {of: standing(sorted(told, key=lambda one: one.signed_at), view.at) for of, told in signed.items()}
    return {one: paper for one, of in who.items() if (paper := found.get(of)) is not None}


def _kept(view: View, kept: Sequence[Kept]) -> Mapping[str, KeptVial]:
    """Each of these vials with its code as its label reads, by the newest expiry of its lot: a query a lot, few lots a day."""
    holds = {one.vial_id: one.volume_ul for one in kept}
    vials = _by_id(view, Vial, holds)
    of = _by_id(view, Lot, {one.lot_id for one in vials.values()})
    expires = {lot_id: lots.expiries(view, lot_id)[-1].expires for lot_id in of}
    over = giais(view, vials)
    return {
        one.id: KeptVial(
            serial=one.serial, lot=of[one.lot_id].number, expires=expires[one.lot_id], volume_ul=holds[one.id],
            code="".join(
                f"({ai}){value}"
                for ai, value in label(one.gtin, of[one.lot_id].number, expires[one.lot_id], one.serial, over.get(one.id))
            ),
        )
        for one in vials.values()
    }  # fmt: skip
