"""The patients: the published case with its scores, and five invented ones beside it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from traceability.demonstration.setting import NAMED
from traceability.demonstration.story import ZONE, Story
from traceability.demonstration.supply import expires_of, in_lot, read_freezers
from traceability.domain.people import Meaning
from traceability.services import (
    administrations,
    consents,
    courses,
    doses,
    events,
    outcomes,
    protocols,
    stops,
    subjects,
    vials,
)
from traceability.services.attachments import keep_bytes
from traceability.store.tables import Vial
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.quality import ScopeKind
from traceability.store.tables.subjects import ConsentKind, Laterality

FORM = "demonstration v1"


def forms(story: Story) -> None:
    """What the patients of the demonstration sign, in both languages: invented, and no text to be used."""
    for kind in ConsentKind:
        for language, title in (("id", "Demonstrasi: persetujuan"), ("en", "Demonstration: consent")):
            paper = _pdf(f"{title} ({kind}), {FORM}")
            drafted = story.do(
                consents.draft, "quality", kind, FORM, language, date(2020, 1, 1), False, keep_bytes(story.store, paper),
                f"consent-{kind}-{language}.pdf", "application/pdf", len(paper),
            )  # fmt: skip
            story.do(consents.issue, "quality", drafted.id, sign={"quality": Meaning.DECIDED})
    story.ids["forms"] = FORM


def _pdf(line: str) -> bytes:
    """One page with one line, as small as a PDF can be."""
    shown = f"BT /F1 18 Tf 72 720 Td ({line.replace('(', '[').replace(')', ']')}) Tj ET"
    parts = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(shown)}>>stream\n{shown}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    made, at = "%PDF-1.4\n", []
    for n, part in enumerate(parts, 1):
        at.append(len(made))
        made += f"{n} 0 obj{part}endobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in at)
    trailer = f"trailer<</Size {len(at) + 1}/Root 1 0 R>>\nstartxref\n{len(made)}\n%%EOF\n"
    return f"{made}xref\n0 {len(at) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()


def subject(story: Story, key: str, mrn: str, born: date) -> str:
    """A subject with invented identity, and consent to therapy and data. Of the case, only what was published is not marked."""
    do = story.do
    told = {"name": f"Demonstration {key}", "mrn": mrn, "born": born, "nik": "", "wristband": mrn}
    identity = subjects.seal_identity(story.store, **told)  # type: ignore[arg-type]
    subject_id = do(subjects.enrol, "physician", identity).id
    if "forms" not in story.ids:
        forms(story)
    signed = {"physician": Meaning.RECORDED, "witness": Meaning.WITNESSED}
    for kind in (ConsentKind.THERAPY, ConsentKind.DATA):
        do(
            consents.record,
            "physician",
            subject_id,
            kind,
            f"{FORM} (id)",
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


def band(story: Story, key: str) -> subjects.Band:
    """The subject's wristband, as it is read at the bedside."""
    with story.store.read(story.actors["physician"]) as view:
        return subjects.band_of(view, story.ids[key])


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
    code = story.code(vial, number, expires_of(story, vial.lot_id))
    story.do(doses.start, "physician", dose_id, band(story, key), code, laterality)
    story.minutes(5)
    signed = {"physician": Meaning.GIVEN, "witness": Meaning.WITNESSED}
    given = story.do(
        doses.give, "physician", story.ids[key], laterality, [code], 3000, 0, dose_id=dose_id, sign=signed,
        identifiers="wristband, spoken birth date", guidance="ultrasound", approach="superolateral", needle="22 G",
        skin_preparation="chlorhexidine", vas_before=before, vas_after=after,
    )  # fmt: skip
    began = story.clock.now
    story.minutes(31)
    story.do(administrations.observe, "witness", given.id, began, began + timedelta(minutes=30), False)


def the_case(story: Story) -> None:
    """A woman of 56, right knee, KL 3: baseline as published, doses 1 to 3 given, dose 4 ordered for today."""
    ids, do = story.ids, story.do
    signed = {"quality": Meaning.DECIDED}
    story.at(-24, 8)
    ids["protocol"] = do(
        protocols.issue,
        "quality",
        ids["product"],
        "Knee, five weekly injections of 3 mL",
        sign=signed,
        **NAMED,
    ).id
    subject(story, "case", "MRN-DEMO-0001", date(story.today.year - 56, 3, 14))
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
        events.record, "physician", case, Asked.NONE, course_id=course_id, told_by=PAPER, published=True,
        window="during intervention; “6 month follow up” in the abstract, undated in the body",
    )  # fmt: skip


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
