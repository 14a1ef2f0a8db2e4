from __future__ import annotations

import json

import pytest
from openai.types.chat import ChatCompletion

from pointsman.chat import RedactedThinking, Response, Stop, Text, Thinking, Usage
from pointsman.dialects.openai_chat.encode_response import encode_response
from tests.support.openai_chat_cases import RESPONSES


@pytest.mark.parametrize("case", RESPONSES)
def test_the_table(case: str) -> None:
    wire, response = RESPONSES[case]
    assert json.loads(encode_response(response)) == wire


@pytest.mark.parametrize("case", RESPONSES)
def test_the_official_sdk_accepts_it(case: str) -> None:
    body = encode_response(RESPONSES[case][1])
    completion = ChatCompletion.model_validate_json(body)
    assert completion.choices[0].message.role == "assistant"
    wire_usage = RESPONSES[case][0].get("usage")
    assert (completion.usage and completion.usage.total_tokens) == (wire_usage and 17)


@pytest.mark.parametrize("stop", Stop)
def test_every_stop_is_one_that_the_sdk_knows(stop: Stop) -> None:
    ChatCompletion.model_validate_json(encode_response(Response("i", "m", (Text("a"),), stop)))


@pytest.mark.parametrize(
    ("tier", "shown"), [("priority", "priority"), ("standard", "default"), ("batch", None), ("", None)]
)
def test_the_tier_is_told_in_openai_words(tier: str, shown: str | None) -> None:
    body = encode_response(Response("i", "m", (), Stop.END, Usage(input=1, tier=tier)))
    assert ChatCompletion.model_validate_json(body).service_tier == shown


def test_blocks_are_joined_and_secrets_of_reasoning_stay_out() -> None:
    parts = (Thinking("h", "sig"), RedactedThinking("zzz"), Text("a"), Thinking("m"), Text("b"))
    body = encode_response(Response("i", "m", parts, Stop.END))
    message = json.loads(body)["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == ("ab", "hm")
    assert b"sig" not in body
    assert b"zzz" not in body
