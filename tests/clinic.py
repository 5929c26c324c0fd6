"""The people and things that tests speak of, made through the real services: a maker, two hospitals, lots on their way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from traceability.domain import gs1
from traceability.domain.people import SYSTEM, Actor, Meaning, Role, Signing
from traceability.services import (
    attachments,
    audit_reviews,
    coldchain,
    consents,
    consignments,
    courses,
    doses,
    excursions,
    labels,
    lots,
    names,
    organisations,
    people,
    products,
    protocols,
    releases,
    results,
    sensors,
    specifications,
    subjects,
    vials,
)
from traceability.services.verdicts import scan
from traceability.store import Call, Done, Store, passwords
from traceability.store.tables import Consignment, Excursion, Vial
from traceability.store.tables.coldchain import Decision
from traceability.store.tables.lots import MaterialKind, Route
from traceability.store.tables.organisations import OrganisationKind, PlaceKind
from traceability.store.tables.products import CredentialKind
from traceability.store.tables.subjects import ConsentKind, Laterality

GTIN = "09521234543213"
DESIGNATION, ETHICS = "HK.01.07/DEMO/2024", "KE/DEMO/2024/17"
START = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)
HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse battery")
"""A cheap hash: its cost stands in it, so checking it is cheap too. What a real one costs is tested by itself."""
PASSWORD = "correct horse battery"
CALIBRATED = {"certificate": "K-1", "calibrated_from": date(2023, 1, 1), "calibrated_until": date(2029, 1, 1)}
JAKARTA = ZoneInfo("Asia/Jakarta")


class Clock:
    """The only clock in a test: it stands still until it is told to tick."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def tick(self, **passed: float) -> datetime:
        self.now += timedelta(**passed)
        return self.now


PEOPLE = {
    # username → name, organisation, roles
    "wijaya": ("T. Wijaya", "maker", (Role.MAKER_QA,)),
    "wijaya2": ("A. Kusuma", "maker", (Role.MAKER_QA,)),
    "handayani": ("S. Handayani", "hospital", (Role.STOREKEEPER,)),
    "putri": ("N. Putri", "hospital", (Role.PHARMACIST,)),
    "wulandari": ("D. Wulandari", "hospital", (Role.ANALYST,)),
    "maharani": ("R. Maharani", "hospital", (Role.QUALITY,)),
    "lestari": ("I. Lestari", "hospital", (Role.QUALITY,)),
    "santosa": ("B. Santosa", "hospital", (Role.PHYSICIAN,)),
    "rahayu": ("E. Rahayu", "hospital", (Role.WITNESS, Role.NURSE)),
    "admin": ("Y. Admin", "hospital", (Role.ADMINISTRATOR,)),
    "other": ("Q. Elsewhere", "other", (Role.QUALITY, Role.STOREKEEPER, Role.PHARMACIST)),
}


@dataclass
class Clinic:
    """Ids and people of the founded world, bound to one store."""

    store: Store
    clock: Clock
    ids: dict[str, str]
    actors: dict[str, Actor]

    def at(self, store: Store, clock: Clock) -> Clinic:
        clock.now = self.clock.now
        return replace(self, store=store, clock=clock, ids=dict(self.ids))

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.__dict__["actors"][WHO[name]]
        except KeyError:
            raise AttributeError(name) from None

    def do(
        self,
        act: Any,
        who: Actor,
        *args: Any,
        signed: tuple[Signing, ...] = (),
        reason: str | None = None,
        **kwargs: Any,
    ) -> Done:
        """Perform an act now, as this person."""
        call = kwargs.pop("call", None) or Call()
        call = replace(call, signing=signed or call.signing, reason=reason or call.reason)
        return act(self.store, who, call, *args, **kwargs)

    def sign(self, username: str, meaning: Meaning, password: str = PASSWORD) -> Signing:
        return Signing(username, password, meaning)

    # ------------------------------------------------------------------------------------------------- a lot's way

    def lot(
        self,
        number: str = "UC26-H3",
        count: int = 5,
        *,
        serials: tuple[str, ...] = (),
        certified: bool = True,
        **told: Any,
    ) -> str:
        """A lot announced by its maker, labelled, scanned back and certified."""
        serials = serials or tuple(f"{number[-2:]}K{n:03d}" for n in range(1, count + 1))
        given = {
            "made_on": date(2026, 3, 9),
            "expires": date(2026, 9, 30),
            "route": Route.SERVICE,
            "consignee_ids": (self.ids["hospital"],),
            **told,
        }
        lot_id = self.do(
            lots.announce, self.MAKER_QA, self.ids["version"], number, place_id=self.ids["maker_freezer"], serials=serials,
            material_ids=(self.ids["harvest"],), **given,
        ).id  # fmt: skip
        self.clock.tick(minutes=5)
        self.do(labels.print_, self.MAKER_QA, "vial_16x30", lot_id=lot_id)
        for vial in self.vials(lot_id):
            self.do(labels.scan_back, self.MAKER_QA, self.code(vial, given["expires"], number))
        if certified:
            signed = (self.sign("wijaya", Meaning.CERTIFIED),)
            self.do(
                lots.certify, self.MAKER_QA, lot_id, date(2026, 4, 1), "Conforms to specification 1.", signed=signed
            )
        return lot_id

    def shipped(self, lot_id: str, *, serials: tuple[str, ...] | None = None, sscc: str | None = None) -> str:
        self.clock.tick(hours=1)
        chosen = [v.id for v in self.vials(lot_id) if serials is None or v.serial in serials]
        body = f"0952123{len(self.consignments()) + 1:010d}"
        sscc = sscc or body + gs1.check_digit(body)
        return self.do(consignments.ship, self.MAKER_QA, sscc, self.ids["maker_site"], self.ids["site"], chosen).id

    def arrived(self, consignment_id: str, **told: Any) -> str:
        self.clock.tick(hours=6)
        signed = (self.sign("handayani", Meaning.RECEIVED), self.sign("putri", Meaning.WITNESSED))
        given = {"carrier": "KJ Cold", "seal": "S-4471", "seal_whole": True, "condition": "dry ice left", **told}
        return self.do(consignments.arrive, self.STOREKEEPER, consignment_id, signed=signed, **given).id

    def counted(self, consignment_id: str, *, broken: tuple[str, ...] = (), absent: tuple[str, ...] = ()) -> str:
        self.clock.tick(minutes=10)
        with self.store.read(self.STOREKEEPER) as view:
            found = [vial for _, vial in consignments.consignment(view, consignment_id)["lines"] if vial is not None]
        for vial in found:
            if vial.serial not in absent:
                self.do(
                    consignments.count, self.STOREKEEPER, consignment_id, self.code(vial), broken=vial.serial in broken
                )
        return self.do(consignments.check_in, self.STOREKEEPER, consignment_id).id

    def put_away(self, consignment_id: str, place: str = "quarantine") -> None:
        self.clock.tick(minutes=5)
        with self.store.read(self.STOREKEEPER) as view:
            lines = consignments.consignment(view, consignment_id)["lines"]
        for line, vial in lines:
            if line.found in ("ok", "extra") and vial is not None:
                self.do(vials.put_away, self.STOREKEEPER, vial.id, self.ids[place])

    def logged(
        self,
        consignment_id: str,
        *,
        low: float = -21.0,
        warm: dict[int, float] | None = None,
        minutes: int = 15,
        hours: float | None = None,
    ) -> Done:
        """The shipment's logger file, one reading every `minutes` from before shipping to now, or for so many hours."""
        first = self.consignment(consignment_id).shipped_at - timedelta(hours=1)
        hours = hours or (self.clock.now - first) / timedelta(hours=1) + minutes / 60
        data = logger_csv(first, hours, minutes, low, warm or {}, f"L-{consignment_id[-12:]}")
        attachments.keep_bytes(self.store, data)
        return self.attached(consignment_id, sensors.read_log("logger.csv", data, JAKARTA))

    def attached(self, consignment_id: str, log: sensors.LogFile, **told: Any) -> Done:
        """A logger's file with the box, as the storekeeper attaches it: with what its certificate says."""
        return self.do(
            coldchain.attach_log, self.STOREKEEPER, consignment_id, log, confirmed=log.file.digest, **CALIBRATED | told
        )

    def disposed(
        self, excursion_id: str, decision: Decision = Decision.USE, serials: tuple[str, ...] = (), **told: Any
    ) -> Done:
        """QA decides of the vials that were there: of all that are left, or of these."""
        with self.store.read(SYSTEM) as view:
            left = excursions.undecided(view, view.need(Excursion, excursion_id))
        chosen = [self.vial(serial).id for serial in serials] or left
        signed = (self.sign("lestari", Meaning.DECIDED),)
        return self.do(
            excursions.dispose, self.QUALITY2, excursion_id, chosen, decision, reason="judged", signed=signed, **told
        )

    def in_stock(self, lot_id: str | None = None, **counting: Any) -> str:
        """A lot counted, logged and put away: everything but judged."""
        lot_id = lot_id or self.lot()
        box = self.arrived(self.shipped(lot_id))
        self.counted(box, **counting)
        self.put_away(box)
        self.logged(box)
        return lot_id

    def tested(self, lot_id: str, **values: str) -> str:
        """Results entered by the analyst and reviewed by QA's other hand."""
        self.clock.tick(minutes=5)
        for test, value in ({"sterility": "no growth", "endotoxin": "0.06"} | values).items():
            entered = self.do(
                results.enter, self.ANALYST, lot_id, self.ids[f"spec_{test}"], value, self.clock.now - timedelta(days=1)
            )
            self.do(results.review, self.QUALITY2, entered.id, signed=(self.sign("lestari", Meaning.REVIEWED),))
        return lot_id

    def certificate(self, lot_id: str) -> str:
        data = f"%PDF-1.7 {lot_id}".encode()
        kept = attachments.keep_bytes(self.store, data)
        self.do(
            lots.attach, self.QUALITY, kept, "coa.pdf", "application/pdf", len(data),
            lot_id=lot_id, kind="certificate_of_analysis",
        )  # fmt: skip
        return lot_id

    def dossier(self, lot_id: str, serials: tuple[str, ...] | None = None, who: Actor | None = None) -> Any:
        with self.store.read(who or self.QUALITY) as view:
            chosen = (
                [v.id for v in lots.vials(view, lot_id) if v.serial in serials]
                if serials
                else releases.releasable(view, lot_id)
            )
            return releases.prepare(view, lot_id, chosen)

    def reviewed(self, lot_id: str) -> None:
        """QA has read the lot's audit trail to its last entry, and signed that."""
        with self.store.read(self.QUALITY) as view:
            left, last = audit_reviews.unreviewed(view, lot_id), audit_reviews.last_entry(view, lot_id)
        if left:
            signed = (self.sign("maharani", Meaning.TRAIL_REVIEWED),)
            self.do(audit_reviews.review, self.QUALITY, last, lot_id, self.boxes_read(lot_id), signed=signed)

    def boxes_read(self, lot_id: str) -> str:
        """Of which boxes the lot's trail is, as whoever reads it now is told."""
        with self.store.read(self.QUALITY) as view:
            return audit_reviews.boxes_read(view, lot_id)

    def release(self, lot_id: str, serials: tuple[str, ...] | None = None, **told: Any) -> Done:
        self.clock.tick(minutes=5)
        self.reviewed(lot_id)
        dossier = self.dossier(lot_id, serials)
        signed = (self.sign("maharani", Meaning.RELEASED),)
        chosen = [vial.id for vial in dossier.vials]
        return self.do(releases.release, self.QUALITY, lot_id, chosen, dossier.digest, signed=signed, **told)

    def released_lot(self, number: str = "UC26-H3", count: int = 5, **told: Any) -> str:
        """A lot that may be used at the hospital."""
        lot_id = self.certificate(self.tested(self.in_stock(self.lot(number, count, **told))))
        self.release(lot_id)
        return lot_id

    # -------------------------------------------------------------------------------------------------- the clinic

    def subject(
        self, *, name: str = "Canary Wijayanti", mrn: str = "MRN-0417733", born: date = date(1969, 5, 3)
    ) -> str:
        identity = subjects.seal_identity(self.store, name=name, mrn=mrn, born=born, nik="3372014305690001")
        self.ids["subject"] = subject = self.do(subjects.enrol, self.PHYSICIAN, identity).id
        return subject

    def form(
        self, kind: ConsentKind = ConsentKind.THERAPY, version: str = "v2", language: str = "id", **told: Any
    ) -> str:
        """A version of what patients sign, issued by QA: from long ago, where nothing else is said."""
        data = f"%PDF-1.7 {kind} {version} {language}".encode()
        given = {"valid_from": date(2026, 1, 1), "renew": False, **told}
        kept = attachments.keep_bytes(self.store, data)
        drafted = self.do(
            consents.draft, self.QUALITY, kind, version, language, sha256=kept, name="form.pdf", media_type="application/pdf",
            size=len(data), **given,
        ).id  # fmt: skip
        return self.do(consents.issue, self.QUALITY, drafted, signed=(self.sign("maharani", Meaning.DECIDED),)).id

    def consent(self, subject: str, kind: ConsentKind = ConsentKind.THERAPY) -> str:
        """To the form that this house has had since January, which is issued with the first signature."""
        paper = f"form {kind} {self.ids['hospital']}"
        if paper not in self.ids:
            self.ids[paper] = self.form(kind)
        signed = (self.sign("santosa", Meaning.RECORDED), self.sign("rahayu", Meaning.WITNESSED))
        return self.do(consents.record, self.PHYSICIAN, subject, kind, "v2 (id)", self.clock.now, signed=signed).id

    def ethics_paper(self) -> str:
        """The number of the approval of the ethics committee, recorded once."""
        if CredentialKind.ETHICS not in self.ids:
            self.ids[CredentialKind.ETHICS] = self.do(
                products.record_credential, self.QUALITY, self.ids["hospital"], CredentialKind.ETHICS, ETHICS, "committee", "secretome",
                valid_from=date(2025, 1, 1), valid_until=date(2027, 12, 31),
            ).id  # fmt: skip
        return ETHICS

    def protocol(self, name: str = "Knee, five weekly", **told: Any) -> str:
        """A protocol on which courses may be planned: a research-based service with its two papers, unless told otherwise."""
        papers = {
            "ethics_number": self.ethics_paper(),
            "approval_number": self.ids.get("designation number", DESIGNATION),
        }
        signed = (self.sign("maharani", Meaning.DECIDED),)
        self.ids["protocol"] = self.do(
            protocols.issue, self.QUALITY, self.ids["product"], name, signed=signed, **papers | told
        ).id
        return self.ids["protocol"]

    def course(
        self, *, laterality: Laterality = Laterality.RIGHT, first_on: date | None = None, consented: bool = True
    ) -> str:
        """A subject, consented, with a course of five from today."""
        subject = self.subject()
        if consented:
            self.consent(subject)
        if "protocol" not in self.ids:
            self.protocol()
        first = first_on or self.clock.now.astimezone(JAKARTA).date()
        return self.do(
            courses.plan,
            self.PHYSICIAN,
            subject,
            self.ids["protocol"],
            laterality,
            first,
            compartment="medial",
            site_id=self.ids["site"],
        ).id

    def dose(self, course: str, k: int) -> str:
        with self.store.read(self.PHYSICIAN) as view:
            return next(row["id"] for row in courses.doses(view, course) if row["k"] == k)

    def ordered(self, course: str, k: int) -> str:
        dose = self.dose(course, k)
        order = self.do(courses.prescribe, self.PHYSICIAN, dose, signed=(self.sign("santosa", Meaning.ORDERED),)).id
        self.do(courses.verify, self.PHARMACIST, order, signed=(self.sign("putri", Meaning.VERIFIED),))
        return dose

    def ready_vial(self, course: str, k: int, *, serial: str | None = None, thaw: bool = True) -> Vial:
        """Ordered, verified, first to expire reserved, issued to the bench, thawing."""
        dose = self.ordered(course, k)
        with self.store.read(self.PHARMACIST) as view:
            offered = [one["vial"] for one in courses.offer(view, dose) if one["offered"]]
        vial = self.vial(serial) if serial else offered[0]
        self.do(courses.reserve, self.PHARMACIST, vial.id, dose)
        self.do(courses.issue, self.PHARMACIST, vial.id, self.ids["bench"])
        if thaw:
            self.do(courses.thaw, self.PHARMACIST, vial.id, self.ids["bench"])
        self.clock.tick(minutes=30)
        return self.vial(vial.serial)

    def start_dose(
        self, course: str, k: int, vial: Vial, *, laterality: Laterality = Laterality.RIGHT, subject: str | None = None
    ) -> Done:
        return self.do(
            doses.start,
            self.PHYSICIAN,
            self.dose(course, k),
            self.band(subject),
            self.code(vial),
            laterality,
        )

    def band(self, subject: str | None = None) -> subjects.Band:
        """The wristband of a subject, as it is read at the bedside."""
        with self.store.read(SYSTEM) as view:
            return subjects.band_of(view, subject or self.ids["subject"])

    def give_dose(
        self, course: str, k: int, *, vial: Vial | None = None, laterality: Laterality = Laterality.RIGHT, start: bool = True, **told: Any
    ) -> Done:  # fmt: skip
        """Dose k at the bedside: started where every stop passes, given by two people, watched for thirty minutes."""
        vial = vial or self.ready_vial(course, k)
        if start:
            self.start_dose(course, k, vial, laterality=laterality)
        signed = (self.sign("santosa", Meaning.GIVEN), self.sign("rahayu", Meaning.WITNESSED))
        told = {
            "given_ul": 3000,
            "discarded_ul": 0,
            "dose_id": self.dose(course, k),
            "vas_before": "7",
            "vas_after": "5",
            **told,
        }
        return self.do(
            doses.give, self.PHYSICIAN, self.ids["subject"], laterality, [self.code(vial)], signed=signed, **told
        )

    # ----------------------------------------------------------------------------------------------------- looking

    def vials(self, lot_id: str) -> list[Vial]:
        with self.store.read(SYSTEM) as view:
            return lots.vials(view, lot_id)

    def vial(self, serial: str) -> Vial:
        with self.store.read(SYSTEM) as view:
            return view.all(Vial, Vial.serial == serial)[0]

    def consignments(self) -> list[Consignment]:
        with self.store.read(SYSTEM) as view:
            return view.all(Consignment)

    def consignment(self, consignment_id: str) -> Consignment:
        with self.store.read(SYSTEM) as view:
            return view.need(Consignment, consignment_id)

    def code(self, vial: Vial, expires: date | None = None, lot: str | None = None) -> str:
        """What a scanner sends for the label of this vial; for the over-label of one that came without a serial."""
        with self.store.read(SYSTEM) as view:
            if over := names.giais(view, [vial.id]):
                return "]d2" + gs1.element_string((("8004", over[vial.id]),))
            stated = expires or lots.expiries(view, vial.lot_id)[-1].expires
            number = lot or view.all(lots.Lot, lots.Lot.id == vial.lot_id)[0].number
        return "]d2" + gs1.element_string(gs1.vial_elements(vial.gtin, number, stated, vial.serial))

    def scan(self, serial: str, purpose: str = "stock", who: Actor | None = None) -> tuple[str, list[str]]:
        """The verdict on this vial and the codes of its findings."""
        code = self.code(self.vial(serial))
        with self.store.read(who or self.PHARMACIST) as view:
            found = scan(view, code, purpose)
        return str(found.verdict), [finding.code for finding in found.findings]


WHO = {
    "MAKER_QA": "wijaya", "MAKER_QA2": "wijaya2", "STOREKEEPER": "handayani", "PHARMACIST": "putri", "ANALYST": "wulandari", "QUALITY": "maharani",
    "QUALITY2": "lestari", "PHYSICIAN": "santosa", "WITNESS": "rahayu", "ADMINISTRATOR": "admin", "ELSEWHERE": "other",
}  # fmt: skip


def logger_csv(
    first: datetime, hours: float, minutes: int, low: float, warm: dict[int, float], serial: str = "L-1"
) -> bytes:
    """A logger's CSV; `warm` gives the temperature of single readings by their number."""
    rows = [
        f"{first + timedelta(minutes=minutes * n):%Y-%m-%dT%H:%M:%S+00:00},{warm.get(n, low + (n % 5) / 10):.1f}"
        for n in range(int(hours * 60 // minutes))
    ]
    return ("\n".join([f"# serial: {serial}", "time,temperature_c", *rows]) + "\n").encode()


def found(store: Store, clock: Clock) -> Clinic:
    """Found the world: organisations, sites, places, people with one password, a product with its papers and tests."""
    ids: dict[str, str] = {}

    def do(act: Any, *args: Any, who: Actor = SYSTEM, **kwargs: Any) -> str:
        call = kwargs.pop("call", Call())
        return act(store, who, call, *args, **kwargs).id

    ids["maker"] = do(organisations.register, "PT. Bifarma Adiluhung", OrganisationKind.MAKER)
    ids["hospital"] = do(organisations.register, "RSUD Dr. Moewardi", OrganisationKind.HOSPITAL)
    ids["other"] = do(organisations.register, "Second hospital", OrganisationKind.HOSPITAL)
    ids["maker_site"] = do(organisations.open_site, ids["maker"], "Jakarta", "Asia/Jakarta")
    ids["site"] = do(organisations.open_site, ids["hospital"], "Surakarta", "Asia/Jakarta")
    ids["other_site"] = do(organisations.open_site, ids["other"], "Jayapura", "Asia/Jayapura")
    actors = {}
    for username, (name, organisation, roles) in PEOPLE.items():
        person = do(people.enrol, ids[organisation], username, name, HASHED)
        for role in roles:
            do(people.give, person, role, ids[organisation])
        with store.engines.reader.connect() as connection:
            actors[username] = passwords.actor_of(connection, person)
    clinic = Clinic(store, clock, ids, actors)

    def place(who: Actor, site: str, kind: PlaceKind, code: str, **told: Any) -> str:
        return do(organisations.open_place, ids[site], kind, code, code, who=who, **told)

    def assume(who: Actor, username: str, place_id: str, low: int, high: int, longest: int) -> None:
        call = Call(reason="mapped", signing=(clinic.sign(username, Meaning.DECIDED),))
        do(organisations.assume, place_id, low, high, longest, who=who, call=call)

    year = 366 * 86_400
    ids["maker_freezer"] = place(clinic.MAKER_QA, "maker_site", PlaceKind.FREEZER, "MF-01")
    assume(clinic.MAKER_QA, "wijaya", ids["maker_freezer"], -25_000, -15_000, 2 * year)
    for name, code, quarantine in (("quarantine", "F-01-Q", True), ("freezer", "F-01", False)):
        ids[name] = place(clinic.QUALITY, "site", PlaceKind.FREEZER, code, quarantine=quarantine)
        assume(clinic.QUALITY, "maharani", ids[name], -25_000, -15_000, 2 * year)
    ids["read_freezer"] = place(clinic.QUALITY, "site", PlaceKind.FREEZER, "F-02", longest_age_s=86_400)
    ids["bare_freezer"] = place(clinic.QUALITY, "site", PlaceKind.FREEZER, "F-03")
    ids["bench"] = place(clinic.QUALITY, "site", PlaceKind.BENCH, "B-01")
    assume(clinic.QUALITY, "maharani", ids["bench"], 18_000, 26_000, 8 * 3600)

    maker = clinic.MAKER_QA
    ids["product"] = do(products.register, ids["maker"], GTIN, "UC-MSC secretome", who=maker)
    ids["version"] = do(
        products.revise, ids["product"], who=maker, volume_ul=3000, low_mc=-25_000, high_mc=-15_000, budget_s=4 * 3600,
        freeze_sensitive=False, mkt_applies=False, thaw_s=90 * 60, in_use_s=60 * 60,
    )  # fmt: skip
    call = Call(signing=(clinic.sign("wijaya", Meaning.DECIDED),))
    ids["spec_sterility"] = do(
        specifications.issue, ids["version"], "Sterility", expected="no growth", who=maker, call=call
    )
    call = Call(signing=(clinic.sign("wijaya", Meaning.DECIDED),))
    ids["spec_endotoxin"] = do(
        specifications.issue, ids["version"], "Endotoxin", unit="EU/mL", high="0.25", who=maker, call=call
    )
    papers = (
        ("maker", CredentialKind.GMP, "PWS.01.04.1.3.333.09.21-0082", maker),
        ("maker", CredentialKind.LICENCE, "11/1/10/KES/PMDN/2018", maker),
        ("hospital", CredentialKind.DESIGNATION, DESIGNATION, clinic.QUALITY),
    )
    for owner, kind, number, who in papers:
        ids[kind] = do(
            products.record_credential, ids[owner], kind, number, "issuer", "secretome", who=who,
            valid_from=date(2025, 1, 1), valid_until=date(2027, 12, 31),
        )  # fmt: skip
    ids["donor"] = do(products.record_material, ids["maker"], MaterialKind.DONOR, "D-4KQ7", who=maker)
    ids["bank"] = do(
        products.record_material, ids["maker"], MaterialKind.BANK, "MCB-3", parent_ids=(ids["donor"],), who=maker
    )
    ids["harvest"] = do(
        products.record_material, ids["maker"], MaterialKind.HARVEST, "HV-26-9", parent_ids=(ids["bank"],), who=maker
    )
    clock.tick(hours=1)
    return clinic
