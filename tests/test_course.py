"""The case, from the subject's consent to the fifth injection and what became of it."""

from __future__ import annotations

import pytest

from tests.clinic import Clinic
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.services import outcomes, trace
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import Laterality
from traceability.store.verify import verify


def test_a_course_of_five_from_order_to_observation(clinic: Clinic) -> None:
    lot = clinic.released_lot()
    course = clinic.course()
    for k in range(1, 6):
        given = clinic.give_dose(course, k)
        assert given.answer["findings"] == []
        clinic.clock.tick(days=6, hours=20)
    with clinic.store.read(clinic.PHYSICIAN) as view:
        told = trace.of_lot(view, lot)
        assert told["buckets"]["administered"] == 5
        back = trace.of_subject(view, clinic.ids["subject"])
    assert [row["k"] for row in back["given"]] == [1, 2, 3, 4, 5]
    with clinic.store.engines.reader.connect() as connection:
        assert verify(connection).problems == []


def test_the_wrong_knee_is_stopped_and_if_it_happened_it_is_recorded(clinic: Clinic) -> None:
    clinic.released_lot()
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    with pytest.raises(Refused) as refused:
        clinic.start_dose(course, 1, vial, laterality=Laterality.LEFT)
    assert [finding.code for finding in refused.value.findings] == ["wrong_side"]
    given = clinic.give_dose(course, 1, vial=vial, laterality=Laterality.LEFT, start=False)
    assert given.answer["findings"] == ["wrong_side", "not_started"]


def test_the_paper_scores_stand_as_the_paper_gives_them(clinic: Clinic) -> None:
    course = clinic.course()
    subject = clinic.ids["subject"]
    values = []
    for raw, source in (("3", "abstract, first"), ("4", "abstract, later"), ("3", "case presentation")):
        values.append(
            clinic.do(
                outcomes.record,
                clinic.PHYSICIAN,
                subject,
                "KL",
                raw,
                TimePoint.BASELINE,
                source,
                laterality=Laterality.RIGHT,
                course_id=course,
            ).id
        )
    signed = (clinic.sign("santosa", Meaning.ADJUDICATED),)
    clinic.do(outcomes.adjudicate, clinic.PHYSICIAN, values, values[0], signed=signed, reason="Figure and body agree.")
    with clinic.store.read(clinic.PHYSICIAN) as view:
        kept = trace.of_subject(view, subject)["outcomes"][subject]["scores"]
    assert [(row["raw"], row["adjudicated"]) for row in kept] == [("3", True), ("4", False), ("3", False)]
