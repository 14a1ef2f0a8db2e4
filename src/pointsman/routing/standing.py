"""What is in service for a route, and whether it may choose. Pure."""

from __future__ import annotations

from typing import Protocol

import msgspec

from .decision import Reason
from .explaining import Contribution
from .features import Features, Reading
from .judgement import Judgement
from .sample import Sample


class Judge(Protocol):
    """A trained router (``router.Router``)."""

    models: tuple[str, ...]
    digest: str

    def judge_reading(self, reading: Reading) -> Judgement: ...
    def judge_features(self, features: Features) -> Judgement: ...

    def explain(
        self, sample: Sample, position: int, top: int = 8, against: int | None = None
    ) -> tuple[Contribution, ...]: ...


class Terms(msgspec.Struct, frozen=True):
    """What the settings ask of a certificate."""

    models: tuple[str, ...]
    """The pool, the baseline last."""
    floor: float
    confidence: float
    min_labels: int


class Shown(msgspec.Struct, frozen=True):
    """What a certificate in service says, as far as decisions go by it."""

    id: str
    router: str
    """The digest of the router that it is for."""
    models: tuple[str, ...]
    costs: tuple[float, ...]
    """Mean of each model's answers, in its order: what the certified policy compares, whatever the prompt."""
    threshold: float
    floor: float
    confidence: float
    labels: int
    """Labelled prompts that it rests on."""
    expires_us: int
    """Unix time."""
    least_familiarity: float = 0.0
    """Prompts that are less familiar than this are nothing that it speaks of."""
    withdrawn: bool = False


class Standing(msgspec.Struct, frozen=True):
    """Who judges, and by what right."""

    judge: Judge | None
    shown: Shown | None
    places: tuple[int, ...] = ()
    """For each model of the pool, its position in the router."""
    costs: tuple[float, ...] = ()
    """Of the certificate, in the order of the pool."""
    why_not: Reason | None = None
    """Why the router may not choose; None: it may, until the certificate expires."""

    def why_not_at(self, at_us: int) -> Reason | None:
        """The same at a Unix time in microseconds."""
        if self.why_not is None and self.shown is not None and at_us >= self.shown.expires_us:
            return "expired"
        return self.why_not


NOTHING = Standing(None, None, why_not="no_router")


def standing(judge: Judge | None, shown: Shown | None, terms: Terms) -> Standing:
    """Whether router and certificate fit each other and the settings. One without a right to choose judges
    all the same, so that its judgements can be looked at."""
    if judge is None:
        return Standing(None, shown, why_not="no_router")
    models = terms.models
    if set(judge.models) != set(models) or judge.models[-1] != models[-1]:
        return Standing(judge, shown, why_not="other_pool")
    places = tuple(judge.models.index(model) for model in models)
    why_not = _fault(judge, shown, terms)
    costs: tuple[float, ...] = ()
    if shown is not None and why_not != "other_pool":
        costs = tuple(shown.costs[shown.models.index(model)] for model in models)
    return Standing(judge, shown, places, costs, why_not)


def _fault(judge: Judge, shown: Shown | None, terms: Terms) -> Reason | None:
    if shown is None:
        return "no_certificate"
    if set(shown.models) != set(terms.models) or shown.models[-1] != terms.models[-1]:
        return "other_pool"
    if shown.withdrawn:
        return "withdrawn"
    if shown.router != judge.digest:
        return "other_router"
    if shown.labels < terms.min_labels:
        return "few_labels"
    if shown.floor < terms.floor or shown.confidence < terms.confidence:
        return "other_terms"
    return None


def in_order(judgement: Judgement, places: tuple[int, ...]) -> Judgement:
    """The judgement in the order of the pool."""
    if places == tuple(range(len(places))):
        return judgement
    return Judgement(
        tuple(judgement.probabilities[place] for place in places),
        tuple(judgement.losses[place] for place in places),
        judgement.familiarity,
    )
