"""A disk that is full: a clear refusal, everything acknowledged kept, and work goes on when there is room again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.clinic import Clinic
from traceability.domain.errors import Refused
from traceability.services import products
from traceability.store import Call, Store
from traceability.store.tables.products import CredentialKind
from traceability.store.verify import verify

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Four megabytes of memory as a disk, where this user may mount one."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    tried = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        pytest.skip(f"mounting is not allowed here: {tried.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def record(clinic: Clinic, store: Store, call: Call) -> None:
    products.record_credential(
        store, clinic.QUALITY, call, clinic.ids["hospital"], CredentialKind.TRIAL, "T-1", "issuer", "x" * 8_000
    )


def test_a_full_disk_refuses_clearly_and_keeps_what_it_said_it_kept(founded: Clinic, small_disk: Path) -> None:
    home = founded.store.documents.parent
    founded.store.close()
    shutil.copytree(home, small_disk, dirs_exist_ok=True)
    store = Store(f"sqlite:///{small_disk}/traceability.sqlite", small_disk, clock=founded.clock)
    acknowledged: list[str] = []
    refusals: list[tuple[str, object]] = []
    for _ in range(600):
        call = Call()
        try:
            record(founded, store, call)
            acknowledged.append(call.act_id)
        except Refused as refused:
            refusals.append((refused.code, store.answer(founded.QUALITY, call.act_id)))
            if len(refusals) == 5:
                break
    assert refusals == [("not_kept", None)] * 5
    assert len(acknowledged) > 20
    with store.engines.reader.connect() as connection:
        assert verify(connection).problems == []
    assert all(store.answer(founded.QUALITY, one) for one in acknowledged)

    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    record(founded, store, again := Call())
    with store.engines.reader.connect() as connection:
        assert (
            connection.execute(text("SELECT count(*) FROM entry WHERE act_id = :id"), {"id": again.act_id}).scalar()
            == 1
        )
        assert verify(connection).problems == []
    store.close()
