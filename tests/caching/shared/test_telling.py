from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.shared.flights import End, Failure, Head, Item
from pointsman.caching.shared.telling import MOST_BATCH, GaveUp, Telling, Told, pack_batch, unpack_batch

HEAD = Head("openai_chat", 200, True, ((b"a", b"b"),), "req_1", "m", "p")
LEASE = 10.0


def told(telling: Telling, now: float = 0.0) -> list[tuple[Told, ...]]:
    """All that it has to tell now, with each batch heard."""
    batches = []
    while (batch := telling.batch(now)) is not None:
        batches.append(batch.items)
        telling.heard()
    return batches


def test_what_comes_meanwhile_goes_together() -> None:
    telling = Telling(0.0, LEASE)
    assert telling.batch(0.0) is None
    telling.add(HEAD)
    first = telling.batch(0.0)
    assert first is not None and (first.number, first.items, first.last) == (1, (HEAD,), False)
    for piece in (b"a", b"b", b"c"):
        telling.add(piece)
    assert telling.batch(0.0) is first and telling.more
    telling.heard()
    second = telling.batch(0.0)
    assert second is not None and (second.number, second.items) == (2, (b"a", b"b", b"c"))
    assert not telling.more


@given(st.lists(st.integers(0, 2 * MOST_BATCH // 3), max_size=8))
def test_nothing_is_lost_and_no_batch_is_larger_than_it_should_be(sizes: list[int]) -> None:
    telling = Telling(0.0, LEASE, most_waiting=1 << 30)
    pieces = [bytes([number]) * size for number, size in enumerate(sizes)]
    for piece in pieces:
        telling.add(piece)
    telling.add(End())
    batches = told(telling)
    assert [item for items in batches for item in items] == [*pieces, End()]
    for items in batches:
        assert len(items) == 1 or sum(len(each) for each in items if isinstance(each, bytes)) <= MOST_BATCH
    assert telling.over and not telling.lost


@pytest.mark.parametrize(
    ("last", "lingers"), [(End(), False), (End(stored=True), True), (GaveUp(), False)], ids=str
)
def test_nothing_comes_after_the_last(last: Item | GaveUp, lingers: bool) -> None:
    telling = Telling(0.0, LEASE)
    for item in (HEAD, last, b"late", End()):
        telling.add(item)
    batch = telling.batch(0.0)
    assert batch is not None and batch.items == (HEAD, last)
    assert batch.last and batch.lingers is lingers
    telling.heard()
    assert telling.over and telling.batch(99.0) is None


def test_it_says_now_and_then_that_it_lives() -> None:
    telling = Telling(0.0, LEASE)
    assert telling.batch(2.4) is None
    assert told(telling, 2.5) == [()]
    assert telling.batch(4.9) is None
    assert told(telling, 5.0) == [()]


def test_it_tells_nothing_where_it_is_hurried() -> None:
    telling = Telling(0.0, LEASE)
    telling.hurry()
    assert telling.more and told(telling) == [()]
    assert not telling.more


def test_it_is_lost_when_it_was_not_heard_for_a_lease() -> None:
    telling = Telling(0.0, LEASE)
    telling.add(HEAD)
    batch = telling.batch(1.0)
    telling.unheard(9.0)
    assert telling.batch(9.0) is batch
    telling.heard()
    telling.add(b"a")
    telling.batch(9.0)
    telling.unheard(11.0)
    assert telling.batch(11.0) is not None
    telling.unheard(11.1)
    assert (telling.lost, telling.over, telling.batch(12.0)) == (True, True, None)
    telling.add(b"b")
    assert not telling.more


def test_it_is_lost_when_too_much_waits() -> None:
    telling = Telling(0.0, LEASE, most_waiting=10)
    telling.add(b"12345")
    telling.add(b"67890")
    assert telling.more
    telling.add(b"x")
    assert telling.lost and not telling.more


def test_nobody_may_join_what_is_too_long() -> None:
    telling = Telling(0.0, LEASE, most_past=10)
    for expected in [(True, False), (False, True), (False, False)]:
        telling.add(b"1234567")
        batch = telling.batch(0.0)
        assert batch is not None and (batch.joinable, batch.first_shut) == expected
        telling.heard()


@pytest.mark.parametrize(
    "items",
    [
        [],
        [HEAD, b"", b"\xff", End(Failure("No.", 400, "c", "quota", True, 1.5, "p"), True, 5)],
        [GaveUp()],
    ],
)
def test_a_batch_is_read_as_it_was_written(items: list[Told]) -> None:
    assert unpack_batch(pack_batch(items)) == items
    assert unpack_batch(pack_batch(items)[:-1]) is None


@given(st.binary(max_size=30))
def test_whatever_was_told_is_no_error(packed: bytes) -> None:
    items = unpack_batch(packed)
    assert items is None or isinstance(items, list)
