"""What somebody says by signing, in the first person, as they read it when they signed. Kept like `SENTENCES` of the pages by a test."""

from __future__ import annotations

from reports.words import Words


def sentence(_: Words, stored: str) -> str:
    """The sentence of a meaning; a meaning that is not known stands as it was stored."""
    return {
        "certified": _("I certify for the maker that this lot was made and tested as stated here."),
        "transcribed": _("I copied the maker’s certificate as it stands. This is a copy, not the maker’s own word."),
        "verified": _("I compared this with its source and found it the same."),
        "handed_over": _("I handed this over in the condition that is written here."),
        "received": _("I took this over in the condition that is written here."),
        "reviewed": _("I looked at what was entered and at its source. I did not make it myself."),
        "released": _("I have looked at the whole dossier and release these vials for use at this hospital."),
        "decided": _("I decided this and answer for it."),
        "recorded": _("I recorded this as it was told or shown to me."),
        "ordered": _("I order this dose for this patient, for this knee."),
        "given": _("I gave this injection as it is written here."),
        "witnessed": _("I was there and saw what is written here."),
        "adjudicated": _("I compared the scores that are named here and take the chosen one to be right."),
        "delegated": _("I hand this role over for the time that is written here, and know that they can do it."),
        "recalled": _("I start this recall. From now on nobody may use what it names."),
        "approved": _("I have looked at the whole dossier myself and agree to this release."),
        "requested": _(
            "I ask for these vials for this patient. I know which rules do not hold and answer for their use."
        ),
        "destroyed": _("I destroyed these vials in the way that is written here."),
        "seen_destroyed": _("I stood by and saw that these vials were destroyed."),
        "searched": _("I looked for this box myself, with its carrier and in the house, and did not find it."),
        "trail_reviewed": _("I read this audit trail, refusals among it, up to the entry that is named here."),
        "agreed": _("I read this myself, looked at it again, and agree to the grade that is chosen."),
        "access_reviewed": _(
            "I looked at every role that is shown here: who holds it, where and until when. Each one is right."
        ),
    }.get(stored, stored)
