from __future__ import annotations

import msgspec
import pytest

from pointsman.dialects.openai_chat import wire
from pointsman.dialects.openai_chat.problems import invalid, invalid_value, missing_parameter


def _complaint(body: bytes) -> msgspec.ValidationError:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=list[wire.Message])
    return caught.value


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        (
            b"5",
            "messages",
            "Invalid type for 'messages': expected array, but got int instead.",
        ),
        (
            b'[{"role":1}]',
            "messages[0].role",
            "Invalid type for 'messages[0].role': expected str, but got int instead.",
        ),
        (
            b'[{"content":[{"type":"x","image_url":{}}]}]',
            "messages[0].content[0].image_url.url",
            "Missing required parameter: 'messages[0].content[0].image_url.url'.",
        ),
    ],
)
def test_the_place_and_the_type_are_named(body: bytes, param: str, message: str) -> None:
    error = invalid(_complaint(body), "messages")
    assert (error.param, error.message) == (param, message)


def test_codes_are_openais() -> None:
    assert invalid_value("n", "x").code == "invalid_value"
    assert missing_parameter("n").code == "missing_required_parameter"
