"""Answers that processes share: what is asked of where they are kept. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from .flights import Met, Payer, SharedFlights


class Found(msgspec.Struct, frozen=True):
    """What is kept under a key. Times go by the clock of the store: those of its users need not agree."""

    body: bytes
    """As it was put."""
    age: float
    """Seconds since it was stored; never below zero."""
    life: float
    """Seconds for which it is kept still."""


class Kept(msgspec.Struct, frozen=True):
    """One of several answers that would do, and that was found first."""

    which: int
    found: Found


class Purge(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which answers are to be forgotten: those that all of it holds for. None: any."""

    model: str | None = None
    tenant: str | None = None
    tag: str | None = None
    older_than: float | None = None
    """Seconds since it was stored."""

    def means(self, *, tenant: str, model: str, tags: tuple[str, ...], age: float) -> bool:
        return (
            (self.tenant is None or self.tenant == tenant)
            and (self.model is None or self.model == model)
            and (self.tag is None or self.tag in tags)
            and (self.older_than is None or age > self.older_than)
        )


class SharedView(msgspec.Struct, frozen=True):
    """How it stands, for people; counts are those of this process, since it began."""

    connected: bool
    trouble: str
    """What is wrong; "" for nothing."""
    encrypted: bool
    entries: int | None
    """Of all processes, as last heard; None before anything was heard."""
    bytes: int | None
    max_bytes: int
    hits: int
    misses: int
    away: int
    """Look-ups that were not answered, since it was away: misses too."""
    unreadable: dict[str, int]
    """Values that are there and cannot be read, by reason; they count as misses."""
    stored: int
    dropped: int
    """Answers that were not stored, since too much was waiting, or it was away."""
    compressed: float | None
    """Bytes that are sent, by those of the answers themselves; None before the first."""
    led: int = 0
    """Calls that this process made, and others could follow."""
    followed: int = 0
    """Calls of others whose answers it followed to their end."""
    lapsed: int = 0
    """Those that broke off, or whose process was lost."""


class SharedAnswers(Protocol):
    """None of it raises because the store is away."""

    async def get(self, key: bytes) -> Found | None:
        """None: nothing is there, it cannot be read, or the store did not answer in time."""
        ...

    def put(
        self, key: bytes, body: bytes, *, ttl: float, tenant: str, model: str, tags: tuple[str, ...] = ()
    ) -> None:
        """Returns at once; it is stored behind the caller's back, or dropped.

        Args:
            ttl: seconds.
        """
        ...

    async def purge(self, which: Purge) -> int | None:
        """Forget here, and tell the others to (``listen``); how many there were. None: it is away, and
        nothing or not all was forgotten."""
        ...

    def listen(self, purged: Callable[[Purge], object]) -> None:
        """Be told of what others purge."""
        ...

    def view(self) -> SharedView: ...

    async def close(self) -> None:
        """What waits to be stored is, for a moment."""
        ...


class Sharing(Protocol):
    """All that processes share of caching."""

    @property
    def answers(self) -> SharedAnswers: ...

    @property
    def flights(self) -> SharedFlights: ...

    async def find_or_meet(
        self, answers: Sequence[bytes], flight: bytes, payers: Sequence[Payer] = ()
    ) -> Kept | Met | None:
        """The first of these answers that is kept, else what ``SharedFlights.meet`` says: all at once. None:
        it is away."""
        ...

    def view(self) -> SharedView: ...

    async def close(self) -> None: ...
