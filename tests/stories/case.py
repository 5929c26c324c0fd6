"""What the stories of the clinic share: people enrolled, courses, the stops that were told, and many at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col

from tests.clinic import JAKARTA, Clinic
from traceability.domain.casework import CaseDecision
from traceability.domain.errors import Refused
from traceability.domain.gs1 import element_string
from traceability.domain.people import SYSTEM, Actor, Meaning, Signing
from traceability.services import bedside, closing, consents, courses, doses, evaluated, investigations, stops, subjects
from traceability.services.cases import open_cases
from traceability.services.stops import open_holds
from traceability.store import Call, Done, Source, View
from traceability.store.tables import Case, Hold, Vial
from traceability.store.tables.subjects import Laterality
from traceability.store.verify import verify

RIGHT, LEFT = Laterality.RIGHT, Laterality.LEFT


def enrol(
    clinic: Clinic,
    name: str = "Sri Lestari",
    mrn: str = "MRN-0000001",
    *,
    nik: str = "",
    wristband: str = "",
    born: date = date(1969, 5, 3),
    who: Actor | None = None,
) -> str:
    sealed = subjects.seal_identity(clinic.store, name=name, mrn=mrn, born=born, nik=nik, wristband=wristband)
    return clinic.do(subjects.enrol, who or clinic.PHYSICIAN, sealed).id


def protocol(clinic: Clinic) -> str:
    if "protocol" not in clinic.ids:
        clinic.protocol()
    return clinic.ids["protocol"]


def usable(view: View) -> set[str]:
    """Subjects whose data may be used."""
    subjects = evaluated.read_under(view)
    return evaluated.usable(view, subjects, evaluated.same_person(view, subjects))


def planned(clinic: Clinic, subject: str, laterality: Laterality = RIGHT, first_on: date | None = None) -> str:
    first = first_on or today(clinic)
    return clinic.do(
        courses.plan, clinic.PHYSICIAN, subject, protocol(clinic), laterality, first, site_id=clinic.ids["site"]
    ).id


def patient(
    clinic: Clinic, mrn: str, laterality: Laterality = RIGHT, *, first_on: date | None = None, **told: Any
) -> tuple[str, str]:
    """Somebody else, consented, with a course from today or another day: the subject and the course."""
    subject = enrol(clinic, f"Patient {mrn}", mrn, **told)
    clinic.consent(subject)
    return subject, planned(clinic, subject, laterality, first_on)


def today(clinic: Clinic) -> date:
    return clinic.clock.now.astimezone(JAKARTA).date()


def withdraw(clinic: Clinic, consent: str, **told: Any) -> None:
    clinic.do(consents.withdraw, clinic.PHYSICIAN, consent, **told)


def prescribed(clinic: Clinic, course: str, k: int) -> str:
    signed = (clinic.sign("santosa", Meaning.ORDERED),)
    return clinic.do(courses.prescribe, clinic.PHYSICIAN, clinic.dose(course, k), signed=signed).id


def verified(clinic: Clinic, order: str) -> None:
    clinic.do(courses.verify, clinic.PHARMACIST, order, signed=(clinic.sign("putri", Meaning.VERIFIED),))


def reserve(clinic: Clinic, serial: str, dose: str, **told: Any) -> Done:
    return clinic.do(courses.reserve, clinic.PHARMACIST, clinic.vial(serial).id, dose, **told)


def issue(clinic: Clinic, serial: str) -> Done:
    return clinic.do(courses.issue, clinic.PHARMACIST, clinic.vial(serial).id, clinic.ids["bench"])


def thaw(clinic: Clinic, serial: str) -> Done:
    return clinic.do(courses.thaw, clinic.PHARMACIST, clinic.vial(serial).id, clinic.ids["bench"])


def hand_over(clinic: Clinic, serial: str) -> Done:
    """Thawed and issued, as a vial comes to the bedside."""
    thaw(clinic, serial)
    return issue(clinic, serial)


def take_back(clinic: Clinic, serial: str) -> Done:
    where = clinic.ids["bench"]
    return clinic.do(courses.take_back, clinic.PHARMACIST, clinic.vial(serial).id, where, reason="did not come")


def both(clinic: Clinic) -> tuple[Signing, ...]:
    return clinic.sign("santosa", Meaning.GIVEN), clinic.sign("rahayu", Meaning.WITNESSED)


def report(
    clinic: Clinic,
    codes: Sequence[str],
    *,
    subject: str | None = None,
    side: Laterality = RIGHT,
    at: Any = None,
    signed: tuple[Signing, ...] | None = None,
    given_ul: int = 3000,
    discarded_ul: int = 0,
    act_id: str | None = None,
    **told: Any,
) -> Done:
    """Tell the record what was injected; `at`: late, and when it happened."""
    call = Call(act_id=act_id) if act_id else Call()
    if at is not None:
        call = Call(act_id=call.act_id, occurred_at=at, source=Source.LATE, reason="written down during downtime")
    return clinic.do(
        doses.give, clinic.PHYSICIAN, subject or clinic.ids["subject"], side, list(codes), given_ul, discarded_ul,
        signed=both(clinic) if signed is None else signed, call=call, **told,
    )  # fmt: skip


def stops_at(clinic: Clinic, course: str, k: int, vial: Vial, **told: Any) -> list[str]:
    """The codes with which the bedside refuses; they are the same that its page shows, and nothing is written."""
    before = count(clinic, "dose_start")
    with pytest.raises(Refused) as no:
        clinic.start_dose(course, k, vial, **told)
    assert no.value.code == "dose_refused"
    codes = [finding.code for finding in no.value.findings]
    with clinic.store.read(clinic.PHYSICIAN) as view:
        subject = told.get("subject") or clinic.ids["subject"]
        asked = bedside.ask(view, clinic.dose(course, k), subject, clinic.code(vial), told.get("laterality", RIGHT))
    assert [finding.code for finding in asked.findings] == codes
    assert count(clinic, "dose_start") == before
    return codes


def refusal(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as no:
        act()
    return no.value


def cases(clinic: Clinic) -> list[Case]:
    with clinic.store.read(clinic.QUALITY) as view:
        return open_cases(view)


def closed(clinic: Clinic, case_id: str, why: str) -> None:
    """Answered for as every case is: found out by one of QA, decided, its holds lifted, closed by the other."""
    told = {"signed": (clinic.sign("maharani", Meaning.DECIDED),), "reason": why}
    clinic.do(investigations.investigate, clinic.QUALITY, case_id, why, root_cause=why)
    with clinic.store.read(clinic.QUALITY) as view:
        case = view.need(Case, case_id)
        concerned, near = closing.concerned(view, case), investigations.suggestions(view, case)
        placed = view.all(Hold, Hold.case_id == case_id, col(Hold.lifted_at).is_(None))
    if left := [one.lot.id for one in near if one.decided is None]:
        clinic.do(investigations.extend_to, clinic.QUALITY, case_id, left, chosen=False, reason=why)
    decision = CaseDecision.USE if concerned else CaseDecision.NONE_NEEDED
    clinic.do(closing.dispose, clinic.QUALITY, case_id, decision, **told)
    for one in placed:
        clinic.do(stops.lift, clinic.QUALITY, one.id, **told)
    clinic.do(closing.close, clinic.QUALITY2, case_id, signed=(clinic.sign("lestari", Meaning.DECIDED),), reason=why)


def holds(clinic: Clinic) -> list[Hold]:
    with clinic.store.read(clinic.QUALITY) as view:
        return open_holds(view)


def count(clinic: Clinic, table: str, where: str = "1 = 1") -> int:
    return int(rows(clinic, f"SELECT count(*) FROM {table} WHERE {where}")[0][0])


def rows(clinic: Clinic, query: str, **values: Any) -> list[Any]:
    with clinic.store.engines.reader.connect() as connection:
        return list(connection.execute(text(query), values).all())


def reading(clinic: Clinic, ask: Callable[[View], Any], who: Actor = SYSTEM) -> Any:
    with clinic.store.read(who) as view:
        return ask(view)


def nobody_knows(clinic: Clinic, serial: str = "NOBODY", lot: str = "UC26-H3", gtin: str | None = None) -> str:
    """What a scanner sends for a vial that the record does not know."""
    expires = (clinic.clock.now + timedelta(days=100)).strftime("%y%m%d")
    known = gtin or clinic.vials(clinic.ids["lot"])[0].gtin
    return "]d2" + element_string([("01", known), ("17", expires), ("10", lot), ("21", serial)])


def at_once(n: int, work: Callable[[int], object]) -> tuple[list[object], list[Refused]]:
    """n people do it at the same moment: what was done, and what was refused. Anything else is a failure."""
    barrier = threading.Barrier(n)

    def one(number: int) -> object:
        barrier.wait()
        return work(number)

    done, refused = [], []
    with ThreadPoolExecutor(n) as pool:
        for future in [pool.submit(one, number) for number in range(n)]:
            try:
                done.append(future.result(timeout=120))
            except Refused as no:
                refused.append(no)
    return done, refused


def at_once_before_either_ends(
    clinic: Clinic, n: int, work: Callable[[int], object]
) -> tuple[list[object], list[Refused]]:
    """The same at the hospital, and nobody commits before all have read what they go by, or wait for one who has.

    The ledger comes last in every act; it is held until then. SQLite has one writer anyway.
    """
    if clinic.store.engines.writer.dialect.name == "sqlite":
        return at_once(n, work)
    waiting = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    held = text("SELECT pg_advisory_xact_lock(hashtextextended('trace.ledger:' || :l, 0))")
    with ThreadPoolExecutor(1) as pool:
        with clinic.store.engines.writer.connect() as holder, holder.begin():
            holder.execute(held, {"l": clinic.ids["hospital"]})
            done = pool.submit(at_once, n, work)
            until = time.monotonic() + 60
            while holder.execute(waiting).scalar_one() < n:
                assert time.monotonic() < until, "they never came so far"
                time.sleep(0.02)
        return done.result(timeout=120)


def clean(clinic: Clinic) -> None:
    """The record is what its ledger says."""
    with clinic.store.engines.reader.connect() as connection:
        assert verify(connection).problems == []
