"""The synchronous client, against a stack that runs in a thread of its own, and in processes of its own."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pointsman import Client, errors
from pointsman.client.loop import LoopThread
from pointsman.simulator import Config, parse_faults
from tests.support.stack import running_stack


class Running:
    """A stack in a thread."""

    def __init__(self, faults: str = "", **simulator: Any) -> None:
        self._loop = LoopThread()
        self._stack = running_stack(Config(faults=parse_faults(faults), **simulator))
        self.stack = self._loop.run(lambda: self._stack.__aenter__())

    def calls(self) -> Any:
        """What is on the invoice, once anything is: a call that was cut when the simulator has noticed."""

        async def look() -> Any:
            async with asyncio.timeout(10):
                while not (invoice := await self.stack.invoice())["calls"]:
                    continue
                return invoice["calls"]

        return self._loop.run(look)

    def close(self) -> None:
        async def leave() -> None:
            await self._stack.__aexit__(None, None, None)

        self._loop.run(leave)
        self._loop.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    made = Running()
    yield made
    made.close()


@pytest.fixture
def slow() -> Iterator[Running]:
    made = Running(pace="real")
    yield made
    made.close()


@pytest.fixture(params=["in_process", "remote"])
def client(request: pytest.FixtureRequest, running: Running) -> Iterator[Client]:
    with _client(request.param, running) as made:
        yield made


def _client(how: str, running: Running) -> Client:
    if how == "remote":
        return Client(running.stack.gateway_url + "/v1")
    return Client(simulator_url=running.stack.simulator_url)


def test_chat_and_stream(client: Client) -> None:
    whole = client.chat("claude-haiku-4-5", "Why is the sky blue?", system="Be brief.", max_tokens=30)
    assert whole.text
    assert whole.cost is not None
    with client.stream("claude-haiku-4-5", "Why is the sky blue?", max_tokens=30) as stream:
        text = "".join(chunk.text for chunk in stream)
        result = stream.result()
    assert result.text == text
    assert result.cost is not None
    assert client.stream("gpt-4o", "Hi").result().text


def test_many_threads_share_one_client(client: Client) -> None:
    def ask(number: int) -> int:
        result = client.chat("gpt-4o", f"Question {number}", max_tokens=number + 1)
        assert result.usage is not None
        return result.usage.output

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(24))) == [number + 1 for number in range(24)]


def test_feedback_goes_to_the_gateway(client: Client) -> None:
    with pytest.raises(errors.NotFound, match="req_none"):
        client.feedback("req_none", 1.0)


def test_errors_are_those_of_the_tree(client: Client) -> None:
    with pytest.raises(errors.ModelNotFound):
        client.chat("no-such-model", "Hi")
    with pytest.raises(errors.ModelNotFound):
        list(client.stream("no-such-model", "Hi"))


def test_closing_twice_and_use_after_it(running: Running) -> None:
    for how in ("in_process", "remote"):
        client = _client(how, running)
        stream = client.stream("gpt-4o", "Hi")
        client.close()
        client.close()
        stream.close()
        with pytest.raises(errors.InvalidRequest, match="client is closed"):
            client.chat("gpt-4o", "Hi")
        with pytest.raises(errors.InvalidRequest, match="client is closed"):
            client.stream("gpt-4o", "Hi")
        with pytest.raises(errors.InvalidRequest, match="client is closed"):
            stream.result()


def test_a_wrong_argument_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with pytest.raises(errors.ConfigurationError):
        Client(api_key="pm_x")
    assert set(threading.enumerate()) <= before


def test_another_thread_may_stop_a_stream(slow: Running) -> None:
    with _client("in_process", slow) as client:
        stream = client.stream("gpt-4o", "Tell me everything about trains", max_tokens=2000)
        next(stream)
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(lambda: [chunk.text for chunk in stream])
            stream.close()
            reading.result(10)
    (call,) = slow.calls()
    assert call["outcome"] == "cut"


PROGRAM = """
import sys
from pointsman import Client

client = Client(sys.argv[1]) if sys.argv[1] else Client(simulator_url=sys.argv[2])
stream = client.stream("gpt-4o", "Tell me everything about trains", max_tokens=2000)
try:
    for chunk in stream:
        print("begun", flush=True)
except KeyboardInterrupt:
    print("stopped", flush=True)
    client.close()
    sys.exit(7)
"""


@pytest.mark.parametrize("how", ["in_process", "remote"])
def test_ctrl_c_stops_the_call_and_the_provider(slow: Running, how: str) -> None:
    stack = slow.stack
    gateway = stack.gateway_url if how == "remote" else ""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, gateway, stack.simulator_url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (out.splitlines()[-1], err, process.returncode) == ("stopped", "", 7)
    (call,) = slow.calls()
    assert call["outcome"] == "cut"


def test_a_client_that_nobody_closed_is_closed_at_exit(running: Running, tmp_path: Any) -> None:
    """Its ledger is whole, and the interpreter ends."""
    ledger = tmp_path / "calls.db"
    program = (
        "from pointsman import Client\n"
        f"client = Client(simulator_url={running.stack.simulator_url!r}, ledger={str(ledger)!r})\n"
        "print(client.chat('gpt-4o', 'Hi').request_id)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ended.stderr, ended.returncode) == ("", 0)
    from pointsman.ledger.sqlite import SqliteLedger

    async def find() -> Any:
        store = SqliteLedger(ledger)
        try:
            return await store.find(ended.stdout.strip())
        finally:
            await store.close()

    assert asyncio.run(find()).outcome == "ok"
