"""Claude Code's command line through the gateway: Claude models, GPT models, keys, refusals, failures."""

from __future__ import annotations

import asyncio
import os
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from tests.conformance_cli.outcome import Outcome, holds, same
from tests.conformance_cli.product import command, fetch, gateway, simulator, usage

JUDGE = "Claude Code"

CLAUDE, GPT = "claude-opus-5-5", "gpt-6.2-sol"
SMALL = "gpt-4o"
"""Answers with at most 16,384 tokens; Claude Code asks for 32,000 of models that it does not know."""
BUSY, BREAKS, GPT_BREAKS = "claude-sonnet-5-5", "claude-haiku-4-5", "gpt-6-luna"
FAULTS = f"{BUSY}/529:at=1,{BREAKS}/reset:at=1:after=5,{GPT_BREAKS}/reset:at=1:after=5"

TOOLS = "Use the ToolSearch tool to find WebFetch"
MOST_ATTEMPTS = 6
"""Claude Code leaves out one feature after another when it is refused; more than this would be a loop."""


class ClaudeCode:
    """Runs the command, away from the settings of whoever runs this."""

    def __init__(self, packages: Path, home: Path) -> None:
        self._program = packages / "node_modules" / "@anthropic-ai" / "claude-code" / "cli-wrapper.cjs"
        self._home = home
        self.reckoned = Decimal(0)
        """What Claude Code itself reckons that CLAUDE has cost, by the list prices that it knows."""

    def __call__(self, url: str, prompt: str, model: str = "", key: str = "any", **variables: str) -> Any:
        """The object that it prints, whether or not it succeeded."""
        place = self._home / "project"
        place.mkdir(exist_ok=True)
        done = subprocess.run(
            ["node", str(self._program), "-p", prompt, "--output-format", "json"]
            + (["--model", model] if model else []),
            cwd=place,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self._home),
                "ANTHROPIC_BASE_URL": url,
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            }
            | ({"ANTHROPIC_API_KEY": key} if key else {})
            | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        holds(f"no JSON, but {done.stdout!r} {done.stderr!r}", lines)
        said = msgspec.json.decode(lines[-1])
        same("exit code", done.returncode, 1 if said["is_error"] else 0)
        cost = said["modelUsage"].get(CLAUDE, {}).get("costUSD", 0)
        self.reckoned += round(Decimal(cost), 9)
        return said


def answered(said: Any) -> None:
    holds(f"refused: {said['result']}", not said["is_error"])
    holds("an empty answer", said["result"].strip())


def refused(said: Any, status: int, words: str) -> None:
    holds(f"not refused: {said['result']}", said["is_error"])
    same("status", said["api_error_status"], status)
    holds(f"{words!r} is not in {said['result']!r}", words in said["result"])


def judge(outcome: Outcome, packages: Path, home: Path) -> None:
    with simulator(home, FAULTS) as base:
        upstream = {"anthropic": f"{base}/anthropic", "openai": f"{base}/openai/v1"}
        ask = ClaudeCode(packages, home)
        with gateway(home, **upstream) as url:
            _without_keys(outcome, ask, url)
        with outcome.check(JUDGE, "every call is in the ledger, at the price of the invoice"):
            _books(home, base, ask.reckoned)
        key = command(home, "keys", "create", "laptop", "--tenant", "me")["key"]
        with gateway(home, **upstream) as url:
            _with_keys(outcome, ask, url, key)
        with outcome.check(JUDGE, "the ledger names the key"):
            rows = [row for row in usage(home, "key,tenant,outcome") if row["key"] == "laptop"]
            same(
                "rows", [(row["tenant"], row["outcome"], row["requests"]) for row in rows], [("me", "ok", 3)]
            )


def _without_keys(outcome: Outcome, ask: ClaudeCode, url: str) -> None:
    with outcome.check(JUDGE, "say hi"):
        answered(ask(url, "say hi"))
    with outcome.check(JUDGE, f"say hi to {GPT}"):
        answered(ask(url, "say hi", GPT))
    for model in (CLAUDE, GPT):
        with outcome.check(JUDGE, f"tools of {model}"):
            said = ask(url, TOOLS, model)
            answered(said)
            holds("no tool was called", said["num_turns"] > 1)
    with outcome.check(JUDGE, "a model that answers with less than is asked for"):
        refused(ask(url, "say hi", SMALL), 400, "at most 16,384 tokens")
    with outcome.check(JUDGE, "the same with CLAUDE_CODE_MAX_OUTPUT_TOKENS"):
        answered(ask(url, "say hi", SMALL, CLAUDE_CODE_MAX_OUTPUT_TOKENS="16000"))
    with outcome.check(JUDGE, "an unknown model"):
        refused(ask(url, "say hi", "no-such-model"), 404, "no-such-model")
    for name, model in {
        "a provider that is busy at first": BUSY,
        "a stream that breaks": BREAKS,
        "a stream that breaks across dialects": GPT_BREAKS,
    }.items():
        with outcome.check(JUDGE, name):
            answered(ask(url, "say hi", model))


def _with_keys(outcome: Outcome, ask: ClaudeCode, url: str, key: str) -> None:
    with outcome.check(JUDGE, "say hi with a virtual key"):
        answered(ask(url, "say hi", key=key))
    with outcome.check(JUDGE, f"say hi to {GPT} with a virtual key"):
        answered(ask(url, "say hi", GPT, key=key))
    with outcome.check(
        JUDGE, "say hi with a virtual key as bearer token, and the model from the environment"
    ):
        answered(ask(url, "say hi", key="", ANTHROPIC_AUTH_TOKEN=key, ANTHROPIC_MODEL=GPT))
    with outcome.check(JUDGE, "a wrong key"):
        refused(ask(url, "say hi", key=key[:-1] + ("1" if key[-1] == "0" else "0")), 401, "key")


def _books(home: Path, base: str, reckoned: Decimal) -> None:
    rows = usage(home, "model,outcome")
    bad = {(row["model"], row["outcome"]): row["requests"] for row in rows if row["outcome"] != "ok"}
    same(
        "broken streams",
        {pair for pair in bad if pair[1] == "broken"},
        {(BREAKS, "broken"), (GPT_BREAKS, "broken")},
    )
    refusals = sum(count for (_, kind), count in bad.items() if kind == "error")
    holds(f"{refusals} requests were refused", refusals <= MOST_ATTEMPTS)
    calls = asyncio.run(fetch(f"{base}/invoice"))["calls"]
    for row in rows:
        if row["outcome"] != "ok":
            continue
        billed = [call for call in calls if (call["model"], call["outcome"]) == (row["model"], "ok")]
        model = row["model"]
        same(f"requests to {model}", row["requests"], len(billed))
        same(f"cost of {model}", Decimal(row["cost_usd"]), sum(Decimal(call["usd"]) for call in billed))
        same(f"output of {model}", row["output_tokens"], sum(call["output"] for call in billed))
    mine = next(Decimal(row["cost_usd"]) for row in rows if (row["model"], row["outcome"]) == (CLAUDE, "ok"))
    same(f"cost of {CLAUDE}, as Claude Code reckons it", reckoned, mine)
