"""At the bedside: wristband, vial, knee, every stop at once; the record by two people; what was already given is kept too."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import unquote

import pytest

from tests.clinic import GTIN, JAKARTA, PASSWORD, Clinic
from tests.stories.case import hand_over, reserve
from tests.stories.test_bedside import six_millilitres
from tests.web.conftest import Browser, hidden
from tests.web.test_subjects_pages import CANARIES, ledger, watched
from tests.worlds import released, world, worlds
from traceability.domain.people import SYSTEM, Meaning
from traceability.services import administrations, consents, scans, stops, subjects
from traceability.services.records import administration
from traceability.store.tables.quality import ScopeKind

__all__ = ["released", "watched", "world", "worlds"]

BAND = "MRN-0417733"
"""The record number stands on the wristband, as the hospital prints it."""
SIGNED = {"password": PASSWORD, "second_username": "rahayu", "second_password": PASSWORD}
VOLUMES = {"withdrawn_ul": "3,0", "given_ul": "3.0", "discarded_ul": "0"}
DONE = VOLUMES | SIGNED | {"vas_before": "7", "guidance": "ultrasound", "needle": "21 G", "aspirated_ul": "0.5"}


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    return released


@pytest.fixture
def ready(clinic: Clinic) -> Clinic:
    """Dose 1 is due today, its vial issued and thawing at the bedside."""
    clinic.ids["course"] = clinic.course()
    clinic.ids["vial"] = clinic.ready_vial(clinic.ids["course"], 1).serial
    clinic.ids["dose"] = clinic.dose(clinic.ids["course"], 1)
    return clinic


def reached(browser: Browser, clinic: Clinic, *, knee: str = "right", band: str = BAND):
    """The page on which the stops are told: wristband, two identifiers, knee and vial gone through."""
    path = f"/bedside/{clinic.ids['dose']}"
    matched = browser.fill(path, code=band)
    assert matched.status_code == 303, matched.text[-600:]
    page = browser.get(matched.headers["Location"])
    vial = clinic.code(clinic.vial(clinic.ids["vial"]))
    asked = browser.send(path, page, identifiers=["name", "birth date"], laterality=knee, code=vial)
    assert asked.status_code == 303, asked.text[-600:]
    return asked.headers["Location"]


def started(browser: Browser, clinic: Clinic) -> str:
    where = reached(browser, clinic)
    assert browser.fill(where).status_code == 303
    return where


def given(clinic: Clinic):
    with clinic.store.read(clinic.PHYSICIAN) as view:
        return [
            row["administration"] for row in administrations.administrations(view, subject_id=clinic.ids["subject"])
        ]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_dose_one_from_the_wristband_to_the_observation(signed_in, ready: Clinic, watched) -> None:
    doctor = signed_in("santosa")
    assert f"/bedside/{ready.ids['dose']}" in doctor.get("/bedside").text
    where = reached(doctor, ready)
    assert BAND not in unquote(where)
    verdict = doctor.get(where).text
    assert "RIGHT KNEE" in verdict
    assert 'data-answer="use"' in verdict
    assert given(ready) == []
    assert doctor.fill(where).status_code == 303
    form = doctor.get(where)
    assert "Two signatures" in form.text
    path = f"/bedside/{ready.ids['dose']}"
    kept = doctor.send(path, form, **DONE)
    assert kept.status_code == 303
    record = kept.headers["Location"]
    (one,) = given(ready)
    assert (one.vas_before, one.guidance, one.aspirated_ul, one.identifiers) == (
        "7",
        "ultrasound",
        500,
        "wristband, name, birth date",
    )
    assert (one.mode, str(one.laterality), one.findings) == ("live", "right", [])
    page = doctor.get(record)
    assert "Every rule held" in page.text
    early = doctor.send(f"{record}/observe", page, reaction="no", vas_after="5")
    assert early.status_code == 422
    assert "The time is not over" in early.text
    ready.clock.tick(minutes=31)
    nurse = signed_in("rahayu")
    assert nurse.fill(f"{record}", reaction="no", vas_after="5").status_code == 405
    assert nurse.send(f"{record}/observe", nurse.get(record), reaction="no", vas_after="5").status_code == 303
    page = nurse.get(record).text
    assert "none seen" in page
    assert "31" in page
    (one,) = given(ready)
    assert one.vas_after == "5"
    assert watched.leaks() == []
    assert not [canary for canary in CANARIES if canary in ledger(ready)]


def identified(browser: Browser, clinic: Clinic):
    """The page on which the vial is scanned; with it the address that it posts to."""
    path = f"/bedside/{clinic.ids['dose']}"
    return path, browser.get(browser.fill(path, code=BAND).headers["Location"])


PATIENT = {"identifiers": ["name", "birth date"], "laterality": "right"}


def test_a_vial_with_two_codes_is_scanned_at_the_bedside_as_elsewhere(signed_in, ready: Clinic) -> None:
    doctor = signed_in("santosa")
    path, page = identified(doctor, ready)
    lot = ready.code(ready.vial(ready.ids["vial"])).partition("\x1d21")[0]
    half = doctor.send(path, page, **PATIENT, code=lot)
    assert half.status_code == 200
    assert "Scan the other code of this vial." in half.text
    assert re.search(r'value="birth date" checked', half.text), "what was ticked stays ticked"
    whole = doctor.send(path, half, **PATIENT, code=f"]C121{ready.ids['vial']}")
    assert whole.status_code == 303
    assert 'data-answer="use"' in doctor.get(whole.headers["Location"]).text


def test_a_vial_that_is_typed_at_the_bedside_is_typed_twice_the_same(signed_in, ready: Clinic) -> None:
    doctor = signed_in("santosa")
    path, page = identified(doctor, ready)
    typed = f"(01){GTIN}(21){ready.ids['vial']}"
    once = doctor.send(path, page, **PATIENT, code=typed)
    assert once.status_code == 200
    assert "Type it once more from the label" in once.text
    other = doctor.send(path, once, **PATIENT, code=typed.replace(ready.ids["vial"], "H3K009"))
    assert other.status_code == 422
    assert "The two entries differ." in other.text
    assert doctor.send(path, once, **PATIENT, code=typed).status_code == 303


def test_a_torn_code_at_the_bedside_may_be_followed_by_its_rest(signed_in, ready: Clinic) -> None:
    doctor = signed_in("santosa")
    path, page = identified(doctor, ready)
    whole = ready.code(ready.vial(ready.ids["vial"]))
    torn = doctor.send(path, page, **PATIENT, code=whole[:10])
    assert (torn.status_code, "data-unread" in torn.text) == (422, True)
    assert doctor.send(path, page, **PATIENT, code=whole, piece=whole[10:]).status_code == 303


def test_a_double_tap_the_way_back_and_a_reload_are_one_record(signed_in, ready: Clinic) -> None:
    doctor = signed_in("santosa")
    where = started(doctor, ready)
    form = doctor.get(where)
    path = f"/bedside/{ready.ids['dose']}"
    first, second = (doctor.send(path, form, **DONE) for _ in range(2))
    changed = doctor.send(path, form, **DONE | {"vas_before": "6"})
    assert {one.headers["Location"] for one in (first, second, changed, doctor.get(where))} == {
        first.headers["Location"]
    }
    assert len(given(ready)) == 1
    assert "It was not recorded twice" in doctor.get(first.headers["Location"]).text


def test_the_form_that_was_answered_but_not_heard_says_the_same_when_it_is_sent_again(signed_in, ready: Clinic) -> None:
    """The answer was lost before the page knew: the late form, sent again with other words, leads to what was kept."""
    doctor = signed_in("santosa")
    path = f"/subjects/{ready.ids['subject']}/given?dose_id={ready.ids['dose']}"
    form = doctor.get(path)
    told = late(ready)
    first = doctor.send(path, form, **told)
    again = doctor.send(path, form, **told | {"reason": "Another reason"})
    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    assert len(given(ready)) == 1


def test_the_wrong_knee_is_refused_and_nothing_can_be_started(signed_in, ready: Clinic) -> None:
    doctor = signed_in("santosa")
    where = reached(doctor, ready, knee="left")
    page = doctor.get(where)
    assert 'data-answer="do_not_use"' in page.text
    assert "The course is for: right" in page.text
    assert 'value="start"' not in page.text
    assert "It was already given" in page.text
    with ready.store.read(SYSTEM) as view:
        assert view.rows("SELECT count(*) FROM dose_start")[0][0] == 0


def late(clinic: Clinic, **told: str) -> dict[str, str]:
    when = (clinic.clock.now - timedelta(minutes=20)).astimezone(JAKARTA)
    return VOLUMES | SIGNED | {
        "occurred_at": f"{when:%Y-%m-%dT%H:%M}", "laterality": "left", "codes": clinic.code(clinic.vial(clinic.ids["vial"])),
        "dose_id": clinic.ids["dose"], "reason": "The system was down.",
    } | told  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_was_given_all_the_same_is_recorded_with_what_stood_against_it(signed_in, ready: Clinic, watched) -> None:
    doctor = signed_in("santosa")
    path = f"/subjects/{ready.ids['subject']}/given?dose_id={ready.ids['dose']}"
    assert not re.search(r'name="laterality"[^>]* checked', doctor.get(path).text)
    owed = doctor.fill(path, **late(ready, occurred_at="", laterality="", reason=""))
    assert owed.status_code == 422
    assert given(ready) == []
    kept = doctor.fill(path, **late(ready))
    assert kept.status_code == 303
    page = doctor.get(kept.headers["Location"]).text
    assert "On record, although 1 rule did not hold" in page
    assert "The course is for: right" in page
    assert "Case K-1" in page
    assert "Hold H-1" in page
    assert "The system was down." in page
    assert f"{(ready.clock.now - timedelta(minutes=20)).astimezone(JAKARTA):%H:%M} WIB" in page
    (one,) = given(ready)
    assert (one.mode, [finding["code"] for finding in one.findings]) == ("late", ["wrong_side"])
    held = signed_in("maharani").get(re.search(r"/holds/[0-9a-f]{32}", page)[0]).text
    assert ready.ids["vial"] in held
    assert watched.leaks() == []


def test_a_dose_told_afterwards_does_not_read_as_if_its_permit_had_been_asked(signed_in, ready: Clinic) -> None:
    doctor = signed_in("santosa")
    path = f"/subjects/{ready.ids['subject']}/given?dose_id={ready.ids['dose']}"
    where = doctor.fill(path, **late(ready, laterality="right")).headers["Location"]
    assert given(ready)[0].findings == []
    page = doctor.get(where).text
    assert "Every rule held when it was given" not in page
    assert "whether it had its permit at the bedside was not asked" in page
    assert "Every other rule was met." in page
    theirs = doctor.get(where, headers={"Accept-Language": "id"}).text
    assert "ada tidaknya izin di sisi pasien tidak ditanyakan" in theirs
    assert "Semua aturan lain terpenuhi." in theirs


def test_a_dose_whose_record_was_sent_before_lunch_was_given_before_lunch(signed_in, ready: Clinic) -> None:
    doctor = signed_in("santosa")
    where = started(doctor, ready)
    page = doctor.get(where)
    ready.clock.tick(minutes=16)
    away = doctor.send(where, page, **DONE)
    assert away.status_code == 401
    sent = ready.clock.now
    ready.clock.tick(minutes=25)
    back = doctor.post("/sign-in", data=hidden(away.text) | {"username": "santosa", "password": PASSWORD})
    assert "entered late, as of then" in back.text
    path = re.search(r'action="(/bedside/[^"]*)"', back.text)[1]
    again = doctor.send(path, back)
    assert again.status_code == 422, "it is signed anew"
    assert doctor.send(path, again, **DONE).status_code == 303
    (one,) = given(ready)
    assert one.mode == "late"
    assert abs(one.given_at - sent) < timedelta(seconds=1)


def test_a_dose_that_nobody_planned_is_recorded_too(signed_in, ready: Clinic) -> None:
    kept = signed_in("santosa").fill(f"/subjects/{ready.ids['subject']}/given", **late(ready, dose_id=""))
    assert kept.status_code == 303
    (one,) = given(ready)
    assert "no_order" in [finding["code"] for finding in one.findings]


def test_another_patients_wristband_stops_and_an_unknown_one_matches_nobody(signed_in, ready: Clinic) -> None:
    another = subjects.seal_identity(ready.store, name="Somebody Else", mrn="MRN-0417799", born=date(1970, 1, 1))
    ready.do(subjects.enrol, ready.PHYSICIAN, another)
    doctor = signed_in("santosa")
    path = f"/bedside/{ready.ids['dose']}"
    wrong = doctor.fill(path, code="MRN-0417799")
    assert (wrong.status_code, 'data-answer="do_not_use"' in wrong.text) == (409, True)
    assert "MRN-0417799" not in wrong.text
    unknown = doctor.fill(path, code="MRN-1")
    assert unknown.status_code == 404
    assert "MRN-1" not in unknown.text
    with ready.store.read(SYSTEM) as view:
        found = view.rows("SELECT refused FROM entry WHERE act = 'dose.identify' ORDER BY number")
    assert [row[0] for row in found] == ["dose_refused", "wristband_unknown"]
    assert not [one for one in ("0417799", 'MRN-1"') if one in ledger(ready)]


def recalled(clinic: Clinic) -> None:
    signed = (clinic.sign("wijaya", Meaning.RECALLED),)
    told = ("particles", 1, True, ScopeKind.LOT, (clinic.ids["lot"],))
    clinic.do(stops.recall, clinic.MAKER_QA, *told, reason="particles", signed=signed)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_recall_after_the_start_is_told_on_the_next_load_and_what_was_given_is_kept(signed_in, ready: Clinic) -> None:
    """The page that stays open between start and injection is asked again each time, never remembered."""
    doctor = signed_in("santosa")
    where = started(doctor, ready)
    assert 'data-answer="use"' in doctor.get(where).text
    recalled(ready)
    page = doctor.get(where)
    assert 'data-answer="do_not_use"' in page.text
    assert 'data-answer="use"' not in page.text
    assert "The vial is recalled" in page.text
    owed = doctor.send(f"/bedside/{ready.ids['dose']}", page, **DONE | {"withdrawn_ul": "9"})
    assert (owed.status_code, 'data-answer="do_not_use"' in owed.text) == (422, True)
    kept = doctor.send(f"/bedside/{ready.ids['dose']}", page, **DONE)
    assert kept.status_code == 303
    (one,) = given(ready)
    assert [row["code"] for row in one.findings] == ["recalled"]


@pytest.mark.parametrize("befell", ["hold", "consent", "thaw"])
def test_whatever_comes_up_after_the_start_is_told_on_the_next_load(signed_in, ready: Clinic, befell: str) -> None:
    doctor = signed_in("santosa")
    where = started(doctor, ready)
    vial = ready.vial(ready.ids["vial"])
    match befell:
        case "hold":
            ready.do(stops.hold, ready.QUALITY, "looked odd", ScopeKind.VIAL, [vial.id], reason="looked odd")
        case "consent":
            with ready.store.read(SYSTEM) as view:
                (consent,) = subjects.consents(view, ready.ids["subject"])
            ready.do(consents.withdraw, ready.PHYSICIAN, consent.id)
        case "thaw":
            for _ in range(7):  # the session goes on, and the vial thaws
                ready.clock.tick(minutes=10)
                doctor.get("/bedside")
    page = doctor.get(where).text
    answer = "ask_qa" if befell == "hold" else "do_not_use"
    assert f'data-answer="{answer}"' in page
    assert 'data-answer="use"' not in page
    assert 'name="given_ul"' in page


def test_what_was_scanned_at_the_bedside_stands_on_the_printed_record(signed_in, ready: Clinic) -> None:
    doctor = signed_in("santosa")
    reached(doctor, ready, knee="left")
    ready.clock.tick(minutes=1)
    where = started(doctor, ready)
    scans.log_of(ready.store).flush()
    kept = doctor.send(f"/bedside/{ready.ids['dose']}", doctor.get(where), **DONE | {"inspection": "sound"})
    with ready.store.read(ready.PHYSICIAN) as view:
        record = administration.build(view, kept.headers["Location"].rsplit("/", 1)[1], "ADM-1", 1)
    told = [(one.code, one.purpose, one.verdict, one.findings) for one in record.scans]
    assert told == [
        (ready.ids["vial"], "bedside", "do_not_use", ("wrong_side",)),
        (ready.ids["vial"], "bedside", "use", ()),
    ]
    assert record.vials[0].inspection == "sound"


def test_a_dose_of_two_vials_is_started_vial_by_vial_and_recorded_once(signed_in, clinic: Clinic) -> None:
    six_millilitres(clinic)
    clinic.ids["course"] = clinic.course()
    clinic.ids["vial"] = clinic.ready_vial(clinic.ids["course"], 1).serial
    clinic.ids["dose"] = clinic.dose(clinic.ids["course"], 1)
    reserve(clinic, "H3K002", clinic.ids["dose"], reason="two vials make a dose")
    hand_over(clinic, "H3K002")
    doctor, path = signed_in("santosa"), f"/bedside/{clinic.ids['dose']}"
    form = doctor.get(started(doctor, clinic))
    assert "takes more than one vial" in form.text
    onward = doctor.post(path, data=fields(form.text, "another"))
    again = doctor.get(onward.headers["Location"])
    told = {"identifiers": ["name", "birth date"], "laterality": "right"}
    twice = doctor.send(path, again, **told, code=clinic.code(clinic.vial(clinic.ids["vial"])))
    assert (twice.status_code, "was cleared for giving before" in twice.text) == (422, True)
    asked = doctor.send(path, again, **told, code=clinic.code(clinic.vial("H3K002")))
    assert doctor.fill(asked.headers["Location"]).status_code == 303
    form = doctor.get(asked.headers["Location"])
    assert "takes more than one vial" not in form.text
    kept = doctor.send(path, form, **DONE | {"withdrawn_ul": "6", "given_ul": "6"})
    assert kept.status_code == 303, kept.text[-600:]
    (one,) = given(clinic)
    assert one.findings == []
    assert {clinic.vial(serial).state for serial in (clinic.ids["vial"], "H3K002")} == {"given"}


def fields(text: str, step: str) -> dict[str, str]:
    """The hidden fields of the one form of several that takes this step."""
    form = next(one for one in re.findall(r"<form.*?</form>", text, re.S) if f'value="{step}"' in one)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_the_step_before_cannot_be_left_out(signed_in, ready: Clinic) -> None:
    doctor, nurse = signed_in("santosa"), signed_in("rahayu")
    where = reached(doctor, ready)
    path = f"/bedside/{ready.ids['dose']}"
    for browser, address in ((nurse, where), (doctor, f"{path}?seen=forged"), (doctor, path)):
        assert "Scan the patient’s wristband" in browser.get(address).text
    token = re.search(r"seen=([^&]+)", where)[1]
    other = ready.dose(ready.ids["course"], 2)
    assert "Scan the patient’s wristband" in doctor.get(f"/bedside/{other}?seen={token}").text
    page = doctor.get(where)
    ready.clock.tick(minutes=14)
    doctor.get("/bedside")
    ready.clock.tick(minutes=14)
    doctor.get("/bedside")
    ready.clock.tick(minutes=3)
    assert "Scan the patient’s wristband" in doctor.get(where).text
    assert "Scan the patient’s wristband" in doctor.send(path, page, step="start").text
    assert given(ready) == []


def test_two_identifiers_the_knee_and_a_vial_are_owed_and_what_was_scanned_is_not_repeated(
    signed_in, ready: Clinic, watched
) -> None:
    doctor = signed_in("santosa")
    path = f"/bedside/{ready.ids['dose']}"
    page = doctor.get(doctor.fill(path, code=BAND).headers["Location"])
    assert not re.search(r'name="laterality"[^>]* checked', page.text)
    assert "RIGHT KNEE</b><span" not in page.text, "the knee of the course is not told before it is chosen"
    owed = doctor.send(path, page, identifiers=["name"], code=BAND)
    assert owed.status_code == 422
    assert "Tick two things" in owed.text
    assert "Choose the knee." in owed.text
    assert watched.leaks() == []


@pytest.mark.parametrize("told, says", [
    ({"withdrawn_ul": "3.5"}, "Measure again"), ({"given_ul": "much"}, "Given: a number in mL"), ({"second_username": "santosa"}, "another person"),
    ({"second_password": "wrong"}, "not accepted"), ({"password": ""}, "Needed to sign")])  # fmt: skip
def test_what_does_not_add_up_or_is_not_signed_is_not_recorded_and_the_next_try_may_be(
    signed_in, ready: Clinic, told, says
) -> None:
    doctor = signed_in("santosa")
    where = started(doctor, ready)
    path = f"/bedside/{ready.ids['dose']}"
    refused = doctor.send(path, doctor.get(where), **DONE | told)
    assert refused.status_code in (409, 422)
    assert says in refused.text
    assert 'value="ultrasound" selected' in refused.text
    assert given(ready) == []
    assert doctor.send(path, refused, **DONE).status_code == 303
    assert len(given(ready)) == 1


def test_a_nurse_prepares_and_the_physician_starts(signed_in, ready: Clinic) -> None:
    nurse = signed_in("rahayu")
    page = nurse.get(reached(nurse, ready))
    assert 'data-answer="use"' in page.text
    assert "For Physician." in page.text
    assert 'value="start"' not in page.text
    assert nurse.get(f"/subjects/{ready.ids['subject']}/given").status_code == 403


def test_a_vial_that_was_thawed_too_long_ago_is_refused_with_every_reason(signed_in, ready: Clinic) -> None:
    ready.clock.tick(hours=3)
    doctor = signed_in("santosa")
    page = doctor.get(reached(doctor, ready, knee="left")).text
    assert 'data-answer="do_not_use"' in page
    assert "Do not give it. 2 reasons:" in page or "Do not give it. 3 reasons:" in page


def test_a_vial_that_the_record_does_not_know_was_given_all_the_same(signed_in, ready: Clinic) -> None:
    code = ready.code(ready.vial(ready.ids["vial"])).replace(ready.ids["vial"], "H3K999")
    doctor = signed_in("santosa")
    kept = doctor.fill(f"/subjects/{ready.ids['subject']}/given", **late(ready, laterality="right", codes=code))
    assert kept.status_code == 303
    page = doctor.get(kept.headers["Location"]).text
    assert "not on record" in page
    assert "Case K-1" in page
    assert "Hold H-1" in page
    for path in (
        f"/subjects/{ready.ids['subject']}",
        f"/courses/{ready.ids['course']}",
        f"/subjects/{ready.ids['subject']}/trace",
    ):
        assert "not on record" in doctor.get(path).text or "H3K999" in doctor.get(path).text
    assert "H3K999" in doctor.get(f"/lots/{ready.ids['lot']}/trace").text
