"""The cascades that are compared."""

from __future__ import annotations

from dataclasses import dataclass

from bench.replay.recordings import FLASH, HAIKU, OPUS, SONNET
from pointsman.routing.cascade import Agreement, Rule, extractor
from pointsman.routing.cascade.offline import Played, play_all
from pointsman.routing.graded import Graded

EXTRACT = "json:answer:number"


@dataclass(frozen=True)
class Plan:
    """Ask ``first``; what ``rule`` does not believe is the baseline's."""

    name: str
    first: tuple[str, ...]
    rule: Rule


def plans() -> list[Plan]:
    agree = Agreement(extractor(EXTRACT))
    return [
        Plan("haiku and flash agree", (HAIKU, FLASH), agree),
        Plan("haiku and sonnet agree", (HAIKU, SONNET), agree),
        Plan("flash and sonnet agree", (FLASH, SONNET), agree),
        Plan("haiku, flash and sonnet agree", (HAIKU, FLASH, SONNET), agree),
    ]


def play(prompts: list[Graded], plan: Plan) -> list[Played]:
    return play_all(prompts, plan.first, OPUS, plan.rule)
