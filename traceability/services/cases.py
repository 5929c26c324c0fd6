"""Cases: something happened that somebody has to answer for. Opened by other acts, closed by QA."""

from __future__ import annotations

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.services import Answer, performs
from traceability.store import Tx, View
from traceability.store.tables import Case, Row
from traceability.store.tables.quality import CaseKind


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
