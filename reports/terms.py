"""The stored words of the record in the language of paper: roles, meanings, custody, routes, rules.

A word without a term here is printed as it is stored, and a test fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from reports.page import Mark
from reports.words import Words
from traceability.domain.plots import Mark as Mark_
from traceability.domain.plots import MarkKind
from traceability.domain.rules import Finding


def role(_: Words, stored: str) -> str:
    return {
        "maker_qa": _("Quality assurance, maker"),
        "storekeeper": _("Storekeeper"),
        "pharmacist": _("Pharmacist"),
        "analyst": _("Analyst"),
        "quality": _("Quality assurance"),
        "physician": _("Physician"),
        "nurse": _("Nurse"),
        "witness": _("Witness"),
        "inspector": _("Inspector"),
        "administrator": _("Administrator"),
        "device": _("Device"),
        "system": _("System"),
    }.get(stored, stored)


def meaning(_: Words, stored: str) -> str:
    return {
        "certified": _("Certified"),
        "transcribed": _("Transcribed from the maker's certificate"),
        "verified": _("Verified against the source"),
        "handed_over": _("Handed over"),
        "received": _("Received"),
        "reviewed": _("Reviewed"),
        "released": _("Released for use"),
        "decided": _("Decided"),
        "recorded": _("Recorded"),
        "ordered": _("Ordered"),
        "given": _("Injected"),
        "witnessed": _("Witnessed: identity, product and side"),
        "adjudicated": _("Adjudicated"),
        "recalled": _("Recalled"),
        "approved": _("Approved"),
        "requested": _("Requested"),
        "destroyed": _("Destroyed"),
        "seen_destroyed": _("Saw it destroyed"),
        "delegated": _("Handed over for a time"),
        "trail_reviewed": _("Audit trail reviewed"),
    }.get(stored, stored)


def technique(_: Words, stored: str | None) -> str | None:
    """How it was done, as it was chosen at the bedside; what somebody wrote instead stands as written."""
    return {
        "ultrasound": _("ultrasound"),
        "fluoroscopy": _("fluoroscopy"),
        "landmarks": _("landmarks, no imaging"),
        "other": _("other"),
    }.get(stored or "", stored)


def identifiers(_: Words, stored: str | None) -> str | None:
    """By what the patient was known: each of the things that were ticked."""
    words = {
        "wristband": _("wristband"),
        "name": _("full name"),
        "birth date": _("birth date"),
        "spoken birth date": _("spoken birth date"),
        "address": _("address"),
        "record number": _("record number"),
    }
    return ", ".join(words.get(one, one) for one in stored.split(", ")) if stored else stored


def identity(_: Words, stored: str | None) -> str | None:
    """Whether it is on record who this is: the name itself is where identities are, and on no paper."""
    return {
        "apart": _("kept apart, under this pseudonym"),
        "erased": _("erased"),
    }.get(stored or "", stored)


def custody(_: Words, stored: str) -> str:
    return {
        "made": _("made, at the maker"),
        "in_transit": _("in transit"),
        "in_stock": _("in stock"),
        "reserved": _("reserved"),
        "issued": _("issued"),
        "back_in_pharmacy": _("back in pharmacy"),
        "given": _("given"),
        "discarded": _("discarded"),
        "destroyed": _("destroyed"),
        "sampled": _("sampled"),
        "retained": _("retained"),
        "lost": _("lost"),
        "sent_back": _("sent back"),
    }.get(stored, stored)


def bucket(_: Words, stored: str) -> str:
    return {
        "in_stock": _("In stock"),
        "in_transit": _("In transit"),
        "issued": _("Issued"),
        "administered": _("Administered"),
        "wasted": _("Wasted"),
        "destroyed": _("Destroyed"),
        "retained": _("Retained"),
        "returned": _("Returned"),
        "missing": _("Missing"),
    }.get(stored, stored)


def consignment(_: Words, stored: str) -> str:
    return {
        "expected": _("expected"),
        "arrived": _("arrived"),
        "checked_in": _("checked in"),
        "turned_away": _("turned away"),
        "closed": _("closed"),
    }.get(stored, stored)


def counted(_: Words) -> Mapping[str, str]:
    return {
        "shipped": _("not counted"),
        "ok": _("whole"),
        "broken": _("broken"),
        "absent": _("absent"),
        "extra": _("extra"),
    }


def found(_: Words, counts: Mapping[str, int]) -> str:
    said = counted(_)
    return _.listed(f"{_.number(count)} {said.get(word, word)}" for word, count in counts.items() if count)


def title(_: Words, told: str) -> str:
    """The title that an act gave to a case or a hold: behind its number the codes as words. What a person wrote stands."""
    made = re.fullmatch(r"([A-Z]{1,3}-\d+: |[A-Z0-9]{6}, [^:]+: |Vial \S+, [a-z_]+: )(.*)", told, re.DOTALL)
    if made is None:
        return told
    head, rest = made.groups()
    if vial := re.fullmatch(r"Vial (\S+), ([a-z_]+): ", head):
        head = f"Vial {vial[1]}, {custody(_, vial[2])}: "
    said = counted(_)
    for english in ("dose given against", "not on record"):
        rest = rest.replace(
            english, {"dose given against": _("dose given against"), "not on record": _("not on record")}[english]
        )

    def word(code: re.Match[str]) -> str:
        known = rule(_, code[0])
        return f"“{known}”" if known != code[0] else said.get(code[0], code[0])

    return head + re.sub(r"(?<![\w-])[a-z]+(?:_[a-z]+)*(?![\w-])", word, rest)


def route(_: Words, stored: str) -> str:
    return {
        "marketed": _("Marketed"),
        "trial": _("Clinical trial"),
        "service": _("Research-based service"),
    }.get(stored, stored)


def paper(_: Words, stored: str) -> str:
    return {
        "gmp": _("GMP certificate"),
        "licence": _("Licence"),
        "designation": _("Designation"),
        "ethics": _("Ethics approval"),
        "trial": _("Trial approval"),
    }.get(stored, stored)


def material(_: Words, stored: str) -> str:
    return {
        "donor": _("Donor"),
        "bank": _("Cell bank"),
        "harvest": _("Harvest"),
        "reagent": _("Reagent"),
    }.get(stored, stored)


def case(_: Words, stored: str) -> str:
    return {
        "count_differs": _("Count differs"),
        "excursion": _("Excursion"),
        "impermissible_dose": _("Impermissible dose"),
        "loss": _("Loss"),
        "label_contradiction": _("Label contradicts the record"),
        "contradiction": _("Told otherwise than recorded"),
        "deviation": _("Deviation"),
        "complaint": _("Complaint"),
        "adverse_event": _("Serious adverse event"),
        "out_of_specification": _("Out of specification"),
        "emergency_issue": _("Emergency issue"),
        "donor_result": _("Late result of a donor"),
    }.get(stored, stored)


def severity(_: Words, stored: str) -> str:
    return {"minor": _("Minor"), "major": _("Major"), "critical": _("Critical")}.get(stored, stored)


def case_decision(_: Words, stored: str) -> str:
    return {
        "use": _("may be used"),
        "reject": _("rejected"),
        "return": _("back to the maker"),
        "destroy": _("to be destroyed"),
        "none_needed": _("nothing to decide"),
    }.get(stored, stored)


def ground(_: Words, stored: str) -> str:
    return {
        "ancestor": _("Made of the same"),
        "place": _("Lay in one place at one time"),
        "shipment": _("Came in one box"),
        "day": _("Made on one day"),
    }.get(stored, stored)


def reactivity(_: Words, stored: str) -> Mark:
    return {
        "reactive": Mark("stop", _("Reactive")),
        "inconclusive": Mark("ask", _("Inconclusive")),
        "non_reactive": Mark("ok", _("Not reactive")),
    }[stored]


def action(_: Words, stored: str) -> str:
    return {"corrective": _("corrective"), "preventive": _("preventive")}.get(stored, stored)


def step(_: Words, stored: str) -> str:
    return {
        "owner": _("Handed over to"),
        "grade": _("Judged"),
        "due": _("Due on another day"),
        "shut": _("Closed"),
        "reopened": _("Opened again"),
    }.get(stored, stored)


def lot(_: Words, stored: str) -> str:
    return {"announced": _("announced"), "certified": _("certified"), "declined": _("declined")}.get(stored, stored)


def release(_: Words, stored: str) -> str:
    return {
        "full": _("Full"),
        "conditional": _("Conditional"),
        "named_patient": _("Named patient"),
    }.get(stored, stored)


def knee(_: Words, joint: str, laterality: str) -> str:
    return {
        ("knee", "right"): _("Right knee"),
        ("knee", "left"): _("Left knee"),
    }.get((joint, laterality), f"{joint} {laterality}")


def consent(_: Words, stored: str) -> str:
    return {"therapy": _("Therapy"), "data": _("Data"), "images": _("Images")}.get(stored, stored)


def covers(_: Words, counts: Mapping[str, int]) -> str:
    """What a hold or a recall lies over."""
    said = {
        "vial": _("vials"),
        "lot": _("this lot"),
        "consignment": _("consignments"),
        "place": _("places"),
        "material": _("materials"),
        "maker": _("everything of the maker"),
        "site": _("sites"),
    }
    alone = ("lot", "maker")
    return _.listed(
        said.get(kind, kind) if kind in alone else f"{_.number(count)} {said.get(kind, kind)}"
        for kind, count in counts.items()
    )


def mode(_: Words, stored: str) -> str:
    return {
        "live": _("as it happened"),
        "late": _("afterwards"),
        "transcribed": _("transcribed from paper"),
    }.get(stored, stored)


def judged_afterwards(_: Words, *, permit_asked: bool) -> str:
    """What a record that was made afterwards was judged by, and that the permit may not be part of it."""
    if permit_asked:
        return _("Recorded afterwards: the rules were judged as of then, with what is known now.")
    return _(
        "Recorded afterwards: whether it had its permit at the bedside was not asked, and the rules were judged as of then,"
        " with what is known now."
    )


def time_point(_: Words, stored: str) -> str:
    return {
        "baseline": _("baseline"),
        "after_series": _("after the series"),
        "month_2": _("month 2"),
        "month_4": _("month 4"),
        "month_6": _("month 6"),
        "follow_up": _("follow-up"),
    }.get(stored, stored)


def asked(_: Words, stored: str) -> str:
    """Whether harm was asked for: "not asked" is never "none" (R53)."""
    return {
        "none": _("Adverse events were asked for: none."),
        "not_asked": _("Adverse events were not asked for."),
        "yes": _("Adverse event:"),
    }.get(stored, stored)


def purpose(_: Words, stored: str) -> str:
    return {"stock": _("in stock"), "issue": _("at issue"), "bedside": _("at the bedside")}.get(stored, stored)


def verdict(_: Words, stored: str) -> Mark:
    shape, word = {
        "use": ("ok", _("USE")),
        "do_not_use": ("stop", _("DO NOT USE")),
        "ask_qa": ("ask", _("ASK QA")),
    }.get(stored, ("ask", stored))
    return Mark(shape, word)


def change(_: Words, stored: str) -> str:
    return {
        "result": _("Result"),
        "expiry": _("Expiry"),
    }.get(stored, stored)


def answer(_: Words, finding: Finding) -> Mark:
    """Whether a rule holds, by shape and word."""
    if finding.holds is None:
        return Mark("ask", _("Unknown"))
    return Mark("ok", _("Met")) if finding.holds else Mark("stop", _("Not met"))


def rule(_: Words, code: str) -> str:
    """What a rule asks for, said so that "met" answers it."""
    return {
        # may these vials be released
        "lot_certified": _("The maker's word for the lot is on record"),
        "certificate_attached": _("Certificate of analysis attached"),
        "gmp_valid": _("Made under a valid GMP certificate"),
        "licence_valid": _("Made under a valid licence"),
        "route_allowed": _("The legal route is open"),
        "still_fresh": _("Not expired"),
        "count_cleared": _("Every vial counted whole on arrival"),
        "in_stock": _("Every vial lies in stock"),
        "labels_back": _("Every label scanned back"),
        "transport_measured": _("The transport was measured throughout"),
        "storage_known": _("Temperature known at every moment"),
        "excursions_decided": _("Every excursion decided"),
        "budgets_left": _("Time out of storage within its limit"),
        "no_stop": _("No hold and no recall"),
        "results_complete": _("Every test has a result"),
        "results_conform": _("Every result within its limits"),
        "results_reviewed": _("Every result reviewed by somebody else"),
        "outside_answered": _("Every result outside its limits answered for"),
        "independent": _("Who releases entered no result and did not certify"),
        "audit_reviewed": _("Audit trail reviewed to its last entry"),
        "not_released_yet": _("No vial under another release"),
        # may this vial be used
        "given": _("Not given before"),
        "gone": _("Not discarded, destroyed or sent back"),
        "recalled": _("Not recalled"),
        "expired": _("Not expired"),
        "none_rejected": _("No chosen vial was rejected"),
        "rejected": _("The vial was not rejected after an excursion"),
        "shortened": _("No earlier last day of use has passed"),
        "lot_declined": _("The lot was not declined"),
        "label_contradicts": _("The label agrees with the record"),
        "thaw_spent": _("Within its time after thawing"),
        "refrozen": _("Not frozen again after thawing"),
        "thaw_unknown": _("When thawing began is on record"),
        "budget_spent": _("Time out of storage within its limit"),
        "held": _("Not on hold"),
        "not_certified": _("The maker's word for the lot is on record"),
        "not_released": _("Released for use here"),
        "release_ended": _("The release still stands"),
        "named_patient_only": _("Not reserved for a named patient"),
        "released_for_another": _("Not released for another patient"),
        "temperature_unknown": _("Temperature known at every moment"),
        "label_superseded": _("The label shows the current expiry"),
        "label_not_scanned_back": _("The last label was scanned back"),
        "not_at_hand": _("The vial is where it should be"),
        "other_organisation": _("The vial belongs to this organisation"),
        "release_outdated": _("Nothing that the release rests on has changed"),
        "route_closed": _("The legal route is open here"),
        "clock_behind": _("The clock goes forward"),
        # may this dose be given to this patient
        "wrong_patient": _("The wristband is the patient's"),
        "wrong_side": _("The side is the course's"),
        "no_consent": _("Consent to the therapy stands"),
        "course_over": _("The course has not ended"),
        "wrong_product": _("The product is the protocol's"),
        "dose_given": _("The dose was not given before"),
        "dose_of_another": _("A dose planned for this patient"),
        "no_order": _("The dose was ordered and verified"),
        "vial_of_another": _("The vial was kept for this dose"),
        "too_soon": _("Far enough from the last dose"),
        "dose_started": _("No other vial was cleared for the dose"),
        "not_started": _("The dose was started before it was given"),
        "not_sound": _("The vial looked sound"),
        "more_than_ordered": _("Not more than was ordered"),
        "more_than_held": _("Not more than the vials hold"),
        "out_of_turn": _("Every dose before it was given"),
        "out_of_window": _("Given within its window"),
        "volume_differs": _("The volume that was ordered"),
        "watched_short": _("Watched as long as the protocol asks"),
        "serial_unknown": _("The vial is on record"),
    }.get(code, code)


def outcome(_: Words, stored: str) -> str:
    """What an investigation found of a result outside its specification."""
    return {
        "confirmed": _("confirmed: the result stands"),
        "laboratory_error": _("mistake of the laboratory: another result stands"),
    }.get(stored, stored)


def file(_: Words, stored: str) -> str:
    """What a file of a lot is."""
    return {
        "certificate_of_analysis": _("certificate of analysis"),
        "results": _("results of a laboratory"),
    }.get(stored, stored)


def inspection(_: Words, stored: str | None) -> str | None:
    """How the vials looked before they were drawn up."""
    return {
        "sound": _("clear, no particles, whole, label legible"),
        "particles": _("particles"),
        "cloudy": _("cloudy"),
        "discoloured": _("discoloured"),
        "damaged": _("vial or stopper damaged"),
    }.get(stored or "", stored)


def evidence(_: Words, finding: Finding) -> str:
    """What was found, from the values of a finding; empty where the answer says it all."""
    told = finding.values
    match finding.code:
        case "lot_certified":
            return _("transcribed by the hospital") if told.get("transcribed") else lot(_, str(told.get("state", "")))
        case "certificate_attached":
            return _("%(n)s attached", n=_.number(len(told.get("attachments", ()))))
        case "gmp_valid" | "licence_valid" | "route_allowed":
            numbers = _.listed(number for number in told.get("numbers", ()) if number)
            return f"{numbers}; {_.day(told['day'])}" if told.get("day") else numbers
        case "still_fresh" | "expired":
            return _.day(told.get("expires"))
        case "count_cleared":
            return _("%(n)s of %(all)s", n=_.number(told["counted"]), all=_.number(told["chosen"]))
        case "results_complete" if not told.get("missing"):
            return _("%(n)s tests", n=_.number(told["tests"])) if "tests" in told else _("no specification")
        case "audit_reviewed":
            if told.get("unreviewed"):
                return _(
                    "to entry %(reviewed)s; not reviewed: %(left)s",
                    reviewed=_.number(told["reviewed"]),
                    left=_.number(told["unreviewed"]),
                )
            return _(
                "to entry %(reviewed)s; the last is %(last)s",
                reviewed=_.number(told["reviewed"]),
                last=_.number(told["last"]),
            )
        case "budget_spent" if "above_mc" in told or "below_mc" in told:
            beyond = told.get("above_mc", told.get("below_mc"))
            return _(
                "%(used)s used of %(allowed)s beyond %(threshold)s",
                used=_.duration(told["used_s"]),
                allowed=_.duration(told["allowed_s"]),
                threshold=_.celsius(beyond),
            )
        case "budget_spent":
            return _(
                "%(used)s used of %(allowed)s", used=_.duration(told["used_s"]), allowed=_.duration(told["allowed_s"])
            )
        case "volume_differs" | "more_than_ordered" | "more_than_held":
            volumes = (told.get(name) for name in ("given_ul", "ordered_ul", "held_ul"))
            return " / ".join(_.millilitres(one) for one in volumes if one is not None)
        case "watched_short":
            return _(
                "%(used)s of %(allowed)s", used=_.duration(told["watched_s"]), allowed=_.duration(told["planned_s"])
            )
        case "not_sound":
            return inspection(_, told.get("inspection")) or ""
        case "thaw_spent" if "limit_s" in told:
            return _("limit %(limit)s", limit=_.duration(told["limit_s"]))
        case "label_contradicts" if told:
            return _("label %(label)s, record %(record)s", label=told["label"], record=told["record"])
    listed = ("missing", "serials", "tests", "cases", "excursions", "stops", "holds", "recalls")
    return ", ".join(str(item) for name in listed for item in told.get(name, ()))


# ── cold chain ──


def mark(_: Words, one: Mark_) -> str:
    """What happened, short enough to stand over a line."""
    match one.kind:
        case MarkKind.CAME if one.count:
            return _("%(n)s in", n=_.number(one.count))
        case MarkKind.LEFT if one.count:
            return _("%(n)s out", n=_.number(one.count))
        case MarkKind.CAME:
            return _("into %(place)s", place=one.about)
        case MarkKind.LEFT:
            return _("out of %(place)s", place=one.about)
        case MarkKind.EXCURSION:
            return one.about
        case MarkKind.ALARM:
            return _("alarm %(number)s", number=one.about)
        case MarkKind.DECIDED:
            return _("%(number)s decided", number=one.about)
    return _("thawing began")


def reason(_: Words, stored: str) -> str:
    """Why a temperature is not known."""
    return {
        "stay_none": _("it lay in no place"),
        "stay_unmonitored": _("its place was not measured"),
        "assumed_stay_too_long": _("it lay longer than may be assumed"),
        "reading_none": _("no reading"),
        "reading_too_old": _("the last reading is too old"),
        "reading_out": _("out of limits, and not judged"),
        "reading_gap": _("no reading for a while"),
        "calibration_none": _("the sensor was not calibrated"),
        "not_read_yet": _("not read yet"),
    }.get(stored, stored)


def judged(_: Words, stored: str) -> Mark:
    shape, word = {
        "out": ("stop", _("Out of limits")),
        "unknown": ("ask", _("Unknown")),
        "assumed": ("none", _("Assumed")),
        "in_limits": ("ok", _("In limits")),
        "read": ("ok", _("Read")),
    }.get(stored, ("ask", stored))
    return Mark(shape, word)


def judged_by(_: Words, stored: str) -> str:
    return {
        "sensor": _("sensor"),
        "by_hand": _("read by hand"),
        "assumed": _("assumed"),
        "nothing": _("nothing"),
    }.get(stored, stored)


def disposition(_: Words, stored: str) -> str:
    return {
        "use": _("to be used"),
        "use_until": _("to be used until"),
        "reject": _("rejected"),
    }.get(stored, stored)


def no_mkt(_: Words, stored: str) -> str:
    return {
        "product": _("the product does not allow it"),
        "frozen": _("frozen product"),
        "frozen_through": _("it was below 0 °C"),
        "earlier_excursion": _("an earlier excursion"),
        "readings_missing": _("not measured throughout"),
        "thawed": _("thawed"),
    }.get(stored, stored)


def place_kind(_: Words, stored: str) -> str:
    return {
        "freezer": _("Freezer"),
        "fridge": _("Fridge"),
        "room": _("Room"),
        "bench": _("Bench"),
        "shipper": _("Shipper"),
        "bedside": _("Bedside"),
    }.get(stored, stored)


def scope(_: Words, stored: str) -> str:
    return {
        "vial": _("Vial"),
        "lot": _("Whole lot"),
        "consignment": _("Box"),
        "place": _("What lay in a place"),
        "material": _("Made of"),
        "maker": _("Maker"),
        "site": _("Site"),
    }.get(stored, stored)


def recall_step(_: Words, stored: str) -> str:
    return {
        "notify": _("Tell everybody"),
        "acknowledge": _("Everybody answers"),
        "contact": _("Reach the patients"),
        "account": _("Account for every vial"),
        "check": _("Check the effect"),
        "close": _("Close"),
    }.get(stored, stored)


def account(_: Words, stored: str) -> str:
    return {
        "scanned": _("scanned"),
        "documented": _("documented"),
        "recorded": _("gone, by the record"),
        "unaccounted": _("not accounted for"),
    }.get(stored, stored)


def method(_: Words, stored: str) -> str:
    return {
        "incinerated": _("incinerated"),
        "autoclaved": _("autoclaved"),
        "chemical": _("destroyed chemically"),
        "contractor": _("by a licensed contractor"),
    }.get(stored, stored)


def point(_: Words, stored: str) -> str:
    return {
        "notice_unsent": _("Not told yet"),
        "notice_unanswered": _("Not answered yet"),
        "vials_unaccounted": _("Vials not accounted for"),
        "destruction_owed": _("To be destroyed, kept back or sent back"),
        "subjects_untold": _("Patients nobody has tried to reach"),
        "effect_unchecked": _("Effect not checked"),
    }.get(stored, stored)
