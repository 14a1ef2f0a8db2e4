"""Server-sent events, incrementally: whole events for forwarding, their fields for reading.

After the WHATWG's specification: lines end with LF, CRLF or CR, and a blank line ends an event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pointsman.errors import UpstreamMalformed

EVENT_MAX = 16 << 20
"""Bytes that a single event may have."""

BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)")
_LOOK_BACK = 3
"""A blank line has at most 4 bytes, so with the last 3 of what was searched before none is missed."""
_BOM = b"\xef\xbb\xbf"


class EventSplitter:
    """Cuts a stream of chunks behind whole events. No byte is changed, added or lost.

    CR as the end of a blank line is answered at once, before it is known whether LF follows: that LF
    then stands before the next event, where it means nothing.
    """

    __slots__ = ("_pending",)

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, chunk: bytes) -> bytes:
        """The longest run of whole events that is now complete; b"" if none is.

        Raises:
            UpstreamMalformed: an event is larger than ``EVENT_MAX``.
        """
        pending = self._pending
        if not pending:
            if chunk.endswith((b"\n\n", b"\r\n\r\n")):
                return chunk
            cut = _last_cut(chunk, 0)
            if not cut:
                self._keep(chunk)
                return b""
            self._keep(chunk[cut:])
            return chunk[:cut]
        searched = len(pending)
        pending += chunk
        cut = _last_cut(pending, max(0, searched - _LOOK_BACK))
        if not cut:
            self._keep(b"")
            return b""
        whole = bytes(pending[:cut])
        del pending[:cut]
        self._keep(b"")
        return whole

    def rest(self) -> bytes:
        """What is left at the end of the stream: an event without its blank line, or nothing."""
        rest = bytes(self._pending)
        self._pending.clear()
        return rest

    def _keep(self, more: bytes) -> None:
        self._pending += more
        if len(self._pending) > EVENT_MAX:
            raise UpstreamMalformed(f"The upstream sent a single event of more than {EVENT_MAX} bytes.")


def _last_cut(data: bytes | bytearray, start: int) -> int:
    """Where the last blank line behind ``start`` ends; 0 if there is none."""
    cut = data.rfind(b"\n\n", start) + 2
    if cut == 1:
        cut = 0
    if data.find(b"\r", max(start, cut - 1)) >= 0:
        for match in BLANK_LINE.finditer(data, max(start, cut - 1)):
            cut = match.end()
    return cut


def iter_events(block: bytes) -> Iterator[tuple[str, bytes]]:
    """Name ("" if none) and data of each event in a block of whole events.

    Several data lines are joined by LF; comments, ``id`` and ``retry`` are skipped; events without data are
    not events. A byte order mark at the start of the block is skipped. A last event that lacks its blank line
    counts as one here: whether a cut stream's ``rest`` is worth reading is for the caller to say.
    """
    if block.startswith(_BOM):
        block = block[3:]
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for event in block.split(b"\n\n"):
        if event.startswith(b"data: ") and b"\n" not in event:
            yield "", event[6:]
        elif event:
            parsed = _parse(event)
            if parsed is not None:
                yield parsed


def _parse(event: bytes) -> tuple[str, bytes] | None:
    name = ""
    data: list[bytes] = []
    for line in event.split(b"\n"):
        field, _, value = line.partition(b":")
        if value.startswith(b" "):
            value = value[1:]
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode("utf-8", "replace")
    return (name, b"\n".join(data)) if data else None
