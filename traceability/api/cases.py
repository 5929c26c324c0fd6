"""One case by program, with everything done about it. Its acts are at the addresses that every act has."""

from __future__ import annotations

from typing import Any

from schemas.cases import CaseDetailOut, ShiftOut
from traceability import asking, problems
from traceability.api import asked, blueprint
from traceability.api.acts import act
from traceability.api.lists import ONE, listed
from traceability.api.lots import uploading
from traceability.asking import Done, actor, store
from traceability.services import attachments, casebook, lists

FILE = {"id", "name", "sha256", "media_type", "size"}
listed("shifts", ShiftOut, lists.shifts, "Who is on call, now and to come.")


@blueprint.route("/cases/<record:case_id>", tags=["cases"], endpoint="case")
@blueprint.response(200, CaseDetailOut)
@blueprint.refuses(*ONE)
def one_case(case_id: str) -> dict[str, Any]:
    """One case: what was found out, other lots that are near, decisions, actions, and what is missing before it closes."""
    with store().read(actor()) as view:
        told = casebook.detail(view, case_id)
    near = [
        {
            "lot_id": one.lot.id, "lot": one.lot.number, "grounds": [ground.plain() for ground in one.grounds],
            "chosen": one.decided.chosen if one.decided else None,
        } for one in told.near
    ]  # fmt: skip
    rows = {
        name: [one.model_dump() for one in getattr(told, name)]
        for name in ("found", "dispositions", "actions", "replies", "steps")
    }
    return told.case.model_dump() | rows | {
        "overdue": told.overdue, "emergency": told.emergency.model_dump() if told.emergency else None,
        "near": near,
        "files": [one.model_dump(include=FILE) for one in told.files],
        "hold_ids": [one.id for one in told.holds],
        "missing": [problems.told(finding) for finding in told.against or ()],
    }  # fmt: skip


@act("case.attach", **uploading())
def attach_to_case(case_id: str) -> Done:
    """A PDF, PNG or JPEG of at most 50 MiB that belongs to a case: what was seen, or what shows that an action was done."""
    file = asked.upload()
    with store().read(actor()) as view:
        casebook.case(view, case_id)
    act_id, name = asked.act_id(), asked.name_of(file)
    kept = attachments.keep(store(), file.stream)
    given = {"sha256": kept.sha256, "name": name, "media_type": kept.media_type, "size": kept.size}
    return asking.ask("case.attach", case_id, given, act_id)
