"""Fixtures: a store on either engine, a clock that ticks, and people who work at a maker and at two hospitals."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings

from tests import postgres
from tests.clinic import Clinic, Clock, found
from tests.opened import opened
from traceability import create_app
from traceability.store import Store
from traceability.store.migrate import migrate

ENGINES = ("sqlite", "postgresql")

settings.register_profile("suite", deadline=None)  # that a machine is busy is no finding
settings.load_profile("suite")

# Every act is synced to the disk. Databases of tests lie in memory where the machine has such a folder and room in it:
# the same settings, and nobody waits for a disk. What a disk does to acts is told by tests/faults.
MEMORY, ROOM = Path("/dev/shm"), 3 << 30
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: the collector would walk over it again and again, and free nothing."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000)  # a test makes much and keeps little
        gc.enable()


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
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


@pytest.fixture(scope="session")
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Path, Clinic]]:
    """Migrated and peopled once an engine; every test gets a copy."""
    return {}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(
    engine: str,
    clock: Clock,
    template: dict,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Store]:
    if engine not in template:
        home = tmp_path_factory.mktemp(f"template-{engine}")
        template[engine] = (home, _found(engine, home, request))
    home, _ = template[engine]
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    if engine == "sqlite":
        made = opened(f"sqlite:///{tmp_path}/traceability.sqlite", tmp_path, clock)
    else:
        cluster = request.getfixturevalue("cluster")
        name = f"t_{os.getpid()}_{abs(hash(tmp_path))}"
        cluster.create_database(name, template="clinic_template")
        made = opened(cluster.url(name, "app"), tmp_path, clock)
    yield made
    made.close()
    if engine != "sqlite":
        cluster.drop_database(name)


@pytest.fixture
def clinic(store: Store, engine: str, template: dict, clock: Clock) -> Clinic:
    return template[engine][1].at(store, clock)


Serving = Callable[..., Flask]


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """`serving(store, SECURE=False)`: the application over this store.

    Making one, and compiling its templates, takes longer than most tests: all that ask for the same share it, one at a time.
    """
    made: dict[tuple[Any, ...], tuple[Flask, dict[str, Any]]] = {}

    def serve(store: Store, **settings: Any) -> Flask:
        same = (store.keys.inputs, *sorted(settings.items()))  # cookies are signed with a key of the store
        if same not in made:
            app = create_app({"STORE": store, **settings}, instance_path=str(tmp_path_factory.mktemp("app")))
            made[same] = app, dict(app.config)
        app, config = made[same]
        app.extensions["store"] = store
        app.config.clear()  # of what an earlier test has set
        app.config.update(config)
        return app

    return serve


def _found(engine: str, home: Path, request: pytest.FixtureRequest) -> Clinic:
    clock = Clock()
    if engine == "sqlite":
        url = owner = f"sqlite:///{home}/traceability.sqlite"
    else:
        cluster = request.getfixturevalue("cluster")
        cluster.create_database("clinic_template")
        with cluster.connect("clinic_template") as connection:
            connection.execute("GRANT CREATE ON DATABASE clinic_template TO owner")
        owner, url = cluster.url("clinic_template", "owner"), cluster.url("clinic_template", "app")
    made = opened(url, home, clock)
    migrate(made, owner, url)
    clinic = found(made, clock)
    made.close()
    return clinic
