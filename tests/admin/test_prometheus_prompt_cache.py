from __future__ import annotations

from pointsman.admin.prometheus import exposition
from pointsman.chat import Usage
from pointsman.gateway.metrics import Metrics
from pointsman.gateway.prompt_cache.metrics import PromptCacheMetrics


def test_the_page() -> None:
    metrics, done = Metrics(), PromptCacheMetrics()
    done.calls, done.keys = 3, 2
    done.declined["own"] = 5
    done.breakpoints["messages", "5m"] = 3
    done.settled(Usage(cache_read=100, cache_write_5m=20), -5 * 10**11)
    assert "prompt_cache" not in exposition(metrics).decode()
    metrics.prompt_cache = done
    page = exposition(metrics).decode()
    for line in (
        'pointsman_prompt_cache_calls_total{done="marked",reason=""} 3.0',
        'pointsman_prompt_cache_calls_total{done="keyed",reason=""} 2.0',
        'pointsman_prompt_cache_calls_total{done="left",reason="own"} 5.0',
        'pointsman_prompt_cache_breakpoints_total{ttl="5m",where="messages"} 3.0',
        'pointsman_prompt_cache_tokens_total{how="read"} 100.0',
        'pointsman_prompt_cache_tokens_total{how="written"} 20.0',
        "pointsman_prompt_cache_earned_usd -0.5",
    ):
        assert line in page.splitlines()
