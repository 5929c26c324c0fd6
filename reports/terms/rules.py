"""Rules, how each was answered, and what was found."""

from __future__ import annotations

from reports.page import Mark
from reports.terms.clinic import inspection
from reports.terms.stock import lot
from reports.words import Words
from traceability.domain.rules import Finding


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
        "consent_in_force": _("Consent form in force"),
        "consent_signed_again": _("Newest consent signed"),
        "course_over": _("The course has not ended"),
        "wrong_product": _("The product is the protocol's"),
        "course_twice": _("One course of this knee"),
        "more_than_planned": _("Not more doses than planned"),
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
