"""A question in other words is given the answer that is there, and says why; what differs is sent."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from pointsman.caching.semantic.explained import Compare
from pointsman.errors import InvalidRequest, NotFound
from pointsman.gateway.cache.metrics import CachePurge
from pointsman.gateway.semantic.metrics import SemanticView
from pointsman.keys import KeyInfo
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import OPENAI_EVENTS, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.semantic import a_certificate, semantic_settings
from tests.support.stack import running_stack
from tests.support.upstream import Scripted

CALLED = json.dumps(
    {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": OPENAI_MODEL,
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls",
                "message": {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}}
                    ],
                },
            }
        ],
        "usage": {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14},
    }
).encode()
FIRST = "How do I reset my password?"
AGAIN = "How can I reset my password?"
THIRD = "How do I reset the password?"


def a_rig(
    folder: Path, *, body: Any = OPENAI_WHOLE, door: Any = None, threshold: float = 0.6, **more: Any
) -> Rig:
    certificate = a_certificate(OPENAI_MODEL, threshold=threshold)
    given = semantic_settings(folder, OPENAI_MODEL, certificate=certificate, **more)
    doors = {} if door is None else {"door": door}
    return Rig(otherwise=Scripted(body=body), given=given, **doors)


def cold(prompt: str, **more: Any) -> dict[str, Any]:
    return ask(OPENAI_MODEL, prompt, temperature=0, **more)


def view_of(rig: Rig) -> SemanticView:
    assert rig.gateway.cache is not None
    return rig.gateway.cache.view().semantic[OPENAI_MODEL]


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_a_question_in_other_words_gets_the_answer_and_says_why(
    tmp_path: Path, path: str, streams: bool
) -> None:
    rig = a_rig(tmp_path, body=OPENAI_EVENTS if streams else OPENAI_WHOLE)
    first = await rig.post(path, cold(FIRST, stream=streams))
    again = await rig.post(path, cold(AGAIN, stream=streams))
    assert (first.headers["x-pointsman-cache"], again.headers["x-pointsman-cache"]) == ("miss", "hit")
    assert "x-pointsman-cache-similarity" not in first.headers
    similarity = float(again.headers["x-pointsman-cache-similarity"])
    assert 0.6 <= similarity <= 1
    assert len(rig.transport.requests) == 1
    paid, free = rig.ledger.entries
    assert (free.cache, free.provider, free.cost, free.source) == ("similar", "cache", 0, paid.request_id)
    assert free.saved == paid.cost
    told = json.loads((await rig.get(f"/v1/requests/{free.request_id}")).body)
    assert told["source"] == paid.request_id == told["match"]["source"]
    assert told["match"]["similarity"] == pytest.approx(similarity, abs=1e-4)
    assert (told["match"]["threshold"], told["match"]["vectors"]) == (0.6, "lexical-2")
    assert told["match"]["certificate"].startswith("sem_") and "numbers" in told["match"]["guards"]
    assert "password" not in json.dumps(told)
    assert "match" not in json.loads((await rig.get(f"/v1/requests/{paid.request_id}")).body)
    seen = view_of(rig)
    assert (seen.on, seen.hits, seen.questions, seen.misses) == (True, 1, 1, {"nothing_near": 1})


@pytest.mark.parametrize(
    ("prompt", "guard"),
    [
        ("How do I reset my 2 passwords?", "numbers"),
        ("How do I not reset my password?", "negation"),
        ("How do I reset my Netflix password?", "names"),
        ("When do I reset my password?", "question"),
    ],
)
async def test_a_guard_refuses_and_is_counted(tmp_path: Path, prompt: str, guard: str) -> None:
    rig = a_rig(tmp_path)
    await rig.post(CHAT, cold(FIRST))
    answer = await rig.post(CHAT, cold(prompt))
    assert answer.headers["x-pointsman-cache"] == "miss"
    assert view_of(rig).refused[guard] == 1
    assert view_of(rig).misses["refused"] == 1


@pytest.mark.parametrize(
    "more",
    [
        {"system": "Answer like a pirate."},
        {"max_tokens": 99},
        {"stop": ["x"]},
        {"messages": [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hello."}]},
    ],
)
async def test_all_else_must_be_equal(tmp_path: Path, more: dict[str, Any]) -> None:
    rig = a_rig(tmp_path)
    await rig.post(CHAT, cold(FIRST))
    body = cold(AGAIN)
    if "system" in more:
        body["messages"].insert(0, {"role": "system", "content": more["system"]})
    elif "messages" in more:
        body["messages"] = more["messages"] + body["messages"]
    else:
        body |= more
    assert (await rig.post(CHAT, body)).headers["x-pointsman-cache"] == "miss"
    assert (await rig.post(CHAT, cold(AGAIN))).headers["x-pointsman-cache"] == "hit"


class Tenants:
    """Lets in KEY@TENANT."""

    def authenticate(self, token: str) -> KeyInfo:
        name, _, tenant = token.partition("@")
        return KeyInfo(id=name, name=name, tenant=tenant)


async def test_tenants_never_share(tmp_path: Path) -> None:
    rig = a_rig(tmp_path, door=Tenants())
    told = [
        (await rig.post(CHAT, cold(prompt), {"authorization": f"Bearer {key}"})).headers["x-pointsman-cache"]
        for key, prompt in (
            ("a@one", FIRST),
            ("b@one", AGAIN),
            ("a@other", AGAIN),
            ("a@", AGAIN),
            ("b@", AGAIN),
            ("b@", FIRST),
        )
    ]
    assert told == ["miss", "hit", "miss", "miss", "miss", "hit"]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-pointsman-cache": "exact"},
        {"x-pointsman-cache": "sampled, Exact"},
        {"cache-control": "no-cache"},
        {"cache-control": "max-age=5"},
    ],
)
async def test_a_client_can_decline(tmp_path: Path, headers: dict[str, str]) -> None:
    rig = a_rig(tmp_path)
    await rig.post(CHAT, cold(FIRST))
    rig.clock.advance(10)
    assert (await rig.post(CHAT, cold(AGAIN), headers)).headers["x-pointsman-cache"] == "miss"
    assert (await rig.post(CHAT, cold(THIRD))).headers["x-pointsman-cache"] == "hit"  # it is still there


async def test_only_if_cached_wants_the_very_same(tmp_path: Path) -> None:
    rig = a_rig(tmp_path)
    await rig.post(CHAT, cold(FIRST))
    answer = await rig.post(CHAT, cold(AGAIN), {"cache-control": "only-if-cached"})
    assert answer.status == 504
    assert view_of(rig).unfit == {"declined": 1}


async def test_what_is_purged_or_expired_is_gone(tmp_path: Path) -> None:
    rig = a_rig(tmp_path, cache={"ttl": 60})
    assert rig.gateway.cache is not None
    await rig.post(CHAT, cold(FIRST))
    assert (await rig.gateway.cache.purge(CachePurge(all=True))).purged == 1
    assert (view_of(rig).questions, view_of(rig).bytes) == (0, 0)
    rig.clock.advance(1)  # what was under way at a purge is not kept
    await rig.post(CHAT, cold(FIRST))
    rig.gateway.cache.store.purge()  # as if others had pushed it out
    assert (await rig.post(CHAT, cold(AGAIN))).headers["x-pointsman-cache"] == "miss"
    assert (view_of(rig).misses["gone"], view_of(rig).questions) == (1, 1)
    rig.clock.advance(61)
    assert (await rig.post(CHAT, cold(FIRST))).headers["x-pointsman-cache"] == "miss"


async def test_an_old_answer_is_not_given_to_another_question(tmp_path: Path) -> None:
    rig = a_rig(tmp_path, max_age=30)
    await rig.post(CHAT, cold(FIRST))
    rig.clock.advance(31)
    assert (await rig.post(CHAT, cold(AGAIN))).headers["x-pointsman-cache"] == "miss"
    assert (await rig.post(CHAT, cold(FIRST))).headers["x-pointsman-cache"] == "hit"


async def test_calls_of_tools_and_pictures_are_not_given_to_others(tmp_path: Path) -> None:
    rig = a_rig(tmp_path, body=CALLED)
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    for prompt in (FIRST, AGAIN):
        answer = await rig.post(CHAT, cold(prompt, tools=[tool]))
        assert answer.headers["x-pointsman-cache"] == "miss"
    assert view_of(rig).questions == 0
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    body = cold(FIRST)
    body["messages"][0]["content"] = [{"type": "text", "text": FIRST}, picture]
    await rig.post(CHAT, body)
    assert view_of(rig).unfit == {"not_text": 1}


async def test_what_the_hub_has_no_word_for_is_compared_with_nothing(tmp_path: Path) -> None:
    rig = a_rig(tmp_path)
    for number, prompt in enumerate((FIRST, AGAIN)):
        body = cold(prompt) | {"messages": [{"role": "user", "content": prompt, "weight": number}]}
        assert (await rig.post(CHAT, body)).headers["x-pointsman-cache"] == "miss"
    assert view_of(rig).unfit == {"foreign": 2}


@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        (None, "there is no certificate at"),
        (a_certificate("other"), "it is for the route other"),
        (a_certificate(OPENAI_MODEL, vectors="model:x/y"), "it was made with other vectors"),
        (a_certificate(OPENAI_MODEL, guards=0), "version 0 of the guards"),
    ],
)
async def test_without_a_certificate_that_holds_it_is_off_and_says_so(
    tmp_path: Path, certificate: Any, why: str
) -> None:
    rig = Rig(
        otherwise=Scripted(body=OPENAI_WHOLE),
        given=semantic_settings(tmp_path, OPENAI_MODEL, certificate=certificate),
    )
    for prompt in (FIRST, AGAIN):
        assert (await rig.post(CHAT, cold(prompt))).headers["x-pointsman-cache"] == "miss"
    assert (view_of(rig).on, view_of(rig).questions) == (False, 0)
    assert why in view_of(rig).why_off


async def test_it_ends_with_its_certificate(tmp_path: Path) -> None:
    rig = a_rig(tmp_path)
    await rig.post(CHAT, cold(FIRST))
    rig.clock.advance(101 * 366 * 86_400)
    assert "it expired on" in view_of(rig).why_off


async def test_it_compares_for_people(tmp_path: Path) -> None:
    rig = a_rig(tmp_path)
    assert rig.gateway.cache is not None and rig.gateway.cache.semantic is not None
    semantic = rig.gateway.cache.semantic
    pairs = ((FIRST, AGAIN), (FIRST, "How do I reset 2 passwords?"), (FIRST, "Why is the sky blue?"))
    same, number, other = (await semantic.compare(Compare(OPENAI_MODEL, pairs))).pairs
    assert (same.hit, number.hit, other.hit) == (True, False, False)
    assert "numbers" in number.refused and "the guard of numbers" in number.why
    with pytest.raises(NotFound, match=r"There are: gpt"):
        await semantic.compare(Compare("nobody", ()))
    with pytest.raises(InvalidRequest):
        await semantic.compare_json(b"{}")


async def test_only_the_name_that_was_opted_in_is_semantic(tmp_path: Path) -> None:
    given = semantic_settings(
        tmp_path,
        "faq",
        certificate=a_certificate("faq"),
        tables={"routes": {"faq": {"models": [OPENAI_MODEL]}}, "aliases": {"help": OPENAI_MODEL}},
    )
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=given)
    told = [
        (await rig.post(CHAT, cold(prompt) | {"model": name})).headers["x-pointsman-cache"]
        for name, prompt in (
            ("faq", FIRST),
            (OPENAI_MODEL, AGAIN),
            ("help", THIRD),
            ("faq", "How could I reset a password?"),
        )
    ]
    assert told == ["miss", "miss", "miss", "hit"]


async def test_an_answer_to_a_similar_question_is_not_passed_on(tmp_path: Path) -> None:
    """Else likeness would go from one to the next, to where nobody looked."""
    rig = a_rig(tmp_path)
    for prompt in (FIRST, AGAIN, AGAIN):
        await rig.post(CHAT, cold(prompt))
    assert (view_of(rig).hits, view_of(rig).questions) == (2, 1)


async def test_equal_questions_at_once_share_a_call_and_are_learned_from(tmp_path: Path) -> None:
    async with running_stack(
        given=semantic_settings(tmp_path, OPENAI_MODEL, certificate=a_certificate(OPENAI_MODEL))
    ) as stack:
        asked = [stack.post(path, cold(FIRST, max_tokens=9000)) for path in (CHAT, MESSAGES) * 5]
        told = [headers["x-pointsman-cache"] for _, headers, _ in await asyncio.gather(*asked)]
        assert told.count("miss") == 1 and set(told) <= {"miss", "coalesced", "hit"}
        asked = [stack.post(CHAT, cold(AGAIN, max_tokens=9000)) for _ in range(10)]
        told = [headers["x-pointsman-cache"] for _, headers, _ in await asyncio.gather(*asked)]
        assert told == ["hit"] * 10
        assert len((await stack.invoice())["calls"]) == 1
