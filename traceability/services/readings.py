"""What sensors measured in a time, as few points: days by their extremes, opened only where an edge of the drawing cuts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from traceability.domain import blocks
from traceability.domain.plots import Bucket, Piece, Trace, crosses, every, gathered, worst_of
from traceability.store import Reader
from traceability.store.hot import Hot, day, known

DAY_S = 86_400
STEPS = (60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, DAY_S)
BY_DAYS = timedelta(days=90)
"""So long, and a point is a whole day or more: its extremes stand beside the day, and it is not opened."""
LINES = (timedelta(days=4), timedelta(days=62), timedelta(days=400))
"""Up to how long a line of the table is three hours, a day, a week; then it is a month."""

_DAYS = Hot(
    "SELECT sensor_id, day, n, low_mc, high_mc FROM block WHERE sensor_id = ANY(:ids) AND day >= :first AND day <= :last"
    " ORDER BY sensor_id, day"
)
_OPENED = Hot(
    "SELECT sensor_id, day, n, low_mc, high_mc, packed FROM block WHERE sensor_id = ANY(:ids) AND day = ANY(:days)"
    " ORDER BY sensor_id, day"
)
_EXTREMES = Hot(
    "SELECT sensor_id, since, until, low_mc, high_mc FROM daily_extreme WHERE sensor_id = ANY(:ids) ORDER BY sensor_id, since"
)
_SERIALS = Hot("SELECT id, serial FROM sensor WHERE id = ANY(:ids)")


class Hanging(NamedTuple):
    """A sensor and a time of which its readings are asked; `counts`: it was calibrated in it."""

    sensor_id: str
    since: datetime
    until: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """`lines`: the same over the edges of the table, whatever the drawing's points are."""

    bucket_s: int
    worst: tuple[Bucket, ...]
    traces: tuple[Trace, ...]
    edges: tuple[datetime, ...]
    lines: tuple[Bucket | None, ...]


def measured(
    reader: Reader, asked: Sequence[Hanging], since: datetime, until: datetime, zone: ZoneInfo, most: int
) -> Measured:
    """Readings of [since, until) of these sensors while they hung, in at most `most` points or so."""
    begins, ends = _second(since), _second(until)
    table = lines(since, until, zone)
    cuts = [_second(one) for one in table]
    ids = sorted({one.sensor_id for one in asked})
    shut = _shut(reader, ids, since, until)
    step = _step(ends - begins, most)
    if len(ids) == 1 and sum(_share(one, begins, ends) for one in shut[ids[0]]) <= most:
        step = 0
    grid = [begins, *range(begins - begins % step + step, ends, step), ends] if step else [begins, ends]
    clips = [_second(one) for span in asked for one in (span.since, span.until)]
    pieces = _open(reader, shut, sorted({*grid, *cuts, *clips}), wholly=not step)
    drawn: dict[str, list[Bucket | None]] = {}
    told: list[list[Bucket | None]] = []
    for id_ in ids:
        mine = [piece for one in asked if one.sensor_id == id_ for piece in _clipped(pieces[id_], one)]
        drawn[id_] = gathered(mine, grid) if step else [*every(mine, begins, ends)]
        told.append(gathered(mine, cuts))
    worst = worst_of(list(drawn.values())) if step else [one for made in drawn.values() for one in made]
    serials = dict(_SERIALS(reader.driver, ids=ids)) if ids else {}
    traces = tuple(
        Trace(
            serials[id_], any(one.counts for one in asked if one.sensor_id == id_),
            tuple(one for one in drawn[id_] if one) if len(ids) > 1 else (),
        )
        for id_ in ids
    )  # fmt: skip
    return Measured(
        step, tuple(one for one in worst if one), traces, table, tuple(worst_of(told) if told else _none(cuts))
    )


def extremes(reader: Reader, asked: Sequence[Hanging]) -> Bucket | None:
    """The least and the most of what these measured while they hung."""
    found: list[Bucket | None] = []
    for one in asked:
        cuts = [_second(one.since), _second(one.until)]
        pieces = _open(reader, _shut(reader, [one.sensor_id], one.since, one.until), cuts, wholly=False)
        found += gathered(_clipped(pieces[one.sensor_id], one), cuts) if cuts[0] < cuts[1] else []
    return worst_of([[one] for one in found])[0] if found else None


def raw(reader: Reader, asked: Sequence[Hanging]) -> tuple[list[int], list[int]]:
    """Every reading of one sensor in these times, as it was told."""
    made: dict[int, int] = {}
    for one in asked:
        pieces = _open(reader, _shut(reader, [one.sensor_id], one.since, one.until), [], wholly=True)
        for piece in _clipped(pieces[one.sensor_id], one):
            made |= zip(*piece.readings, strict=True) if piece.readings else ()
    times = sorted(made)
    return times, [made[at] for at in times]


def lines(since: datetime, until: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The edges of the table: midnights where the reader is, or three-hour steps between them; Mondays; firsts of months."""
    three_hours, days, weeks = LINES
    span, on = until - since, since.astimezone(zone).date()
    made = [since]
    while (at := datetime.combine(on, time(), zone)) < until:
        if (span > weeks and on.day != 1) or (days < span <= weeks and on.weekday()):
            on += timedelta(days=1)
            continue
        hours = range(0, 24, 3) if span <= three_hours else (0,)
        turns = [at.replace(hour=hour).astimezone(UTC) for hour in hours]
        made += [one for one in turns if made[-1] < one < until]
        on += timedelta(days=1)
    return (*made, until) if since < until else (since, since + timedelta(seconds=1))


def _none(cuts: Sequence[int]) -> list[Bucket | None]:
    return [None] * (len(cuts) - 1)


def _step(span_s: int, most: int) -> int:
    """The shortest step that makes no more points than asked for; for months, whole days."""
    if span_s >= BY_DAYS.total_seconds():
        return DAY_S * -(-span_s // (DAY_S * most))
    return next((step for step in STEPS if span_s <= step * most), DAY_S * -(-span_s // (DAY_S * most)))


def _share(piece: Piece, begins: int, ends: int) -> int:
    """About how many of its readings lie in this time."""
    inside = max(0, min(piece.until, ends) - max(piece.since, begins))
    return piece.n * inside // (piece.until - piece.since)


def _shut(reader: Reader, ids: Sequence[str], since: datetime, until: datetime) -> dict[str, list[Piece]]:
    """Days by their extremes, and what a file tells of whole days only."""
    made: dict[str, list[Piece]] = {one: [] for one in ids}
    if not ids:
        return made
    told = {"first": _on(reader, since.astimezone(UTC).date()), "last": _on(reader, until.astimezone(UTC).date())}
    for sensor_id, on, n, low, high in _DAYS(reader.driver, ids=ids, **told):
        midnight = _midnight(day(on))
        made[sensor_id].append(Piece(midnight, midnight + DAY_S, n, low, high))
    for sensor_id, first, last, low, high in _EXTREMES(reader.driver, ids=ids):
        begins, ends = known(first), known(last)
        if begins < until and since < ends:
            made[sensor_id].append(Piece(int(begins.timestamp()), int(ends.timestamp()), 0, low, high))
    return made


def _open(
    reader: Reader, shut: dict[str, list[Piece]], edges: Sequence[int], *, wholly: bool
) -> dict[str, list[Piece]]:
    """The days that an edge cuts, with their readings; or all."""
    cut = [piece for pieces in shut.values() for piece in pieces if piece.n and (wholly or crosses(piece, edges))]
    days = sorted({piece.since for piece in cut})
    if not days:
        return shut
    asked = [_on(reader, datetime.fromtimestamp(one, UTC).date()) for one in days]
    opened = {}
    for sensor_id, on, *block in _OPENED(reader.driver, ids=list(shut), days=asked):
        opened[sensor_id, _midnight(day(on))] = blocks.unblock(blocks.Block(day(on), *block))
    return {
        id_: [replace(one, readings=opened.get((id_, one.since))) if one.n else one for one in pieces]
        for id_, pieces in shut.items()
    }


def _clipped(pieces: Iterable[Piece], asked: Hanging) -> Iterator[Piece]:
    """What it measured while it hung there, and nothing of before or after."""
    begins, ends = _second(asked.since), _second(asked.until)
    for piece in pieces:
        if piece.until <= begins or ends <= piece.since:
            continue
        if begins <= piece.since and piece.until <= ends:
            yield piece
        elif piece.readings is None:
            yield replace(piece, since=max(piece.since, begins), until=min(piece.until, ends))
        elif inside := [one for one in zip(*piece.readings, strict=True) if begins <= one[0] < ends]:
            times, values = [one[0] for one in inside], [one[1] for one in inside]
            yield Piece(times[0], times[-1] + 1, len(times), min(values), max(values), (times, values))


def _second(at: datetime) -> int:
    """The first whole second that is not before it: intervals are half open."""
    return -int(-at.timestamp() // 1)


def _midnight(on: date) -> int:
    return (on - blocks.EPOCH).days * DAY_S


def _on(reader: Reader, told: date) -> Any:
    return told.isoformat() if reader.is_sqlite else told
