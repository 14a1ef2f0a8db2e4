"""What the interpreter does for one plain request: Python calls and bytecode instructions, by function.

    python -m bench.steps               # the functions with the most instructions
    python -m bench.steps --crossed     # OpenAI's dialect in front, Anthropic's behind
    python -m bench.steps --batches N   # nothing is counted: for a profiler, as `valgrind --tool=callgrind`

Times vary by half on a machine that others use; these counts are the same each time. They tell what changed
and not how long it takes: some instructions take a hundred times as long as others, and what C does is not
among them (callgrind counts it: run with two numbers of batches and take the difference).

Nothing is sent: the server's and the upstream's connections get their bytes from here, 64 requests at a time,
and the ledger's thread is left out. All else is as `pointsman serve` puts it together.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, cast

import uvloop

from bench import plan
from pointsman.config import load_settings, read_toml
from pointsman.gateway.build import FrontDoor, build_gateway
from pointsman.gateway.edge.server import GuardedProtocol, Server
from pointsman.http1 import Http1Transport, origin
from pointsman.keys import KeyDirectory, StoredKey, hash_key, make_key
from pointsman.ledger import MemoryLedger
from pointsman.ledger.mmap import OpenCalls
from pointsman.providers import configured_providers

_HEAD = (
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 17:00:00 GMT\r\n"
    "Content-Type: application/json\r\nContent-Length: {}\r\nConnection: keep-alive\r\n\r\n"
)


class Wire:
    """A transport to nowhere: what is written to it lies in ``written``, of all of them together."""

    def __init__(self, written: list[Wire]) -> None:
        self._written = written
        self.protocol: asyncio.Protocol | None = None
        self.data = b""

    is_closing = bool  # False, and no Python call that a real one does not have

    def write(self, data: bytes) -> None:
        self.data = data
        self._written.append(self)

    def __getattr__(self, name: str) -> Any:
        return _address if name == "get_extra_info" else _nothing


def _nothing(*_: object, **__: object) -> None:
    pass


def _address(name: str) -> object:
    return ("127.0.0.1", 1) if name in ("peername", "sockname") else None


class Rig:
    """The gateway between 64 clients and an upstream that both answer at once."""

    def __init__(self, work: Path, *, crossed: bool) -> None:
        text = (plan.CONFIG / "pointsman.toml").read_text()
        for name, value in (("@WORK@", str(work)), ("@PLAIN@", "9"), ("@STREAMS@", "9")):
            text = text.replace(name, value)
        file = work / "pointsman.toml"
        file.write_text(text)
        settings = load_settings({}, read_toml(file), {})
        key = make_key(bytes(range(20)))
        stored = StoredKey("key_1", "bench", "", hash_key(key), "pm_…", 0)
        self._books = MemoryLedger(keep=1)
        self._calls = OpenCalls(work / "calls")
        gateway = build_gateway(
            settings,
            configured_providers(settings, {}),
            ledger=self._books,
            open_calls=self._calls,
            door=FrontDoor(KeyDirectory([stored])),
            environment={},
            transport=Http1Transport(),
        )
        server = Server(gateway.app, guarded=True)
        server.config.load()
        model, body = plan.PLAIN_MODEL, plan.openai_answer()
        if crossed:
            model, body = plan.CROSSED_MODEL, plan.anthropic_answer()
        asked = plan.request_body(model, stream=False)
        self._request = plan.http_request(8080, "/v1/chat/completions", asked, key)
        self._answer = _HEAD.format(len(body)).encode() + body
        self._written: list[Wire] = []
        self._clients = [self._client(server) for _ in range(plan.CONNECTIONS)]
        vars(origin)["dial"] = self._dial  # the one place where a socket is made

    def _client(self, server: Server) -> Wire:
        wire = Wire(self._written)
        protocol = GuardedProtocol(config=server.config, server_state=server.server_state, app_state={})
        wire.protocol = protocol
        protocol.connection_made(cast(asyncio.Transport, wire))
        return wire

    async def _dial(self, loop: object, target: object, proxy: object, tls: object, make: Any) -> Any:
        wire = Wire(self._written)
        wire.protocol = connection = make()
        connection.connection_made(wire)
        return connection

    async def batch(self) -> None:
        """One request of each client, from its bytes to those of its answer."""
        for wire in self._clients:
            _deliver(wire, self._request)
        for wire in await self._all_written():
            _deliver(wire, self._answer)
        for wire in await self._all_written():
            assert wire.data.startswith(b"HTTP/1.1 200"), wire.data

    def tidy(self) -> None:
        """What the ledger's thread would do."""
        for request_id in list(self._calls._taken):
            self._calls.end(request_id)

    async def _all_written(self) -> list[Wire]:
        while len(self._written) < len(self._clients):  # noqa: ASYNC110 - turns of the loop, not time
            await asyncio.sleep(0)
        written = self._written.copy()
        self._written.clear()
        return written


def _deliver(wire: Wire, data: bytes) -> None:
    assert wire.protocol is not None
    wire.protocol.data_received(data)


class Count:
    """Calls and instructions, by code object, while it is the tracer."""

    def __init__(self) -> None:
        self.calls: Counter[CodeType] = Counter()
        self.steps: Counter[CodeType] = Counter()

    def __call__(self, frame: FrameType, event: str, _: object) -> Count:
        if event == "call":
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            self.calls[frame.f_code] += 1
        elif event == "opcode":
            self.steps[frame.f_code] += 1
        return self


async def count(rig: Rig, rounds: int, lines: int) -> None:
    counted = Count()
    for _ in range(rounds):
        sys.settrace(counted)
        await rig.batch()
        sys.settrace(None)
        rig.tidy()
    requests = rounds * plan.CONNECTIONS
    calls, steps = sum(counted.calls.values()) / requests, sum(counted.steps.values()) / requests
    print(f"a request: {calls:.1f} Python calls, {steps:.0f} instructions of the interpreter\n")
    for code, number in counted.steps.most_common(lines):
        file = code.co_filename.rpartition("/src/")[2].rpartition("site-packages/")[2]
        print(f"{number / requests:7.1f}  {code.co_qualname}  ({file}:{code.co_firstlineno})")


async def run(arguments: argparse.Namespace, work: Path) -> None:
    rig = Rig(work, crossed=arguments.crossed)
    for _ in range(20):  # until connections are there, and what is learned from each of the first calls is
        await rig.batch()
        rig.tidy()
    if not arguments.batches:
        await count(rig, 3, arguments.lines)
    for _ in range(arguments.batches):
        await rig.batch()
        rig.tidy()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.steps", description=__doc__.splitlines()[0])
    parser.add_argument("--crossed", action="store_true", help="translated, in place of the same dialect")
    parser.add_argument("--batches", type=int, default=0, help="of 64 requests; count nothing")
    parser.add_argument("--lines", type=int, default=40, help="how many functions")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pointsman-steps-") as directory:
        uvloop.run(run(arguments, Path(directory)))


if __name__ == "__main__":
    main()
