"""aimock as both providers: its answers, errors and faults, through both faces, whole and streamed."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

from tests.conformance_cli.ask import Seen, ask_anthropic, ask_openai, results
from tests.conformance_cli.outcome import Outcome, holds, same
from tests.conformance_cli.product import fetch, gateway, usage

JUDGE = "aimock"

MODELS = {"openai": "gpt-6-luna", "anthropic": "claude-haiku-4-5"}
ASK = {"openai": ask_openai, "anthropic": ask_anthropic}
STOP = {"openai": "stop", "anthropic": "end_turn"}
CUT = {"openai": "length", "anthropic": "max_tokens"}
CALLS = {"openai": "tool_calls", "anthropic": "tool_use"}

LONG = "This sentence is rather long, so that it goes out in several pieces, one after the other."
USAGE = {"prompt_tokens": 11, "completion_tokens": 13, "input_tokens": 11, "output_tokens": 13}


class Cell(msgspec.Struct, frozen=True):
    face: str
    upstream: str
    stream: bool

    @property
    def name(self) -> str:
        return f"{self.face} face, {self.upstream} upstream, {'streamed' if self.stream else 'whole'}"


CELLS = [Cell(*each) for each in product(("openai", "anthropic"), ("openai", "anthropic"), (False, True))]


class Case(msgspec.Struct, frozen=True):
    """A prompt, what aimock does with it, what the client must see, and the calls that aimock gets."""

    response: dict[str, Any]
    passes: Callable[[Cell, Seen], None]
    more: dict[str, Any] = {}
    calls: int = 1
    only_streamed: bool = False


def _text(text: str, finish: dict[str, str]) -> Callable[[Cell, Seen], None]:
    def passes(cell: Cell, seen: Seen) -> None:
        same("error", seen.error + seen.message, "")
        same("text", seen.text, text)
        same("finish", seen.finish, finish[cell.face])

    return passes


def _counted(cell: Cell, seen: Seen) -> None:
    _text(LONG, STOP)(cell, seen)
    same("tokens", seen.tokens, (11, 13))


def _called(*cities: str, text: str = "") -> Callable[[Cell, Seen], None]:
    def passes(cell: Cell, seen: Seen) -> None:
        _text(text, CALLS)(cell, seen)
        same("calls", seen.calls, [("get_weather", {"city": city}) for city in cities])

    return passes


def _error(kinds: tuple[str, ...], status: int, words: str) -> Callable[[Cell, Seen], None]:
    def passes(cell: Cell, seen: Seen) -> None:
        holds(f"the error is {seen.error}: {seen.message}", seen.error in kinds)
        same("status", seen.status, status)
        holds(f"{words!r} is not in {seen.message!r}", words in seen.message)

    return passes


def _broken(cell: Cell, seen: Seen) -> None:
    """An error in the midst of a stream, after what had come, and never a clean end."""
    holds(f"the error is {seen.error!r}", seen.error in ("APIError", "APIStatusError", "InternalServerError"))
    holds("nothing of the text came through", seen.text and LONG.startswith(seen.text))
    same("finish", seen.finish, "")


_SERVER = ("InternalServerError", "ServiceUnavailableError", "OverloadedError")
_ALWAYS = {"content": "never seen"}


def _refusal(status: int, message: str, kind: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind}, "status": status}


CASES: dict[str, Case] = {
    "text": Case({"content": LONG, "usage": USAGE}, _counted),
    "two tools": Case(
        {"toolCalls": [{"name": "get_weather", "arguments": {"city": city}} for city in ("Paris", "Rome")]},
        _called("Paris", "Rome"),
    ),
    "tool before text": Case(
        {
            "blocks": [
                {"type": "toolCall", "name": "get_weather", "arguments": {"city": "Oslo"}},
                {"type": "text", "text": "Let me look."},
            ]
        },
        _called("Oslo", text="Let me look."),
    ),
    "reasoning": Case({"reasoning": "First I think.", "content": LONG}, _text(LONG, STOP)),
    "cut short": Case({"content": LONG, "finishReason": "length"}, _text(LONG, CUT)),
    "invalid": Case(
        _refusal(400, "You may not ask that.", "invalid_request_error"),
        _error(("BadRequestError",), 400, "You may not ask that."),
    ),
    "slow down": Case(
        _refusal(429, "Slow down, please.", "rate_limit_error"),
        _error(("RateLimitError",), 429, "Slow down, please."),
    ),
    "busy": Case(
        _refusal(503, "Too busy.", "overloaded_error"),
        _error(_SERVER, 503, "Too busy."),
        calls=2,
    ),
    "dropped": Case(_ALWAYS, _error(_SERVER, 500, "dropped"), {"chaos": {"dropRate": 1}}, calls=2),
    "unlucky": Case(_ALWAYS, _error(("RateLimitError",), 429, "rate limit"), {"chaos": {"rateLimitRate": 1}}),
    "malformed": Case(_ALWAYS, _error(_SERVER, 502, "provider"), {"chaos": {"malformedRate": 1}}),
    "disconnected": Case(
        _ALWAYS, _error(_SERVER, 502, "closed the connection"), {"chaos": {"disconnectRate": 1}}, calls=2
    ),
    # Without a pause between the pieces aimock destroys the connection before the first has left.
    "truncated": Case(
        {"content": LONG},
        _broken,
        {"truncateAfterChunks": 5, "chunkSize": 10, "latency": 10},
        only_streamed=True,
    ),
    "interrupted": Case(
        {"content": LONG},
        _broken,
        {"disconnectAfterMs": 200, "chunkSize": 5, "latency": 40},
        only_streamed=True,
    ),
}
RECOVERS, TURNS = "fails once", "tools and their results"


def fixtures() -> list[dict[str, Any]]:
    made = [
        {"match": {"userMessage": f"[{name}]"}, "response": case.response} | case.more
        for name, case in CASES.items()
    ]
    tool = {"name": "get_weather", "arguments": {"city": "Bern"}}
    asked, answer = {"userMessage": f"[{TURNS}]"}, {"content": LONG}
    made += [
        {"match": asked | {"hasToolResult": False}, "response": {"toolCalls": [tool]}},
        {"match": asked | {"toolResultContains": "21 degrees"}, "response": answer},
    ]
    for cell in CELLS:  # aimock counts how often a fixture has matched
        prompt = {"userMessage": f"[{RECOVERS}, {cell.name}]"}
        made += [
            {"match": prompt | {"sequenceIndex": 0}, "response": _refusal(500, "Once.", "server_error")},
            {"match": prompt, "response": answer},
        ]
    return made


@contextmanager
def mock(packages: Path, home: Path) -> Iterator[str]:
    """aimock on a free port; its address."""
    written = home / "fixtures.json"
    written.write_bytes(msgspec.json.encode({"fixtures": fixtures()}))
    program = packages / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
    command = ["node", str(program), "--port", "0", "--fixtures", str(written), "--validate-on-load"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = []
        try:
            for line in process.stdout:
                said.append(line)
                if "listening on " in line:
                    yield line.split("listening on ")[1].strip()
                    break
            else:
                raise AssertionError(f"aimock did not start: {said}")
        finally:
            process.kill()


def judge(outcome: Outcome, packages: Path, home: Path) -> None:
    with mock(packages, home) as base:
        with gateway(home, anthropic=base, openai=f"{base}/v1") as url:
            asked = sum([_cell(outcome, url, cell) for cell in CELLS])
        with outcome.check(JUDGE, "the ledger has every request, and every call that aimock got"):
            _books(home, base, asked)


def _cell(outcome: Outcome, url: str, cell: Cell) -> int:
    """Requests that were made."""

    def ask(prompt: str, *turns: Any) -> Seen:
        messages = [{"role": "user", "content": f"[{prompt}]"}, *turns]
        return ASK[cell.face](url, MODELS[cell.upstream], messages, stream=cell.stream)

    asked = 0
    for name, case in CASES.items():
        if cell.stream or not case.only_streamed:
            asked += 1
            with outcome.check(JUDGE, f"{name}, {cell.name}"):
                case.passes(cell, ask(name))
    with outcome.check(JUDGE, f"{RECOVERS}, {cell.name}"):
        _text(LONG, STOP)(cell, ask(f"{RECOVERS}, {cell.name}"))
    with outcome.check(JUDGE, f"{TURNS}, {cell.name}"):
        first = ask(TURNS)
        _called("Bern")(cell, first)
        _text(LONG, STOP)(cell, ask(TURNS, *results(cell.face, first, "21 degrees")))
    return asked + 3


def _books(home: Path, base: str, asked: int) -> None:
    rows = usage(home, "outcome")
    same("requests", sum(row["requests"] for row in rows), asked)
    each = [case.calls * (1 if case.only_streamed else 2) for case in CASES.values()]
    calls = (sum(each) + 2 * (2 + 2)) * len(CELLS) // 2
    same("attempts", sum(row["attempts"] for row in rows), calls)
    journal = asyncio.run(fetch(f"{base}/__aimock/journal?limit=1000&method=POST"))
    same("calls in the journal of aimock", len(journal), calls)
    broken = sum(row["requests"] for row in rows if row["outcome"] == "broken")
    same("broken", broken, sum(case.only_streamed for case in CASES.values()) * len(CELLS) // 2)
