"""Printed records by program: issued once for a key, listed, their JSON hashes to what is printed, their bytes are the kept ones."""

from __future__ import annotations

from hashlib import sha256
from uuid import uuid4

import pytest

from tests.api.conftest import Ask
from tests.clinic import Clinic


@pytest.fixture
def engine() -> str:
    return "sqlite"


def test_a_record_is_issued_listed_read_and_fetched(clinic: Clinic, ask: Ask) -> None:
    lot, qa, key = clinic.released_lot(), ask("maharani"), str(uuid4())
    release = qa.get(f"/lots/{lot}").json["releases"][0]["id"]
    body = {"kind": "release", "noun_id": release, "language": "id"}
    issued = qa.post("/documents/issue", body, key=key)
    assert issued.status_code == 201
    assert issued.json["answer"]["number"] == "REL-0001"
    again = qa.post("/documents/issue", body, key=key)
    assert (again.status_code, again.json["answer"]) == (200, issued.json["answer"])
    document_id = issued.json["answer"]["id"]
    one = qa.get(f"/documents/{document_id}").json
    assert sha256(one["record"].encode()).hexdigest() == one["record_sha256"]
    assert (one["state"], one["lot_id"], one["language"], one["successor_id"]) == ("current", lot, "id", None)
    pdf = qa.get(f"/documents/{document_id}.pdf")
    assert pdf.content_type == "application/pdf"
    assert sha256(pdf.data).hexdigest() == one["bytes_sha256"]
    trace = qa.post("/documents/issue", {"kind": "trace", "noun_id": lot}).json["answer"]["id"]
    listed = qa.get("/documents", lot_id=lot, limit=1).json
    assert [item["id"] for item in listed["items"]] == [trace]
    assert "record" not in listed["items"][0]
    assert "salt" not in one
    rest = qa.get("/documents", lot_id=lot, after=listed["next"]).json
    assert [item["id"] for item in rest["items"]] == [document_id]
    assert [item["id"] for item in qa.get("/documents", kind="trace").json["items"]] == [trace]
    assert qa.post(f"/documents/{trace}/revoke", {"reason": "wrong lot"}).status_code == 201
    assert qa.get(f"/documents/{trace}").json["state"] == "revoked"


def test_another_organisation_finds_nothing_of_it(clinic: Clinic, ask: Ask) -> None:
    lot, qa = clinic.released_lot(), ask("maharani")
    document_id = qa.post("/documents/issue", {"kind": "trace", "noun_id": lot}).json["answer"]["id"]
    for path in (f"/documents/{document_id}", f"/documents/{document_id}.pdf"):
        assert ask("other").get(path).status_code == 404
        assert ask("").get(path).status_code == 401
    assert ask("other").get("/documents").json == {"items": [], "next": None}
    assert ask("other").get("/documents", lot_id=lot).status_code == 404
    assert ask("other").post("/documents/issue", {"kind": "trace", "noun_id": lot}).json["code"] == "not_found"


def test_what_cannot_be_printed_is_a_problem(clinic: Clinic, ask: Ask) -> None:
    lot, qa = clinic.released_lot(), ask("maharani")
    for body, status, code in (
        ({"kind": "invoice", "noun_id": lot}, 422, "input_malformed"),
        ({"kind": "administration", "noun_id": lot}, 404, "not_found"),
        ({"kind": "trace", "noun_id": lot, "language": "fr"}, 409, "language_unknown"),
        ({"kind": "trace", "noun_id": "x"}, 422, "input_malformed"),
        ({"kind": "release", "noun_id": lot}, 404, "not_found"),
    ):
        response = qa.post("/documents/issue", body)
        assert (response.status_code, response.json["code"]) == (status, code)
    document_id = qa.post("/documents/issue", {"kind": "trace", "noun_id": lot}).json["answer"]["id"]
    for path in clinic.store.documents.glob("*.pdf"):
        path.unlink()
    gone = qa.get(f"/documents/{document_id}.pdf")
    assert (gone.status_code, gone.json["code"]) == (409, "document_bytes_differ")
