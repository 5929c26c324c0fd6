"""Scratch installations on either engine, and the stories whose copies fill them: all of it through the real services."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from tests import postgres
from tests.clinic import JAKARTA, Clinic, Clock, found
from traceability.services import courses, events, outcomes, stops, subjects
from traceability.store import Store
from traceability.store.migrate import migrate
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.quality import ScopeKind
from traceability.store.tables.subjects import Laterality

VIALS, SUBJECTS, DOSES = 100, 40, 2
"""One story: so many vials in a lot, of which SUBJECTS × DOSES are given. Copies of it are the bulk."""


@dataclass
class World:
    """One installation: a clinic on a database of its own."""

    clinic: Clinic
    home: Path
    owner_url: str
    cluster: postgres.Cluster | None = None
    database: str = ""

    @property
    def store(self) -> Store:
        return self.clinic.store

    @contextmanager
    def as_owner(self) -> Iterator[Connection]:
        """A transaction with the right to take guards off. Only a bench does that, on data that it throws away."""
        sqlite = self.cluster is None
        arguments = {"isolation_level": None} if sqlite else {"options": "-c search_path=trace -c timezone=UTC"}
        engine = create_engine(self.owner_url, poolclass=NullPool, connect_args=arguments)
        if sqlite:
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        with engine.begin() as connection:
            yield connection
        engine.dispose()

    def copy(self, home: Path, name: str) -> World:
        """Another installation with the same content. This one must be closed."""
        shutil.copytree(self.home, home)
        if self.cluster is None:
            url = owner = f"sqlite:///{home}/traceability.sqlite"
        else:
            self.cluster.create_database(name, template=self.database)
            url, owner = self.cluster.url(name, "app"), self.cluster.url(name)
        clock = Clock(self.clinic.clock.now)
        clinic = replace(self.clinic, store=Store(url, home, clock=clock), clock=clock, ids=dict(self.clinic.ids))
        return World(clinic, home, owner, self.cluster, name)

    def close(self, *, drop: bool = False) -> None:
        self.store.close()
        if drop:
            shutil.rmtree(self.home, ignore_errors=True)
            if self.cluster is not None:
                self.cluster.drop_database(self.database)

    def acts(self) -> set[str]:
        with self.store.engines.reader.connect() as connection:
            return set(connection.exec_driver_sql("SELECT act_id FROM entry").scalars())


def cluster() -> postgres.Cluster | None:
    """A throw-away PostgreSQL that flushes to disk as a real one does; None where there is none on this machine."""
    if postgres.missing_reason():
        return None
    postgres.SETTINGS |= {
        "fsync": "on",
        "full_page_writes": "on",
        "autovacuum": "on",
        "wal_level": "replica",
        "max_wal_size": "4GB",
    }
    made = postgres.start()
    with made.connect() as connection:
        connection.execute("CREATE ROLE owner LOGIN CREATEDB")
        connection.execute("CREATE ROLE app LOGIN")
    return made


def founded(home: Path, name: str, server: postgres.Cluster | None) -> World:
    """A maker, two hospitals, people and a product: migrated and peopled through the door."""
    home.mkdir()
    clock = Clock()
    if server is None:
        url = owner = made_by = f"sqlite:///{home}/traceability.sqlite"
    else:
        server.create_database(name)
        with server.connect(name) as connection:
            connection.execute(f"GRANT CREATE ON DATABASE {name} TO owner")
        # Guards are taken off and data copied in as the superuser; the tables belong to `owner` as in an installation.
        url, made_by, owner = server.url(name, "app"), server.url(name, "owner"), server.url(name)
    store = Store(url, home, clock=clock)
    migrate(store, made_by, url)
    return World(found(store, clock), home, owner, server, name)


def counted(world: World) -> set[str]:
    """A lot that was shipped, taken over and counted, its vials waiting to be put away. Returns the acts of the story."""
    before = world.acts()
    clinic = world.clinic
    clinic.counted(clinic.arrived(clinic.shipped(clinic.lot("UC26-C1", VIALS))))
    return world.acts() - before


def given(world: World, vials: int = VIALS) -> set[str]:
    """A released lot, a part of it given to subjects, with scores and events. Returns the acts of the story."""
    clinic = world.clinic
    clinic.protocol("Knee, two weekly", doses=DOSES)
    before = world.acts()
    clinic.ids["lot"] = clinic.released_lot("UC26-B1", vials)
    clinic.clock.tick(days=1)
    planned = [_planned(clinic, n) for n in range(SUBJECTS)]
    for k in range(1, DOSES + 1):
        began = clinic.clock.now
        for clinic.ids["subject"], course in planned:
            clinic.give_dose(course, k)
        clinic.clock.now = began + timedelta(days=7)
    for subject, course in planned:
        _asked(clinic, subject, course)
    clinic.clock.tick(days=7)
    return world.acts() - before


def _planned(clinic: Clinic, n: int) -> tuple[str, str]:
    """One subject with a course from today."""
    sealed = subjects.seal_identity(clinic.store, name=f"Subject {n}", mrn=f"MRN-{n:07d}", born=date(1969, 5, 3))
    clinic.ids["subject"] = subject = clinic.do(subjects.enrol, clinic.PHYSICIAN, sealed).id
    clinic.consent(subject)
    told = (subject, clinic.ids["protocol"], Laterality.RIGHT, clinic.clock.now.astimezone(JAKARTA).date())
    return subject, clinic.do(courses.plan, clinic.PHYSICIAN, *told, compartment="medial").id


def _asked(clinic: Clinic, subject: str, course: str) -> None:
    """What was asked of one subject afterwards."""
    for point, raw in ((TimePoint.BASELINE, "7"), (TimePoint.FOLLOW_UP, "3")):
        clinic.do(
            outcomes.record, clinic.PHYSICIAN, subject, "VAS", raw, point, "chart",
            laterality=Laterality.RIGHT, course_id=course,
        )  # fmt: skip
    clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.NONE, window="three weeks", told_by="asked by telephone")


def stopped(world: World, count: int = 20) -> None:
    """Open holds over vials that were given: a scan of any vial looks through them all."""
    clinic = world.clinic
    for vial in clinic.vials(clinic.ids["lot"])[:count]:
        clinic.do(stops.hold, clinic.QUALITY, f"Asked of {vial.serial}", ScopeKind.VIAL, [vial.id], reason="bench")
