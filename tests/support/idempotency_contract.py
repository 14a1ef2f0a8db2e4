"""What every store of answers under idempotency keys does. Subclass it, and say how one is opened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

import pytest

from pointsman.caching.idempotency.idempotency import Asked, Begun, IdempotencyPolicy, IdempotencyStore, Kept

NOW = 1_795_000_000_000_000
HOUR = 3_600_000_000
POLICY = IdempotencyPolicy(most=20_000)


def asked(number: int = 1, *, key: int = 1, at: int = 0, body: bytes = b"body") -> Asked:
    """A request of the key ``key``, ``at`` microseconds after the first."""
    return Asked(b"ident-%d" % key, b"print of " + body, f"req_{number}", NOW + at)


def kept(of: Asked, body: bytes | None = b"{}", *, status: int = 200, streamed: bool = False) -> Kept:
    headers = (
        (b"content-type", b"application/json"),
        (b"x-request-id", of.request_id.encode()),
        (b"x-empty", b""),
    )
    return Kept(of.fingerprint, of.request_id, of.at_us, status, headers, body, streamed)


class IdempotencyContract(ABC):
    @abstractmethod
    def open(self) -> IdempotencyStore:
        """A store that keeps what ``POLICY`` says; each call another place."""

    @pytest.fixture
    async def store(self) -> AsyncIterator[IdempotencyStore]:
        store = self.open()
        yield store
        await store.close()

    async def test_the_first_one_begins_and_the_next_is_told_so(self, store: IdempotencyStore) -> None:
        assert await store.claim(asked(1)) is None
        assert await store.claim(asked(2)) == Begun(asked(1).fingerprint, "req_1", alive=False)
        assert await store.claim(asked(3, key=2)) is None

    @pytest.mark.parametrize("body", [b"", b"{}", bytes(range(256)) * 9, None])
    @pytest.mark.parametrize("streamed", [True, False])
    async def test_what_is_kept_is_found_to_the_byte(
        self, store: IdempotencyStore, body: bytes | None, streamed: bool
    ) -> None:
        await store.claim(asked(1))
        answer = kept(asked(1), body, status=422, streamed=streamed)
        await store.finish(asked(1), answer)
        assert await store.claim(asked(2)) == answer
        assert await store.claim(asked(3), instead_of="req_1") == answer

    async def test_what_is_forgotten_may_be_begun_again(self, store: IdempotencyStore) -> None:
        await store.claim(asked(1))
        await store.forget(asked(1))
        assert await store.claim(asked(2)) is None

    async def test_one_takes_the_place_of_what_had_begun_only_if_it_is_still_that(
        self, store: IdempotencyStore
    ) -> None:
        await store.claim(asked(1))
        assert await store.claim(asked(2), instead_of="req_1") is None
        found = await store.claim(asked(3), instead_of="req_1")
        assert isinstance(found, Begun) and found.request_id == "req_2"

    async def test_who_was_replaced_can_neither_finish_nor_forget(self, store: IdempotencyStore) -> None:
        await store.claim(asked(1))
        await store.claim(asked(2), instead_of="req_1")
        await store.finish(asked(1), kept(asked(1)))
        await store.forget(asked(1))
        found = await store.claim(asked(3))
        assert isinstance(found, Begun) and found.request_id == "req_2"

    async def test_what_is_kept_is_not_forgotten(self, store: IdempotencyStore) -> None:
        await store.claim(asked(1))
        await store.finish(asked(1), kept(asked(1)))
        await store.forget(asked(1))
        assert await store.claim(asked(2)) == kept(asked(1))

    async def test_the_order_is_that_of_the_calls_though_nobody_waits(self, store: IdempotencyStore) -> None:
        await store.claim(asked(1))
        done = store.forget(asked(1))
        assert await store.claim(asked(2)) is None
        done_too = store.finish(asked(2), kept(asked(2)))
        assert await store.claim(asked(3)) == kept(asked(2))
        await done
        await done_too

    @pytest.mark.parametrize("finished", [True, False])
    async def test_it_is_over_after_its_time_to_the_microsecond(
        self, store: IdempotencyStore, finished: bool
    ) -> None:
        await store.claim(asked(1))
        if finished:
            await store.finish(asked(1), kept(asked(1)))
        assert await store.claim(asked(2, at=24 * HOUR - 1)) is not None
        assert await store.claim(asked(3, at=24 * HOUR)) is None

    async def test_the_oldest_go_where_there_is_no_room(self, store: IdempotencyStore) -> None:
        """Bodies that no compression makes smaller."""
        for number in range(200):
            one = asked(number, key=number, at=number)
            await store.claim(one)
            await store.finish(one, kept(one, bytes((number * n * n + n) % 251 for n in range(300))))
        await store.claim(asked(998, key=998))  # what the last one made too much has gone by now
        await store.claim(asked(999, key=999))
        assert 0 < store.evicted < 200
        left = [n for n in range(200) if isinstance(await store.claim(asked(500, key=n, at=1_000)), Kept)]
        assert left == list(range(200 - len(left), 200))
        assert len(left) * 512 <= POLICY.most
