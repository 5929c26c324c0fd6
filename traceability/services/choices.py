"""What a form offers to choose from, by the name of a parameter: (id, label) of what this person may see.

Labels are codes and names as they stand in the record; words in a language are the page's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from sqlmodel import col, select

from traceability.domain.acts import ACTS
from traceability.domain.people import Role
from traceability.domain.states import Custody
from traceability.services import persons, tellings
from traceability.services.organisations import zone_of
from traceability.services.progress import recall_of
from traceability.services.reviewing import reviewable
from traceability.services.specifications import current_specifications
from traceability.store import View
from traceability.store.tables import (
    GUARDED,
    Action,
    Administration,
    AdverseEvent,
    AlarmContact,
    AlarmRule,
    Attachment,
    Case,
    CaseFile,
    Course,
    DeviceKey,
    GrantRow,
    Hold,
    Line,
    Lot,
    Material,
    Organisation,
    Person,
    Place,
    Product,
    ProductVersion,
    Recall,
    Result,
    Row,
    Score,
    Site,
    Specification,
    Subject,
    Vial,
)
from traceability.store.tables.organisations import OrganisationKind, PlaceKind

Choice = tuple[str, str]
Given = Mapping[str, str]
ANSWERS = ("recall.acknowledge", "recall.document", "recall.contact")
"""What every house does about a recall, whoever started it."""
OUT_OF_STOCK = ("vial.destroy", "vial.sample", "vial.retain", "vial.send_back", "consignment.transfer")
"""Acts on whatever of one's own vials is in a state from which they start."""
MOST = 600
"""More than this nobody chooses from a list: the page asks for the lot first."""

TABLES = {
    "case": "cases",
    "contact": "alarm_contact",
    "device": "person",
    "event": "adverse_event",
    "grant": "grants",
    "order": "orders",
}
"""Nouns whose table has another name: these words are reserved in SQL."""
SPOKEN = ("number", "serial", "pseudonym", "code", "name", "test", "topic")
"""What people call a row: the first of these that it has."""


def table_of(noun: str) -> type[Row]:
    return GUARDED[TABLES.get(noun, noun)]


def spoken(row: Any) -> str:
    """The name of one thing: H-3: door left open · UC26-H3 · F-01."""
    if isinstance(row, Hold | Recall | Case | Action):
        return f"{row.number}: {row.title}" if row.title else row.number
    if isinstance(row, AlarmContact):
        return row.address or row.id[:8]
    return next((str(value) for part in SPOKEN if (value := getattr(row, part, None))), row.id[:8])


def name_of(view: View, noun: str, row_id: str, act: str = "") -> str:
    """What people call it. Raises `NotFound`: also for what is not theirs to see, unless this act answers somebody else's."""
    row: Row = recall_of(view, row_id) if act in ANSWERS else view.need(table_of(noun), row_id)
    if isinstance(row, Result):
        test = view.need(Specification, row.specification_id).test
        return f"{view.need(Lot, row.lot_id).number}, {test}: {row.value}"
    if isinstance(row, Administration):
        return f"{view.need(Subject, row.subject_id).pseudonym}, {row.given_at:%Y-%m-%d %H:%M} UTC"
    if isinstance(row, Score):
        told = " ".join(filter(None, (row.instrument, row.subscale, row.raw)))
        return f"{view.need(Subject, row.subject_id).pseudonym}, {told}"
    if isinstance(row, GrantRow):
        return f"{view.need(Person, row.person_id).name}, {row.role}"
    return spoken(row)


def names(view: View, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Noun and name of those of these ids that are in sight and have a name."""
    found: dict[str, tuple[str, str]] = {}
    wanted = set(ids)
    for noun in NAMED:
        kind = table_of(noun)
        if left := sorted(wanted - set(found)):
            found |= {row.id: (noun, spoken(row)) for row in view.all(kind, kind.__table__.c.id.in_(left))}  # type: ignore[attr-defined]
    return found


NAMED = (
    "lot", "vial", "consignment", "place", "person", "organisation", "site", "hold", "recall", "case", "release",
    "product", "material", "credential", "specification", "document",
)  # fmt: skip
"""What an entry of the ledger may be about, as far as it has a name."""


def choices(view: View, name: str, given: Given) -> list[Choice] | None:
    """The options of a parameter; None where it is typed, not chosen. `given` narrows: the lot, the kind of target."""
    find = CHOICES.get(name)
    return find(view, given) if find else None


def targets(view: View, noun: str) -> list[Choice]:
    """Those of a noun that an act could be about, newest first."""
    if noun == "place":  # a box is no place that anybody reads or assumes of
        return _places(view, {})
    kind = table_of(noun)
    table = kind.__table__  # type: ignore[attr-defined]
    where = [table.c[ended].is_(None) for ended in ENDED if ended in table.c]
    rows = view.all(kind, *where, order=table.c.id.desc(), limit=MOST)
    return [(row.id, spoken(row)) for row in rows]


ENDED = ("lifted_at", "closed_at", "withdrawn_at", "void_at")


def _tellings(view: View, given: Given) -> list[Choice]:
    """Of one event, the newest first: its number among them, and when the house heard it."""
    event = view.find(AdverseEvent, given.get("event_id"))
    zone = zone_of(view, view.actor.organisation_id)
    told = tellings.tellings(view, event.first_id or event.id) if event else []
    return [(one.id, f"{one.version} · {one.aware_at.astimezone(zone):%Y-%m-%d %H:%M}") for one in reversed(told)]


def _places(view: View, _: Given) -> list[Choice]:
    kinds = [kind for kind in PlaceKind if kind is not PlaceKind.SHIPPER]
    found = view.all(Place, col(Place.kind).in_(kinds), order=Place.code)
    return [(one.id, one.code if one.name == one.code else f"{one.code} · {one.name}") for one in found]


def _rules(view: View, given: Given) -> list[Choice]:
    """Those that stand at the place."""
    stands = col(AlarmRule.ended_at).is_(None)
    return [(one.id, one.name) for one in view.all(AlarmRule, AlarmRule.place_id == given.get("place_id", ""), stands)]


def _own_sites(view: View) -> list[Site]:
    return view.all(Site, Site.organisation_id == view.actor.organisation_id, order=Site.name)


def _sites(view: View, _: Given) -> list[Choice]:
    named = dict(_organisations(view, {}))
    return [(one.id, f"{named.get(one.organisation_id, '')}, {one.name}") for one in view.all(Site, order=Site.name)]


def _organisations(view: View, _: Given) -> list[Choice]:
    found = view.all(Organisation, Organisation.kind != OrganisationKind.INSTALLATION, order=Organisation.name)
    return [(one.id, one.name) for one in sorted(found, key=lambda one: one.id != view.actor.organisation_id)]


def _consignees(view: View, _: Given) -> list[Choice]:
    found = view.all(Organisation, Organisation.kind == OrganisationKind.HOSPITAL, order=Organisation.name)
    return [(one.id, one.name) for one in found]


def _people(view: View, _: Given) -> list[Choice]:
    """Those of the own organisation and, since an inspector is granted sight from outside, those of authorities."""
    kinds = {one.id: one for one in view.all(Organisation)}
    devices = {one.person_id for one in view.known(DeviceKey)}  # they hold no role but their own
    found = [
        one
        for one in view.all(Person, order=Person.name)
        if one.id not in devices
        and (
            one.organisation_id == view.actor.organisation_id
            or kinds[one.organisation_id].kind is OrganisationKind.AUTHORITY
        )
    ]
    return [(one.id, f"{one.name} ({one.username})") for one in found]


OF_ONE_SUBJECT = frozenset({"recall.contact", "vial.issue_in_emergency"})
"""Acts in which a subject is chosen from a list; in the others the page that leads there knows whose it is."""


def _subjects(view: View) -> list[Choice]:
    return [
        (one.id, one.pseudonym) for one in persons.shown(view, view.all(Subject, order=Subject.pseudonym, limit=MOST))
    ]


def _colleagues(view: View) -> list[Choice]:
    """Those of the own organisation who hold a role now: somebody who left answers for nothing."""
    held = {
        one.person_id for one in view.all(GrantRow, GrantRow.organisation_id == view.actor.organisation_id)
        if one.holds(view.at) and one.role is not Role.DEVICE
    }  # fmt: skip
    mine = Person.organisation_id == view.actor.organisation_id
    return [(one.id, one.name) for one in view.all(Person, mine, col(Person.id).in_(held), order=Person.name)]


def _versions(view: View, _: Given) -> list[Choice]:
    products = {one.id: one.name for one in view.all(Product)}
    found = view.all(ProductVersion, order=(ProductVersion.product_id, col(ProductVersion.version).desc()))
    return [(one.id, f"{products[one.product_id]}, {one.version}") for one in found]


def _lots(view: View, _: Given) -> list[Choice]:
    return [(one.id, one.number) for one in view.all(Lot, order=col(Lot.id).desc(), limit=MOST)]


def _specifications(view: View, given: Given) -> list[Choice]:
    """The tests asked of the chosen lot's product; without a lot, of every product."""
    lot = view.find(Lot, given.get("lot_id"))
    versions = [lot.product_version_id] if lot else [one.id for one in view.all(ProductVersion)]
    found = [spec for version in versions for spec in current_specifications(view, version).values()]
    return [(one.id, f"{one.test} ({_limits(one)})") for one in found]


def _courses(view: View, _: Given) -> list[Choice]:
    """Courses that go on, by subject and knee."""
    open_now = view.all(Course, col(Course.ended_at).is_(None), order=col(Course.id).desc(), limit=MOST)
    known = {one.id: one.pseudonym for one in view.all(Subject, col(Subject.id).in_([c.subject_id for c in open_now]))}
    known |= {one: other.pseudonym for one, other in persons.standing(view).items()}
    return [(one.id, f"{known[one.subject_id]}, {one.laterality}") for one in open_now if one.subject_id in known]


def _retests(view: View, given: Given) -> list[Choice]:
    """Later results of the same test as the one that is concluded on; none where it is not known."""
    outside = view.find(Result, given.get("result_id"))
    if outside is None:
        return []
    tests = {one.id: one.test for one in view.all(Specification)}
    same = view.all(Result, Result.lot_id == outside.lot_id, order=Result.version)
    return [
        (one.id, f"{tests[one.specification_id]}: {one.value}, {one.version}")
        for one in same
        if tests[one.specification_id] == tests[outside.specification_id] and one.version >= outside.version
    ]


def _waiting(view: View, given: Given) -> list[Choice]:
    """Results of the lot that this reader may review: test, value, who entered it, and when it was tested at this house."""
    found = reviewable(view, given.get("lot_id", ""))
    specs = {one.id: one for one in view.all(Specification)}
    who = {one.id: one.name for one in view.all(Person, col(Person.id).in_({one.analyst_id for one in found}))}
    zone = zone_of(view, view.actor.organisation_id)
    return [
        (
            one.id,
            f"{spec.test}: {' '.join(part for part in (one.value, spec.unit) if part)} · {who.get(one.analyst_id, one.analyst_id[:8])}"
            f" · {one.tested_on.astimezone(zone):%Y-%m-%d %H:%M}",
        )
        for one in found
        for spec in (specs[one.specification_id],)
    ]


def _limits(one: Specification) -> str:
    if one.expected is not None:
        return one.expected
    return " ".join(part for part in (one.low, "–", one.high, one.unit) if part)


def _materials(view: View, _: Given) -> list[Choice]:
    return [(one.id, f"{one.code} · {one.kind}") for one in view.all(Material, order=Material.code, limit=MOST)]


def _vials(view: View, given: Given) -> list[Choice]:
    """The vials of the chosen lot, or those that came with a consignment; without one, those of ours that have not left yet."""
    mine = col(Vial.organisation_id) == view.actor.organisation_id
    if (act := given.get("act", "")) in OUT_OF_STOCK:
        of_lot = [Vial.lot_id == given["lot_id"]] if given.get("lot_id") else []
        before = sorted({state for move in ACTS[act].moves if move.noun == "vial" for state in move.before})
        found = view.all(
            Vial, mine, col(Vial.state).in_(before), *of_lot, order=(col(Vial.lot_id).desc(), Vial.serial), limit=MOST
        )
    elif given.get("lot_id"):
        found = view.all(Vial, Vial.lot_id == given["lot_id"], order=Vial.serial, limit=MOST)
    elif given.get("consignment_id"):
        came = select(col(Line.vial_id)).where(
            col(Line.consignment_id) == given["consignment_id"], col(Line.found).in_(["ok", "extra"])
        )
        found = view.all(Vial, col(Vial.id).in_(came), order=(Vial.lot_id, Vial.serial), limit=MOST)
    else:
        found = view.all(Vial, mine, Vial.state == Custody.MADE, order=(Vial.lot_id, Vial.serial), limit=MOST)
    if given.get("act") == "consignment.ship":
        found = [one for one in found if one.state is Custody.MADE]
    lots = {one.lot_id for one in found}
    if len(lots) < 2:
        return [(one.id, one.serial) for one in found]
    numbers = {one.id: one.number for one in view.all(Lot, col(Lot.id).in_(lots))}
    return [(one.id, f"{one.serial}, {numbers[one.lot_id]}") for one in found]


def _attachments(view: View, given: Given) -> list[Choice]:
    if action := view.find(Action, given.get("action_id")):  # its evidence lies with its case
        linked = [one.attachment_id for one in view.all(CaseFile, CaseFile.case_id == action.case_id)]
        return [(one.id, one.name or one.sha256) for one in view.all(Attachment, col(Attachment.id).in_(linked))]
    found = view.all(Attachment, order=col(Attachment.id).desc(), limit=MOST)
    lot_id = given.get("lot_id")
    return [(one.id, one.name or one.sha256) for one in found if not lot_id or one.lot_id in (None, lot_id)]


def _targets(view: View, given: Given) -> list[Choice]:
    """What a hold or a recall of the chosen kind may cover."""
    match given.get("kind"):
        case "vial":
            return _vials(view, given) if given.get("lot_id") else []
        case "place":
            return _places(view, given)
        case "material":
            return _materials(view, given)
        case "maker":
            makers = view.all(Organisation, Organisation.kind == OrganisationKind.MAKER, order=Organisation.name)
            return [(one.id, one.name) for one in makers]
        case "site":
            return _sites(view, given)
        case "consignment":
            return targets(view, "consignment")
    return _lots(view, given)


def _zones(_view: View, _: Given) -> list[Choice]:
    """Those of Indonesia first."""
    ours = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Asia/Pontianak")
    others = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return [(zone, zone) for zone in (*ours, *(zone for zone in others if zone not in ours))]


CHOICES: dict[str, Callable[[View, Given], list[Choice] | None]] = {
    "place_id": _places,
    "telling_id": _tellings,
    "target_place_id": lambda view, given: [one for one in _places(view, given) if one[0] != given.get("place_id")],
    "site_id": lambda view, _: [(one.id, one.name) for one in _own_sites(view)],
    "from_site_id": _sites,
    "to_site_id": _sites,
    "organisation_id": _organisations,
    "consignee_ids": _consignees,
    "person_id": _people,
    "product_version_id": _versions,
    "calendar_site_id": lambda view, _: [(one.id, one.name) for one in _own_sites(view)],
    "product_id": lambda view, _: [(one.id, one.name) for one in view.all(Product, order=Product.name)],
    "lot_id": _lots,
    "consignment_id": lambda view, _: targets(view, "consignment"),
    "specification_id": _specifications,
    "course_id": _courses,
    "stands_id": _retests,
    "result_ids": _waiting,
    "material_ids": _materials,
    "parent_ids": _materials,
    "vial_ids": _vials,
    "attachment_id": _attachments,
    "target_ids": _targets,
    "zone": _zones,
    "rule_id": _rules,
    "subject_id": lambda view, given: _subjects(view) if given.get("act") in OF_ONE_SUBJECT else None,
    "owner_id": lambda view, _: _colleagues(view),
}
