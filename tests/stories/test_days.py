"""A slip in a year is refused where it is written: no lot made tomorrow, no patient born next year, no dose given in 1900."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.clinic import Clinic
from tests.stories.case import LEFT, RIGHT, clean, count, enrol, refusal
from tests.stories.test_maker import announced
from traceability import words
from traceability.domain.people import Meaning
from traceability.services import consents, courses, labels, lots, products
from traceability.store import Call, Source
from traceability.store.tables.products import CredentialKind
from traceability.store.tables.subjects import ConsentKind


def outside(no: object, field: str) -> None:
    assert no.code == "field_date_outside"  # type: ignore[attr-defined]
    assert no.values["field"] == field  # type: ignore[attr-defined]
    assert "_" not in words.sentence(no.code, no.values)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("field", "made_on", "expires"),
    [
        ("made_on", date(2030, 1, 1), date(2031, 12, 31)),
        ("made_on", date(1926, 3, 9), date(1927, 3, 9)),
        ("expires", date(2026, 3, 9), date(2099, 12, 31)),
        ("expires", date(2026, 3, 9), date(9999, 12, 31)),
    ],
)
def test_a_lot_is_made_before_today_and_expires_within_twenty_years(
    clinic: Clinic, field: str, made_on: date, expires: date
) -> None:
    """Its label has two digits for the year: one that expires in 2099 would read 1999."""
    outside(refusal(lambda: announced(clinic, made_on=made_on, expires=expires)), field)
    assert count(clinic, "lot") == 0


def test_today_is_today_where_the_maker_is(clinic: Clinic) -> None:
    """At 18 o'clock UTC it is tomorrow in Jakarta: a lot may be made and certified on that day."""
    clinic.clock.now = datetime(2026, 4, 14, 18, 0, tzinfo=UTC)
    tomorrow = date(2026, 4, 15)
    lot = announced(clinic, made_on=tomorrow)
    outside(refusal(lambda: announced(clinic, "UC26-A2", made_on=tomorrow + timedelta(days=1))), "made_on")
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_16x30", lot_id=lot)
    signed = (clinic.sign("wijaya", Meaning.CERTIFIED),)
    clinic.do(lots.certify, clinic.MAKER_QA, lot, tomorrow, "Conforms.", signed=signed)
    after = refusal(
        lambda: clinic.do(
            lots.certify,
            clinic.MAKER_QA,
            announced(clinic, "UC26-A3"),
            tomorrow + timedelta(days=1),
            "x",
            signed=signed,
        )
    )
    assert after.code == "date_impossible"


@pytest.mark.parametrize("born", [date(2050, 1, 1), date(1899, 12, 31), date(1, 1, 1)])
def test_a_patient_was_born_and_not_before_anybody_alive(clinic: Clinic, born: date) -> None:
    outside(refusal(lambda: clinic.subject(born=born)), "born")
    assert count(clinic, "subject") == 0
    clinic.subject(born=clinic.clock.now.date())


def test_a_consent_was_signed_in_these_years(founded: Clinic) -> None:
    subject = enrol(founded)
    signed = (founded.sign("santosa", Meaning.RECORDED), founded.sign("rahayu", Meaning.WITNESSED))

    def record(at: datetime) -> None:
        founded.do(consents.record, founded.PHYSICIAN, subject, ConsentKind.THERAPY, "v2", at, signed=signed)

    outside(refusal(lambda: record(datetime(1800, 1, 1, tzinfo=UTC))), "signed_at")
    record(founded.clock.now - timedelta(days=400))


def test_a_first_dose_is_planned_ahead_or_recorded_late_with_its_time(founded: Clinic) -> None:
    founded.course()
    today = founded.clock.now.date()

    def plan(first: date, call: Call | None = None) -> None:
        given = (founded.ids["subject"], founded.ids["protocol"], LEFT, first)
        founded.do(courses.plan, founded.PHYSICIAN, *given, call=call)

    for wrong in (date(1900, 1, 1), today - timedelta(days=30), date(2126, 4, 1)):
        outside(refusal(lambda: plan(wrong)), "first_on")  # noqa: B023
    # during downtime it was planned on paper, thirty days ago: it is copied in with the time at which that was
    plan(
        today - timedelta(days=30), Call(occurred_at=founded.clock.now - timedelta(days=31), source=Source.TRANSCRIBED)
    )
    clean(founded)


def test_a_dose_of_1900_was_not_given(released: Clinic) -> None:
    course = released.course()
    long_ago = datetime(1900, 1, 1, tzinfo=UTC)
    call = Call(occurred_at=long_ago, source=Source.LATE, reason="paper")
    no = refusal(lambda: released.give_dose(course, 1, laterality=RIGHT, start=False, call=call))
    assert no.code == "occurred_long_ago"
    assert "1900" in words.sentence(no.code, no.values)
    assert count(released, "administration") == 0


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("valid_from", {"valid_from": date(1, 1, 1)}),
        ("valid_until", {"valid_from": date(2025, 1, 1), "valid_until": date(9999, 12, 31)}),
    ],
)
def test_a_certificate_is_valid_for_years_and_not_for_ever(clinic: Clinic, field: str, told: dict[str, date]) -> None:
    given = (clinic.ids["maker"], CredentialKind.GMP, "GMP-9", "issuer", "secretome")
    outside(refusal(lambda: clinic.do(products.record_credential, clinic.MAKER_QA, *given, **told)), field)
