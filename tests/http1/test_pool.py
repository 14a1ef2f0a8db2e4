from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.http1.pool import Pool, PoolLimits


def _pool(max_connections: int = 10, max_idle: int = 10) -> Pool[str, int]:
    return Pool(PoolLimits(max_connections, max_idle))


def test_the_last_to_become_idle_is_used_first() -> None:
    pool = _pool()
    for name in "abc":
        assert pool.may_open()
        assert pool.release(name) == (None, None)
    assert [pool.reuse(), pool.reuse(), pool.reuse(), pool.reuse()] == ["c", "b", "a", None]


def test_no_more_than_allowed_are_opened() -> None:
    pool = _pool(max_connections=2)
    assert [pool.may_open(), pool.may_open(), pool.may_open()] == [True, True, False]
    assert pool.drop(None) is None
    assert pool.may_open()


def test_whoever_waits_longest_is_served_by_what_comes_first() -> None:
    pool = _pool(max_connections=1)
    assert pool.may_open()
    for ticket in (1, 2, 3):
        pool.wait(ticket)
    pool.withdraw(2)
    assert pool.release("a") == (1, None)
    assert pool.drop("a") == 3
    assert pool.drop("b") is None
    assert (pool.size, pool.idle, pool.waiting) == (0, 0, 0)


def test_beyond_max_idle_the_oldest_goes() -> None:
    pool = _pool(max_idle=2)
    assert all(pool.may_open() for _ in "abc")
    assert [pool.release(name) for name in "abc"] == [(None, None), (None, None), (None, "a")]
    assert pool.drop("a") is None
    assert (pool.size, pool.idle) == (2, 2)


def test_the_queue_can_be_cleared() -> None:
    pool = _pool()
    pool.wait(2)
    pool.wait(1)
    assert pool.clear_queue() == [2, 1]
    assert pool.clear_queue() == []
    pool.withdraw(1)


@given(
    st.integers(1, 4),
    st.integers(0, 3),
    st.lists(st.tuples(st.sampled_from(["ask", "release", "drop", "die", "withdraw"]), st.integers(0, 9))),
)
def test_rules_hold_whatever_happens(most: int, most_idle: int, steps: list[tuple[str, int]]) -> None:
    pool: Pool[int, int] = Pool(PoolLimits(most, most_idle))
    idle: set[int] = set()
    lent: list[int] = []
    queue: list[int] = []

    def granted(ticket: int | None, connection: int) -> bool:
        if ticket is not None:
            assert ticket == queue.pop(0)  # in order
            lent.append(connection)
        return ticket is not None

    for serial, (step, pick) in enumerate(steps):
        if step == "ask":
            connection = pool.reuse()
            if connection is not None:
                idle.remove(connection)
                lent.append(connection)
            elif pool.may_open():
                lent.append(serial)
            else:
                pool.wait(serial)
                queue.append(serial)
        elif step == "release" and lent:
            connection = lent.pop(pick % len(lent))
            ticket, evicted = pool.release(connection)
            if not granted(ticket, connection):
                idle.add(connection)
            if evicted is not None:
                idle.remove(evicted)
                assert pool.drop(evicted) is None
        elif step == "drop" and lent:
            granted(pool.drop(lent.pop(pick % len(lent))), serial)
        elif step == "die" and idle:
            connection = sorted(idle)[pick % len(idle)]
            idle.remove(connection)
            granted(pool.drop(connection), serial)
        elif step == "withdraw" and queue:
            pool.withdraw(queue.pop(pick % len(queue)))
        assert pool.size == len(lent) + len(idle) <= most
        assert (pool.idle, pool.waiting) == (len(idle), len(queue))
        assert len(idle) <= most_idle
        assert not (idle and queue)
        assert not queue or pool.size == most
