"""A checkpoint that was kept outside, held against the ledger grown since: by the command, on both engines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.clinic import Clinic
from tests.conftest import Serving
from tests.store import bare
from tests.store.test_verify import _name, _order, _tail, cluster_of, problems
from traceability.services import labels
from traceability.store import Store, checkpoints, keys

__all__ = ["cluster_of"]
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(serving: Serving) -> Run:
    """`run(store, "verify", "--json")`: its exit code and what it prints."""

    def run(store: Store, *told: str) -> tuple[int, str]:
        done = serving(store, SECURE=False).test_cli_runner().invoke(args=list(told))
        return done.exit_code, done.output

    return run


def work(clinic: Clinic) -> None:
    clinic.do(labels.reprint, clinic.PHARMACIST, (clinic.vial("H3K001").id,), "vial_16x30", reason="smudged")


def held(run: Run, store: Store, path: Path) -> tuple[int, dict[str, list[str]]]:
    """What is found against each ledger's checkpoint."""
    code, told = run(store, "verify", "--json", "--checkpoint", str(path))
    answer = json.loads(told)
    assert answer["ok"] is (code == 0)
    assert all(one["holds"] is (one["found"] == []) for one in answer["checkpoints"])
    return code, {one["ledger"]: one["found"] for one in answer["checkpoints"]}


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "as on paper"])
def test_a_checkpoint_of_yesterday_holds_after_honest_work(
    released: Clinic, run: Run, tmp_path: Path, as_json: bool
) -> None:
    path = tmp_path / "kept"
    code, told = run(released.store, "checkpoint", *(["--json"] if as_json else []))
    path.write_text(told)
    ledgers = {released.ids["maker"], released.ids["hospital"], "0" * 32}
    work(released)
    assert held(run, released.store, path) == (0, {key: [] for key in ledgers})
    code, said = run(released.store, "verify", "--checkpoint", str(path))
    assert code == 0
    assert said.count("holds, ") == 3
    assert "holds, 1 entries since" in said


@pytest.mark.parametrize("attack, found", [(_tail, "ledger_shorter"), (_name, "root_differs"), (_order, "root_differs")],
                         ids=["the tail cut off", "all history rewritten", "two entries swapped"])  # fmt: skip
def test_what_replay_believes_a_kept_checkpoint_does_not(
    released: Clinic, run: Run, tmp_path: Path, attack: Callable[[Connection, Clinic], None], found: str
) -> None:
    path = tmp_path / "kept.json"
    work(released)
    path.write_text(run(released.store, "checkpoint", "--json")[1])
    with bare.unguarded(released.store) as connection:
        attack(connection, released)
    assert problems(released) == []
    code, told = held(run, released.store, path)
    assert (code, told[released.ids["hospital"]]) == (1, [found])


def test_a_rewritten_history_that_grew_again_is_found_all_the_same(released: Clinic, run: Run, tmp_path: Path) -> None:
    """Longer than the paper says, whole in itself, signed with the right key: only its beginning is another."""
    path = tmp_path / "kept.json"
    path.write_text(run(released.store, "checkpoint", "--json")[1])
    with bare.unguarded(released.store) as connection:
        _name(connection, released)
    work(released)
    code, told = held(run, released.store, path)
    assert (code, told[released.ids["hospital"]], told["0" * 32]) == (1, ["root_differs"], ["root_differs"])


def test_an_old_backup_put_back_is_named_as_one(
    released: Clinic, run: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, cluster_of: Any
) -> None:
    restored = cluster_of(released.store, tmp_path_factory.mktemp("backup"))
    work(released)
    path = tmp_path / "kept.txt"
    path.write_text(run(released.store, "checkpoint")[1])
    old = restored()
    code, told = held(run, old, path)
    assert (code, told[released.ids["hospital"]], told[released.ids["maker"]]) == (1, ["ledger_shorter"], [])
    assert "an old backup" in run(old, "verify", "--checkpoint", str(path))[1]
    old.close()


def test_paper_typed_off_with_a_mistake_or_from_another_house_is_told_apart(
    released: Clinic, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "kept.json"
    point = next(one for one in released.store.checkpoints() if one["ledger"] == released.ids["hospital"])
    other = keys.load(tmp_path / "other")
    text = "\n".join(str(point[name]) for name in ("origin", "ledger", "size", "root", "at")) + "\n"
    for changed, found in (
        ({}, []),
        ({"at": "2026-01-01T00:00:00Z"}, ["signature_wrong"]),
        ({"size": 3}, ["signature_wrong", "root_differs"]),
        ({"signature": "00" * 64}, ["signature_wrong"]),
        ({"key": "zz"}, ["signature_wrong"]),
        ({"key": other.public, "signature": other.sign(text)}, ["key_unknown"]),
        ({"ledger": "f" * 32}, ["signature_wrong", "ledger_unknown"]),
        ({"key": "", "signature": "", "at": ""}, []),
        ({"key": "", "signature": "", "root": "0" * 64}, ["root_differs"]),
    ):
        path.write_text(json.dumps([point | changed]))
        assert held(run, released.store, path) == (1 if found else 0, {str((point | changed)["ledger"]): found}), (
            changed
        )


def test_origin_ledger_size_and_root_typed_off_are_enough(released: Clinic, run: Run, tmp_path: Path) -> None:
    points = released.store.checkpoints()
    path = tmp_path / "typed.txt"
    path.write_text("\n\n".join("\n".join(str(one[n]) for n in ("origin", "ledger", "size", "root")) for one in points))
    work(released)
    assert held(run, released.store, path) == (0, {str(one["ledger"]): [] for one in points})
    assert "no signature given" in run(released.store, "verify", "--checkpoint", str(path))[1]


@pytest.mark.parametrize("text", ["", "\n", "hello", "{}", "[1]", '{"ledger": "x"', "a\nb\nc\nd", "a\nb\n3\n" + "0" * 63,
                                  '[{"origin": "a", "ledger": "b", "size": -1, "root": "' + "0" * 64 + '"}]'])  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        checkpoints.read(text)


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_file_that_is_no_checkpoint_is_said_and_nothing_is_claimed(clinic: Clinic, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "shopping.txt"
    path.write_text("milk\n")
    code, told = run(clinic.store, "verify", "--checkpoint", str(path))
    assert code == 1
    assert "not a checkpoint" in told
    assert "what its ledger says" not in told
