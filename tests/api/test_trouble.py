"""What goes wrong is a problem with a stable code, whatever was sent; a mistake of ours tells an id and nothing else."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest
from flask import Flask

from tests.api.conftest import Ask
from tests.clinic import Clinic

DEEP = '{"a":' * 100_000


def raw(ask: Ask, body: bytes | str, content_type: str = "application/json", path: str = "/places/open"):
    headers = {"Idempotency-Key": str(uuid4())}
    return ask("maharani")("POST", path, data=body, content_type=content_type, headers=headers)


@pytest.mark.parametrize(
    "body, content_type, status, code",
    [
        ("{", "application/json", 400, "request_malformed"),
        ("", "application/json", 400, "request_malformed"),
        (b"\xff\xfe", "application/json", 400, "request_malformed"),
        (DEEP, "application/json", 400, "request_malformed"),
        ('{"a": NaN}', "application/json", 400, "request_malformed"),
        ('{"code": "a", "code": "b"}', "application/json", 400, "request_malformed"),
        ('{"a": ' + "9" * 5000 + "}", "application/json", 400, "request_malformed"),
        ("[]", "application/json", 422, "input_malformed"),
        ("null", "application/json", 422, "input_malformed"),
        ("{}", "text/plain", 415, "media_type_unsupported"),
        ("a=b", "application/x-www-form-urlencoded", 415, "media_type_unsupported"),
        (b"{" + b" " * (2 * 1024 * 1024) + b"}", "application/json", 413, "body_too_large"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_object_of_json(
    ask: Ask, clinic: Clinic, body, content_type: str, status: int, code: str
) -> None:
    made = raw(ask, body, content_type)
    assert (made.status_code, made.json["code"]) == (status, code)
    assert made.content_type == "application/problem+json"
    assert made.json["status"] == status
    assert made.json["type"] == f"/problems/{code}"
    assert made.json["title"]


@pytest.mark.parametrize(
    "field, value, told",
    [
        ("name", 7, "Not a valid string."),
        ("name", None, "Field may not be null."),
        ("name", "a\x00b", "field_control_character"),
        ("name", "\ud800", "field_control_character"),
        ("name", "   ", "Length must be between 1 and 200."),
        ("name", ["a"], "Not a valid string."),
        ("site_id", "1 OR 1=1", "field_not_an_id"),
        ("kind", {"a": 1}, "Must be one of: freezer, fridge, room, bench, shipper, bedside."),
        ("longest_age_s", 10**40, "field_out_of_range"),
        ("longest_age_s", "5", "field_not_whole"),
        ("longest_age_s", 1.5, "field_not_whole"),
        ("quarantine", "on", "field_not_a_flag"),
        ("quarantine", 1, "field_not_a_flag"),
        ("organisation_id", "0" * 32, "Unknown field."),
        ("state", "released", "Unknown field."),
        ("occurred_at", "2026-04-01T10:00:00", "Not a valid aware datetime."),
        ("occurred_at", "0001-01-01T00:00:00+14:00", "field_out_of_range"),
        ("\ud800" * 500, 1, "Unknown field."),
    ],
)  # fmt: skip
def test_a_field_that_does_not_fit_is_named(ask: Ask, clinic: Clinic, field: str, value: object, told: str) -> None:
    body = {"site_id": clinic.ids["site"], "kind": "bench", "name": "Bench 2", "code": "B-02", field: value}
    made = raw(ask, json.dumps(body))
    assert (made.status_code, made.json["code"]) == (422, "input_malformed")
    ((name, why),) = made.json["errors"].items()
    assert why == [told]
    assert name == field or name == "?" * 120


def test_a_password_is_text_too(ask: Ask, clinic: Clinic) -> None:
    signatures = [{"username": "maharani", "password": "\ud800", "meaning": "decided"}]
    body = {"low_mc": 0, "high_mc": 1, "longest_s": 60, "reason": "x", "signatures": signatures}
    made = raw(ask, json.dumps(body), path=f"/places/{clinic.ids['bench']}/assume")
    assert made.json["errors"] == {"signatures.0.password": ["field_control_character"]}


def test_addresses_that_are_not_there(ask: Ask, clinic: Clinic) -> None:
    missing = ask("putri").get("/nothing")
    assert (missing.status_code, missing.json["code"]) == (404, "not_found")
    put = ask("putri")("PUT", "/lots")
    assert (put.status_code, put.json["code"]) == (405, "method_not_allowed")
    assert {"GET", "HEAD"} <= set(put.headers["Allow"].split(", "))
    deleted = ask("putri")("DELETE", f"/lots/{clinic.lot()}/release")
    assert (deleted.status_code, sorted(deleted.headers["Allow"].split(", "))) == (405, ["OPTIONS", "POST"])


def test_a_mistake_of_ours_tells_an_id_and_nothing_else(
    app: Flask, ask: Ask, clinic: Clinic, monkeypatch, caplog
) -> None:
    from traceability.services import lists

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(lists, "vials", broken)
    made = ask("putri").get(f"/lots/{clinic.in_stock()}/vials")
    assert (made.status_code, made.json["code"]) == (500, "failed")
    assert "secret" not in made.text
    named = UUID(made.json["instance"])
    assert str(named) in caplog.text
    assert "secret of the house" in caplog.text


def test_sentences_are_in_the_language_that_was_asked_for(ask: Ask, clinic: Clinic) -> None:
    english = ask("putri").get(f"/lots/{'0' * 32}")
    indonesian = ask("putri")("GET", f"/lots/{'0' * 32}", headers={"Accept-Language": "id"})
    assert english.json["code"] == indonesian.json["code"]
    assert english.json["title"] != indonesian.json["title"]


def test_the_pages_keep_their_own_way_of_saying_it(app: Flask, clinic: Clinic) -> None:
    made = app.test_client().get("/nothing/here")
    assert made.status_code in (303, 404)
    assert "problem" not in made.content_type
