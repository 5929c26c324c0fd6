"""Signing in and out, the language, one's own password, and the page that watches the server."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from io import BytesIO

import pytest

from tests.clinic import PASSWORD, Clinic
from tests.web.conftest import hidden
from traceability.domain.people import SYSTEM, Meaning
from traceability.services import people, sessions
from traceability.store import Call, guards
from traceability.store.tables import ManualReading

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


@pytest.mark.parametrize("asked, leads", [
    ("/subjects/a/given?dose_id=b&code=(8018)095212340000000013", "/subjects/a/given?dose_id=b"), ("/scan?code=MRN-0417733", "/scan"),
    ("/01/09521234543213/21/P1?17=260930&8018=095212340000000013", "/01/09521234543213/21/P1?17=260930"),
])  # fmt: skip
def test_a_code_that_was_scanned_is_not_carried_over_the_sign_in(
    client, clinic: Clinic, asked: str, leads: str
) -> None:
    location = client.get(asked).headers["Location"]
    page = client.get(location).text
    assert f'name="next" value="{leads.replace("&", "&amp;")}"' in page
    for kept in (location, page):
        assert "0952123400" not in kept
        assert "MRN" not in kept


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
    assert people.is_own_password(clinic.store, clinic.PHARMACIST, NEW)
    assert client.get("/").headers["Location"] == "/password"
    assert "Somebody has to confirm that it was you" in client.get("/password").text
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(people.confirm, clinic.QUALITY, clinic.PHARMACIST.person_id, signed=signed)
    assert client.get("/").status_code == 200


def test_changing_a_password_ends_the_session_on_the_other_desk_and_not_this_one(signed_in, clinic: Clinic) -> None:
    here, there = signed_in("putri"), signed_in("putri")
    assert here.fill("/password", old=PASSWORD, new=NEW, again=NEW).status_code == 303
    assert here.get("/lots").status_code == 200
    assert there.get("/lots").headers["Location"].startswith("/sign-in")


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

    monkeypatch.setattr(guards, "left_open", gone)
    assert client.get("/health").status_code == 500
    monkeypatch.setattr(guards, "left_open", lambda _: ["f" * 32])
    stopped = client.get("/health")
    assert stopped.status_code == 503
    assert "flask verify" in stopped.text


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


# ── a session that ended while somebody was filling in a form ──


def resume(client, page, username: str, password: str = PASSWORD):
    """Sign in on the page that a form was answered with."""
    return client.post("/sign-in", data=hidden(page.text) | {"username": username, "password": password})


def filled(clinic: Clinic, browser, path: str, **typed: str):
    """A form that is opened, filled in for sixteen minutes, and sent."""
    page = browser.get(path)
    clinic.clock.tick(minutes=16)
    return browser.send(path, page, **typed)


READING = {"now_mc": "-19.5", "low_mc": "-20", "high_mc": "-18"}


def readings(clinic: Clinic) -> int:
    with clinic.store.read(SYSTEM) as view:
        return len(view.all(ManualReading))


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_what_was_filled_in_while_the_session_ended_is_sent_after_signing_in(signed_in, clinic: Clinic) -> None:
    browser, path = signed_in("handayani"), f"/places/{clinic.ids['freezer']}/read"
    page = filled(clinic, browser, path, **READING)
    assert page.status_code == 401
    assert "not lost" in page.text
    assert not {"-19.5", "handayani", clinic.ids["freezer"]} & set(hidden(page.text).values())
    assert readings(clinic) == 0
    wrong = resume(browser, page, "handayani", "not hers at all")
    assert wrong.status_code == 401
    back = resume(browser, wrong, "handayani")
    assert (back.status_code, readings(clinic)) == (200, 0)
    assert f'action="{path}"' in back.text
    done = browser.send(path, back)
    assert (done.status_code, readings(clinic)) == (303, 1)
    browser.send(path, back)  # the same act, once
    assert readings(clinic) == 1


def test_what_was_sent_before_lunch_is_entered_late_as_of_then(signed_in, clinic: Clinic) -> None:
    browser, path = signed_in("handayani"), f"/places/{clinic.ids['freezer']}/read"
    page, sent = filled(clinic, browser, path, **READING), clinic.clock.now
    clinic.clock.tick(minutes=50)
    back = resume(browser, page, "handayani")
    assert "entered late, as of then" in back.text
    assert browser.send(path, back).status_code == 303
    with clinic.store.read(clinic.QUALITY) as view:
        ((body,),) = view.rows("SELECT body FROM entry WHERE act = 'place.read' ORDER BY number DESC LIMIT 1")
    told = json.loads(body)
    assert told["source"] == "late"
    assert abs(datetime.fromisoformat(told["occurred_at"]) - sent) < timedelta(seconds=1)


def test_the_language_may_be_changed_before_signing_in_again(signed_in, clinic: Clinic) -> None:
    browser, path = signed_in("handayani"), f"/places/{clinic.ids['freezer']}/read"
    page = filled(clinic, browser, path, **READING)
    (switch,) = re.findall(r'<form method="post" action="(/language/id)">(.*?)</form>', page.text)
    sealed = hidden(page.text)["kept"]
    assert f'name="kept" value="{sealed}"' in switch[1]
    page = browser.post(switch[0], data={"kept": sealed})
    assert (page.status_code, "Location" in page.headers) == (200, False)
    assert "Kata sandi" in page.text
    back = resume(browser, page, "handayani")
    assert f'action="{path}"' in back.text
    assert 'lang="id"' in back.text.partition("<head>")[0], "the choice is kept"
    assert browser.send(path, back).status_code == 303
    assert readings(clinic) == 1


def test_a_form_that_is_signed_comes_back_filled_and_without_a_password(signed_in, clinic: Clinic) -> None:
    browser, path = signed_in("maharani"), f"/places/{clinic.ids['bench']}/assume"
    typed = {"low_mc": "2", "high_mc": "8", "longest_s": "4", "reason": "Mapped again.", "password": PASSWORD}
    page = filled(clinic, browser, path, **typed)
    back = resume(browser, page, "maharani")
    assert PASSWORD not in page.text + back.text
    assert "you sign it again" in back.text
    form = browser.send(path, back)
    assert form.status_code == 422
    assert 'href="#f-password"' in form.text
    assert "Mapped again." in form.text
    done = browser.send(path, form, **typed)
    assert done.status_code == 303


def test_nobody_else_gets_what_was_filled_in(signed_in, clinic: Clinic) -> None:
    browser, path = signed_in("handayani"), f"/places/{clinic.ids['freezer']}/read"
    page = filled(clinic, browser, path, **READING)
    other = resume(browser, page, "putri")
    assert other.status_code == 303
    first = browser.get(other.headers["Location"])
    assert "somebody else’s" in first.text
    assert "-19.5" not in first.text
    assert readings(clinic) == 0


def test_a_seal_that_is_not_ours_is_worth_nothing(signed_in, clinic: Clinic) -> None:
    browser, path = signed_in("handayani"), f"/places/{clinic.ids['freezer']}/read"
    kept = hidden(filled(clinic, browser, path, **READING).text)["kept"]
    for forged in (kept[:-3] + "AA=", "ä", "x"):
        told = {"username": "handayani", "password": PASSWORD, "kept": forged}
        assert browser.post("/sign-in", data=told).status_code == 303
    assert readings(clinic) == 0


def test_after_a_day_nothing_is_kept(signed_in, clinic: Clinic) -> None:
    browser, path = signed_in("handayani"), f"/places/{clinic.ids['freezer']}/read"
    page = filled(clinic, browser, path, **READING)
    clinic.clock.tick(hours=23, minutes=59)
    assert resume(browser, page, "handayani").status_code == 200
    clinic.clock.tick(minutes=2)
    assert resume(browser, page, "handayani").status_code == 303


def test_only_a_form_of_that_session_is_kept(signed_in, client, clinic: Clinic) -> None:
    """Not of a stranger, not of another session, and never that of a password."""
    path = f"/places/{clinic.ids['freezer']}/read"
    assert client.post(path, data=READING).status_code == 303
    browser = signed_in("handayani")
    clinic.clock.tick(minutes=16)
    assert browser.post(path, data=READING | {"csrf_token": "forged"}).status_code == 303
    putri = signed_in("putri")
    typed = {"old": PASSWORD, "new": NEW, "again": NEW}
    assert filled(clinic, putri, "/password", **typed).status_code == 303


def test_a_file_is_not_kept_and_that_is_said(signed_in, clinic: Clinic) -> None:
    lot = clinic.lot()
    browser = signed_in("maharani")
    path = f"/lots/{lot}/documents"
    page = browser.get(path)
    clinic.clock.tick(minutes=16)
    told = hidden(page.text) | {"kind": "other", "file": (BytesIO(b"%PDF-1.7 x"), "coa.pdf")}
    page = browser.post(f"/lots/{lot}/attach", data=told, content_type="multipart/form-data")
    assert page.status_code == 401
    assert "Choose the file again." in resume(browser, page, "maharani").text


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_a_form_of_before_is_still_good_when_somebody_signed_in_meanwhile_in_another_window(
    signed_in, clinic: Clinic
) -> None:
    browser, path = signed_in("handayani"), f"/places/{clinic.ids['freezer']}/read"
    page = browser.get(path)
    clinic.clock.tick(minutes=16)
    browser.post("/sign-in", data={"username": "handayani", "password": PASSWORD})
    back = browser.send(path, page, **READING)
    assert (back.status_code, readings(clinic)) == (200, 0)
    assert browser.send(path, back).status_code == 303
    assert readings(clinic) == 1
    clinic.clock.tick(hours=13)
    browser.post("/sign-in", data={"username": "handayani", "password": PASSWORD})
    assert browser.send(path, page, **READING).status_code == 400


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_a_page_knows_when_its_session_ends_and_staying_puts_it_off(signed_in, clinic: Clinic) -> None:
    browser = signed_in("putri")
    page = browser.get("/").text
    assert 'data-idle="840"' in page
    ends = clinic.clock.now + sessions.ABSOLUTE
    assert f'data-ends="{ends:%Y-%m-%dT%H:%M:%SZ}"' in page
    for _ in range(3):
        clinic.clock.tick(minutes=14)
        assert browser.post("/session", data={"csrf_token": csrf(page)}).status_code == 204
    assert browser.get("/").status_code == 200
    clinic.clock.tick(minutes=16)
    assert browser.post("/session", data={"csrf_token": csrf(page)}).headers["Location"].startswith("/sign-in")
    assert "data-idle" not in browser.get("/sign-in").text


def test_guessing_a_colleagues_password_at_a_signature_is_slowed_down_and_said(signed_in, clinic: Clinic) -> None:
    box = clinic.shipped(clinic.lot())
    browser, path = signed_in("handayani"), f"/consignments/{box}/arrive"
    told = {"carrier": "KJ", "seal": "S-1", "seal_whole": "yes", "condition": "cold", "password": PASSWORD}
    guessed = [
        browser.fill(path, **told, second_username="putri", second_password=f"guess number {n}") for n in range(11)
    ]
    assert [one.status_code for one in guessed] == [409] * 10 + [429]
    assert 'href="#f-second_password"' in guessed[0].text
    assert "Too many tries. Wait 5" in guessed[-1].text
    assert "S-1" in guessed[-1].text  # what was filled in stands there still
    clinic.clock.tick(minutes=5)
    assert browser.fill(path, **told, second_username="putri", second_password=PASSWORD).status_code == 303
