"""Who is told of what, by what way, and after how long without acknowledgement. An address is sealed in the ledger.

Of three things each chooses: alarms of the cold chain, what is due, and recalls.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.services import Answer, performs
from traceability.services.organisations import own
from traceability.store import Tx, View
from traceability.store.tables import AlarmContact
from traceability.store.tables.alarms import Channel

LANGUAGES = ("en", "id")
TOPICS = ("alarms", "due", "recalls")
LONGEST_S = 7 * 86_400
EMAIL = re.compile(r"[^\s@<>,;:\"'()\[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


@performs("contact.add")
def add(
    tx: Tx,
    channel: Channel,
    address: str,
    *,
    after_s: int = 0,
    language: str = "en",
    of_alarms: bool = True,
    of_due: bool = True,
    of_recalls: bool = True,
) -> Answer:
    """From now on told: at once, or when nobody has acknowledged it for so long; of a recall always at once."""
    address = address.strip()
    if not (is_email(address) if channel is Channel.EMAIL else is_webhook(address)):
        raise Refused("contact_address", channel=channel)
    if not 0 <= after_s <= LONGEST_S:
        raise Refused("contact_after", most_s=LONGEST_S)
    if language not in LANGUAGES:
        raise Refused("language_unknown", language=language)
    _something(of_alarms, of_due, of_recalls)
    house = own(tx, tx.actor.organisation_id).id
    tx.alone(f"contacts of {house}")
    for one in tx.known(AlarmContact, AlarmContact.organisation_id == house, col(AlarmContact.ended_at).is_(None)):
        if (one.channel, one.address, one.after_s) == (channel, address, after_s):
            raise Refused("already_there", noun="alarm_contact", key="")
    row = AlarmContact(
        organisation_id=house, channel=channel, address=address, language=language, after_s=after_s,
        of_alarms=of_alarms, of_due=of_due, of_recalls=of_recalls,
    )  # fmt: skip
    return {"id": tx.add(row).id}


@performs("contact.choose")
def choose(tx: Tx, contact_id: str, of_alarms: bool, of_due: bool, of_recalls: bool) -> Answer:
    """Of what somebody is told from now on; what waits to be sent of the rest is not sent any more."""
    row = tx.need(AlarmContact, contact_id)
    own(tx, row.organisation_id)
    if row.ended_at is not None:
        raise Refused("already_ended", noun="alarm_contact")
    _something(of_alarms, of_due, of_recalls)
    tx.change(row, of_alarms=of_alarms, of_due=of_due, of_recalls=of_recalls)
    return {"id": row.id}


@performs("contact.end")
def end(tx: Tx, contact_id: str) -> Answer:
    """Told of nothing from now on, not even of what waits to be sent."""
    row = tx.need(AlarmContact, contact_id)
    own(tx, row.organisation_id)
    if row.ended_at is not None:
        raise Refused("already_ended", noun="alarm_contact")
    tx.change(row, ended_at=tx.at)
    return {"id": row.id}


def _something(*told: bool) -> None:
    if not any(told):
        raise Refused("told_of_nothing")


def is_email(address: str) -> bool:
    """One address, and nothing that could become a header or a second one."""
    return address.isascii() and bool(EMAIL.fullmatch(address)) and ".." not in address


def is_webhook(address: str) -> bool:
    """https, without a name or password in it; http only where it does not leave the machine."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    if (
        not address.isascii()
        or not address.isprintable()
        or " " in address
        or not parts.hostname
        or "@" in parts.netloc
    ):
        return False
    return not parts.fragment and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname)))


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# -------------------------------------------------------------------------------------------------------------- reads


def contacts(view: View) -> list[AlarmContact]:
    """Those that are told first come first; the ended ones last."""
    found = view.all(AlarmContact, order=(AlarmContact.after_s, AlarmContact.id))
    return sorted(found, key=lambda one: one.ended_at is not None)


def unheard(found: Iterable[AlarmContact]) -> list[str]:
    """Of what nobody of the house is told: alarms, due, recalls."""
    heard = {topic for one in found if one.ended_at is None for topic in topics(one)}
    return [topic for topic in TOPICS if topic not in heard]


def topics(one: AlarmContact) -> list[str]:
    """Of what they are told."""
    return [topic for topic in TOPICS if getattr(one, f"of_{topic}")]
