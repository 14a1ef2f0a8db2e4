from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable
from hashlib import blake2b

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pointsman.caching.kept.memory import Kept, MemoryStore
from tests.support.clock import FakeClock

MEGABYTE = 1_000_000


def digest(n: int) -> bytes:
    return blake2b(b"%d" % n, digest_size=32).digest()


def store_of(max_bytes: int = MEGABYTE) -> tuple[MemoryStore, FakeClock]:
    clock = FakeClock()
    return MemoryStore(max_bytes, clock.monotonic), clock


def put(store: MemoryStore, n: int, body: bytes = b"x", ttl: float = 60.0, **given: object) -> bool:
    told = {"tenant": "us", "route": "m", "tags": ()} | given
    return store.put(digest(n), body, ttl=ttl, **told)  # type: ignore[arg-type]  # any of them may be given


class Beside(RuleBasedStateMachine):
    """A store that forgets nothing in time, beside it: what ours knows is what that one knows."""

    def __init__(self) -> None:
        super().__init__()
        self.store, self.clock = store_of(200_000)
        self.all: dict[int, tuple[bytes, float, str, tuple[str, ...], float]] = {}

    def alive(self, n: int) -> bytes | None:
        body, expires, *_ = self.all.get(n, (None, 0.0))
        return body if body is not None and expires > self.clock.monotonic() else None

    @rule(
        n=st.integers(0, 40),
        size=st.integers(0, 9_000),
        ttl=st.sampled_from([1.0, 60.0]),
        tag=st.sampled_from("ab"),
    )
    def put(self, n: int, size: int, ttl: float, tag: str) -> None:
        body = bytes([n]) * size
        now = self.clock.monotonic()
        tenant = "us" if n % 2 else "them"
        assert put(self.store, n, body, ttl, tenant=tenant, tags=(tag,))
        self.all[n] = (body, now + ttl, tenant, (tag,), now)

    @rule(n=st.integers(0, 40), size=st.integers(0, 9_000))
    def amend(self, n: int, size: int) -> None:
        body = bytes([n]) * size
        if self.store.amend(digest(n), body) and self.alive(n) is not None:
            _, expires, whose, tags, at = self.all[n]
            self.all[n] = (body, expires, whose, tags, at)

    @rule(n=st.integers(0, 40))
    def get(self, n: int) -> None:
        kept = self.store.get(digest(n))
        if kept is not None:
            assert kept.body == self.alive(n)

    @precondition(lambda self: self.all)
    @rule(seconds=st.sampled_from([0.5, 30.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(
        tenant=st.sampled_from([None, "us"]),
        tag=st.sampled_from([None, "a"]),
        old=st.sampled_from([None, 20.0]),
    )
    def purge(self, tenant: str | None, tag: str | None, old: float | None) -> None:
        self.store.purge(tenant=tenant, tag=tag, older_than=old)
        now = self.clock.monotonic()
        for n, (_, _, whose, tags, at) in list(self.all.items()):
            if tenant in (None, whose) and (tag is None or tag in tags) and (old is None or now - at > old):
                del self.all[n]
                assert digest(n) not in self.store

    @invariant()
    def within_its_bound(self) -> None:
        stats = self.store.stats()
        assert stats.bytes <= stats.max_bytes
        assert stats.entries == len(self.store)
        if self.all and sum(len(body) for body, *_ in self.all.values()) < 50_000:
            lost = [n for n in self.all if self.alive(n) is not None and digest(n) not in self.store]
            assert lost == [], "there is room for all of them"


TestBeside = Beside.TestCase
TestBeside.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)


def test_it_expires_to_the_moment() -> None:
    store, clock = store_of()
    put(store, 1, ttl=60.0)
    clock.advance(59.999)
    kept = store.get(digest(1))
    assert kept is not None
    assert (kept.tenant, kept.route, kept.stored) == ("us", "m", clock.monotonic() - 59.999)
    clock.advance(0.001)
    assert store.get(digest(1)) is None
    assert (len(store), store.stats().expired) == (0, 1)


def test_what_is_put_again_stands_in_the_place_of_what_was() -> None:
    store, _ = store_of()
    for body in (b"old", b"new"):
        put(store, 1, body)
    kept = store.get(digest(1))
    assert kept is not None
    assert (kept.body, len(store)) == (b"new", 1)


def test_what_is_too_large_or_dead_at_once_is_not_kept_nor_is_what_it_replaces() -> None:
    store, _ = store_of()
    put(store, 1)
    assert not put(store, 1, b"x" * (MEGABYTE // 10))
    assert not put(store, 2, ttl=0.0)
    assert (len(store), store.stats().rejected) == (0, 2)


@pytest.mark.parametrize("bound", [1, 500, 5_000, 20_000, 60_000])
def test_where_there_is_hardly_room_the_bound_holds_all_the_same(bound: int) -> None:
    store, _ = store_of(bound)
    for n in range(200):
        put(store, n % 40, b"x" * (n % 300))
        store.get(digest(n % 7))
        store.amend(digest(n % 7), b"y" * (n % 900))
        assert not len(store) or store.stats().bytes <= bound


def test_what_has_become_more_counts_as_more_and_lives_no_longer() -> None:
    store, clock = store_of()
    put(store, 1, b"x" * 10)
    for _ in range(3):
        store.get(digest(1))
    before = store.stats().bytes
    clock.advance(30.0)
    assert store.amend(digest(1), b"y" * 5_000)
    assert before + 4_980 <= store.stats().bytes <= before + 5_300
    assert not store.amend(digest(1), b"z" * MEGABYTE)
    assert not store.amend(digest(2), b"y")
    kept = store.get(digest(1))
    assert kept is not None and kept.body == b"y" * 5_000
    clock.advance(30.0)
    assert store.get(digest(1)) is None


def test_what_grows_pushes_out_others() -> None:
    store, _ = store_of(200_000)
    for n in range(200):
        put(store, n, b"x" * 400)
        store.get(digest(n))
    there = [n for n in range(200) if digest(n) in store]
    for n in there:
        store.amend(digest(n), b"y" * 4_000)
        assert store.stats().bytes <= 200_000
    assert 0 < len(store) < len(there)


def test_what_was_stored_elsewhere_is_as_old_as_it_was_there() -> None:
    store, clock = store_of()
    put(store, 1, ttl=60.0, age=50.0)
    put(store, 2, ttl=60.0)
    kept = store.get(digest(1))
    assert kept is not None
    assert (clock.monotonic() - kept.stored, kept.expires - clock.monotonic()) == (50.0, 60.0)
    assert store.purge(older_than=40.0) == 1
    assert digest(1) not in store and digest(2) in store


def test_a_purge_takes_what_all_conditions_hold_for() -> None:
    store, clock = store_of()
    put(store, 1, tenant="a", route="m", tags=("x", "y"))
    clock.advance(10.0)
    put(store, 2, tenant="a", route="n", tags=("x",))
    put(store, 3, tenant="b", route="m")
    assert store.purge(tenant="a", older_than=9.0) == 1
    assert store.purge(tag="y") == 0
    assert store.purge(tag="x", route="m") == 0
    assert store.purge(route="m") == 1
    assert store.purge() == 1


def _asks(store: MemoryStore, n: int, size: int) -> bool:
    if store.get(digest(n)) is not None:
        return True
    put(store, n, b"x" * size)
    return False


def test_a_scan_pushes_out_nothing_that_is_asked_for() -> None:
    store, _ = store_of()
    popular = range(300)
    for _ in range(4):
        for n in popular:
            _asks(store, n, 1_000)
    for n in range(1_000, 21_000):
        _asks(store, n, 1_000)
    assert sum(digest(n) in store for n in popular) >= 0.95 * len(popular)


def test_a_large_answer_must_be_wanted_more_than_all_that_it_pushes_out() -> None:
    store, _ = store_of()
    for _ in range(3):
        for n in range(900):
            _asks(store, n, 700)
    before = len(store)
    for n in range(5_000, 5_040):
        _asks(store, n, 60_000)
    assert len(store) >= before - 20


def _memory(work: Callable[[], MemoryStore]) -> tuple[int, MemoryStore]:
    tracemalloc.start()
    try:
        store = work()
        return tracemalloc.get_traced_memory()[0], store
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", [300, 1_000, 5_000])
def test_it_takes_as_much_memory_as_it_may_and_says_so(size: int) -> None:
    dice = random.Random(size)
    bound = 2 * MEGABYTE

    def scan() -> MemoryStore:
        store, _ = store_of(bound)
        for n in range(6_000 + 12_000 // (1 + size // 400)):
            _asks(store, dice.randrange(n + 1) if n % 3 == 0 else n, size + n % 50)
        return store

    used, store = _memory(scan)
    assert 0.7 * bound <= used <= bound, "the rest is for tables while they grow"
    assert 0.95 * bound <= store.stats().bytes <= bound


def test_an_entry_shows_what_a_caller_needs() -> None:
    store, _ = store_of()
    put(store, 1, b"abc", tags=("t",))
    kept = store.get(digest(1))
    assert isinstance(kept, Kept)
    assert (kept.body, kept.tags) == (b"abc", ("t",))
    assert store.get(digest(2)) is None
    assert (store.stats().hits, store.stats().misses) == (1, 1)
