"""How good a router is on prompts that it was not trained on, beside all that it must beat. NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from pointsman.errors import InvalidRequest
from pointsman.routing.graded import Graded
from pointsman.routing.judgement import Judgement
from pointsman.routing.sample import Sample

from . import baselines
from .bootstrap import Drawn, Interval, bootstrap
from .curve import Gap, Order, apgr, cpt, gap_of, pgr_at, share_for_floor
from .frontier import Place, Single, frontier, singles
from .reliability import Reliability, reliability

Floats = NDArray[np.float64]
LEAST = 30
"""Labelled prompts, to say anything at all."""
_PLACES = np.linspace(0, 1, 101)


class Judge(Protocol):
    """A router."""

    @property
    def models(self) -> tuple[str, ...]: ...
    def judge(self, sample: Sample) -> Judgement: ...


class Contender(msgspec.Struct, frozen=True):
    """One order of prompts. All None where the strong model is no better (there is nothing to recover)."""

    apgr: float | None
    cpt50: float | None
    cpt80: float | None
    apgr_interval: Interval | None = None
    cpt50_interval: Interval | None = None
    cpt80_interval: Interval | None = None
    behind: Interval | None = None
    """By how much the router's APGR is above this one, on the same resamples."""
    saving_98: dict[str, float] = {}
    """By price ratio, read on the curve where 98 % of quality is kept: optimistic."""
    heights: tuple[float, ...] = ()
    """PGR at shares of 0, .01 … 1."""


class Pair(msgspec.Struct, frozen=True):
    """One weak model against the baseline."""

    weak: str
    strong: str
    gap: Gap
    no_gap: bool
    no_signal: bool
    """The router's APGR is not shown to be above that of a coin."""
    reliability: Reliability
    curve: tuple[tuple[float, float], ...]
    """Share of prompts sent to the strong model, and the share of the gap that is recovered by that."""
    contenders: dict[str, Contender]
    """The router first."""


class Evaluation(msgspec.Struct, frozen=True):
    prompts: int
    models: tuple[str, ...]
    pairs: tuple[Pair, ...]
    """Of each model with the last, the weakest first."""
    singles: tuple[Single, ...]
    frontier: tuple[Place, ...]
    prices: str


class Table(msgspec.Struct, frozen=True):
    """Prompts that are scored for all models of a router, and its judgement of each."""

    models: tuple[str, ...]
    prompts: list[Graded]
    judgements: list[Judgement]

    @property
    def scores(self) -> Floats:
        return np.array([[one.scores[model] for model in self.models] for one in self.prompts])

    @property
    def losses(self) -> Floats:
        return np.array([one.losses[:-1] for one in self.judgements])


def judge_all(router: Judge, prompts: Sequence[Graded]) -> Table:
    """Raises InvalidRequest where too few prompts are scored for all of the router's models."""
    known = [one for one in prompts if one.has(router.models)]
    if len(known) < LEAST:
        raise InvalidRequest(
            f"{len(known):,} of {len(prompts):,} prompts have a score of each of {', '.join(router.models)};"
            f" at least {LEAST} are needed. Labels of one prompt need the same id, or the same prompt."
        )
    return Table(router.models, known, [router.judge(one.sample) for one in known])


def evaluate(
    table: Table,
    costs: Floats,
    prices: str,
    *,
    ratios: Sequence[float] = (5.0, 18.75),
    learned: Sequence[Graded] | None = None,
    extra: Mapping[str, Floats] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """
    Args:
        costs: of each answer, a row for each prompt; ``prices`` says in words where they come from.
        ratios: strong price to weak price, for savings of a pair.
        learned: what the router was trained on, for the group prior; without it the prompts themselves
            are divided.
        extra: further orders of the same prompts to stand beside the router.
    """
    scores = table.scores
    alone = singles(table.models, scores, costs)
    return Evaluation(
        len(table.prompts),
        table.models,
        tuple(
            _pair(table, scores, weak, ratios, learned, extra or {}, resamples, seed)
            for weak in range(len(table.models) - 1)
        ),
        alone,
        frontier(table.losses, scores, costs, alone),
        prices,
    )


def _pair(
    table: Table,
    scores: Floats,
    weak: int,
    ratios: Sequence[float],
    learned: Sequence[Graded] | None,
    extra: Mapping[str, Floats],
    resamples: int,
    seed: int,
) -> Pair:
    gains = scores[:, -1] - scores[:, weak]
    gap = gap_of(gains)
    needs = _needs(table, gains, weak, learned) | dict(extra)
    orders = {name: Order(need, gains) for name, need in needs.items()}
    drawn = {} if gap.is_none or not resamples else bootstrap(orders, len(gains), resamples, seed)
    strong = float(scores[:, -1].mean())
    contenders = {
        name: _contender(order, gap, strong, ratios, drawn.get(name)) for name, order in orders.items()
    }
    router = contenders["router"].apgr_interval
    curve: tuple[tuple[float, float], ...] = ()
    if not gap.is_none:
        heights = contenders["router"].heights
        curve = tuple((round(float(c), 2), float(h)) for c, h in zip(_PLACES, heights, strict=True))
    return Pair(
        table.models[weak],
        table.models[-1],
        gap,
        gap.is_none,
        gap.is_none or (router is not None and router[0] <= 0.5),
        reliability(np.array([one.probabilities[weak] for one in table.judgements]), scores[:, weak]),
        curve,
        contenders,
    )


def _needs(table: Table, gains: Floats, weak: int, learned: Sequence[Graded] | None) -> dict[str, Floats]:
    known: dict[str, list[float]] | None = None
    if learned is not None:
        known = {}
        names = table.models[weak], table.models[-1]
        for one in learned:
            if one.has(names):
                known.setdefault(one.group, []).append(one.scores[names[1]] - one.scores[names[0]])
    prior = baselines.group_prior(table.prompts, gains, known)
    needs = {
        "router": table.losses[:, weak],
        "random": baselines.random_mix(table.prompts),
        "length": baselines.length(table.prompts),
        "keywords": baselines.keywords(table.prompts),
    }
    if prior is not None:
        needs["group_prior"] = prior
    return needs | {"oracle": baselines.oracle(gains)}


def _contender(
    order: Order, gap: Gap, strong: float, ratios: Sequence[float], drawn: Drawn | None
) -> Contender:
    shares, gained = order.curves()
    weak = 1 - share_for_floor(shares, gained, strong, 0.98)
    saving = {f"{ratio:g}": weak * (1 - 1 / ratio) for ratio in ratios}
    if gap.is_none:
        return Contender(None, None, None, saving_98=saving)
    area, half, most = apgr(shares, gained), cpt(shares, gained, 0.5), cpt(shares, gained, 0.8)
    heights = tuple(map(float, pgr_at(shares, gained, _PLACES)))
    made = Contender(float(area[0]), float(half[0]), float(most[0]), saving_98=saving, heights=heights)
    if drawn is None:
        return made
    return msgspec.structs.replace(
        made,
        apgr_interval=drawn.apgr,
        cpt50_interval=drawn.cpt50,
        cpt80_interval=drawn.cpt80,
        behind=(-drawn.ahead[1], -drawn.ahead[0]),
    )
