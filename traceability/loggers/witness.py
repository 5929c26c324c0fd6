"""What a file says twice is held against itself: times in two columns, numbers, counts, beginning and end, the beat of
its clock, and the maker’s own figures."""

from __future__ import annotations

from array import array
from datetime import datetime, timedelta, timezone, tzinfo
from itertools import islice, pairwise
from operator import sub

from traceability.domain.errors import Refused
from traceability.loggers import degrees, preamble, sound
from traceability.loggers.body import Body
from traceability.loggers.clocks import DAY_S
from traceability.loggers.file import Maker, Notice, wall
from traceability.loggers.plan import Plan
from traceability.loggers.preamble import Around

SERIAL_EPOCH = 25_569  # 1 January 1970 in a spreadsheet’s days


def told_twice(plan: Plan, body: Body, zone: tzinfo) -> None:
    """A second column of times, in days of a spreadsheet, says the same as the first."""
    if plan.serial_days is None:
        return
    for i, (at, days) in enumerate(zip(body.times, body.serials, strict=True)):
        here = zone.utcoffset(None) if isinstance(zone, timezone) else None
        local = at + int((here or _east(at, zone)).total_seconds())
        if abs((days - SERIAL_EPOCH) * DAY_S - local) > 2:
            raise Refused(
                "logger_contradicts_itself", field="time", reading=i + 1, said=str(days), found=wall(at, zone)
            )


def _east(at: int, zone: tzinfo) -> timedelta:
    return datetime.fromtimestamp(at, zone).utcoffset() or timedelta(0)


def written_alike(read: degrees.Thousandths, body: Body, notices: list[Notice]) -> None:
    """A number with more or fewer decimals than any way of writing explains has lost a sign, or gained one; so has one
    with a zero before it where others have none, and one unlike all others that stands far from its neighbours."""
    most = max(read.places, key=lambda n: read.places[n], default=0)
    if len(read.wholes) == 2:
        raise Refused("logger_value_uneven", value=read.wholes[True], places=most)
    rare = degrees.uneven(read.places, read.padded)
    if rare is None:
        alone = {read[text] for n, text in read.example.items() if read.places[n] == 1 and n != most and text in read}
        far = {body.values[i - 1] for i in sound.lone_jumps(body.values)} if alone else set()
        for end, beside in ((0, 1), (-1, -2)) if len(body.values) > 2 else ():
            if abs(body.values[end] - body.values[beside]) >= 10 * sound.JUMP_MC:
                far.add(body.values[end])
        if alone & far:
            raise Refused(
                "logger_value_uneven",
                value=next(read.example[n] for n in read.places if read.places[n] == 1),
                places=most,
            )
    elif read.places[rare] == 1 or read.places[rare] * 50 <= read.places.total():
        raise Refused("logger_value_uneven", value=read.example[rare], places=most)
    else:
        notices.append(Notice("decimals_uneven"))


def beat(body: Body, said: Around, notices: list[Notice]) -> int:
    """The interval. One reading off the beat between two that are on it is damage; other uneven steps are told."""
    usual = sound.usual(body.steps)
    if not usual:
        return said.interval_s or 0
    if said.interval_s and said.interval_s != usual:
        notices.append(Notice("interval_differs", {"said_s": said.interval_s, "found_s": usual}))
    if len(body.steps) == 1:
        return usual
    steps = array("q", map(sub, islice(body.times, 1, None), body.times))
    off = [i for i, step in enumerate(steps) if step != usual]
    moved = [i for i, j in pairwise(off) if j == i + 1 and steps[i] > 0 < steps[j] and steps[i] + steps[j] == 2 * usual]
    others = set(off) - set(moved) - {i + 1 for i in moved} - {0}
    if moved and all(steps[i] % usual == 0 for i in others) and len(steps) - len(off) >= 4 * len(moved):
        raise Refused("logger_off_beat", reading=moved[0] + 2, interval_s=usual)
    notices.append(Notice("steps_uneven", {"count": len(off), "interval_s": usual}))
    return usual


def counted(said: Around, body: Body) -> list[Notice]:
    if not said.counts:
        return [Notice("count_not_given")] if body.number is None else []
    if body.rows not in said.counts:
        count = said.counts[0]
        if count > body.rows:
            raise Refused("logger_truncated", said=count, found=body.rows)
        raise Refused("logger_contradicts_itself", field="readings", said=count, found=body.rows)
    return []


def spans(said: Around, order: str, body: Body, zone: tzinfo, interval_s: int) -> list[Notice]:
    """Beginning and end, where titles tell them."""
    if not body.times:
        return []
    ends = (("first", said.first, body.times[0], 1), ("last", said.last, body.times[-1], 1),
            ("first", said.began, body.times[0], 0), ("last", said.ended, body.times[-1], 0))  # fmt: skip
    slack = max(interval_s, 60)
    for which, texts, at, strict in ends:
        for text, second, day in preamble.moments(texts, order):
            there = day * DAY_S + second - int(_east(at, zone).total_seconds())
            early = there - at if which == "last" else at - there
            if strict and abs(there - at) > slack:
                if early > 0:
                    raise Refused("logger_truncated")
                raise Refused("logger_contradicts_itself", field=which, said=text, found=wall(at, zone))
            if abs(there - at) > 2 * slack:
                return [Notice("span_differs", {"said": text, "found": wall(at, zone)})]
    return []


def makers(said: Around, unit: str) -> list[Maker]:
    """The maker's own figures, each time it tells them: what it tells once stands in the first."""
    found = {
        name: [figure for text in texts if (figure := degrees.figure(text, unit)) is not None]
        for name, texts in said.figures.items()
    }
    return [
        Maker(*(found[name][i] if i < len(found.get(name, ())) else None for name in ("min", "max", "mean", "mkt")))
        for i in range(max(map(len, found.values()), default=0))
    ] or [Maker()]
