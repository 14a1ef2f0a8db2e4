"""Counters of resumable streams. Plain numbers; whoever exports them reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Literal

Resumed = Literal["live", "ended", "gone", "other_stream", "bad_id"]
"""live: the stream was under way. ended: it had ended. gone: nothing of it is kept (404). other_stream: the
id belongs to another request (409). bad_id: it is none that was given (400)."""
Fate = Literal["expired", "evicted", "given_up", "too_large", "no_room"]
"""expired: its time was over. evicted: it had to go before that, for want of room. given_up: its clients had
all left, and none came back. too_large: it outgrew its buffer, so that nobody can come back to it. no_room:
not even begun as one."""


class StreamMetrics:
    def __init__(self) -> None:
        self.resumed: Counter[Resumed] = Counter()
        self.begun = 0
        """Resumable streams, those with an ``Idempotency-Key`` not among them."""
        self.fates: Counter[Fate] = Counter()
        """What became of them, where that is not that they were kept for their time."""
        self.held: Callable[[], int] = lambda: 0
        """Bytes of buffers."""
        self.kept: Callable[[], int] = lambda: 0
        """Streams that are held, under way or ended."""


RESUMED: dict[str, Resumed] = {
    "stream_not_found": "gone",
    "event_id_of_another_stream": "other_stream",
    "invalid_last_event_id": "bad_id",
}
"""By the code of the error."""
