"""The hospital's QA releases vials: every rule with its finding, refused with every reason at once (step 4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.clinic import Clinic
from tests.stories.test_results import close, conclude, report
from tests.stories.test_verdict import decided, hold, lift
from traceability.domain import releasing, rules
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Meaning, Role
from traceability.domain.specifications import Outcome
from traceability.services import credentials, labels, lots, people, products, releases, results, vials
from traceability.services.cases import open_cases
from traceability.store.tables import Excursion, Release
from traceability.store.tables.coldchain import Decision
from traceability.store.tables.lots import Route
from traceability.store.tables.products import CredentialKind
from traceability.store.tables.quality import ReleaseKind


def refused(clinic: Clinic, lot: str, serials: tuple[str, ...] | None = None) -> set[str]:
    """Asking for the release: the codes with which it is refused; no release is there afterwards that was not before."""
    before = count(clinic)
    with pytest.raises(Refused) as no:
        clinic.release(lot, serials)
    assert no.value.code == "release_refused"
    assert count(clinic) == before
    return {finding.code for finding in no.value.findings}


def count(clinic: Clinic) -> int:
    with clinic.store.read(SYSTEM) as view:
        return len(view.all(Release))


def finding(clinic: Clinic, lot: str, code: str) -> rules.Finding:
    return next(one for one in clinic.dossier(lot).findings if one.code == code)


def test_everything_holds_and_the_lot_is_released_signed(ready: Clinic) -> None:
    lot = ready.ids["lot"]
    ready.reviewed(lot)
    dossier = ready.dossier(lot)
    assert [one.holds for one in dossier.findings] == [True] * len(releasing.RELEASE)
    done = ready.release(lot)
    assert done.answer["vials"] == 5
    with ready.store.read(ready.QUALITY) as view:
        (row,) = releases.releases(view, lot)
    assert (row.number, row.kind, row.void_at) == ("RC-1", "full", None)
    assert row.dossier_digest == ready_digest(row)
    assert [ready.scan(vial.serial) for vial in ready.vials(lot)] == [("use", [])] * 5


def ready_digest(row: Release) -> str:
    from traceability.domain.plain import digest

    return digest(row.dossier)


def test_one_broken_one_absent_one_extra_and_the_rest_is_released(certified: Clinic) -> None:
    """Five in the freezer, four on the list: K005 lies in the box all the same."""
    clinic, lot = certified, certified.ids["lot"]
    box = clinic.arrived(clinic.shipped(lot, serials=("H3K001", "H3K002", "H3K003", "H3K004")))
    from traceability.services import consignments

    clinic.clock.tick(minutes=10)
    for serial, broken in (("H3K001", True), ("H3K003", False), ("H3K004", False), ("H3K005", False)):
        counted = clinic.do(
            consignments.count, clinic.STOREKEEPER, box, clinic.code(clinic.vial(serial)), broken=broken
        )
    assert counted.answer["found"] == "extra"
    tally = clinic.do(consignments.check_in, clinic.STOREKEEPER, box).answer
    assert {word: tally[word] for word in ("ok", "broken", "absent", "extra", "shipped")} == {
        "ok": 2, "broken": 1, "absent": 1, "extra": 1, "shipped": 0,
    }  # fmt: skip
    with clinic.store.read(clinic.QUALITY) as view:
        (case,) = open_cases(view)
    assert case.kind == "count_differs"
    assert all(serial in case.title for serial in ("H3K001 broken", "H3K002 absent", "H3K005 extra"))
    clinic.put_away(box)
    clinic.logged(box)
    clinic.certificate(clinic.tested(lot))
    assert refused(clinic, lot) == {"count_cleared", "storage_known"}  # the extra one is no part of a cleared count
    assert clinic.release(lot, ("H3K003", "H3K004")).answer["vials"] == 2
    assert clinic.scan("H3K003") == ("use", [])
    assert clinic.scan("H3K001") == ("do_not_use", ["gone"])
    assert clinic.scan("H3K002")[0] == "ask_qa"
    assert clinic.scan("H3K005") == ("ask_qa", ["not_released", "temperature_unknown"])
    assert clinic.vial("H3K005").organisation_id == clinic.ids["hospital"]


def test_a_lot_that_nobody_vouched_for_is_not_released(clinic: Clinic) -> None:
    lot = clinic.in_stock(clinic.lot(certified=False))
    clinic.certificate(clinic.tested(lot))
    assert refused(clinic, lot) == {"lot_certified"}


def test_without_the_certificate_of_analysis_no_release(in_stock: Clinic) -> None:
    lot = in_stock.tested(in_stock.ids["lot"])
    assert refused(in_stock, lot) == {"certificate_attached"}


def test_a_gmp_certificate_suspended_before_the_lot_was_made_stops_the_release(ready: Clinic) -> None:
    gmp = ready.ids[CredentialKind.GMP]
    ready.do(credentials.suspend, ready.MAKER_QA, gmp, date(2026, 3, 10), reason="inspection")
    assert finding(ready, ready.ids["lot"], "gmp_valid").holds is True  # made on the 9th
    ready.do(credentials.suspend, ready.MAKER_QA, gmp, date(2026, 3, 9), reason="inspection")
    assert refused(ready, ready.ids["lot"]) == {"gmp_valid", "no_stop"}


def test_a_licence_that_is_not_valid_on_the_day_the_lot_was_made(ready: Clinic) -> None:
    ready.do(
        credentials.suspend,
        ready.MAKER_QA,
        ready.ids[CredentialKind.LICENCE],
        date(2026, 1, 1),
        reason="lapsed",
    )
    assert refused(ready, ready.ids["lot"]) == {"licence_valid", "no_stop"}


def test_a_licence_whose_source_gives_no_dates_is_unknown_and_does_not_pass(ready: Clinic) -> None:
    licence = ready.ids[CredentialKind.LICENCE]
    ready.do(
        products.record_credential,
        ready.MAKER_QA,
        ready.ids["maker"],
        CredentialKind.LICENCE,
        "LIC-2",
        "issuer",
        "secretome",
    )
    ready.do(credentials.suspend, ready.MAKER_QA, licence, date(2026, 1, 1), reason="lapsed")
    assert finding(ready, ready.ids["lot"], "licence_valid").holds is None
    assert refused(ready, ready.ids["lot"]) == {"licence_valid"}


@pytest.mark.parametrize(
    ("route", "number"),
    [(Route.TRIAL, ""), (Route.MARKETED, "")],
    ids=["trial without its number", "marketed without its number"],
)
def test_a_route_without_its_paper(clinic: Clinic, route: Route, number: str) -> None:
    lot = clinic.in_stock(clinic.lot(route=route, route_number=number))
    clinic.certificate(clinic.tested(lot))
    assert refused(clinic, lot) == {"route_allowed"}


def test_a_trial_lot_is_released_under_the_hospitals_own_trial_paper(clinic: Clinic) -> None:
    lot = clinic.in_stock(clinic.lot(route=Route.TRIAL))
    clinic.certificate(clinic.tested(lot))
    clinic.do(
        products.record_credential, clinic.QUALITY, clinic.ids["hospital"], CredentialKind.ETHICS, "EC-1", "committee", "trial",
        valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31),
    )  # fmt: skip
    assert clinic.release(lot).answer["vials"] == 5


def test_on_the_last_day_it_is_released_and_on_the_next_it_is_not(ready: Clinic) -> None:
    ready.clock.now = datetime(2026, 9, 30, 15, 0, tzinfo=UTC)
    assert finding(ready, ready.ids["lot"], "still_fresh").holds is True
    ready.clock.now = datetime(2026, 9, 30, 17, 0, tzinfo=UTC)
    assert refused(ready, ready.ids["lot"]) == {"still_fresh"}


def test_nothing_chosen_is_nothing_cleared(ready: Clinic) -> None:
    lot = ready.ids["lot"]
    ready.reviewed(lot)
    with ready.store.read(ready.QUALITY) as view:
        unmet = rules.unmet(releases.prepare(view, lot, []).findings)
    assert {one.code for one in unmet} == {"count_cleared", "transport_measured"}


def test_a_vial_that_is_not_in_stock_is_not_released(ready: Clinic) -> None:
    ready.do(vials.report_lost, ready.STOREKEEPER, ready.vial("H3K003").id, reason="not on its shelf")
    assert refused(ready, ready.ids["lot"], ("H3K001", "H3K003")) == {
        "in_stock",
        "storage_known",
        "excursions_decided",  # its loss is a case of which nobody has decided
    }
    assert ready.release(ready.ids["lot"], ("H3K001",)).answer["vials"] == 1


def test_a_broken_vial_is_not_released(ready: Clinic) -> None:
    ready.do(vials.report_broken, ready.STOREKEEPER, ready.vial("H3K003").id, reason="fell")
    assert "in_stock" in refused(ready, ready.ids["lot"], ("H3K001", "H3K003"))


def test_a_reprinted_label_that_was_not_scanned_back(ready: Clinic) -> None:
    ready.do(labels.reprint, ready.PHARMACIST, (ready.vial("H3K001").id,), "vial_16x30", reason="smudged")
    assert refused(ready, ready.ids["lot"]) == {"labels_back"}


def unlogged(arrived: Clinic, hours: float | None = 0, **log: object) -> str:
    """Counted and put away, with a logger's file of our own making (None: up to now), or none (0)."""
    box = arrived.ids["box"]
    arrived.counted(box)
    arrived.put_away(box)
    if hours != 0:
        arrived.logged(box, hours=hours, **log)
    return arrived.certificate(arrived.tested(arrived.ids["lot"]))


def test_a_journey_that_no_logger_watched(arrived: Clinic) -> None:
    lot = unlogged(arrived)
    assert refused(arrived, lot) == {"transport_measured", "storage_known"}
    assert finding(arrived, lot, "transport_measured").holds is None


def test_a_logger_that_stopped_half_way(arrived: Clinic) -> None:
    assert refused(arrived, unlogged(arrived, hours=4)) == {"transport_measured", "storage_known"}


def test_a_logger_that_was_read_at_the_door_is_enough(arrived: Clinic) -> None:
    """It began an hour before shipping; its last reading is half an hour before the vials lay on their shelf."""
    lot = unlogged(arrived, hours=7)
    assert arrived.release(lot).answer["vials"] == 5


def test_a_vial_that_lay_in_a_place_that_nobody_measures(ready: Clinic) -> None:
    ready.do(vials.move, ready.PHARMACIST, ready.vial("H3K001").id, ready.ids["bare_freezer"])
    ready.clock.tick(minutes=1)
    ready.do(vials.move, ready.PHARMACIST, ready.vial("H3K001").id, ready.ids["freezer"])
    assert refused(ready, ready.ids["lot"]) == {"storage_known"}


def warm(arrived: Clinic, readings: int) -> str:
    """Some readings of the journey, a quarter of an hour each, lie above the limit."""
    return unlogged(arrived, hours=None, warm={8 + n: -12.0 for n in range(readings)})


def test_an_excursion_whose_hold_stands_stops_the_release_and_its_decision_frees_it(arrived: Clinic) -> None:
    lot = warm(arrived, 3)
    assert refused(arrived, lot) == {"excursions_decided", "no_stop"}
    from traceability.services.stops import open_holds

    with arrived.store.read(arrived.QUALITY) as view:
        (standing,) = open_holds(view)
    lift(arrived, standing.id)
    assert arrived.release(lot).answer["vials"] == 5
    assert arrived.scan("H3K001") == ("use", [])


def test_a_journey_that_was_warm_for_longer_than_the_budget(arrived: Clinic) -> None:
    """Seventeen quarters of an hour: more than four hours, whatever QA decides of the excursion."""
    lot = warm(arrived, 17)
    from traceability.services.stops import open_holds

    with arrived.store.read(arrived.QUALITY) as view:
        (standing,) = open_holds(view)
    lift(arrived, standing.id)
    assert refused(arrived, lot) == {"budgets_left"}


def test_a_hold_on_one_vial_stops_a_release_that_covers_it(ready: Clinic) -> None:
    standing = hold(ready, ready.vial("H3K002").id)
    assert refused(ready, ready.ids["lot"]) == {"no_stop"}
    assert ready.release(ready.ids["lot"], ("H3K001",)).answer["vials"] == 1
    lift(ready, standing)
    assert ready.release(ready.ids["lot"], ("H3K002",)).answer["vials"] == 1


def test_a_test_without_a_result(in_stock: Clinic) -> None:
    lot = in_stock.certificate(in_stock.ids["lot"])
    entered = result(in_stock, lot, "sterility", "no growth")
    review(in_stock, entered)
    assert refused(in_stock, lot) == {"results_complete"}
    assert finding(in_stock, lot, "results_complete").values["missing"] == ["Endotoxin"]


def result(clinic: Clinic, lot: str, test: str, value: str, who: str = "ANALYST") -> str:
    clinic.clock.tick(minutes=1)
    tested_on = clinic.clock.now - timedelta(days=1)
    return clinic.do(results.enter, getattr(clinic, who), lot, clinic.ids[f"spec_{test}"], value, tested_on).id


def review(clinic: Clinic, result_id: str) -> None:
    clinic.do(results.review, clinic.QUALITY2, result_id, signed=(clinic.sign("lestari", Meaning.REVIEWED),))


def test_a_result_outside_its_limits_is_not_tested_away(in_stock: Clinic) -> None:
    """It stands beside its repeat until its case is closed and QA said, on evidence, that the repeat stands."""
    lot = in_stock.certificate(in_stock.tested(in_stock.ids["lot"], endotoxin="0.26"))
    assert refused(in_stock, lot) == {"results_conform", "outside_answered"}
    repeated = result(in_stock, lot, "endotoxin", "0.25")
    review(in_stock, repeated)
    assert refused(in_stock, lot) == {"results_conform", "outside_answered"}
    with in_stock.store.read(in_stock.QUALITY) as view:
        (outside,) = results.outside(view, lot)
    conclude(in_stock, outside["id"], Outcome.LABORATORY_ERROR, stands_id=repeated, attachment_id=report(in_stock, lot))
    assert refused(in_stock, lot) == {"results_conform", "outside_answered"}  # its case is still open
    close(in_stock, outside["id"])
    assert in_stock.release(lot).answer["vials"] == 5


def test_a_confirmed_result_outside_its_limits_stands_for_ever(in_stock: Clinic) -> None:
    lot = in_stock.certificate(in_stock.tested(in_stock.ids["lot"], endotoxin="0.26"))
    with in_stock.store.read(in_stock.QUALITY) as view:
        (outside,) = results.outside(view, lot)
    conclude(in_stock, outside["id"], Outcome.CONFIRMED)
    close(in_stock, outside["id"])
    review(in_stock, result(in_stock, lot, "endotoxin", "0.02"))
    assert refused(in_stock, lot) == {"results_conform"}


def test_a_result_that_nobody_else_looked_at(ready: Clinic) -> None:
    result(ready, ready.ids["lot"], "sterility", "no growth")
    assert refused(ready, ready.ids["lot"]) == {"results_reviewed"}


def test_nobody_reviews_their_own_result(ready: Clinic) -> None:
    entered = result(ready, ready.ids["lot"], "sterility", "no growth")
    with pytest.raises(Refused, match="own_work"):
        ready.do(results.review, ready.ANALYST, entered, signed=(ready.sign("wulandari", Meaning.REVIEWED),))


def test_who_transcribed_the_certificate_does_not_release_on_it(clinic: Clinic) -> None:
    lot = clinic.in_stock(clinic.lot(certified=False))
    clinic.certificate(clinic.tested(lot))
    paper = clinic.do(lots.attach, clinic.QUALITY, "cd" * 32, "certificate.pdf", "application/pdf", 900, lot_id=lot).id
    signed = (clinic.sign("maharani", Meaning.TRANSCRIBED), clinic.sign("putri", Meaning.VERIFIED))
    clinic.do(lots.transcribe, clinic.QUALITY, lot, date(2026, 4, 1), "Conforms.", paper, signed=signed)
    assert refused(clinic, lot) == {"independent"}


def test_who_entered_a_result_does_not_release_on_it(ready: Clinic) -> None:
    with ready.store.engines.reader.connect() as connection:
        from sqlalchemy import text

        person = connection.execute(text("SELECT id FROM person WHERE username = 'maharani'")).scalar_one()
    ready.do(people.give, SYSTEM, person, Role.ANALYST, ready.ids["hospital"])
    review(ready, result(ready, ready.ids["lot"], "endotoxin", "0.05", who="QUALITY"))
    assert refused(ready, ready.ids["lot"]) == {"independent"}


def test_the_trail_is_reviewed_and_signed_to_its_last_entry_before_the_release(ready: Clinic) -> None:
    """By a signature of its own; what was entered since asks for another, a try of the release that was refused does not."""
    lot = ready.ids["lot"]
    ready.reviewed(lot)
    ready.do(vials.move, ready.PHARMACIST, ready.vial("H3K001").id, ready.ids["freezer"])
    dossier = ready.dossier(lot)
    assert [one.code for one in rules.unmet(dossier.findings)] == ["audit_reviewed"]
    chosen, signed = [vial.id for vial in dossier.vials], (ready.sign("maharani", Meaning.RELEASED),)
    with pytest.raises(Refused, match="release_refused") as no:
        ready.do(releases.release, ready.QUALITY, lot, chosen, dossier.digest, signed=signed)
    assert [one.code for one in no.value.findings] == ["audit_reviewed"]
    ready.reviewed(lot)
    with pytest.raises(Refused, match="dossier_changed"):
        ready.do(releases.release, ready.QUALITY, lot, chosen, dossier.digest, signed=signed)
    ready.do(releases.release, ready.QUALITY, lot, chosen, ready.dossier(lot).digest, signed=signed)


def test_a_vial_is_released_once_and_again_after_the_release_was_voided(released: Clinic) -> None:
    lot = released.ids["lot"]
    assert refused(released, lot, ("H3K001",)) == {"not_released_yet"}
    released.do(releases.void, released.QUALITY, released.ids["release"], reason="complaint", signed=decided(released))
    assert released.scan("H3K001") == ("ask_qa", ["release_ended"])
    assert released.release(lot).answer["number"] == "RC-2"
    assert released.scan("H3K001") == ("use", [])


def test_a_dossier_that_changed_since_it_was_read_is_looked_at_again(ready: Clinic) -> None:
    lot = ready.ids["lot"]
    ready.reviewed(lot)
    dossier = ready.dossier(lot)
    ready.do(
        products.record_credential, ready.MAKER_QA, ready.ids["maker"], CredentialKind.GMP, "GMP-2", "issuer", "secretome",
        valid_from=date(2025, 1, 1), valid_until=date(2027, 1, 1),
    )  # fmt: skip
    signed = (ready.sign("maharani", Meaning.RELEASED),)
    with pytest.raises(Refused, match="dossier_changed"):
        ready.do(releases.release, ready.QUALITY, lot, [v.id for v in dossier.vials], dossier.digest, signed=signed)


def test_a_conditional_release_says_until_when_and_why(ready: Clinic) -> None:
    for told in ({}, {"until": ready.clock.now + timedelta(days=1)}, {"condition": "mycoplasma pending"}):
        with pytest.raises(Refused, match="condition_missing"):
            ready.release(ready.ids["lot"], kind=ReleaseKind.CONDITIONAL, **told)


def test_another_hospital_releases_nothing_of_ours(ready: Clinic) -> None:
    lot, signed = ready.ids["lot"], (ready.sign("other", Meaning.RELEASED),)
    ids = [vial.id for vial in ready.vials(lot)]
    with pytest.raises(Refused, match="not_found"):
        ready.do(releases.release, ready.ELSEWHERE, lot, ids, "0" * 64, signed=signed)


def test_without_anything_every_reason_is_told_at_once(certified: Clinic) -> None:
    lot = certified.ids["lot"]
    with certified.store.read(certified.QUALITY) as view:
        ids = [vial.id for vial in lots.vials(view, lot)]
        found = rules.unmet(releases.prepare(view, lot, ids).findings)
    assert {one.code for one in found} == {
        "certificate_attached", "count_cleared", "in_stock", "transport_measured", "results_complete", "results_conform",
        "results_reviewed",
    }  # fmt: skip


def test_a_vial_that_qa_rejected_is_not_released(arrived: Clinic) -> None:
    lot = warm(arrived, 3)
    with arrived.store.read(SYSTEM) as view:
        (found,) = view.all(Excursion)
    arrived.disposed(found.id, Decision.REJECT, ("H3K001",))
    arrived.disposed(found.id)
    assert refused(arrived, lot) == {"none_rejected"}
