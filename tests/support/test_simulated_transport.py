"""The same requests over a real socket and without one must look the same to whoever sends them."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from pointsman.errors import PointsmanError, UpstreamTimeout, UpstreamUnreachable
from pointsman.http1 import Http1Transport, HttpRequest, Leave, Timeouts, Transport
from pointsman.simulator import Config, Simulator, app, parse_faults
from tests.support.books import balance
from tests.support.gateway import packaged_catalog
from tests.support.servers import serve
from tests.support.simulated import KEY, OPENAI_PATH, calls, openai_body
from tests.support.simulated_transport import SimulatedTransport
from tests.support.traffic import make_ask
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import VirtualClock, run_virtual

VIRTUAL = "http://simulator"
SHORT = Timeouts(connect=1, first_byte=0.2, idle=0.2, total=1.0)


def request(base: str = VIRTUAL, path: str = OPENAI_PATH, **more: Any) -> HttpRequest:
    body = msgspec.json.encode(openai_body(**more))
    return HttpRequest("POST", base + path, tuple(KEY.items()), body)


async def read(transport: Transport, asked: HttpRequest, timeouts: Timeouts) -> tuple[Any, ...]:
    """Status, what came of the body, and the error at its end."""
    try:
        response = await transport.send(asked, timeouts)
    except PointsmanError as error:
        return 0, b"", type(error).__name__, error.sent if hasattr(error, "sent") else None
    pieces: list[bytes] = []
    try:
        async for piece in response.chunks():
            pieces.append(piece)
    except PointsmanError as error:
        return response.status, b"".join(pieces), type(error).__name__, getattr(error, "seen_all", None)
    return response.status, b"".join(pieces), "", None


def simulator(faults: str = "", **more: Any) -> Simulator:
    return app(Config(faults=parse_faults(faults), **more), models=packaged_catalog(), clock=VirtualClock())


def with_transport(
    work: Callable[[SimulatedTransport], Awaitable[None]],
    faults: str = "",
    *,
    delay: Callable[[], float] = lambda: 0.0,
    **more: Any,
) -> list[Any]:
    """Run it, and give the calls on the invoice at its end."""

    async def whole() -> list[Any]:
        transport = SimulatedTransport(simulator(faults, **more), delay=delay)
        await work(transport)
        await transport.close()
        report = transport.simulator.service.invoice.report(in_flight=0, summary=False)
        return list(report["calls"])

    return run_virtual(whole)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    "faults",
    [
        "",
        "429:1:retry_after=2",
        "500:1",
        "529:1",
        "reset:1:after=0",
        "reset:1:after=5",
        "malformed:1:after=5",
        "stall:1:after=5",
        "stall:1:after=0",
        "stall:1:after=3:seconds=0.05",
    ],
)
async def test_it_looks_as_over_a_socket(faults: str, stream: bool) -> None:
    """The answer, its error, and the line on the invoice."""

    def lines(simulated: Simulator) -> list[Any]:
        report = simulated.service.invoice.report(in_flight=0, summary=False)
        return [msgspec.structs.replace(call, at_us=0) for call in report["calls"]]

    settings: dict[str, Any] = {"faults": parse_faults(faults), "pace": "none"}
    real = app(Config(**settings), models=packaged_catalog())
    async with serve(real) as url:
        transport = Http1Transport()
        expected = await read(transport, request(url, stream=stream), SHORT)
        await transport.close()
        await calls(url, 1)

    async def work() -> tuple[tuple[Any, ...], list[Any]]:
        simulated = app(Config(**settings), models=packaged_catalog(), clock=VirtualClock())
        transport = SimulatedTransport(simulated)
        got = await read(transport, request(stream=stream), SHORT)
        await transport.close()
        return got, lines(simulated)

    got, billed = await asyncio.to_thread(run_virtual, work)
    assert without_dates(got[1]) == without_dates(expected[1])
    assert (got[0], *got[2:]) == (expected[0], *expected[2:])
    assert billed == lines(real)


def without_dates(body: bytes) -> list[bytes]:
    return [part for part in body.split(b",") if not part.startswith(b'"created"')]


def test_the_pace_of_models_is_a_virtual_sleep() -> None:
    async def work(transport: SimulatedTransport) -> None:
        began = asyncio.get_running_loop().time()
        assert (await read(transport, request(max_tokens=400), Timeouts()))[0] == 200
        assert asyncio.get_running_loop().time() - began > 0.5

    with_transport(work, pace="real")


@pytest.mark.parametrize(
    ("timeouts", "faults", "stream", "after", "what"),
    [
        (Timeouts(first_byte=7), "stall:1:after=0", False, 7, "The first byte of the answer of simulator"),
        (Timeouts(idle=9), "stall:1:after=5", True, 9, "The next bytes of the answer of simulator"),
        (Timeouts(total=11), "stall:1:after=5", True, 11, "The whole call to simulator"),
    ],
)
def test_timeouts_are_obeyed_to_the_moment(
    timeouts: Timeouts, faults: str, stream: bool, after: float, what: str
) -> None:
    async def work(transport: SimulatedTransport) -> None:
        began = asyncio.get_running_loop().time()
        with pytest.raises(UpstreamTimeout, match=what):
            async for _ in (await transport.send(request(stream=stream), timeouts)).chunks():
                pass
        assert asyncio.get_running_loop().time() - began == pytest.approx(after)

    (call,) = with_transport(work, faults)
    assert call.outcome == "stalled"


@pytest.mark.parametrize("delay", [0.0, 0.25])
def test_a_caller_that_leaves_sees_all_that_was_written(delay: float) -> None:
    async def work(transport: SimulatedTransport) -> None:
        leave = Leave()
        response = await transport.send(request(stream=True, max_tokens=400), Timeouts(), leave)
        asyncio.get_running_loop().call_later(0.5, leave.now)
        data = b""
        with pytest.raises(UpstreamUnreachable, match="closed the connection") as raised:
            async for piece in response.chunks():
                data += piece
        assert raised.value.seen_all
        seen.append(data.count(b'"content":"') - 1)

    seen: list[int] = []
    (call,) = with_transport(work, pace="real", delay=lambda: delay)
    assert call.outcome == "cut"
    assert call.delivered == seen[0] > 0


def test_one_that_stops_waiting_is_billed_all_the_same() -> None:
    async def work(transport: SimulatedTransport) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await transport.send(request(), Timeouts())

    (call,) = with_transport(work, pace="real", delay=lambda: 1.0)
    assert (call.outcome, call.input > 0) == ("cut", True)


def test_nobody_answers_where_it_is_down_or_closed() -> None:
    async def work(transport: SimulatedTransport) -> None:
        transport.down.add("/openai")
        with pytest.raises(UpstreamUnreachable, match="connection refused") as raised:
            await transport.send(request(), Timeouts())
        assert not raised.value.sent
        transport.down.clear()
        waiting = asyncio.create_task(transport.send(request(), Timeouts(None, None, None, None)))
        await asyncio.sleep(1)
        await transport.close()
        with pytest.raises(UpstreamUnreachable, match="transport was closed during a call"):
            await waiting
        with pytest.raises(UpstreamUnreachable, match="nothing was sent"):
            await transport.send(request(), Timeouts())

    (call,) = with_transport(work, "stall:1:after=0")
    assert call.outcome == "stalled"


def test_a_slow_reader_holds_the_writer_up() -> None:
    async def work(transport: SimulatedTransport) -> None:
        response = await transport.send(request(stream=True, max_tokens=16_000, prompt="long"), Timeouts())
        await asyncio.sleep(30)
        assert isinstance(await response.close(drain=1.0), bytes)

    (call,) = with_transport(work)
    assert call.outcome in ("ok", "cut")


async def one_client(stack: VirtualStack, number: int, at: float) -> None:
    await asyncio.sleep(at)
    ask = make_ask(number, leaving=0.0)
    call = await stack.call(ask.path, ask.body, dict(ask.headers)).run()
    assert call.complete or call.status


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_minutes_of_the_whole_gateway_take_no_time(seed: int) -> None:
    """Two hundred requests under faults; the ledger says what the invoice says."""
    faults = "429:0.05:retry_after=1,500:0.02,529:0.05,reset:0.03,malformed:0.01,stall:0.02:seconds=90"
    simulated = Config(seed=seed, faults=parse_faults(faults), pace="real")
    began = time.process_time()

    async def work() -> tuple[float, dict[str, int], list[Any]]:
        dice, loop = random.Random(seed), asyncio.get_running_loop()
        async with virtual_stack(simulated, seed=seed, delay=(0.005, 0.2)) as stack:
            start = loop.time()
            async with asyncio.TaskGroup() as group:
                for number in range(200):
                    group.create_task(one_client(stack, number, dice.uniform(0, 600)))
            took = loop.time() - start
            bill = await stack.bill()
            assert bill.in_flight == 0
            assert len(stack.ledger.entries) == 200
            story = [(entry.at_us, entry.model, entry.outcome, entry.cost) for entry in stack.ledger.entries]
            return took, dict(balance(stack.ledger.entries, bill, longest=200)), story

    took, kinds, story = run_virtual(work)
    assert took > 590
    assert kinds["exact"] > 150
    assert run_virtual(work) == (took, kinds, story), "the same seed tells the same story"
    assert time.process_time() - began < 4, "two seconds at the very most for each"
