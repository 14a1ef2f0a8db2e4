"""One call for equal requests of many processes: what one tells the others of an answer under way. Pure.

    meet ──┬─> Lead     it came first: it makes the call, and tells  queued …, head, pieces …, end
           └─> Follow   another did: its clients get the same, the past first, then live

The unit is what one process has of an answer: bytes in the dialect of ``Head.face``, as its clients get them.
Who waits for whom within a process is not known here. Where all are to pay a part of the call, who follows
says for whom (``Payer``), and who leads asks for that once, when the call is over.

Who leads holds a lease. When it dies, or says that it gives up, whoever follows is told so with ``LeadLost``:
who has told its clients nothing yet may lead in its place, and who has ends their streams with an error. A
leader that was only thought dead finds out with what it tells next (``Lead.lost``): it goes on for its own
clients, and is heard by nobody else.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Protocol

import msgspec

from pointsman.chat import Usage
from pointsman.errors import Kind, PointsmanError


class Payer(msgspec.Struct, frozen=True, array_like=True):
    """A request that follows at another process, and is to pay a part of the call: what the books of the one
    that leads need of it. Fields as in the ledger's ``Entry``."""

    request_id: str
    at_us: int
    key_id: str
    key_name: str
    tenant: str
    face: str
    requested: str
    stream: bool
    """Else it pays only for an answer that is whole."""


class Queued(msgspec.Struct, frozen=True, tag="q", array_like=True):
    """The call waits for room in limits, still."""

    position: int | None = None
    """1 is next; None: not known."""
    starts_in: float | None = None
    """Seconds, estimated; None: nobody can tell."""


class Head(msgspec.Struct, frozen=True, tag="h", array_like=True):
    """The beginning of an answer."""

    face: str
    """The dialect that the pieces are in."""
    status: int
    streamed: bool
    headers: tuple[tuple[bytes, bytes], ...]
    request_id: str = ""
    """Of the request that the call was made for."""
    model: str = ""
    """The catalog's name of the model that answers."""
    provider: str = ""
    usage: bool = False
    """A stream says what it used."""


class Failure(msgspec.Struct, frozen=True, tag="f", array_like=True):
    """An error, as another process can raise it."""

    message: str
    status: int
    code: str
    kind: Kind
    retryable: bool
    retry_after: float | None = None
    param: str | None = None


class End(msgspec.Struct, frozen=True, tag="e", array_like=True):
    """Nothing comes after it."""

    error: Failure | None = None
    """Instead of an answer, or of the rest of one."""
    stored: bool = False
    """The answer is kept: who asks a little later may have it without a call."""
    cost: int | None = None
    """Of the call, in millionths of a millionth of a dollar; None: not known."""
    usage: Usage | None = None
    """As the provider told it."""
    part: int | None = 0
    """Of the cost: what each of ``payers`` is charged for it in the books of who led; None: not known."""
    payers: frozenset[str] = frozenset()
    """Ids of requests."""


Item = Queued | Head | bytes | End


class LeadLost(Exception):
    """The process that made the call has died, has given it up, or cannot be heard any more."""


class SharedFailure(PointsmanError):
    """An error that another process met, for the same request."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(
            failure.message,
            param=failure.param,
            status=failure.status,
            code=failure.code,
            retry_after=failure.retry_after,
        )
        self.kind = failure.kind
        self.retryable = failure.retryable


def failure_of(error: PointsmanError) -> Failure:
    """What others are told of it."""
    return Failure(
        error.message, error.status, error.code, error.kind, error.retryable, error.retry_after, error.param
    )


class Lead(Protocol):
    """The right to make the call, and the duty to tell of it. None of it waits: what is told goes out behind
    the caller's back, in order. After ``end`` or ``give_up`` nothing more is told."""

    @property
    def lost(self) -> bool:
        """Nobody hears it any more: the lease lapsed, or too much is waiting to be told."""
        ...

    def watch(self, followed: Callable[[int], None]) -> None:
        """Be told now and then how many others follow: whenever something was told, and with 0 when nobody
        hears it any more."""
        ...

    def beat(self) -> None:
        """Tell now, even if there is nothing, to be told how many follow."""
        ...

    def queued(self, queued: Queued) -> None: ...

    def head(self, head: Head) -> None: ...

    def put(self, piece: bytes) -> None: ...

    def end(self, end: End) -> None:
        """The lead is free. With ``End.stored`` who comes a moment later still gets this answer."""
        ...

    async def payers(self) -> tuple[Payer, ...]:
        """Who follows elsewhere and is to pay a part, now; who comes later is not. Nobody, where that cannot
        be learned in time."""
        ...

    def give_up(self) -> None:
        """There will be no (whole) answer, for a reason that is this process's alone: another may lead."""
        ...


class Follow(Protocol):
    """A place among those that follow a lead. Either ``items`` or ``drop`` is to be called."""

    def pay(self, payers: Sequence[Payer]) -> None:
        """These are to pay a part, instead of those that were named before. Behind the caller's back."""
        ...

    def items(self) -> AsyncGenerator[Item, None]:
        """What is told of the answer under way, all of it, each once. To be closed if it is not read to its
        end.

        Raises:
            LeadLost: nobody leads any more.
        """
        ...

    def drop(self) -> None:
        """It is not wanted."""
        ...


class Met(msgspec.Struct, frozen=True):
    """What came of asking: one of them."""

    lead: Lead | None = None
    follow: Follow | None = None


class SharedFlights(Protocol):
    """Where processes meet. One key stands for one form of one answer: whoever asks by it can be given the
    same bytes."""

    @property
    def away(self) -> bool:
        """Nobody can be met now: each makes its own calls."""
        ...

    async def meet(self, key: bytes, payers: Sequence[Payer] = ()) -> Met | None:
        """None: it is ``away``. Waits no longer than the time-out of the store. If this is cancelled, the
        lead is given up.

        Args:
            payers: who is to pay a part, where another leads.
        """
        ...

    async def close(self) -> None:
        """Leads that are still held are given up."""
        ...
