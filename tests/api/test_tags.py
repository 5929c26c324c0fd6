"""Labels of boxes, places, sensors and people by program: the same files as from the pages, on every paper."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from tests.api.conftest import Ask
from tests.clinic import Clinic
from tests.reports import readers
from tests.reports.zebra import Zebra
from traceability.domain import gs1, selftest
from traceability.services import sensors, subjects

GSRN = "899123400000000015"
SAID = f"]d28018{GSRN}\x1d80193"


def seen(pdf: bytes, dpi: int = 300) -> list[str]:
    return [said for page in readers.rasters(pdf, dpi) for said in readers.zxing(readers.paper(page, 2)).values()]


def things(clinic: Clinic) -> dict[str, tuple[str, str]]:
    """By address of each thing who asks, and how the code of its label begins."""
    box = clinic.shipped(clinic.lot(count=2))
    sensor = clinic.do(sensors.register, clinic.QUALITY, "LG-7", "Asia/Jakarta", 300, giai="95212345LG7").id
    who = clinic.PHARMACIST.person_id
    return {
        f"/consignments/{box}": ("handayani", f"]d200{clinic.consignment(box).sscc}02"),
        f"/places/{clinic.ids['freezer']}": ("putri", "]d1STP.F-01."),
        f"/sensors/{sensor}": ("handayani", "]d2800495212345LG7"),
        f"/persons/{who}": ("putri", "]d1STB."),
        f"/subjects/{clinic.subject()}": ("santosa", "]d1STW."),
    }


def test_every_label_comes_as_a_sheet_as_a_roll_and_for_a_zebra_and_says_the_same(clinic: Clinic, ask: Ask) -> None:
    for path, (who, begins) in things(clinic).items():
        program = ask(who)
        sheet = program.get(f"{path}/label.pdf", paper="Letter")
        assert sheet.content_type == "application/pdf", (path, sheet.text)
        (said,) = seen(sheet.data)
        assert said.startswith(begins)
        assert seen(program.get(f"{path}/label.pdf", paper="roll_203").data, 203) == [said]
        zebra = program.get(f"{path}/label.zpl", dpi=300)
        assert zebra.mimetype == "text/plain"
        (printed,) = Zebra().take(zebra.text)
        assert list(readers.zxing(readers.paper(printed.image, 2)).values()) == [said]
        assert gs1.read(said, clinic.clock().date()).elements


@pytest.mark.parametrize("engine", ["sqlite"])
def test_who_may_not_see_the_thing_gets_no_label_of_it(clinic: Clinic, ask: Ask) -> None:
    made = things(clinic)
    for path, (_, begins) in made.items():
        answer = ask("other").get(f"{path}/label.pdf")
        foreign = (403, 404) if begins.startswith(("]d1STB", "]d1STW")) else (404,)
        assert answer.status_code in foreign, (path, answer.status_code)
    assert ask("putri").get(f"/persons/{clinic.PHYSICIAN.person_id}/label.zpl").status_code == 403
    subject = next(path for path in made if path.startswith("/subjects/"))
    assert ask("handayani").get(f"{subject}/label.pdf").status_code == 403


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_paper_or_a_size_that_is_not_there_is_refused(clinic: Clinic, ask: Ask) -> None:
    path = f"/places/{clinic.ids['freezer']}/label.pdf"
    for query in ({"paper": "A3"}, {"layout": "badge_86x54"}, {"start": "x"}):
        assert ask("putri").get(path, **query).status_code == 422
    answer = ask("putri").get(path, start=999)
    assert (answer.status_code, answer.json["code"]) == (409, "label_start")
    assert ask("putri").get(path.replace("pdf", "zpl"), dpi=600).status_code == 422


@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_self_test_sheet_is_what_a_scanner_is_judged_by(clinic: Clinic, ask: Ask) -> None:
    program = ask("handayani")
    for pdf, dpi in (
        (program.get("/scan/self_test.pdf").data, 300),
        (program.get("/scan/self_test.pdf", paper="roll_203").data, 203),
    ):
        judged = [selftest.judge(said) for said in seen(pdf, dpi)]
        assert {one.symbol.kind for one in judged} == {"datamatrix", "qr"}
        assert all(one.exact for one in judged)
    (printed,) = Zebra().take(program.get("/scan/self_test.zpl").text)
    assert all(selftest.judge(said).exact for said in readers.zxing(readers.paper(printed.image, 2)).values())


def test_the_number_that_a_patient_wears_is_printed_once_its_owner_was_looked_up(clinic: Clinic, ask: Ask) -> None:
    told = {"name": "S. Patient", "mrn": "MRN-1", "born": date(1960, 5, 3), "wristband": f"(8018){GSRN}(8019)3"}
    mine = clinic.do(subjects.enrol, clinic.PHYSICIAN, subjects.seal_identity(clinic.store, **told)).id
    other = clinic.subject(mrn="MRN-2")
    program = ask("santosa")
    answer = program.post(f"/subjects/{mine}/label.pdf", {"code": f"(8018){GSRN}(8019)3"})
    assert seen(answer.data) == [SAID]
    wrong = program.post(f"/subjects/{other}/label.pdf", {"code": f"(8018){GSRN}(8019)3"}, key=str(uuid4()))
    assert (wrong.status_code, wrong.json["code"]) == (409, "wristband_of_another")
    plain = program.post(f"/subjects/{other}/label.pdf", {"code": "(8017)" + GSRN})
    assert (plain.status_code, plain.json["code"]) == (409, "wristband_without_gsrn")
    assert ask("handayani").post(f"/subjects/{mine}/label.pdf", {"code": f"(8018){GSRN}"}).status_code == 403
