"""Proofs and search over a long ledger: an entry proved under a checkpoint signed then, and a page of fifty that answers."""

from __future__ import annotations

import json
import random
import time
from functools import partial
from statistics import median, quantiles

from bench import seed
from bench.measure import Row
from bench.worlds import World
from traceability.domain.people import SYSTEM
from traceability.services import audit, proofs
from traceability.store import View

MOST_MS, MOST_BYTES = 5.0, 2048


def rows(base: World, story: seed.Story, size: int, *, rounds: int, name: str) -> list[Row]:
    world = base.copy(base.home.parent / f"proofs-{name}-{size}", f"proofs_{size}")
    seed.fill(world, story, -(-size // len(story.entries.rows)), entries=True)
    ledger, store, dice = world.clinic.ids["hospital"], world.store, random.Random(9162)
    with store.read(SYSTEM) as view:
        began = time.perf_counter()
        entries = store.trees.seen(view.connection, ledger).size
        first_s = time.perf_counter() - began
        took, longest = [], 0
        for _ in range(rounds * 40):
            number = dice.randint(1, entries)
            began = time.perf_counter()
            made = proofs.of_entry(store, view, ledger, number)
            took.append((time.perf_counter() - began) * 1e3)
            made.pop("entry")
            longest = max(longest, len(json.dumps(made, separators=(",", ":"))))
        middle, worst = median(took), quantiles(took, n=20)[-1]
        pages = {what: _page_ms(view, asked, rounds) for what, asked in _asked(view, ledger, dice).items()}
    slowest = max(pages, key=lambda one: pages[one])
    told = (
        f"{middle:.2f} ms, {worst:.2f} ms at the 95th of 100; {longest:,} bytes; the first of a process {first_s:.1f} s"
    )
    figures = {"entries": entries, "ms": middle, "p95_ms": worst, "bytes": longest, "first_s": first_s}
    made_rows = [
        Row(f"proof of an entry among {entries:,}, {name}", "", told, f"≤ {MOST_MS:.0f} ms, ≤ 2 KB",
            middle <= MOST_MS and longest <= MOST_BYTES, figures),
        Row(f"a page of 50 found among {entries:,}, {name}", "", f"{min(pages.values()):.0f} to {pages[slowest]:.0f} ms ({slowest})",
            "stated", None, dict(pages)),
    ]  # fmt: skip
    world.close(drop=True)
    return made_rows


def _asked(view: View, ledger: str, dice: random.Random) -> dict[str, audit.Asked]:
    """One search of every kind, about things in the middle of the record."""

    def some(query: str) -> str:
        found = view.rows(query)
        return str(found[dice.randrange(len(found))][0])

    at = audit.entry(view, ledger, 1 + dice.randrange(1000)).entry.recorded_at
    asked = partial(audit.Asked, ledger)
    return {
        "all": asked(), "by lot": asked(about=some("SELECT number FROM lot")), "by vial": asked(about=some("SELECT serial FROM vial")),
        "by subject": asked(about=some("SELECT pseudonym FROM subject")), "by act": asked(act="vial.issue"),
        "by person": asked(person_id=some("SELECT DISTINCT person_id FROM entry")), "refused": asked(refused=True),
        "until a day": asked(until=at),
    }  # fmt: skip


def _page_ms(view: View, asked: audit.Asked, rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        audit.page(view, asked)
        took.append((time.perf_counter() - began) * 1e3)
    return median(took)
