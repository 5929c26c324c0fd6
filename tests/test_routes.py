"""Every route stands in one table: what it asks of whoever comes. Walked as a stranger, and as somebody without a form of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.clinic import Clinic
from traceability import api, create_app, web
from traceability.services import people
from traceability.store import Store

NOBODY = "0" * 32


@pytest.fixture
def app(store: Store, tmp_path: Path) -> Flask:
    made = create_app({"STORE": store, "SECURE": False}, instance_path=str(tmp_path / "app"))
    made.testing = True
    return made


def credential(rule: Rule) -> str:
    """The kind of credential a route asks for: the table."""
    if rule.endpoint in web.PUBLIC | api.PUBLIC:
        return "public"
    return "bearer" if rule.rule.startswith("/api/") else "session"


def walked(app: Flask) -> Iterator[tuple[str, str, str]]:
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^:<>]+:)?(?:number|noun|act_id|[a-z_]+_id)>", NOBODY, rule.rule)
        path = re.sub(r"<int:[^>]+>", "1", path)
        path = re.sub(r"<[^>]+>", NOBODY, path)
        for method in sorted((rule.methods or set()) & {"GET", "POST", "DELETE"}):
            yield credential(rule), method, path


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_stranger_gets_past_no_route_but_the_public_ones(app: Flask, clinic: Clinic) -> None:
    counted = {"public": 0, "session": 0, "bearer": 0}
    for kind, method, path in walked(app):
        counted[kind] += 1
        answer = app.test_client().open(path, method=method)
        if kind == "session":
            assert answer.status_code == 303, (method, path, answer.status_code)
            assert "/sign-in" in answer.headers["Location"]
        elif kind == "bearer":
            assert (answer.status_code, answer.json["code"]) == (401, "sign_in_needed"), (method, path)
        else:
            assert "/sign-in" not in answer.headers.get("Location", ""), (method, path)
    assert counted["public"] < 14
    assert min(counted["session"], counted["bearer"]) > 50


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_signed_in_person_posts_nothing_without_a_form_of_this_session(
    app: Flask, store: Store, clinic: Clinic
) -> None:
    before = entries(store)
    client = app.test_client()
    client.set_cookie("session", people.sign_in(store, "maharani", "correct horse battery", "cookie").token)
    for kind, method, path in walked(app):
        if kind == "session" and method == "POST":
            assert client.post(path, data={"csrf_token": "forged"}).status_code == 400, path
            assert client.post(path, headers={"Origin": "https://elsewhere.example"}).status_code == 403, path
    assert entries(store) == before


@pytest.mark.parametrize("engine", ["sqlite"])
def test_every_answer_carries_the_strict_headers_and_no_record_is_cached(
    app: Flask, store: Store, clinic: Clinic
) -> None:
    client = app.test_client()
    client.set_cookie("session", people.sign_in(store, "maharani", "correct horse battery", "cookie").token)
    for kind, method, path in walked(app):
        if method != "GET":
            continue
        answer = client.get(path)
        assert answer.status_code < 500, (path, answer.status_code)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy, path
        assert "unsafe-eval" not in policy.replace("'wasm-unsafe-eval'", ""), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        if not path.startswith("/static") and kind != "public":
            assert "no-store" in answer.headers["Cache-Control"], path


def entries(store: Store) -> int:
    with store.engines.reader.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM entry").scalar_one())
