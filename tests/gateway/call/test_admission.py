"""What a model cannot do is refused before it is sent; what is not known to be impossible passes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.catalog import Capabilities, Model
from pointsman.dialects.base import Dialect
from pointsman.errors import ContextWindowExceeded, UnsupportedByModel
from pointsman.gateway.call.admission import admit
from pointsman.gateway.edge.accept import ANTHROPIC, OPENAI
from tests.support.models import a_model

PIXEL = "iVBORw0KGgo="
TOOL_RESULT_WITH_IMAGE = {
    "type": "tool_result",
    "tool_use_id": "t",
    "content": [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
    ],
}
PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PIXEL}}
TEXT_DOCUMENT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}
IMAGE_URL = {"type": "image_url", "image_url": {"url": "http://x/y.png"}}
FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}

BIG = 100_000


def limited(**fields: Any) -> Model:
    """A model with a window that none of the small requests could fill."""
    return a_model(**({"context_window": BIG} | fields))


def user(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(parts)}]}


def check(model: Model, face: Dialect, body: dict[str, Any] | bytes, *others: Model) -> None:
    if isinstance(body, dict):
        wire = {"model": model.id, "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}]} | body
        body = msgspec.json.encode(wire)
    admit(model, face, face.peek(body), body, others)


BLIND, UNARMED = Capabilities(vision=False, pdf=False), Capabilities(tools=False)
FREE = Capabilities(forced_tool_choice=False)
FORCED = {"tools": [FUNCTION], "tool_choice": "required"}

REFUSED: list[tuple[Capabilities, Dialect, dict[str, Any], str]] = [
    (BLIND, OPENAI, user(IMAGE_URL), "images"),
    (BLIND, ANTHROPIC, user(TOOL_RESULT_WITH_IMAGE), "images"),
    (BLIND, ANTHROPIC, user(PDF), "PDF"),
    (UNARMED, OPENAI, {"tools": [FUNCTION]}, "cannot call tools"),
    (FREE, OPENAI, FORCED, "cannot be forced"),
    (Capabilities(), OPENAI, {"max_tokens": 101}, "at most 100 tokens, not 101"),
]


@pytest.mark.parametrize(("can", "face", "body", "message"), REFUSED)
def test_what_is_known_to_be_impossible_is_refused(
    can: Capabilities, face: Dialect, body: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnsupportedByModel, match=message):
        check(limited(capabilities=can), face, body)


PASSES: list[tuple[Capabilities, Dialect, dict[str, Any]]] = [
    (Capabilities(), OPENAI, user(IMAGE_URL)),
    (Capabilities(), ANTHROPIC, user(PDF)),
    (BLIND, ANTHROPIC, user(TEXT_DOCUMENT)),
    (BLIND, OPENAI, {"messages": [{"role": "user", "content": 'the words "image_url" and "document"'}]}),
    (UNARMED, OPENAI, {"tools": []}),
    (FREE, OPENAI, {"tools": [FUNCTION], "tool_choice": "auto"}),
    (Capabilities(), OPENAI, {"max_tokens": 100}),
    (BLIND, OPENAI, user({"type": "image_hologram"})),
]


@pytest.mark.parametrize(("can", "face", "body"), PASSES)
def test_all_else_passes(can: Capabilities, face: Dialect, body: dict[str, Any]) -> None:
    check(limited(capabilities=can), face, body)


def test_an_image_hides_behind_no_escape() -> None:
    body = b'{"model":"m","messages":[{"role":"user","content":[{"type":"\\u0069mage_url","\\u0069mage_url":'
    body += b'{"url":"http://x/y.png"}}]}]}'
    with pytest.raises(UnsupportedByModel, match="images"):
        check(limited(capabilities=BLIND), OPENAI, body)


def test_a_prompt_that_surely_is_longer_than_the_window_is_refused_and_another_model_named() -> None:
    long = {"messages": [{"role": "user", "content": "word, " * 20_000}]}
    small, large = limited(context_window=8_000), limited(name="large", context_window=10**6)
    with pytest.raises(ContextWindowExceeded, match=r"takes at most 8,000; .*use large"):
        check(small, OPENAI, long, small, large)
    check(large, OPENAI, long)


def test_one_that_may_still_fit_passes() -> None:
    check(limited(context_window=8_000), OPENAI, {"messages": [{"role": "user", "content": "a" * 9_000}]})
