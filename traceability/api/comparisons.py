"""Outcomes by lot, place, injector or month by program: the figures, their method, the looks taken, and the courses behind them."""

from __future__ import annotations

from typing import Any

from schemas.comparisons import ComparisonIn, ComparisonOut
from traceability.api import blueprint
from traceability.api.lists import LIST
from traceability.asking import actor, store
from traceability.domain.comparing import BASELINE, Compared, Share, counts_for
from traceability.domain.exact import MATTERS
from traceability.domain.funnels import FEWEST, Difference
from traceability.services import comparisons
from traceability.services.became import IMPROVED
from traceability.services.comparisons import Chosen, Told
from traceability.services.evaluated import Followed

METHOD = {
    "exposure_rule": "single: a course counts for a group if all of it came from that group; any (sensitivity): each person in"
    " every group they had. A person counts once in a group; the rest are persons who had nothing of it.",
    "intervals": f"Clopper-Pearson 95 %; with fewer than {FEWEST} evaluable persons counts only.",
    "shares": "Mid-p exact test of a group against the rest, twice the smaller tail.",
    "scores": "Analysis of covariance by baseline, slope and spread from within groups, two knees of a person as their mean;"
    " t interval of the difference from the rest; limits of the funnel at 95 and 99.8 %.",
    "curve": "Kaplan-Meier to the first event, from the day on which it began (else was heard of), or the last time somebody asked,"
    " Greenwood, interval of log(-log S). An event that began before the first injection counts for no course (`before_first`).",
    "correction": f"Holm over the groups of each figure; a group stands out below {MATTERS}.",
    "response": f"Pain on the VAS fell by {IMPROVED} of 100 or more (Tubach 2005), on every evaluable knee. Missing is a"
    " knee without a value though the last day in time of that visit, by the protocol of the course, is over; without a course none is."
    " As a failure it makes its person one who did not respond, whatever became of the other knee.",
    "limits": "An uncontrolled series cannot show efficacy. Every look is another chance to find what is not there.",
}  # fmt: skip


@blueprint.route("/outcomes", tags=["outcomes"])
@blueprint.refuses(*LIST)
@blueprint.response(200, ComparisonOut)
@blueprint.arguments(ComparisonIn, location="query")
def comparison(told: dict[str, Any]) -> dict[str, Any]:
    """Outcomes of one group against the rest. Asking is kept: how often it was asked is part of the answer."""
    with store().read(actor()) as view:
        return answered(comparisons.told(view, Chosen(**told)))


def answered(told: Told) -> dict[str, Any]:
    made = told.comparison
    return {
        "by": made.by, "exposure": made.exposure, "instrument": told.chosen.instrument, "visit": made.visit, "as_of": told.as_of,
        "looks": told.looks.count, "looked": told.looks.people, "persons": made.persons, "several": made.several,
        "unknown": made.unknown, "without_consent": told.without_consent, "before_first": told.before_first,
        "groups": [
            {"key": one.group, "name": told.names.get(one.group, one.group), "persons": one.persons, "courses": one.courses,
             "stands_out": one.group in made.standing_out}
            for one in made.groups
        ],
        "scores": {"slope": made.scores.slope, "sd": made.scores.sd, "df": made.scores.df, "n": made.scores.n,
                   "groups": [_difference(one) for one in made.scores.groups]},
        "responses": [_compared(one) | {"missing_as_failure": _share(made.missing[one.group])} for one in made.responses],
        "events": [_compared(one) for one in made.events],
        "visits": [
            {"visit": one.visit, "complete": _share(one.complete), "missing_as_failure": _share(one.as_failure)}
            for one in made.visits
        ],
        "first_events": made.curve, "with_event": made.with_event, "watched": made.watched,
        "rows": [_row(one, told) for one in told.rows_of()], "method": METHOD,
    }  # fmt: skip


def _share(one: Share) -> dict[str, Any]:
    low, high = one.interval or (None, None)
    return {"count": one.count, "n": one.n, "low": low, "high": high}


def _compared(one: Compared) -> dict[str, Any]:
    return {"group": one.group, "share": _share(one.share), "rest": _share(one.rest), "left_out": one.left_out,
            "p": one.p, "p_holm": one.p_holm}  # fmt: skip


def _difference(one: Difference) -> dict[str, Any]:
    names = ("group", "n", "rest", "value", "low", "high", "p", "p_holm")
    return {name: getattr(one, name) for name in names} | {"limit_95": one.inner, "limit_998": one.outer}


def _row(one: Followed, told: Told) -> dict[str, Any]:
    had, visit = one.treated, told.comparison.visit
    return {
        "subject_id": one.subject_id, "pseudonym": one.pseudonym, "laterality": str(one.laterality), "first_on": one.first_on,
        "groups": sorted(counts_for(had, told.comparison.by, told.comparison.exposure)), "before": one.scores.get(BASELINE),
        "after": one.scores.get(visit), "why_not": str(one.why[visit]) if visit in one.why else None,
        "responded": had.responses.get(visit), "event": had.event,
    }  # fmt: skip
