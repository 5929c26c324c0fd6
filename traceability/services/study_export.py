"""The study data of a house taken out: scores as one long table (CSV), or the domains of SDTM with their dictionary (ZIP) (R63).

That it was taken, by whom and with which digest, is entered before it is handed out. No copy is kept: the same record gives the
same bytes, and asked for again under its id it is made again and handed out if it is the same to the byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from traceability.domain.acts import ACTS
from traceability.domain.errors import Conflict, NotFound, Refused
from traceability.domain.people import Actor, Role, system_for
from traceability.domain.plain import digest
from traceability.domain.sdtm import DATASETS
from traceability.services import Answer, audit, performs, study_tables
from traceability.services.organisations import named
from traceability.services.study import Study, counted, study
from traceability.sheets import written
from traceability.store import Call, Done, Store, Tx, View

FORMATS = {"csv": "text/csv; charset=utf-8", "sdtm": "application/zip"}
GUESTS = frozenset({Role.INSPECTOR})
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Of every file in the ZIP: a time of making would be a difference that is none."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was made: its digest, and how much is in it."""

    sha256: str
    counted: dict[str, int]

    @property
    def digest(self) -> str:
        """What the act was asked with."""
        return digest([self.sha256])


@performs("study.export")
def enter(tx: Tx, ledger: str, asked_by: str, format: str, taken: Taken) -> Answer:  # noqa: A002  # as it is called everywhere
    """Enter that study data was taken out: who asked, in which form, how much, and the digest of the file."""
    if ledger != tx.actor.organisation_id:
        raise NotFound("ledger")
    return {"ledger": ledger, "asked_by": asked_by, "format": format, "sha256": taken.sha256, **taken.counted}


def take(store: Store, actor: Actor, call: Call, format: str) -> tuple[bytes, Done]:  # noqa: A002
    """Make the file, enter it, and hand it over. In the ledger of one's own house; for a guest, who only reads, by the system in
    the ledger of who let them in. The same request under the same act id is one act; `export_differs_now` where the record has
    changed since in what it says.
    """
    if format not in FORMATS:
        raise Refused("format_unknown", format=format, formats=sorted(FORMATS))
    with store.read(actor) as view:
        ledger = _ledger(view)
        guest = actor.holds(GUESTS, view.at) and not ACTS["study.export"].roles & actor.roles(view.at)
        who = system_for(ledger) if guest else actor
        done = store.answer(who, call.act_id)
        found = study(view)
        file = WRITTEN[format](found, named(view, [ledger]).get(ledger, ledger))
    sha = sha256(file).hexdigest()
    if done is None:
        try:
            return file, enter(store, who, call, ledger, actor.person_id, format, Taken(sha, found.counted))
        except Conflict:  # twice at once: the other was entered first
            if (done := store.answer(who, call.act_id)) is None:
                raise
    was = done.answer
    if (was.get("format"), was.get("asked_by"), was.get("ledger")) != (format, actor.person_id, ledger):
        raise Conflict("act_id_reused")
    if was["sha256"] != sha:
        raise Refused("export_differs_now", entry=done.number)
    return file, done


def preview(view: View) -> dict[str, int]:
    """How much an export would hold that this reader makes now."""
    return counted(view)


def _ledger(view: View) -> str:
    owners = [one.id for one in audit.ledgers(view)]
    if not owners:
        raise NotFound("ledger")
    return owners[0]


def _csv(found: Study, _house: str) -> bytes:
    return written([study_tables.LONG, *study_tables.long(found)]).encode()


def _zip(found: Study, house: str) -> bytes:
    rows = study_tables.sdtm(found, house)
    define = [study_tables.DEFINE, *study_tables.define(rows)]
    lists = [study_tables.TERMS, *study_tables.codelists(found)]
    files = {f"{name.lower()}.csv": written(rows[name]) for name in DATASETS}
    files |= {"define.csv": written(define), "codelists.csv": written(lists), "define.html": _html(define, lists)}
    files["README.txt"] = _readme(found, house, files)
    files["SHA256SUMS"] = "".join(
        f"{sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(files.items())
    )
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, text in sorted(files.items()):
            info = ZipInfo(name, EPOCH)
            info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, text)
    return out.getvalue()


WRITTEN = {"csv": _csv, "sdtm": _zip}


def _html(*tables: Sequence[Sequence[object]]) -> str:
    """The dictionary to be read: no script, nothing loaded."""
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Data dictionary</title><style>',
        "body{font:14px sans-serif;margin:2em}table{border-collapse:collapse;margin:1em 0}",
        "th,td{border:1px solid #888;padding:4px 8px;text-align:left;vertical-align:top}",
        "</style></head><body><h1>Data dictionary (SDTMIG 3.4)</h1>\n",
    ]
    for head, *rows in tables:
        told = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>\n" for row in rows)
        names = "".join(f'<th scope="col">{escape(str(cell))}</th>' for cell in head)
        parts.append(f"<table><thead><tr>{names}</tr></thead><tbody>\n{told}</tbody></table>\n")
    return "".join([*parts, "</body></html>\n"])


def _readme(found: Study, house: str, files: dict[str, str]) -> str:
    count = found.counted
    lines = [
        f"{house}: study data in the variables of SDTMIG 3.4",
        f"{house}: data studi dalam variabel SDTMIG 3.4",
        "",
        f"persons · orang: {count['persons']}",
        f"injections · suntikan: {count['injections']}",
        f"scores · skor: {count['scores']}",
        f"answers about harm · jawaban tentang kejadian merugikan: {count['events']}",
        f"subjects left out, without consent to the use of data · subjek yang tidak disertakan, tanpa persetujuan: {count['left_out']}",
        *(["", "DEMONSTRATION DATA. Not for use. · DATA DEMONSTRASI. Tidak untuk dipakai."] if found.demonstration else []),
        "",
        "Pseudonyms only; no identity was opened. Values that contradict stand side by side: SUPPQS says which counts.",
        "Hanya pseudonim; tidak ada identitas yang dibuka. Nilai yang bertentangan berdampingan: SUPPQS menyatakan yang dipakai.",
        "Day 1 is the day of the first injection; there is no day 0. A text that a spreadsheet would run begins with an apostrophe.",
        "Hari 1 adalah hari suntikan pertama; tidak ada hari 0. Teks yang akan dijalankan lembar kerja diawali apostrof.",
        "An uncontrolled series cannot show efficacy. · Seri tanpa pembanding tidak dapat menunjukkan khasiat.",
        "",
        *(f"  {name}" for name in sorted([*files, "README.txt", "SHA256SUMS"])),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
