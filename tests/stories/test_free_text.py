"""What people type freely stands in rows that can be erased, and nowhere in the ledger: every field of every act."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from tests.clinic import JAKARTA, Clinic, logger_csv
from tests.stories.case import clean, refusal, report, rows
from traceability import problems
from traceability.domain.casework import ActionKind, CaseKind, Reactivity
from traceability.domain.harm import Causality, Expectedness, ReportedTo, Sex
from traceability.domain.people import Actor, Meaning, Role
from traceability.domain.recalling import ContactBy
from traceability.services import (
    actions,
    administrations,
    attachments,
    cases,
    closing,
    correcting,
    emergencies,
    events,
    glass,
    handing,
    investigations,
    load,
    lots,
    materials,
    notices,
    outcomes,
    products,
    recalls,
    score_forms,
    sensors,
    shifts,
    stops,
)
from traceability.store import Done
from traceability.store.tables import GUARDED, metadata
from traceability.store.tables.lots import MaterialKind
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.quality import ReleaseKind, ScopeKind

FREE: dict[str, str] = {
    # act → what is typed into it in one's own words: never in the ledger
    "action.check": "judgement",
    "action.finish": "evidence",
    "administration.correct": "identifiers guidance approach needle skin_preparation concomitant",
    "administration.observe": "description",
    "case.attach": "name",
    "case.investigate": "findings root_cause",
    "case.open": "title description complainant",
    "case.plan_action": "title",
    "case.reply": "reply",
    "case.review": "review",
    "opening.review": "review",
    "grant.hand_over": "purpose",
    "shift.plan": "reach",
    "consent.record": "representative relation",
    "consent_form.draft": "name",
    "consignment.arrive": "carrier condition",
    "course.plan": "compartment",
    "dose.give": "identifiers guidance approach needle skin_preparation concomitant",
    "event.record": "description narrative term history window told_by",
    "event.copy_assessment": "told_by",
    "event.report": "receiver",
    "hold.place": "title",
    "lot.attach": "name",
    "lot.certify": "statement",
    "lot.release": "condition",
    "lot.transcribe": "statement",
    "material.record": "description",
    "recall.acknowledge": "answer",
    "recall.check": "observed",
    "recall.contact": "told",
    "recall.rehearse": "title",
    "recall.start": "title hazard",
    "material.report_result": "laboratory",
    "score.record": "told_by reader",
    "score_form.record": "told_by",
}
SPELLED: dict[str, str] = {
    # act → its codes, numbers and versions, and names of places, papers, products and of people who sign in
    "administration.correct": "vas_before vas_after",
    "administration.observe": "vas_after",
    "case.attach": "sha256 media_type",
    "case.open": "code",
    "case.set_clock": "rests_on",
    "consent.record": "version",
    "consent_form.draft": "version language sha256 media_type",
    "consignment.arrive": "seal",
    "consignment.count": "code",
    "consignment.ship": "sscc shipper_name",
    "consignment.transfer": "sscc shipper_name",
    "consignment.attach_log": "confirmed serial certificate",
    "contact.add": "address language",
    "credential.record": "number issuer scope",
    "audit.export": "asked_by format ledger",
    "form_link.issue": "forms language token_hash",
    "form_link.answer": "answers",
    "event.assess": "reference",
    "event.copy_assessment": "reference",
    "event.report": "number",
    "event.set_clock": "rests_on",
    "evidence.make": "asked_by",
    "study.export": "asked_by format ledger",
    "device.enrol": "name key_hash",
    "dose.give": "codes vas_before vas_after",
    "dose.start": "code",
    "grant.give": "training",
    "grant.hand_over": "training",
    "grant.review": "grants_sha256",
    "training.record": "topic",
    "training_need.set": "topic",
    "vial.issue_in_emergency": "code",
    "label.print": "layout",
    "label.reprint": "layout",
    "label.scan_back": "code",
    "lot.announce": "number serials route_number",
    "lot.attach": "sha256 media_type",
    "lot.reconcile": "figures_digest",
    "audit.review": "boxes_digest",
    "lot.release": "dossier_digest",
    "lot.release_named": "dossier_digest",
    "material.record": "code",
    "material.report_result": "test",
    "organisation.register": "name",
    "person.change_password": "password_hash keep",
    "person.enrol": "username name password_hash title language",
    "person.reset_password": "password_hash",
    "place.move_all": "codes",
    "place.open": "name code",
    "place.set_alarm": "name",
    "product.register": "gtin name",
    "product.revise": "strength",
    "protocol.issue": "name joint ethics_number approval_number",
    "recall.retrieve": "code",
    "recall.set_clock": "origin",
    "result.enter": "value",
    "score.record": "instrument raw instrument_version subscale low high unit",
    "score_form.record": "instrument instrument_version answers",
    "sensor.calibrate": "certificate",
    "sensor.import_log": "confirmed",
    "sensor.register": "serial zone maker giai",
    "site.open": "name zone gln",
    "specification.issue": "test method unit low high expected",
    "stocktake.note": "code",
    "vial.add_alias": "code alias",
    "vial.issue": "code",
    "vial.move": "code",
    "vial.put_away": "code",
    "vial.reserve": "code",
    "vial.take_back": "code",
}
TYPED = [(act, name) for act, names in FREE.items() for name in names.split()]
CANARY = {typed: f"Kanaria{n:02d}" for n, typed in enumerate(TYPED)}
"""Act and field → the word that is typed there and nowhere else."""
LOG, REASON = "Kanaria98", "Kanaria99"


@dataclass
class Chatty(Clinic):
    """Whoever works here types a word of theirs into every free field, and gives it as the reason."""

    typed: set[str] = field(default_factory=set)

    def do(self, act: Any, who: Actor, *args: Any, **told: Any) -> Done:
        name = act.act.name
        asked = act.signature.bind_partial(None, *args, **{k: v for k, v in told.items() if k not in BESIDE})
        own = {one: CANARY[name, one] for one in FREE.get(name, "").split()}
        given = {**dict(list(asked.arguments.items())[1:]), **own}
        done = super().do(act, who, **given, **{"reason": REASON, **{k: v for k, v in told.items() if k in BESIDE}})
        self.typed.update(own.values(), (REASON,))
        return done


BESIDE = ("signed", "reason", "call")


def test_every_text_that_an_act_takes_is_said_to_be_typed_freely_or_spelled() -> None:
    """A new field is put into one of the two lists; where it is typed freely its column is sealed."""
    asked = {
        (act, one.name)
        for act, performer in load().items()
        for one in inspect.signature(performer.work).parameters.values()
        if "str" in str(one.annotation) and not one.name.endswith(("_id", "_ids"))
    }
    spelled = {(act, name) for act, names in SPELLED.items() for name in names.split()}
    assert asked == {*TYPED} | spelled
    assert not {*TYPED} & spelled


def everything(clinic: Chatty) -> None:
    """From a reagent to a recall: every act that takes free text, what is refused under a hold, and what is told in spite of it."""
    clinic.do(products.record_material, clinic.MAKER_QA, clinic.ids["maker"], MaterialKind.REAGENT, "R-1")
    told = {"test": "HBsAg", "reactivity": Reactivity.NON_REACTIVE, "tested_on": clinic.clock.now.date()}
    signed = (clinic.sign("wijaya", Meaning.RECORDED),)
    clinic.do(materials.report_result, clinic.MAKER_QA, clinic.ids["donor"], signed=signed, **told)
    lot = clinic.certificate(clinic.tested(clinic.in_stock(clinic.lot())))
    clinic.release(lot, kind=ReleaseKind.CONDITIONAL, until=clinic.clock.now + timedelta(days=90))
    course = clinic.course()
    given, began = clinic.give_dose(course, 1), clinic.clock.now
    clinic.clock.tick(minutes=40)
    clinic.do(administrations.observe, clinic.PHYSICIAN, given.id, began, clinic.clock.now, True)
    mended = (clinic.sign("santosa", Meaning.RECORDED), clinic.sign("putri", Meaning.VERIFIED))
    clinic.do(correcting.correct, clinic.PHYSICIAN, given.id, vas_after="4", signed=mended)
    answered(clinic)
    subject = clinic.ids["subject"]
    event = clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, age_y=57, sex=Sex.FEMALE).id
    word = {"causality": Causality.POSSIBLE, "expectedness": Expectedness.UNKNOWN}
    signed = (clinic.sign("maharani", Meaning.RECORDED),)
    clinic.do(events.copy_assessment, clinic.QUALITY, event, signed=signed, **word)
    clinic.do(events.report, clinic.QUALITY, event, ReportedTo.MAKER, reported_on=clinic.clock.now.date())
    clinic.do(outcomes.record, clinic.PHYSICIAN, subject, "VAS", "3", TimePoint.BASELINE)
    answers = ["1"] * 24
    clinic.do(score_forms.record, clinic.PHYSICIAN, subject, "WOMAC", "Likert 3.1", answers, TimePoint.BASELINE)
    nobody_there(clinic, subject)
    opened(clinic, subject)
    copied(clinic)
    vial = clinic.ready_vial(course, 2)
    clinic.do(stops.hold, clinic.QUALITY, kind=ScopeKind.LOT, target_ids=[lot])
    told = {"class_": 1, "mandatory": True, "kind": ScopeKind.LOT, "target_ids": [lot]}
    started = clinic.do(stops.recall, clinic.MAKER_QA, signed=(clinic.sign("wijaya", Meaning.RECALLED),), **told).id
    clinic.do(notices.acknowledge, clinic.QUALITY, started)
    clinic.do(recalls.contact, clinic.PHYSICIAN, started, subject, True, ContactBy.PHONE)
    clinic.do(recalls.check, clinic.MAKER_QA, started, clinic.ids["hospital"], ContactBy.PHONE, True)
    tried = {"class_": 2, "kind": ScopeKind.LOT, "target_ids": [lot]}
    clinic.do(recalls.rehearse, clinic.MAKER_QA, signed=(clinic.sign("wijaya", Meaning.DECIDED),), **tried)
    no = refusal(lambda: clinic.start_dose(course, 2, vial))
    read = {finding.code: problems.told(finding)["message"] for finding in no.findings}
    assert CANARY["hold.place", "title"] in read["held"]  # whoever stands there reads why
    assert CANARY["recall.start", "title"] in read["recalled"]
    report(clinic, [clinic.code(vial)])


def answered(clinic: Chatty) -> None:
    """A complaint with everything that is written about it."""
    case = clinic.do(cases.open_by_hand, clinic.PHARMACIST, CaseKind.COMPLAINT).id
    clinic.do(investigations.investigate, clinic.PHARMACIST, case)
    kept = attachments.keep_bytes(clinic.store, b"seen")
    clinic.do(investigations.attach, clinic.PHARMACIST, case, kept, media_type="image/png", size=4)
    day = clinic.clock.now.date() + timedelta(days=9)
    given = {"kind": ActionKind.CORRECTIVE, "owner_id": clinic.QUALITY.person_id, "due_on": day}
    planned = clinic.do(actions.plan, clinic.QUALITY, case, **given).answer["action_id"]
    clinic.do(actions.finish, clinic.QUALITY, planned, check_on=day)
    signed = (clinic.sign("lestari", Meaning.REVIEWED),)
    clinic.do(actions.check, clinic.QUALITY2, planned, effective=True, signed=signed)
    clinic.do(closing.reply, clinic.QUALITY, case, replied_on=clinic.clock.now.date())


def nobody_there(clinic: Chatty, subject: str) -> None:
    """A role handed over, a shift, and a vial handed out without QA."""
    now = clinic.clock.now
    told = {"person_id": clinic.PHARMACIST.person_id, "role": Role.QUALITY, "until": now + timedelta(days=1)}
    clinic.do(handing.hand_over, clinic.QUALITY, signed=(clinic.sign("maharani", Meaning.DELEGATED),), **told)
    night = {"role": Role.QUALITY, "since": now, "until": now + timedelta(hours=9)}
    clinic.do(shifts.plan, clinic.QUALITY, clinic.QUALITY2.person_id, **night)
    signed = (clinic.sign("putri", Meaning.HANDED_OVER), clinic.sign("santosa", Meaning.ORDERED))
    given = {"vial_id": clinic.vial("H3K005").id, "subject_id": subject, "place_id": clinic.ids["bench"]}
    case = clinic.do(emergencies.issue, clinic.PHARMACIST, signed=signed, **given).answer["case_id"]
    clinic.do(
        emergencies.review, clinic.QUALITY, case, justified=True, signed=(clinic.sign("maharani", Meaning.REVIEWED),)
    )


def opened(clinic: Chatty, subject: str) -> None:
    """QA broke the glass, and somebody else of QA reviewed it."""
    signed = (clinic.sign("maharani", Meaning.RECORDED), clinic.sign("rahayu", Meaning.WITNESSED))
    opening = clinic.do(glass.break_glass, clinic.QUALITY, subject, signed=signed).id
    signed = (clinic.sign("lestari", Meaning.REVIEWED),)
    clinic.do(glass.review, clinic.QUALITY2, opening, justified=True, signed=signed)


def copied(clinic: Chatty) -> None:
    """A lot whose maker does not sign in: its certificate is copied; its logger's file has a name of somebody's own."""
    lot = clinic.lot("UC26-H4", certified=False)
    box = clinic.arrived(clinic.shipped(lot))
    data = logger_csv(clinic.consignment(box).shipped_at - timedelta(hours=1), 7, 15, -21, {}, "L-2")
    attachments.keep_bytes(clinic.store, data)
    log = sensors.read_log(LOG, data, JAKARTA)
    clinic.attached(box, log)
    assert refusal(lambda: clinic.attached(box, log)).values["name"] == LOG
    kept = attachments.keep_bytes(clinic.store, b"copy")
    paper = clinic.do(lots.attach, clinic.QUALITY, kept, media_type="text/plain", size=4, lot_id=lot)
    told = {"lot_id": lot, "certified_on": date(2026, 4, 1), "attachment_id": paper.id}
    signed = (clinic.sign("maharani", Meaning.TRANSCRIBED), clinic.sign("lestari", Meaning.VERIFIED))
    clinic.do(lots.transcribe, clinic.QUALITY, signed=signed, **told)


def test_what_is_typed_freely_is_in_rows_that_can_be_erased_and_in_no_entry(founded: Clinic) -> None:
    clinic = Chatty(**{one.name: getattr(founded, one.name) for one in fields(Clinic)})
    everything(clinic)
    typed = {*CANARY.values(), LOG, REASON}
    assert clinic.typed | {LOG} == typed
    found = places(clinic)
    assert found.keys() == typed  # all of it is kept
    sealed = {(name, column) for name, row in GUARDED.items() for column in row.sealed}
    assert {word: bare for word, where in found.items() if (bare := where - sealed)} == {}
    (kept,) = rows(clinic, "SELECT body FROM entry WHERE refused = 'dose_refused'")
    assert all(f'"{stops}":["{number}"]' in kept[0] for stops, number in (("holds", "H-1"), ("recalls", "R-1")))
    clean(clinic)


def places(clinic: Clinic) -> dict[str, set[tuple[str, str]]]:
    """Each word that was typed, with the tables and columns in which it stands: entries, documents and the scan log too."""
    found = defaultdict(set)
    with clinic.store.engines.reader.connect() as connection:
        for name, table in metadata.tables.items():
            for row in connection.execute(select(table)).mappings():
                for column, value in row.items():
                    for word in re.findall(r"Kanaria\d\d", str(value)):
                        found[word].add((name, column))
    return found
