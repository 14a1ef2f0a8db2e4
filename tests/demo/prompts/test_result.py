from __future__ import annotations

import pytest

from pointsman.chat import Usage
from pointsman.demo.prompts.prompts import DemoPrompt
from pointsman.demo.prompts.result import Reply, Settled, money, needs_settling, result

PROMPT = DemoPrompt(
    id="p", kind="chat", language="en", model="asked", sdk="openai", stream=True, max_tokens=5, messages=()
)
HEADERS = {
    "x-request-id": "req_1",
    "x-pointsman-model": "answered",
    "x-pointsman-provider": "prov",
    "x-pointsman-attempts": "2",
    "x-pointsman-cost-usd": "0.0000185",
}


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0.0000185", 18_500_000), ("0", 0), (None, None), ("", None), ("unknown", None), ("1e-13", None)],
)
def test_money_that_is_not_known_is_not_zero(text: str | None, amount: int | None) -> None:
    assert money(text) == amount


def test_the_headers_are_enough_for_a_whole_answer() -> None:
    reply = Reply(status=200, headers=HEADERS, model="body", usage=Usage(input=1), first_at=10.5)
    assert not needs_settling(reply)
    got = result(PROMPT, reply, None, started=10.0, ended=12.0)
    assert (got.asked, got.model, got.provider, got.attempts) == ("asked", "answered", "prov", 2)
    assert (got.ttft, got.latency, got.cost, got.request_id) == (0.5, 2.0, 18_500_000, "req_1")
    assert got.ok


@pytest.mark.parametrize("attempts", [3, [{}, {}, {}]])
def test_what_was_settled_later_weighs_more(attempts: int | list[object]) -> None:
    reply = Reply(status=200, headers={"x-request-id": "r", "x-pointsman-attempts": "1"})
    assert needs_settling(reply)
    settled = Settled(cost_usd="1", attempts=attempts, model="other", provider="elsewhere")
    got = result(PROMPT, reply, settled, started=0, ended=1)
    assert (got.model, got.provider, got.attempts, got.cost) == ("other", "elsewhere", 3, 10**12)


def test_nothing_came() -> None:
    reply = Reply(status=0, error="Connection error.")
    assert not needs_settling(reply)
    got = result(PROMPT, reply, None, started=0, ended=1)
    assert (got.model, got.provider, got.cost, got.attempts, got.ttft) == ("asked", "", None, None, None)
    assert not got.ok
