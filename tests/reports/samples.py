"""Records made by hand, with everything on them that a real one may have: long names, sixty vials, gaps in what is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from traceability.domain.records import (
    AdministrationRecord,
    AnalysisRecord,
    CasePart,
    Certified,
    Change,
    ConsentPart,
    ConsignmentPart,
    EventPart,
    ExcursionPart,
    GivenVial,
    Head,
    InjectionPart,
    LoggerPart,
    LotPart,
    MaterialPart,
    OutcomePart,
    Paper,
    ProductPart,
    RecordKind,
    ReleasePart,
    ReleaseRecord,
    ScanPart,
    Signed,
    SourceFile,
    StayPart,
    StopPart,
    TestLine,
    TraceRecord,
    TriedLine,
    VialPart,
)
from traceability.domain.records.graph import (
    GraphBox,
    GraphLot,
    GraphMaterial,
    GraphRow,
    GraphStop,
    RowKind,
    StopKind,
    TraceGraph,
)
from traceability.domain.releasing import RELEASE
from traceability.domain.rules import Finding, Severity

AT = datetime(2026, 3, 18, 2, 14, 3, tzinfo=UTC)
SERIALS = tuple(f"Q9X4{n:02d}MN" for n in range(60))
CHECKPOINT = {
    "origin": "secretome-trace",
    "ledger": "01a204a4af3371cc9b9e345b7d6394e8",
    "size": 47_021,
    "root": "7d1a60f2" * 8,
    "at": "2026-03-18T02:14:03.000000Z",
    "signature": "606a87b2" * 16,
    "key": "e3496611" * 8,
}
RENDERER = "reports 0.2.0, reportlab 5.1.0"
STATUS_URL = "https://trace.example.org/d/REL-0009/1"

GIVEN_AT = datetime(2026, 4, 14, 3, 40, 52, tzinfo=UTC)


def head(kind: RecordKind, number: str, version: int = 1) -> Head:
    return Head(
        kind=kind, number=number, version=version, organisation="RSUD Dr. Moewardi", site="Surakarta",
        zone="Asia/Jakarta", as_of=AT, demonstration=True,
    )  # fmt: skip


PRODUCT = ProductPart(
    name="UC-MSC secretome, solution for intra-articular injection", gtin="09521234543213", version=4,
    strength="Total protein 1.8 mg/mL", volume_ul=3000, low_mc=-25_000, high_mc=-15_000, budget_s=4 * 3600,
    thaw_s=90 * 60, in_use_s=60 * 60, freeze_sensitive=False, mkt_applies=False,
)  # fmt: skip
LOT = LotPart(
    number="UC26-H3", state="certified", made_on=date(2026, 2, 2), expires=date(2027, 8, 31),
    expired_before=(date(2027, 2, 28),), filled=60, route="service", route_number=None, demonstration=True,
)  # fmt: skip
CERTIFIED = Certified(
    transcribed=True, statement="Conforms to specification 4 in every test.", on=date(2026, 3, 2),
    files=("Certificate of analysis UC26-H3, signed and scanned.pdf",),
)  # fmt: skip
PAPERS = (
    Paper(
        kind="gmp", number="PWS.01.04.1.3.333.09.21-0082", issuer="Indonesian FDA (BPOM)", scope="Cell-derived sterile products",
        valid_from=date(2021, 9, 14), valid_until=date(2026, 9, 13), covers_making=True, demonstration=True,
    ),
    Paper(
        kind="licence", number="11/1/10/KES/PMDN/2018", issuer="Ministry of Health", scope="Production",
        valid_from=None, valid_until=None, covers_making=None, demonstration=False,
    ),
)  # fmt: skip
TESTS = (
    # test, method, low, high, expected, unit, value
    ("Appearance", "Visual", None, None, "clear, no visible particles", "", "clear, no visible particles"),
    ("Extractable volume", "Ph. Eur. 2.9.17", "3.0", None, None, "mL", "3.1"),
    ("pH", "Potentiometric", "7.0", "7.6", None, "", "7.3"),
    ("Osmolality", "Freezing point depression", "280", "320", None, "mOsm/kg", "296"),
    ("Total protein", "BCA", "1.5", "2.5", None, "mg/mL", "1.8"),
    ("Particles", "Tracking analysis", "1.0E+10", None, None, "per mL", "2.4E+10"),
    ("CD9, CD63, CD81", "Flow cytometry", None, None, "positive", "", "positive"),
    ("Calnexin", "Western blot", None, None, "negative", "", "negative"),
    ("Potency", "Macrophage TNF-α", "40", None, None, "% less", "57"),
    ("Residual bovine serum albumin", "ELISA", None, "50", None, "ng/mL", "12"),
    ("Sterility", "Ph. Eur. 2.6.1, 14 days", None, None, "no growth", "", "no growth"),
    ("Endotoxin", "LAL", None, "0.25", None, "EU/mL", "0.06"),
    ("Mycoplasma", "PCR", None, None, "not detected", "", None),
)


def a_test(n: int) -> TestLine:
    test, method, low, high, expected, unit, value = TESTS[n]
    known = value is not None
    return TestLine(
        test=test, method=method, version=4, unit=unit, low=low, high=high, expected=expected, mandatory=n != 9, value=value,
        conforms=True if known else None, tested_on=AT if known else None, analyst="D. Wulandari" if known else None,
        reviewer="Ni Putu Ayu Kusumaningrum Wirawan" if known else None, reviewed_at=AT if known else None,
        demonstration=n % 2 == 0,
    )  # fmt: skip


LOGGER = LoggerPart(
    serial="EFB-17-004412", sha256="4be107c9" * 8, readings=1204, first=AT - timedelta(days=7), last=AT,
    min_mc=-24_100, max_mc=-12_600, mean_mc=-20_812, mkt_mc=-20_301, gaps=2, gap_s=3_720,
)  # fmt: skip
CUSTODY = (
    StayPart(
        place="PT. Bifarma Adiluhung, Jakarta", since=AT - timedelta(days=20), until=AT - timedelta(days=7), vials=60,
        loggers=(), read=None, assumed=(-25_000, -15_000, 90 * 86_400), excursions=(),
    ),
    StayPart(
        place="Shipper 095212300000000017", since=AT - timedelta(days=7), until=AT - timedelta(days=6), vials=60,
        loggers=(LOGGER,), read=None, assumed=None, excursions=("EX-3",),
    ),
    StayPart(
        place="Bench for receipt (B-01)", since=AT - timedelta(days=6), until=AT - timedelta(days=6) + timedelta(minutes=11),
        vials=60, loggers=(), read=None, assumed=(18_000, 26_000, 8 * 3600), excursions=(),
    ),
    StayPart(
        place="Freezer F-01, quarantine shelf", since=AT - timedelta(days=6), until=None, vials=60,
        loggers=(), read=(12, -21_800, -18_900), assumed=None, excursions=(),
    ),
    StayPart(
        place="Freezer F-03", since=AT, until=None, vials=1, loggers=(), read=None, assumed=None, excursions=(),
    ),
)  # fmt: skip
EXCURSIONS = (
    ExcursionPart(
        number="EX-3", place="Shipper 095212300000000017", since=AT - timedelta(days=7), until=AT - timedelta(days=7, hours=-2),
        peak_mc=-12_600, low_limit_mc=-25_000, high_limit_mc=-15_000, hold="H-4", lifted_at=AT - timedelta(days=1),
        lifted_by="R. Maharani", reason="48 minutes inside the budget of every vial; stability report S-12 covers it.",
    ),
)  # fmt: skip
STOPS = (
    StopPart(
        number="H-5", recall_class=None, title="Cracked stopper reported by another hospital", covers={"lot": 1},
        started_at=AT, ended_at=None, ended_by=None, reason=None,
    ),
    StopPart(
        number="R-1", recall_class=2, title="Label ink comes off", covers={"vial": 4}, started_at=AT, ended_at=AT,
        ended_by="T. Wijaya", reason="Another lot was meant.",
    ),
)  # fmt: skip
CASES = (
    CasePart(
        number="K-2", kind="count_differs", title="C-4: Q9X412MN broken, Q9X431MN absent", opened_at=AT, closed_at=None,
        closed_by=None, reason=None,
    ),
)  # fmt: skip
CHANGES = (
    Change(
        at=AT, what="result", of="pH", before="7.2", after="7.3", who="D. Wulandari", reason="misread display", entry=46_902,
    ),
    Change(
        at=AT, what="expiry", of="UC26-H3", before="2027-02-28", after="2027-08-31", who="T. Wijaya", reason=None, entry=12,
    ),
)  # fmt: skip
RELEASED = ReleasePart(
    number="RC-12", kind="full", vials=60, released_at=AT, until=None, condition=None, void_at=None, void_reason=None,
    dossier_digest="9f3c1b7e" * 8,
)  # fmt: skip
FOUND = {
    "lot_certified": {"state": "certified", "transcribed": True},
    "certificate_attached": {"attachments": ["01a2"]},
    "licence_valid": {"numbers": ["11/1/10/KES/PMDN/2018"], "day": "2026-02-02"},
    "route_allowed": {"numbers": ["HK.01.07/DEMO/2024"], "day": "2026-03-18"},
    "still_fresh": {"expires": "2027-08-31"},
    "storage_known": {"serials": ["Q9X403MN"]},
    "results_complete": {"missing": [], "tests": 13},
    "gmp_valid": {"numbers": ["PWS.01.04.1.3.333.09.21-0082"], "day": "2026-02-02"},
    "count_cleared": {"chosen": 60, "counted": 60},
    "audit_reviewed": {"reviewed": 47_015, "last": 47_015},
    "excursions_decided": {"excursions": ["EX-3"]},
}
FINDINGS = tuple(
    Finding(rule.code, None if rule.code == "storage_known" else True, rule.severity, FOUND.get(rule.code, {}))
    for rule in RELEASE
)


def signed(meaning: str, name: str, role: str, about: str = "") -> Signed:
    return Signed(meaning=meaning, name=name, role=role, at=AT, covers="e07a55d1" * 8, about=about)


def release(**other: object) -> ReleaseRecord:
    told: dict[str, object] = {
        "head": head(RecordKind.RELEASE, "REL-0009"), "product": PRODUCT, "lot": LOT, "maker": "PT. Bifarma Adiluhung",
        "papers": PAPERS, "certified": CERTIFIED, "release": RELEASED, "serials": SERIALS,
        "tests": tuple(a_test(n) for n in range(len(TESTS))), "findings": FINDINGS, "custody": CUSTODY,
        "out_of_storage_s": 11 * 60, "unknown_temperature": ("Q9X403MN",), "excursions": EXCURSIONS, "stops": STOPS,
        "cases": CASES, "changes": CHANGES, "reviewed_through": 47_015, "newer_entries": 3,
        "signatures": (
            signed("transcribed", "R. Maharani", "quality"), signed("verified", "Raden Ayu Siti Nurhaliza Prawirodirdjo", "pharmacist"),
            signed("released", "R. Maharani", "quality"),
        ),
        "reviews": tuple(signed("reviewed", "Ni Putu Ayu Kusumaningrum Wirawan", "analyst", test[0]) for test in TESTS[:3]),
    }  # fmt: skip
    return ReleaseRecord(**(told | other))


def a_try(value: str, conforms: bool, **other: object) -> TriedLine:
    told: dict[str, object] = {
        "test": "Endotoxin", "value": value, "unit": "EU/mL", "version": 4, "conforms": conforms, "tested_on": AT,
        "analyst": "D. Wulandari", "reviewer": "Ni Putu Ayu Kusumaningrum Wirawan", "stands": conforms, "case": None,
        "case_closed": False, "answered": True, "outcome": None, "reason": None, "evidence": None, "demonstration": False,
    }  # fmt: skip
    return TriedLine(**(told | other))


OUTSIDE = a_try(
    "0.31", False, case="K-7", case_closed=True, outcome="laboratory_error", reason="The dilution was pipetted twice.",
    evidence="oos-report.pdf",
)  # fmt: skip


def analysis(**other: object) -> AnalysisRecord:
    told: dict[str, object] = {
        "head": head(RecordKind.ANALYSIS, "COA-0004"), "product": PRODUCT, "lot": LOT, "maker": "PT. Bifarma Adiluhung",
        "certified": CERTIFIED, "tests": tuple(a_test(n) for n in range(len(TESTS))), "tried": (OUTSIDE, a_try("0.06", True)),
        "files": (
            SourceFile(name="lab-2026-03.csv", kind="results", sha256="c0ffee12" * 8),
            SourceFile(name="coa.pdf", kind="certificate_of_analysis", sha256="ab12cd34" * 8),
        ),
        "changes": CHANGES, "signatures": (signed("decided", "R. Maharani", "quality", "Endotoxin"),),
        "reviews": tuple(signed("reviewed", "Ni Putu Ayu Kusumaningrum Wirawan", "analyst", test[0]) for test in TESTS[:3]),
    }  # fmt: skip
    return AnalysisRecord(**(told | other))


def vial(n: int) -> VialPart:
    custody = ("in_stock", "in_stock", "in_stock", "given", "discarded", "lost")[n % 6]
    here = custody == "in_stock"
    return VialPart(
        serial=SERIALS[n], internal=n == 7, custody=custody, place="Freezer F-01, quarantine shelf" if here else None,
        since=AT, release="RC-12" if here else None, labels=1 + n % 2, demonstration=True,
    )  # fmt: skip


def graph(boxes: int = 2, knees: int = 3, vials: int = 500) -> TraceGraph:
    """Every kind of row and stop; so many boxes, each with so many knees, the vials dealt out among them."""
    hold, warm = (
        GraphStop(kind=kind, number=n, vials=3) for kind, n in ((StopKind.HOLD, "H-3"), (StopKind.EXCURSION, "EX-24"))
    )
    recall = GraphStop(kind=StopKind.RECALL, number="R-1", vials=None)
    each = vials // boxes

    def box(n: int) -> GraphBox:
        serials = [f"V{n:02d}{at:04d}" for at in range(each)]
        people = [
            GraphRow(
                kind=RowKind.SUBJECT, ref="s", name=f"MWD{n}K{at:02d}", laterality=("left", "right")[at % 2], doses=(1, 2, None),
                serials=tuple(serials[3 * at : 3 * at + 3]), findings=at == 1, stops=(hold,) if at == 0 else (),
            )
            for at in range(knees)
        ]  # fmt: skip
        rest = serials[3 * knees :]
        lying = [
            GraphRow(kind=RowKind.UNNAMED, ref=None, name="RSUD Jayapura", serials=tuple(rest[:2]), doses=(None, None), injections=2),
            *(
                GraphRow(kind=RowKind.VIALS, ref=None, name="Freezer F-01, quarantine shelf, Surakarta", serials=(serial,), custody=state)
                for serial, state in zip(rest[2:9], ("lost", "retained", "in_transit", "sent_back", "destroyed", "issued", "made"), strict=True)
            ),
            GraphRow(kind=RowKind.VIALS, ref=None, name="F-01, Surakarta", serials=tuple(rest[9:]), custody="in_stock", stops=(warm,)),
        ]  # fmt: skip
        return GraphBox(
            ref="c", number=f"C-{n}", name="Rumah Sakit Umum Daerah Dr. Moewardi Surakarta", state="checked_in", shipped_at=AT,
            rows=(*people, *lying), stops=(warm,) if n == 1 else (),
        )  # fmt: skip

    return TraceGraph(
        materials=(
            GraphMaterial(ref="m", kind="donor", code="D-4KQ7", parents=()),
            GraphMaterial(ref="m", kind="bank", code="MCB-3", parents=("D-4KQ7",)),
            GraphMaterial(ref=None, kind="harvest", code="HV-26-9", parents=("MCB-3", "RG-882"), stops=(hold,)),
            GraphMaterial(ref=None, kind="reagent", code="RG-881", parents=()),
            GraphMaterial(ref=None, kind="reagent", code="RG-882", parents=()),
        ),
        lots=(
            GraphLot(
                ref="l", number="UC26-H3", product="UC-MSC secretome, solution for injection", filled=vials, expires=date(2027, 8, 31),
                made_of=("HV-26-9", "RG-881"), boxes=tuple(box(n) for n in range(1, boxes + 1)), stops=(recall,),
            ),
        ),
    )  # fmt: skip


def trace(**other: object) -> TraceRecord:
    told: dict[str, object] = {
        "head": head(RecordKind.TRACE, "BT-0018", 2), "product": PRODUCT, "lot": LOT, "maker": "PT. Bifarma Adiluhung",
        "certified": CERTIFIED,
        "materials": (
            MaterialPart(kind="donor", code="D-4KQ7", description="", parents=(), demonstration=True),
            MaterialPart(kind="bank", code="MCB-3", description="passage 3", parents=("D-4KQ7",), demonstration=True),
            MaterialPart(kind="harvest", code="HV-26-9", description="", parents=("MCB-3", "RG-881"), demonstration=False),
            MaterialPart(kind="reagent", code="RG-881", description="xeno-free medium", parents=(), demonstration=False),
        ),
        "consignments": (
            ConsignmentPart(
                number="C-4", sscc="095212300000000017", sender="PT. Bifarma Adiluhung", receiver="RSUD Dr. Moewardi",
                state="checked_in", shipped_at=AT - timedelta(days=7), arrived_at=AT - timedelta(days=6), carrier="KJ Cold",
                seal="S-4471", seal_whole=True, condition="dry ice left", temperature_mc=-20_400,
                found={"ok": 58, "broken": 1, "absent": 1}, demonstration=True,
            ),
        ),
        "custody": CUSTODY, "vials": tuple(vial(n) for n in range(60)),
        "injections": tuple(
            InjectionPart(
                at=GIVEN_AT, pseudonym=pseudonym, organisation="RSUD Dr. Moewardi", dose=k, joint="knee", laterality="right",
                serial=f"Q9X4{k:02d}MN", given_ul=3000, mode="live", findings=findings, demonstration=True,
            )
            for k, pseudonym, findings in ((1, "MWD7K4", 0), (2, "MWD7K4", 1), (3, None, None))
        ),
        "outcomes": (
            OutcomePart(
                pseudonym="MWD7K4", instrument="WOMAC", time_point="baseline", raw="65", low=None, high=None, on=None,
                source="Nurudin 2025, case presentation", adjudicated=False, demonstration=False,
            ),
            OutcomePart(
                pseudonym="MWD7K4", instrument="KL", time_point="baseline", raw="3", low="0", high="4", on=None,
                source="Nurudin 2025, body", adjudicated=True, demonstration=False,
            ),
        ),
        "events": (EventPart(pseudonym="MWD7K4", asked="none", description=None),),
        "buckets": {"in_stock": 30, "in_transit": 0, "issued": 0, "administered": 10, "wasted": 10, "destroyed": 0,
                    "retained": 0, "returned": 0, "missing": 10},
        "releases": (RELEASED,), "excursions": EXCURSIONS, "stops": STOPS, "cases": CASES, "changes": CHANGES,
        "signatures": (signed("released", "R. Maharani", "quality", "RC-12"),), "graph": graph(vials=60),
    }  # fmt: skip
    return TraceRecord(**(told | other))


def given_vial(serial: str = "Q9X404MN", **other: object) -> GivenVial:
    told: dict[str, object] = {
        "product": "UC-MSC secretome, 3 mL", "maker": "PT. Bifarma Adiluhung", "gtin": "09521234543213", "lot": "UC26-H3",
        "serial": serial, "expires": date(2027, 8, 31), "release": "RC-12", "thawed_at": GIVEN_AT - timedelta(minutes=48, seconds=49),
        "thaw_limit_s": 90 * 60, "temperature_known": True, "out_of_storage_s": 33 * 60, "budget_s": 4 * 3600,
        "inspection": "clear, no particles, seal whole", "withdrawn_ul": 3000, "given_ul": 2900, "discarded_ul": 100,
        "demonstration": True,
    }  # fmt: skip
    return GivenVial(**(told | other))


def administration(**other: object) -> AdministrationRecord:
    told: dict[str, object] = {
        "head": head(RecordKind.ADMINISTRATION, "ADM-0117", 2), "pseudonym": "MWD-7K4Q",
        "identity": "S••••• W•••••, born ••••-••-14", "identifiers": "wristband 8018 …0015; birth date spoken",
        "consents": (
            ConsentPart(kind="therapy", version="2", signed_at=AT, withdrawn_at=None),
            ConsentPart(kind="images", version="1", signed_at=AT, withdrawn_at=GIVEN_AT),
        ),
        "protocol": "Knee, five weekly doses, version 1", "dose": 3, "doses": 5, "interval_d": 7, "window_d": 2,
        "volume_ul": 3000, "planned_on": date(2026, 4, 14), "joint": "knee", "laterality": "right",
        "compartment": "medial compartment", "mode": "live", "given_at": GIVEN_AT, "recorded_at": GIVEN_AT + timedelta(minutes=2),
        "late_reason": None, "vials": (given_vial(),), "guidance": "ultrasound", "aspirated_ul": 0, "approach": "superolateral",
        "needle": "21 G, 40 mm", "skin_preparation": "chlorhexidine 2 %", "vas_before": "6.5", "vas_after": "5",
        "concomitant": None, "void_at": None, "observed_from": GIVEN_AT, "observed_until": GIVEN_AT + timedelta(minutes=30),
        "observer": "L. Kusuma", "reaction": False, "reaction_description": None, "findings": (),
        "scans": (
            ScanPart(at=GIVEN_AT, code="Q9X404MN", purpose="bedside", verdict="use", findings=()),
            ScanPart(at=GIVEN_AT, code="Q9X405MN", purpose="bedside", verdict="do_not_use", findings=("recalled", "held")),
        ),
        "changes": (), "signatures": (signed("given", "dr. B. Santosa", "physician"), signed("witnessed", "L. Kusuma", "nurse")),
    }  # fmt: skip
    return AdministrationRecord(**(told | other))


def corrected() -> AdministrationRecord:
    """Told again: every kind of value, in the reader's words and units; one that turned out not to be reported (R38)."""
    at, of = (
        GIVEN_AT + timedelta(days=1),
        {"of": "", "who": "dr. B. Santosa", "reason": "as the paper sheet shows", "entry": 431},
    )
    told: list[tuple[str, str | None, str | None]] = [
        ("laterality", "left", "right"), ("given_at", "2026-04-14T03:05:00+00:00", "2026-04-14T02:05:00+00:00"),
        ("given_ul", "3000", "2800"), ("inspection", "cloudy", "sound"), ("vas_after", "7.5", None), ("dose", "2", "1"),
        ("guidance", None, "ultrasound"), ("identifiers", "name", "name, birth date"),
    ]  # fmt: skip
    return administration(
        changes=tuple(Change(at=at, what=what, before=old, after=new, **of) for what, old, new in told)
    )


def late_and_against_rules() -> AdministrationRecord:
    """Given during downtime from an expired vial, with a second one: recorded whatever it broke (R45, R45b)."""
    against = (
        Finding("expired", False, Severity.STOP, {"expires": "2026-04-01"}),
        Finding("temperature_unknown", None, Severity.ASK, {}),
    )
    spent = given_vial(
        "Q9X410MN", expires=date(2026, 4, 1), temperature_known=None, thawed_at=None, inspection=None, release=None,
        withdrawn_ul=1500, given_ul=0, discarded_ul=1500,
    )  # fmt: skip
    return administration(
        mode="late", late_reason="No power in the ward from 10:00 to 16:00; entered from contingency sheet 14.",
        recorded_at=GIVEN_AT + timedelta(hours=7), vials=(given_vial(), spent), findings=against, reaction=None,
        observed_from=None, observed_until=None, vas_after=None,
    )  # fmt: skip
