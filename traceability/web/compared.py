"""Words and numbers of a comparison in the reader's language, and the answer that stands first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from flask_babel import gettext as _

from traceability.domain.comparing import BASELINE, By, Compared, Comparison, Share
from traceability.domain.exact import LEVEL
from traceability.formats import DASH, MINUS, language, number
from traceability.services.comparisons import Told
from traceability.services.evaluated import Followed


def percent(share: float | None, digits: int = 0) -> str:
    """58 %: shares and the ends of intervals alike."""
    return DASH if share is None else f"{number(Decimal(str(share * 100)), digits)}\u00a0%"


def between(interval: tuple[float, float] | None) -> str:
    return (
        _("too few")
        if interval is None
        else _("%(low)s to %(high)s", low=percent(interval[0]), high=percent(interval[1]))
    )


def points(value: float | None, digits: int = 1) -> str:
    """+4.2 or −3.0 of 100."""
    if value is None:
        return DASH
    told = number(Decimal(str(value)), digits)
    return told if told.startswith(MINUS) or value == 0 else f"+{told}"


def plain(value: Decimal | None) -> str:
    return DASH if value is None else number(value)


def p_word(p: float | None) -> str:
    if p is None:
        return DASH
    return f"< {number(Decimal('0.001'))}" if p < 0.001 else number(Decimal(str(p)), 3)


def of(share: Share) -> str:
    return _("%(count)s of %(all)s", count=number(share.count), all=number(share.n))


def change(row: Followed, visit: str) -> str:
    scores = row.treated.scores
    return points(scores[visit] - scores[BASELINE]) if BASELINE in scores and visit in scores else DASH


def named(told: Told) -> dict[str, str]:
    """Groups as people call them: a month by its name."""
    if told.comparison.by is not By.MONTH:
        return {one: told.names.get(one, one[:8]) for one in told.groups}
    return {one: format_date(date(int(one[:4]), int(one[5:]), 1), "MMM y", locale=language()) for one in told.groups}


def title(by: By) -> str:
    return {
        By.LOT: _("Outcomes by lot"),
        By.PLACE: _("Outcomes by place"),
        By.INJECTOR: _("Outcomes by injector"),
        By.MONTH: _("Outcomes by month of the first injection"),
    }[by]


@dataclass(frozen=True, slots=True)
class Headline:
    kind: str
    title: str
    more: tuple[str, ...] = ()


def headline(told: Comparison, labels: Mapping[str, str]) -> Headline:
    """The answer, before everything else."""
    if not told.comparable:
        return Headline(
            "ask", _("Too few to compare: nowhere are there five persons to be evaluated, with five others.")
        )
    if not told.standing_out:
        more = _(
            "With %(num)s groups compared, at least one lies beyond its own 95 %% limits by chance in about %(share)s of such tables.",
            num=number(told.comparable),
            share=percent(1 - LEVEL**told.comparable),
        )
        return Headline("info", _("Nothing stands out."), (more,))
    which = ", ".join(labels[one] for one in told.standing_out)
    return Headline(
        "warn",
        _("Stands out from the rest: %(which)s.", which=which),
        (
            *_found(told, labels),
            _("That is a reason to look: at its records, its way, its patients. It is no proof of a cause."),
        ),
    )


def _found(told: Comparison, labels: Mapping[str, str]) -> Iterable[str]:
    """In which figure, by how much."""
    for one in told.scores.groups:
        if one.stands_out and one.value is not None:
            values = {"group": labels[one.group], "points": points(one.value), "p": p_word(one.p_holm)}
            if one.value > 0:
                yield _("%(group)s: scores %(points)s of 100, worse than the rest (p %(p)s corrected).", **values)
            else:
                yield _("%(group)s: scores %(points)s of 100, better than the rest (p %(p)s corrected).", **values)
    for other in told.responses:
        if other.stands_out:
            yield _(
                "%(group)s: %(share)s responded, of the rest %(rest)s (p %(p)s corrected).", **_values(other, labels)
            )
    for other in told.events:
        if other.stands_out:
            yield _(
                "%(group)s: %(share)s had an event, of the rest %(rest)s (p %(p)s corrected).", **_values(other, labels)
            )


def _values(one: Compared, labels: Mapping[str, str]) -> dict[str, str]:
    return {"group": labels[one.group], "share": of(one.share), "rest": of(one.rest), "p": p_word(one.p_holm)}
