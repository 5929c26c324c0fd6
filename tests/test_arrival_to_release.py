"""From the maker's announcement to the release by the hospital's QA."""

import pytest

from tests.clinic import Clinic
from traceability.domain.errors import Refused
from traceability.store.verify import verify


def test_a_lot_that_went_the_whole_way_may_be_used(clinic: Clinic) -> None:
    clinic.released_lot()
    assert clinic.scan("H3K001") == ("use", [])


def test_one_broken_one_absent_released_for_the_rest(clinic: Clinic) -> None:
    lot = clinic.lot(count=5)
    clinic.in_stock(lot, broken=("H3K001",), absent=("H3K002",))
    clinic.certificate(clinic.tested(lot))
    assert clinic.release(lot).answer["vials"] == 3
    assert clinic.scan("H3K003") == ("use", [])
    assert clinic.scan("H3K001")[0] == "do_not_use"
    assert clinic.scan("H3K002")[0] == "ask_qa"


def test_a_lot_without_results_is_refused_with_every_reason(clinic: Clinic) -> None:
    lot = clinic.in_stock()
    with pytest.raises(Refused) as refused:
        clinic.release(lot)
    codes = {finding.code for finding in refused.value.findings}
    assert codes == {"certificate_attached", "results_complete", "results_conform", "results_reviewed"}


def test_the_record_verifies_by_replay(clinic: Clinic) -> None:
    clinic.released_lot()
    with clinic.store.engines.reader.connect() as connection:
        report = verify(connection)
    assert report.problems == []
    assert report.entries > 30
