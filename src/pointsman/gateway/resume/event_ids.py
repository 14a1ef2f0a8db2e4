"""Ids of a stream's events, by which a client that was cut off says how far it came. Pure.

    id: req_0123456789abcdef0123456789:17

The request that made the stream, and the number of the event in it, from 1 on. The line is put before an
event and nothing else of it is changed. Only in two cases is there more to it:

- An id that the provider had put there stands before ours, since of two ids the last one counts.
- A comment behind the first event loses its blank line, and so becomes the beginning of the next event; a
  blank line too many is left out. The official SDKs keep an id for all that follows it, as they should, but
  take a blank line with an id and without data for an event: they would break on each comment.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qs

import msgspec

from pointsman.errors import Conflict, InvalidRequest, NotFound
from pointsman.http1.sse import BLANK_LINE

LAST_EVENT_ID = b"last-event-id"
WISH = b"x-pointsman-resumable"
"""Header of a request by which it wishes for ids, and of each answer that has them."""
RESUMABLE = (WISH, b"true")
_ID = re.compile(r"([0-9A-Za-z_-]{1,64}):(0|[1-9][0-9]{0,9})", re.ASCII)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_OWN_ID = re.compile(rb"(?:^|[\r\n])id(?:[:\r\n]|$)")
_BY_WISH = "x-pointsman-resumable: true, or the setting streams.resumable"
_BOM = b"\xef\xbb\xbf"
_ENDS = (b"\n", b"\r")
_BEGINNINGS = (b"data:", b"event:")


class EventId(msgspec.Struct, frozen=True):
    """The last event that a client has seen."""

    request_id: str
    number: int
    """0: none yet."""

    def __str__(self) -> str:
        return f"{self.request_id}:{self.number}"


def read_event_id(header: bytes) -> EventId | None:
    """What a ``Last-Event-ID`` says; None if it is empty, as for a client that has seen no id.

    Raises:
        InvalidRequest: it is none of ours.
    """
    text = header.decode("latin-1").strip()
    if not text:
        return None
    found = _ID.fullmatch(text)
    if found is None:
        raise InvalidRequest(
            "The Last-Event-ID is not an id that this gateway gave. Send exactly what the last event's id"
            " line said, as req_0123456789abcdef0123456789:17; or leave the header out to ask anew. Events"
            f" have such lines where the request bears an Idempotency-Key, or {_BY_WISH}.",
            param="Last-Event-ID",
            code="invalid_last_event_id",
        )
    return EventId(found[1], int(found[2]))


def read_starting_after(query: str, request_id: str) -> EventId:
    """The same from ``?starting_after=NUMBER``, the word of OpenAI's Responses API: for who comes by the
    request's id and cannot send a header of its own, as a browser's EventSource at first. 0 without it.

    Raises:
        InvalidRequest: it is no number of an event.
    """
    said = parse_qs(query, keep_blank_values=True).get("starting_after", ["0"])
    if len(said) != 1 or _NUMBER.fullmatch(said[0]) is None:
        raise InvalidRequest(
            "starting_after is the number of the last event that was seen, as 17 of"
            " req_0123456789abcdef0123456789:17; 0 is the beginning.",
            param="starting_after",
            code="invalid_last_event_id",
        )
    return EventId(request_id, int(said[0]))


class EventIds:
    """Numbers the events of one stream."""

    __slots__ = ("_count", "_prefix")

    def __init__(self, request_id: str) -> None:
        self._prefix = b"id: %s:" % request_id.encode("ascii")
        self._count = 0

    def mark(self, block: bytes) -> bytes:
        """A block of whole events, with their ids. What is not whole is left as it is."""
        if (
            block.startswith(_BEGINNINGS)
            and block.find(b"\n\n") == len(block) - 2
            and b"\r" not in block
            and b"\nid" not in block
        ):
            self._count += 1
            return b"%b%d\n%b" % (self._prefix, self._count, block)
        return b"".join(self._marked(block))

    def _marked(self, block: bytes) -> list[bytes]:
        out: list[bytes] = []
        if b"\r" not in block:
            *events, rest = block.split(b"\n\n")
            for event in events:
                if event.startswith(_BEGINNINGS) and b"\nid" not in event:
                    self._count += 1
                    out.append(b"%b%d\n%b\n\n" % (self._prefix, self._count, event))
                else:
                    out.append(self._event(event, b"\n\n"))
            if self._count:
                rest = rest.lstrip(b"\n")
        else:
            begin = 0
            for blank in BLANK_LINE.finditer(block):
                out.append(self._event(block[begin : blank.start()], blank.group()))
                begin = blank.end()
            rest = block[begin:]
        out.append(rest)
        return out

    def _event(self, event: bytes, blank: bytes) -> bytes:
        """
        Args:
            event: its lines, less the end of the last one.
            blank: the end of the last line, and the blank line.
        """
        lines = event.removeprefix(_BOM).lstrip(b"\r\n")
        before = event[: len(event) - len(lines)]
        if self._count and b"\r" not in blank:
            before = b""  # a blank line too many; else it may be the end of a CRLF that was cut in two
        if not lines or _is_comment(lines):
            return before + lines + (b"\n" if lines else b"") if self._count else event + blank
        self._count += 1
        if _OWN_ID.search(lines):
            return b"%b%b\n%b%d%b" % (before, lines, self._prefix, self._count, blank)
        return b"%b%b%d\n%b%b" % (before, self._prefix, self._count, lines, blank)


def place_behind(pieces: Sequence[bytes], last: EventId) -> tuple[int, int] | None:
    """Where a stream that was marked goes on behind an event: number of the piece, and bytes of it that come
    before. None if there is no such event. Begins at the end, where most are looked for.

    Args:
        pieces: each of whole events.
    """
    if not last.number:
        return 0, 0
    line = f"id: {last}".encode()
    for number in range(len(pieces) - 1, -1, -1):
        piece = pieces[number]
        at = piece.find(line)
        while at >= 0:
            after = at + len(line)
            before = piece[at - 1 : at] if at and not piece.startswith(_BOM) else b"\n"
            if before in _ENDS and piece[after : after + 1] in _ENDS:
                blank = BLANK_LINE.search(piece, after)
                return number, len(piece) if blank is None else blank.end()
            at = piece.find(line, after)
    return None


def check_event_id(last: EventId, request_id: str) -> None:
    """Raises Conflict: it is the id of another stream than that of the request ``request_id``."""
    if last.request_id != request_id:
        raise Conflict(
            f"The Last-Event-ID {last} is of another stream than that under this Idempotency-Key, which is of"
            f" {request_id}. Send the key and the body of that other request, or leave the header out.",
            param="Last-Event-ID",
            code="event_id_of_another_stream",
        )


def other_body(request_id: str) -> Conflict:
    return Conflict(
        f"The Last-Event-ID is of the stream of {request_id}, which was asked for with another path or body."
        " Send exactly what was sent then, or leave the header out to ask anew.",
        param="Last-Event-ID",
        code="event_id_of_another_stream",
    )


def no_such_event(last: EventId) -> InvalidRequest:
    return InvalidRequest(
        f"The stream of {last.request_id} has no event {last.number} as yet. Send exactly what the last"
        " event's id line said; or, for the stream from its beginning, the same id with 0 for its number.",
        param="Last-Event-ID",
        code="invalid_last_event_id",
    )


def stream_gone(request_id: str) -> NotFound:
    return NotFound(
        f"The stream of {request_id} is not there to be resumed. If it was asked for with an Idempotency-Key,"
        " send that request again, with the same key and body and the Last-Event-ID: it is found by these"
        f" alone. Else it was not asked for as one that can be resumed ({_BY_WISH}); or its time is over, it"
        " was ended since nobody came back for it, broke, was too large, is of another virtual key, or in the"
        " memory of another replica, or of a gateway that was started anew since. What it cost: GET"
        f" /v1/requests/{request_id}. To ask anew, and pay for that, send the request without Last-Event-ID.",
        param="Last-Event-ID",
        code="stream_not_found",
    )


def _is_comment(lines: bytes) -> bool:
    return lines.startswith(b":") and all(line.startswith(b":") for line in lines.splitlines())
