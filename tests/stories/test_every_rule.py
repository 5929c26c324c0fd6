"""Every rule is told by a story, and each story hears it: a rule that always passes, or never does, is noticed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from tests.clinic import Clinic
from tests.stories import test_bedside as bedside
from tests.stories import test_consents as papers
from tests.stories import test_disposition as disposition
from tests.stories import test_grave_cases as grave_cases
from tests.stories import test_merging as merging
from tests.stories import test_named_patient as named
from tests.stories import test_release as release
from tests.stories import test_told_otherwise as otherwise
from tests.stories import test_verdict as verdict
from tests.worlds import Worlds
from traceability.domain import bedside as injections
from traceability.domain import checks, releasing
from traceability.domain.errors import Refused
from traceability.store.tables.lots import Route

Story = Callable[[Clinic], None]

USE: dict[str, Story] = {
    "given": verdict.test_a_vial_that_was_given_is_not_used_again,
    "gone": verdict.test_a_broken_vial_is_gone,
    "recalled": verdict.test_a_recalled_lot_is_not_used,
    "expired": verdict.test_a_vial_is_usable_through_the_last_second_of_its_date,
    "rejected": disposition.test_a_vial_that_qa_rejected_is_not_used,
    "shortened": disposition.test_a_vial_that_may_be_used_until_a_day_is_used_through_that_day_and_no_longer,
    "lot_declined": verdict.test_a_declined_lot_is_not_used,
    "label_contradicts": partial(
        verdict.test_a_label_that_contradicts_the_record_is_a_stop, said={"expires": date(2027, 9, 30)}
    ),
    "thaw_spent": verdict.test_a_vial_thawed_for_too_long_is_not_used,
    "refrozen": partial(otherwise.test_a_thawed_vial_that_was_put_into_a_freezer_again_is_never_used, way="moved"),
    "budget_spent": verdict.test_four_hours_on_the_bench_spend_the_budget,
    "released_for_another": named.test_a_vial_for_a_named_patient_is_judged_with_that_patient_only,
    "held": verdict.test_a_vial_under_two_holds_is_free_when_both_are_lifted,
    "thaw_unknown": verdict.test_a_frozen_product_is_not_given_before_its_thaw_is_on_record,
    "not_certified": verdict.test_a_lot_that_nobody_vouched_for_asks_qa,
    "not_released": verdict.test_a_vial_before_its_release_asks_qa,
    "release_ended": verdict.test_a_voided_release_asks_qa_again,
    "release_outdated": verdict.test_growth_after_the_release_asks_qa_until_the_lot_is_released_again,
    "named_patient_only": named.test_a_vial_for_a_named_patient_is_judged_with_that_patient_only,
    "route_closed": verdict.test_a_hospital_whose_designation_has_ended_asks_qa_before_a_vial_is_issued_or_given,
    "temperature_unknown": verdict.test_a_vial_in_a_place_that_nobody_measures_has_no_known_temperature,
    "clock_behind": verdict.test_with_a_clock_that_was_set_back_nothing_is_judged_and_nothing_kept,
    "label_superseded": verdict.test_a_label_whose_date_was_superseded_asks_qa_and_the_new_date_counts,
    "label_not_scanned_back": verdict.test_a_reprinted_label_asks_qa_until_it_was_scanned_back,
    "not_at_hand": verdict.test_a_vial_that_is_not_where_the_purpose_expects_it_asks_qa,
    "other_organisation": verdict.test_another_hospitals_vial_asks_qa,
}
"""Code of a verdict → the story in which it is found."""

RELEASE: dict[str, Story] = {
    "lot_certified": release.test_a_lot_that_nobody_vouched_for_is_not_released,
    "certificate_attached": release.test_without_the_certificate_of_analysis_no_release,
    "gmp_valid": release.test_a_gmp_certificate_suspended_before_the_lot_was_made_stops_the_release,
    "licence_valid": release.test_a_licence_that_is_not_valid_on_the_day_the_lot_was_made,
    "route_allowed": partial(release.test_a_route_without_its_paper, route=Route.TRIAL, number=""),
    "still_fresh": release.test_on_the_last_day_it_is_released_and_on_the_next_it_is_not,
    "count_cleared": release.test_nothing_chosen_is_nothing_cleared,
    "in_stock": release.test_a_vial_that_is_not_in_stock_is_not_released,
    "labels_back": release.test_a_reprinted_label_that_was_not_scanned_back,
    "transport_measured": release.test_a_journey_that_no_logger_watched,
    "storage_known": release.test_a_vial_that_lay_in_a_place_that_nobody_measures,
    "excursions_decided": release.test_an_excursion_whose_hold_stands_stops_the_release_and_its_decision_frees_it,
    "none_rejected": release.test_a_vial_that_qa_rejected_is_not_released,
    "budgets_left": release.test_a_journey_that_was_warm_for_longer_than_the_budget,
    "no_stop": release.test_a_hold_on_one_vial_stops_a_release_that_covers_it,
    "results_complete": release.test_a_test_without_a_result,
    "results_conform": release.test_a_confirmed_result_outside_its_limits_stands_for_ever,
    "results_reviewed": release.test_a_result_that_nobody_else_looked_at,
    "outside_answered": release.test_a_result_outside_its_limits_is_not_tested_away,
    "independent": release.test_who_transcribed_the_certificate_does_not_release_on_it,
    "audit_reviewed": release.test_the_trail_is_reviewed_and_signed_to_its_last_entry_before_the_release,
    "not_released_yet": release.test_a_vial_is_released_once_and_again_after_the_release_was_voided,
}
"""Code of a release's rule → the story in which it refuses."""

BEDSIDE: dict[str, Story] = {
    "wrong_patient": bedside.test_another_patients_wristband,
    "wrong_side": bedside.test_the_other_knee,
    "no_consent": bedside.test_a_consent_that_no_longer_stands,
    "consent_in_force": papers.test_a_form_issued_afterwards_for_an_earlier_day_stops_who_signed_the_one_before,
    "consent_signed_again": papers.test_a_newer_form_that_asks_to_sign_again_stops_planning_and_bedside_until_it_is_signed,
    "course_over": bedside.test_a_course_that_has_ended,
    "course_twice": merging.test_both_wristbands_are_one_person_and_what_was_open_of_either_is_asked_anew,
    "more_than_planned": merging.test_doses_under_both_pseudonyms_count_together,
    "wrong_product": bedside.test_a_vial_of_another_product,
    "dose_given": bedside.test_a_dose_that_was_given_already,
    "no_order": bedside.test_a_dose_that_nobody_ordered_and_one_that_nobody_verified,
    "vial_of_another": bedside.test_a_vial_that_is_kept_for_another_dose,
    "too_soon": bedside.test_sooner_than_the_interval_less_its_window,
    "dose_started": bedside.test_a_second_vial_is_not_cleared_for_a_dose_that_one_vial_fills,
    "not_started": bedside.test_a_dose_given_without_being_started_is_recorded_and_answered_for,
    "not_sound": bedside.test_a_vial_that_looked_wrong_and_was_given_is_a_case,
    "more_than_ordered": bedside.test_a_hundred_millilitres_out_of_one_vial_are_a_case,
    "more_than_held": bedside.test_a_hundred_millilitres_out_of_one_vial_are_a_case,
    "out_of_turn": bedside.test_out_of_turn_and_out_of_its_window,
    "out_of_window": bedside.test_out_of_turn_and_out_of_its_window,
    "volume_differs": bedside.test_a_smaller_volume_than_ordered_is_flagged_and_nobody_answers_for_it,
}
"""Code of a stop before an injection → the story in which it is told."""

MATERIAL: dict[str, Story] = {
    "result_failed": verdict.test_growth_after_the_release_asks_qa_until_the_lot_is_released_again,
    "gmp_ended": verdict.test_a_gmp_certificate_suspended_from_before_the_lot_was_made_outdates_its_release,
    "licence_ended": verdict.test_a_licence_suspended_from_before_the_lot_was_made_outdates_its_release,
    "expiry_shortened": verdict.test_an_earlier_expiry_date_outdates_the_release_and_a_later_one_does_not,
    "journey_judged_anew": verdict.test_a_logger_file_of_the_journey_after_the_release_is_judged_by_qa_first,
    "outside_reopened": verdict.test_growth_after_the_release_asks_qa_until_the_lot_is_released_again,
    "excursion_found": verdict.test_an_excursion_before_the_release_that_was_read_after_it_outdates_it,
    "case_undecided": grave_cases.test_a_deviation_after_the_release_stops_the_stock_until_qa_decides,
}
"""Code of a material change → the story in which it ends a release."""

TABLES = {
    "USE": (checks, USE),
    "MATERIAL": (releasing, MATERIAL),
    "RELEASE": (releasing, RELEASE),
    "BEDSIDE": (injections, BEDSIDE),
}
"""Name of a table of rules → the module that consults it by this name, and its stories."""

ALL_IS_WELL: dict[str, Story] = {
    "USE": verdict.test_a_released_vial_may_be_used,
    "MATERIAL": verdict.test_a_released_vial_may_be_used,
    "RELEASE": release.test_everything_holds_and_the_lot_is_released_signed,
    "BEDSIDE": bedside.test_nothing_stands_against_the_right_vial_for_the_right_knee,
}
"""What no rule stands against, where none of them is stuck."""

BEGINNINGS = {"clinic": "founded"}
MUTANTS = [(table, code, always) for table, (_, told) in TABLES.items() for code in told for always in (True, False)]


def begin(worlds: Worlds, story: Story, folder: pytest.TempPathFactory) -> Clinic:
    """The moment that the story asks for by the name of its parameter, on SQLite."""
    asked = next(iter(inspect.signature(story).parameters))
    return worlds.copy("sqlite", BEGINNINGS.get(asked, asked), folder.mktemp("mutant"))[0]


@pytest.mark.parametrize("table", TABLES)
def test_every_code_has_its_story(table: str) -> None:
    module, told = TABLES[table]
    assert [rule.code for rule in getattr(module, table)] == list(told)


@pytest.mark.parametrize(("table", "code", "always"), MUTANTS, ids=[f"{t}-{code}-{a}" for t, code, a in MUTANTS])
def test_a_rule_that_is_stuck_is_noticed(
    table: str,
    code: str,
    always: bool,
    worlds: Worlds,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module, told = TABLES[table]
    story = told[code] if always else ALL_IS_WELL[table]
    clinic = begin(worlds, story, tmp_path_factory)
    stuck = tuple(
        replace(rule, ask=lambda facts: (always, {})) if rule.code == code else rule for rule in getattr(module, table)
    )
    monkeypatch.setattr(module, table, stuck)
    try:
        with pytest.raises((AssertionError, Refused, pytest.fail.Exception)):
            story(clinic)
    finally:
        clinic.store.close()
