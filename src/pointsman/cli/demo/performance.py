"""What ``pointsman demo`` does: its acts, one after the other, and what to try next."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console

from pointsman.cli.acts import Act, Options
from pointsman.cli.environment import Context
from pointsman.demo.burst.burst import Burst, BurstReport, small_burst
from pointsman.demo.caching.caching import Scale as Day
from pointsman.demo.caching.caching import small_scale as small_day
from pointsman.demo.caching.told import CachingReport
from pointsman.demo.routing.routing import Scale, small_scale
from pointsman.demo.routing.show import RoutingReport
from pointsman.demo.stage.cast import choose_cast, environment_for
from pointsman.errors import ConfigurationError

if TYPE_CHECKING:
    from .act_prompts import PromptsReport


def perform(context: Context, options: Options) -> None:
    """Raises ConfigurationError: the extra "demo" is missing, or a process did not start."""
    missing = [name for name in ("openai", "anthropic") if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"The demo asks with the official SDKs, and {' and '.join(missing)} cannot be imported: "
            "pip install 'pointsman[demo]'."
        )
    asyncio.run(_perform(context, options))


async def _perform(context: Context, options: Options) -> None:
    """Each act loads what it needs when it is played: the SDKs alone take seconds."""
    console = Console(stderr=options.as_json)
    prompts = burst = routing = caching = None
    database = folder = None
    if Act.prompts in options.acts:
        prompts, database = await _prompts(console, context, options)
    if Act.burst in options.acts:
        burst = await _burst(console, context, options)
    if Act.routing in options.acts and (missing := _missing_for_routing()):
        console.print(f"\nThe act of the routing is left out: {missing}", soft_wrap=True, markup=False)
    elif Act.routing in options.acts:
        folder = Path(tempfile.mkdtemp(prefix="pointsman-routing-"))
        try:
            routing = await _routing(console, context, options, folder)
        finally:
            if routing is None or options.as_json:  # else it can be looked at afterwards
                shutil.rmtree(folder, ignore_errors=True)
    if Act.caching in options.acts:
        caching = await _caching(console, context, options)
    if options.as_json:
        report, invoice = (prompts.report, prompts.invoice) if prompts else (None, None)
        found = {"report": report, "invoice": invoice, "burst": burst, "routing": routing, "caching": caching}
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return
    _say_what_next(console, database, folder)


async def _prompts(console: Console, context: Context, options: Options) -> tuple[PromptsReport, Path]:
    from .act_prompts import perform_prompts, prompts_database, show_prompts

    report = await perform_prompts(console, context, options)
    if not options.as_json:
        show_prompts(console, report)
    return report, prompts_database(context)


async def _burst(console: Console, context: Context, options: Options) -> BurstReport:
    """All of it is simulated, whatever keys are set: nobody wants a provider hammered in earnest."""
    from .act_burst import perform_burst, show_burst

    environment = environment_for(context.environment, choose_cast(context.environment, simulated_only=True))
    burst = Burst() if options.limit is None else small_burst(options.limit)
    with tempfile.TemporaryDirectory(prefix="pointsman-burst-") as folder:
        report = await perform_burst(
            console, environment, Path(folder), burst=burst, seed=options.seed, speed=options.speed
        )
    if not options.as_json:
        show_burst(console, report)
    return report


async def _caching(console: Console, context: Context, options: Options) -> CachingReport:
    """All of it is simulated, whatever keys are set: everything is asked twice."""
    from .act_caching import perform_caching, show_caching

    environment = environment_for(context.environment, choose_cast(context.environment, simulated_only=True))
    scale = Day() if options.limit is None else small_day(options.limit)
    with tempfile.TemporaryDirectory(prefix="pointsman-caching-") as folder:
        report = await perform_caching(console, environment, Path(folder), scale=scale, seed=options.seed)
    if not options.as_json:
        show_caching(console, report)
    return report


def _missing_for_routing() -> str:
    """What cannot be imported, and how to get it; "" where nothing is missing."""
    if all(find_spec(name) for name in ("numpy", "scipy", "sklearn")):
        return ""
    return "it learns with NumPy and scikit-learn, which are not installed: pip install 'pointsman[train]'."


async def _routing(console: Console, context: Context, options: Options, folder: Path) -> RoutingReport:
    """All of it is simulated, whatever keys are set: it asks thousands of things."""
    from .act_routing import perform_routing, show_routing

    environment = environment_for(context.environment, choose_cast(context.environment, simulated_only=True))
    scale = Scale() if options.limit is None else small_scale(options.limit)
    report = await perform_routing(console, environment, folder, scale=scale, seed=options.seed)
    if not options.as_json:
        show_routing(console, report)
    return report


def _say_what_next(console: Console, database: Path | None, routing: Path | None = None) -> None:
    """
    Args:
        database: what the prompts were booked in.
        routing: where the act of the routing left its settings and ledger.
    """
    command = _own_name()
    console.print("\nTry next:")
    lines = [f"{command} usage --db {database} --by model"] if database else []
    if routing:
        from .act_routing import next_commands

        lines += [f"{command} {line}" for line in next_commands(routing)]
    if len(lines) < 3:
        ask = f'{command} chat --base-url http://127.0.0.1:8080 "Why is the sky blue?"   (while it serves)'
        lines += [f"{command} serve", ask]
    for line in lines:
        console.print(f"  {line}", style="bold", soft_wrap=True)


def _own_name() -> str:
    """How this command was called, short enough to be typed."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return "python -m pointsman"
    try:
        return str(called.resolve().relative_to(Path.cwd()))
    except ValueError:
        return called.name
