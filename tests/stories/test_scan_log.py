"""What was scanned, when and with which answer: beside the ledger, and every day of it vouched for in the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import bindparam, text

from tests.clinic import Clinic
from traceability.domain.checks import Purpose
from traceability.services import scans
from traceability.services.verdicts import scan
from traceability.store.scanned import SCANS
from traceability.store.verify import verify


def scanned(clinic: Clinic, serial: str) -> None:
    with clinic.store.read(clinic.PHARMACIST) as view:
        found = scan(view, clinic.code(clinic.vial(serial)), Purpose.STOCK)
    scans.log(clinic.store, clinic.PHARMACIST, found)


def sealed(clinic: Clinic) -> list[tuple[str, int]]:
    """The days that the ledger vouches for, each with how many scans, once all that are over are sealed."""
    scans.log_of(clinic.store).flush()
    assert scans.seal_days(clinic.store)
    return verified(clinic)


def verified(clinic: Clinic) -> list[tuple[str, int]]:
    with clinic.store.engines.reader.connect() as connection:
        report = verify(connection)
    assert report.problems == []
    return [(day, told["scans"]) for day, told in report.sealed["scan_log.seal"].items()]


def test_every_day_that_is_over_is_sealed_once(released: Clinic) -> None:
    clinic = released
    assert sealed(clinic) == []
    first = clinic.clock.now.date()
    for serial in ("H3K001", "H3K002", "H3K001"):
        scanned(clinic, serial)
    assert sealed(clinic) == []  # the day goes on
    clinic.clock.tick(days=3)
    scanned(clinic, "H3K003")
    assert sealed(clinic) == sealed(clinic) == [(f"{first}", 3)]
    clinic.clock.tick(days=1)
    assert sealed(clinic) == [(f"{first}", 3), (f"{first + timedelta(days=3)}", 1)]


def test_an_answer_that_was_changed_or_taken_out_afterwards_is_named_with_its_day(released: Clinic) -> None:
    clinic = released
    day = clinic.clock.now.date()
    for _ in range(3):
        scanned(clinic, "H3K001")
    clinic.clock.tick(days=2)
    assert sealed(clinic) == [(f"{day}", 3)]
    for wrong in ("UPDATE scan SET verdict = 'do_not_use' WHERE id = 2", "DELETE FROM scan WHERE id = 3"):
        with clinic.store.engines.writer.connect() as connection, connection.begin() as transaction:
            connection.execute(text(wrong))
            (told,) = verify(connection).problems
            transaction.rollback()
        assert told.startswith(f"scan log of {day}: its rows are not those that the ledger sealed")
    assert sealed(clinic) == [(f"{day}", 3)]


ADDED = (
    "INSERT INTO scan(at, person_id, vial_id, purpose, verdict, findings)"
    " SELECT :at, person_id, vial_id, 'bedside', 'use', '' FROM scan WHERE id = 1"
)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0, "its rows are not those that the ledger sealed (2 of 1)"),
        (-1, "it has rows and was never sealed, though a later day is"),
        (1, "it has rows and was never sealed, though a later day is"),
    ],
    ids=["a sealed day", "before the first", "between two"],
)
def test_a_scan_that_was_put_in_afterwards_is_named_with_its_day(released: Clinic, days: int, told: str) -> None:
    clinic, first = released, released.clock.now
    scanned(clinic, "H3K001")
    clinic.clock.tick(days=2)
    scanned(clinic, "H3K002")
    clinic.clock.tick(days=2)
    assert [scans for _, scans in sealed(clinic)] == [1, 1]
    put_in = first + timedelta(days=days)
    with clinic.store.beside() as connection:
        connection.execute(text(ADDED).bindparams(bindparam("at", put_in, SCANS.table.c.at.type)))
    with clinic.store.engines.reader.connect() as connection:
        assert verify(connection).problems == [f"scan log of {put_in.date()}: {told}"]


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("time", ["", "2026-04-0"])
def test_a_scan_without_a_readable_time_is_named_and_ends_nothing(released: Clinic, time: str) -> None:
    clinic = released
    scanned(clinic, "H3K001")
    clinic.clock.tick(days=2)
    assert len(sealed(clinic)) == 1
    with clinic.store.beside() as connection:
        connection.execute(text(ADDED), {"at": time})
    with clinic.store.engines.reader.connect() as connection:
        assert verify(connection).problems == ["scan log: the time of a row cannot be read"]


def test_scans_of_a_day_that_goes_on_wait_for_their_seal_and_are_no_problem(released: Clinic) -> None:
    clinic = released
    scanned(clinic, "H3K001")
    clinic.clock.tick(days=2)
    scanned(clinic, "H3K002")
    assert len(sealed(clinic)) == 1


def test_a_day_is_sealed_an_hour_after_its_end_though_somebody_scans_within_that_hour(released: Clinic) -> None:
    clinic, log = released, scans.log_of(released.store)
    midnight = datetime.combine(clinic.clock.now + timedelta(days=1), time(), UTC)
    days = []
    for minutes in (-60, 20, 40, 59, 61, 24 * 60 + 59, 24 * 60 + 61):
        clinic.clock.now = midnight + timedelta(minutes=minutes)
        scanned(clinic, "H3K001")
        log.flush()
        log.seal()
        days.append(len(verified(clinic)))
    assert days == [0, 0, 0, 0, 1, 1, 2]
