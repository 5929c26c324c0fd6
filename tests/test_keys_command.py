"""`flask keys`: a new key for identities, and the end of a former one, as who runs the installation types it."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from flask import Flask

from tests.clinic import Clinic
from tests.conftest import Serving
from tests.stories.case import enrol
from traceability.services import rekeying


@pytest.fixture
def engine() -> str:
    return "sqlite"  # what it does to rows is told by stories on both


@pytest.fixture
def app(clinic: Clinic, serving: Serving) -> Flask:
    for number in range(3):
        enrol(clinic, f"Person {number}", f"MRN-{number}")
    return serving(clinic.store, SECURE=False)


def keys(app: Flask, *arguments: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["keys", *arguments])
    return done.exit_code, done.output


def shown(app: Flask) -> list[tuple[str, int]]:
    told: list[dict[str, Any]] = json.loads(keys(app, "show", "--json")[1])
    return [(one["state"], one["kept"]) for one in told]


def test_a_new_key_takes_everybody_and_the_former_one_goes_after_an_hour(app: Flask, clinic: Clinic) -> None:
    assert shown(app) == [("current", 3)]
    assert "3 identities and images" in keys(app, "show")[1]
    code, told = keys(app, "rotate")
    assert code == 0
    assert "3 identities and images brought under it" in told
    assert shown(app) == [("current", 3), ("former", 0)]
    (former,) = (clinic.store.documents.parent / "keys").glob("identity-*.key")
    os.utime(former, (clinic.clock.now.timestamp() - 3500,) * 2)
    code, told = keys(app, "forget")
    assert code == 1
    assert "less than an hour" in told
    clinic.clock.tick(minutes=2)
    assert keys(app, "forget")[0] == 0
    assert shown(app) == [("current", 3)]


def test_interrupted_it_goes_on_and_makes_no_third_key(
    app: Flask, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekeying, "AT_ONCE", 2)
    ring = clinic.store.keys.identities
    old = ring.current().id
    ring.renew()
    next(rekeying.bring(clinic.store))
    assert shown(app) == [("current", 2), ("former", 1)]
    assert f"{old}: 1." in keys(app, "forget")[1]
    assert keys(app, "rotate", "--resume")[0] == 0
    assert shown(app) == [("current", 3), ("former", 0)]


def test_a_key_that_is_gone_is_named_and_the_others_are_brought(app: Flask, clinic: Clinic) -> None:
    folder = clinic.store.documents.parent / "keys"
    (folder / "identity.key").write_bytes(os.urandom(64))
    enrol(clinic, "Person 3", "MRN-3")
    assert shown(app) == [("current", 1), ("missing", 3)]
    code, told = keys(app, "rotate")
    assert code == 1
    assert "cannot be read" in told
    assert shown(app) == [("current", 1), ("former", 0), ("missing", 3)]
    (folder / "identity.key").unlink()
    code, told = keys(app, "rotate")
    assert (code, "not on this server" in told) == (1, True)
