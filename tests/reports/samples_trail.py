"""An audit extract to draw: acts done and refused, with reasons, and two reviews."""

from __future__ import annotations

from datetime import timedelta

from tests.reports import samples
from traceability.domain.records import EntryPart, RecordKind, ReviewPart, TrailRecord
from traceability.domain.scopes import Scope, Sight

AT = samples.head(RecordKind.TRAIL, "AUD-0002").as_of


SCOPE = Scope(
    ledger="0" * 32, house="RS Contoh Surabaya", asked_by="maharani", roles=("quality",), organisation="RS Contoh Surabaya", sight=Sight.LOTS,
    lots=("UC26-H3",), since=AT - timedelta(days=3), until=AT + timedelta(days=27), about="UC26-H3", through=3104, entries=70, outside=8,
)  # fmt: skip


def entry(number: int, **other: object) -> EntryPart:
    told: dict[str, object] = {
        "number": number, "at": AT - timedelta(minutes=3200 - number), "act": "vial.put_away", "person": "S. Handayani",
        "role": "storekeeper", "refused": None, "about": ("Q9X4MN", "UC26-H3"),
        "changes": (("vial.state", "in_transit", "in_stock"), ("stay", None, "F-01-Q")), "more": 0, "reason": None,
        "signed_by": (), "leaf": "ab12cd34" * 8,
    }  # fmt: skip
    return EntryPart(**(told | other))


def trail(**other: object) -> TrailRecord:
    refused = entry(
        3104, act="lot.release", person="R. Maharani", role="quality", refused="release_refused", changes=(), about=("UC26-H3",)
    )  # fmt: skip
    lost = entry(
        3101, act="vial.report_lost", reason="Not in the box at the count, looked for twice.", more=3, signed_by=("R. Maharani",)
    )  # fmt: skip
    told: dict[str, object] = {
        "head": samples.head(RecordKind.TRAIL, "AUD-0002"), "lot": samples.LOT, "maker": "PT. Bifarma Adiluhung", "ledger": "0" * 32,
        "scope": SCOPE,
        "whole": False, "entries": (refused, lost, *(entry(number) for number in range(3100, 3040, -1))),
        "reviews": (
            ReviewPart(by="R. Maharani", through=3090, at=AT, whole_ledger=True),
            ReviewPart(by="I. Lestari", through=3050, at=AT, whole_ledger=False),
        ),
        "signatures": (samples.signed("trail_reviewed", "R. Maharani", "quality", ""),),
    }  # fmt: skip
    return TrailRecord(**(told | other))
