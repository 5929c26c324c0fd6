"""Bad news: a mock recall that was held to its end, and a recall that stands open, on a lot that nothing else is told of."""

from __future__ import annotations

from datetime import date

from traceability.demonstration import clinic, supply
from traceability.demonstration.story import Story
from traceability.domain.people import Meaning
from traceability.domain.recalling import ContactBy
from traceability.domain.records import RecordKind
from traceability.services import consignments, documents, notices, recalls, retrieving, stops, vials
from traceability.store import Call
from traceability.store.tables import Vial
from traceability.store.tables.quality import ScopeKind
from traceability.store.tables.subjects import Laterality

LOT = "UC26-N5"
HERE, KEPT, ELSEWHERE = 6, 2, 2
"""Its vials: at the hospital, kept at the maker, and sent on to the second hospital."""


def a_lot_for_two_houses(story: Story) -> None:
    """N5: six vials go to the hospital and are released there; two are for another, two stay with their maker."""
    story.at(-17, 11)
    lot_id = supply.lot(story, LOT, HERE + KEPT + ELSEWHERE, -19, 280)
    supply.receive(story, lot_id, LOT, -16, first=HERE)
    supply.judge(story, lot_id, LOT)
    story.at(-15, 8)
    for vial in _of(story, "in_stock"):
        story.do(vials.move, "storekeeper", vial.id, story.ids["freezer"])


def a_mock_recall(story: Story) -> None:
    """Of M4, by its maker: the hospital finds every vial but the one that was never in its box, and the mock recall ends so."""
    number = "UC26-M4"
    signed = {"maker_qa": Meaning.DECIDED}
    story.at(-15, 10)
    mock = story.do(
        recalls.rehearse, "maker_qa", "Yearly trial: growth is reported in a kept vial", 1, ScopeKind.LOT, [story.ids[number]],
        sign=signed,
    ).id  # fmt: skip
    story.ids["mock recall"] = mock
    story.do(notices.acknowledge, "maker_qa", mock, "Nothing of this lot is left here.")
    story.minutes(12)
    story.do(notices.see, "storekeeper", mock)
    for vial in supply.in_lot(story, story.ids[number]):
        if vial.state == "in_stock":
            story.minutes(1)
            _retrieved(story, mock, vial, "storekeeper", number)
    story.minutes(20)
    answer = "Fifteen in freezer F-01. The sixteenth was absent when its box was counted; its case is open."
    story.do(notices.acknowledge, "quality", mock, answer)
    story.minutes(45)
    reason = (
        "Found within two hours what is there. What is missing was missing on arrival and is looked for in its case."
    )
    story.do(recalls.close, "maker_qa", mock, accepting=True, sign=signed, reason=reason)


def a_patient_has_it(story: Story) -> None:
    story.at(-7, 13)
    key = "subject 7"
    clinic.subject(story, key, "MRN-DEMO-0007", date(story.today.year - 64, 7, 17))
    clinic.course(story, key, Laterality.RIGHT, -7)
    clinic.give(story, key, 1, LOT, laterality=Laterality.RIGHT, before="7", after="6")


def a_recall(story: Story) -> None:
    """A kept vial of N5 is not sterile. One hospital answers, one does not; two vials are not found yet; the patient is reached."""
    do, ids = story.do, story.ids
    story.at(-3, 12)
    going = _of(story, "made")[:ELSEWHERE]
    ids["box elsewhere"] = do(
        consignments.ship, "maker_qa", supply.sscc(story), ids["maker_site"], ids["second_site"],
        [vial.id for vial in going], shipper_name=f"Shipper of {LOT} to Jayapura",
    ).id  # fmt: skip
    story.minutes(95)
    recall = do(
        stops.recall, "maker_qa", "Growth in a kept vial", 1, True, ScopeKind.LOT, [ids[LOT]],
        hazard="A kept vial is not sterile. In a joint it may cause septic arthritis within hours to weeks. Stop use, put every vial"
        " aside, see whoever had one: pain, swelling, fever.",
        reason="Sterility was tested again after a complaint: growth on day 9.", sign={"maker_qa": Meaning.RECALLED},
    ).id  # fmt: skip
    ids["recall"] = recall
    for vial in _of(story, "made"):
        _retrieved(story, recall, vial, "maker_qa", LOT)
    do(
        notices.acknowledge,
        "maker_qa",
        recall,
        "Two vials are left here and locked away. Two are in a box to Jayapura.",
    )
    story.minutes(40)
    do(notices.see, "pharmacist", recall)
    for vial in _of(story, "in_stock")[: HERE - 3]:
        story.minutes(2)
        _retrieved(story, recall, vial, "storekeeper", LOT)
    story.minutes(15)
    answer = "Three of five are in the quarantine drawer; two are not in their place and are looked for. One was given."
    do(notices.acknowledge, "quality", recall, answer)
    story.minutes(30)
    told = "Nobody answered the telephone; a message was left."
    do(recalls.contact, "physician", recall, ids["subject 7"], False, ContactBy.PHONE, told)
    story.at(-2, 10)
    told = "Was seen: no pain at rest, no swelling, 36.7 °C. Knows when to come at once. Seen again in a week."
    do(recalls.contact, "physician", recall, ids["subject 7"], True, ContactBy.VISIT, told)


def reports(story: Story) -> None:
    """The reports of both, as whoever started them has them printed."""
    for kind, noun_id in ((RecordKind.MOCK_RECALL, story.ids["mock recall"]), (RecordKind.RECALL, story.ids["recall"])):
        documents.make(story.store, story.actors["maker_qa"], Call(demonstration=True), kind, noun_id, "en", story.link)


def _of(story: Story, state: str) -> list[Vial]:
    return [vial for vial in supply.in_lot(story, story.ids[LOT]) if vial.state == state]


def _retrieved(story: Story, recall_id: str, vial: Vial, who: str, number: str) -> None:
    story.do(retrieving.retrieve, who, recall_id, story.code(vial, number, supply.expires_of(story, vial.lot_id)))
