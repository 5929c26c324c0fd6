"""Study data by program, out and in, and the trace and a course as they are drawn."""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZipFile

from werkzeug.test import TestResponse

from tests.api.conftest import Ask
from tests.clinic import Clinic
from traceability.services import outcomes, subjects
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import ConsentKind, Laterality


def test_the_study_the_course_and_the_trace_as_they_are_drawn(ask: Ask, clinic: Clinic) -> None:
    lot, course = clinic.released_lot(), clinic.course()
    clinic.consent(clinic.ids["subject"], ConsentKind.DATA)
    clinic.give_dose(course, 1)
    clinic.do(
        outcomes.record, clinic.PHYSICIAN, clinic.ids["subject"], "VAS", "7", TimePoint.BASELINE, "visit", low="0", high="10",
        laterality=Laterality.RIGHT,
    )  # fmt: skip
    physician = ask("santosa")
    file = physician.post("/studies/export", {"format": "sdtm"})
    assert file.mimetype == "application/zip"
    assert {"dm.csv", "ex.csv", "qs.csv", "ae.csv", "suppqs.csv", "define.html"} <= set(
        ZipFile(BytesIO(file.data)).namelist()
    )
    assert physician.post("/studies/export", {"format": "xls"}).json["code"] == "format_unknown"
    assert ask("putri").post("/studies/export", {"format": "csv"}).json["code"] == "not_permitted"
    (lane,) = physician.get(f"/courses/{course}/outcomes").json["lanes"]
    assert [(one["value"]["raw"], one["counts"]) for one in lane["points"]] == [("7", "counts")]
    assert [one["low"] for one in lane["marks"]] == ["5.25", "5.01"]
    (drawn,) = physician.get(f"/lots/{lot}/trace").json["graph"]["lots"]
    first = drawn["boxes"][0]["rows"][0]
    assert (first["kind"], first["serials"]) == ("subject", ["H3K001"])
    made = ask("wijaya").get(f"/materials/{clinic.ids['donor']}/trace").json
    assert (made["lots"], made["graph"]["lots"][0]["boxes"][0]["rows"][0]["kind"]) == (["UC26-H3"], "unnamed")


def test_a_table_is_shown_confirmed_and_entered_once(ask: Ask, clinic: Clinic) -> None:
    subject = clinic.subject()
    with clinic.store.read(clinic.PHYSICIAN) as view:
        name = subjects.subject(view, subject).pseudonym
    table = f"pseudonym,VAS baseline,WOMAC m6\n{name},7,30\n".encode()
    reading = json.dumps(
        {
            "columns": {"pseudonym": "pseudonym", "VAS baseline": "VAS||baseline", "WOMAC m6": "WOMAC||month_6"},
            "constants": {"source": "register", "laterality": "left"}, "ranges": {"VAS": ["0", "10"]},
        }
    )  # fmt: skip
    nurse = ask("rahayu")

    def send(data: bytes = table, **told: str) -> TestResponse:
        return nurse.send("/studies/import_file", file=(BytesIO(data), "study.csv"), **told)

    shown = send(reading=reading)
    assert (shown.status_code, shown.json["code"], shown.json["understanding"]["new"]) == (409, "study_unconfirmed", 2)
    key = "0" * 31 + "7"
    done = send(reading=reading, confirmed=shown.json["digest"], key=key)
    assert done.status_code == 201, done.json
    again = send(reading=reading, confirmed=shown.json["digest"], key=key)
    assert again.json["number"] == done.json["number"]
    with clinic.store.read(clinic.PHYSICIAN) as view:
        assert [(one.instrument, one.raw, one.high) for one in outcomes.scores(view, subject)] == [
            ("VAS", "7", "10"),
            ("WOMAC", "30", None),
        ]
    wrong = send(table.replace(b",7,", b",77,"), reading=reading)
    assert [(one["line"], one["heading"], one["code"]) for one in wrong.json["errors"]] == [
        (2, "VAS baseline", "score_out_of_range")
    ]
    grouped, how = table.replace(b",30", b",1.850"), json.loads(reading)
    assert [one["code"] for one in send(grouped, reading=reading).json["errors"]] == ["study_number_mark"]
    said = send(grouped, reading=json.dumps(how | {"decimal": "comma"})).json["understanding"]["lines"]
    assert [one["raw"] for one in said] == ["7", "1850"]
    assert send(reading="{").json["code"] == "input_malformed"
    assert send(reading=json.dumps({"columns": {"pseudonym": "NONSENSE"}})).json["code"] == "study_column_unknown"
