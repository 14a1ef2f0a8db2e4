"""The product as its users run it: simulator and gateway as processes, with a home of their own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from pointsman.http1 import Http1Transport, HttpRequest, Timeouts
from tests.conformance_cli.outcome import same
from tests.support.processes import ended, running

SETTINGS = """
[storage]
path = "{home}/pointsman.db"

[retries]
attempts = 2
base_delay = 0.01
max_delay = 0.05
max_retry_after = 0.5

[providers.anthropic]
base_url = "{anthropic}"
learn_limits = false  # aimock refuses by what is asked, and not by how much
api_key = "any"

[providers.openai]
base_url = "{openai}"
learn_limits = false
api_key = "any"
"""


@contextmanager
def simulator(home: Path, faults: str) -> Iterator[str]:
    """Its address."""
    with running("simulate", "--port", "0", "--pace", "none", "--faults", faults, home=home) as process:
        yield process.wait_for(r"(http://[^/]+)/")[1]


@contextmanager
def gateway(home: Path, *, anthropic: str, openai: str) -> Iterator[str]:
    """Its address. It is stopped as an operator stops it, so that afterwards all is in the ledger."""
    config = home / "pointsman.toml"
    config.write_text(SETTINGS.format(home=home, anthropic=anthropic, openai=openai), encoding="utf-8")
    arguments = ("serve", "--config", str(config), "--port", "0", "--admin-port", "0")
    with running(*arguments, home=home) as process:
        yield process.wait_for(r"ready at (\S+)")[1]
        code, said = process.stop(signal.SIGTERM)
        same("what the gateway wrote to stderr", said, "")
        same("exit code of the gateway", code, 0)


def command(home: Path, *arguments: str) -> Any:
    """The JSON that a command of the product prints."""
    done = ended(*arguments, "--json", "--db", str(home / "pointsman.db"), home=home)
    same(f"exit code of pointsman {arguments[0]}, which says {done.stderr!r}", done.returncode, 0)
    return msgspec.json.decode(done.stdout)


def usage(home: Path, by: str) -> list[Any]:
    rows: list[Any] = command(home, "usage", "--by", by)["rows"]
    return rows


async def fetch(url: str) -> Any:
    """The JSON at an address."""
    transport = Http1Transport()
    try:
        answer = await transport.send(HttpRequest("GET", url), Timeouts(first_byte=30, idle=30))
        return msgspec.json.decode(await answer.read())
    finally:
        await transport.close()
