"""QA decides after an excursion, vial by vial: use, use until a day, reject; whatever nobody decided on stays held (R26)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.clinic import Clinic
from tests.stories.case import enrol, report
from tests.stories.test_temperature import at_hand, codes, excursions, holds
from traceability.domain.errors import Refused
from traceability.domain.papers import FileKind
from traceability.domain.people import SYSTEM, Meaning
from traceability.services import deciding, lots, stops, vials
from traceability.services.cases import open_cases
from traceability.store import Call, Source
from traceability.store.tables.coldchain import Decision


@pytest.fixture
def warm(released: Clinic) -> Clinic:
    """The freezer with the thermometer was at −9 °C for a while, with two vials in it."""
    clinic = released
    for serial in ("H3K001", "H3K002"):
        clinic.do(vials.move, clinic.PHARMACIST, clinic.vial(serial).id, clinic.ids["read_freezer"])
    read(clinic, -20, -20, -20)
    clinic.clock.tick(minutes=30)
    read(clinic, -20, -20, -9)
    (clinic.ids["excursion"],) = [one.id for one in excursions(clinic)]
    return clinic


def read(clinic: Clinic, now: float, low: float, high: float) -> None:
    from traceability.services import coldchain

    given = (int(now * 1000), int(low * 1000), int(high * 1000))
    clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids["read_freezer"], *given)


def test_a_vial_that_qa_rejected_is_not_used(released: Clinic) -> None:
    clinic = warm.__wrapped__(released)  # type: ignore[attr-defined]
    clinic.disposed(clinic.ids["excursion"], Decision.REJECT, ("H3K001",))
    assert clinic.scan("H3K001") == ("do_not_use", ["rejected"])
    assert clinic.scan("H3K002") == ("ask_qa", ["held"])


def test_a_vial_that_may_be_used_until_a_day_is_used_through_that_day_and_no_longer(released: Clinic) -> None:
    """The day ends at midnight where the vial is: in Surakarta."""
    clinic = warm.__wrapped__(released)  # type: ignore[attr-defined]
    last = clinic.clock.now.date() + timedelta(days=1)
    clinic.disposed(clinic.ids["excursion"], Decision.USE_UNTIL, until=last)
    read(clinic, -20, -20, -20)
    assert clinic.scan("H3K001") == ("use", [])
    midnight = clinic.clock.now.replace(hour=17, minute=0, second=0, microsecond=0) + timedelta(days=1)
    clinic.clock.now = midnight - timedelta(seconds=1)
    read(clinic, -20, -20, -20)
    assert clinic.scan("H3K001") == ("use", [])
    clinic.clock.tick(seconds=1)
    assert clinic.scan("H3K001") == ("do_not_use", ["shortened"])


def test_what_was_decided_of_one_vial_frees_that_vial_alone(warm: Clinic) -> None:
    assert warm.disposed(warm.ids["excursion"], serials=("H3K001",)).answer["left"] == 1
    assert [warm.scan(f"H3K00{n}") for n in (1, 2)] == [("use", []), ("ask_qa", ["held"])]
    assert len(holds(warm)) == 1
    assert warm.disposed(warm.ids["excursion"]).answer["left"] == 0
    assert warm.scan("H3K002") == ("use", [])
    assert holds(warm) == []


def test_a_later_decision_on_the_same_vial_counts(warm: Clinic) -> None:
    warm.disposed(warm.ids["excursion"], Decision.REJECT, ("H3K001",))
    warm.clock.tick(minutes=1)
    warm.disposed(warm.ids["excursion"], Decision.USE, ("H3K001",))
    assert warm.scan("H3K001") == ("use", [])


def test_a_vial_of_which_is_told_later_that_it_was_there_is_held_though_the_others_were_decided_on(
    warm: Clinic,
) -> None:
    warm.disposed(warm.ids["excursion"])
    call = Call(occurred_at=warm.clock.now - timedelta(minutes=20), source=Source.LATE)
    warm.do(vials.move, warm.PHARMACIST, warm.vial("H3K003").id, warm.ids["read_freezer"], call=call)
    assert warm.scan("H3K003") == ("ask_qa", ["held"])
    assert [warm.scan(f"H3K00{n}") for n in (1, 2)] == [("use", []), ("use", [])]
    assert [hold.excursion_id for hold in holds(warm)] == [warm.ids["excursion"]]  # somebody is asked again


def test_time_in_the_warmth_that_is_told_after_the_decision_is_decided_on_too(warm: Clinic) -> None:
    """QA knew of ten minutes of it. An hour later somebody says that the vial was put back while it was still warm."""
    warm.clock.tick(minutes=10)
    vial = warm.vial("H3K001").id
    warm.do(vials.move, warm.PHARMACIST, vial, warm.ids["freezer"])
    warm.clock.tick(minutes=50)
    read(warm, -9, -20, -9)
    warm.clock.tick(minutes=5)
    read(warm, -20, -20, -9)
    warm.disposed(warm.ids["excursion"])
    assert warm.scan("H3K001") == ("use", [])
    call = Call(occurred_at=warm.clock.now - timedelta(minutes=40), source=Source.LATE)
    told = warm.do(vials.move, warm.PHARMACIST, vial, warm.ids["read_freezer"], call=call)
    assert "decided_before" in told.answer["findings"]
    assert "held" in warm.scan("H3K001")[1]
    assert "held" not in warm.scan("H3K002")[1]


def test_the_hold_of_an_excursion_is_not_lifted_as_a_whole(warm: Clinic) -> None:
    (hold,) = holds(warm)
    signed = (warm.sign("lestari", Meaning.DECIDED),)
    with pytest.raises(Refused, match="excursion_by_vial"):
        warm.do(stops.lift, warm.QUALITY2, hold.id, reason="judged", signed=signed)
    assert warm.scan("H3K001") == ("ask_qa", ["held"])


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (Decision.USE_UNTIL, {}),
        (Decision.USE, {"until": date(2026, 5, 1)}),
        (Decision.REJECT, {"until": date(2026, 5, 1)}),
    ],
)
def test_a_last_day_belongs_to_the_decision_that_has_one(warm: Clinic, decision: Decision, told: dict) -> None:
    with pytest.raises(Refused, match="use_until_day"):
        warm.disposed(warm.ids["excursion"], decision, **told)


def test_a_vial_that_was_not_there_is_not_decided_on(warm: Clinic) -> None:
    with pytest.raises(Refused, match="vials_not_there"):
        warm.disposed(warm.ids["excursion"], serials=("H3K001", "H3K003"))
    assert warm.scan("H3K001") == ("ask_qa", ["held"])


def test_a_decision_rests_on_a_stability_statement_of_the_very_lot(warm: Clinic) -> None:
    def attached(lot_id: str, kind: FileKind) -> str:
        given = ("0" * 64, "stability.pdf", "application/pdf", 1)
        return str(warm.do(lots.attach, warm.QUALITY, *given, lot_id=lot_id, kind=kind).id)

    mine, other = warm.ids["lot"], warm.released_lot("UC26-O1", 1)
    excursion = warm.ids["excursion"]
    for wrong in (attached(mine, FileKind.OTHER), attached(other, FileKind.STABILITY_STATEMENT)):
        with pytest.raises(Refused, match="statement_of_another"):
            warm.disposed(excursion, serials=("H3K001",), statement_id=wrong)
    assert warm.scan("H3K001") == ("ask_qa", ["held"])
    warm.disposed(excursion, serials=("H3K001",), statement_id=attached(mine, FileKind.STABILITY_STATEMENT))
    assert "held" not in warm.scan("H3K001")[1]
    with warm.store.read(warm.QUALITY) as view:
        (decided,) = deciding.detail(view, excursion).decisions
    assert decided.statement == "stability.pdf"


def test_another_hospital_decides_nothing(warm: Clinic) -> None:
    from traceability.domain.errors import NotFound
    from traceability.services import excursions as services

    given = (warm.ids["excursion"], [warm.vial("H3K001").id], Decision.USE)
    with pytest.raises(NotFound):
        warm.do(services.dispose, warm.ELSEWHERE, *given, reason="x", signed=(warm.sign("other", Meaning.DECIDED),))


def test_a_vial_that_was_given_before_it_was_known_opens_a_case_and_its_patient_is_found(arrived: Clinic) -> None:
    """The box was warm, its file comes only after a vial of it was injected."""
    box = at_hand(arrived)
    vial = arrived.vial("H3K001")
    report(arrived, [arrived.code(vial)], subject=enrol(arrived))
    arrived.logged(box, warm={8: -9.5})
    with arrived.store.read(arrived.QUALITY) as view:
        (case,) = [one for one in open_cases(view) if one.kind == "excursion" and one.vial_id]
    assert (case.vial_id, case.title.split(":")[0]) == (vial.id, "EX-1")
    assert codes(arrived, "H3K002") == ["held"]
    left = arrived.disposed(excursions(arrived)[0].id)
    assert left.answer["vials"] == 4  # the one that is gone is decided on by nobody
    with arrived.store.read(SYSTEM) as view:
        from traceability.services.excursions import there

        found = excursions(arrived)[0]
        assert vial.id in there(view, found.place_id, found.since, found.until)
