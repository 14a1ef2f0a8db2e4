"""Bodies in either dialect, and the keys of their answers."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from pointsman.caching.equal.key import Asked, Partition, make_key
from pointsman.dialects import get_dialect
from pointsman.dialects.wholly import read_wholly
from tests.support.two_dialects import FACES

US = Partition("us")


def key_of(body: bytes, dialect: str, partition: Partition = US, **asked: Any) -> bytes:
    read = partial(read_wholly, get_dialect(dialect))
    return make_key(partition, Asked(dialect, body, asked.pop("model", "m"), **asked), read)


def said(dialect: str, **changes: Any) -> bytes:
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]} | changes
    assert dialect in FACES
    return json.dumps(body).encode()
