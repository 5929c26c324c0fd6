"""What is due is told as alarms are: once a step, by mail, until it is done or somebody acknowledges it (R15, R34)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.clinic import JAKARTA, Clinic
from tests.stories.case import cases, clean, closed, reading, today
from tests.stories.test_recall import recall
from tests.watched import Watched, watched
from tests.worker.conftest import Mail, Working, told
from traceability.domain.casework import ActionKind, CaseKind
from traceability.domain.people import Meaning, Role
from traceability.services import actions, alarms, contacts, due, notices, products, recalls, trainings
from traceability.services import cases as service
from traceability.store.tables.alarms import Channel
from traceability.store.tables.products import CredentialKind
from traceability.store.tables.quality import ScopeKind
from traceability.worker import look


@pytest.fixture
def freezer(in_stock: Clinic) -> Watched:
    return watched(in_stock, live=False)


def subjects(mail: Mail) -> list[str]:
    return [str(one["Subject"]) for one in mail.post.messages]


def test_a_case_that_nobody_answers_is_told_when_its_day_is_over_and_no_more_when_it_is_closed(
    freezer: Watched, working: Working, mail: Mail
) -> None:
    clinic, app = freezer.clinic, working(**mail.config)
    told(clinic, "qa@hospital.example")
    told(clinic, "chief@hospital.example", after_s=86_400)
    case = clinic.do(service.open_by_hand, clinic.STOREKEEPER, CaseKind.DEVIATION, "Door left open").id
    due = clinic.clock.now.date() + timedelta(days=20)
    asked = (case, ActionKind.CORRECTIVE, "New seal", clinic.QUALITY.person_id, due)
    action = clinic.do(actions.plan, clinic.QUALITY, *asked).answer["action_id"]
    assert look(app).due == 0
    clinic.clock.tick(days=22)
    assert (look(app).due, subjects(mail)) == (1, ["Notice A-1: action CA-1 is not done"])
    assert "/alarms/" in mail.post.messages[0].get_content()
    clinic.clock.tick(days=10)
    assert look(app).due == 1
    assert subjects(mail)[1:].count("Notice A-2: case K-1 is overdue") == 1
    assert look(app).due == look(app).sent == 0
    # more time was given: it is not due, and told anew when that day is over as well
    clinic.do(
        service.postpone, clinic.QUALITY, case, clinic.clock.now.date() + timedelta(days=5), reason="new seal ordered"
    )
    look(app)
    clinic.clock.tick(days=7)
    assert look(app).due == 1
    before = len(mail.post.messages)
    clinic.do(actions.drop, clinic.QUALITY, action, reason="whole", signed=(clinic.sign("maharani", Meaning.DECIDED),))
    closed(clinic, case, "seal was whole")
    clinic.clock.tick(days=2)
    assert look(app).sent == 0, "whoever is told later is not told of what is done"
    assert len(mail.post.messages) == before
    with clinic.store.read(clinic.QUALITY) as view:
        assert [one.is_open for one in alarms.alarms(view)] == [False] * 3
    assert cases(clinic) == []
    clean(clinic)


def test_a_paper_is_told_ninety_thirty_and_seven_days_ahead_and_when_it_has_ended(
    freezer: Watched, working: Working, mail: Mail
) -> None:
    clinic, app = freezer.clinic, working(**mail.config)
    told(clinic, "qa@hospital.example")
    until = clinic.clock.now.date() + timedelta(days=100)
    clinic.do(
        products.record_credential, clinic.QUALITY, clinic.ids["hospital"], CredentialKind.ETHICS, "KE-7", "Ethics board", "secretome",
        valid_from=clinic.clock.now.date(), valid_until=until,
    )  # fmt: skip
    heard = []
    for _ in range(105):
        look(app)
        heard += [(str(one["Subject"]), clinic.clock.now.date()) for one in mail.post.messages]
        mail.post.messages.clear()
        clinic.clock.tick(days=1)
    mine = [(title, (until - day).days) for title, day in heard if "KE-7" in title]
    assert [days for _, days in mine] == [90, 30, 7, -1]
    told_as = [title.partition("KE-7, RSUD Dr. Moewardi ")[2] for title, _ in mine]
    assert told_as == ["ends within 90 days", "ends within 30 days", "ends within 7 days", "has ended"]


def test_a_recall_that_nobody_has_answered_is_told_and_told_anew_when_it_grows(
    freezer: Watched, working: Working, mail: Mail
) -> None:
    clinic, app = freezer.clinic, working(**mail.config)
    told(clinic, "qa@hospital.example")
    started = recall(clinic, ScopeKind.VIAL, clinic.vial("H3K001").id)
    assert (look(app).due, len(mail.post.messages)) == (
        2,
        1,
    )  # the maker, which nobody listens for here, answers as well
    assert "R-1" in subjects(mail)[0]
    clinic.clock.tick(minutes=5)
    signed = (clinic.sign("wijaya", Meaning.RECALLED),)
    clinic.do(
        recalls.extend, clinic.MAKER_QA, started, ScopeKind.LOT, (clinic.ids["lot"],), reason="more", signed=signed
    )
    assert (look(app).due, len(mail.post.messages)) == (2, 2)
    assert look(app).due == 0
    clinic.do(notices.acknowledge, clinic.QUALITY, started, "all put aside")
    clinic.do(notices.acknowledge, clinic.MAKER_QA, started, "all put aside")
    assert look(app).due == 0
    with clinic.store.read(clinic.QUALITY) as view:
        assert [one.is_open for one in alarms.alarms(view)] == [False] * 2
    clean(clinic)


def test_a_box_that_has_not_arrived_is_told_to_its_sender_and_to_who_waits_for_it(
    freezer: Watched, working: Working, mail: Mail
) -> None:
    clinic, app = freezer.clinic, working(**mail.config)
    told(clinic, "qa@hospital.example")
    clinic.do(contacts.add, clinic.MAKER_QA, Channel.EMAIL, "qa@maker.example")
    box = clinic.shipped(clinic.lot("UC26-H4"))
    clinic.clock.tick(days=9)
    look(app)
    late = [one for one in mail.post.messages if "consignment C-2 has not arrived in time" in str(one["Subject"])]
    assert sorted(str(one["To"]) for one in late) == ["qa@hospital.example", "qa@maker.example"]
    clinic.arrived(box)
    look(app)
    with clinic.store.read(clinic.MAKER_QA) as view:
        assert [(one.title, one.is_open) for one in alarms.alarms(view)] == [("C-2", False)]


def test_at_one_in_the_morning_a_house_is_told_of_what_ended_at_its_own_midnight_and_not_an_hour_before_it(
    founded: Clinic,
) -> None:
    """In Jakarta it is Saturday while the server’s clock says six on Friday evening."""
    clinic, friday = founded, today(founded) + timedelta(days=9)
    clinic.do(
        products.record_credential, clinic.QUALITY, clinic.ids["hospital"], CredentialKind.ETHICS, "KE-7", "Ethics board", "secretome",
        valid_from=today(clinic), valid_until=friday,
    )  # fmt: skip
    clinic.do(trainings.record, clinic.QUALITY, clinic.PHARMACIST.person_id, "GDP", today(clinic), friday)
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(trainings.ask_for, clinic.QUALITY, Role.PHARMACIST, "GDP", signed=signed, reason="the plan of this year")
    case = clinic.do(service.open_by_hand, clinic.STOREKEEPER, CaseKind.DEVIATION, "Door left open").id
    clinic.do(actions.plan, clinic.QUALITY, case, ActionKind.CORRECTIVE, "New seal", clinic.QUALITY.person_id, friday)

    def ended(at: datetime) -> set[str]:
        clinic.clock.now = at
        found = reading(clinic, due.everything)
        return {
            str(one.kind) for one in found if one.organisation_id == clinic.ids["hospital"] and one.step in (0, None)
        }

    midnight = datetime.combine(friday + timedelta(days=1), time(), JAKARTA).astimezone(UTC)
    assert midnight.date() == friday, "no day of the server is over"
    assert ended(midnight - timedelta(minutes=1)) == set()
    assert ended(midnight + timedelta(hours=1)) == {"paper_ends", "training_ends", "action_overdue"}
    since = {one.since for one in reading(clinic, due.everything) if one.organisation_id == clinic.ids["hospital"]}
    assert since == {midnight}
