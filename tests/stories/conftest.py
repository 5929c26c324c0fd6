"""The moments of a lot's way as fixtures (see `tests/worlds.py`), and a night without QA."""

import pytest

from tests.clinic import Clinic
from tests.worlds import arrived, certified, founded, in_stock, ready, released, world, worlds
from traceability.domain.people import Meaning
from traceability.services import emergencies

__all__ = ["arrived", "certified", "founded", "in_stock", "ready", "released", "world", "worlds"]


@pytest.fixture
def handed_out(in_stock: Clinic) -> tuple[Clinic, str, str]:
    """A vial of a lot that nobody has released, handed to the bedside at night for a patient with a course."""
    clinic = in_stock
    course = clinic.course()
    clinic.ordered(course, 1)
    signed = (clinic.sign("putri", Meaning.HANDED_OVER), clinic.sign("santosa", Meaning.ORDERED))
    told = {"reason": "QA cannot be reached, the knee is swollen", "signed": signed, "thaw": True}
    done = clinic.do(
        emergencies.issue, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["subject"], clinic.ids["bench"], **told
    )  # fmt: skip
    return clinic, course, str(done.answer["case_id"])
