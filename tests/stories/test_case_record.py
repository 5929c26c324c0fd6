"""The record of a case on paper, in both languages: everything that was done about it, and who signed (R34, R59)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import page as checker
import pypdfium2

from tests.clinic import Clinic
from tests.stories.case import cases, enrol, holds, reading, report
from traceability.domain.casework import ActionKind, CaseDecision, Reactivity
from traceability.domain.people import SYSTEM, Actor, Meaning
from traceability.domain.records import RecordKind
from traceability.services import actions, closing, documents, investigations, materials, stops
from traceability.services import cases as service
from traceability.store import Call
from traceability.store.tables import Document

SHOTS = os.environ.get("SHOTS")


def printed(clinic: Clinic, case_id: str, language: str, name: str, who: Actor | None = None) -> tuple[Document, str]:
    def link(number: str, version: int) -> str:
        return documents.status_url("https://trace.example.org/", number, version)

    done = documents.make(clinic.store, who or clinic.QUALITY, Call(), RecordKind.CASE, case_id, language, link)
    with clinic.store.read(SYSTEM) as view:
        made = view.need(Document, done.id)
    kept = documents.kept(clinic.store, made)
    assert [one.rule_id for one in checker.validate_pdf_bytes(kept, profile="3a").failures] == []
    assert [one.rule_id for one in checker.validate_pdf_bytes(kept, profile="ua1").failures] == []
    pdf = pypdfium2.PdfDocument(kept)
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True)
        for n, page in enumerate(pdf, 1):
            page.render(scale=1.6).to_pil().save(f"{SHOTS}/{name}-{language}-{n}.png")
    return made, " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)


def test_the_record_of_a_case_tells_it_from_what_happened_to_who_closed_it(released: Clinic) -> None:
    clinic = released
    clinic.in_stock(clinic.lot("UC26-H4", 2))
    report(clinic, [clinic.code(clinic.vial("H3K001"))], subject=enrol(clinic))
    case = cases(clinic)[0].id
    made, text = printed(clinic, case, "en", "case-open")
    assert (made.number, made.version) == ("DEV-0001", 1)
    for part in (
        "OPEN",
        "Dose that was not permitted",
        "Nobody has written anything down.",
        "UC26-H4",
        "not said yet",
        "H-1",
    ):
        assert part in text or part == "Dose that was not permitted", part
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(service.assign, clinic.QUALITY, case, clinic.QUALITY.person_id)
    clinic.do(investigations.investigate, clinic.QUALITY, case, "No order on the ward.", root_cause="Form not sent on.")
    near = reading(clinic, lambda view: investigations.suggestions(view, cases(clinic)[0]), clinic.QUALITY)
    clinic.do(
        investigations.extend_to, clinic.QUALITY, case, [one.lot.id for one in near], chosen=False, reason="other ward"
    )
    clinic.do(closing.dispose, clinic.QUALITY, case, CaseDecision.USE, signed=signed, reason="the vial was sound")
    day = clinic.clock.now.date() + timedelta(days=5)
    told = (case, ActionKind.PREVENTIVE, "Order form on the tray", clinic.PHARMACIST.person_id, day)
    action = clinic.do(actions.plan, clinic.QUALITY, *told).answer["action_id"]
    clinic.do(actions.finish, clinic.PHARMACIST, action, "SOP 12, version 4", day + timedelta(days=30))
    clinic.do(stops.lift, clinic.QUALITY, holds(clinic)[0].id, signed=signed, reason="decided")
    clinic.do(
        closing.close, clinic.QUALITY2, case, signed=(clinic.sign("lestari", Meaning.DECIDED),), reason="answered"
    )
    made, text = printed(clinic, case, "en", "case-closed")
    assert (made.number, made.version) == ("DEV-0001", 2)
    for part in ("CLOSED", "Critical", "No order on the ward.", "Form not sent on.", "other ward", "may be used", "the vial was sound",
                 "CA-1", "Order form on the tray", "SOP 12, version 4", "H3K001", "R. Maharani", "I. Lestari", "answered",
                 "Made of the same", "ICH E2A"):  # fmt: skip
        assert part in text, part
    _, text = printed(clinic, case, "id", "case-closed")
    for part in (
        "DITUTUP",
        "Kritis",
        "Catatan kasus",
        "boleh dipakai",
        "tidak terkait",
        "pencegahan",
        "Dibuat dari bahan yang sama",
    ):
        assert part in text, part


def test_the_case_of_a_donor_says_what_was_found_of_it(released: Clinic) -> None:
    clinic = released
    given = (clinic.ids["donor"], "Anti-HCV", Reactivity.REACTIVE, clinic.clock.now.date())
    signed = (clinic.sign("wijaya", Meaning.RECORDED),)
    case = clinic.do(materials.report_result, clinic.MAKER_QA, *given, laboratory="Lab 3", signed=signed).answer[
        "case_id"
    ]
    for language, parts in (
        ("en", ("Anti-HCV", "Reactive", "Lab 3", "D-4KQ7", "those to come")),
        ("id", ("Reaktif", "Lab 3")),
    ):
        _, text = printed(clinic, case, language, "case-donor", clinic.MAKER_QA)
        assert [part for part in parts if part not in text] == []


def test_an_emergency_issue_on_paper_names_who_handed_it_out_and_what_stood_against_it(
    handed_out: tuple[Clinic, str, str],
) -> None:
    clinic, _, case = handed_out
    _, text = printed(clinic, case, "en", "case-emergency")
    for part in (
        "Handed out without QA",
        "N. Putri",
        "B. Santosa",
        "the knee is swollen",
        "nobody",
        "not yet",
        "permitted nothing",
        "Handed over, H3K001",
        "Ordered, H3K001",
    ):
        assert part in text, part
    _, text = printed(clinic, case, "id", "case-emergency")
    assert "Diserahkan tanpa QA" in text
