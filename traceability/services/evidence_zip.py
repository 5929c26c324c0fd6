"""The files of an evidence package, written into one ZIP as they are read: same record, same moment, same bytes.

Every file is digested while it is written, the digests are signed, and names are made of our own numbers alone.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from hashlib import file_digest, sha256
from pathlib import Path
from string import Template
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlmodel import col, select

import traceability.evidence
from traceability.domain.errors import Refused
from traceability.domain.merkle import leaf_hash
from traceability.domain.plain import canonical, moment
from traceability.domain.records import told
from traceability.domain.scopes import Scope, Sight
from traceability.services import audit_search, documents, scopes
from traceability.services import evidence_tables as tables
from traceability.services.attachments import keep_whole
from traceability.services.records import trace
from traceability.store import Store, View
from traceability.store.tables import FreeText, Lot, Organisation

SIGNED_AS = "secretome-trace evidence package\n"
"""Before what is signed: no other text that the key signs begins so."""
AT_ONCE = 500
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?")
SHIPPED = Path(traceability.evidence.__file__).parent


def build(store: Store, view: View, lot: Lot, ledgers: Iterable[str]) -> tuple[str, int, int, int]:
    """Make the package and keep it under its digest: (SHA-256, bytes, entries, documents)."""
    with tempfile.TemporaryFile() as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            out = _Out(archive, view.at)
            told_in = [ledger for ledger in sorted(ledgers) if _entries(out, store, view, lot, ledger)]
            if not told_in:
                raise Refused("nothing_to_hand_out", lot=lot.number)
            printed = _documents(out, store, view, lot, set(told_in))
            _told(out, store, view, lot, told_in)
            sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(out.digests.items()))
            out.put("SHA256SUMS", sums.encode())
            out.put("SHA256SUMS.signature", f"{store.keys.public}\n{store.keys.sign(SIGNED_AS + sums)}\n".encode())
        size = file.tell()
        file.seek(0)
        return keep_whole(store, file, ".zip"), size, out.entries, printed


class _Out:
    """The ZIP as it grows, and the digest of every file in it."""

    def __init__(self, archive: ZipFile, at: datetime) -> None:
        self.archive, self.digests, self.entries = archive, dict[str, str](), 0
        self._date = max(at.astimezone(UTC).timetuple()[:6], (1980, 1, 1, 0, 0, 0))

    def put(self, name: str, data: bytes) -> None:
        with self.writing(name) as write:
            write(data)

    @contextmanager
    def writing(self, name: str) -> Iterator[Any]:
        if not NAME.fullmatch(name) or name in self.digests:
            raise AssertionError(f"no name for a file of a package: {name!r}")
        info = ZipInfo(name, self._date)
        info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
        digest = sha256()
        with self.archive.open(info, "w", force_zip64=True) as file:

            def write(data: bytes) -> None:
                digest.update(data)
                file.write(data)

            yield write
        self.digests[name] = digest.hexdigest()


def _entries(out: _Out, store: Store, view: View, lot: Lot, ledger: str) -> int:
    """The trail of the lot in one ledger, each entry with its path, under a checkpoint; how many there are."""
    numbers = sorted(_numbers(view, lot, ledger))
    if not numbers:
        return 0
    point = store.checkpoint(view, ledger)
    seen = store.trees.seen(view.connection, ledger)
    text = "".join(f"{point[name]}\n" for name in ("origin", "ledger", "size", "root", "at"))
    out.put(f"checkpoint-{ledger}.txt", f"{text}\n— {point['key']} {point['signature']}\n".encode())
    entry = audit_search.ENTRY
    with out.writing(f"entries-{ledger}.jsonl") as write:
        for begin in range(0, len(numbers), AT_ONCE):
            some = numbers[begin : begin + AT_ONCE]
            query = select(entry.c.number, entry.c.act_id, entry.c.body)
            query = query.where(entry.c.ledger == ledger, entry.c.number.in_(some)).order_by(entry.c.number)
            rows = view.connection.execute(query).all()
            reasons = _reasons(view, [row.act_id for row in rows])
            for row in rows:
                path = seen.proof(row.number - 1, leaf_hash(row.body.encode()))
                line = {
                    "number": row.number, "entry": row.body, "path": [one.hex() for one in path],
                    "reasons": reasons.get(row.act_id, []),
                }  # fmt: skip
                write(canonical(line).encode() + b"\n")
    out.entries += len(numbers)
    return len(numbers)


def _numbers(view: View, lot: Lot, ledger: str) -> Iterator[int]:
    before = None
    while True:
        asked = audit_search.Asked(ledger, about=lot.id)
        found, _known = audit_search.numbers(view, asked, before=before, limit=AT_ONCE)
        yield from found
        if len(found) < AT_ONCE:
            return
        before = found[-1]


def _reasons(view: View, act_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The reasons that were given and not erased, with the salt that shows them to be what was sealed."""
    made: dict[str, list[dict[str, Any]]] = {}
    for one in view.known(FreeText, col(FreeText.act_id).in_(act_ids), FreeText.kind == "reason"):
        if one.words is not None:
            made.setdefault(one.act_id, []).append({"id": one.id, "salt": one.salt, "words": one.words})
    return made


def _documents(out: _Out, store: Store, view: View, lot: Lot, ledgers: set[str]) -> int:
    """Every printed record of the lot in sight, byte for byte, with the record that it shows where that was not erased."""
    listed = []
    found = [one.document for one in documents.documents(view, lot_id=lot.id, limit=None)]
    for one in sorted(found, key=lambda one: (one.number, one.version)):
        if one.organisation_id not in ledgers:
            continue
        name = f"documents/{one.number}-{one.version}"
        out.put(f"{name}.pdf", documents.kept(store, one))
        if one.record is not None:
            out.put(f"{name}.json", one.record.encode())
        listed.append(
            {
                "number": one.number, "version": one.version, "kind": one.kind, "state": str(one.state), "language": one.language,
                "issued_at": moment(one.issued_at), "file": f"{name}.pdf",
                "record": f"{name}.json" if one.record is not None else None,
            }
        )  # fmt: skip
    out.put("documents.json", (json.dumps(listed, indent=1, ensure_ascii=False) + "\n").encode())
    return len(listed)


def _told(out: _Out, store: Store, view: View, lot: Lot, ledgers: list[str]) -> None:
    """The record of the lot as one value and as tables; whose sight it is of; how to check it all."""
    seen = [scopes.scope(view, ledger, lot=lot) for ledger in ledgers]
    listed = {"lot": lot.number, "at": moment(view.at), "ledgers": [one.plain() for one in seen]}
    out.put("scope.json", (json.dumps(listed, indent=1, ensure_ascii=False) + "\n").encode())
    record = trace.build(view, lot.id, "evidence", 1)
    out.put("lot.json", told(record).encode() + b"\n")
    for name, rows in tables.of(view, lot, record):
        out.put(f"{name}.csv", rows.encode())
    out.put("verify.py", (SHIPPED / "verify.py").read_bytes())
    contents = "\n".join(
        f"  {one}" for one in sorted([*out.digests, "README.txt", "SHA256SUMS", "SHA256SUMS.signature"])
    )
    words = Template((SHIPPED / "README.txt").read_text(encoding="utf-8")).substitute(
        lot=lot.number, maker=view.need(Organisation, lot.maker_id).name, at=moment(view.at), origin=store.origin, contents=contents,
        scope="\n\n".join(_scope_words(one) for one in seen), verify=out.digests["verify.py"],
    )  # fmt: skip
    out.put("README.txt", words.encode())


def _scope_words(one: Scope) -> str:
    """A scope as the README says it, for readers of either language."""
    kinds = {
        Sight.WHOLE: "all of it · seluruhnya",
        Sight.LOTS: f"lots · lot {', '.join(one.lots)}",
        Sight.WITHOUT_SUBJECTS: "without entries that name a patient · tanpa entri yang menyebut pasien",
    }
    granted = f", {moment(one.since)} … {moment(one.until) if one.until else '–'}" if one.since else ""
    lines = (
        ("asked for by · diminta oleh", f"{one.asked_by} ({', '.join(one.roles)}), {one.organisation}"),
        ("ledger · buku besar", f"{one.house}, {one.ledger}"),
        ("their sight · yang terlihat", kinds[one.sight] + granted),
        ("entries about the lot · entri tentang lot", f"{one.entries}"),
        ("of these in here · di sini", f"{one.entries - one.outside}"),
        ("left out, outside sight · di luar lingkup", f"{one.outside}"),
    )
    return "\n".join(f"  {name:<42} {told}" for name, told in lines)


@cache
def program() -> str:
    """The SHA-256 of the verify.py that goes into packages: what a house shows beside them."""
    return sha256((SHIPPED / "verify.py").read_bytes()).hexdigest()


def digest_of(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
