"""Scores as their sources give them, and which of them counts: on the subject's page, and entered.

What a source does not say is "not reported"; without its range a value is not normalised (domain/instruments.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from traceability.asking import View, actor, store
from traceability.domain.instruments import INSTRUMENTS, Missing, shown
from traceability.domain.scoring import VERSIONS
from traceability.domain.weighing import Counts, counts_of, judged
from traceability.formats import number
from traceability.services import (
    courses,
    form_links,
    gradings,
    joints,
    outcomes,
    responding,
    score_forms,
    signatures,
    subjects,
)
from traceability.services.joints import Joint
from traceability.services.signatures import Signed
from traceability.web import blueprint, posting
from traceability.web.posting import Trouble
from traceability.words import act_words, choice_word
from traceability.words.choices import CHOICES

ORDER = tuple(outcomes.TimePoint)


@blueprint.app_template_global()
def subscale_word(stored: str) -> str:
    """In the reader's language where it was scored here; else as its source calls it."""
    return choice_word("Subscale", stored) if stored in CHOICES["Subscale"] else stored


@blueprint.app_template_filter()
def score(raw: str) -> str:
    """A value as its source gives it, with the reader's decimal mark."""
    return number(Decimal(raw))


@dataclass
class Cell:
    """One instrument at one time: every value that some source gives, and the one that counts."""

    instrument: str
    scores: list[Any] = field(default_factory=list)
    in_error: list[tuple[Any, str]] = field(default_factory=list)
    """Values that were told by mistake, with why."""
    taken: Mapping[str, str] = field(default_factory=dict)
    """Of each value that was weighed, the one that was taken to be right."""
    chosen: Any = None
    """That one, whether it still stands or another was told since."""
    why: Signed | None = None

    @property
    def value(self) -> Fraction | Missing:
        """0–100 with 0 best, exact, of what counts."""
        return judged(self.instrument, self.scores, self.taken)

    @property
    def counts(self) -> Any:
        """The adjudicated value, or the only one there is; sources that differ count for nothing until somebody decides."""
        return None if self.open or not self.scores else self.chosen or self.scores[0]

    def overruled(self, one: Any) -> bool:
        """Whether another value than this one was taken to be right."""
        return self.states[one.id] is Counts.BESIDE

    @cached_property
    def states(self) -> Mapping[str, Counts]:
        counts = counts_of(self.instrument, self.scores, self.taken)
        return {one.id: how for one, how in zip(self.scores, counts, strict=True)}

    @property
    def was_read(self) -> bool:
        """Two read it here, each without the other's grade."""
        return len({one.reader_id for one in self.scores if one.reader_id}) > 1

    @property
    def open(self) -> bool:
        return Counts.UNDECIDED in self.states.values()


@dataclass(slots=True)
class Line:
    """One instrument, side, subscale and course, by time."""

    instrument: str
    laterality: str | None
    subscale: str | None
    course_id: str | None
    """None: no course, or nobody said which of several: `open`."""
    open: bool
    cells: dict[str, Cell]

    @property
    def measured(self) -> bool:
        known = INSTRUMENTS.get(self.instrument)
        return known is not None and bool(known.units)

    def scales(self, points: list[str]) -> list[Decimal | None]:
        """At each time 0–100 with 0 best, where the source of the counting value reports its range."""
        told = [self.cells[point].value if point in self.cells else None for point in points]
        return [shown(one) if isinstance(one, Fraction) else None for one in told]


def sheet(view: View, subject_id: str) -> dict[str, Any]:
    """Lines of a before/after table, the time points that occur, and whether anything contradicts itself."""
    cells: dict[tuple[str, str | None, str | None, str | None], dict[str, Cell]] = defaultdict(dict)
    of = joints.of_person(view, subject_id)
    at: dict[str, Cell] = {}
    unplaced: set[tuple[str, str | None, str | None, str | None]] = set()
    told, taken = outcomes.scores(view, subject_id), outcomes.chosen(view, subject_id)
    why = signatures.reasons_of(view, [one.act_id for one in told if one.void_at])
    for one in told:
        joint, side = place = joints.place(one, of)
        key = (one.instrument, side and str(side), one.subscale, joint)
        cell = cells[key].setdefault(str(one.time_point), Cell(one.instrument, taken=taken))
        if joints.is_open(place, of):
            unplaced.add(key)
        if one.void_at is not None:
            cell.in_error.append((one, why.get(one.act_id, "")))
            continue
        cell.scores.append(one)
        at[one.id] = cell
    judged = [one for one in outcomes.adjudications(view, subject_id) if one.superseded_at is None]
    signed = signatures.about(view, [one.id for one in judged])
    for choice in judged:
        cell = at[choice.chosen_id]
        cell.chosen = next(score for score in cell.scores if score.id == choice.chosen_id)
        cell.why = next(iter(signed.get(choice.id, ())), None)
    in_time = [str(point) for point in ORDER]
    lines = [
        Line(*key, key in unplaced, {point: found[point] for point in in_time if point in found})
        for key, found in sorted(cells.items(), key=lambda item: [str(part) for part in item[0]])
    ]
    points = [point for point in in_time if any(point in line.cells for line in lines)]
    return {
        "waiting": gradings.waiting(view, subject_id),
        "links": form_links.links(view, subject_id),
        "lines": lines,
        "points": points,
        "became": responding.of_subject(view, subject_id),
        "several": several(of),
        "words": [choice_word("TimePoint", point) for point in points],
    }


def several(of: Sequence[Joint]) -> dict[str, dict[str, date]]:
    """By knee that has more than one course or was injected beside it: the planned day of each course, by which it is named."""
    sides = Counter(str(one.laterality) for one in of)
    return {
        side: {one.id: one.course.planned_on for one in of if one.course and str(one.laterality) == side}
        for side, count in sides.items() if count > 1
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- entry

SCORE = ("instrument", "raw", "time_point", "told_by", "laterality", "course_id", "instrument_version", "subscale", "low", "high",
         "observed_on", "reader", "unit")  # fmt: skip


@blueprint.route("/scores/record", methods=["GET", "POST"])
def score_record() -> ResponseReturnValue:
    given = posting.form(*SCORE)
    return _entry("score.record", "outcomes/score.html", given, given, instruments=INSTRUMENTS)


FORM = ("time_point", "told_by", "laterality", "course_id", "observed_on")


@blueprint.route("/score_forms/record", methods=["GET", "POST"])
def score_form_record() -> ResponseReturnValue:
    """Which questionnaire; then its items, each by its number in the published form: the texts are their owners'."""
    chosen = request.values.get("form", "")
    instrument, _bar, name = chosen.partition("|")
    version = score_forms.version_of(instrument, name) if chosen or request.method == "POST" else None
    answers = [request.form.get(f"item_{n}", "") for n in range(1, version.items + 1)] if version else []
    given = posting.form(*FORM)
    told = {"instrument": instrument, "instrument_version": name, "answers": answers, **given}
    return _entry(
        "score_form.record", "outcomes/form.html", given, told, versions=VERSIONS.values(), version=version, chosen=chosen,
        answers=answers,
    )  # fmt: skip


READING = ("laterality", "time_point", "projection", "taken_on", "kl_grade", "course_id")


@blueprint.route("/scores/read", methods=["GET", "POST"])
def score_read() -> ResponseReturnValue:
    """A radiograph, as the one who is signed in reads it: what another read is nowhere on this page."""
    given = {name: request.values.get(name, "").strip() for name in READING}
    return _entry("score.read", "outcomes/read.html", given, given, projections=tuple(gradings.Projection))


def _entry(
    act: str, template: str, given: Mapping[str, Any], told: Mapping[str, Any], **more: Any
) -> ResponseReturnValue:
    """A form about one subject, and what comes of it: `given` as it was typed, `told` as the act is asked."""
    posting.permitted(act)
    subject_id, trouble = request.values.get("subject_id", ""), None
    if request.method == "POST":
        done = posting.perform(act, subject_id=subject_id, **told)
        if not isinstance(done, Trouble):
            flash(act_words(act).done)
            return redirect(url_for("web.subject", subject_id=subject_id) + "#outcomes", 303)
        trouble = done
    with store().read(actor()) as view:
        page = render_template(
            template, subject=subjects.subject(view, subject_id), given=given, trouble=trouble, name=act, points=ORDER,
            plans=courses.progress(view, [subject_id])[subject_id], **more,
        )  # fmt: skip
    return page, trouble.status if trouble else 200


@blueprint.get("/instruments")
def instruments() -> ResponseReturnValue:
    """What is known of each: its range, which end is good, its versions with what may be missing, and where that is written."""
    return render_template(
        "outcomes/instruments.html", instruments=INSTRUMENTS, versions=VERSIONS, section="web.subjects"
    )


@blueprint.route("/scores/<score_id>/agree", methods=["GET", "POST"])
def score_agree(score_id: str) -> ResponseReturnValue:
    """The two who read it differently choose one grade together, and both sign."""
    return _chosen_of(score_id, "score.agree")


@blueprint.route("/scores/<score_id>/adjudicate", methods=["GET", "POST"])
def score_adjudicate(score_id: str) -> ResponseReturnValue:
    """Every value that stands beside this one; one of them is chosen, with a reason, and signed."""
    return _chosen_of(score_id, "score.adjudicate")


def _chosen_of(score_id: str, name: str) -> ResponseReturnValue:
    posting.permitted(name)
    with store().read(actor()) as view:
        one = outcomes.score(view, score_id)
        subject = subjects.subject(view, one.subject_id)
        beside = outcomes.beside(view, one)
    given, trouble = posting.form("chosen_id", "reason"), None
    if request.method == "POST":
        told = {"score_ids": [other.id for other in beside], **given}
        done = posting.perform(name, **told)
        if not isinstance(done, Trouble):
            flash(act_words(name).done)
            return redirect(url_for("web.subject", subject_id=subject.id) + "#outcomes", 303)
        trouble = done
    page = render_template(
        "outcomes/adjudicate.html", name=name, one=one, subject=subject, beside=beside, given=given, trouble=trouble
    )
    return page, trouble.status if trouble else 200
