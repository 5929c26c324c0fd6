"""`flask import-log`: what was understood is printed, somebody confirms it, and it is their act."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.clinic import PASSWORD, Clinic
from tests.thermometers import hung, log_of
from traceability import create_app
from traceability.store.tables import SensorFile


@pytest.fixture
def app(clinic: Clinic, tmp_path: Path) -> Flask:
    return create_app({"STORE": clinic.store, "SECURE": False}, instance_path=str(tmp_path / "app"))


def asked(app: Flask, *arguments: str, password: str = PASSWORD) -> Result:
    told = ["import-log", *arguments, "--username", "putri", "--password", password]
    return app.test_cli_runner().invoke(args=told)


def files(clinic: Clinic) -> list[SensorFile]:
    with clinic.store.read(clinic.PHARMACIST) as view:
        return view.all(SensorFile)


def test_a_file_is_read_in_when_its_digest_is_confirmed_and_no_sooner(
    app: Flask, clinic: Clinic, tmp_path: Path
) -> None:
    sensor = hung(clinic, "read_freezer", "L-1", live=False)
    clinic.clock.tick(hours=2)
    first = clinic.clock.now - timedelta(hours=1)
    path = tmp_path / "log.csv"
    path.write_bytes(log_of("L-1", first, [-20.0, -20.0, -19.5]))
    seen = asked(app, str(path), "--sensor", "L-1")
    assert seen.exit_code == 1
    assert "rows: 3" in seen.output
    assert "hung in F-02" in seen.output
    assert "confirm it. Nothing was read in." in seen.output
    assert asked(app, str(path), "--sensor", "L-1", "--confirm", "0" * 64).exit_code == 1
    assert files(clinic) == []
    digest = seen.output.rpartition("digest: ")[2].split()[0]
    assert asked(app, str(path), "--sensor", "L-1", "--confirm", digest, password="nobody").exit_code == 1
    done = asked(app, str(path), "--sensor", "L-1", "--confirm", digest)
    assert done.exit_code == 0, done.output
    (file,) = files(clinic)
    assert (file.sensor_id, file.readings) == (sensor, 3)
    with clinic.store.read(clinic.QUALITY) as view:
        (row,) = view.rows("SELECT person_id FROM entry WHERE act_id = :act", {"act": file.act_id})
    assert row[0] == clinic.PHARMACIST.person_id
    again = asked(app, str(path), "--sensor", "L-1", "--yes")
    assert again.exit_code == 1
    assert "was attached before" in again.output


def test_what_it_is_read_in_for_has_to_be_named_and_known(app: Flask, clinic: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(log_of("L-1", clinic.clock.now, [-20.0, -20.0]))
    assert asked(app, str(path), "--yes").exit_code == 2
    assert asked(app, str(path), "--yes", "--sensor", "L-9").exit_code == 1
    assert asked(app, str(path), "--yes", "--consignment", "C-99").exit_code == 1
    assert files(clinic) == []
