from __future__ import annotations

from collections.abc import Callable

from anthropic.types import CacheCreation
from anthropic.types import Usage as WireUsage

from pointsman.chat import Usage
from pointsman.demo.prompts.anthropic_sdk import AnthropicSender, usage_of
from pointsman.demo.prompts.ask import Sender
from tests.support.sender_contract import SenderContract


class TestSender(SenderContract):
    sdk = "anthropic"
    usage = Usage(input=30, cache_read=20, output=9)

    def make(self, base_url: str, clock: Callable[[], float]) -> Sender:
        return AnthropicSender(base_url, "pm_test", timeout=10, clock=clock)


def test_cache_writes_by_their_time_to_live() -> None:
    split = CacheCreation(ephemeral_5m_input_tokens=3, ephemeral_1h_input_tokens=4)
    both = WireUsage(input_tokens=1, output_tokens=2, cache_creation_input_tokens=7, cache_creation=split)
    assert usage_of(both) == Usage(input=1, output=2, cache_write_5m=3, cache_write_1h=4)
    plain = WireUsage(input_tokens=1, output_tokens=2, cache_creation_input_tokens=7)
    assert usage_of(plain) == Usage(input=1, output=2, cache_write_5m=7)
