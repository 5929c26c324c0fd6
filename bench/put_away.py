"""`vial.put_away`: checked, audited, durable; against a bare route, against the bare writes, and by sixteen at once."""

from __future__ import annotations

import json
import multiprocessing
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError
from werkzeug.test import create_environ

from bench import measure, seed, server
from bench.measure import Row
from bench.scan import application, bare, calling
from bench.worlds import VIALS, World
from tests.clinic import PASSWORD, Clock
from traceability.domain.people import Actor
from traceability.services import load, sessions, vials
from traceability.store import Call, Store, guards, new_id
from traceability.store.engines import Engines
from traceability.store.tables import Stay, Vial
from traceability.store.verify import verify

CLIENTS, AIM = 16, 0.3
VIAL, STAY = Vial.__table__, Stay.__table__


def rows(base: World, story: seed.Story, *, rounds: int, calls: int) -> list[Row]:
    """CPU time of one act, on SQLite: all of it is spent in this process."""
    copies = 1 + 3 * ((rounds + 1) * calls + 20) // VIALS
    world, naked = (_filled(base, story, name, copies) for name in ("put-away", "put-away-naked"))
    with naked.as_owner() as connection:
        guards.remove(connection)
    app, plain = application(world), bare()
    token = sessions.sign_in(world.store, "handayani", PASSWORD, "bearer").token
    place, act = world.clinic.ids["freezer"], "/api/v1/vials/{}/put_away"
    ids, left = _vials(story, copies), _vials(story, copies)

    def asked(app: Any, path: str) -> bytes:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": new_id()}
        environ = create_environ(path, method="POST", json={"place_id": place}, headers=headers)
        return calling(app, environ, "201 CREATED")()

    sides = {
        "bare": lambda: asked(plain, "/bare"),
        "api": lambda: asked(app, act.format(next(ids))),
        "door": lambda: vials.put_away(world.store, world.clinic.STOREKEEPER, Call(), next(ids), place),
        "core": lambda: _core(naked.store, next(left), place, naked.clinic),
        "sqlite3": lambda: _sqlite3(naked.store, next(left), place, naked.clinic),
    }
    took = measure.paired(sides, rounds=rounds, calls=calls, warm=5)
    share = measure.ratio(took["api"].cpu, took["bare"].cpu)
    figures = {name: {"cpu_us": one.cpu_us, "wall_us": one.wall_us} for name, one in took.items()}
    made = [
        Row("`POST /api/v1/vials/…/put_away`, SQLite", "bare Flask route that takes and answers JSON",
            f"{share:.2f} ({took['api'].cpu_us:,.0f} against {took['bare'].cpu_us:,.0f} µs CPU)", f"≥ {AIM}", share >= AIM, figures)
    ]  # fmt: skip
    for name, told in (("core", "SQLAlchemy Core"), ("sqlite3", "plain sqlite3")):
        more, longer = (
            measure.ratio(getattr(took[name], kind), getattr(took["door"], kind)) for kind in ("cpu", "wall")
        )
        made.append(
            Row("`vial.put_away` through the door", f"the same writes, {told}, no ledger, guards or checks",
                f"{more:.1f} × CPU, {longer:.1f} × time ({took['door'].cpu_us:,.0f} against {took[name].cpu_us:,.0f} µs CPU, "
                f"{took['door'].wall_us:,.0f} against {took[name].wall_us:,.0f} µs)", "stated")
        )  # fmt: skip
    body = json.dumps({"place_id": place})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    asked_of = {
        "bare": repeat(("POST", "/bare", headers, body)),
        "put_away": (("POST", act.format(one), headers | {"Idempotency-Key": new_id()}, body) for one in ids),
    }
    with server.running(world) as granian:
        cpu = granian.paired(asked_of, rounds=rounds, calls=calls)
    made.insert(1, server.row("the same, both behind granian", cpu, "put_away", AIM))
    _verified(world)
    for one in (world, naked):
        one.close(drop=True)
    return made


def _filled(base: World, story: seed.Story, name: str, copies: int) -> World:
    world = base.copy(base.home.parent / name, name.replace("-", "_"))
    seed.fill(world, story, copies, entries=True)
    world.clinic.clock.tick(days=1)
    return world


def _vials(story: seed.Story, copies: int) -> Iterator[str]:
    return (seed.TAG.format(n) + tail for n in range(1, copies + 1) for tail in seed.ids(story, "vial"))


def _core(store: Store, vial_id: str, place_id: str, clinic: Any) -> None:
    """What is written without a door: the vial is read, its stay ends, another begins, its state changes; one commit."""
    now, act_id = clinic.clock.now, new_id()
    with store.engines.writer.begin() as connection:
        connection.execute(select(VIAL).where(VIAL.c.id == vial_id, VIAL.c.state == "in_transit")).one()
        open_stay = (STAY.c.vial_id == vial_id, STAY.c.until.is_(None))
        connection.execute(update(STAY).where(*open_stay).values(until=now, act_id=act_id))
        row = {
            "id": new_id(),
            "act_id": act_id,
            "vial_id": vial_id,
            "place_id": place_id,
            "since": now,
            "demonstration": False,
        }
        connection.execute(insert(STAY), row)
        told = {"state": "in_stock", "organisation_id": clinic.ids["hospital"], "act_id": act_id}
        connection.execute(update(VIAL).where(VIAL.c.id == vial_id).values(told))


def _sqlite3(store: Store, vial_id: str, place_id: str, clinic: Any) -> None:
    now, act_id = f"{clinic.clock.now:%Y-%m-%dT%H:%M:%S.%fZ}", new_id()
    lent = store.engines.writer.raw_connection()
    driver: Any = lent.driver_connection
    try:
        driver.execute("BEGIN IMMEDIATE")
        if not driver.execute("SELECT * FROM vial WHERE id = ? AND state = 'in_transit'", (vial_id,)).fetchone():
            raise AssertionError("the vial is not there")
        driver.execute(
            "UPDATE stay SET until = ?, act_id = ? WHERE vial_id = ? AND until IS NULL", (now, act_id, vial_id)
        )
        driver.execute(
            "INSERT INTO stay(id, act_id, vial_id, place_id, since, demonstration) VALUES (?, ?, ?, ?, ?, 0)",
            (new_id(), act_id, vial_id, place_id, now),
        )
        told = ("in_stock", clinic.ids["hospital"], act_id, vial_id)
        driver.execute("UPDATE vial SET state = ?, organisation_id = ?, act_id = ? WHERE id = ?", told)
        driver.execute("COMMIT")
    finally:
        lent.close()


def _verified(world: World) -> None:
    """What was measured was the real thing: afterwards the record still is what its ledger says."""
    with world.store.engines.reader.connect() as connection:
        if problems := verify(connection).problems:
            raise AssertionError(f"after the bench the record does not verify: {problems[:3]}")


# ------------------------------------------------------------------------------------------------------ sixteen at once


@dataclass(frozen=True, slots=True)
class Unqueued(Engines):
    """The same engines without the fair queue before BEGIN: SQLite's own waiting decides who is next."""

    @contextmanager
    def turn(self) -> Iterator[None]:
        yield


@dataclass(frozen=True, slots=True)
class Task:
    """What one client is told."""

    url: str
    home: str
    now: datetime
    actor: Actor
    vial_ids: list[str]
    place_id: str
    seconds: float
    queued: bool


def storm(base: World, story: seed.Story, *, seconds: float, name: str, queues: tuple[bool, ...]) -> list[Row]:
    """Sixteen processes, each putting away vials of its own for so long."""
    made = []
    for queued in queues:
        copies = CLIENTS * max(1, round(seconds * 1.5))
        world = _filled(base, story, f"storm-{name}-{queued}", copies)
        all_ids = list(_vials(story, copies))
        share = len(all_ids) // CLIENTS
        url = world.store.engines.writer.url.render_as_string(hide_password=False)
        tasks = [
            Task(url, str(world.home), world.clinic.clock.now, world.clinic.STOREKEEPER,
                 all_ids[n * share : (n + 1) * share], world.clinic.ids["freezer"], seconds, queued)
            for n in range(CLIENTS)
        ]  # fmt: skip
        took = _run(tasks)
        _verified(world)
        every = sorted(one for client in took for one in client["took"])
        counts = [len(client["took"]) for client in took]
        worst = min(counts) / (sum(counts) / len(counts))
        figures = {
            "engine": name, "fair_queue": queued, "per_second": len(every) / seconds, "p50_ms": every[len(every) // 2] * 1e3,
            "p99_ms": every[int(len(every) * 0.99)] * 1e3, "longest_ms": every[-1] * 1e3, "least_share": worst,
            "failed": sum(client["failed"] for client in took), "cpu_s": sum(client["cpu"] for client in took),
        }  # fmt: skip
        told = (
            f"{figures['per_second']:,.0f}/s; p50 {figures['p50_ms']:.0f} ms, p99 {figures['p99_ms']:.0f} ms, longest "
            f"{figures['longest_ms']:,.0f} ms; slowest client {worst:.0%} of the mean; {figures['failed']} failed"
        )
        queue = {"sqlite": "with the fair queue" if queued else "without the fair queue"}.get(
            name, "row and advisory locks"
        )
        aim = "no starvation" if queued else ""
        made.append(Row(f"{CLIENTS} clients at once, {name}, {queue}", "", told, aim, worst >= 0.5 and not figures["failed"]
                        if queued else None, figures))  # fmt: skip
        world.close(drop=True)
    return made


def _run(tasks: list[Task]) -> list[dict[str, Any]]:
    """Start all, let them begin together, collect what each measured."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bench.put_away"])
    together, answers = context.Barrier(len(tasks)), context.Queue()
    processes = [context.Process(target=client, args=(task, together, answers)) for task in tasks]
    for process in processes:
        process.start()
    try:
        told = [json.loads(answers.get(timeout=tasks[0].seconds + 300)) for _ in processes]
    finally:
        for process in processes:
            process.join(30)
            process.terminate()
    if broken := [one["broken"] for one in told if "broken" in one]:
        raise RuntimeError(f"{len(broken)} clients broke down:\n{broken[0]}")
    return told


def client(task: Task, together: Any, answers: Any) -> None:
    """One client: acts one after the other, each timed as it was waited for."""
    try:
        answers.put(json.dumps(_work(task, together)))
    except BaseException:
        together.abort()
        answers.put(json.dumps({"broken": traceback.format_exc()}))


def _work(task: Task, together: Any) -> dict[str, Any]:
    load()
    store = Store(task.url, Path(task.home), clock=Clock(task.now))
    if not task.queued:
        store.engines = Unqueued(store.engines.writer, store.engines.reader, store.engines.queue_path)
    ids = iter(task.vial_ids)

    def put_away(vial_id: str) -> None:
        vials.put_away(store, task.actor, Call(), vial_id, task.place_id)

    put_away(next(ids))
    together.wait()
    took, failed, cpu = [], 0, time.process_time()
    end = time.perf_counter() + task.seconds
    for vial_id in ids:
        began = time.perf_counter()
        if began >= end:
            break
        try:
            put_away(vial_id)
            took.append(time.perf_counter() - began)
        except DBAPIError:  # locked out for longer than it would wait
            failed += 1
    store.close()
    return {"took": took, "failed": failed, "cpu": time.process_time() - cpu}
