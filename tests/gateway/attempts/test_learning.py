"""What is learned from the usage that providers report, and how little it may cost."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.chat import Usage
from pointsman.dialects.base import Delivered
from pointsman.errors import PointsmanError
from pointsman.gateway.attempts.learning import EAGER, EVERY, MAX_BYTES, MAX_MODELS, Learner
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.stream.pipes import Pipe
from tests.support.gateway import a_route


def a_record(name: str = "m", prompt: str = "one two three four", **more: Any) -> AttemptRecord:
    body = {"model": name, "messages": [{"role": "user", "content": prompt}]} | more
    return AttemptRecord(1, a_route(name=name), 0.0, msgspec.json.encode(body))


class Over:
    """A stream that is over."""

    def __init__(self, usage: Usage | None, delivered: int) -> None:
        self.usage: Usage | None = usage
        self.model = self.upstream_id = ""
        self.ended = True
        self.error: PointsmanError | None = None
        self.counted = 0
        self._delivered = delivered

    def feed(self, events: bytes) -> bytes:
        return events

    def delivered(self) -> Delivered:
        self.counted += 1
        return Delivered(output_tokens=self._delivered, usage=None)


def test_estimates_follow_what_a_provider_counts() -> None:
    learner = Learner()
    before = learner.ratios.expected("m", 100)
    for _ in range(EAGER):
        learner.see_prompt(a_record(), Usage(input=5, cache_read=40))
    assert before == 100
    assert learner.ratios.expected("m", 100) > 200, "cached tokens are tokens of the prompt too"
    assert learner.ratios.upper("m", 100) >= learner.ratios.expected("m", 100)
    assert learner.ratios.expected("other", 100) == 100


def test_only_a_sample_is_looked_at() -> None:
    learner = Learner()
    for _ in range(10 * EVERY):
        learner.see_prompt(a_record(), Usage(input=50))
    assert learner.ratios.ratios["m"].calls == EAGER + 9


def test_what_is_long_or_unreadable_is_left_alone() -> None:
    learner = Learner()
    learner.see_prompt(a_record(prompt="x" * MAX_BYTES), Usage(input=5))
    learner.see_prompt(a_record(tools=[{"type": "of its provider alone"}]), Usage(input=5))
    assert learner.ratios.ratios == {}


def test_free_names_cannot_fill_the_memory() -> None:
    learner = Learner()
    for number in range(MAX_MODELS + 100):
        record = a_record(f"free-{number}")
        learner.see_prompt(record, Usage(input=50))
        learner.see_output(record, Over(Usage(output=50), 40))
    assert len(learner.ratios.ratios) <= 2 * MAX_MODELS


def test_the_output_is_learned_from_streams_without_the_reasoning_that_nobody_saw() -> None:
    learner, record = Learner(), a_record()
    learner.see_prompt(record, Usage(input=5))
    pipe: Pipe = Over(Usage(input=5, output=100, reasoning=60), delivered=20)
    for _ in range(3):
        learner.see_output(record, pipe)
    assert learner.ratios.upper("m output", 10) == 20


def test_a_stream_without_usage_teaches_nothing_and_is_not_counted() -> None:
    learner, record = Learner(), a_record()
    learner.see_prompt(record, Usage(input=5))
    pipe = Over(None, delivered=20)
    learner.see_output(record, pipe)
    assert (pipe.counted, "m output" in learner.ratios.ratios) == (0, False)
