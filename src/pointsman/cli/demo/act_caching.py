"""The demo's act of the caches: one day, lived through at two gateways, and two invoices."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
from rich.console import Console
from rich.live import Live

from pointsman.costs import parse_usd
from pointsman.demo.caching.ask import Office, live_through
from pointsman.demo.caching.caching import AGENT_TOKENS, DOES, PARTS, Ask, Scale, agent, day
from pointsman.demo.caching.show import NAMES, living, picture
from pointsman.demo.caching.told import (
    Billed,
    CachingReport,
    Lane,
    Sent,
    SparedTold,
    by_hour,
    costs_by_part,
    part_reports,
)
from pointsman.demo.stage.cast import address_in, simulator_in
from pointsman.demo.stage.stage import finished, running
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts

LOOK_SECONDS = 0.2
_SPEED = 6.0
"""By which the simulated models' waiting is divided here, since the day is short too."""
_LOOKS = 100
"""At most, until the last call is billed."""
WITH, WITHOUT = "keeps answers", "keeps nothing"
_SETTINGS = """\
[storage]
path = "{database}"

[providers.openai]
base_url = "{simulator}/openai/v1"
api_key = "simulated"

[providers.anthropic]
base_url = "{simulator}/anthropic"
api_key = "simulated"

[cache]
enabled = {keeps}

[prompt_cache]
enabled = {keeps}
"""


async def perform_caching(
    console: Console, environment: Mapping[str, str], folder: Path, *, scale: Scale, seed: int
) -> CachingReport:
    """Play the act, and show it live.

    Args:
        folder: for the settings and the ledgers, which stay there.

    Raises:
        ConfigurationError: a process did not start.
    """
    _introduce(console, scale)
    asks, turns = day(scale, random.Random(seed).random), agent(scale)
    lanes = [Lane(name, len(asks) + len(turns)) for name in (WITH, WITHOUT)]
    async with AsyncExitStack() as stack:
        transport = Http1Transport()
        stack.push_async_callback(transport.close)
        lines = await _both(stack, _simulate(seed), "are ready", environment)
        simulators = [simulator_in(line) for line in lines]
        settings = [
            _write_settings(folder, name, simulator, keeps=name == "with")
            for name, simulator in zip(("with", "without"), simulators, strict=True)
        ]
        serve = [["serve", "--port", "0", "--admin-port", "0", "--config", str(path)] for path in settings]
        offices = [
            Office(transport, address_in(line), careful=lane.name == WITH)
            for line, lane in zip(await _both(stack, serve, "is ready", environment), lanes, strict=True)
        ]
        for office in offices:
            stack.push_async_callback(office.close)
        await _live(console, offices, lanes, asks, turns, scale.hour)
        bills = [await _billed(transport, simulator) for simulator in simulators]
    told = await finished(["savings", "--json", "--config", str(settings[0])], environment)
    return _report(lanes, bills, msgspec.json.decode(told, type=SparedTold))


def show_caching(console: Console, report: CachingReport) -> None:
    console.print()
    console.print(picture(report, console.width))


def _simulate(seed: int) -> list[list[str]]:
    return [["simulate", "--port", "0", "--seed", str(seed), "--speed", str(_SPEED)] for _ in range(2)]


async def _both(
    stack: AsyncExitStack, commands: Sequence[list[str]], ready: str, environment: Mapping[str, str]
) -> list[str]:
    """Start them side by side; the lines that say that they are ready."""
    return await asyncio.gather(
        *(stack.enter_async_context(running(command, ready, environment)) for command in commands)
    )


async def _live(
    console: Console,
    offices: Sequence[Office],
    lanes: Sequence[Lane],
    asks: Sequence[Ask],
    turns: Sequence[Ask],
    hour: float,
) -> None:
    """The day at both gateways at the same time."""
    begun = time.monotonic()
    async with asyncio.TaskGroup() as group:
        days = [
            group.create_task(
                live_through(office, lane, asks, turns, hour=hour, sleep=asyncio.sleep, now=time.monotonic)
            )
            for office, lane in zip(offices, lanes, strict=True)
        ]
        with Live(console=console, transient=True, auto_refresh=False) as live:
            while not all(day.done() for day in days):
                await asyncio.wait(days, timeout=LOOK_SECONDS)
                live.update(living(lanes, (time.monotonic() - begun) / hour), refresh=True)


def _report(lanes: Sequence[Lane], bills: Sequence[Billed], ledger: SparedTold) -> CachingReport:
    keeping, not_keeping = lanes
    costs, without = (costs_by_part(bill, lane.sent) for bill, lane in zip(bills, lanes, strict=True))
    return CachingReport(
        parts=part_reports(keeping.sent, costs, without),
        asked_each_hour=by_hour(keeping.sent, lambda _: True),
        given_again_each_hour=by_hour(keeping.sent, lambda each: each.cache in ("hit", "coalesced")),
        calls_each_hour=_calls_by_hour(bills[0], keeping.sent),
        calls_without_each_hour=_calls_by_hour(bills[1], not_keeping.sent),
        invoice=parse_usd(bills[0].total_usd),
        invoice_without=parse_usd(bills[1].total_usd),
        ledger=ledger,
        errors=[f"{lane.name}: {error}" for lane in lanes for error in lane.errors],
    )


def _calls_by_hour(bill: Billed, sent: Sequence[Sent]) -> list[int]:
    asked = {call.client_request_id.rpartition("-")[0] for call in bill.calls}
    own = {each.request_id: each for each in sent}
    return by_hour([own[ident] for ident in asked & own.keys()], lambda _: True)


async def _billed(transport: Http1Transport, simulator: str) -> Billed:
    """The invoice, once all calls are on it."""
    for _ in range(_LOOKS):
        response = await transport.send(HttpRequest("GET", f"{simulator}/invoice"), Timeouts())
        bill = msgspec.json.decode(await response.read(), type=Billed)
        if not bill.in_flight:
            break
        await asyncio.sleep(0.05)
    return bill


def _write_settings(folder: Path, name: str, simulator: str, *, keeps: bool) -> Path:
    path = folder / f"{name}.toml"
    database = (folder / f"{name}.db").as_posix()
    text = _SETTINGS.format(database=database, simulator=simulator, keeps="true" if keeps else "false")
    path.write_text(text, encoding="utf-8")
    return path


def _introduce(console: Console, scale: Scale) -> None:
    console.print(
        f"\nA day in an office, in {scale.seconds:g} seconds: an hour is {scale.hour:.2g} s here, and the "
        f"simulated models are {_SPEED:g} times as quick. The same requests go to two gateways, of which one "
        "keeps answers and the other nothing, each before simulated providers of its own:"
    )
    for part in PARTS:
        console.print(f"  {NAMES[part]}: {DOES[part]}.", style="dim")
    console.print(
        f"  The agent's answers are cut at {AGENT_TOKENS} tokens, so that both gateways' cost the same; its "
        "turns lie minutes apart in a real day, and a prompt cache lives for five.",
        style="dim",
    )
