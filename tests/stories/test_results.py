"""Specifications by version, results outside them, and a laboratory's file read in: nothing is tested away, nothing half entered."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import closed
from traceability.domain import rules
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Meaning, Role
from traceability.domain.specifications import Outcome
from traceability.services import cases, lots, people, result_import, results, specifications
from traceability.services.results import Judged
from traceability.store import passwords
from traceability.store.tables import Attachment, Lot, Result


def enter(clinic: Clinic, lot: str, test: str, value: str, spec: str | None = None) -> str:
    clinic.clock.tick(minutes=1)
    tested_on = clinic.clock.now - timedelta(hours=1)
    return clinic.do(results.enter, clinic.ANALYST, lot, spec or clinic.ids[f"spec_{test}"], value, tested_on).id


def review(clinic: Clinic, result_id: str) -> str:
    clinic.do(results.review, clinic.QUALITY2, result_id, signed=(clinic.sign("lestari", Meaning.REVIEWED),))
    return result_id


def report(clinic: Clinic, lot: str) -> str:
    """The laboratory's report on what went wrong, attached to the lot."""
    return clinic.do(lots.attach, clinic.QUALITY2, "ab" * 32, "oos-report.pdf", "application/pdf", 900, lot_id=lot).id


def conclude(clinic: Clinic, result_id: str, outcome: Outcome, **told: Any) -> None:
    signed = (clinic.sign("lestari", Meaning.DECIDED),)
    clinic.do(results.conclude, clinic.QUALITY2, result_id, outcome, reason="investigated", signed=signed, **told)


def close(clinic: Clinic, result_id: str) -> None:
    """QA answers for the case of a result, and closes it."""
    with clinic.store.read(SYSTEM) as view:
        case = view.need(Result, result_id).case_id
    assert case is not None
    closed(clinic, case, "investigated")


def judged(clinic: Clinic, lot: str, test: str) -> Judged:
    with clinic.store.read(clinic.QUALITY) as view:
        return next(one for one in results.judged(view, view.need(Lot, lot)) if one.test == test)


def specify(clinic: Clinic, test: str, **told: Any) -> str:
    signed = (clinic.sign("wijaya", Meaning.DECIDED),)
    return clinic.do(specifications.issue, clinic.MAKER_QA, clinic.ids["version"], test, signed=signed, **told).id


def test_a_result_outside_opens_a_case_and_a_repeat_does_not_close_it(in_stock: Clinic) -> None:
    lot = in_stock.ids["lot"]
    outside = enter(in_stock, lot, "endotoxin", "0.31")
    review(in_stock, outside)
    with in_stock.store.read(in_stock.QUALITY) as view:
        (case,) = cases.open_cases(view)
    assert (case.kind, case.title) == ("out_of_specification", "Lot UC26-H3: outside its specification, Endotoxin 0.31")
    repeated = review(in_stock, enter(in_stock, lot, "endotoxin", "0.06"))
    told = judged(in_stock, lot, "Endotoxin")
    assert [one.fact.conforms for one in told.tried] == [False, True]
    assert told.stands is not None
    assert told.stands.row.id == outside
    with pytest.raises(Refused, match="case_not_closable") as no:  # nobody said which result stands
        close(in_stock, outside)
    assert no.value.findings[0].values["things"] == ["Endotoxin 0.31"]
    conclude(in_stock, outside, Outcome.LABORATORY_ERROR, stands_id=repeated, attachment_id=report(in_stock, lot))
    assert judged(in_stock, lot, "Endotoxin").stands.row.id == outside  # its case is open
    close(in_stock, outside)
    told = judged(in_stock, lot, "Endotoxin")
    assert told.stands is not None
    assert told.stands.row.id == repeated
    assert [one.row.value for one in told.tried] == ["0.31", "0.06"]  # both stand in the record for ever


def test_an_error_of_the_laboratory_takes_evidence_and_a_later_reviewed_result_of_the_same_test(
    in_stock: Clinic,
) -> None:
    lot = in_stock.ids["lot"]
    earlier = review(in_stock, enter(in_stock, lot, "endotoxin", "0.10"))
    outside = review(in_stock, enter(in_stock, lot, "endotoxin", "0.31"))
    sterile = review(in_stock, enter(in_stock, lot, "sterility", "no growth"))
    later = enter(in_stock, lot, "endotoxin", "0.06")
    evidence = report(in_stock, lot)

    def refused(outcome: Outcome = Outcome.LABORATORY_ERROR, **told: Any) -> str:
        with pytest.raises(Refused) as no:
            conclude(in_stock, outside, outcome, **told)
        return no.value.code

    assert refused(stands_id=later) == "evidence_missing"
    for other in (earlier, outside, sterile, later, None):  # later, but nobody has reviewed it yet
        assert refused(stands_id=other, attachment_id=evidence) == "retest_missing"
    assert refused(Outcome.CONFIRMED, stands_id=later) == "stands_otherwise"
    signed = (in_stock.sign("wulandari", Meaning.DECIDED),)
    with pytest.raises(Refused, match="own_work"):
        in_stock.do(results.conclude, _deciding(in_stock), outside, Outcome.CONFIRMED, reason="mine", signed=signed)
    with pytest.raises(Refused, match="result_not_outside"):
        conclude(in_stock, sterile, Outcome.CONFIRMED)
    conclude(in_stock, outside, Outcome.LABORATORY_ERROR, stands_id=review(in_stock, later), attachment_id=evidence)


def _deciding(clinic: Clinic) -> Any:
    """The analyst, who decides for QA as well."""
    from traceability.domain.people import Role
    from traceability.services import people

    clinic.do(people.give, SYSTEM, clinic.ANALYST.person_id, Role.QUALITY, clinic.ids["hospital"])
    return clinic.ANALYST


def test_a_lot_is_held_against_the_limits_of_its_making_and_those_of_its_test_the_narrower_binds(
    clinic: Clinic,
) -> None:
    """Osmolality: 260 to 320 when the lot was made, 280 to 340 when it was tested."""
    first = specify(clinic, "Osmolality", unit="mOsm/kg", low="260", high="320", valid_from=date(2026, 1, 1))
    lot = clinic.in_stock()
    clinic.clock.tick(days=1)
    second = specify(clinic, "Osmolality", unit="mOsm/kg", low="280", high="340")
    clinic.clock.tick(hours=2)
    with pytest.raises(Refused, match="specification_not_in_force") as no:
        enter(clinic, lot, "", "300", first)
    assert no.value.values["version"] == 2
    for value, conforms in (("300", True), ("270", False), ("330", False), ("< 290", None), ("≤ 250", False)):
        enter(clinic, lot, "", value, second)
        assert judged(clinic, lot, "Osmolality").tried[-1].fact.conforms is conforms, value


def test_a_version_that_would_judge_anew_what_was_tested_is_refused(in_stock: Clinic) -> None:
    lot = in_stock.tested(in_stock.ids["lot"], endotoxin="0.24")
    in_stock.clock.tick(days=2)
    yesterday = in_stock.clock.now.date() - timedelta(days=1)
    with pytest.raises(Refused, match="specification_backdated"):
        specify(in_stock, "Endotoxin", unit="EU/mL", high="0.5", valid_from=yesterday)
    specify(in_stock, "Endotoxin", unit="EU/mL", high="0.1", valid_from=in_stock.clock.now.date() + timedelta(days=9))
    in_stock.clock.tick(days=10)
    assert judged(in_stock, lot, "Endotoxin").stands.fact.conforms is True  # tested before


def test_a_new_test_is_asked_of_lots_made_before_it_and_an_ended_one_of_lots_made_under_it(clinic: Clinic) -> None:
    specify(clinic, "Appearance", expected="clear", valid_from=date(2026, 1, 1), valid_until=date(2026, 4, 2))
    lot = clinic.in_stock()
    clinic.clock.tick(days=3)
    specify(clinic, "Mycoplasma", expected="not detected")
    with clinic.store.read(clinic.QUALITY) as view:
        asked = [one.test for one in results.judged(view, view.need(Lot, lot)) if one.mandatory]
        today = specifications.current_specifications(view, clinic.ids["version"])
    assert asked == ["Appearance", "Endotoxin", "Mycoplasma", "Sterility"]
    assert sorted(today) == ["Endotoxin", "Mycoplasma", "Sterility"]


# ------------------------------------------------------------------------------------------------------ a laboratory's file


def csv(*lines: str) -> bytes:
    return "\n".join(("Parameter;Hasil;Satuan;Tanggal uji;Catatan", *lines, "")).encode()


GOOD = csv("Endotoxin;< 0.05;EU/mL;2026-04-01;LAL", "Sterility;no growth;;2026-04-01T11:00;14 days")


def imported(clinic: Clinic, data: bytes) -> Any:
    file = result_import.read("lab.csv", data)
    return clinic.do(result_import.import_file, clinic.ANALYST, clinic.ids["lot"], file)


def count(clinic: Clinic) -> tuple[int, int]:
    """Results and kept files of laboratories."""
    with clinic.store.read(SYSTEM) as view:
        return len(view.all(Result)), sum(one.kind == "results" for one in view.all(Attachment))


def test_a_file_is_understood_shown_and_entered_in_one_act(in_stock: Clinic) -> None:
    in_stock.clock.tick(days=1)
    file = result_import.read("lab.csv", GOOD)
    with in_stock.store.read(in_stock.ANALYST) as view:
        found = result_import.understood(view, in_stock.ids["lot"], file)
    assert dict(file.sheet.mapping) == {
        "Parameter": "test", "Hasil": "value", "Satuan": "unit", "Tanggal uji": "tested_on",
    }  # fmt: skip
    assert file.sheet.unread == ("Catatan",)
    assert [(one.told.line, one.specification.test, one.against) for one in found.lines if one.specification] == [
        (2, "Endotoxin", None), (3, "Sterility", None),
    ]  # fmt: skip
    assert count(in_stock) == (0, 0)  # shown is not entered
    done = imported(in_stock, GOOD)
    assert (done.answer["results"], done.answer["outside"], count(in_stock)) == (2, 0, (2, 1))
    told = judged(in_stock, in_stock.ids["lot"], "Endotoxin").stands
    assert told is not None
    assert (told.row.value, told.fact.conforms) == ("< 0.05", True)
    with in_stock.store.read(SYSTEM) as view:
        assert view.need(Attachment, told.row.attachment_id).sha256 == file.sha256
    with pytest.raises(Refused, match="results_imported_already"):
        imported(in_stock, GOOD)


def test_one_line_that_cannot_be_read_stops_the_whole_file_and_is_named(in_stock: Clinic) -> None:
    in_stock.clock.tick(days=1)
    data = csv(
        "Endotoxin;0,05;EU/mL;2026-04-01;", "", "Sterility;no growth;;2026-04-01;", "Sterility;growth;;2026-04-01;",
        "pH;7.2;;2026-04-01;", "Endotoxin;0.05;IU/mL;2026-04-01;", "endotoxin;0.05;EU/mL;2027-01-01;",
    )  # fmt: skip
    with pytest.raises(Refused, match="results_refused") as no:
        imported(in_stock, data)
    assert [(one["line"], one["code"]) for one in no.value.values["errors"]] == [
        (2, "number_unreadable"), (5, "results_test_twice"), (6, "test_unknown"), (7, "results_test_twice"),
        (8, "results_test_twice"),
    ]  # fmt: skip
    assert count(in_stock) == (0, 0)


def test_json_reads_as_csv_does_and_a_number_stands_as_it_was_written(in_stock: Clinic) -> None:
    in_stock.clock.tick(days=1)
    told = [{"test": "Endotoxin", "value": 0.10, "unit": "EU/mL", "tested_on": "2026-04-01"}]
    data = json.dumps({"results": told}).replace("0.1,", "0.10,").encode()
    imported(in_stock, data)
    assert judged(in_stock, in_stock.ids["lot"], "Endotoxin").tried[0].row.value == "0.10"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "results_empty"),
        (b" \n\n", "results_empty"),
        (b",,\n,,\n", "results_empty"),
        (b"test,value,tested_on\n", "results_empty"),
        (b"\xff\xfetest", "results_encoding"),
        (b"test,value,tested_on\nSterility,no\x00growth,2026-04-01\n", "text_unreadable"),
        (b"test,value\nSterility,no growth\n", "results_heading_missing"),
        (b"test,Result,value,tested_on\nSterility,a,b,2026-04-01\n", "results_heading_twice"),
        (b"test,value,tested_on\nSterility,no growth\n", "results_ragged"),
        (b'test,value,tested_on\nSterility,"no growth,2026-04-01\n', "results_unreadable"),
        (b"test,value,tested_on\nSterility," + b"x" * 300 + b",2026-04-01\n", "results_cell_too_long"),
        (b"test,value,tested_on\n" + b"Sterility,no growth,2026-04-01\n" * 501, "results_too_many"),
        (b"x" * (1024 * 1024 + 1), "body_too_large"),
        (b'[{"test": "pH", "test": "Sterility"}]', "results_unreadable"),
        (b'[{"test": "pH", "value": NaN, "tested_on": "2026-04-01"}]', "results_unreadable"),
        (b"[" * 5000, "results_unreadable"),
        (b'{"results": 7}', "results_not_a_list"),
        (b"%PDF-1.7 not a table", "results_heading_missing"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_what_is_no_table_of_results_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as no:
        result_import.read("lab.csv", data)
    assert no.value.code == code


def test_a_release_rests_on_results_of_this_house_or_the_maker_and_on_no_other_hospitals(founded: Clinic) -> None:
    clinic, there = founded, elsewhere(founded)
    lot = clinic.lot("UC26-H3", 4, consignee_ids=(clinic.ids["hospital"], clinic.ids["other"]))
    box = clinic.arrived(clinic.shipped(lot, serials=("H3K001", "H3K002")))
    clinic.counted(box)
    clinic.put_away(box)
    clinic.logged(box)
    clinic.certificate(lot)
    there.tested(lot)

    def unmet() -> list[str]:
        clinic.reviewed(lot)
        return [one.code for one in rules.unmet(clinic.dossier(lot).findings)]

    assert unmet() == ["results_complete", "results_conform", "results_reviewed"]
    clinic.tested(lot)  # entered from their paper, and reviewed, here
    assert unmet() == []
    # what another hospital found outside counts against it all the same, whatever it said of that itself
    outside = there.do(
        results.enter, there.ANALYST, lot, clinic.ids["spec_endotoxin"], "9", clinic.clock.now - timedelta(hours=1)
    )
    there.do(results.review, there.QUALITY2, outside.id, signed=(there.sign("lestari", Meaning.REVIEWED),))
    assert {"results_conform", "outside_answered"} <= set(unmet())


def test_who_entered_the_retest_does_not_say_that_it_stands(in_stock: Clinic) -> None:
    lot = in_stock.ids["lot"]
    outside = review(in_stock, enter(in_stock, lot, "endotoxin", "0.31"))
    evidence = report(in_stock, lot)
    in_stock.do(people.give, SYSTEM, in_stock.QUALITY.person_id, Role.ANALYST, in_stock.ids["hospital"])
    with in_stock.store.engines.reader.connect() as connection:
        both = passwords.actor_of(connection, in_stock.QUALITY.person_id)
    mine = in_stock.do(
        results.enter, both, lot, in_stock.ids["spec_endotoxin"], "0.06", in_stock.clock.now - timedelta(minutes=1)
    ).id
    in_stock.do(results.review, in_stock.QUALITY2, mine, signed=(in_stock.sign("lestari", Meaning.REVIEWED),))
    told = {
        "stands_id": mine,
        "attachment_id": evidence,
        "reason": "a slip",
        "signed": (in_stock.sign("maharani", Meaning.DECIDED),),
    }
    with pytest.raises(Refused, match="own_work"):
        in_stock.do(results.conclude, both, outside, Outcome.LABORATORY_ERROR, **told)
