from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.promptcache.memory import (
    Bounds,
    Conversation,
    Memory,
    Shared,
    Space,
    fingerprint,
)
from pointsman.promptcache.odds import FIRST_GUESS
from pointsman.promptcache.purse import Purse


def messages(*texts: str) -> memoryview:
    return memoryview(
        b"[" + b",".join(b'{"role":"user","content":"%b"}' % text.encode() for text in texts) + b"]"
    )


def keep(
    memory: Memory, raw: memoryview, before: Conversation | None = None, beginning: int = 1
) -> Conversation:
    return memory.keep(beginning, raw, len(raw) - 1, 1, 1, before)


def test_a_conversation_is_found_by_what_it_goes_on_with() -> None:
    memory = Memory(1)
    for size in (5, 300, 3000):
        first = keep(memory, messages("a" * size))
        assert memory.find(1, messages("a" * size, "b")) is first
        assert memory.find(1, messages("a" * size)) is first
        assert memory.find(2, messages("a" * size, "b")) is None
        assert memory.find(1, messages("a" * (size - 1), "b")) is not first
        second = keep(memory, messages("a" * size, "b"), first)
        assert memory.find(1, messages("a" * size, "b", "c")) is second
        assert memory.find(1, messages("a" * size, "x")) is first  # branches off


def mark(raw: bytes, length: int) -> int:
    return fingerprint(memoryview(raw), length)


@given(st.binary(min_size=30, max_size=5000), st.integers(0, 4999))
def test_a_change_at_the_beginning_or_the_end_is_seen(raw: bytes, at: int) -> None:
    position = at % len(raw)
    changed = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
    near = position < 256 or position >= len(raw) - 512
    assert near is False or mark(raw, len(raw)) != mark(changed, len(raw))
    assert mark(raw + b"more", len(raw)) == mark(raw, len(raw))


def test_bytes_for_each_token_are_learned() -> None:
    space = Space(1, Purse(1))
    for _ in range(40):
        space.learn_ratio(3000, 1000)
    assert space.ratio == pytest.approx(3.0, abs=0.01)
    space.learn_ratio(10**9, 1)
    assert space.ratio < 5
    assert space.odds("loop") == FIRST_GUESS["loop"]


def test_it_stays_within_its_bounds() -> None:
    memory = Memory(1, Bounds(spaces=3, shared=3, conversations=5, alike=2))
    for number in range(20):
        memory.space("d", str(number))
        memory.keep_shared(number, Shared(1, False))
        begin = "alike" * 20 if number % 2 else f"other {number}" * 20
        last = keep(memory, messages(begin, str(number)))
        keep(memory, messages(begin, str(number), "more"), last)
    assert len(memory) == 5
    assert memory.shared(19) is not None
    assert memory.shared(16) is None
    assert (len(memory._spaces), len(memory._shared)) == (3, 3)
    assert sum(map(len, memory._by_head.values())) == 5
