"""A replica's side of its talk with the shared store: what to send next, and what an answer means.

Pure: ``redis.py`` carries the bytes. There is one batch under way at a time, and what comes meanwhile goes
with the next, so that everything is done in the order in which it was asked. A batch whose answer was lost is
sent again under its number until it is answered; whoever waited for it is answered from the share
(``shares.py``), and what the store did grant them after all is given back.

Time here is this machine's, monotonic, in microseconds, unless it is called ``at_us``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from pointsman.limits.values.limit import NOTHING, Amounts, Limit, Shortage
from pointsman.limits.values.port import Reservation

from .batch import Answer, Batch, Op, Page, Terms, encode, level, shortage
from .shares import Shares

MOST = 128
"""So many wishes go into a batch: the store does nothing else meanwhile."""
MOST_CHARGES = 10_000
"""Limits for which charges are kept while the store is away."""
_NO_WORLD = -1


class Granted(msgspec.Struct, frozen=True, gc=False):
    """Where a reservation comes from: its ``token``."""

    world: int
    """Which life of the store, as counted here."""
    here_us: int
    """When, by the clock of this machine."""


class Wish:
    """A reservation (or a look) that somebody waits for."""

    __slots__ = ("amounts", "limits", "looks", "reply", "waited_for", "waits")

    def __init__(
        self,
        limits: tuple[Limit, ...],
        amounts: Amounts,
        reply: Callable[[Any], None],
        *,
        looks: bool = False,
        waits: bool = False,
    ) -> None:
        self.limits = limits
        self.amounts = amounts
        self.reply = reply
        self.looks = looks
        self.waits = waits
        """If there is not enough it is going to ask again, and should then go before those who came later."""
        self.waited_for = True


class Fact(msgspec.Struct, frozen=True, gc=False):
    """Something that the store has to be told."""

    kind: str
    """As ``batch.Op``; "s" becomes "f" if the store lost what it had reserved."""
    limit: Limit
    first: int
    second: int = 0
    at: int = 0
    world: int = _NO_WORLD


Entry = Wish | Fact


class Sending(msgspec.Struct):
    """A batch on its way."""

    keys: list[str]
    payload: bytes


class Link:
    """
    Args:
        holder: the name of this replica; no other ever has the same.
        prefix: with which all keys begin.
        fresh: names for new lives of the store.
        store_now: the time that the store shall go by; None: its own.
    """

    def __init__(
        self,
        holder: str,
        prefix: str,
        terms: Terms,
        fresh: Callable[[], str],
        store_now: Callable[[], int] | None = None,
    ) -> None:
        self.away = True
        self.replicas: int | None = None
        self.shares = Shares(terms)
        self._holder, self._prefix, self._terms = holder, prefix, terms
        self._fresh, self._store_now = fresh, store_now
        self._gen = ""
        self._cold = False
        self._world = 0
        self._seq = 1
        self._used = (False, False)
        """Whether of the share, between the last answer and the one before; and before that."""
        self._queue: deque[Entry] = deque()
        self._under_way: list[Entry] | None = None
        self._asked_us = 0
        self._was_away = False

    @property
    def share(self) -> int:
        return self.shares.share

    def waiting(self) -> int:
        """How much there is to send."""
        return len(self._queue) + (self._under_way is not None)

    # What callers want.

    def ask(self, wish: Wish) -> None:
        """Its ``reply`` is called with a Reservation or a Shortage (with levels, if it looks)."""
        self._queue.append(wish)

    def on_share(self, limits: tuple[Limit, ...], amounts: Amounts, now: int) -> Reservation | Shortage:
        """Reserve from the share of this replica."""
        short = self.shares.reserve(limits, amounts, now)
        if short is not None:
            return msgspec.structs.replace(short, away=True)
        return Reservation(limits, amounts, now, Granted(_NO_WORLD, now))

    def settle(self, reservation: Reservation, used: Amounts) -> None:
        if reservation.settled:
            return
        reservation.settled = True
        if not reservation.limits:
            return  # nobody was asked for it
        granted = reservation.token
        assert isinstance(granted, Granted), "a reservation of another store"
        for limit in reservation.limits:
            reserved, spent = reservation.amounts[limit.place], used[limit.place]
            lent = granted.world == _NO_WORLD
            self.shares.settled(limit, reserved, spent, granted.here_us, lent=lent)
            if not reserved and not spent:
                continue
            if lent and self.away:
                continue  # it is told of with all else when the store is back
            at = 0 if lent else reservation.at_us
            self._queue.append(Fact("s", limit, reserved, spent, at, granted.world))

    def charge(self, limit: Limit, amount: int) -> None:
        if not amount or limit.window == "slots":
            return
        if self.away:
            self._merge_charge(limit, amount)
        else:
            self._queue.append(Fact("c", limit, amount))

    def _merge_charge(self, limit: Limit, amount: int) -> None:
        for place, entry in enumerate(self._queue):
            if isinstance(entry, Fact) and entry.kind == "c" and entry.limit.id == limit.id:
                self._queue[place] = Fact("c", limit, entry.first + amount)
                return
        if len(self._queue) < MOST_CHARGES:
            self._queue.append(Fact("c", limit, amount))

    # What goes over the wire.

    def next_batch(self, now: int) -> Sending:
        """The batch to send now: one that was not answered yet, or the next."""
        if self._under_way is None:
            self._under_way = self._take()
            self._asked_us = now
        return self._sending(self._under_way, now)

    def _take(self) -> list[Entry]:
        """Facts are never parted: what was taken without the store is told whole, and before all else."""
        wishes = 0
        taken: list[Entry] = []
        while self._queue and wishes < MOST:
            taken.append(self._queue.popleft())
            wishes += isinstance(taken[-1], Wish)
        return taken

    def farewell(self, now: int) -> Sending:
        """The last batch: what this replica held is free at once."""
        return self._sending([], now, bye=True)

    def _sending(self, entries: Sequence[Entry], now: int, *, bye: bool = False) -> Sending:
        page = Page(self._prefix, self._holder)
        ops = [self._op(entry, page, now) for entry in entries]
        batch = Batch(
            holder=self._holder,
            seq=self._seq,
            gen=self._gen,
            fresh=self._fresh(),
            share=self.shares.share if not self._gen else 0,
            cold=self._cold,
            unused=not any(self._used),
            bye=bye,
            now=self._store_now() if self._store_now is not None else 0,
            lease=self._terms.lease,
            grace=self._terms.grace,
            hold=self._terms.hold,
            limits=page.limits,
            ops=ops,
        )
        return Sending(page.keys, encode(batch))

    def _op(self, entry: Entry, page: Page, now: int) -> Op:
        if isinstance(entry, Wish):
            if entry.looks:
                return ("l", [page.place(limit) for limit in entry.limits])
            wanted = [(page.place(limit), entry.amounts[limit.place]) for limit in entry.limits]
            return ("r", wanted, entry.waits)
        place = page.place(entry.limit)
        if entry.kind == "s":
            if entry.world == self._world:
                return ("s", place, entry.first, entry.second, entry.at)
            return ("f", place, entry.first, entry.second)
        if entry.kind == "e":
            return ("e", place, entry.first, max(0, now - entry.at))
        return (entry.kind, place, entry.first)

    # What comes back.

    def lost(self, now: int) -> None:
        """No answer came in time: whoever waits is answered from the share."""
        self.away = self._was_away = True
        asked = [*(self._under_way or ()), *self._queue]
        self._queue = deque(entry for entry in self._queue if isinstance(entry, Fact))
        for entry in asked:
            if isinstance(entry, Wish) and entry.waited_for:
                entry.waited_for = False
                if entry.looks:
                    entry.reply(self.shares.levels(entry.limits, now))
                else:
                    entry.reply(self.on_share(entry.limits, entry.amounts, now))

    def heard(self, answer: Answer | None, now: int) -> bool:
        """The store answered. False if that was another life of it: the same is to be sent once more."""
        if answer is not None and answer.results is False:
            self._join_another(now)
            return False
        done, self._under_way = self._under_way or [], None
        self._seq += 1
        if answer is None:
            return True
        if self._gen != answer.gen:
            self._gen, self._cold = answer.gen, False
        self._used, self.shares.used = (self.shares.used, self._used[0]), False
        self.shares.heard(answer.share, self._asked_us, now, alone_us=answer.alone)
        self.replicas = answer.replicas
        assert isinstance(answer.results, list)
        for entry, result in zip(done, answer.results, strict=True):
            if isinstance(entry, Wish):
                self._answer(entry, result, answer.now, now)
        if answer.lapsed or self._was_away:
            self._tell_all(now, whole=False)
        self.away = self._was_away = False
        return True

    def _answer(self, wish: Wish, result: Any, at_us: int, now: int) -> None:
        if wish.looks:
            if wish.waited_for:
                pairs = zip(wish.limits, result, strict=True)
                wish.reply([level(limit, found) for limit, found in pairs])
        elif result is True:
            reservation = Reservation(wish.limits, wish.amounts, at_us, Granted(self._world, now))
            self.shares.took(wish.limits, wish.amounts, now)
            if wish.waited_for:
                wish.reply(reservation)
            else:
                self.settle(reservation, NOTHING)
        elif wish.waited_for:
            wish.reply(shortage(wish.limits, wish.amounts, result))

    def _join_another(self, now: int) -> None:
        """The store was emptied, or went back to an older state of itself: it is told all that we know."""
        self._gen, self._cold = "", True
        self._world += 1
        self._queue.extendleft(reversed(self._under_way or ()))
        self._under_way = None
        self._tell_all(now, whole=True)

    def _tell_all(self, now: int, *, whole: bool) -> None:
        """What is held, after all that changed it, and before all that is going to."""
        facts = [entry for entry in self._queue if isinstance(entry, Fact)]
        if whole:
            facts = [entry for entry in facts if entry.kind not in "he"]
        facts += [Fact("h", limit, held) for limit, held in self.shares.holdings()]
        unknown = self.shares.unknown_events(now, whole=whole)
        facts += [Fact("e", limit, amount, at=at) for limit, amount, at in unknown]
        wishes = [entry for entry in self._queue if isinstance(entry, Wish) and entry.waited_for]
        self._queue = deque([*facts, *wishes])
