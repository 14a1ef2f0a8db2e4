"""Answers under idempotency keys in Redis or Valkey, for replicas that have no database in common.

Each step is one script, so that two replicas never both begin. Whose a request is that has begun can be seen
by a key of that process, which expires unless it is renewed while anything is under way.
"""

from __future__ import annotations

import asyncio
from importlib import resources
from typing import Any

from pointsman.caching.shared.encryption import Keys
from pointsman.caching.shared.envelope import Envelopes
from pointsman.errors import ServerBusy
from pointsman.secret import Secret
from pointsman.storage.redis import RedisAway, RedisLine

from .idempotency import Asked, Begun, Found, IdempotencyPolicy, Kept, read_headers, write_headers
from .memory import ROW_BYTES

LEASE_MS = 10_000
"""For which a process is taken to be alive after it said so."""
BEAT = 2.0
"""Seconds between two times that it says so, while anything of it is under way."""
_LEAST_PATIENCE = 1.0
"""Seconds for an answer: without it who asks is refused, and what is to be kept may be large."""
_SCRIPT = resources.files(__package__).joinpath("idempotency.lua").read_text(encoding="utf-8")


def open_redis_idempotency(
    url: Secret, policy: IdempotencyPolicy, *, timeout: float, prefix: str, owner: str, keys: Keys | None
) -> RedisIdempotency:
    """The store at an address; connected to when it is first asked.

    Args:
        timeout: seconds for an answer.
        keys: None: nothing is encrypted.

    Raises:
        ConfigurationError: a library is not installed, or the address is none.
    """
    line = RedisLine(url, timeout=max(timeout, _LEAST_PATIENCE), what="shared idempotency keys need")
    return RedisIdempotency(line, Envelopes(keys), policy, prefix=prefix, owner=owner)


class RedisIdempotency:
    """An ``IdempotencyStore`` that replicas share.

    Args:
        owner: another value for each process.
    """

    def __init__(
        self, line: RedisLine, envelopes: Envelopes, policy: IdempotencyPolicy, *, prefix: str, owner: str
    ) -> None:
        self._line = line
        self._envelopes = envelopes
        self._policy = policy
        self._base = f"{{{prefix}}}:idempotency:"
        self._owners = f"{self._base}owner:"
        self._own = self._owners + owner
        self._under_way = 0
        self._beating: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()
        self.evicted = 0

    async def claim(self, asked: Asked, instead_of: str = "") -> Found | None:
        if self._telling:
            await asyncio.sleep(0)  # what was told before is asked before
        policy = self._policy
        words = (asked.fingerprint, asked.at_us, self._owners, policy.keep_us, LEASE_MS)
        known = await self._ask("claim", asked, instead_of, *words)
        if known is None:
            self._under_way += 1
            self._beat()
            return None
        return self._found(asked, known)

    def finish(self, asked: Asked, kept: Kept) -> asyncio.Task[None]:
        return self._tell(self._finish(asked, kept))

    def forget(self, asked: Asked) -> asyncio.Task[None]:
        return self._tell(self._forget(asked))

    async def close(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)
        await self._line.close()

    def _tell(self, work: Any) -> asyncio.Task[None]:
        self._under_way -= 1
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        return task

    async def _finish(self, asked: Asked, kept: Kept) -> None:
        policy = self._policy
        headers = write_headers(kept.headers)
        body = () if kept.body is None else (self._envelopes.wrap(kept.body, _bound(asked.ident)),)
        size = ROW_BYTES + len(headers) + sum(map(len, body))
        words = (asked.at_us, policy.keep_us, policy.most, size, kept.status, headers, int(kept.streamed))
        self.evicted += int(await self._ask("finish", asked, *words, *body))

    async def _forget(self, asked: Asked) -> None:
        await self._ask("forget", asked)

    async def _ask(self, what: str, asked: Asked, *words: Any) -> Any:
        """Raises ServerBusy: there is no answer, or it is no."""
        base = self._base
        keys = (base + asked.ident.hex(), f"{base}order", f"{base}sizes", self._own)
        try:
            return await self._line.ask("EVAL", _SCRIPT, len(keys), *keys, what, asked.request_id, *words)
        except RedisAway as error:
            raise ServerBusy(
                f"What is kept under idempotency keys in Redis cannot be used ({error}). Requests without a"
                " key go on.",
                retry_after=1.0,
            ) from error

    def _found(self, asked: Asked, known: Any) -> Found:
        """What cannot be opened any more, since its key is gone, is as an answer that was not kept."""
        request, fingerprint, at_us, _, status, headers, streamed, body, alive, others = known
        request_id = bytes(request).decode()
        if status is None:
            return Begun(bytes(fingerprint), request_id, alive=bool(alive), elsewhere=bool(others))
        content = None if body is None else self._envelopes.unwrap(bytes(body), _bound(asked.ident))
        return Kept(
            bytes(fingerprint),
            request_id,
            int(at_us),
            int(status),
            read_headers(bytes(headers)),
            content,
            streamed == b"1",
        )

    def _beat(self) -> None:
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self._beats(), name="pointsman-idempotency-lease")

    async def _beats(self) -> None:
        while self._under_way > 0:
            await asyncio.sleep(BEAT)
            try:
                await self._line.ask("SET", self._own, "", "PX", LEASE_MS)
            except RedisAway:
                continue  # until it is back


def _bound(ident: bytes) -> bytes:
    return b"idempotency " + ident
