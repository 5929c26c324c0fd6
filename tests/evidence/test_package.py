"""A lot's evidence package is made, checked by its own program alone without a network, and whatever was changed in it is named."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

from tests.api.conftest import Asking
from tests.clinic import HASHED, PASSWORD, Clinic
from tests.conftest import Serving
from tests.store.test_verify import problems
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import SYSTEM, Actor, Role
from traceability.domain.records import RecordKind
from traceability.services import (
    audit,
    audit_reviews,
    documents,
    evidence_packages,
    labels,
    organisations,
    people,
    sessions,
    subjects,
    vials,
)
from traceability.services.organisations import OrganisationKind
from traceability.store import Call, passwords

NAME, MRN, REASON = "Sulistyowati Canary", "MRN-0099887", "the ampoule was dropped by nobody"


def link(number: str, version: int) -> str:
    return documents.status_url("https://trace.example", number, version)


@pytest.fixture
def printed(released: Clinic) -> Clinic:
    """A released lot with a patient, a reason, and printed records, one of them superseded."""
    lot = released.ids["lot"]
    sealed = subjects.seal_identity(released.store, name=NAME, mrn=MRN, born=date(1961, 2, 3))
    released.ids["subject"] = released.do(subjects.enrol, released.PHYSICIAN, sealed).id
    released.do(labels.reprint, released.PHARMACIST, (released.vial("H3K001").id,), "vial_16x30", reason=REASON)
    released.do(vials.report_lost, released.STOREKEEPER, released.vial("H3K005").id, reason="gone")
    for kind, noun_id in (
        (RecordKind.RELEASE, released.ids["release"]),
        *[(RecordKind.TRACE, lot)] * 2,
        (RecordKind.TRAIL, lot),
    ):
        documents.make(released.store, released.QUALITY, Call(), kind, noun_id, "en", link)
    return released


def made(clinic: Clinic, who: Actor | None = None) -> Path:
    who = who or clinic.QUALITY
    done = evidence_packages.make(clinic.store, who, Call(), clinic.ids["lot"])
    with clinic.store.read(who) as view:
        return evidence_packages.kept(clinic.store, view, done.id)[1]


def unpacked(package: Path, folder: Path) -> Path:
    with ZipFile(package) as zipped:
        zipped.extractall(folder)
    return folder


def checked(package: Path, *more: str, program: Path | None = None, alone: tuple[str, ...] = ()) -> tuple[int, str]:
    """What the package's own program says of it, started from another folder with Python's standard library alone."""
    program = program or package / "verify.py"
    command = [
        *alone,
        sys.executable,
        "-I",
        "-S",
        str(program),
        *([str(package)] if program.parent != package else []),
        *more,
    ]
    done = subprocess.run(command, cwd="/", env={}, capture_output=True, text=True, timeout=120, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_it_holds_from_another_folder_without_a_network_and_says_with_which_key(
    printed: Clinic, tmp_path: Path
) -> None:
    package = made(printed)
    folder = unpacked(package, tmp_path / "handed over")
    alone = ("unshare", "-rn")
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine allows no network namespace")
    nowhere = subprocess.run([*alone, "cat", "/proc/net/route"], capture_output=True, text=True, check=True).stdout
    assert nowhere.splitlines()[1:] == []  # a heading at most, and no way out
    code, told = checked(folder, alone=alone)
    assert (code, "Everything holds" in told) == (0, True), told
    assert printed.store.keys.public in told
    assert "4 documents" in told
    assert re.search(f"Checkpoint of ledger {printed.ids['hospital']}: [0-9]+ entries\n  root [0-9a-f]{{64}}\n", told)
    assert "asked for by maharani (quality), " in told
    assert ", 0 about the lot are outside it" in told
    assert f"SHA-256 {sha256((folder / 'verify.py').read_bytes()).hexdigest()}" in told
    assert checked(folder, "--key", printed.store.keys.public)[0] == 0
    code, told = checked(folder, "--key", "ab" * 32)
    assert (code, "signed with another key" in told) == (1, True)
    zipped, program = tmp_path / "as it came.zip", folder / "verify.py"
    shutil.copy(package, zipped)
    assert checked(zipped, program=program)[0] == 0


def test_any_byte_changed_anywhere_is_found_and_its_file_is_named(printed: Clinic, tmp_path: Path) -> None:
    folder = unpacked(made(printed), tmp_path / "p")
    program = tmp_path / "verify.py"
    shutil.copy(folder / "verify.py", program)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) > 14
    dice = random.Random(7)
    for path in files:
        name, whole = str(path.relative_to(folder)), path.read_bytes()
        for at in {0, len(whole) - 1, dice.randrange(len(whole))}:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << dice.randrange(8))]) + whole[at + 1 :])
            code, told = checked(folder, program=program)
            assert (code, name in told) == (1, True), (name, at, told)
        path.write_bytes(whole[:-1])
        assert checked(folder, program=program)[0] == 1, name
        path.unlink()
        code, told = checked(folder, program=program)
        assert (code, name in told) == (2 if name == "SHA256SUMS" else 1, True), name
        path.write_bytes(whole)
    (folder / "documents" / "extra.pdf").write_bytes(b"%PDF-")
    assert "documents/extra.pdf: it is not of this package" in checked(folder, program=program)[1]


def test_who_makes_the_list_of_digests_anew_is_found_by_the_signature_and_by_the_proofs(
    printed: Clinic, tmp_path: Path
) -> None:
    """The forger has everything but the key."""

    folder = unpacked(made(printed), tmp_path / "p")

    def resummed() -> str:
        names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        lines = [
            f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
            for name in names
            if not name.startswith("SHA256")
        ]
        (folder / "SHA256SUMS").write_text("".join(lines))
        return checked(folder)[1]

    ledger = printed.ids["hospital"]
    extract = folder / f"entries-{ledger}.jsonl"
    whole = extract.read_text()
    for old, new, said in (
        ("N. Putri", "N. Otri", "is not proved"), (REASON, "it slipped", "its reason is not the one that was sealed"), ('"number":', '"number":1', "is not proved"),
    ):  # fmt: skip
        extract.write_text(whole.replace(old, new, 1))
        told = resummed()
        assert said in told, (old, told)
        assert "the signature over SHA256SUMS does not hold" in told
    lines = whole.splitlines(keepends=True)
    extract.write_text("".join([lines[1], lines[0], *lines[2:]]))
    assert "does not come after the one before it" in resummed()
    extract.write_text(whole)
    (folder / "documents" / "REL-0001-1.json").write_text("{}")
    assert "documents/REL-0001-1.json: it is not the one that entry" in resummed()


def test_it_says_nothing_of_who_a_patient_is_and_keeps_what_people_wrote(printed: Clinic, tmp_path: Path) -> None:
    printed.consent(printed.ids["subject"])
    course = printed.course()
    printed.give_dose(course, 1)
    folder = unpacked(made(printed), tmp_path / "p")
    everything = b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    for canary in (NAME, "Sulistyowati", MRN, "0099887", "1961-02-03"):
        assert canary.encode() not in everything, canary
    with printed.store.read(printed.PHYSICIAN) as view:
        pseudonym = subjects.subject(view, printed.ids["subject"]).pseudonym
    assert pseudonym.encode() in (folder / "injections.csv").read_bytes()
    assert REASON.encode() in everything
    assert checked(folder)[0] == 0


def test_one_moment_has_one_package_byte_for_byte(printed: Clinic) -> None:
    """Made twice at one moment; what is entered in between is of that moment too, so the second is read before."""
    from traceability.services import evidence_zip as package
    from traceability.store.tables import Lot

    with printed.store.read(printed.QUALITY) as view:
        lot = view.need(Lot, printed.ids["lot"])
        first, second = (package.build(printed.store, view, lot, [printed.ids["hospital"]]) for _ in range(2))
    assert first == second


def _put(name: str, at: datetime) -> None:
    from traceability.services import evidence_zip as package

    with ZipFile(BytesIO(), "w") as out:
        package._Out(out, at).put(name, b"")


def test_names_in_the_zip_are_of_our_own_making(printed: Clinic) -> None:
    from traceability.services import evidence_zip as package

    for name in ("../x", "/etc/passwd", "a/../b", "C:\\x", "a\\b", ".hidden", "a//b", "", "a/b/c", "é"):
        with pytest.raises(AssertionError, match="no name"):
            _put(name, printed.clock.now)
    with ZipFile(made(printed)) as zipped:
        names = zipped.namelist()
    assert all(package.NAME.fullmatch(name) for name in names)
    assert len(names) == len(set(names))


def _written(out: ZipFile, *files: dict[str, str]) -> None:
    for one in files:
        for name, words in one.items():
            out.writestr(ZipInfo(name), words)


def test_a_hostile_package_leads_its_checker_nowhere(printed: Clinic, tmp_path: Path) -> None:
    folder = unpacked(made(printed), tmp_path / "p")
    program = tmp_path / "verify.py"
    shutil.copy(folder / "verify.py", program)
    os.symlink("/etc/passwd", folder / "documents" / "passwd")
    assert "documents/passwd: it is no plain file" in checked(folder, program=program)[1]
    sums = (folder / "SHA256SUMS").read_text()
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  ../../etc/passwd\n" + sums)
    assert "line 1 is none of such a list" in checked(folder, program=program)[1]
    twice = tmp_path / "twice.zip"
    with ZipFile(twice, "w") as out, pytest.warns(UserWarning, match="Duplicate"):
        _written(out, {"SHA256SUMS": sums}, {"a.txt": "once"}, {"a.txt": "twice"})
    code, told = checked(twice, program=program)
    assert (code, "a.txt: it is in the ZIP twice" in told) == (1, True)
    (folder / "empty").mkdir()
    assert "empty: it is an empty folder" in checked(folder, program=program)[1]
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04")
    assert checked(tmp_path / "no.zip", program=program)[0] == 2


def test_nothing_hides_in_a_package_beside_its_files(printed: Clinic, tmp_path: Path) -> None:
    package = made(printed)
    program = unpacked(package, tmp_path / "p") / "verify.py"
    apart = tmp_path / "verify.py"
    shutil.copy(program, apart)
    data, words = package.read_bytes(), b"this lot was never tested"
    commented = tmp_path / "commented.zip"
    shutil.copy(package, commented)
    with ZipFile(commented, "a") as out:
        out.comment = words
    with ZipFile(package) as read:
        at = read.start_dir
    end = data[:-6] + (at + len(words)).to_bytes(4, "little") + data[-2:]  # the list of files lies that much further on
    for name, changed, why in (
        ("whole.zip", data, ""),
        ("after.zip", data + words, "something stands after the ZIP"),
        ("commented.zip", commented.read_bytes(), "something stands after the ZIP"),
        ("between.zip", end[:at] + words + end[at:], "something stands between the files"),
    ):
        (tmp_path / name).write_bytes(changed)
        code, told = checked(tmp_path / name, program=apart)
        assert (code, why in told) == (1 if why else 0, True), told


def inspector(clinic: Clinic, lot_id: str | None) -> Actor:
    authority = clinic.do(organisations.register, SYSTEM, "BPOM", OrganisationKind.AUTHORITY).id
    who = clinic.do(people.enrol, SYSTEM, authority, "inspector", "P. Inspector", HASHED).id
    until = clinic.clock.now + timedelta(days=30)
    clinic.do(people.give, SYSTEM, who, Role.INSPECTOR, clinic.ids["hospital"], lot_id=lot_id, until=until)
    with clinic.store.engines.reader.connect() as connection:
        actor = passwords.actor_of(connection, who)
    assert actor is not None
    return actor


def test_an_inspector_gets_it_of_the_lot_they_see_and_the_house_has_it_in_its_ledger(
    printed: Clinic, tmp_path: Path
) -> None:
    ledger, other = printed.ids["hospital"], printed.lot("UC26-K2")
    who = inspector(printed, printed.ids["lot"])
    with printed.store.read(printed.QUALITY) as view:
        before = audit_reviews.last_entry(view, printed.ids["lot"])
    folder = unpacked(made(printed, who), tmp_path / "p")
    code, said = checked(folder)
    assert code == 0
    told = json.loads((folder / "scope.json").read_text())
    (scope,) = told["ledgers"]
    assert (scope["asked_by"], scope["roles"], scope["organisation"]) == ("inspector", ["inspector"], "BPOM")
    assert (scope["sight"], scope["lots"]) == ("lots", ["UC26-H3"])
    here = len((folder / f"entries-{ledger}.jsonl").read_text().splitlines())
    assert scope["entries_there"] - scope["entries_outside"] == here
    assert scope["entries_outside"] > 0  # of the box: it carried other lots too
    assert f"{here} entries in here, {scope['entries_outside']} about the lot are outside it" in said
    assert f"{scope['entries_outside']}\n" in (folder / "README.txt").read_text()
    assert b"K2K001" not in b"".join(path.read_bytes() for path in folder.rglob("*.jsonl"))
    with pytest.raises(NotFound):
        evidence_packages.make(printed.store, who, Call(), other)
    with printed.store.read(printed.QUALITY) as view:
        (entry,) = audit.page(view, audit.Asked(ledger, act="evidence.make")).entries
        (row,) = evidence_packages.packages(view, printed.ids["lot"])
        assert audit_reviews.last_entry(view, printed.ids["lot"]) == before  # looking asks nobody for another review
    assert entry.body["answer"]["asked_by"] == who.person_id == row.asked_by
    assert entry.body["answer"]["sha256"] == row.sha256
    mine = evidence_packages.make(printed.store, printed.QUALITY, Call(), printed.ids["lot"])
    with printed.store.read(who) as view:  # theirs, and none that was made of more than they see
        assert [one.id for one in evidence_packages.packages(view, printed.ids["lot"])] == [row.id]
        with pytest.raises(NotFound):
            evidence_packages.kept(printed.store, view, mine.id)


def test_the_same_request_makes_one_package_and_a_lost_file_is_named(printed: Clinic) -> None:
    call = Call()
    first = evidence_packages.make(printed.store, printed.QUALITY, call, printed.ids["lot"])
    again = evidence_packages.make(printed.store, printed.QUALITY, call, printed.ids["lot"])
    assert (again.repeated, again.answer) == (True, first.answer)
    assert problems(printed) == []
    with printed.store.read(printed.QUALITY) as view:
        path = evidence_packages.kept(printed.store, view, first.id)[1]
        path.write_bytes(b"PK")
        with pytest.raises(Refused, match="evidence_bytes_differ"):
            evidence_packages.kept(printed.store, view, first.id)


def test_a_document_whose_bytes_are_gone_stops_it(printed: Clinic) -> None:
    with printed.store.read(printed.QUALITY) as view:
        one = documents.documents(view, lot_id=printed.ids["lot"])[0].document
    (printed.store.documents / f"{one.bytes_sha256}.pdf").unlink()
    with pytest.raises(Refused, match="document_bytes_differ"):
        evidence_packages.make(printed.store, printed.QUALITY, Call(), printed.ids["lot"])


def test_by_page_program_and_command_it_is_one_package(printed: Clinic, serving: Serving, tmp_path: Path) -> None:
    app = serving(printed.store, SECURE=False, TESTING=True)
    lot = printed.ids["lot"]
    token = sessions.sign_in(printed.store, "maharani", PASSWORD, "bearer").token
    quality = Asking(app, token)
    done = quality.post("/evidences/make", {"lot_id": lot})
    assert (done.status_code, done.json["answer"]["number"]) == (201, "EV-1")
    handed = quality.get(f"/evidences/{done.json['answer']['id']}.zip")
    assert (handed.status_code, handed.mimetype) == (200, "application/zip")
    (listed,) = quality.get("/evidences", lot_id=lot).json["items"]
    assert listed["sha256"] == sha256(handed.data).hexdigest() == done.json["answer"]["sha256"]
    handed.close()
    pharmacist = Asking(app, sessions.sign_in(printed.store, "putri", PASSWORD, "bearer").token)
    assert pharmacist.post("/evidences/make", {"lot_id": lot}).status_code == 403
    assert pharmacist.get(f"/evidences/{listed['id']}.zip").status_code == 403
    page = app.test_client()
    page.set_cookie("session", sessions.sign_in(printed.store, "maharani", PASSWORD, "cookie").token)
    told = page.get(f"/lots/{lot}/documents").text
    form = dict(re.findall(r'name="(csrf_token|act_id)" value="([^"]+)"', told.partition('id="evidence"')[2]))
    assert page.post(f"/lots/{lot}/evidence", data=form).status_code == 303
    assert page.get(f"/lots/{lot}/documents").text.count("/evidence/") == 2
    again = page.get(f"/evidence/{listed['id']}.zip")
    assert again.headers["Content-Disposition"] == "attachment; filename=evidence-UC26-H3-EV-1.zip"
    again.close()
    out = tmp_path / "of the server.zip"
    run = app.test_cli_runner().invoke(args=["evidence", "UC26-H3", "--out", str(out)])
    assert (run.exit_code, "EV-3" in run.output) == (0, True), run.output
    folder = unpacked(out, tmp_path / "server")
    assert len(list(folder.glob("entries-*.jsonl"))) == 2  # of the maker's ledger and of the hospital's
    assert checked(folder)[0] == 0
    assert app.test_cli_runner().invoke(args=["evidence", "UC99"]).exit_code == 1


def test_a_module_put_beside_the_program_is_not_imported(printed: Clinic, tmp_path: Path) -> None:
    folder = unpacked(made(printed), tmp_path / "handed over")
    (folder / "argparse.py").write_text("print('Everything holds.'); raise SystemExit(0)\n")
    done = subprocess.run(
        [sys.executable, "verify.py"], cwd=folder, env={}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1
    assert "argparse.py" in done.stdout


def test_a_key_is_given_as_paper_prints_it_and_nonsense_is_no_key(printed: Clinic, tmp_path: Path) -> None:
    folder = unpacked(made(printed), tmp_path / "handed over")
    status, said = checked(folder)
    key = said.rpartition("Signed with the key ")[2].split()[0]
    assert checked(folder, "--key", " ".join(key[at : at + 8] for at in range(0, 64, 8)))[0] == 0 == status
    nonsense = [sys.executable, "-I", str(folder / "verify.py"), "--key", "zz"]
    assert subprocess.run(nonsense, capture_output=True, timeout=120, check=False).returncode == 2
