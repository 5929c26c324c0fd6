"""How a recall runs, how a lot adds up, and what went to whom, by program. Their acts are at the addresses that every act has."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema

from schemas.clocks import ClocksOut
from schemas.fields import Id
from schemas.recalls import DistributionOut, RecallWholeOut, ReconciliationOut
from traceability.api import blueprint
from traceability.api.lists import LIST, ONE
from traceability.asking import actor, store
from traceability.domain.acts import ACTS
from traceability.problems import told
from traceability.services import clocks, distribution, lists, progress, reconciling


@blueprint.route("/recalls/<record:recall_id>", tags=["recalls"], endpoint="recall")
@blueprint.refuses(*ONE)
@blueprint.response(200, RecallWholeOut)
def one_recall(recall_id: str) -> dict[str, Any]:
    """One recall: who was told and answered, each vial accounted for or not, what stands against closing it."""
    with store().read(actor()) as view:
        found = progress.standing(view, recall_id)
        scopes = lists.scopes_of(view, found.recall)
    return found.recall.model_dump() | {
        "scopes": scopes, "tally": found.tally, "coverage_bp": progress.coverage_bp(found.tally), "steps": found.steps,
        "open_points": [told(one) for one in found.points], "notices": found.notices, "checks": found.checks,
        "contacts": [one for some in found.contacts.values() for one in some], "vials": found.vials,
        "figures": found.recall.figures if found.mine else None,
    }  # fmt: skip


@blueprint.route("/lots/<record:lot_id>/reconciliation", tags=["lots"])
@blueprint.refuses(*ONE)
@blueprint.response(200, ReconciliationOut)
def lot_reconciliation(lot_id: str) -> dict[str, Any]:
    """One lot counted up: filled, buckets, where its vials are, and what does not add up."""
    with store().read(actor()) as view:
        found = reconciling.count_up(view, lot_id)
        kept = reconciling.signed(view, lot_id)
    return {
        "lot_id": found.lot.id, "number": found.lot.number, "filled": found.filled, "counted": found.counted, "buckets": found.buckets,
        "over": found.over, "where": found.where, "differs": [told(one) for one in found.differs], "figures_digest": found.digest,
        "signed": kept,
    }  # fmt: skip


@blueprint.route("/clocks", tags=["recalls"], endpoint="clocks")
@blueprint.refuses(*LIST)
@blueprint.response(200, ClocksOut)
def clocks_in_force() -> dict[str, Any]:
    """By when a case, a recall or an event that begins now is answered at one's house: by whose signed word, since when, and who may
    set it.
    """
    with store().read(actor()) as view:
        found = clocks.in_force(view)
    may_set = {name: sorted(ACTS[f"{name[:-1]}.set_clock"].roles) for name in ("cases", "recalls", "events")}
    return {
        "cases": found.cases, "recalls": found.recalls, "events": found.events,
        "may_set_cases": may_set["cases"], "may_set_recalls": may_set["recalls"], "may_set_events": may_set["events"],
    }  # fmt: skip


class OneLotIn(Schema):
    lot_id = Id()


@blueprint.route("/distribution", tags=["consignments"], endpoint="distribution")
@blueprint.refuses(*LIST, 404)
@blueprint.response(200, DistributionOut)
@blueprint.arguments(OneLotIn, location="query")
def distributed(asked: dict[str, Any]) -> dict[str, Any]:
    """The distribution record: every lot in every box that one's house sent or received, oldest first; of one lot or of all."""
    with store().read(actor()) as view:
        return {"items": distribution.distribution(view, asked.get("lot_id"))}
