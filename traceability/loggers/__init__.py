"""Bytes of a logger in, readings out. The reader is chosen by what the bytes are, never by the file's name.
Whole or refused: nothing half read leaves here. Judging what the readings mean is `domain.coldchain`."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timezone, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

from traceability.domain.errors import Refused

LARGEST_BYTES = 50_000_000
MOST_READINGS = 2_000_000
COLDEST_MC, WARMEST_MC = -196_000, 120_000  # liquid nitrogen; no logger of this trade lives above
SENTINELS_MC = frozenset({-127_000})  # a lost probe's word inside that range
OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True, slots=True)
class Maker:
    """The maker's own figures, where the file gives them: thousandths of °C, J/mol."""

    min_mc: int | None = None
    max_mc: int | None = None
    mean_mc: int | None = None
    mkt_mc: int | None = None
    activation_j: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person has to look at before the readings are relied on."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class LoggerFile:
    """What a file says: epoch seconds, rising; thousandths of °C; the zone that was used."""

    format: str
    serial: str | None
    times: array[int]
    values: array[int]
    zone: str
    interval_s: int
    maker: Maker = Maker()
    warnings: tuple[Notice, ...] = ()

    @property
    def first(self) -> datetime:
        return datetime.fromtimestamp(self.times[0], UTC)

    @property
    def last(self) -> datetime:
        return datetime.fromtimestamp(self.times[-1], UTC)


def read(name: str, data: bytes, zone: ZoneInfo) -> LoggerFile:
    """Read a logger file; `zone` (the mission's) holds where the file names none (R25, R27).

    Raises Refused and nothing else: logger_empty, logger_too_large, logger_unknown_format, logger_truncated,
    logger_damaged, logger_no_readings, logger_interval_unknown, logger_not_in_order, logger_value_impossible,
    and what the readers name.
    """
    from traceability.loggers import elitech, plain

    if not data.strip():
        raise Refused("logger_empty", name=name)
    if len(data) > LARGEST_BYTES:
        raise Refused("logger_too_large", name=name, bytes=len(data), most=LARGEST_BYTES)
    reader = elitech if data.startswith(OLE2) else plain
    try:
        return _sound(reader.read(data, zone))
    except Refused as refused:
        refused.values.setdefault("name", name)
        raise
    except MemoryError as error:
        raise Refused("logger_too_large", name=name) from error
    except Exception as error:  # a parser met bytes its author did not think of
        raise Refused("logger_damaged", name=name, reason=type(error).__name__) from error


def seconds(local: datetime, zone: tzinfo, row: int) -> int:
    """Epoch seconds of a wall-clock time; refused where clocks were set and it stands for none or two."""
    if local.tzinfo is None:
        wall, local = local, local.replace(tzinfo=zone)
        if not isinstance(zone, timezone) and local.utcoffset() != local.replace(fold=1).utcoffset():
            raise Refused("logger_ambiguous_time", row=row, time=str(wall), zone=str(zone))
    if local.microsecond:
        raise Refused("logger_time_unreadable", row=row, time=str(local))
    return int(local.timestamp())


def usual_step(times: Sequence[int]) -> int:
    """The commonest step between readings, in seconds; of equals the shortest. 0 for one reading alone."""
    steps = Counter(after - before for before, after in pairwise(times) if after > before)
    return min(steps, key=lambda step: (-steps[step], step), default=0)


def _sound(file: LoggerFile) -> LoggerFile:
    if not file.times:
        raise Refused("logger_no_readings")
    if len(file.times) > MOST_READINGS:
        raise Refused("logger_too_large", readings=len(file.times), most=MOST_READINGS)
    for number, (before, after) in enumerate(pairwise(file.times), 2):
        if after <= before:
            raise Refused("logger_not_in_order", reading=number)
    if file.interval_s <= 0:
        raise Refused("logger_interval_unknown")
    for number, value in enumerate(file.values, 1):
        if not COLDEST_MC <= value <= WARMEST_MC or value in SENTINELS_MC:
            raise Refused("logger_value_impossible", reading=number, value_mc=value)
    return file
