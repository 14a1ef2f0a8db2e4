"""What is being found out, or answered, under one idempotency key; and who may follow it."""

from __future__ import annotations

import msgspec

from pointsman.caching.idempotency.idempotency import Asked, Kept, other_request, too_large, under_way
from pointsman.gateway.edge.at_once import HANG_UP

from .event_ids import EventId, check_event_id, no_such_event
from .following import Following, Seat
from .lingering import Lingering


class UnderKey(msgspec.Struct, eq=False):
    """The first request of a key, until its answer is kept or forgotten."""

    asked: Asked
    """Once it is known whose answer that is: the first request's."""
    following: Following
    lingering: Lingering
    looks_for: str = ""
    """It asks nobody, but only looks for the answer to this request, which may be kept."""
    claimed: bool = False
    """It is the first one."""
    kept: bool = False
    """Its answer was kept before."""
    outgrown: bool = False
    """It is too large to be kept, and was ended since nobody was there."""

    @property
    def known(self) -> bool:
        """Whose answer it is."""
        return self.claimed or self.kept or self.following.done

    async def until_known(self) -> None:
        await self.following.until(lambda: self.known)

    def claim(self) -> None:
        """It is to be asked."""
        self.claimed = True
        self.following.wake()

    def replay(self, kept: Kept) -> None:
        """It was answered before."""
        assert kept.body is not None, "else its clients are told that it was too large"
        self.kept = True
        self.asked = msgspec.structs.replace(
            self.asked, fingerprint=kept.fingerprint, request_id=kept.request_id
        )
        self.following.begin(kept.status, list(kept.headers), streamed=kept.streamed)
        self.following.put(kept.body)
        self.following.end()

    def answer(self) -> Kept:
        """As it is to be kept; without its body where that is not held."""
        asked, following = self.asked, self.following
        headers = tuple(pair for pair in following.headers if pair != HANG_UP)
        return Kept(
            asked.fingerprint,
            asked.request_id,
            asked.at_us,
            following.status,
            headers,
            following.whole(),
            following.streamed,
        )

    def check(self, asked: Asked, seat: Seat) -> None:
        """Raises PointsmanError: this request cannot follow it."""
        if self.asked.fingerprint != asked.fingerprint:
            if self.claimed or self.kept:
                raise other_request(self.asked.request_id)
            raise under_way(self.asked.request_id)  # what it found out holds for the other body only
        if self.following.misses(seat):
            raise too_large(self.asked.request_id)

    def go_behind(self, last: EventId, seat: Seat) -> None:
        """Begin behind an event. Raises PointsmanError: there is no such event in that stream."""
        check_event_id(last, self.asked.request_id)
        if not self.following.go_behind(seat, last):
            raise too_large(last.request_id) if self.following.over else no_such_event(last)

    def deserted(self) -> None:
        """Who comes back with the key gets what is held of it, or will be kept; unless it was too large, or
        there was no room for it, as for one for which nobody came back in time."""
        self.outgrown = self.following.too_large
        self.lingering.alone(for_good=self.following.over)
