"""Time stamps asked of an authority over HTTP (RFC 3161), by the standard library alone: one question, a bounded answer."""

from __future__ import annotations

from asyncio import to_thread
from http.client import HTTPException, HTTPResponse
from time import monotonic
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
        ends = monotonic() + self.stamper.timeout_s
        request = Request(self.stamper.url, question, ASKED)  # noqa: S310  # http or https: the configuration was checked
        try:
            with urlopen(request, timeout=self.stamper.timeout_s) as answer:  # noqa: S310
                if answer.headers.get_content_type() != ASKED["Accept"]:
                    raise Unavailable("it answered with something else")
                told = self._whole(answer, ends)
        except (URLError, HTTPException, OSError) as error:
            raise Unavailable(type(error).__name__) from error
        if len(told) > MOST_BYTES:
            raise Unavailable("its answer is too long")
        return told

    def _whole(self, answer: HTTPResponse, ends: float) -> bytes:
        """All of it in the time there is: the limit of a socket begins anew with every byte that drips."""
        told = b""
        while len(told) <= MOST_BYTES and (part := answer.read1(1 << 16)):
            told += part
            if monotonic() > ends:
                raise Unavailable("it did not answer in time")
        return told
