"""Lots, papers, boxes, and where a vial is."""

from __future__ import annotations

from collections.abc import Mapping

from reports.words import Words


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
        "given_up": _("lost in transit"),
        "closed": _("closed"),
    }.get(stored, stored)


def counted(_: Words) -> Mapping[str, str]:
    return {
        "shipped": _("not counted"),
        "ok": _("whole"),
        "broken": _("broken"),
        "absent": _("absent"),
        "extra": _("extra"),
        "extra_broken": _("extra and broken"),
    }


def found(_: Words, counts: Mapping[str, int]) -> str:
    said = counted(_)
    return _.listed(f"{_.number(count)} {said.get(word, word)}" for word, count in counts.items() if count)


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


def lot(_: Words, stored: str) -> str:
    return {"announced": _("announced"), "certified": _("certified"), "declined": _("declined")}.get(stored, stored)


def release(_: Words, stored: str) -> str:
    return {
        "full": _("Full"),
        "conditional": _("Conditional"),
        "named_patient": _("Named patient"),
    }.get(stored, stored)


def file(_: Words, stored: str) -> str:
    """What a file of a lot is."""
    return {
        "certificate_of_analysis": _("certificate of analysis"),
        "results": _("results of a laboratory"),
    }.get(stored, stored)


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


def change(_: Words, stored: str) -> str:
    return {
        "result": _("Result"),
        "expiry": _("Expiry"),
        "laterality": _("Side"),
        "given_at": _("When it was given"),
        "dose": _("Dose"),
        "given_ul": _("Given"),
        "discarded_ul": _("Discarded"),
        "identifiers": _("Two identifiers"),
        "guidance": _("Guidance"),
        "approach": _("Approach"),
        "needle": _("Needle"),
        "skin_preparation": _("Skin preparation"),
        "aspirated_ul": _("Aspirated"),
        "vas_before": _("Pain before (VAS)"),
        "vas_after": _("Pain after (VAS)"),
        "concomitant": _("Given with it"),
        "inspection": _("Inspection"),
    }.get(stored, stored)
