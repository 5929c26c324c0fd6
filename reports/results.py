"""Tests on paper: against their specification, what was tried beside what stands, the files they came from, who reviewed them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reportlab.platypus import Flowable

from reports import page, sections, terms
from reports.page import Cell, Mark
from reports.sections import Section
from reports.words import DASH, NARROW, Words, grouped
from traceability.domain.records import Signed, SourceFile, TestLine, TriedLine


def tests(_: Words, lines: Sequence[TestLine]) -> Section:
    """The result that stands of every test, against the version of its specification."""
    title = _("Tests against specification")
    if not lines:
        return title, [page.note(_("No test is specified for this product."))]
    versions = {one.version for one in lines}
    alike = len(versions) == 1
    if alike:
        title = _("Tests against specification version %(version)s", version=_.number(versions.pop()))
    head = [_("Test"), _("Method"), _("Limit"), _("Result"), _("Unit"), _("Finding")]
    widths, right = [5.1, 4, 3.7, 3, 2.4, 2.9], 3
    if not alike:
        head, widths, right = [*head[:2], _("Version"), *head[2:]], [3.9, 3.8, 2, 3.5, 2.8, 2.4, 2.9], 4
    rows = [(_test(_, one, version=not alike), one.demonstration) for one in lines]
    body = sections.table(_, head, rows, widths, numeric=[right] if alike else [2, right])
    return title, [*body, page.note("\n".join(_hands(_, lines)))]


def _test(_: Words, one: TestLine, *, version: bool) -> tuple[Cell, ...]:
    return (
        one.test if one.mandatory else one.test + _(", optional"),
        one.method or DASH,
        *((_.number(one.version),) if version else ()),
        limit(_, one),
        _.quantity(one.value) if one.value is not None else _("missing"),
        one.unit or DASH,
        inside(_, one),
    )


def _hands(_: Words, tests: Iterable[TestLine]) -> Iterator[str]:
    """Who entered and who reviewed what; the signatures and times of the reviews stand with the signatures."""
    by: dict[tuple[str, str | None], list[str]] = {}
    for one in tests:
        if one.analyst is not None:
            by.setdefault((one.analyst, one.reviewer), []).append(one.test)
    for (analyst, reviewer), named in by.items():
        told = _("entered by %(analyst)s, not reviewed", analyst=analyst)
        if reviewer is not None:
            told = _("entered by %(analyst)s, reviewed by %(reviewer)s", analyst=analyst, reviewer=reviewer)
        yield f"{', '.join(named)}: {told}."


def limit(_: Words, one: TestLine) -> str:
    """≥ 3.0 · ≤ 0.25 · 7.0 to 7.6 · an expected word."""
    if one.expected is not None:
        return one.expected
    low = None if one.low is None else _.quantity(one.low)
    high = None if one.high is None else _.quantity(one.high)
    if low and high:
        return _("%(low)s to %(high)s", low=low, high=high)
    return f"≥{NARROW}{low}" if low else f"≤{NARROW}{high}"


def inside(_: Words, one: TestLine) -> Mark:
    if one.value is None:
        return Mark("stop" if one.mandatory else "none", _("No result"))
    return conforms(_, one.conforms)


def conforms(_: Words, told: bool | None) -> Mark:
    if told is None:
        return Mark("ask", _("Unknown"))
    return Mark("ok", _("Inside")) if told else Mark("stop", _("Outside"))


def tried(_: Words, lines: Sequence[TriedLine]) -> Section:
    """Every result of a test that was repeated or outside: none replaces another; which stands, and who said so."""
    title = _("Results outside the specification, and repeats")
    if not lines:
        return title, [page.note(_("None: every test has one result, inside its limits."))]
    head = [_("Test"), _("Result"), _("Finding"), _("Tested, entered by"), _("Stands"), _("Case, and what was found")]
    rows: list[tuple[Sequence[Cell], bool]] = [
        (
            (
                one.test,
                f"{_.quantity(one.value)} {one.unit}".strip(),
                conforms(_, one.conforms),
                f"{_.moment(one.tested_on)}\n{one.analyst}" + ("" if one.reviewer else "\n" + _("not reviewed")),
                Mark("ok", _("yes")) if one.stands else Mark("none", _("no")),
                _found(_, one),
            ),
            one.demonstration,
        )
        for one in lines
    ]
    return title, sections.table(_, head, rows, [2.6, 2.3, 2.1, 3.4, 1.7, 4.6])


def _found(_: Words, one: TriedLine) -> str:
    if one.case is None:
        return DASH
    state = _("closed") if one.case_closed else _("still open")
    said = terms.outcome(_, one.outcome) if one.outcome else _("nobody said which result stands")
    parts = (f"{one.case}, {state}", said, one.reason, one.evidence)
    return "\n".join(part for part in parts if part)


def sources(_: Words, files: Sequence[SourceFile]) -> Section:
    """Files from which results were read in, and certificates that came with the lot, by their SHA-256."""
    title = _("Files")
    if not files:
        return title, [page.note(_("No file is attached: results were entered by hand."))]
    rows = [(one.name, terms.file(_, one.kind), grouped(one.sha256, 8)) for one in files]
    return title, [page.table([_("File"), _("What it is"), _("SHA-256 of the file")], rows, [4, 3.6, 8])]


def reviews(_: Words, signed: Sequence[Signed]) -> list[Flowable]:
    """Who reviewed which result, and what the signature covers."""
    if not signed:
        return []
    head = [_("Reviewed"), _("Name"), _("Role"), _("Signed"), _("Covers SHA-256")]
    rows = [
        (
            one.about,
            one.name,
            terms.role(_, one.role),
            _.moment(one.at, seconds=True, universal=True),
            grouped(one.covers, 8),
        )
        for one in signed
    ]
    return [page.table(head, rows, [2.6, 2.8, 2.4, 4, 5.6])]
