"""An adverse event to draw: life threatening, told twice, two vials, two words on it, reported once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.reports import samples
from tests.reports.samples import AT, SERIALS, signed
from traceability.domain.records import CiomsRecord, OnwardPart, OwedPart, RecordKind, SuspectPart, WordPart

DAY = timedelta(days=1)


def suspect(serial: str, days: int) -> SuspectPart:
    return SuspectPart(
        product="Secretome, umbilical cord, 3 mL", maker="PT. Bifarma Adiluhung", lot="UC26-H3", serial=serial, given_ul=3000,
        laterality="right", joint="knee", given_at=AT + days * DAY, after_onset=days > 8,
    )  # fmt: skip


def cioms(**other: Any) -> CiomsRecord:
    told: dict[str, Any] = {
        "head": samples.head(RecordKind.CIOMS, "SAR-0001"), "event": "E-7", "telling": 2, "pseudonym": "MWD7K4", "age_y": 57,
        "sex": "female", "onset_on": date(2026, 3, 20), "onset_at": None, "ended_on": None, "term": "Joint infection", "grade": 4,
        "description": "Septic joint two days after dose 2",
        "narrative": "Fever 39.2 °C, CRP 184 mg/L. Arthroscopic lavage on 20 Mar.\nCulture: Staphylococcus aureus.",
        "serious": True, "graver": None, "criteria": ("hospitalisation", "life_threatening"), "outcome": "recovering",
        "suspects": (suspect(SERIALS[0], 0), suspect(SERIALS[1], 7)), "later": (), "indication": "Knee, five weekly, 1", "dechallenge": "yes",
        "rechallenge": None, "concomitant": ("lidocaine 1 %",), "history": "Diabetes mellitus type 2", "makers": ("PT. Bifarma Adiluhung",),
        "origin": "health_professional", "source": "ward round", "known_at": AT + 8 * DAY, "told_at": AT + 9 * DAY,
        "words": (
            WordPart(by="dr. B. Santosa", copied=False, causality="probable", expectedness="unexpected",
                     reference="Investigator’s brochure, 3", telling=1, at=AT + 8 * DAY),
            WordPart(by="T. Wijaya", copied=True, causality="unlikely", expectedness="expected", reference="CCSI 2", telling=2,
                     at=AT + 9 * DAY),
        ),
        "onward": (OnwardPart(to="authority", receiver="BPOM", number="AE-17", on=date(2026, 3, 27), telling=1, complete=False),),
        "owed": (
            OwedPart(kind="fatal", due_on=date(2026, 4, 2), reported_on=date(2026, 3, 27)),
            OwedPart(kind="complete", due_on=date(2026, 4, 10), reported_on=None),
        ),
        "signatures": (signed("decided", "dr. B. Santosa", "physician", ""), signed("recorded", "R. Maharani", "quality", "")),
    }  # fmt: skip
    return CiomsRecord(**(told | other))
