"""Who somebody is: sealed apart from the record, found by number and wristband, and told to nobody by accident (step 6)."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import (
    RIGHT,
    at_once,
    clean,
    count,
    enrol,
    patient,
    reading,
    refusal,
    report,
    rows,
    withdraw,
)
from traceability.domain.errors import NotFound, Refused
from traceability.domain.gs1 import element_string
from traceability.domain.people import Actor, Meaning
from traceability.domain.recalling import ContactBy
from traceability.services import (
    consents,
    courses,
    doses,
    erasing,
    events,
    outcomes,
    recalls,
    rekeying,
    stops,
    subjects,
    tags,
    trace,
    vials,
)
from traceability.store import Call, Done
from traceability.store.tables import FreeText, Identity, metadata
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.subjects import ConsentKind

GSRN = "899123400000000015"
CANARY = {
    "name": "Kanaria Wijayanti-Q",
    "mrn": "MRN-0417733",
    "nik": "3372014305690001",
    "wristband": f"(8018){GSRN}(8019)0042",
}
BORN = date(1969, 5, 3)


def who(clinic: Clinic, code: str, actor: Actor | None = None) -> str | None:
    with clinic.store.read(actor or clinic.WITNESS) as view:
        found = subjects.of_number(view, subjects.looked(clinic.store, code, "wristband"))
    return found.id if found else None


def numbered(clinic: Clinic, number: str, actor: Actor | None = None) -> str | None:
    with clinic.store.read(actor or clinic.PHYSICIAN) as view:
        found = subjects.of_number(view, subjects.looked(clinic.store, number, "mrn", "nik"))
    return found.id if found else None


def test_a_person_is_enrolled_once_however_the_number_is_written(founded: Clinic) -> None:
    first = enrol(founded, mrn="MRN-0417733", nik="3372014305690001")
    pseudonym = reading(founded, lambda view: subjects.subject(view, first).pseudonym)
    for again in ({"mrn": "mrn 0417733"}, {"mrn": "MRN-2", "nik": "3372 0143 0569 0001"}):
        no = refusal(lambda: enrol(founded, "Somebody Else", **again))  # noqa: B023
        assert (no.code, no.values["subject"]) == ("subject_known", pseudonym)
    assert count(founded, "subject") == 1


def test_a_dash_for_no_national_number_is_no_number(founded: Clinic) -> None:
    assert enrol(founded, mrn="MRN-1", nik="-") != enrol(founded, mrn="MRN-2", nik="-")
    for nothing in ("", "  ", "-", "--- "):
        assert refusal(lambda: enrol(founded, mrn=nothing)).code == "identity_incomplete"  # noqa: B023
        assert numbered(founded, nothing) is None
        assert who(founded, nothing) is None


def test_one_wristband_is_of_one_person(founded: Clinic) -> None:
    enrol(founded, mrn="MRN-1", wristband=CANARY["wristband"])
    assert refusal(lambda: enrol(founded, mrn="MRN-2", wristband=CANARY["wristband"])).code == "subject_known"
    other = enrol(founded, mrn="MRN-3", wristband="B-77")
    assert refusal(lambda: enrol(founded, mrn="B-77")).code == "subject_known"  # a band that says the number of another
    assert who(founded, "b 77") == other


def test_an_enrolment_that_is_sent_again_is_the_same_enrolment(founded: Clinic) -> None:
    """Sealed anew, its ciphertext is another; the person is the same, and so is the act."""
    call = Call()

    def send(name: str) -> Done:
        sealed = subjects.seal_identity(founded.store, name=name, mrn="MRN-1", born=BORN)
        return founded.do(subjects.enrol, founded.PHYSICIAN, sealed, call=call)

    first, again = send("One"), send("One")
    assert again.repeated
    assert (first.id, first.number) == (again.id, again.number)
    assert refusal(lambda: send("Two")).code == "act_id_reused"
    assert count(founded, "subject") == 1


def test_two_nurses_enrol_the_same_person_at_once(founded: Clinic) -> None:
    done, refused = at_once(6, lambda n: enrol(founded, f"Name {n}", "MRN-7", nik=f"{n}" * 16))
    assert (len(done), {no.code for no in refused}) == (1, {"subject_known"})
    assert count(founded, "subject") == count(founded, "identity") == 1


def test_found_by_number_and_by_wristband_and_by_nothing_else(founded: Clinic) -> None:
    plain = enrol(founded, mrn="MRN-0417733", nik="3372014305690001")
    coded = enrol(founded, mrn="MRN-2", wristband=CANARY["wristband"])
    assert numbered(founded, "MRN 0417733") == numbered(founded, "3372014305690001") == plain
    assert who(founded, "MRN-0417733\r\n") == plain
    elements = [("8018", GSRN), ("8019", "0042")]
    for band in (CANARY["wristband"], "]C1" + element_string(elements), "]d2" + element_string(elements)):
        assert who(founded, band) == coded
    assert who(founded, f"https://id.gs1.org/8018/{GSRN}/8019/0042") == coded
    for wrong in ("MRN-0417734", "(8018)899123400000000022(8019)0042", f"(8017){GSRN}(8019)0042", "", "MRN-2"):
        assert who(founded, wrong) is None, wrong
    assert numbered(founded, "MRN-9") is None


def test_another_hospital_finds_and_meets_only_its_own(founded: Clinic) -> None:
    there = elsewhere(founded)
    here = enrol(founded, mrn="MRN-1")
    assert numbered(founded, "MRN-1", there.PHYSICIAN) is None
    assert who(founded, "MRN-1", there.PHYSICIAN) is None
    other = enrol(there, mrn="MRN-1", who=there.PHYSICIAN)  # the same number means somebody else there
    assert numbered(founded, "MRN-1") == here != other == numbered(founded, "MRN-1", there.PHYSICIAN)
    with pytest.raises(NotFound):
        reading(founded, lambda view: subjects.subject(view, here), there.PHYSICIAN)
    assert reading(founded, lambda view: subjects.consents(view, here), there.PHYSICIAN) == []
    with pytest.raises(NotFound):
        founded.do(subjects.open_identity, there.PHYSICIAN, here)


def test_an_identity_moved_to_another_row_or_column_is_unreadable(founded: Clinic) -> None:
    """Whoever may write rows, even through an act, cannot make one person out of another."""
    one, two = enrol(founded, "One", "MRN-1", nik="1111111111111111"), enrol(founded, "Two", "MRN-2")

    def swap(tx: object, column: str, taken: str) -> dict:
        mine = {row.subject_id: row for row in tx.known(Identity)}  # type: ignore[attr-defined]
        tx.change(mine[one], **{column: getattr(mine[two if column == taken else one], taken)})  # type: ignore[attr-defined]
        return {"id": one}

    for column, taken in (("name", "name"), ("mrn", "nik")):
        with founded.store.read(founded.PHYSICIAN) as view:
            assert subjects.read_identity(founded.store, view, one)["name"] == "One"
        undo = rows(founded, f"SELECT {column} FROM identity WHERE subject_id = :one", one=one)[0][0]
        founded.store.perform("subject.enrol", founded.PHYSICIAN, Call(), {}, lambda tx: swap(tx, column, taken))  # noqa: B023
        with founded.store.read(founded.PHYSICIAN) as view, pytest.raises(Refused, match="identity_unreadable"):
            subjects.read_identity(founded.store, view, one)

        def back(tx: object) -> dict:
            (row,) = [row for row in tx.known(Identity) if row.subject_id == one]  # type: ignore[attr-defined]
            tx.change(row, **{column: undo})  # type: ignore[attr-defined]  # noqa: B023
            return {"id": one}

        founded.store.perform("subject.enrol", founded.PHYSICIAN, Call(), {}, back)


def test_with_another_key_nobody_is_read_or_found_and_the_record_stays(founded: Clinic) -> None:
    subject = enrol(founded, "One", "MRN-1")
    (keys_of(founded) / "identity.key").write_bytes(os.urandom(64))
    with founded.store.read(founded.PHYSICIAN) as view:
        with pytest.raises(Refused, match="identity_unreadable"):
            subjects.read_identity(founded.store, view, subject)
        assert subjects.subject(view, subject).pseudonym  # the pseudonym and its links need no key
    assert numbered(founded, "MRN-1") is None


def test_without_the_key_the_record_goes_on_and_says_that_it_knows_nobody(released: Clinic) -> None:
    course = released.course()
    subject = released.ids["subject"]
    (keys_of(released) / "identity.key").rename(keys_of(released) / "lost")
    for asked in (
        lambda: enrol(released, "Two", "MRN-2"),
        lambda: numbered(released, "MRN-0417733"),
        lambda: subjects.read_band(released.store, "MRN-0417733"),
    ):
        assert refusal(asked).code == "identity_key_missing"
    with released.store.read(released.PHYSICIAN) as view:
        printed = tags.tag(view, "subject", subject).datamatrix.reads
        found = subjects.of_band(view, subjects.read_band(released.store, printed))
    assert found is not None
    assert found.id == subject  # a wristband that was printed here says the pseudonym
    dose, vial = released.dose(course, 1), released.ready_vial(course, 1)
    band = subjects.read_band(released.store, printed)
    assert released.do(doses.start, released.PHYSICIAN, dose, band, released.code(vial), RIGHT).id


def test_a_key_is_renewed_while_people_are_enrolled_and_found(founded: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle: some stand under one key, some under the other; all are read, found, and not enrolled twice."""
    monkeypatch.setattr(rekeying, "AT_ONCE", 2)
    people = {f"MRN-{n}": enrol(founded, f"Person {n}", f"MRN-{n}") for n in range(5)}
    ring = founded.store.keys.identities
    old, new = ring.current(), ring.renew()
    assert next(rekeying.bring(founded.store)) == 2  # and here the machine stops
    assert rekeying.standing(founded.store) == {old.id: 3, new.id: 2}
    people["MRN-5"] = enrol(founded, "Person 5", "MRN-5")
    for number, subject in people.items():
        assert numbered(founded, number) == subject
        assert named(founded, subject) == f"Person {number[-1]}"
        assert refusal(lambda number=number: enrol(founded, "Again", number)).code == "subject_known"
    assert list(rekeying.bring(founded.store))[-1] == 3
    assert rekeying.standing(founded.store) == {new.id: 6}
    ring.forget(old.id)
    assert [numbered(founded, number) for number in people] == list(people.values())
    clean(founded)


def erased(clinic: Clinic, subject: str) -> Done:
    signed = (clinic.sign("maharani", Meaning.DECIDED), clinic.sign("santosa", Meaning.WITNESSED))
    return clinic.do(erasing.erase, clinic.QUALITY, subject, signed=signed, reason="Asked for by the patient")


def test_an_identity_is_erased_by_two_and_the_lot_still_leads_to_the_pseudonym(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    subject = clinic.ids["subject"]
    clinic.give_dose(course, 1)
    printed = reading(clinic, lambda view: tags.tag(view, "subject", subject).datamatrix.reads)
    pseudonym = reading(clinic, lambda view: subjects.subject(view, subject).pseudonym)
    no = refusal(lambda: erased(clinic, subject))
    assert (no.code, [one.code for one in no.findings]) == ("identity_needed", ["course_goes_on"])
    clinic.do(courses.end, clinic.PHYSICIAN, course, reason="moved away")
    signed = (clinic.sign("maharani", Meaning.RECALLED),)
    recall = clinic.do(
        stops.recall,
        clinic.QUALITY,
        "Doubt",
        1,
        True,
        stops.ScopeKind.LOT,
        (clinic.ids["lot"],),
        signed=signed,
        reason="x",
    ).id
    no = refusal(lambda: erased(clinic, subject))
    assert [one.code for one in no.findings] == ["recall_reached"]
    clinic.do(recalls.contact, clinic.PHYSICIAN, recall, subject, True, ContactBy.VISIT)
    erased(clinic, subject)

    assert numbered(clinic, "MRN-0417733") is None
    assert who(clinic, printed) is None
    with clinic.store.read(clinic.PHYSICIAN) as view:
        assert set(subjects.read_identity(clinic.store, view, subject).values()) == {None}
        told = trace.of_lot(view, clinic.ids["lot"])
    assert [row["pseudonym"] for row in told["given"]] == [pseudonym]
    assert refusal(lambda: erased(clinic, subject)).code == "already_ended"
    assert enrol(clinic, mrn="MRN-0417733")  # who comes again is somebody new to the record
    assert not rows(
        clinic, "SELECT 1 FROM identity WHERE subject_id = :one AND (name IS NOT NULL OR salt IS NOT NULL)", one=subject
    )
    clean(clinic)


def keys_of(clinic: Clinic) -> Path:
    return clinic.store.documents.parent / "keys"


def named(clinic: Clinic, subject: str) -> str | None:
    with clinic.store.read(clinic.PHYSICIAN) as view:
        return subjects.read_identity(clinic.store, view, subject)["name"]


def test_looking_somebody_up_is_an_entry_of_who_looked(founded: Clinic) -> None:
    subject = enrol(founded, "One", "MRN-1")
    before = count(founded, "entry")
    founded.do(subjects.open_identity, founded.WITNESS, subject)
    assert count(founded, "entry") == before + 1
    act, person, body = rows(
        founded, "SELECT act, person_id, body FROM entry ORDER BY recorded_at DESC, number DESC LIMIT 1"
    )[0]
    assert (act, person) == ("subject.open_identity", founded.WITNESS.person_id)
    assert subject in json.loads(body)["about"]
    assert "One" not in body
    assert refusal(lambda: founded.do(subjects.open_identity, founded.QUALITY, subject)).code == "glass_whole"
    for outsider in (founded.PHARMACIST, founded.STOREKEEPER, founded.ADMINISTRATOR):
        assert refusal(lambda: founded.do(subjects.open_identity, outsider, subject)).code == "not_permitted"  # noqa: B023
    with pytest.raises(NotFound):
        reading(founded, lambda view: subjects.subject(view, subject), founded.MAKER_QA)


def test_a_consent_has_two_people_and_is_not_of_the_future(founded: Clinic) -> None:
    subject = enrol(founded)
    later = founded.clock.now + timedelta(hours=1)
    signed = (founded.sign("santosa", Meaning.RECORDED), founded.sign("rahayu", Meaning.WITNESSED))

    def record(at: object, signed: tuple) -> None:
        founded.do(consents.record, founded.PHYSICIAN, subject, ConsentKind.THERAPY, "v2", at, signed=signed)

    assert refusal(lambda: record(later, signed)).code == "occurred_in_future"
    assert refusal(lambda: record(founded.clock.now, signed[:1])).code == "signature_missing"
    same = (signed[0], founded.sign("santosa", Meaning.WITNESSED))
    assert refusal(lambda: record(founded.clock.now, same)).code == "signature_same_person"
    consent = founded.consent(subject)
    withdraw(founded, consent)
    assert refusal(lambda: withdraw(founded, consent)).code == "already_ended"


# ---------------------------------------------------------------------------------------------- nothing tells who it is


def told(clinic: Clinic) -> dict[str, str]:
    """Everything that the database, the ledger and the checkpoints say, by table."""
    made = {}
    with clinic.store.engines.reader.connect() as connection:
        for name, table in metadata.tables.items():
            made[name] = "\n".join(str(tuple(row)) for row in connection.execute(select(table)))
    made["checkpoints"] = str(clinic.store.checkpoints())
    return made


def secrets(told_by: str) -> list[str]:
    small = told_by.casefold()
    wanted = (CANARY["name"], "Kanaria", "0417733", CANARY["nik"], GSRN, BORN.isoformat(), "03/05/1969")
    return [one for one in wanted if one.casefold() in small]


def mistakes(clinic: Clinic, subject: str, course: str) -> None:
    """People scan and type the patient's numbers where they do not belong; each is refused, and entered."""
    dose, code = clinic.dose(course, 1), CANARY["wristband"]
    wrong = [code, code[:-7], code.replace("15(", "16("), CANARY["mrn"], CANARY["nik"], f"8018{GSRN}", f"]C18018{GSRN}80190042",
             f"]d2010417733{GSRN}", f"11{CANARY['nik']}", f"(21)0417733(8018){GSRN}", f"https://id.gs1.org/8018/{GSRN}"]  # fmt: skip
    for scanned in wrong:
        refusal(lambda: clinic.do(doses.start, clinic.PHYSICIAN, dose, clinic.band(subject), scanned, RIGHT))  # noqa: B023
        band = subjects.read_band(clinic.store, scanned + "x")
        refusal(lambda: clinic.do(doses.identify, clinic.WITNESS, dose, band))  # noqa: B023
        refusal(lambda: report(clinic, [scanned], subject=subject))  # noqa: B023
    for typed in (CANARY["mrn"], CANARY["nik"] + "x", "0417733 x"):
        refusal(
            lambda: clinic.do(outcomes.record, clinic.PHYSICIAN, subject, "VAS", typed, TimePoint.BASELINE, "paper")  # noqa: B023
        )
        refusal(
            lambda: clinic.do(outcomes.record, clinic.PHYSICIAN, subject, typed, "3", TimePoint.BASELINE, "paper")  # noqa: B023
        )
        refusal(lambda: report(clinic, [clinic.code(clinic.vial("H3K001"))], subject=subject, vas_before=typed))  # noqa: B023
    refusal(lambda: enrol(clinic, CANARY["name"], CANARY["mrn"], nik=CANARY["nik"], wristband=code))
    refusal(lambda: clinic.do(subjects.open_identity, clinic.QUALITY, subject))


def test_no_table_no_entry_no_refusal_and_no_checkpoint_says_who_it_is(released: Clinic) -> None:
    clinic = released
    subject, course = patient(clinic, CANARY["mrn"], nik=CANARY["nik"], wristband=CANARY["wristband"], born=BORN)
    clinic.ids["subject"] = subject
    clinic.do(subjects.open_identity, clinic.PHYSICIAN, subject)
    with clinic.store.read(clinic.PHYSICIAN) as view:
        found = subjects.of_number(view, subjects.looked(clinic.store, CANARY["wristband"], "wristband"))
        assert found is not None
        identity = subjects.read_identity(clinic.store, view, subject)
    assert identity["born"] == "1969-05-03"
    assert GSRN in str(identity["wristband"])
    mistakes(clinic, subject, course)
    given = clinic.give_dose(course, 1)
    clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.NONE, administration_id=given.id)
    assert count(clinic, "entry", "refused IS NOT NULL") > 30
    said = told(clinic)
    assert len(said) > 55
    assert {name: found for name, text in said.items() if (found := secrets(text))} == {}
    if clinic.store.engines.sqlite:
        assert secrets(on_disk(clinic.store.documents.parent)) == []
    clean(clinic)


def on_disk(home: Path) -> str:
    return "".join(file.read_bytes().decode("latin-1") for file in home.rglob("*") if file.is_file())


def test_what_is_typed_into_a_reason_stands_in_erasable_words_only(released: Clinic) -> None:
    clinic, spill = released, f"{CANARY['name']}, {CANARY['mrn']}, born {BORN}"
    course = clinic.course()
    clinic.do(subjects.open_identity, clinic.PHYSICIAN, clinic.ids["subject"], reason=spill)
    clinic.ordered(course, 1)
    vial = clinic.vial("H3K001")
    clinic.do(vials.report_broken, clinic.STOREKEEPER, vial.id, reason=spill)
    refusal(lambda: clinic.do(courses.unreserve, clinic.PHARMACIST, vial.id, reason=spill + " again"))
    found = {name: secrets(text) for name, text in told(clinic).items() if secrets(text)}
    assert set(found) == {"free_text"}
    (words, *_) = rows(clinic, "SELECT id, words FROM free_text WHERE words = :spill", spill=spill)
    (body,) = next(row for row in rows(clinic, "SELECT body FROM entry") if words[0] in row[0])
    assert "sealed:" in body


def test_the_ledger_reads_the_same_when_the_words_are_erased(released: Clinic) -> None:
    clinic = released
    clinic.do(vials.report_broken, clinic.STOREKEEPER, clinic.vial("H3K001").id, reason=CANARY["name"])

    def erase(tx: object) -> dict:
        (row,) = [row for row in tx.known(FreeText) if row.words == CANARY["name"]]  # type: ignore[attr-defined]
        tx.change(row, words=None, salt=None)  # type: ignore[attr-defined]
        return {"id": row.id}

    clinic.store.perform("subject.enrol", clinic.PHYSICIAN, Call(), {}, erase)
    assert all(not secrets(text) for text in told(clinic).values())
    clean(clinic)
