"""Outcomes by lot, place, injector or month: each figure with its method, its table and its rows. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from marshmallow import ValidationError

from schemas.comparisons import ComparisonIn
from traceability.asking import actor, store
from traceability.domain.comparing import BASELINE, By, Comparison, Exposure, Share
from traceability.domain.funnels import Funnel
from traceability.domain.instruments import Missing
from traceability.formats import number
from traceability.routes import STUDY
from traceability.services import comparisons
from traceability.services.became import IMPROVED
from traceability.services.comparisons import Chosen, Told
from traceability.sheets import MEDIA_TYPE, written
from traceability.web import blueprint, roles
from traceability.web.compared import (
    between,
    change,
    headline,
    named,
    of,
    p_word,
    percent,
    plain,
    points,
    title,
)
from traceability.web.drawn import NARROW, WIDE, Bar, Rows, Steps, rows, steps
from traceability.words import choice_word

QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
PAGE = 200


def asked() -> Chosen:
    """What the address asks for; what it says wrongly is let go, for there is something to show anyhow."""
    told = {name: value for name, value in request.args.items() if name in ComparisonIn().fields and value}
    try:
        made = ComparisonIn().load(told)
    except ValidationError as wrong:
        made = ComparisonIn().load({k: v for k, v in told.items() if k not in wrong.normalized_messages()})
    return Chosen(**made)


@blueprint.get("/outcomes", endpoint="comparison")
def comparison_() -> ResponseReturnValue:
    with store().read(actor()) as view:
        told = comparisons.told(view, asked())
    return render_template("comparisons/comparison.html", **page(told), takes=bool(roles() & STUDY))


@blueprint.get("/outcomes/rows", endpoint="comparison_rows")
def comparison_rows() -> ResponseReturnValue:
    """The courses behind the figures, of one group or of all; as a table file with `format=csv`."""
    group = request.args.get("group") or None
    with store().read(actor()) as view:
        told = comparisons.told(view, asked())
    if group is not None and group not in told.groups:
        abort(404)
    if request.args.get("format") == "csv":
        response = Response(written(sheet(told, group)), content_type=MEDIA_TYPE)
        response.headers["Content-Disposition"] = 'attachment; filename="outcomes.csv"'
        return response
    labels = named(told)
    found = told.rows_of(group)
    return render_template(
        "comparisons/rows.html", told=told, choice=keep(told), group=group, label=labels.get(group or "", ""), labels=labels,
        found=found[:PAGE], total=len(found), visit_word=choice_word("TimePoint", told.comparison.visit), change=change,
        plain=plain, BASELINE=BASELINE,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------ the page


def keep(told: Told) -> dict[str, str]:
    """The choice as it stands in addresses."""
    chosen = told.chosen
    return {"by": str(chosen.by), "exposure": str(chosen.exposure), "instrument": chosen.instrument or "",
            "visit": chosen.visit or ""}  # fmt: skip


def page(told: Told) -> dict[str, Any]:
    made, labels, here = told.comparison, named(told), keep(told)
    order = sorted((one.group for one in made.groups), key=lambda one: one if made.by is By.MONTH else labels[one])
    tabs = [
        (url_for("web.comparison", **(here | {"by": str(by)})), choice_word("By", by), by is made.by) for by in By
    ]  # fmt: skip
    return {
        "told": told, "made": made, "labels": labels, "order": order, "choice": here, "tabs": tabs, "title": title(made.by),
        "headline": headline(made, labels), "group_word": choice_word("By", made.by),
        "instrument": choice_word("Instrument", told.chosen.instrument), "visit": choice_word("TimePoint", made.visit),
        "instruments": [(one, choice_word("Instrument", one)) for one in told.instruments],
        "visits": [(one, choice_word("TimePoint", one)) for one in told.visits],
        "exposures": [(str(one), choice_word("Exposure", str(one))) for one in Exposure],
        "counted": {one.group: one for one in made.groups}, "scores": {one.group: one for one in made.scores.groups},
        "responses": {one.group: one for one in made.responses}, "events": {one.group: one for one in made.events},
        "funnel": both(*_funnel(made.scores, labels, order)),
        "response_rows": both(_shares(made.responses, labels, order), *share_scale()),
        "event_rows": both(_shares(made.events, labels, order), *share_scale()),
        "visit_rows": both(list(_visits(made)), *share_scale()), "curve": _curve(made), "improved": number(IMPROVED),
        "percent": percent, "between": between, "points": points, "p_word": p_word, "of": of,
        "all_of": {name: sums(made, name) for name in ("responses", "events")},
    }  # fmt: skip


def sums(made: Comparison, name: str) -> Share | None:
    """Of everybody: a group and its rest, where none had of both."""
    family = getattr(made, name)
    if not family or made.exposure is not Exposure.SINGLE:
        return None
    whole = {(one.share.count + one.rest.count, one.share.n + one.rest.n) for one in family}
    return Share(*whole.pop()) if len(whole) == 1 else None


def both(bars: list[Bar], low: float, high: float, ticks: list[tuple[float, str]]) -> tuple[Rows, Rows] | None:
    return (rows(bars, low, high, ticks, WIDE), rows(bars, low, high, ticks, NARROW)) if bars else None


def share_scale() -> tuple[float, float, list[tuple[float, str]]]:
    return 0.0, 1.0, [(one, percent(one)) for one in QUARTERS]


def _funnel(
    told: Funnel, labels: Mapping[str, str], order: list[str]
) -> tuple[list[Bar], float, float, list[tuple[float, str]]]:
    """The most persons first: so the limits open downwards, whoever has as many as another keeps a row and a name."""
    found = sorted(told.groups, key=lambda one: (-one.n, order.index(one.group)))
    bars = [
        Bar(
            labels[one.group], ngettext("%(num)d person", "%(num)d persons", one.n), one.value, one.low, one.high,
            "" if one.value is not None else _("too few to compare"),
            one.inner, one.outer, stands_out=one.stands_out,
        )
        for one in found
    ]  # fmt: skip
    reach = max((abs(x) for bar in bars for x in (bar.low, bar.high, bar.outer) if x is not None), default=10.0)
    step = next(one for one in (2, 5, 10, 20, 50) if one * 5 >= reach or one == 50)
    most = ceil(reach / step) * step
    return bars, -most, most, [(at, points(at, 0)) for at in range(-most, most + 1, step)]


def _shares(family: Iterable[Any], labels: Mapping[str, str], order: list[str]) -> list[Bar]:
    found = {one.group: one for one in family}
    return [
        Bar(
            labels[group], of(one.share), one.share.count / one.share.n if one.share.enough else None,
            *(one.share.interval or (None, None)), "" if one.share.enough else _("too few to compare"),
            stands_out=one.stands_out,
        )
        for group in order if (one := found.get(group)) is not None
    ]  # fmt: skip


def _visits(made: Comparison) -> Iterable[Bar]:
    for one in made.visits:
        for share, word, nobody, hollow in (
            (one.complete, _("evaluable"), _("nobody is evaluable"), False),
            (one.as_failure, _("missing as no"), _("nobody is due"), True),
        ):
            enough = share.enough
            yield Bar(
                choice_word("TimePoint", one.visit) if not hollow else "", f"{word}: {of(share)}",
                share.count / share.n if enough else None, *(share.interval or (None, None)),
                "" if enough else _("too few") if share.n else nobody, hollow=hollow,
            )  # fmt: skip


def _curve(made: Comparison) -> tuple[Steps, Steps] | None:
    if not made.curve:
        return None
    told = [(one.day, one.free, one.low, one.high) for one in made.curve]
    until = max(made.watched_d, told[-1][0], 1)
    step = next((one for one in (7, 14, 30, 60, 90, 180, 365) if one * 7 >= until), 730)
    ticks = [(day, _("day %(day)s", day=number(day)) if day == 0 else number(day)) for day in range(0, until + 1, step)]
    return steps(told, until, ticks, percent, WIDE), steps(told, until, ticks, percent, NARROW)


def sheet(told: Told, group: str | None) -> Iterable[tuple[object, ...]]:
    """A course a line, by pseudonym; scores 0–100, 0 best. Empty: not known."""
    made = told.comparison
    yield ("subject", "side", "first_injection", *map(str, By), "instrument", "before", "visit", "after", "why_not",
           "responded", "event", "event_or_asked_after_d")  # fmt: skip
    for one in told.rows_of(group):
        had = one.treated
        groups = (" + ".join(sorted(told.names.get(x or "", x or "?") for x in had.groups[by])) for by in By)
        yield (
            one.pseudonym, one.laterality, one.first_on, *groups, told.chosen.instrument, one.scores.get(BASELINE), made.visit,
            one.scores.get(made.visit), one.why.get(made.visit), _yes(had.responses.get(made.visit)), _yes(had.event), had.watched_d,
        )  # fmt: skip


def _yes(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


@blueprint.app_template_global("why_word")
def why_word(why: Missing | None) -> str:
    return choice_word("Missing", str(why)) if why else ""
