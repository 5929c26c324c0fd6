"""Moments of one lot's way from which many tests begin: each is reached once an engine through the real services, and copied."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import count
from pathlib import Path

import pytest

from tests.clinic import Clinic, Clock
from tests.conftest import _found
from tests.opened import opened
from tests.postgres import Cluster

_NUMBERS = count(1)


def _certified(clinic: Clinic) -> None:
    clinic.ids["lot"] = clinic.lot()


def _arrived(clinic: Clinic) -> None:
    clinic.ids["box"] = clinic.arrived(clinic.shipped(clinic.ids["lot"]))


def _in_stock(clinic: Clinic) -> None:
    clinic.counted(clinic.ids["box"])
    clinic.put_away(clinic.ids["box"])
    clinic.logged(clinic.ids["box"])


def _ready(clinic: Clinic) -> None:
    clinic.certificate(clinic.tested(clinic.ids["lot"]))


def _released(clinic: Clinic) -> None:
    clinic.ids["release"] = clinic.release(clinic.ids["lot"]).id


STEPS: dict[str, Callable[[Clinic], None]] = {
    # one lot of five vials: certified by its maker → arrived → counted, logged, put away → tested → released
    "founded": lambda clinic: None,
    "certified": _certified,
    "arrived": _arrived,
    "in_stock": _in_stock,
    "ready": _ready,
    "released": _released,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A closed database at one moment, from which copies are made."""

    home: Path
    database: str
    clinic: Clinic
    now: datetime


class Worlds:
    """Every moment once an engine: each is made from the one before it."""

    def __init__(self, request: pytest.FixtureRequest, folder: pytest.TempPathFactory) -> None:
        self.request = request
        self.folder = folder
        self.kept: dict[tuple[str, str], Kept] = {}

    def keep(self, engine: str, step: str) -> Kept:
        if (engine, step) not in self.kept:
            home = self.folder.mktemp(f"{engine}-{step}")
            number = list(STEPS).index(step)
            if number == 0:
                self.kept[engine, step] = self._first(engine, home)
            else:
                clinic, database = self.copy(engine, list(STEPS)[number - 1], home)
                STEPS[step](clinic)
                clinic.store.close()
                self.kept[engine, step] = Kept(home, database, clinic, clinic.clock.now)
        return self.kept[engine, step]

    @cached_property
    def cluster(self) -> Cluster:
        made: Cluster = self.request.getfixturevalue("cluster")
        return made

    def _first(self, engine: str, home: Path) -> Kept:
        template = self.request.getfixturevalue("template")
        if engine not in template:
            founded = self.folder.mktemp(f"template-{engine}")
            template[engine] = (founded, _found(engine, founded, self.request))
        founded, clinic = template[engine]
        shutil.copytree(founded, home, dirs_exist_ok=True)
        return Kept(home, "clinic_template", clinic, clinic.clock.now)

    def copy(self, engine: str, step: str, home: Path) -> tuple[Clinic, str]:
        """A clinic of one's own at this moment; its store is open, and its clock stands where the moment ended."""
        kept = self.keep(engine, step)
        shutil.copytree(kept.home, home, dirs_exist_ok=True)
        clock, database = Clock(kept.now), ""
        if engine == "sqlite":
            url = f"sqlite:///{home}/traceability.sqlite"
        else:
            database = f"w_{os.getpid()}_{next(_NUMBERS)}"
            self.cluster.create_database(database, template=kept.database)
            url = self.cluster.url(database, "app")
        store = opened(url, home, clock)
        return replace(kept.clinic, store=store, clock=clock, ids=dict(kept.clinic.ids)), database


@pytest.fixture(scope="session")
def worlds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    return Worlds(request, tmp_path_factory)


@pytest.fixture
def world(engine: str, worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Clinic]]:
    made: list[tuple[Clinic, str]] = []

    def at(step: str) -> Clinic:
        made.append(worlds.copy(engine, step, tmp_path_factory.mktemp(step)))
        return made[-1][0]

    yield at
    for clinic, database in made:
        clinic.store.close()
        if database:
            worlds.cluster.drop_database(database)


def _moment(step: str) -> Callable[..., Clinic]:
    def begin(world: Callable[[str], Clinic]) -> Clinic:
        return world(step)

    begin.__doc__ = f"A clinic of one's own in which the lot is {step}."
    return pytest.fixture(name=step)(begin)


founded, certified, arrived, in_stock, ready, released = (_moment(step) for step in STEPS)
