"""A process that acts as fast as it can and says each act's id only when the store has said that it is kept.

    python -m tests.faults.writer URL INSTANCE PERSON_ID SITE_ID

It is told to stop by SIGKILL, never by a word.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from traceability.domain.errors import Refused
from traceability.services import organisations
from traceability.store import Call, Store, passwords
from traceability.store.tables.organisations import PlaceKind


def main(url: str, instance: str, person_id: str, site_id: str) -> None:
    store = Store(url, Path(instance))
    with store.engines.reader.connect() as connection:
        actor = passwords.actor_of(connection, person_id)
    assert actor is not None
    print("ready", flush=True)
    for n in count():
        call = Call()
        print(f"asked {call.act_id}", flush=True)
        try:
            code = "F-01" if n % 5 == 4 else call.act_id[-12:]  # every fifth is refused, and that is kept too
            organisations.open_place(store, actor, call, site_id, PlaceKind.ROOM, f"Room {n}", code)
        except Refused as refused:
            if refused.code != "already_there":
                continue  # not kept, or not known: not acknowledged
        print(f"kept {call.act_id}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
