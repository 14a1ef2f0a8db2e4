"""One pool of models on one set of prompts: how good a router is there, and what is certified of it.

Two ways of never judging a prompt by what was learned from it. Held out: a router learned from the split
``train`` and measured on ``test``. Crossed: each prompt is judged by a router that was learned from the other
folds, so that all prompts count; the splits of certification are drawn from these.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from pointsman.routing.evidence import Certificate, Point, certify
from pointsman.routing.evidence.evaluation import Evaluation, Table, evaluate, judge_all
from pointsman.routing.evidence.point import position
from pointsman.routing.evidence.prices import at_ratio
from pointsman.routing.features import featurise
from pointsman.routing.graded import Graded
from pointsman.routing.judgement import Judgement
from pointsman.routing.training.example import Example
from pointsman.routing.training.train import learn

Floats = NDArray[np.float64]
FLOOR, CONFIDENCE = 0.98, 0.95
RATIOS = (5.0, 18.75)
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEAST = 100
"""Labels, below which nothing is certified here: some sets are small."""


class Halves(msgspec.Struct, frozen=True):
    """Certified on one half of the prompts, measured on the other, many times."""

    splits: int
    certified: float
    """Of the splits, in which anything was."""
    missed: float
    """Of the splits, in which the policy kept less than the floor as measured on the other half."""
    missed_truly: float
    """The same, measured on all prompts of the set: less noise."""
    tuned_missed: float
    """What missing would be with the threshold that keeps the floor on the first half, without a test."""
    share: float
    """Mean share of prompts not sent to the baseline."""
    saving: dict[str, float]
    """Mean, by price ratio; 0 where nothing was certified."""
    quality: float
    """Mean, of the baseline's."""


def examples_of(prompts: Sequence[Graded]) -> list[Example]:
    return [Example(featurise(one.sample), one.scores) for one in prompts]


def crossed(prompts: Sequence[Graded], models: tuple[str, ...]) -> Table:
    """Every prompt judged by what was learned from others."""
    examples = examples_of(prompts)
    place = {id(example): at for at, example in enumerate(examples)}
    trained = learn(examples, models)
    judgements: list[Judgement | None] = [None] * len(prompts)
    for row, example in enumerate(trained.examples):
        judgements[place[id(example)]] = Judgement(
            tuple(map(float, trained.chances[row])), (*map(float, trained.losses[row]), 0.0), 1.0
        )
    return Table(models, list(prompts), [one for one in judgements if one is not None])


def held_out(prompts: Sequence[Graded], splits: Sequence[str], models: tuple[str, ...]) -> Table:
    learned = [one for one, split in zip(prompts, splits, strict=True) if split == "train"]
    tested = [one for one, split in zip(prompts, splits, strict=True) if split == "test"]
    router = learn(examples_of(learned), models).router
    return judge_all(router, tested)


def measure(
    table: Table,
    *,
    learned: Sequence[Graded] | None = None,
    extra: Mapping[str, Floats] | None = None,
    resamples: int = 1000,
) -> Evaluation:
    priced = at_ratio(table.prompts, table.models)
    return evaluate(
        table, np.array(priced.costs), priced.words, learned=learned, extra=extra, resamples=resamples
    )


def points_of(table: Table, ratio: float) -> list[Point]:
    costs = at_ratio(table.prompts, table.models, ratio).costs
    return [
        Point(judged.losses, tuple(one.scores[m] for m in table.models), cost, id=one.id)
        for one, judged, cost in zip(table.prompts, table.judgements, costs, strict=True)
    ]


def halves(table: Table, splits: int, seed: int = 0) -> Halves:
    rng = random.Random(seed)
    points = points_of(table, RATIOS[0])
    rows = {f"{ratio:g}": at_ratio(table.prompts[:1], table.models, ratio).costs[0] for ratio in RATIOS}
    done = [_half(points, rng, rows, table.models) for _ in range(splits)]
    return Halves(
        splits,
        certified=float(np.mean([one[0] for one in done])),
        missed=float(np.mean([one[1] for one in done])),
        missed_truly=float(np.mean([one[2] for one in done])),
        tuned_missed=float(np.mean([one[3] for one in done])),
        share=float(np.mean([one[4] for one in done])),
        saving={name: float(np.mean([one[5][name] for one in done])) for name in rows},
        quality=float(np.mean([one[6] for one in done])),
    )


def _half(
    points: list[Point], rng: random.Random, rows: Mapping[str, tuple[float, ...]], models: tuple[str, ...]
) -> tuple[bool, bool, bool, bool, float, dict[str, float], float]:
    shuffled = rng.sample(points, len(points))
    half = len(points) // 2
    first, second = shuffled[:half], shuffled[half:]
    made = certify(
        first,
        pool=models,
        router="",
        now=_NOW,
        floor=FLOOR,
        confidence=CONFIDENCE,
        min_labels=min(LEAST, half),
    )
    tuned = _kept(second, _tuned(first)) < FLOOR
    if not isinstance(made, Certificate):
        return False, False, False, tuned, 0.0, dict.fromkeys(rows, 0.0), 1.0
    chosen = [position(point, made.costs, made.threshold, 0.0) for point in second]
    paid = {name: float(np.mean([row[at] for at in chosen])) / row[-1] for name, row in rows.items()}
    quality = _kept(second, made.threshold)
    return (
        True,
        quality < FLOOR,
        _kept(points, made.threshold) < FLOOR,
        tuned,
        float(np.mean([at < len(models) - 1 for at in chosen])),
        {name: 1 - cost for name, cost in paid.items()},
        quality,
    )


def _kept(points: Sequence[Point], threshold: float) -> float:
    """Of the baseline's quality."""
    costs = points[0].costs
    chosen = sum(point.scores[position(point, costs, threshold, 0.0)] for point in points)
    return chosen / (sum(point.scores[-1] for point in points) or 1.0) + 1e-12


def _tuned(points: Sequence[Point]) -> float:
    """The riskiest threshold that keeps the floor here: what tuning on labels comes to."""
    if len(points[0].losses) == 2:
        ordered = sorted(points, key=lambda point: point.losses[0])
        room = (1 - FLOOR) * sum(point.scores[-1] for point in points)
        best, lost = -1.0, 0.0
        for at, point in enumerate(ordered):
            if lost <= room and (at == 0 or ordered[at - 1].losses[0] < point.losses[0]):
                best = point.losses[0]
            lost += point.scores[1] - point.scores[0]
        return best if lost > room else 1.01
    return next((t / 100 for t in range(101, -101, -1) if _kept(points, t / 100) >= FLOOR), -1.0)
