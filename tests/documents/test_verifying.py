"""Whether a file is ours, unchanged and still stands: by the command, on the page and by program, also of files that want harm."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import Result
from flask.testing import FlaskClient

from tests import hostile_pdfs, seals
from tests.clinic import PASSWORD, Clinic
from tests.conftest import Serving
from tests.printed import RELEASE, bytes_of, printed
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.services import documents, releases, sessions, verifying
from traceability.services.verifying import Authenticity, SealAnswer


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def client(clinic: Clinic, serving: Serving) -> Iterator[FlaskClient]:
    with serving(clinic.store, SECURE=False).test_client() as made:
        yield made


Command = Callable[..., Result]


@pytest.fixture
def command(clinic: Clinic, serving: Serving, tmp_path: Path) -> Command:
    """`flask documents verify` of these bytes."""

    def run(pdf: bytes, *options: str) -> Result:
        (file := tmp_path / "asked.pdf").write_bytes(pdf)
        app = serving(clinic.store, SECURE=False)
        return app.test_cli_runner().invoke(args=["documents", "verify", str(file), *options])

    return run


def changed(pdf: bytes) -> bytes:
    """The same document with one word of its record changed by who knows how to write a PDF."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        record = json.loads(opened.Root.AF[0].EF.F.read_bytes())
        record["release"]["vials"] = 500
        opened.Root.AF[0].EF.F = opened.make_stream(json.dumps(record).encode())
        opened.save(out)
    return out.getvalue()


def test_a_document_is_current_then_superseded_then_revoked_and_the_command_says_so(
    clinic: Clinic, command: Command, release: str
) -> None:
    clinic.store.seal = seals.seal()
    first = printed(clinic, RELEASE, release)
    pdf = bytes_of(clinic, first.id)
    told = command(pdf)
    assert told.exit_code == 0, told.output
    assert "REL-0001, version 1 is as it was issued, and current." in told.output
    assert "The seal is valid" in told.output
    clinic.clock.tick(minutes=1)
    second = printed(clinic, RELEASE, release)
    told = command(pdf)
    assert told.exit_code == 3
    assert "was superseded by REL-0001, version 2." in told.output
    clinic.do(documents.revoke, clinic.QUALITY, second.id, reason="the wrong lot was chosen")
    told = command(bytes_of(clinic, second.id), "--json")
    assert told.exit_code == 3
    said = json.loads(told.output)
    assert (said["answer"], said["unchanged"], said["seal"], said["newest"]) == ("revoked", True, "valid", None)
    assert "the wrong lot" not in told.output


def test_the_paper_of_a_voided_release_does_not_stand(clinic: Clinic, command: Command, release: str) -> None:
    pdf = bytes_of(clinic, printed(clinic, RELEASE, release).id)
    clinic.clock.tick(minutes=1)
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(releases.void, clinic.QUALITY, release, signed=signed, reason="a result came late")
    told = command(pdf)
    assert (told.exit_code, "was voided on" in told.output) == (3, True)


def test_whatever_was_done_to_a_file_it_is_altered_and_its_seal_does_not_hold(
    clinic: Clinic, command: Command, release: str
) -> None:
    clinic.store.seal = seals.seal()
    pdf = bytes_of(clinic, printed(clinic, RELEASE, release).id)
    for other, seal, kept in (
        (pdf + b"\n% a remark\n", SealAnswer.BROKEN, True),
        (pdf.replace(b"/Contents <", b"/Contents  <"), SealAnswer.BROKEN, True),
        (changed(pdf), SealAnswer.BROKEN, False),
        (pdf[: pdf.index(b"%%EOF\n") + 6], SealAnswer.MISSING, True),  # as it was before it was sealed
    ):
        told = verifying.verify(clinic.store, other)
        assert (told.answer, told.seal, told.record_kept) == (Authenticity.ALTERED, seal, kept)
        assert (told.number, told.version) == ("REL-0001", 1)
    told = command(changed(pdf))
    assert told.exit_code == 4, told.output
    assert "is not as that was issued. Do not rely on it." in told.output
    assert "not the one that was issued" in told.output


def test_a_padding_that_no_seal_covers_is_found_by_its_bytes(clinic: Clinic, release: str) -> None:
    """Behind a signature lie zeros that nothing signs: the seal holds, and the file is still not the one that was issued."""
    clinic.store.seal = seals.seal()
    pdf = bytes_of(clinic, printed(clinic, RELEASE, release).id)
    zeros = pdf.rindex(b"0000>")
    told = verifying.verify(clinic.store, pdf[:zeros] + b"0001>" + pdf[zeros + 5 :])
    assert told.answer is Authenticity.ALTERED


def test_a_certificate_that_was_renewed_still_vouches_for_what_it_sealed_and_no_other_does(
    clinic: Clinic, release: str
) -> None:
    clinic.store.seal = seals.seal()
    pdf = bytes_of(clinic, printed(clinic, RELEASE, release).id)
    clinic.store.seal = seals.seal(seals.pair("renewed"))
    assert verifying.verify(clinic.store, pdf).seal is SealAnswer.VALID
    drawn = pdf[: pdf.index(b"%%EOF\n") + 6]
    from traceability.sealing.signing import sealed

    forged = sealed(drawn, seals.seal(seals.pair("somebody")), clinic.clock.now, stamped=False)
    told = verifying.verify(clinic.store, forged)
    assert (told.answer, told.seal) == (Authenticity.ALTERED, SealAnswer.UNKNOWN)


def test_a_file_of_elsewhere_is_foreign(clinic: Clinic, command: Command) -> None:
    out = BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.save(out)
    told = command(out.getvalue(), "--json")
    assert told.exit_code == 5
    assert json.loads(told.output)["answer"] == "foreign"


@pytest.mark.parametrize("name", hostile_pdfs.FILES)
def test_a_broken_file_is_answered_and_nothing_is_raised(clinic: Clinic, command: Command, name: str) -> None:
    told = command(hostile_pdfs.FILES[name], "--json")
    said = json.loads(told.output)
    assert (told.exit_code, said.get("code", said["answer"])) in (
        (6, "paper_damaged"),
        (6, "paper_costly"),
        (5, "foreign"),
    )


@pytest.mark.parametrize("bomb", [hostile_pdfs.attachment_bomb, hostile_pdfs.object_bomb])
def test_a_bomb_does_not_go_off_here(clinic: Clinic, bomb: Callable[[], bytes]) -> None:
    """It is read in a process of its own, which may take a gigabyte and no more."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with suppress(Refused):
        assert verifying.verify(clinic.store, bomb()).answer is Authenticity.FOREIGN
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 25


def test_what_is_no_pdf_encrypted_or_too_large_is_refused_by_its_code(clinic: Clinic, command: Command) -> None:
    with pytest.raises(Refused, match="paper_encrypted"):
        verifying.verify(clinic.store, hostile_pdfs.encrypted())
    with pytest.raises(Refused, match="paper_not_pdf"):
        verifying.received(BytesIO(b"PK\x03\x04"))
    endless = BytesIO(b"%PDF-" + bytes(verifying.MOST_BYTES + 1_000_000))
    with pytest.raises(Refused, match="body_too_large"):
        verifying.received(endless)
    assert endless.tell() <= verifying.MOST_BYTES + verifying.AT_ONCE, "it stops as soon as it is too large"
    told = command(b"no pdf")
    assert (told.exit_code, "This is no PDF" in told.output) == (6, True)


# ── on the page and by program ──


def sent(client: FlaskClient, pdf: bytes, name: str = "record.pdf") -> Any:
    (token,) = set(re.findall(r'name="csrf_token" value="([0-9a-f]+)"', client.get("/documents/verify").text))
    told = {"csrf_token": token, "file": (BytesIO(pdf), name)}
    return client.post("/documents/verify", data=told, content_type="multipart/form-data")


def test_the_page_says_what_the_command_says_and_nothing_to_a_stranger(
    clinic: Clinic, client: FlaskClient, release: str
) -> None:
    assert client.get("/documents/verify").status_code == 303
    assert "/sign-in" in client.post("/documents/verify").headers.get("Location", "/sign-in")
    clinic.store.seal = seals.seal()
    done = printed(clinic, RELEASE, release)
    pdf = bytes_of(clinic, done.id)
    client.set_cookie("session", sessions.sign_in(clinic.store, "maharani", PASSWORD, "cookie").token)
    page = sent(client, pdf)
    assert page.status_code == 200
    assert "This file is as it was issued, and current." in page.text
    assert f"/documents/{done.id}" in page.text
    assert "It is looked into and not kept." in page.text
    assert seals.seal().fingerprint in page.text.replace("<wbr>", "")
    assert "as the site says" in page.text
    for other, status, words in (
        (b"no pdf", 422, "This is no PDF."),
        (hostile_pdfs.encrypted(), 422, "This PDF is encrypted."),
        (b"", 422, "This is no PDF."),
    ):
        page = sent(client, other, "" if not other else "x.pdf")
        assert (page.status_code, words in page.text) == (status, True)
    client.set_cookie("language", "id")
    assert "Berkas ini tidak sama seperti saat diterbitkan." in sent(client, changed(pdf)).text


def test_somebody_of_another_house_learns_no_more_than_the_public_page_tells(
    clinic: Clinic, client: FlaskClient, release: str
) -> None:
    done = printed(clinic, RELEASE, release)
    client.set_cookie("session", sessions.sign_in(clinic.store, "other", PASSWORD, "cookie").token)
    page = sent(client, bytes_of(clinic, done.id)).text
    assert "This file is as it was issued, and current." in page
    assert done.id not in page
    assert "UC26-H3" not in page


def test_a_program_is_told_the_same(clinic: Clinic, client: FlaskClient, release: str) -> None:
    pdf = bytes_of(clinic, printed(clinic, RELEASE, release).id)
    token = sessions.sign_in(clinic.store, "maharani", PASSWORD, "bearer").token

    def ask(body: bytes | None, **headers: str) -> Any:
        head = b'--part\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n'
        data = b"--part--\r\n" if body is None else head + body + b"\r\n--part--\r\n"
        kind = "multipart/form-data; boundary=part"
        return client.post("/api/v1/documents/verify", data=data, content_type=kind, headers=headers)

    bearer = {"Authorization": f"Bearer {token}"}
    told = ask(pdf, **bearer)
    assert told.status_code == 200
    assert (told.json["answer"], told.json["seal"], told.json["record_kept"], told.json["seals"]) == (
        "current",
        "none",
        True,
        [],
    )
    assert (ask(b"x", **bearer).status_code, ask(b"x", **bearer).json["code"]) == (422, "paper_not_pdf")
    large = ask(b"%PDF-" + bytes(verifying.MOST_BYTES), **bearer)
    assert (large.status_code, large.json["code"]) == (413, "body_too_large")
    assert ask(None, **bearer).status_code == 422
    assert ask(pdf).status_code == 401
