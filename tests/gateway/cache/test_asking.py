"""All that is around a body: whatever changes what a provider is asked parts two requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from pointsman.gateway.cache.asking import identity, meant
from pointsman.gateway.call.values import Plan, Stage
from pointsman.keys import KeyInfo
from tests.support.equal_requests import cold
from tests.support.gateway import CHAT, MESSAGES, Rig, a_route
from tests.support.provider_bytes import (
    ANTHROPIC_MODEL,
    ANTHROPIC_WHOLE,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_WHOLE,
)
from tests.support.stack import settings
from tests.support.upstream import Scripted

OTHER = "gpt-5.4-nano"
GIVEN = settings(
    cache={"enabled": True, "sampled": True, "coalesce": False},
    aliases={"mine": OPENAI_MODEL},
    presets={
        "cold": {"model": ANTHROPIC_MODEL, "temperature": 0},
        "warm": {"model": ANTHROPIC_MODEL, "temperature": 0.7},
        "short": {"model": ANTHROPIC_MODEL, "max_output": 7},
        "plain": {"model": ANTHROPIC_MODEL},
    },
    routes={
        "both": {"models": [OPENAI_MODEL, OTHER], "weights": [1, 0]},
        "failing": {"models": [OPENAI_MODEL], "fallbacks": [OTHER]},
        "moving": {"models": [OPENAI_MODEL], "fallbacks": [OTHER], "on_refusal": "next"},
    },
)
VERSION = {"anthropic-version": "2023-06-01"}
STRICTER = {"anthropic-version": "2026-10-21"}
_IDLE = {"user", "metadata", "service_tier", "stream_options", "stream", "cache_control"}

Asked = tuple[str, dict[str, Any], Mapping[str, str]]


class Door:
    """Lets in NAME@TENANT."""

    def authenticate(self, token: str) -> KeyInfo:
        name, _, tenant = (token or "a@acme").partition("@")
        return KeyInfo(id=name, name=name, tenant=tenant)


def body(model: str = ANTHROPIC_MODEL, **more: Any) -> dict[str, Any]:
    return {"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": "Why?"}]} | more


def bare(model: str) -> dict[str, Any]:
    """Without a cap, which a preset may fill in."""
    return {"model": model, "messages": [{"role": "user", "content": "Why?"}]}


def rig() -> Rig:
    def answer(request: Any) -> Scripted:
        if "/messages" in request.url:
            return Scripted(body=ANTHROPIC_WHOLE)
        return Scripted(body=OPENAI_EVENTS if b'"stream":true' in request.body else OPENAI_WHOLE)

    return Rig(otherwise=answer, given=GIVEN, door=Door())


def sent(rig: Rig) -> Any:
    """What a provider was asked last, without what does not matter to it."""
    request = rig.transport.requests[-1]
    fields = {name: value for name, value in msgspec.json.decode(request.body).items() if name not in _IDLE}
    headers = {name: value for name, value in request.headers if name != "x-client-request-id"}
    return request.url, fields, headers


OPENAI: Asked = (CHAT, body(OPENAI_MODEL), {})
CLAUDE: Asked = (MESSAGES, body(), VERSION)
ACROSS: Asked = (CHAT, body(), {})
PRESET: Asked = (MESSAGES, body("preset:plain"), VERSION)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (CLAUDE, (MESSAGES, body(), VERSION | {"anthropic-beta": "context-1m-2025-08-07"}), "miss"),
        (CLAUDE, (MESSAGES, body(), VERSION | {"openai-beta": "v2"}), "hit"),
        (CLAUDE, (MESSAGES, body(), STRICTER), "hit"),
        (CLAUDE, (MESSAGES, body(temperature=0), STRICTER), "miss"),
        (CLAUDE, (MESSAGES, body(temperature=1), VERSION), "hit"),
        (CLAUDE, (MESSAGES, body(top_p=1), VERSION), "miss"),
        (CLAUDE, (MESSAGES + "?beta=true", body(), VERSION), "miss"),
        (CLAUDE, (CHAT, body(), {}), "hit"),
        (
            CLAUDE,
            (MESSAGES, body(metadata={"user_id": "u"}), VERSION | {"user-agent": "x", "accept": "y"}),
            "hit",
        ),
        (ACROSS, (CHAT, body(), {"anthropic-beta": "context-1m-2025-08-07"}), "miss"),
        (ACROSS, (CHAT + "?beta=true", body(), {}), "hit"),
        (OPENAI, (CHAT, body(OPENAI_MODEL), {"openai-beta": "v2"}), "miss"),
        (OPENAI, (CHAT, body(OPENAI_MODEL), {"anthropic-beta": "x", "openai-organization": "o"}), "hit"),
        (OPENAI, (CHAT + "?x=1", body(OPENAI_MODEL), {}), "miss"),
        (OPENAI, (MESSAGES + "?beta=true", body(OPENAI_MODEL), VERSION | {"anthropic-beta": "x"}), "hit"),
        (OPENAI, (CHAT, body(OPENAI_MODEL, top_p=1, temperature=1), {}), "hit"),
        (
            OPENAI,
            (CHAT, body(OPENAI_MODEL), {"x-pointsman-priority": "3", "x-pointsman-max-wait": "9"}),
            "hit",
        ),
        (OPENAI, (CHAT, body("mine"), {}), "hit"),
        (OPENAI, (CHAT, body(f"openai/{OPENAI_MODEL}"), {}), "hit"),
        (OPENAI, (CHAT, body(OTHER), {}), "miss"),
        (OPENAI, (CHAT, body("both"), {}), "miss"),
        (OPENAI, (CHAT, body("failing"), {}), "hit"),
        (OPENAI, (CHAT, body("moving"), {}), "hit"),
        (OPENAI, (CHAT, body(OPENAI_MODEL), {"authorization": "Bearer b@acme"}), "hit"),
        (OPENAI, (CHAT, body(OPENAI_MODEL), {"authorization": "Bearer b@other"}), "miss"),
        (PRESET, (MESSAGES, body("preset:cold"), VERSION), "miss"),
        (PRESET, (MESSAGES, body("preset:plain"), STRICTER), "hit"),
        ((MESSAGES, body("preset:warm"), VERSION), (MESSAGES, body("preset:cold"), VERSION), "miss"),
        ((MESSAGES, body("preset:cold"), VERSION), (MESSAGES, body("preset:cold"), STRICTER), "miss"),
        (
            (MESSAGES, body("preset:cold"), VERSION),
            (MESSAGES, body("preset:cold", temperature=1), VERSION),
            "miss",
        ),
        ((CHAT, bare("preset:short"), {}), (CHAT, bare("preset:plain"), {}), "miss"),
    ],
)
async def test_two_requests_share_an_answer_only_if_a_provider_is_asked_the_same(
    one: Asked, other: Asked, told: str
) -> None:
    shared, alone = rig(), rig()
    await shared.post(one[0], one[1], one[2])
    first = sent(shared)
    again = await shared.post(other[0], other[1], other[2])
    assert (again.status, again.headers["x-pointsman-cache"]) == (200, told)
    if told == "miss":
        return
    await alone.post(other[0], other[1], other[2])
    assert _as_meant(sent(alone)) == _as_meant(first)


def _as_meant(request: Any) -> Any:
    """What says the default says nothing, and a stricter version what the other does. A cap has two names."""
    url, fields, headers = request
    if "max_completion_tokens" in fields:
        fields["max_tokens"] = fields.pop("max_completion_tokens")
    fields = {
        name: value for name, value in fields.items() if name not in ("temperature", "top_p") or value != 1
    }
    return url, fields, {name: value for name, value in headers.items() if name != "anthropic-version"}


def test_a_model_that_the_catalog_does_not_know_is_its_providers_own() -> None:
    known = a_route()
    strange = msgspec.structs.replace(known, model=None, deployment="one/m")
    simulated = msgspec.structs.replace(
        known, provider=msgspec.structs.replace(known.provider, simulated=True)
    )
    routes = [known, strange, msgspec.structs.replace(strange, deployment="two/m"), simulated]
    assert len({identity(route) for route in routes}) == 4
    elsewhere = msgspec.structs.replace(known, deployment="elsewhere/m")
    assert identity(elsewhere) == identity(known)


def test_of_equals_all_are_meant_and_of_fallbacks_none() -> None:
    routes = tuple(a_route(name=name) for name in "ba")
    fallback = Stage((a_route(name="c"),), (1.0,))
    assert meant(Plan(routes[0], {}, stages=(Stage(routes, (1.0, 1.0)), fallback))) == ("a", "b")
    assert meant(Plan(routes[0], {})) == ("b",)


async def test_a_wish_for_log_probabilities_shares_with_who_wants_them_in_the_same_form() -> None:
    given = rig()
    told = []
    for stream in (False, False, True):
        answer = await given.post(CHAT, cold(OPENAI_MODEL, logprobs=True, stream=stream))
        told.append(answer.headers["x-pointsman-cache"])
    assert told == ["miss", "hit", "miss"]


async def test_citations_come_back_as_they_were() -> None:
    document = {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "Green grass."},
        "citations": {"enabled": True},
    }
    asked = cold(ANTHROPIC_MODEL) | {"messages": [{"role": "user", "content": [document]}]}
    cited = ANTHROPIC_WHOLE.replace(b'"x_unknown":{"a":1.50}', b'"citations":[{"type":"char_location"}]')
    given = Rig(otherwise=Scripted(body=cited), given=GIVEN)
    told = []
    for stream in (False, False, True):
        answer = await given.post(MESSAGES, asked | {"stream": stream})
        told.append(answer.headers.get("x-pointsman-cache", "error"))
        if not stream:
            assert answer.body == cited
    assert told == ["miss", "hit", "error"], "what is kept is none for a stream; the provider's whole is none"
