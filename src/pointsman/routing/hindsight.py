"""What clients' feedback says of another policy: off-policy, from the propensities that were logged. Pure.

Feedback is what callers say, and only on answers that they got. It certifies nothing here; it is a second
look at what the labels say. Where nothing was left to chance it can say nothing: then there is no estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from .decision import Decision
from .evidence.certificate import Certificate
from .evidence.estimate import Estimate, mean_of
from .evidence.off_policy import Logged, doubly_robust, effective_size
from .labels.kept import Labelled
from .tuning import Judge, read_features

LEAST_ANSWERS = 100
LEAST_EFFECTIVE = 30.0
"""How many answers, chosen by the policy itself, the log must be worth."""

DecisionOf = Callable[[str], Decision | None]
"""By id of the request."""


class Hindsight(msgspec.Struct, frozen=True):
    """Mean scores that clients gave."""

    answers: int
    effective: float
    """As many answers, chosen by the policy itself, would tell as much."""
    now: Estimate
    """As it was."""
    then: Estimate
    """As it would have been; doubly robust."""


def hindsight(
    labelled: Iterable[Labelled], decision_of: DecisionOf, judge: Judge, certificate: Certificate
) -> Hindsight | None:
    """None where too few answers with a logged chance were scored by clients to tell.

    Args:
        labelled: with the marks of feedback alone.
        judge, certificate: the policy to be judged.
    """
    log = list(_logged(labelled, decision_of, judge, certificate))
    left_to_chance = any(one.propensity < 1 for one in log)
    if len(log) < LEAST_ANSWERS or not left_to_chance or effective_size(log) < LEAST_EFFECTIVE:
        return None
    return Hindsight(len(log), effective_size(log), mean_of([one.reward for one in log]), doubly_robust(log))


def _logged(
    labelled: Iterable[Labelled], decision_of: DecisionOf, judge: Judge, certificate: Certificate
) -> Iterator[Logged]:
    for each in labelled:
        decision = decision_of(each.prompt.id)
        features = read_features(each.prompt.features)
        if decision is None or features is None or not 0 < decision.propensity <= 1:
            continue
        model = decision.models[decision.position]
        reward = each.scores.get(model)
        if reward is None or model not in judge.models:
            continue  # another one answered, or the pool has changed
        judgement = judge.judge_features(features)
        target = certificate.position(judgement)
        yield Logged(
            chosen=judge.models.index(model),
            propensity=decision.propensity,
            reward=reward,
            target=tuple(float(place == target) for place in range(len(judge.models))),
            predicted=judgement.probabilities,
        )
