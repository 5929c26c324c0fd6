"""Every act there is: who may perform it, what it moves, who signs, whether a reason is owed.

A *permission* refuses with every reason. A *fact* already happened and is always recorded (MODEL.md, decision 1).
The table prints itself for the SOP: `flask acts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from traceability.domain import training
from traceability.domain.errors import Refused
from traceability.domain.people import CARE, Actor, Meaning, Role
from traceability.domain.records import RecordKind
from traceability.domain.states import ConsignmentState as C
from traceability.domain.states import Custody as V
from traceability.domain.states import DocumentState as D
from traceability.domain.states import LotState as L
from traceability.domain.training import Lacking

R = Role
M = Meaning
SETS_CLOCK = "organisation.confirm_clock"
"""The one act that may be recorded as of before the entry before it: the clock had run ahead."""
NOTHING: Lacking = {}


class Kind(StrEnum):
    PERMISSION = "permission"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Move:
    """A change of state of a noun: from one of `before` (none: it is created) to `after`."""

    noun: str
    before: frozenset[str]
    after: str


@dataclass(frozen=True, slots=True)
class Act:
    name: str
    roles: frozenset[Role]
    kind: Kind
    moves: tuple[Move, ...] = ()
    signatures: tuple[Meaning, ...] = ()
    reason: bool = False
    also: tuple[Meaning, ...] = ()
    """What more is signed where something asks for it."""
    also_when: Literal["house", "frees"] | None = None
    """What asks for it: the house, or that something goes free by the act."""

    @property
    def noun(self) -> str:
        return self.name.partition(".")[0]

    @property
    def verb(self) -> str:
        return self.name.partition(".")[2]

    @property
    def asks_training(self) -> bool:
        """A fact happened, trained or not; what everybody may do, as changing one's password, is no work of a role."""
        return self.kind is Kind.PERMISSION and self.roles != frozenset(Role)

    def moves_from(self, noun: str, before: str | None, after: str) -> bool:
        """Whether this act takes a noun from here to there."""
        allowed = [move for move in self.moves if move.noun == noun and move.after == after]
        return any(before in move.before if before else not move.before for move in allowed)

    def move(self, noun: str, before: str | None, after: str) -> None:
        """Refuse a change of state that this act does not name."""
        allowed = [move for move in self.moves if move.noun == noun and move.after == after]
        if not allowed:
            raise AssertionError(f"{self.name} does not move a {noun} to {after}")
        if not self.moves_from(noun, before, after):
            needs = sorted({state for move in allowed for state in move.before})
            raise Refused("wrong_state", noun=noun, state=before or "", needs=needs)


def move(noun: str, before: tuple[str, ...], after: str) -> Move:
    return Move(noun, frozenset(before), after)


def new(noun: str, after: str) -> Move:
    return Move(noun, frozenset(), after)


def permission(
    name: str,
    roles: tuple[Role, ...],
    *moves: Move,
    signed: tuple[Meaning, ...] = (),
    reason: bool = False,
    also: tuple[Meaning, ...] = (),
    also_when: Literal["house", "frees"] | None = None,
) -> Act:
    return Act(name, frozenset(roles), Kind.PERMISSION, moves, signed, reason, also, also_when)


def fact(
    name: str,
    roles: tuple[Role, ...],
    *moves: Move,
    signed: tuple[Meaning, ...] = (),
    reason: bool = False,
) -> Act:
    return Act(name, frozenset(roles), Kind.FACT, moves, signed, reason)


PHARMACY = (R.STOREKEEPER, R.PHARMACIST)
STAFF = (R.STOREKEEPER, R.PHARMACIST, R.QUALITY, R.PHYSICIAN, R.NURSE, R.WITNESS)
KEEPS = (R.QUALITY, R.MAKER_QA, R.STOREKEEPER, R.PHARMACIST)
HANDS_OVER = (R.MAKER_QA, R.STOREKEEPER, R.PHARMACIST, R.ANALYST, R.QUALITY, R.PHYSICIAN, R.NURSE)
"""Who may have somebody stand in for them."""
ANSWERS = (R.QUALITY, R.MAKER_QA)
"""Who answers for what happened."""
TAKEN_BACK = (V.LOST, V.DISCARDED, V.DESTROYED, V.SAMPLED, V.SENT_BACK, V.RETAINED)
"""What a vial is of which two say that it was not given: looked for, or what it had been before."""
HELD = (V.IN_STOCK, V.RESERVED, V.ISSUED, V.BACK_IN_PHARMACY)

MAY_SIGN: dict[Meaning, frozenset[Role]] = {
    M.CERTIFIED: frozenset({R.MAKER_QA}),
    M.TRANSCRIBED: frozenset({R.QUALITY}),
    M.VERIFIED: frozenset({R.PHARMACIST, R.QUALITY}),
    M.HANDED_OVER: frozenset({R.MAKER_QA, *PHARMACY}),
    M.RECEIVED: frozenset(PHARMACY),
    M.REVIEWED: frozenset({R.ANALYST, R.QUALITY, R.MAKER_QA}),
    M.RELEASED: frozenset({R.QUALITY}),
    M.DECIDED: frozenset({R.QUALITY, R.MAKER_QA, R.PHYSICIAN}),
    M.RECORDED: frozenset({R.PHYSICIAN, R.NURSE, R.QUALITY, R.MAKER_QA}),
    M.ORDERED: frozenset({R.PHYSICIAN}),
    M.GIVEN: frozenset({R.PHYSICIAN}),
    M.WITNESSED: frozenset(STAFF),
    M.ADJUDICATED: frozenset({R.PHYSICIAN}),
    M.RECALLED: frozenset({R.QUALITY, R.MAKER_QA}),
    M.APPROVED: frozenset({R.QUALITY}),
    M.REQUESTED: frozenset({R.PHYSICIAN}),
    M.DESTROYED: frozenset({R.QUALITY, R.MAKER_QA, *PHARMACY}),
    M.SEEN_DESTROYED: frozenset({R.MAKER_QA, R.ANALYST, *STAFF}),
    M.DELEGATED: frozenset(HANDS_OVER),
    M.TRAIL_REVIEWED: frozenset({R.QUALITY, R.MAKER_QA}),
    M.SEARCHED: frozenset({R.QUALITY, R.MAKER_QA, *PHARMACY}),
    M.ACCESS_REVIEWED: frozenset({R.QUALITY, R.MAKER_QA, R.ADMINISTRATOR}),
    M.AGREED: frozenset({R.PHYSICIAN}),
}
"""Who may say what by signing. The first signer of an act is who performs it and holds one of its roles besides."""

MAY_ISSUE: dict[RecordKind, frozenset[Role]] = {
    RecordKind.RELEASE: frozenset({R.QUALITY, R.PHARMACIST}),
    RecordKind.TRACE: frozenset({R.QUALITY, R.PHARMACIST, R.MAKER_QA}),
    RecordKind.TRAIL: frozenset({R.QUALITY, R.MAKER_QA}),
    RecordKind.ANALYSIS: frozenset({R.QUALITY, R.PHARMACIST, R.MAKER_QA, R.ANALYST}),
    RecordKind.ADMINISTRATION: CARE | {R.QUALITY},
    RecordKind.SHIPMENT: frozenset({R.QUALITY, R.MAKER_QA, *PHARMACY}),
    RecordKind.PLACE: frozenset({R.QUALITY, R.MAKER_QA, *PHARMACY}),
    RecordKind.VIAL: frozenset({R.QUALITY, R.MAKER_QA, *PHARMACY}),
    RecordKind.CASE: frozenset(ANSWERS),
    RecordKind.RECALL: frozenset({R.QUALITY, R.MAKER_QA}),
    RecordKind.MOCK_RECALL: frozenset({R.QUALITY, R.MAKER_QA}),
    RecordKind.OUTCOMES: frozenset({R.QUALITY, R.PHYSICIAN}),
    RecordKind.CIOMS: frozenset({R.QUALITY, R.PHYSICIAN}),
    RecordKind.CONTINGENCY: CARE | {R.QUALITY},
    RecordKind.CARD: frozenset({R.PHYSICIAN, R.NURSE, R.PHARMACIST}),
}
"""Who prints what: a record supersedes the one before it, and is read by who stands behind what it says."""

ACTS: dict[str, Act] = {
    act.name: act
    for act in (
        # the installation and its people
        permission("system.migrate", (R.SYSTEM,)),
        permission("scan_log.seal", (R.SYSTEM,)),
        permission("viewing_log.seal", (R.SYSTEM,)),
        permission("identity.rekey", (R.SYSTEM,)),
        permission("organisation.register", (R.ADMINISTRATOR, R.SYSTEM)),
        permission(SETS_CLOCK, (R.QUALITY, R.MAKER_QA, R.ADMINISTRATOR, R.SYSTEM), reason=True),
        permission("site.open", (R.ADMINISTRATOR, R.SYSTEM)),
        permission("place.open", (R.ADMINISTRATOR, R.QUALITY, R.MAKER_QA)),
        permission("place.assume", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        permission("person.enrol", (R.ADMINISTRATOR, R.SYSTEM)),
        permission("person.change_password", tuple(Role)),
        permission("person.reset_password", (R.ADMINISTRATOR, R.SYSTEM), reason=True),
        permission("person.confirm", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,)),
        permission("device.enrol", (R.ADMINISTRATOR,)),
        permission("device.revoke", (R.ADMINISTRATOR,), reason=True),
        permission("grant.give", (R.ADMINISTRATOR, R.QUALITY, R.MAKER_QA, R.SYSTEM)),
        permission("grant.hand_over", HANDS_OVER, signed=(M.DELEGATED,)),
        permission("grant.take_back", tuple(Role)),
        permission("shift.plan", (R.QUALITY, R.MAKER_QA, R.PHARMACIST, R.ADMINISTRATOR)),
        permission("shift.end", (R.QUALITY, R.MAKER_QA, R.PHARMACIST, R.ADMINISTRATOR), reason=True),
        permission("grant.end", (R.ADMINISTRATOR, R.SYSTEM), reason=True),
        permission("organisation.set_release_signatures", (R.QUALITY,), signed=(M.DECIDED, M.VERIFIED), reason=True),
        # the maker: what is made, of what, under which papers
        permission("credential.record", (R.MAKER_QA, R.QUALITY)),
        fact("credential.suspend", (R.MAKER_QA, R.QUALITY), reason=True),
        permission("credential.lift", (R.MAKER_QA, R.QUALITY), signed=(M.DECIDED,), reason=True),
        permission("product.register", (R.MAKER_QA, R.QUALITY)),
        permission("product.revise", (R.MAKER_QA, R.QUALITY)),
        permission("product.add_band", (R.MAKER_QA, R.QUALITY), signed=(M.DECIDED,)),
        permission("material.record", (R.MAKER_QA, R.QUALITY)),
        permission("lot.announce", (R.MAKER_QA, R.QUALITY), new("lot", L.ANNOUNCED), new("vial", V.MADE)),
        permission("label.print", (R.MAKER_QA, *PHARMACY)),
        permission("label.reprint", (R.MAKER_QA, *PHARMACY), reason=True),
        fact("label.spoil", (R.MAKER_QA, *PHARMACY), reason=True),
        permission("label.scan_back", (R.MAKER_QA, *PHARMACY)),
        permission("lot.certify", (R.MAKER_QA,), move("lot", (L.ANNOUNCED,), L.CERTIFIED), signed=(M.CERTIFIED,)),
        permission(
            "lot.transcribe",
            (R.QUALITY,),
            move("lot", (L.ANNOUNCED,), L.CERTIFIED),
            signed=(M.TRANSCRIBED, M.VERIFIED),
        ),
        permission(
            "lot.decline",
            (R.MAKER_QA, R.QUALITY),
            # a certification that is withdrawn declines the lot: nobody uses it from then on
            move("lot", (L.ANNOUNCED, L.CERTIFIED), L.DECLINED),
            signed=(M.DECIDED,),
            reason=True,
        ),
        permission("lot.restate_expiry", (R.MAKER_QA,), signed=(M.CERTIFIED,), reason=True),
        permission("lot.transcribe_expiry", (R.QUALITY,), signed=(M.TRANSCRIBED, M.VERIFIED), reason=True),
        # the way to the hospital
        permission(
            "consignment.ship",
            (R.MAKER_QA, R.STOREKEEPER),
            new("consignment", C.EXPECTED),
            move("vial", (V.MADE,), V.IN_TRANSIT),
        ),
        fact(
            "consignment.arrive",
            PHARMACY,
            move("consignment", (C.EXPECTED, C.GIVEN_UP), C.ARRIVED),
            # its vials were missing while it was given up
            move("vial", (V.LOST,), V.IN_TRANSIT),
            signed=(M.RECEIVED, M.WITNESSED),
        ),
        fact(
            "consignment.count",
            PHARMACY,
            move("vial", (V.MADE, V.IN_TRANSIT, *HELD, V.RETAINED, V.LOST), V.DISCARDED),
        ),
        permission(
            "consignment.check_in",
            PHARMACY,
            move("consignment", (C.ARRIVED,), C.CHECKED_IN),
            move("vial", (V.IN_TRANSIT,), V.LOST),
        ),
        fact(
            "consignment.turn_away",
            (R.PHARMACIST, R.QUALITY),
            move("consignment", (C.ARRIVED, C.EXPECTED), C.TURNED_AWAY),
            move("vial", (V.IN_TRANSIT,), V.SENT_BACK),
            reason=True,
        ),
        permission(
            "consignment.give_up",
            (R.QUALITY, R.MAKER_QA),
            move("consignment", (C.EXPECTED,), C.GIVEN_UP),
            move("vial", (V.IN_TRANSIT,), V.LOST),
            signed=(M.DECIDED, M.SEARCHED),
            reason=True,
        ),
        permission("consignment.close", PHARMACY, move("consignment", (C.CHECKED_IN,), C.CLOSED)),
        permission("consignment.attach_log", (*PHARMACY, R.QUALITY)),
        # where a vial is
        permission(
            "vial.put_away",
            PHARMACY,
            # made: a vial that was in the box and on no list
            move("vial", (V.MADE, V.IN_TRANSIT, V.BACK_IN_PHARMACY), V.IN_STOCK),
        ),
        fact("vial.move", (*PHARMACY, R.QUALITY)),
        permission("vial.add_alias", PHARMACY),
        fact(
            "vial.report_broken",
            STAFF,
            move("vial", (V.MADE, V.IN_TRANSIT, *HELD, V.RETAINED, V.LOST), V.DISCARDED),
            reason=True,
        ),
        fact("vial.report_lost", STAFF, move("vial", (V.MADE, V.IN_TRANSIT, *HELD, V.RETAINED), V.LOST), reason=True),
        fact("vial.report_found", STAFF, move("vial", (V.LOST,), V.IN_STOCK), reason=True),
        fact("vial.discard", (R.PHARMACIST, R.QUALITY), move("vial", HELD, V.DISCARDED), reason=True),
        fact("place.move_all", (*PHARMACY, R.QUALITY), reason=True),
        # what is taken out of stock on purpose, and what goes to another site
        fact(
            "vial.destroy",
            KEEPS,
            move("vial", (V.MADE, V.IN_TRANSIT, *HELD, V.RETAINED, V.LOST), V.DESTROYED),
            signed=(M.DESTROYED, M.SEEN_DESTROYED),
            reason=True,
        ),
        fact("vial.sample", (*KEEPS, R.ANALYST), move("vial", (V.MADE, *HELD, V.RETAINED), V.SAMPLED), reason=True),
        fact("vial.retain", KEEPS, move("vial", (V.MADE, *HELD), V.RETAINED), reason=True),
        fact("vial.send_back", KEEPS, move("vial", (V.IN_TRANSIT, *HELD, V.RETAINED), V.SENT_BACK), reason=True),
        permission(
            "consignment.transfer",
            PHARMACY,
            new("consignment", C.EXPECTED),
            move("vial", (V.IN_STOCK,), V.IN_TRANSIT),
        ),
        # a place is counted: what is not as recorded is named and held, and moved by nothing but a move
        permission("stocktake.begin", (*PHARMACY, R.QUALITY, R.MAKER_QA)),
        fact("stocktake.note", (*PHARMACY, R.QUALITY, R.MAKER_QA)),
        permission("stocktake.finish", (*PHARMACY, R.QUALITY, R.MAKER_QA)),
        permission("stocktake.drop", (*PHARMACY, R.QUALITY, R.MAKER_QA), reason=True),
        permission("place.set_alarm", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        permission("place.take_preset", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        permission("place.drop_alarm", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        fact("place.read", (*PHARMACY, R.QUALITY, R.MAKER_QA)),
        # what measures, and what was out of limits
        permission("sensor.register", (*PHARMACY, R.QUALITY, R.MAKER_QA)),
        permission("sensor.calibrate", (*PHARMACY, R.QUALITY, R.MAKER_QA)),
        permission("sensor.assign", (*PHARMACY, R.QUALITY, R.MAKER_QA)),
        permission("sensor.unassign", (*PHARMACY, R.QUALITY, R.MAKER_QA), reason=True),
        permission("sensor.import_log", (*PHARMACY, R.QUALITY, R.MAKER_QA)),
        permission("sensor.read", (R.DEVICE,)),
        permission("alarm.report_silent", (R.SYSTEM,)),
        permission("alarm.report_due", (R.SYSTEM,)),
        permission("alarm.report_done", (R.SYSTEM,)),
        permission("alarm.acknowledge", (*PHARMACY, R.QUALITY, R.MAKER_QA), reason=True),
        permission("contact.add", (R.QUALITY, R.MAKER_QA, R.ADMINISTRATOR)),
        permission("contact.choose", (R.QUALITY, R.MAKER_QA, R.ADMINISTRATOR)),
        permission("contact.end", (R.QUALITY, R.MAKER_QA, R.ADMINISTRATOR), reason=True),
        permission("excursion.close", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        permission("excursion.dispose", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        # quality
        permission("specification.issue", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,)),
        permission("result.enter", (R.ANALYST,)),
        permission("result.review", (R.ANALYST, R.QUALITY, R.MAKER_QA), signed=(M.REVIEWED,)),
        permission("lot.review_results", (R.ANALYST, R.QUALITY, R.MAKER_QA), signed=(M.REVIEWED,)),
        permission("lot.attach", (R.MAKER_QA, R.QUALITY, *PHARMACY)),
        permission("result.conclude", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        permission("result.import_file", (R.ANALYST,)),
        permission("lot.release", (R.QUALITY,), signed=(M.RELEASED,), also=(M.APPROVED,), also_when="house"),
        permission("lot.release_named", (R.QUALITY,), signed=(M.RELEASED, M.REQUESTED), reason=True),
        permission("release.void", (R.QUALITY,), signed=(M.DECIDED,), reason=True),
        fact("hold.place", (R.QUALITY, R.PHARMACIST, R.MAKER_QA, R.PHYSICIAN), reason=True),
        permission("hold.lift", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        fact("recall.start", (R.QUALITY, R.MAKER_QA), signed=(M.RECALLED,), reason=True),
        permission("recall.withdraw", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        # what is done about a recall, and about a mock one, which moves nothing
        permission("recall.rehearse", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,)),
        fact("recall.extend", (R.QUALITY, R.MAKER_QA), signed=(M.RECALLED,), reason=True),
        permission("recall.notify", (R.QUALITY, R.MAKER_QA)),
        fact("recall.see", KEEPS),
        fact("recall.acknowledge", (R.QUALITY, R.PHARMACIST, R.MAKER_QA)),
        fact(
            "recall.retrieve",
            KEEPS,
            move("vial", (V.RESERVED, V.LOST), V.IN_STOCK),
            move("vial", (V.ISSUED,), V.BACK_IN_PHARMACY),
        ),
        fact("recall.document", (R.QUALITY, R.MAKER_QA), reason=True),
        fact("recall.contact", (R.PHYSICIAN, R.NURSE, R.QUALITY)),
        fact("recall.check", (R.QUALITY, R.MAKER_QA)),
        permission("recall.close", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        permission("recall.set_clock", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        permission("lot.reconcile", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,)),
        # what happened, and what was done about it
        fact("case.open", (*STAFF, R.ANALYST, R.MAKER_QA)),
        fact("material.report_result", ANSWERS, signed=(M.RECORDED,)),
        permission("case.assign", ANSWERS),
        permission("case.grade", ANSWERS, reason=True, also=(M.DECIDED,), also_when="frees"),
        permission("case.postpone", ANSWERS, reason=True),
        permission("case.investigate", (*ANSWERS, R.PHARMACIST, R.PHYSICIAN)),
        permission("case.attach", (*ANSWERS, R.PHARMACIST, R.PHYSICIAN)),
        permission("case.extend_to", ANSWERS, reason=True, also=(M.DECIDED,), also_when="frees"),
        permission("case.plan_action", ANSWERS),
        permission("case.dispose", ANSWERS, signed=(M.DECIDED,), reason=True),
        permission("case.reply", ANSWERS),
        permission("case.close", ANSWERS, signed=(M.DECIDED,), reason=True),
        permission("case.review", ANSWERS, signed=(M.REVIEWED,)),
        permission("case.reopen", ANSWERS, signed=(M.DECIDED,), reason=True),
        permission("case.set_clock", ANSWERS, signed=(M.DECIDED,), reason=True),
        permission("action.finish", (*ANSWERS, R.PHARMACIST, R.PHYSICIAN, R.NURSE)),
        permission("action.check", ANSWERS, signed=(M.REVIEWED,)),
        permission("action.postpone", ANSWERS, reason=True),
        permission("action.drop", ANSWERS, signed=(M.DECIDED,), reason=True),
        # the clinic
        permission("subject.enrol", (R.PHYSICIAN, R.NURSE)),
        fact("subject.look_up", (R.PHYSICIAN, R.NURSE, R.WITNESS)),
        permission("subject.open_identity", (R.PHYSICIAN, R.NURSE, R.WITNESS, R.QUALITY)),
        permission("subject.break_glass", (R.QUALITY,), reason=True, signed=(M.RECORDED, M.WITNESSED)),
        permission("subject.erase_identity", (R.QUALITY,), reason=True, signed=(M.DECIDED, M.WITNESSED)),
        permission("opening.review", (R.QUALITY,), signed=(M.REVIEWED,)),
        # what was reserved for a dose of either goes back to stock: it is asked anew
        permission(
            "subject.merge",
            (R.QUALITY, R.PHYSICIAN),
            move("vial", (V.RESERVED,), V.IN_STOCK),
            move("document", (D.CURRENT,), D.SUPERSEDED),
            signed=(M.DECIDED, M.VERIFIED),
            reason=True,
        ),
        permission(
            "subject.unmerge",
            (R.QUALITY, R.PHYSICIAN),
            move("vial", (V.RESERVED,), V.IN_STOCK),
            move("document", (D.CURRENT,), D.SUPERSEDED),
            signed=(M.DECIDED, M.VERIFIED),
            reason=True,
        ),
        permission("consent_form.draft", (R.QUALITY, R.PHYSICIAN)),
        permission("consent_form.issue", (R.QUALITY,), signed=(M.DECIDED,)),
        fact("consent.record", (R.PHYSICIAN, R.NURSE), signed=(M.RECORDED, M.WITNESSED)),
        fact("consent.withdraw", (R.PHYSICIAN, R.NURSE)),
        permission("protocol.issue", (R.QUALITY, R.PHYSICIAN), signed=(M.DECIDED,)),
        permission("course.plan", (R.PHYSICIAN,)),
        permission("course.end", (R.PHYSICIAN,), move("vial", (V.RESERVED,), V.IN_STOCK), reason=True),
        permission("course.reserve", (R.PHARMACIST,), move("vial", (V.IN_STOCK,), V.RESERVED)),
        permission("order.prescribe", (R.PHYSICIAN,), signed=(M.ORDERED,)),
        permission("order.verify", (R.PHARMACIST,), signed=(M.VERIFIED,)),
        permission("vial.reserve", (R.PHARMACIST,), move("vial", (V.IN_STOCK,), V.RESERVED)),
        permission("vial.unreserve", (R.PHARMACIST,), move("vial", (V.RESERVED,), V.IN_STOCK), reason=True),
        permission("vial.thaw", (R.PHARMACIST, R.NURSE, R.PHYSICIAN)),
        permission("vial.issue", (R.PHARMACIST,), move("vial", (V.RESERVED,), V.ISSUED)),
        fact(
            "vial.issue_in_emergency",
            (R.PHARMACIST,),
            move("vial", (V.MADE, V.IN_TRANSIT, V.IN_STOCK, V.RESERVED, V.BACK_IN_PHARMACY), V.ISSUED),
            signed=(M.HANDED_OVER, M.ORDERED),
            reason=True,
        ),
        permission("vial.take_back", (R.PHARMACIST,), move("vial", (V.ISSUED,), V.BACK_IN_PHARMACY), reason=True),
        permission("dose.identify", (R.PHYSICIAN, R.NURSE, R.WITNESS, R.PHARMACIST)),
        permission("dose.start", (R.PHYSICIAN,)),
        fact(
            "dose.give",
            (R.PHYSICIAN,),
            move("vial", tuple(V), V.GIVEN),
            move("document", (D.CURRENT,), D.SUPERSEDED),
            signed=(M.GIVEN, M.WITNESSED),
        ),
        fact("administration.observe", (R.PHYSICIAN, R.NURSE, R.WITNESS)),
        permission(
            "administration.correct",
            (R.PHYSICIAN, R.NURSE),
            move("document", (D.CURRENT,), D.SUPERSEDED),
            signed=(M.RECORDED, M.VERIFIED),
            reason=True,
        ),
        permission(
            "administration.void",
            (R.PHYSICIAN,),
            *(move("vial", (V.GIVEN,), one) for one in TAKEN_BACK),
            move("document", (D.CURRENT,), D.SUPERSEDED),
            signed=(M.RECORDED, M.VERIFIED),
            reason=True,
        ),
        fact("score.record", (R.PHYSICIAN, R.NURSE)),
        fact("score_form.record", (R.PHYSICIAN, R.NURSE)),
        fact("score.read", (R.PHYSICIAN,)),
        permission(
            "score.void",
            (R.PHYSICIAN, R.NURSE),
            move("document", (D.CURRENT,), D.SUPERSEDED),
            signed=(M.RECORDED,),
            reason=True,
        ),
        permission("score.agree", (R.PHYSICIAN,), signed=(M.ADJUDICATED, M.AGREED), reason=True),
        permission("score.adjudicate", (R.PHYSICIAN,), signed=(M.ADJUDICATED,), reason=True),
        fact("event.record", (R.PHYSICIAN, R.NURSE), move("document", (D.CURRENT,), D.SUPERSEDED)),
        permission("form_link.issue", (R.PHYSICIAN, R.NURSE)),
        permission("form_link.end", (R.PHYSICIAN, R.NURSE)),
        fact("form_link.answer", (R.SYSTEM,)),
        permission("image.attach", (R.PHYSICIAN, R.NURSE)),
        permission("event.assess", (R.PHYSICIAN,), signed=(M.DECIDED,)),
        permission("event.copy_assessment", (R.QUALITY,), signed=(M.RECORDED,)),
        fact("event.report", (R.QUALITY, R.PHYSICIAN)),
        permission("event.set_clock", ANSWERS, signed=(M.DECIDED,), reason=True),
        permission(
            "document.issue",
            tuple(frozenset().union(*MAY_ISSUE.values())),
            new("document", D.CURRENT),
            move("document", (D.CURRENT,), D.SUPERSEDED),
        ),
        permission("document.revoke", (R.QUALITY,), move("document", (D.CURRENT,), D.REVOKED), reason=True),
        # the trail itself: who has read it, up to where
        permission("audit.review", (R.QUALITY, R.MAKER_QA), signed=(M.TRAIL_REVIEWED,)),
        permission("audit.export", (R.QUALITY, R.MAKER_QA, R.ADMINISTRATOR, R.SYSTEM)),
        permission("evidence.make", (R.QUALITY, R.MAKER_QA, R.SYSTEM)),
        permission("study.import_file", (R.PHYSICIAN, R.NURSE)),
        permission("study.export", (R.QUALITY, R.PHYSICIAN, R.SYSTEM)),
        # training that roles ask for, and who may do what looked through
        fact("training.record", (R.QUALITY, R.MAKER_QA, R.ADMINISTRATOR)),
        permission("training.void", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        permission("training_need.set", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        permission("training_need.end", (R.QUALITY, R.MAKER_QA), signed=(M.DECIDED,), reason=True),
        permission("grant.review", (R.QUALITY, R.MAKER_QA, R.ADMINISTRATOR), signed=(M.ACCESS_REVIEWED,)),
    )
}


def permit(act: Act, actor: Actor, at: datetime, reason: str | None, missing: Lacking = NOTHING) -> Role:
    """The role in which the actor performs the act, or a refusal. `missing`: the roles for which training is asked and not known.

    A role that all training is there for goes first. A permission takes one such; a fact does not wait for it (R55b).
    """
    held = sorted(act.roles & actor.roles(at))
    if not held:
        raise Refused("not_permitted", act=act.name, roles=sorted(act.roles))
    fit = [role for role in held if role not in missing]
    if not fit and act.asks_training:
        raise Refused("not_trained", findings=training.findings(missing, held), person=actor.name, roles=held)
    if act.reason and not (reason or "").strip():
        raise Refused("reason_missing", act=act.name)
    return (fit or held)[0]


def entitled(act: Act, meaning: Meaning, roles: frozenset[Role]) -> Role:
    """The role in which somebody may say this by signing, one of the act's own where they hold one; or a refusal."""
    return min(signing_roles(act, meaning, roles))


def fit_to_sign(act: Act, meaning: Meaning, signer: Actor, at: datetime, missing: Lacking) -> None:
    """Refuse whoever may say this by their role alone, and is not known to be trained for any such role (R55b)."""
    held = MAY_SIGN[meaning] & signer.roles(at)
    if act.asks_training and held and held <= missing.keys():
        raise Refused("not_trained", findings=training.findings(missing, held), person=signer.name, roles=sorted(held))


def signing_roles(act: Act, meaning: Meaning, roles: frozenset[Role]) -> frozenset[Role]:
    """Those of somebody's roles in which they may say this, the act's own where they hold one; or a refusal."""
    held = MAY_SIGN[meaning] & roles
    if not held:
        raise Refused("signature_not_entitled", meaning=meaning, roles=sorted(MAY_SIGN[meaning]))
    return held & act.roles or held
