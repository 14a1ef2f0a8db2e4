"""Calls under way to test with."""

from __future__ import annotations

import msgspec

from pointsman.ledger import OpenCall


def an_open_call(request_id: str = "req_1", **changes: object) -> OpenCall:
    call = OpenCall(
        request_id=request_id,
        number=1,
        at_us=1000,
        key_id="key_1",
        key_name="team-a",
        tenant="acme",
        face="openai_chat",
        requested="luna",
        model="gpt-6-luna",
        provider="openai",
        sent_model="luna-2026",
        stream=False,
    )
    return msgspec.structs.replace(call, **changes)
