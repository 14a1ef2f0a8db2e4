"""What the journal keeps, and the ports of who keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from pointsman.routing.decision import Decision
from pointsman.routing.standing import Judge


class Decided(msgspec.Struct, frozen=True):
    """What was decided for one request, and whose it was."""

    request_id: str
    at_us: int
    """Unix time."""
    tenant: str
    key_id: str
    decision: Decision


class Journal(Protocol):
    """Keeps decisions."""

    @property
    def dropped(self) -> int:
        """Decisions that were not kept, since keeping them would have kept requests waiting."""
        ...

    def record(self, decided: Decided) -> None:
        """Keep it, or drop it. Never waits."""
        ...

    async def find(self, request_id: str) -> Decided | None:
        """As soon as it is recorded; None if it is not, or not any more."""
        ...

    async def close(self) -> None:
        """Keep what is on its way."""
        ...


class Withdrawn(msgspec.Struct, frozen=True):
    """A certificate does not hold any more."""

    at_us: int
    why: str


class InService(msgspec.Struct, frozen=True):
    """Of one route."""

    route: str
    router: str = ""
    """The digest of the router in service; "" for none."""
    router_at_us: int = 0
    """When it was put in service."""
    certificate: bytes = b""
    """JSON; b"" for none."""
    certificate_id: str = ""
    certificate_at_us: int = 0
    """When it was put in service."""
    withdrawn: Withdrawn | None = None


class RouterStore(Protocol):
    """Keeps routers and certificates. May wait for a disk; any thread may use it.

    All methods raise ServerBusy where the store cannot be used just now.
    """

    def mark(self) -> bytes:
        """Another one after each change, whoever makes it."""
        ...

    def in_service(self) -> Mapping[str, InService]:
        """By route."""
        ...

    def judge(self, route: str, digest: str) -> Judge:
        """A router, loaded. Raises NotFound, or ConfigurationError where its file is none of this version."""
        ...

    def withdraw(self, certificate_id: str, why: str) -> bool:
        """End a certificate; whether it had been in force until now."""
        ...

    def drift(self) -> Mapping[str, bytes]:
        """What the watch for drift has seen, by the ids of certificates in force."""
        ...

    def keep_drift(self, states: Mapping[str, bytes]) -> None:
        """Keep it in the place of what was kept, unless that had seen more: of several gateways on one store
        it is that of the one which has seen most. Forgotten is that of certificates not in force any more.

        Args:
            states: ``DriftState`` as JSON.
        """
        ...
