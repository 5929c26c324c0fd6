"""May this vial be used? Every answer of the verdict, told once (step 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.clinic import JAKARTA, Clinic, logger_csv
from tests.stories.test_results import close, conclude, report, review
from tests.watched import watched
from traceability.domain import checks
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.gs1 import element_string
from traceability.domain.people import INSTALLATION, SYSTEM, Meaning, Role
from traceability.domain.rules import Verdict
from traceability.domain.specifications import Outcome
from traceability.services import (
    consents,
    courses,
    credentials,
    labelling,
    labels,
    lots,
    organisations,
    people,
    releases,
    results,
    sensors,
    stops,
    vials,
)
from traceability.services.verdicts import facts, judge, scan
from traceability.store import Call
from traceability.store.tables import Consent, Excursion, ExpiryStatement, Hold
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.products import CredentialKind
from traceability.store.tables.quality import ReleaseKind, ScopeKind
from traceability.store.verify import verify

USE, ASK_QA, DO_NOT_USE = "use", "ask_qa", "do_not_use"


def decided(clinic: Clinic, who: str = "maharani") -> tuple:
    return (clinic.sign(who, Meaning.DECIDED),)


def hold(clinic: Clinic, *vial_ids: str, title: str = "cracked stopper") -> str:
    return clinic.do(stops.hold, clinic.QUALITY, title, ScopeKind.VIAL, vial_ids, reason="seen at the shelf").id


def lift(clinic: Clinic, hold_id: str) -> None:
    """A hold ends; of an excursion's, QA has decided of every vial that was there."""
    with clinic.store.read(SYSTEM) as view:
        if excursion := view.need(Hold, hold_id).excursion_id:
            clinic.disposed(excursion)
            return
    clinic.do(stops.lift, clinic.QUALITY2, hold_id, reason="judged", signed=decided(clinic, "lestari"))


def beside(clinic: Clinic, act: str, given: dict, work: object, **call: object) -> None:
    """Write rows for which there is no act yet, through the door all the same: stamped, entered, verified."""
    clinic.store.perform(act, clinic.QUALITY, Call(**call), given, work)


def test_a_released_vial_may_be_used(released: Clinic) -> None:
    assert released.scan("H3K001") == (USE, [])
    assert released.scan("H3K005", "issue") == (USE, [])


def test_a_vial_before_its_release_asks_qa(ready: Clinic) -> None:
    assert ready.scan("H3K001") == (ASK_QA, ["not_released"])


def test_a_vial_left_out_of_the_release_asks_qa_and_the_others_do_not(ready: Clinic) -> None:
    ready.release(ready.ids["lot"], ("H3K001", "H3K002"))
    assert ready.scan("H3K002") == (USE, [])
    assert ready.scan("H3K003") == (ASK_QA, ["not_released"])


def test_a_vial_that_was_given_is_not_used_again(released: Clinic) -> None:
    course = released.course()
    vial = released.ready_vial(course, 1, serial="H3K001")
    assert released.scan("H3K001", "bedside") == (USE, [])
    released.give_dose(course, 1, vial=vial)
    assert released.scan("H3K001", "bedside") == (DO_NOT_USE, ["given"])


def test_a_broken_vial_is_gone(released: Clinic) -> None:
    released.do(vials.report_broken, released.STOREKEEPER, released.vial("H3K002").id, reason="fell")
    assert released.scan("H3K002") == (DO_NOT_USE, ["gone"])
    assert released.scan("H3K003") == (USE, [])


def test_a_recalled_lot_is_not_used(released: Clinic) -> None:
    signed = (released.sign("wijaya", Meaning.RECALLED),)
    released.do(
        stops.recall,
        released.MAKER_QA,
        "particles",
        1,
        True,
        ScopeKind.LOT,
        (released.ids["lot"],),
        reason="complaint",
        signed=signed,
    )
    assert released.scan("H3K001") == (DO_NOT_USE, ["recalled"])


def test_a_vial_is_usable_through_the_last_second_of_its_date(released: Clinic) -> None:
    """30 September ends at 17:00 UTC in Surakarta (UTC+7)."""
    released.clock.now = datetime(2026, 9, 30, 16, 59, 59, 999_999, tzinfo=UTC)
    assert released.scan("H3K001") == (USE, [])
    released.clock.now = datetime(2026, 9, 30, 17, 0, tzinfo=UTC)
    assert released.scan("H3K001") == (DO_NOT_USE, ["expired"])


def test_the_date_ends_where_the_vial_lies_two_hours_earlier_in_jayapura(released: Clinic) -> None:
    """Two sites of one hospital: 30 September ends at 17:00 UTC in Surakarta, and at 15:00 UTC in Jayapura (UTC+9)."""
    freezer = in_jayapura(released)
    released.do(vials.move, released.STOREKEEPER, released.vial("H3K001").id, freezer)
    released.clock.now = datetime(2026, 9, 30, 14, 59, 59, 999_999, tzinfo=UTC)
    assert [released.scan("H3K001"), released.scan("H3K002")] == [(USE, []), (USE, [])]
    released.clock.now = datetime(2026, 9, 30, 15, 0, tzinfo=UTC)
    assert [released.scan("H3K001"), released.scan("H3K002")] == [(DO_NOT_USE, ["expired"]), (USE, [])]
    released.do(vials.move, released.STOREKEEPER, released.vial("H3K002").id, freezer)
    assert released.scan("H3K002") == (DO_NOT_USE, ["expired"])


def in_jayapura(clinic: Clinic) -> str:
    """A second site of the hospital two hours further east, with a freezer."""
    site = clinic.do(organisations.open_site, SYSTEM, clinic.ids["hospital"], "Abepura", "Asia/Jayapura").id
    freezer = clinic.do(organisations.open_place, clinic.QUALITY, site, PlaceKind.FREEZER, "JF", "JF").id
    clinic.do(
        organisations.assume, clinic.QUALITY, freezer, -25_000, -15_000, 400 * 86_400, reason="mapped", signed=decided(clinic)
    )  # fmt: skip
    return str(freezer)


def labelled(clinic: Clinic, *dates: str) -> tuple[str, list[str]]:
    """The verdict on H3K001 by a label that gives these dates."""
    vial = clinic.vial("H3K001")
    with clinic.store.read(clinic.PHARMACIST) as view:
        found = scan(view, f"(01){vial.gtin}{''.join(dates)}(10)UC26-H3(21){vial.serial}", Purpose.STOCK)
    return str(found.verdict), [one.code for one in found.findings]


def test_a_minute_on_the_label_ends_the_day_before_its_end(released: Clinic) -> None:
    """(7003): 10:00 on 30 September in Surakarta is 03:00 UTC; the date alone would last until 17:00 UTC."""
    released.clock.now = datetime(2026, 9, 30, 2, 59, 59, 999_999, tzinfo=UTC)
    assert labelled(released, "(7003)2609301000") == (USE, [])
    assert labelled(released, "(17)260930", "(7003)2609301000") == (USE, [])
    released.clock.now = datetime(2026, 9, 30, 3, 0, tzinfo=UTC)
    assert labelled(released, "(17)260930") == (USE, [])
    assert labelled(released, "(7003)2609301000") == (DO_NOT_USE, ["expired"])
    assert labelled(released, "(17)260930", "(7003)2609301000") == (DO_NOT_USE, ["expired"])


def test_a_minute_of_a_day_that_the_record_never_knew_is_a_stop(released: Clinic) -> None:
    assert labelled(released, "(7003)2612311000") == (DO_NOT_USE, ["label_contradicts"])
    assert labelled(released, "(17)260930", "(7003)2612311000") == (DO_NOT_USE, ["label_contradicts"])


def test_a_declined_lot_is_not_used(clinic: Clinic) -> None:
    lot = clinic.lot(certified=False)
    clinic.do(lots.decline, clinic.MAKER_QA, lot, reason="sterility failed", signed=decided(clinic, "wijaya"))
    verdict, codes = clinic.scan("H3K001", who=clinic.MAKER_QA)
    assert (verdict, codes) == (DO_NOT_USE, ["lot_declined", "not_released"])


def test_a_lot_that_nobody_vouched_for_asks_qa(clinic: Clinic) -> None:
    clinic.lot(certified=False)
    assert clinic.scan("H3K001", who=clinic.MAKER_QA) == (ASK_QA, ["not_certified", "not_released"])


@pytest.mark.parametrize("said", [{"lot": "UC26-H4"}, {"expires": date(2027, 9, 30)}])
def test_a_label_that_contradicts_the_record_is_a_stop(released: Clinic, said: dict) -> None:
    with released.store.read(released.PHARMACIST) as view:
        found = scan(view, released.code(released.vial("H3K001"), **said), Purpose.STOCK)
    assert (found.verdict, [one.code for one in found.findings]) == (Verdict.DO_NOT_USE, ["label_contradicts"])
    told = said.get("lot") or said["expires"].isoformat()
    assert str(found.findings[0].values["label"]) == told


def shortened(clinic: Clinic) -> date:
    """The lot may be used until June now; labels say September. That day."""
    lot, shorter = clinic.ids["lot"], date(2026, 6, 30)
    clinic.clock.tick(minutes=5)
    beside(
        clinic, "product.register", {"lot_id": lot},
        lambda tx: {"id": tx.add(ExpiryStatement(lot_id=lot, version=2, expires=shorter, stated_at=tx.at)).id},
    )  # fmt: skip
    return shorter


def test_a_label_whose_date_was_superseded_asks_qa_and_the_new_date_counts(released: Clinic) -> None:
    shorter = shortened(released)
    with released.store.read(released.PHARMACIST) as view:
        old = scan(view, released.code(released.vial("H3K001"), date(2026, 9, 30)), Purpose.STOCK)
        new = scan(view, released.code(released.vial("H3K001"), shorter), Purpose.STOCK)
    assert [one.code for one in old.findings] == ["release_outdated", "label_superseded"]
    assert (old.verdict, [one.code for one in new.findings]) == (Verdict.ASK_QA, ["release_outdated"])
    again(released)
    with released.store.read(released.PHARMACIST) as view:
        found = scan(view, released.code(released.vial("H3K001"), shorter), Purpose.STOCK)
    assert (found.verdict, found.findings) == (Verdict.USE, ())
    released.clock.now = datetime(2026, 6, 30, 17, 0, tzinfo=UTC)
    assert released.scan("H3K001") == (DO_NOT_USE, ["expired"])


def test_a_vial_thawed_for_too_long_is_not_used(released: Clinic) -> None:
    """In use for sixty minutes after thawing began: the last minute is still good, one second more is not."""
    course = released.course()
    released.ready_vial(course, 1, serial="H3K001")
    released.clock.tick(minutes=30)
    assert released.scan("H3K001", "bedside") == (USE, [])
    released.clock.tick(seconds=1)
    assert released.scan("H3K001", "bedside") == (DO_NOT_USE, ["thaw_spent"])


def test_four_hours_on_the_bench_spend_the_budget(released: Clinic) -> None:
    vial = released.vial("H3K001")
    for _ in range(4):  # an hour each: longer at a time, it would have thawed
        released.do(vials.move, released.PHARMACIST, vial.id, released.ids["bench"])
        released.clock.tick(hours=1)
        assert released.scan("H3K001") == (USE, [])
        released.do(vials.move, released.PHARMACIST, vial.id, released.ids["freezer"])
        released.clock.tick(hours=1)
    released.do(vials.move, released.PHARMACIST, vial.id, released.ids["bench"])
    released.clock.tick(seconds=1)
    assert released.scan("H3K001") == (DO_NOT_USE, ["budget_spent"])
    released.do(vials.move, released.PHARMACIST, vial.id, released.ids["freezer"])
    assert released.scan("H3K001") == (DO_NOT_USE, ["budget_spent"])  # freezing again gives nothing back


def test_a_vial_that_lay_warm_longer_than_it_may_be_thawed_is_spent_whether_a_thaw_was_recorded_or_not(
    released: Clinic,
) -> None:
    """An hour is allowed from thaw on. What nobody recorded thawed by itself (R28)."""
    vial = released.vial("H3K001")
    released.do(vials.move, released.PHARMACIST, vial.id, released.ids["bench"])
    released.clock.tick(hours=1)
    assert released.scan("H3K001") == (USE, [])
    released.clock.tick(seconds=1)
    assert released.scan("H3K001") == (DO_NOT_USE, ["thaw_spent"])
    released.do(vials.move, released.PHARMACIST, vial.id, released.ids["freezer"])
    assert released.scan("H3K001") == (DO_NOT_USE, ["thaw_spent"])


def test_a_frozen_product_is_not_given_before_its_thaw_is_on_record(released: Clinic) -> None:
    course = released.course()
    released.ready_vial(course, 1, serial="H3K001", thaw=False)
    assert released.scan("H3K001", "bedside") == (ASK_QA, ["thaw_unknown"])
    released.do(courses.thaw, released.PHARMACIST, released.vial("H3K001").id, released.ids["bench"])
    assert released.scan("H3K001", "bedside") == (USE, [])


def test_a_vial_under_two_holds_is_free_when_both_are_lifted(released: Clinic) -> None:
    vial = released.vial("H3K001")
    first, second = hold(released, vial.id), hold(released, vial.id, title="label smudged")
    assert released.scan("H3K001") == (ASK_QA, ["held"])
    lift(released, first)
    assert released.scan("H3K001") == (ASK_QA, ["held"])
    assert released.scan("H3K002") == (USE, [])
    lift(released, second)
    assert released.scan("H3K001") == (USE, [])


def test_a_voided_release_asks_qa_again(released: Clinic) -> None:
    released.do(
        releases.void, released.QUALITY, released.ids["release"], reason="new complaint", signed=decided(released)
    )
    assert released.scan("H3K001") == (ASK_QA, ["release_ended"])


def outdated(clinic: Clinic) -> list[str]:
    """Why the release no longer stands for H3K001, as the scan tells it."""
    with clinic.store.read(clinic.PHARMACIST) as view:
        found = scan(view, clinic.code(clinic.vial("H3K001")), Purpose.STOCK)
    assert [(one.code, str(one.severity)) for one in found.findings] == [("release_outdated", "ask")]
    return list(found.findings[0].values["changes"])


def lifted(clinic: Clinic) -> None:
    """The maker lifts what its suspension holds: what is left is what the release itself says."""
    with clinic.store.read(SYSTEM) as view:
        (standing,) = view.all(Hold)
    clinic.do(stops.lift, clinic.MAKER_QA, standing.id, reason="judged", signed=decided(clinic, "wijaya"))


def again(clinic: Clinic) -> None:
    """QA takes the release back, judges the lot as it is now, and releases it again."""
    clinic.do(releases.void, clinic.QUALITY, clinic.ids["release"], reason="newer facts", signed=decided(clinic))
    clinic.ids["release"] = clinic.release(clinic.ids["lot"]).id


def entered(clinic: Clinic, value: str) -> str:
    """Sterility, tested once more."""
    clinic.clock.tick(minutes=5)
    spec = clinic.ids["spec_sterility"]
    return clinic.do(results.enter, clinic.ANALYST, clinic.ids["lot"], spec, value, clinic.clock.now).id


def test_growth_after_the_release_asks_qa_until_the_lot_is_released_again(released: Clinic) -> None:
    """A repeated test that conforms does not bring the release back: QA decides what the growth was."""
    growth = review(released, entered(released, "growth"))
    assert outdated(released) == ["result_failed", "outside_reopened"]
    assert released.scan("H3K002", "issue") == (ASK_QA, ["release_outdated"])
    repeated = review(released, entered(released, "no growth"))
    assert outdated(released) == ["result_failed", "outside_reopened"]
    evidence = report(released, released.ids["lot"])
    conclude(released, growth, Outcome.LABORATORY_ERROR, stands_id=repeated, attachment_id=evidence)
    close(released, growth)
    assert outdated(released) == ["result_failed"]
    again(released)
    assert released.scan("H3K001") == (USE, [])


def test_a_result_that_conforms_after_the_release_changes_nothing(released: Clinic) -> None:
    entered(released, "no growth")
    assert released.scan("H3K001") == (USE, [])


def test_a_gmp_certificate_suspended_from_before_the_lot_was_made_outdates_its_release(released: Clinic) -> None:
    def suspended(day: date) -> None:
        gmp = released.ids[CredentialKind.GMP]
        released.do(credentials.suspend, released.MAKER_QA, gmp, day, reason="inspection")

    suspended(date(2026, 3, 10))
    assert released.scan("H3K001") == (USE, [])  # made on the 9th
    suspended(date(2026, 3, 9))
    assert released.scan("H3K001") == (ASK_QA, ["held", "release_outdated"])  # held by the suspension itself
    lifted(released)
    assert outdated(released) == ["gmp_ended"]


def test_a_licence_suspended_from_before_the_lot_was_made_outdates_its_release(released: Clinic) -> None:
    licence = released.ids[CredentialKind.LICENCE]
    released.do(credentials.suspend, released.MAKER_QA, licence, date(2026, 1, 1), reason="lapsed")
    lifted(released)
    assert outdated(released) == ["licence_ended"]


def test_an_earlier_expiry_date_outdates_the_release_and_a_later_one_does_not(released: Clinic) -> None:
    def stated(version: int, expires: date) -> None:
        released.clock.tick(minutes=5)
        lot = released.ids["lot"]
        beside(
            released, "product.register", {"lot_id": lot, "version": version},
            lambda tx: {"id": tx.add(ExpiryStatement(lot_id=lot, version=version, expires=expires, stated_at=tx.at)).id},
        )  # fmt: skip

    stated(2, date(2026, 10, 31))
    assert released.scan("H3K001") == (USE, [])
    stated(3, date(2026, 9, 29))
    assert outdated(released) == ["expiry_shortened"]
    again(released)
    assert released.scan("H3K001") == (USE, [])


def test_a_logger_file_of_the_journey_after_the_release_is_judged_by_qa_first(released: Clinic) -> None:
    """A second logger lay in the box: what it measured was in no dossier."""
    box = released.consignments()[0]
    released.clock.tick(minutes=5)
    log = sensors.read_log("two.csv", logger_csv(box.shipped_at, 6, 15, -22.0, {}, "L-2"), JAKARTA)
    released.attached(box.id, log)
    assert outdated(released) == ["journey_judged_anew"]
    again(released)
    assert released.scan("H3K001") == (USE, [])


def test_a_conditional_release_ends_at_its_moment(ready: Clinic) -> None:
    until = ready.clock.now + timedelta(days=2)
    ready.release(ready.ids["lot"], kind=ReleaseKind.CONDITIONAL, until=until, condition="mycoplasma pending")
    ready.clock.now = until - timedelta(microseconds=1)
    assert ready.scan("H3K001") == (USE, [])
    ready.clock.now = until
    assert ready.scan("H3K001") == (ASK_QA, ["release_ended"])


def test_an_excursion_before_the_release_that_was_read_after_it_outdates_it(ready: Clinic) -> None:
    """The freezer's logger is read a day late: it was warm before the release, of which the dossier knew nothing."""
    freezer = watched(ready)
    began = ready.clock.now
    ready.clock.tick(hours=1)
    ready.ids["release"] = ready.release(ready.ids["lot"]).id
    assert ready.scan("H3K001") == (USE, [])
    ready.clock.tick(hours=1)
    freezer.sends(began + timedelta(minutes=5), [-10.0] * 3 + [-20.0] * 20)
    with ready.store.read(SYSTEM) as view:
        (found,) = view.all(Excursion)
    assert ready.scan("H3K001") == (ASK_QA, ["held", "release_outdated"])
    ready.disposed(found.id)
    assert outdated(ready) == ["excursion_found"]  # to use it is decided; what was signed did not know of it
    again(ready)
    assert ready.scan("H3K001") == (USE, [])


def test_a_vial_in_a_place_that_nobody_measures_has_no_known_temperature(released: Clinic) -> None:
    released.do(vials.move, released.PHARMACIST, released.vial("H3K001").id, released.ids["bare_freezer"])
    assert released.scan("H3K001") == (ASK_QA, ["temperature_unknown"])


def test_a_reprinted_label_asks_qa_until_it_was_scanned_back(released: Clinic) -> None:
    vial = released.vial("H3K001")
    released.do(labels.reprint, released.PHARMACIST, (vial.id,), "vial_16x30", reason="smudged")
    assert released.scan("H3K001") == (ASK_QA, ["label_not_scanned_back"])
    released.do(labels.scan_back, released.PHARMACIST, released.code(vial))
    assert released.scan("H3K001") == (USE, [])


def test_of_a_vial_that_broke_no_label_is_printed_again(released: Clinic) -> None:
    vial = released.vial("H3K001")
    released.do(labels.reprint, released.PHARMACIST, [vial.id], "vial_16x30", reason="smudged")
    released.do(vials.report_broken, released.PHARMACIST, vial.id, reason="Fell")
    done = released.do(labels.spoil, released.PHARMACIST, [vial.id], reason="Its vial fell")
    assert (done.answer["spoiled"], done.answer["labels"]) == (1, 0)
    with released.store.read(released.PHARMACIST) as view:
        told = labelling.progress(view, labelling.Job("lot", vial.lot_id))
    assert (told.spoiled, told.left, told.labels) == (1, 0, told.applied + 1)


def test_a_vial_without_any_label_print_is_unknown(clinic: Clinic) -> None:
    lot = clinic.lot()
    lot_two = clinic.do(
        lots.announce, clinic.MAKER_QA, clinic.ids["version"], "UC26-H9", date(2026, 3, 9), date(2026, 9, 30),
        clinic.ids["maker_freezer"], "service", serials=("H9K001",),
    ).id  # fmt: skip
    assert lot != lot_two
    assert "label_not_scanned_back" in clinic.scan("H9K001", who=clinic.MAKER_QA)[1]
    assert "label_not_scanned_back" not in clinic.scan("H3K001", who=clinic.MAKER_QA)[1]


def test_a_vial_that_is_not_where_the_purpose_expects_it_asks_qa(released: Clinic) -> None:
    assert released.scan("H3K001", "stock") == (USE, [])
    assert released.scan("H3K001", "bedside") == (ASK_QA, ["not_at_hand"])
    released.do(vials.report_lost, released.STOREKEEPER, released.vial("H3K001").id, reason="not on its shelf")
    assert "not_at_hand" in released.scan("H3K001", "stock")[1]


def test_a_hospital_whose_designation_has_ended_asks_qa_before_a_vial_is_issued_or_given(clinic: Clinic) -> None:
    """Valid through 31 December 2027. On the shelf the vial is as good as before."""
    clinic.released_lot(expires=date(2028, 6, 1))
    course = clinic.course()
    clinic.ready_vial(course, 1, serial="H3K002", thaw=False)
    for vial in ("H3K001", "H3K002"):
        clinic.do(vials.move, clinic.PHARMACIST, clinic.vial(vial).id, clinic.ids["freezer"])
    clinic.clock.now = datetime(2027, 12, 31, 16, 59, tzinfo=UTC)
    assert clinic.scan("H3K001", "issue") == (USE, [])
    assert clinic.scan("H3K002", "bedside") == (ASK_QA, ["thaw_unknown"])
    clinic.clock.now = datetime(2027, 12, 31, 17, 0, tzinfo=UTC)
    assert clinic.scan("H3K001", "issue") == (ASK_QA, ["route_closed"])
    assert clinic.scan("H3K002", "bedside") == (ASK_QA, ["thaw_unknown", "route_closed"])
    assert clinic.scan("H3K001", "stock") == (USE, [])


def test_with_a_clock_that_was_set_back_nothing_is_judged_and_nothing_kept(clinic: Clinic) -> None:
    """On the 12th the vial has expired. With the clock back on the 9th nobody knows; two minutes are forgiven."""
    lot = clinic.released_lot(expires=date(2026, 4, 10))
    vial = clinic.vial("H3K001").id
    clinic.clock.now = last = datetime(2026, 4, 12, 3, 0, tzinfo=UTC)
    assert clinic.scan("H3K001") == (DO_NOT_USE, ["expired"])
    clinic.do(vials.move, clinic.STOREKEEPER, vial, clinic.ids["freezer"])
    clinic.clock.now = datetime(2026, 4, 9, 3, 0, tzinfo=UTC)
    verdict, codes = clinic.scan("H3K001")
    assert (verdict, "clock_behind" in codes) == (ASK_QA, True)
    with pytest.raises(Refused) as no:
        hold(clinic, lot)
    assert (no.value.code, no.value.values["last"], no.value.values["now"]) == (
        "clock_set_back",
        last,
        clinic.clock.now,
    )
    clinic.clock.now = last - timedelta(minutes=2)
    assert clinic.scan("H3K001") == (DO_NOT_USE, ["expired"])
    hold(clinic, vial)


def test_a_clock_that_had_run_ahead_is_confirmed_and_facts_are_kept_again(clinic: Clinic) -> None:
    """For an hour the server believed in 2027. The clock is right again: QA says so, a storekeeper cannot, and not without need."""
    clinic.released_lot()
    vial = clinic.vial("H3K001").id
    right = clinic.clock.now
    until, left, lent = right + timedelta(days=3 * 365), clinic.ANALYST.person_id, clinic.WITNESS.person_id
    clinic.do(people.give, clinic.ADMINISTRATOR, lent, Role.STOREKEEPER, clinic.ids["hospital"], until=until)
    consent = clinic.consent(clinic.subject())
    clinic.clock.now = right + timedelta(days=365)
    hold(clinic, vial)
    clinic.do(consents.withdraw, clinic.PHYSICIAN, consent)
    with clinic.store.read(SYSTEM) as view:
        (grant,) = people.grants(view, left)
    clinic.do(people.end, clinic.ADMINISTRATOR, grant.id, reason="left")
    clinic.clock.now = right
    with clinic.store.read(clinic.QUALITY) as view:
        before = view.rows("SELECT count(*) FROM entry")
    confirm, hospital = organisations.confirm_clock, clinic.ids["hospital"]
    with pytest.raises(Refused, match="not_permitted"):
        clinic.do(confirm, clinic.STOREKEEPER, hospital, reason="It looks right to me.")
    with clinic.store.read(clinic.QUALITY) as view:
        assert view.rows("SELECT count(*) FROM entry") == before  # a refusal here would set the floor itself
    clinic.do(confirm, clinic.QUALITY, hospital, reason="The time server was wrong.")
    hold(clinic, vial)
    with clinic.store.read(SYSTEM) as view:
        assert [one.withdrawn_at for one in view.all(Consent, Consent.id == consent)] == [right]
        assert not any(grant.until is None or grant.until > right for grant in people.grants(view, left))
        assert [grant.until for grant in people.grants(view, lent)][-1] == until  # what was planned so stays so
    assert (
        "clock_behind" in clinic.scan("H3K001")[1]
    )  # what was recorded of next year lies ahead: nothing is judged by it
    with pytest.raises(Refused, match="clock_not_behind"):  # the second hospital has done nothing yet
        clinic.do(confirm, SYSTEM, clinic.ids["other"], reason="Of a ledger without entries.")
    with pytest.raises(Refused, match="clock_not_behind"):
        clinic.do(confirm, SYSTEM, INSTALLATION, reason="Nothing of it was ahead.")
    with pytest.raises(Refused, match="clock_not_behind"):
        clinic.do(confirm, clinic.QUALITY, hospital, reason="Once more.")
    with clinic.store.engines.reader.connect() as connection:
        assert verify(connection).problems == []


def test_another_hospitals_vial_asks_qa(released: Clinic) -> None:
    verdict, codes = released.scan("H3K001", who=released.ELSEWHERE)
    assert (verdict, codes) == (ASK_QA, ["not_released", "other_organisation"])


def test_an_unknown_serial_asks_qa_and_an_unreadable_code_is_refused(released: Clinic) -> None:
    vial = released.vial("H3K001")
    told = element_string([("01", vial.gtin), ("17", "260930"), ("10", "UC26-H3"), ("21", "NOBODY")])
    with released.store.read(released.PHARMACIST) as view:
        found = scan(view, "]d2" + told, Purpose.STOCK)
        assert (found.verdict, [one.code for one in found.findings]) == (Verdict.ASK_QA, ["serial_unknown"])
        with pytest.raises(Refused, match="code_"):
            scan(view, "hello", Purpose.STOCK)


def test_everything_wrong_is_told_at_once_and_the_stops_come_first(released: Clinic) -> None:
    vial = released.vial("H3K001")
    hold(released, vial.id)
    released.do(labels.reprint, released.PHARMACIST, (vial.id,), "vial_16x30", reason="smudged")
    released.do(vials.move, released.PHARMACIST, vial.id, released.ids["bench"])
    released.clock.now = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
    assert released.scan("H3K001", "bedside") == (
        DO_NOT_USE,
        [
            "expired",
            "thaw_spent",
            "budget_spent",
            "held",
            "temperature_unknown",
            "label_not_scanned_back",
            "not_at_hand",
        ],
    )


def test_one_vial_and_many_get_the_same_answer(released: Clinic) -> None:
    hold(released, released.vial("H3K002").id)
    released.do(vials.move, released.PHARMACIST, released.vial("H3K003").id, released.ids["bare_freezer"])
    released.do(vials.report_broken, released.PHARMACIST, released.vial("H3K004").id, reason="fell")
    ids = [vial.id for vial in released.vials(released.ids["lot"])]
    for purpose in Purpose:
        with released.store.read(released.PHARMACIST) as view:
            many = judge(view, ids, purpose)
            assert {one: judge(view, [one], purpose)[one] for one in ids} == many
            assert [checks.use(fact) for fact in facts(view, ids, purpose)] == [many[one][1] for one in ids]
