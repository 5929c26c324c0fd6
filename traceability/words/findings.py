"""Rules and what they found: why a vial may not be used, what a release rests on. Codes are those of `domain.checks`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from traceability.domain.people import Role
from traceability.words.said import N_, Said, Variants, When, pgettext

QA, MAKER, PHARMACY = (Role.QUALITY,), (Role.MAKER_QA,), (Role.PHARMACIST, Role.STOREKEEPER)


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule's short name; what is said where it holds, does not hold, is not known; who can lift it then.

    `unknown` None: such a rule always has an answer. Nobody in `who`: a fact that stays.
    """

    title: Said
    holds: Variants
    fails: Variants
    unknown: Variants | None = None
    who: tuple[Role, ...] = ()
    who_unknown: tuple[Role, ...] | None = None


FINDINGS: Mapping[str, RuleWords] = {
    # may this person act in this role
    "trained": RuleWords(
        pgettext("rule", "Training"),
        N_("%(person)s is trained: %(topic)s."),
        (
            N_("%(topic)s, asked for in the role %(role)s: the training of %(person)s ended on %(until)s."),
            N_("%(topic)s, asked for in the role %(role)s: %(person)s has no training on record."),
        ),
        N_("%(topic)s, asked for in the role %(role)s: it is not known how long the training of %(person)s counts."),
        who=(Role.QUALITY, Role.MAKER_QA, Role.ADMINISTRATOR),
    ),
    # may this vial be used
    "given": RuleWords(
        pgettext("rule", "Not given yet"),
        N_("The vial was not given to anybody."),
        N_("The vial was given already. It serves one patient, once."),
    ),
    "gone": RuleWords(
        pgettext("rule", "Still in use"),
        N_("The vial was not taken out of use."),
        N_("The vial is out of use: %(state)s."),
    ),
    "recalled": RuleWords(
        pgettext("rule", "No recall"),
        N_("No recall covers the vial."),
        (
            N_("The vial is recalled: %(recalls)s. Put it aside. Who started the recall can withdraw it."),
            N_("The vial is recalled. Put it aside. Who started the recall can withdraw it."),
        ),
        who=(Role.QUALITY, Role.MAKER_QA),
    ),
    "expired": RuleWords(
        pgettext("rule", "Expiry date"),
        N_("Usable through %(expires)s."),
        (
            N_("The vial has expired: its label says %(label_until)s."),
            N_("The vial has expired: it was usable through %(expires)s."),
        ),
        N_("It is not known when the vial expires: no date is on record. The maker states it."),
        who_unknown=MAKER,
    ),
    "rejected": RuleWords(
        pgettext("rule", "Not rejected"),
        N_("QA has not rejected the vial."),
        (
            N_("QA rejected the vial after %(excursions)s. Put it aside."),
            N_("QA rejected the vial. Put it aside."),
        ),
    ),
    "shortened": RuleWords(
        pgettext("rule", "Use until a day"),
        N_("QA set no earlier last day."),
        (
            N_("After %(excursion)s QA let the vial be used until %(until)s. That day is over."),
            N_("QA let the vial be used until %(until)s. That day is over."),
        ),
    ),
    "lot_declined": RuleWords(
        pgettext("rule", "Lot not declined"),
        N_("Lot %(lot)s is not declined."),
        N_("Lot %(lot)s was declined. None of its vials may be used."),
    ),
    "label_contradicts": RuleWords(
        pgettext("rule", "Label and record"),
        N_("The label says nothing that the record does not."),
        (
            N_("The label says %(label)s, the record says %(record)s. Put the vial aside; QA finds out why."),
            N_("The label and the record differ. Put the vial aside; QA finds out why."),
        ),
        who=QA,
    ),
    "thaw_spent": RuleWords(
        pgettext("rule", "Time since thaw"),
        (
            N_("Thawing began %(since)s; the %(limit_s)s allowed from then are not over."),
            N_("The vial was not thawed."),
        ),
        (
            N_("Thawing began %(since)s; the %(limit_s)s allowed from then are over."),
            N_("The vial lay above 0 °C for %(warm_s)s without a break; %(limit_s)s are allowed."),
        ),
        N_("Thawing began %(since)s. It is not known how long is allowed: the product states no limit."),
        who_unknown=(Role.QUALITY, Role.MAKER_QA),
    ),
    "thaw_unknown": RuleWords(
        pgettext("rule", "Thaw on record"),
        N_("When thawing began is on record, or is not asked."),
        N_("The vial is kept frozen, and nobody recorded when thawing began. Record it."),
        N_("The vial is kept frozen, and nobody recorded when thawing began. Record it."),
        who=(Role.PHARMACIST,),
    ),
    "refrozen": RuleWords(
        pgettext("rule", "Not frozen again"),
        N_("Once thawed, the vial lay in no freezer again."),
        N_("The vial was thawed and lay in a freezer again from %(since)s. It may not be used."),
    ),
    "budget_spent": RuleWords(
        pgettext("rule", "Time out of storage"),
        N_("%(allowed_s)s allowed out of storage, %(used_s)s used."),
        (
            N_("Too long warmer than %(above_mc)s: %(allowed_s)s allowed, %(used_s)s used."),
            N_("Too long colder than %(below_mc)s: %(allowed_s)s allowed, %(used_s)s used."),
            N_("Too long out of storage: %(allowed_s)s allowed, %(used_s)s used."),
        ),
    ),
    "held": RuleWords(
        pgettext("rule", "No hold"),
        N_("No hold covers the vial."),
        N_("The vial is on hold: %(holds)s. QA decides."),
        who=QA,
    ),
    "not_certified": RuleWords(
        pgettext("rule", "Lot certified"),
        N_("The maker’s answer on lot %(lot)s is on record."),
        N_("Lot %(lot)s is not certified. The maker’s QA certifies it, or QA here transcribes the certificate."),
        who=(Role.MAKER_QA, Role.QUALITY),
    ),
    "not_released": RuleWords(
        pgettext("rule", "Released"),
        N_("QA of this hospital released this vial of lot %(lot)s."),
        N_("This vial of lot %(lot)s is not released. QA of this hospital releases it."),
        who=QA,
    ),
    "release_ended": RuleWords(
        pgettext("rule", "Release stands"),
        (N_("Release %(release)s stands."), N_("No release of the vial has ended.")),
        (
            When("void", N_("Release %(release)s was taken back. QA decides.")),
            N_("Release %(release)s was conditional and ended %(until)s. QA decides."),
        ),
        who=QA,
    ),
    "release_outdated": RuleWords(
        pgettext("rule", "Release up to date"),
        (N_("Nothing that release %(release)s rests on has changed."), N_("The vial is under no release.")),
        N_(
            "Since release %(release)s this has changed: %(changes)s. QA decides in the open case, or takes it back and releases again."
        ),
        who=QA,
    ),
    "released_for_another": RuleWords(
        pgettext("rule", "Not another patient’s"),
        N_("The vial was not released for another patient."),
        N_("Release %(release)s is for another patient. Take a vial that is released for this one."),
    ),
    "named_patient_only": RuleWords(
        pgettext("rule", "For any patient"),
        (N_("Release %(release)s is for this patient."), N_("The vial is not kept for one named patient.")),
        N_("Release %(release)s is for one named patient. The vial can be judged with that patient only."),
        who=QA,
    ),
    "route_closed": RuleWords(
        pgettext("rule", "Legal route here"),
        (
            N_("%(route)s: %(numbers)s, valid on %(day)s."),
            N_("%(route)s: %(numbers)s."),
            N_("It is asked when the vial is issued and given."),
        ),
        (
            N_("%(route)s: %(numbers)s is on file and was not valid on %(day)s."),
            N_("%(route)s: no number that allows it is on file. Record it."),
        ),
        (
            N_("%(route)s: it is not known whether %(numbers)s is valid on %(day)s: its dates are not reported."),
            N_("It is not known by which right the vial may be used here."),
        ),
        who=QA,
    ),
    "clock_behind": RuleWords(
        pgettext("rule", "Clock"),
        N_("The clock goes forward."),
        N_(
            "The clock was set back: the record was written up to %(last)s. Nothing is judged by it. The administrator sets it right."
        ),
        who=(Role.ADMINISTRATOR,),
    ),
    "temperature_unknown": RuleWords(
        pgettext("rule", "Temperature known"),
        N_("The temperature of the vial is known for all its time."),
        N_("The temperature of the vial is not known."),
        (
            N_("The temperature from %(since)s is not known: %(reasons)s. QA decides."),
            N_("It is not known how warm the vial was. QA decides."),
        ),
        who=QA,
    ),
    "label_superseded": RuleWords(
        pgettext("rule", "Label current"),
        N_("No earlier expiry date is on the label."),
        (
            N_("The label still says %(label)s, the record now says %(record)s. Print a new label."),
            N_("The label says an earlier expiry date than the record now. Print a new label."),
        ),
        who=PHARMACY,
    ),
    "label_not_scanned_back": RuleWords(
        pgettext("rule", "Label scanned back"),
        N_("The label was scanned back on the vial."),
        N_("The last label was printed and not scanned back. Scan it on the vial."),
        N_("It is not known what is on the vial: no label is on record. Print one and scan it back."),
        who=PHARMACY,
    ),
    "not_at_hand": RuleWords(
        pgettext("rule", "Where it should be"),
        N_("The vial is where it should be: %(state)s."),
        N_("The vial is recorded as: %(state)s. That is not where it should be for: %(purpose)s."),
        who=PHARMACY,
    ),
    "other_organisation": RuleWords(
        pgettext("rule", "Ours"),
        N_("The vial is held by this organisation."),
        N_("Another organisation holds this vial. Its QA decides."),
        who=QA,
    ),
    "serial_unknown": RuleWords(
        pgettext("rule", "On record"),
        N_("The vial is on record."),
        (
            N_("Serial %(serial)s is not on record. Put the vial aside; QA finds out where it comes from."),
            N_("The code names no single vial. It names: %(kind)s. Scan the code of one vial, or its over-label."),
        ),
        who=QA,
    ),
    "subject_not_asked": RuleWords(
        pgettext("rule", "Patient named"),
        N_("The patient was named."),
        N_("No patient was named: patient, side, consent, interval and dose were not judged."),
        N_("It is not known for whom: patient, side, consent, interval and dose were not judged."),
        who=(Role.PHARMACIST, Role.PHYSICIAN),
    ),
    # may these vials be released
    "lot_certified": RuleWords(
        pgettext("rule", "Lot certified"),
        (
            When("transcribed", N_("Transcribed by the hospital, not certified by the maker.")),
            N_("Certified by the maker."),
        ),
        N_("The lot is recorded as: %(state)s. It has to be certified, or its certificate transcribed."),
        who=(Role.MAKER_QA, Role.QUALITY),
    ),
    "certificate_attached": RuleWords(
        pgettext("rule", "Certificate of analysis"),
        N_("The certificate of analysis is attached."),
        N_("No certificate of analysis is attached. Attach the maker’s file."),
        who=(Role.MAKER_QA, Role.QUALITY, Role.PHARMACIST),
    ),
    "gmp_valid": RuleWords(
        pgettext("rule", "Maker’s GMP certificate"),
        N_("On file: %(numbers)s. Valid on %(day)s, when the lot was made."),
        (
            N_("On file: %(numbers)s. None was valid on %(day)s, when the lot was made."),
            N_("No GMP certificate of the maker is on file. Record it."),
        ),
        N_("On file: %(numbers)s. It is not known whether it was valid on %(day)s: its dates are not reported."),
        who=(Role.MAKER_QA, Role.QUALITY),
    ),
    "licence_valid": RuleWords(
        pgettext("rule", "Maker’s licence"),
        N_("On file: %(numbers)s. Valid on %(day)s, when the lot was made."),
        (
            N_("On file: %(numbers)s. None was valid on %(day)s, when the lot was made."),
            N_("No licence of the maker is on file. Record it."),
        ),
        N_("On file: %(numbers)s. It is not known whether it was valid on %(day)s: its dates are not reported."),
        who=(Role.MAKER_QA, Role.QUALITY),
    ),
    "route_allowed": RuleWords(
        pgettext("rule", "Legal route"),
        (N_("%(route)s: %(numbers)s, valid on %(day)s."), N_("%(route)s: %(numbers)s.")),
        (
            N_("%(route)s: %(numbers)s is on file and was not valid on %(day)s."),
            N_("%(route)s: no number that allows it is on file. Record it."),
        ),
        N_("%(route)s: it is not known whether %(numbers)s is valid on %(day)s: its dates are not reported."),
        who=QA,
    ),
    "still_fresh": RuleWords(
        pgettext("rule", "Expiry date"),
        N_("Usable through %(expires)s."),
        N_("The lot has expired: it was usable through %(expires)s."),
        N_("It is not known when the lot expires: no date is on record. The maker states it."),
        who_unknown=MAKER,
    ),
    "count_cleared": RuleWords(
        pgettext("rule", "Count"),
        N_("%(counted)s of %(chosen)s chosen vials were counted whole at arrival."),
        N_("%(counted)s of %(chosen)s chosen vials were counted whole at arrival. Choose only those."),
        who=(Role.STOREKEEPER, Role.PHARMACIST),
    ),
    "in_stock": RuleWords(
        pgettext("rule", "In stock"),
        N_("Every chosen vial is in stock."),
        N_("Not in stock: %(serials)s. Put them away, or leave them out."),
        who=PHARMACY,
    ),
    "labels_back": RuleWords(
        pgettext("rule", "Labels"),
        N_("Every label was scanned back on its vial."),
        N_("Label not scanned back: %(serials)s. Scan it on the vial, or leave it out."),
        who=PHARMACY,
    ),
    "transport_measured": RuleWords(
        pgettext("rule", "Transport temperature"),
        N_("The shipment’s logger watched the whole journey."),
        N_("The shipment’s logger did not watch the whole journey."),
        N_("It is not known how warm the journey was: no logger file covers all of it. Attach the file."),
        who=PHARMACY,
    ),
    "storage_known": RuleWords(
        pgettext("rule", "Storage temperature"),
        N_("The temperature of every chosen vial is known for all its time."),
        N_("The temperature is not known: %(serials)s."),
        N_("It is not known how warm these were: %(serials)s. Enter the readings, or leave them out."),
        who=PHARMACY,
    ),
    "excursions_decided": RuleWords(
        pgettext("rule", "Deviations and excursions"),
        N_("No deviation, no excursion and no grave case is open."),
        N_("Open: %(excursions)s. QA decides on each excursion and each case, and closes each deviation."),
        who=QA,
    ),
    "none_rejected": RuleWords(
        pgettext("rule", "None rejected"),
        N_("QA rejected none of the chosen vials after an excursion."),
        N_("Rejected after an excursion, or past the day that QA set: %(serials)s. Leave them out."),
    ),
    "budgets_left": RuleWords(
        pgettext("rule", "Time out of storage"),
        N_("No chosen vial was too long out of storage."),
        N_("Too long out of storage: %(serials)s. Leave them out."),
    ),
    "no_stop": RuleWords(
        pgettext("rule", "Holds and recalls"),
        N_("No hold and no recall covers a chosen vial."),
        N_("Stopped by %(stops)s. Wait until it is lifted, or leave its vials out."),
        who=(Role.QUALITY, Role.MAKER_QA),
    ),
    "results_complete": RuleWords(
        pgettext("rule", "All tests reported"),
        N_("Every mandatory test has a result: %(tests)s of %(tests)s."),
        N_("No result of this house or of the maker yet: %(missing)s. An analyst enters it."),
        N_("It is not known what had to be tested: no specification is on record."),
        who=(Role.ANALYST,),
        who_unknown=QA,
    ),
    "results_conform": RuleWords(
        pgettext("rule", "Results conform"),
        N_("Every result meets its specification."),
        N_("Outside the specification: %(tests)s. QA decides."),
        (
            N_("It is not known whether these meet their specification: %(tests)s."),
            N_("It is not known whether the lot conforms: there is no result."),
        ),
        who=QA,
        who_unknown=(Role.ANALYST,),
    ),
    "results_reviewed": RuleWords(
        pgettext("rule", "Results reviewed"),
        N_("A second person reviewed every result."),
        N_("Not reviewed yet: %(tests)s. A second person looks at the entry and its source."),
        N_("It is not known whether results were reviewed: there is none."),
        who=(Role.ANALYST, Role.QUALITY),
    ),
    "outside_answered": RuleWords(
        pgettext("rule", "Results outside answered for"),
        N_("Of every result outside its specification it is known which result stands."),
        N_(
            "Outside, and its case is open or says not which result stands: %(tests)s (%(cases)s). QA concludes and closes it."
        ),
        who=(Role.QUALITY, Role.MAKER_QA),
    ),
    "independent": RuleWords(
        pgettext("rule", "Two people"),
        N_("Who releases neither entered a result nor vouched for the lot."),
        (
            N_("Who releases also entered: %(tests)s. Another QA releases."),
            N_("Who releases also vouched for the lot. Another QA releases."),
        ),
        who=QA,
    ),
    "audit_reviewed": RuleWords(
        pgettext("rule", "Audit trail reviewed"),
        N_("Reviewed and signed to entry %(reviewed)s; the last about this lot is %(last)s."),
        (
            When(
                "reviewed",
                N_(
                    "Reviewed to entry %(reviewed)s; the last about this lot is %(last)s. Not reviewed: %(unreviewed)s."
                    " Review them, and sign it."
                ),
            ),
            N_("Nobody has reviewed it; the last entry about this lot is %(last)s. Review it, and sign that."),
        ),
        who=QA,
    ),
    "not_released_yet": RuleWords(
        pgettext("rule", "Not released before"),
        N_("No chosen vial is under a release."),
        N_("Released already: %(serials)s. Leave them out."),
        who=QA,
    ),
    # may this recall be closed
    "notice_unsent": RuleWords(
        pgettext("rule", "Everybody told"),
        N_("Everybody who holds or held a vial was told."),
        N_("Not told yet: %(organisations)s. Send the notices that are left."),
        who=(Role.QUALITY, Role.MAKER_QA),
    ),
    "notice_unanswered": RuleWords(
        pgettext("rule", "Notices answered"),
        N_("Everybody has answered."),
        N_("Not answered yet: %(organisations)s."),
        who=(Role.QUALITY, Role.MAKER_QA),
    ),
    "vials_unaccounted": RuleWords(
        pgettext("rule", "Vials accounted for"),
        N_("Every vial was scanned, documented or is gone by the record."),
        N_("Vials not accounted for: %(count)s (%(serials)s). Scan them, or name them when you close."),
        who=PHARMACY,
    ),
    "destruction_owed": RuleWords(
        pgettext("rule", "Destroyed or sent back"),
        N_("No recalled vial lies in stock any more."),
        N_("Vials still to be destroyed, kept back or sent back: %(count)s (%(serials)s)."),
        who=(Role.PHARMACIST, Role.QUALITY),
    ),
    "subjects_untold": RuleWords(
        pgettext("rule", "Patients told"),
        N_("Every patient who had it was tried to be reached."),
        N_("Patients whom nobody has tried to reach: %(subjects)s. Who treats them records each try."),
        who=(Role.PHYSICIAN, Role.NURSE),
    ),
    "effect_unchecked": RuleWords(
        pgettext("rule", "Effect checked"),
        N_("It was checked that the recall arrived everywhere and is acted on."),
        N_("Not known to have arrived and to be acted on: %(organisations)s. Ask there, and record it."),
        who=(Role.QUALITY, Role.MAKER_QA),
    ),
    # does this lot add up
    "filled_differs": RuleWords(
        pgettext("rule", "Filled and on record"),
        N_("As many vials are on record as were filled."),
        N_("Filled: %(filled)s; on record: %(count)s."),
        who=QA,
    ),
    "vials_missing": RuleWords(
        pgettext("rule", "None missing"),
        N_("No vial is missing."),
        N_("Missing vials: %(count)s (%(serials)s)."),
        who=QA,
    ),
    "box_overdue": RuleWords(
        pgettext("rule", "Boxes arrived in time"),
        N_("No box with its vials is overdue."),
        N_(
            "On their way, and not arrived in time: %(count)s (%(serials)s). QA finds the box, or gives it up as lost in transit."
        ),
        who=QA,
    ),
    "box_given_up": RuleWords(
        pgettext("rule", "Box never given up"),
        N_("The box was never given up as lost in transit."),
        N_("The box was given up as lost in transit and arrived afterwards. Where it was is not known."),
        who=QA,
    ),
    "missing_and_broken": RuleWords(
        pgettext("rule", "Missing ones not broken"),
        N_("No missing vial was reported broken."),
        N_(
            "Missing, and reported broken by one person: %(count)s (%(serials)s). A second person looks and reports it too."
        ),
        who=QA,
    ),
    "counted_differently": RuleWords(
        pgettext("rule", "Counts agree"),
        N_("No count differs from the record."),
        N_("Counted otherwise than recorded: %(count)s (%(serials)s). Its case is open."),
        who=QA,
    ),
    "given_twice": RuleWords(
        pgettext("rule", "Each given once"),
        N_("No vial was reported given twice."),
        N_("Reported given more than once: %(count)s (%(serials)s)."),
        who=QA,
    ),
    "given_and_not": RuleWords(
        pgettext("rule", "Given and recorded so"),
        N_("Whatever was reported given is recorded as given."),
        N_("Reported given, and recorded otherwise: %(count)s (%(serials)s)."),
        who=QA,
    ),
    # is this the same person
    "enrolled_once": RuleWords(
        pgettext("rule", "Enrolled once"),
        N_("Nobody else here has this name and birth date."),
        N_("Somebody here has this name and birth date: %(subjects)s. If it is one person, two people sign that."),
        who=(Role.QUALITY, Role.PHYSICIAN),
    ),
    "nik_alike": RuleWords(
        pgettext("rule", "National number"),
        N_("The national numbers are the same."),
        N_("The national numbers differ: a number is of one person. One of them would be wrong."),
        who=QA,
    ),
    "born_alike": RuleWords(
        pgettext("rule", "Birth date"),
        N_("The birth dates are the same."),
        N_("The birth dates differ."),
        who=QA,
    ),
    "person_alike": RuleWords(
        pgettext("rule", "Something that tells a person"),
        N_("The national number is the same, or name and birth date are."),
        N_("Neither the national number nor name and birth date are the same."),
        who=QA,
    ),
    # may this dose be given to this patient
    "wrong_patient": RuleWords(
        pgettext("rule", "Right patient"),
        N_("The wristband is this patient’s."),
        N_("The wristband is another patient’s. Stop, and look for the right one."),
        N_("It is not known who this is: no wristband was scanned."),
        who_unknown=(Role.PHYSICIAN, Role.NURSE),
    ),
    "wrong_side": RuleWords(
        pgettext("rule", "Right side"),
        N_("The side is the course’s: %(course)s."),
        N_("Chosen: %(chosen)s. The course is for: %(course)s."),
        who=(Role.PHYSICIAN,),
    ),
    "no_consent": RuleWords(
        pgettext("rule", "Consent"),
        N_("The consent to the therapy stands."),
        N_("No consent to the therapy stands."),
        who=(Role.PHYSICIAN,),
    ),
    "consent_in_force": RuleWords(
        pgettext("rule", "Consent form in force"),
        N_("The form that was signed was in force on its day."),
        N_(
            "Signed on %(signed)s: the form %(version)s, which was not in force on that day. Have the one in force signed."
        ),
        N_(
            "Signed on %(signed)s: the form %(version)s, which nobody issued here. QA issues it, or the one in force is signed."
        ),
        who=(Role.PHYSICIAN, Role.NURSE),
        who_unknown=QA,
    ),
    "consent_signed_again": RuleWords(
        pgettext("rule", "Newest consent signed"),
        N_("No newer form asks to sign again."),
        N_("Since %(since)s the form is %(newer)s, and who signed %(version)s signs again."),
        who=(Role.PHYSICIAN, Role.NURSE),
    ),
    "course_over": RuleWords(
        pgettext("rule", "Course open"),
        N_("The course has not ended."),
        N_("The course ended %(ended)s. Plan a new one, if treatment goes on."),
        who=(Role.PHYSICIAN,),
    ),
    "course_twice": RuleWords(
        pgettext("rule", "One course of this knee"),
        N_("No other course of this knee goes on."),
        N_("Under another pseudonym of this person a course of this knee goes on. End one of the two."),
        who=(Role.PHYSICIAN,),
    ),
    "more_than_planned": RuleWords(
        pgettext("rule", "Not more doses than planned"),
        N_("No more doses were given than the protocol has."),
        N_("With those under another pseudonym this knee had %(given)s of %(doses)s doses. End the course."),
        who=(Role.PHYSICIAN,),
    ),
    "wrong_product": RuleWords(
        pgettext("rule", "Right product"),
        N_("The vial is of the product that the protocol asks for."),
        N_("The vial is of another product than the protocol asks for."),
    ),
    "dose_given": RuleWords(
        pgettext("rule", "Not given before"),
        N_("Dose %(k)s was not given before."),
        N_("Dose %(k)s was given before."),
    ),
    "no_order": RuleWords(
        pgettext("rule", "Ordered and verified"),
        N_("Dose %(k)s is ordered and verified."),
        (
            When("ordered", N_("The order of dose %(k)s is not verified. A pharmacist verifies it.")),
            N_("Dose %(k)s is not ordered. The physician orders it, a pharmacist verifies it."),
            N_("Nobody ordered this. The physician orders a dose, a pharmacist verifies it."),
        ),
        who=(Role.PHYSICIAN, Role.PHARMACIST),
    ),
    "vial_of_another": RuleWords(
        pgettext("rule", "Kept for this dose"),
        N_("The vial is kept for dose %(k)s of this patient."),
        N_("The vial is not kept for dose %(k)s of this patient."),
        N_("It is not known for whom the vial is kept."),
        who=(Role.PHARMACIST,),
    ),
    "dose_of_another": RuleWords(
        pgettext("rule", "A dose of this patient"),
        N_("It was planned for this patient."),
        N_("It was told as dose %(k)s of another patient. For this one nobody planned it."),
    ),
    "too_soon": RuleWords(
        pgettext("rule", "Far enough from the last dose"),
        (N_("The last dose was given %(last)s, at least %(least_d)s days ago."), N_("No dose was given before.")),
        N_("The last dose was given %(last)s; at least %(least_d)s days have to pass."),
        who=(Role.PHYSICIAN,),
    ),
    "dose_started": RuleWords(
        pgettext("rule", "One permit a dose"),
        N_("No other vial that was cleared for dose %(k)s waits to be given."),
        N_(
            "For dose %(k)s these are cleared already and not given: %(serials)s. Give them, or record them broken or discarded."
        ),
        who=(Role.PHYSICIAN,),
    ),
    "not_started": RuleWords(
        pgettext("rule", "Started before"),
        N_("Dose %(k)s was started with every vial that was given."),
        N_(
            "Dose %(k)s was given without being started with each of its vials: what was to be asked before was not asked."
        ),
        who=QA,
    ),
    "not_sound": RuleWords(
        pgettext("rule", "Vial looked sound"),
        N_("Nothing was seen against the vial before it was drawn up."),
        N_("Before it was drawn up this was seen: %(inspection)s. QA decides."),
        who=QA,
    ),
    "more_than_ordered": RuleWords(
        pgettext("rule", "Not more than ordered"),
        (N_("%(given_ul)s given, %(ordered_ul)s ordered."), N_("The volume ordered will be asked for.")),
        N_("More was given than ordered: %(given_ul)s instead of %(ordered_ul)s."),
        who=(Role.PHYSICIAN,),
    ),
    "more_than_held": RuleWords(
        pgettext("rule", "Not more than the vials hold"),
        (
            N_("%(given_ul)s given, out of vials that hold %(held_ul)s."),
            N_("The volume ordered will be asked for."),
        ),
        N_("More was given than the vials hold: %(given_ul)s out of %(held_ul)s. QA finds out what was given."),
        N_("It is not known how much the vials hold: their lot is not on record."),
        who=QA,
        who_unknown=QA,
    ),
    "out_of_turn": RuleWords(
        pgettext("rule", "In turn"),
        N_("Every dose before dose %(k)s was given."),
        N_("Before dose %(k)s these were not given: %(missing)s. The physician decides."),
        who=(Role.PHYSICIAN,),
    ),
    "out_of_window": RuleWords(
        pgettext("rule", "On its day"),
        N_("Due %(due)s, within the %(window)s days allowed."),
        N_("Due %(due)s; only %(window)s days early or late are allowed. The physician decides."),
        who=(Role.PHYSICIAN,),
    ),
    "volume_differs": RuleWords(
        pgettext("rule", "Volume"),
        (N_("%(given_ul)s given, %(ordered_ul)s ordered."), N_("The volume ordered will be asked for.")),
        N_("%(given_ul)s given, %(ordered_ul)s ordered. The physician decides."),
        who=(Role.PHYSICIAN,),
    ),
    "watched_short": RuleWords(
        pgettext("rule", "Watched long enough"),
        N_("The patient was watched as long as the protocol asks."),
        N_("Watched for %(watched_s)s; the protocol asks for %(planned_s)s."),
        who=(Role.PHYSICIAN,),
    ),
    # does what was told of a vial agree with the record
    "state_contradicts": RuleWords(
        pgettext("rule", "Told as recorded"),
        N_("What was told of the vial agrees with the record."),
        N_(
            "Vial %(serial)s is recorded as: %(state)s. What was told is kept beside it; QA finds out which of them holds."
        ),
        who=QA,
    ),
    "not_in_that_place": RuleWords(
        pgettext("rule", "Where the record has it"),
        N_("The vial lay where the record has it."),
        N_(
            "Vial %(serial)s was scanned among those of %(place)s; the record has it elsewhere. QA finds out which is true."
        ),
        who=QA,
    ),
    "not_counted_there": RuleWords(
        pgettext("rule", "Found where it is counted"),
        N_("The vial was found when its place was counted."),
        N_("The vial was not found when its place was counted. QA finds out where it was."),
        who=QA,
    ),
    "lost_and_broken": RuleWords(
        pgettext("rule", "Not missing"),
        N_("It was not missing, or two people told of it."),
        N_(
            "Vial %(serial)s was missing, and only one person has told of it since. It stays in the count until a second person"
            " says that it is gone."
        ),
        who=QA,
    ),
    "better_than_known": RuleWords(
        pgettext("rule", "Told in time"),
        N_("It was recorded as it happened."),
        N_(
            "Told late: vial %(serial)s is said to lie there since %(since)s. The record knew worse of its temperature. QA looks."
        ),
        who=QA,
    ),
    "left_before_it_was_out": RuleWords(
        pgettext("rule", "Left when it is said to have"),
        N_("It was recorded as it happened."),
        N_(
            "Told late: vial %(serial)s is said to have left before it was out of limits there, which was read afterwards. QA looks."
        ),
        who=QA,
    ),
    "decided_before": RuleWords(
        pgettext("rule", "Decided on all of it"),
        N_("QA has decided on no excursion there without knowing of this."),
        N_(
            "QA decided on %(excursion)s before it was told that vial %(serial)s lay there then. QA looks whether that still holds."
        ),
        who=QA,
    ),
    "moved_since": RuleWords(
        pgettext("rule", "Told in its turn"),
        N_("The vial was not moved after what was told."),
        N_(
            "Vial %(serial)s was moved after that, %(since)s. What was told is kept beside it; QA finds out what happened."
        ),
        who=QA,
    ),
    # may a case be closed
    "case_investigated": RuleWords(
        pgettext("rule", "Investigated"),
        N_("It was written down what was found out."),
        N_("Nobody has written down what was found out."),
        who=QA,
    ),
    "case_undecided": RuleWords(
        pgettext("rule", "No open question"),
        N_("No grave case about it is open."),
        N_("QA has not decided in %(cases)s: until then it stays where it is."),
        who=QA,
    ),
    "case_other_eyes": RuleWords(
        pgettext("rule", "Four eyes"),
        N_("Who closes it neither opened nor investigated it."),
        (
            N_("You opened it, or investigated it, or who you stand in for did. These may close it: %(people)s."),
            N_(
                "You opened it, or investigated it, and so did everybody of QA whose account is in use. It stays open until somebody"
                " else of QA is there: an administrator and QA can give the role."
            ),
        ),
        who=QA,
    ),
    "case_root_cause": RuleWords(
        pgettext("rule", "Cause"),
        N_("Its cause is written down."),
        N_("No cause is written down. One that cannot be found is written as that."),
        who=QA,
    ),
    "case_extended": RuleWords(
        pgettext("rule", "Other lots"),
        N_("Of every lot that is near it was said whether it is concerned."),
        N_("Nobody has said whether these lots are concerned: %(lots)s."),
        who=QA,
    ),
    "case_disposed": RuleWords(
        pgettext("rule", "Decision"),
        N_("It is decided what becomes of everything concerned."),
        (
            N_("Nobody has decided what becomes of: %(things)s."),
            N_("Nobody has decided that nothing has to be decided."),
        ),
        who=QA,
    ),
    "case_actions_done": RuleWords(
        pgettext("rule", "Actions done"),
        N_("Every action is done or dropped."),
        N_("Planned and not done: %(actions)s."),
        who=QA,
    ),
    "case_checks_dated": RuleWords(
        pgettext("rule", "Day of the judgement"),
        N_("Of every action it is known when somebody judges whether it helped."),
        N_("No day is set on which somebody judges whether it helped: %(actions)s."),
        who=QA,
    ),
    "case_checks_made": RuleWords(
        pgettext("rule", "Judged in time"),
        N_("No judgement is overdue."),
        N_("It was to be judged by now whether they helped: %(actions)s."),
        who=QA,
    ),
    "case_effective": RuleWords(
        pgettext("rule", "Helped"),
        N_("Whatever did not help is followed by another action."),
        N_("They did not help, and nothing else is planned: %(actions)s."),
        who=QA,
    ),
    "case_holds_lifted": RuleWords(
        pgettext("rule", "Holds of the case"),
        N_("No hold of this case stands."),
        N_("Its holds stand: %(holds)s. Decide on each, and lift it."),
        who=QA,
    ),
    "case_replied": RuleWords(
        pgettext("rule", "Reply"),
        N_("Who complained has a reply."),
        N_("Who complained has no reply yet."),
        who=QA,
    ),
    "case_reviewed": RuleWords(
        pgettext("rule", "Reviewed"),
        N_("QA has reviewed the emergency issue."),
        N_("QA has not reviewed the emergency issue."),
        who=QA,
    ),
    "case_reported": RuleWords(
        pgettext("rule", "Reported to the authority"),
        N_("The authority has every report that it is owed."),
        N_("The authority is still owed a report of event %(event)s by %(due)s: %(expedited)s."),
        N_("Whether the authority is owed a report of event %(event)s is not known: nobody said how grave it is."),
        who=(Role.PHYSICIAN, Role.QUALITY),
    ),
    "course_goes_on": RuleWords(
        pgettext("rule", "Course ended"),
        N_("No course goes on."),
        N_("A course goes on. End it first."),
        who=(Role.PHYSICIAN,),
    ),
    "subject_answered": RuleWords(
        pgettext("rule", "Cases closed"),
        N_("No open case is about this patient."),
        N_("Open cases are about this patient: %(cases)s."),
        who=QA,
    ),
    "opening_reviewed": RuleWords(
        pgettext("rule", "Looks reviewed"),
        N_("Every opened identity was reviewed."),
        N_("The identity was opened, and nobody has reviewed it yet."),
        who=QA,
    ),
    "recall_reached": RuleWords(
        pgettext("rule", "Reached for recalls"),
        N_("No open recall waits to reach this patient."),
        N_("The patient had a vial that is recalled and was not reached yet: %(recalls)s."),
        who=(Role.PHYSICIAN, Role.NURSE),
    ),
    "issued_in_emergency": RuleWords(
        pgettext("rule", "Handed out with QA"),
        N_("QA or its rules stood behind handing it out."),
        N_(
            "It was handed out in an emergency, without QA (case %(case)s). That permits nothing: whatever is injected is recorded with it."
        ),
        who=QA,
    ),
    # may a course be planned on this protocol
    "paper_named": RuleWords(
        pgettext("rule", "Paper of the protocol"),
        N_("Valid on %(day)s: %(kind)s, %(number)s."),
        (
            When("filed", N_("On file, and not valid on %(day)s: %(kind)s, %(number)s.")),
            N_("Not on file for this product: %(kind)s, %(number)s. QA records it."),
            N_("%(route)s: the protocol names no number of this kind: %(kind)s. Issue a version that names it."),
        ),
        N_("Not known whether it is valid on %(day)s, its dates are not reported: %(kind)s, %(number)s."),
        who=QA,
    ),
}
