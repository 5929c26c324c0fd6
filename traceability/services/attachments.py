"""Files, whether they came in or were drawn here: hashed while they are written, kept under their digest.

Kept before the act that links them, which only names the digest (`lots.attach`, `coldchain.attach_log`, `documents.issue`).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO

from traceability.domain.errors import Refused
from traceability.store import Store

MOST_BYTES = 50 * 1024 * 1024
AT_ONCE = 64 * 1024
MAGIC = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
"""What a file is, is said by its first bytes; what its sender calls it is not asked."""


@dataclass(frozen=True, slots=True)
class Kept:
    sha256: str
    size: int
    media_type: str


def keep(store: Store, stream: IO[bytes]) -> Kept:
    """Keep a PDF, PNG or JPEG; anything else, an empty one or one too large is refused and leaves nothing."""
    first = stream.read(AT_ONCE)
    media_type = next((told for magic, told in MAGIC.items() if first.startswith(magic)), None)
    if media_type is None:
        raise Refused("file_refused", kinds=sorted(MAGIC.values()))
    digest, size = _keep(store.documents, first, stream, "", MOST_BYTES)
    return Kept(digest, size, media_type)


def keep_bytes(store: Store, data: bytes, suffix: str = "") -> str:
    """Keep a file that its reader has understood already, or that was drawn here, whatever it is; its digest."""
    return _keep(store.documents, b"", BytesIO(data), suffix, MOST_BYTES)[0]


def keep_whole(store: Store, stream: IO[bytes], suffix: str) -> str:
    """Keep a file that was made here, however long; its digest."""
    return _keep(store.documents, b"", stream, suffix, 1 << 62)[0]


def _keep(folder: Path, first: bytes, stream: IO[bytes], suffix: str, most: int) -> tuple[str, int]:
    """Write beside, then rename: a file is there whole or not at all, once however often it comes, and on the disk."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = sha256(), 0
    handle, name = tempfile.mkstemp(dir=folder, prefix=".coming-")
    try:
        with os.fdopen(handle, "wb") as out:
            for part in _parts(first, stream):
                size += len(part)
                if size > most:
                    raise Refused("body_too_large", most=most)
                digest.update(part)
                out.write(part)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, folder / f"{digest.hexdigest()}{suffix}")
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    entry = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entry)  # the name too, before anything in the record points to it
    finally:
        os.close(entry)
    return digest.hexdigest(), size


def _parts(first: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    part = first or stream.read(AT_ONCE)
    while part:
        yield part
        part = stream.read(AT_ONCE)
