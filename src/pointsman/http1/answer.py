"""The bytes of one connection read as answers, by httptools. No socket, no loop, no clock here."""

from __future__ import annotations

import httptools

from pointsman.errors import UpstreamMalformed
from pointsman.http1.response import Response, Source

HEAD_MAX = 64 << 10
"""Bytes that a head, interim ones included, or the trailers may have."""
HEADERS_MAX = 256


class AnswerParser:
    """Feeds the body of each answer into its ``Response``. ``start`` it for every request.

    Attributes:
        response: set as soon as the head is whole.
        complete: the answer has come to its end.
        begun: a byte of the answer has come.
        progress: the last ``feed`` brought the head's end, some body or the answer's end.
        reusable: the connection may serve another request afterwards.
        until_eof: only the connection's end ends the body.
    """

    __slots__ = (
        "_count",
        "_defect",
        "_framing",
        "_head_only",
        "_headers",
        "_interim",
        "_parser",
        "_place",
        "_size",
        "_source",
        "begun",
        "complete",
        "progress",
        "response",
        "reusable",
        "until_eof",
    )

    def __init__(self, place: str, source: Source) -> None:
        self._place = place
        self._source = source
        self._parser = httptools.HttpResponseParser(self)
        self.start(head_only=False)

    def start(self, *, head_only: bool) -> None:
        """A request is about to be sent.

        Args:
            head_only: it is a HEAD request, whose answer has no body whatever its head says.
        """
        self._head_only = head_only
        self._headers: dict[str, str] = {}
        self._count = self._size = self._framing = 0
        self._defect: UpstreamMalformed | None = None
        self._interim = False
        self.response: Response | None = None
        self.begun = self.complete = self.progress = self.reusable = self.until_eof = False

    def release(self) -> None:
        """The connection is gone. Parser and callbacks hold each other: let go, rather than leave it to the
        garbage collector."""
        del self._parser

    def feed(self, data: bytes) -> None:
        """Take in what was received.

        Raises:
            UpstreamMalformed: it is not an answer in HTTP/1.1, or exceeds a limit.
        """
        self.progress = False
        self.begun = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.reusable = False
            if not self.complete and self._defect is None:
                self._reject(f"is not HTTP/1.1: {error}")
        if self._defect is not None:
            raise self._defect
        if self.progress:
            self._framing = 0
            return
        self._framing += len(data)
        if self._framing > HEAD_MAX:
            raise self._reject(f"has more than {HEAD_MAX} bytes of head or trailers")

    def _reject(self, why: str) -> UpstreamMalformed:
        self._defect = UpstreamMalformed(f"The answer of {self._place} {why}.")
        return self._defect

    # What httptools calls. An exception must not pass through its C code: ``feed`` raises the defect.

    def on_message_begin(self) -> None:
        if self.complete:
            self.reusable = False  # an answer to nothing follows

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.response is not None:
            return  # a trailer: no dialect has one
        self._count += 1
        self._size += len(name) + len(value) + 4
        if self._size > HEAD_MAX or self._count > HEADERS_MAX:
            self._reject(f"has more than {HEADERS_MAX} headers or {HEAD_MAX} bytes of head")
            return
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        headers = self._headers
        headers[key] = f"{headers[key]}, {text}" if key in headers else text

    def on_headers_complete(self) -> None:
        if self.complete or self._defect is not None:
            return
        status = self._parser.get_status_code()
        headers = self._headers
        if status < 200:
            self._headers = {}
            self._interim = True
            if status == 101 or status < 100:
                self._reject(f"has status {status}, which was not asked for")
            return
        self.progress = True
        self.reusable = self._parser.should_keep_alive()
        coding = headers.get("transfer-encoding")
        if coding is not None and coding.lower() != "chunked":
            self._reject(f"has transfer-encoding {coding!r}, which was not asked for")
            return
        self.until_eof = not self.reusable and coding is None and "content-length" not in headers
        try:
            self.response = Response(status, headers, self._source)
        except UpstreamMalformed as error:
            self._defect = error
            return
        if self._head_only:
            self.complete = True
            self.reusable = False  # the parser still expects the body that the head announced

    def on_body(self, data: bytes) -> None:
        if self.complete or self.response is None or self._defect is not None:
            return
        self.progress = True
        try:
            self.response.push(data)
        except UpstreamMalformed as error:
            self._defect = error

    def on_message_complete(self) -> None:
        if self._interim:
            self._interim = False
        elif self.response is not None:
            self.complete = self.progress = True
