"""Recalls: scope, steps, how a vial is accounted for."""

from __future__ import annotations

from reports.words import Words


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
