"""Questionnaires entered item by item: what was answered is kept, and scored by the rule of the version (R50)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.scoring import TOTAL, VERSIONS, Version, scored
from traceability.services import Answer, performs, persons
from traceability.services.outcomes import in_time, of_subject
from traceability.services.products import number
from traceability.store import Tx, View
from traceability.store.tables import Score, ScoreForm, Subject
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import Laterality


@performs("score_form.record")
def record(
    tx: Tx,
    subject_id: str,
    instrument: str,
    instrument_version: str,
    answers: Sequence[str],
    time_point: TimePoint,
    told_by: str,
    *,
    laterality: Laterality | None = None,
    course_id: str | None = None,
    observed_on: date | None = None,
) -> Answer:
    """One answer for each item, in the order of the published form; an empty one was not given.

    A subscale of which too much is missing has no score: not evaluable. The answers stay either way.
    """
    subject = tx.need(Subject, subject_id)
    version = version_of(instrument, instrument_version)
    of_subject(tx, subject, course_id, laterality)
    return keep(tx, version, answers, told_by, Visit(subject.id, time_point, laterality, course_id, observed_on))


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose questionnaire it is, of which knee and course, and when it was answered."""

    subject_id: str
    time_point: TimePoint
    laterality: Laterality | None
    course_id: str | None
    observed_on: date | None


def keep(tx: Tx, version: Version, answers: Sequence[str], told_by: str, visit: Visit) -> Answer:
    """The answers as they were given, and each score that the rule of the version makes of them."""
    values = [number(one.replace(",", ".")) if one.strip() else None for one in answers]
    told = scored(version, values)
    in_time(tx, visit.observed_on)
    form = tx.add(
        ScoreForm(
            subject_id=visit.subject_id, course_id=visit.course_id, laterality=visit.laterality, instrument=version.instrument,
            instrument_version=version.name, answers=[_plain(one) for one in values], time_point=visit.time_point,
            observed_on=visit.observed_on, source=told_by,
        )
    )  # fmt: skip
    for part, one in told.items():
        if one.value is not None:
            tx.add(
                Score(
                    subject_id=visit.subject_id, course_id=visit.course_id, laterality=visit.laterality, instrument=version.instrument,
                    instrument_version=version.name, subscale=None if part == TOTAL else part, raw=f"{one.value:f}",
                    exact=str(one.exact) if one.rounded else None,
                    low=f"{one.low:f}", high=f"{one.high:f}", time_point=visit.time_point, observed_on=visit.observed_on,
                    source=told_by, form_id=form.id,
                )
            )  # fmt: skip
    return {
        "id": form.id, "subject_id": visit.subject_id, "scores": {part: _plain(one.value) for part, one in told.items()},
        "missing": {part: one.missing for part, one in told.items() if one.missing},
    }  # fmt: skip


def version_of(instrument: str, name: str) -> Version:
    """Raise Refused `instrument_unknown` for one that is not scored here item by item."""
    version = VERSIONS.get((instrument, name))
    if version is None:
        raise Refused("instrument_unknown", instrument=f"{instrument} {name}"[:60])
    return version


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


# -------------------------------------------------------------------------------------------------------------- reads


def forms(view: View, subject_id: str) -> list[dict[str, Any]]:
    """Every questionnaire of a subject with its scores as its rule gives them, the newest first."""
    found = view.all(ScoreForm, col(ScoreForm.subject_id).in_(persons.of(view, subject_id)), order=ScoreForm.id)
    made = []
    for form in reversed(found):
        version = version_of(form.instrument, form.instrument_version)
        answers = [None if one is None else Decimal(one) for one in form.answers]
        made.append({"form": form, "version": version, "scored": scored(version, answers)})
    return made
