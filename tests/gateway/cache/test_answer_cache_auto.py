"""The answer cache where a model is chosen, where keys have limits, and where answers are judged."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from pointsman.config import Settings
from pointsman.keys import KeyInfo, KeyLimits
from pointsman.routing.labels.memory import MemoryLabels
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import OPENAI_WHOLE
from tests.support.shadowed import OPUS, route
from tests.support.stack import settings
from tests.support.upstream import Scripted
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual

SMALL, LARGE = "gpt-5.4-nano", "gpt-5.4-mini"
AUTO = {
    "default": {"pool": [SMALL, LARGE], "policy": "cheapest"},
    "strong": {"pool": [SMALL, LARGE], "policy": "fixed"},
}


class OneOf:
    """Whoever comes has the key that is named by the token."""

    def __init__(self, *keys: KeyInfo) -> None:
        self._keys = {key.name: key for key in keys}

    def authenticate(self, token: str) -> KeyInfo:
        return self._keys[token]


def rig_of(*keys: KeyInfo, **more: Any) -> Rig:
    given = settings(auto=AUTO, cache={"enabled": True} | more)
    return Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=given, door=OneOf(*keys or (A,)))


A = KeyInfo("key_a", "a", "acme")


async def said(rig: Rig, model: str, *, who: str = "a", prompt: str = "Why?", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = ask(model, prompt, temperature=0)
    return await rig.post(CHAT, body, named | {"authorization": f"Bearer {who}"})


async def test_the_model_is_chosen_first_and_a_hit_is_explained_like_any_request() -> None:
    rig = rig_of()
    asked = [await said(rig, model) for model in ("auto", "auto", SMALL, "auto:strong", LARGE)]
    assert [each.headers["x-pointsman-cache"] for each in asked] == ["miss", "hit", "hit", "miss", "hit"]
    _, hit, named, *_ = asked
    assert hit.headers["x-pointsman-route"] == "default; policy=cheapest; reason=cheapest"
    assert "x-pointsman-route" not in named.headers
    path = f"/v1/requests/{hit.headers['x-request-id']}"
    told = json.loads((await rig.get(path, {"authorization": "Bearer a"})).body)
    assert (told["cache"], told["model"], told["requested_model"]) == ("hit", SMALL, "auto")
    assert (told["routing"]["model"], told["routing"]["reason"]) == (SMALL, "cheapest")
    lines = {line.route: line for line in rig.gateway.cache.view().lines} if rig.gateway.cache else {}
    assert (lines["auto:default"].hits, lines[SMALL].hits, lines["auto:strong"].misses) == (1, 1, 1)


async def test_what_auto_means_to_a_key_and_what_is_pinned_is_another_model() -> None:
    rig = rig_of(A, KeyInfo("key_b", "b", "acme", auto="strong"))
    results = [
        (await said(rig, "auto")).headers["x-pointsman-cache"],
        (await said(rig, "auto", who="b")).headers["x-pointsman-cache"],
        (await said(rig, "auto", x_pointsman_pin=LARGE)).headers["x-pointsman-cache"],
        (await said(rig, "auto", who="b")).headers["x-pointsman-cache"],
    ]
    assert results == ["miss", "miss", "hit", "hit"]
    assert [entry.model for entry in rig.ledger.entries] == [SMALL, LARGE, LARGE, LARGE]


async def test_a_hit_counts_against_no_limit_of_a_key() -> None:
    limits = KeyLimits(rpm=1, tpm=400, concurrency=1)
    rig = rig_of(KeyInfo("key_a", "a", "acme", limits))
    body = ask(SMALL, temperature=0, max_tokens=100)
    headers = {"authorization": "Bearer a", "x-pointsman-max-wait": "0"}
    done = [await rig.post(CHAT, body, headers) for _ in range(5)]
    assert [each.status for each in done] == [200] * 5
    assert [each.headers["x-pointsman-cache"] for each in done] == ["miss", *["hit"] * 4]
    view = await rig.gateway.overview.limits()
    used = {row.dimension: (row.used, row.held) for row in view.limits if row.kind == "key"}
    assert used["rpm"] == (1, 0) and used["concurrency"] == (0, 0)
    refused = await rig.post(CHAT, body | ask(SMALL, "Another one?"), headers)
    assert refused.status == 429


async def test_what_one_key_of_a_tenant_paid_for_is_given_to_its_others() -> None:
    rig = rig_of(A, KeyInfo("key_b", "b", "acme"), KeyInfo("key_c", "c", "else"))
    for who in ("a", "b", "c"):
        await said(rig, SMALL, who=who)
    first, other, stranger = rig.ledger.entries
    assert (first.cache, other.cache, stranger.cache) == ("miss", "hit", "miss")
    assert (other.key_name, other.source, other.saved) == ("b", first.request_id, first.cost)
    path = f"/v1/requests/{other.source}"
    assert (await rig.get(path, {"authorization": "Bearer b"})).status == 404, "the request is its key's own"


# -- answers that are judged


def shadowed(share: float) -> Settings:
    return msgspec.structs.replace(
        route({"share": share}), cache=settings(cache={"enabled": True, "sampled": True}).cache
    )


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_feedback_on_a_hit_is_of_the_answer_with_what_it_took(path: str) -> None:
    async def work() -> None:
        labels = MemoryLabels()
        async with virtual_stack(given=shadowed(0.0), labels=labels) as stack:
            body = {"model": "auto", "max_tokens": 500, "messages": [{"role": "user", "content": "Hello"}]}
            for _ in range(2):
                answer = await stack.post(path, body)
            assert answer.headers["x-pointsman-cache"] == "hit"
            ident = answer.headers["x-request-id"]
            assert (await stack.post("/v1/feedback", {"request_id": ident, "score": 1})).status == 200
            paid, hit = stack.ledger.entries
            assert paid.usage is not None and paid.cost and hit.request_id == ident
            (found,) = labels.labelled("default")
            (mark,) = found.marks
            assert (found.prompt.id, mark.model, mark.score) == (ident, OPUS, 1.0)
            assert (mark.input_tokens, mark.output_tokens) == (paid.usage.prompt, paid.usage.output)
            assert (mark.cost, mark.answer) == (paid.cost, paid.request_id), "a hit is free, an answer is not"

    run_virtual(work)


def test_hits_are_not_shadowed() -> None:
    async def work() -> None:
        async with virtual_stack(given=shadowed(1.0), labels=MemoryLabels()) as stack:
            body = {"model": "auto", "max_tokens": 500, "messages": [{"role": "user", "content": "Hello"}]}
            for _ in range(3):
                assert (await stack.post(CHAT, body)).status == 200
            await stack.gateway.labelling.shadows.drain()
            asked = [entry.requested for entry in stack.ledger.entries]
            assert asked.count("auto") == 3 and asked.count("shadow:default") == 1

    run_virtual(work)
