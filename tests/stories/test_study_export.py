"""Study data taken out: whose consent stands, each person once, what contradicts beside each other, and nobody's identity (R48, R63)."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest

from tests.clinic import JAKARTA, Clinic
from tests.elsewhere import elsewhere, taken_in
from tests.stories.case import LEFT, RIGHT, enrol, patient, planned, reading, refusal, report, withdraw
from tests.stories.test_events import judged
from tests.stories.test_merging import merge, unmerge
from tests.worlds import released, world, worlds
from traceability.domain.harm import Causality, Expectedness
from traceability.domain.people import SYSTEM, Meaning
from traceability.domain.sdtm import CODELISTS, DATASETS, STANDARDS, TESTS, study_day
from traceability.services import (
    audit,
    comparisons,
    evaluated,
    eventbook,
    events,
    outcomes,
    study,
    study_export,
    study_tables,
    taking_back,
)
from traceability.services.comparisons import Chosen
from traceability.store import Call
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.subjects import ConsentKind

__all__ = ["released", "world", "worlds"]

EXLAT = DATASETS["EX"].head.index("EXLAT")
NAME, MRN, NIK = "Canary Wijayanti", "MRN-0417733", "3372014305690001"


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    """Somebody who agreed to the use of their data: two doses of the right knee, a grade told twice, an event."""
    clinic = released
    clinic.ids["course"] = clinic.course()
    clinic.ids["data"] = clinic.consent(clinic.ids["subject"], ConsentKind.DATA)
    clinic.give_dose(clinic.ids["course"], 1)
    clinic.clock.tick(days=6, hours=20)
    clinic.give_dose(clinic.ids["course"], 2)
    first = clinic.clock.now.date() - timedelta(days=7)
    told(clinic, "VAS", "7", TimePoint.BASELINE, low="0", high="10", observed_on=first - timedelta(days=2))
    kl = [
        told(clinic, "KL", raw, TimePoint.BASELINE, source) for raw, source in (("3", "body"), ("4", "=HYPERLINK(1)"))
    ]
    told(clinic, "VAS", "3", TimePoint.FOLLOW_UP)
    signed = (clinic.sign("santosa", Meaning.ADJUDICATED),)
    clinic.do(outcomes.adjudicate, clinic.PHYSICIAN, kl, kl[0], reason="figure", signed=signed)
    clinic.do(events.record, clinic.PHYSICIAN, clinic.ids["subject"], Asked.YES, description="warm knee", grade=2)
    return clinic


def told(clinic: Clinic, instrument: str, raw: str, point: TimePoint, source: str = "visit", **more: Any) -> str:
    given = {"laterality": RIGHT, **more}
    subject = given.pop("subject", clinic.ids["subject"])
    return clinic.do(outcomes.record, clinic.PHYSICIAN, subject, instrument, raw, point, source, **given).id


def taken(clinic: Clinic, kind: str, call: Call | None = None, who: Any = None) -> bytes:
    return study_export.take(clinic.store, who or clinic.QUALITY, call or Call(), kind)[0]


def tables(file: bytes) -> dict[str, list[dict[str, str]]]:
    with ZipFile(BytesIO(file)) as archive:
        assert archive.testzip() is None
        return {
            name.removesuffix(".csv"): list(csv.DictReader(StringIO(archive.read(name).decode())))
            for name in archive.namelist()
            if name.endswith(".csv")
        }


def test_the_domains_hold_what_was_given_scored_and_told(clinic: Clinic) -> None:
    file = taken(clinic, "sdtm")
    found = tables(file)
    (dm,) = found["dm"]
    assert (dm["SEX"], dm["AGE"], dm["COUNTRY"], dm["ARM"]) == ("U", "", "IDN", "Knee, five weekly")
    assert [(one["EXLOT"], one["EXREFID"], one["EXDOSE"], one["EXLAT"], one["EXSTDY"]) for one in found["ex"]] == [
        ("UC26-H3", "H3K001", "3", "RIGHT", "1"), ("UC26-H3", "H3K002", "3", "RIGHT", "8"),
    ]  # fmt: skip
    assert dm["RFSTDTC"] == found["ex"][0]["EXSTDTC"]
    assert dm["RFSTDTC"].endswith("+07:00")
    assert [(one["QSTESTCD"], one["QSORRES"], one["QSLAT"], one["VISIT"], one["QSDY"]) for one in found["qs"]] == [
        ("VASPAIN", "7", "RIGHT", "BASELINE", "-2"), ("KLGRADE", "3", "RIGHT", "BASELINE", ""),
        ("KLGRADE", "4", "RIGHT", "BASELINE", ""), ("VASPAIN", "3", "RIGHT", "FOLLOW-UP", ""),
    ]  # fmt: skip
    beside = {(one["IDVARVAL"], one["QNAM"]): one["QVAL"] for one in found["suppqs"]}
    assert [beside[n, "QSCOUNT"] for n in "1234"] == ["Y", "Y", "N", "Y"]
    assert [n for n in "1234" if (n, "QSADJFL") in beside] == ["2"]
    assert (beside["1", "QSNORM"], ("4", "QSNORM") in beside) == ("70.0", False)
    assert beside["3", "QSSRC"] == "'=HYPERLINK(1)", "no cell runs in a spreadsheet"
    (ae,) = found["ae"]
    assert (ae["AETERM"], ae["AESER"], ae["AETOXGR"], ae["AEDECOD"]) == ("warm knee", "N", "2", "")
    described = {(one["dataset"], one["variable"]) for one in found["define"]}
    heads = {name.upper(): [*kept[0]] for name, kept in found.items() if kept}
    for name, dataset in DATASETS.items():
        assert heads[name] == list(dataset.head)
        assert {(name, one) for one in dataset.head} <= described
    assert not [one for one in (NAME, MRN, NIK, "1969") if one.encode() in _all(file)]


def test_every_term_stands_in_a_list_that_says_who_made_it(clinic: Clinic) -> None:
    """Also tests that only a source knows, which share their first letters; and of somebody's two words the last counts."""
    for raw, subscale in (("4", "walking"), ("5", "waltz")):
        told(clinic, "WOMAC", raw, TimePoint.BASELINE, subscale=subscale)
    told(clinic, "COMP", "812", TimePoint.BASELINE, laterality=None, unit="ng/mL")
    for n in range(4):
        told(clinic, "KL", "3", TimePoint.FOLLOW_UP, reader=f"Reader of film {n}")
    (event,) = reading(clinic, lambda view: eventbook.of_subject(view, clinic.ids["subject"]), clinic.PHYSICIAN)
    for causality in (Causality.CERTAIN, Causality.UNLIKELY):
        judged(clinic, event[0].id, causality, Expectedness.UNEXPECTED)
    found = tables(taken(clinic, "sdtm"))
    assert [one["AEREL"] for one in found["ae"]] == ["UNLIKELY"]
    lists: dict[str, set[str]] = {}
    for one in found["codelists"]:
        lists.setdefault(one["codelist"], set()).update((one["term"], one["meaning"]))
    used = {(one["dataset"], one["variable"]): one["codelist"] for one in found["define"] if one["codelist"]}
    assert {name for name in used.values() if name not in lists} == STANDARDS
    for (dataset, variable), name in used.items():
        values = {one[variable] for one in found[dataset.lower()]} - {""}
        assert name in STANDARDS or values <= lists[name], (variable, values)
    readers = {one["QSEVALID"]: one["QSEVAL"] for one in found["qs"] if one["QSEVALID"]}
    assert readers == {f"READER {n}": "READER" for n in (1, 2, 3, 4)}, "who evaluates is told with which of them"
    made_by = {one["codelist"]: one["defined_by"] for one in found["codelists"]}
    assert (made_by["LAT"], made_by["QSTESTCD"], made_by["ARM"]) == ("CDISC", "sponsor-defined", "sponsor-defined")
    tests = {one["QSTEST"]: one["QSTESTCD"] for one in found["qs"] if one["QSCAT"] == "WOMAC"}
    assert tests == {"WOMAC walking": "WOMACWAL", "WOMAC waltz": "WOMACWA2"}


def _all(file: bytes) -> bytes:
    with ZipFile(BytesIO(file)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def test_who_withdrew_is_left_out_and_counted_and_so_is_who_never_agreed(clinic: Clinic) -> None:
    other, _ = patient(clinic, "MRN-S-2")
    told(clinic, "VAS", "9", TimePoint.BASELINE, subject=other)
    assert reading(clinic, study_export.preview, clinic.QUALITY) == {
        "persons": 1, "injections": 2, "scores": 4, "events": 1, "left_out": 1,
    }  # fmt: skip
    withdraw(clinic, clinic.ids["data"])
    assert reading(clinic, study_export.preview, clinic.QUALITY)["persons"] == 0
    assert reading(clinic, study_export.preview, clinic.QUALITY)["left_out"] == 2
    assert b"warm knee" not in _all(taken(clinic, "sdtm"))
    assert len(taken(clinic, "csv").splitlines()) == 1


def test_one_person_at_two_houses_is_one_and_one_who_withdrew_at_either_is_none(clinic: Clinic) -> None:
    """As whoever sees both houses is told it; each house tells of its own."""
    there = elsewhere(clinic)
    lot = clinic.lot("UC26-S1", 2, consignee_ids=(clinic.ids["hospital"], clinic.ids["other"]))
    taken_in(there, lot, ("S1K001",))
    again = enrol(there, NAME, "MRN-S-3", nik=NIK)
    agreed = there.consent(again, ConsentKind.DATA)
    report(there, [there.code(there.vial("S1K001"))], subject=again, side=LEFT)
    (person,) = reading(clinic, study.study, SYSTEM).persons
    assert len(person.subjects) == 2
    found = study_tables.sdtm(reading(clinic, study.study, SYSTEM), "both")
    assert [row[2] for row in found["DM"][1:]] == [person.number]
    assert [(row[2], row[EXLAT]) for row in found["EX"][1:]] == [
        (person.number, side) for side in ("RIGHT", "RIGHT", "LEFT")
    ]
    assert reading(clinic, study_export.preview, there.QUALITY)["injections"] == 1
    assert compared(clinic) == (1, 0), "the comparison counts whom the export holds"
    withdraw(there, agreed)
    assert reading(clinic, study.study, SYSTEM).persons == ()
    assert reading(clinic, study.study, SYSTEM).left_out == 2
    assert compared(clinic) == (0, 2)


def compared(clinic: Clinic) -> tuple[int, int]:
    """How many persons a comparison counts for who sees every house, and how many subjects it leaves out."""
    told = reading(clinic, lambda view: comparisons.told(view, Chosen()), SYSTEM)
    return told.comparison.persons, told.without_consent


def test_who_was_enrolled_twice_is_one_and_what_was_told_by_mistake_is_not_there(clinic: Clinic) -> None:
    twin = enrol(clinic, NAME, "MRN-S-4")
    report(clinic, [clinic.code(clinic.vial("H3K003"))], subject=twin, side=LEFT)
    told(clinic, "COMP", "812", TimePoint.BASELINE, subject=twin, laterality=None, unit="ng/mL")
    wrong = told(clinic, "VAS", "9", TimePoint.MONTH_6, subject=twin)
    assert reading(clinic, study_export.preview, clinic.QUALITY)["left_out"] == 1
    merge(clinic, twin, clinic.ids["subject"])
    clinic.do(
        taking_back.void_score,
        clinic.PHYSICIAN,
        wrong,
        signed=(clinic.sign("santosa", Meaning.RECORDED),),
        reason="another patient",
    )
    found = tables(taken(clinic, "sdtm"))
    assert (len(found["dm"]), {one["USUBJID"] for one in (*found["ex"], *found["qs"])}) == (
        1,
        {found["dm"][0]["USUBJID"]},
    )
    assert [one["EXLAT"] for one in found["ex"]] == ["RIGHT", "RIGHT", "LEFT"]
    assert [(one["QSTESTCD"], one["QSORRESU"], one["QSLAT"]) for one in found["qs"] if one["QSORRESU"]] == [
        ("COMP", "ug/L", "")
    ], "the term of CDISC for ng/mL"
    assert "9" not in {one["QSORRES"] for one in found["qs"]}
    assert reading(clinic, study_export.preview, clinic.QUALITY)["left_out"] == 0
    assert reading(clinic, study_export.preview, clinic.QUALITY) == reading(clinic, study.study, clinic.QUALITY).counted


def test_harm_is_of_whoever_had_the_injection_that_it_names(clinic: Clinic) -> None:
    """It was told under one pseudonym of an injection under another, and then the two turned out to be two people."""
    twin = enrol(clinic, NAME, "MRN-S-5")
    clinic.consent(twin, ConsentKind.DATA)
    given = report(clinic, [clinic.code(clinic.vial("H3K003"))], subject=twin, side=LEFT).id
    merge(clinic, twin, clinic.ids["subject"])
    harm = {"description": "swelling", "administration_id": given}
    clinic.do(events.record, clinic.PHYSICIAN, clinic.ids["subject"], Asked.YES, **harm)
    unmerge(clinic, twin)
    told = {
        person.subjects[0].id: [one.description for one in person.events]
        for person in reading(clinic, study.study, clinic.QUALITY).persons
    }
    assert told == {clinic.ids["subject"]: ["warm knee"], twin: ["swelling"]}
    followed = {one.subject_id: one.treated.event for one in reading(clinic, evaluated.sample).followed}
    assert followed == {clinic.ids["subject"]: True, twin: True}
    assert reading(clinic, study_export.preview, clinic.QUALITY) == reading(clinic, study.study, clinic.QUALITY).counted


def test_the_same_record_gives_the_same_bytes_and_each_is_entered_with_its_digest(clinic: Clinic) -> None:
    call = Call()
    for kind in study_export.FORMATS:
        first = taken(clinic, kind)
        clinic.clock.tick(days=1)
        assert taken(clinic, kind) == first
    file = taken(clinic, "sdtm", call)
    assert taken(clinic, "sdtm", call) == file
    assert refusal(lambda: taken(clinic, "csv", call)).code == "act_id_reused"
    told(clinic, "VAS", "2", TimePoint.MONTH_6)
    assert refusal(lambda: taken(clinic, "sdtm", call)).code == "export_differs_now"
    with clinic.store.read(clinic.QUALITY) as view:
        found = audit.page(view, audit.Asked(clinic.ids["hospital"], act="study.export")).entries
    assert len(found) == 5
    assert {one.body["answer"]["persons"] for one in found} == {1}


def test_who_may_not_and_another_house(clinic: Clinic) -> None:
    assert refusal(lambda: taken(clinic, "csv", who=clinic.PHARMACIST)).code == "not_permitted"
    assert refusal(lambda: taken(clinic, "xls")).code == "format_unknown"
    with clinic.store.read(clinic.actors["other"]) as view:
        assert study_export.preview(view)["persons"] == 0


EXPECTED = {
    # required or expected by SDTMIG 3.4, in its order
    "DM": "STUDYID DOMAIN USUBJID SUBJID RFSTDTC RFENDTC RFXSTDTC RFXENDTC RFICDTC RFPENDTC DTHDTC DTHFL SITEID AGE AGEU SEX RACE ARMCD"
    " ARM ACTARMCD ACTARM ARMNRS ACTARMUD COUNTRY",
    "EX": "STUDYID DOMAIN USUBJID EXSEQ EXTRT EXDOSE EXDOSU EXDOSFRM EXSTDTC EXENDTC",
    "QS": "STUDYID DOMAIN USUBJID QSSEQ QSTESTCD QSTEST QSCAT QSORRES QSSTRESC QSLOBXFL VISITNUM QSDTC",
    "AE": "STUDYID DOMAIN USUBJID AESEQ AETERM AELLT AELLTCD AEDECOD AEPTCD AEHLT AEHLTCD AEHLGT AEHLGTCD AEBODSYS AEBDSYCD AESOC AESOCCD"
    " AESER AEACN AEREL AESTDTC AEENDTC",
    **dict.fromkeys(("SUPPDM", "SUPPEX", "SUPPQS"), "STUDYID RDOMAIN USUBJID IDVAR IDVARVAL QNAM QLABEL QVAL QORIG QEVAL"),
}  # fmt: skip


def test_no_variable_that_the_guide_expects_is_left_out_or_out_of_its_order() -> None:
    for name, dataset in DATASETS.items():
        assert [one.name for one in dataset.variables if one.core != "Perm"] == EXPECTED[name].split(), name
    assert CODELISTS["UNIT"].keys() == {"mL", "ms", "ug/L", "U/L", "ug/mol", "mg/L", "ng/L"}, (
        "ng/mL is a synonym, no term"
    )


def test_day_one_is_the_first_injection_and_there_is_no_day_nought() -> None:
    first = date(2026, 4, 1)
    days = [study_day(first + timedelta(days=n), first) for n in (-2, -1, 0, 1)]
    assert days == [-2, -1, 1, 2]
    assert study_day(None, first) is None
    assert all(len(code) <= 8 for code, _ in TESTS.values())
    assert all(
        len(one.label) <= 40 and len(one.name) <= 8 for dataset in DATASETS.values() for one in dataset.variables
    )


def test_one_baseline_value_of_a_test_and_knee_is_the_last_before_that_knees_own_first_injection(
    released: Clinic,
) -> None:
    """The left knee is treated two months after the right one; its baseline is later than day 1, and no earlier than its own."""
    clinic, right = released, released.course()
    subject = clinic.ids["subject"]
    clinic.consent(subject, ConsentKind.DATA)
    begins = clinic.clock.now.astimezone(JAKARTA).date()

    def vas(raw: str, source: str, side: Any, on: date | None, point: TimePoint = TimePoint.BASELINE) -> None:
        clinic.do(
            outcomes.record, clinic.PHYSICIAN, subject, "VAS", raw, point, source, low="0", high="100", laterality=side, observed_on=on
        )  # fmt: skip

    vas("80", "diary", RIGHT, begins - timedelta(days=20))
    vas("80", "chart", RIGHT, begins - timedelta(days=2))
    vas("80", "letter", RIGHT, None)
    vas("60", "never injected yet", LEFT, begins)
    assert flagged(clinic) == []
    clinic.give_dose(right, 1)
    assert flagged(clinic) == [("RIGHT", "chart")]
    clinic.clock.tick(days=60)
    left = planned(clinic, subject, LEFT)
    vas("60", "second visit", LEFT, clinic.clock.now.astimezone(JAKARTA).date())
    clinic.give_dose(left, 1, laterality=LEFT)
    assert flagged(clinic) == [("LEFT", "second visit"), ("RIGHT", "chart")]


def flagged(clinic: Clinic) -> list[tuple[str, str]]:
    """Of which knee, by which source."""
    found = tables(taken(clinic, "sdtm"))
    source = {one["IDVARVAL"]: one["QVAL"] for one in found.get("suppqs", ()) if one["QNAM"] == "QSSRC"}
    return sorted((one["QSLAT"], source[one["QSSEQ"]]) for one in found.get("qs", ()) if one["QSLOBXFL"] == "Y")
