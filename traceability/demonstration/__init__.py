"""The demonstration: the published case and its neighbours, loaded through the door with an injected clock.

Published facts come from Nurudin 2025 (doi 10.36568/gelinkes.v23i4.245); everything that the paper does not give (lots,
serials, dates, temperatures, people) is invented here and marked as demonstration in its row, on the page and in print.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from traceability.demonstration import clinic, cohort, recalled, setting, supply
from traceability.demonstration.story import SIGN_INS, Clock, Story, password
from traceability.domain.records import RecordKind
from traceability.services import administrations, documents, releases
from traceability.store import Call, Store
from traceability.store.migrate import migrate

TOLD, TOLD_WITH_COHORT = "told\n", "told with the cohort\n"


class NotADemonstration(Exception):
    """There is a record here that is not the demonstration's: it is never mixed with one."""


def load(
    store: Store, instance: Path, config: Mapping[str, Any], say: Callable[[str], None], *, with_cohort: bool = False
) -> dict[str, dict[str, str]]:
    """Migrate and tell the story once; a second call changes nothing. Returns {key: {username, password}}.

    `with_cohort`: sixty patients over twelve lots besides; it takes some minutes more, and is told from the beginning or not.
    """
    mark, kept = instance / "demonstration", instance / "demo-sign-ins.json"
    owner = config["DATABASE_OWNER_URL"] or config["DATABASE_URL"]
    if mark.exists() and kept.exists() and mark.read_text() in (TOLD, TOLD_WITH_COHORT):
        if with_cohort and mark.read_text() == TOLD:
            raise NotADemonstration(
                "The demonstration was loaded without the cohort. Remove the instance folder and start again."
            )
        migrate(store, owner, config["DATABASE_URL"])
        supply.write_logger(store, instance, say)
        told: dict[str, dict[str, str]] = json.loads(kept.read_text())
        return told
    if not mark.exists() and _has_record(store):
        raise NotADemonstration(
            "This database holds a record that is not the demonstration's. Use another instance folder."
        )
    if mark.exists():
        raise NotADemonstration(
            "The demonstration was interrupted while it was loaded. Remove the instance folder and start again."
        )
    mark.write_text("begun\n")
    story = Story(store, Clock(store.clock()), store.clock(), {key: password() for key in SIGN_INS})
    story.base = config.get("EXTERNAL_URL") or f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    _write(kept, {key: {"username": SIGN_INS[key][0], "password": story.passwords[key]} for key in SIGN_INS})
    store.clock = story.clock
    chapters = [one for one in CHAPTERS if with_cohort or one[1] not in OF_THE_COHORT]
    for number, (title, chapter) in enumerate(chapters, 1):
        say(f"  {number}/{len(chapters)} {title}")
        if number == 1:
            story.clock.now = story.today - timedelta(days=cohort.BEGINS_D + 1 if with_cohort else 70)
            migrate(store, owner, config["DATABASE_URL"])
        chapter(story)
    mark.write_text(TOLD_WITH_COHORT if with_cohort else TOLD)
    supply.write_logger(store, instance, say)
    signed: dict[str, dict[str, str]] = json.loads(kept.read_text())
    return signed


def _has_record(store: Store) -> bool:
    from sqlalchemy import inspect

    with store.engines.reader.connect() as connection:
        return inspect(connection).has_table("entry")


def _write(path: Path, told: Any) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(told, file, indent=2)


def today(story: Story) -> None:
    """This morning's readings; dose 4 of the case waits for its vial. From here the clock is the real one."""
    story.clock.now = story.today
    supply.read_freezers(story)
    supply.read_sensor(story)
    with story.store.read(story.actors["quality"]) as view:
        released = releases.releases(view, story.ids["UC26-H3"])[-1].id
    with story.store.read(story.actors["physician"]) as view:
        given = administrations.administrations(view, subject_id=story.ids["case"])[-1]["administration"].id
    for who, kind, noun_id in (
        ("quality", RecordKind.RELEASE, released),
        ("quality", RecordKind.TRACE, story.ids["UC26-H3"]),
        ("quality", RecordKind.ANALYSIS, story.ids["UC26-H3"]),
        ("physician", RecordKind.ADMINISTRATION, given),
    ):
        documents.make(story.store, story.actors[who], Call(demonstration=True), kind, noun_id, "en", story.link)
    recalled.reports(story)


CHAPTERS: tuple[tuple[str, Callable[[Story], None]], ...] = (
    ("People, places and what is assumed of them", setting.people_and_places),
    ("The product, its limits, tests and papers", setting.product_and_papers),
    ("Sixty patients over twelve lots", cohort.treated),
    ("Two lots are made, labelled and certified", supply.two_lots_made),
    ("They arrive, are counted, judged and released", supply.lots_arrive),
    ("The published case: baseline and first dose", clinic.the_case),
    ("A third lot, too warm on its way", supply.one_too_warm),
    ("A freezer with a sensor", supply.a_freezer_with_a_sensor),
    ("A lot for two hospitals", recalled.a_lot_for_two_houses),
    ("A mock recall", recalled.a_mock_recall),
    ("The case, doses 2 and 3", clinic.doses_two_and_three),
    ("The sixty are asked how they are", cohort.asked_after_half_a_year),
    ("A patient has a vial of the lot for two hospitals", recalled.a_patient_has_it),
    ("Five more subjects", clinic.five_more),
    ("That lot is recalled", recalled.a_recall),
    ("A course over two lots, a hold, dose 4 ordered for today", clinic.split_and_hold),
    ("A door that stood open one night", supply.a_door_left_open),
    ("A lot on its way", supply.one_on_its_way),
    ("Today", today),
)
OF_THE_COHORT = (cohort.treated, cohort.asked_after_half_a_year)
