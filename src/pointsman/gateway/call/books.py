"""What others than the journey itself ask of it where they book requests."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from pointsman.ledger.entry import Entry

from .call import Call


class Books(Protocol):
    def account(self, call: Call, status: int, outcome: str) -> None:
        """Book a request, once; what comes after the first time is not heard."""
        ...

    def record_aside(self, entry: Entry) -> None:
        """Book what was no journey of its own."""
        ...

    def together(self) -> AbstractContextManager[None]:
        """What is booked within the block is in the ledger at once, or nothing of it is. Nothing may be
        awaited within."""
        ...
