"""The cold chain: a file of a million readings against a bare insert of them, and a vial's history in a record of many."""

from __future__ import annotations

import gc
import math
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from bench import measure
from bench.measure import Row
from bench.worlds import World
from tests.clinic import CALIBRATED, JAKARTA
from traceability.domain.blocks import blocks
from traceability.domain.checks import Purpose
from traceability.domain.coldchain import at_second
from traceability.services import organisations, sensors, vials
from traceability.services.verdicts import facts
from traceability.store import new_id
from traceability.store.tables.organisations import PlaceKind

EVERY, MONTH = 300, 30 * 86_400
MONTHS = 18
LIMIT_MS = 30


def readings(
    first: datetime, count: int, every: int, *, warm: frozenset[int] = frozenset()
) -> tuple[list[int], list[int]]:
    """Seconds and thousandths of °C of a freezer: it swings, it is noisy, and now and then somebody leaves its door open."""
    chance = random.Random(5)
    begins = int(first.timestamp())
    times = [begins + every * n for n in range(count)]
    swing = [100 * round(12 * math.sin(2 * math.pi * n / 47)) for n in range(47)]
    values = [-9_000 if n in warm else -20_000 + swing[n % 47] + 100 * chance.randint(-1, 1) for n in range(count)]
    return times, values


def csv(times: list[int], values: list[int], serial: str, *, general: bool) -> bytes:
    """As a strict file, or as a spreadsheet in another country's dress writes it."""
    if general:
        told = enumerate(zip(times, values, strict=True), 1)
        rows = [
            f"{n};{at_second(at):%d.%m.%Y;%H:%M:%S};{mc // 1000 + (mc < 0 and mc % 1000 > 0)},{abs(mc) % 1000 // 100}"
            for n, (at, mc) in told
        ]
        return (
            "\r\n".join(["Device;Freezer", f"Serial Number;{serial}", "", "No.;Date;Time;Temperature °C", *rows])
            + "\r\n"
        ).encode("utf-8-sig")
    rows = [f"{at_second(at):%Y-%m-%dT%H:%M:%S}Z,{mc / 1000:.1f}" for at, mc in zip(times, values, strict=True)]
    return ("\n".join([f"# serial: {serial}", "time,temperature_c", *rows]) + "\n").encode()


def import_rows(world: World, *, count: int, rounds: int, name: str) -> list[Row]:
    """Read, judged and stored as blocks through the door, against the same readings put in one row each, unread and unjudged."""
    clinic, made = world.clinic, []
    first = clinic.clock.now
    site = clinic.ids["site"]
    place = clinic.do(organisations.open_place, clinic.QUALITY, site, PlaceKind.FREEZER, "B-1", "B-1").id
    warm = frozenset(n for start in range(5_000, count, 90_000) for n in range(start, start + 20))
    times, values = readings(first, count, 60, warm=warm)
    hung = []
    for n in range(2 * rounds):
        serial = f"B-{n}"
        one = clinic.do(sensors.register, clinic.STOREKEEPER, serial, "Asia/Jakarta", 60).id
        clinic.do(
            sensors.calibrate,
            clinic.STOREKEEPER,
            one,
            "K",
            CALIBRATED["calibrated_from"],
            CALIBRATED["calibrated_until"],
        )
        clinic.do(sensors.assign, clinic.STOREKEEPER, one, place)
        hung.append((one, serial))
    clinic.clock.now = at_second(times[-1]) + timedelta(minutes=1)
    raw = _raw(world, times, values)
    for general in (False, True):
        ours, bare = measure.Timed(), measure.Timed()
        for n in range(rounds):
            sensor, serial = hung[n + rounds * general]
            data = csv(times, values, serial, general=general)
            gc.collect()
            _timed(bare, raw)
            _timed(ours, lambda data=data, sensor=sensor: _imported(clinic, data, sensor))
        told = measure.ratio(bare.wall, ours.wall) if name == "postgresql" else measure.ratio(bare.cpu, ours.cpu)
        seconds = median(ours.wall if name == "postgresql" else ours.cpu)
        kind = "spreadsheet" if general else "strict"
        made.append(
            Row(
                f"{name}: a {kind} file of {count:,} readings, read, judged, stored as blocks",
                "COPY of the same readings, one row each" if name == "postgresql" else "executemany, one row each",
                f"{told:.2f} × ({seconds:.2f} s{' by time' if name == 'postgresql' else ' CPU'})", "≤ 1 ×", told <= 1,
                {"ratio": told, "seconds": seconds},
            )
        )  # fmt: skip
    return made


def _imported(clinic: object, data: bytes, sensor: str) -> None:
    log = sensors.read_log("bench.csv", data, JAKARTA)
    clinic.do(sensors.import_log, clinic.STOREKEEPER, sensor, log, confirmed=log.file.digest)  # type: ignore[attr-defined]


def _timed(into: measure.Timed, work: Callable[[], object]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    into.cpu.append(time.process_time() - cpu)
    into.wall.append(time.perf_counter() - wall)


def _raw(world: World, times: list[int], values: list[int]) -> Callable[[], None]:
    """The least that keeps readings: a table of sensor, second and value, with its key."""
    made = iter(range(1_000))

    def sqlite() -> None:
        with world.as_owner() as connection:
            driver = connection.connection.driver_connection
            table = f"raw_{next(made)}"
            driver.execute(
                f"CREATE TABLE {table}(sensor INTEGER, at INTEGER, mc INTEGER, PRIMARY KEY(sensor, at)) WITHOUT ROWID"
            )
            driver.executemany(f"INSERT INTO {table} VALUES (1, ?, ?)", zip(times, values, strict=True))

    def postgresql() -> None:
        with world.as_owner() as connection:
            driver = connection.connection.driver_connection
            table = f"raw_{next(made)}"
            driver.execute(f"CREATE TABLE {table}(sensor INTEGER, at BIGINT, mc INTEGER, PRIMARY KEY(sensor, at))")
            with driver.cursor().copy(f"COPY {table}(sensor, at, mc) FROM STDIN") as copy:
                for at, mc in zip(times, values, strict=True):
                    copy.write_row((1, at, mc))

    return sqlite if world.cluster is None else postgresql


def peak(folder: Path, counts: list[int]) -> Row:
    """The most memory that reading, judging and packing a file takes, in a process of its own."""
    figures = {}
    for count in counts:
        times, values = readings(datetime(2024, 1, 1, tzinfo=UTC), count, 30)
        path = folder / "bench-log.csv"
        path.write_bytes(csv(times, values, "S", general=False))
        code = measure.PEAK + _PEAK
        figures[count] = measure.told(measure.child(code, str(path)))
        path.unlink()
    told = ", ".join(f"{mb:.0f} MB" for mb in figures.values())
    sizes = ", ".join(f"{count:,}" for count in counts)
    return Row(
        f"memory to read, judge and pack a file of {sizes} readings",
        "",
        told,
        "bounded",
        None,
        {str(n): mb for n, mb in figures.items()},
    )


_PEAK = """
import json
from zoneinfo import ZoneInfo
from traceability import loggers
from traceability.domain import blocks, coldchain
data = open(sys.argv[1], "rb").read()
file = loggers.read("bench.csv", data, loggers.Told(zone=ZoneInfo("Asia/Jakarta")))
coldchain.judge(file.times, file.values, coldchain.Limits(-25_000, -15_000), file.interval_s)
blocks.blocks(file.times, file.values)
print(json.dumps(peak_mb()))
"""


def history_rows(world: World, *, sizes: list[int], rounds: int, name: str) -> list[Row]:
    """The thermal history of one vial, read anew each time, while the record holds ever more readings of other places."""
    clinic = world.clinic
    begins = clinic.clock.now
    ids = _lain(world, begins)
    clinic.clock.now = begins + timedelta(seconds=MONTHS * MONTH)
    each = MONTHS * MONTH // EVERY
    days = blocks(
        *readings(
            begins, each, EVERY, warm=frozenset(n for at in range(9_000, each, 30_000) for n in range(at, at + 6))
        )
    )
    stored, figures = 0, {}
    for size in sizes:
        with world.as_owner() as connection:
            stored += _sensors(
                world,
                connection,
                days,
                max(1, (size - stored) // each),
                begins,
                first=None if stored else ids["sensor"],
            )
        told = {}
        for months in (1, 6, MONTHS):
            took = []
            for _ in range(rounds):
                with clinic.store.read(clinic.PHARMACIST) as view:
                    began = time.perf_counter()
                    (fact,) = facts(view, [ids[months]], Purpose.STOCK)
                    took.append((time.perf_counter() - began) * 1000)
            if fact.history.out_of_storage_s <= 0 and months == MONTHS:
                raise AssertionError("the bench's freezer was never too warm")
            told[months] = median(took)
        figures[stored] = told
    whole = [told[MONTHS] for told in figures.values()]
    words = "; ".join(
        f"{n / 1e6:.1f} M: {', '.join(f'{ms:.1f}' for ms in told.values())} ms" for n, told in figures.items()
    )
    return [
        Row(
            f"{name}: facts of a vial that lay 1, 6, {MONTHS} months with a reading every {EVERY // 60} min, by readings in the record",
            "", f"{words} (p50)", f"≤ {LIMIT_MS} ms, with the vial's own time only", max(whole) <= LIMIT_MS,
            {str(n): told for n, told in figures.items()},
        )
    ]  # fmt: skip


def _lain(world: World, begins: datetime) -> dict[object, str]:
    """Three vials in one freezer for one, six and eighteen months, and its sensor."""
    clinic = world.clinic
    lot = clinic.released_lot("UC26-T1", 3)
    place = clinic.do(organisations.open_place, clinic.QUALITY, clinic.ids["site"], PlaceKind.FREEZER, "T-1", "T-1").id
    sensor = clinic.do(sensors.register, clinic.STOREKEEPER, "T-1", "Asia/Jakarta", EVERY).id
    clinic.do(
        sensors.calibrate,
        clinic.STOREKEEPER,
        sensor,
        "K",
        CALIBRATED["calibrated_from"],
        CALIBRATED["calibrated_until"],
    )
    clinic.do(sensors.assign, clinic.STOREKEEPER, sensor, place)
    made: dict[object, str] = {"sensor": sensor}
    for months, vial in zip((MONTHS, 6, 1), clinic.vials(lot), strict=True):
        clinic.clock.now = max(clinic.clock.now, begins + timedelta(seconds=(MONTHS - months) * MONTH))
        clinic.do(vials.move, clinic.STOREKEEPER, vial.id, place)
        made[months] = vial.id
    return made


def _sensors(world: World, connection: object, days: list, count: int, begins: datetime, first: str | None) -> int:
    """So many sensors with these days each, written past the door: the bulk of a record, and the sensor of the vials' freezer."""
    from traceability.store import guards

    driver = connection.connection.driver_connection  # type: ignore[attr-defined]
    guards.remove(connection)  # type: ignore[arg-type]
    sqlite = world.cluster is None
    act = connection.exec_driver_sql("SELECT act_id FROM entry ORDER BY number LIMIT 1").scalar()  # type: ignore[attr-defined]
    like = connection.exec_driver_sql("SELECT * FROM sensor LIMIT 1").mappings().one()  # type: ignore[attr-defined]
    ids = [first] if first else []
    more = [new_id() for _ in range(count - len(ids))]
    _put(
        driver,
        sqlite,
        "sensor",
        list(like),
        ([*(dict(like) | {"id": one, "serial": one[-20:], "giai": None}).values()] for one in more),
    )
    ids += more
    none = 0 if sqlite else False
    columns = ["id", "act_id", "demonstration", "sensor_id", "day", "n", "low_mc", "high_mc", "packed"]
    rows = (
        [
            new_id(),
            act,
            none,
            one,
            day.day.isoformat() if sqlite else day.day,
            day.n,
            day.low_mc,
            day.high_mc,
            day.packed,
        ]
        for one in ids
        for day in days
    )
    _put(driver, sqlite, "block", columns, rows)
    ends = begins + timedelta(seconds=MONTHS * MONTH - EVERY)
    spans = [_bound(one, sqlite) for one in (begins, ends)]
    low, high = min(day.low_mc for day in days), max(day.high_mc for day in days)
    columns = ["id", "act_id", "demonstration", "sensor_id", "since", "until", "interval_s", "low_mc", "high_mc"]
    _put(driver, sqlite, "watch", columns, ([new_id(), act, none, one, *spans, EVERY, low, high] for one in ids))
    if not sqlite:
        driver.execute("SET session_replication_role = origin")
    guards.install(connection, None if sqlite else "app")  # type: ignore[arg-type]
    return len(ids) * sum(day.n for day in days)


def _bound(at: datetime, sqlite: bool) -> object:
    from traceability.domain.plain import moment

    return moment(at) if sqlite else at


def _put(driver: object, sqlite: bool, table: str, columns: list[str], rows: object) -> None:
    names = ", ".join(columns)
    if sqlite:
        driver.executemany(f"INSERT INTO {table}({names}) VALUES ({', '.join('?' * len(columns))})", rows)  # type: ignore[attr-defined]
        return
    driver.execute("SET session_replication_role = replica")  # type: ignore[attr-defined]
    with driver.cursor().copy(f'COPY trace."{table}"({names}) FROM STDIN') as copy:  # type: ignore[attr-defined]
        for row in rows:  # type: ignore[attr-defined]
            copy.write_row(row)
