"""The pages of alarms as they are used: at a desk in English and light, on a telephone in Indonesian and dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser import axe
from tests.browser.conftest import Live, leave
from tests.clinic import Clinic
from tests.stories.test_alarm_rules import decided, rule
from tests.watched import watched
from tests.worker.conftest import told
from tests.worlds import arrived, certified, founded, in_stock, world, worlds
from traceability.domain.alarms import Preset
from traceability.services import alarm_rules, alarms, outbox
from traceability.worker import look

__all__ = ["arrived", "certified", "founded", "in_stock", "world", "worlds"]


@pytest.fixture
def clinic(in_stock: Clinic) -> Clinic:
    """One that goes on, one that is over, one acknowledged; a message sent, one not taken; rules that stand and that ended."""
    clinic = in_stock
    ended = rule(clinic, "a quarter of an hour", duration_s=900)
    decided(clinic, alarm_rules.drop_alarm, clinic.ids["quarantine"], ended)
    told(clinic, "https://alarms.hospital.example/trace", after_s=1800)
    clinic.ids["contact"] = told(clinic, "those.on.duty.in.the.pharmacy@hospital-of-the-city.example", of_due=False)
    freezer = watched(clinic)
    freezer.reads(-12.0, -20.0, -20.0)
    (first,) = freezer.alarms()
    clinic.do(alarms.acknowledge, clinic.PHARMACIST, first.id, reason="The door stood open. It is shut now.")
    watched(clinic, "freezer", "T-2")
    clinic.clock.tick(minutes=11)
    alarms.report(clinic.store)
    freezer.reads(-11.0)
    rule(clinic)
    decided(clinic, alarm_rules.take_preset, clinic.ids["quarantine"], Preset.VACCINE_FRIDGE)
    return clinic


def pages(clinic: Clinic, live: Live) -> list[tuple[str, str]]:
    look(live.app)
    with clinic.store.read(clinic.QUALITY) as view:
        going = alarms.alarms(view)[0].alarm.id
        assert outbox.sendings(view, alarms.alarms(view)[0].alarm)
    return [
        ("maharani", "/"), ("maharani", "/alarms"), ("maharani", f"/alarms/{going}"), ("maharani", "/contacts"),
        ("maharani", f"/places/{clinic.ids['quarantine']}/alarms"), ("maharani", "/contacts/add"), ("maharani", f"/contacts/{clinic.ids['contact']}/choose"),
        ("maharani", f"/places/{clinic.ids['quarantine']}/set_alarm"), ("putri", f"/alarms/{going}/acknowledge"),
        ("admin", "/devices/enrol"),
    ]  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("width, scheme, language", [(1280, "light", "en"), (360, "dark", "id")])
def test_everybody_can_use_the_pages_of_alarms(
    browser: Any,
    live: Live,
    clinic: Clinic,
    sign_in: Callable[[Any, str], None],
    width: int,
    scheme: str,
    language: str,
) -> None:
    context = browser.new_context(base_url=live.url, viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.add_cookies([{"name": "language", "value": language, "url": live.url}])
    page = context.new_page()
    axe.watch_policy(page)
    for who, path in pages(clinic, live):
        sign_in(page, who)
        answer = page.goto(path)
        assert answer.status == 200, path
        assert axe.violations(page) == [], path
        assert axe.policy_violations(page) == [], path
        assert axe.overflow(page) == [], path
    leave(context)


@pytest.mark.browser
def test_an_alarm_is_acknowledged_from_the_first_page(
    page: Any, live: Live, clinic: Clinic, sign_in: Callable[[Any, str], None]
) -> None:
    sign_in(page, "putri")
    page.goto("/")
    page.get_by_role("link", name=re.compile(r"Acknowledge\W+Alarm A-4")).click()
    page.get_by_label("Reason").fill("I move the vials.")
    page.get_by_role("button", name="Acknowledge").click()
    assert "The alarm is acknowledged" in page.content()
    page.goto("/alarms")
    assert "N. Putri" in page.content()
