"""The demo's act of the routing: a route learns from its traffic, earns a certificate, and is compared."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.live import Live
from rich.text import Text

from pointsman.costs import PicoUsd
from pointsman.demo.routing.ask import Counter, Room, Sender, send_all
from pointsman.demo.routing.routing import (
    ALL,
    BASELINE,
    DAILY_USD,
    FEW,
    FLOOR,
    LEARNED,
    ROUTE,
    STRONG,
    WEAK,
    Lane,
    Scale,
    Sent,
    draw_prompts,
    kind_reports,
    lane_report,
    lanes,
    settings_text,
    skills_text,
)
from pointsman.demo.routing.show import (
    RoutingReport,
    certificate_panel,
    learning,
    picture,
    racing,
    skills_table,
)
from pointsman.demo.routing.told import RouteTold, SavingsTold, SavingsTotal, TuneTold
from pointsman.demo.stage.cast import address_in, simulator_in
from pointsman.demo.stage.stage import finished, running, write_settings
from pointsman.http1 import Http1Transport
from pointsman.routing.labels.sqlite import SqliteLabels
from pointsman.simulator.exercises import Exercise

LOOK_SECONDS = 0.1
RACE_LOOK_SECONDS = 0.25
PATIENCE = 100
"""Looks without a new label, after which no more are waited for."""
AHEAD = 56
"""Requests whose shadows may be under way."""
DATABASE = "routing.db"


async def perform_routing(
    console: Console, environment: Mapping[str, str], folder: Path, *, scale: Scale, seed: int
) -> RoutingReport:
    """Play the act, and show it live.

    Args:
        folder: for the settings and the ledger, which stay there.

    Raises:
        ConfigurationError: a process did not start, or failed.
    """
    act = _Act(console, environment, folder, seed)
    _introduce(console)
    to_learn, to_show = draw_prompts(seed, scale)
    async with AsyncExitStack() as stack:
        skills = folder / "skills.toml"
        skills.write_text(skills_text(), encoding="utf-8")
        arguments = [
            "simulate",
            "--port",
            "0",
            "--pace",
            "none",
            "--seed",
            str(seed),
            "--skills",
            str(skills),
        ]
        line = await stack.enter_async_context(running(arguments, "are ready", environment))
        act.simulator = simulator_in(line)
        counter, labelled, spent = await act.learn(to_learn)
        route = await act.certify()
        compared = lanes(route.weak_share(WEAK))
        counters = await act.race(compared, to_show)
    learned, baseline = (_in_order(counters[at]) for at in (LEARNED, BASELINE))
    return RoutingReport(
        learning_requests=counter.all,
        learning_errors=counter.errors,
        labelled_prompts=labelled,
        learning_cost=counter.cost,
        shadows_cost=spent,
        route=route,
        lanes=tuple(
            lane_report(lane, _in_order(each), each.errors)
            for lane, each in zip(compared, counters, strict=True)
        ),
        kinds=kind_reports(learned, baseline),
        savings=await act.savings(),
    )


def show_routing(console: Console, report: RoutingReport) -> None:
    console.print()
    console.print(picture(report, console.width))


def next_commands(folder: Path) -> list[str]:
    """What can be looked at of the act afterwards."""
    config = f"--config {folder / 'pointsman.toml'}"
    prompt = "There are 60 books in the library. 5 are taken away. How many are left in the end?"
    return [f"route status {config}", f'route explain "{prompt}" {config}', f"savings {config}"]


class _Act:
    """What its parts share."""

    def __init__(self, console: Console, environment: Mapping[str, str], folder: Path, seed: int) -> None:
        self._console = console
        self._environment = environment
        self._folder = folder
        self._database = folder / DATABASE
        self._seed = seed
        self.simulator = ""

    async def learn(self, prompts: Sequence[Exercise]) -> tuple[Counter, int, PicoUsd]:
        """Send the prompts, all of them shadowed, until what came of it is kept.

        Returns:
            What was sent, how many prompts are labelled, and what the shadows cost.
        """
        self._say(
            1,
            f"Strong by default. [auto.{ROUTE}] shall keep {FLOOR:.0%} of {STRONG}'s quality, and there is "
            f"no evidence yet: so {STRONG} answers everything. Unseen by the clients, shadows ask {WEAK} "
            "the same (here each time; for 1 to 5% of requests is usual), and a grader looks whether both "
            "say the same number. Nobody tells it which number is right.",
        )
        counter = Counter(len(prompts))
        async with AsyncExitStack() as stack:
            sender = await self._gateway(stack, ALL)
            labels = SqliteLabels(self._database)
            jobs = [(counter, at, "auto", prompt) for at, prompt in enumerate(prompts)]
            room = Room(AHEAD)
            sending = await stack.enter_async_context(_beside(send_all(sender.ask, jobs, room)))
            labelled, still = 0, 0
            with Live(console=self._console, transient=True, auto_refresh=False) as live:
                while not sending.done() or (labelled < len(counter.sent) and still < PATIENCE):
                    await asyncio.sleep(LOOK_SECONDS)
                    before = labelled
                    labelled, spent = await asyncio.to_thread(_kept, labels)
                    still = still + 1 if labelled == before else 0
                    room.follow(counter.done if still >= PATIENCE else labelled)
                    live.update(learning(counter, labelled, spent, DAILY_USD), refresh=True)
            sending.result()
        labelled, spent = await asyncio.to_thread(_kept, labels)
        self._console.print(learning(counter, labelled, spent, DAILY_USD))
        return counter, labelled, spent

    async def certify(self) -> RouteTold:
        """Learn and certify, by the command that a user would call."""
        self._say(
            2,
            f"Learn from one half of the labels, certify on the other: pointsman route tune {ROUTE} --yes",
        )
        with self._console.status("learning …"):
            told = await self._command(["route", "tune", ROUTE, "--yes", "--seed", str(self._seed)])
        route = msgspec.json.decode(told, type=TuneTold).routes[0]
        self._console.print(certificate_panel(route))
        return route

    async def race(self, compared: Sequence[Lane], prompts: Sequence[Exercise]) -> list[Counter]:
        """Send each of the prompts in each lane."""
        self._say(
            3,
            f"New prompts, each sent in {len(compared)} ways; shadows are turned down to {FEW:.0%}. Which "
            "answers are right is known here, since the exercises are the demo's own.",
        )
        dice = random.Random(self._seed)
        counters = [Counter(len(prompts)) for _ in compared]
        jobs = []
        for at, prompt in enumerate(prompts):
            drawn = dice.random()
            jobs += [
                (counter, at, lane.asks(drawn), prompt)
                for lane, counter in zip(compared, counters, strict=True)
            ]
        async with AsyncExitStack() as stack:
            sender = await self._gateway(stack, FEW)
            sending = await stack.enter_async_context(_beside(send_all(sender.ask, jobs)))
            with Live(console=self._console, transient=True, auto_refresh=False) as live:
                while not sending.done():
                    await asyncio.wait((sending,), timeout=RACE_LOOK_SECONDS)
                    live.update(racing(compared, counters), refresh=True)
            sending.result()
        return counters

    async def savings(self) -> SavingsTotal:
        """What the ledger says, by the command for that."""
        told = await self._command(["savings", "--route", ROUTE])
        return msgspec.json.decode(told, type=SavingsTold).total

    async def _gateway(self, stack: AsyncExitStack, shadows: float) -> Sender:
        settings = write_settings(self._folder, self._database, settings_text(self.simulator, shadows))
        arguments = ["serve", "--config", str(settings), "--port", "0", "--admin-port", "0"]
        line = await stack.enter_async_context(running(arguments, "is ready", self._environment))
        transport = Http1Transport()
        stack.push_async_callback(transport.close)
        return Sender(transport, address_in(line))

    async def _command(self, arguments: Sequence[str]) -> bytes:
        where = ["--json", "--db", str(self._database), "--config", str(self._folder / "pointsman.toml")]
        return await finished([*arguments, *where], self._environment)

    def _say(self, number: int, what: str) -> None:
        self._console.print()
        self._console.print(Text.assemble((f"{number}  ", "bold cyan"), what))


def _introduce(console: Console) -> None:
    console.print(
        "\nTwo models that differ in what they are good at. Both are simulated and their skills made up, "
        f"which say nothing of the real {WEAK} and {STRONG}; only the prices are theirs. The gateway knows "
        "neither skills nor kinds: it sees prompts.\n"
    )
    console.print(skills_table())


def _kept(labels: SqliteLabels) -> tuple[int, PicoUsd]:
    """Prompts that both models are graded on, and what that has cost today."""
    prompts = [
        count.prompts for count in labels.counts() if count.route == ROUTE and count.source == "shadow"
    ]
    return min(prompts, default=0), labels.spent(datetime.now(UTC).date().isoformat(), ROUTE)


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """The work, while the block looks on; given up with it."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait((task,))


def _in_order(counter: Counter) -> list[Sent]:
    return [counter.sent[at] for at in sorted(counter.sent)]
