"""Is there a signal in what was learned? Said honestly, on prompts that were not learned from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pointsman.routing.evidence.evaluation import LEAST, Contender, Pair, Table, evaluate
from pointsman.routing.graded import Graded
from pointsman.routing.judgement import Judgement

from .training_summary import PairSummary


def summarise(
    prompts: list[Graded], models: tuple[str, ...], judged: Mapping[int, Judgement], resamples: int, seed: int
) -> tuple[PairSummary, ...]:
    """For each model against the last, of the prompts scored for both.

    Args:
        judged: by position in ``prompts``, each by a router that had not seen it.
    """
    return tuple(
        _pair(prompts, models, position, judged, resamples, seed) for position in range(len(models) - 1)
    )


def _pair(
    prompts: list[Graded],
    models: tuple[str, ...],
    position: int,
    judged: Mapping[int, Judgement],
    resamples: int,
    seed: int,
) -> PairSummary:
    two = models[position], models[-1]
    both = [at for at in judged if prompts[at].has(two)]
    if len(both) < LEAST:
        few = f"no verdict: {len(both)} prompts have scores of both, and {LEAST} are needed"
        return PairSummary(*two, len(both), None, None, None, None, None, None, None, few)
    table = Table(
        two,
        [prompts[at] for at in both],
        [
            Judgement(
                (found.probabilities[position], found.probabilities[-1]), (found.losses[position], 0.0), 1.0
            )
            for found in (judged[at] for at in both)
        ],
    )
    made = evaluate(table, np.ones((len(both), 2)), "", resamples=resamples, seed=seed).pairs[0]
    router, prior = made.contenders["router"], made.contenders.get("group_prior")
    return PairSummary(
        *two,
        len(both),
        made.gap.value,
        made.gap.error,
        router.apgr,
        router.apgr_interval,
        made.reliability.ece,
        made.contenders["length"].apgr,
        None if prior is None else prior.apgr,
        verdict(made, router, prior),
    )


def verdict(pair: Pair, router: Contender, prior: Contender | None) -> str:
    if pair.no_gap:
        return f"no gap: {pair.strong} is not shown to be better than {pair.weak}"
    if pair.no_signal:
        return "no signal: not shown to be better than a coin"
    if prior is not None and prior.apgr is not None and router.apgr is not None and prior.apgr > router.apgr:
        return "no signal beyond the group of a prompt"
    return "signal"
