from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.gateway.auto.gradable import ungradable
from pointsman.gateway.edge.accept import OPENAI
from pointsman.routing.sample import read_body
from tests.support.gateway import ask

TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}
PICTURE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
DOCUMENT = {"type": "document", "source": {"type": "text", "data": "x"}}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None),
        ({"tools": [], "n": 1, "functions": None}, None),
        ({"n": None}, None),
        ({"messages": [{"role": "user", "content": 'Say "file" and "document".'}]}, None),
        ({"tools": [TOOL]}, "tools"),
        ({"functions": [{"name": "f"}]}, "tools"),
        ({"web_search_options": {}}, "tools"),
        ({"messages": [{"role": "user", "content": [PICTURE]}]}, "media"),
        ({"messages": [{"role": "user", "content": [DOCUMENT]}]}, "media"),
        ({"audio": {"voice": "alloy"}}, "media"),
        ({"n": 3}, "choices"),
    ],
)
def test_what_shadows_cannot_compare_as_text(fields: dict[str, Any], reason: str | None) -> None:
    body = msgspec.json.encode(ask("auto") | fields)
    sample = read_body(body)
    assert sample is not None
    assert ungradable(OPENAI.peek(body), sample, body) == reason
