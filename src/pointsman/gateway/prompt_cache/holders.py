"""Which deployment has a conversation in its provider's cache, so that the rest of it goes there too, however
its route balances otherwise. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

import msgspec

from pointsman.dialects.marking import end_of
from pointsman.gateway.call.call import Call

MOST = 65_536
_SAID = b'"assistant"'
_BEGINS = (b'{"role":"assistant"', b'{"role": "assistant"')
"""How SDKs write what the model said. Any other way is understood too, at greater length."""
_BETWEEN = b" \t\r\n,"
_BACK = 64
"""Messages before the end, at which the last request may have ended."""
_BEGIN, _MIDDLE, _END = 256, 256, 512
_array = msgspec.json.Decoder(list[msgspec.Raw])
_Key = tuple[str, str, int, int]


class Holders:
    """For all conversations; those that were not heard of for longest are forgotten first.

    A conversation is kept by where its messages ended. The next request begins with all of them, and so is
    recognised at the end of one of its own: to the byte, so that conversations that begin with the same
    instructions are never taken for each other.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: OrderedDict[_Key, tuple[str, float]] = OrderedDict()

    def find(self, call: Call, now: float) -> str:
        """The deployment; "" where none is known to hold it any more, and for the first request of any."""
        messages = _messages(call)
        if messages.rfind(_SAID) < 0:
            return ""
        for end in _ends(messages):
            held = self._held.get(_key(call, messages, end))
            if held is not None and held[1] > now:
                return held[0]
        return ""

    def keep(self, call: Call, deployment: str, until: float) -> None:
        messages = _messages(call)
        if len(messages) <= 2:  # none
            return
        key = _key(call, messages, end_of(messages))
        self._held[key] = (deployment, until)
        self._held.move_to_end(key)
        if len(self._held) > self._most:
            self._held.popitem(last=False)


def _messages(call: Call) -> bytes:
    found = None if call.peek is None else call.peek.fields.get("messages")
    return b"" if found is None else bytes(found)


def _ends(messages: bytes) -> Iterator[int]:
    """Of messages, the likeliest first: of the last one, as when it is asked again; of the one before what
    the model said last; of any."""
    yield end_of(messages)
    for begins in _BEGINS:
        at = messages.rfind(begins)
        if at > 0:
            yield len(messages[:at].rstrip(_BETWEEN))
    try:
        raws = _array.decode(messages)
    except msgspec.DecodeError:
        return
    end = 0
    ends = []
    for raw in raws:
        end = messages.index(raw, end) + len(raw)  # nothing but commas and white space lies between two
        ends.append(end)
    yield from reversed(ends[-_BACK:])


def _key(call: Call, messages: bytes, end: int) -> _Key:
    """Of a prompt up to there: whose it is, what was asked for, how long it is, and what it is made of."""
    assert call.peek is not None
    fields, key = call.peek.fields, call.arrival.key
    tools, system = fields.get("tools"), fields.get("system")
    made_of = (
        0 if tools is None else len(tools),
        b"" if system is None else bytes(memoryview(system)[:_BEGIN]),
        messages[: min(_BEGIN, end)],
        messages[end // 2 : min(end // 2 + _MIDDLE, end)],
        messages[max(0, end - _END) : end],
    )
    return (key.tenant or key.id, call.requested, end, hash(made_of))
