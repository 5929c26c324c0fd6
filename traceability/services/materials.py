"""What is learnt of a donor, bank or harvest after lots were made of it (R37, 21 CFR 1271.290(b)): every descendant is held at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlmodel import col

from traceability.domain.casework import CaseKind, Reactivity
from traceability.domain.errors import Refused
from traceability.services import Answer, dates, organisations, performs
from traceability.services.cases import hold_things, open_case
from traceability.store import Tx, View
from traceability.store.tables import Lot, LotAncestor, Material, MaterialResult
from traceability.store.tables.quality import ScopeKind


@performs("material.report_result")
def report_result(
    tx: Tx, material_id: str, test: str, reactivity: Reactivity, tested_on: date, *, laboratory: str = ""
) -> Answer:
    """A result that came late. Where it is not clearly negative, whatever was made of this asks QA from now on, wherever it lies and
    whenever its lot is announced, and a critical case is open. A later result that is negative lifts nothing: QA decides.

    Of its owner or the maker of a lot it reaches every organisation; of a hospital, its own stock.
    """
    material = tx.need(Material, material_id)
    lots = lots_made_of(tx, [material.id])
    if material.organisation_id != tx.actor.organisation_id and not lots:
        raise Refused("not_yours", noun="material")
    today = organisations.today(tx)
    dates.within("tested_on", tested_on, today - dates.LIFE, today)
    case = None
    if reactivity is not Reactivity.NON_REACTIVE:
        case = open_case(tx, CaseKind.DONOR_RESULT, f"{material.code}, {test}"[:240], material_id=material.id)
        hold_things(tx, case, {material.id: ScopeKind.MATERIAL}, f"{case.number}: {material.code}")
    tx.covers = {"material": material.code, "test": test, "reactivity": reactivity}
    row = MaterialResult(
        material_id=material.id, organisation_id=tx.actor.organisation_id, test=test, reactivity=reactivity, tested_on=tested_on,
        laboratory=laboratory.strip() or None, case_id=case.id if case else None, reported_at=tx.at,
    )  # fmt: skip
    tx.add(row)
    tx.mention(material.id, *(one.id for one in lots))
    answer = {"id": material.id, "result_id": row.id, "lots": [one.number for one in lots]}
    return answer | {"case_id": case.id, "case": case.number} if case else answer


# -------------------------------------------------------------------------------------------------------------- reads


def lots_made_of(view: View, material_ids: Iterable[str]) -> list[Lot]:
    """The lots in sight in which these are, however far up."""
    made = select(col(LotAncestor.lot_id)).where(col(LotAncestor.material_id).in_(list(material_ids)))
    return view.all(Lot, col(Lot.id).in_(made), order=Lot.number)


def results(view: View, material_ids: Iterable[str]) -> list[MaterialResult]:
    """What this house knows of them, oldest first."""
    return view.all(MaterialResult, col(MaterialResult.material_id).in_(list(material_ids)), order=MaterialResult.id)
