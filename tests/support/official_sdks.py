"""Run the conformance scripts with the newest and the previous major version of the official SDKs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from pointsman.gateway.build import FrontDoor
from pointsman.keys import KeyDirectory
from pointsman.simulator import Config, parse_faults
from tests.support.some_keys import a_key, stored
from tests.support.stack import Stack, running_stack, settings

Sdk = Literal["openai", "anthropic"]
Major = Literal["newest", "previous"]
Upstream = Literal["openai", "anthropic"]

ROOT = Path(__file__).parents[2]
_VARIABLE = "POINTSMAN_PREVIOUS_SDK_PYTHON"

MODELS: dict[Upstream, dict[str, str]] = {
    "openai": {
        "model": "gpt-6-luna",
        "rate_limited": "gpt-5.4-mini",
        "overloaded": "gpt-5.4",
        "broken": "gpt-5.5",
    },
    "anthropic": {
        "model": "claude-haiku-4-5",
        "rate_limited": "claude-sonnet-4-6",
        "overloaded": "claude-opus-4-6",
        "broken": "claude-opus-4-5",
    },
}


def faults(upstream: Upstream) -> str:
    models = MODELS[upstream]
    return (
        f"{models['rate_limited']}/429:1:retry_after=0,"
        f"{models['overloaded']}/529:1:retry_after=0,"
        f"{models['broken']}/reset:1:after=3"
    )


def python_of(major: Major) -> str:
    """The interpreter that has this version of the SDKs: ``scripts/test`` makes that of the previous ones."""
    if major == "newest":
        return sys.executable
    found = os.environ.get(_VARIABLE) or str(ROOT / ".venv-previous" / "bin" / "python")
    assert Path(found).exists(), f"run scripts/test, which sets up the previous SDKs, or set {_VARIABLE}"
    return found


@asynccontextmanager
async def guarded_stack(upstream: Upstream) -> AsyncIterator[Stack]:
    """A gateway that asks for a key, before providers of which some models fail."""
    async with running_stack(
        Config(faults=parse_faults(faults(upstream))),
        given=settings(server={"max_body_mb": 1}),
        door=FrontDoor(KeyDirectory([stored()])),
    ) as stack:
        yield stack


async def run_script(sdk: Sdk, major: Major, stacks: Mapping[Upstream, Stack]) -> list[dict[str, Any]]:
    """What each scenario of the script saw before each upstream: in one process, since to start an SDK takes
    longer than all that it does here."""
    given = [
        {
            "url": stack.gateway_url + ("/v1" if sdk == "openai" else ""),
            "key": a_key(),
            "model": MODELS[upstream]["model"],
            "models": MODELS[upstream],
        }
        for upstream, stack in stacks.items()
    ]
    clean = {
        name: value
        for name, value in os.environ.items()
        if "API_KEY" not in name and "proxy" not in name.lower()
    }
    process = await asyncio.create_subprocess_exec(
        python_of(major),
        str(ROOT / "tests" / "conformance" / f"{sdk}_client.py"),
        json.dumps(given),
        env=clean,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    seen: list[dict[str, Any]] = json.loads(out)
    return seen
