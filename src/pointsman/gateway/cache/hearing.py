"""Read an answer that has gone by. A long stream is read between other work: all of it in one go would keep
everybody else waiting for tens of milliseconds."""

from __future__ import annotations

from collections.abc import Iterable

from pointsman.caching.kept.stored import Form
from pointsman.chat import Response, StreamEvent
from pointsman.dialects.base import Dialect
from pointsman.gateway.turns import let_others_run

from .forms import parts, read, whole_of

_AT_ONCE = 100
"""Events that are read before others get their turn: less than a millisecond."""


async def heard(source: Dialect, form: Form, pieces: Iterable[bytes]) -> Response | None:
    """What it says; None where it has no beginning or no end.

    Raises:
        PointsmanError: it cannot be read.
    """
    if not form.streams:
        return whole_of(read(source, form, pieces))
    events: list[StreamEvent] = []
    rested = 0
    for part in parts(source, pieces):
        events += part
        if len(events) - rested > _AT_ONCE:
            rested = len(events)
            await let_others_run()
    return whole_of(tuple(events))
