"""Round the corners of who somebody is: reviewed by another voice, erased when nobody needs it, data after a withdrawal (R47–R49)."""

from __future__ import annotations

import os
from datetime import timedelta

from tests.clinic import Clinic
from tests.stories.case import enrol, reading, refusal, usable
from tests.stories.test_glass import broken
from tests.stories.test_identity import erased
from tests.stories.test_nobody_on_duty import handed, now_held
from traceability.domain.people import Meaning, Role
from traceability.domain.recalling import ContactBy
from traceability.services import (
    coldchain,
    consents,
    courses,
    emergencies,
    excursions,
    glass,
    recalls,
    stops,
    subjects,
    vials,
)
from traceability.store import Done
from traceability.store.tables.coldchain import Decision
from traceability.store.tables.quality import ScopeKind
from traceability.store.tables.subjects import ConsentKind


def test_who_broke_the_glass_is_not_reviewed_by_their_stand_in(founded: Clinic) -> None:
    clinic = founded
    subject = enrol(clinic, mrn="MRN-1")
    opening = broken(clinic, subject, clinic.QUALITY, "maharani", "rahayu").id
    handed(clinic, clinic.QUALITY, "maharani", clinic.PHARMACIST, Role.QUALITY)
    stand_in = now_held(clinic, clinic.PHARMACIST)

    def reviewed(name: str) -> Done:
        who = stand_in if name == "putri" else clinic.QUALITY2
        return clinic.do(glass.review, who, opening, True, "Looked", signed=(clinic.sign(name, Meaning.REVIEWED),))

    assert refusal(lambda: reviewed("putri")).code == "own_work"
    assert [one.code for one in refusal(lambda: erased(clinic, subject)).findings] == ["opening_reviewed"]
    assert reviewed("lestari").id
    assert erased(clinic, subject).id
    no = refusal(lambda: clinic.do(courses.plan, clinic.PHYSICIAN, subject, "0" * 32, "right", clinic.clock.now.date()))
    assert no.code == "not_found"  # the protocol; and with one:
    clinic.course()
    protocol, day = clinic.ids["protocol"], clinic.clock.now.date()
    assert refusal(lambda: clinic.do(courses.plan, clinic.PHYSICIAN, subject, protocol, "left", day)).code == (
        "identity_erased"
    )


def test_nobody_is_forgotten_for_whom_a_vial_was_handed_out_at_night(in_stock: Clinic) -> None:
    clinic = in_stock
    subject = enrol(clinic, mrn="MRN-5")
    signed = (clinic.sign("putri", Meaning.HANDED_OVER), clinic.sign("santosa", Meaning.ORDERED))
    vial = clinic.vial("H3K001").id
    clinic.do(emergencies.issue, clinic.PHARMACIST, vial, subject, clinic.ids["bench"], reason="night", signed=signed)
    assert [one.code for one in refusal(lambda: erased(clinic, subject)).findings] == ["subject_answered"]


def test_who_was_reached_before_the_recall_grew_is_still_to_be_reached(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    subject = clinic.ids["subject"]
    clinic.give_dose(course, 1)
    clinic.do(courses.end, clinic.PHYSICIAN, course, reason="moved away")
    other = clinic.lot("UC26-H4", 2)
    signed = (clinic.sign("maharani", Meaning.RECALLED),)
    lot = (clinic.ids["lot"],)
    recall = clinic.do(stops.recall, clinic.QUALITY, "Doubt", 1, True, ScopeKind.LOT, lot, signed=signed, reason="x").id
    clinic.do(recalls.contact, clinic.PHYSICIAN, recall, subject, True, ContactBy.PHONE)
    clinic.clock.tick(hours=1)
    clinic.do(recalls.extend, clinic.QUALITY, recall, ScopeKind.LOT, (other,), signed=signed, reason="x")
    assert [one.code for one in refusal(lambda: erased(clinic, subject)).findings] == ["recall_reached"]


def test_a_paper_that_comes_after_the_withdrawal_brings_no_data_back(founded: Clinic) -> None:
    clinic = founded
    subject = clinic.subject()
    consent = clinic.consent(subject, ConsentKind.DATA)
    assert reading(clinic, usable, clinic.PHYSICIAN) == {subject}
    signed_before = clinic.clock.now + timedelta(minutes=5)
    clinic.clock.tick(hours=1)
    clinic.do(consents.withdraw, clinic.PHYSICIAN, consent)
    clinic.clock.tick(days=1)
    signed = (clinic.sign("santosa", Meaning.RECORDED), clinic.sign("rahayu", Meaning.WITNESSED))
    clinic.do(consents.record, clinic.PHYSICIAN, subject, ConsentKind.DATA, "v2 (id)", signed_before, signed=signed)
    assert reading(clinic, usable, clinic.PHYSICIAN) == set()


def test_who_read_the_warmth_and_opened_its_case_does_not_say_that_its_vials_may_be_used(released: Clinic) -> None:
    clinic = released
    freezer, vial = clinic.ids["read_freezer"], clinic.vial("H3K001").id
    clinic.do(coldchain.read, clinic.QUALITY, freezer, -20_000, -21_000, -19_000)
    clinic.clock.tick(hours=1)
    clinic.do(vials.move, clinic.STOREKEEPER, vial, freezer)
    clinic.clock.tick(hours=2)
    clinic.do(coldchain.read, clinic.QUALITY, freezer, -12_000, -20_000, -9_000)
    (excursion,) = reading(clinic, excursions.excursions, clinic.QUALITY)

    def disposed(name: str, decision: Decision = Decision.USE) -> Done:
        who = clinic.QUALITY if name == "maharani" else clinic.QUALITY2
        signed = (clinic.sign(name, Meaning.DECIDED),)
        return clinic.do(excursions.dispose, who, excursion.id, (vial,), decision, signed=signed, reason="judged")

    assert refusal(lambda: disposed("maharani")).code == "case_opened_by_you"
    assert clinic.scan("H3K001")[0] == "ask_qa"
    assert disposed("lestari").id


def test_a_pair_is_a_former_one_since_it_was_replaced_and_not_since_its_file_was_written(founded: Clinic) -> None:
    ring = founded.store.keys.identities
    old = ring.current()
    kept = ring.folder / f"identity-{old.id}.key"
    kept.write_bytes(old.identity + old.index)  # of a renewal that was killed, long ago
    os.utime(kept, (1_000_000_000, 1_000_000_000))
    ring.renew()
    assert ring.former()[old.id] > 1_700_000_000
    sealed = subjects.seal_identity(founded.store, name="One", mrn="MRN-1", born=founded.clock.now.date())
    former = ring.current().id
    ring.renew()
    ring.forget(former)
    assert refusal(lambda: founded.do(subjects.enrol, founded.PHYSICIAN, sealed)).code == "identity_unreadable"
