"""`GET /api/v1/scan`, signed in, the whole verdict, against a bare Flask route that answers JSON."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date
from itertools import cycle, repeat
from statistics import median
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from werkzeug.test import create_environ

from bench import measure, seed, server
from bench.measure import Row
from bench.worlds import VIALS, World, stopped
from tests.clinic import GTIN, PASSWORD
from traceability import create_app
from traceability.domain import gs1
from traceability.domain.plain import moment
from traceability.services import sessions
from traceability.store import new_id

AIM = 0.4
EXPIRES = date(2026, 9, 30)
DISTINCT = 100
"""So many different vials are scanned, at every size: no more than the smallest record has in stock."""


def bare() -> Flask:
    """The least that answers JSON, and the least that takes it."""
    app = Flask("bare")
    app.add_url_rule("/bare", "bare", lambda: {"verdict": "use"})
    app.add_url_rule("/bare", "post", lambda: ({"id": request.get_json()["place_id"]}, 201), methods=["POST"])
    return app


def application(world: World) -> Flask:
    given = {"STORE": world.store, "DATABASE_URL": str(world.store.engines.writer.url), "SECURE": False}
    return create_app(given, instance_path=str(world.home))


def calling(app: Any, environ: dict[str, Any], status: str = "200 OK") -> Callable[[], bytes]:
    """One request, as a server hands it over; an answer with another status ends the bench."""

    def start(given: str, headers: object, info: object = None) -> None:
        if given != status:
            raise AssertionError(f"{environ['PATH_INFO']} answered {given}")

    def call() -> bytes:
        answer = app(environ.copy(), start)
        try:
            return b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()

    return call


def codes(story: seed.Story, copies: int, count: int) -> list[str]:
    """What a scanner sends for different vials in stock, all over the record."""
    chance = random.Random(7)
    stock = seed.serials(story, "in_stock")
    made = []
    for n in chance.sample(range(copies * len(stock)), count):
        tag = 1 + n // len(stock)
        lot = seed.TAG.format(tag - (tag - 1) % 5) + story.words["UC26-B1"]
        serial = seed.TAG.format(tag) + stock[n % len(stock)]
        made.append("]d2" + gs1.element_string(gs1.vial_elements(GTIN, lot, EXPIRES, serial)))
    return made


def entering(world: World) -> Callable[[], object]:
    """Somebody else's act is entered: whatever a reader had kept is out of date."""
    other = sqlite3.connect(world.home / "traceability.sqlite", isolation_level=None)
    for pragma in ("synchronous=OFF", "foreign_keys=ON"):
        other.execute(f"PRAGMA {pragma}")
    hours = moment(world.clinic.clock.now)

    def enter() -> None:
        act_id = new_id()
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO open(id) VALUES (?)", (act_id,))
        told = (world.clinic.ids["other"], act_id, "bench", world.clinic.QUALITY.person_id, hours, hours, "{}", b"")
        other.execute(_ENTRY, (*told, told[0]))
        other.execute("COMMIT")

    return enter


_ENTRY = (
    "INSERT INTO entry(number, ledger, act_id, act, person_id, occurred_at, recorded_at, body, leaf)"
    " SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ? FROM entry WHERE ledger = ?"
)


def filled(base: World, story: seed.Story, size: int) -> World:
    world = base.copy(base.home.parent / f"scan-{size}", f"scan_{size}")
    seed.fill(world, seed.filled(story, VIALS * 5), size // VIALS, entries=False, sharing=5)
    stopped(world)
    return world


def rows(base: World, story: seed.Story, sizes: list[int], *, rounds: int, calls: int) -> list[Row]:
    made: list[Row] = []
    plain = calling(bare(), create_environ("/bare"))
    for size in sizes:
        world = filled(base, story, size)
        app = application(world)
        token = sessions.sign_in(world.store, "putri", PASSWORD, "bearer").token
        paths = [
            f"/api/v1/scan?{urlencode({'code': code, 'purpose': 'stock'})}"
            for code in codes(story, size // VIALS, DISTINCT)
        ]
        headers = {"Authorization": f"Bearer {token}"}
        scans = cycle([calling(app, create_environ(path, headers=headers)) for path in paths])
        if b'"use"' not in next(scans)():
            raise AssertionError("the measured scan does not say that the vial may be used")
        enter = entering(world)

        def cold(enter: Callable[[], object] = enter, scans: Iterator[Callable[[], bytes]] = scans) -> None:
            enter()
            next(scans)()

        def scan(scans: Iterator[Callable[[], bytes]] = scans) -> None:
            next(scans)()

        # after the acts every vial is scanned once before it counts as scanned before
        sides = {"enter": enter, "cold": cold, "lap": scan, "bare": plain, "scan": scan}
        took = measure.paired(sides, rounds=rounds, calls=max(calls, DISTINCT), warm=DISTINCT)
        alone = [both - enter for both, enter in zip(took["cold"].cpu, took["enter"].cpu, strict=True)]
        for name, cpu, work in (
            ("again", took["scan"].cpu, f"`GET /api/v1/scan`, signed in, {size:,} vials, SQLite, scanned before"),
            ("first", alone, f"the same, somebody's act was entered before every scan, {size:,} vials"),
        ):
            share = measure.ratio(cpu, took["bare"].cpu)
            told = (
                f"{share:.2f} ({1 / median(cpu):,.0f} against {1e6 / took['bare'].cpu_us:,.0f} requests per CPU second)"
            )
            figures = {"vials": size, "kind": name, "share": share, "times": 1 / share, "us": median(cpu) * 1e6}
            made.append(Row(work, "bare Flask JSON route, called as WSGI", told, "stated", None, figures))
        if size == sizes[min(1, len(sizes) - 1)]:
            made += _served(world, paths, headers, rounds=rounds, calls=calls)
        world.close(drop=True)
    for name, work in (("again", "scanned before"), ("first", "an act before every scan")):
        flat = [row.figures["times"] for row in made if row.figures.get("kind") == name]
        if len(flat) > 1:
            most = max(flat) / min(flat)
            made.append(Row(f"the same scan, {work}, {sizes[0]:,} to {sizes[-1]:,} vials, slowest against quickest",
                            "the bare route of the same rounds", f"{most:.2f} ×", "flat", most <= 1.3))  # fmt: skip
    return made


def _served(world: World, paths: list[str], headers: dict[str, str], *, rounds: int, calls: int) -> list[Row]:
    """Behind granian. The acts before a scan are entered by this process, whose time does not count."""
    enter = entering(world)

    def asking(before: Callable[[], object]) -> Iterator[server.Request]:
        for path in cycle(paths):
            before()
            yield "GET", path, headers, ""

    again = asking(lambda: None)
    asked = {"first": asking(enter), "lap": again, "bare": repeat(("GET", "/bare", {}, "")), "again": again}
    with server.running(world) as granian:
        cpu = granian.paired(asked, rounds=rounds, calls=max(calls, DISTINCT))
    return [
        server.row("the same, both behind granian, scanned before", cpu, "again", AIM),
        server.row("the same, both behind granian, an act before every scan", cpu, "first", AIM),
    ]
