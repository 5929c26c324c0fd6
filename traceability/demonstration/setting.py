"""Where it happens: organisations, people, places, the product and its papers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from traceability.demonstration.story import NAMES, SIGN_INS, Story
from traceability.domain.people import Meaning, Role
from traceability.services import coldchain, organisations, people, products, specifications
from traceability.store import passwords
from traceability.store.tables.lots import MaterialKind
from traceability.store.tables.organisations import OrganisationKind, PlaceKind
from traceability.store.tables.products import CredentialKind

GTIN = "09521234543213"
"""The GS1 example prefix 952: no real company's number is borrowed (R1)."""
YEAR_S, WEEK_S = 366 * 86_400, 7 * 86_400

NAMED = {"approval_number": "DEMO-DESIGNATION-1", "ethics_number": "DEMO-ETHICS-1"}
"""Papers of the hospital that its protocols name (R15)."""

SPECIFICATION = (
    # R32's set as demonstration data: methods and limits are invented. Test, method, unit, low, high, expected, result
    ("Appearance", "visual", "", None, None, "clear, colourless", "clear, colourless"),
    ("Volume", "gravimetric", "mL", "2.9", "3.2", None, "3.05"),
    ("pH", "potentiometric", "", "6.8", "7.6", None, "7.2"),
    ("Osmolality", "freezing point", "mOsm/kg", "260", "320", None, "291"),
    ("Particulates ≥ 10 µm", "light obscuration", "per vial", None, "6000", None, "212"),
    ("Particulates ≥ 25 µm", "light obscuration", "per vial", None, "600", None, "14"),
    ("CD9", "bead flow cytometry", "%", "60", None, None, "91"),
    ("CD63", "bead flow cytometry", "%", "60", None, None, "88"),
    ("CD81", "bead flow cytometry", "%", "60", None, None, "94"),
    ("Calnexin", "Western blot", "", None, None, "negative", "negative"),
    ("VEGF", "multiplex immunoassay", "pg/mL", "200", "4000", None, "1180"),
    ("HGF", "multiplex immunoassay", "pg/mL", "500", "8000", None, "2410"),
    ("IL-6", "multiplex immunoassay", "pg/mL", None, "5000", None, "870"),
    ("TGF-β1", "multiplex immunoassay", "pg/mL", "100", "3000", None, "640"),
    ("Total protein", "BCA", "mg/mL", "0.50", None, None, "1.24"),
    ("Particles", "NTA", "10^9/mL", "1.0", None, None, "4.6"),
    ("Size, mode", "NTA", "nm", "60", "180", None, "118"),
    ("Potency, TNF-α suppression", "macrophage assay", "%", "30", None, None, "47"),
    ("Residual BSA", "ELISA", "ng/mL", None, "50", None, "< 8"),
    ("Residual antibiotic", "ELISA", "ng/mL", None, "10", None, "< 2"),
    ("Residual DNA", "qPCR", "ng/mL", None, "10", None, "1.3"),
    ("Sterility", "14 days", "", None, None, "no growth", "no growth"),
    ("Endotoxin", "LAL", "EU/mL", None, "0.25", None, "< 0.05"),
    ("Mycoplasma", "PCR", "", None, None, "not detected", "not detected"),
    ("Donor virology", "nine markers", "", None, None, "negative", "negative"),
)


def people_and_places(story: Story) -> None:
    """Organisations, sites, people, places, and what is assumed of places without sensor."""
    ids, do = story.ids, story.do
    ids["maker"] = do(
        organisations.register, "system", "PT. Bifarma Adiluhung", OrganisationKind.MAKER, published=True
    ).id
    ids["hospital"] = do(
        organisations.register, "system", "RSUD Dr. Moewardi", OrganisationKind.HOSPITAL, published=True
    ).id
    ids["second"] = do(
        organisations.register, "system", "Second hospital (demonstration)", OrganisationKind.HOSPITAL
    ).id
    ids["authority"] = do(organisations.register, "system", "Authority (demonstration)", OrganisationKind.AUTHORITY).id
    ids["maker_site"] = do(organisations.open_site, "system", ids["maker"], "Jakarta", "Asia/Jakarta").id
    ids["site"] = do(organisations.open_site, "system", ids["hospital"], "Surakarta", "Asia/Jakarta").id
    ids["second_site"] = do(organisations.open_site, "system", ids["second"], "Jayapura", "Asia/Jayapura").id
    do(organisations.open_site, "system", ids["authority"], "Jakarta", "Asia/Jakarta")
    for key, (username, role, organisation) in SIGN_INS.items():
        hashed = passwords.hash_password(story.passwords[key])
        person = do(people.enrol, "system", ids[organisation], username, f"{NAMES[key]} (demonstration)", hashed).id
        ids[f"person_{key}"] = person
        held = ids["hospital"] if role is Role.INSPECTOR else ids[organisation]
        do(people.give, "system", person, role, held, training="demonstration")
        with story.store.engines.reader.connect() as connection:
            actor = passwords.actor_of(connection, person)
        if actor is None:
            raise AssertionError(key)
        story.actors[key] = actor

    def place(key: str, who: str, site: str, kind: PlaceKind, name: str, code: str, **told: Any) -> None:
        ids[key] = do(organisations.open_place, who, ids[site], kind, name, code, **told).id

    def assume(key: str, who: str, low_mc: int, high_mc: int, longest_s: int) -> None:
        do(
            organisations.assume,
            who,
            ids[key],
            low_mc,
            high_mc,
            longest_s,
            sign={who: Meaning.DECIDED},
            reason="Mapped, worst corner.",
        )

    place("maker_freezer", "maker_qa", "maker_site", PlaceKind.FREEZER, "Freezer, finished product", "MF-01")
    place(
        "quarantine",
        "quality",
        "site",
        PlaceKind.FREEZER,
        "Freezer F-01, quarantine drawer",
        "F-01-Q",
        quarantine=True,
        longest_age_s=WEEK_S,
    )
    place("freezer", "quality", "site", PlaceKind.FREEZER, "Freezer F-01", "F-01", longest_age_s=WEEK_S)
    place("freezer2", "quality", "site", PlaceKind.FREEZER, "Freezer F-02", "F-02", longest_age_s=WEEK_S)
    place("bench", "quality", "site", PlaceKind.BENCH, "Pharmacy bench", "B-01")
    place("bedside", "quality", "site", PlaceKind.BEDSIDE, "Procedure room 2", "P-02")
    assume("maker_freezer", "maker_qa", -25_000, -15_000, 2 * YEAR_S)
    assume("bench", "quality", 18_000, 26_000, 2 * 3600)
    assume("bedside", "quality", 18_000, 26_000, 2 * 3600)
    for key in ("quarantine", "freezer"):
        do(
            coldchain.read,
            "storekeeper",
            ids[key],
            -19_800,
            -20_600,
            -19_100,
            since=story.clock.now - timedelta(days=1),
        )


def product_and_papers(story: Story) -> None:
    """The maker's papers as published (their validity is invented), the product, its limits, tests and ancestry."""
    ids, do = story.ids, story.do
    # Numbers and issuers are published; validity dates are not, and a lot's release needs them: these rows are marked.
    for kind, number, issuer in (
        (CredentialKind.GMP, "PWS.01.04.1.3.333.09.21-0082", "Indonesian Food and Drug Authority"),
        (CredentialKind.LICENCE, "11/1/10/KES/PMDN/2018", "Ministry of Health, Indonesia"),
    ):
        began = story.clock.now.date() - timedelta(days=600)
        do(
            products.record_credential, "maker_qa", ids["maker"], kind, number, issuer, "stem cell-based products",
            valid_from=began, valid_until=began + timedelta(days=3 * 365),
        )  # fmt: skip
    began = story.clock.now.date() - timedelta(days=300)
    for kind, number in (
        (CredentialKind.DESIGNATION, NAMED["approval_number"]),
        (CredentialKind.ETHICS, NAMED["ethics_number"]),
    ):
        do(
            products.record_credential, "quality", ids["hospital"], kind, number, "demonstration", "research-based service",
            valid_from=began, valid_until=began + timedelta(days=3 * 365),
        )  # fmt: skip
    ids["product"] = do(products.register, "maker_qa", ids["maker"], GTIN, "UC-MSC secretome").id
    ids["version"] = do(
        products.revise, "maker_qa", ids["product"], volume_ul=3000, low_mc=-25_000, high_mc=-15_000, budget_s=4 * 3600,
        freeze_sensitive=False, mkt_applies=False, thaw_s=90 * 60, in_use_s=60 * 60,
    ).id  # fmt: skip
    for test, method, unit, low, high, expected, _ in SPECIFICATION:
        told = {"method": method, "unit": unit, "low": low, "high": high, "expected": expected, "valid_from": began}
        ids[f"test_{test}"] = do(
            specifications.issue, "maker_qa", ids["version"], test, sign={"maker_qa": Meaning.DECIDED}, **told
        ).id
    parent: tuple[str, ...] = ()
    for kind, code in (
        (MaterialKind.DONOR, "D-4KQ7"),
        (MaterialKind.BANK, "MCB-3"),
        (MaterialKind.BANK, "WCB-3-2"),
        (MaterialKind.HARVEST, "HV-26-9"),
    ):
        parent = (do(products.record_material, "maker_qa", ids["maker"], kind, code, parent_ids=parent).id,)
    ids["harvest"] = parent[0]
