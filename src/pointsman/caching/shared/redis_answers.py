"""Answers that processes share, in Redis or Valkey: a ``SharedAnswers``.

Each answer is a key of its own, which expires by itself; beside them stands what is noted of each (labels of
its tenant, model and tags, its size), so that they can be purged, and bounded. All keys of a prefix are in
one slot of a cluster.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from hashlib import blake2b
from importlib import resources
from typing import Any

import msgspec

from pointsman.storage.redis import RedisAway, RedisLine, Script

from .answers import Found, Purge, SharedView
from .envelope import Envelopes
from .redis_flights import LINGER_MS, purged_key
from .redis_streams import FIELD, RedisStreams

_GET = Script("local v = redis.call('GET', KEYS[1]) return v and {v, redis.call('PTTL', KEYS[1])}")
_COUNT = Script("return {redis.call('ZCARD', KEYS[1]), redis.call('GET', KEYS[2]) or '0'}")
_HERE = resources.files(__package__)
_PUT = Script(_HERE.joinpath("put.lua").read_text(encoding="utf-8"))
_PURGE = Script(_HERE.joinpath("purge.lua").read_text(encoding="utf-8"))

_BESIDE = 400
"""Bytes that Redis takes for an answer beside its own: keys, index and notes."""
_WAITING_BYTES = 16 << 20
_WAITING = 10_000
"""Bytes, and answers, that may wait to be stored; what comes then is dropped."""
MOST_ANSWER = 1 << 20
"""Bytes of one as it is sent; what is larger would be late for a client, and look like a server that is away.
So many go together at once, or up to this number of answers:"""
_AT_ONCE = 32
_PIECE = 500
"""Answers that are looked at in one piece of a purge, for which the server does nothing else."""
_PURGES = 1_000
_PURGES_MS = 7 * 86_400_000
"""Purges that are remembered for processes that were cut off meanwhile, and for how long."""
_COUNT_EVERY = 10.0
"""Seconds after which it is asked again how many there are, where answers are looked for."""
_GRACE = 2.0
"""Seconds for what waits when it is closed."""
_AGE_BYTES = 8


class _Put(msgspec.Struct):
    key: bytes
    body: bytes
    ttl_ms: int
    tenant: str
    model: str
    tags: tuple[str, ...]


class RedisAnswers:
    """
    Args:
        asks: for look-ups, which clients wait for.
        tells: for all else.
        streams: where others' purges are heard of.
        own: tells the purges of this process from others'.
        most: bytes of all answers there.
    """

    def __init__(
        self,
        asks: RedisLine,
        tells: RedisLine,
        streams: RedisStreams,
        envelopes: Envelopes,
        *,
        prefix: str,
        own: str,
        most: int,
    ) -> None:
        self._asks, self._tells, self._streams = asks, tells, streams
        self._envelopes = envelopes
        self._own = own
        self._most = most
        base = f"{{{prefix}}}:"
        self._answer = f"{base}answer:"
        self._index, self._notes, self._size = f"{base}answers", f"{base}answers:notes", f"{base}answers:size"
        self._purges = f"{base}purges"
        self._purged_lately = purged_key(prefix)
        self._waiting: deque[_Put] = deque()
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._purged: Callable[[Purge], object] | None = None
        self._listening = False
        self._hits = self._misses = self._away = self._stored = self._dropped = 0
        self._entries: int | None = None
        self._bytes: int | None = None
        self._counted = -_COUNT_EVERY
        self._counting: asyncio.Task[None] | None = None

    async def get(self, key: bytes) -> Found | None:
        try:
            said = await self._asks.run(_GET, 1, self.name(key))
        except RedisAway:
            self.missed(away=True)
            return None
        if said is None:
            self.missed()
            return None
        return self.read(key, bytes(said[0]), int(said[1]))

    def name(self, key: bytes) -> str:
        """Of an answer, in the store."""
        return self._answer + key.hex()

    def missed(self, *, away: bool = False) -> None:
        """An answer was looked for, and not found; or nobody said whether it is there."""
        self._begin()
        self._away += away
        self._misses += not away

    def read(self, key: bytes, wrapped: bytes, left_ms: int) -> Found | None:
        """An answer as it was found, and is kept for so long still; None: it cannot be read."""
        self._begin()
        found = self._found(key, wrapped, left_ms)
        self._misses += found is None
        self._hits += found is not None
        return found

    def put(
        self, key: bytes, body: bytes, *, ttl: float, tenant: str, model: str, tags: tuple[str, ...] = ()
    ) -> None:
        self._begin()
        full = len(self._waiting) >= _WAITING or self._waiting_bytes + len(body) > _WAITING_BYTES
        if full or self._closing or self._tells.away:
            self._dropped += 1
            return
        self._waiting.append(_Put(key, body, max(1, round(ttl * 1000)), tenant, model, tags))
        self._waiting_bytes += len(body)
        self._settled.clear()
        self._wake.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="pointsman-shared-answers")

    async def settled(self) -> None:
        """Until nothing waits to be stored."""
        await self._settled.wait()

    async def purge(self, which: Purge) -> int | None:
        self._forget_waiting(which)
        told = self._envelopes.wrap(msgspec.msgpack.encode((self._own, which)), b"purge")
        criteria = _criteria(which)
        cursor, forgotten = b"0", 0
        try:
            await self._tells.ask("SET", self._purged_lately, 1, "PX", 2 * LINGER_MS)
            await self._tells.ask("XADD", self._purges, "MAXLEN", "~", _PURGES, "*", FIELD, told)
            await self._tells.ask("PEXPIRE", self._purges, _PURGES_MS)
            while True:
                said = await self._tells.run(
                    *(_PURGE, 3, self._index, self._notes, self._size),
                    *(cursor, _PIECE, criteria, self._answer),
                )
                cursor, count, self._entries, self._bytes = bytes(said[0]), *map(int, said[1:])
                forgotten += count
                if cursor == b"0":
                    return forgotten
        except RedisAway:
            return None

    def listen(self, purged: Callable[[Purge], object]) -> None:
        """From the first answer on that is asked for or put."""
        self._purged = purged

    def view(self) -> SharedView:
        envelopes, lines = self._envelopes, (self._asks, self._tells)
        connected = not any(line.away for line in lines) and not all(line.trouble for line in lines)
        troubles = (line.trouble if line.away or not connected else line.refused for line in lines)
        return SharedView(
            connected=connected,
            trouble=next(filter(None, troubles), ""),
            encrypted=envelopes.encrypts,
            entries=self._entries,
            bytes=self._bytes,
            max_bytes=self._most,
            hits=self._hits,
            misses=self._misses,
            away=self._away,
            unreadable=dict(envelopes.unreadable),
            stored=self._stored,
            dropped=self._dropped,
            compressed=envelopes.after / envelopes.before if envelopes.before else None,
        )

    async def close(self) -> None:
        self._closing = True
        self._wake.set()
        tasks = [task for task in (self._task, self._counting) if task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # -- within

    async def _count(self) -> None:
        try:
            said = await self._tells.run(_COUNT, 2, self._index, self._size)
        except RedisAway:
            return  # what was heard last stands
        self._entries, self._bytes = int(said[0]), int(said[1])

    def _begin(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._counted > _COUNT_EVERY and not self._closing:
            self._counted = now
            self._counting = asyncio.create_task(self._count())
        if not (self._listening or self._closing or self._purged is None):
            self._listening = True
            # from the first that is remembered: what came before it was listened to must not be missed
            self._streams.listen(self._purges, self._heard, after="0")

    def _heard(self, _: str, wrapped: bytes) -> None:
        content = self._envelopes.unwrap(wrapped, b"purge")
        try:
            own, which = msgspec.msgpack.decode(content or b"", type=tuple[str, Purge])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return  # of another version, or another key: it is counted
        if own != self._own and self._purged is not None:
            self._forget_waiting(which)
            self._purged(which)

    def _found(self, key: bytes, wrapped: bytes, left_ms: int) -> Found | None:
        content = self._envelopes.unwrap(wrapped, b"answer" + key)
        if content is None or len(content) < _AGE_BYTES or left_ms <= 0:
            return None
        ttl_ms = int.from_bytes(content[:_AGE_BYTES], "big")
        left_ms = min(left_ms, ttl_ms)
        return Found(content[_AGE_BYTES:], (ttl_ms - left_ms) / 1000, left_ms / 1000)

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            if not self._waiting:
                self._settled.set()
                self._wake.clear()
                await self._wake.wait()
                continue
            some, size = [self._waiting.popleft()], 0
            while (
                self._waiting and len(some) < _AT_ONCE and (size := size + len(some[-1].body)) < MOST_ANSWER
            ):
                some.append(self._waiting.popleft())
            self._waiting_bytes -= sum(len(each.body) for each in some)
            said = await asyncio.gather(*map(self._store, some), return_exceptions=True)
            for answer in said:
                if answer is None or isinstance(answer, RedisAway):
                    self._dropped += 1
                elif isinstance(answer, BaseException):
                    raise answer
                else:
                    stored, self._entries, self._bytes = map(int, answer)
                    self._stored += stored
                    self._dropped += not stored

    async def _store(self, put: _Put) -> Any:
        """What the server says to it; None: it is too large. Raises RedisAway."""
        wrapped = self._envelopes.wrap(put.ttl_ms.to_bytes(_AGE_BYTES, "big") + put.body, b"answer" + put.key)
        if len(wrapped) > MOST_ANSWER:
            return None
        ident = put.key.hex()
        labels = {
            "t": _label("tenant", put.tenant),
            "m": _label("model", put.model),
            "g": [_label("tag", tag) for tag in put.tags],
        }
        return await self._tells.run(
            *(_PUT, 4, self._answer + ident, self._index, self._notes, self._size),
            *(ident, wrapped, put.ttl_ms, msgspec.msgpack.encode(labels)),
            *(len(wrapped) + _BESIDE, self._most, self._answer),
        )

    def _forget_waiting(self, which: Purge) -> None:
        if which.older_than is not None:
            return  # what waits is new
        kept = [
            put
            for put in self._waiting
            if not which.means(tenant=put.tenant, model=put.model, tags=put.tags, age=0.0)
        ]
        self._waiting = deque(kept)
        self._waiting_bytes = sum(len(put.body) for put in kept)


def _label(kind: str, text: str) -> str:
    """What stands for a name in Redis: labels are only compared, and names are nobody's business there."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=9, person=kind.encode()).hexdigest()


def _criteria(which: Purge) -> bytes:
    found: dict[str, Any] = {}
    for name, kind, text in (
        ("t", "tenant", which.tenant),
        ("m", "model", which.model),
        ("g", "tag", which.tag),
    ):
        if text is not None:
            found[name] = _label(kind, text)
    if which.older_than is not None:
        found["o"] = round(which.older_than * 1000)
    return msgspec.msgpack.encode(found)
