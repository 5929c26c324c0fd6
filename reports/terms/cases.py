"""Cases: kinds, gravity, grounds, decisions, steps."""

from __future__ import annotations

import re

from reports.page import Mark
from reports.terms.rules import rule
from reports.terms.stock import counted, custody
from reports.words import Words


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


def outcome(_: Words, stored: str) -> str:
    """What an investigation found of a result outside its specification."""
    return {
        "confirmed": _("confirmed: the result stands"),
        "laboratory_error": _("mistake of the laboratory: another result stands"),
    }.get(stored, stored)
