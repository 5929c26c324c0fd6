"""The code of BPOM on a vial: kept with it once, and from then on another way to name it (R11)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clinic import Clinic
from tests.stories.test_overlabel import quiet, refused
from tests.stories.test_overlabel import released as put_on_the_shelf
from tests.stories.test_verdict import shortened
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.domain.rules import Verdict
from traceability.services import courses, doses, labels, moves, stocktakes, vials
from traceability.services.records import administration
from traceability.services.verdicts import scan
from traceability.store.tables import AdministrationVial, Alias
from traceability.store.tables.lots import Route

__all__ = ["quiet"]

NIE = "DKL1234567890A1"


def bpom(serial: str = "B7Q2M9XA", lot: str = "UC26-H3", expires: str = "260930") -> str:
    """As it stands in the plain QR."""
    return f"(90){NIE}(10){lot}(17){expires}(21){serial}"


def keep(clinic: Clinic, serial: str = "H3K001", alias: str | None = None, **told: Any) -> dict[str, Any]:
    vial = clinic.vial(serial)
    given = {"code": clinic.code(vial), "alias": alias or bpom()} | told
    return dict(clinic.do(vials.add_alias, clinic.PHARMACIST, vial.id, **given).answer)


def found(clinic: Clinic, code: str, who: Any = None) -> tuple[str, list[str], str | None]:
    with clinic.store.read(who or clinic.PHARMACIST) as view:
        told = scan(view, code, Purpose.STOCK)
    return str(told.verdict), [one.code for one in told.findings], told.vial_id


def test_a_code_of_bpom_that_was_kept_finds_its_vial_in_whichever_order_it_is_written(released: Clinic) -> None:
    vial = released.vial("H3K001")
    assert found(released, bpom()) == (Verdict.ASK_QA, ["serial_unknown"], None)
    assert keep(released)["findings"] == []
    assert found(released, bpom()) == (Verdict.USE, [], vial.id)
    assert found(released, f"(21)B7Q2M9XA(17)260930(10)UC26-H3(90){NIE}") == (Verdict.USE, [], vial.id)
    assert found(released, bpom("ANOTHER1"))[2] is None


def test_once_kept_every_act_takes_it_from_the_count_to_the_knee(released: Clinic) -> None:
    keep(released)
    do, vial = released.do, released.vial("H3K001")
    count = do(stocktakes.begin, released.STOREKEEPER, released.ids["quarantine"]).id
    assert do(stocktakes.note, released.STOREKEEPER, count, bpom()).answer["seen"] == "here"
    assert (
        refused(lambda: do(stocktakes.note, released.STOREKEEPER, count, released.code(vial))).code == "counted_already"
    )
    codes = [bpom(), released.code(vial), released.code(released.vial("H3K002"))]
    place = (released.ids["quarantine"], released.ids["freezer"])
    told = do(moves.move_all, released.STOREKEEPER, *place, codes, reason="defect").answer
    assert (told["moved"], told["sampled"], told["findings"]) == (5, 2, [])
    course = released.course()
    dose = released.ordered(course, 1)
    do(courses.reserve, released.PHARMACIST, vial.id, dose, code=bpom())
    do(courses.issue, released.PHARMACIST, vial.id, released.ids["bench"], code=bpom())
    do(courses.thaw, released.PHARMACIST, vial.id, released.ids["bench"])
    released.clock.tick(minutes=10)
    do(doses.start, released.PHYSICIAN, dose, released.band(), bpom(), "right")
    signed = (released.sign("santosa", Meaning.GIVEN), released.sign("rahayu", Meaning.WITNESSED))
    given = do(
        doses.give, released.PHYSICIAN, released.ids["subject"], "right", [bpom()], 3000, 0, dose_id=dose, signed=signed
    )
    assert given.answer["findings"] == []
    assert released.vial("H3K001").state == "given"
    with released.store.read(released.PHYSICIAN) as view:
        (part,) = view.known(AdministrationVial)
        record = administration.build(view, given.id, "AR-1", 1)
    assert (part.vial_id, part.code) == (vial.id, bpom())
    assert (record.vials[0].gtin, record.vials[0].serial) == (vial.gtin, "H3K001")


def test_one_vial_under_two_of_its_codes_is_one_vial_of_a_dose(released: Clinic) -> None:
    keep(released)
    both = [bpom(), released.code(released.vial("H3K001"))]
    signed = (released.sign("santosa", Meaning.GIVEN), released.sign("rahayu", Meaning.WITNESSED))
    given = (doses.give, released.PHYSICIAN, released.subject(), "right", both, 3000, 0)
    assert refused(lambda: released.do(*given, signed=signed)).code == "vials_not_distinct"


@pytest.mark.parametrize("wrong", [{"lot": "OTHER-LOT"}, {"expires": "310131"}], ids=["lot", "expiry"])
def test_what_it_says_of_lot_and_expiry_is_held_against_the_record(released: Clinic, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused) as told:
        keep(released, alias=bpom(**wrong))
    assert told.value.code == "vial_not_usable"
    assert [one.code for one in told.value.findings] == ["label_contradicts"]
    with released.store.read(released.PHARMACIST) as view:
        assert view.known(Alias) == []


def test_a_date_that_was_stated_once_is_kept_and_said_to_be_outdated(released: Clinic) -> None:
    keep(released)
    shortened(released)
    assert keep(released, "H3K002", bpom("SECOND22"))["findings"] == ["label_superseded"]
    assert "label_superseded" in found(released, bpom())[1]


def test_a_marketing_number_alone_names_a_product_and_is_kept_with_no_vial(released: Clinic) -> None:
    assert refused(lambda: keep(released, alias=f"(90){NIE}")).code == "alias_of_product"
    told = refused(lambda: keep(released, alias=released.code(released.vial("H3K002"))))
    assert (told.code, told.values["kind"]) == ("alias_not_bpom", "vial")


def test_it_is_kept_once_and_with_one_vial_only(released: Clinic) -> None:
    keep(released)
    assert refused(lambda: keep(released)).code == "alias_kept_already"
    assert refused(lambda: keep(released, "H3K002")).code == "alias_of_another"
    keep(released, alias=bpom("ANOTHER1"))  # relabelled with a later date it has two
    assert found(released, bpom("ANOTHER1"))[2] == found(released, bpom())[2]


def test_the_vials_own_code_is_scanned_beside_it(released: Clinic) -> None:
    other = released.code(released.vial("H3K002"))
    assert refused(lambda: keep(released, code=other)).code == "label_of_another"
    keep(released)
    told = refused(lambda: keep(released, code=bpom(), alias=bpom("ANOTHER1")))
    assert (told.code, told.values["kind"]) == ("code_not_a_vial", "alias")
    wrong = released.code(released.vial("H3K001"), lot="OTHER-LOT")
    assert refused(lambda: keep(released, code=wrong, alias=bpom("ANOTHER1"))).code == "vial_not_usable"


def test_it_is_no_proof_that_our_label_is_on_the_vial(released: Clinic) -> None:
    keep(released)
    released.do(labels.reprint, released.PHARMACIST, [released.vial("H3K001").id], "vial_16x30", reason="smudged")
    told = refused(lambda: released.do(labels.scan_back, released.PHARMACIST, bpom()))
    assert (told.code, told.values["kind"]) == ("code_not_a_vial", "alias")


def test_who_may_not_see_the_vial_does_not_learn_whose_it_is(released: Clinic) -> None:
    keep(released)
    with pytest.raises(Refused, match="not_found"):
        released.do(vials.add_alias, released.ELSEWHERE, released.vial("H3K002").id, bpom("ANOTHER1"), bpom("ANOTHER1"))
    with released.store.read(released.ELSEWHERE) as view:
        assert refused(lambda: vials.by_code(view, bpom())).code == "serial_unknown"


def test_a_vial_that_came_without_a_serial_has_its_over_label_and_this_code(quiet: Clinic) -> None:
    vial = quiet.vials(put_on_the_shelf(quiet))[0]
    code = bpom(lot="QM-1")
    quiet.do(vials.add_alias, quiet.PHARMACIST, vial.id, quiet.code(vial), code)
    assert found(quiet, code)[2] == found(quiet, quiet.code(vial))[2] == vial.id
    with quiet.store.read(quiet.PHARMACIST) as view:
        assert [one.scheme for one in vials.described(view, vial.id)["aliases"]] == ["giai", "otentifikasi"]


def test_the_code_of_another_marketing_number_is_not_kept(clinic: Clinic) -> None:
    """The maker's lot is on record as marketed under one number; the code beside it gives another."""
    given = {"route": Route.MARKETED, "route_number": "DKL9999999999A1"}
    box = clinic.arrived(clinic.shipped(clinic.lot("UC26-H3", 2, **given)))
    clinic.counted(box)
    told = refused(lambda: keep(clinic, "H3K001"))
    assert (told.code, told.values["record"]) == ("alias_of_other_number", "DKL9999999999A1")
    assert keep(clinic, "H3K001", bpom().replace(NIE, "DKL9999999999A1"))["findings"] == []
