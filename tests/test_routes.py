"""One table says who comes to which address. Every address of both faces is asked by a stranger, by somebody without a form
of ours, and by one person in each role: what answers is what the table says, alike on the page and in the API.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule

from tests.clinic import HASHED, PASSWORD, Clinic
from tests.conftest import Serving
from traceability import routes, web
from traceability.domain.acts import ACTS
from traceability.domain.people import SYSTEM, Role
from traceability.services import devices, people, sessions, tokens
from traceability.store import Store

NOBODY = "0" * 32


@pytest.fixture
def app(store: Store, serving: Serving) -> Flask:
    return serving(store, SECURE=False, TESTING=True)


def told(rule: Rule) -> dict[str, str]:
    """What the path of an address says, of something that is not there."""
    return dict.fromkeys(rule.arguments - set(rule.defaults or {}), NOBODY) | {
        k: str(v) for k, v in (rule.defaults or {}).items()
    }


def walked(app: Flask) -> Iterator[tuple[Rule, routes.Gate, str, str]]:
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^:<>]+:)?(?:number|noun|act_id|[a-z_]+_id)>", NOBODY, rule.rule)
        path = re.sub(r"<int:[^>]+>", "1", path)
        path = re.sub(r"<[^>]+>", NOBODY, path)
        for method in sorted((rule.methods or set()) & {"GET", "POST", "DELETE"}):
            yield rule, routes.gate(str(rule.endpoint), told(rule)), method, path


@pytest.mark.parametrize("engine", ["sqlite"])
def test_every_address_stands_in_the_table_and_nothing_else_does(app: Flask) -> None:
    served = {str(rule.endpoint) for rule in app.url_map.iter_rules()}
    assert served == set(routes.ROUTES) | set(routes.GENERIC)
    named = [name for _, names in routes.READS for name in names.split()]
    assert len(named) == len(set(named))
    assert not set(named) & routes.PUBLIC
    for rule, gate, _, _ in walked(app):
        faces = ("bearer", "device") if rule.rule.startswith("/api/") else ("session",)
        assert gate.credential in ("public", *faces), rule


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_stranger_gets_past_no_route_but_the_public_ones(app: Flask, clinic: Clinic) -> None:
    counted = {"public": 0, "session": 0, "bearer": 0, "device": 0}
    for _, gate, method, path in walked(app):
        counted[gate.credential] += 1
        answer = app.test_client().open(path, method=method)
        if gate.credential == "session":
            assert answer.status_code == 303, (method, path, answer.status_code)
            assert "/sign-in" in answer.headers["Location"]
        elif gate.credential in ("bearer", "device"):
            assert (answer.status_code, answer.json["code"]) == (401, "sign_in_needed"), (method, path)
        else:
            assert "/sign-in" not in answer.headers.get("Location", ""), (method, path)
    assert counted["public"] < 14
    assert min(counted["session"], counted["bearer"]) > 50
    assert counted["device"] == 2


LEAVES = {"web.sign_out", "api.sign_out"}
"""Asked last: nobody is anybody after it."""


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM}))
def test_who_comes_in_where_is_what_the_table_says_on_both_faces(
    app: Flask, store: Store, clinic: Clinic, role: Role
) -> None:
    """Whose it is not: 403 with `not_permitted`, whatever they send; an act that was asked for stands in the ledger."""
    house = clinic.ids["maker" if role is Role.MAKER_QA else "hospital"]
    who = clinic.do(people.enrol, SYSTEM, house, f"one.{role.replace('_', '-')}", "O. Nly", HASHED).id
    clinic.do(people.give, SYSTEM, who, role, house)
    username = f"one.{role.replace('_', '-')}"
    cookie = sessions.sign_in(store, username, PASSWORD, "cookie").token
    bearer = sessions.sign_in(store, username, PASSWORD, "bearer").token
    page, program = app.test_client(), app.test_client()
    page.set_cookie("session", cookie)
    with app.test_request_context():
        token = web.csrf_of(sessions.token_hash(cookie))
    asked = {True: 0, False: 0}
    before = turned_away(store, who)
    expected = 0
    for _, gate, method, path in sorted(walked(app), key=lambda one: str(one[0].endpoint) in LEAVES):
        if gate.credential == "public":
            continue
        let_in = role in gate.roles
        if gate.credential == "bearer":
            told = {"json": {}, "headers": {"Idempotency-Key": str(uuid4()), "Authorization": f"Bearer {bearer}"}}
            answer = program.open(path, method=method, **(told if method == "POST" else {"headers": told["headers"]}))
        elif gate.credential == "device":  # whoever they are, and whatever they may do: a session is no key
            answer = program.open(path, method=method, json={}, headers={"Authorization": f"Bearer {bearer}"})
            assert (answer.status_code, answer.json["code"]) == (401, "sign_in_needed"), (role, path)
            continue
        else:
            answer = page.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
        asked[let_in] += 1
        if let_in:
            assert answer.status_code != 403, (role, method, path, answer.text[-400:])
            assert answer.status_code < 500, (role, method, path, answer.text[-400:])
            continue
        assert answer.status_code == 403, (role, method, path, answer.status_code)
        if gate.credential == "bearer":
            assert answer.json["code"] == "not_permitted", (role, path)
        expected += bool(gate.act) and method == "POST"
    assert asked[True] > 40
    assert asked[False] > 40
    assert turned_away(store, who) - before == expected


@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_key_of_a_device_opens_its_own_address_and_no_other(app: Flask, clinic: Clinic) -> None:
    key = "k" * 43
    calendar = "c" * 43
    clinic.do(devices.enrol, clinic.ADMINISTRATOR, "gateway", tokens.hash_of(key))
    told = {"calendar_site_id": clinic.ids["site"]}
    clinic.do(devices.enrol, clinic.ADMINISTRATOR, "desk", tokens.hash_of(calendar), **told)
    assert opened_by(app, key) == [("api.sensor_read", 415)]
    assert opened_by(app, calendar) == [("api.site_calendar", 404)]  # of a site that is not there


def opened_by(app: Flask, key: str) -> list[tuple[str, int]]:
    """Every address but the public ones that lets this key in, and what it answers."""
    opened, asked = [], 0
    for rule, gate, method, path in walked(app):
        if gate.credential == "public":
            continue
        client = app.test_client()
        client.set_cookie("session", key)
        answer = client.open(path, method=method, headers={"Authorization": f"Bearer {key}"})
        asked += 1
        if answer.status_code != (303 if gate.credential == "session" else 401):
            opened.append((str(rule.endpoint), answer.status_code))
    assert asked > 100
    return opened


def turned_away(store: Store, person_id: str) -> int:
    with store.engines.reader.connect() as connection:
        query = text("SELECT count(*) FROM entry WHERE person_id = :who AND refused = 'not_permitted'")
        return int(connection.execute(query, {"who": person_id}).scalar_one())


def test_what_is_read_on_a_page_and_by_program_is_read_by_the_same_roles() -> None:
    """The faces share one row of the table; what both call by one name is in one row."""
    for name in (
        "subjects",
        "subject",
        "subject_trace",
        "course",
        "lot_trace",
        "documents",
        "document",
        "holds",
        "recalls",
        "lots",
    ):
        assert routes.ROUTES[f"web.{name}"].roles == routes.ROUTES[f"api.{name}"].roles, name
    assert routes.ROUTES["web.audit"].roles == routes.ROUTES["api.entries"].roles
    assert routes.ROUTES["web.people"].roles == routes.ROUTES["api.persons"].roles
    nobodys = {Role.STOREKEEPER, Role.ANALYST, Role.ADMINISTRATOR, Role.DEVICE, Role.MAKER_QA}
    for endpoint in ("web.subject", "web.subject_find", "api.found_subject", "api.course", "web.bedside_dose"):
        assert not routes.ROUTES[endpoint].roles & nobodys, endpoint
    assert routes.ROUTES["api.found_subject"].roles == ACTS["subject.look_up"].roles


@pytest.mark.parametrize("engine", ["sqlite"])
def test_an_address_that_stands_in_no_table_is_open_to_nobody(app: Flask, store: Store, clinic: Clinic) -> None:
    assert routes.gate("web.forgotten", {}).roles == frozenset()
    assert routes.gate("api.forgotten", {}).roles == frozenset()


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_signed_in_person_posts_nothing_without_a_form_of_this_session(
    app: Flask, store: Store, clinic: Clinic
) -> None:
    before = entries(store)
    client = app.test_client()
    client.set_cookie("session", sessions.sign_in(store, "maharani", "correct horse battery", "cookie").token)
    for _, gate, method, path in walked(app):
        if gate.credential == "session" and method == "POST":
            assert client.post(path, data={"csrf_token": "forged"}).status_code == 400, path
            assert client.post(path, headers={"Origin": "https://elsewhere.example"}).status_code == 403, path
    assert entries(store) == before


@pytest.mark.parametrize("engine", ["sqlite"])
def test_every_answer_carries_the_strict_headers_and_no_record_is_cached(
    app: Flask, store: Store, clinic: Clinic
) -> None:
    client = app.test_client()
    client.set_cookie("session", sessions.sign_in(store, "maharani", "correct horse battery", "cookie").token)
    for _, gate, method, path in walked(app):
        if method != "GET":
            continue
        answer = client.get(path)
        assert answer.status_code < 500, (path, answer.status_code)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy, path
        assert "unsafe-eval" not in policy.replace("'wasm-unsafe-eval'", ""), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        if not path.startswith("/static") and gate.credential != "public":
            assert "no-store" in answer.headers["Cache-Control"], path


def entries(store: Store) -> int:
    with store.engines.reader.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM entry").scalar_one())
