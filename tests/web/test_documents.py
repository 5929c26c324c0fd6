"""Pages about printed records: issued from the lot, opened, superseded, and the public page that says nothing about people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient

from tests.clinic import PASSWORD, Clinic
from tests.conftest import Serving
from tests.printed import RELEASE, bytes_of, clinic, lot, printed, release, row  # noqa: F401
from tests.worlds import arrived, certified, founded, in_stock, ready, released, world, worlds  # noqa: F401
from traceability.domain.casework import CaseKind
from traceability.domain.people import SYSTEM, Meaning, Role
from traceability.domain.states import DocumentState
from traceability.services import cases, documents, organisations, people, releases, sessions, stops, verifying
from traceability.services.organisations import OrganisationKind
from traceability.store import Call, new_id
from traceability.store.tables.quality import ScopeKind

# ruff: noqa: F811  # fixtures are asked for by the names they are imported under


@pytest.fixture
def engine() -> str:
    """A page sees no difference between the engines: one of them is enough here."""
    return "sqlite"


@pytest.fixture
def client(clinic: Clinic, serving: Serving) -> Iterator[FlaskClient]:
    with serving(clinic.store, SECURE=False).test_client() as made:
        yield made


def sign_in(client: FlaskClient, clinic: Clinic, username: str = "maharani") -> None:
    client.set_cookie("session", sessions.sign_in(clinic.store, username, PASSWORD, "cookie").token)


def csrf(client: FlaskClient) -> str:
    (token,) = set(re.findall(r'name="csrf_token" value="([0-9a-f]+)"', client.get("/documents").text))
    return str(token)


def posted(
    client: FlaskClient, lot: str, kind: str = "release", language: str = "en", act_id: str | None = None
) -> Any:
    told = {"csrf_token": csrf(client), "act_id": act_id or new_id()}
    return client.post(f"/lots/{lot}/documents?kind={kind}&language={language}", data=told)


def test_a_record_is_printed_from_its_lot_opened_and_printed_again(
    clinic: Clinic, client: FlaskClient, lot: str, release: str
) -> None:
    sign_in(client, clinic)
    response = posted(client, lot)
    assert response.status_code == 303
    page = client.get(response.location)
    assert "REL-0001" in page.text
    pdf = client.get(f"{response.location}.pdf")
    assert pdf.status_code == 200
    assert pdf.content_type == "application/pdf"
    assert pdf.headers["Content-Disposition"] == 'inline; filename="REL-0001-1.pdf"'
    assert "frame-ancestors 'none'" in pdf.headers["Content-Security-Policy"]
    assert "object-src 'self'" in pdf.headers["Content-Security-Policy"]
    document_id = response.location.rpartition("/")[2]
    assert sha256(pdf.data).hexdigest() == row(clinic, document_id).bytes_sha256
    image = pypdfium2.PdfDocument(pdf.data)[0].render(scale=200 / 72).to_pil()
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == "http://localhost/d/REL-0001/1"
    assert client.get(found.text.removeprefix("http://localhost")).status_code == 200
    posted(client, lot, language="id")
    assert "A newer version took its place." in client.get(response.location).text
    assert "UC26-H3" in client.get("/documents?kind=release").text


@pytest.mark.parametrize("spoken, printed_in, words", [
    ("en", "id", "version 1 in Bahasa Indonesia, is current. Printing again, in whatever language, supersedes it."),
    ("id", "en", "versi 1 dalam English, sedang berlaku. Mencetak lagi, dalam bahasa apa pun, menggantikannya."),
])  # fmt: skip
def test_what_a_print_supersedes_is_said_before_it(
    clinic: Clinic, client: FlaskClient, lot: str, release: str, spoken: str, printed_in: str, words: str
) -> None:
    sign_in(client, clinic)
    client.set_cookie("language", spoken)
    page = f"/lots/{lot}/documents"
    assert words not in client.get(page).text
    made = posted(client, lot, "trace", printed_in)
    assert client.get(page).text.count(words) == 1, "of the trace, and not of the release record"
    assert f"BT-0001, {words}" in client.get(made.location).text
    posted(client, lot, "release", printed_in)
    assert client.get(page).text.count(words) == 2


def test_a_page_sent_twice_issues_once(clinic: Clinic, client: FlaskClient, lot: str) -> None:
    sign_in(client, clinic)
    act_id = new_id()
    assert posted(client, lot, "trace", act_id=act_id).location == posted(client, lot, "trace", act_id=act_id).location


@pytest.mark.parametrize("kind, language", [("invoice", "en"), ("", "en"), ("administration", "en"), ("trace", "fr")])
def test_an_unknown_record_or_language_is_refused(
    clinic: Clinic, client: FlaskClient, lot: str, kind: str, language: str
) -> None:
    sign_in(client, clinic)
    assert posted(client, lot, kind, language).status_code == 409
    with clinic.store.read(clinic.QUALITY) as view:
        assert documents.documents(view) == []


def test_a_lot_without_release_has_no_release_record(clinic: Clinic, client: FlaskClient) -> None:
    lot = clinic.lot("UC26-H6")
    sign_in(client, clinic)
    response = posted(client, lot)
    assert response.status_code == 409
    assert "no release to print" in response.text


def test_somebody_elses_document_is_not_found(clinic: Clinic, client: FlaskClient, lot: str, release: str) -> None:
    done = printed(clinic, RELEASE, release)
    sign_in(client, clinic, "other")
    for path in (f"/documents/{done.id}", f"/documents/{done.id}.pdf", f"/documents/{new_id()}", "/documents/x.pdf"):
        assert client.get(path).status_code == 404
    assert posted(client, lot).status_code == 404
    assert client.get(f"/documents?lot={lot}").status_code == 404


def test_missing_bytes_are_told_on_the_page(clinic: Clinic, client: FlaskClient, release: str) -> None:
    done = printed(clinic, RELEASE, release)
    (clinic.store.documents / f"{row(clinic, done.id).bytes_sha256}.pdf").unlink()
    sign_in(client, clinic)
    response = client.get(f"/documents/{done.id}.pdf")
    assert response.status_code == 409
    assert "missing or was changed" in response.text


def test_anybody_sees_whether_a_paper_is_current_and_nothing_about_people(
    clinic: Clinic, client: FlaskClient, release: str
) -> None:
    done = printed(clinic, RELEASE, release)
    page = client.get("/d/REL-0001/1")
    assert page.status_code == 200
    assert "This version is current." in page.text
    for digest in (row(clinic, done.id).record_sha256, row(clinic, done.id).bytes_sha256):
        assert digest in page.text.replace("<wbr>", "")
    names = [actor.name for actor in clinic.actors.values()]
    for told in (*names, "Maharani", "UC26-H3", "Moewardi", "Bifarma", "secretome 3 mL", done.id, release):
        assert told not in page.text
    clinic.clock.tick(minutes=1)
    printed(clinic, RELEASE, release)
    assert "was superseded" in (text := client.get("/d/REL-0001/1").text)
    assert '<a href="/d/REL-0001/2">The newest is version 2.</a>' in text
    second = documents.status(clinic.store, "REL-0001", 2)
    assert second.state is DocumentState.CURRENT
    clinic.do(documents.revoke, clinic.QUALITY, _id(clinic, 2), reason="told to nobody outside")
    revoked = client.get("/d/REL-0001/2").text
    assert "was revoked" in revoked
    assert "told to nobody outside" not in revoked


def test_the_paper_of_a_release_that_was_voided_is_not_called_current(
    clinic: Clinic, client: FlaskClient, release: str
) -> None:
    done = printed(clinic, RELEASE, release)
    clinic.clock.tick(minutes=1)
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(releases.void, clinic.QUALITY, release, reason="a wrong result", signed=signed)
    page = client.get("/d/REL-0001/1").text
    assert "was voided. Do not rely on it." in page
    assert "This version is current." not in page
    assert "Current" not in page
    assert "a wrong result" not in page
    client.set_cookie("language", "id")
    assert "telah dibatalkan" in client.get("/d/REL-0001/1").text
    client.set_cookie("language", "en")
    sign_in(client, clinic)
    assert "was voided. Do not rely on it." in client.get(f"/documents/{done.id}").text
    # a copy printed since then says so itself: it is current, and nobody takes it for a release
    clinic.clock.tick(minutes=1)
    printed(clinic, RELEASE, release)
    assert "It says that the release was voided." in client.get("/d/REL-0001/2").text


def test_the_paper_of_a_release_that_stands_no_more_is_not_called_current(
    clinic: Clinic, client: FlaskClient, release: str
) -> None:
    pdf = bytes_of(clinic, printed(clinic, RELEASE, release).id)
    assert verifying.verify(clinic.store, pdf).answer == "current"
    clinic.clock.tick(minutes=1)
    case = clinic.do(cases.open_by_hand, clinic.QUALITY, CaseKind.DEVIATION, "a leak", lot_id=clinic.ids["lot"])
    assert "rests on has changed since" in client.get("/d/REL-0001/1").text
    signed = (clinic.sign("wijaya", Meaning.RECALLED),)
    told = ("glass", 1, True, ScopeKind.LOT, (clinic.ids["lot"],))
    clinic.do(stops.recall, clinic.MAKER_QA, *told, reason="shards", signed=signed)
    page = client.get("/d/REL-0001/1").text
    assert "is recalled. Do not rely on it." in page
    assert "This version is current." not in page
    assert "shards" not in page
    assert "glass" not in page
    found = verifying.verify(clinic.store, pdf)
    assert (found.answer, found.lapsed) == ("void", "recalled")
    assert case.answer["number"] not in page


def test_when_no_version_stands_none_is_called_the_newest(clinic: Clinic, client: FlaskClient, release: str) -> None:
    printed(clinic, RELEASE, release)
    clinic.clock.tick(minutes=1)
    printed(clinic, RELEASE, release)
    clinic.do(documents.revoke, clinic.QUALITY, _id(clinic, 2), reason="wrong")
    page = client.get("/d/REL-0001/1").text
    assert "No version of this record stands." in page
    assert "version 2" not in page


def _id(clinic: Clinic, version: int) -> str:
    with clinic.store.read(clinic.QUALITY) as view:
        return next(one.document.id for one in documents.documents(view) if one.document.version == version)


@pytest.mark.parametrize(
    "path", ["/d/REL-0001/2", "/d/REL-9999/1", "/d/%00/1", "/d/REL-0001/x", "/d/REL-0001/99999999999999999999"]
)
def test_a_number_that_nobody_issued_is_not_found(clinic: Clinic, client: FlaskClient, release: str, path: str) -> None:
    printed(clinic, RELEASE, release)
    assert client.get(path).status_code == 404


def test_the_pages_speak_indonesian(clinic: Clinic, client: FlaskClient, lot: str, release: str) -> None:
    sign_in(client, clinic)
    client.set_cookie("language", "id")
    location = posted(client, lot, "trace", "id").location
    for path, words in (
        (location, "Buka PDF"),
        ("/documents", "Catatan tercetak, terbaru dahulu"),
        ("/d/BT-0001/1", "Versi ini berlaku."),
    ):
        assert words in client.get(path).text


def test_where_the_qr_leads_is_configuration(clinic: Clinic, lot: str, serving: Serving) -> None:
    client = serving(clinic.store, SECURE=False, EXTERNAL_URL="https://trace.moewardi.example/").test_client()
    sign_in(client, clinic)
    pdf = client.get(f"{posted(client, lot, 'trace').location}.pdf").data
    (found,) = zxingcpp.read_barcodes(pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72).to_pil())
    assert found.text == "https://trace.moewardi.example/d/BT-0001/1"


def test_an_inspector_of_one_lot_finds_its_records_and_prints_a_copy(
    clinic: Clinic, client: FlaskClient, lot: str, release: str
) -> None:
    sign_in(client, clinic)
    made = posted(client, lot).location
    authority = organisations.register(clinic.store, SYSTEM, Call(), "BPOM", OrganisationKind.AUTHORITY).id
    hashed = people.passwords.hash_password(PASSWORD)
    who = people.enrol(clinic.store, SYSTEM, Call(), authority, "inspector", "P. Inspector", hashed).id
    people.give(clinic.store, SYSTEM, Call(), who, Role.INSPECTOR, clinic.ids["hospital"], lot_id=lot)
    sign_in(client, clinic, "inspector")
    for listed in ("/documents", f"/lots/{lot}/documents"):
        assert made in client.get(listed).text
    assert "REL-0001" in client.get(made).text
    assert client.get(f"{made}.pdf").data.startswith(b"%PDF-")
