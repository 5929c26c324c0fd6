"""Study data by program, and the trace and a course as they are drawn."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

from tests.api.conftest import Ask
from tests.clinic import Clinic
from traceability.services import outcomes
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
