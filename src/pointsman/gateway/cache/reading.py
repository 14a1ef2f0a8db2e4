"""Which requests the cache understands: those that the hub holds wholly, and whose answers it does. Pure."""

from __future__ import annotations

from typing import Any

from pointsman.caching.equal.meaning import IDLE
from pointsman.chat import Request
from pointsman.dialects.base import Dialect
from pointsman.dialects.wholly import read_wholly

_STEERING = frozenset(
    {
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "presence_penalty",
        "seed",
        "top_logprobs",
        "verbosity",
    }
)
"""Fields without a word in the hub that change what is said, and not what an answer is made of; or that add
to it what is kept in the one form in which it was told (``asking.py``)."""
_OFF: dict[str, Any] = {"n": 1, "store": False}
"""Fields that change nothing where they say what is the default."""


class Foreign(Exception):
    """The hub does not hold all of the request, or cannot tell whether the answer is whole: several answers
    side by side, audio, a provider's own tools. It is passed by."""


def read_cacheable(face: Dialect, body: bytes) -> Request:
    """Raises Foreign."""
    request = read_wholly(face, body)
    if request is None:
        raise Foreign
    idle = IDLE.get(face.name, frozenset())
    for name, value in request.unmapped.items():
        if name in idle or name in _STEERING or (name in _OFF and value == _OFF[name]):
            continue
        raise Foreign
    return request
