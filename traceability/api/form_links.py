"""A way in for a patient by program: its token is told once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from schemas.inputs import schema_for
from traceability import asking
from traceability.api import asked
from traceability.api.acts import act
from traceability.asking import Done, actor, store
from traceability.services import PERFORMERS, form_links

FormLinkIssueIn = schema_for("form_link.issue", PERFORMERS["form_link.issue"].work, given=("token_hash",))


@act("form_link.issue", FormLinkIssueIn)
def issue_form_link(told: dict[str, Any]) -> Done:
    """Questionnaires of one visit for the patient to answer once. `answer.token` is told this once: the form is at `/f/<token>`."""
    act_id = asked.act_id()
    token, hashed = form_links.new_token(store(), actor(), act_id)
    done = asking.ask("form_link.issue", None, told | {"token_hash": hashed}, act_id)
    return done if token is None or done.repeated else replace(done, answer={**done.answer, "token": token})
