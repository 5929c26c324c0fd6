"""The bytes beside the database, against the digests that the record has of them: files that came in, documents drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import file_digest
from pathlib import Path

from sqlalchemy import Connection, text

_KEPT = (
    ("attachment", "SELECT id, sha256 AS digest, name AS called FROM attachment ORDER BY id", ""),
    ("document", "SELECT id, bytes_sha256 AS digest, number || ', version ' || version AS called FROM document ORDER BY id", ".pdf"),
    ("image", "SELECT id, sealed_sha256 AS digest, kind AS called FROM image ORDER BY id", ""),
    ("evidence", "SELECT id, sha256 AS digest, number AS called FROM evidence ORDER BY id", ".zip"),
)  # fmt: skip


def compare(connection: Connection, folder: Path, progress: Callable[[int], None]) -> Iterator[str | None]:
    """One answer a file: None where its bytes are those of its digest, else what is wrong with it."""
    known: dict[str, str | None] = {}
    count = 0
    for table, query, suffix in _KEPT:
        for row in connection.execute(text(query)).all():
            name = f"{row.digest}{suffix}"
            if name not in known:
                known[name] = _wrong(folder / name, str(row.digest))
            count += 1
            progress(count)
            yield f"{table} {row.id} ({row.called}): {known[name]}" if known[name] else None


def _wrong(path: Path, digest: str) -> str | None:
    try:
        with path.open("rb") as file:
            return None if file_digest(file, "sha256").hexdigest() == digest else "its file was changed"
    except FileNotFoundError:
        return "its file is missing"
    except (OSError, ValueError) as error:
        return f"its file cannot be read ({type(error).__name__})"
