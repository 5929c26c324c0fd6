"""The stops before an injection, all at once (R39): the vial's own rules, and whether it is this patient, side and dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from traceability.domain.checks import VialFacts, use
from traceability.domain.planned import in_time, off_d
from traceability.domain.rules import ASK, STOP, Answer, Finding, Rule, run, unmet

AT_THE_BEDSIDE = timedelta(minutes=15)
"""What is told so soon is told where it happened, whatever time stands on it: each vial should have had its permit."""


def permit_asked(mode: str, given_at: datetime, recorded_at: datetime) -> bool:
    """Whether a record of an injection was judged by the permit of its vials, too: what is told afterwards is not."""
    return mode != "transcribed" and recorded_at - given_at <= AT_THE_BEDSIDE


@dataclass(frozen=True, slots=True)
class BedsideFacts:
    """Who lies there, what the course says, what is in the hand. None where it is not known.

    `others_started`: vials cleared for this dose that nobody gave, broke or took back; `open_elsewhere`: such vials of other
    doses into this knee. `also_open`: under another pseudonym of this person a course of this knee goes on; `given_beside`: doses
    given in such courses, ended or not; `doses`: as many as this course has. `cleared`: every vial that was
    given had its permit; true also where nobody asks, before the start and of what is told afterwards.
    """

    wristband_matches: bool | None
    course_laterality: str
    laterality: str
    consent_stands: bool
    ended_at: datetime | None
    ordered: bool
    verified: bool
    k: int
    given_before: tuple[int, ...]
    given_already: bool
    due: date
    today: date
    window_d: int
    nearest_given_on: date | None
    interval_d: int
    vial_kept_for_dose: bool | None
    ordered_ul: int
    given_ul: int | None
    product_matches: bool
    vials: tuple[VialFacts, ...]
    held_ul: int | None = None
    discarded_ul: int = 0
    vials_needed: int = 1
    others_started: tuple[str, ...] = ()
    open_elsewhere: tuple[str, ...] = ()
    cleared: bool = True
    inspection: str = ""
    doses: int | None = None
    also_open: bool = False
    given_beside: int = 0
    form: Mapping[str, Finding] = field(default_factory=dict)
    """What asks about the form that was signed (domain/consenting.py)."""


def wristband(facts: BedsideFacts) -> Answer:
    return facts.wristband_matches, {}


def side(facts: BedsideFacts) -> Answer:
    return facts.laterality == facts.course_laterality, {"chosen": facts.laterality, "course": facts.course_laterality}


def consent(facts: BedsideFacts) -> Answer:
    return facts.consent_stands, {}


def form_in_force(facts: BedsideFacts) -> Answer:
    return _of_form(facts, "consent_in_force")


def form_signed_again(facts: BedsideFacts) -> Answer:
    return _of_form(facts, "consent_signed_again")


def _of_form(facts: BedsideFacts, code: str) -> Answer:
    found = facts.form.get(code)
    return (found.holds, found.values) if found else (True, {})


def not_over(facts: BedsideFacts) -> Answer:
    return facts.ended_at is None, {"ended": facts.ended_at}


def one_course(facts: BedsideFacts) -> Answer:
    """A person who was enrolled twice may have two courses of one knee: the physician ends one (R51)."""
    return not facts.also_open, {}


def no_more_than_planned(facts: BedsideFacts) -> Answer:
    """Doses that the same person had in this knee under another pseudonym count: as many as the protocol has, and no more."""
    if facts.doses is None or not facts.given_beside:
        return True, {}
    before = len(facts.given_before) + facts.given_beside
    return before < facts.doses, {"given": before, "doses": facts.doses}


def order(facts: BedsideFacts) -> Answer:
    return facts.ordered and facts.verified, {"ordered": facts.ordered, "k": facts.k}


def not_twice(facts: BedsideFacts) -> Answer:
    return not facts.given_already, {"k": facts.k}


def in_turn(facts: BedsideFacts) -> Answer:
    missing = sorted(set(range(1, facts.k)) - set(facts.given_before))
    return not missing, {"k": facts.k, "missing": missing}


def in_window(facts: BedsideFacts) -> Answer:
    """Late and early are flagged, not hidden (R41): the planned day ± the window."""
    told = {"due": facts.due, "days": off_d(facts.due, facts.today), "window": facts.window_d}
    return in_time(facts.due, facts.today, facts.window_d), told


def apart(facts: BedsideFacts) -> Answer:
    """Not nearer to another injection into this knee than the interval less its window: one told late has a next one too."""
    if facts.nearest_given_on is None:
        return True, {}
    least = timedelta(days=facts.interval_d - facts.window_d)
    return abs(facts.today - facts.nearest_given_on) >= least, {"last": facts.nearest_given_on, "least_d": least.days}


def kept_for_it(facts: BedsideFacts) -> Answer:
    return facts.vial_kept_for_dose, {"k": facts.k}


def right_product(facts: BedsideFacts) -> Answer:
    return facts.product_matches, {}


def one_permit(facts: BedsideFacts) -> Answer:
    """As many vials are cleared for a dose as its volume fills, and for one dose into a knee at a time: each one cleared may
    end in it."""
    fits = not facts.open_elsewhere and len(facts.others_started) < facts.vials_needed
    serials = (*facts.others_started, *facts.open_elsewhere)
    return fits, {"k": facts.k, "serials": serials, "needed": facts.vials_needed}


def started(facts: BedsideFacts) -> Answer:
    return facts.cleared, {"k": facts.k}


SOUND = ("", "sound")


def sound(facts: BedsideFacts) -> Answer:
    """What it looked like before it was drawn up; nothing said is not reported, and no finding."""
    return facts.inspection in SOUND, {"inspection": facts.inspection}


def right_volume(facts: BedsideFacts) -> Answer:
    """Less than ordered is an ordinary day; more has a rule of its own."""
    if facts.given_ul is None:
        return True, {}
    return facts.given_ul >= facts.ordered_ul, {"given_ul": facts.given_ul, "ordered_ul": facts.ordered_ul}


def not_too_much(facts: BedsideFacts) -> Answer:
    if facts.given_ul is None:
        return True, {}
    return facts.given_ul <= facts.ordered_ul, {"given_ul": facts.given_ul, "ordered_ul": facts.ordered_ul}


def out_of_these_vials(facts: BedsideFacts) -> Answer:
    """No more than stands on the labels of the vials: what was beyond it came from somewhere else, or was not measured."""
    if facts.given_ul is None:
        return True, {}
    if facts.held_ul is None:
        return None, {"given_ul": facts.given_ul}
    taken = facts.given_ul + facts.discarded_ul
    return taken <= facts.held_ul, {"given_ul": taken, "held_ul": facts.held_ul}


BEDSIDE: tuple[Rule[BedsideFacts], ...] = (
    Rule("wrong_patient", STOP, wristband),
    Rule("wrong_side", STOP, side),
    Rule("no_consent", STOP, consent),
    Rule("consent_in_force", ASK, form_in_force),
    Rule("consent_signed_again", ASK, form_signed_again),
    Rule("course_over", STOP, not_over),
    Rule("course_twice", STOP, one_course),
    Rule("more_than_planned", STOP, no_more_than_planned),
    Rule("wrong_product", STOP, right_product),
    Rule("dose_given", STOP, not_twice),
    Rule("no_order", STOP, order),
    Rule("vial_of_another", STOP, kept_for_it),
    Rule("too_soon", STOP, apart),
    Rule("dose_started", STOP, one_permit),
    Rule("not_started", STOP, started),
    Rule("not_sound", STOP, sound),
    Rule("more_than_ordered", STOP, not_too_much),
    Rule("more_than_held", STOP, out_of_these_vials),
    Rule("out_of_turn", ASK, in_turn),
    Rule("out_of_window", ASK, in_window),
    Rule("volume_differs", ASK, right_volume),
)


def unordered(given_ul: int, held_ul: int | None, inspection: str) -> tuple[Finding, ...]:
    """What stands against a dose that nobody planned: that, and what can be judged without a plan."""
    nobody = Finding("no_order", False, STOP, {"ordered": False, "k": None})
    found = [nobody]
    if inspection not in SOUND:
        found.append(Finding("not_sound", False, STOP, {"inspection": inspection}))
    if held_ul is not None and given_ul > held_ul:
        found.append(Finding("more_than_held", False, STOP, {"given_ul": given_ul, "held_ul": held_ul}))
    return tuple(found)


def bedside(facts: BedsideFacts) -> tuple[Finding, ...]:
    """Every stop that stands: of the patient and the dose first, then of each vial. Empty: the dose may be given."""
    return unmet(run(BEDSIDE, facts)) + tuple(finding for vial in facts.vials for finding in use(vial))
