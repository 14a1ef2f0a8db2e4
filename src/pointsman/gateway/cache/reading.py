"""Which requests the cache understands, if not all that they say: those that the hub can read, without what
acts outside of them. Pure."""

from __future__ import annotations

import msgspec

from pointsman.caching.equal.canonical import names_twice
from pointsman.caching.equal.unknown import acts_outside, acts_within
from pointsman.chat import Request
from pointsman.dialects.base import Dialect
from pointsman.dialects.wholly import read_wholly
from pointsman.errors import RequestError

_any = msgspec.json.Decoder()


class Foreign(Exception):
    """Its answer depends on more than the request, or it cannot be told whether that is whole: several
    answers side by side, audio, a provider's own tools; or what it says has no single reading. It is passed
    by."""


def read_cacheable(face: Dialect, body: bytes) -> Request | None:
    """None where the hub does not hold all of it: only the very same request may be given the answer.

    Raises:
        Foreign: nobody may.
    """
    request = read_wholly(face, body)
    try:
        known = face.decode_request(body) if request is None else request
        if names_twice(body) or acts_outside(known.unmapped, face.name):
            raise Foreign
        if request is None and acts_within(_any.decode(body), known.unmapped):
            raise Foreign
    except (RequestError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Foreign from None
    return request
