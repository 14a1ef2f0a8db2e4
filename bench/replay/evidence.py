"""Certificates from the prompts that nothing is measured on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.replay.cascades import Plan, play
from bench.replay.recordings import FLASH, HAIKU, OPUS, Recording, graded
from pointsman.routing.cascade.offline import Played, Price, cost_of_calls
from pointsman.routing.cascade.points import CASCADE, cascade_points
from pointsman.routing.evidence import Certificate, Refused, certify, point_of
from pointsman.routing.features import featurise
from pointsman.routing.router import Router
from pointsman.routing.training import Example, train

FLOOR, CONFIDENCE = 0.98, 0.95
POOL = (HAIKU, FLASH, OPUS)


@dataclass(frozen=True)
class Made:
    """What a route may go by."""

    outcome: Certificate | Refused
    router: Router | None = None

    @property
    def words(self) -> str:
        made = self.outcome
        if isinstance(made, Refused):
            return f"not certified: {made.reason}"
        saving = f", saving {made.saving.value:.1%}" if made.saving else ""
        return f"certified on {made.labels} prompts: kept {made.quality.value:.1%}{saving}"


def certify_cascade(known: list[Recording], plan: Plan, digest: str, prices: Mapping[str, Price]) -> Made:
    prompts = graded(known)
    tokens = {each.id: each.tokens for each in prompts}

    def cost(each: Played, calls: tuple[str, ...]) -> float:
        return cost_of_calls(calls, tokens[each.id], prices)

    made = certify(
        cascade_points(play(prompts, plan), cost, OPUS),
        pool=(CASCADE, OPUS),
        router=digest,
        now=datetime.now(UTC),
        floor=FLOOR,
        confidence=CONFIDENCE,
        min_labels=400,
        prices="list prices of today",
    )
    return Made(made)


def learn(known: list[Recording], prices: Mapping[str, Price]) -> Made:
    """Trained on the split "train", certified on "calib"."""
    prompts = {split: graded([r for r in known if r.split == split]) for split in ("train", "calib")}
    router = train([Example(featurise(each.sample), each.scores) for each in prompts["train"]], POOL)
    points = [
        point_of(
            each,
            router.judge(each.sample),
            POOL,
            tuple(cost_of_calls((model,), each.tokens, prices) for model in POOL),
        )
        for each in prompts["calib"]
    ]
    made = certify(
        points,
        pool=POOL,
        router=router.digest,
        now=datetime.now(UTC),
        floor=FLOOR,
        confidence=CONFIDENCE,
        min_labels=100,
        prices="list prices of today",
    )
    return Made(made, router)
