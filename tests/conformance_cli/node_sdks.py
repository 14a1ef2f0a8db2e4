"""The official SDKs for Node, through both faces and over both upstream dialects, on simulated providers."""

from __future__ import annotations

import asyncio
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

from tests.conformance_cli.outcome import Outcome, holds, same
from tests.conformance_cli.product import fetch, gateway, simulator, usage
from tests.support.processes import environment

JUDGE = "SDKs for Node"
SDKS = ("openai", "anthropic")
MODELS = {"openai": "gpt-6-luna", "anthropic": "claude-haiku-4-5"}
FINISH = {
    "openai": {"chat": "stop", "stream": "stop", "result": "stop"},
    "anthropic": {"chat": "end_turn", "stream": "end_turn", "result": "end_turn"},
}
CALLS = 4
"""Of a script, those that a provider answers; the fifth asks for a model that there is not."""


def judge(outcome: Outcome, packages: Path, home: Path) -> None:
    with simulator(home, "") as base:
        with gateway(home, anthropic=f"{base}/anthropic", openai=f"{base}/openai/v1") as url:
            for sdk, upstream in product(SDKS, MODELS):
                _pair(outcome, packages, home, url, sdk, upstream)
        with outcome.check(JUDGE, "the ledger has what the invoice has"):
            _books(home, base)


def _pair(outcome: Outcome, packages: Path, home: Path, url: str, sdk: str, upstream: str) -> None:
    pair = f"{sdk} over {upstream}"
    seen: dict[str, Any] = {}
    with outcome.check(JUDGE, f"the program runs, {pair}"):
        script = Path(__file__).with_name(f"{sdk}.mjs")
        done = subprocess.run(
            ["node", str(script), str(packages), url, "any", MODELS[upstream]],
            env=environment(home),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        same(f"exit code, with {done.stderr!r},", done.returncode, 0)
        seen = msgspec.json.decode(done.stdout)
    for name, finish in FINISH[sdk].items():
        with outcome.check(JUDGE, f"{name}, {pair}"):
            holds("there is no text", seen[name]["text"])
            same("finish", seen[name]["finish"], finish)
    with outcome.check(JUDGE, f"pieces make the whole, {pair}"):
        same("the pieces are the whole", seen["stream"]["same"], True)
        holds("no tokens were told", min(seen["stream"]["usage"].values()) > 0)
    with outcome.check(JUDGE, f"tool, {pair}"):
        same("name", seen["tool"]["name"], "get_weather")
        holds("the arguments lack the city", seen["tool"]["arguments"]["city"])
        holds("the result is not in the answer", "21 degrees" in seen["result"]["text"])
    with outcome.check(JUDGE, f"list of models, {pair}"):
        same("the model is listed", seen["models"], True)
    with outcome.check(JUDGE, f"error, {pair}"):
        same("kind and status", (seen["error"]["kind"], seen["error"]["status"]), ("NotFoundError", 404))
    with outcome.check(JUDGE, f"request ids, {pair}"):
        ids = [seen["chat"]["request_id"], seen["error"]["request_id"]]
        same("ids", [str(each).startswith("req_") for each in ids], [True, True])


def _books(home: Path, base: str) -> None:
    billed = asyncio.run(fetch(f"{base}/invoice"))
    same("calls on the invoice", len(billed["calls"]), CALLS * len(SDKS) * len(MODELS))
    for row in usage(home, "model,outcome"):
        if row["outcome"] != "ok":
            continue
        calls = [call for call in billed["calls"] if call["model"] == row["model"]]
        same(f"requests to {row['model']}", row["requests"], len(calls))
        same(f"output of {row['model']}", row["output_tokens"], sum(call["output"] for call in calls))
