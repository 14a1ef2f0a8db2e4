from __future__ import annotations

from collections.abc import Callable

from openai.types import CompletionUsage

from pointsman.chat import Usage
from pointsman.demo.prompts.ask import Sender
from pointsman.demo.prompts.openai_sdk import OpenAISender, usage_of
from tests.support.sender_contract import SenderContract


class TestSender(SenderContract):
    sdk = "openai"
    usage = Usage(input=30, cache_read=20, output=9, reasoning=3)

    def make(self, base_url: str, clock: Callable[[], float]) -> Sender:
        return OpenAISender(base_url, "pm_test", timeout=10, clock=clock)


def test_usage_that_is_not_told_is_not_zero() -> None:
    assert usage_of(None) is None
    plain = CompletionUsage(prompt_tokens=5, completion_tokens=2, total_tokens=7)
    assert usage_of(plain) == Usage(input=5, output=2)
