"""The table of acts: who, from what to what, with whose signature."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from traceability.domain.acts import ACTS, MAY_SIGN, Kind, entitled, permit
from traceability.domain.errors import Refused
from traceability.domain.people import Actor, Grant, Meaning, Role
from traceability.domain.states import GONE, ConsignmentState, Custody, DocumentState, LotState

AT = datetime(2026, 4, 1, tzinfo=UTC)
LIFE = {"lot": LotState, "vial": Custody, "consignment": ConsignmentState, "document": DocumentState}


def somebody(*roles: Role, organisation: str = "us", since: datetime = AT, until: datetime | None = None) -> Actor:
    return Actor("p", "P", "us", tuple(Grant(role, organisation, None, since, until) for role in roles))


def test_every_act_is_a_noun_and_a_verb_and_somebody_may() -> None:
    for name, act in ACTS.items():
        assert name == act.name == f"{act.noun}.{act.verb}"
        assert name.replace("_", "").replace(".", "").isalpha()
        assert act.roles
        assert bool(act.also) is (act.also_when is not None), name


@pytest.mark.parametrize("role", Role)
def test_who_may_is_who_the_table_says(role: Role) -> None:
    for act in ACTS.values():
        if role in act.roles:
            assert permit(act, somebody(role), AT, "because") is role
        else:
            with pytest.raises(Refused, match="not_permitted"):
                permit(act, somebody(role), AT, "because")


def test_a_role_elsewhere_yesterday_or_tomorrow_permits_nothing() -> None:
    act = ACTS["lot.release"]
    assert permit(act, somebody(Role.QUALITY), AT, None) is Role.QUALITY
    for other in (
        somebody(Role.QUALITY, organisation="them"), somebody(Role.QUALITY, until=AT), somebody(Role.QUALITY, since=AT + timedelta(microseconds=1)), somebody(),
    ):  # fmt: skip
        with pytest.raises(Refused, match="not_permitted"):
            permit(act, other, AT, None)


@pytest.mark.parametrize("name", [name for name, act in ACTS.items() if act.reason])
@pytest.mark.parametrize("reason", [None, "", " \n"])
def test_a_reason_that_is_owed(name: str, reason: str | None) -> None:
    with pytest.raises(Refused, match="reason_missing"):
        permit(ACTS[name], somebody(*ACTS[name].roles), AT, reason)


def test_a_move_is_from_where_the_table_says_to_where_it_says() -> None:
    for act in ACTS.values():
        for noun, states in LIFE.items():
            for after in states:
                named = [move for move in act.moves if move.noun == noun and move.after == after]
                for before in (None, *states):
                    may = any(before in move.before if before else not move.before for move in named)
                    if may:
                        act.move(noun, before, after)
                    else:
                        with pytest.raises(Refused if named else AssertionError):
                            act.move(noun, before, after)


def test_states_in_moves_are_states_of_their_noun() -> None:
    for act in ACTS.values():
        for move in act.moves:
            words = {str(state) for state in LIFE[move.noun]}
            assert {move.after, *move.before} <= words, act.name


def test_nothing_leaves_a_final_custody_but_by_a_word_on_the_injection_itself() -> None:
    """A dose that is reported twice is kept twice (MODEL.md, decision 1); one that never was given is looked for. Nothing else moves
    what is gone."""
    for act in ACTS.values():
        for move in act.moves:
            if move.noun == "vial" and move.before & {str(state) for state in GONE}:
                taken_back = act.name == "administration.void" and move.before == {"given"}
                assert taken_back or (act.name, move.after) == ("dose.give", Custody.GIVEN)


def test_every_state_is_reached_by_some_act() -> None:
    reached = {(move.noun, move.after) for act in ACTS.values() for move in act.moves}
    states = {(noun, str(state)) for noun, each in LIFE.items() for state in each}
    assert states - {(noun, str(after)) for noun, after in reached} == set()


def test_a_lot_and_a_consignment_only_go_forward() -> None:
    for noun, order in (("lot", LotState), ("consignment", ConsignmentState)):
        place = {str(state): n for n, state in enumerate(order)}
        for act in ACTS.values():
            for move in act.moves:
                if move.noun == noun:
                    assert all(place[before] < place[move.after] for before in move.before), act.name


def test_facts_ask_for_no_state_that_would_refuse_them_where_the_vial_is() -> None:
    """What happened to a vial in somebody's hands is recorded whatever its custody was."""
    held = {Custody.IN_STOCK, Custody.RESERVED, Custody.ISSUED, Custody.BACK_IN_PHARMACY}
    for name in ("vial.report_broken", "vial.report_lost"):
        assert ACTS[name].kind is Kind.FACT
        (move,) = ACTS[name].moves
        assert held | {Custody.MADE, Custody.IN_TRANSIT} <= move.before


def test_every_signature_may_be_made_by_somebody_and_the_first_by_who_acts() -> None:
    assert set(MAY_SIGN) == set(Meaning)
    for act in ACTS.values():
        for n, meaning in enumerate(act.signatures):
            assert MAY_SIGN[meaning]
            if n == 0:
                assert MAY_SIGN[meaning] & act.roles, act.name


@pytest.mark.parametrize("meaning", Meaning)
def test_who_may_say_it_by_signing(meaning: Meaning) -> None:
    act = next((act for act in ACTS.values() if meaning in act.signatures), ACTS["lot.release"])
    for role in Role:
        if role in MAY_SIGN[meaning]:
            assert entitled(act, meaning, frozenset({role})) is role
        else:
            with pytest.raises(Refused, match="signature_not_entitled"):
                entitled(act, meaning, frozenset({role}))


def test_two_signatures_of_one_act_never_mean_the_same() -> None:
    for act in ACTS.values():
        assert all(a != b for a, b in pairwise(sorted(act.signatures)))
