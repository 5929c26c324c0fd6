"""`flask log read FILE`: what a logger file says, as the import would understand it; nothing is kept."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import click
from flask.cli import with_appcontext

from traceability import loggers
from traceability.domain.coldchain import GAP_INTERVALS, Limits, judge, mean_kinetic_temperature
from traceability.domain.errors import Refused
from traceability.loggers import LoggerFile, Notice, Told
from traceability.loggers.file import wall, zone_of
from traceability.words import sentence

UNLIMITED_MC = 10**9


@click.group("log")
def log() -> None:
    """Files of temperature loggers."""


@log.command("read")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.option("--low", type=float, help="lower limit in °C; what lies below is counted")
@click.option("--high", type=float, help="upper limit in °C; what lies above is counted")
@click.option("--zone", help="where the file names none: its clock's zone, like Asia/Jakarta")
@click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="which of two readings of a date is meant")
@click.option("--decimal", type=click.Choice([".", ","]), help="whether a comma parts columns or decimals")
@click.option("--unit", type=click.Choice(["C", "F"]), help="where the file names none")
@click.option("--channel", help="which of several temperatures is meant")
@click.option("--clock", help="which of several columns of times is meant")
@with_appcontext
def read(
    file: Path, as_json: bool, low: float | None, high: float | None, zone: str | None, date_order: str | None,
    decimal: str | None, unit: str | None, channel: str | None, clock: str | None,
) -> None:  # fmt: skip
    """Show what FILE says. Refused: one sentence on the error stream, and exit code 1.

    A file that names no zone, and none given here: its times are shown as its clock showed them, without offset, and
    a warning says so. Only the import, which has to place them, refuses that.
    """
    if zone is not None and zone not in available_timezones():
        raise click.ClickException(sentence("logger_zone_unknown", {"zone": zone}))
    told = Told(ZoneInfo(zone or "UTC"), date_order, decimal, unit, channel, clock)
    try:
        found = loggers.read(file.name, file.read_bytes(), told)
    except Refused as refused:
        click.echo(sentence(refused.code, refused.values), err=True)
        sys.exit(1)
    placed = zone is not None or found.zone_from == "file"
    told_of = plain(found, placed, *(None if limit is None else round(limit * 1000) for limit in (low, high)))
    click.echo(json.dumps(told_of, indent=2, ensure_ascii=False) if as_json else "\n".join(lines(told_of)))


def plain(file: LoggerFile, placed: bool, low_mc: int | None, high_mc: int | None) -> dict[str, Any]:
    """The file in numbers: °C, kJ/mol, minutes; times with their offset where the zone is known; null for what is not."""
    zone = zone_of(file.zone)

    def at(epoch_s: int) -> str:
        return wall(epoch_s, zone) if placed else wall(epoch_s, zone)[:19]

    if placed:
        notices = file.warnings
    else:
        notices = (*(one for one in file.warnings if one.code != "zone_differs"), Notice("zone_not_given"))
    made: dict[str, Any] = {
        "format": file.format, "serial": file.serial, "readings": len(file.times), "first": None, "last": None,
        "min": None, "max": None, "mean": None, "mkt": None, "activation_energy": file.activation_kj,
        "minutes_above": None, "minutes_below": None, "gaps": [],
        "warnings": [{"code": one.code, **one.values, "sentence": sentence(one.code, one.values)} for one in notices],
        "days": [{"date": str(day.date), "min": day.min_mc / 1000, "max": day.max_mc / 1000,
                  "mean": None if day.mean_mc is None else day.mean_mc / 1000} for day in file.days],
        "zone": file.zone if placed else None, "unit": file.unit, "channel": file.channel, "interval_s": file.interval_s,
    }  # fmt: skip
    if not file.times:
        made["first"], made["last"] = str(file.days[0].date), str(file.days[-1].date)
        made["min"], made["max"] = min(day["min"] for day in made["days"]), max(day["max"] for day in made["days"])
        return made
    limits = Limits(-UNLIMITED_MC if low_mc is None else low_mc, UNLIMITED_MC if high_mc is None else high_mc)
    judged = judge(file.times, file.values, limits, file.interval_s)
    made |= {
        "first": at(file.times[0]), "last": at(file.times[-1]), "min": judged.min_mc / 1000, "max": judged.max_mc / 1000,
        "mean": judged.mean_mc / 1000, "mkt": _mkt(file) / 1000,
        "minutes_above": None if high_mc is None else _minutes(judged.seconds_above),
        "minutes_below": None if low_mc is None else _minutes(judged.seconds_below),
        "gaps": [[at(int(one.timestamp())) for one in gap] for gap in judged.gaps],
    }  # fmt: skip
    return made


def _mkt(file: LoggerFile) -> int:
    """With the file's own activation energy; each reading weighs as long as it held, as in `judge`."""
    held: Counter[int] = Counter()
    longest = GAP_INTERVALS * file.interval_s
    for i, value in enumerate(file.values):
        step = file.times[i + 1] - file.times[i] if i + 1 < len(file.times) else file.interval_s
        held[value] += step if step <= longest else file.interval_s
    return mean_kinetic_temperature(held.keys(), held.values(), file.activation_kj)


def _minutes(seconds: int) -> float:
    return seconds // 60 if seconds % 60 == 0 else seconds / 60


def lines(told: dict[str, Any]) -> list[str]:
    """The same for a person: one line a figure, then every day, gap and warning."""
    shown = [
        f"{name}: {value}"
        for name, value in told.items()
        if name not in ("days", "gaps", "warnings") and value is not None
    ]
    shown += [f"day {day['date']}: {day['min']} to {day['max']}" for day in told["days"]]
    shown += [f"gap: {first} to {last}" for first, last in told["gaps"]]
    return shown + [f"warning: {one['sentence']}" for one in told["warnings"]]
