"""The other doors: models, one's own requests, token counts, health."""

from __future__ import annotations

import pytest

from pointsman.errors import UpstreamTimeout
from pointsman.gateway.build import FrontDoor
from pointsman.keys import KeyDirectory
from pointsman.providers import simulated_providers
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import ANTHROPIC_MODEL, OPENAI_MODEL, OPENAI_WHOLE, anthropic_error
from tests.support.some_keys import a_key, stored
from tests.support.upstream import Scripted, Step

COUNT = "/v1/messages/count_tokens"
VERSION = {"anthropic-version": "2023-06-01"}
KEYED = FrontDoor(KeyDirectory([stored(1), stored(2)]))


def bearer(number: int) -> dict[str, str]:
    return {"authorization": f"Bearer {a_key(number)}"}


async def test_health_needs_no_key() -> None:
    done = await Rig(door=KEYED).get("/health")
    assert (done.status, done.json()) == (200, {"status": "ok"})


async def test_models_in_the_callers_shape() -> None:
    rig = Rig()
    openai = (await rig.get("/v1/models")).json()
    assert openai["object"] == "list"
    ids = {model["id"] for model in openai["data"]}
    assert {ANTHROPIC_MODEL, OPENAI_MODEL, "claude-sonnet-4-5"} <= ids
    assert not {"claude-opus-4-20250514", "gpt-4.1-nano"} & ids, "retired by the clock, or by the catalog"
    first = (await rig.get("/v1/models?limit=3", VERSION)).json()
    second = (await rig.get(f"/v1/models?limit=1000&after_id={first['last_id']}", VERSION)).json()
    assert (len(first["data"]), first["has_more"], second["has_more"]) == (3, True, False)
    assert {model["id"] for model in first["data"] + second["data"]} == ids


async def test_only_models_that_can_be_had_are_listed() -> None:
    only = tuple(p for p in simulated_providers("http://upstream") if p.name == "deepseek")
    listed = (await Rig(providers=only).get("/v1/models")).json()["data"]
    assert {model["owned_by"] for model in listed} == {"deepseek"}


@pytest.mark.parametrize("limit", ["0", "1001", "x", "-1", "1.5"])
async def test_a_limit_that_is_none_is_refused(limit: str) -> None:
    done = await Rig().get(f"/v1/models?limit={limit}", VERSION)
    assert (done.status, done.json()["error"]["type"]) == (400, "invalid_request_error")


async def test_one_model() -> None:
    rig = Rig()
    openai = await rig.get("/v1/models/claude-haiku-4-5-20251001")
    anthropic = await rig.get(f"/v1/models/{OPENAI_MODEL}", VERSION)
    assert (openai.json()["id"], openai.json()["object"]) == (ANTHROPIC_MODEL, "model")
    assert (anthropic.json()["id"], anthropic.json()["type"]) == (OPENAI_MODEL, "model")
    for name in ("nobody", "openai/nobody"):
        missing = await rig.get(f"/v1/models/{name}")
        assert (missing.status, missing.json()["error"]["code"]) == (404, "model_not_found")


async def test_a_request_is_shown_to_its_own_key_alone() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE), door=KEYED)
    made = await rig.post(CHAT, ask(OPENAI_MODEL), bearer(1))
    path = f"/v1/requests/{made.headers['x-request-id']}"
    mine, others = await rig.get(path, bearer(1)), await rig.get(path, bearer(2))
    assert (mine.status, mine.json()["id"]) == (200, made.headers["x-request-id"])
    assert mine.json()["key"] == {"name": "team-1", "tenant": "acme"}
    nobodys = await rig.get("/v1/requests/req_none", bearer(2))
    assert (others.status, nobodys.status) == (404, 404)
    shown = others.body.replace(made.headers["x-request-id"].encode(), b"X")
    assert shown == nobodys.body.replace(b"req_none", b"X"), "as unknown as none"
    assert (await rig.get(path)).status == 401


# -- counting tokens


async def test_the_providers_own_count() -> None:
    rig = Rig(Scripted(body=b'{"input_tokens": 42, "x": 1}'))
    done = await rig.post(COUNT, {"model": ANTHROPIC_MODEL, "messages": []}, VERSION)
    assert (done.status, done.body) == (200, b'{"input_tokens": 42, "x": 1}')
    assert done.headers["x-pointsman-provider"] == "anthropic"
    assert rig.transport.requests[0].url == "http://upstream/anthropic/v1/messages/count_tokens"
    assert rig.ledger.entries == (), "it costs nothing"


LATER: list[Step] = [
    anthropic_error(529),
    anthropic_error(500),
    UpstreamTimeout("x"),
]


@pytest.mark.parametrize("step", LATER)
async def test_an_estimate_where_the_provider_cannot_count_just_now(step: Step) -> None:
    done = await Rig(step).post(COUNT, ask(ANTHROPIC_MODEL))
    assert (done.status, done.headers["x-pointsman-estimated"]) == (200, "true")
    assert 1 <= done.json()["input_tokens"] < 20


async def test_an_estimate_where_the_provider_never_counts() -> None:
    rig = Rig()
    done = await rig.post(COUNT, ask(OPENAI_MODEL, "word " * 1000))
    assert (done.status, done.headers["x-pointsman-estimated"]) == (200, "true")
    assert 500 < done.json()["input_tokens"] < 3000
    assert rig.transport.requests == []


async def test_what_the_provider_refuses_to_count_is_told() -> None:
    rig = Rig(anthropic_error(400, "messages: at least one", "invalid_request_error"))
    done = await rig.post(COUNT, {"model": ANTHROPIC_MODEL, "messages": []})
    assert (done.status, done.json()["error"]["message"]) == (400, "messages: at least one")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"model":"gpt-6-luna"}', b'{"model":"none"}'])
async def test_what_cannot_be_counted(body: bytes) -> None:
    done = await Rig().post(COUNT, body)
    assert done.status in (400, 404)
    assert done.json()["type"] == "error"


async def test_a_bug_at_the_desk_is_a_clean_500(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(ZeroDivisionError("the secret inside"))
    done = await rig.post(COUNT, ask(ANTHROPIC_MODEL))
    assert (done.status, done.json()["error"]["type"]) == (500, "api_error")
    assert done.headers["x-request-id"].encode() in done.body
    assert b"secret" not in done.body
    assert "the secret inside" in caplog.text


async def test_the_wrong_method_and_path() -> None:
    rig = Rig()
    wrong = await rig.get(MESSAGES)
    assert (wrong.status, wrong.json()["type"]) == (405, "error")
    assert (await rig.get("/v1/nothing")).status == 404
