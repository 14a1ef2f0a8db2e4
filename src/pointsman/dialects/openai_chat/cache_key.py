"""OpenAI's ``prompt_cache_key``: requests that bear the same one go to the same machine, and find what it has
kept there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from pointsman.dialects.marking import end_of
from pointsman.dialects.splice import splice

FIELD = "prompt_cache_key"
_BEGINNING = 2048
"""Bytes of the messages, and of the tools: long instructions are a key for all that begin with them, and
after short ones each conversation has its own."""
_SAID = b'"assistant"'
_MORE = 64
"""Bytes in which to find that."""


def cache_key(fields: Mapping[str, msgspec.Raw], partition: str) -> str:
    """The same in all replicas and over restarts, for all requests of a conversation, and another for each
    partition: nothing counts from where the model spoke first."""
    digest = blake2b(partition.encode(), digest_size=16, person=b"prompt cache key")
    for name in ("model", "tools", "messages"):
        value = fields.get(name)
        begin = b"" if value is None else bytes(memoryview(value)[: _BEGINNING + _MORE])
        begin = (_first(begin) if name == "messages" else begin)[:_BEGINNING]
        digest.update(len(begin).to_bytes(4, "big"))
        digest.update(begin)
    return f"pm-{digest.hexdigest()}"


def _first(begin: bytes) -> bytes:
    """Of the beginning of messages: what there is from the first request on, without what closes it."""
    said = begin.find(_SAID)
    if said >= 0:
        return begin[: begin.rfind(b"}", 0, said) + 1]
    return begin[: end_of(begin)] if begin[-1:] == b"]" else begin


def with_cache_key(body: bytes, fields: Mapping[str, msgspec.Raw], key: str) -> bytes:
    """The body with that key; every other byte is as it was."""
    return splice(body, fields, {FIELD: msgspec.json.encode(key)})
