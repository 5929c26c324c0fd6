"""Identity at rest: bound to its row, its column and its key; found by a digest that nobody guesses back."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.errors import Refused
from traceability.store import identities
from traceability.store.keys import Keys, Pair, load

ROW, OTHER_ROW = "a" * 32, "b" * 32
COLUMNS = ("name", "mrn", "nik", "born", "wristband")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return load(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return load(tmp_path_factory.mktemp("other-keys"))


def unreadable(keys: Keys, column: str, row: str, kept: str, key: str) -> bool:
    with pytest.raises(Refused) as no:
        identities.decrypt(keys.identities, column, row, kept, key)
    return no.value.code == "identity_unreadable" and "Canary" not in str(no.value)


@given(value=st.text(min_size=1, max_size=200).filter(lambda told: told.isprintable()))
def test_what_was_encrypted_is_read_back(keys: Keys, value: str) -> None:
    for column in COLUMNS:
        kept = identities.encrypt(keys.identities.current(), column, ROW, value)
        assert identities.decrypt(keys.identities, column, ROW, kept, keys.identities.current().id) == value


def test_the_same_name_twice_is_not_the_same_text(keys: Keys) -> None:
    made = {identities.encrypt(keys.identities.current(), "name", ROW, "Canary") for _ in range(20)}
    assert len(made) == 20
    assert not any("Canary" in text or "Canary" in b64decode(text).decode("latin-1") for text in made)


def test_moved_to_another_row_or_column_or_key_it_is_unreadable(keys: Keys, other: Keys) -> None:
    key = keys.identities.current().id
    kept = identities.encrypt(keys.identities.current(), "name", ROW, "Canary")
    assert unreadable(keys, "name", OTHER_ROW, kept, key)
    assert all(unreadable(keys, column, ROW, kept, key) for column in COLUMNS if column != "name")
    assert unreadable(other, "name", ROW, kept, other.identities.current().id)
    assert unreadable(other, "name", ROW, kept, key)
    assert unreadable(keys, "name", ROW, kept, other.identities.current().id)


@given(at=st.integers(0, 33), bit=st.integers(0, 7))
def test_one_changed_bit_is_unreadable(keys: Keys, at: int, bit: int) -> None:
    raw = bytearray(
        b64decode(identities.encrypt(keys.identities.current(), "name", ROW, "Canary"))
    )  # 12 nonce + 6 text + 16 tag
    raw[at] ^= 1 << bit
    assert unreadable(keys, "name", ROW, b64encode(raw).decode(), keys.identities.current().id)


@pytest.mark.parametrize("kept", ["", "AA==", "no base64!", "QUJD" * 3, "QUJD" * 40, "é"])
def test_damaged_text_is_unreadable_and_no_mistake_of_ours(keys: Keys, kept: str) -> None:
    assert unreadable(keys, "name", ROW, kept, keys.identities.current().id)


def test_a_number_is_found_however_it_is_written(keys: Keys) -> None:
    same = {
        identities.index(keys.identities.current(), "mrn", told)
        for told in ("MRN-0417733", "mrn 0417733", " MRN.0417733", "Mrn0417733")
    }
    assert len(same) == 1
    assert identities.index(keys.identities.current(), "mrn", "MRN-0417734") not in same
    assert identities.index(keys.identities.current(), "nik", "MRN-0417733") not in same


def test_without_the_index_key_nobody_computes_the_digest(keys: Keys, other: Keys) -> None:
    pair = keys.identities.current()
    mine = identities.index(pair, "mrn", "0417733")
    assert mine != identities.index(other.identities.current(), "mrn", "0417733")
    assert mine != identities.index(Pair(pair.identity, pair.identity), "mrn", "0417733")
    assert "0417733" not in mine


def test_the_name_of_a_key_does_not_tell_it(keys: Keys, other: Keys) -> None:
    assert keys.identities.current().id != other.identities.current().id
    assert keys.identities.current().id not in keys.identities.current().identity.hex()


def test_keys_are_made_once_and_only_their_user_reads_them(tmp_path: Path) -> None:
    first, again = load(tmp_path / "keys"), load(tmp_path / "keys")
    pair = first.identities.current()
    assert (pair, first.inputs) == (again.identities.current(), again.inputs)
    assert len({pair.identity, pair.index, first.inputs}) == 3
    assert {file.name for file in (tmp_path / "keys").iterdir()} == {"inputs.key", "checkpoint.key", "identity.key"}
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "keys").iterdir()} == {0o600}


def test_a_lost_or_damaged_key_of_identities_is_not_made_anew(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / "identity.key").write_bytes(b"half a key")
    damaged = load(tmp_path)
    (tmp_path / "identity.key").unlink()
    for keys in (damaged, load(tmp_path)):
        with pytest.raises(Refused, match="identity_key_missing"):
            keys.identities.current()
    assert not (tmp_path / "identity.key").exists()


def test_a_new_key_is_heard_by_whoever_reads_the_folder_and_the_former_one_still_reads(tmp_path: Path) -> None:
    ours, server = load(tmp_path).identities, load(tmp_path).identities
    old = server.current()
    kept = identities.encrypt(old, "name", ROW, "Canary")
    new = ours.renew()
    assert server.current() == new != old
    assert identities.decrypt(server, "name", ROW, kept, old.id) == "Canary"
    assert identities.indexes(server, "mrn", "7") == (
        identities.index(new, "mrn", "7"),
        identities.index(old, "mrn", "7"),
    )
    ours.forget(old.id)
    assert unreadable(load(tmp_path), "name", ROW, kept, old.id)
    assert server.of(old.id) is None


@pytest.mark.parametrize("killed_at", range(1, 9))
def test_a_renewal_that_is_killed_at_any_step_leaves_the_former_pair_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    """Every call that touches the folder is a moment at which the machine may stop."""
    ring = load(tmp_path).identities
    old, calls = ring.current(), count(1)
    kept = identities.encrypt(old, "name", ROW, "Canary")

    def dies(call: Callable[..., Any]) -> Callable[..., Any]:
        def stopped(*args: Any, **named: Any) -> Any:
            if next(calls) == killed_at:
                raise KeyboardInterrupt
            return call(*args, **named)

        return stopped

    with monkeypatch.context() as patch:
        for name in ("open", "replace", "fsync"):
            patch.setattr(os, name, dies(getattr(os, name)))
        try:
            ring.renew()
        except KeyboardInterrupt:
            pass
    again = load(tmp_path).identities
    assert identities.decrypt(again, "name", ROW, kept, old.id) == "Canary"
    new = again.renew()
    assert load(tmp_path).identities.current() == new
    assert identities.decrypt(load(tmp_path).identities, "name", ROW, kept, old.id) == "Canary"
