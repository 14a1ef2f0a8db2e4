from __future__ import annotations

from pointsman.chat import Usage
from pointsman.gateway.prompt_cache.metrics import PromptCacheMetrics
from pointsman.promptcache import Autopilot, Placement, Prompt, Sight


def test_counts() -> None:
    sight = Autopilot(1).look(Prompt("d", "me", memoryview(b'[{"role":"user","content":"a"}]')), 0.0)
    assert isinstance(sight, Sight)
    placement = Placement(sight, 0.0)
    placement.tools, placement.system, placement.tail = "1h", "1h", "5m"
    metrics = PromptCacheMetrics()
    metrics.placed(placement)
    metrics.settled(Usage(input=1, cache_read=100, cache_write_5m=20, cache_write_1h=3), 70)
    metrics.settled(Usage(cache_write_5m=20), -50)
    assert metrics.breakpoints == {("tools", "1h"): 1, ("system", "1h"): 1, ("messages", "5m"): 1}
    assert (metrics.calls, metrics.read, metrics.written, metrics.earned) == (1, 100, 43, 20)
