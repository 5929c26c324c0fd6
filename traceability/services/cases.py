"""Cases: something happened that somebody has to answer for. Opened by other acts, closed by QA."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.states import GONE
from traceability.services import Answer, performs
from traceability.store import Tx, View
from traceability.store.tables import Case, Hold, Row, Scope, Vial
from traceability.store.tables.quality import CaseKind, ScopeKind


def open_case(
    tx: Tx,
    kind: CaseKind,
    title: str,
    *,
    lot_id: str | None = None,
    vial_id: str | None = None,
    consignment_id: str | None = None,
) -> Case:
    number = numbered(tx, Case, "K")
    return tx.add(
        Case(
            number=number, organisation_id=tx.actor.organisation_id, kind=kind, title=title,
            lot_id=lot_id, vial_id=vial_id, consignment_id=consignment_id, opened_at=tx.at,
        )
    )  # fmt: skip


def asked(tx: Tx, title: str, codes: Iterable[str], vials: Sequence[Vial]) -> Case:
    """A case: somebody finds out which is true, and those of these vials that could be used are held until then."""
    only = vials[0] if len(vials) == 1 else None
    case = open_case(
        tx, CaseKind.CONTRADICTION, title, vial_id=only.id if only else None, lot_id=only.lot_id if only else None,
    )  # fmt: skip
    hold(tx, case, codes, vials)
    return case


def hold(tx: Tx, case: Case, codes: Iterable[str], vials: Sequence[Vial]) -> None:
    """Those of these vials that could be used are held until somebody has answered for the case."""
    if held := [one for one in vials if one.state not in GONE]:
        row = tx.add(
            Hold(
                number=numbered(tx, Hold, "H"), organisation_id=tx.actor.organisation_id, case_id=case.id,
                title=f"{case.number}: {', '.join(codes)}", placed_at=tx.at,
            )
        )  # fmt: skip
        tx.add_all([Scope(hold_id=row.id, kind=ScopeKind.VIAL, target_id=one.id) for one in held])


@performs("case.close")
def close(tx: Tx, case_id: str) -> Answer:
    case = tx.need(Case, case_id)
    if case.closed_at is not None:
        raise Refused("already_ended", noun="case")
    tx.change(case, closed_at=tx.at)
    return {"id": case.id}


def numbered(tx: Tx, kind: type[Row], prefix: str) -> str:
    """The next number of a series that people say aloud: taken by one act after the other."""
    tx.alone(f"number of {kind.__tablename__}")
    (row,) = tx.rows(f"SELECT count(*) FROM {kind.__tablename__}")  # noqa: S608
    return f"{prefix}-{row[0] + 1}"


def open_cases(view: View) -> list[Case]:
    return view.all(Case, col(Case.closed_at).is_(None))
