"""What is sent along a route: one's own bytes, or another dialect's, and never more than the model has."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.catalog import Capabilities
from pointsman.chat import Request
from pointsman.gateway.call.encoding import encode_body, with_defaults
from pointsman.gateway.call.values import Route
from pointsman.gateway.edge.accept import ANTHROPIC
from tests.support.arrivals import an_arrival
from tests.support.gateway import a_route, ask
from tests.support.models import a_model

PRESET = {"temperature": 0.3, "max_output": 9}


def sent(body: dict[str, Any], route: Route, defaults: dict[str, Any] | None = None, **arrival: Any) -> Any:
    came = an_arrival(body, **arrival)

    def request() -> Request:
        return came.face.decode_request(came.body)

    encoded = encode_body(came, came.face.peek(came.body), request, route, defaults or {})
    return msgspec.json.decode(encoded.body)


def test_the_same_dialect_keeps_what_nobody_knows() -> None:
    assert sent(ask("m", unheard_of={"a": [1]}), a_route())["unheard_of"] == {"a": [1]}


@pytest.mark.parametrize(("most", "cap"), [(5, 5), (20, 9)])
def test_a_preset_asks_for_no_more_than_this_model_has(most: int, cap: int) -> None:
    bare = {"model": "m", "messages": [{"role": "user", "content": "Why?"}]}
    for dialect in ("openai_chat", "anthropic_messages"):
        body = sent(bare, a_route(a_model(max_output=most), dialect), PRESET)
        assert body.get("max_completion_tokens", body.get("max_tokens")) == cap


def test_a_preset_yields_to_the_caller() -> None:
    picky = a_route(a_model(capabilities=Capabilities(sampling_together=False)), "anthropic_messages")
    body = sent(ask("m", top_p=0.5), picky, PRESET, face=ANTHROPIC)
    assert "temperature" not in body, "the model takes only one of the two"
    assert body["max_tokens"] == 100


def test_a_model_that_nobody_knows_is_sent_what_was_asked() -> None:
    route = msgspec.structs.replace(a_route(dialect="anthropic_messages"), model=None)
    assert sent(ask("m", temperature=0.5), route)["temperature"] == 0.5


def test_defaults_of_the_hub() -> None:
    filled = with_defaults(Request(model="m", messages=(), temperature=0.0), PRESET)
    assert (filled.temperature, filled.max_output) == (0.0, 9)
    assert with_defaults(filled, PRESET) is filled
