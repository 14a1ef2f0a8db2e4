"""An answer for many: the past, then the live part, within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from pointsman.errors import InvalidRequest, StreamBroken
from pointsman.gateway.call.values import Answer
from pointsman.gateway.resume.following import PIECE_BYTES, Following, Seat
from pointsman.gateway.resume.held import Held
from pointsman.http1 import Leave

JSON = [(b"content-type", b"application/json")]
MB = 1 << 20


class Made:
    """An answer that a test makes."""

    def __init__(self, most: int = 100, all_of_them: int = 1_000, *, streamed: bool = True) -> None:
        self.deserted = 0
        self.held = Held(all_of_them)
        self.it = Following(most, self.held, self._left)
        self.it.begin(200, JSON, streamed=streamed)

    def _left(self) -> None:
        self.deserted += 1

    async def read(self, seat: Seat) -> AsyncGenerator[bytes, None]:
        body = (await self.it.answer(seat, [])).body
        assert not isinstance(body, bytes)
        return body


async def rest(body: AsyncGenerator[bytes, None]) -> bytes:
    return b"".join([piece async for piece in body])


async def test_each_gets_the_past_in_one_piece_then_the_live_part() -> None:
    made = Made()
    early = await made.read(made.it.sit(Leave()))
    for piece in (b"a", b"b", b"", b"c"):
        made.it.put(piece)
    late = await made.read(made.it.sit(Leave()))
    assert await anext(late) == b"abc"
    waiting = asyncio.ensure_future(anext(late))
    await asyncio.sleep(0)
    assert not waiting.done()
    made.it.put(b"d")
    assert await waiting == b"d"
    made.it.end()
    assert await rest(early) == b"abcd"
    assert await rest(late) == b""
    assert made.it.whole() == b"abcd"
    assert made.it.seats == made.deserted == 0


async def test_a_whole_answer_comes_whole_with_headers_of_each_ones_own() -> None:
    made = Made(streamed=False)
    waiting = [
        asyncio.ensure_future(made.it.answer(made.it.sit(Leave()), [(b"x-n", b"1")])) for _ in range(2)
    ]
    await asyncio.sleep(0)
    made.it.put(b"{}")
    made.it.end()
    one, two = await asyncio.gather(*waiting)
    assert one == two == Answer(200, [*JSON, (b"x-n", b"1")], b"{}")
    one.headers.append((b"content-length", b"2"))
    assert two.headers == [*JSON, (b"x-n", b"1")]


async def test_an_error_is_raised_for_all() -> None:
    made = Made()
    made.it.end(InvalidRequest("no"))
    for _ in range(2):
        with pytest.raises(InvalidRequest, match="no"):
            await made.it.answer(made.it.sit(Leave()), [])
    assert made.it.seats == 0


@pytest.mark.parametrize(
    ("raised", "code"), [(InvalidRequest("no", code="no"), "no"), (ZeroDivisionError(), "internal_error")]
)
async def test_what_making_it_raises_is_its_end(raised: Exception, code: str) -> None:
    made = Made()

    async def work() -> None:
        raise raised

    if code == "no":
        await made.it.made_by(work(), "req_1")
    else:
        with pytest.raises(ZeroDivisionError):
            await made.it.made_by(work(), "req_1")
    assert made.it.done and made.it.error is not None and made.it.error.code == code


async def test_a_bug_ends_streams_with_it() -> None:
    made = Made()
    body = await made.read(made.it.sit(Leave()))
    made.it.put(b"a")
    made.it.broken = ZeroDivisionError()
    made.it.end()
    assert await anext(body) == b"a"
    with pytest.raises(ZeroDivisionError):
        await anext(body)


async def test_seats_are_given_back_by_leaving_closing_and_ending() -> None:
    made, leave = Made(), Leave()
    left, closed = await made.read(made.it.sit(leave)), await made.read(made.it.sit(Leave()))
    waiting = asyncio.ensure_future(rest(left))
    await asyncio.sleep(0)
    leave.now()
    assert (made.it.seats, made.deserted) == (1, 0)
    assert await waiting == b""
    await closed.aclose()
    assert (made.it.seats, made.deserted) == (0, 1)
    gone = Leave()
    gone.now()
    made.it.sit(gone)
    assert (made.it.seats, made.deserted) == (0, 2)
    made.it.end()
    await (await made.read(made.it.sit(Leave()))).aclose()
    assert made.deserted == 2


@pytest.mark.parametrize(("most", "all_of_them"), [(3, 1_000), (1_000, 3)])
async def test_beyond_its_bound_only_who_is_there_gets_the_rest(most: int, all_of_them: int) -> None:
    made = Made(most, all_of_them)
    seat = made.it.sit(Leave())
    body = await made.read(seat)
    for piece in (b"ab", b"cd", b"ef"):
        made.it.put(piece)
    assert made.it.over
    assert (await anext(body), made.held.bytes) == (b"abcdef", 0)
    assert made.it.misses(made.it.sit(Leave()))
    assert not made.it.misses(seat)
    assert made.it.whole() is None


async def test_without_anybody_nothing_is_held_beyond_the_bound() -> None:
    made = Made(3)
    for _ in range(100):
        made.it.put(b"abcd")
        await made.it.room()
    assert made.held.bytes == 0


@pytest.mark.parametrize("somebody", [True, False])
async def test_whoever_makes_it_is_told_once_that_nobody_is_there_nor_can_come(somebody: bool) -> None:
    made, leave = Made(3), Leave()
    made.it.sit(leave)
    if not somebody:
        leave.now()
    assert made.deserted == (not somebody)
    for _ in range(3):
        made.it.put(b"abcd")
        assert made.deserted == (0 if somebody else 2)


async def test_the_slowest_holds_up_what_is_not_kept_as_a_whole() -> None:
    made, leave = Made(3, 100 * MB), Leave()
    body = await made.read(made.it.sit(leave))
    made.it.put(bytes(2 * MB))
    waiting = asyncio.ensure_future(made.it.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    assert len(await anext(body)) == 2 * MB
    await waiting
    made.it.put(bytes(2 * MB))
    waiting = asyncio.ensure_future(made.it.room())
    await asyncio.sleep(0)
    leave.now()
    await waiting
    assert made.held.bytes == 0


async def test_what_is_released_counts_no_more_and_may_still_be_read() -> None:
    made = Made()
    body = await made.read(made.it.sit(Leave()))
    made.it.put(b"abc")
    assert made.held.bytes == 3 + PIECE_BYTES
    made.it.end()
    made.it.release()
    assert made.held.bytes == 0
    assert await rest(body) == b"abc"
    assert made.held.bytes == 0


async def test_who_has_left_waits_for_nothing() -> None:
    made, leave = Made(streamed=False), Leave()
    waiting = asyncio.ensure_future(made.it.answer(made.it.sit(leave), []))
    await asyncio.sleep(0)
    leave.now()
    assert await waiting == Answer(499, [], b"")
    assert made.deserted == 1


async def test_who_is_far_behind_the_quickest_loses_the_rest_where_it_is_not_kept() -> None:
    made = Made(3, 100 * MB)
    quick, slow = await made.read(made.it.sit(Leave())), await made.read(slow_seat := made.it.sit(Leave()))
    for _ in range(3):
        made.it.put(bytes(MB))
        assert await anext(quick)
        await made.it.room()
    assert slow_seat.late and slow_seat.gone and made.it.seats == 1
    with pytest.raises(StreamBroken) as raised:
        await rest(slow)
    assert raised.value.code == "fell_behind"
    assert made.held.bytes < MB


async def test_it_can_be_told_so_instead() -> None:
    made = Made(3, 100 * MB)
    seat, slow_seat = made.it.sit(Leave()), made.it.sit(Leave())
    quick, slow = await made.it.read(seat), await made.it.read(slow_seat, lambda error: error.code.encode())
    for _ in range(3):
        made.it.put(bytes(MB))
        await anext(quick)
        await made.it.room()
    assert await rest(slow) == b"fell_behind"


async def test_while_all_of_it_is_held_nobody_is_too_slow() -> None:
    made = Made(100 * MB, 100 * MB)
    quick, slow = await made.read(made.it.sit(Leave())), await made.read(made.it.sit(Leave()))
    for _ in range(3):
        made.it.put(bytes(MB))
        await anext(quick)
        await made.it.room()
    made.it.end()
    assert len(await rest(slow)) == 3 * MB
