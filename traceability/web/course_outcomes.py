"""One course over time: a line an instrument, with its doses, on one page, and every value in the table below it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from traceability.asking import actor, store
from traceability.domain.course_layout import NARROW, WIDE, course_layout
from traceability.domain.course_view import CourseView, Lane
from traceability.domain.weighing import Counts
from traceability.formats import number
from traceability.services import course_outcomes, courses
from traceability.web import blueprint
from traceability.words import choice_word

LETTERS = "abcdefgh"


@blueprint.get("/courses/<course_id>/outcomes")
def course_outcomes_page(course_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        course, protocol, subject = courses.course(view, course_id)
        told = course_outcomes.of_course(view, course_id)
    return render_template(
        "courses/outcomes.html", course=course, protocol=protocol, subject=subject, told=told, letters=LETTERS,
        drawn=[course_layout(told, width) for width in (WIDE, NARROW)], said=said(told, subject.pseudonym), day=day_word, counts=Counts,
    )  # fmt: skip


@blueprint.app_template_filter()
def time_point_word(stored: str) -> str:
    return choice_word("TimePoint", stored)


def day_word(day: int) -> str:
    """Weeks by their day, what is longer by its months."""
    if day >= 61 and day % 61 in (0, 1):
        return str(ngettext("%(num)d month", "%(num)d months", round(day / 30.5)))
    return _("day %(day)s", day=number(day))


def said(told: CourseView, pseudonym: str) -> str:
    """What the drawing shows, in words."""
    doses = sum(one.given for one in told.doses)
    parts = [_("Course of %(pseudonym)s over time, %(doses)s doses given.", pseudonym=pseudonym, doses=doses)]
    parts += [_lane(lane) for lane in told.lanes]
    return " ".join([*parts, _("The table below holds the same.")])


def _lane(lane: Lane) -> str:
    values = [
        f"{choice_word('TimePoint', one.value.time_point)} {number(one.at)}" for run in lane.line for one in run if one.at is not None
    ]  # fmt: skip
    undecided = sum(one.counts is Counts.UNDECIDED for one in lane.points)
    told = f"{choice_word('Instrument', lane.instrument)}: {', '.join(values) or _('nothing that counts')}"
    return f"{told}; {_('%(count)s undecided', count=undecided)}." if undecided else f"{told}."
