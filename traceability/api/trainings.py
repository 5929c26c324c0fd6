"""Training and who may do what, by program."""

from __future__ import annotations

from typing import Any

from schemas.training import AccessOut, TrainingNeedOut, TrainingOut
from traceability.api import blueprint
from traceability.api.lists import LIST, listed
from traceability.asking import actor, store
from traceability.services import access, lists

listed(
    "trainings", TrainingOut, lists.trainings, "Trainings of people of one's own organisation, those taken back too."
)
listed(
    "training_needs", TrainingNeedOut, lists.training_needs, "Which training a role asks for at one's own organisation."
)


@blueprint.route("/access", tags=["persons"], endpoint="access")
@blueprint.refuses(*LIST, 404)
@blueprint.response(200, AccessOut)
def who_may() -> dict[str, Any]:
    """Every role at one's house that holds now or will, who reviewed them last, and what changed since."""
    with store().read(actor()) as view:
        found = access.state(view)
    last = found.last
    told = {"reviewed_at": last.reviewed_at, "reviewed_by": last.person_id, "next_in_d": last.next_in_d} if last else {}
    return {
        "grants": found.standing, "grants_sha256": found.digest, "due_at": found.due_at, "is_due": found.is_due,
        "changed": found.changed, **told,
    }  # fmt: skip
