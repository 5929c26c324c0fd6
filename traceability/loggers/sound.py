"""Whether what was read can be: in order, possible, at peace with itself; then how it is shown for confirmation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from hashlib import sha256
from itertools import pairwise
from typing import Any

import numpy as np

from traceability.domain.coldchain import ACTIVATION_KJ, mean_kinetic_temperature
from traceability.domain.errors import Refused
from traceability.domain.plain import digest
from traceability.loggers.file import (
    BLOCKING,
    MOST_READINGS,
    LoggerFile,
    Maker,
    Notice,
    possible,
    wall,
    zone_of,
)

TOLERANCE_MC = 100  # makers truncate to a tenth
JUMP_MC, JUMP_S = 300, 30


def sound(file: LoggerFile, data: bytes) -> LoggerFile:
    """Raises Refused: logger_no_readings, logger_too_large, logger_not_in_order, logger_interval_unknown,
    logger_value_impossible."""
    if not file.times and not file.days:
        raise Refused("logger_no_readings")
    if len(file.times) > MOST_READINGS:
        raise Refused("logger_too_large", readings=len(file.times), most=MOST_READINGS)
    steps = steps_of(file.times) if file.steps is None else file.steps
    if min(steps, default=1) <= 0:
        number = next(i for i, (a, b) in enumerate(pairwise(file.times), 2) if a >= b)
        raise Refused("logger_not_in_order", reading=number)
    if file.interval_s <= 0:
        raise Refused("logger_interval_unknown")
    different = set(file.values)
    if not all(map(possible, different)):
        number = next(i for i, value in enumerate(file.values, 1) if not possible(value))
        raise Refused("logger_value_impossible", reading=number, value_mc=file.values[number - 1])
    return _shown(file, data, different)


def _shown(file: LoggerFile, data: bytes, values: set[int]) -> LoggerFile:
    """What a person is shown and confirms: the digest is of exactly this and of the bytes."""
    zone = zone_of(file.zone)
    told: dict[str, Any] = {
        "format": file.format, "serial": file.serial, "rows": len(file.times), "days": len(file.days),
        "first": wall(file.times[0], zone) if file.times else str(file.days[0].date),
        "last": wall(file.times[-1], zone) if file.times else str(file.days[-1].date),
        "unit": file.unit, "zone": file.zone, "zone_from": file.zone_from, "channel": file.channel,
        "interval_s": file.interval_s,
        "min_mc": min(values) if values else min(day.min_mc for day in file.days),
        "max_mc": max(values) if values else max(day.max_mc for day in file.days),
        "notices": [{"code": one.code, **one.values} for one in file.warnings], **file.dialect,
    }  # fmt: skip
    confirm = file.confirm or any(one.code in BLOCKING for one in file.warnings)
    return replace(file, confirm=confirm, understanding=told, digest=digest([told, sha256(data).hexdigest()]))


def offset(zone: tzinfo, epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, zone).strftime("%z")


def steps_of(times: Sequence[int]) -> Counter[int]:
    """How often which step lies between readings, in seconds."""
    different, counts = np.unique(np.diff(np.asarray(times, dtype=np.int64)), return_counts=True)
    return Counter(dict(zip(different.tolist(), counts.tolist(), strict=True)))


def usual_step(times: Sequence[int]) -> int:
    """The commonest step between readings; of equals the shortest. 0 for one reading alone."""
    return usual(steps_of(times))


def usual(steps: Counter[int]) -> int:
    return min((step for step in steps if step > 0), key=lambda step: (-steps[step], step), default=0)


def zone_differs(zone: tzinfo, told: tzinfo | None, at: int) -> list[Notice]:
    """The clock that the file names went otherwise than that of its mission: which was meant, a person says."""
    if told is None or (file := offset(zone, at)) == (given := offset(told, at)):
        return []
    return [Notice("zone_differs", {"file": file, "given": given})]


def maker_differs(
    maker: Maker, values: Sequence[int], activation_kj: float = ACTIVATION_KJ, *, again: Sequence[Maker] = ()
) -> list[Notice]:
    """The maker's figures that ours leave by more than a tenth of a degree, for a person to look at; of one that it tells
    more than once, any that does, or that leaves another of them by as much."""
    if not values or maker == Maker():
        return []
    held = Counter(values)
    figures = {
        "min": min(held),
        "max": max(held),
        "mean": round(sum(value * n for value, n in held.items()) / len(values)),
        "mkt": mean_kinetic_temperature(held.keys(), held.values(), activation_kj),
    }
    differs = {}
    for name, ours in figures.items():
        told = [mc for one in (maker, *again) if (mc := getattr(one, f"{name}_mc")) is not None]
        if told and max(*told, ours) - min(*told, ours) > TOLERANCE_MC:
            differs[name] = {"maker_mc": max(told, key=lambda mc, ours=ours: abs(mc - ours)), "ours_mc": ours}
    return [Notice("maker_differs", differs)] if differs else []


def lone_jumps(values: Sequence[int]) -> list[int]:
    """Numbers of the readings apart from two neighbours that agree, in a file calm elsewhere."""
    told = np.asarray(values, dtype=np.int64)
    steps = np.abs(np.diff(told))
    wide = steps >= JUMP_MC
    agree = np.abs(told[2:] - told[:-2]) <= 2 * TOLERANCE_MC
    apart = np.flatnonzero(wide[:-1] & wide[1:] & agree) + 1
    elsewhere = np.ones(len(steps), dtype=bool)
    elsewhere[apart] = elsewhere[apart - 1] = False
    widest = int(steps[elsewhere].max(initial=0))
    found: list[int] = (apart[np.minimum(steps[apart - 1], steps[apart]) >= 2 * widest] + 1).tolist()
    return found


def lone_jump(values: Sequence[int]) -> list[Notice]:
    found = lone_jumps(values)
    return [Notice("lone_jump", {"readings": found[:20], "count": len(found)})] if found else []
