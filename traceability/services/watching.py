"""How places were watched, for the verdict: bands that were assumed, readings by hand, sensors, and what was out of limits.

The same few queries for one vial or five hundred; days of readings are opened only where their extremes leave the limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from traceability.domain import alarms, blocks, coldchain, history
from traceability.domain.coldchain import Excursion, Limits, Span
from traceability.services.readings import Hanging, extremes
from traceability.store import Reader
from traceability.store.hot import Hot, day, known, moment
from traceability.store.tables.organisations import PlaceKind

DEFAULT_AGE_S = 24 * 3600
"""How old a place's last reading may be where nobody said: loggers are read daily (R25)."""
HANDLED = frozenset({PlaceKind.BENCH, PlaceKind.BEDSIDE})
"""Where vials are taken out to be worked with: there the time counts, and warmth by itself is no excursion."""

_BANDS = Hot(
    "SELECT place_id, decided_at, low_mc, high_mc, longest_s FROM assumed_band WHERE place_id = ANY(:ids) ORDER BY decided_at, id"
)
_READ = Hot(
    # how readings go on without a gap: one that was reset after the reading before it begins anew
    "SELECT place_id, min(since), min(at), (SELECT longest_age_s FROM place WHERE id = place_id), max(at), min(low_mc),"
    " max(high_mc), clears FROM (SELECT place_id, clears, since, at, low_mc, high_mc,"
    " sum(CASE WHEN since <= last_at THEN 0 ELSE 1 END) OVER (PARTITION BY place_id, clears ORDER BY at) AS run FROM"
    " (SELECT place_id, clears_since IS NOT NULL AS clears, coalesce(clears_since, since, at) AS since, at, low_mc, high_mc,"
    " lag(at) OVER (PARTITION BY place_id, clears_since IS NOT NULL ORDER BY at) AS last_at FROM manual_reading"
    " WHERE place_id = ANY(:ids)) AS r) AS s GROUP BY place_id, clears, run ORDER BY min(since)"
)
_READINGS = Hot(
    "SELECT place_id, since, at, low_mc, now_mc, high_mc FROM manual_reading WHERE place_id = ANY(:ids) ORDER BY at, id"
)
_HUNG = Hot(
    "SELECT a.place_id, a.id, a.sensor_id, s.zone, a.since, a.until, w.since, w.until, w.interval_s, w.low_mc, w.high_mc,"
    " e.recorded_at, c.valid_from, c.valid_until FROM assignment a JOIN sensor s ON s.id = a.sensor_id"
    " LEFT JOIN watch w ON w.sensor_id = a.sensor_id AND w.until >= a.since AND (a.until IS NULL OR w.since <= a.until)"
    " LEFT JOIN entry e ON e.act_id = w.act_id LEFT JOIN calibration c ON c.sensor_id = a.sensor_id"
    " WHERE a.place_id = ANY(:ids) ORDER BY a.since, a.id, w.since, c.valid_from"
)
_EXCURSIONS = Hot(
    "SELECT place_id, since, until, peak_mc, high_limit_mc, closed_at FROM excursion WHERE place_id = ANY(:ids)"
)
_DAYS = Hot(
    "SELECT sensor_id, day, n, low_mc, high_mc, packed FROM block WHERE sensor_id = ANY(:ids)"
    " AND (low_mc < :low OR high_mc > :high) AND day >= :first ORDER BY day"
)
_BEFORE = Hot(
    "SELECT sensor_id, day, n, low_mc, high_mc, packed FROM block WHERE sensor_id = ANY(:ids) AND day < :day"
    " ORDER BY day DESC LIMIT 1"
)
_NEXT = Hot(
    "SELECT sensor_id, day, n, low_mc, high_mc, packed FROM block WHERE sensor_id = ANY(:ids) AND day > :day ORDER BY day LIMIT 1"
)
_EXTREMES = Hot(
    "SELECT x.sensor_id, x.since, x.until, x.low_mc, x.high_mc, e.recorded_at FROM daily_extreme x"
    " LEFT JOIN entry e ON e.act_id = x.act_id WHERE x.sensor_id = ANY(:ids)"
    " AND (x.low_mc < :low OR x.high_mc > :high) ORDER BY x.since"
)
_RULES = Hot(
    "SELECT place_id, direction, threshold_mc, mode, duration_s, window_s, decided_at, ended_at FROM alarm_rule"
    " WHERE place_id = ANY(:ids) ORDER BY id"
)


class Stay(NamedTuple):
    """A vial's stay, with what its place and site are."""

    place_id: str
    since: datetime
    until: datetime | None
    site_id: str
    longest_age_s: int | None
    zone: str
    kind: str
    consignment_id: str | None
    owner_id: str | None
    """Whose it was there: of who sent it while it is on its way."""


class _Run(NamedTuple):
    """Readings by hand that go on without a gap: from when to when, the least and the most."""

    first: datetime
    last: datetime
    low_mc: int
    high_mc: int
    read: datetime
    """When the first of them was read: it speaks of the time before, too, and nobody was there then."""
    clears: bool


class _Watch(NamedTuple):
    run: coldchain.Run
    known_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Hung:
    """A sensor that hung in a place, each time it measured without a gap, and the days for which it was calibrated."""

    sensor_id: str
    since: datetime
    until: datetime | None
    watches: tuple[_Watch, ...]
    calibrated: tuple[Span, ...]

    def counted(self) -> list[history.Hung]:
        """The times in which it hung there calibrated, if it told anything of them: of those in calibration the worst counts."""
        made = []
        runs = [one.run for one in self.watches if one.run.watches]
        for since, until in self.calibrated if runs else ():
            begins, ends = max(since, self.since), until if self.until is None else min(until, self.until)
            if begins < ends:
                reach = min(run.reach for run in runs)
                made.append(history.Hung(begins, ends, tuple((run.since, run.until) for run in runs), reach))
        return made

    def seen(self, at: datetime) -> datetime | None:
        """From when on it watched again after a day of which it told no more than least and most; None: it has not since."""
        runs = [watch.run for watch in self.watches if watch.run.watches and watch.run.until > at]
        return min((max(at, run.since) for run in runs), default=None)

    @property
    def last(self) -> datetime | None:
        last = max((watch.run.until for watch in self.watches), default=None)
        return min(last, self.until) if last and self.until else last


@dataclass(frozen=True, slots=True)
class Place:
    """How a place was watched, and what was out of limits there."""

    id: str
    began: datetime | None
    """Since when anybody read it, or anything hung there to watch it."""
    bands: list[tuple[datetime, history.Assumed]]
    """Since when each was assumed; the first speaks of the place as it was before, too."""
    runs: list[_Run]
    hung: list[_Hung]
    excursions: list[Excursion]
    closed: list[Excursion]
    """Those of them of which somebody said how they ended."""

    @property
    def told_at(self) -> list[datetime | None]:
        """When each of its readings by sensors came on record."""
        return [watch.known_at for hung in self.hung for watch in hung.watches]

    @property
    def last(self) -> datetime | None:
        """When anything was read there last."""
        return max([run.last for run in self.runs] + [last for one in self.hung if (last := one.last)], default=None)

    def watched(self, reader: Reader, stay: Stay, limits: Limits) -> Sequence[history.Stay]:
        """How it was watched while a vial lay there; vials that lay there together share the answer."""
        made = reader.memo.setdefault(history.Stay, {})
        key = self.id, stay.since, stay.until, limits
        if key not in made:
            made[key] = self._watched(reader, stay, limits)
        parts: Sequence[history.Stay] = made[key]
        return parts

    def _watched(self, reader: Reader, stay: Stay, limits: Limits) -> list[history.Stay]:
        """A band is assumed until the place was first read; from then on what watched it is judged by (R21).

        What the first reading by hand says of the time before it, makes nothing of that better than what QA has signed.
        """
        began, since = self.began, stay.since
        if began is None:
            return self._assumed(since, stay.until) or [history.Stay(self.id, since, stay.until, None)]
        made = []
        if self.bands and since < began:
            ends = min(began, stay.until or began)
            made += [self._worse(reader, part, stay, limits) for part in self._assumed(since, ends)]
            if ends == stay.until:
                return made
            since = began
        made.append(
            history.Stay(self.id, since, stay.until, self._monitored(reader, stay._replace(since=since), limits))
        )
        return made

    def _worse(self, reader: Reader, part: history.Stay, stay: Stay, limits: Limits) -> history.Stay:
        """With what was read of this time afterwards."""
        band, out = part.monitoring, self.out(reader, limits, part.since, part.until) if self.runs else ()
        if not out or not isinstance(band, history.Assumed):
            return part
        return replace(part, monitoring=replace(band, out=out, handled=stay.kind in HANDLED))

    def _assumed(self, since: datetime, until: datetime | None) -> list[history.Stay]:
        """By the band that stood then: what is assumed of a place today says nothing of how it was."""
        made: list[history.Stay] = []
        for at, (decided, band) in enumerate(self.bands):
            begins = since if at == 0 else max(since, decided)
            later = self.bands[at + 1][0] if at + 1 < len(self.bands) else None
            ends = until if later is None else later if until is None else min(later, until)
            if ends is None or begins < ends or (begins == ends == until and not made):
                made.append(history.Stay(self.id, begins, ends, band))
        return made

    def _monitored(self, reader: Reader, stay: Stay, limits: Limits) -> history.Monitored:
        cleared = self.cleared(stay.since, stay.until)
        out = self.out(reader, limits, stay.since, stay.until)
        handled = stay.kind in HANDLED
        fired = self.fired(reader, out, limits, stay.since, stay.until) if out else ()
        fired = [one for one in fired if not handled or (limits.freezes and one.peak_mc < 0)]
        # a box is picked from once, with its logger: nobody waits for the next reading of it
        once = stay.kind == PlaceKind.SHIPPER or self._out_at_last(cleared.through, stay.until)
        age_s = 0 if once else stay.longest_age_s or DEFAULT_AGE_S
        if any(one.until is None for one in out):  # nor for long where the last one was out
            age_s = min(age_s, self._reach_s())
        blind = "calibration_none" if any(one.watches for one in self.hung) and not self._clearing else "reading_none"
        return history.Monitored(cleared, age_s, out, fired, blind, handled)

    def _reach_s(self) -> int:
        """No longer silence is a gap."""
        reach = max((one.reach for hung in self.hung for one in hung.counted()), default=history.WATCHED)
        return int(reach.total_seconds())

    def _out_at_last(self, through: datetime | None, until: datetime | None) -> bool:
        """Somebody said how it ended, of a sensor that died while it was out; what came then, nothing has measured yet."""
        ends = [one.until for one in self.closed if one.until is not None and (until is None or one.until < until)]
        return through is not None and any(through <= end for end in ends)

    @property
    def _clearing(self) -> list[_Run]:
        """Readings by hand that make known what the place was like; the others count where it was out."""
        return [run for run in self.runs if run.clears]

    def cleared(self, since: datetime, until: datetime | None) -> history.Cleared:
        by_hand = [(run.first, run.last) for run in self._clearing]
        return history.cleared(since, until, [part for one in self.hung for part in one.counted()], by_hand)

    def out(self, reader: Reader, limits: Limits, since: datetime, until: datetime | None) -> list[Excursion]:
        """When anything measured it out of these limits; one that never did says so without being read again."""
        found = [
            one
            for hung in self.hung
            if until is None or hung.since < until
            for one in self._seen(hung, _measured(reader, hung, limits, since))
        ]
        if any(limits.side(run.low_mc) or limits.side(run.high_mc) for run in self.runs):
            found += self._by_hand(reader, limits)
        return [self._ended(replace(one, place_id=self.id)) for one in coldchain.merged(found, limits)] if found else []

    def _seen(self, hung: _Hung, found: Iterable[Excursion]) -> Iterator[Excursion]:
        """What it measured while it hung there. Of one that was out when it was taken down, whatever else watches sees the end."""
        for one in found:
            if hung.until is None or (one.until is not None and one.until <= hung.until):
                yield one
            elif one.since < hung.until:
                yield replace(one, until=self._watched_on(hung, hung.until))

    def _watched_on(self, hung: _Hung, at: datetime) -> datetime | None:
        """When anything else read on there, after a sensor was taken down; None: nothing has."""
        others = [
            one for one in self.hung if one is not hung and one.since <= at and (one.until is None or at < one.until)
        ]
        seen = [again for one in others if (again := one.seen(at)) is not None]
        return min([*seen, *(max(run.first, at) for run in self._clearing if run.last > at)], default=None)

    def _by_hand(self, reader: Reader, limits: Limits) -> Sequence[Excursion]:
        made = reader.memo.setdefault(coldchain.by_hand, {})
        if (key := (self.id, limits)) not in made:
            made[key] = coldchain.by_hand(reader.grouped(_READINGS, (self.id,), reading)[self.id], limits, self.id)
        out: Sequence[Excursion] = made[key]
        return out

    def _ended(self, one: Excursion) -> Excursion:
        """No reading showed its end, or only much later, and somebody said when it was."""
        for told in self.closed:
            until = told.until
            if (
                until is not None
                and told.direction == one.direction
                and told.since <= one.since <= until
                and (one.seen or one.since) <= until
            ):
                return one if one.until is not None and one.until <= until else replace(one, until=until)
        return one

    def furthest(self, reader: Reader, since: datetime, until: datetime, *, warm: bool) -> int | None:
        """The most, or the least, that was measured there in this time; None: nothing was."""
        hung = [
            Hanging(one.sensor_id, max(one.since, since), min(one.until or until, until), counts=True)
            for one in self.hung
            if one.since < until and (one.until is None or since < one.until)
        ]
        measured = extremes(reader, hung)
        told = [(measured.low_mc, measured.high_mc)] if measured else []
        told += [
            (one.low_mc, one.high_mc)
            for one in reader.grouped(_READINGS, (self.id,), reading)[self.id]
            if one.since < until and since <= one.at
        ]
        return max((high for _, high in told), default=None) if warm else min((low for low, _ in told), default=None)

    def before(self, since: datetime) -> datetime:
        """No later than the last reading before `since` of whatever watches there: what was out then may be out to here."""
        told = [since]
        for one in self.hung:
            if one.until is None or one.until >= since:
                runs = [watch.run for watch in one.watches if watch.run.since < since]
                ends = [run.until if run.until < since else max(run.since, since - run.reach) for run in runs]
                told += [max(ends)] if ends else []
        return min([*told, *([max(read)] if (read := [run.first for run in self.runs if run.first < since]) else [])])

    def waits(self, reader: Reader) -> timedelta:
        """For how long a time out of limits may go on before a rule makes it an excursion."""
        rules = reader.grouped(_RULES, (self.id,), _rule)[self.id]
        return timedelta(seconds=max((max(rule.duration_s, rule.window) for rule in rules), default=0))

    def fired(
        self,
        reader: Reader,
        out: Sequence[Excursion],
        limits: Limits,
        since: datetime,
        until: datetime | None,
        at: datetime | None = None,
    ) -> Sequence[Excursion]:
        """Those that the place's alarm rules make an excursion: without any rule every one, at once (R24).

        `at`: what goes on then, and is watched, is judged as far as it has gone. A verdict does not wait for that.
        """
        watched = self._watched_until(at) if at is not None else None
        rules = reader.grouped(_RULES, (self.id,), _rule)[self.id]
        earlier = since - timedelta(seconds=max((rule.window for rule in rules), default=0))

        def beyond(others: Limits) -> Sequence[Excursion]:
            return self.out(reader, others, earlier, until)

        return [one for one in out if alarms.fires(rules, one, limits, beyond, watched)]

    def _watched_until(self, at: datetime) -> datetime | None:
        """The second after the last reading of a sensor that hangs there, if at that moment it was not silent for long."""
        hanging = [watch.run for one in self.hung if one.until is None for watch in one.watches]
        last = max((run.until for run in hanging if run.until + run.reach >= at), default=None)
        return last + timedelta(seconds=1) if last else None


def _measured(reader: Reader, hung: _Hung, limits: Limits, since: datetime) -> list[Excursion]:
    """When this sensor, while it hung there, measured what lies outside the limits, from the day of `since` on."""
    if not any(limits.side(watch.run.low_mc) or limits.side(watch.run.high_mc) for watch in hung.watches):
        return []
    told = {"low": limits.low_mc, "high": limits.high_mc}
    first = _on(reader, max(since, hung.since).date())
    days = list(reader.grouped(_DAYS, (hung.sensor_id,), _block, **told, first=first)[hung.sensor_id])
    begins = first
    while before := reader.grouped(_BEFORE, (hung.sensor_id,), _block, day=begins)[hung.sensor_id]:
        # whether it was out already when that day began, the readings before it tell, however old they are
        if before[0].day < hung.since.date() or not limits.side(blocks.unblock(before[0])[1][-1]):
            break
        days[:0], begins = before, _on(reader, before[0].day)
    made = list(coldchain.outs(*_opened(reader, hung.sensor_id, days), limits)) if days else []
    for low, high, since_, ends, told_at in reader.grouped(_EXTREMES, (hung.sensor_id,), _extreme, **told)[
        hung.sensor_id
    ]:
        # at what hour of the day it was out nobody knows: as late as it was told, or as the day went on
        made += [
            Excursion(
                since_,
                hung.seen(ends),
                mc,
                "above" if limits.side(mc) > 0 else "below",
                seen=min(ends, told_at or ends),
            )
            for mc in (low, high)
            if limits.side(mc)
        ]
    return [
        replace(one, since=max(one.since, hung.since)) for one in made if one.until is None or one.until > hung.since
    ]


def _opened(reader: Reader, sensor_id: str, days: Sequence[blocks.Block]) -> tuple[list[int], list[int]]:
    """The readings of these days, and the first reading after each: it may show the end of what was out."""
    times: list[int] = []
    values: list[int] = []
    for at, block in enumerate(days):
        more = blocks.unblock(block)
        times += more[0]
        values += more[1]
        if at + 1 < len(days) and days[at + 1].day - block.day == timedelta(days=1):
            continue
        following = reader.grouped(_NEXT, (sensor_id,), _block, day=_on(reader, block.day))[sensor_id]
        if following and (at + 1 == len(days) or following[0].day < days[at + 1].day):
            after = blocks.unblock(following[0])
            times.append(after[0][0])
            values.append(after[1][0])
    return times, values


def places(reader: Reader, ids: Iterable[str]) -> Mapping[str, Place]:
    """These places, and others that were asked for before."""
    kept = reader.memo.setdefault(Place, {})
    if missing := [one for one in ids if one not in kept]:
        bands = reader.grouped(_BANDS, missing, lambda row: (known(row[1]), history.Assumed(*row[2:])))
        runs = reader.grouped(_READ, missing, _run)
        rows = reader.grouped(_HUNG, missing, tuple)
        excursions = reader.grouped(_EXCURSIONS, missing, _excursion)
        for one in missing:
            hung = _hung(rows[one])
            firsts = [run.read for run in runs[one] if run.clears] + [sensor.since for sensor in hung]
            found = excursions[one]
            kept[one] = Place(
                one, min(firsts, default=None), bands[one], runs[one], hung,
                [each for each, _ in found], [each for each, closed in found if closed],
            )  # fmt: skip
    return kept


def _hung(rows: Sequence[Any]) -> list[_Hung]:
    made: dict[str, tuple[_Hung, dict[_Watch, None], dict[Span, None]]] = {}
    for (
        _,
        id_,
        sensor_id,
        zone,
        since,
        until,
        first,
        last,
        interval_s,
        low,
        high,
        recorded_at,
        valid_from,
        valid_until,
    ) in rows:
        if id_ not in made:
            made[id_] = _Hung(sensor_id, known(since), moment(until), (), ()), {}, {}
        _one, watches, calibrated = made[id_]
        if first is not None:
            run = coldchain.Run(known(first), known(last), interval_s, low, high)
            watches[_Watch(run, moment(recorded_at))] = None
        if valid_from is not None:
            calibrated[_days(day(valid_from), day(valid_until), ZoneInfo(zone))] = None
    return [
        replace(one, watches=tuple(watches), calibrated=_joined(calibrated))
        for one, watches, calibrated in made.values()
    ]


def _days(first: date, last: date, zone: ZoneInfo) -> Span:
    """From the first to the end of the last of these days."""
    return datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    made: list[Span] = []
    for since, until in sorted(spans):
        if made and since <= made[-1][1]:
            made[-1] = made[-1][0], max(made[-1][1], until)
        else:
            made.append((since, until))
    return tuple(made)


def _run(row: Any) -> _Run:
    """The first of them speaks of no more than the place may go unread: who reset the thermometer when, nobody saw."""
    _, since, first, age_s, last, low_mc, high_mc, clears = row
    reach = known(first) - timedelta(seconds=age_s or DEFAULT_AGE_S)
    return _Run(max(known(since), reach), known(last), low_mc, high_mc, known(first), bool(clears))


def reading(row: Any) -> coldchain.Reading:
    """A row of place, since, at, least, now and most; one that says no `since` speaks of its moment."""
    _, since, at, low_mc, now_mc, high_mc = row
    return coldchain.Reading(known(since or at), known(at), low_mc, now_mc, high_mc)


def _excursion(row: Any) -> tuple[Excursion, bool]:
    place_id, since, until, peak_mc, high_limit_mc, closed_at = row
    direction: Literal["above", "below"] = "above" if peak_mc > high_limit_mc else "below"
    return Excursion(known(since), moment(until), peak_mc, direction, place_id), closed_at is not None


def _block(row: Any) -> blocks.Block:
    _, on, n, low, high, packed = row
    return blocks.Block(day(on), n, low, high, packed)


def _extreme(row: Any) -> tuple[int, int, datetime, datetime, datetime | None]:
    _, since, until, low, high, recorded_at = row
    return low, high, known(since), known(until), moment(recorded_at)


def _rule(row: Any) -> alarms.AlarmRule:
    _, direction, threshold_mc, mode, duration_s, window_s, decided_at, ended_at = row
    return alarms.AlarmRule(direction, threshold_mc, mode, duration_s, window_s, known(decided_at), moment(ended_at))


def _on(reader: Reader, told: date) -> Any:
    return told.isoformat() if reader.is_sqlite else told
