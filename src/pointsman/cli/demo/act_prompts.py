"""The demo's act of the prompts: ask all of them, add up, compare with the providers' invoice."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console

from pointsman.catalog import load_catalog
from pointsman.chat import Usage
from pointsman.cli.acts import Options
from pointsman.cli.environment import Context
from pointsman.clock import SystemClock
from pointsman.config.paths import data_directory
from pointsman.costs import PicoUsd, Pricer, UnpricedUsage, format_usd, parse_usd
from pointsman.demo import DemoPrompt, DemoResult, Report, add_up, load_prompts, official_sdks
from pointsman.demo.prompts.show import progress_bar, render
from pointsman.demo.stage.cast import (
    Cast,
    address_in,
    choose_cast,
    environment_for,
    provider_tables,
    simulator_in,
)
from pointsman.demo.stage.stage import running, write_settings
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts


class Invoice(msgspec.Struct, frozen=True):
    """What the simulated providers say that they are owed."""

    calls: list[dict[str, object]]
    total_usd: str
    rejected_429: int


class PromptsReport(NamedTuple):
    """What came of the act."""

    report: Report
    invoice: Invoice | None
    """None where a real provider was called: theirs come by post."""
    failed: list[DemoResult]


async def perform_prompts(console: Console, context: Context, options: Options) -> PromptsReport:
    """Play the act, and show how far it is.

    Raises:
        ConfigurationError: a process did not start.
    """
    cast = choose_cast(context.environment, simulated_only=options.simulated)
    prompts = load_prompts()[: options.limit]
    _introduce(console, cast, prompts, options)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pointsman-demo-")))
        environment = environment_for(context.environment, cast)
        simulator = ""
        if cast.simulated:
            arguments = _simulate(options)
            line = await stack.enter_async_context(running(arguments, "are ready", environment))
            simulator = simulator_in(line)
        settings = write_settings(folder, _fresh_database(context), provider_tables(cast, simulator))
        arguments = ["serve", "--config", str(settings), "--port", "0", "--admin-port", "0"]
        gateway = address_in(await stack.enter_async_context(running(arguments, "is ready", environment)))
        results = await _ask(console, gateway, prompts, options.concurrency)
        invoice = await _invoice(simulator) if cast.all_simulated else None
    return PromptsReport(add_up(results, _price), invoice, [result for result in results if not result.ok])


def show_prompts(console: Console, played: PromptsReport) -> None:
    console.print()
    console.print(render(played.report, console.width))
    for result in played.failed[:5]:
        console.print(f"[red]{result.prompt_id} on {result.model}: {result.error}[/red]")
    if played.invoice is not None:
        console.print(_compare(played.report, played.invoice))


def prompts_database(context: Context) -> Path:
    """The demo's own ledger, apart from the user's."""
    return data_directory(context.environment) / "demo.db"


def _introduce(console: Console, cast: Cast, prompts: Sequence[DemoPrompt], options: Options) -> None:
    console.print(
        f"{len(prompts)} prompts through the gateway with the official openai and anthropic SDKs, "
        f"{options.concurrency} at once, streamed and not."
    )
    if cast.real:
        console.print(
            f"Real and billed, since their keys are set: {', '.join(cast.real)}. "
            "(--simulated keeps everything simulated.)",
            style="yellow",
        )
    if cast.simulated:
        failing = f", with faults {options.faults}" if options.faults else ""
        console.print(f"Simulated: {', '.join(cast.simulated)}{failing}.", style="dim")


def _simulate(options: Options) -> list[str]:
    arguments = ["simulate", "--port", "0", "--seed", str(options.seed), "--speed", str(options.speed)]
    return [*arguments, "--faults", options.faults] if options.faults else arguments


def _fresh_database(context: Context) -> Path:
    """Begun anew each time."""
    database = prompts_database(context)
    database.parent.mkdir(parents=True, exist_ok=True)
    for path in database.parent.glob("demo.db*"):
        if path.is_file():
            path.unlink()
    return database


async def _ask(
    console: Console, gateway: str, prompts: Sequence[DemoPrompt], concurrency: int
) -> list[DemoResult]:
    bar = progress_bar()
    bar.live.console = console
    with bar:
        task = bar.add_task("asking", total=len(prompts))
        async with official_sdks(gateway, "demo", clock=time.monotonic) as asker:
            return await asker.ask_all(prompts, concurrency=concurrency, done=lambda _: bar.advance(task))


def _price(model: str, usage: Usage) -> PicoUsd | None:
    known = load_catalog().resolve(model)
    if known is None:
        return None
    try:
        return Pricer(known).price(usage, SystemClock().now_us())
    except UnpricedUsage:
        return None


async def _invoice(simulator: str) -> Invoice:
    transport = Http1Transport()
    try:
        response = await transport.send(HttpRequest("GET", f"{simulator}/invoice"), Timeouts())
        return msgspec.json.decode(await response.read(), type=Invoice)
    finally:
        await transport.close()


def _compare(report: Report, invoice: Invoice) -> str:
    """The simulated providers keep books of their own: the gateway's must say the same."""
    owed = parse_usd(invoice.total_usd)
    calls = f"{len(invoice.calls)} calls, {invoice.rejected_429} of them refused with 429"
    if owed == report.total.cost and not report.total.unpriced:
        return (
            f"The providers' own invoice: ${invoice.total_usd} for {calls}. The gateway booked exactly that."
        )
    return (
        f"[red]The providers' own invoice: ${invoice.total_usd} for {calls}; "
        f"the gateway's answers add up to ${format_usd(report.total.cost)}.[/red]"
    )
