"""A recall report that has every section filled, and what is long in it: names, serials, answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.reports import samples
from traceability.domain.recalling import SOURCE
from traceability.domain.records import (
    AccountPart,
    ClockPart,
    ClosedPart,
    CoveredPart,
    DestroyedPart,
    Head,
    RecallRecord,
    RecordKind,
    Signed,
    SubjectsPart,
    ToldPart,
)

START = samples.AT - timedelta(days=9)


def recall() -> RecallRecord:
    """Closed with two vials that were not found; one house was told anew and its effect had to be checked again."""
    steps = (
        ("notify", 24, 0.0, False), ("acknowledge", 48, 51.5, True), ("contact", 72, 30.0, False), ("account", 120, None, True),
        ("check", 240, 100.0, False), ("close", 720, 200.0, False),
    )  # fmt: skip
    vials = tuple(
        AccountPart(
            serial=f"8XKD{n:02d}", lot="UC26-D7", holder="RSUD Dr. Moewardi" if n % 3 else "Second hospital",
            custody=("given", "destroyed", "lost")[n % 3] if n < 30 else "destroyed", account="unaccounted" if n in (2, 5) else "recorded",
            retrieved_at=START + timedelta(hours=n) if n % 2 else None, put_aside="F-01-Q" if n % 2 else None,
        )
        for n in range(40)
    )  # fmt: skip
    return RecallRecord(
        head=Head(
            kind=RecordKind.RECALL, number="RCL-0007", version=1, organisation="PT. Bifarma Adiluhung", site="Jakarta", zone="Asia/Jakarta",
            as_of=samples.AT, demonstration=True,
        ),
        mock=False, number="R-3", title="Late positive donor result", grade=1, mandatory=True,
        hazard="The donor tested positive for a virus after donation. Do not inject; keep apart; destroy after counting.",
        started_at=START, withdrawn_at=None, closed_at=START + timedelta(hours=200),
        closed=ClosedPart(
            tally={"vials": 40, "scanned": 3, "documented": 0, "recorded": 34, "unaccounted": 3}, coverage_bp=9250,
            missing=("8XKD02", "8XKD05", "8XKD08"),
        ),
        covers=(
            CoveredPart(kind="lot", name="UC26-D7", since=None, until=None),
            CoveredPart(kind="place", name="F-05", since=START - timedelta(days=30), until=START),
        ),
        steps=tuple(
            ClockPart(
                step=step, due=START + timedelta(hours=due), met=None if met is None else START + timedelta(hours=met), late=late,
                source=SOURCE if step == "close" else "Order 12/2026 of the authority",
            )
            for step, due, met, late in steps
        ),
        tally={"vials": 40, "scanned": 0, "documented": 0, "recorded": 38, "unaccounted": 2}, coverage_bp=9500,
        buckets={"in_stock": 0, "in_transit": 0, "issued": 0, "administered": 10, "wasted": 0, "destroyed": 28, "retained": 0, "returned": 0, "missing": 2},
        missing=("8XKD02", "8XKD05"),
        told=(
            ToldPart(
                organisation="RSUD Dr. Moewardi", sent_at=START, seen_at=START + timedelta(minutes=4), acknowledged_at=START + timedelta(hours=3),
                answer="Nine vials in the quarantine freezer, five were given, one is looked for since the freezer was moved.", vials=27,
                accounted=26, effective=True, checked_at=START + timedelta(hours=90),
            ),
            ToldPart(
                organisation="Second hospital", sent_at=START, seen_at=START + timedelta(hours=20),
                acknowledged_at=START + timedelta(hours=51.5), answer=None, vials=13, accounted=12, effective=False,
                checked_at=START + timedelta(hours=100),
            ),
        ),
        subjects=(
            SubjectsPart(organisation="RSUD Dr. Moewardi", concerned=5, tried=5, reached=4),
            SubjectsPart(organisation="Second hospital", concerned=2, tried=2, reached=2),
        ),
        vials=vials,
        destroyed=(
            DestroyedPart(serials=tuple(f"8XKD{n:02d}" for n in range(1, 29)), method="incinerated", at=START + timedelta(hours=150), signed=("N. Putri", "R. Maharani")),
        ),
        open=(),
        signatures=(
            Signed(meaning="recalled", name="T. Wijaya", role="maker_qa", at=START, covers="ab" * 32, about="R-3"),
            Signed(meaning="decided", name="T. Wijaya", role="maker_qa", at=samples.AT, covers="cd" * 32, about="R-3"),
        ),
    )  # fmt: skip


def mock() -> RecallRecord:
    """An exercise that found everything."""
    whole = recall()
    found = tuple(replace(one, account="scanned", custody="in_stock") for one in whole.vials)
    return replace(
        whole, head=replace(whole.head, kind=RecordKind.MOCK_RECALL, number="MRC-0002"), mock=True, number="MR-4", mandatory=False, missing=(),
        hazard=None, tally={"vials": 40, "scanned": 40, "documented": 0, "recorded": 0, "unaccounted": 0}, coverage_bp=10_000, vials=found,
        destroyed=(), steps=tuple(one for one in whole.steps if one.step in ("notify", "acknowledge", "account", "close")),
    )  # fmt: skip
