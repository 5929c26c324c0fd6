"""Test results: entered by an analyst, reviewed by somebody else; outside the specification somebody says which stands (R30–R32)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col

from traceability.domain import specifications as rules
from traceability.domain.errors import Refused
from traceability.domain.people import Role
from traceability.domain.specifications import Outcome, Tried, in_force, standing
from traceability.services import Answer, organisations, performs
from traceability.services.cases import at_work, open_case
from traceability.services.specifications import specifications
from traceability.store import Tx, View
from traceability.store.tables import Attachment, Case, Conclusion, Lot, Person, Result, Specification
from traceability.store.tables.quality import CaseKind

LONGEST = 80
"""Characters of a value."""


@performs("result.enter")
def enter(tx: Tx, lot_id: str, specification_id: str, value: str, tested_on: datetime) -> Answer:
    """What one test showed, as its source writes it; a new entry stands beside the old. Outside its specification it opens a case."""
    lot, specification = tx.need(Lot, lot_id), tx.need(Specification, specification_id)
    ((row, holds),) = write(tx, lot, [(specification, value, tested_on)])
    return {"id": row.id, "conforms": holds, **({"case": _case(tx, row)} if row.case_id else {})}


@performs("result.review")
def review(tx: Tx, result_id: str) -> Answer:
    """Somebody else of the house that entered it looked at the entry and its source (R58)."""
    result = to_review(tx, tx.need(Result, result_id))
    tx.covers = {"value": result.value, "specification": result.specification_id}
    tx.change(result, reviewer_id=tx.actor.person_id, reviewed_at=tx.at)
    return {"id": result.id}


def to_review(tx: Tx, result: Result) -> Result:
    """One that waits for this very person: of their house, by somebody else. Whose result it is decides, not who sees the lot."""
    if entered_by(tx, [result])[result.id] != tx.actor.organisation_id:
        raise Refused("result_of_another_house")
    if tx.mine(tx.act.roles) & entered_for(tx, result):
        raise Refused("own_work", noun="result")
    if result.reviewed_at is not None:
        raise Refused("already_ended", noun="review")
    return result


def entered_for(view: View, result: Result) -> frozenset[str]:
    """Who entered it, and for whom: between the test and the review, or now, somebody was at work as an analyst."""
    return view.voices(result.analyst_id, result.tested_on, result.reviewed_at or view.at, roles=(Role.ANALYST,))


def entered_by(view: View, found: Sequence[Result]) -> dict[str, str]:
    """Of each result the organisation whose it is: that of who entered it."""
    who = {one.id: one.organisation_id for one in view.known(Person, col(Person.id).in_({r.analyst_id for r in found}))}
    return {one.id: who[one.analyst_id] for one in found}


@performs("result.conclude")
def conclude(
    tx: Tx, result_id: str, outcome: Outcome, *, stands_id: str | None = None, attachment_id: str | None = None
) -> Answer:
    """What the investigation of a result outside its specification found, and which result stands (R31).

    An error of the laboratory takes its evidence, a file, and a later, reviewed result of the same test that stands instead;
    confirmed, the result itself stands. The case of the result is closed by an act of its own; until then nothing is decided.
    """
    result = tx.need(Result, result_id)
    lot = tx.need(Lot, result.lot_id)
    if result.case_id is None:
        raise Refused("result_not_outside")
    if tx.mine(tx.act.roles) & entered_for(tx, result):
        raise Refused("own_work", noun="result")
    at_work(tx, result.case_id)  # once it is closed, it is opened again before anything else is said of it
    stands = result
    if outcome is Outcome.LABORATORY_ERROR:
        if attachment_id is None or tx.need(Attachment, attachment_id).lot_id != lot.id:
            raise Refused("evidence_missing")
        stands = _stands(tx, lot, result, stands_id)
        if tx.mine(tx.act.roles) & entered_for(tx, stands):
            raise Refused("own_work", noun="result")
    elif stands_id not in (None, result.id):
        raise Refused("stands_otherwise")
    tx.covers = {"result": result.value, "stands": stands.value, "evidence": attachment_id}
    tx.mention(lot.id, result.case_id)
    row = tx.add(
        Conclusion(
            result_id=result.id, outcome=outcome, stands_id=stands.id, attachment_id=attachment_id, concluded_at=tx.at,
        )
    )  # fmt: skip
    return {"id": row.id, "lot_id": lot.id, "result_id": result.id, "stands_id": stands.id}


def _stands(tx: Tx, lot: Lot, outside: Result, stands_id: str | None) -> Result:
    """The result that stands instead: of the same test, entered later, reviewed, and not itself put aside."""
    (test,) = (
        one for one in judged(tx, lot, tx.actor.organisation_id) if outside.id in {each.row.id for each in one.tried}
    )
    places = {one.row.id: at for at, one in enumerate(test.tried)}
    if stands_id not in places or places[stands_id] <= places[outside.id]:
        raise Refused("retest_missing", test=test.test)
    chosen = test.tried[places[stands_id]]
    if chosen.row.reviewed_at is None or chosen.fact.invalidated or not chosen.fact.relied:
        raise Refused("retest_missing", test=test.test)
    return chosen.row


def write(
    tx: Tx, lot: Lot, told: Sequence[tuple[Specification, str, datetime]], *, attachment_id: str | None = None
) -> list[tuple[Result, bool | None]]:
    """These results under this act, each with whether it conforms; all of them, or a refusal. Each outside opens a case."""
    tx.alone(f"results of {lot.id}")
    versions = specifications(tx, lot.product_version_id)
    made_under = in_force(versions, lot.made_on)
    by_test: dict[str, int] = defaultdict(int)
    tests = {one.id: one.test for one in versions}
    for one in results(tx, lot.id):
        by_test[tests[one.specification_id]] = max(by_test[tests[one.specification_id]], one.version)
    rows: list[tuple[Result, bool | None]] = []
    for specification, value, tested_on in told:
        checked(tx, lot, versions, specification, value, tested_on)
        holds = rules.conforms(value.strip(), specification, made_under.get(specification.test))
        by_test[specification.test] += 1
        case = None
        if holds is False:
            title = f"Lot {lot.number}: outside its specification, {specification.test} {value.strip()}"
            case = open_case(tx, CaseKind.OUT_OF_SPECIFICATION, title[:240], lot_id=lot.id)
        row = Result(
            lot_id=lot.id, specification_id=specification.id, version=by_test[specification.test], value=value.strip(),
            analyst_id=tx.actor.person_id, tested_on=tested_on, attachment_id=attachment_id,
            case_id=case.id if case else None,
        )  # fmt: skip
        rows.append((row, holds))
    tx.add_all([row for row, _ in rows])
    return rows


def checked(
    view: View,
    lot: Lot,
    versions: Sequence[Specification],
    specification: Specification,
    value: str,
    tested_on: datetime,
) -> None:
    """Refuse what is no result of this test: of another product, without a value, not yet tested, against a version out of force."""
    if specification.product_version_id != lot.product_version_id:
        raise Refused("specification_of_other_product")
    value = value.strip()
    if not value or len(value) > LONGEST:
        raise Refused("value_missing")
    if specification.expected is None and rules.reported(value) is None:
        raise Refused("number_unreadable", value=value)
    if tested_on > view.at:
        raise Refused("occurred_in_future", occurred=tested_on, now=view.at)
    now = asked_on(view, lot, versions, specification.test, organisations.day_of(view, tested_on))
    if now is not None and now.id != specification.id:
        raise Refused("specification_not_in_force", test=specification.test, version=now.version)


def asked_on(view: View, lot: Lot, versions: Sequence[Specification], test: str, day: date) -> Specification | None:
    """The version of a test against which a result of that day is entered.

    That in force when it was tested; where none was yet, that of the lot's making, else that of today.
    """
    for on in (day, lot.made_on, organisations.today(view)):
        if found := in_force(versions, on).get(test):
            return found
    return None


def _case(view: View, row: Result) -> str:
    return view.known(Case, Case.id == row.case_id)[0].number


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class Entered:
    """One result as it was entered: against which version, what was found of it, and who answers for it."""

    row: Result
    specification: Specification
    fact: Tried
    conclusion: Conclusion | None


@dataclass(frozen=True, slots=True)
class Judged:
    """One test asked of a lot. `specification`: the version it is shown by; `made_under`: that of the lot's making.

    `stands`: the result that counts, of all that were tried; none where there is no result, or all were put aside.
    """

    test: str
    specification: Specification
    made_under: Specification | None
    mandatory: bool
    tried: tuple[Entered, ...]
    stands: Entered | None

    @property
    def repeated(self) -> bool:
        """There is more to be said of it than its one result."""
        return len(self.tried) > 1 or any(one.fact.conforms is False for one in self.tried)


def judged(view: View, lot: Lot, house_id: str | None = None) -> list[Judged]:
    """Every test asked of the lot: those in force when it was made and those in force today, and any that was tried.

    `house_id`: who rests a decision on it, and that is on results of its own or of the maker alone (R31); None: whoever reads.
    A result is held against the version in force when it was tested and the one in force when the lot was made: the narrower
    binds. A test is mandatory where either says so.
    """
    versions = specifications(view, lot.product_version_id)
    by_id = {one.id: one for one in versions}
    made, today = in_force(versions, lot.made_on), in_force(versions, organisations.today(view))
    tried: dict[str, list[Entered]] = defaultdict(list)
    found = results(view, lot.id)
    cases = {one.id: one for one in view.known(Case, col(Case.id).in_([row.case_id for row in found if row.case_id]))}
    said = _conclusions(view, [row.id for row in found if row.case_id])
    houses = entered_by(view, found) if house_id else {}
    for row in sorted(found, key=lambda row: (row.version, row.id)):
        one = by_id[row.specification_id]
        holds = rules.conforms(row.value, one, made.get(one.test))
        case, conclusion = cases.get(row.case_id or ""), said.get(row.id)
        fact = Tried(
            row.id, row.value, holds, case.number if case else None, bool(case and case.closed_at),
            conclusion.outcome if conclusion else None, house_id is None or houses[row.id] in (house_id, lot.maker_id),
        )  # fmt: skip
        tried[one.test].append(Entered(row, one, fact, conclusion))
    made_now: list[Judged] = []
    for test in sorted({*made, *today, *tried}):
        told = tried[test]
        chosen = standing([one.fact for one in told])
        stands = next((one for one in told if chosen is not None and one.row.id == chosen.id), None)
        shown = (stands or (told[-1] if told else None)) or None
        specification = shown.specification if shown else today.get(test) or made[test]
        mandatory = any(one.mandatory for one in (made.get(test), today.get(test)) if one is not None)
        made_now.append(Judged(test, specification, made.get(test), mandatory, tuple(told), stands))
    return made_now


def _conclusions(view: View, result_ids: Sequence[str]) -> dict[str, Conclusion]:
    found = view.known(Conclusion, col(Conclusion.result_id).in_(result_ids))
    return {one.result_id: one for one in sorted(found, key=lambda one: (one.concluded_at, one.id))}


def results(view: View, lot_id: str) -> list[Result]:
    return view.all(Result, Result.lot_id == lot_id, order=(Result.specification_id, Result.version))


def unconcluded(view: View, case_id: str) -> list[str]:
    """Of the results that a case is of, those of which nobody said which stands: test and value."""
    found = view.known(Result, Result.case_id == case_id)
    said = _conclusions(view, [one.id for one in found])
    left = [one for one in found if one.id not in said]
    tests = {
        one.id: one.test
        for one in view.all(Specification, col(Specification.id).in_([r.specification_id for r in left]))
    }
    return [f"{tests[one.specification_id]} {one.value}" for one in left]


def outside(view: View, lot_id: str) -> list[dict[str, Any]]:
    """Results of a lot outside their specification for which nobody has answered in full: test, value, case."""
    lot = view.need(Lot, lot_id)
    return [
        {"id": one.row.id, "test": each.test, "value": one.row.value, "case": one.fact.case}
        for each in judged(view, lot)
        for one in each.tried
        if not one.fact.answered
    ]
