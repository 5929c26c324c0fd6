"""Cases on pages and by API: evidence attached and opened again, chosen for an action; who may not see them is told nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Asking
from tests.clinic import PASSWORD, Clinic
from tests.stories.case import cases
from tests.web.conftest import Browser, hidden
from traceability.domain.casework import ActionKind, CaseKind
from traceability.domain.people import Role
from traceability.services import actions, events, sessions, shifts
from traceability.services import cases as service
from traceability.store.tables.outcomes import Asked

PDF = b"%PDF-1.7 the new seal"


@pytest.fixture
def opened(clinic: Clinic) -> str:
    return clinic.do(service.open_by_hand, clinic.STOREKEEPER, CaseKind.DEVIATION, "Door left open").id


def test_evidence_is_attached_to_a_case_opened_again_and_chosen_for_its_action(
    clinic: Clinic, opened: str, signed_in: Callable[[str], Browser]
) -> None:
    due = clinic.clock.now.date() + timedelta(days=9)
    told = (opened, ActionKind.CORRECTIVE, "New seal", clinic.QUALITY.person_id, due)
    action = clinic.do(actions.plan, clinic.QUALITY, *told).answer["action_id"]
    quality, path = signed_in("maharani"), f"/cases/{opened}"
    form = hidden(quality.get(path).text) | {"file": (BytesIO(b"no picture"), "x.txt")}
    assert quality.post(f"{path}/attach", data=form, content_type="multipart/form-data").status_code == 422
    form = hidden(quality.get(path).text) | {"file": (BytesIO(PDF), "seal.pdf")}
    done = quality.post(f"{path}/attach", data=form, content_type="multipart/form-data", follow_redirects=True)
    assert "seal.pdf" in done.text
    file = done.text.partition(f"{path}/files/")[2][:32]
    with quality.get(f"{path}/files/{file}") as answer:
        assert answer.data == PDF
    assert signed_in("handayani").get(f"{path}/files/{file}").status_code == 403
    page = quality.get(f"/actions/{action}/finish")
    assert "seal.pdf" in page.text
    answer = quality.send(
        f"/actions/{action}/finish", page, evidence="fitted", check_on=due.isoformat(), attachment_id=file
    )  # fmt: skip
    assert answer.status_code == 303, answer.text[-800:]
    assert answer.headers["Location"] == path


def test_whoever_opens_a_case_without_reading_them_is_led_home_and_lists_are_narrowed(
    clinic: Clinic, opened: str, signed_in: Callable[[str], Browser]
) -> None:
    storekeeper = signed_in("handayani")
    answer = storekeeper.fill("/cases/open", kind="deviation", title="Box without seal", description="Seen at the gate")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert storekeeper.get("/cases").status_code == 403
    quality = signed_in("maharani")
    assert {one.number for one in cases(clinic)} == {"K-1", "K-2"}
    clinic.clock.tick(days=45)
    quality = signed_in("maharani")
    late = quality.get("/cases?state=overdue&kind=deviation&severity=major").text
    assert "Door left open" in late
    assert "Door left open" not in quality.get("/cases?severity=critical").text
    assert "No case is like that." in quality.get("/cases?state=closed").text


def test_a_late_donor_result_is_reported_on_its_page_and_told_on_that_of_its_case(
    clinic: Clinic, signed_in: Callable[[str], Browser]
) -> None:
    clinic.in_stock()
    quality = signed_in("maharani")
    told = {
        "test": "Anti-HCV",
        "reactivity": "reactive",
        "tested_on": clinic.clock.now.date().isoformat(),
        "laboratory": "Lab 3",
    }
    done = quality.fill(f"/materials/{clinic.ids['donor']}/report_result", **told, password=PASSWORD)
    case = cases(clinic)[0].id
    assert (done.status_code, done.headers["Location"]) == (303, f"/cases/{case}")
    page = quality.get(f"/cases/{case}").text
    for part in ("Anti-HCV", "Reactive", "Lab 3", "D-4KQ7", "H3K001", "Every lot made of it is held"):
        assert part in page, part


def test_below_ask_qa_stands_whom_to_ask_and_how_they_are_reached(
    clinic: Clinic, signed_in: Callable[[str], Browser]
) -> None:
    lot = clinic.in_stock()
    pharmacist, vial = signed_in("putri"), clinic.vials(lot)[0]
    asked = pharmacist.fill("/scan", code=clinic.code(vial), mode="stock")
    assert "Nobody of QA is on call now." in asked.text
    assert f"/vials/{vial.id}/issue_in_emergency" in asked.text
    now = clinic.clock.now
    planned = (clinic.QUALITY2.person_id, Role.QUALITY, now, now + timedelta(hours=9))
    clinic.do(shifts.plan, clinic.QUALITY, *planned, "+62 271 5550")
    asked = pharmacist.fill("/scan", code=clinic.code(vial), mode="stock")
    assert "I. Lestari" in asked.text
    assert "+62 271 5550" in asked.text
    assert "issue_in_emergency" not in asked.text
    assert "+62 271 5550" in pharmacist.get("/").text


def test_a_role_is_handed_over_and_taken_back_on_ones_own_page(
    clinic: Clinic, signed_in: Callable[[str], Browser]
) -> None:
    pharmacist, mine = signed_in("putri"), f"/people/{clinic.PHARMACIST.person_id}"
    until = (clinic.clock.now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    told = {"person_id": clinic.STOREKEEPER.person_id, "role": "pharmacist", "until": until, "purpose": "leave"}
    done = pharmacist.fill("/grants/hand_over", **told, password=PASSWORD)
    assert (done.status_code, done.headers["Location"]) == (303, mine), done.text[-800:]
    page = pharmacist.get(mine).text
    assert "S. Handayani" in page
    found = page.partition("/take_back")[0][-32:]
    theirs = signed_in("handayani").get(f"/people/{clinic.STOREKEEPER.person_id}").text
    assert "handed over by N. Putri: leave" in theirs
    done = pharmacist.fill(f"/grants/{found}/take_back")
    assert (done.status_code, done.headers["Location"]) == (303, mine)
    assert "Handed over to others" not in pharmacist.get(mine).text


def test_a_vial_handed_out_at_night_is_recorded_on_its_page_and_reviewed_in_the_morning(
    clinic: Clinic, signed_in: Callable[[str], Browser]
) -> None:
    vial = clinic.vials(clinic.in_stock())[0]
    clinic.course()
    pharmacist = signed_in("putri")
    told = {
        "subject_id": clinic.ids["subject"],
        "place_id": clinic.ids["bench"],
        "reason": "nobody answers",
        "thaw": "yes",
    }
    signing = {"password": PASSWORD, "second_username": "santosa", "second_password": PASSWORD}
    done = pharmacist.fill(f"/vials/{vial.id}/issue_in_emergency", **told, **signing)
    assert done.status_code == 303, done.text[-1500:]
    case = cases(clinic)[0].id
    quality = signed_in("maharani")
    assert "was handed out without QA" in quality.get("/").text
    page = quality.get(f"/cases/{case}").text
    for part in ("Handed out without QA", "nobody answers", "N. Putri", "B. Santosa", "What stood against it"):
        assert part in page, part
    answer = quality.fill(f"/cases/{case}/review", justified="yes", review="It was right.", password=PASSWORD)
    assert answer.status_code == 303, answer.text[-800:]
    assert "It was right to hand it out." in quality.get(f"/cases/{case}").text


def test_a_case_that_becomes_minor_is_signed_on_the_page_and_one_that_becomes_graver_need_not_be(
    clinic: Clinic, opened: str, signed_in: Callable[[str], Browser]
) -> None:
    quality, path = signed_in("maharani"), f"/cases/{opened}/grade"
    told = {"severity": "minor", "reason": "nothing lay there"}

    def graded(**said: str) -> Any:
        return quality.send(path, quality.get(path), **said)

    unsigned = graded(**told)
    assert (unsigned.status_code, "Signatures needed" in unsigned.text) == (409, True), unsigned.text[-800:]
    assert graded(severity="critical", reason="it was warm").status_code == 303
    assert graded(**told, password="wrong").status_code == 409
    assert [str(one.severity) for one in cases(clinic)] == ["critical"]
    assert graded(**told, password=PASSWORD).status_code == 303
    assert [str(one.severity) for one in cases(clinic)] == ["minor"]


def test_what_the_authority_is_owed_stands_on_the_page_of_the_case_and_in_the_answer_to_a_program(
    clinic: Clinic, signed_in: Callable[[str], Browser], app: Flask
) -> None:
    clinic.course()
    clinic.do(
        events.record, clinic.PHYSICIAN, clinic.ids["subject"], Asked.YES, description="septic joint", serious=True
    )
    (case,) = cases(clinic)
    quality, told = signed_in("maharani"), "The authority is still owed a report of event E-1 by 16 Apr 2026"
    assert told in quality.get(f"/cases/{case.id}").text
    quality.get(f"/language/id?next=/cases/{case.id}")
    assert "Otoritas masih harus menerima laporan kejadian E-1" in quality.get(f"/cases/{case.id}").text
    program = Asking(app, sessions.sign_in(clinic.store, "maharani", PASSWORD, "bearer").token)
    missing = {one["code"]: one["message"] for one in program.get(f"/cases/{case.id}").json["missing"]}
    assert missing["case_reported"].startswith(told)
