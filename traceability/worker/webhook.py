"""Alarms, what is due and recalls by webhook: one POST of JSON, signed as Standard Webhooks are, never led elsewhere nor into this machine.

The name is looked up once, its addresses are judged, and the connection goes to that address: what a second look-up would
say does not count.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from traceability.asking import Store
from traceability.services import contacts, outbox
from traceability.services.outbox import Message
from traceability.worker import words
from traceability.worker.undelivered import Undelivered, within


def send(config: Mapping[str, Any], store: Store, one: Message) -> None:
    """Returns when it was answered with 2xx; raises Undelivered."""
    address = one.contact.address or ""
    if not contacts.is_webhook(address):
        raise Undelivered("the address is neither https nor on this machine")
    parts = urlsplit(address)
    body = json.dumps(words.data(config, one), ensure_ascii=False).encode()
    connection: http.client.HTTPConnection | None = None
    try:
        connection = _connection(config, parts, _checked(parts, loopback=config["WEBHOOK_LOOPBACK"]))
        with within(config["SEND_TIMEOUT_S"], lambda: connection.sock if connection else None):
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, signed(outbox.secret(store, one.contact.id), one, body))
            status = connection.getresponse().status
    except (http.client.HTTPException, OSError) as trouble:
        raise Undelivered(f"{type(trouble).__name__}: {trouble}") from trouble
    finally:
        if connection is not None:
            connection.close()
    if not 200 <= status < 300:
        raise Undelivered(f"it answered {status}")


def signed(secret: bytes, one: Message, body: bytes) -> dict[str, str]:
    """HMAC-SHA256 over id, time and body (standardwebhooks.com). The id is that of the message: the same when it comes twice."""
    at = str(int(one.at.timestamp()))
    told = base64.b64encode(hmac.digest(secret, f"{one.id}.{at}.".encode() + body, "sha256")).decode()
    return {
        "Content-Type": "application/json", "User-Agent": "secretome-trace", "Webhook-Id": one.id,
        "Webhook-Timestamp": at, "Webhook-Signature": f"v1,{told}", "Connection": "close",
    }  # fmt: skip


def shown_secret(secret: bytes) -> str:
    """As whoever receives it writes it down."""
    return "whsec_" + base64.b64encode(secret).decode()


def _checked(parts: SplitResult, *, loopback: bool) -> str:
    """The address behind the name, if messages may go there: one that is not this machine's, nor of its own network card."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]).partition("%")[0] for info in found]
    for one in addresses:
        if own(one) and not (loopback and ipaddress.ip_address(one).is_loopback):
            raise Undelivered("the address leads into this machine: WEBHOOK_LOOPBACK is not set")
    return addresses[0]


def own(address: str) -> bool:
    """An address of this machine, or one that means no other machine in particular."""
    told = ipaddress.ip_address(address)
    told = getattr(told, "ipv4_mapped", None) or told
    if told.is_loopback or told.is_link_local or told.is_unspecified or told.is_multicast or told.is_reserved:
        return True
    try:
        with socket.socket(socket.AF_INET6 if told.version == 6 else socket.AF_INET, socket.SOCK_STREAM) as tried:
            tried.bind((str(told), 0))
    except OSError:
        return False
    return True  # nobody can listen on the address of another


def _connection(config: Mapping[str, Any], parts: SplitResult, address: str) -> http.client.HTTPConnection:
    """To that address and no other, under the name that was asked for."""
    timeout, host = float(config["SEND_TIMEOUT_S"]), str(parts.hostname)
    if parts.scheme == "https":
        port = parts.port or 443
        context = ssl.create_default_context(cafile=config["WEBHOOK_CA_FILE"])
        made: http.client.HTTPConnection = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
        plain = socket.create_connection((address, port), timeout)
        try:
            made.sock = context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
    else:
        port = parts.port or 80
        made = http.client.HTTPConnection(host, port, timeout=timeout)
        made.sock = socket.create_connection((address, port), timeout)
    return made
