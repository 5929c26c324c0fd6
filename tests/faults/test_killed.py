"""kill -9 at any moment: every act that was acknowledged is there afterwards, and the record verifies."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests import postgres
from tests.clinic import Clinic, found
from traceability.domain.errors import Refused
from traceability.domain.people import Actor
from traceability.store import Store
from traceability.store.migrate import migrate
from traceability.store.verify import verify

ROOT = Path(__file__).parents[2]


def start(clinic: Clinic) -> subprocess.Popen[str]:
    url = clinic.store.engines.writer.url.render_as_string(hide_password=False)
    told = [url, str(clinic.store.documents.parent), clinic.QUALITY.person_id, clinic.ids["site"]]
    made = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.writer", *told],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert made.stdout is not None
    assert made.stdout.readline() == "ready\n"
    return made


def killed(process: subprocess.Popen[str], after: int, then: float = 0) -> tuple[set[str], set[str]]:
    """Ids that were asked for, and those that were acknowledged, until it was killed: after so many, and some milliseconds."""
    assert process.stdout is not None
    lines: list[list[str]] = []
    while sum(word == "kept" for word, _ in lines) < after:
        lines.append(process.stdout.readline().split())
    time.sleep(then)
    process.send_signal(signal.SIGKILL)
    lines += [line.split() for line in process.stdout.read().splitlines() if line.count(" ") == 1]
    process.wait()
    process.stdout.close()
    return {told for word, told in lines if word == "asked"}, {
        told for word, told in lines if word == "kept" and len(told) == 32
    }


def kept(store: Store, actor: Actor, act_id: str) -> bool:
    try:
        return store.answer(actor, act_id) is not None
    except Refused as refused:
        return refused.code == "already_there"


def check(clinic: Clinic, store: Store, asked: set[str], acknowledged: set[str]) -> int:
    """All acknowledged are there, nothing is there that was not asked, nothing is half there. How many landed unheard."""
    missing = [one for one in acknowledged if not kept(store, clinic.QUALITY, one)]
    assert missing == []
    with store.engines.reader.connect() as connection:
        assert verify(connection).problems == []
        there = set(connection.execute(text("SELECT act_id FROM entry WHERE act = 'place.open'")).scalars())
        assert connection.execute(text("SELECT count(*) FROM open")).scalar() == 0
    return len((there & asked) - acknowledged)


def reopened(clinic: Clinic) -> Store:
    return Store(
        clinic.store.engines.writer.url.render_as_string(hide_password=False),
        clinic.store.documents.parent,
        clock=clinic.clock,
    )


@pytest.mark.slow
def test_a_writer_that_is_killed_again_and_again_loses_nothing_it_was_told(founded: Clinic) -> None:
    dice, asked, acknowledged = random.Random(7), set[str](), set[str]()
    for _ in range(5):
        told = killed(start(founded), dice.randint(1, 9), dice.uniform(0, 0.03))
        asked |= told[0]
        acknowledged |= told[1]
        store = reopened(founded)
        unheard = check(founded, store, asked, acknowledged)
        assert unheard <= 6  # at most the one in flight of each round
        store.close()
    assert len(acknowledged) >= 6


@pytest.mark.slow
def test_two_writers_killed_at_once(founded: Clinic) -> None:
    asked, acknowledged = set[str](), set[str]()
    writers = [start(founded) for _ in range(2)]
    for writer in writers:
        told = killed(writer, 7)
        asked |= told[0]
        acknowledged |= told[1]
    store = reopened(founded)
    check(founded, store, asked, acknowledged)
    store.close()
    assert len(acknowledged) >= 14


def test_the_door_opens_after_a_writer_died_inside_it(founded: Clinic) -> None:
    """Killed while it holds the queue and the database's lock: the next act waits for nobody."""
    writer = start(founded)
    asked, acknowledged = killed(writer, 3)
    began = time.monotonic()
    founded.lot()
    assert time.monotonic() - began < 10
    check(founded, founded.store, asked, acknowledged)


@pytest.fixture
def own_cluster() -> Any:
    """A server of one's own: this one is shot at."""
    if reason := postgres.missing_reason():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    cluster = postgres.start()
    with cluster.connect() as connection:
        connection.execute("CREATE ROLE owner LOGIN CREATEDB")
        connection.execute("CREATE ROLE app LOGIN")
    yield cluster
    cluster.stop()


@pytest.mark.slow
def test_a_server_whose_processes_are_killed_recovers_with_all_it_acknowledged(
    own_cluster: Any, tmp_path: Path
) -> None:
    """SIGKILL to a backend: PostgreSQL throws every session out and recovers from its log; the table of open acts is empty."""
    from tests.clinic import Clock

    own_cluster.create_database("shot")
    with own_cluster.connect("shot") as connection:
        connection.execute("GRANT CREATE ON DATABASE shot TO owner")
    store = Store(own_cluster.url("shot", "app"), tmp_path, clock=(clock := Clock()))
    migrate(store, own_cluster.url("shot", "owner"), own_cluster.url("shot", "app"))
    clinic = found(store, clock)
    writer = start(clinic)
    assert writer.stdout is not None
    first = [writer.stdout.readline().split() for _ in range(20)]
    store.engines.dispose()
    with own_cluster.connect() as connection:
        pids = [
            pid for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity WHERE usename = 'app'").fetchall()
        ]
    os.kill(pids[0], signal.SIGKILL)
    time.sleep(0.5)
    asked, acknowledged = killed(writer, 0)
    asked |= {told for word, told in first if word == "asked"}
    acknowledged |= {told for word, told in first if word == "kept"}
    for _ in range(100):
        try:
            unheard = check(clinic, store, asked, acknowledged)
            break
        except Exception as error:
            if "AssertionError" in type(error).__name__:
                raise
            time.sleep(0.1)
    else:
        pytest.fail("the server did not come back")
    assert unheard <= 1
    assert len(acknowledged) >= 9
    clinic.lot()
    store.close()
