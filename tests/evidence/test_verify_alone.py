"""The program in every evidence package: its Ed25519 against RFC 8032 and another library, its Merkle proofs against the
forgeries kept as data, and that it needs nothing but Python.
"""

from __future__ import annotations

import ast
import json
import random
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from traceability.evidence import verify

RFC_8032 = (
    # 7.1: public key, message, signature
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
)  # fmt: skip


@pytest.mark.parametrize("key, message, signature", RFC_8032)
def test_the_vectors_of_rfc_8032_hold_and_one_bit_more_does_not(key: str, message: str, signature: str) -> None:
    told = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    assert verify.ed25519_holds(*told)
    for at in range(3):
        for bit in range(0, len(told[at]) * 8, 61):
            bent = bytearray(told[at])
            bent[bit // 8] ^= 1 << bit % 8
            assert not verify.ed25519_holds(*(bytes(bent) if n == at else one for n, one in enumerate(told)))
    s = int.from_bytes(told[2][32:], "little")
    high = told[2][:32] + (s + verify.L).to_bytes(32, "little")  # malleable: 5.1.7 refuses it
    for wrong in (b"", told[2][:63], told[2] + b"\0", high, told[0] * 2):
        assert not verify.ed25519_holds(told[0], told[1], wrong)
    for wrong in (b"", told[0][:31], b"\xff" * 32, bytes(31) + b"\x80"):
        assert not verify.ed25519_holds(wrong, told[1], told[2])


def test_it_says_what_another_library_says() -> None:
    dice = random.Random(8032)
    for length in (0, 1, 31, 32, 64, 200, 1000):
        secret, message = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32)), dice.randbytes(length)
        key, signature = secret.public_key().public_bytes_raw(), bytearray(secret.sign(message))
        assert verify.ed25519_holds(key, message, bytes(signature))
        bit = dice.randrange(512)
        signature[bit // 8] ^= 1 << bit % 8
        assert not verify.ed25519_holds(key, message, bytes(signature))
        with pytest.raises(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(key).verify(bytes(signature), message)


def test_every_honest_inclusion_proof_holds_and_every_forged_one_does_not() -> None:
    lines = (Path(__file__).parents[1] / "domain" / "merkle_proofs.jsonl").read_text().splitlines()
    told = [one for line in lines if (one := json.loads(line))["kind"] == "inclusion"]
    for one in told:
        path = [bytes.fromhex(part) for part in one["path"]]
        judged = verify.inclusion_holds(
            bytes.fromhex(one["leaf"]), one["index"], one["size"], path, bytes.fromhex(one["root"])
        )
        assert judged is one["holds"], one["what"]
    assert len(told) > 100


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(Path(verify.__file__).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert names <= sys.stdlib_module_names
    assert not names & {"socket", "urllib", "http", "subprocess", "ctypes"}
