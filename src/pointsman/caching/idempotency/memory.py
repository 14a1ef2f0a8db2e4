"""Answers under idempotency keys in this process: for tests, and where there is no file."""

from __future__ import annotations

from collections.abc import Awaitable, Generator

from .idempotency import Asked, Begun, Found, IdempotencyPolicy, Kept

ROW_BYTES = 512
"""What an answer without headers and body is counted as."""
PAIR_BYTES = 130
"""What a header is counted as, besides its text."""


class MemoryIdempotency:
    """An ``IdempotencyStore``. What is left begun, when it is opened anew, belongs to nobody who is alive."""

    def __init__(self, policy: IdempotencyPolicy) -> None:
        self._policy = policy
        self._known: dict[bytes, tuple[int, Found]] = {}
        """With when it was asked; in the order of the claims."""
        self._size = 0
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._known)

    async def claim(self, asked: Asked, instead_of: str = "") -> Found | None:
        self._expire(asked.at_us)
        known = self._known.get(asked.ident)
        if known is not None:
            found = known[1]
            if isinstance(found, Kept) or found.request_id != instead_of:
                return found
        self._drop(asked.ident)
        self._known[asked.ident] = asked.at_us, Begun(asked.fingerprint, asked.request_id, alive=False)
        return None

    def finish(self, asked: Asked, kept: Kept) -> Awaitable[None]:
        if self._is_ours(asked):
            self._known[asked.ident] = asked.at_us, kept
            self._size += _size(kept)
            self._make_room()
        return _Done()

    def forget(self, asked: Asked) -> Awaitable[None]:
        if self._is_ours(asked):
            self._drop(asked.ident)
        return _Done()

    async def close(self) -> None:
        """Nothing to do."""

    def _is_ours(self, asked: Asked) -> bool:
        _, found = self._known.get(asked.ident, (0, None))
        return isinstance(found, Begun) and found.request_id == asked.request_id

    def _expire(self, now_us: int) -> None:
        before = now_us - self._policy.keep_us
        while self._known:
            ident = next(iter(self._known))
            if self._known[ident][0] > before:
                return
            self._drop(ident)

    def _make_room(self) -> None:
        """The oldest go first."""
        over = self._size - self._policy.most
        going: list[bytes] = []
        for ident, (_, found) in self._known.items():
            if over <= 0:
                break
            if isinstance(found, Kept):
                going.append(ident)
                over -= _size(found)
        for ident in going:
            self._drop(ident)
            self.evicted += 1

    def _drop(self, ident: bytes) -> None:
        _, found = self._known.pop(ident, (0, None))
        if isinstance(found, Kept):
            self._size -= _size(found)


def _size(kept: Kept) -> int:
    headers = sum(PAIR_BYTES + len(name) + len(value) for name, value in kept.headers)
    return ROW_BYTES + headers + len(kept.body or b"")


class _Done:
    """What has been done already; to be awaited or not."""

    def __await__(self) -> Generator[None, None, None]:
        yield from ()
