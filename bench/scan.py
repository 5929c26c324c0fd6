"""`GET /api/v1/scan`, signed in, the whole verdict, against a bare Flask route that answers JSON."""

from __future__ import annotations

import http.client
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import create_environ

from bench import measure, seed
from bench.measure import ROOT, Row
from bench.worlds import VIALS, World, stopped
from tests.clinic import GTIN, PASSWORD
from traceability import create_app
from traceability.domain import gs1
from traceability.services import people

AIM = 0.4
EXPIRES = date(2026, 9, 30)


def bare() -> Flask:
    """The least that answers JSON."""
    app = Flask("bare")
    app.add_url_rule("/bare", "bare", lambda: {"verdict": "use"})
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
        token = people.sign_in(world.store, "putri", PASSWORD, "bearer").token
        paths = [
            f"/api/v1/scan?{urlencode({'code': code, 'purpose': 'stock'})}" for code in codes(story, size // VIALS, 500)
        ]
        headers = {"Authorization": f"Bearer {token}"}
        scans = cycle([calling(app, create_environ(path, headers=headers)) for path in paths])
        if b'"use"' not in next(scans)():
            raise AssertionError("the measured scan does not say that the vial may be used")
        took = measure.paired(
            {"bare": plain, "scan": lambda scans=scans: next(scans)()}, rounds=rounds, calls=calls, warm=100
        )
        share = measure.ratio(took["scan"].cpu, took["bare"].cpu)
        told = f"{share:.2f} ({1e6 / took['scan'].cpu_us:,.0f} against {1e6 / took['bare'].cpu_us:,.0f} requests per CPU second)"
        figures = {"vials": size, "share": share, "scan_us": took["scan"].cpu_us, "bare_us": took["bare"].cpu_us}
        made.append(Row(f"`GET /api/v1/scan`, signed in, {size:,} vials, SQLite", "bare Flask JSON route, called as WSGI",
                        told, f"≥ {AIM}", share >= AIM, figures))  # fmt: skip
        if size == sizes[min(1, len(sizes) - 1)]:
            made += served(world, paths, token, rounds=max(3, rounds // 2), calls=calls)
        world.close(drop=True)
    flat = [row.figures["scan_us"] for row in made if "scan_us" in row.figures]
    if len(flat) > 1:
        most = max(flat) / min(flat)
        made.append(Row(f"the same scan, {sizes[0]:,} to {sizes[-1]:,} vials, slowest against quickest", "", f"{most:.2f} ×",
                        "flat", most <= 1.3))  # fmt: skip
    return made


def served(world: World, paths: list[str], token: str, *, rounds: int, calls: int) -> list[Row]:
    """The same pair behind granian on loopback: CPU time of the server's processes, where /proc tells it."""
    if not Path("/proc/self/stat").exists():
        return []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = str(Path(sys.executable).parent / "granian")
    told = {"BENCH_HOME": str(world.home), "BENCH_NOW": world.clinic.clock.now.isoformat()}
    arguments = [
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
        "--blocking-threads",
        "1",
    ]
    log = world.home / "granian.log"
    server = subprocess.Popen(
        [program, *arguments, "bench.served:app"], cwd=ROOT, env=os.environ | told, stdout=log.open("wb"), stderr=subprocess.STDOUT
    )  # fmt: skip
    try:
        line = _connected(port, log)
        cpu: dict[str, list[float]] = {"bare": [], "scan": []}
        asked = {"bare": cycle(["/bare"]), "scan": cycle(paths)}
        headers = {"Authorization": f"Bearer {token}"}
        for turn in range(rounds + 1):
            for name, addresses in asked.items():
                before = _cpu(server.pid)
                for _ in range(calls):
                    line.request("GET", next(addresses), headers=headers)
                    answer = line.getresponse()
                    answer.read()
                    if answer.status != 200:
                        raise AssertionError(f"granian answered {answer.status} to {name}")
                if turn:  # the first is for warming up
                    cpu[name].append((_cpu(server.pid) - before) / calls)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
    share = measure.ratio(cpu["scan"], cpu["bare"])
    shown = (
        f"{share:.2f} ({1 / median(cpu['scan']):,.0f} against {1 / median(cpu['bare']):,.0f} requests per CPU second)"
    )
    return [Row("the same behind granian on loopback", "bare route, same server", shown, f"≥ {AIM}", share >= AIM,
                {"share": share})]  # fmt: skip


def _connected(port: int, log: Path) -> http.client.HTTPConnection:
    for _ in range(900):
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            line.request("GET", "/bare")
            line.getresponse().read()
            return line
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"granian did not start:\n{log.read_text()[-2000:]}")


def _cpu(pid: int) -> float:
    """CPU seconds of a process and of its children, to a hundredth."""
    total, ticks = 0.0, os.sysconf("SC_CLK_TCK")
    for one in [pid, *_children(pid)]:
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in listed.read_text().split()] if listed.exists() else []
