"""Who may free what a case stops: somebody who neither opened it nor had a part in it, themselves or as a stand-in (R31, R34).

Every door through which something becomes usable again asks here: the decision to use, a case that is graded minor, a lot that is
left out again, a hold that is lifted, the closure.
"""

from __future__ import annotations

from traceability.domain.casework import CaseSeverity
from traceability.domain.errors import Refused
from traceability.domain.people import DECIDES, Meaning, Role
from traceability.services.people import deciding
from traceability.store import Tx, View
from traceability.store.tables import Case, EmergencyIssue, Result


def uninvolved(tx: Tx, case: Case) -> Case:
    """Not one's own: who handed the vial out in an emergency, or entered the result, decides nothing about it."""
    if tx.mine(DECIDES) & part(tx, case):
        raise Refused("own_work", noun="case")
    return case


def frees(tx: Tx, case: Case) -> None:
    """What this case stops goes free by this act: signed, and by no one who opened it or had a part in it."""
    uninvolved(tx, case)
    if tx.mine(DECIDES) & opener(tx, case):
        raise Refused("case_opened_by_you", number=case.number, people=others(tx, case, opener(tx, case)))
    if not tx.signers:
        raise Refused("signature_missing", meanings=[Meaning.DECIDED])


def frees_if_graded(case: Case, severity: CaseSeverity) -> bool:
    """A minor case stops nothing (`services/naming.py`)."""
    return severity is CaseSeverity.MINOR and case.severity is not CaseSeverity.MINOR


def opener(view: View, case: Case) -> frozenset[str]:
    return view.voices(case.opened_by, case.opened_at)


def part(view: View, case: Case) -> frozenset[str]:
    """Who handed the vial out, or entered the result, and for whom they did."""
    issues = view.known(EmergencyIssue, case_id=case.id)
    handed = [
        view.voices(who, one.issued_at, case.opened_at, roles=(role,))
        for one in issues
        for who, role in ((one.pharmacist_id, Role.PHARMACIST), (one.physician_id, Role.PHYSICIAN))
    ]
    entered = [
        view.voices(one.analyst_id, case.opened_at, roles=(Role.ANALYST,))
        for one in view.known(Result, case_id=case.id)
    ]
    return frozenset().union(*handed, *entered)


def others(view: View, case: Case, but: frozenset[str]) -> tuple[str, ...]:
    """Names of those who decide for the house of the case, had no part in it, and speak for none of these."""
    out = but | part(view, case)
    return tuple(
        one.name
        for one in deciding(view, case.organisation_id)
        if not view.voices(one.id, view.at, roles=DECIDES) & out
    )
