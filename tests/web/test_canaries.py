"""Who a patient is, typed and scanned wherever people type and scan: it comes out of nothing but the answers that show it (R47).

Tables, entries, refusals and the disk: tests/stories/test_identity.py, on both engines. Here is what leaves the house.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from zipfile import ZipFile

import pikepdf
import pytest
from flask import Flask, Response, request, request_finished

from tests.api.conftest import Asking, signature
from tests.clinic import PASSWORD, Clinic
from tests.printed import text_of
from tests.stories.case import planned, reading, rows
from tests.web.conftest import Browser, hidden
from tests.worlds import released, world, worlds
from traceability.services import courses, documents, sessions, subjects, tags
from traceability.store.tables import Document

__all__ = ["released", "world", "worlds"]

GSRN = "899123400000000015"
PERSON = {
    "name": "Kanariawati Suleman", "mrn": "MRN-0990417", "nik": "3372014302610007", "born": "1961-02-03",
    "wristband": f"(8018){GSRN}(8019)0042",
}  # fmt: skip
IDENTITY = re.compile(
    r"kanaria|suleman|0990417|3372014302610007|1961-02-03|0?3[/.]0?2[/.]1961|3 feb\w* 1961|899123400000000015",
    re.IGNORECASE,
)
SPILL = "Tumpahan, ibu Kanariawati, MRN-0990417"
"""What somebody types into a reason, a narrative or the name of a file: erasable words, and on pages of those who may read them."""
SHOWS = ("POST /subjects/enrol", "open_identity", "/merge")
"""Answers to a form that show an identity: what was typed into it, or who it is, once."""
SIGNED = {"password": PASSWORD, "second_username": "rahayu", "second_password": PASSWORD}


@dataclass
class Heard:
    """Everything that left: status, headers, where it leads and what it says; `shown`: answers that show who it is."""

    said: list[tuple[str, str]] = field(default_factory=list)
    shown: list[tuple[str, str | None]] = field(default_factory=list)

    def leaks(self) -> list[tuple[str, str]]:
        return [(where, found[0]) for where, text in self.said if (found := IDENTITY.search(text))]


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    return released


@pytest.fixture
def heard(app: Flask) -> Iterator[Heard]:
    made = Heard()

    def keep(_app: Flask, response: Response, **_: object) -> None:
        where = f"{request.method} {request.path}"
        head = f"{response.status} {response.headers}"
        body = "" if response.direct_passthrough else response.get_data(as_text=True)
        if IDENTITY.search(body) and any(one in where for one in SHOWS):
            made.shown.append((where, response.headers.get("Cache-Control")))
            body = ""
        # a reason and a narrative are read where they belong, by who may read them
        made.said += [(f"{where} head", head), (where, body.replace(SPILL, ""))]

    with request_finished.connected_to(keep, app):
        yield made


def misplaced(doctor: Browser, program: Asking, clinic: Clinic, subject: str, dose: str) -> None:
    """Numbers of the patient where vials, scores, lots and acts are asked for, by page and by program."""
    for typed in (PERSON["mrn"], PERSON["nik"], PERSON["wristband"], f"8018{GSRN}", PERSON["name"]):
        home = doctor.get("/scan")
        assert doctor.send("/scan", home, code=typed).status_code < 500
        found = doctor.send("/subjects/find", doctor.get("/subjects"), code=f"{typed}x")
        assert found.status_code == 404
        told = {"instrument": "VAS", "raw": typed, "time_point": "baseline", "told_by": "visit"}
        assert program.post("/scores/record", told | {"subject_id": subject}).status_code in (409, 422)
        assert (
            program.post(
                f"/doses/{dose}/start", {"wristband": f"{typed}x", "code": typed, "laterality": "right"}
            ).status_code
            == 404
        )
        assert program.post("/subjects/found", {"wristband": f"{typed}x"}).status_code == 404
        assert program.post("/subjects/enrol", PERSON | {"born": typed}).status_code == 422
        assert program.post("/scan", {"code": typed}).status_code in (200, 404, 409, 422)
        assert program.post(f"/acts/{typed}", {}).status_code in (404, 405)


def told_and_shown(signed_in: Callable[[str], Browser], clinic: Clinic) -> tuple[str, str, str]:
    """Enrolled by page, looked at once, consented with a scan of a careless name, course planned and ordered."""
    doctor, quality = signed_in("santosa"), signed_in("maharani")
    assert doctor.fill("/subjects/enrol", **PERSON | {"born": "03.02.1961"}).status_code == 422
    enrolled = doctor.fill("/subjects/enrol", **PERSON)
    subject = re.search(r"/subjects/(\w{32})", enrolled.headers["Location"])[1]
    assert doctor.fill("/subjects/enrol", **PERSON).status_code == 409
    assert PERSON["name"] in doctor.fill(f"/subjects/{subject}/open_identity").text
    page = quality.get("/consent_forms")
    told = {"kind": "therapy", "version": "v2", "language": "id", "valid_from": "2026-01-01", "renew": ""}
    form = hidden(page.text) | told | {"file": (BytesIO(b"%PDF-1.7 form"), f"{SPILL}.pdf")}
    assert quality.post("/consent_forms/draft", data=form).status_code == 303
    issue = re.search(r'href="(/consent_forms/\w{32}/issue)', quality.get("/consent_forms").text)[1]
    assert quality.fill(issue, password=PASSWORD).status_code == 303
    given = {"form": "therapy|v2 (id)", "signed_at": "2026-04-01T10:00", "representative": SPILL, "relation": SPILL}
    assert doctor.fill(f"/consents/record?subject_id={subject}", **given, **SIGNED).status_code == 303
    clinic.ids["subject"] = subject
    clinic.consent(subject, subjects.ConsentKind.DATA)
    course = planned(clinic, subject)
    return subject, course, clinic.dose(course, 1)


def papers(clinic: Clinic, course: str) -> Iterator[tuple[str, bytes]]:
    """Every printed record, with its metadata and whatever stands in its streams; and a wristband."""
    for one in reading(clinic, lambda view: view.all(Document)):
        pdf = documents.kept(clinic.store, one)
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            streams = b"".join(
                each.read_bytes() for each in opened.objects if isinstance(each, pikepdf.Stream) and _plain(each)
            )
            yield one.number, pdf + str(opened.docinfo).encode() + streams + text_of(pdf).encode()
    tag = reading(clinic, lambda view: tags.tag(view, "subject", clinic.ids["subject"]), clinic.PHYSICIAN)
    yield "wristband", f"{tag} {tag.datamatrix.reads}".encode()
    yield "course", json.dumps(reading(clinic, lambda view: courses.doses(view, course)), default=str).encode()


def _plain(stream: pikepdf.Stream) -> bool:
    return str(stream.get("/Subtype")) != "/Image"


def test_who_a_patient_is_leaves_the_house_by_nothing_but_the_answers_that_show_it(
    signed_in: Callable[[str], Browser], app: Flask, clinic: Clinic, heard: Heard, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    subject, course, dose = told_and_shown(signed_in, clinic)

    def signed() -> tuple[Browser, Browser, Asking, Asking]:
        tokens = (sessions.sign_in(clinic.store, who, PASSWORD, "bearer").token for who in ("santosa", "maharani"))
        program, office = (Asking(app, token) for token in tokens)
        return signed_in("santosa"), signed_in("maharani"), program, office

    doctor, quality, program, office = signed()
    misplaced(doctor, program, clinic, subject, dose)

    # the bedside, and what became of it
    vial = clinic.ready_vial(course, 1)
    doctor, quality, program, office = signed()  # who did nothing for half an hour signs in again
    path = f"/bedside/{dose}"
    assert doctor.fill(path, code=PERSON["mrn"]).status_code == 404  # not what stands on the wristband
    matched = doctor.fill(path, code=PERSON["wristband"])
    assert matched.status_code == 303, matched.text[-600:]
    page = doctor.get(matched.headers["Location"])
    told = {"identifiers": ["name", "birth date"], "laterality": "right"}
    assert doctor.send(path, page, code=PERSON["wristband"], **told).status_code in (200, 422)
    given = clinic.give_dose(course, 1, vial=vial).id
    event = {"subject_id": subject, "asked": "yes", "description": SPILL, "grade": 4, "window": SPILL, "told_by": SPILL}
    assert program.post("/events/record", event).status_code == 201
    assert program.post("/vials/" + clinic.vial("H3K005").id + "/report_broken", {"reason": SPILL}).status_code == 201
    assert program.post("/recalls/start", {
        "title": "Doubt", "class_": 1, "mandatory": True, "kind": "lot", "target_ids": [clinic.ids["lot"]], "reason": SPILL,
        "signatures": [signature("maharani", "recalled")],
    }).status_code == 403  # fmt: skip
    told = {"signatures": [signature("maharani", "recalled")], "reason": SPILL}
    recall = {"title": "Doubt", "class_": 1, "mandatory": True, "kind": "lot", "target_ids": [clinic.ids["lot"]]}
    assert office.post("/recalls/start", recall | told).status_code == 201

    # printed, exported, searched
    for kind, noun, who in (
        ("administration", given, program),
        ("trace", clinic.ids["lot"], office),
        ("trail", clinic.ids["lot"], office),
    ):
        issued = who.post("/documents/issue", {"kind": kind, "noun_id": noun, "language": "en"})
        assert issued.status_code == 201, issued.json
    for form in ("csv", "json"):
        export = office.post("/audits/export", {"about": subject, "format": form})
        heard.said.append((f"export {form}", export.get_data(as_text=True).replace(SPILL, "")))
    package = office.post("/evidences/make", {"lot_id": clinic.ids["lot"]})
    assert package.status_code == 201, package.json
    with office.get(f"/evidences/{package.json['answer']['id']}.zip") as came, ZipFile(BytesIO(came.data)) as packed:
        heard.said += [(name, packed.read(name).decode("latin-1").replace(SPILL, "")) for name in packed.namelist()]
    for address in ("/subjects", f"/subjects/{subject}", f"/subjects/{subject}/trace", f"/lots/{clinic.ids['lot']}/trace", "/outcomes",
                    "/audit", "/cases", "/recalls", "/bedside", "/"):  # fmt: skip
        for reader in (doctor, quality):
            assert reader.get(address).status_code in (200, 403), address
    for typed in (PERSON["name"], PERSON["mrn"]):
        for address in ("/api/v1/entries", "/api/v1/near-misses"):
            assert office("GET", address.removeprefix("/api/v1"), query_string={"about": typed}).status_code in (
                200,
                404,
                422,
            )
    for name, paper in papers(clinic, course):
        heard.said.append((name, paper.decode("latin-1").replace(SPILL, "")))

    # what fails inside, with the person in its hands
    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"no row for {PERSON['name']}, {PERSON['mrn']}, {PERSON['nik']}")

    monkeypatch.setattr(subjects, "subject", broken)
    assert doctor.get(f"/subjects/{subject}").status_code == 500
    assert program.get(f"/subjects/{subject}").status_code == 500

    assert heard.leaks() == []
    assert {cached for _where, cached in heard.shown} == {"no-store"}
    assert {where.split()[0] for where, _cached in heard.shown} == {"POST"}
    out, err = capfd.readouterr()
    logs = "\n".join([*(one.getMessage() + str(one.exc_text or "") for one in caplog.records), caplog.text, out, err])
    assert "ValueError" in logs
    assert not IDENTITY.search(logs)
    bodies = "\n".join(row[0] for row in rows(clinic, "SELECT body FROM entry"))
    assert not IDENTITY.search(bodies)
