"""Cold-chain records made by hand: a month with two sensors, a bad night, a gap; a vial that went through everything."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import sin

from tests.reports.samples import AT, EXCURSIONS, LOGGER, SERIALS, head, signed
from traceability.domain.coldchain import Limits, Reading
from traceability.domain.history import Band as Beyond
from traceability.domain.plots import Band, Bucket, Judged, Mark, MarkKind, Out, Plot, Row, Trace, Unknown
from traceability.domain.records import (
    BudgetPart,
    CalibrationPart,
    ColdChainRecord,
    ConcernedPart,
    DisposedPart,
    LainPart,
    RecordKind,
    SensorPart,
    VialRecord,
)
from traceability.domain.thermal import Clock, JudgedBy, Mkt, NoMkt, StayTold, Thermal

BEGAN = datetime(2026, 3, 1, tzinfo=UTC) - timedelta(hours=7)
LIMITS = Limits(-25_000, -15_000)
STEP = timedelta(hours=2)


def hours(n: float) -> datetime:
    return BEGAN + timedelta(hours=n)


def a_plot(days: int = 31, **other: object) -> Plot:
    """Two hours a point: a night at −9.6, eleven hours without a reading, two days that were assumed at first."""
    buckets = []
    for n in range(24, days * 12):
        since = BEGAN + n * STEP
        if 200 <= n < 206:
            continue
        mid = -20_000 + int(900 * sin(n / 3)) + (8_000 if 120 <= n < 122 else 0)
        high = -9_600 if n == 121 else mid + 600
        buckets.append(Bucket(since, since + timedelta(minutes=115), 24, mid - 600, high))
    rows = [
        Row(hours(24 * n), hours(24 * (n + 1)), 288, -21_400, -18_500 if n != 10 else -9_600, Judged.OUT if n == 10 else Judged.IN_LIMITS)
        for n in range(days)
    ]  # fmt: skip
    told: dict[str, object] = {
        "since": BEGAN, "until": hours(24 * days), "zone": "Asia/Jakarta", "bucket_s": 7200, "limits": LIMITS, "worst": tuple(buckets),
        "traces": (Trace("EFB-17-004412", True, tuple(buckets)), Trace("EFB-17-004413", False, ())),
        "by_hand": (Reading(hours(30), hours(54), -22_000, -19_500, -17_400),),
        "outs": (Out(hours(240.5), hours(242.2), -9_600, "EX-3", "F-02"), Out(hours(600), None, -26_100, None, "F-02")),
        "marks": (
            Mark(hours(50), MarkKind.CAME, "", 60), Mark(hours(240.5), MarkKind.EXCURSION, "EX-3"), Mark(hours(241), MarkKind.ALARM, "A-9"),
            Mark(hours(300), MarkKind.DECIDED, "EX-3", 12), Mark(hours(500), MarkKind.LEFT, "", 12), Mark(hours(620), MarkKind.THAW),
        ),
        "unknown": (Unknown(hours(399), hours(412), "reading_gap"),), "assumed": (Band(hours(0), hours(48), -25_000, -15_000),),
        "rows": tuple(rows),
    }  # fmt: skip
    return Plot(**(told | other))  # type: ignore[arg-type]


def sensor(serial: str, **other: object) -> SensorPart:
    told: dict[str, object] = {
        "serial": serial, "maker": "Berlinger", "interval_s": 300,
        "calibrations": (CalibrationPart(certificate="K-17/2025", valid_from=date(2025, 2, 1), valid_until=date(2027, 1, 31)),),
        "files": (LOGGER,), "readings": 8784, "min_mc": -24_100, "max_mc": -9_600, "mean_mc": -20_812, "mkt_mc": None,
        "seconds_above": 6120, "seconds_below": 0, "gaps": 1, "gap_s": 46_800,
    }  # fmt: skip
    return SensorPart(**(told | other))  # type: ignore[arg-type]


DISPOSED = (
    DisposedPart(
        excursion="EX-3", decision="use_until", until=date(2026, 9, 30), at=AT, serials=SERIALS[:10], statement="Stability S-12.pdf",
        reason="48 minutes inside the budget.",
    ),
    DisposedPart(excursion="EX-3", decision="reject", until=None, at=AT, serials=SERIALS[10:11], statement=None, reason=None),
)  # fmt: skip
BUDGETS = (
    BudgetPart(serials=SERIALS[:12], cleared_through=AT, reasons=("reading_gap",), used_s=6120, left_s=8280),
    BudgetPart(serials=SERIALS[12:], cleared_through=AT, reasons=(), used_s=0, left_s=14_400),
)


def place(**other: object) -> ColdChainRecord:
    told: dict[str, object] = {
        "head": head(RecordKind.PLACE, "CCP-0007"), "name": "Freezer F-02, pharmacy (F-02)", "place_kind": "freezer", "period": "2026-03",
        "consignment": None, "plot": a_plot(), "mkt_applies": False,
        "sensors": (sensor("EFB-17-004412"), sensor("EFB-17-004413", calibrations=(), files=(), readings=0, min_mc=None, max_mc=None, mean_mc=None, gaps=0, gap_s=0)),
        "excursions": (ConcernedPart(excursion=EXCURSIONS[0], serials=SERIALS[:12], left=SERIALS[11:12]),), "disposed": DISPOSED,
        "vials": (LainPart(lot="UC26-H3", product="UC-MSC secretome", serials=SERIALS),),
        "signatures": (signed("decided", "R. Maharani", "quality", "EX-3"),),
    }  # fmt: skip
    return ColdChainRecord(**(told | other))  # type: ignore[arg-type]


def a_stay(place_: str, by: JudgedBy, **other: object) -> StayTold:
    told: dict[str, object] = {
        "place": place_, "since": BEGAN, "until": hours(48), "by": (by,), "sensors": (), "band": None, "low_mc": None, "high_mc": None,
        "out_s": 0, "unknown_s": 0, "reasons": (), "excursions": (),
    }  # fmt: skip
    return StayTold(**(told | other))  # type: ignore[arg-type]


def vial(**other: object) -> VialRecord:
    thermal = Thermal(
        serial="Q9X404MN", gtin="09521234543213", lot="UC26-H3", product="UC-MSC secretome", version=4, custody="issued", limits=LIMITS,
        budget_s=14_400, used_s=6_120, bands=(Beyond("above", -5_000, 1800, 300),), known=None, unknown_since=hours(399),
        reasons=("reading_gap",), warm_s=0, clock=Clock(since=hours(620), thaw_s=5400, in_use_s=3600),
        mkt=Mkt(value_mc=None, why_not=NoMkt.FROZEN),
        stays=(
            a_stay("PT. Bifarma Adiluhung, Jakarta", JudgedBy.ASSUMED, band=(-25_000, -15_000, 90 * 86_400)),
            a_stay("Freezer F-02", JudgedBy.SENSOR, sensors=("EFB-17-004412", "EFB-17-004413"), since=hours(48), until=hours(619), low_mc=-24_100,
                   high_mc=-9_600, out_s=6120, unknown_s=46_800, reasons=("reading_gap",), excursions=("EX-3",)),
            a_stay("Bench B-01", JudgedBy.NOTHING, since=hours(619), until=None, unknown_s=3600, reasons=("stay_unmonitored",)),
        ),
        decided=(), at=AT,
    )  # fmt: skip
    told: dict[str, object] = {
        "head": head(RecordKind.VIAL, "CCV-0003"), "thermal": thermal, "plot": a_plot(), "excursions": EXCURSIONS, "disposed": DISPOSED[:1],
        "sensors": (sensor("EFB-17-004412"),), "signatures": (signed("decided", "R. Maharani", "quality", "EX-3"),),
    }  # fmt: skip
    return VialRecord(**(told | other))  # type: ignore[arg-type]
