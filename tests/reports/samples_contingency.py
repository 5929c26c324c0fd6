"""Sheets of a morning: a dose with its vial, one whose vial is not chosen, and one that is late and not ordered."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.reports.samples import head
from traceability.domain.records import ContingencyRecord, KeptVial, RecordKind, SheetPart


def sheet(**other: Any) -> SheetPart:
    vial = KeptVial(
        serial="Q9X4012MN",
        lot="UC26-H3",
        expires=date(2026, 9, 30),
        code="(01)09521234543213(10)UC26-H3(17)260930(21)Q9X4012MN",
        volume_ul=3000,
    )
    told: dict[str, Any] = {
        "pseudonym": "MWD7K4", "joint": "knee", "laterality": "right", "k": 2, "doses": 5, "protocol": "Knee, five weekly, 1",
        "product": "Secretome, intra-articular", "volume_ul": 3000, "observation_min": 30, "due": date(2026, 4, 14), "ordered": True,
        "verified": True, "vials": (vial,), "entry": f"/subjects/{'a' * 32}/given?dose_id={'b' * 32}",
    }  # fmt: skip
    return SheetPart(**(told | other))


def contingency(**other: Any) -> ContingencyRecord:
    sheets = (
        sheet(), sheet(pseudonym="KQ2VXT", laterality="left", k=1, vials=(), verified=False),
        sheet(pseudonym="T7HMNA", k=5, due=date(2026, 4, 9), vials=(), ordered=False, verified=False),
    )  # fmt: skip
    told: dict[str, Any] = {
        "head": head(RecordKind.CONTINGENCY, "CTG-0003"), "site": "Surakarta", "day": date(2026, 4, 14), "sheets": sheets,
    }  # fmt: skip
    return ContingencyRecord(**(told | other))
