"""Who works here: looking, enrolling, giving and ending roles, setting a password."""

from __future__ import annotations

import re

import pytest

from tests.clinic import PASSWORD, Clinic
from traceability.domain.people import Role
from traceability.services import people

FIRST = "a first password for them"


def test_the_list_shows_who_may_do_what_and_since_when(signed_in, clinic: Clinic) -> None:
    page = signed_in("admin").get("/people").text
    assert "S. Handayani" in page
    assert "Storekeeper" in page
    assert "1 Apr 2026" in page
    assert "T. Wijaya" not in page


@pytest.mark.parametrize("who, status", [("admin", 200), ("maharani", 200), ("putri", 403), ("wijaya", 200)])
def test_who_may_look_at_the_people(signed_in, who: str, status: int) -> None:
    assert signed_in(who).get("/people").status_code == status


def test_everybody_may_look_at_themselves(signed_in, clinic: Clinic) -> None:
    browser = signed_in("putri")
    mine = browser.get(f"/people/{clinic.PHARMACIST.person_id}")
    assert mine.status_code == 200
    assert "Change password" in mine.text
    assert browser.get(f"/people/{clinic.QUALITY.person_id}").status_code == 403


def test_people_of_another_organisation_are_not_there(signed_in, clinic: Clinic) -> None:
    assert signed_in("admin").get(f"/people/{clinic.MAKER_QA.person_id}").status_code == 404


def test_somebody_new_is_enrolled_given_a_role_and_signs_in_with_a_password_of_their_own(
    signed_in, client, clinic: Clinic
) -> None:
    admin = signed_in("admin")
    done = admin.fill(
        "/persons/enrol", name="A. Baru", username="A.Baru", title="apt.", language="id", password=FIRST, again=FIRST
    )
    assert done.status_code == 303, done.text[-500:]
    page = admin.get(done.headers["Location"])
    assert "A. Baru" in page.text
    assert "No role yet." in page.text
    person_id = done.headers["Location"].rpartition("/")[2]
    path = f"/grants/give?person_id={person_id}&next={done.headers['Location']}"
    given = admin.fill(
        path, person_id=person_id, role="storekeeper", organisation_id=clinic.ids["hospital"], training="SOP-3"
    )
    assert (given.status_code, given.headers["Location"]) == (303, done.headers["Location"])
    assert "SOP-3" in admin.get(given.headers["Location"]).text
    assert client.post("/sign-in", data={"username": "a.baru", "password": FIRST}).status_code == 303
    assert client.get("/").headers["Location"] == "/password"


@pytest.mark.parametrize("typed, field", [
    ({"username": "putri"}, "username"), ({"username": "A B"}, "username"), ({"username": ""}, "username"), ({"name": ""}, "name"),
    ({"password": "short", "again": "short"}, "password"), ({"password": ""}, "password"), ({"again": FIRST + " "}, "again"),
])  # fmt: skip
def test_what_is_wrong_with_a_new_account_stands_at_its_field(
    signed_in, clinic: Clinic, typed: dict[str, str], field: str
) -> None:
    told = {"name": "A. Baru", "username": "baru", "language": "id", "password": FIRST, "again": FIRST} | typed
    answer = signed_in("admin").fill("/persons/enrol", **told)
    assert answer.status_code in (409, 422)
    assert f'href="#f-{field}"' in answer.text
    assert FIRST not in answer.text


def test_a_role_ends_with_a_reason_and_at_once(signed_in, clinic: Clinic) -> None:
    storekeeper = signed_in("handayani")
    with clinic.store.read(clinic.ADMINISTRATOR) as view:
        (grant,) = people.grants(view, clinic.STOREKEEPER.person_id)
    admin = signed_in("admin")
    here = f"/people/{clinic.STOREKEEPER.person_id}"
    assert f"/grants/{grant.id}/end" in admin.get(here).text
    done = admin.fill(f"/grants/{grant.id}/end?next={here}", reason="left the hospital")
    assert (done.status_code, done.headers["Location"]) == (303, here)
    assert "Ended" in admin.get(here).text
    assert storekeeper.get(f"/places/{clinic.ids['read_freezer']}/read").status_code == 403


def test_a_password_is_reset_with_a_reason_and_must_be_changed(signed_in, client, clinic: Clinic) -> None:
    path = f"/persons/{clinic.PHARMACIST.person_id}/reset_password"
    admin = signed_in("admin")
    assert admin.fill(path, password=FIRST, again=FIRST, reason="").status_code == 422
    assert admin.fill(path, password=FIRST, again=FIRST, reason="forgotten").status_code == 303
    assert client.post("/sign-in", data={"username": "putri", "password": FIRST}).status_code == 303
    assert client.get("/people").headers["Location"] == "/password"
    assert signed_in_may_not(signed_in, path)


def test_a_reset_is_told_to_its_owner_and_to_qa_who_confirms_it(signed_in, client, clinic: Clinic) -> None:
    person, own = clinic.PHARMACIST.person_id, "a password of her own, long enough"
    signed_in("admin").fill(f"/persons/{person}/reset_password", password=FIRST, again=FIRST, reason="forgotten")
    quality = signed_in("maharani")
    assert "The password of N. Putri was reset" in quality.get("/").text
    client.post("/sign-in", data={"username": "putri", "password": FIRST})
    told = client.get("/password").text
    assert "Y. Admin set the one you signed in with" in told
    client.fill("/password", old=FIRST, new=own, again=own)
    assert client.get("/lots").headers["Location"] == "/password"
    assert "N. Putri has chosen a password" in quality.get("/").text
    path = f"/persons/{person}/confirm"
    assert path in quality.get(f"/people/{person}").text
    assert signed_in("admin").get(path).status_code == 403
    assert quality.fill(path, password=PASSWORD).status_code == 303
    assert client.get("/lots").status_code == 200
    assert "N. Putri" not in quality.get("/").text


def signed_in_may_not(signed_in, path: str) -> bool:
    return signed_in("maharani").get(path).status_code == 403


def test_nobody_resets_a_password_elsewhere(signed_in, clinic: Clinic) -> None:
    path = f"/persons/{clinic.MAKER_QA.person_id}/reset_password"
    answer = signed_in("admin").fill(path, password=FIRST, again=FIRST, reason="mine now")
    assert answer.status_code in (403, 404)
    with clinic.store.engines.reader.connect() as connection:
        assert people.passwords.identify(connection, "wijaya", FIRST) is None


def test_only_an_inspector_is_limited_to_a_lot(signed_in, clinic: Clinic) -> None:
    """No act asks whether a lot is the one that was granted: who acts would be limited on paper only."""
    who, lot = clinic.PHARMACIST.person_id, clinic.lot("UC26-G1", 1)
    told = {"person_id": who, "organisation_id": clinic.ids["hospital"], "lot_id": lot}
    admin = signed_in("admin")
    answer = admin.fill(f"/grants/give?person_id={who}", **told, role="pharmacist")
    assert answer.status_code == 409
    assert 'href="#f-lot_id"' in answer.text
    assert "Only an inspector is limited to one lot. Not: pharmacist. Nothing was given." in answer.text
    assert admin.fill(f"/grants/give?person_id={who}", **told, role="inspector").status_code == 303


def test_a_role_that_is_reserved_is_refused_at_the_form(signed_in, clinic: Clinic) -> None:
    path = f"/grants/give?person_id={clinic.PHARMACIST.person_id}"
    answer = signed_in("admin").fill(
        path, person_id=clinic.PHARMACIST.person_id, role=str(Role.SYSTEM), organisation_id=clinic.ids["hospital"]
    )
    assert answer.status_code == 409
    assert 'class="errors"' in answer.text


def test_a_device_is_enrolled_with_a_key_that_is_shown_once_and_revoked(signed_in, clinic: Clinic) -> None:
    admin = signed_in("admin")
    assert "/devices/enrol" in admin.get("/people").text
    page = admin.get("/devices/enrol")
    assert admin.send("/devices/enrol", page, name="").status_code == 422
    shown = admin.send("/devices/enrol", page, name="Gateway, pharmacy")
    (key,) = re.findall(r"<code>([\w-]{43})</code>", shown.text)
    assert shown.headers["Cache-Control"] == "no-store"
    again = admin.send("/devices/enrol", page, name="Gateway, pharmacy")
    assert "was enrolled before" in again.text
    assert not re.findall(r"<code>[\w-]{43}</code>", again.text)
    (path,) = set(re.findall(r'href="(/people/\w+)"', shown.text))
    assert path in again.text
    told = admin.get(path).text
    assert "it sends readings with its key" in told
    assert "reset_password" not in told
    assert key not in told
    revoke = path.replace("/people/", "/devices/") + "/revoke"
    assert revoke in told
    assert admin.fill(f"{revoke}?next={path}", reason="replaced").headers["Location"] == path
    assert "its key was revoked" in admin.get(path).text
    assert signed_in("maharani").get("/devices/enrol").status_code == 403
