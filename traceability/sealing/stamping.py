"""Time stamps asked of an authority over HTTP (RFC 3161), by the standard library alone: one question, a bounded answer."""

from __future__ import annotations

from asyncio import to_thread
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import Request, urlopen

from asn1crypto import tsp
from pyhanko.sign.timestamps import TimeStamper

from traceability.domain.seals import Stamper

MOST_BYTES = 256 * 1024
ASKED = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class Unavailable(Exception):
    """The authority did not answer, or not with a stamp."""


class Authority(TimeStamper):
    """The authority of an installation, as pyHanko asks for one."""

    def __init__(self, stamper: Stamper) -> None:
        super().__init__()
        self.stamper = stamper

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The answer to one question. Raises Unavailable."""
        return tsp.TimeStampResp.load(await to_thread(self._ask, req.dump()))

    def _ask(self, question: bytes) -> bytes:
        request = Request(self.stamper.url, question, ASKED)  # noqa: S310  # http or https: the configuration was checked
        try:
            with urlopen(request, timeout=self.stamper.timeout_s) as answer:  # noqa: S310
                if answer.headers.get_content_type() != ASKED["Accept"]:
                    raise Unavailable("it answered with something else")
                told: bytes = answer.read(MOST_BYTES + 1)
        except (URLError, HTTPException, OSError) as error:
            raise Unavailable(type(error).__name__) from error
        if len(told) > MOST_BYTES:
            raise Unavailable("its answer is too long")
        return told
