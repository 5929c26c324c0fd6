"""What goes wrong is a problem with a stable code, whatever was sent; a mistake of ours tells an id and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from marshmallow import fields, validate

from tests.api.conftest import Ask
from tests.clinic import Clinic
from traceability import asking
from traceability.api import wrongs
from traceability.services import PERFORMERS

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
        ("name", 7, "field_not_text"),
        ("name", None, "field_missing"),
        ("name", "a\x00b", "field_control_character"),
        ("name", "\ud800", "field_control_character"),
        ("name", "   ", "field_length"),
        ("name", ["a"], "field_not_text"),
        ("site_id", "1 OR 1=1", "field_not_an_id"),
        ("kind", {"a": 1}, "field_choice"),
        ("longest_age_s", 10**40, "field_out_of_range"),
        ("longest_age_s", "5", "field_not_whole"),
        ("longest_age_s", 1.5, "field_not_whole"),
        ("quarantine", "on", "field_not_a_flag"),
        ("quarantine", 1, "field_not_a_flag"),
        ("organisation_id", "0" * 32, "field_unknown"),
        ("state", "released", "field_unknown"),
        ("occurred_at", "2026-04-01T10:00:00", "field_not_a_moment"),
        ("occurred_at", "0001-01-01T00:00:00+14:00", "field_out_of_range"),
        ("\ud800" * 500, 1, "field_unknown"),
    ],
)  # fmt: skip
def test_a_field_that_does_not_fit_is_named(ask: Ask, clinic: Clinic, field: str, value: object, told: str) -> None:
    body = {"site_id": clinic.ids["site"], "kind": "bench", "name": "Bench 2", "code": "B-02", field: value}
    made = raw(ask, json.dumps(body))
    assert (made.status_code, made.json["code"]) == (422, "input_malformed")
    ((name, why),) = made.json["errors"].items()
    assert [one["code"] for one in why] == [told]
    assert not re.search(r"Not a valid|Must be|Unknown|null|_|required", why[0]["message"]), "a sentence for people"
    assert name == field or name == "?" * 120


def test_a_password_is_text_too(ask: Ask, clinic: Clinic) -> None:
    signatures = [{"username": "maharani", "password": "\ud800", "meaning": "decided"}]
    body = {"low_mc": 0, "high_mc": 1, "longest_s": 60, "reason": "x", "signatures": signatures}
    made = raw(ask, json.dumps(body), path=f"/places/{clinic.ids['bench']}/assume")
    ((path, (wrong,)),) = made.json["errors"].items()
    assert (path, wrong["code"]) == ("signatures.0.password", "field_control_character")


def test_what_is_wrong_with_a_field_is_said_in_the_readers_language(ask: Ask, clinic: Clinic) -> None:
    program = ask("maharani")
    body = {"site_id": clinic.ids["site"], "kind": "cupboard", "name": "x" * 300}
    heard = {}
    for language in ("en", "id"):
        made = program.post("/places/open", body, headers={"Accept-Language": language})
        heard[language] = {name: (one["code"], one["message"]) for name, (one,) in made.json["errors"].items()}
    assert heard["en"] == {
        "code": ("field_missing", "This is needed."),
        "kind": ("field_choice", "Choose one of: freezer, fridge, room, bench, shipper, bedside."),
        "name": ("field_length", "This has to have 1 to 200 characters, or so many items."),
    }
    assert heard["id"]["code"] == ("field_missing", "Ini diperlukan.")
    assert heard["id"]["name"] == (
        "field_length",
        "Ini harus terdiri dari 1 sampai 200 karakter, atau sebanyak itu butir.",
    )


def test_a_cursor_that_is_none_is_named(ask: Ask) -> None:
    made = ask("maharani").get("/lots", after="nonsense")
    assert (made.status_code, made.json["code"]) == (422, "input_malformed")
    assert [one["code"] for one in made.json["errors"]["after"]] == ["field_not_an_id"]


def test_every_message_of_the_schemas_library_has_a_code() -> None:
    """Whatever a field of any act can say: a new kind of field is noticed here, not by a reader of English."""
    said, forms = {"Unknown field."}, 0
    for name in PERFORMERS:
        try:
            known = asking.schema(name)().fields.values()
        except TypeError:  # its input is no form: a logger's file, a drawn document
            continue
        said |= set(_messages(known))
        forms += 1
    assert forms > 40
    assert {message for message in said if wrongs.read(message)[0] == "field_malformed"} == set()


def _messages(found: Iterable[fields.Field[Any]]) -> Iterator[str]:
    for one in found:
        known = {"input": "a", "obj_type": "datetime", "choices": "a, b", "field": "a", "awareness": "aware"}
        # "validator_failed" is for a rule that answers False: ours say what is wrong themselves, below
        said = {name: told for name, told in one.error_messages.items() if name != "validator_failed"}
        yield from (str(told).format(**known) for told in said.values() if isinstance(told, str))
        for rule in one.validators:
            match rule:
                case validate.Length():
                    bounds = (rule.min is not None, rule.max is not None)
                    told = {(True, False): rule.message_min, (False, True): rule.message_max}
                    yield rule._format_error(
                        "x", rule.message_equal if rule.equal else told.get(bounds, rule.message_all)
                    )
                case validate.Range():
                    yield from (
                        rule._format_error(1, told) for told in (rule.message_min, rule.message_max, rule.message_all)
                    )
                case validate.OneOf():
                    yield rule._format_error("x")
                case _:
                    yield type(rule).__name__
        if isinstance(one, fields.List):
            yield from _messages([one.inner])
        if isinstance(one, fields.Nested):
            yield from _messages(one.schema.fields.values())


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


def test_a_database_that_is_away_says_so_and_when_to_ask_again(ask: Ask, clinic: Clinic, monkeypatch) -> None:
    from traceability.services import lists

    def away(*_: object, **__: object) -> None:
        raise psycopg.OperationalError("connection to server at 10.0.0.9 failed")

    monkeypatch.setattr(lists, "vials", away)
    made = ask("putri").get(f"/lots/{clinic.in_stock()}/vials")
    assert (made.status_code, made.json["code"]) == (503, "database_away")
    assert made.headers["Retry-After"] == "1"
    assert "10.0.0.9" not in made.text


def test_sentences_are_in_the_language_that_was_asked_for(ask: Ask, clinic: Clinic) -> None:
    english = ask("putri").get(f"/lots/{'0' * 32}")
    indonesian = ask("putri")("GET", f"/lots/{'0' * 32}", headers={"Accept-Language": "id"})
    assert english.json["code"] == indonesian.json["code"]
    assert english.json["title"] != indonesian.json["title"]


def test_the_pages_keep_their_own_way_of_saying_it(app: Flask, clinic: Clinic) -> None:
    made = app.test_client().get("/nothing/here")
    assert made.status_code in (303, 404)
    assert "problem" not in made.content_type
