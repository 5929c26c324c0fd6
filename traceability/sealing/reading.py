"""What a file says of itself: its attached record, its seals. Read in a process of its own with bounded time and memory:
hostile bytes may loop or grow there, never here. It is that process too.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from traceability.domain.seals import Found

SECONDS, MEGABYTES = 20, 1024
MOST_RECORD = 32 * 1024 * 1024
"""The longest record that is unpacked, in bytes."""
ROOT = Path(__file__).parents[2]
START = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from traceability.sealing import reading; sys.exit(reading.main())"
)
TOO_COSTLY, ENCRYPTED = 3, 4


class Unreadable(Exception):
    """`reason` is damaged, encrypted or costly."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Read:
    """`number` and `version` as the attached record gives them, `record_sha256` of it as it stands there; None: none is."""

    number: str | None
    version: int | None
    record_sha256: str | None
    seals: tuple[Found, ...]


def read(pdf: bytes, roots: Sequence[bytes] = ()) -> Read:
    """What a PDF says. `roots`: certificates (DER) from which time stamps must come. Raises Unreadable."""
    asked = json.dumps([root.hex() for root in roots]).encode()
    try:
        child = subprocess.run(
            [sys.executable, "-I", "-c", START],
            input=asked + b"\n" + pdf,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd=os.sep,
            timeout=2 * SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("costly") from error
    if child.returncode == ENCRYPTED:
        raise Unreadable("encrypted")
    if (
        child.returncode == TOO_COSTLY or child.returncode < 0
    ):  # a signal: the time of a processor, or memory, was spent
        raise Unreadable("costly")
    if child.returncode:
        raise Unreadable("damaged")
    told = json.loads(child.stdout)
    return Read(told["number"], told["version"], told["record_sha256"], tuple(map(_found, told["seals"])))


def _found(told: dict[str, Any]) -> Found:
    moments = {name: datetime.fromisoformat(told[name]) if told[name] else None for name in ("signed_at", "stamped_at")}
    return Found(**(told | moments))


# ── in the bounded process ──


def main() -> int:
    bound()
    try:
        asked = json.loads(sys.stdin.buffer.readline())
        told = _told(sys.stdin.buffer.read(), [bytes.fromhex(root) for root in asked])
        sys.stdout.write(json.dumps(told, default=datetime.isoformat))
    except (MemoryError, RecursionError):
        return TOO_COSTLY
    except PermissionError:
        return ENCRYPTED
    except BaseException:  # whatever it was, the file could not be read
        return 1
    return 0


def bound() -> None:
    with suppress(ImportError, OSError, ValueError):  # not everywhere (macOS): the clock of the parent still stands
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _told(pdf: bytes, roots: Sequence[bytes]) -> dict[str, Any]:
    from traceability.sealing.checking import seals_of

    held = _attached(pdf)
    number, version = _numbered(held)
    try:
        seals = seals_of(pdf, roots)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # pyHanko reads more strictly than others: a seal that it cannot read is none that holds
        seals = [Found("", trouble=type(error).__name__)]
    return {
        "number": number,
        "version": version,
        "record_sha256": None if held is None else sha256(held).hexdigest(),
        "seals": [asdict(one) for one in seals],
    }


def _attached(pdf: bytes) -> bytes | None:
    """The record in it, unpacked no further than a record may be long. Raises PermissionError for an encrypted file."""
    import pikepdf

    try:
        with pikepdf.open(BytesIO(pdf), suppress_warnings=True) as opened:
            if opened.is_encrypted:
                raise PermissionError
            for one in list(opened.Root.get("/AF", []))[:64]:
                if str(one.get("/UF", "")) == "record.json":
                    return _unpacked(one.EF.F)
    except pikepdf.PasswordError:
        raise PermissionError from None
    return None


def _unpacked(stream: Any) -> bytes | None:
    raw = bytes(stream.read_raw_bytes())
    if stream.get("/Filter") is None:
        return raw
    if str(stream.get("/Filter")) != "/FlateDecode" or "/DecodeParms" in stream:
        return None
    try:
        data = (packed := zlib.decompressobj()).decompress(raw, MOST_RECORD)
    except zlib.error:
        return None
    return None if packed.unconsumed_tail else data


NUMBER = re.compile(r"[A-Z]{2,3}-[0-9]{4,9}")
"""How a document of ours is numbered; anything else is what a stranger wrote, and is repeated nowhere."""


def _numbered(held: bytes | None) -> tuple[str | None, int | None]:
    try:
        head = json.loads(held or b"{}")["head"]
        number, version = head["number"], head["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, None
    fits = (
        isinstance(number, str)
        and NUMBER.fullmatch(number) is not None
        and type(version) is int
        and 0 < version < 2**31
    )
    return (number, version) if fits else (None, None)
