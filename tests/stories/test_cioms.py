"""An adverse event on paper for the authority: the fields of CIOMS I from the record, under a pseudonym, in both languages (R53, R59)."""

from __future__ import annotations

import json
from datetime import timedelta

import page as checker
import pypdfium2
import pytest

from tests.clinic import Clinic
from tests.stories.case import LEFT, RIGHT, both, count, planned, reading, refusal, report, today
from tests.stories.test_corrections import correct, in_error
from traceability.domain.errors import NotFound
from traceability.domain.harm import Causality, EventOutcome, Expectedness, SeriousBecause
from traceability.domain.people import SYSTEM, Actor, Meaning
from traceability.domain.records import RecordKind
from traceability.services import documents, doses, eventbook, events
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


def test_a_corrected_injection_takes_the_report_of_an_event_that_names_only_its_course_out_of_date(
    released: Clinic,
) -> None:
    clinic = released
    course, subject = clinic.course(), clinic.ids["subject"]
    given = clinic.give_dose(course, 1).id
    clinic.clock.tick(hours=1)
    septic = {"description": "septic joint", "grade": 4}
    of_course = clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, course_id=course, **septic).id
    of_nothing = clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, **septic).id
    elsewhere = planned(clinic, subject, LEFT)
    there = report(
        clinic, [clinic.code(clinic.vial("H3K002"))], side=LEFT, at=clinic.clock.now - timedelta(minutes=30)
    ).id
    of_other = clinic.do(
        events.record, clinic.PHYSICIAN, subject, Asked.YES, course_id=elsewhere, administration_id=there, **septic
    ).id
    for event in (of_course, of_nothing, of_other):
        printed(clinic, event)
    clinic.clock.tick(hours=1)
    told = correct(clinic, given, given_ul=2000, discarded_ul=1000, laterality=LEFT).answer["superseded"]
    assert set(told) == {"SAR-0001, 1", "SAR-0002, 1"}
    again, _text = printed(clinic, of_course)
    assert (again.number, again.version) == ("SAR-0001", 2)
    suspect = json.loads(again.record)["suspects"][0]
    assert (suspect["given_ul"], suspect["laterality"]) == (2000, "left")
    # told late, and from before the harm was heard of: it may have done it, and the paper leaves it out
    late = report(clinic, [clinic.code(clinic.vial("H3K003"))], at=clinic.clock.now - timedelta(hours=3))
    assert "SAR-0001, 2" in late.answer["superseded"]
    assert in_error(clinic, late.id)


def test_what_was_given_after_the_harm_had_begun_is_not_suspected_of_it_and_its_lot_is_not_asked(
    released: Clinic,
) -> None:
    clinic = released
    other = clinic.released_lot("UC26-J4", 2)
    course, subject = clinic.course(), clinic.ids["subject"]
    clinic.give_dose(course, 1)
    clinic.clock.tick(hours=3)
    began = clinic.clock.now - timedelta(hours=1)
    harm = {"description": "septic joint", "grade": 4, "course_id": course, "onset_at": began}
    event = clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, **harm).id
    printed(clinic, event)
    clinic.clock.tick(days=7)
    vial = next(one for one in clinic.vials(other) if one.state == "in_stock")
    after = report(clinic, [clinic.code(vial)], dose_id=clinic.dose(course, 2))
    made, text = printed(clinic, event)
    told = json.loads(made.record)
    assert [one["lot"] for one in told["suspects"]] == ["UC26-H3"]
    assert [(one["lot"], one["after_onset"]) for one in told["later"]] == [("UC26-J4", True)]
    assert "Given after it began, not suspected" in text
    assert text.index("UC26-H3") < text.index("UC26-J4")
    assert "19 Duration one day" in text

    # told again it takes no lot into its case that was not there yet; nor where nobody says when it began
    again = clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, follows_id=event, **harm).id
    clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, follows_id=again, **harm | {"onset_at": None})
    assert count(clinic, "case_lot") == 0
    found = reading(clinic, lambda view: eventbook.detail(view, event), clinic.PHYSICIAN)
    assert [lot.number for lot in found.lots] == ["UC26-H3"]
    # one that somebody names is suspected, and the paper says that it came after
    clinic.do(
        events.record, clinic.PHYSICIAN, subject, Asked.YES, follows_id=found.standing.now.id, administration_id=after.id, **harm
    )  # fmt: skip
    made, text = printed(clinic, event)
    assert [(one["lot"], one["after_onset"]) for one in json.loads(made.record)["suspects"]] == [("UC26-J4", True)]
    assert ", after it began" in text


def test_the_paper_of_a_death_that_was_told_again_as_mild_says_that_the_patient_died(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    subject = clinic.ids["subject"]
    death = {"criteria": [SeriousBecause.DEATH], "outcome": EventOutcome.FATAL, "grade": 5}
    event = clinic.do(
        events.record,
        clinic.PHYSICIAN,
        subject,
        Asked.YES,
        description="sudden death",
        narrative="asystole at 04:10",
        **death,
    ).id
    clinic.clock.tick(days=1)
    mild = {"description": "mild swelling", "serious": False, "grade": 1}
    clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, follows_id=event, **mild)
    made, text = printed(clinic, event)
    for part in ("SERIOUS sudden death, follow-up 1", "Telling 2 says less, and no physician has signed a word on it. Telling 1 of",
                 "patient died yes, by telling 1", "Outcome unknown telling 1: fatal", "CTCAE grade 1 telling 1: 5", "mild swelling", "telling 1: sudden death asystole at 04:10"):  # fmt: skip
        assert part in text, part
    kept = json.loads(made.record)
    assert (kept["serious"], kept["graver"]["criteria"], kept["graver"]["outcome"]) == (True, ["death"], "fatal")
    assert "pasien meninggal ya, menurut penyampaian 1" in printed(clinic, event, "id")[1]

    signed = (clinic.sign("santosa", Meaning.DECIDED),)
    told = (Causality.UNLIKELY, Expectedness.UNKNOWN)
    clinic.do(events.assess, clinic.PHYSICIAN, event, *told, signed=signed)
    made, text = printed(clinic, event)
    assert "NOT SERIOUS mild swelling" in text
    assert (json.loads(made.record)["graver"], "telling 1" in text) == (None, False)


def test_no_letter_that_somebody_typed_keeps_a_report_from_being_printed(released: Clinic) -> None:
    clinic = released
    clinic.course()
    told = {"grade": 4, "narrative": "関节 \x07ل", "told_by": "😢"}
    event = clinic.do(
        events.record, clinic.PHYSICIAN, clinic.ids["subject"], Asked.YES, description="nyeri hebat 😢", **told
    ).id
    made, text = printed(clinic, event)
    assert "nyeri hebat [U+1F622]" in text
    assert "[U+95A2][U+8282]" in text
    assert "does not have every character" in text
    assert json.loads(made.record)["description"] == "nyeri hebat 😢"  # what was said stays as it was said
    assert "tidak memuat semua karakter" in printed(clinic, event, "id")[1]
