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
from traceability.services import sessions

AIM = 0.4
EXPIRES = date(2026, 9, 30)


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
    """What a scanner sends for vials in stock, all over the record."""
    chance = random.Random(7)
    stock = seed.serials(story, "in_stock")
    lots = [word for name, word in story.words.items() if name == "UC26-B1"]
    made = []
    for _ in range(count):
        tag = chance.randrange(1, copies + 1)
        lot = seed.TAG.format(tag - (tag - 1) % 5).join(lots[0])
        serial = seed.TAG.format(tag).join(chance.choice(stock))
        made.append("]d2" + gs1.element_string(gs1.vial_elements(GTIN, lot, EXPIRES, serial)))
    return made


def writing(world: World) -> Callable[[], object]:
    """Somebody else commits: whatever a reader had kept is out of date."""
    other = sqlite3.connect(world.home / "traceability.sqlite", isolation_level=None)
    other.execute("PRAGMA synchronous=OFF")
    return lambda: other.execute("UPDATE login SET seen_at = seen_at")


def filled(base: World, story: seed.Story, size: int) -> World:
    world = base.copy(base.home.parent / f"scan-{size}", f"scan_{size}")
    seed.fill(world, seed.filled(story, VIALS * 5), size // VIALS, entries=False, sharing=5)
    stopped(world)
    return world


def rows(base: World, story: seed.Story, sizes: list[int], *, rounds: int, calls: int) -> list[Row]:
    made = []
    plain = calling(bare(), create_environ("/bare"))
    for size in sizes:
        world = filled(base, story, size)
        app = application(world)
        token = sessions.sign_in(world.store, "putri", PASSWORD, "bearer").token
        paths = [
            f"/api/v1/scan?{urlencode({'code': code, 'purpose': 'stock'})}" for code in codes(story, size // VIALS, 500)
        ]
        headers = {"Authorization": f"Bearer {token}"}
        scans = cycle([calling(app, create_environ(path, headers=headers)) for path in paths])
        if b'"use"' not in next(scans)():
            raise AssertionError("the measured scan does not say that the vial may be used")
        write = writing(world)

        def cold(write: Callable[[], object] = write, scans: Iterator[Callable[[], bytes]] = scans) -> None:
            write()
            next(scans)()

        took = measure.paired(
            {"bare": plain, "scan": lambda scans=scans: next(scans)(), "write": write, "cold": cold},
            rounds=rounds,
            calls=calls,
            warm=100,
        )
        share = measure.ratio(took["scan"].cpu, took["bare"].cpu)
        told = f"{share:.2f} ({1e6 / took['scan'].cpu_us:,.0f} against {1e6 / took['bare'].cpu_us:,.0f} requests per CPU second)"
        figures = {"vials": size, "share": share, "scan_us": took["scan"].cpu_us, "bare_us": took["bare"].cpu_us}
        made.append(Row(f"`GET /api/v1/scan`, signed in, {size:,} vials, SQLite", "bare Flask JSON route, called as WSGI",
                        told, f"≥ {AIM}", share >= AIM, figures))  # fmt: skip
        alone = [both - write for both, write in zip(took["cold"].cpu, took["write"].cpu, strict=True)]
        share = measure.ratio(alone, took["bare"].cpu)
        told = f"{share:.2f} ({1 / median(alone):,.0f} requests per CPU second)"
        made.append(
            Row(f"the same where somebody wrote before every scan, {size:,} vials", "the same route", told, "stated")
        )
        if size == sizes[min(1, len(sizes) - 1)]:
            asked = {
                "bare": repeat(("GET", "/bare", {}, "")),
                "scan": cycle(("GET", path, headers, "") for path in paths),
            }
            with server.running(world) as granian:
                made.append(
                    server.row(
                        "the same, both behind granian", granian.paired(asked, rounds=rounds, calls=calls), "scan", AIM
                    )
                )
        world.close(drop=True)
    flat = [row.figures["scan_us"] for row in made if "scan_us" in row.figures]
    if len(flat) > 1:
        most = max(flat) / min(flat)
        made.append(Row(f"the same scan, {sizes[0]:,} to {sizes[-1]:,} vials, slowest against quickest", "", f"{most:.2f} ×",
                        "flat", most <= 1.3))  # fmt: skip
    return made
