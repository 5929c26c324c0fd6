"""What was measured in a shipment, in a place over a month, and around one vial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from traceability.domain.plots import Plot
from traceability.domain.records.custody import ConsignmentPart, DisposedPart, ExcursionPart, LoggerPart
from traceability.domain.records.head import Head, Signed
from traceability.domain.thermal import Thermal


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationPart:
    certificate: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPart:
    """What one sensor measured in a time, by all its readings; its certificates; the files that its readings came in.

    `mkt_mc` None: not applicable. A mean weighs each reading by how long it held.
    """

    serial: str
    maker: str | None
    interval_s: int
    calibrations: tuple[CalibrationPart, ...]
    files: tuple[LoggerPart, ...]
    readings: int
    min_mc: int | None
    max_mc: int | None
    mean_mc: int | None
    mkt_mc: int | None
    seconds_above: int | None
    seconds_below: int | None
    gaps: int
    gap_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernedPart:
    """An excursion with the vials that were there; `left`: those of which nobody has decided."""

    excursion: ExcursionPart
    serials: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LainPart:
    """Vials of one lot that were there in the time, and of how many it is known how warm they were."""

    lot: str
    product: str
    serials: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdChainRecord:
    """What was measured in a shipment's box, or in a place over a month; `period` is the month."""

    head: Head
    name: str
    place_kind: str
    period: str
    consignment: ConsignmentPart | None
    plot: Plot
    mkt_applies: bool
    sensors: tuple[SensorPart, ...]
    excursions: tuple[ConcernedPart, ...]
    disposed: tuple[DisposedPart, ...]
    vials: tuple[LainPart, ...]
    signatures: tuple[Signed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VialRecord:
    """What one vial went through, from its first place to its last."""

    head: Head
    thermal: Thermal
    plot: Plot
    excursions: tuple[ExcursionPart, ...]
    disposed: tuple[DisposedPart, ...]
    sensors: tuple[SensorPart, ...]
    signatures: tuple[Signed, ...]
