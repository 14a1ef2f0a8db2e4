"""Processes of the demo: started as a user would, gone when the block is left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pointsman.demo.stage.cast import simulator_in
from pointsman.demo.stage.stage import finished, running, write_settings
from pointsman.errors import ConfigurationError, UpstreamUnreachable
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts


async def test_it_runs_until_the_block_is_left() -> None:
    transport = Http1Transport()
    request = None
    async with running(["simulate", "--port", "0"], "are ready", os.environ) as line:
        request = HttpRequest("GET", simulator_in(line) + "/invoice")
        response = await transport.send(request, Timeouts())
        assert (response.status, b'"total_usd":"0"' in await response.read()) == (200, True)
    try:
        with pytest.raises(UpstreamUnreachable):
            await transport.send(request, Timeouts())
    finally:
        await transport.close()


async def test_what_does_not_start_says_why() -> None:
    with pytest.raises(ConfigurationError, match=r"pointsman simulate did not start:.*nonsense"):
        async with running(["simulate", "--port", "0", "--faults", "nonsense"], "are ready", os.environ):
            pass


async def test_a_command_that_ends_says_what_it_prints() -> None:
    assert b"pointsman" in await finished(["--version"], os.environ)


async def test_one_that_fails_says_why() -> None:
    with pytest.raises(ConfigurationError, match=r"pointsman savings --by: .*nonsense"):
        await finished(["savings", "--by", "nonsense"], os.environ)


def test_the_settings_name_the_ledger(tmp_path: Path) -> None:
    path = write_settings(tmp_path, tmp_path / "demo.db", '[providers.openai]\napi_key = "k"\n')
    assert path.read_text(encoding="utf-8") == (
        f'[storage]\npath = "{(tmp_path / "demo.db").as_posix()}"\n\n[providers.openai]\napi_key = "k"\n'
    )
