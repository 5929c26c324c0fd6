"""A course on its way: who does what next, first to expire first, and what becomes of a vial when nobody comes."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.api.conftest import Asking
from tests.clinic import DESIGNATION, PASSWORD, Clinic
from tests.worlds import released, world, worlds
from traceability.services import courses, protocols, sessions, stops
from traceability.store.tables.quality import ScopeKind

__all__ = ["released", "world", "worlds"]


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    return released


def next_act(browser, course: str, k: int = 1) -> str:
    """The words of the one button in the row of a dose."""
    from lxml import html

    row = html.document_fromstring(browser.get(f"/courses/{course}").text).xpath("//table/tbody/tr")[k - 1]
    return " ".join(" ".join(row.xpath("td[last()]")[0].itertext()).split())


def dose(clinic: Clinic, course: str, k: int = 1) -> dict:
    with clinic.store.read(clinic.PHARMACIST) as view:
        return next(row for row in courses.doses(view, course) if row["k"] == k)


def planned(browser, clinic: Clinic) -> str:
    subject = clinic.subject()
    clinic.consent(subject)
    assert signed_protocol(browser, clinic).status_code == 303
    path = f"/courses/plan?subject_id={subject}"
    page = browser.get(path)
    assert not re.search(r'name="laterality"[^>]* checked', page.text)
    with clinic.store.read(clinic.PHYSICIAN) as view:
        version = protocols.protocols(view)[0].version.id
    owed = browser.send(path, page, protocol_version_id=version, first_on="2026-04-01")
    assert owed.status_code == 422
    made = browser.send(
        path, page, protocol_version_id=version, laterality="left", first_on="2026-04-01", compartment="medial"
    )
    assert made.status_code == 303, made.text[-500:]
    return made.headers["Location"].rpartition("/")[2]


def signed_protocol(browser, clinic: Clinic):
    return browser.fill(
        "/protocols/issue",
        name="Knee, five weekly",
        product_id=clinic.ids["product"],
        volume_ul="3",
        password=PASSWORD,
        ethics_number=clinic.ethics_paper(),
        approval_number=DESIGNATION,
        visit_month_6_d="183",
        visit_month_6_window_d="10",
    )


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_dose_goes_from_hand_to_hand_and_each_sees_what_is_theirs(signed_in, clinic: Clinic) -> None:
    doctor, pharmacist = signed_in("santosa"), signed_in("putri")
    course = planned(doctor, clinic)
    assert next_act(doctor, course) == "Sign the order dose 1"
    assert next_act(pharmacist, course) == "Sign the order For Physician."
    first = dose(clinic, course)["id"]
    wrong = doctor.fill(f"/orders/prescribe?dose_id={first}", password="wrong")
    assert wrong.status_code == 409
    assert doctor.send(f"/orders/prescribe?dose_id={first}", wrong, password=PASSWORD).status_code == 303
    assert next_act(doctor, course) == "Sign the verification For Pharmacist."
    order = dose(clinic, course)["order_id"]
    assert doctor.get(f"/orders/{order}/verify").status_code == 403
    assert pharmacist.fill(f"/orders/{order}/verify", password=PASSWORD).status_code == 303
    assert next_act(pharmacist, course) == "Choose a vial dose 1"
    page = pharmacist.get(f"/doses/{first}/reserve")
    chosen = re.search(r'name="vial_id" value="(\w+)" checked', page.text)[1]
    assert pharmacist.send(f"/doses/{first}/reserve", page, vial_id=chosen).status_code == 303
    assert next_act(pharmacist, course) == "Issue dose 1"
    assert pharmacist.fill(f"/vials/{chosen}/issue", place_id=clinic.ids["freezer"]).status_code == 409
    assert pharmacist.fill(f"/vials/{chosen}/issue", place_id=clinic.ids["bench"]).status_code == 303
    assert next_act(doctor, course) == "Start thawing dose 1"
    assert doctor.fill(f"/vials/{chosen}/thaw", place_id=clinic.ids["bench"]).status_code == 303
    assert next_act(doctor, course) == "To the bedside dose 1"
    page = doctor.get(f"/courses/{course}").text
    assert 'role="timer"' in page
    assert "LEFT KNEE" in page
    assert f"/bedside/{first}" in doctor.get("/bedside").text


def reserving(clinic: Clinic) -> tuple[str, str]:
    """A verified dose while a lot that expires earlier is in stock too."""
    early = clinic.certificate(clinic.tested(clinic.in_stock(clinic.lot("UC26-K2", 3, expires=date(2026, 7, 31)))))
    clinic.release(early)
    return clinic.ordered(clinic.course(), 1), early


def test_another_than_the_first_to_expire_asks_why(signed_in, clinic: Clinic) -> None:
    first, _ = reserving(clinic)
    pharmacist = signed_in("putri")
    path = f"/doses/{first}/reserve"
    page = pharmacist.get(path)
    offered = re.findall(r'name="vial_id" value="(\w+)"', page.text)
    assert offered[0] == clinic.vial("K2K001").id
    later = clinic.vial("H3K001").id
    owed = pharmacist.send(path, page, vial_id=later)
    assert owed.status_code == 409
    assert "expires earlier" in owed.text
    assert f'value="{later}" checked' in owed.text
    assert pharmacist.send(path, owed, vial_id=later, reason="One lot for the course").status_code == 303
    assert clinic.vial("H3K001").state == "reserved"


def test_what_is_not_offered_says_why_and_cannot_be_taken(signed_in, clinic: Clinic) -> None:
    first, early = reserving(clinic)
    clinic.do(stops.hold, clinic.QUALITY, "Box was open", ScopeKind.LOT, [early], reason="Seen")
    pharmacist = signed_in("putri")
    path = f"/doses/{first}/reserve"
    page = pharmacist.get(path)
    offered, _, others = page.text.partition('id="others"')
    assert "K2K001" not in offered
    assert "K2K001 K2K002 K2K003" in others
    assert "Box was open" in others
    refused = pharmacist.send(path, page, vial_id=clinic.vial("K2K001").id)
    assert refused.status_code == 409
    assert "Box was open" in refused.text
    assert "K2K003" not in pharmacist.get(f"{path}?serial=K001").text


def test_when_the_patient_does_not_come_the_thawed_vial_comes_back_and_is_discarded(signed_in, clinic: Clinic) -> None:
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    doctor, pharmacist = signed_in("santosa"), signed_in("putri")
    page = pharmacist.get(f"/courses/{course}").text
    assert "did not come for dose 1" in page
    assert "It cannot go back to stock".lower() in page.lower()
    back = re.search(rf'href="(/vials/{vial.id}/take_back[^"]*)"', page)[1].replace("&amp;", "&")
    gone = pharmacist.fill(back, place_id=clinic.ids["bench"], reason="Did not come")
    assert gone.headers["Location"] == f"/courses/{course}"
    assert clinic.vial(vial.serial).state == "back_in_pharmacy"
    assert next_act(pharmacist, course) == "Choose a vial dose 1"
    assert doctor.get(f"/vials/{vial.id}/take_back").status_code == 403


def test_nobody_elsewhere_finds_a_course(signed_in, clinic: Clinic) -> None:
    course = clinic.course()
    assert signed_in("other").get(f"/courses/{course}").status_code == 404
    assert signed_in("maharani").get(f"/courses/{course}").status_code == 200


def test_a_course_without_consent_is_refused(signed_in, clinic: Clinic) -> None:
    doctor = signed_in("santosa")
    subject = clinic.subject()
    signed_protocol(doctor, clinic)
    with clinic.store.read(clinic.PHYSICIAN) as view:
        version = protocols.protocols(view)[0].version.id
    refused = doctor.fill(
        f"/courses/plan?subject_id={subject}", protocol_version_id=version, laterality="right", first_on="2026-04-01"
    )
    assert refused.status_code == 409
    assert "No consent that stands" in refused.text


def test_a_protocol_whose_papers_do_not_stand_is_shown_with_the_reason_and_not_offered(
    signed_in, clinic: Clinic
) -> None:
    clinic.protocol("Knee, a draft", ethics_number="")
    doctor, subject = signed_in("santosa"), clinic.subject()
    assert "cannot be planned today" in doctor.get("/protocols/issue").text
    closed = doctor.get(f"/courses/plan?subject_id={subject}").text
    assert "No course may be planned on Knee, a draft" in closed
    assert "<select" not in closed.partition("<main")[2]
    path = "/protocols/issue"
    refused = doctor.fill(
        path, name="Knee", product_id=clinic.ids["product"], password=PASSWORD, ethics_number="KE-UNKNOWN-1",
        visit_month_6_d="180", visit_month_6_window_d="x",
    )  # fmt: skip
    assert refused.status_code == 422
    assert "A whole number" in refused.text
    unknown = doctor.send(
        path, refused, name="Knee", product_id=clinic.ids["product"], password=PASSWORD, ethics_number="KE-UNKNOWN-1"
    )
    assert (unknown.status_code, "ethics approval, KE-UNKNOWN-1" in unknown.text) == (409, True)
    assert signed_protocol(doctor, clinic).status_code == 303
    page = doctor.get(path).text
    assert ("After 6 months" in page, "day\u00a0183\u00a0±\u00a010" in page) == (True, True)


def test_vials_for_a_whole_course_are_kept_at_once_and_what_stays_open_is_told(signed_in, app, clinic: Clinic) -> None:
    def ask(who: str) -> Asking:
        return Asking(app, sessions.sign_in(clinic.store, who, PASSWORD, "bearer").token)

    course = clinic.course()
    for k in (1, 2, 3):
        clinic.ordered(course, k)
    clinic.do(stops.hold, clinic.QUALITY, "Seen", ScopeKind.VIAL, [clinic.vial("H3K001").id], reason="seen")
    path, pharmacist = f"/courses/{course}/reserve", signed_in("putri")
    assert path in pharmacist.get(f"/courses/{course}").text
    physician = signed_in("santosa")
    assert path not in physician.get(f"/courses/{course}").text
    assert physician.get(path).status_code == 403
    page = pharmacist.get(path)
    assert re.findall(r"H3K00\d", page.text) == ["H3K002", "H3K003", "H3K004"]
    assert page.text.count("not ordered") == 2
    told = pharmacist.send(path, page)
    assert told.status_code == 303
    assert "Kept for 3 of 5 doses. Dose 4 stays open: not ordered." in pharmacist.get(told.headers["Location"]).text
    assert dose(clinic, course, 3)["serial"] == "H3K004"

    clinic.ordered(course, 4)
    clinic.ordered(course, 5)
    answer = ask("putri").post(f"/courses/{course}/reserve", {}).json["answer"]
    assert (answer["reserved"], answer["of"]) == (1, 2)
    assert [(one["k"], one["vials"][0]["serial"]) for one in answer["kept"]] == [(4, "H3K005")]
    assert [(one["k"], one["why"], one["against"]) for one in answer["open"]] == [(5, "too_few", {"held": 1})]
    assert "1 vial does not meet: No hold" in pharmacist.get(path).text
    assert ask("santosa").post(f"/courses/{course}/reserve", {}).json["code"] == "not_permitted"


def test_both_vials_of_a_dose_are_on_every_page_and_those_of_an_ended_course_are_named(
    signed_in, app, clinic: Clinic
) -> None:
    clinic.protocol(name="Two vials", doses=2, volume_ul=6000)
    course = clinic.course()
    first = clinic.ordered(course, 1)
    pharmacist, doctor = signed_in("putri"), signed_in("santosa")
    clinic.do(courses.reserve, clinic.PHARMACIST, clinic.vial("H3K001").id, first)
    page = pharmacist.get(f"/courses/{course}/reserve")
    assert "kept already: H3K001" in page.text
    for path in (f"/courses/{course}", "/calendar", "/bedside"):
        assert "3\u00a0mL lack" in pharmacist.get(path).text, path
    assert "vials for 3\u00a0mL more are to be chosen" in pharmacist.get("/").text
    assert pharmacist.send(f"/courses/{course}/reserve", page).status_code == 303
    for path in (f"/courses/{course}", "/calendar", "/bedside"):
        told = pharmacist.get(path).text
        assert ("H3K001" in told, "H3K002" in told, "lack" in told) == (True, True, False), path
    bearer = Asking(app, sessions.sign_in(clinic.store, "putri", PASSWORD, "bearer").token)
    (one, two) = bearer.get(f"/courses/{course}").json["doses"]
    assert ([each["serial"] for each in one["vials"]], one["lacks_ul"]) == (["H3K001", "H3K002"], 0)
    assert (two["vials"], two["lacks_ul"]) == ([], 6000)
    second = clinic.vial("H3K002")
    assert "H3K002" in pharmacist.get(f"/vials/{second.id}/issue").text
    clinic.do(courses.issue, clinic.PHARMACIST, second.id, clinic.ids["bench"])
    clinic.do(courses.thaw, clinic.PHARMACIST, second.id, clinic.ids["bench"])
    ended = doctor.fill(f"/courses/{course}/end", reason="moved away")
    assert ended.status_code == 303
    told = doctor.get(ended.headers["Location"]).text
    assert "Back in stock: H3K001" in told
    assert "Still out, kept for its dose: H3K002" in told
    assert "Vial H3K002 is kept for a course that has ended" in pharmacist.get("/").text
