"""What a reading connection keeps, and when it forgets it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import insert

from tests.clinic import PASSWORD, Clinic
from traceability.domain.errors import Refused
from traceability.domain.people import Role
from traceability.services import organisations, people, sessions
from traceability.store import Call
from traceability.store.hot import FEW, Hot, Reader
from traceability.store.tables import Scan
from traceability.store.tables.organisations import PlaceKind

NAMES = Hot("SELECT id, name FROM person WHERE id = ANY(:ids)")
OTHERS = Hot("SELECT id, name FROM person WHERE id = ANY(:ids) AND organisation_id = :of AND username <> :but")
HOURS = Hot("SELECT person_id, seen_at FROM login WHERE person_id = ANY(:ids)")
sqlite_only = pytest.mark.parametrize("engine", ["sqlite"])


@contextmanager
def counting(reader: Reader) -> Iterator[list[str]]:
    asked: list[str] = []
    reader.driver.connection.set_trace_callback(lambda sql: asked.append(sql) if "FROM person" in sql else None)
    yield asked
    reader.driver.connection.set_trace_callback(None)


def name_of(reader: Reader, who: str) -> str:
    ((name,),) = (row[1:] for row in reader.grouped(NAMES, (who,), tuple)[who])
    return str(name)


def test_few_and_many_find_the_same_whatever_else_is_asked(clinic: Clinic) -> None:
    hospital = clinic.ids["hospital"]
    with clinic.store.reading() as reader:
        everybody = sorted(NAMES(reader.driver, ids=[actor.person_id for actor in clinic.actors.values()]))
        ours = [row[0] for row in everybody if row[0] != clinic.actors["admin"].person_id]
        assert len(everybody) > FEW
        for some in (ours[:1], ours[:FEW], ours):
            found = sorted(OTHERS(reader.driver, ids=some, of=hospital, but="santosa"))
            asked = {actor for name, actor in clinic.actors.items() if name != "santosa"}
            theirs = {actor.person_id for actor in asked if actor.organisation_id == hospital}
            assert [row[0] for row in found] == sorted(theirs & set(some))


@sqlite_only
def test_what_was_read_outlives_a_commit_beside_the_record(clinic: Clinic) -> None:
    who = clinic.QUALITY.person_id
    with clinic.store.reading() as reader:
        told = name_of(reader, who)
    row = {
        "at": clinic.clock(),
        "person_id": who,
        "vial_id": None,
        "purpose": "stock",
        "verdict": "use",
        "findings": "",
    }
    with clinic.store.beside() as connection:
        connection.execute(insert(Scan.__table__), row)  # type: ignore[attr-defined]
    with clinic.store.reading() as reader, counting(reader) as asked:
        assert name_of(reader, who) == told
    assert asked == []


@sqlite_only
@pytest.mark.parametrize("who", ["QUALITY", "PHYSICIAN"])
def test_every_entry_empties_it_also_a_refusal(clinic: Clinic, who: str) -> None:
    with clinic.store.reading() as reader:
        name_of(reader, clinic.QUALITY.person_id)
    given = (clinic.ids["site"], PlaceKind.ROOM, "Store", "X-1")
    if who == "QUALITY":
        organisations.open_place(clinic.store, clinic.QUALITY, Call(), *given)
    else:
        with pytest.raises(Refused):
            organisations.open_place(clinic.store, clinic.PHYSICIAN, Call(), *given)
    with clinic.store.reading() as reader, counting(reader) as asked:
        name_of(reader, clinic.QUALITY.person_id)
    assert len(asked) == 1


def test_a_session_that_ended_opens_nothing_though_no_act_was_entered(clinic: Clinic) -> None:
    token = sessions.sign_in(clinic.store, "maharani", PASSWORD, "bearer").token
    assert sessions.signed_in(clinic.store, token, "bearer")
    sessions.sign_out(clinic.store, token)
    assert sessions.signed_in(clinic.store, token, "bearer") is None
    assert HOURS.beside
    assert not NAMES.beside


def test_a_grant_that_ended_is_gone_from_the_next_request(clinic: Clinic) -> None:
    token = sessions.sign_in(clinic.store, "maharani", PASSWORD, "bearer").token
    before = sessions.signed_in(clinic.store, token, "bearer")
    assert before
    assert Role.QUALITY in before.roles(clinic.clock())
    with clinic.store.read(clinic.ADMINISTRATOR) as view:
        (grant,) = people.grants(view, before.person_id)
    clinic.do(people.end, clinic.ADMINISTRATOR, grant.id, reason="left")
    after = sessions.signed_in(clinic.store, token, "bearer")
    assert after
    assert Role.QUALITY not in after.roles(clinic.clock())
