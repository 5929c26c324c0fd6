"""Signing in and out, the language, one's own password, and the page that watches the server."""

from __future__ import annotations

import pytest

from tests.clinic import PASSWORD, Clinic
from traceability.domain.people import SYSTEM
from traceability.services import people
from traceability.store import Call

NEW = "another horse, other battery"


def test_a_wrong_name_and_a_wrong_password_are_told_alike(client, clinic: Clinic) -> None:
    unknown = client.post("/sign-in", data={"username": "nobody", "password": PASSWORD})
    wrong = client.post("/sign-in", data={"username": "maharani", "password": "not hers at all"})
    assert unknown.status_code == wrong.status_code == 401
    assert said(unknown.text) == said(wrong.text) != ""
    assert 'value="maharani"' in wrong.text
    assert "not hers at all" not in wrong.text
    assert "Set-Cookie" not in wrong.headers


def said(page: str) -> str:
    return page.partition('<h2 class="stop">')[2].partition("</h2>")[0]


@pytest.mark.parametrize("asked, leads", [
    ("/lots?state=held", "/lots?state=held"), ("//evil.example", "/"), ("https://evil.example/", "/"), ("/\\evil.example", "/"),
])  # fmt: skip
def test_who_signs_in_goes_on_where_they_were_and_nowhere_else(client, clinic: Clinic, asked: str, leads: str) -> None:
    answer = client.post("/sign-in", data={"username": "MAHARANI ", "password": PASSWORD, "next": asked})
    assert (answer.status_code, answer.headers["Location"]) == (303, leads)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_page_asked_for_without_sign_in_comes_after_it(client, clinic: Clinic) -> None:
    asked = client.get("/places?x=1")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/sign-in?next=/places?x%3D1"
    assert 'name="next" value="/places?x=1"' in client.get(asked.headers["Location"]).text


def test_after_signing_out_the_same_cookie_opens_nothing(signed_in) -> None:
    browser = signed_in("maharani")
    token = browser.get_cookie("session").value
    assert browser.post("/sign-out", data={"csrf_token": csrf(browser.get("/").text)}).status_code == 303
    browser.set_cookie("session", token)
    assert browser.get("/").headers["Location"].startswith("/sign-in")


def csrf(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_a_form_of_another_session_is_not_taken(signed_in) -> None:
    theirs = csrf(signed_in("putri").get("/").text)
    mine = signed_in("maharani")
    assert mine.post("/sign-out", data={"csrf_token": theirs}).status_code == 400
    assert mine.post("/sign-out", data={"csrf_token": "ä"}).status_code == 400
    assert (
        mine.post(
            "/sign-out", data={"csrf_token": csrf(mine.get("/").text)}, headers={"Sec-Fetch-Site": "cross-site"}
        ).status_code
        == 403
    )
    assert (
        mine.post(
            "/sign-out", data={"csrf_token": csrf(mine.get("/").text)}, headers={"Origin": "https://evil.example"}
        ).status_code
        == 403
    )
    assert mine.get("/").status_code == 200


def test_a_password_that_somebody_else_set_opens_only_the_page_to_change_it(client, clinic: Clinic) -> None:
    hashed = people.passwords.hash_password("set by the administrator")
    clinic.do(people.reset_password, clinic.ADMINISTRATOR, clinic.PHARMACIST.person_id, hashed, reason="forgotten")
    assert (
        client.post("/sign-in", data={"username": "putri", "password": "set by the administrator"}).status_code == 303
    )
    for path in ("/", "/places", "/scan"):
        assert client.get(path).headers["Location"] == "/password"
    done = client.fill("/password", old="set by the administrator", new=NEW, again=NEW)
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    assert client.get("/").status_code == 200
    assert people.is_own_password(clinic.store, clinic.PHARMACIST, NEW)


@pytest.mark.parametrize("old, new, again, field", [
    ("wrong", NEW, NEW, "old"), (PASSWORD, "short", "short", "new"), (PASSWORD, NEW, NEW + "!", "again"), (PASSWORD, PASSWORD, PASSWORD, "new"),
])  # fmt: skip
def test_a_password_is_not_changed_unless_all_is_right(
    signed_in, clinic: Clinic, old: str, new: str, again: str, field: str
) -> None:
    answer = signed_in("putri").fill("/password", old=old, new=new, again=again)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert people.is_own_password(clinic.store, clinic.PHARMACIST, PASSWORD)


def test_guessing_ones_own_password_is_slowed_down(signed_in, clinic: Clinic) -> None:
    browser = signed_in("putri")
    codes = [browser.fill("/password", old=f"guess {n}", new=NEW, again=NEW).status_code for n in range(12)]
    assert codes[0] == 422
    assert codes[-1] == 429


def test_the_page_speaks_the_language_that_was_chosen(client, clinic: Clinic) -> None:
    assert 'lang="en"' in client.get("/sign-in").text
    assert client.get("/language/id?next=/sign-in").headers["Location"] == "/sign-in"
    assert "Kata sandi" in client.get("/sign-in").text


def test_health_asks_the_database(client, clinic: Clinic, monkeypatch) -> None:
    assert client.get("/health").get_json() == {"status": "ok"}

    def gone(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(clinic.store, "read", gone)
    assert client.get("/health").status_code == 500


def test_without_a_role_nobody_signs_in(client, clinic: Clinic) -> None:
    new = people.enrol(
        clinic.store,
        SYSTEM,
        Call(),
        clinic.ids["hospital"],
        "newcomer",
        "N. Newcomer",
        people.passwords.hash_password(NEW),
    )
    assert new.id
    assert client.post("/sign-in", data={"username": "newcomer", "password": NEW}).status_code == 401
