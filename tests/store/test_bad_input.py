"""No bad input gets further than a clear refusal: every act, asked with nonsense, on both engines."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict
from zoneinfo import ZoneInfo

import pytest

from tests.clinic import PASSWORD, Clinic
from tests.store import asking
from tests.store.test_sight import known, rows, stranger
from traceability.domain.acts import ACTS
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Actor, Role, Signing
from traceability.services import PERFORMERS, people
from traceability.store import Call, passwords
from traceability.store.verify import verify

__all__ = ["known", "rows", "stranger"]

TEXT = (
    "", " ", "x" * 21, "x" * 300, "x" * 70_000, "\t\n", "٣", "Ü", "']; DROP TABLE vial; --", "%s", "{x}", "\u202e", "😀" * 30,
    "-1", "1e999", "1e-900000", "NaN", "0x10", "(01)", "]d2", "\x1d", "f" * 32, "0" * 32, "../../etc/passwd", "=1+1", "null", "\\u0000",
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**31 - 1, 2**31, -(2**31), 2**63, 10**30, -273_150, 5_000)
DAYS = (date.min, date(1, 1, 2), date(1969, 12, 31), date(2026, 4, 1), date(2099, 12, 31), date.max)
TIMES = (
    datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime.min.replace(tzinfo=ZoneInfo("Asia/Jakarta")),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-9))),
)  # fmt: skip


PREPARED = {"person.change_password", "person.reset_password", "person.enrol", "device.enrol"}
"""Acts that are given a hash, made before the door: no form reaches it."""


def nonsense(kind: Any, dice: random.Random) -> Any:
    if get_origin(kind) is tuple and get_args(kind)[-1] is not ...:
        return tuple(nonsense(one, dice) for one in get_args(kind))
    if get_origin(kind) in (tuple, list) or getattr(get_origin(kind), "__name__", "") == "Sequence":
        return [nonsense(get_args(kind)[0], dice) for _ in range(dice.choice((0, 1, 3)))]
    if get_args(kind):
        return nonsense(get_args(kind)[0], dice)
    if is_typeddict(kind):
        return {key: nonsense(one, dice) for key, one in get_type_hints(kind).items()}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return dice.choice(list(kind))
    choices: dict[Any, tuple[Any, ...]] = {str: TEXT, int: NUMBERS, bool: (True, False), date: DAYS, datetime: TIMES}
    return dice.choice(choices[kind]) if kind in choices else NotImplemented


@pytest.fixture
def almighty(released: Clinic) -> Actor:
    """Somebody of the hospital with every role, so that what refuses is the input."""
    for role in set(Role) - {Role.SYSTEM}:
        released.do(people.give, SYSTEM, released.QUALITY.person_id, role, released.ids["hospital"])
        released.do(people.give, SYSTEM, released.PHARMACIST.person_id, role, released.ids["hospital"])
    with released.store.engines.reader.connect() as connection:
        actor = passwords.actor_of(connection, released.QUALITY.person_id)
    assert actor is not None
    return actor


@pytest.mark.parametrize("seed", range(2))
def test_every_act_answers_nonsense_with_a_refusal(
    released: Clinic, almighty: Actor, known: dict[str, Any], seed: int
) -> None:
    """True ids half of the time, so that the rest of the input is looked at; whatever is done verifies."""
    dice = random.Random(seed)
    wrong = []
    for name in sorted(set(PERFORMERS) - PREPARED):
        for _ in range(5):
            here = {
                key: value
                for key, value in known.items()
                if dice.random() < 0.5 and key.endswith(("_id", "_ids", "code"))
            }
            told = asking.given(name, here, released.clock.now, lambda _, kind: nonsense(kind, dice))
            if told is None:
                continue
            for parameter in asking.parameters(name):
                if parameter.name not in told and dice.random() < 0.3:
                    value = nonsense(asking.hints(name)[parameter.name], dice)
                    told |= {} if value is NotImplemented else {parameter.name: value}
            signed = tuple(
                Signing(u, PASSWORD, m) for u, m in zip(("maharani", "putri"), ACTS[name].signatures, strict=False)
            )
            occurred = dice.choice((None, None, *TIMES))
            released.clock.tick(seconds=1)
            try:
                PERFORMERS[name](
                    released.store, almighty, Call(reason="x", signing=signed, occurred_at=occurred), **told
                )
            except Refused:
                pass
            except Exception as error:
                wrong.append(
                    (
                        name,
                        {key: str(value)[:60] for key, value in told.items()},
                        f"{type(error).__name__}: {str(error)[:200]}",
                    )
                )
    assert wrong == []
    with released.store.engines.reader.connect() as connection:
        assert verify(connection).problems == []


def test_times_at_the_ends_of_the_calendar(released: Clinic) -> None:
    from traceability.services import vials

    for occurred in TIMES[:2]:
        with pytest.raises(Refused, match="occurred_long_ago"):
            released.do(
                vials.move,
                released.PHARMACIST,
                released.vial("H3K001").id,
                released.ids["bench"],
                call=Call(occurred_at=occurred),
            )


def test_a_hash_that_is_none_knows_no_password() -> None:
    assert [passwords.known(hashed, PASSWORD) for hashed in ("x", "", "$argon2id$", None)] == [False] * 4
