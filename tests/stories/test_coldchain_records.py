"""Cold-chain records printed from the real thing: a shipment, a place over a month, a vial; and what other records say of it."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from tests.clinic import Clinic
from tests.freezer import watched_freezer
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Actor
from traceability.domain.records import RecordKind
from traceability.services import documents
from traceability.store import Call
from traceability.store.tables import Document, Excursion
from traceability.store.tables.coldchain import Decision

SHOTS = os.environ.get("SHOTS")
"""Where pages go as pictures, for somebody to look at."""


@pytest.fixture
def watched(in_stock: Clinic) -> Clinic:
    """A freezer with an excursion and a gap; H3K001 may be used until May, of H3K002 nobody has decided."""
    clinic = watched_freezer(in_stock)
    with clinic.store.read(SYSTEM) as view:
        (row,) = view.all(Excursion)
    clinic.disposed(row.id, Decision.USE_UNTIL, ("H3K001",), until=date(2026, 5, 1))
    return clinic


def printed(
    clinic: Clinic, kind: RecordKind, noun_id: str, language: str = "en", period: str = "", who: Actor | None = None
) -> Document:
    def link(number: str, version: int) -> str:
        return documents.status_url("https://trace.example.org/", number, version)

    done = documents.make(clinic.store, who or clinic.QUALITY, Call(), kind, noun_id, language, link, period)
    with clinic.store.read(SYSTEM) as view:
        return view.need(Document, done.id)


def text_of(clinic: Clinic, document: Document, name: str = "") -> str:
    pdf = pypdfium2.PdfDocument(documents.kept(clinic.store, document))
    if SHOTS and name:
        Path(SHOTS).mkdir(exist_ok=True)
        for n, page in enumerate(pdf, 1):
            page.render(scale=1.6).to_pil().save(f"{SHOTS}/{name}-{n}.png")
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)


def record(document: Document) -> Any:
    return json.loads(document.record or "")


def test_the_record_of_a_month_says_who_measured_what_was_out_and_who_decided(watched: Clinic) -> None:
    place = watched.ids["read_freezer"]
    made = printed(watched, RecordKind.PLACE, place, period="2026-04")
    assert (made.number, made.version, made.period) == ("CCP-0001", 1, "2026-04")
    told = text_of(watched, made, "month-en")
    for part in ("OUT OF LIMITS", "S-1", "K-S-1, due 31 Dec 2027", "−9.6", "EX-1", "open: H3K002", "to be used until", "1 May 2026",
                 "no reading for a while", "I. Lestari", "H3K001, H3K002", "Mean kinetic temperature: not applicable", "judged"):  # fmt: skip
        assert part in told, part
    (sensor,) = record(made)["sensors"]
    assert (sensor["readings"], sensor["min_mc"], sensor["max_mc"], sensor["gaps"], sensor["gap_s"]) == (
        40,
        -21_000,
        -9_600,
        1,
        90 * 60,
    )
    assert sensor["seconds_above"] == 30 * 60
    assert len(sensor["files"][0]["sha256"]) == 64
    assert sensor["files"][0]["sha256"] in told.replace(" ", "")


def test_each_month_is_a_document_of_its_own_and_a_version_supersedes_only_its_month(watched: Clinic) -> None:
    place = watched.ids["read_freezer"]
    first, second = (printed(watched, RecordKind.PLACE, place, period=period) for period in ("2026-03", "2026-04"))
    again = printed(watched, RecordKind.PLACE, place, "id", "2026-04")
    assert [(one.number, one.version) for one in (first, second, again)] == [
        ("CCP-0001", 1),
        ("CCP-0002", 1),
        ("CCP-0002", 2),
    ]
    with watched.store.read(SYSTEM) as view:
        assert [view.need(Document, one.id).state for one in (first, second, again)] == [
            "current",
            "superseded",
            "current",
        ]


@pytest.mark.parametrize("kind, period", [
    (RecordKind.PLACE, ""), (RecordKind.PLACE, "2026-13"), (RecordKind.PLACE, "2026-05"), (RecordKind.VIAL, "2026-04"),
])  # fmt: skip
def test_a_month_that_has_not_begun_or_is_none_is_refused(watched: Clinic, kind: RecordKind, period: str) -> None:
    noun = watched.ids["read_freezer"] if kind is RecordKind.PLACE else watched.vial("H3K001").id
    with pytest.raises(Refused, match="document_period"):
        printed(watched, kind, noun, period=period)


def test_the_record_of_a_shipment_has_its_logger_and_its_signatures(arrived: Clinic) -> None:
    arrived.counted(arrived.ids["box"])
    arrived.put_away(arrived.ids["box"])
    arrived.logged(arrived.ids["box"], warm={9: -13.0, 10: -11.5})
    made = printed(arrived, RecordKind.SHIPMENT, arrived.ids["box"])
    told = text_of(arrived, made, "shipment-en")
    for part in (
        "C-1",
        "OUT OF LIMITS",
        "−11.5",
        "EX-1",
        "H3K001, H3K002, H3K003, H3K004, H3K005",
        "UC26-H3",
        "S. Handayani",
        "N. Putri",
    ):
        assert part in told, part
    assert record(made)["consignment"]["seal"] == "S-4471"
    text_of(arrived, printed(arrived, RecordKind.SHIPMENT, arrived.ids["box"], "id"), "shipment-id")


def test_the_record_of_a_vial_tells_its_stays_and_what_it_has_left(watched: Clinic) -> None:
    made = printed(watched, RecordKind.VIAL, watched.vial("H3K001").id)
    told = text_of(watched, made, "vial-en")
    for part in ("Vial H3K001", "UC26-H3", "F-02", "sensor S-1", "assumed −25 to −15", "out for 30 min", "30 min used of 4 h", "3 h 30 min left",
                 "not applicable, frozen product", "EX-1", "to be used until 1 May 2026", "known through"):  # fmt: skip
        assert part in told, part
    assert "H3K002" not in told, "what was decided of others is none of its own"
    assert "Vial H3K001" in text_of(
        watched, printed(watched, RecordKind.VIAL, watched.vial("H3K001").id, "id"), "vial-id"
    )


def test_who_prints_it_and_who_sees_it(watched: Clinic) -> None:
    vial = watched.vial("H3K001").id
    with pytest.raises(Refused, match="not_permitted"):
        printed(watched, RecordKind.VIAL, vial, who=watched.PHYSICIAN)
    made = printed(watched, RecordKind.VIAL, vial, who=watched.STOREKEEPER)
    with watched.store.read(watched.STOREKEEPER) as view:
        assert documents.document(view, made.id).document.number == "CCV-0001"
    with watched.store.read(watched.ELSEWHERE) as view:
        assert view.find(Document, made.id) is None


def test_other_records_say_how_far_it_is_known_and_what_is_left(released: Clinic) -> None:
    trace = printed(released, RecordKind.TRACE, released.ids["lot"])
    told = text_of(released, trace, "trace-en")
    assert "Cleared through" in told
    assert record(trace)["budgets"] == [
        {"serials": [f"H3K00{n}" for n in range(1, 6)], "cleared_through": record(trace)["head"]["as_of"], "reasons": [], "used_s": 0,
         "left_s": 4 * 3600}
    ]  # fmt: skip
    box = next(one for one in record(trace)["custody"] if one["sensors"])
    assert box["measured"] == [-21_000, -20_600]
    release = printed(released, RecordKind.RELEASE, released.ids["release"])
    assert record(release)["budgets"][0]["left_s"] == 4 * 3600
    released.clock.tick(days=1)
    given = released.give_dose(released.course(), 1)
    paper = printed(released, RecordKind.ADMINISTRATION, given.id, who=released.PHYSICIAN)
    (vial,) = record(paper)["vials"]
    assert (vial["extremes"], vial["temperature_known"]) == ([-21_000, -20_600], True)
    assert "measured −21.0 °C to −20.6 °C" in text_of(released, paper).replace("\xa0", " ")
