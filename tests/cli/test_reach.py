from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from pointsman.cli.doctor.findings import Level
from pointsman.cli.reach import judge, reach
from pointsman.errors import PointsmanError, UpstreamUnreachable
from pointsman.http1 import Http1Transport, HttpRequest, Leave, Timeouts
from pointsman.providers import KNOWN, Provider, Secret
from tests.support.servers import serve

WITH_KEY = msgspec.structs.replace(KNOWN["openai"], api_key=Secret("sk-hidden"))
WITHOUT = Provider(name="local", dialect="openai_chat", base_url="http://h/v1", auth="none")


@pytest.mark.parametrize(
    ("provider", "status", "level", "words"),
    [
        (WITH_KEY, 200, "good", "takes the key"),
        (WITHOUT, 200, "good", "answers"),
        (WITH_KEY, 401, "wrong", "refuses the key"),
        (WITH_KEY, 403, "wrong", "refuses the key"),
        (WITHOUT, 401, "wrong", "wants a key"),
        (WITH_KEY, 404, "doubtful", "does not list models"),
        (WITH_KEY, 429, "doubtful", "limits the rate"),
        (WITH_KEY, 500, "doubtful", "has trouble"),
        (WITH_KEY, 529, "doubtful", "has trouble"),
    ],
)
def test_what_a_status_says(provider: Provider, status: int, level: Level, words: str) -> None:
    finding = judge(provider, status)
    assert (finding.level, finding.subject) == (level, provider.name)
    assert words in finding.message
    assert bool(finding.mend) is (level != "good")
    assert "hidden" not in repr(finding)


class Answer:
    def __init__(self, status: int) -> None:
        self.status = status
        self.headers: dict[str, str] = {}
        self.closed = False

    async def read(self) -> bytes:
        return b""

    async def chunks(self) -> AsyncIterator[bytes]:
        yield b""

    async def close(self, *, drain: float = 0.0) -> bytes:
        self.closed = True
        return b""


class FakeTransport:
    def __init__(self, outcome: Answer | PointsmanError) -> None:
        self.outcome = outcome
        self.requests: list[HttpRequest] = []

    async def send(self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None) -> Answer:
        self.requests.append(request)
        if isinstance(self.outcome, PointsmanError):
            raise self.outcome
        return self.outcome

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("name", "url", "header"),
    [
        ("openai", "https://api.openai.com/v1/models", ("authorization", "Bearer sk-hidden")),
        ("anthropic", "https://api.anthropic.com/v1/models", ("x-api-key", "sk-hidden")),
        ("deepseek", "https://api.deepseek.com/models", ("authorization", "Bearer sk-hidden")),
    ],
)
async def test_the_list_of_models_is_asked_for_with_the_key(
    name: str, url: str, header: tuple[str, str]
) -> None:
    answer = Answer(200)
    transport = FakeTransport(answer)
    provider = msgspec.structs.replace(KNOWN[name], api_key=Secret("sk-hidden"))
    assert (await reach(provider, transport)).level == "good"
    (request,) = transport.requests
    assert (request.method, request.url) == ("GET", url)
    assert header in request.headers
    assert answer.closed


async def test_what_cannot_be_reached_is_wrong() -> None:
    finding = await reach(WITH_KEY, FakeTransport(UpstreamUnreachable("no route")))
    assert (finding.level, finding.message) == ("wrong", "cannot be reached: no route")


async def test_a_real_server_that_refuses_the_key() -> None:
    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        assert callable(send)
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})

    async with serve(app) as base_url:
        transport = Http1Transport()
        try:
            provider = msgspec.structs.replace(WITH_KEY, base_url=base_url, key_env="MY_KEY")
            finding = await reach(provider, transport)
        finally:
            await transport.close()
    assert (finding.level, finding.mend) == ("wrong", "put a valid key into MY_KEY")
