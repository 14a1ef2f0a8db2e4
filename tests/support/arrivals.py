"""Requests that have been let in, for what stands behind the edge."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.dialects.base import Dialect
from pointsman.gateway.call.values import Arrival
from pointsman.gateway.edge.accept import OPENAI
from pointsman.http1 import Leave
from pointsman.keys import KeyInfo

ACME = KeyInfo(id="key_1", name="team-1", tenant="acme")


def an_arrival(body: Any = b"", face: Dialect = OPENAI, **fields: Any) -> Arrival:
    """At 1,000 seconds of the monotonic clock; ``body`` may be a value."""
    given: dict[str, Any] = {
        "request_id": "req_1",
        "at_us": 1_795_000_000_000_000,
        "started": 1000.0,
        "headers": {},
        "key": ACME,
        "leave": Leave(),
    }
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Arrival(face=face, body=data, **(given | fields))
