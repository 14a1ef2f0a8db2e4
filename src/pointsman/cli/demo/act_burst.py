"""The demo's act of the burst: three times of what a provider allows, sent in three ways at the same time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

import msgspec
import openai
from rich.console import Console
from rich.live import Live

from pointsman.demo.burst.burst import (
    LANES,
    LOOP,
    MODEL,
    POINTSMAN,
    SDK,
    WAIT_SECONDS,
    Ask,
    Burst,
    BurstReport,
    Lane,
    LaneReport,
    crowd,
    opening,
)
from pointsman.demo.burst.callers import LoopCaller, SdkCaller
from pointsman.demo.burst.crowd import Caller, Tally, send_all
from pointsman.demo.burst.referee import CallList, LimitsTold, accepted_and_refused
from pointsman.demo.burst.show import picture, running
from pointsman.demo.prompts.report import percentile
from pointsman.demo.stage.cast import address_in, simulator_in
from pointsman.demo.stage.stage import running as started
from pointsman.demo.stage.stage import write_settings
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts

LOOK_SECONDS = 0.4
"""Between two looks at what the simulators have refused."""
OPENING_AT_ONCE = 45
WARM_SECONDS = 1.0

T = TypeVar("T")


async def perform_burst(
    console: Console,
    environment: Mapping[str, str],
    folder: Path,
    *,
    burst: Burst,
    seed: int,
    speed: float,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> BurstReport:
    """Play the act, and show it live.

    Args:
        folder: for the gateway's settings and its ledger.
        sleep: of the loop that backs off; nobody else's.

    Raises:
        ConfigurationError: a process did not start.
    """
    _introduce(console, burst)
    async with AsyncExitStack() as stack:
        arguments = ["simulate", "--port", "0", "--rpm", str(burst.rpm)]
        arguments += ["--seed", str(seed), "--speed", str(speed)]
        lines = await asyncio.gather(
            *(stack.enter_async_context(started(arguments, "are ready", environment)) for _ in LANES)
        )
        simulators = {lane: simulator_in(line) for lane, line in zip(LANES, lines, strict=True)}
        settings = write_settings(folder, folder / "burst.db", _settings(burst, simulators[POINTSMAN]))
        arguments = ["serve", "--config", str(settings), "--port", "0", "--admin-port", "0"]
        line = await stack.enter_async_context(started(arguments, "is ready", environment))
        gateway = address_in(line)
        callers = _callers(gateway, simulators, seed, sleep)
        for caller in callers.values():
            stack.push_async_callback(caller.close)
        transport = Http1Transport()
        stack.push_async_callback(transport.close)
        doors = [gateway, *(f"{simulators[lane]}/openai" for lane in (SDK, LOOP))]
        await _use_up(transport, doors, burst)
        return await _play(console, transport, simulators, callers, burst, seed)


def show_burst(console: Console, report: BurstReport) -> None:
    console.print()
    console.print(picture(report, console.width))


def _introduce(console: Console, burst: Burst) -> None:
    console.print(
        f"\nA provider allows {burst.rpm} requests a minute, and they are used up. Now {burst.requests} more "
        f"come within {burst.seconds:.2g} s, {burst.times:.3g} times what it allows in that time: nobody can "
        f"be ready sooner than after about {burst.least_seconds:.0f} s. Three ways at once, each at a "
        "simulated provider of its own:"
    )
    for lane in LANES:
        console.print(f"  {lane.name}: {lane.does}.", style="dim")
    console.print("  At this provider refused requests count too, as OpenAI documents it.", style="dim")


def _settings(burst: Burst, simulator: str) -> str:
    return (
        f'[providers.openai]\nbase_url = "{simulator}/openai/v1"\napi_key = "simulated"\n\n'
        f'[providers.openai.limits.{MODEL}]\nrpm = {burst.rpm}\nwindow = "refill"\n\n'
        f"[queue]\nmax_wait = {WAIT_SECONDS}\n"
    )


def _callers(
    gateway: str,
    simulators: Mapping[Lane, str],
    seed: int,
    sleep: Callable[[float], Awaitable[None]],
) -> dict[Lane, SdkCaller | LoopCaller]:
    dice = random.Random(seed)
    address = {lane: f"{simulator}/openai/v1" for lane, simulator in simulators.items()}
    return {
        POINTSMAN: SdkCaller(f"{gateway}/v1", "demo", MODEL),
        SDK: SdkCaller(address[SDK], "demo", MODEL),
        LOOP: LoopCaller(address[LOOP], "demo", MODEL, sleep=sleep, random=dice.random),
    }


async def _use_up(transport: Http1Transport, doors: Sequence[str], burst: Burst) -> None:
    """Send what the minute allows at each address, a few at a time, so that the burst finds nothing left.

    One goes first, and has come back to the bucket when the others follow: a process's first request takes
    longer than all later ones.
    """
    first, *others = opening(burst)
    await asyncio.gather(*(_post(transport, door, first) for door in doors))
    await asyncio.sleep(WARM_SECONDS)
    gates = {door: asyncio.Semaphore(OPENING_AT_ONCE) for door in doors}

    async def one(door: str, ask: Ask) -> None:
        async with gates[door]:
            await _post(transport, door, ask)

    await asyncio.gather(*(one(door, ask) for ask in [first, *others] for door in doors))


async def _post(transport: Http1Transport, door: str, ask: Ask) -> None:
    question = [{"role": "user", "content": ask.prompt}]
    body = {"model": MODEL, "messages": question, "max_completion_tokens": ask.max_tokens}
    headers = (("authorization", "Bearer demo"), ("content-type", "application/json"))
    request = HttpRequest("POST", f"{door}/v1/chat/completions", headers, msgspec.json.encode(body))
    response = await transport.send(request, Timeouts())
    await response.read()


async def _play(
    console: Console,
    transport: Http1Transport,
    simulators: Mapping[Lane, str],
    callers: Mapping[Lane, Caller],
    burst: Burst,
    seed: int,
) -> BurstReport:
    before = {lane: await _refused(transport, simulators[lane]) for lane in LANES}
    tallies = {lane: Tally(burst.requests) for lane in LANES}
    begun, begun_us = time.monotonic(), time.time_ns() // 1000
    sending = asyncio.create_task(_send(callers, crowd(burst, random.Random(seed).random), tallies))
    with Live(console=console, transient=True, auto_refresh=False) as live:
        while not sending.done():
            await asyncio.wait((sending,), timeout=LOOK_SECONDS)
            for lane in LANES:
                tallies[lane].refused = await _refused(transport, simulators[lane]) - before[lane]
            live.update(running(tallies, time.monotonic() - begun), refresh=True)
    sending.result()
    lanes = [await _lane_report(transport, lane, simulators[lane], tallies[lane], begun_us) for lane in LANES]
    return BurstReport(burst.rpm, burst.requests, burst.seconds, burst.least_seconds, tuple(lanes))


async def _send(callers: Mapping[Lane, Caller], asks: list[Ask], tallies: Mapping[Lane, Tally]) -> None:
    async with asyncio.TaskGroup() as group:
        for lane, caller in callers.items():
            group.create_task(
                send_all(caller, asks, tallies[lane], clock=time.monotonic, failures=(openai.APIError,))
            )


async def _lane_report(
    transport: Http1Transport, lane: Lane, simulator: str, tally: Tally, begun_us: int
) -> LaneReport:
    calls = await _get(transport, f"{simulator}/invoice", CallList)
    accepted, refused = accepted_and_refused(calls.calls, begun_us)
    return LaneReport(
        name=lane.name,
        does=lane.does,
        asked=tally.all,
        answered=tally.answered,
        errors=len(tally.errors),
        refused_upstream=tally.refused,
        seconds=tally.seconds,
        wait_p50=percentile(tally.waits, 50),
        wait_p99=percentile(tally.waits, 99),
        answered_each_second=accepted,
        refused_each_second=refused,
    )


async def _refused(transport: Http1Transport, simulator: str) -> int:
    return (await _get(transport, f"{simulator}/limits", LimitsTold)).refused


async def _get(transport: Http1Transport, url: str, kind: type[T]) -> T:
    response = await transport.send(HttpRequest("GET", url), Timeouts())
    return msgspec.json.decode(await response.read(), type=kind)
