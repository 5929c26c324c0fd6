"""Documents sealed by the site's certificate: they stay archives, whatever is changed is found, a stamp is real or it is said."""

from __future__ import annotations

import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from reports import page
from reports.archive import archived
from tests import seals
from tests.clinic import Clinic
from tests.printed import RELEASE, bytes_of, printed, row, text_of
from tests.reports import samples
from tests.reports.test_archive import failures
from tests.reports.test_page import SHEET, flow
from traceability import create_app
from traceability.domain.errors import Refused
from traceability.domain.seals import Stamper
from traceability.sealing.checking import seals_of
from traceability.sealing.signing import sealed
from traceability.services import documents


@pytest.fixture
def engine() -> str:
    """What a seal covers is bytes: one engine is enough here."""
    return "sqlite"


def drawn(rows: int = 80) -> bytes:
    """A document of several pages with the field of a seal, before it is sealed."""
    sheet = replace(SHEET, sealed_by=seals.SITE, seal=f"Electronic seal: {seals.SITE}")
    return archived(page.draw(sheet, flow(rows)), '{"head":{}}', at=samples.AT, renderer=samples.RENDERER)


def stamper(url: str, *, required: bool = True) -> Stamper:
    return Stamper(url, (seals.authority().der,), required, timeout_s=5)


# ── what is sealed ──


def test_a_sealed_document_stays_an_archive_and_begins_with_what_was_drawn() -> None:
    before = drawn()
    after = sealed(before, seals.seal(), samples.AT, stamped=False)
    assert after.startswith(before)
    assert failures(before) == failures(after) == []
    (found,) = seals_of(after)
    assert (found.intact, found.whole, found.signed_at, found.stamp) == (True, True, samples.AT, "none")
    assert found.certificate_sha256 == seals.seal().fingerprint
    with pikepdf.open(BytesIO(after)) as opened:
        (field,) = opened.Root.AcroForm.Fields
        assert field.V.SubFilter == "/ETSI.CAdES.detached"
        assert opened.open_metadata()["pdfaid:conformance"] == "A"


def test_a_stamp_of_the_configured_authority_is_set_and_trusted() -> None:
    with seals.answering() as url:
        after = sealed(drawn(), seals.seal(stamper=stamper(url)), samples.AT, stamped=True)
    assert failures(after) == []
    (found,) = seals_of(after, [seals.authority().der])
    assert (found.intact, found.whole, found.stamp) == (True, True, "valid")
    assert found.stamped_at is not None
    assert abs(found.stamped_at.timestamp() - time.time()) < 120
    (other,) = seals_of(after, [seals.pair("somebody", stamps=True).der])
    assert (other.stamp, other.stamped_at) == ("unknown", None)


def test_a_stamp_of_anybody_else_or_no_stamp_is_refused() -> None:
    for body, who in ((None, seals.pair("somebody", stamps=True)), (b"no stamp", None), (b"x" * 300_000, None)):
        with seals.answering(who, body) as url, pytest.raises(Refused, match="timestamp_unavailable"):
            sealed(drawn(1), seals.seal(stamper=stamper(url)), samples.AT, stamped=True)
    with pytest.raises(Refused, match="timestamp_unavailable"):
        sealed(drawn(1), seals.seal(stamper=stamper("http://127.0.0.1:9/")), samples.AT, stamped=True)


def test_every_altered_byte_and_every_addition_is_found() -> None:
    after = sealed(drawn(1), seals.seal(), samples.AT, stamped=False)
    for at in range(200, len(drawn(1)), len(after) // 23):
        changed = bytearray(after)
        changed[at] ^= 1
        try:
            found = seals_of(bytes(changed))
        except Exception:
            continue  # it is not even read any more
        assert not any(one.intact and one.whole for one in found), at
    (added,) = seals_of(after + b"\n% more\n")
    assert not added.whole


# ── how an installation is given one ──


def configured(folder: Path, **settings: object) -> object:
    return create_app({"SECURE": False, **settings}, instance_path=str(folder)).extensions["store"].seal


def test_a_certificate_and_its_key_in_the_folder_of_keys_are_enough(tmp_path: Path) -> None:
    assert configured(tmp_path / "without") is None
    seals.site().written(tmp_path / "with" / "keys")
    made = configured(tmp_path / "with")
    assert made == seals.seal()
    assert "BEGIN" not in repr(made)
    assert "key=" not in repr(made)


def test_it_does_not_start_with_half_of_what_a_seal_needs(tmp_path: Path) -> None:
    keys = seals.site().written(tmp_path / "keys")
    other = seals.pair("another").written(tmp_path / "other")
    ca = seals.pair("an authority of certificates", signs=False).written(tmp_path / "ca")
    locked = seals.site().written(tmp_path / "locked", passphrase="secret")
    names = {"SEAL_CERTIFICATE": str(keys / "seal.pem"), "SEAL_KEY": str(keys / "seal-key.pem")}
    for at, (settings, why) in enumerate((
        ({"SEAL_CERTIFICATE": names["SEAL_CERTIFICATE"]}, "SEAL_KEY: there is no"),
        ({"SEAL_KEY": names["SEAL_KEY"]}, "SEAL_CERTIFICATE: there is no"),
        (names | {"SEAL_KEY": str(tmp_path / "nowhere")}, "SEAL_KEY: there is no"),
        (names | {"SEAL_KEY": str(other / "seal-key.pem")}, "not the key of"),
        (names | {"SEAL_KEY": names["SEAL_CERTIFICATE"]}, "holds no key"),
        (names | {"SEAL_CERTIFICATE": names["SEAL_KEY"]}, "no certificate"),
        ({"SEAL_CERTIFICATE": str(ca / "seal.pem"), "SEAL_KEY": str(ca / "seal-key.pem")}, "may not sign"),
        (names | {"SEAL_KEY": str(locked / "seal-key.pem")}, "SEAL_KEY_PASSPHRASE"),
        (names | {"SEAL_TSA_URL": "https://tsa.example.org"}, "belong together"),
        (names | {"SEAL_TSA_CERTIFICATES": names["SEAL_CERTIFICATE"]}, "belong together"),
        (names | {"SEAL_TSA_URL": "tsa.example.org", "SEAL_TSA_CERTIFICATES": names["SEAL_CERTIFICATE"]}, "must begin"),
        ({"SEAL_TSA_URL": "https://tsa.example.org"}, "nothing to stamp"),
    )):  # fmt: skip
        with pytest.raises(RuntimeError, match=why):
            configured(tmp_path / f"app{at}", **settings)
    unlocked = configured(
        tmp_path / "app", **names | {"SEAL_KEY": str(locked / "seal-key.pem"), "SEAL_KEY_PASSPHRASE": "secret"}
    )
    assert unlocked == seals.seal()


# ── documents of a site with a seal ──


def test_a_document_says_by_what_it_is_sealed_and_is(clinic: Clinic, release: str) -> None:
    without = printed(clinic, RELEASE, release)
    assert "No electronic seal: this site has no certificate." in text_of(bytes_of(clinic, without.id))
    assert row(clinic, without.id).seal_sha256 is None
    clinic.store.seal = seals.seal()
    clinic.clock.tick(minutes=1)
    done = printed(clinic, RELEASE, release, language="id")
    kept, pdf = row(clinic, done.id), bytes_of(clinic, done.id)
    assert kept.seal_sha256 == seals.seal().fingerprint
    assert f"Segel elektronik: {seals.SITE}, tanpa stempel waktu." in text_of(pdf)
    assert '"seal":{"certificate_sha256":"' in str(kept.record)
    assert failures(pdf) == []
    (found,) = seals_of(pdf)
    assert (found.intact, found.whole, found.certificate_sha256) == (True, True, kept.seal_sha256)


def test_without_its_stamp_nothing_is_issued_unless_the_site_says_so_and_then_the_document_says_it(
    clinic: Clinic, release: str
) -> None:
    with seals.answering() as url:
        clinic.store.seal = seals.seal(stamper=stamper(url))
        stamped = printed(clinic, RELEASE, release)
    assert "time stamp by 127.0.0.1." in text_of(bytes_of(clinic, stamped.id))
    clinic.clock.tick(minutes=1)
    with pytest.raises(Refused, match="timestamp_unavailable"):
        printed(clinic, RELEASE, release)
    with clinic.store.read(clinic.QUALITY) as view:
        assert len(documents.documents(view)) == 1
    clinic.store.seal = seals.seal(stamper=stamper(url, required=False))
    done = printed(clinic, RELEASE, release)
    assert "without time stamp." in text_of(bytes_of(clinic, done.id))
    assert [one.stamp for one in seals_of(bytes_of(clinic, done.id))] == ["none"]


def test_with_an_expired_certificate_nothing_is_issued_and_everything_else_goes_on(
    clinic: Clinic, release: str
) -> None:
    clinic.store.seal = seals.seal(seals.pair(until=seals.SINCE.replace(year=2021)))
    with pytest.raises(Refused, match="seal_expired"):
        printed(clinic, RELEASE, release)
    with clinic.store.read(clinic.QUALITY) as view:
        assert documents.documents(view) == []


def test_the_pages_of_a_sealed_document_are_those_of_an_unsealed_one() -> None:
    before = drawn(1)
    after = sealed(before, seals.seal(), samples.AT, stamped=False)
    shown = [pypdfium2.PdfDocument(pdf)[0].render(scale=1).to_pil().tobytes() for pdf in (before, after)]
    assert shown[0] == shown[1]
