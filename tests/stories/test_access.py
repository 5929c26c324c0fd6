"""Who may do what is looked through: signed over the roles as they were shown, due again after a time (R55b)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col

from tests.clinic import Clinic
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Actor, Meaning, Role
from traceability.services import access, due, people, worklist
from traceability.store import Done
from traceability.store.tables import AccessReview, Alarm
from traceability.store.tables.alarms import AlarmKind
from traceability.store.verify import verify


def state(clinic: Clinic) -> access.State:
    with clinic.store.read(clinic.QUALITY) as view:
        return access.state(view)


def reviewed(clinic: Clinic, digest: str, who: Actor | None = None, username: str = "maharani", **told: int) -> Done:
    signed = (clinic.sign(username, Meaning.ACCESS_REVIEWED),)
    return clinic.do(access.review, who or clinic.QUALITY, digest, signed=signed, **told)


def told(clinic: Clinic) -> list[str]:
    due.report(clinic.store)
    with clinic.store.read(SYSTEM) as view:
        where = (Alarm.kind == AlarmKind.ACCESS_UNREVIEWED, col(Alarm.cleared_at).is_(None))
        return [one.name or "" for one in view.all(Alarm, *where) if one.organisation_id == clinic.ids["hospital"]]


def at_home(clinic: Clinic, who: Actor, role: Role) -> bool:
    with clinic.store.read(who) as view:
        return any(one.code == "access" for one in worklist.waiting(view, frozenset({role})))


def test_a_review_is_signed_over_the_roles_that_were_shown_and_says_what_changed_since(founded: Clinic) -> None:
    clinic = founded
    seen = state(clinic)
    assert seen.last is None
    given = clinic.do(
        people.give, clinic.ADMINISTRATOR, clinic.STOREKEEPER.person_id, Role.NURSE, clinic.ids["hospital"],
        until=clinic.clock.now + timedelta(days=3),
    ).id  # fmt: skip
    with pytest.raises(Refused, match="access_has_changed"):
        reviewed(clinic, seen.digest)
    with pytest.raises(Refused, match="not_permitted"):
        reviewed(clinic, state(clinic).digest, clinic.PHARMACIST, "putri")
    done = reviewed(clinic, state(clinic).digest)
    with clinic.store.read(clinic.QUALITY) as view:
        row = view.need(AccessReview, done.id)
    assert given in row.shown
    assert access.training.access_digest(row.shown) == row.grants_sha256 == done.answer["digest"]
    clinic.clock.tick(days=4)
    assert state(clinic).changed == access.Changed((), (), ())  # what ended by itself, on the day that was signed
    witness = next(one.id for one in state(clinic).standing if one.person_id == clinic.WITNESS.person_id)
    clinic.do(people.end, clinic.ADMINISTRATOR, witness, reason="left the ward")
    new = clinic.do(
        people.give, clinic.ADMINISTRATOR, clinic.STOREKEEPER.person_id, Role.WITNESS, clinic.ids["hospital"]
    ).id
    assert state(clinic).changed == access.Changed((new,), (witness,), ())
    with clinic.store.engines.reader.connect() as connection:
        assert verify(connection).problems == []


def test_it_is_due_half_a_year_after_the_first_role_and_then_as_the_last_review_says(founded: Clinic) -> None:
    clinic = founded
    assert told(clinic) == []
    clinic.clock.now = state(clinic).due_at - timedelta(seconds=1)
    assert told(clinic) == []
    assert not at_home(clinic, clinic.QUALITY, Role.QUALITY)
    clinic.clock.tick(seconds=1)
    assert told(clinic) == ["RSUD Dr. Moewardi"]
    assert at_home(clinic, clinic.QUALITY, Role.QUALITY)
    assert at_home(clinic, clinic.ADMINISTRATOR, Role.ADMINISTRATOR)
    for days in (6, 731):
        with pytest.raises(Refused, match="field_out_of_range"):
            reviewed(clinic, state(clinic).digest, next_in_d=days)
    reviewed(clinic, state(clinic).digest, clinic.ADMINISTRATOR, "admin", next_in_d=30)
    assert told(clinic) == []
    assert not at_home(clinic, clinic.QUALITY, Role.QUALITY)
    clinic.clock.tick(days=30)
    assert told(clinic) == ["RSUD Dr. Moewardi"]
