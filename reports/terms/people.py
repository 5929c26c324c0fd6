"""Roles, and what a signature means."""

from __future__ import annotations

from reports.words import Words


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
        "searched": _("Looked for it"),
        "access_reviewed": _("Roles reviewed"),
        "agreed": _("Agreed"),
    }.get(stored, stored)
