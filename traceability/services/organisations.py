"""Organisations, their sites, the places in them, and what is assumed of places that nobody measures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from traceability.domain import gs1
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import INSTALLATION
from traceability.services import Answer, performs
from traceability.store import AHEAD, Tx, View
from traceability.store.hot import known
from traceability.store.tables import AssumedBand, Consent, GrantRow, Organisation, Person, Place, Row, Site, Subject
from traceability.store.tables.organisations import OrganisationKind, PlaceKind


@performs("organisation.register")
def register(tx: Tx, name: str, kind: OrganisationKind) -> Answer:
    return {"id": tx.add(Organisation(name=name, kind=kind)).id}


@performs("organisation.set_release_signatures")
def set_release_signatures(tx: Tx, organisation_id: str, signers: int) -> Answer:
    """How many people of its QA sign a release here, one or two. Two people say so: nobody lowers it alone."""
    one = own(tx, organisation_id)
    if signers not in (1, 2):
        raise Refused("count_impossible", least=1, most=2)
    tx.covers = {"release_signatures": [one.release_signatures, signers]}
    tx.change(one, release_signatures=signers)
    return {"id": one.id, "release_signatures": signers}


def written_ahead(view: View, ledger: str) -> datetime | None:
    """Up to when this ledger was written, where that is later than the clock: then nothing is kept until somebody answers."""
    found = view.rows(
        "SELECT recorded_at FROM entry WHERE ledger = :ledger ORDER BY number DESC LIMIT 1", {"ledger": ledger}
    )
    last = known(found[0].recorded_at) if found else None
    return last if last is not None and view.at < last - AHEAD else None


@performs("organisation.confirm_clock")
def confirm_clock(tx: Tx, organisation_id: str) -> Answer:
    """The clock had run ahead and is right now: what was recorded as of later stays as it is, and acts go on from here.

    Verdicts go on asking until that later time has come: rows of hours that were not yet cannot be judged by. Roles and
    consents that were ended in those hours have ended now.
    """
    one = own(tx, organisation_id)
    if (until := written_ahead(tx, one.id)) is None:
        raise Refused("clock_not_behind")
    for grant in tx.known(GrantRow, GrantRow.organisation_id == one.id, col(GrantRow.until) > tx.at):
        if _by(tx, grant, "grant.end"):
            tx.change(grant, until=tx.at)
    ours = select(Subject.id).where(col(Subject.organisation_id) == one.id)
    for consent in tx.known(Consent, col(Consent.withdrawn_at) > tx.at, col(Consent.subject_id).in_(ours)):
        tx.change(consent, withdrawn_at=tx.at)
    return {"id": one.id, "recorded_until": until}


def _by(tx: Tx, row: Row, act: str) -> bool:
    """Whether this act wrote it as it is."""
    return bool(tx.rows("SELECT 1 FROM entry WHERE act_id = :id AND act = :act", {"id": row.act_id, "act": act}))


@performs("site.open")
def open_site(tx: Tx, organisation_id: str, name: str, zone: str, gln: str | None = None) -> Answer:
    """A site has a zone of its own: expiry dates end at its midnight (MODEL.md)."""
    organisation = stands_for(tx, organisation_id)
    named_zone(zone)
    if gln is not None and tx.known(Site, Site.gln == gln):
        raise Refused("already_there", noun="site", key=gln)
    return {"id": tx.add(Site(organisation_id=organisation.id, name=name, zone=zone, gln=gln)).id}


@performs("place.open")
def open_place(
    tx: Tx,
    site_id: str,
    kind: PlaceKind,
    name: str,
    code: str,
    *,
    quarantine: bool = False,
    longest_age_s: int | None = None,
) -> Answer:
    """A place to put vials. `longest_age_s`: how old its last reading may be before its temperature is unknown (R25)."""
    site = tx.need(Site, site_id)
    stands_for(tx, site.organisation_id)
    if tx.known(Place, Place.site_id == site.id, Place.code == code):
        raise Refused("already_there", noun="place", key=code)
    place = Place(
        site_id=site.id, kind=kind, name=name, code=code,
        quarantine=quarantine, longest_age_s=longest_age_s,
    )  # fmt: skip
    return {"id": tx.add(place).id}


@performs("place.assume")
def assume(tx: Tx, place_id: str, low_mc: int, high_mc: int, longest_s: int) -> Answer:
    """State, signed, what a place without sensor is at worst, and for how long at a time (R21)."""
    place = tx.need(Place, place_id)
    stands_for(tx, tx.need(Site, place.site_id).organisation_id)
    if low_mc > high_mc or longest_s <= 0:
        raise Refused("band_impossible")
    tx.add(AssumedBand(place_id=place.id, low_mc=low_mc, high_mc=high_mc, longest_s=longest_s, decided_at=tx.at))
    return {"id": place.id}


def named_zone(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        raise Refused("zone_unknown", zone=zone) from None


def own(tx: View, organisation_id: str) -> Organisation:
    """The actor's own organisation; the installation itself founds and peoples every other."""
    organisation = tx.need(Organisation, organisation_id)
    if tx.actor.organisation_id not in (organisation.id, INSTALLATION):
        raise Refused("not_yours", noun="organisation")
    return organisation


def stands_for(tx: View, organisation_id: str) -> Organisation:
    """One's own organisation, or a maker that never signs in: the hospital then transcribes for it (MODEL.md, decision 7)."""
    organisation = tx.need(Organisation, organisation_id)
    if organisation.kind is OrganisationKind.MAKER and not tx.known(Person, Person.organisation_id == organisation.id):
        return organisation
    return own(tx, organisation.id)


def stood_for(view: View) -> list[str]:
    """The organisations for which one writes: one's own, and as a hospital makers that never sign in."""
    mine = view.need(Organisation, view.actor.organisation_id)
    if mine.kind is OrganisationKind.MAKER:
        return [mine.id]
    signs_in = select(Person.organisation_id)
    silent = view.known(
        Organisation, Organisation.kind == OrganisationKind.MAKER, col(Organisation.id).not_in(signs_in)
    )
    return sorted({mine.id, *(one.id for one in silent)})


def site_of(view: View, organisation_id: str) -> Site | None:
    """The organisation's first site: whose zone and name are shown where none was chosen."""
    sites = view.known(Site, Site.organisation_id == organisation_id)
    return sites[0] if sites else None


def own_site(tx: Tx, site_id: str | None = None) -> Site:
    """The site of one's own house that is meant: the one that was chosen, else the only one at which one may act."""
    mine = tx.known(Site, Site.organisation_id == tx.actor.organisation_id)
    at = tx.actor.sites(tx.act.roles, tx.at)
    found = [one for one in mine if one.id == site_id or (site_id is None and (None in at or one.id in at))]
    if not found:
        raise NotFound("site")
    if len(found) > 1:
        raise Refused("site_not_chosen", sites=[one.name for one in found])
    return found[0]


def read_at(view: View) -> Site | None:
    """In whose time this person reads: their own site's, if they work at one, else that of the house; who works here as a guest
    only, that of who let them in.
    """
    held = [grant for grant in view.actor.grants if grant.holds(view.at)]
    home = view.actor.organisation_id
    works_at = {grant.site_id for grant in held if grant.organisation_id == home}
    if len(works_at) == 1 and (site := view.find(Site, works_at.pop())) is not None:
        return site
    if not any(grant.organisation_id == home for grant in held):
        for grant in sorted(held, key=lambda one: one.since):
            site = view.find(Site, grant.site_id) if grant.site_id else site_of(view, grant.organisation_id)
            if site is not None:
                return site
    return site_of(view, home)


def zone_of(view: View, organisation_id: str) -> ZoneInfo:
    """Of what a house does as a whole; what is done to a patient is of the day of its site (`services/sites.py`)."""
    site = site_of(view, organisation_id)
    return ZoneInfo(site.zone if site else "UTC")


def zones_of(view: View, organisation_ids: Iterable[str]) -> dict[str, ZoneInfo]:
    """The same of many at once."""
    ids = set(organisation_ids)
    zones = dict.fromkeys(ids, ZoneInfo("UTC"))
    first: dict[str, Site] = {}
    for site in view.known(Site, col(Site.organisation_id).in_(ids)):
        first.setdefault(site.organisation_id, site)
    return zones | {one: ZoneInfo(site.zone) for one, site in first.items()}


def day_of(view: View, at: datetime) -> date:
    """The day which that moment is at the reader's house."""
    return at.astimezone(zone_of(view, view.actor.organisation_id)).date()


def today(view: View) -> date:
    """The day it is at the reader's house."""
    return day_of(view, view.at)


def place_of(view: View, raw: str) -> Place | None:
    """The place in sight that a code names: its own code as it hangs on the door, or its site's GLN with it (414, 254).

    On the door it hangs as people type it, or with check characters as it is printed where the site has no GLN.
    """
    told = raw.strip()
    if (
        told.isprintable()
        and len(told) <= 20
        and (found := view.all(Place, Place.code == told, Place.kind != PlaceKind.SHIPPER))
    ):
        return found[0] if len(found) == 1 else None
    try:
        code = gs1.read(raw, view.at.date())
    except Refused:
        return None
    if code.kind != "place":
        return None
    if own := code.value("place"):
        found = view.all(Place, Place.code == own, Place.kind != PlaceKind.SHIPPER)
        return found[0] if len(found) == 1 else None
    extension = code.value("254")
    sites = view.all(Site, Site.gln == code.gln) if code.gln and extension else []
    found = view.all(Place, Place.site_id == sites[0].id, Place.code == extension) if sites else []
    return found[0] if found else None


def places(view: View) -> list[dict[str, Any]]:
    """Every place in sight with how many vials lie there now, those of the nearest kind first."""
    counted = dict(view.rows("SELECT place_id, count(*) FROM stay WHERE until IS NULL GROUP BY place_id"))
    return [{"place": place, "vials": counted.get(place.id, 0)} for place in view.all(Place, order=Place.code)]


def hospitals(view: View) -> list[Organisation]:
    return view.all(Organisation, Organisation.kind == OrganisationKind.HOSPITAL, order=Organisation.name)


def sites(view: View, *, everywhere: bool = False) -> list[tuple[Site, Organisation]]:
    """The actor's own sites, or those of everybody, each with whose it is."""
    owners = {one.id: one for one in view.all(Organisation)}
    return [
        (site, owners[site.organisation_id])
        for site in view.all(Site, order=Site.name)
        if everywhere or site.organisation_id == view.actor.organisation_id
    ]


def shelves(view: View, organisation_ids: Iterable[str] = ()) -> list[Place]:
    """Places of the actor's own organisation to put vials on, or of these, quarantine first."""
    of = set(organisation_ids) or {view.actor.organisation_id}
    mine = {site.id for site, owner in sites(view, everywhere=True) if owner.id in of}
    found = view.all(
        Place, col(Place.site_id).in_(mine), col(Place.kind).not_in([PlaceKind.SHIPPER, PlaceKind.BEDSIDE])
    )
    return sorted(found, key=lambda one: (not one.quarantine, one.code))


def handing(view: View, *, bedside_too: bool) -> list[Place]:
    """Where a vial is worked with outside its shelf: benches, and bedsides where it is handed over."""
    kinds = (
        [PlaceKind.BENCH, PlaceKind.BEDSIDE]
        if bedside_too
        else [PlaceKind.BENCH, PlaceKind.BEDSIDE, PlaceKind.ROOM, PlaceKind.FRIDGE]
    )
    mine = {site.id for site, _ in sites(view)}
    return view.all(Place, col(Place.site_id).in_(mine), col(Place.kind).in_(kinds), order=Place.code)


def named(view: View, ids: Iterable[str]) -> dict[str, str]:
    """What these organisations are called."""
    return {one.id: one.name for one in view.all(Organisation, col(Organisation.id).in_(set(ids)))}


def place_named(view: View, place_id: str) -> str | None:
    """The code of a place in sight."""
    found = view.find(Place, place_id)
    return found.code if found else None
