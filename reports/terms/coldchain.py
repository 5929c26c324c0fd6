"""What was measured, and what was decided of it."""

from __future__ import annotations

from reports.page import Mark
from reports.words import Words
from traceability.domain.plots import Mark as Mark_
from traceability.domain.plots import MarkKind


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
