"""The second hospital with people, shelves and papers of its own: every builder of `Clinic`, done by them."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.clinic import HASHED, PASSWORD, Clinic
from traceability.domain.people import SYSTEM, Meaning, Role, Signing
from traceability.services import organisations, people, products
from traceability.store import passwords
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.products import CredentialKind

THERE = {
    # who does it at the first hospital → who at the second
    "handayani": ("hartono", "A. Hartono", (Role.STOREKEEPER,)),
    "putri": ("suryani", "L. Suryani", (Role.PHARMACIST,)),
    "wulandari": ("nugroho", "G. Nugroho", (Role.ANALYST,)),
    "maharani": ("other", "", ()),
    "lestari": ("kartika", "M. Kartika", (Role.QUALITY,)),
    "santosa": ("hidayat", "F. Hidayat", (Role.PHYSICIAN,)),
    "rahayu": ("wibowo", "P. Wibowo", (Role.WITNESS, Role.NURSE)),
}


class Elsewhere(Clinic):
    """The same world, seen and worked in from Jayapura."""

    def sign(self, username: str, meaning: Meaning, password: str = PASSWORD) -> Signing:
        return Signing(THERE[username][0] if username in THERE else username, password, meaning)


def elsewhere(clinic: Clinic) -> Elsewhere:
    """The second hospital, staffed and equipped now."""
    there = Elsewhere(clinic.store, clinic.clock, dict(clinic.ids), dict(clinic.actors))
    here = there.ids["other"]

    def do(act: Any, *args: Any, **kwargs: Any) -> str:
        return clinic.do(act, SYSTEM, *args, **kwargs).id

    for stands_for, (username, name, roles) in THERE.items():
        if not roles:
            there.actors[stands_for] = clinic.actors[username]
            continue
        person = do(people.enrol, here, username, name, HASHED)
        for role in roles:
            do(people.give, person, role, here)
        with clinic.store.engines.reader.connect() as connection:
            actor = passwords.actor_of(connection, person)
        assert actor is not None
        there.actors[stands_for] = actor
    there.ids |= {"hospital": here, "site": there.ids["other_site"]}
    for key, kind, code, low, high, longest in (
        ("quarantine", PlaceKind.FREEZER, "J-01-Q", -25_000, -15_000, 700 * 86_400),
        ("freezer", PlaceKind.FREEZER, "J-01", -25_000, -15_000, 700 * 86_400),
        ("bench", PlaceKind.BENCH, "J-B", 18_000, 26_000, 8 * 3600),
    ):
        there.ids[key] = there.do(
            organisations.open_place, there.QUALITY, there.ids["site"], kind, code, code, quarantine=key == "quarantine"
        ).id
        signed = (there.sign("maharani", Meaning.DECIDED),)
        there.do(
            organisations.assume, there.QUALITY, there.ids[key], low, high, longest, reason="mapped", signed=signed
        )
    there.do(
        products.record_credential, there.QUALITY, here, CredentialKind.DESIGNATION, "HK.02/DEMO/2024", "issuer", "secretome",
        valid_from=date(2025, 1, 1), valid_until=date(2027, 12, 31),
    )  # fmt: skip
    there.ids["designation number"] = "HK.02/DEMO/2024"
    for of_the_first in ("protocol", CredentialKind.ETHICS):
        there.ids.pop(of_the_first, None)
    return there


def taken_in(there: Clinic, lot_id: str, serials: tuple[str, ...]) -> str:
    """These vials of a lot arrive at this hospital, are judged there and may be used there."""
    box = there.arrived(there.shipped(lot_id, serials=serials))
    there.counted(box)
    there.put_away(box)
    there.logged(box)
    there.certificate(there.tested(lot_id))
    there.release(lot_id, serials)
    return box
