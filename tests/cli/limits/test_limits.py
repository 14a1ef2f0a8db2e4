"""``pointsman limits`` against a real admin listener."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pointsman.admin import admin_app
from pointsman.cli.limits.limits import follow, look
from pointsman.cli.main import run
from pointsman.errors import UpstreamUnreachable
from pointsman.gateway.metrics import Metrics
from pointsman.http1 import Http1Transport
from pointsman.limits.values.view import LimitsView
from tests.support.flow import SomeFlow, a_view
from tests.support.servers import serve


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("POINTSMAN_CONFIG", raising=False)
    monkeypatch.setenv("COLUMNS", "120")


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["limits", *arguments], environ={}, stderr=stderr), stderr.getvalue()


async def test_it_shows_what_the_admin_listener_tells(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = admin_app(Metrics(), lambda: None, limits_view=SomeFlow().limits)
    async with serve(app) as base:
        assert await asyncio.to_thread(call, "--url", base + "/") == (0, "")
        text = capsys.readouterr().out
        assert "openai/gpt-4o" in text and "learned: headers" in text
        monkeypatch.setenv("POINTSMAN_SERVER__ADMIN_PORT", base.rpartition(":")[2])
        assert await asyncio.to_thread(call, "--json") == (0, "")
        told = json.loads(capsys.readouterr().out)
        assert [row["used"] for row in told["limits"]] == [20, 29_000, 4]
        assert told["lanes"][0]["by_key"] == {"team-a": 9, "team-b": 3}


@contextmanager
def closed_port() -> Iterator[str]:
    with socket.socket() as bound:  # bound and not listening: connections are refused
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_gateway_that_is_not_there_is_one_clear_line(options: tuple[str, ...]) -> None:
    with closed_port() as base:
        code, message = call("--url", base, *options)
    assert code == 1
    assert message == (
        f"pointsman: No gateway answers at {base}. Start one with 'pointsman serve', or name its admin "
        "listener with --url.\n"
    )


async def test_somebody_else_who_answers_is_told() -> None:
    transport = Http1Transport()
    try:
        async with serve(admin_app(Metrics(), lambda: None)) as base:
            with pytest.raises(UpstreamUnreachable, match=r"no admin listener .* \(status 404\)"):
                await look(base, transport)
    finally:
        await transport.close()


async def test_watching_goes_on_while_the_gateway_is_away() -> None:
    answers: list[LimitsView | Exception] = [a_view(), UpstreamUnreachable("It is away."), a_view()]
    seen: list[object] = []
    slept: list[float] = []

    async def ask() -> LimitsView:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if not answers:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await follow(ask, seen.append, seen.append, sleep)
    assert seen == [a_view(), "It is away.", a_view()]
    assert slept == [1.0, 1.0, 1.0]
