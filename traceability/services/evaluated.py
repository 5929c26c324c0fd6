"""Every course that was given, with what can be evaluated of it. What comparisons rest on.

Only of subjects who consented to the use of their data; who did not, or withdrew at any house, stays in the trace and is counted here.
Two subjects with the same national number, by its keyed digest, are one person, and so are two that were merged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlmodel import col

from traceability.domain.comparing import BASELINE, Treated
from traceability.domain.instruments import Missing, shown
from traceability.services import became, exposures, joints, persons
from traceability.services.subjects import standing
from traceability.store import View
from traceability.store.tables import (
    Administration,
    Consent,
    Identity,
    Subject,
)
from traceability.store.tables.subjects import ConsentKind, Laterality


@dataclass(frozen=True, slots=True)
class Followed:
    """A course, whose it is, and what became of it. `scores`: by visit, 0–100 with 0 best, to a tenth, to be read; `why`: what keeps
    one from being evaluated.
    """

    treated: Treated
    subject_id: str
    pseudonym: str
    laterality: Laterality
    first_on: date
    scores: Mapping[str, Decimal]
    why: Mapping[str, Missing]


@dataclass(frozen=True, slots=True)
class Sample:
    """All that this reader sees and may use. `offered`: how many courses have a baseline and that visit, by instrument."""

    followed: tuple[Followed, ...]
    without_consent: int
    before_first: int
    """Events that began before the first injection, and count for no course."""
    names: Mapping[str, str]
    """Of lots, places and injectors, by id; a month names itself."""
    offered: Mapping[tuple[str, str], int]
    instrument: str


def sample(view: View, instrument: str | None = None) -> Sample:
    """`instrument`: the one that is compared; without it the one of which most can be evaluated."""
    subjects = read_under(view)
    counted = view.all(Administration, Administration.counts())
    treated = {subjects[one.subject_id].id for one in counted if one.subject_id in subjects}
    whose = same_person(view, subjects)
    agreed = usable(view, subjects, whose)
    known = joints.joints(view, {one: subject.id for one, subject in subjects.items()})
    knees = [knee for knee in exposures.knees(view, subjects, known) if knee.subject.id in agreed]
    values = became.values(view, knees, known)
    offered = Counter(
        (instrument, point)
        for (_, instrument), by_visit in values.items() for point, value in by_visit.items()
        if point != BASELINE and isinstance(value, Fraction) and isinstance(by_visit.get(BASELINE), Fraction)
    )  # fmt: skip
    most = max(offered, key=lambda one: (offered[one], one[0] == became.RESPONSE), default=(became.RESPONSE, ""))[0]
    compared = instrument or most
    groups, names = exposures.groups(view, knees)
    harm, planned = became.events(view, knees), became.visits(view, knees)
    made = []
    for knee in knees:
        by_visit = values.get((knee.id, compared), {})
        exact = {point: value for point, value in by_visit.items() if isinstance(value, Fraction)}
        responses = became.responses(values.get((knee.id, became.RESPONSE), {}))
        event, watched_d = harm.of.get(knee.id, (None, None))
        told = Treated(
            person=whose.get(knee.subject.id, knee.subject.id), course=knee.id, groups=groups[knee.id],
            scores={point: float(value) for point, value in exact.items()},
            responses=responses, due=became.due(view, knee, planned.get(knee.id, ())).union(responses),
            event=event, watched_d=watched_d,
        )  # fmt: skip
        scores, why = {point: shown(value) for point, value in exact.items()}, became.why(by_visit)
        made.append(
            Followed(told, knee.subject.id, knee.subject.pseudonym, knee.laterality, knee.first_on, scores, why)
        )
    return Sample(tuple(made), len(treated - agreed), harm.before, names, offered, compared)


def read_under(view: View) -> Mapping[str, Subject]:
    """Every subject in sight with the one under which it is read: who was enrolled twice is one."""
    known = persons.standing(view)
    return {one.id: known.get(one.id, one) for one in view.all(Subject)}


def usable(view: View, subjects: Mapping[str, Subject], same: Mapping[str, str]) -> set[str]:
    """Whose data may be used, of those that stand (R48): who consents to it, and withdrew it at no other house. What nobody
    recorded is no consent.

    `subjects`: each with the one under which it is read; `same`: the first subject of one person (`same_person`).
    """
    told: dict[str, list[Consent]] = defaultdict(list)
    for one in view.all(Consent, Consent.kind == ConsentKind.DATA, order=Consent.signed_at):
        if one.subject_id in subjects:
            told[subjects[one.subject_id].id].append(one)
    agreed = {subject for subject, signed in told.items() if standing(signed, view.at)}
    withdrew = {subject for subject, signed in told.items() if any(one.withdrawn_at is not None for one in signed)}
    refused = {same.get(one, one) for one in withdrew - agreed}
    return {one for one in agreed if same.get(one, one) not in refused}


def same_person(view: View, subjects: Mapping[str, Subject]) -> dict[str, str]:
    """The first subject with the same national number, by subject. Digests are compared; no identity is opened."""
    first: dict[str, str] = {}
    rows = view.all(Identity, col(Identity.nik_index).is_not(None), order=Identity.subject_id)
    return {
        subjects[one.subject_id].id: first.setdefault(one.nik_index, subjects[one.subject_id].id)
        for one in rows
        if one.nik_index and one.subject_id in subjects
    }
