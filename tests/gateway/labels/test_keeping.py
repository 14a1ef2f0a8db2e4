from __future__ import annotations

from pointsman.costs.pricer import DAY_US
from pointsman.gateway.labels.keeping import LabelKeeper
from pointsman.gateway.labels.metrics import LabelMetrics
from pointsman.routing.labels.memory import MemoryLabels
from tests.support.clock import FakeClock
from tests.support.labels_contract import a_mark, a_prompt


async def test_labels_are_kept_and_counted_and_old_features_forgotten_once_a_day() -> None:
    class Watched(MemoryLabels):
        pruned = 0

        def prune(self, route: str, before_us: int) -> int:
            self.pruned += 1
            return super().prune(route, before_us)

    labels, metrics, clock = Watched(), LabelMetrics(), FakeClock()
    now_us = clock.now_us()
    labels.put(a_prompt("req_old", at_us=now_us - 31 * DAY_US), [a_mark()])
    labels.put(a_prompt("req_new", at_us=now_us - 29 * DAY_US), [a_mark()])
    keeper = LabelKeeper(labels, metrics, clock, {"default": 30})
    for number in range(3):
        await keeper.put(a_prompt(f"req_{number}", at_us=now_us), [a_mark(), a_mark("large")])
    kept = {found.prompt.id for found in labels.labelled("default") if found.prompt.features}
    assert kept == {"req_new", "req_0", "req_1", "req_2"}
    assert labels.pruned == 1
    assert dict(metrics.labels) == {("default", "small", "shadow"): 3, ("default", "large", "shadow"): 3}
