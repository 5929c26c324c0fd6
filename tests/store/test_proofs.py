"""What is proved of a real ledger, by page of the API and by command, is checked here with RFC 9162 and Ed25519 alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.api.conftest import Asking
from tests.clinic import PASSWORD, Clinic
from tests.conftest import Serving
from tests.store import bare
from tests.store.test_verify import _name
from traceability.domain.errors import NotFound, Refused
from traceability.domain.merkle import leaf_hash, verify_consistency, verify_inclusion
from traceability.services import audit_reviews, labels, proofs, sessions


def signed(point: dict[str, Any]) -> bytes:
    """The root of a checkpoint whose signature holds."""
    text = "".join(f"{point[name]}\n" for name in ("origin", "ledger", "size", "root", "at"))
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(point["key"])).verify(
        bytes.fromhex(point["signature"]), text.encode()
    )
    return bytes.fromhex(point["root"])


def holds(proof: dict[str, Any]) -> bool:
    point, path = proof["checkpoint"], [bytes.fromhex(one) for one in proof["path"]]
    leaf = leaf_hash(proof["entry"].encode())
    return (
        verify_inclusion(leaf, proof["number"] - 1, point["size"], path, signed(point)) and leaf.hex() == proof["leaf"]
    )


def work(clinic: Clinic) -> None:
    clinic.do(labels.reprint, clinic.PHARMACIST, (clinic.vial("H3K001").id,), "vial_16x30", reason="smudged")


def test_every_entry_of_a_ledger_is_proved_while_it_grows(released: Clinic) -> None:
    ledger = released.ids["hospital"]
    for _ in range(2):
        with released.store.read(released.QUALITY) as view:
            last = audit_reviews.last_number(view, ledger)
            made = [proofs.of_entry(released.store, view, ledger, number) for number in range(1, last + 1)]
        assert all(map(holds, made))
        assert {one["checkpoint"]["size"] for one in made} == {last}
        for one in made[:3]:
            assert not holds(one | {"entry": one["entry"].replace('"act"', '"Act"')})
            assert not holds(one | {"number": one["number"] + 1})
        work(released)


def test_a_ledger_goes_on_from_the_checkpoint_that_was_kept_and_from_no_other(released: Clinic) -> None:
    kept = next(one for one in released.store.checkpoints() if one["ledger"] == released.ids["hospital"])
    work(released)
    with released.store.read(released.QUALITY) as view:
        told = proofs.of_growth(released.store, view, released.ids["hospital"], int(str(kept["size"])))
    path = [bytes.fromhex(one) for one in told["path"]]
    old, new = bytes.fromhex(str(kept["root"])), signed(told["checkpoint"])
    sizes = told["since"], told["checkpoint"]["size"]
    assert sizes[1] == sizes[0] + 1
    assert told["root"] == kept["root"]
    assert verify_consistency(*sizes, old, new, path)
    assert not verify_consistency(sizes[0] - 1, sizes[1], old, new, path)


def test_an_entry_that_was_changed_in_the_database_is_not_proved(released: Clinic) -> None:
    ledger = released.ids["hospital"]
    with released.store.read(released.QUALITY) as view:
        proofs.of_entry(released.store, view, ledger, 3)
    with bare.unguarded(released.store) as connection:
        connection.exec_driver_sql(
            "UPDATE entry SET body = replace(body, '\"act\"', '\"Act\"') WHERE number = 3 AND ledger = " + f"'{ledger}'"
        )
    with released.store.read(released.QUALITY) as view, pytest.raises(Refused, match="ledger_differs"):
        proofs.of_entry(released.store, view, ledger, 3)


def test_a_history_rewritten_whole_proves_nothing_that_was_read_before(released: Clinic) -> None:
    ledger = released.ids["hospital"]
    with released.store.read(released.QUALITY) as view:
        before = proofs.of_entry(released.store, view, ledger, 3)
    with bare.unguarded(released.store) as connection:
        _name(connection, released)
    work(released)
    with released.store.read(released.QUALITY) as view:
        after = proofs.of_growth(released.store, view, ledger, before["checkpoint"]["size"])
    assert after["root"] != before["checkpoint"]["root"]


def test_who_sees_an_entry_gets_its_proof_and_nobody_else(released: Clinic, serving: Serving) -> None:
    app = serving(released.store, TESTING=True)
    quality, pharmacist = (
        Asking(app, sessions.sign_in(released.store, name, PASSWORD, "bearer").token) for name in ("maharani", "putri")
    )
    ledger = released.ids["hospital"]
    answer = quality.get(f"/entries/{ledger}/5/proof")
    assert answer.status_code == 200
    assert holds(answer.json)
    assert pharmacist.get(f"/entries/{ledger}/5/proof").status_code == 403
    for path in (
        f"/entries/{released.ids['maker']}/5/proof",
        f"/entries/{ledger}/99999/proof",
        f"/entries/{ledger}/0/proof",
    ):
        assert quality.get(path).status_code == 404
    size = answer.json["checkpoint"]["size"]
    told = quality.get(f"/entries/{ledger}/checkpoint", since=size - 2).json
    roots = bytes.fromhex(told["root"]), signed(told["checkpoint"])
    assert verify_consistency(size - 2, size, *roots, [bytes.fromhex(one) for one in told["path"]])
    assert signed(quality.get(f"/entries/{ledger}/checkpoint").json["checkpoint"]) == roots[1]
    assert quality.get(f"/entries/{ledger}/checkpoint", since=size + 1).json["code"] == "ledger_shorter"
    assert quality.get(f"/entries/{released.ids['maker']}/checkpoint").status_code == 404
    with released.store.read(released.MAKER_QA) as view, pytest.raises(NotFound):
        proofs.of_entry(released.store, view, ledger, 5)


def test_the_command_proves_an_entry_and_that_a_kept_checkpoint_is_the_beginning(
    released: Clinic, serving: Serving, tmp_path: Path
) -> None:
    runner = serving(released.store, SECURE=False).test_cli_runner()
    ledger, kept = released.ids["hospital"], tmp_path / "kept.json"
    kept.write_text(runner.invoke(args=["checkpoint", "--json"]).output)
    work(released)
    done = runner.invoke(args=["prove", ledger, "7"])
    assert (done.exit_code, holds(json.loads(done.output))) == (0, True)
    assert runner.invoke(args=["prove", ledger, "--checkpoint", str(kept)]).exit_code == 0
    wrong = json.loads(json.dumps([one | {"root": "0" * 64} for one in released.store.checkpoints()]))
    kept.write_text(json.dumps(wrong))
    assert runner.invoke(args=["prove", ledger, "--checkpoint", str(kept)]).exit_code == 1
    for args, code in (([ledger], 2), ([ledger, "0"], 2), ([ledger, "99999"], 1), (["f" * 32, "1"], 1)):
        assert runner.invoke(args=["prove", *args]).exit_code == code, args
    kept.write_text("milk")
    assert "not a checkpoint" in runner.invoke(args=["prove", ledger, "--checkpoint", str(kept)]).output
