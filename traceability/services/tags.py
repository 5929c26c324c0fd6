"""Labels of what is no vial, as the record has it: a box, a place, a sensor, who works here, who is treated. Reads only.

Drawing one changes nothing: what it says stands in the record, and it is drawn again as often as it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from sqlmodel import col

from traceability.domain import gs1, tags
from traceability.domain.errors import NotFound, Refused
from traceability.domain.labels import PAPERS
from traceability.domain.people import Actor
from traceability.domain.tags import Tag
from traceability.services import devices, people, persons, printing, subjects
from traceability.services.consignments import consignment
from traceability.services.lots import expiries
from traceability.store import Call, Store, View
from traceability.store.tables import Lot, Organisation, Place, Product, ProductVersion, Sensor, Site
from traceability.store.tables.consignments import UNLISTED
from traceability.store.tables.organisations import PlaceKind

Noun = Literal["consignment", "place", "sensor", "person", "subject"]


def of_box(view: View, consignment_id: str) -> Tag:
    """What was shipped in it and how cold it stays: the narrowest limits of its products (R8)."""
    told = consignment(view, consignment_id)
    box = told["consignment"]
    lots: list[Lot] = list(told["lots"].values())
    versions = view.all(ProductVersion, col(ProductVersion.id).in_({one.product_version_id for one in lots}))
    products = view.all(Product, col(Product.id).in_({one.product_id for one in versions}))
    one = lots[0] if len(lots) == 1 else None
    stated = expiries(view, one.id) if one else []
    gtins = {vial.gtin for line, vial in told["lines"] if vial is not None and line.found not in UNLISTED}
    low_mc, high_mc = max(one.low_mc for one in versions), min(one.high_mc for one in versions)
    if low_mc > high_mc:
        raise Refused("band_impossible")
    return tags.shipper(
        box.sscc, low_mc=low_mc, high_mc=high_mc,
        sender=_named(view, box.shipper_id), receiver=_received(view, box.consignee_id, box.to_site_id),
        name=", ".join(sorted(one.name for one in products)), gtin=next(iter(gtins)) if len(gtins) == 1 else None,
        count=told["tally"].shipped_in_all,
        lot=one.number if one else None, expires=stated[-1].expires if stated else None, demonstration=box.demonstration,
    )  # fmt: skip


def of_place(view: View, place_id: str) -> Tag:
    """The code that leads to it when it is scanned. A box has its own label."""
    place = view.need(Place, place_id)
    if place.kind is PlaceKind.SHIPPER:
        raise NotFound("place")
    site = view.need(Site, place.site_id)
    return tags.place(
        place.code, name=place.name if place.name != place.code else "", site=site.name, gln=site.gln, quarantine=place.quarantine,
        demonstration=place.demonstration,
    )  # fmt: skip


def of_sensor(view: View, sensor_id: str) -> Tag:
    """A sensor or a logger by its GIAI; without one it is known by its maker's number alone."""
    sensor = view.need(Sensor, sensor_id)
    if sensor.giai is None:
        raise Refused("label_without_giai", serial=sensor.serial)
    return tags.asset(
        sensor.giai, name=sensor.serial, site=_named(view, sensor.organisation_id), demonstration=sensor.demonstration
    )


def of_person(view: View, person_id: str) -> Tag:
    """A badge, of whom this actor sees among the people; one's own is everybody's."""
    found = next((one for one in people.directory(view) if one[0].id == person_id), None)
    if found is None:
        raise NotFound("person")
    person, organisation, _ = found
    if devices.keys(view, [person.id]):
        raise Refused("a_device", name=person.name)
    return tags.badge(
        person.id, name=person.name, role=person.title, organisation=organisation, demonstration=person.demonstration
    )


def of_subject(view: View, subject_id: str) -> Tag:
    """A wristband under the pseudonym: who it is stays sealed, and is not asked."""
    subject = persons.subject(view, subject_id)
    return tags.wristband(subject.pseudonym, demonstration=subject.demonstration)


def band(store: Store, actor: Actor, call: Call, subject_id: str, code: str) -> Tag:
    """The same with the number that the patient has already (8018), as it was read from what they wear or from their papers.

    Whose it is, is asked first, and that is an entry. A number that is not this subject's is refused, and one that is no
    GSRN: a plain number of the house is never encoded (R9).
    """
    with store.read(actor) as view:
        subject = persons.subject(view, subject_id)
        read = gs1.read(code, view.at.date())
    if read.gsrn is None:
        raise Refused("wristband_without_gsrn")
    done = subjects.look_up(store, actor, call, subjects.looked(store, code, "wristband"))
    if done.answer.get("id") != subject.id:
        raise Refused("wristband_of_another")
    return tags.wristband_of(
        read.gsrn, instance=read.value("8019") or "", pseudonym=subject.pseudonym, demonstration=subject.demonstration
    )


OF: Mapping[Noun, Callable[[View, str], Tag]] = {
    "consignment": of_box, "place": of_place, "sensor": of_sensor, "person": of_person, "subject": of_subject,
}  # fmt: skip
SIZES = {
    "consignment": tags.sizes("shipper"), "place": tags.sizes("place"), "sensor": tags.sizes("asset"),
    "person": tags.sizes("badge"), "subject": tags.sizes("wristband"),
}  # fmt: skip


def tag(view: View, noun: Noun, noun_id: str) -> Tag:
    """The label of this thing, if it is one that a scanner reads back. Raises `NotFound`, and `Refused` with what is in its way."""
    made = OF[noun](view, noun_id)
    gs1.read(made.datamatrix.reads, view.at.date())
    return made


def looks(made: Tag, noun: Noun) -> dict[str, str | None]:
    """By layout the label as SVG; None: it does not fit, or has a letter that the font has not."""
    found: dict[str, str | None] = {}
    for layout in SIZES[noun]:
        try:
            found[layout] = printing.look(made, layout)
        except Refused:
            found[layout] = None
    return found


def file(made: Tag, noun: Noun, layout: str, *, paper: str = PAPERS[0], start: int = 0) -> bytes:
    """One label on this paper; without a layout the usual of its kind."""
    if (layout or SIZES[noun][0]) not in SIZES[noun]:
        raise Refused("label_layout_unknown", layout=layout)
    return printing.printed(made, layout or SIZES[noun][0], paper=paper, start=start)


def self_test(*, paper: str = PAPERS[0], start: int = 0) -> bytes:
    """The sheet by which a scanner is set up: its two symbols."""
    (layout,) = tags.sizes("self_test")
    return printing.printed(tags.self_test(), layout, paper=paper, start=start)


def _named(view: View, organisation_id: str) -> str:
    return view.need(Organisation, organisation_id).name


def _received(view: View, organisation_id: str, site_id: str) -> str:
    house, site = _named(view, organisation_id), view.need(Site, site_id).name
    return house if site == house else f"{house}, {site}"
