"""An adverse event on paper for the authority: the fields of CIOMS I from the record, under a pseudonym, in both languages (R53, R59)."""

from __future__ import annotations

import json

import page as checker
import pypdfium2
import pytest

from tests.clinic import Clinic
from tests.stories.case import RIGHT, both, refusal, today
from traceability.domain.errors import NotFound
from traceability.domain.people import SYSTEM, Actor
from traceability.domain.records import RecordKind
from traceability.services import documents, doses, events
from traceability.store import Call
from traceability.store.tables import Document
from traceability.store.tables.outcomes import Asked

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


def printed(clinic: Clinic, event: str, language: str = "en", who: Actor | None = None) -> tuple[Document, str]:
    def link(number: str, version: int) -> str:
        return documents.status_url("https://trace.example.org/", number, version)

    done = documents.make(clinic.store, who or clinic.PHYSICIAN, Call(), RecordKind.CIOMS, event, language, link)
    with clinic.store.read(SYSTEM) as view:
        made = view.need(Document, done.id)
    kept = documents.kept(clinic.store, made)
    for profile in ("3a", "ua1"):
        assert [one.rule_id for one in checker.validate_pdf_bytes(kept, profile=profile).failures] == []
    pdf = pypdfium2.PdfDocument(kept)
    return made, " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)


def test_the_paper_names_the_lot_and_the_serial_and_never_the_patient(released: Clinic) -> None:
    clinic = released
    course, subject = clinic.course(), clinic.ids["subject"]
    vial = clinic.vial("H3K001")
    told = (RIGHT, [clinic.code(vial)], 3000, 0)
    given = clinic.do(doses.give, clinic.PHYSICIAN, subject, *told, signed=both(clinic), concomitant="lidocaine 1 %")
    harm = {
        "description": "septic joint",
        "grade": 4,
        "term": "Joint infection",
        "course_id": course,
        "administration_id": given.id,
    }
    event = clinic.do(
        events.record, clinic.PHYSICIAN, subject, Asked.YES, onset_on=today(clinic), told_by="ward round", **harm
    ).id
    made, text = printed(clinic, event)
    for part in ("SERIOUS Joint infection, initial report", "UC26-H3", vial.serial, "lidocaine 1 %", "ward round",
                 "fatal or life threatening, first report", "2a Age unknown", "20 Dechallenge unknown"):  # fmt: skip
        assert part in text, part
    assert all(name not in text + made.record for name in ("Sri Lestari", "MRN-0417733", "1969"))
    assert json.loads(made.record)["suspects"][0]["lot"] == "UC26-H3"

    # told again: what was printed does not stand any more, before anybody prints the next version
    done = clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, follows_id=event, sex="female", **harm)
    again = done.id
    assert done.answer["superseded"] == ["SAR-0001, 1"]
    with clinic.store.read(SYSTEM) as view:
        assert view.need(Document, made.id).state == "superseded"
    later, text = printed(clinic, event, "id")
    assert (made.number, later.number, later.version) == ("SAR-0001", "SAR-0001", 2)
    assert "lanjutan 1" in text
    assert "perempuan" in text
    assert isinstance(refusal(lambda: printed(clinic, again)), NotFound)
    assert refusal(lambda: printed(clinic, event, who=clinic.STOREKEEPER))
    assert isinstance(refusal(lambda: printed(clinic, event, who=clinic.MAKER_QA)), NotFound)
