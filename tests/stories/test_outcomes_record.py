"""Outcomes by lot on paper, in both languages: the answer, the funnel with its lots, tables, method and looks (R46, R52, R53, R59)."""

from __future__ import annotations

import os
from pathlib import Path

import page as checker
import pypdfium2
import pytest

from tests.clinic import Clinic
from tests.cohort import Patient, treat
from tests.worlds import released, world, worlds
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import SYSTEM, Actor
from traceability.domain.records import RecordKind
from traceability.services import documents
from traceability.store import Call
from traceability.store.tables import Document
from traceability.store.tables.outcomes import Asked

__all__ = ["released", "world", "worlds"]
SHOTS = os.environ.get("SHOTS")
pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


def printed(clinic: Clinic, language: str, who: Actor | None = None) -> tuple[Document, str]:
    def link(number: str, version: int) -> str:
        return documents.status_url("https://trace.example.org/", number, version)

    hospital = clinic.ids["hospital"]
    done = documents.make(clinic.store, who or clinic.QUALITY, Call(), RecordKind.OUTCOMES, hospital, language, link)
    with clinic.store.read(SYSTEM) as view:
        made = view.need(Document, done.id)
    kept = documents.kept(clinic.store, made)
    for profile in ("3a", "ua1"):
        assert [one.rule_id for one in checker.validate_pdf_bytes(kept, profile=profile).failures] == []
    pdf = pypdfium2.PdfDocument(kept)
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True)
        for n, page in enumerate(pdf, 1):
            page.render(scale=1.6).to_pil().save(f"{SHOTS}/outcomes-{made.version}-{language}-{n}.png")
    return made, " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)


def test_the_paper_says_what_the_page_says_in_both_languages_and_names_nobody(released: Clinic) -> None:
    lots = [released.ids["lot"], *(released.released_lot(f"UC26-{name}", 8) for name in ("J4", "K5", "L6"))]
    patients = [Patient([lots[0]], before=f"{64 + n}", after=f"{58 + 2 * n}", asked=Asked.YES) for n in range(5)]
    for at, lot in enumerate(lots[1:3]):
        patients += [Patient([lot], before=f"{60 + n}", after=f"{26 + at + n * n}") for n in range(6)]
    patients += [Patient([lots[3]]), Patient([lots[3], lots[1]], after=None), Patient([lots[3]], data=False)]
    treat(released, patients)
    made, text = printed(released, "en")
    assert (made.number, made.version) == ("OUT-0001", 1)
    for part in (
        "STANDS OUT: UC26-H3", "a series without controls cannot show", "VAS, month 6", "5 persons", "too few to compare",
        "0 of 5", "0 % to 52 %", "Mixed courses 1 persons", "No data consent 1 subjects", "Clopper–Pearson", "Tubach 2005",
        "Every look is another chance",
    ):  # fmt: skip
        assert part in text, part
    assert "Canary" not in text
    again, indonesian = printed(released, "id", released.PHYSICIAN)
    assert (again.number, again.version) == ("OUT-0001", 2)
    for part in ("MENONJOL: UC26-H3", "Perespons", "bulan ke-6"):
        assert part in indonesian, part


def test_without_anybody_treated_it_says_so_and_who_may_not_print_it_is_refused(released: Clinic) -> None:
    assert "TOO FEW TO COMPARE" in printed(released, "en")[1]
    for who, why in ((released.STOREKEEPER, Refused), (released.MAKER_QA, NotFound)):
        with pytest.raises(why):
            printed(released, "en", who)
