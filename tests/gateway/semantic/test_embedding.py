"""Vectors from a model: asked for like everything else, booked, and done without where they do not come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from pointsman.caching.semantic.explained import Compare
from pointsman.costs import parse_usd
from pointsman.keys import KeyInfo
from tests.support.gateway import CHAT, Rig, ask
from tests.support.provider_bytes import OPENAI_MODEL, OPENAI_WHOLE
from tests.support.semantic import a_certificate, semantic_settings
from tests.support.stack import running_stack
from tests.support.upstream import Scripted, Wait

EMBEDDER = "text-embedding-3-small"
IDENTITY = f"model:openai/{EMBEDDER}"
PRICED = {
    "models": {
        EMBEDDER: {"provider": "openai", "context_window": 8192, "prices": {"input": "0.02", "output": 0}}
    }
}
FIRST, AGAIN = "How do I reset my password?", "How can I reset my password?"


def given(folder: Path, **more: Any) -> Any:
    certificate = a_certificate(OPENAI_MODEL, vectors=IDENTITY)
    return semantic_settings(
        folder, OPENAI_MODEL, certificate=certificate, vectors=f"model:{EMBEDDER}", tables=PRICED, **more
    )


def cold(prompt: str, **more: Any) -> dict[str, Any]:
    return ask(OPENAI_MODEL, prompt, temperature=0, **more)


async def test_every_cent_of_it_is_on_the_invoice_and_in_the_ledger(tmp_path: Path) -> None:
    async with running_stack(given=given(tmp_path)) as stack:
        told = [
            (await stack.post(CHAT, cold(prompt, max_tokens=9000)))[1].get("x-pointsman-cache")
            for prompt in (FIRST, AGAIN, AGAIN, "How do I reset 2 passwords?")
        ]
        assert told == ["miss", "hit", "hit", "miss"]
        await stack.ledger.flush()
        entries = stack.ledger.entries
        embedded = [entry for entry in entries if entry.requested == f"embed:{OPENAI_MODEL}"]
        assert len(embedded) == 3  # the second time the vector is remembered
        assert all(entry.face == "openai_embeddings" and entry.cost for entry in embedded)
        invoice = await stack.invoice()
        assert len(invoice["calls"]) == 5
        booked = sum(entry.cost or 0 for entry in entries)
        assert booked == sum(parse_usd(line["usd"]) for line in invoice["calls"])


@pytest.mark.parametrize(
    "embedding",
    [
        Scripted(status=500, body=b'{"error": {"message": "no"}}'),
        Scripted(status=404, body=b'{"error": {"message": "no such model"}}'),
        Scripted(body=b'{"data": []}'),
        Scripted(body=b"no json"),
        Scripted(body=b'{"data": [{"embedding": []}], "usage": {"prompt_tokens": 1}}'),
    ],
)
async def test_without_vectors_the_request_goes_its_way(tmp_path: Path, embedding: Any) -> None:
    rig = Rig(embedding, otherwise=Scripted(body=OPENAI_WHOLE), given=given(tmp_path))
    answer = await rig.post(CHAT, cold(FIRST))
    assert (answer.status, answer.headers["x-pointsman-cache"]) == (200, "miss")
    assert [entry.requested for entry in rig.ledger.entries] == [f"embed:{OPENAI_MODEL}", OPENAI_MODEL]
    assert rig.gateway.cache is not None
    assert rig.gateway.cache.view().semantic[OPENAI_MODEL].misses == {"no_vector": 1}


async def test_who_is_slow_is_not_waited_for_and_booked_all_the_same(tmp_path: Path) -> None:
    slow = Scripted(before=Wait.FOR_EVER)
    rig = Rig(slow, otherwise=Scripted(body=OPENAI_WHOLE), given=given(tmp_path, timeout=0.01))
    answer = await rig.post(CHAT, cold(FIRST))
    assert (answer.status, answer.headers["x-pointsman-cache"]) == (200, "miss")
    cut, answered = rig.ledger.entries
    assert (cut.outcome, cut.estimated, answered.outcome) == ("cut", True, "ok")
    assert cut.cost and cut.usage is not None and cut.usage.output == 0


def answered(count: int) -> Scripted:
    data = [{"index": at, "embedding": [1.0, float(at)]} for at in range(count)]
    return Scripted(body=msgspec.json.encode({"data": data, "usage": {"prompt_tokens": count}}))


async def test_many_texts_go_in_parts_and_none_is_asked_for_twice(tmp_path: Path) -> None:
    rig = Rig(answered(256), answered(44), otherwise=Scripted(status=500), given=given(tmp_path))
    assert rig.gateway.cache is not None and rig.gateway.cache.semantic is not None
    pairs = tuple((f"text {n}", f"text {n + 1}") for n in range(299))
    told = await rig.gateway.cache.semantic.compare(Compare(OPENAI_MODEL, pairs))
    assert len(told.pairs) == 299 and told.vectors == IDENTITY
    again = await rig.gateway.cache.semantic.compare(Compare(OPENAI_MODEL, pairs[:9]))
    assert again.pairs == told.pairs[:9] and len(rig.transport.requests) == 2
    failed = await rig.gateway.cache.semantic.compare(Compare(OPENAI_MODEL, (("new", "newer"),)))
    assert failed.pairs[0].similarity is None


async def test_tenants_do_not_share_vectors(tmp_path: Path) -> None:
    rig = Rig(answered(1), answered(1), otherwise=Scripted(status=500), given=given(tmp_path))
    assert rig.gateway.cache is not None and rig.gateway.cache.semantic is not None
    vectors = rig.gateway.cache.semantic.routes[OPENAI_MODEL].vectors
    for tenant in ("one", "other", "one"):
        key = KeyInfo(id=tenant, name="k", tenant=tenant)
        assert await vectors.of(("a text",), key) == [[1.0, 0.0]]
    assert [entry.tenant for entry in rig.ledger.entries] == ["one", "other"]
