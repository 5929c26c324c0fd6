"""A recall is mailed at once to whom its houses named, real or mock said first, and every day until it is answered (R35, R36)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.clinic import Clinic
from tests.stories.test_recall_course import rehearsed
from tests.watched import Watched, watched
from tests.worker.conftest import Hook, Mail, Working, told
from traceability.domain.errors import Refused
from traceability.domain.people import Actor, Meaning
from traceability.domain.recalling import Step
from traceability.services import alarms, clocks, contacts, notices, outbox, stops
from traceability.store.tables import Alarm
from traceability.store.tables.alarms import Channel
from traceability.store.tables.quality import ScopeKind
from traceability.worker import look


@pytest.fixture
def freezer(in_stock: Clinic) -> Watched:
    return watched(in_stock, live=False)


def recalled(
    clinic: Clinic, hazard: str = "Particles. Watch the knee for swelling.", kind: ScopeKind = ScopeKind.LOT
) -> str:
    target = clinic.ids["lot"] if kind is ScopeKind.LOT else clinic.vial("H3K001").id
    signed = (clinic.sign("wijaya", Meaning.RECALLED),)
    asked = ("Particles seen", 1, True, kind, (target,))
    return str(clinic.do(stops.recall, clinic.MAKER_QA, *asked, hazard=hazard, reason="complaint 7", signed=signed).id)


def of(mail: Mail, address: str) -> list[tuple[str, str]]:
    """What came to one address: title and text."""
    pairs = zip(mail.post.to, mail.post.messages, strict=True)
    return [(str(one["Subject"]), one.get_content()) for to, one in pairs if to == [address]]


def ours(freezer: Watched) -> list[Alarm]:
    """The hospital's; the maker is told as well."""
    return [one for one in freezer.alarms() if one.organisation_id == freezer.clinic.ids["hospital"]]


def answered(clinic: Clinic, who: Actor, recall_id: str) -> None:
    clinic.do(notices.acknowledge, who, recall_id, "all put aside")


def test_a_real_recall_is_mailed_at_once_with_all_that_has_to_be_known_and_no_patient(
    freezer: Watched, working: Working, mail: Mail, hook: Hook
) -> None:
    clinic = freezer.clinic
    clinic.subject()
    with clinic.store.read(clinic.PHYSICIAN) as view:
        ((pseudonym,),) = view.rows("SELECT pseudonym FROM subject")
    told(clinic, "qa@h.example", of_alarms=False, of_due=False)
    told(clinic, "apotek@h.example", language="id", after_s=86_400)  # a wait for alarms is none for a recall
    told(clinic, "freezer@h.example", of_due=False, of_recalls=False)
    told(clinic, "cases@h.example", of_alarms=False, of_recalls=False)
    told(clinic, hook.url)
    clinic.do(contacts.add, clinic.MAKER_QA, Channel.EMAIL, "qa@maker.example")
    recall = recalled(clinic, f"Particles. {pseudonym.lower()} had swelling.")
    assert look(working(**mail.config, WEBHOOK_LOOPBACK=True)).sent == 4
    assert sorted(to[0] for to in mail.post.to) == ["apotek@h.example", "qa@h.example", "qa@maker.example"]
    ((title, said),) = of(mail, "qa@h.example")
    assert title == "REAL RECALL R-1, class 1: use none of it, answer by 3 Apr 2026 17:50 WIB"
    assert said.startswith("This is a REAL recall.")
    for words in (
        "Recall R-1: Particles seen", "Class 1: grave danger, or death", "Ordered by the authority.", "- A whole lot: UC26-H3",
        "By the record you have 5 vials of it: lot UC26-H3.", "Particles. […] had swelling.", "1. Use no vial of it.",
        "2. Look for every one, put it aside", "3. Reach the patients who had one", "4. Answer the notice by 3 Apr 2026",
        f"https://trace.hospital.example/recalls/{recall}",
    ):  # fmt: skip
        assert words in said, words
    ((title, said),) = of(mail, "apotek@h.example")
    assert title.startswith("PENARIKAN NYATA R-1, kelas 1")
    assert said.startswith("Ini penarikan NYATA.")
    everything = (
        "".join(one.as_string() + one.get_content() for one in mail.post.messages) + hook.requests[0][2].decode()
    )
    assert pseudonym.lower() not in everything.lower()
    assert "Canary" not in everything
    body = json.loads(hook.requests[0][2])
    assert body["type"] == "recall.notice"
    got = body["data"]["recall"]
    assert (got["number"], got["mock"], got["class"], got["vials"], got["lots"]) == ("R-1", False, 1, 5, ["UC26-H3"])
    assert got["scopes"] == [{"kind": "lot", "name": "UC26-H3", "since": None, "until": None}]


def test_an_exercise_says_so_first_and_asks_for_nothing_that_would_frighten_or_destroy(
    freezer: Watched, working: Working, mail: Mail
) -> None:
    clinic = freezer.clinic
    told(clinic, "qa@h.example")
    rehearsed(clinic)
    look(working(**mail.config))
    ((title, said),) = of(mail, "qa@h.example")
    assert title.startswith("MOCK RECALL MR-1, class 2, an exercise: answer by ")
    assert said.startswith("This is a MOCK recall, an exercise. It stops nothing.")
    assert "Tell no patient. Destroy nothing." in said
    assert "Reach the patients" not in said
    assert "Use no vial" not in said


def test_an_answer_that_is_late_is_asked_for_every_day_though_the_alarm_was_acknowledged(
    freezer: Watched, working: Working, mail: Mail
) -> None:
    clinic, app = freezer.clinic, working(**mail.config)
    told(clinic, "qa@h.example")
    recall = recalled(clinic, kind=ScopeKind.VIAL)
    look(app)
    for one in ours(freezer):
        clinic.do(alarms.acknowledge, clinic.QUALITY, one.id, reason="I look")
    clinic.clock.tick(hours=47)
    assert look(app).sent == 0
    clinic.clock.tick(hours=1)  # class 1: within 48 hours
    assert look(app).sent == 1
    title, said = of(mail, "qa@h.example")[1]
    assert title.startswith("REAL RECALL R-1, class 1: not answered by 3 Apr 2026")
    assert "This is reminder 1." in said
    assert "- Vials: H3K001" in said
    clinic.clock.tick(hours=23)
    assert look(app).sent == 0
    clinic.clock.tick(hours=1)
    assert look(app).sent == 1
    assert "This is reminder 2." in of(mail, "qa@h.example")[2][1]
    answered(clinic, clinic.QUALITY, recall)
    clinic.clock.tick(days=3)
    look(app)
    assert len(of(mail, "qa@h.example")) == 3
    assert [one.cleared_at is None for one in ours(freezer)] == [False] * 3


def test_nothing_is_lost_while_the_mail_server_is_away(
    freezer: Watched, working: Working, mail: Mail, caplog: pytest.LogCaptureFixture
) -> None:
    """Longer than any alarm is tried for, and though somebody acknowledged the alarm: neither is an answer."""
    clinic, app = freezer.clinic, working(**mail.config)
    for address in ("qa@h.example", "chief@h.example"):
        told(clinic, address)
    mail.stop()
    recall = recalled(clinic)
    look(app)
    (alarm,) = ours(freezer)
    clinic.do(alarms.acknowledge, clinic.PHARMACIST, alarm.id, reason="I look")
    for _ in range(46):
        clinic.clock.tick(hours=1)
        assert look(app).given_up == 0
    with clinic.store.read(clinic.QUALITY) as view:
        assert {one.state for one in outbox.sendings(view, alarm)} == {"failed"}
        assert [row.number for row in outbox.given_up(view)] == [alarm.number], (
            "whoever can do something is told on the pages"
        )
    assert "could not be told after 12 tries" in caplog.text
    mail.start()
    clinic.clock.tick(hours=1)
    assert look(app).sent == 2
    assert sorted(to[0] for to in mail.post.to) == ["chief@h.example", "qa@h.example"]
    answered(clinic, clinic.QUALITY, recall)
    clinic.clock.tick(days=1)
    assert look(app).sent == 0


def test_a_recall_goes_before_a_hundred_other_messages_and_ones_own_clock_counts(
    freezer: Watched, working: Working, mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = freezer.clinic
    told(clinic, "qa@h.example")
    signed = (clinic.sign("wijaya", Meaning.DECIDED),)
    day = clinic.clock.now.date() + timedelta(days=1)
    clinic.do(
        clocks.of_step,
        clinic.MAKER_QA,
        1,
        Step.ACKNOWLEDGE,
        4 * 3600,
        day,
        "letter 7",
        reason="ordered",
        signed=signed,
    )
    clinic.clock.tick(days=1)
    freezer.reads(-12.0)
    clinic.clock.tick(minutes=1)
    recalled(clinic)
    monkeypatch.setattr(outbox, "AT_ONCE", 1)
    app = working(**mail.config)
    look(app)
    assert of(mail, "qa@h.example")[0][0].startswith("REAL RECALL R-1")
    look(app)
    clinic.clock.tick(hours=4)
    look(app)
    assert "not answered by" in of(mail, "qa@h.example")[-1][0]


def test_who_is_told_of_what_is_chosen_and_of_something(freezer: Watched, working: Working, mail: Mail) -> None:
    clinic, app = freezer.clinic, working(**mail.config)
    contact = told(clinic, "qa@h.example")
    mail.stop()
    freezer.reads(-12.0)
    look(app)
    for act, given in (
        (contacts.choose, (contact, False, False, False)),
        (contacts.add, (Channel.EMAIL, "x@h.example")),
    ):
        more = {} if act is contacts.choose else {"of_alarms": False, "of_due": False, "of_recalls": False}
        with pytest.raises(Refused, match="told_of_nothing"):
            clinic.do(act, clinic.QUALITY, *given, **more)
    clinic.do(contacts.choose, clinic.QUALITY, contact, False, True, True)
    mail.start()
    clinic.clock.tick(minutes=5)
    assert look(app).sent == 0, "what waits is not sent of what they are told no more"
    with clinic.store.read(clinic.QUALITY) as view:
        assert contacts.unheard(contacts.contacts(view)) == ["alarms"]
    clinic.do(contacts.choose, clinic.QUALITY, contact, True, False, False)
    assert look(app).sent == 1
    recalled(clinic)
    assert look(app).sent == 0
    clinic.do(contacts.end, clinic.QUALITY, contact, reason="left")
    with pytest.raises(Refused, match="already_ended"):
        clinic.do(contacts.choose, clinic.QUALITY, contact, True, True, True)
