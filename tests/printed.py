"""Documents printed of a released lot, and what is read back from them: functions, and fixtures for `tests/documents`."""

from __future__ import annotations

import pypdfium2
import pytest

from tests.clinic import Clinic
from traceability.domain.people import Actor
from traceability.domain.records import RecordKind
from traceability.services import documents
from traceability.store import Call, Done
from traceability.store.tables import Document

RELEASE, TRACE = RecordKind.RELEASE, RecordKind.TRACE


def link(number: str, version: int) -> str:
    return documents.status_url("https://trace.example.org/", number, version)


def printed(
    clinic: Clinic,
    kind: RecordKind,
    noun_id: str,
    who: Actor | None = None,
    language: str = "en",
    call: Call | None = None,
) -> Done:
    return documents.make(clinic.store, who or clinic.QUALITY, call or Call(), kind, noun_id, language, link)


def row(clinic: Clinic, document_id: str, who: Actor | None = None) -> Document:
    with clinic.store.read(who or clinic.QUALITY) as view:
        return documents.document(view, document_id).document


def bytes_of(clinic: Clinic, document_id: str) -> bytes:
    return documents.kept(clinic.store, row(clinic, document_id))


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf))


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    """A lot of five was released."""
    return released


@pytest.fixture
def lot(clinic: Clinic) -> str:
    return clinic.ids["lot"]


@pytest.fixture
def release(clinic: Clinic) -> str:
    return clinic.ids["release"]
