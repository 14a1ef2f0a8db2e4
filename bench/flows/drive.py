"""One contender's callers, in a process of their own: sends a plan, and writes down how each request ended.

Standard library only, but for what ``contenders`` imports: LiteLLM's runs in an environment of its own. Says
``ready`` when everything is imported, begins at the line ``go`` on its standard input, and prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.flows.traffic import PATIENCE, Plan, Request, read_plan

MARGIN = 2.0
"""Seconds before a caller's patience is over by which its request must have begun."""
BATCH_SECONDS = 120.0
"""What a batch has not got by then it does not get."""
PASS_PAUSE = 1.0
"""Seconds between two passes over what a batch still lacks."""

Send = Callable[[Request], Awaitable[int]]
"""Answers with the tokens of the answer; raises whatever the contender does."""


@dataclass
class Record:
    """One call of a caller. Times in seconds after the beginning."""

    key: str
    begun: float
    ended: float
    outcome: str
    """ok, failed, or "gave up" where the caller's patience was over."""
    tokens: int = 0
    error: str = ""


@dataclass
class Outcome:
    records: list[Record] = field(default_factory=list)
    unfinished: int = 0
    """Calls that were under way at the cut."""
    completed: float | None = None
    """When the last request of a batch had its answer; None if that never was."""


class Driver:
    """All callers of one contender.

    Args:
        patience: seconds after which a caller gives up; None is never.
    """

    def __init__(
        self, send: Send, patience: float | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._send = send
        self._patience = patience
        self._clock = clock
        self._begun = clock()
        self.outcome = Outcome()

    def now(self) -> float:
        return self._clock() - self._begun

    async def steady(self, plan: Plan) -> None:
        """Each request at its time, whatever comes back, until the cut."""
        tasks = []
        for request in plan.steady:
            await asyncio.sleep(max(0.0, request.at - self.now()))
            if self.now() >= plan.seconds:
                break  # the contender has kept this process too busy to send everything
            tasks.append(asyncio.create_task(self._one(request)))
        await asyncio.sleep(max(0.0, plan.seconds - self.now()))
        self.outcome.unfinished = sum(not task.done() for task in tasks)

    async def batch(self, plan: Plan) -> None:
        """All at once; then what was not answered again, as a script would that has to get through."""
        left, most = list(plan.batch), min(plan.seconds, BATCH_SECONDS)
        while left:
            tasks = [asyncio.create_task(self._one(request)) for request in left]
            done, _ = await asyncio.wait(tasks, timeout=max(0.0, most - self.now()))
            answered = [task in done and task.result() for task in tasks]
            left = [request for request, ok in zip(left, answered, strict=True) if not ok]
            if left and self.now() + PASS_PAUSE >= most:
                self.outcome.unfinished = len(left)
                return
            if left:
                await asyncio.sleep(PASS_PAUSE)
        self.outcome.completed = self.now()

    async def _one(self, request: Request) -> bool:
        begun = self.now()
        record = Record(request.key, begun, begun, "ok")
        limit = asyncio.timeout(self._patience)
        try:
            async with limit:
                record.tokens = await self._send(request)
        except Exception as error:  # noqa: BLE001 - whatever a library raises is how its caller's request ended
            record.outcome = "gave up" if limit.expired() else "failed"
            record.error = f"{type(error).__name__}: {error}"[:200]
        record.ended = self.now()
        self.outcome.records.append(record)
        return record.outcome == "ok"


async def run(arguments: argparse.Namespace) -> None:
    from bench.flows.contenders import sender

    plan = read_plan(arguments.plan)
    steady = arguments.mode == "steady"
    max_wait = PATIENCE - MARGIN if steady else plan.seconds
    keys = arguments.keys.split(",")
    send, _ = sender(arguments.contender, arguments.door, keys, plan, max_wait)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await asyncio.sleep(arguments.after)
    driver = Driver(send, PATIENCE if steady else None)
    await (driver.steady(plan) if steady else driver.batch(plan))
    arguments.out.write_text(json.dumps(asdict(driver.outcome)))
    # What is under way at the cut is left as it is: to cancel hundreds of calls keeps some libraries busy for
    # minutes, in which nobody learns anything.
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=["steady", "batch"])
    parser.add_argument("contender")
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--door", required=True, help="base URL with /v1")
    parser.add_argument("--keys", default="any,any,any,any", help="API key of each tenant")
    parser.add_argument("--after", type=float, default=0.0, help="seconds from go to the beginning")
    parser.add_argument("--out", type=Path, required=True)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
