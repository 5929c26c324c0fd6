"""Identity at rest: bound to its row, its column and its key; found by a digest that nobody guesses back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.errors import Refused
from traceability.store import identities
from traceability.store.keys import Keys, load

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
        identities.decrypt(keys, column, row, kept, key)
    return no.value.code == "identity_unreadable" and "Canary" not in str(no.value)


@given(value=st.text(min_size=1, max_size=200).filter(lambda told: told.isprintable()))
def test_what_was_encrypted_is_read_back(keys: Keys, value: str) -> None:
    for column in COLUMNS:
        kept = identities.encrypt(keys, column, ROW, value)
        assert identities.decrypt(keys, column, ROW, kept, identities.key_id(keys)) == value


def test_the_same_name_twice_is_not_the_same_text(keys: Keys) -> None:
    made = {identities.encrypt(keys, "name", ROW, "Canary") for _ in range(20)}
    assert len(made) == 20
    assert not any("Canary" in text or "Canary" in b64decode(text).decode("latin-1") for text in made)


def test_moved_to_another_row_or_column_or_key_it_is_unreadable(keys: Keys, other: Keys) -> None:
    key = identities.key_id(keys)
    kept = identities.encrypt(keys, "name", ROW, "Canary")
    assert unreadable(keys, "name", OTHER_ROW, kept, key)
    assert all(unreadable(keys, column, ROW, kept, key) for column in COLUMNS if column != "name")
    assert unreadable(other, "name", ROW, kept, identities.key_id(other))
    assert unreadable(other, "name", ROW, kept, key)
    assert unreadable(keys, "name", ROW, kept, identities.key_id(other))


@given(at=st.integers(0, 33), bit=st.integers(0, 7))
def test_one_changed_bit_is_unreadable(keys: Keys, at: int, bit: int) -> None:
    raw = bytearray(b64decode(identities.encrypt(keys, "name", ROW, "Canary")))  # 12 nonce + 6 text + 16 tag
    raw[at] ^= 1 << bit
    assert unreadable(keys, "name", ROW, b64encode(raw).decode(), identities.key_id(keys))


@pytest.mark.parametrize("kept", ["", "AA==", "no base64!", "QUJD" * 3, "QUJD" * 40, "é"])
def test_damaged_text_is_unreadable_and_no_mistake_of_ours(keys: Keys, kept: str) -> None:
    assert unreadable(keys, "name", ROW, kept, identities.key_id(keys))


def test_a_number_is_found_however_it_is_written(keys: Keys) -> None:
    same = {
        identities.index(keys, "mrn", told) for told in ("MRN-0417733", "mrn 0417733", " MRN.0417733", "Mrn0417733")
    }
    assert len(same) == 1
    assert identities.index(keys, "mrn", "MRN-0417734") not in same
    assert identities.index(keys, "nik", "MRN-0417733") not in same


def test_without_the_index_key_nobody_computes_the_digest(keys: Keys, other: Keys) -> None:
    mine = identities.index(keys, "mrn", "0417733")
    assert mine != identities.index(other, "mrn", "0417733")
    assert mine != identities.index(replace(keys, index=keys.identity), "mrn", "0417733")
    assert "0417733" not in mine


def test_the_name_of_a_key_does_not_tell_it(keys: Keys, other: Keys) -> None:
    assert identities.key_id(keys) != identities.key_id(other)
    assert identities.key_id(keys) not in keys.identity.hex()


def test_keys_are_made_once_and_only_their_user_reads_them(tmp_path: Path) -> None:
    first, again = load(tmp_path / "keys"), load(tmp_path / "keys")
    assert (first.identity, first.index, first.inputs) == (again.identity, again.index, again.inputs)
    assert len({first.identity, first.index, first.inputs}) == 3
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "keys").iterdir()} == {0o600}
