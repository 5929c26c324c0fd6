"""Alarm rules of a place: when readings out of limits become an excursion there. Signed, ended, never edited (R24)."""

from __future__ import annotations

from sqlmodel import col

from traceability.domain.alarms import PRESETS, Preset
from traceability.domain.coldchain import COLDEST_MC, WARMEST_MC
from traceability.domain.errors import Refused
from traceability.services import Answer, performs
from traceability.services.organisations import stands_for
from traceability.services.watching import HANDLED
from traceability.store import Tx, View
from traceability.store.tables import AlarmRule, Place, Site
from traceability.store.tables.coldchain import AlarmMode, Direction

LONGEST_S = 366 * 86_400


@performs("place.set_alarm")
def set_alarm(
    tx: Tx,
    place_id: str,
    name: str,
    direction: Direction,
    mode: AlarmMode,
    *,
    threshold_mc: int | None = None,
    duration_s: int = 0,
    window_s: int | None = None,
) -> Answer:
    """From now on times out of limits are an excursion here when this rule, or another of its direction, says so.

    Without a threshold the product's own limit counts. `duration_s`: at a stretch, or added up within `window_s` (a day).
    Of what began before the rule it says nothing.
    """
    place = _place(tx, place_id)
    if (duration_s > 0) is (mode is AlarmMode.AT_ONCE) or not 0 <= duration_s <= LONGEST_S:
        raise Refused("alarm_rule_duration", mode=mode)
    if window_s is not None and not (mode is AlarmMode.CUMULATIVE and duration_s <= window_s <= LONGEST_S):
        raise Refused("alarm_rule_window")
    if threshold_mc is not None and not COLDEST_MC <= threshold_mc <= WARMEST_MC:
        raise Refused("alarm_rule_threshold", low_mc=COLDEST_MC, high_mc=WARMEST_MC)
    row = _add(tx, place, name.strip(), direction, mode, threshold_mc, duration_s, window_s)
    return {"id": place.id, "rule_id": row.id}


@performs("place.take_preset")
def take_preset(tx: Tx, place_id: str, preset: Preset) -> Answer:
    """The rules of others, all of them, by name: as their source says, for what their source is about."""
    place = _place(tx, place_id)
    rows = [
        _add(tx, place, f"{PRESETS[preset].source}: {name}", Direction(rule.direction), AlarmMode(rule.mode),
             rule.threshold_mc, rule.duration_s, rule.window_s)
        for name, rule in PRESETS[preset].rules
    ]  # fmt: skip
    return {"id": place.id, "rules": len(rows)}


@performs("place.drop_alarm")
def drop_alarm(tx: Tx, place_id: str, rule_id: str) -> Answer:
    """What begins from now on is judged without it: by the other rules of its direction, or by the product's limits at once."""
    place = _place(tx, place_id)
    rule = tx.need(AlarmRule, rule_id)
    if rule.place_id != place.id:
        raise Refused("place_elsewhere")
    if rule.ended_at is not None:
        raise Refused("already_ended", noun="alarm_rule")
    tx.change(rule, ended_at=tx.at)
    return {"id": place.id, "rule_id": rule.id}


def _place(tx: Tx, place_id: str) -> Place:
    place = tx.need(Place, place_id)
    stands_for(tx, tx.need(Site, place.site_id).organisation_id)
    if place.kind in HANDLED:
        raise Refused("alarm_rule_place", place=place.code)
    return place


def _add(
    tx: Tx,
    place: Place,
    name: str,
    direction: Direction,
    mode: AlarmMode,
    threshold_mc: int | None,
    duration_s: int,
    window_s: int | None,
) -> AlarmRule:
    tx.alone(f"alarm rules of {place.id}")
    if tx.known(AlarmRule, AlarmRule.place_id == place.id, AlarmRule.name == name, col(AlarmRule.ended_at).is_(None)):
        raise Refused("already_there", noun="alarm_rule", key=name)
    row = AlarmRule(
        place_id=place.id, name=name, direction=direction, threshold_mc=threshold_mc, mode=mode, duration_s=duration_s,
        window_s=window_s, decided_at=tx.at,
    )  # fmt: skip
    return tx.add(row)


# -------------------------------------------------------------------------------------------------------------- reads


def rules(view: View, place_id: str) -> list[AlarmRule]:
    """Those that stand first, then the ended ones, the newest before the older."""
    found = view.all(AlarmRule, AlarmRule.place_id == place_id, order=col(AlarmRule.decided_at).desc())
    return sorted(found, key=lambda one: one.ended_at is not None)
