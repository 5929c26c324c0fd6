"""Everything an inspector looks at is kept, by page and by program, before it is shown; QA reads it, and nobody forges it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Asking
from tests.clinic import HASHED, PASSWORD, Clinic
from tests.conftest import Serving
from traceability.domain.people import SYSTEM, Role
from traceability.services import day_logs, organisations, people, sessions, viewings
from traceability.services.organisations import OrganisationKind
from traceability.store import Call
from traceability.store.verify import verify

MRN = "MRN-0099887"


@pytest.fixture
def inspected(released: Clinic) -> Clinic:
    authority = released.do(organisations.register, SYSTEM, "BPOM", OrganisationKind.AUTHORITY).id
    who = released.ids["inspector"] = released.do(
        people.enrol, SYSTEM, authority, "inspector", "P. Inspector", HASHED
    ).id
    until = released.clock.now + timedelta(days=30)
    released.do(
        people.give, SYSTEM, who, Role.INSPECTOR, released.ids["hospital"], lot_id=released.ids["lot"], until=until
    )
    return released


@pytest.fixture
def page(inspected: Clinic, serving: Serving) -> FlaskClient:
    client = serving(inspected.store, SECURE=False, TESTING=True).test_client()
    client.set_cookie("session", sessions.sign_in(inspected.store, "inspector", PASSWORD, "cookie").token)
    return client


def looked(clinic: Clinic) -> list[str]:
    with clinic.store.read(clinic.QUALITY) as view:
        return [one.named for one in viewings.viewings(view)][::-1]


def test_every_page_and_every_answer_is_kept_with_names_for_who_may_see_them(
    inspected: Clinic, page: FlaskClient, serving: Serving
) -> None:
    lot = inspected.ids["lot"]
    page.get(f"/lots/{lot}/vials")
    page.get("/audit?refused=yes&act=lot.release")
    page.get("/audit?about=UC26-H3")
    program = Asking(
        serving(inspected.store, SECURE=False, TESTING=True),
        sessions.sign_in(inspected.store, "inspector", PASSWORD, "bearer").token,
    )
    program.get(f"/lots/{lot}")
    program.get("/entries", limit=3)
    assert looked(inspected) == [
        "/lots/UC26-H3/vials", "/audit?act=lot.release&refused=yes", "/audit?about=UC26-H3", "/api/v1/lots/UC26-H3", "/api/v1/entries?limit=3",
    ]  # fmt: skip
    with inspected.store.read(inspected.ELSEWHERE) as view:
        assert viewings.viewings(view) == []  # they let nobody in


def test_what_was_typed_is_not_kept_and_what_is_not_theirs_leaves_no_sight(
    inspected: Clinic, page: FlaskClient, serving: Serving
) -> None:
    program = Asking(
        serving(inspected.store, SECURE=False, TESTING=True),
        sessions.sign_in(inspected.store, "inspector", PASSWORD, "bearer").token,
    )
    assert program.get("/near-misses", about="\0" + MRN).status_code == 422
    assert looked(inspected)[0].startswith("/api/v1/near-misses?about=typed:")
    page.get(f"/audit?about={MRN}")
    page.get(f"/audit?about={MRN}")
    assert page.get("/contacts").status_code == 403  # refused: nothing was seen
    _, first, second = looked(inspected)
    assert first == second
    assert first.startswith("/audit?about=typed:")
    with inspected.store.engines.reader.connect() as connection:
        assert MRN not in str(connection.exec_driver_sql("SELECT * FROM viewing").all())


def test_people_of_the_house_are_not_watched(inspected: Clinic, serving: Serving) -> None:
    client = serving(inspected.store, SECURE=False, TESTING=True).test_client()
    client.set_cookie("session", sessions.sign_in(inspected.store, "maharani", PASSWORD, "cookie").token)
    assert client.get("/audit").status_code == 200
    assert looked(inspected) == []


def test_where_it_cannot_be_kept_nothing_is_shown(
    inspected: Clinic, page: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(type(inspected.store), "beside", full)
    page.application.config["PROPAGATE_EXCEPTIONS"] = False
    page.application.config["TESTING"] = False
    answer = page.get(f"/lots/{inspected.ids['lot']}/vials")
    assert answer.status_code == 500
    assert "H3K001" not in answer.text


def test_a_day_is_sealed_and_one_row_changed_added_or_taken_out_is_named(inspected: Clinic, page: FlaskClient) -> None:
    day = inspected.clock.now.date()
    page.get("/lots")
    page.get("/audit")
    inspected.clock.tick(days=2)
    assert day_logs.seal_days(inspected.store)

    def problems() -> list[str]:
        with inspected.store.engines.reader.connect() as connection:
            return verify(connection).problems

    assert problems() == []
    for wrong in (
        "UPDATE viewing SET path = '/lots/other'", "DELETE FROM viewing WHERE path = '/lots'",
        "INSERT INTO viewing(at, person_id, path) SELECT at, person_id, '/x' FROM viewing WHERE path = '/lots'",
    ):  # fmt: skip
        with inspected.store.engines.writer.connect() as connection, connection.begin() as transaction:
            connection.exec_driver_sql(wrong)
            (told,) = verify(connection).problems
            transaction.rollback()
        assert told.startswith(f"viewing log of {day}: its rows are not those that the ledger sealed")


def test_they_see_nothing_after_their_time_and_nothing_of_it_is_kept(inspected: Clinic, page: FlaskClient) -> None:
    inspected.clock.tick(days=31)
    assert page.get("/audit").status_code in (303, 403)
    assert looked(inspected) == []
    people.give(inspected.store, SYSTEM, Call(), inspected.ids["inspector"], Role.INSPECTOR, inspected.ids["other"])
    assert looked(inspected) == []
