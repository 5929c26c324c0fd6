"""Pictures of a patient on the pages and by program: no name of a file, nothing cached, nothing that runs (R54)."""

from __future__ import annotations

from io import BytesIO

from tests.api.conftest import Asking
from tests.clinic import PASSWORD, Clinic
from tests.stories.case import today, withdraw
from tests.stripping.test_stripping import CANARY, dicom_of, jpeg_of, pdf_of
from tests.web.conftest import hidden
from traceability.domain.people import SYSTEM
from traceability.services import sessions
from traceability.store.tables.subjects import ConsentKind


def test_a_picture_is_kept_shown_without_its_name_and_withheld_once_consent_is_withdrawn(
    app, signed_in, clinic: Clinic
) -> None:
    clinic.course()
    subject = clinic.ids["subject"]
    consent = clinic.consent(subject, ConsentKind.IMAGES)
    browser, path = signed_in("santosa"), f"/subjects/{subject}/images"

    def send(data: bytes, name: str, **told: str):
        form = hidden(browser.get(path).text) | {"kind": "radiograph_ap", "laterality": "right", **told}
        return browser.post(path, data={**form, "file": (BytesIO(data), name)}, content_type="multipart/form-data")

    assert send(jpeg_of(), "Canary Wijayanti.jpg", taken_on=today(clinic).isoformat()).status_code == 303
    clinic.clock.tick(days=30)
    browser = signed_in("santosa")
    assert send(jpeg_of("L"), "Canary.jpg", taken_on=today(clinic).isoformat()).status_code == 303
    assert send(pdf_of(), "Canary.pdf", kind="document").status_code == 303
    refused = send(b"<script>alert(1)</script>", "Canary.png")
    assert refused.status_code == 422
    page = browser.get(path).text
    assert page.count("<figure") == 2
    with clinic.store.read(SYSTEM) as view:
        ids = {row.media_type: row.id for row in view.rows("SELECT media_type, id FROM image ORDER BY id DESC")}
        said = " ".join(row.body for row in view.rows("SELECT body FROM entry"))
    assert "Canary" not in page + said
    shown = browser.get(f"/images/{ids['image/jpeg']}/file", buffered=True)
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert CANARY not in shown.data
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    saved = browser.get(f"/images/{ids['application/pdf']}/file", buffered=True)
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert signed_in("handayani").get(f"/images/{ids['image/jpeg']}/file").status_code == 403

    program = Asking(app, sessions.sign_in(clinic.store, "santosa", PASSWORD, "bearer").token)
    done = program.send(
        "/images/attach", subject_id=subject, kind="photograph", file=(BytesIO(jpeg_of()), "Canary.jpg")
    )
    assert done.status_code == 201, done.text
    assert len(program.get(f"/subjects/{subject}/images").json["items"]) == 4
    sent = program.get(f"/images/{done.json['answer']['id']}/file")
    assert CANARY not in sent.data
    assert sent.headers["Content-Disposition"].startswith("attachment")
    sent.close()

    clinic.clock.tick(minutes=1)
    withdraw(clinic, consent)
    assert browser.get(f"/images/{ids['image/jpeg']}/file").status_code == 409
    assert program.get(f"/images/{ids['image/jpeg']}/file").json["code"] == "images_not_consented"
    page = browser.get(path).text
    assert "<figure" not in page
    assert "No consent to images stands." in page


def test_a_dicom_file_is_saved_only_by_who_has_opened_the_identity_and_sent_twice_it_is_kept_once(
    app, signed_in, clinic: Clinic
) -> None:
    clinic.course()
    subject = clinic.ids["subject"]
    clinic.consent(subject, ConsentKind.IMAGES)
    program = Asking(app, sessions.sign_in(clinic.store, "santosa", PASSWORD, "bearer").token)

    def send():
        return program.send(
            "/images/attach", key="5b0f1c2e-6f0a-4c1d-9b1e-000000000001", subject_id=subject, kind="mri",
            file=(BytesIO(dicom_of()), "Canary^Wijayanti.dcm"),
        )  # fmt: skip

    first, again = send().json, send().json
    assert first["answer"] == again["answer"]
    path = f"/images/{first['answer']['id']}/file"
    assert program.get(path).json["code"] == "identity_not_looked_at"
    browser = signed_in("santosa")
    album = f"/subjects/{subject}/images"
    opening = f"/subjects/{subject}/open_identity"
    assert opening in browser.get(album).text
    assert path not in browser.get(album).text
    assert browser.get(path).status_code == 403
    browser.post(opening, data=hidden(browser.get(opening).text))
    assert path in browser.get(album).text
    saved = browser.get(path, buffered=True)
    assert (saved.data, saved.mimetype) == (dicom_of(), "application/dicom")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "Canary" not in saved.headers["Content-Disposition"]
