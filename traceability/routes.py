"""Who comes to which address, in one table for pages and API: the credential it asks for, and who may.

What is read stands once for both faces. An act's address takes the roles of the act (`domain/acts.py`). An address that
stands nowhere here is open to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from traceability import asking
from traceability.domain.acts import ACTS
from traceability.domain.errors import Refused
from traceability.domain.people import CARE, SEES_SUBJECTS, Role

R = Role
SUBJECTS = SEES_SUBJECTS
TRAIL = frozenset({R.QUALITY, R.INSPECTOR, R.MAKER_QA, R.ADMINISTRATOR})
STUDY = frozenset({R.QUALITY, R.PHYSICIAN, R.INSPECTOR})
EVIDENCE = frozenset({R.QUALITY, R.INSPECTOR, R.MAKER_QA})
PEOPLE = frozenset({R.QUALITY, R.MAKER_QA, R.INSPECTOR, R.ADMINISTRATOR})
WATCH = frozenset({R.STOREKEEPER, R.PHARMACIST, R.QUALITY, R.MAKER_QA, R.ADMINISTRATOR, R.INSPECTOR})
TELL = frozenset({R.QUALITY, R.MAKER_QA, R.ADMINISTRATOR})
ANYBODY: frozenset[Role] = frozenset(Role)
"""Whoever is signed in, each with what they may see (`store/sight.py`)."""


class Credential(StrEnum):
    PUBLIC = "public"
    SESSION = "session"
    BEARER = "bearer"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Gate:
    """`act`: this address performs it, and its roles are asked for here at home; else a role held anywhere will do."""

    credential: Credential
    roles: frozenset[Role] = ANYBODY
    act: str | None = None


PUBLIC = frozenset(
    {"static", "web.sign_in", "web.language", "web.health", "web.document_status", "web.patient_form", "api.openapi", "api.docs",
     "api.sign_in"}
)  # fmt: skip
"""Without sign-in. Nothing there says anything about a person."""

READS: tuple[tuple[frozenset[Role], str], ...] = (
    # who may read it, and where: pages, then the API
    (ANYBODY, "web.home web.stay web.sign_out web.password web.act_answer api.myself api.sign_out api.act_outcome"),
    (ANYBODY, "web.scan web.scanner web.self_test_sheet web.digital_link api.scan api.scan_post api.self_test_pdf api.self_test_zpl"),
    (ANYBODY, "web.lots web.lot web.lot_vials web.lot_tests web.lot_holds web.lot_labels web.lot_file api.lots api.lot"
              " api.lot_labels api.lot_vials api.vial api.products api.materials api.credentials api.organisations"),
    (ACTS["label.print"].roles, "api.lot_labels_pdf api.lot_labels_zpl api.consignment_labels_pdf api.consignment_labels_zpl"),
    (ANYBODY, "web.lot_release api.dossier api.releases"),
    (ANYBODY, "web.specifications api.specifications web.papers"),
    (ANYBODY, "web.lot_trace web.vial_trace web.material_trace api.lot_trace api.material_trace"),
    (ANYBODY, "web.lot_reconciliation api.lot_reconciliation"),
    (ANYBODY, "web.distribution web.lot_distribution api.distribution"),
    (ANYBODY, "web.lot_documents web.documents web.document web.document_pdf api.documents api.document api.document_pdf"),
    (ANYBODY, "web.verify_document api.verify_document"),
    (ANYBODY, "web.consignments web.consignment web.consignment_labels web.consignment_label web.consignment_label_file"
              " api.consignments api.consignment api.consignment_labels api.consignment_label_pdf api.consignment_label_zpl"),
    (ANYBODY, "web.places web.place web.place_label web.place_label_file api.places api.place_label_pdf"
              " api.place_label_zpl web.stocktake api.stocktake"),
    (ANYBODY, "web.sensors web.sensor web.sensor_label web.sensor_label_file api.sensors api.sensor api.sensor_label_pdf"
              " api.sensor_label_zpl"),
    (ANYBODY, "web.excursions web.excursion api.excursions api.excursion"),
    (ANYBODY, "web.plot_place web.plot_sensor web.plot_consignment web.plot_vial web.vial_temperature"
              " api.place_plot api.sensor_plot api.consignment_plot api.vial_temperature"),
    (ANYBODY, "web.place_alarms api.place_alarms"),
    (ANYBODY, "web.shifts api.shifts"),
    (WATCH, "web.alarms web.alarm api.alarms api.alarm"),
    (TELL, "web.contacts api.contacts"),
    (ANYBODY, "web.recalls web.recall api.recalls api.recall web.holds web.hold api.holds web.clocks api.clocks"),
    (SUBJECTS, "web.subjects web.subject web.subject_trace api.subjects api.subject api.subject_trace"),
    (SUBJECTS, "web.subjects_alike api.subjects_alike"),
    (SUBJECTS, "web.consent_forms web.consent_form_file api.consent_forms"),
    (SUBJECTS, "web.subject_label web.subject_label_file api.subject_label_pdf api.subject_label_zpl"),
    (SUBJECTS, "web.course api.course web.administration api.administration web.course_outcomes_page api.course_outcomes"),
    (SUBJECTS | {R.MAKER_QA}, "api.cases api.case web.cases web.case web.case_file"),
    (SUBJECTS, "web.comparison web.comparison_rows api.comparison"),
    (CARE, "web.bedside web.bedside_dose"),
    (SUBJECTS, "web.events web.event api.events api.event"),
    (ANYBODY, "web.instruments api.instruments"),
    (SUBJECTS, "web.subject_images web.image_file api.subject_images api.image_file"),
    (SUBJECTS, "api.protocols"),
    (CARE | {R.QUALITY}, "web.calendar api.calendar api.forecast"),
    (TRAIL, "web.audit web.audit_scans api.entries api.entry_proof api.ledger_checkpoint api.near_misses"),
    # taken out by the house's own in their name, and by the system for a guest who only reads
    (TRAIL, "web.audit_export_file api.export_audit"),
    (STUDY, "web.study web.study_export_file api.export_study"),
    (TRAIL - {R.INSPECTOR}, "web.audit_viewings api.viewings"),
    # made by QA in its own name, and by the system for a guest who only reads: so it is asked for like a read
    (EVIDENCE, "web.lot_evidence web.evidence_zip api.make_evidence api.evidences api.evidence_zip"),
    (PEOPLE, "web.people web.person web.person_file web.person_label web.person_label_file api.persons api.person_label_pdf"
             " api.person_label_zpl api.trainings api.training_needs api.access"),
)  # fmt: skip

PERFORMED: Mapping[str, str] = {
    # acts with a page of their own
    "announce": "lot.announce", "lot_attach": "lot.attach", "lot_labels_print": "label.print", "lot_labels_sheet": "label.print",
    "lot_scan_back": "label.scan_back", "lot_spoil": "label.spoil", "consignment_labels_print": "label.print",
    "consignment_labels_sheet": "label.print", "consignment_scan_back": "label.scan_back", "consignment_spoil": "label.spoil",
    "audit_review": "audit.review",
    "issue_document": "document.issue", "issue_administration_record": "document.issue",
    "issue_shipment_record": "document.issue", "issue_place_record": "document.issue", "issue_vial_record": "document.issue",
    "issue_case_record": "document.issue", "issue_outcomes_record": "document.issue",
    "issue_cioms": "document.issue", "issue_card": "document.issue",
    "issue_contingency_sheets": "document.issue",
    "issue_recall_report": "document.issue",
    "ship": "consignment.ship", "arrive": "consignment.arrive", "attach_log": "consignment.attach_log",
    "count": "consignment.count", "check_in": "consignment.check_in", "put_away": "vial.put_away",
    "access_review": "grant.review",
    "enrol": "person.enrol", "reset_password": "person.reset_password", "device_enrol": "device.enrol", "recall_start": "recall.start",
    "subject_enrol": "subject.enrol", "subject_find": "subject.look_up", "subject_band": "subject.look_up",
    "subject_identity": "subject.open_identity", "subject_merge": "subject.merge", "consent_form_draft": "consent_form.draft",
    "consent_record": "consent.record", "consent_withdraw": "consent.withdraw", "course_plan": "course.plan",
    "protocol_issue": "protocol.issue", "order_prescribe": "order.prescribe", "order_verify": "order.verify",
    "dose_reserve": "vial.reserve", "vial_issue": "vial.issue", "vial_thaw": "vial.thaw", "subject_given": "dose.give",
    "administration_observe": "administration.observe", "administration_correct": "administration.correct",
    "score_record": "score.record", "score_form_record": "score_form.record",
    "event_record": "event.record",
    "image_attach": "image.attach", "form_link_issue": "form_link.issue",
    "score_read": "score.read", "score_agree": "score.agree",
    "score_adjudicate": "score.adjudicate", "import_log": "sensor.import_log", "dispose": "excursion.dispose",
    "move_all": "place.move_all", "scan_arrive": "consignment.count", "scan_put_away": "vial.put_away", "scan_move": "vial.move",
    "scan_reserve": "vial.reserve", "scan_issue": "vial.issue", "scan_take_back": "vial.take_back", "scan_count": "stocktake.begin",
    "case_extend_to": "case.extend_to", "case_dispose": "case.dispose", "case_attach": "case.attach",
    "stocktake_note": "stocktake.note", "stocktake_finish": "stocktake.finish",
    "recall_rehearse": "recall.rehearse", "recall_see": "recall.see", "recall_scan": "recall.retrieve",
    "recall_retrieve": "recall.retrieve", "lot_reconcile": "lot.reconcile",
    "study_import_page": "study.import_file",
    "results_import": "result.import_file", "lot_relabel": "label.reprint",
    "course_reserve": "course.reserve",
}  # fmt: skip
BY_HAND: Mapping[str, str] = {
    # acts whose input is prepared before the door, at their addresses of the API
    "enrol": "person.enrol", "change_password": "person.change_password", "reset_password": "person.reset_password",
    "attach_to_case": "case.attach", "draft_form": "consent_form.draft",
    "attach_image": "image.attach", "issue_form_link": "form_link.issue",
    "attach": "lot.attach", "attach_log": "consignment.attach_log", "import_log": "sensor.import_log", "enrol_subject": "subject.enrol",
    "found_subject": "subject.look_up", "subject_band": "subject.look_up",
    "issue_document": "document.issue", "enrol_device": "device.enrol", "import_file": "result.import_file",
    "import_study": "study.import_file",
}  # fmt: skip
SENT: Mapping[str, str] = {"sensor_read": "sensor.read"}
"""Acts of devices: their key opens these addresses of the API and no other, and nothing else opens them."""
FEEDS = frozenset({"api.site_calendar"})
"""Read by a device that was enrolled for a calendar; the key of one that sends readings does not open them."""
ONES_OWN = dict.fromkeys(
    (
        "web.person",
        "web.person_file",
        "web.person_label",
        "web.person_label_file",
        "api.person_label_pdf",
        "api.person_label_zpl",
    ),
    "person_id",
)
"""Whatever the roles: one's own."""
GENERIC = ("web.act", "web.choose")
"""The form of any act, and the page that asks what it is about: which act it is stands in the address."""


def _table() -> dict[str, Gate]:
    made = {name: Gate(Credential.PUBLIC) for name in PUBLIC}
    for roles, names in READS:
        made |= {name: Gate(_face(name), roles) for name in names.split()}
    made |= {f"web.{name}": Gate(Credential.SESSION, ACTS[act].roles, act) for name, act in PERFORMED.items()}
    api = BY_HAND | {name.replace(".", "_"): name for name in ACTS if name not in asking.BY_HAND}
    made |= {f"api.{name}": Gate(Credential.BEARER, ACTS[act].roles, act) for name, act in api.items()}
    made |= {f"api.{name}": Gate(Credential.DEVICE, ACTS[act].roles, act) for name, act in SENT.items()}
    made |= {name: Gate(Credential.DEVICE, frozenset({R.DEVICE})) for name in FEEDS}
    return made


def _face(endpoint: str) -> Credential:
    return Credential.BEARER if endpoint.startswith("api.") else Credential.SESSION


ROUTES = _table()


def gate(endpoint: str, told: Mapping[str, Any]) -> Gate:
    """What this address asks for; `told` is what its path says."""
    if endpoint in GENERIC:
        act = next(
            name for name in ACTS if (asking.plural(ACTS[name].noun), ACTS[name].verb) == (told["nouns"], told["verb"])
        )
        return Gate(Credential.SESSION, ACTS[act].roles, act)
    return ROUTES.get(endpoint, Gate(_face(endpoint), frozenset()))


def guard(endpoint: str, told: Mapping[str, Any], *, writes: bool, act_id: str = "") -> None:
    """Refuse who may not come here, before anything that they sent is read.

    Whoever asks for an act that is not theirs is refused by the door, which writes it down.
    """
    found, who, now = gate(endpoint, told), asking.actor(), asking.store().clock()
    if found.roles & who.roles(now) if found.act else who.holds(found.roles, now):
        asking.looked(told)
        return
    if endpoint in ONES_OWN and told.get(ONES_OWN[endpoint]) == who.person_id:
        asking.looked(told)
        return
    if found.act and writes:
        about = next((value for name, value in told.items() if name.endswith("_id")), None)
        asking.turn_away(found.act, act_id, about)
        return
    raise Refused("not_permitted", act=found.act or endpoint, roles=sorted(found.roles - {Role.SYSTEM}))
