from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.caching.semantic.lexical import cosine
from pointsman.costs import parse_usd
from pointsman.dialects.openai_embeddings import read_vectors
from pointsman.errors import InvalidRequest, ModelNotFound
from pointsman.simulator import Config, app
from pointsman.simulator.embeddings import embedding_model, embeddings, prompt_tokens, read_request
from tests.support.asgi import AsgiCall

SMALL = "text-embedding-3-small"


def made(*texts: str, **more: Any) -> list[list[float]]:
    asked = read_request(msgspec.json.encode({"model": SMALL, "input": list(texts)} | more))
    return read_vectors(msgspec.json.encode(embeddings(asked, prompt_tokens(asked))), len(texts))


def test_texts_that_are_spelled_alike_are_close() -> None:
    one, near, far = made("reset my password", "resetting the password", "a blue sky")
    assert cosine(one, near) > 0.6 > 0.2 > cosine(one, far)
    assert made("reset my password") == [one]


def test_models_differ_and_base64_says_the_same() -> None:
    assert made("a text", model="text-embedding-3-large") != made("a text")
    assert made("a text", encoding_format="base64")[0] == pytest.approx(made("a text")[0], abs=1e-6)


@pytest.mark.parametrize(
    "given",
    [{"input": []}, {"input": [""]}, {"input": ["x"] * 2049}, {"input": 7}, {"input": ["word " * 9000]}],
)
def test_what_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        prompt_tokens(read_request(msgspec.json.encode({"model": SMALL} | given)))


def test_only_openai_has_them() -> None:
    assert embedding_model(SMALL, "openai").prices[0].standard.input == 20_000
    for name, provider in (("gpt-5.4-mini", "openai"), (SMALL, "gemini")):
        with pytest.raises(ModelNotFound):
            embedding_model(name, provider)


async def test_what_is_made_and_what_is_refused_is_on_the_invoice() -> None:
    simulator = app(Config())
    key = {"authorization": "Bearer any", "x-client-request-id": "req_mine"}
    body = msgspec.json.encode({"model": SMALL, "input": ["a text", "another text"]})
    wrong = msgspec.json.encode({"model": "nobody", "input": "a text"})
    told = [
        await AsgiCall(simulator, "POST", f"{base}/embeddings", [sent], headers).run()
        for base, sent, headers in (
            ("/openai/v1", body, key),
            ("/openai/v1", body, {}),
            ("/openai/v1", wrong, key),
            ("/gemini", body, key),
        )
    ]
    assert [answer.status for answer in told] == [200, 401, 404, 404]
    tokens = msgspec.json.decode(told[0].body)["usage"]["prompt_tokens"]
    calls = simulator.service.invoice.report(in_flight=0, summary=False)["calls"]
    assert [call.status for call in calls] == [200, 401, 404, 404]
    made = calls[0]
    assert (made.input, made.output, made.client_request_id) == (tokens, 0, "req_mine")
    assert parse_usd(made.usd) == tokens * 20_000
    assert [call.usd for call in calls[1:]] == ["0", "0", "0"]
