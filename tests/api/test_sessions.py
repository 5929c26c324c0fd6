"""Signing in by program: who gets a token, how long it lives, and how often one may guess."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.conftest import Ask, signature
from tests.clinic import PASSWORD, Clinic, Clock


def sign_in(app: Flask, username: str, password: str = PASSWORD, address: str = "10.1.1.1"):
    told = {"username": username, "password": password}
    return app.test_client().post("/api/v1/sessions", json=told, environ_base={"REMOTE_ADDR": address})


def test_a_name_and_a_password_give_a_token_that_works_until_it_is_given_back(app: Flask, clinic: Clinic) -> None:
    made = sign_in(app, "putri")
    assert made.status_code == 201
    assert made.json["person"]["name"] == "N. Putri"
    assert made.json["person"]["roles"] == ["pharmacist"]
    assert made.json["ends_at"] == "2026-04-01T15:00:00.000000Z"
    client, held = app.test_client(), {"Authorization": f"Bearer {made.json['token']}"}
    assert client.get("/api/v1/sessions", headers=held).json["id"] == clinic.PHARMACIST.person_id
    assert client.delete("/api/v1/sessions", headers=held).status_code == 204
    assert client.get("/api/v1/sessions", headers=held).json["code"] == "sign_in_needed"


def test_a_token_ends_after_twelve_hours(ask: Ask, clock: Clock) -> None:
    asking = ask("putri")
    clock.tick(hours=11, minutes=59)
    assert asking.get("/lots").status_code == 200
    clock.tick(minutes=1)
    assert asking.get("/lots").status_code == 401


@pytest.mark.parametrize("username, password", [("putri", "wrong"), ("nobody", PASSWORD), ("putri", "\x01\u2028")])
def test_who_is_wrong_does_not_learn_which_half(app: Flask, clinic: Clinic, username: str, password: str) -> None:
    made = sign_in(app, username, password)
    assert (made.status_code, made.json["code"]) == (401, "sign_in_not_accepted")
    assert made.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("held", ["", "Bearer", "Bearer nonsense", "Basic cHV0cmk6eA==", "Bearer \x7f"])
def test_without_a_token_that_stands_nothing_is_told(app: Flask, clinic: Clinic, held: str) -> None:
    made = app.test_client().get("/api/v1/lots", headers={"Authorization": held})
    assert (made.status_code, made.json["code"]) == (401, "sign_in_needed")
    assert made.headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_ten_failures_and_then_even_the_right_password_waits(app: Flask, clinic: Clinic, clock: Clock) -> None:
    for _ in range(10):
        assert sign_in(app, "putri", "wrong").status_code == 401
        clock.tick(seconds=6)
    made = sign_in(app, "putri")
    assert (made.status_code, made.json["code"], made.headers["Retry-After"]) == (429, "too_many_tries", "240")
    assert sign_in(app, "Putri ", "wrong").status_code == 429
    assert sign_in(app, "handayani").status_code == 201, "another name from there"
    assert sign_in(app, "putri", address="10.1.1.2").status_code == 201, "she herself, from elsewhere"
    clock.tick(minutes=4)
    assert sign_in(app, "putri").status_code == 201


def test_a_right_password_forgives_the_wrong_ones_before(app: Flask, clinic: Clinic) -> None:
    for _ in range(3):
        for _ in range(9):
            sign_in(app, "putri", "wrong")
        assert sign_in(app, "putri").status_code == 201


def test_a_session_of_a_page_is_no_token(app: Flask, store, clinic: Clinic) -> None:
    from traceability.services import sessions

    token = sessions.sign_in(store, "putri", PASSWORD, "cookie").token
    assert app.test_client().get("/api/v1/lots", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_password_that_somebody_else_chose_opens_nothing_but_its_change(app: Flask, ask: Ask, clinic: Clinic) -> None:
    chosen = "chosen by the administrator"
    told = {"password": chosen, "reason": "forgotten"}
    assert ask("admin").post(f"/persons/{clinic.PHARMACIST.person_id}/reset_password", told).status_code == 201
    made = sign_in(app, "putri", chosen)
    assert made.json["person"]["must_change_password"] is True
    client, held = app.test_client(), {"Authorization": f"Bearer {made.json['token']}"}
    refused = client.get("/api/v1/lots", headers=held)
    assert (refused.status_code, refused.json["code"]) == (403, "password_must_change")

    def change(old: str, new: str, key: str):
        told = {"current_password": old, "password": new}
        headers = {**held, "Idempotency-Key": key}
        return client.post("/api/v1/persons/change_password", json=told, headers=headers)

    own, key = "a password of her own", str(uuid4())
    assert change("not that", own, str(uuid4())).json["code"] == "password_not_accepted"
    assert change(chosen, own, key).status_code == 201
    assert client.get("/api/v1/lots", headers=held).json["code"] == "password_must_change", "who says that it is she?"
    again = change(chosen, own, key)
    assert (again.status_code, again.json["repeated"]) == (200, True), "a lost answer is asked for again"
    assert change(chosen, "another of her own", key).json["code"] == "act_id_reused"
    assert sign_in(app, "putri", own).status_code == 201
    confirm = f"/persons/{clinic.PHARMACIST.person_id}/confirm"
    assert ask("admin").post(confirm, {"signatures": [signature("admin", "decided")]}).json["code"] == "not_permitted"
    assert ask("maharani").post(confirm, {"signatures": [signature("maharani", "decided")]}).status_code == 201
    assert client.get("/api/v1/lots", headers=held).status_code == 200


def test_a_changed_password_ends_every_other_session_and_a_reset_all_of_them(
    app: Flask, ask: Ask, clinic: Clinic
) -> None:
    mine, stolen, colleague = ask("putri"), ask("putri"), ask("santosa")
    told = {"current_password": PASSWORD, "password": "a password of her own"}
    assert mine.post("/persons/change_password", told).status_code == 201
    assert (mine.get("/lots").status_code, stolen.get("/lots").status_code) == (200, 401)
    told = {"password": "chosen by the administrator", "reason": "a stolen token"}
    assert ask("admin").post(f"/persons/{clinic.PHARMACIST.person_id}/reset_password", told).status_code == 201
    assert (mine.get("/lots").status_code, colleague.get("/lots").status_code) == (401, 200)


def test_somebody_is_enrolled_once_however_often_it_is_asked(app: Flask, ask: Ask, clinic: Clinic) -> None:
    told = {
        "organisation_id": clinic.ids["hospital"], "username": "kartika", "name": "K. Kartika",
        "password": "twelve letters at least", "must_change": False,
    }  # fmt: skip
    asking, key = ask("admin"), str(uuid4())
    first, second = asking.post("/persons/enrol", told, key=key), asking.post("/persons/enrol", told, key=key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["answer"] == second.json["answer"]
    assert asking.post("/persons/enrol", told | {"password": "eleven chrs"}).status_code == 422
    assert sign_in(app, "kartika", told["password"]).json["code"] == "sign_in_not_accepted", "no role yet"
    given = {"person_id": first.json["answer"]["id"], "role": "nurse", "organisation_id": clinic.ids["hospital"]}
    assert asking.post("/grants/give", given).status_code == 201
    made = sign_in(app, "kartika", told["password"]).json["person"]
    assert (made["roles"], made["must_change_password"]) == (["nurse"], True), "whoever chose it is not she"
    listed = {one["username"]: one for one in asking.get("/persons", limit=200).json["items"]}
    assert [grant["role"] for grant in listed["kartika"]["grants"]] == ["nurse"]
    assert "other" not in listed, "people of another organisation"
    assert "hashed" not in str(listed)


def test_a_signature_by_program_is_guessed_no_faster_than_a_sign_in(ask: Ask, clinic: Clinic) -> None:
    box = clinic.shipped(clinic.lot())
    asking = ask("handayani")
    told = {"carrier": "KJ", "seal": "S-1", "seal_whole": True, "condition": "cold"}

    def guess(password: str) -> TestResponse:
        signed = [signature("handayani", "received"), signature("putri", "witnessed", password)]
        return asking.post(f"/consignments/{box}/arrive", told | {"signatures": signed})

    for n in range(10):
        made = guess(f"guess number {n}")
        assert (made.status_code, made.json["code"]) == (409, "signature_not_accepted")
    made = guess("guess number 10")
    assert (made.status_code, made.json["code"], made.headers["Retry-After"]) == (429, "too_many_tries", "300")
    assert made.json["entry"]
    assert ask("maharani").get("/entries", limit=1).json["items"][0]["refusal"]["code"] == "too_many_tries"
    clinic.clock.tick(minutes=5)
    assert guess(PASSWORD).status_code == 201
