"""OpenAI's ``prompt_cache_key``: requests that bear the same one go to the same machine, and find what it has
kept there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import msgspec

from pointsman.dialects.splice import splice

FIELD = "prompt_cache_key"
_BEGINNING = 2048
"""Bytes of the messages, and of the tools: long instructions are a key for all that begin with them, and
after short ones each conversation has its own."""


def cache_key(fields: Mapping[str, msgspec.Raw], partition: str) -> str:
    """The same in all replicas and over restarts, and another for each partition."""
    digest = blake2b(partition.encode(), digest_size=16, person=b"prompt cache key")
    for name in ("model", "tools", "messages"):
        value = fields.get(name)
        begin = b"" if value is None else bytes(memoryview(value)[:_BEGINNING])
        digest.update(len(begin).to_bytes(4, "big"))
        digest.update(begin)
    return f"pm-{digest.hexdigest()}"


def with_cache_key(body: bytes, fields: Mapping[str, msgspec.Raw], key: str) -> bytes:
    """The body with that key; every other byte is as it was."""
    return splice(body, fields, {FIELD: msgspec.json.encode(key)})
