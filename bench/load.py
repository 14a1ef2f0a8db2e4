"""The load: raw connections on uvloop, which count answers and take the times of each.

    python -m bench.load closed --port P --key K --model M [--stream] --seconds 2 [--streams N]
    python -m bench.load rate   --port P --key K --model M --seconds 4

``closed`` keeps ``plan.CONNECTIONS`` requests under way for the time given (or until N answers were asked
for), then lets the last ones finish. ``rate`` sends ``plan.RATE`` requests a second, whatever comes back.
Prints one JSON object; times are in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import deque
from typing import cast

import httptools
import msgspec
import uvloop

from bench import plan


class Outcome(msgspec.Struct):
    """What came of a run."""

    seconds: float = 0.0
    requests: int = 0
    errors: int = 0
    error: str = ""
    """The first of them."""
    latencies: list[float] = []
    first_bytes: list[float] = []


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request at a time under way."""

    def __init__(self, request: bytes, outcome: Outcome, expected_events: int) -> None:
        self._request = request
        self._outcome = outcome
        self._expected_events = expected_events
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self._sent = 0.0
        self._first = 0.0
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def ask(self) -> asyncio.Future[None]:
        """Send the request; done when its answer is whole."""
        self._waiter = self._loop.create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._body.clear()
        self._first = 0.0
        self._sent = time.perf_counter()
        self._transport.write(self._request)
        return self._waiter

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        if not self._first:
            self._first = time.perf_counter()
        self._body.append(body)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        outcome, status = self._outcome, self._parser.get_status_code()
        events = b"".join(self._body).count(b"data:") if self._expected_events else 0
        if status != 200 or events < self._expected_events:
            self._fail(f"status {status}, {events} events: {b''.join(self._body)[:300]!r}")
            return
        outcome.requests += 1
        outcome.latencies.append((now - self._sent) * 1000)
        outcome.first_bytes.append((self._first - self._sent) * 1000)
        self._done()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiter is not None:
            self._fail(f"the connection was lost: {exc}")

    def close(self) -> None:
        self._transport.close()

    def _fail(self, error: str) -> None:
        self._outcome.errors += 1
        self._outcome.error = self._outcome.error or error
        self._done()

    def _done(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


async def connect(arguments: argparse.Namespace, outcome: Outcome) -> Connection:
    body = plan.request_body(arguments.model, stream=arguments.stream)
    request = plan.http_request(arguments.port, "/v1/chat/completions", body, arguments.key)
    expected = plan.EVENTS if arguments.stream else 0
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: Connection(request, outcome, expected), "127.0.0.1", arguments.port
    )
    return connection


async def closed(arguments: argparse.Namespace) -> Outcome:
    outcome = Outcome()
    connections = [await connect(arguments, outcome) for _ in range(plan.CONNECTIONS)]
    started = time.perf_counter()
    deadline = started + arguments.seconds
    left = arguments.streams or 10**9

    async def drive(connection: Connection) -> None:
        nonlocal left
        while left > 0 and time.perf_counter() < deadline and outcome.errors < 100:
            left -= 1
            await connection.ask()

    await asyncio.gather(*map(drive, connections))
    outcome.seconds = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return outcome


async def rate(arguments: argparse.Namespace) -> Outcome:
    outcome = Outcome()
    idle = deque([await connect(arguments, outcome) for _ in range(8)])

    async def one() -> None:
        connection = idle.popleft() if idle else await connect(arguments, outcome)
        await connection.ask()
        idle.append(connection)

    started = time.perf_counter()
    total = int(arguments.seconds * plan.RATE)
    async with asyncio.TaskGroup() as group:
        for number in range(total):
            await asyncio.sleep(started + number / plan.RATE - time.perf_counter())
            group.create_task(one())
    outcome.seconds = time.perf_counter() - started
    for connection in idle:
        connection.close()
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["closed", "rate"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--stream", action="store_true")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--streams", type=int, default=0)
    arguments = parser.parse_args()
    outcome = uvloop.run(closed(arguments) if arguments.mode == "closed" else rate(arguments))
    print(json.dumps(msgspec.to_builtins(outcome)))


if __name__ == "__main__":
    main()
