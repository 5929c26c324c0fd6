"""The demonstration: the published case and its neighbours, loaded through the door with an injected clock.

Published facts come from Nurudin 2025 (doi 10.36568/gelinkes.v23i4.245); everything that the paper does not give (lots,
serials, dates, temperatures, people) is invented here and marked as demonstration in its row, on the page and in print.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from traceability.domain import gs1
from traceability.domain.people import SYSTEM, Actor, Meaning, Role, Signing
from traceability.domain.records import RecordKind
from traceability.services import (
    Performer,
    coldchain,
    consignments,
    courses,
    documents,
    doses,
    labels,
    lots,
    organisations,
    outcomes,
    people,
    products,
    releases,
    results,
    stops,
    subjects,
    vials,
)
from traceability.store import Call, Done, Store, passwords
from traceability.store.migrate import migrate
from traceability.store.tables import Consignment, SensorFile, Vial
from traceability.store.tables.lots import MaterialKind, Route
from traceability.store.tables.organisations import OrganisationKind, PlaceKind
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.products import CredentialKind
from traceability.store.tables.quality import ScopeKind
from traceability.store.tables.subjects import ConsentKind, Laterality

ZONE = ZoneInfo("Asia/Jakarta")
GTIN = "09521234543213"
"""The GS1 example prefix 952: no real company's number is borrowed (R1)."""
YEAR_S, WEEK_S = 366 * 86_400, 7 * 86_400

SIGN_INS = {
    # key → username, role, organisation
    "maker_qa": ("maker", Role.MAKER_QA, "maker"),
    "storekeeper": ("store", Role.STOREKEEPER, "hospital"),
    "pharmacist": ("pharmacy", Role.PHARMACIST, "hospital"),
    "analyst": ("analyst", Role.ANALYST, "hospital"),
    "quality": ("quality", Role.QUALITY, "hospital"),
    "quality2": ("quality2", Role.QUALITY, "hospital"),
    "physician": ("physician", Role.PHYSICIAN, "hospital"),
    "witness": ("witness", Role.WITNESS, "hospital"),
    "inspector": ("inspector", Role.INSPECTOR, "authority"),
    "administrator": ("admin", Role.ADMINISTRATOR, "hospital"),
}
NAMES = {
    "maker_qa": "Maker’s QA", "storekeeper": "Storekeeper", "pharmacist": "Pharmacist", "analyst": "Analyst",
    "quality": "Hospital QA", "quality2": "Hospital QA, second", "physician": "Physician", "witness": "Nurse, witness",
    "inspector": "Inspector", "administrator": "Administrator",
}  # fmt: skip

SPECIFICATION = (
    # R32's set as demonstration data: test, method, unit, low, high, expected, result
    ("Appearance", "visual", "", None, None, "clear, colourless", "clear, colourless"),
    ("pH", "potentiometric", "", "6.8", "7.6", None, "7.2"),
    ("Osmolality", "freezing point", "mOsm/kg", "260", "320", None, "291"),
    ("Total protein", "BCA", "mg/mL", "0.50", None, None, "1.24"),
    ("Particles", "NTA", "10^9/mL", "1.0", None, None, "4.6"),
    ("Sterility", "14 days", "", None, None, "no growth", "no growth"),
    ("Endotoxin", "LAL", "EU/mL", None, "0.25", None, "0.06"),
    ("Mycoplasma", "PCR", "", None, None, "not detected", "not detected"),
    ("Donor virology", "nine markers", "", None, None, "negative", "negative"),
)


class NotADemonstration(Exception):
    """There is a record here that is not the demonstration's: it is never mixed with one."""


@dataclass
class Clock:
    """The story's time: it runs from the past to now, and is the real clock afterwards."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Story:
    """The demonstration while it is told: who does what, when."""

    store: Store
    clock: Clock
    today: datetime
    passwords: dict[str, str]
    base: str = "http://127.0.0.1:8000"
    actors: dict[str, Actor] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def link(self, number: str, version: int) -> str:
        return documents.status_url(self.base, number, version)

    def at(self, days: int, hour: int = 9, minute: int = 0) -> None:
        """Go to this hour of the day, so many days from today (before: negative); never back, never past now."""
        there = (
            (self.today + timedelta(days=days))
            .astimezone(ZONE)
            .replace(hour=hour, minute=minute, second=0, microsecond=0)
        )
        self.clock.now = min(max(self.clock.now + timedelta(seconds=1), there.astimezone(UTC)), self.today)

    def minutes(self, passed: int) -> None:
        self.clock.now = min(self.clock.now + timedelta(minutes=passed), self.today)

    def do(
        self,
        act: Performer[Any],
        who: str,
        *args: Any,
        sign: Mapping[str, Meaning] | None = None,
        reason: str | None = None,
        **told: Any,
    ) -> Done:
        """Perform one act as one of the sign-ins; `sign` names who signs as what."""
        real = told.pop("published", False)
        call = told.pop("call", None) or {}
        signing = tuple(
            Signing(SIGN_INS[key][0], self.passwords[key], meaning) for key, meaning in (sign or {}).items()
        )
        actor = SYSTEM if who == "system" else self.actors[who]
        return act(
            self.store, actor, Call(signing=signing, reason=reason, demonstration=not real, **call), *args, **told
        )

    def code(self, vial: Vial, number: str, expires: date) -> str:
        """What a scanner sends for the label of this vial."""
        return "]d2" + gs1.element_string(gs1.vial_elements(vial.gtin, number, expires, vial.serial))


def load(
    store: Store, instance: Path, config: Mapping[str, Any], say: Callable[[str], None]
) -> dict[str, dict[str, str]]:
    """Migrate and tell the story once; a second call changes nothing. Returns {key: {username, password}}."""
    mark, kept = instance / "demonstration", instance / "demo-sign-ins.json"
    owner = config["DATABASE_OWNER_URL"] or config["DATABASE_URL"]
    if mark.exists() and kept.exists() and mark.read_text() == "told\n":
        migrate(store, owner, config["DATABASE_URL"])
        write_logger(store, instance, say)
        told: dict[str, dict[str, str]] = json.loads(kept.read_text())
        return told
    if not mark.exists() and _has_record(store):
        raise NotADemonstration(
            "This database holds a record that is not the demonstration's. Use another instance folder."
        )
    if mark.exists():
        raise NotADemonstration(
            "The demonstration was interrupted while it was loaded. Remove the instance folder and start again."
        )
    mark.write_text("begun\n")
    from traceability.cli import password

    story = Story(store, Clock(store.clock()), store.clock(), {key: password() for key in SIGN_INS})
    story.base = config.get("EXTERNAL_URL") or story.base
    _write(kept, {key: {"username": SIGN_INS[key][0], "password": story.passwords[key]} for key in SIGN_INS})
    store.clock = story.clock
    for number, (title, chapter) in enumerate(CHAPTERS, 1):
        say(f"  {number}/{len(CHAPTERS)} {title}")
        if number == 1:
            story.clock.now = story.today - timedelta(days=70)
            migrate(store, owner, config["DATABASE_URL"])
        chapter(story)
    mark.write_text("told\n")
    write_logger(store, instance, say)
    signed: dict[str, dict[str, str]] = json.loads(kept.read_text())
    return signed


def _has_record(store: Store) -> bool:
    from sqlalchemy import inspect

    with store.engines.reader.connect() as connection:
        return inspect(connection).has_table("entry")


def _write(path: Path, told: Any) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(told, file, indent=2)


# ------------------------------------------------------------------------------------------------------------ chapters


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
    do(organisations.open_site, "system", ids["second"], "Jayapura", "Asia/Jayapura")
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
    for key in ("quarantine", "freezer", "freezer2"):
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
    do(
        products.record_credential, "quality", ids["hospital"], CredentialKind.DESIGNATION, "DEMO-DESIGNATION-1", "demonstration",
        "research-based service", valid_from=began, valid_until=began + timedelta(days=3 * 365),
    )  # fmt: skip
    ids["product"] = do(products.register, "maker_qa", ids["maker"], GTIN, "UC-MSC secretome").id
    ids["version"] = do(
        products.revise, "maker_qa", ids["product"], volume_ul=3000, low_mc=-25_000, high_mc=-15_000, budget_s=4 * 3600,
        freeze_sensitive=False, mkt_applies=False, thaw_s=90 * 60, in_use_s=60 * 60,
    ).id  # fmt: skip
    for test, method, unit, low, high, expected, _ in SPECIFICATION:
        told = {"method": method, "unit": unit, "low": low, "high": high, "expected": expected}
        ids[f"test_{test}"] = do(
            products.specify, "maker_qa", ids["version"], test, sign={"maker_qa": Meaning.DECIDED}, **told
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


def lot(story: Story, number: str, count: int, made_days: int, expires_days: int) -> str:
    """Announce, label, scan back and certify one lot; its vials lie in the maker's freezer."""
    ids, do = story.ids, story.do
    made_on = (story.today + timedelta(days=made_days)).date()
    expires = (story.today + timedelta(days=expires_days)).date()
    head = number[-2:]
    serials = tuple(f"{head}{gs1.check_digit(str(n))}{n:03d}" for n in range(1, count + 1))
    lot_id = do(
        lots.announce, "maker_qa", ids["version"], number, made_on, expires, ids["maker_freezer"], Route.SERVICE,
        serials=serials, material_ids=(ids["harvest"],), consignee_ids=(ids["hospital"],),
    ).id  # fmt: skip
    ids[number] = lot_id
    story.minutes(10)
    do(labels.print_, "maker_qa", lot_id, "vial_16x30")
    for vial in in_lot(story, lot_id):
        do(labels.scan_back, "maker_qa", story.code(vial, number, expires))
    story.minutes(30)
    statement = "Made and tested under the certificate on file; conforms to its specification."
    do(lots.certify, "maker_qa", lot_id, story.clock.now.date(), statement, sign={"maker_qa": Meaning.CERTIFIED})
    return lot_id


def in_lot(story: Story, lot_id: str) -> list[Vial]:
    with story.store.read(SYSTEM) as view:
        return lots.vials(view, lot_id)


def receive(
    story: Story, lot_id: str, number: str, days: int, *, broken: int = 0, absent: int = 0, warm: tuple[int, int] | None = None,
    place: str = "quarantine", put_away: bool = True,
) -> str:  # fmt: skip
    """Ship, take over, count, check in, put away, attach the logger's file: a consignment's way."""
    ids, do = story.ids, story.do
    story.at(days, 6)
    chosen = in_lot(story, lot_id)
    expires = _expires(story, lot_id)
    body = f"0952123{sum(key.startswith('box') for key in ids) + 1:010d}"
    box = do(
        consignments.ship, "maker_qa", body + gs1.check_digit(body), ids["maker_site"], ids["site"], [vial.id for vial in chosen],
        shipper_name=f"Shipper of {number}",
    ).id  # fmt: skip
    ids[f"box {number}"] = box
    shipped = story.clock.now
    story.at(days, 14)
    signed = {"storekeeper": Meaning.RECEIVED, "pharmacist": Meaning.WITNESSED}
    told = {
        "carrier": "Courier (demonstration)",
        "seal": f"S-{4470 + len(ids)}",
        "seal_whole": True,
        "condition": "dry ice left, box whole",
    }
    do(consignments.arrive, "storekeeper", box, sign=signed, temperature_mc=-19_500, **told)
    story.minutes(20)
    for index, vial in enumerate(chosen):
        if index >= absent:
            do(
                consignments.count,
                "storekeeper",
                box,
                story.code(vial, number, expires),
                broken=absent <= index < absent + broken,
            )
    do(consignments.check_in, "storekeeper", box)
    story.minutes(10)
    if put_away:
        for vial in chosen[absent + broken :]:
            do(vials.put_away, "storekeeper", vial.id, ids[place])
    story.minutes(15)
    data = logger_file(shipped - timedelta(hours=1), story.clock.now, f"T-{number}", warm)
    do(coldchain.attach_log, "storekeeper", box, coldchain.read_log(f"logger-{number}.csv", data, ZONE))
    return box


def logger_file(
    first: datetime, last: datetime, serial: str, warm: tuple[int, int] | None, *, minutes: int = 5
) -> bytes:
    """An invented logger file, by default a reading each five minutes; `warm`: from which to which it is too warm."""
    lines, moment, n = [f"# serial: {serial}", "time,temperature_c"], first.replace(microsecond=0), 0
    while moment <= last:
        value = -12.4 if warm and warm[0] <= n < warm[1] else -20.2 + (n * 7 % 11) / 10
        lines.append(f"{moment.astimezone(ZONE).isoformat()},{value:.1f}")
        moment, n = moment + timedelta(minutes=minutes), n + 1
    return ("\n".join(lines) + "\n").encode()


def judge(story: Story, lot_id: str, number: str, *, review: bool = True, release: bool = True) -> None:
    """Certificate attached, results entered and reviewed; released over what may be released."""
    ids, do = story.ids, story.do
    paper = f"Certificate of analysis of {number}: demonstration.\n".encode()
    kept = keep(story.store, paper)
    do(
        lots.attach,
        "quality",
        kept,
        f"coa-{number}.txt",
        "text/plain",
        len(paper),
        lot_id=lot_id,
        kind="certificate_of_analysis",
    )
    for test, *_, value in SPECIFICATION:
        entered = do(
            results.enter, "analyst", lot_id, ids[f"test_{test}"], str(value), story.clock.now - timedelta(days=2)
        )
        if review:
            do(results.review, "quality2", entered.id, sign={"quality2": Meaning.REVIEWED})
    story.minutes(20)
    if release:
        with story.store.read(story.actors["quality"]) as view:
            through = releases.last_entry(view, lot_id)
            dossier = releases.prepare(view, lot_id, releases.releasable(view, lot_id), through)
        chosen = [vial.id for vial in dossier.vials]
        do(releases.release, "quality", lot_id, chosen, through, dossier.digest, sign={"quality": Meaning.RELEASED})


def keep(store: Store, content: bytes) -> str:
    from hashlib import sha256

    name = sha256(content).hexdigest()
    store.documents.mkdir(mode=0o700, parents=True, exist_ok=True)
    (store.documents / name).write_bytes(content)
    return name


def read_freezers(story: Story, *keys: str) -> None:
    for n, key in enumerate(keys or ("quarantine", "freezer", "freezer2")):
        story.do(coldchain.read, "storekeeper", story.ids[key], -20_100 + 100 * n, -21_300, -18_900)


def _expires(story: Story, lot_id: str) -> date:
    with story.store.read(SYSTEM) as view:
        return lots.expiries(view, lot_id)[-1].expires


def two_lots_made(story: Story) -> None:
    """UC26-H3 and UC26-M4, from one cell bank."""
    story.at(-48)
    lot(story, "UC26-H3", 14, -50, 150)
    lot(story, "UC26-M4", 16, -49, 120)


def lots_arrive(story: Story) -> None:
    """H3 and M4 arrive, one vial broken and one absent, and are judged and released for the rest."""
    receive(story, story.ids["UC26-H3"], "UC26-H3", -42, broken=1)
    receive(story, story.ids["UC26-M4"], "UC26-M4", -40, absent=1)
    story.at(-38, 10)
    read_freezers(story)
    judge(story, story.ids["UC26-H3"], "UC26-H3")
    judge(story, story.ids["UC26-M4"], "UC26-M4")
    story.at(-37, 10)
    for number in ("UC26-H3", "UC26-M4"):
        for vial in in_lot(story, story.ids[number]):
            if vial.state == "in_stock":
                story.do(vials.move, "storekeeper", vial.id, story.ids["freezer"])
    for days in (-33, -28):
        story.at(days, 8)
        read_freezers(story)


def subject(story: Story, key: str, mrn: str, born: date, *, published: bool = False) -> str:
    """A subject with invented identity, and consent to therapy and data."""
    do = story.do
    told = {"name": f"Demonstration {key}", "mrn": mrn, "born": born, "nik": "", "wristband": mrn}
    identity = subjects.seal_identity(story.store, **told)  # type: ignore[arg-type]
    subject_id = do(subjects.enrol, "physician", identity, published=published).id
    signed = {"physician": Meaning.RECORDED, "witness": Meaning.WITNESSED}
    for kind in (ConsentKind.THERAPY, ConsentKind.DATA):
        do(
            subjects.record_consent,
            "physician",
            subject_id,
            kind,
            "demonstration v1 (id)",
            story.clock.now,
            sign=signed,
        )
    story.ids[key] = subject_id
    return subject_id


def course(story: Story, key: str, laterality: Laterality, first_days: int, *, compartment: str = "") -> str:
    first = (story.today + timedelta(days=first_days)).astimezone(ZONE).date()
    course_id = story.do(
        courses.plan, "physician", story.ids[key], story.ids["protocol"], laterality, first, compartment=compartment
    ).id
    story.ids[f"course {key}"] = course_id
    return course_id


def dose_of(story: Story, key: str, k: int) -> str:
    with story.store.read(story.actors["physician"]) as view:
        return next(row["id"] for row in courses.doses(view, story.ids[f"course {key}"]) if row["k"] == k)


def order(story: Story, key: str, k: int) -> str:
    dose_id = dose_of(story, key, k)
    ordered = story.do(courses.prescribe, "physician", dose_id, sign={"physician": Meaning.ORDERED})
    story.do(courses.verify, "pharmacist", ordered.id, sign={"pharmacist": Meaning.VERIFIED})
    return dose_id


def fetch(story: Story, dose_id: str, number: str, *, thaw: bool = True) -> Vial:
    """A vial of this lot is reserved, issued and thawed; another lot than the first to expire has its reason."""
    with story.store.read(story.actors["pharmacist"]) as view:
        offered = [one["vial"] for one in courses.offer(view, dose_id) if one["offered"]]
    lot_id = story.ids[number]
    vial: Vial = next(one for one in offered if one.lot_id == lot_id)
    reason = None if offered[0].lot_id == lot_id else "One lot for the whole course."
    story.do(courses.reserve, "pharmacist", vial.id, dose_id, reason=reason)
    story.do(courses.issue, "pharmacist", vial.id, story.ids["bench"])
    if thaw:
        story.do(courses.thaw, "pharmacist", vial.id, story.ids["bench"])
    story.minutes(25)
    return vial


def give(
    story: Story, key: str, k: int, number: str, *, laterality: Laterality, before: str | None, after: str | None
) -> None:
    """Dose k at the bedside: every stop asked, given by two people, watched for thirty minutes."""
    dose_id = order(story, key, k)
    vial = fetch(story, dose_id, number)
    code = story.code(vial, number, _expires(story, vial.lot_id))
    story.do(doses.start, "physician", dose_id, story.ids[key], code, laterality)
    story.minutes(5)
    signed = {"physician": Meaning.GIVEN, "witness": Meaning.WITNESSED}
    given = story.do(
        doses.give, "physician", story.ids[key], laterality, [code], 3000, 0, dose_id=dose_id, sign=signed,
        identifiers="wristband, spoken birth date", guidance="ultrasound", approach="superolateral", needle="22 G",
        skin_preparation="chlorhexidine", vas_before=before, vas_after=after,
    )  # fmt: skip
    began = story.clock.now
    story.minutes(31)
    story.do(doses.observe, "witness", given.id, began, began + timedelta(minutes=30), False)


def the_case(story: Story) -> None:
    """A woman of 56, right knee, KL 3: baseline as published, doses 1 to 3 given, dose 4 ordered for today."""
    ids, do = story.ids, story.do
    signed = {"quality": Meaning.DECIDED}
    story.at(-24, 8)
    ids["protocol"] = do(
        courses.issue_protocol, "quality", ids["product"], "Knee, five weekly injections of 3 mL", sign=signed
    ).id
    subject(story, "case", "MRN-DEMO-0001", date(story.today.year - 56, 3, 14), published=True)
    course_id = course(story, "case", Laterality.RIGHT, -21, compartment="medial")
    _baseline(story, course_id)
    _given(story, 1, -21)


def doses_two_and_three(story: Story) -> None:
    for k, days in ((2, -14), (3, -7)):
        _given(story, k, days)


def _given(story: Story, k: int, days: int) -> None:
    story.at(days, 8)
    read_freezers(story)
    give(story, "case", k, "UC26-H3", laterality=Laterality.RIGHT, before=None, after=None)


PAPER = "Nurudin 2025, doi 10.36568/gelinkes.v23i4.245"


def _baseline(story: Story, course_id: str) -> None:
    """Scores exactly as the paper gives them; what it does not say stays empty, what contradicts stands side by side."""
    record, case = outcomes.record, story.ids["case"]
    common: dict[str, Any] = {"laterality": Laterality.RIGHT, "course_id": course_id, "published": True}
    before, after = TimePoint.BASELINE, TimePoint.AFTER_SERIES
    story.do(record, "physician", case, "VAS", "7", before, f"{PAPER}, case presentation", low="0", high="10", **common)
    story.do(record, "physician", case, "VAS", "3", after, f"{PAPER}, follow-up", low="0", high="10", **common)
    story.do(record, "physician", case, "WOMAC", "65", before, f"{PAPER}, case presentation", **common)
    story.do(record, "physician", case, "WOMAC", "30", after, f"{PAPER}, follow-up", **common)
    grades = [
        story.do(record, "physician", case, "KL", raw, before, f"{PAPER}, {where}", low="0", high="4", **common).id
        for raw, where in (
            ("3", "abstract: “Kellgren–Lawrence grade 3”"),
            ("4", "abstract: “improved radiographically from 4 to 2”"),
            ("3", "body: “Kellgren–Lawrence grade 3 disease”"),
        )
    ]
    story.do(
        record, "physician", case, "KL", "2", after, f"{PAPER}, body: “2 final followup”", low="0", high="4", **common
    )
    story.do(
        outcomes.adjudicate, "physician", grades, grades[2], sign={"physician": Meaning.ADJUDICATED},
        reason="The body and one of two places in the abstract say 3; 4 stands once and is not repeated in the body.",
    )  # fmt: skip
    story.do(
        outcomes.record_event, "physician", case, Asked.NONE, course_id=course_id, source=PAPER, published=True,
        window="during intervention; “6 month follow up” in the abstract, undated in the body",
    )  # fmt: skip


def one_too_warm(story: Story) -> None:
    """K2 comes out of limits for a while on its way: an excursion, and its hold over exactly the vials in the box."""
    story.at(-20)
    lot(story, "UC26-K2", 10, -22, 240)
    receive(story, story.ids["UC26-K2"], "UC26-K2", -18, warm=(40, 62))
    judge(story, story.ids["UC26-K2"], "UC26-K2", review=False, release=False)


def five_more(story: Story) -> None:
    """A split course, a no-show after thaw, a vial broken in the pharmacy, a course begun, a knee on the left."""
    do, ids = story.do, story.ids
    right, left = Laterality.RIGHT, Laterality.LEFT
    years = (61, 58, 66, 52, 70)
    story.at(-6, 8)
    for n, age in enumerate(years, 2):
        subject(story, f"subject {n}", f"MRN-DEMO-{n:04d}", date(story.today.year - age, n, 10 + n))
    course(story, "subject 2", left, -6)
    course(story, "subject 3", right, -5)
    course(story, "subject 4", left, -4)
    course(story, "subject 5", right, 1)
    course(story, "subject 6", left, 3)
    read_freezers(story)
    give(story, "subject 2", 1, "UC26-M4", laterality=left, before="8", after="7")
    story.at(-5, 9)
    give(story, "subject 3", 1, "UC26-M4", laterality=right, before="6", after="6")
    story.at(-4, 9)
    dose_id = order(story, "subject 4", 1)
    vial = fetch(story, dose_id, "UC26-M4")
    story.minutes(20)
    do(courses.take_back, "pharmacist", vial.id, ids["bench"], reason="The patient did not come.")
    do(vials.discard, "pharmacist", vial.id, reason="Thawed and not given: it may not go back.")
    story.at(-3, 11)
    spare = next(one for one in in_lot(story, ids["UC26-M4"]) if one.state == "in_stock")
    do(vials.report_broken, "pharmacist", spare.id, reason="Fell while the shelf was counted.")


def split_and_hold(story: Story) -> None:
    """The second dose of one course comes from another lot; a lot's vial is under hold; today's dose is prepared."""
    story.at(-1, 9)
    read_freezers(story)
    order(story, "subject 5", 1)
    give_split(story)
    spare = next(one for one in in_lot(story, story.ids["UC26-H3"]) if one.state == "in_stock")
    story.do(
        stops.hold, "quality", "Label smudged, serial to be compared with the box", ScopeKind.VIAL, [spare.id],
        reason="Reported by the storekeeper.",
    )  # fmt: skip
    order(story, "case", 4)


def give_split(story: Story) -> None:
    """Subject 2's second dose, a day early and inside the window, from UC26-H3: two lots in one course."""
    give(story, "subject 2", 2, "UC26-H3", laterality=Laterality.LEFT, before="7", after="6")


def one_on_its_way(story: Story) -> None:
    """P7, four vials, tested and with its certificate: the box left its maker yesterday and nobody has taken it over."""
    story.at(-1, 13)
    lot_id = lot(story, "UC26-P7", 4, -16, 300)
    judge(story, lot_id, "UC26-P7", release=False)
    story.at(-1, 16)
    body = f"0952123{sum(key.startswith('box') for key in story.ids) + 1:010d}"
    story.ids["box UC26-P7"] = story.do(
        consignments.ship, "maker_qa", body + gs1.check_digit(body), story.ids["maker_site"], story.ids["site"],
        [vial.id for vial in in_lot(story, lot_id)], shipper_name="Shipper of UC26-P7",
    ).id  # fmt: skip


def write_logger(store: Store, instance: Path, say: Callable[[str], None]) -> None:
    """The file of the logger in the box on its way, up to now: made anew at every start, until somebody attaches it."""
    with store.read(SYSTEM) as view:
        watched = {one.consignment_id for one in view.all(SensorFile)}
        waiting = [one for one in view.all(Consignment, order=Consignment.shipped_at) if one.id not in watched]
        now = view.at
    if waiting:
        box = waiting[-1]
        data = logger_file(box.shipped_at - timedelta(hours=1), now, f"T-{box.number}", None, minutes=30)
        (instance / "demo-logger.csv").write_bytes(data)
        say(f"The logger of consignment {box.number}, which is on its way: instance/demo-logger.csv")


def today(story: Story) -> None:
    """This morning's readings; dose 4 of the case waits for its vial. From here the clock is the real one."""
    story.clock.now = story.today
    read_freezers(story)
    with story.store.read(story.actors["quality"]) as view:
        released = releases.releases(view, story.ids["UC26-H3"])[-1].id
    with story.store.read(story.actors["physician"]) as view:
        given = doses.administrations(view, subject_id=story.ids["case"])[-1]["administration"].id
    for who, kind, noun_id in (
        ("quality", RecordKind.RELEASE, released),
        ("quality", RecordKind.TRACE, story.ids["UC26-H3"]),
        ("physician", RecordKind.ADMINISTRATION, given),
    ):
        documents.make(story.store, story.actors[who], Call(demonstration=True), kind, noun_id, "en", story.link)


CHAPTERS: tuple[tuple[str, Callable[[Story], None]], ...] = (
    ("People, places and what is assumed of them", people_and_places),
    ("The product, its limits, tests and papers", product_and_papers),
    ("Two lots are made, labelled and certified", two_lots_made),
    ("They arrive, are counted, judged and released", lots_arrive),
    ("The published case: baseline and first dose", the_case),
    ("A third lot, too warm on its way", one_too_warm),
    ("The case, doses 2 and 3", doses_two_and_three),
    ("Five more subjects", five_more),
    ("A course over two lots, a hold, dose 4 ordered for today", split_and_hold),
    ("A fourth lot on its way", one_on_its_way),
    ("Today", today),
)
