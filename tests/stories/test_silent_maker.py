"""A maker that never signs in: the hospital transcribes everything, with a second person, and the record says so."""

from __future__ import annotations

from datetime import date

import pytest

from tests.clinic import Clinic
from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.services import consignments, labels, lots, organisations, products, releases, specifications
from traceability.store.tables.lots import Route
from traceability.store.tables.organisations import OrganisationKind, PlaceKind
from traceability.store.tables.products import CredentialKind

GTIN = "09521234543299"
EXPIRES = date(2026, 9, 30)


def silent_maker(clinic: Clinic) -> str:
    """Its organisation, site, papers, product, limits, test and freezer, all written down by the hospital."""
    do, ids = clinic.do, clinic.ids
    maker = do(organisations.register, clinic.ADMINISTRATOR, "Quiet maker", OrganisationKind.MAKER).id
    ids["quiet_site"] = do(organisations.open_site, clinic.ADMINISTRATOR, maker, "Bandung", "Asia/Jakarta").id
    for kind in (CredentialKind.GMP, CredentialKind.LICENCE):
        do(
            products.record_credential, clinic.QUALITY, maker, kind, f"Q-{kind}", "authority", "secretome",
            valid_from=date(2025, 1, 1), valid_until=date(2027, 1, 1),
        )  # fmt: skip
    gtin = GTIN[:13] + gs1.check_digit(GTIN[:13])
    product = do(products.register, clinic.QUALITY, maker, gtin, "Quiet secretome").id
    ids["quiet_version"] = do(
        products.revise, clinic.QUALITY, product, volume_ul=3000, low_mc=-25_000, high_mc=-15_000, budget_s=4 * 3600,
        freeze_sensitive=False, mkt_applies=False, thaw_s=5400,
    ).id  # fmt: skip
    decided = (clinic.sign("maharani", Meaning.DECIDED),)
    for test, told in (("sterility", {"expected": "no growth"}), ("endotoxin", {"high": "0.25"})):
        spec = do(specifications.issue, clinic.QUALITY, ids["quiet_version"], test.title(), signed=decided, **told)
        ids[f"spec_{test}"] = spec.id
    place = do(organisations.open_place, clinic.QUALITY, ids["quiet_site"], PlaceKind.FREEZER, "Its freezer", "Q-01").id
    year = 366 * 86_400
    do(
        organisations.assume,
        clinic.QUALITY,
        place,
        -25_000,
        -15_000,
        year,
        signed=decided,
        reason="By its certificate.",
    )
    ids["quiet_place"] = place
    return maker


def test_a_lot_of_a_maker_that_never_signs_in_is_transcribed_and_may_be_used(clinic: Clinic) -> None:
    silent_maker(clinic)
    do, ids = clinic.do, clinic.ids
    lot = do(
        lots.announce, clinic.QUALITY, ids["quiet_version"], "QM-1", date(2026, 3, 9), EXPIRES, ids["quiet_place"],
        Route.SERVICE, serials=("QM001", "QM002"),
    ).id  # fmt: skip
    do(labels.print_, clinic.STOREKEEPER, "vial_16x30", lot_id=lot)
    for vial in clinic.vials(lot):
        do(labels.scan_back, clinic.STOREKEEPER, clinic.code(vial))
    clinic.certificate(lot)
    with clinic.store.read(clinic.QUALITY) as view:
        paper = releases.prepare(view, lot, [], 0).findings
    attachment = next(f.values["attachments"][0] for f in paper if f.code == "certificate_attached")
    both = (clinic.sign("lestari", Meaning.TRANSCRIBED), clinic.sign("putri", Meaning.VERIFIED))
    do(lots.transcribe, clinic.QUALITY2, lot, date(2026, 4, 1), "Conforms.", attachment, signed=both)
    clinic.clock.tick(hours=1)
    chosen = [vial.id for vial in clinic.vials(lot)]
    body = "09521239999999999"
    box = do(
        consignments.ship, clinic.STOREKEEPER, body + gs1.check_digit(body), ids["quiet_site"], ids["site"], chosen
    ).id  # fmt: skip
    clinic.counted(clinic.arrived(box))
    clinic.put_away(box)
    clinic.logged(box)
    clinic.tested(lot)
    clinic.release(lot)
    assert clinic.scan("QM001") == ("use", [])
    with clinic.store.read(clinic.QUALITY) as view:
        assert [one.transcribed for one in lots.certifications(view, lot)] == [True]


def test_nobody_writes_for_a_maker_that_signs_in_itself(clinic: Clinic) -> None:
    told = {"serials": ("X1",)}
    with pytest.raises(Refused, match="not_found"):
        clinic.do(
            lots.announce, clinic.QUALITY, clinic.ids["version"], "UC26-X1", date(2026, 3, 9), EXPIRES,
            clinic.ids["maker_freezer"], Route.SERVICE, **told,
        )  # fmt: skip
    with pytest.raises(Refused, match="not_yours"):
        clinic.do(
            products.record_credential,
            clinic.QUALITY,
            clinic.ids["maker"],
            CredentialKind.GMP,
            "forged",
            "nobody",
            "all",
        )
    with pytest.raises(Refused, match="not_yours"):
        clinic.do(products.register, clinic.ELSEWHERE, clinic.ids["maker"], "09521234543220", "Not theirs")
