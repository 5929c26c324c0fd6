"""What was scanned, when and with which answer: beside the ledger, and every day of it vouched for in the ledger."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from tests.clinic import Clinic
from traceability.domain.checks import Purpose
from traceability.services import scans
from traceability.services.verdicts import scan
from traceability.store.verify import verify


def scanned(clinic: Clinic, serial: str) -> None:
    with clinic.store.read(clinic.PHARMACIST) as view:
        found = scan(view, clinic.code(clinic.vial(serial)), Purpose.STOCK)
    scans.log(clinic.store, clinic.PHARMACIST, found)


def sealed(clinic: Clinic) -> list[tuple[str, int]]:
    """The days that the ledger vouches for, each with how many scans."""
    scans.log_of(clinic.store).flush()
    assert scans.seal_days(clinic.store)
    with clinic.store.engines.reader.connect() as connection:
        report = verify(connection)
    assert report.problems == []
    return [(day, told["scans"]) for day, told in report.sealed.items()]


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
