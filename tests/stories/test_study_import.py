"""A study's table of scores read in: long or wide, every value shown first, all or none, and nothing twice (R50, R51)."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import clean, enrol, reading, refusal, rows
from tests.stories.test_merging import merge
from tests.worlds import released, world, worlds
from traceability.domain import study_files
from traceability.domain.study_files import Reading
from traceability.services import outcomes, study_export, study_import, subjects
from traceability.services.study_import import StudyFile, Understood
from traceability.store import Call, Done
from traceability.store.tables.subjects import ConsentKind

__all__ = ["released", "world", "worlds"]


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    subject = released.subject()
    released.consent(subject, ConsentKind.DATA)
    released.ids["name"] = reading(released, lambda view: subjects.subject(view, subject).pseudonym)
    return released


def file_of(text: str, how: dict[str, Any] | None = None, encoding: str = "utf-8", **told: str) -> StudyFile:
    table = study_files.read(text.encode(encoding), **told)
    guess = study_files.guessed(table)
    return StudyFile(table, dataclasses.replace(guess, **how) if how else guess)


def understood(clinic: Clinic, file: StudyFile, who: Any = None) -> Understood:
    return reading(clinic, lambda view: study_import.understood(view, file), who or clinic.PHYSICIAN)


def enter(clinic: Clinic, file: StudyFile, call: Call | None = None) -> Done:
    return clinic.do(study_import.import_file, clinic.PHYSICIAN, file, call=call or Call())


def scores(clinic: Clinic) -> list[tuple[Any, ...]]:
    told = reading(clinic, lambda view: outcomes.scores(view, clinic.ids["subject"]), clinic.PHYSICIAN)
    made = [
        (one.instrument, one.subscale, str(one.time_point), one.raw, one.low, str(one.laterality or ""), one.source)
        for one in told
    ]
    return sorted(made, key=str)


def long(clinic: Clinic, *lines: str) -> str:
    return "\n".join(
        [
            "pseudonym;knee;instrument;visit;date;value;min;max;source",
            *(line.format(clinic.ids["name"]) for line in lines),
        ]
    )


def test_a_long_table_as_the_published_case_has_it(clinic: Clinic) -> None:
    """VAS with its range, WOMAC without, a grade that two parts of the text tell differently, an undated last visit."""
    told = file_of(
        long(
            clinic, "{};right;VAS;baseline;2026-03-20;7;0;10;body", "{};kanan;VAS;follow-up;;3,5;0;10;body", "{};R;WOMAC;pre;;65;;;body",
            "{};right;KL;baseline;;3;;;body", "{};right;KL;baseline;;4;;;abstract", "{};right;WOMAC;6 months;;NA;;;body",
        )
    )  # fmt: skip
    found = understood(clinic, told)
    assert [one.against for one in found.refused] == []
    assert len(found.new) == 5, "what is not reported is no value"
    done = enter(clinic, told)
    assert done.answer["scores"] == 5
    assert scores(clinic) == [
        ("KL", None, "baseline", "3", None, "right", "body"), ("KL", None, "baseline", "4", None, "right", "abstract"),
        ("VAS", None, "baseline", "7", "0", "right", "body"), ("VAS", None, "follow_up", "3.5", "0", "right", "body"),
        ("WOMAC", None, "baseline", "65", None, "right", "body"),
    ]  # fmt: skip
    assert rows(clinic, "SELECT count(*) FROM entry WHERE body LIKE '%study.import_file%'")[0][0] == 1
    clean(clinic)


def test_a_wide_table_with_what_holds_of_every_line_and_the_ranges_that_it_leaves_out(clinic: Clinic) -> None:
    text = f"Patient\tVAS baseline\tVAS_m6\tWOMAC pain pre\tNama\n{clinic.ids['name'].lower()}\t70\t30\t-\tCanary Wijayanti\n"
    how = {"constants": {"source": "register 2026", "laterality": "left"}, "ranges": {"VAS": ("0", "100")}}
    told = file_of(text, how, encoding="utf-16")
    assert (told.table.encoding, told.table.separator) == ("utf-16", "tab")
    assert told.reading.columns["Nama"] == "", "what nobody mapped is not read"
    enter(clinic, told)
    assert scores(clinic) == [
        ("VAS", None, "baseline", "70", "0", "left", "register 2026"), ("VAS", None, "month_6", "30", "0", "left", "register 2026"),
    ]  # fmt: skip
    assert rows(clinic, "SELECT count(*) FROM entry WHERE body LIKE '%Canary%'")[0][0] == 0
    assert not [
        one
        for one in clinic.store.documents.glob("**/*")
        if one.is_file() and "Canary".encode("utf-16-le") in one.read_bytes()
    ]


def test_every_line_that_cannot_be_read_is_named_and_then_nothing_is_entered(clinic: Clinic) -> None:
    told = file_of(
        long(
            clinic, "{};right;VAS;baseline;;7;0;10;body", "NOBODY;right;VAS;baseline;;7;0;10;body", "{};middle;VAS;baseline;;7;0;10;body",
            "{};right;VAS;someday;;7;0;10;body", "{};right;VAS;baseline;;11;0;10;body", "{};right;KL;baseline;;2.5;;;body",
            "{};right;SF36;baseline;;2;;;body", "{};right;VAS;baseline;1/4/2026;7;0;10;body", "{};right;VAS;baseline;;seven;0;10;body",
            "{};right;VAS;baseline;2099-01-01;7;0;10;body", "{};right;VAS;baseline;;7;0;10;" + "x" * 190,
        )
    )  # fmt: skip
    found = understood(clinic, told)
    assert [(one.told.line, one.against.code) for one in found.refused if one.against] == [
        (3, "study_subject_unknown"), (4, "study_side_unknown"), (5, "study_time_unknown"), (6, "score_out_of_range"),
        (7, "score_not_whole"), (8, "instrument_unknown"), (9, "field_not_a_date"), (10, "number_unreadable"), (11, "occurred_in_future"),
    ]  # fmt: skip
    assert refusal(lambda: enter(clinic, told)).code == "study_refused"
    assert scores(clinic) == []
    assert rows(clinic, "SELECT count(*) FROM entry WHERE body LIKE '%NOBODY%'")[0][0] == 0, (
        "no cell stands in the ledger"
    )
    dmy = dataclasses.replace(told, reading=dataclasses.replace(told.reading, date_order="dmy"))
    assert 9 not in [one.told.line for one in understood(clinic, dmy).refused], "a person said that the day comes first"


def test_the_same_file_twice_adds_nothing_and_neither_does_a_longer_one_what_was_in_the_first(clinic: Clinic) -> None:
    first = long(clinic, "{};right;VAS;baseline;;7;0;10;body")
    call = Call()
    told = file_of(first)
    done = enter(clinic, told, call)
    assert enter(clinic, told, call).number == done.number
    assert refusal(lambda: enter(clinic, told)).code == "study_nothing_new"
    more = file_of(first + "\n" + f"{clinic.ids['name']};right;VAS;month 6;;3;0;10;body\n" * 2)
    assert [one.known for one in understood(clinic, more).lines] == [True, False, True]
    assert enter(clinic, more).answer == {**enter_answer(clinic, more), "scores": 1, "known": 2}
    assert len(scores(clinic)) == 2


def enter_answer(clinic: Clinic, file: StudyFile) -> dict[str, Any]:
    return {"sha256": file.table.sha256}


def test_what_was_entered_under_either_pseudonym_of_one_person_is_known(clinic: Clinic) -> None:
    twin = enrol(clinic, "Canary Wijayanti", "MRN-I-2")
    name = reading(clinic, lambda view: subjects.subject(view, twin).pseudonym)
    enter(clinic, file_of(long(clinic, f"{name};right;VAS;baseline;;7;0;10;body")))
    enter(clinic, file_of(long(clinic, "{};right;KL;baseline;;3;;;body")))
    merge(clinic, twin, clinic.ids["subject"])
    both = "{0};right;VAS;baseline;;7;0;10;body", "{0};right;KL;baseline;;3;;;body"
    for subject in (clinic.ids["name"], name):
        found = understood(clinic, file_of(long(clinic, *(one.replace("{0}", subject) for one in both))))
        assert [one.known for one in found.lines] == [True, True]
    file, _ = study_export.take(clinic.store, clinic.QUALITY, Call(), "csv")
    assert understood(clinic, file_of(file.decode())).new == ()


def test_another_houses_pseudonym_is_nobody(clinic: Clinic) -> None:
    there = elsewhere(clinic)
    told = file_of(long(clinic, "{};right;VAS;baseline;;7;0;10;body"))
    assert [one.against.code for one in understood(clinic, told, there.PHYSICIAN).refused if one.against] == [
        "study_subject_unknown"
    ]
    assert refusal(lambda: clinic.do(study_import.import_file, clinic.STOREKEEPER, told)).code == "not_permitted"


def test_what_was_exported_is_read_in_again_as_known(clinic: Clinic) -> None:
    """Also a source that a spreadsheet would run, which an export writes with an apostrophe."""
    enter(
        clinic,
        file_of(long(clinic, "{};right;VAS;baseline;2026-03-20;7;0;10;=cmd|x", "{};right;KL;baseline;;3;;;body")),
    )
    file, _ = study_export.take(clinic.store, clinic.QUALITY, Call(), "csv")
    assert b"'=cmd|x" in file
    again = understood(clinic, file_of(file.decode()))
    assert (again.refused, again.new, len(again.lines)) == ((), (), 2)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "results_empty"), (b"a,b\n", "results_empty"), (b"a,a\n1,2\n", "results_heading_twice"), (b"a,b\n1\n", "results_ragged"),
        (b'a,b\n"1,2\n', "results_unreadable"), (b"a,b\n1,\x00\n", "text_unreadable"), (b"x" * (1024 * 1024 + 1), "body_too_large"),
        (b"pseudonym,source\nA,b\n", "study_long_or_wide"), (b"pseudonym,VAS baseline\nA,7\n", "results_heading_missing"),
        (b"\xff\xfea", "study_encoding"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_scores(data: bytes, code: str) -> None:
    def understand() -> object:
        table = study_files.read(data)
        return study_files.told(table, study_files.guessed(table))

    assert refusal(understand).code == code
    assert (
        refusal(lambda: study_files.told(study_files.read(b"a,b\n1,2\n"), Reading({"a": "nonsense"}))).code
        == "study_column_unknown"
    )


@pytest.mark.parametrize(
    "written, order, read",
    [
        ("2026-04-01", "iso", date(2026, 4, 1)),
        ("2026-04-01T09:30:00+07:00", "dmy", date(2026, 4, 1)),
        ("1/4/2026", "dmy", date(2026, 4, 1)),
        ("1/4/2026", "mdy", date(2026, 1, 4)),
        ("1/4/2026", "iso", None),
        ("20260401", "iso", None),
        ("2026-W14-3", "iso", None),
        ("31.02.2026", "dmy", None),
        ("２０２６-04-01", "iso", None),
    ],
)
def test_a_day_is_read_as_it_was_said_to_be_written_and_no_other_way(
    written: str, order: str, read: date | None
) -> None:
    if read is None:
        assert refusal(lambda: study_files.day(written, order)).code == "field_not_a_date"
    else:
        assert study_files.day(written, order) == read


def test_a_number_that_can_be_read_in_two_ways_is_asked_about_and_read_as_a_person_said(clinic: Clinic) -> None:
    """WOMAC by VAS from 0 to 2400: 1.850 is 1850 where points stand between thousands, and 1.85 where they do not."""
    told = file_of(
        long(
            clinic, "{};right;WOMAC;baseline;;1.850;0;2400;trial", "{};right;WOMAC;month 2;;1,850;0;2.400;trial",
            "{};right;WOMAC;month 4;;1.850,5;0;2400;trial", "{};right;WOMAC;month 6;;0.125;0;2400;trial",
            "{};right;WOMAC;after;;3,5;0;2400;trial",
        )
    )  # fmt: skip
    asked = [(one.told.line, one.against.code) for one in understood(clinic, told).refused if one.against]
    assert asked == [(2, "study_number_mark"), (3, "study_number_mark"), (4, "study_number_mark")]
    assert refusal(lambda: enter(clinic, told)).code == "study_refused"
    for written in ("\uff11,850", "\u0661.850"):  # the same in digits of other scripts
        assert refusal(lambda written=written: study_files.figure(written, "")).code == "study_number_mark"

    def said(decimal: str) -> list[str]:
        file = dataclasses.replace(told, reading=dataclasses.replace(told.reading, decimal=decimal))
        return [
            one.score.raw if one.score else one.against.code
            for one in understood(clinic, file).lines
            if one.score or one.against
        ]

    other = "study_number_otherwise"
    assert said("comma") == ["1850", "1.850", "1850.5", other, "3.5"]
    assert said("point") == ["1.850", "score_out_of_range", other, "0.125", other]
    assert told.digest != dataclasses.replace(told, reading=dataclasses.replace(told.reading, decimal="comma")).digest


def test_seven_and_seven_point_nought_are_one_value(clinic: Clinic) -> None:
    enter(clinic, file_of(long(clinic, "{};right;VAS;baseline;;7;0;10;trial")))
    again = long(clinic, "{};right;VAS;baseline;;7.0;0;10;trial", "{};right;VAS;baseline;;7;0.0;10,0;trial")
    assert [one.known for one in understood(clinic, file_of(again)).lines] == [True, True]
    other = file_of(long(clinic, "{};right;VAS;baseline;;70;0;100;trial"))
    assert [one.known for one in understood(clinic, other).lines] == [False], "ten times of ten times is another value"


def test_a_subscale_is_known_however_it_is_written_and_an_unknown_one_is_named(clinic: Clinic) -> None:
    """What stands under a name that nothing is evaluated by would lie there unseen."""
    head = "pseudonym,knee,instrument,subscale,visit,value,min,max,source"
    name = clinic.ids["name"]

    def table(*lines: str) -> StudyFile:
        return file_of("\n".join([head, *(f"{name},right,{line},trial" for line in lines)]))

    told = table(
        "WOMAC,Pain,baseline,10,0,20", "WOMAC,TOTAL,baseline,60,0,96", "KOOS,Quality of Life,baseline,30,0,100",
        "KOOS,ADL,baseline,40,0,100", "WOMAC,Nyeri,month 6,2,0,20", "VAS,Total,baseline,7,0,10",
    )  # fmt: skip
    lines = understood(clinic, told).lines
    assert [one.score.subscale if one.score else one.against for one in lines] == [
        "pain", None, "quality_of_life", "function", "pain", None
    ]  # fmt: skip
    strange = table("WOMAC,Walking,baseline,2,0,4", "KL,medial,baseline,2,,")
    assert [one.against.code for one in understood(clinic, strange).refused if one.against] == [
        "study_subscale_unknown"
    ] * 2
    by_hand = (clinic.ids["subject"], "KL", "2", outcomes.TimePoint.BASELINE, "trial")
    clinic.do(outcomes.record, clinic.PHYSICIAN, *by_hand, subscale="medial", laterality="right")
    assert [one.told.line for one in understood(clinic, strange).refused] == [2], "what is on record so is known"
    clinic.do(
        outcomes.record, clinic.PHYSICIAN, clinic.ids["subject"], "WOMAC", "60", outcomes.TimePoint.BASELINE, "chart", subscale="Total"
    )  # fmt: skip
    assert ("WOMAC", None, "baseline", "60", None, "", "chart") in scores(clinic)
