"""Entries and attempts with every field set, to be varied by a test."""

from __future__ import annotations

from typing import Any

from pointsman.chat import Usage
from pointsman.ledger.entry import Attempt, Entry


def make_attempt(**fields: Any) -> Attempt:
    given: dict[str, Any] = {
        "number": 1,
        "provider": "anthropic",
        "model": "claude-haiku-4-5",
        "status": 200,
        "outcome": "ok",
        "usage": Usage(input=10, output=5),
        "estimated": False,
        "cost": 35_000_000,
        "latency_us": 120_000,
        "upstream_id": "msg_1",
        "error": "",
    }
    return Attempt(**(given | fields))


def make_entry(**fields: Any) -> Entry:
    given: dict[str, Any] = {
        "request_id": "req_1",
        "at_us": 1_795_000_000_000_000,
        "key_id": "",
        "key_name": "",
        "tenant": "",
        "face": "openai_chat",
        "requested": "claude-haiku-4-5",
        "model": "claude-haiku-4-5",
        "provider": "anthropic",
        "stream": False,
        "status": 200,
        "outcome": "ok",
        "error": "",
        "usage": Usage(input=10, output=5),
        "estimated": False,
        "cost": 35_000_000,
        "ttft_us": 100_000,
        "latency_us": 120_000,
        "queued_us": 1_500,
        "attempts": (make_attempt(),),
    }
    return Entry(**(given | fields))
