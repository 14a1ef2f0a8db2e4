"""Calls under way to test with."""

from __future__ import annotations

import msgspec

from pointsman.errors import ServerBusy
from pointsman.ledger import OpenCall


class KeptCalls:
    """Keeps in memory what a journey told of its calls under way."""

    def __init__(self) -> None:
        self.begun: list[OpenCall] = []
        self.amended: list[OpenCall] = []
        self.room = 10**9
        """So many calls can be begun until the disk is full."""
        self.closed = False

    def begin(self, call: OpenCall) -> None:
        if len(self.begun) >= self.room:
            raise ServerBusy("Calls under way cannot be kept: no space left on device.")
        self.begun.append(call)

    def amend(self, call: OpenCall) -> None:
        self.amended.append(call)

    def close(self) -> None:
        self.closed = True


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
