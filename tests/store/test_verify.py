"""Whoever takes the guards off and changes the past is found, and the row or entry is named (both engines)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from tests.clinic import Clinic
from tests.conftest import Serving
from tests.store import bare
from traceability.domain.merkle import leaf_hash
from traceability.domain.records import RecordKind
from traceability.services import documents, labels, lots, vials
from traceability.store import Call, Store, guards, ledger
from traceability.store.ledger import checkpoint
from traceability.store.tables import GUARDED, Entry, Mention
from traceability.store.verify import verify

ENTRY: Any = Entry.__table__  # type: ignore[attr-defined]
MENTION: Any = Mention.__table__  # type: ignore[attr-defined]
VIAL: Any = GUARDED["vial"].__table__  # type: ignore[attr-defined]
FORGE = "f" * 32


def problems(clinic: Clinic) -> list[str]:
    with clinic.store.engines.reader.connect() as connection:
        return verify(connection).problems


def entry(connection: Connection, number: int, ledger_id: str) -> Any:
    return (
        connection.execute(select(ENTRY).where(ENTRY.c.ledger == ledger_id, ENTRY.c.number == number)).mappings().one()
    )


def test_an_honest_record_has_no_problems(released: Clinic) -> None:
    released.do(vials.move, released.PHARMACIST, released.vial("H3K001").id, released.ids["bench"])
    with pytest.raises(Exception, match="not_permitted"):
        released.do(lots.decline, released.PHARMACIST, released.ids["lot"], reason="no")
    with released.store.engines.reader.connect() as connection:
        report = verify(connection)
        counted = connection.execute(text("SELECT count(*) FROM entry")).scalar()
    assert report.problems == []
    assert report.entries == counted
    assert set(report.roots) == {released.ids["maker"], released.ids["hospital"], "0" * 32}


def the_vial(connection: Connection) -> str:
    """Asked on the same connection: on PostgreSQL who takes guards off locks their tables against everybody."""
    return str(connection.execute(select(VIAL.c.id).where(VIAL.c.serial == "H3K001")).scalar_one())


def _column(name: str, value: Any) -> Callable[[Connection, Clinic], str]:
    def change(connection: Connection, clinic: Clinic) -> str:
        row = the_vial(connection)
        connection.execute(update(VIAL).where(VIAL.c.id == row).values({name: value}))
        return f"vial {row}: differs from the ledger in {name}"

    return change


def _stamp(connection: Connection, clinic: Clinic) -> str:
    row = the_vial(connection)
    connection.execute(update(VIAL).where(VIAL.c.id == row).values(act_id=FORGE))
    return f"vial {row}: it carries another act than the last that changed it"


def _earlier(connection: Connection, clinic: Clinic) -> str:
    """Back to what it was, stamp and all, as if the last act had never been."""
    row = the_vial(connection)
    entries = connection.execute(select(ENTRY.c.body).where(ENTRY.c.act == "consignment.ship")).scalars()
    told = next(
        one for body in entries for one in json.loads(body)["changes"] if one["table"] == "vial" and one["id"] == row
    )
    act = connection.execute(select(ENTRY.c.act_id).where(ENTRY.c.act == "consignment.ship")).scalar_one()
    assert told["set"]["state"][1] == "in_transit"
    connection.execute(
        update(VIAL).where(VIAL.c.id == row).values(state="in_transit", organisation_id=clinic.ids["maker"], act_id=act)
    )
    return f"vial {row}: it carries another act than the last that changed it"


def _gone(connection: Connection, clinic: Clinic) -> str:
    hold = clinic.ids["release"]
    table: Any = GUARDED["released_vial"].__table__  # type: ignore[attr-defined]
    row = connection.execute(select(table.c.id).where(table.c.release_id == hold)).scalars().first()
    connection.execute(delete(table).where(table.c.id == row))
    return f"released_vial {row}: it is in the ledger and no longer in its table"


def _come(connection: Connection, clinic: Clinic) -> str:
    table: Any = GUARDED["released_vial"].__table__  # type: ignore[attr-defined]
    row = dict(connection.execute(select(table)).mappings().first() or {})
    connection.execute(delete(table).where(table.c.id == row["id"]))
    connection.execute(insert(table).values(row | {"id": FORGE}))
    return f"released_vial {FORGE}: no entry made it"


def _swapped_for_another(connection: Connection, clinic: Clinic) -> str:
    """One row out and a false one in: as many as before."""
    table: Any = GUARDED["released_vial"].__table__  # type: ignore[attr-defined]
    row = dict(connection.execute(select(table)).mappings().first() or {})
    connection.execute(delete(table).where(table.c.id == row["id"]))
    connection.execute(insert(table).values(row | {"id": FORGE}))
    return f"released_vial {row['id']}: it is in the ledger and no longer in its table"


def _sealed(connection: Connection, clinic: Clinic) -> str:
    """Somebody's password hash is exchanged: the ledger has only its salted digest, and that is enough."""
    table: Any = GUARDED["password"].__table__  # type: ignore[attr-defined]
    row = connection.execute(select(table.c.id)).scalars().first()
    connection.execute(update(table).where(table.c.id == row).values(hashed="$argon2id$mine"))
    return f"password {row}: differs from the ledger in hashed"


IDENTITY = "born, mrn, mrn_index, name, name_born_index, nik, nik_index, wristband, wristband_index"


def _wiped(table_name: str, column: str, value: str | None, named: str = "") -> Callable[[Connection, Clinic], str]:
    """A sealed value is exchanged or taken, and its salt with it, as if it had been erased: no act erases anything yet."""

    def change(connection: Connection, clinic: Clinic) -> str:
        table: Any = GUARDED[table_name].__table__  # type: ignore[attr-defined]
        row = connection.execute(select(table.c.id).where(table.c[column].is_not(None))).scalars().first()
        assert row is not None
        connection.execute(update(table).where(table.c.id == row).values({column: value, "salt": None}))
        return f"{table_name} {row}: differs from the ledger in {named or column}"

    return change


def _mention(connection: Connection, clinic: Clinic) -> str:
    row = connection.execute(select(MENTION).where(MENTION.c.about_id == clinic.ids["lot"])).first()
    assert row is not None
    connection.execute(delete(MENTION).where(MENTION.c.about_id == row.about_id, MENTION.c.act_id == row.act_id))
    connection.execute(insert(MENTION).values(about_id=FORGE, act_id=row.act_id))
    return f"mention of {row.about_id} by {row.act_id}: it is in the ledger and no longer in its table"


ROWS = {
    "a column changed": _column("state", "given"),
    "an id changed hands": _column("lot_id", FORGE),
    "a word in another case": _column("serial", "h3k001"),
    "a stamp changed": _stamp,
    "a row set back to what it was": _earlier,
    "a row removed": _gone,
    "a row inserted": _come,
    "a row exchanged for another": _swapped_for_another,
    "a sealed value exchanged": _sealed,
    "a password forged and its salt taken": _wiped("password", "hashed", "$argon2id$mine"),
    "a reason falsified and its salt taken": _wiped("free_text", "words", "the patient agreed"),
    "a name wiped with its salt": _wiped("identity", "name", None, IDENTITY),
    "a mention exchanged": _mention,
}


@pytest.mark.parametrize("attack", ROWS.values(), ids=ROWS.keys())
def test_a_row_that_is_not_what_the_ledger_says_is_named(
    released: Clinic, attack: Callable[[Connection, Clinic], str]
) -> None:
    released.subject()
    released.do(vials.report_broken, released.PHARMACIST, released.vial("H3K002").id, reason="fell")
    if not released.store.engines.sqlite:
        bare.loosen(released.store)
    with bare.unguarded(released.store) as connection:
        expected = attack(connection, released)
    assert expected in problems(released)


def _body(connection: Connection, ours: str) -> str:
    row = entry(connection, 3, ours)
    edited = json.dumps(json.loads(row["body"]) | {"person": "Somebody else"})
    connection.execute(update(ENTRY).where(ENTRY.c.act_id == row["act_id"]).values(body=edited))
    return f"entry {ours}/3: its content does not match its hash"


def _leaf(connection: Connection, ours: str) -> str:
    connection.execute(update(ENTRY).where(ENTRY.c.ledger == ours, ENTRY.c.number == 3).values(leaf=b"\0" * 32))
    return f"entry {ours}/3: its content does not match its hash"


def _removed(connection: Connection, ours: str) -> str:
    connection.execute(delete(ENTRY).where(ENTRY.c.ledger == ours, ENTRY.c.number == 3))
    return f"entry {ours}/4: the number before it is missing"


def _two_swapped(connection: Connection, ours: str) -> str:
    """Their hashes fit, their order does not: only a checkpoint from before tells (see below)."""
    connection.execute(update(ENTRY).where(ENTRY.c.ledger == ours, ENTRY.c.number == 3).values(number=9_999))
    connection.execute(update(ENTRY).where(ENTRY.c.ledger == ours, ENTRY.c.number == 4).values(number=3))
    connection.execute(update(ENTRY).where(ENTRY.c.ledger == ours, ENTRY.c.number == 9_999).values(number=4))
    return ""


def _search(column: str, value: str, why: str) -> Callable[[Connection, str], str]:
    def change(connection: Connection, ours: str) -> str:
        connection.execute(update(ENTRY).where(ENTRY.c.ledger == ours, ENTRY.c.number == 3).values({column: value}))
        return f"entry {ours}/3: {why}"

    return change


def _times(connection: Connection, ours: str) -> str:
    connection.execute(
        update(ENTRY)
        .where(ENTRY.c.ledger == ours, ENTRY.c.number == 3)
        .values(occurred_at=entry(connection, 2, ours)["occurred_at"].replace(year=2020))
    )
    return f"entry {ours}/3: its times differ from its content"


def _rehashed(connection: Connection, ours: str) -> str:
    """Body and hash forged together: the rows still tell."""
    row = connection.execute(select(ENTRY).where(ENTRY.c.act == "vial.put_away")).mappings().first()
    assert row is not None
    body = json.loads(row["body"])
    (change,) = [one for one in body["changes"] if one["table"] == "vial"]
    change["set"]["state"][1] = "given"
    forged = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    connection.execute(
        update(ENTRY).where(ENTRY.c.act_id == row["act_id"]).values(body=forged, leaf=leaf_hash(forged.encode()))
    )
    return f"vial {change['id']}: differs from the ledger in state"


def _twice(connection: Connection, ours: str) -> str:
    """An entry copied to the end under a new act: it changes rows that another act had changed already."""
    row = dict(connection.execute(select(ENTRY).where(ENTRY.c.act == "vial.put_away")).mappings().first() or {})
    last = (
        connection.execute(
            select(ENTRY.c.number).where(ENTRY.c.ledger == row["ledger"]).order_by(ENTRY.c.number.desc())
        )
        .scalars()
        .first()
        or 0
    )
    body = json.dumps(json.loads(row["body"]) | {"act_id": FORGE})
    connection.execute(
        insert(ENTRY).values(
            row | {"number": last + 1, "act_id": FORGE, "body": body, "leaf": leaf_hash(body.encode())}
        )
    )
    vial = next(one["id"] for one in json.loads(body)["changes"] if one["table"] == "vial")
    return f"entry {row['ledger']}/{last + 1}: changes vial {vial}, which another act had changed already"


ENTRIES = {
    "a body edited": _body,
    "a leaf changed": _leaf,
    "an entry removed": _removed,
    "a person changed for the search": _search("person_id", FORGE, "person_id differs from its content"),
    "an act changed for the search": _search("act", "lot.decline", "act differs from its content"),
    "a noun changed for the search": _search("noun_id", FORGE, "noun_id differs from its content"),
    "an outcome changed for the search": _search("refused", "not_found", "its outcome differs from its content"),
    "a time changed for the search": _times,
    "a body forged with its hash": _rehashed,
    "an entry told twice": _twice,
}


@pytest.mark.parametrize("attack", ENTRIES.values(), ids=ENTRIES.keys())
def test_an_entry_that_was_touched_is_named(released: Clinic, attack: Callable[[Connection, str], str]) -> None:
    with bare.unguarded(released.store) as connection:
        expected = attack(connection, released.ids["hospital"])
    assert expected in problems(released)


def _entry_body(content: str) -> Callable[[Connection, Clinic], str]:
    """The leaf is forged with it, so nothing but the content is wrong."""

    def change(connection: Connection, clinic: Clinic) -> str:
        connection.execute(
            update(ENTRY)
            .where(ENTRY.c.ledger == clinic.ids["hospital"], ENTRY.c.number == 3)
            .values(body=content, leaf=leaf_hash(content.encode()))
        )
        return f"entry {clinic.ids['hospital']}/3: its content cannot be read"

    return change


def _broken_word(connection: Connection, clinic: Clinic) -> str:
    row = the_vial(connection)
    connection.exec_driver_sql(f"UPDATE vial SET state = 'used' WHERE id = '{row}'")
    return f"vial {row}: differs from the ledger in state"


def _broken_json(connection: Connection, clinic: Clinic) -> str:
    row = connection.exec_driver_sql("SELECT id FROM release").scalar_one()
    connection.exec_driver_sql("UPDATE release SET dossier = '{'")
    return f"release {row}: differs from the ledger in dossier"


def _column_gone(connection: Connection, clinic: Clinic) -> str:
    connection.exec_driver_sql("ALTER TABLE place DROP COLUMN quarantine")
    return "table place: its column quarantine is missing"


def _column_come(connection: Connection, clinic: Clinic) -> str:
    connection.exec_driver_sql("ALTER TABLE site ADD COLUMN mine text DEFAULT 'q'")
    return "table site: column mine is not ours"


def _table(name: str) -> Callable[[Connection, Clinic], str]:
    def change(connection: Connection, clinic: Clinic) -> str:
        connection.exec_driver_sql(f"DROP TABLE {name}")
        return f"table {name} is missing"

    return change


UNREADABLE = {
    "a state of no list": _broken_word,
    "a dossier that is no JSON": _broken_json,
    "an entry that is no JSON": _entry_body("{"),
    "an entry that is a list": _entry_body("[]"),
    "an entry that says nothing of its times": _entry_body("{}"),
    "an entry whose change changes nothing": _entry_body(
        '{"recorded_at":"2026-04-01T00:00:00.000000Z","occurred_at":"2026-04-01T00:00:00.000000Z","changes":[{"table":"vial"}]}'
    ),
    "an entry nested without end": _entry_body("[" * 100_000),
    "a column dropped": _column_gone,
    "a column added": _column_come,
    "the mentions dropped": _table("mention"),
    "the ledger dropped": _table("entry"),
}


@pytest.mark.parametrize("attack", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_is_named_and_ends_nothing(
    released: Clinic, attack: Callable[[Connection, Clinic], str]
) -> None:
    """The house's own types cannot read it; the rest is still compared, and another wrong row is found beside it."""
    if not released.store.engines.sqlite:
        bare.loosen(released.store)
    with bare.engine(released.store, "postgres", loose=True).begin() as connection:
        guards.remove(connection)
        connection.exec_driver_sql("UPDATE lot SET number = 'FORGED'")
        if released.store.engines.sqlite and attack is UNREADABLE["the ledger dropped"]:
            connection.exec_driver_sql("DROP TABLE open")  # it refers to the ledger
        expected = attack(connection, released)
    found = problems(released)
    assert expected in found
    if expected != "table entry is missing":
        assert f"lot {released.ids['lot']}: differs from the ledger in number" in found


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE lot SET made_on = 'garbage'", "differs from the ledger in made_on"),
        ("UPDATE lot SET number = CAST(x'ff' AS TEXT)", "differs from the ledger in number"),
        ("UPDATE lot SET number = x'00ff'", "differs from the ledger in number"),
        ("UPDATE lot SET demonstration = 'abc'", "differs from the ledger in demonstration"),
        ("UPDATE lot SET filled = 5.5", "differs from the ledger in filled"),
        ("UPDATE lot SET act_id = x'00'", "it carries another act than the last that changed it"),
    ],
)
def test_what_sqlite_keeps_and_no_type_reads_is_named(released: Clinic, statement: str, named: str) -> None:
    with bare.unguarded(released.store) as connection:
        connection.exec_driver_sql(statement)
    assert problems(released) == [f"lot {released.ids['lot']}: {named}"]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_time_that_is_only_written_otherwise_is_named(released: Clinic) -> None:
    """It reads the same and sorts elsewhere."""
    with bare.unguarded(released.store) as connection:
        connection.exec_driver_sql("UPDATE stay SET since = replace(since, 'T', ' ') WHERE until IS NULL")
    assert problems(released)
    assert all("differs from the ledger in since" in one for one in problems(released))


def test_a_database_without_a_record_is_no_traceback(clinic: Clinic) -> None:
    with bare.engine(clinic.store, "postgres", loose=True).begin() as connection:
        if clinic.store.engines.sqlite:
            for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").all():
                connection.exec_driver_sql(f'DROP TABLE "{name}"')
        else:
            connection.exec_driver_sql("DROP SCHEMA trace CASCADE")
    assert problems(clinic) == ["there is no record in this database: none of its tables is there"]
    with pytest.raises(RuntimeError, match="flask migrate"):
        clinic.store.standing()


def test_a_clock_that_was_set_back_is_named(released: Clinic) -> None:
    """An act of an hour before the last: as an entry that somebody appended with the application's own rights."""
    released.clock.tick(hours=-1)
    late = released.clock.now
    with bare.engine(released.store, "app").begin() as connection:
        act = bare.opened(connection, bare.new_act())
        body = {
            "act": "raw",
            "act_id": act,
            "person_id": "a" * 32,
            "noun_id": None,
            "occurred_at": late,
            "recorded_at": late,
        }
        number = ledger.append(connection, released.ids["hospital"], body)
    assert problems(released) == [
        f"entry {released.ids['hospital']}/{number}: it was recorded earlier than an entry before it: a clock was set back"
    ]


# ── the files beside the database ──


def files(clinic: Clinic) -> tuple[int, list[str]]:
    with clinic.store.engines.reader.connect() as connection:
        counted: list[int] = []
        report = verify(
            connection, lambda what, n: counted.append(n) if what == "files" else None, clinic.store.documents
        )
    assert counted == list(range(1, report.files + 1)), "somebody who waits sees how far it is"
    return report.files, report.problems


def test_a_file_that_is_gone_or_changed_by_one_byte_is_named(released: Clinic) -> None:
    made = documents.make(
        released.store,
        released.QUALITY,
        Call(),
        RecordKind.RELEASE,
        released.ids["release"],
        "en",
        lambda n, v: f"https://x/{n}/{v}",
    )
    count, wrong = files(released)
    assert (count, wrong) == (3, [])  # the logger's file, the certificate, the printed record
    pdf = next(released.store.documents.glob("*.pdf"))
    pdf.write_bytes(pdf.read_bytes() + b"\n")
    certificate = next(one for one in released.store.documents.iterdir() if one.read_bytes().startswith(b"%PDF-1.7 "))
    certificate.unlink()
    with released.store.engines.reader.connect() as connection:
        attached = connection.execute(text("SELECT id FROM attachment WHERE name = 'coa.pdf'")).scalar_one()
    assert files(released) == (3, [
        f"attachment {attached} (coa.pdf): its file is missing",
        f"document {made.id} (REL-0001, version 1): its file was changed",
    ])  # fmt: skip


def test_the_command_names_files_too(released: Clinic, serving: Serving) -> None:
    run = serving(released.store, SECURE=False).test_cli_runner()
    done = run.invoke(args=["verify", "--json"])
    assert (done.exit_code, json.loads(done.output)["files"]) == (0, 2)
    for one in released.store.documents.iterdir():
        one.unlink()
    done = run.invoke(args=["verify", "--json"])
    assert done.exit_code == 1
    assert len([one for one in json.loads(done.output)["problems"] if one.endswith("its file is missing")]) == 2
    assert "2 problems:" in run.invoke(args=["verify"]).output


def test_guards_taken_off_are_named_by_themselves(clinic: Clinic) -> None:
    with bare.engine(clinic.store, "postgres").begin() as connection:
        guards.remove(connection)
    found = problems(clinic)
    assert len(found) >= 3 * len(GUARDED)
    assert all(one.startswith("guard ") for one in found)


# ── what only a checkpoint tells ──


def point(clinic: Clinic, size: int | None = None) -> tuple[object, object]:
    """Size and root of the hospital's ledger now, or of its first entries."""
    with clinic.store.engines.reader.connect() as connection:
        if size is None:
            told = checkpoint(connection, clinic.store.keys, "here", clinic.ids["hospital"], clinic.clock.now)
            return told["size"], told["root"]
        from traceability.domain.merkle import root_of

        leaves = [leaf for _, leaf in ledger.leaves(connection, clinic.ids["hospital"], size)]
        return len(leaves), root_of(leaves).hex()


def _tail(connection: Connection, clinic: Clinic) -> None:
    """The last act never was: its entry, its row's change, its mentions, all taken back."""
    row = connection.execute(
        select(ENTRY).where(ENTRY.c.ledger == clinic.ids["hospital"]).order_by(ENTRY.c.number.desc())
    ).mappings().first()  # fmt: skip
    assert row is not None
    assert row["act"] == "label.reprint"
    connection.execute(delete(ENTRY).where(ENTRY.c.act_id == row["act_id"]))
    for name in ("label_print", "free_text"):
        table: Any = GUARDED[name].__table__  # type: ignore[attr-defined]
        connection.execute(delete(table).where(table.c.act_id == row["act_id"]))
    connection.execute(delete(MENTION).where(MENTION.c.act_id == row["act_id"]))


def _name(connection: Connection, clinic: Clinic) -> None:
    """History is written anew: every name of a person in every entry, hashes and all."""
    for row in connection.execute(select(ENTRY.c.act_id, ENTRY.c.body)).all():
        forged = row.body.replace("R. Maharani", "X. Maharani")
        connection.execute(
            update(ENTRY).where(ENTRY.c.act_id == row.act_id).values(body=forged, leaf=leaf_hash(forged.encode()))
        )
    for name, column in (("person", "name"), ("signature", "name")):
        table: Any = GUARDED[name].__table__  # type: ignore[attr-defined]
        connection.execute(update(table).where(table.c[column] == "R. Maharani").values({column: "X. Maharani"}))


def _order(connection: Connection, clinic: Clinic) -> None:
    _two_swapped(connection, clinic.ids["hospital"])


@pytest.mark.parametrize(
    "attack", [_tail, _name, _order], ids=["the tail cut off", "all history rewritten", "two entries swapped"]
)
def test_what_replay_cannot_find_a_checkpoint_finds(
    released: Clinic, attack: Callable[[Connection, Clinic], None]
) -> None:
    released.do(labels.reprint, released.PHARMACIST, (released.vial("H3K001").id,), "vial_16x30", reason="smudged")
    size, root = point(released)
    with bare.unguarded(released.store) as connection:
        attack(connection, released)
    assert problems(released) == []  # replay believes it
    assert point(released, int(str(size))) != (size, root)  # the paper does not


def test_a_checkpoint_of_before_still_fits_after_honest_work(released: Clinic) -> None:
    size, root = point(released)
    released.do(labels.reprint, released.PHARMACIST, (released.vial("H3K001").id,), "vial_16x30", reason="smudged")
    assert point(released) != (size, root)
    assert point(released, int(str(size))) == (size, root)


def test_a_checkpoint_is_signed_over_all_it_says(released: Clinic) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    with released.store.engines.reader.connect() as connection:
        told = checkpoint(connection, released.store.keys, "here", released.ids["hospital"], released.clock.now)
    lines = [str(told[name]) for name in ("origin", "ledger", "size", "root", "at")]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(told["key"])))
    signature = bytes.fromhex(str(told["signature"]))
    key.verify(signature, ("\n".join(lines) + "\n").encode())
    for n in range(len(lines)):
        forged = [*lines[:n], lines[n] + "0", *lines[n + 1 :]]
        with pytest.raises(InvalidSignature):
            key.verify(signature, ("\n".join(forged) + "\n").encode())


def test_an_old_backup_put_back_is_found_by_its_checkpoint(
    released: Clinic, tmp_path_factory: pytest.TempPathFactory, cluster_of: Any
) -> None:
    """The copy is whole and verifies; it is only not the newest."""
    store = released.store
    restored = cluster_of(store, tmp_path_factory.mktemp("backup"))
    released.do(vials.report_broken, released.PHARMACIST, released.vial("H3K001").id, reason="fell")
    size, root = point(released)
    old = restored()
    with old.engines.reader.connect() as connection:
        assert verify(connection).problems == []
        told = checkpoint(connection, old.keys, "here", released.ids["hospital"], released.clock.now)
    assert (told["size"], told["root"]) != (size, root)
    assert int(str(told["size"])) < int(str(size))
    old.close()


@pytest.fixture
def cluster_of(request: pytest.FixtureRequest) -> Any:
    """Takes a backup now; called again, opens it."""
    made: list[str] = []
    cluster = request.getfixturevalue("cluster") if request.getfixturevalue("engine") == "postgresql" else None

    def backup(store: Store, home: Any) -> Callable[[], Store]:
        shutil.copytree(store.documents.parent / "keys", home / "keys")
        if cluster is None:
            with bare.bare(store) as connection:
                connection.execute("VACUUM INTO ?", (f"{home}/traceability.sqlite",))
            return lambda: Store(f"sqlite:///{home}/traceability.sqlite", home)
        name = f"old_{bare.database(store)}"
        store.engines.dispose()
        cluster.create_database(name, template=bare.database(store))
        made.append(name)
        return lambda: Store(cluster.url(name, "app"), home)

    yield backup
    for name in made:
        cluster.drop_database(name)


# ── replay itself ──


def test_a_row_may_change_again_and_again_within_one_act(released: Clinic) -> None:
    """Made, then changed three times, by one act: one story, no fork."""
    from traceability.store.tables import Hold

    def work(tx: Any) -> dict[str, str]:
        row = tx.add(Hold(number="H-77", organisation_id=released.ids["hospital"], title="a", placed_at=tx.at))
        for title in ("b", "c", "d"):
            tx.change(row, title=title)
        return {"id": row.id}

    released.store.perform("hold.place", released.QUALITY, Call(reason="x"), {}, work)

    def again(tx: Any) -> dict[str, str]:
        (row,) = tx.all(Hold)
        for title in ("e", "f", "g"):
            tx.change(row, title=title)
        return {"id": row.id}

    released.store.perform("hold.place", released.QUALITY, Call(reason="x"), {"again": True}, again)
    assert problems(released) == []


def test_the_report_counts_and_tells_its_progress(released: Clinic) -> None:
    with released.store.engines.reader.connect() as connection:
        report = verify(connection)
    told = report.plain()
    assert told["ok"] is True
    assert report.rows > 150
    assert told["ledgers"][released.ids["hospital"]]["size"] == point(released)[0]


def test_verify_is_quiet_while_others_write(released: Clinic) -> None:
    """One view of one moment: acts that are committed meanwhile are not half seen."""
    import threading

    from traceability.services import products
    from traceability.store.tables.products import CredentialKind

    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            released.do(
                products.record_credential, released.QUALITY, released.ids["hospital"], CredentialKind.TRIAL, "T", "i", "s",
                valid_from=date(2026, 1, 1),
            )  # fmt: skip

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        found = [problems(released) for _ in range(4)]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert found == [[]] * 4
