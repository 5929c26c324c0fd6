"""A patient's card after three of five doses, one of them from two vials."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.reports.samples import GIVEN_AT, head
from traceability.domain.records import CardDose, CardRecord, RecordKind


def card(**other: Any) -> CardRecord:
    given = tuple(
        CardDose(
            k=k, laterality="right", given_at=GIVEN_AT + timedelta(days=7 * k), product="Secretome, intra-articular", lot="UC26-H3",
            serial=f"Q9X40{k}{n}MN", given_ul=1500 if k == 2 else 3000,
        ) for k in (1, 2, 3) for n in range(2 if k == 2 else 1)
    )  # fmt: skip
    told: dict[str, Any] = {
        "head": head(RecordKind.CARD, "CRD-0007"), "pseudonym": "MWD7K4", "joint": "knee", "laterality": "right",
        "products": ("Secretome, intra-articular",), "doses": 5, "given": given, "elsewhere": (),
    }  # fmt: skip
    return CardRecord(**(told | other))
