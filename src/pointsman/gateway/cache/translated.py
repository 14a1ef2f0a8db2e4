"""Answers that lost something on the way through another dialect have a key of their own.

Whoever asks in the provider's own dialect would have been told more (signatures of thoughts, which of the
stop sequences was met), or the provider would have heard more of the request. So such an answer is given to
those alone who would lose the same: who ask in the dialect in which it was asked for. The other way round is
good: they may be given what lost nothing.
"""

from __future__ import annotations

from hashlib import blake2b

from pointsman.caching.equal.meaning import IDLE
from pointsman.chat import RedactedThinking, Response, Thinking
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call

_HINTS = frozenset({"cache", "cache_control", "service_tier", "tier"})
"""What is left out by these names changes no answer."""


def translated_key(key: bytes, dialect: str) -> bytes:
    """Under which it is kept, of the key that it would have if nothing were lost."""
    return blake2b(dialect.encode(), key=key, digest_size=32).digest()


def is_lossy(call: Call, record: AttemptRecord, response: Response) -> bool:
    """A client of the provider's own dialect that asks for the same would get another answer, or more."""
    if not record.crosses:
        return False
    if call.request.stop or any(isinstance(part, Thinking | RedactedThinking) for part in response.parts):
        return True
    request, idle = call.request, IDLE.get(call.arrival.face.name, frozenset())
    for name in record.dropped:
        field = name.partition(".")[0].partition("=")[0].partition(">")[0]
        # what only this dialect can say is in no key of the other's
        if not (field in request.unmapped or field in idle or field in _HINTS):
            return True
    return False
