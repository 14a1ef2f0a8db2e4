"""Which deployment has a conversation in its provider's cache, so that the rest of it goes there too, however
its route balances otherwise. Pure."""

from __future__ import annotations

from collections import OrderedDict
from zlib import crc32

from pointsman.gateway.call.call import Call

MOST = 65_536
_SAID = b'"assistant"'


def _lengths() -> tuple[int, ...]:
    """By which a conversation is looked up: each by a quarter longer than the last, up to 64 kB."""
    lengths = [64]
    while lengths[-1] < 65_536:
        lengths.append(lengths[-1] * 5 // 4)
    return tuple(lengths)


LENGTHS = _lengths()


class Holders:
    """For all conversations; those that were not heard of for longest are forgotten first.

    A conversation is kept by as much of the beginning of its messages as there was, which is longer each
    time; of what is known of its beginning the longest part counts.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: OrderedDict[tuple[str, str, int, int], tuple[str, float]] = OrderedDict()

    def find(self, call: Call, now: float) -> str:
        """The deployment; "" where none is known to hold it any more, and for the first request of any."""
        if call.arrival.body.rfind(_SAID) < 0:
            return ""
        for key in reversed(_keys(call)):
            held = self._held.get(key)
            if held is not None and held[1] > now:
                return held[0]
        return ""

    def keep(self, call: Call, deployment: str, until: float) -> None:
        keys = _keys(call)
        if not keys:
            return
        self._held[keys[-1]] = (deployment, until)
        self._held.move_to_end(keys[-1])
        if len(self._held) > self._most:
            self._held.popitem(last=False)


def _keys(call: Call) -> list[tuple[str, str, int, int]]:
    """Of each beginning, the shortest first."""
    peek, key = call.peek, call.arrival.key
    if peek is None or "messages" not in peek.fields:
        return []
    messages = memoryview(peek.fields["messages"])
    whose, asked = key.tenant or key.id, call.requested
    keys = []
    digest = at = 0
    for length in LENGTHS:
        if length >= len(messages):
            break
        digest = crc32(messages[at:length], digest)
        at = length
        keys.append((whose, asked, length, digest))
    return keys
