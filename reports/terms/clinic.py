"""An injection: who, which knee, how, and what was asked afterwards."""

from __future__ import annotations

from reports.page import Mark
from reports.words import Words


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


def knee(_: Words, joint: str, laterality: str) -> str:
    return {
        ("knee", "right"): _("Right knee"),
        ("knee", "left"): _("Left knee"),
    }.get((joint, laterality), f"{joint} {laterality}")


def consent(_: Words, stored: str) -> str:
    return {"therapy": _("Therapy"), "data": _("Data"), "images": _("Images")}.get(stored, stored)


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


def inspection(_: Words, stored: str | None) -> str | None:
    """How the vials looked before they were drawn up."""
    return {
        "sound": _("clear, no particles, whole, label legible"),
        "particles": _("particles"),
        "cloudy": _("cloudy"),
        "discoloured": _("discoloured"),
        "damaged": _("vial or stopper damaged"),
    }.get(stored or "", stored)
