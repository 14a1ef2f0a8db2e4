"""Single models and cascades on the recorded answers, without a gateway, over many splits."""

from __future__ import annotations

import random
from dataclasses import dataclass
from statistics import fmean

from bench.replay.recordings import OPUS
from pointsman.routing.cascade.offline import Played, Price, cost_of_calls
from pointsman.routing.evidence.certify import floor_p_value
from pointsman.routing.graded import Graded


@dataclass(frozen=True)
class Outcome:
    """Of one policy on some prompts, against always asking the baseline."""

    prompts: int
    kept: float
    """Share of the baseline's accuracy."""
    low: float
    high: float
    """95 % of the paired bootstrap."""
    saving: float
    escalated: float


def single(prompts: list[Graded], model: str) -> list[Played]:
    return [
        Played(each.id, each.scores[model], each.scores[OPUS], (model,), model != OPUS, "graded")
        for each in prompts
        if OPUS in each.scores and model in each.scores
    ]


def measure(
    played: list[Played], prompts: list[Graded], prices: dict[str, Price], *, draws: int = 2000
) -> Outcome:
    tokens = {each.id: each.tokens for each in prompts}
    paid = sum(cost_of_calls(each.calls, tokens[each.id], prices) for each in played)
    strong = sum(cost_of_calls((OPUS,), tokens[each.id], prices) for each in played)
    pairs = [(each.score, each.baseline_score) for each in played]
    dice = random.Random(7)
    kept = sorted(_kept(dice.choices(pairs, k=len(pairs))) for _ in range(draws)) if draws else [0.0]
    return Outcome(
        len(played),
        _kept(pairs),
        kept[int(0.025 * len(kept))],
        kept[int(0.975 * len(kept)) - (draws > 0)],
        1 - paid / strong,
        fmean(each.calls[-1] == OPUS for each in played),
    )


def floor_p(played: list[Played], floor: float) -> float:
    """Of the hypothesis that less than ``floor`` of the baseline's quality is kept."""
    return floor_p_value([each.score for each in played], [each.baseline_score for each in played], floor)


@dataclass(frozen=True)
class Splits:
    """Certified on a part of the prompts and measured on the rest, again and again."""

    runs: int
    certified: int
    missed: int
    """Certified, and below the floor on the rest."""
    kept: float
    """Mean, of all runs; without a certificate all of it is kept and nothing saved."""
    saving: float


def repeat(
    played: list[Played],
    prompts: list[Graded],
    prices: dict[str, Price],
    floor: float,
    runs: int,
    part: float,
) -> Splits:
    tokens = {each.id: each.tokens for each in prompts}
    costs = {
        each.id: (
            cost_of_calls(each.calls, tokens[each.id], prices),
            cost_of_calls((OPUS,), tokens[each.id], prices),
        )
        for each in played
    }
    certified = missed = 0
    kept, saved = [], []
    for seed in range(runs):
        order = random.Random(seed).sample(played, len(played))
        count = int(len(order) * part)
        calibration, test = order[:count], order[count:]
        if floor_p(calibration, floor) > 0.05:
            kept.append(1.0)
            saved.append(0.0)
            continue
        certified += 1
        share = _kept([(each.score, each.baseline_score) for each in test])
        missed += share < floor
        kept.append(share)
        saved.append(1 - sum(costs[e.id][0] for e in test) / sum(costs[e.id][1] for e in test))
    return Splits(runs, certified, missed, fmean(kept), fmean(saved))


def _kept(pairs: list[tuple[float, float]]) -> float:
    strong = sum(baseline for _, baseline in pairs)
    return sum(score for score, _ in pairs) / strong if strong else 1.0
