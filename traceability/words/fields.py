"""What a field is called, and what stands below it. `noun.verb.name` goes before `name`: one word, two meanings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from traceability.words.said import N_, Said, pgettext


class FieldWords(NamedTuple):
    label: Said
    hint: str = ""


FIELDS: Mapping[str, FieldWords] = {
    # of any act
    "occurred_at": FieldWords(pgettext("field", "When it happened"), N_("Empty: now.")),
    "source": FieldWords(pgettext("field", "How it is known"), N_("Empty: entered as it happened.")),
    "reason": FieldWords(pgettext("field", "Reason"), N_("It stands in the record and can be read by inspectors.")),
    "signatures": FieldWords(pgettext("field", "Signatures")),
    "username": FieldWords(pgettext("field", "Username")),
    "password": FieldWords(pgettext("field", "Password"), N_("Fresh for every signature.")),
    "meaning": FieldWords(pgettext("field", "What the signature says")),
    # who, where, what: chosen from a list
    "organisation_id": FieldWords(pgettext("field", "Organisation")),
    "site_id": FieldWords(pgettext("field", "Site")),
    "from_site_id": FieldWords(pgettext("field", "From site")),
    "to_site_id": FieldWords(pgettext("field", "To site")),
    "place_id": FieldWords(pgettext("field", "Place"), N_("Scan the place, or choose it.")),
    "target_place_id": FieldWords(pgettext("field", "To which place"), N_("Scan the place, or choose it.")),
    "place.move_all.codes": FieldWords(
        pgettext("field", "Vials scanned on the way"), N_("At least one; every tenth is a good sample.")
    ),
    "person_id": FieldWords(pgettext("field", "Person")),
    "product_id": FieldWords(pgettext("field", "Product")),
    "product_version_id": FieldWords(pgettext("field", "Product and version")),
    "material_ids": FieldWords(
        pgettext("field", "Made of"), N_("Harvests, banks and reagents; what they came from follows.")
    ),
    "parent_ids": FieldWords(pgettext("field", "Made from"), N_("Whatever it came from.")),
    "consignee_ids": FieldWords(pgettext("field", "For"), N_("Hospitals that are to receive vials: they see the lot.")),
    "lot_id": FieldWords(pgettext("field", "Lot")),
    "vial_id": FieldWords(pgettext("field", "Vial")),
    "vial_ids": FieldWords(pgettext("field", "Vials")),
    "consignment_id": FieldWords(pgettext("field", "Consignment")),
    "attachment_id": FieldWords(pgettext("field", "File"), N_("Attach it first, then choose it here.")),
    "credential_id": FieldWords(pgettext("field", "Certificate or licence")),
    "specification_id": FieldWords(pgettext("field", "Test")),
    "result_id": FieldWords(pgettext("field", "Result")),
    "result_ids": FieldWords(
        pgettext("field", "Results"),
        N_("Those whose entry and source you have looked at. One signature stands for all of them."),
    ),
    "release_id": FieldWords(pgettext("field", "Release")),
    "hold_id": FieldWords(pgettext("field", "Hold")),
    "recall_id": FieldWords(pgettext("field", "Recall")),
    "stocktake_id": FieldWords(pgettext("field", "Count of a place")),
    "empty": FieldWords(
        pgettext("field", "Nothing lies there"), N_("Where nothing was scanned because nothing is there.")
    ),
    "case_id": FieldWords(pgettext("field", "Case")),
    "grant_id": FieldWords(pgettext("field", "Role")),
    "document_id": FieldWords(pgettext("field", "Document")),
    "noun_id": FieldWords(pgettext("field", "About")),
    "drawn": FieldWords(pgettext("field", "Document as it was drawn")),
    "target_ids": FieldWords(pgettext("field", "What it covers")),
    # people
    "name": FieldWords(pgettext("field", "Name")),
    "title": FieldWords(pgettext("field", "Title"), N_("In a few words: it stands wherever this is named.")),
    "person.enrol.username": FieldWords(
        pgettext("field", "Username"), N_("2 to 63 small letters, digits, dots, hyphens, underscores.")
    ),
    "person.enrol.title": FieldWords(pgettext("field", "Title or post"), N_("As it is printed beside the name.")),
    "keep": FieldWords(pgettext("field", "Session that goes on")),
    "password_hash": FieldWords(pgettext("field", "Password"), N_("12 to 256 characters.")),
    "device_id": FieldWords(pgettext("field", "Device")),
    "key_hash": FieldWords(pgettext("field", "Key"), N_("Kept as a hash.")),
    "must_change": FieldWords(pgettext("field", "Has to be changed at sign-in")),
    "language": FieldWords(pgettext("field", "Language")),
    "role": FieldWords(pgettext("field", "Role")),
    "training": FieldWords(pgettext("field", "Training"), N_("The training that this role rests on, with its date.")),
    "grant.give.lot_id": FieldWords(pgettext("field", "Only this lot"), N_("For an inspector. Empty: everything.")),
    "grant.give.site_id": FieldWords(pgettext("field", "Only at this site"), N_("Empty: at every site.")),
    # places and products
    "kind": FieldWords(pgettext("field", "Kind")),
    "code": FieldWords(pgettext("field", "Code"), N_("Scan it.")),
    "place.open.code": FieldWords(pgettext("field", "Code"), N_("As it hangs on the door: F-01.")),
    "material.record.code": FieldWords(pgettext("field", "Code"), N_("No name and no number of a person.")),
    "zone": FieldWords(pgettext("field", "Time zone"), N_("Expiry dates end at its midnight.")),
    "gln": FieldWords(pgettext("field", "GLN"), N_("13 digits.")),
    "quarantine": FieldWords(pgettext("field", "For vials that are not released")),
    "longest_age_s": FieldWords(
        pgettext("field", "Oldest reading"), N_("How old the last reading may be before the temperature is unknown.")
    ),
    "longest_s": FieldWords(
        pgettext("field", "Longest stay"), N_("How long the assumption holds for one vial at a time.")
    ),
    "low_mc": FieldWords(pgettext("field", "Lowest")),
    "high_mc": FieldWords(pgettext("field", "Highest")),
    "direction": FieldWords(pgettext("field", "Which way")),
    "mode": FieldWords(pgettext("field", "When it counts")),
    "threshold_mc": FieldWords(
        pgettext("field", "Beyond"), N_("Empty: beyond the limit of each product that lies there.")
    ),
    "duration_s": FieldWords(
        pgettext("field", "For"), N_("At a stretch, or added up. Leave it empty where it counts at once.")
    ),
    "window_s": FieldWords(pgettext("field", "Added up within"), N_("Only where it is added up. Empty: a day.")),
    "alarm_id": FieldWords(pgettext("field", "Alarm")),
    "contact_id": FieldWords(pgettext("field", "Contact")),
    "channel": FieldWords(pgettext("field", "By what way")),
    "address": FieldWords(pgettext("field", "Address"), N_("An e-mail address, or the https address of a program.")),
    "of_alarms": FieldWords(pgettext("field", "Told of alarms"), N_("Out of limits, or a sensor is silent.")),
    "of_due": FieldWords(pgettext("field", "Told of what is due"), N_("Cases and actions, papers that end, reviews.")),
    "of_recalls": FieldWords(
        pgettext("field", "Told of recalls"), N_("Real and mock ones: at once, and every day once the answer is late.")
    ),
    "after_s": FieldWords(
        pgettext("field", "Told after"), N_("When nobody has acknowledged the alarm for so long. 0: at once.")
    ),
    "rule_id": FieldWords(pgettext("field", "Alarm rule")),
    "preset": FieldWords(pgettext("field", "Standard"), N_("Made for vaccines. Take it only for what it is made for.")),
    "place.set_alarm.name": FieldWords(pgettext("field", "Name"), N_("As people say it: 30 minutes above the limit.")),
    "now_mc": FieldWords(pgettext("field", "Now")),
    "place.read.low_mc": FieldWords(pgettext("field", "Lowest since the last reading")),
    "place.read.high_mc": FieldWords(pgettext("field", "Highest since the last reading")),
    "place.read.since": FieldWords(pgettext("field", "Since"), N_("Empty: since the last reading.")),
    "temperature_mc": FieldWords(pgettext("field", "Temperature at the door"), N_("Empty: not read.")),
    "gtin": FieldWords(pgettext("field", "GTIN"), N_("14 digits; the last one checks the others.")),
    "volume_ul": FieldWords(pgettext("field", "Volume")),
    "thaw_s": FieldWords(pgettext("field", "Usable after thaw"), N_("Empty: not stated, and a thawed vial asks QA.")),
    "in_use_s": FieldWords(pgettext("field", "Usable once opened"), N_("Empty: not stated.")),
    "budget_s": FieldWords(pgettext("field", "Allowed out of storage"), N_("All stays outside the limits, added up.")),
    "strength": FieldWords(pgettext("field", "Strength"), N_("Empty: the label says that it is not stated.")),
    "freeze_sensitive": FieldWords(pgettext("field", "Spoilt by freezing")),
    "mkt_applies": FieldWords(pgettext("field", "Mean kinetic temperature may be used")),
    "description": FieldWords(pgettext("field", "Description")),
    # papers
    "number": FieldWords(pgettext("field", "Number")),
    "lot.announce.number": FieldWords(pgettext("field", "Lot number"), N_("At most 20 characters, as on the label.")),
    "issuer": FieldWords(pgettext("field", "Issued by")),
    "scope": FieldWords(pgettext("field", "Covers"), N_("As the paper says it.")),
    "valid_from": FieldWords(pgettext("field", "Valid from"), N_("Empty: not reported.")),
    "valid_until": FieldWords(pgettext("field", "Valid until"), N_("Empty: not reported.")),
    "suspended_from": FieldWords(
        pgettext("field", "Suspended from"), N_("Lots made since then that no other paper covers are held at once.")
    ),
    "suspended_until": FieldWords(
        pgettext("field", "Suspended through"), N_("The last day on which it did not count.")
    ),
    "sha256": FieldWords(pgettext("field", "SHA-256")),
    "media_type": FieldWords(pgettext("field", "Type of file")),
    "size": FieldWords(pgettext("field", "Size"), N_("In bytes.")),
    "lot.attach.name": FieldWords(pgettext("field", "File name")),
    "day": FieldWords(pgettext("field", "Day")),
    # lots and labels
    "made_on": FieldWords(pgettext("field", "Made on")),
    "expires": FieldWords(pgettext("field", "Expires"), N_("Usable to the end of this day where it is used.")),
    "route": FieldWords(pgettext("field", "Legal route"), N_("It decides what the label says.")),
    "route_number": FieldWords(
        pgettext("field", "Number of the route"), N_("Marketing authorisation, trial or designation.")
    ),
    "serials": FieldWords(
        pgettext("field", "Serials"), N_("One a line, as the maker gave them. Empty: the system makes them.")
    ),
    "count": FieldWords(pgettext("field", "Number of vials"), N_("Where no serials are listed.")),
    "overlabelled": FieldWords(
        pgettext("field", "The maker gives no serials"),
        N_("Each vial gets a number of this hospital, which its over-label carries. Leave the serials empty."),
    ),
    "vial.add_alias.code": FieldWords(pgettext("field", "Code of the vial itself"), N_("Scan it.")),
    "alias": FieldWords(pgettext("field", "Code of BPOM"), N_("Scan it beside the code of the vial.")),
    "certified_on": FieldWords(pgettext("field", "Certified on"), N_("The date on the certificate.")),
    "statement": FieldWords(pgettext("field", "Statement"), N_("The sentence of the certificate, word for word.")),
    "layout": FieldWords(pgettext("field", "Label size")),
    # on the way
    "sscc": FieldWords(pgettext("field", "SSCC"), N_("18 digits, on the box.")),
    "shipper_name": FieldWords(pgettext("field", "Name of the shipper"), N_("Empty: its SSCC.")),
    "carrier": FieldWords(pgettext("field", "Carrier"), N_("Who hands it over.")),
    "seal": FieldWords(pgettext("field", "Seal number")),
    "seal_whole": FieldWords(pgettext("field", "The seal is whole")),
    "condition": FieldWords(pgettext("field", "State of the box"), N_("Ice left, dents, damp: what you see.")),
    "lot.release.condition": FieldWords(
        pgettext("field", "Condition"), N_("For a conditional release: what has to be kept.")
    ),
    "broken": FieldWords(pgettext("field", "The vial is broken")),
    "log": FieldWords(pgettext("field", "Logger file"), N_("Elitech report or plain CSV.")),
    # quality
    "test": FieldWords(pgettext("field", "Test")),
    "method": FieldWords(pgettext("field", "Method")),
    "unit": FieldWords(pgettext("field", "Unit")),
    "low": FieldWords(pgettext("field", "Lower limit"), N_("Empty: none.")),
    "high": FieldWords(pgettext("field", "Upper limit"), N_("Empty: none.")),
    "expected": FieldWords(pgettext("field", "Expected word"), N_("Instead of limits: no growth.")),
    "mandatory": FieldWords(pgettext("field", "Needed for release")),
    "specification.issue.valid_from": FieldWords(
        pgettext("field", "In force from"), N_("Empty: from today. A lot made or tested later is held against it.")
    ),
    "specification.issue.valid_until": FieldWords(
        pgettext("field", "In force through"), N_("Empty: until a later version begins.")
    ),
    "lot.restate_expiry.attachment_id": FieldWords(
        pgettext("field", "Document"), N_("The statement that gives the new date, attached to the lot.")
    ),
    "lot.transcribe_expiry.attachment_id": FieldWords(
        pgettext("field", "The maker’s document"), N_("The statement that gives the new date, attached to the lot.")
    ),
    "outcome": FieldWords(pgettext("field", "What was found")),
    "stands_id": FieldWords(
        pgettext("field", "Which result stands"),
        N_("After a mistake of the laboratory: a later, reviewed result of the same test."),
    ),
    "result.conclude.attachment_id": FieldWords(
        pgettext("field", "Evidence"),
        N_("The report of the investigation, attached to the lot. A mistake is not taken without it."),
    ),
    "lot.release_named.course_id": FieldWords(pgettext("field", "For the course of")),
    "signers": FieldWords(pgettext("field", "People of QA who sign a release"), N_("1 or 2.")),
    "file": FieldWords(pgettext("field", "File of the laboratory"), N_("CSV or JSON.")),
    "recall.start.mandatory": FieldWords(pgettext("field", "Ordered by an authority")),
    "value": FieldWords(pgettext("field", "Result"), N_("As its source writes it, with a decimal point.")),
    "tested_on": FieldWords(pgettext("field", "Tested on")),
    "dossier_digest": FieldWords(pgettext("field", "Digest of the dossier"), N_("What the signature covers.")),
    "until": FieldWords(pgettext("field", "Until"), N_("Empty: without end.")),
    "since": FieldWords(pgettext("field", "From"), N_("Empty: from now.")),
    "hold.place.since": FieldWords(
        pgettext("field", "From"), N_("A place is covered for a time; everything else needs none.")
    ),
    "class_": FieldWords(pgettext("field", "Class"), N_("1 is the gravest.")),
    # recalls, and what is taken out of stock
    "hazard": FieldWords(
        pgettext("field", "Hazard, and what to do"),
        N_(
            "Whom it can harm and how; what is to be done with the vials. It is mailed to every house concerned: no patients."
        ),
    ),
    "contact_by": FieldWords(pgettext("field", "How")),
    "reached": FieldWords(pgettext("field", "Was the patient reached?")),
    "told": FieldWords(pgettext("field", "What was said"), N_("Erasable; of the patient only what has to stand here.")),
    "recall.check.effective": FieldWords(pgettext("field", "Did the recall arrive, and is it acted on?")),
    "observed": FieldWords(pgettext("field", "What was found")),
    "answer": FieldWords(
        pgettext("field", "What you found, and what you do"),
        N_("How many vials lie in quarantine, what is still looked for. No names of patients."),
    ),
    "recall.acknowledge.organisation_id": FieldWords(
        pgettext("field", "For which organisation"),
        N_("Empty: your own. Only a maker that never signs in is answered for."),
    ),
    "recall.close.reason": FieldWords(pgettext("field", "What it comes to")),
    "accepting": FieldWords(
        pgettext("field", "Close it with the vials that were not found"),
        N_("They are named in the record and you sign for it; write below where they were looked for."),
    ),
    "step": FieldWords(pgettext("field", "Step")),
    "within_s": FieldWords(pgettext("field", "Within"), N_("Counted from the start of the recall.")),
    "effective_from": FieldWords(pgettext("field", "Holds from")),
    "origin": FieldWords(
        pgettext("field", "By whose word"), N_("The order, law or procedure that says so, with its number.")
    ),
    "vial.destroy.method": FieldWords(pgettext("field", "How they were destroyed")),
    "removed_for": FieldWords(pgettext("field", "What for")),
    "vial.destroy.attachment_id": FieldWords(
        pgettext("field", "Evidence"), N_("A contractor’s certificate, attached to the lot before. Empty: none.")
    ),
    "vial.send_back.attachment_id": FieldWords(
        pgettext("field", "Waybill"), N_("A file attached to the lot before. Empty: none.")
    ),
    "vial.retain.place_id": FieldWords(pgettext("field", "Place"), N_("Empty: it stays where it lies.")),
    "recall.retrieve.place_id": FieldWords(
        pgettext("field", "Quarantine place"), N_("Empty: that of the site where the vial lies.")
    ),
    "figures_digest": FieldWords(pgettext("field", "Digest of the figures"), N_("What the signature covers.")),
    # the patient
    "identity": FieldWords(pgettext("field", "Identity"), N_("Kept apart and encrypted.")),
    "mrn": FieldWords(pgettext("field", "Medical record number")),
    "nik": FieldWords(pgettext("field", "National number (NIK)")),
    "born": FieldWords(pgettext("field", "Born on")),
    "wristband": FieldWords(pgettext("field", "Wristband"), N_("Scan it at the patient.")),
    "subject_id": FieldWords(pgettext("field", "Patient")),
    "consent_id": FieldWords(pgettext("field", "Consent")),
    "version": FieldWords(pgettext("field", "Version of the form")),
    "signed_at": FieldWords(pgettext("field", "Signed by the patient")),
    "protocol_version_id": FieldWords(pgettext("field", "Protocol and version")),
    "doses": FieldWords(pgettext("field", "Doses")),
    "interval_d": FieldWords(pgettext("field", "Days between doses")),
    "window_d": FieldWords(pgettext("field", "Days early or late")),
    "observation_min": FieldWords(pgettext("field", "Minutes of observation")),
    "joint": FieldWords(pgettext("field", "Joint")),
    "protocol.issue.volume_ul": FieldWords(pgettext("field", "Volume of a dose")),
    "laterality": FieldWords(pgettext("field", "Side"), N_("As the patient says it, not as you see it.")),
    "first_on": FieldWords(pgettext("field", "First dose on")),
    "compartment": FieldWords(pgettext("field", "Compartment"), N_("Empty: not reported.")),
    "course_id": FieldWords(pgettext("field", "Course")),
    "dose_id": FieldWords(pgettext("field", "Dose")),
    "order_id": FieldWords(pgettext("field", "Order")),
    "codes": FieldWords(pgettext("field", "Codes of the vials"), N_("Scan each vial.")),
    "given_ul": FieldWords(pgettext("field", "Given")),
    "discarded_ul": FieldWords(pgettext("field", "Discarded"), N_("Withdrawn is given and discarded together.")),
    "aspirated_ul": FieldWords(pgettext("field", "Aspirated first"), N_("Empty: not reported.")),
    "identifiers": FieldWords(
        pgettext("field", "Identified by"), N_("The two things that were compared: name, birth date, wristband.")
    ),
    "guidance": FieldWords(pgettext("field", "Guidance"), N_("Ultrasound, landmarks. Empty: not reported.")),
    "approach": FieldWords(pgettext("field", "Approach"), N_("Where the needle went in. Empty: not reported.")),
    "needle": FieldWords(pgettext("field", "Needle")),
    "skin_preparation": FieldWords(pgettext("field", "Skin preparation")),
    "vas_before": FieldWords(pgettext("field", "Pain before (VAS)"), N_("0 to 10. Empty: not reported.")),
    "vas_after": FieldWords(pgettext("field", "Pain after (VAS)"), N_("0 to 10. Empty: not reported.")),
    "inspection": FieldWords(pgettext("field", "Inspection of the vial"), N_("How it looked before it was drawn up.")),
    "concomitant": FieldWords(pgettext("field", "Given with it"), N_("Other medicines at the same time.")),
    "administration_id": FieldWords(pgettext("field", "Injection")),
    "given_at": FieldWords(pgettext("field", "When it was given")),
    "score_id": FieldWords(pgettext("field", "Score")),
    "not_reported": FieldWords(
        pgettext("field", "Not reported after all"), N_("Values that stand there and that nobody had told.")
    ),
    "began_at": FieldWords(pgettext("field", "Began")),
    "ended_at": FieldWords(pgettext("field", "Ended")),
    "reaction": FieldWords(pgettext("field", "A reaction was seen")),
    "administration.observe.description": FieldWords(
        pgettext("field", "What was seen"), N_("Needed where there was a reaction.")
    ),
    # outcomes
    "instrument": FieldWords(pgettext("field", "Instrument")),
    "instrument_version": FieldWords(pgettext("field", "Version of the instrument"), N_("Empty: not reported.")),
    "answers": FieldWords(
        pgettext("field", "Answers"), N_("One for each item, in the order of the form; empty: not answered.")
    ),
    "subscale": FieldWords(pgettext("field", "Subscale"), N_("Empty: the total.")),
    "raw": FieldWords(pgettext("field", "Score"), N_("As its source gives it.")),
    "score.record.low": FieldWords(pgettext("field", "Least possible"), N_("Empty: not reported.")),
    "score.record.high": FieldWords(pgettext("field", "Most possible"), N_("Empty: not reported.")),
    "told_by": FieldWords(pgettext("field", "Source"), N_("Who or what says so.")),
    "time_point": FieldWords(pgettext("field", "Time point")),
    "observed_on": FieldWords(pgettext("field", "Observed on"), N_("Empty: not reported.")),
    "reader": FieldWords(pgettext("field", "Read by"), N_("Empty: not reported.")),
    "score_ids": FieldWords(pgettext("field", "Scores that differ")),
    "chosen_id": FieldWords(pgettext("field", "The one taken to be right")),
    "asked": FieldWords(pgettext("field", "Harm"), N_("“None” is an answer; “not asked” is none.")),
    "event.record.description": FieldWords(pgettext("field", "What happened")),
    "grade": FieldWords(pgettext("field", "Grade"), N_("1 to 5.")),
    "serious": FieldWords(pgettext("field", "Serious")),
    "window": FieldWords(pgettext("field", "Over which time"), N_("What the question covered: since the first dose.")),
    "forms": FieldWords(pgettext("field", "Questionnaires")),
    "valid_h": FieldWords(pgettext("field", "Opens for"), N_("In hours, at most two weeks.")),
    "token_hash": FieldWords(pgettext("field", "Token, hashed")),
    "form_link_id": FieldWords(pgettext("field", "Link of the patient")),
    "kiosk": FieldWords(pgettext("field", "On the device of the clinic")),
    "projection": FieldWords(pgettext("field", "Projection")),
    "taken_on": FieldWords(pgettext("field", "Taken on")),
    "kl_grade": FieldWords(pgettext("field", "Kellgren–Lawrence grade"), N_("0 to 4, as you read it yourself.")),
    "score.record.unit": FieldWords(pgettext("field", "Unit"), N_("Of a biomarker or of MRI T2; empty for a score.")),
    "event_id": FieldWords(pgettext("field", "Event")),
    "event.record.course_id": FieldWords(pgettext("field", "Course")),
    "event.record.outcome": FieldWords(pgettext("field", "Outcome of the event")),
    "narrative": FieldWords(pgettext("field", "What happened, at length")),
    "term": FieldWords(pgettext("field", "Term"), N_("As CTCAE calls it.")),
    "criteria": FieldWords(pgettext("field", "Serious because")),
    "onset_on": FieldWords(pgettext("field", "Day it began"), N_("Empty: unknown.")),
    "onset_at": FieldWords(pgettext("field", "Moment it began"), N_("Where it is known to the minute.")),
    "ended_on": FieldWords(pgettext("field", "Day it ended"), N_("Empty: unknown, or it goes on.")),
    "dechallenge": FieldWords(pgettext("field", "It got better when stopped")),
    "rechallenge": FieldWords(pgettext("field", "It came back when given again")),
    "report_origin": FieldWords(pgettext("field", "Where the report comes from")),
    "history": FieldWords(
        pgettext("field", "Other history"), N_("Diagnoses, allergies, pregnancy. No names of patients.")
    ),
    "age_y": FieldWords(pgettext("field", "Age in years, then")),
    "sex": FieldWords(pgettext("field", "Sex")),
    "follows_id": FieldWords(pgettext("field", "The telling that it replaces")),
    "causality": FieldWords(pgettext("field", "Of the product"), N_("In the words of WHO-UMC.")),
    "expectedness": FieldWords(pgettext("field", "Expected"), N_("By what the reference document names.")),
    "reference": FieldWords(
        pgettext("field", "Reference document"), N_("With its version. Needed where it is expected or unexpected.")
    ),
    "recipient": FieldWords(pgettext("field", "Reported to")),
    "receiver": FieldWords(pgettext("field", "Who there"), N_("The office that received it.")),
    "event.report.number": FieldWords(pgettext("field", "Their number"), N_("Empty: none was given.")),
    "complete": FieldWords(pgettext("field", "This was the whole report"), N_("As complete as it can be made.")),
    "reported_on": FieldWords(pgettext("field", "Reported on")),
    "telling_id": FieldWords(
        pgettext("field", "What was reported"),
        N_(
            "The telling, and when it was heard. Left open: the last one from before that day that is as grave as the event"
            " counts, else the first. One that says less answers nothing that is owed."
        ),
    ),
    "expedited": FieldWords(pgettext("field", "What is owed")),
    # what measures, and what was out of limits
    "serial": FieldWords(pgettext("field", "Serial")),
    "product.add_band.threshold_mc": FieldWords(pgettext("field", "Beyond"), N_("Outside the limits of storage.")),
    "allowed_s": FieldWords(pgettext("field", "Allowed"), N_("Of the time out of storage, added up.")),
    "sensor_id": FieldWords(pgettext("field", "Sensor")),
    "excursion_id": FieldWords(pgettext("field", "Excursion")),
    "interval_s": FieldWords(pgettext("field", "It measures every")),
    "maker": FieldWords(pgettext("field", "Its maker")),
    "giai": FieldWords(pgettext("field", "GIAI"), N_("The number of the device, 8004 on its label.")),
    "live": FieldWords(pgettext("field", "Its readings come by themselves"), N_("Then its silence is an alarm.")),
    "certificate": FieldWords(pgettext("field", "Calibration certificate")),
    "calibrated_from": FieldWords(pgettext("field", "Calibrated from")),
    "calibrated_until": FieldWords(pgettext("field", "Calibrated until")),
    "sensor.calibrate.valid_from": FieldWords(pgettext("field", "Calibrated from")),
    "sensor.calibrate.valid_until": FieldWords(pgettext("field", "Calibrated until")),
    "sensor.register.zone": FieldWords(pgettext("field", "Time zone of its clock"), N_("Where its files name none.")),
    "confirmed": FieldWords(pgettext("field", "What you were shown")),
    "readings": FieldWords(pgettext("field", "Readings")),
    "excursion.close.until": FieldWords(pgettext("field", "It ended")),
    "decision": FieldWords(pgettext("field", "Decision")),
    "excursion.dispose.until": FieldWords(
        pgettext("field", "Last day of use"), N_("Only where it may be used until a day.")
    ),
    "statement_id": FieldWords(
        pgettext("field", "Stability statement"), N_("A file of this kind of the lot, attached there.")
    ),
    # cases
    "owner_id": FieldWords(pgettext("field", "Who answers for it"), N_("Somebody of this house.")),
    "severity": FieldWords(pgettext("field", "How grave")),
    "case_kind": FieldWords(pgettext("field", "Kind of case"), N_("Empty: of every kind that has no time of its own.")),
    "days": FieldWords(pgettext("field", "Days"), N_("From the day on which a case is opened.")),
    "rests_on": FieldWords(pgettext("field", "On what it rests"), N_("The regulation or the procedure that says so.")),
    "due_on": FieldWords(pgettext("field", "Due on")),
    "consignment.ship.due_on": FieldWords(pgettext("field", "Latest arrival"), N_("Empty: 7 days after shipping.")),
    "consignment.transfer.due_on": FieldWords(pgettext("field", "Latest arrival"), N_("Empty: 7 days after shipping.")),
    "case.open.description": FieldWords(
        pgettext("field", "What happened"), N_("What, where, when. No names of patients.")
    ),
    "case.open.lot_id": FieldWords(pgettext("field", "Lot"), N_("Empty: no lot is concerned, or it is not known.")),
    "case.open.code": FieldWords(pgettext("field", "Vial"), N_("Scan it, if one vial is concerned.")),
    "complainant": FieldWords(
        pgettext("field", "Who complained"),
        N_("Only of a complaint. A ward or a hospital; never the name of a patient."),
    ),
    "findings": FieldWords(
        pgettext("field", "What was found out"), N_("It stands; what is found later stands beside it.")
    ),
    "root_cause": FieldWords(
        pgettext("field", "Its cause"), N_("Empty: not known yet. A cause that cannot be found is written as that.")
    ),
    "lot_ids": FieldWords(
        pgettext("field", "Other lots"), N_("Those that share something with what the case is about.")
    ),
    "chosen": FieldWords(
        pgettext("field", "They are concerned"), N_("Otherwise: they are not, for the reason you write.")
    ),
    "place_hold": FieldWords(
        pgettext("field", "Hold them"), N_("Everything of them asks QA until the hold is lifted.")
    ),
    "case.dispose.target_ids": FieldWords(
        pgettext("field", "Of what"), N_("None ticked: of everything the case is about.")
    ),
    "case.dispose.decision": FieldWords(
        pgettext("field", "What becomes of it"), N_("Rejected, back or destroyed: it may not be used from now on.")
    ),
    "reply": FieldWords(pgettext("field", "Reply"), N_("What was answered, in a few sentences. No names of patients.")),
    "replied_on": FieldWords(pgettext("field", "Replied on")),
    "case.plan_action.title": FieldWords(pgettext("field", "What is to be done")),
    "case.plan_action.owner_id": FieldWords(pgettext("field", "Who does it")),
    "action_id": FieldWords(pgettext("field", "Action")),
    "evidence": FieldWords(pgettext("field", "What shows it"), N_("What was done, and where it can be seen.")),
    "check_on": FieldWords(
        pgettext("field", "Judged by"), N_("The day until which somebody else judges whether it helped.")
    ),
    "effective": FieldWords(pgettext("field", "It helped")),
    "judgement": FieldWords(
        pgettext("field", "By what one sees that"), N_("Figures, a count, a period without another case.")
    ),
    # the audit trail
    "through": FieldWords(pgettext("field", "Seen up to entry"), N_("All of the trail up to here, refusals too.")),
    "boxes_digest": FieldWords(
        pgettext("field", "Boxes of the trail"),
        N_("As the dossier gave it when the trail was read; a box since is refused."),
    ),
    "audit.review.lot_id": FieldWords(pgettext("field", "Of which lot"), N_("None: of the whole ledger.")),
    "material_id": FieldWords(pgettext("field", "Material")),
    "reactivity": FieldWords(
        pgettext("field", "Result of the test"), N_("What is not clearly negative holds everything made of it.")
    ),
    "laboratory": FieldWords(pgettext("field", "Laboratory"), N_("Who tested. No name of a donor.")),
    # who is there
    "purpose": FieldWords(pgettext("field", "What for"), N_("In a few words: leave until Monday, night of 4 May.")),
    "grant.hand_over.person_id": FieldWords(pgettext("field", "Who stands in")),
    "grant.hand_over.role": FieldWords(pgettext("field", "Role"), N_("One that you hold yourself.")),
    "grant.hand_over.until": FieldWords(pgettext("field", "Until"), N_("It ends by itself, after 92 days at most.")),
    "shift_id": FieldWords(pgettext("field", "Shift")),
    "shift.plan.person_id": FieldWords(pgettext("field", "Who is on call")),
    "shift.plan.role": FieldWords(
        pgettext("field", "As what"), N_("QA, pharmacist, physician or maker’s QA; a role that they hold.")
    ),
    "shift.plan.since": FieldWords(pgettext("field", "From")),
    "shift.plan.until": FieldWords(pgettext("field", "Until")),
    "reach": FieldWords(pgettext("field", "How they are reached"), N_("A number that somebody answers at night.")),
    "vial.issue_in_emergency.code": FieldWords(
        pgettext("field", "Code of the vial"), N_("Scan the vial that is handed out.")
    ),
    "thaw": FieldWords(pgettext("field", "It thaws from now"), N_("Thawing begins with it, and its clock runs.")),
    "justified": FieldWords(pgettext("field", "It was right to hand it out")),
    "subject.erase_identity.reason": FieldWords(
        pgettext("field", "Reason"),
        N_("It stands in the record. No names of patients. What is erased does not come back."),
    ),
    "compared": FieldWords(pgettext("field", "Compared")),
    "consent_form_id": FieldWords(pgettext("field", "Consent form")),
    "consent_form.draft.valid_from": FieldWords(pgettext("field", "To be signed from")),
    "consent_form.draft.version": FieldWords(pgettext("field", "Version"), N_("Without its language: v3.")),
    "renew": FieldWords(
        pgettext("field", "Whoever signed an earlier version signs again"),
        N_("From its day on, doses wait until the patient has signed this one."),
    ),
    "representative": FieldWords(pgettext("field", "Who signed"), N_("Their name as on the form.")),
    "relation": FieldWords(pgettext("field", "How they stand to the patient"), N_("Such as: mother, legal guardian.")),
    "into_id": FieldWords(pgettext("field", "The pseudonym that stands")),
    "certain": FieldWords(
        pgettext("field", "It is one person all the same"),
        N_("What was compared speaks against it. QA is one of the two who sign."),
    ),
    "opening.review.justified": FieldWords(pgettext("field", "It was right to look")),
    "opening.review.review": FieldWords(
        pgettext("field", "What QA found"), N_("Whether the reason holds, and what follows.")
    ),
    "opening_id": FieldWords(pgettext("field", "Opened identity")),
    "review": FieldWords(pgettext("field", "What QA found"), N_("Why nobody could be reached, and what follows.")),
    "asked_by": FieldWords(pgettext("field", "Asked for by")),
    "made": FieldWords(pgettext("field", "Evidence package")),
    "ledger": FieldWords(pgettext("field", "Ledger of")),
    "format": FieldWords(pgettext("field", "As what file")),
    "taken": FieldWords(pgettext("field", "What was taken out")),
    # training, and who may do what
    "training_id": FieldWords(pgettext("field", "Training")),
    "training_need_id": FieldWords(pgettext("field", "Training that a role asks for")),
    "topic": FieldWords(
        pgettext("field", "Topic"),
        N_("Its code in the house’s training plan: SOP-12. The same code wherever it is asked for."),
    ),
    "held_on": FieldWords(pgettext("field", "Held on")),
    "training.record.valid_until": FieldWords(
        pgettext("field", "Valid until"),
        N_("Its last day. Empty: not known; then it does not count where a role asks for it."),
    ),
    "grants_sha256": FieldWords(pgettext("field", "Digest of the roles shown")),
    "next_in_d": FieldWords(pgettext("field", "Days to the next review"), N_("From 7 to 730.")),
    # what a protocol plans, and under which papers
    "course.plan.site_id": FieldWords(
        pgettext("field", "Site"), N_("Where the doses are given. Empty: the one at which you work.")
    ),
    "credential.record.product_id": FieldWords(
        pgettext("field", "Of one product"),
        N_("A hospital’s approval of this product alone. Empty: as its scope says."),
    ),
    "protocol.issue.route": FieldWords(
        pgettext("field", "Legal route"), N_("It decides which papers have to be named.")
    ),
    "approval_number": FieldWords(
        pgettext("field", "Number of the approval"),
        N_(
            "Of the designation for a service, of the approval for a trial, of the marketing authorisation for a registered product."
        ),
    ),
    "ethics_number": FieldWords(
        pgettext("field", "Number of the ethics approval"),
        N_("For a service and for a trial. Without it no course is planned."),
    ),
    "visits": FieldWords(
        pgettext("field", "Visits"), N_("Time point, days after the first injection, days early or late.")
    ),
    "calendar_site_id": FieldWords(
        pgettext("field", "Calendar of"),
        N_("A calendar shows pseudonyms, knees and doses, and nobody’s name. Empty: it sends readings."),
    ),
}
