"""Whether a cascade may ask cheap models: by a certificate for just this one, or as the settings waive it."""

from __future__ import annotations

from collections.abc import Mapping

from pointsman.gateway.auto.learned import Services
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.question import Question
from pointsman.routing.decision import Reason
from pointsman.routing.features import read_sample
from pointsman.routing.standing import Shown, Standing, in_order

from .cascades import Cascade


class CascadeRight:
    """For all requests of a gateway."""

    def __init__(self, services: Services, cascades: Mapping[str, Cascade], clock: Clock) -> None:
        self._services = services
        self._cascades = cascades
        self._clock = clock

    def why_not(self, question: Question) -> Reason | None:
        """None: it may. Notes in the question what it goes by."""
        auto = question.auto
        cascade = self._cascades[auto.name]
        standing = self._services.standing(auto.name)
        if cascade.max_loss is not None and not _judged(question, standing):
            return "no_router" if standing.judge is None else "unreadable"
        if not auto.settings.cascade.certified:
            return None
        shown = standing.shown
        if shown is not None:
            question.certificate = shown.id
        return _fault(shown, cascade.digest, question, self._clock.now_us())


def _fault(shown: Shown | None, digest: str, question: Question, at_us: int) -> Reason | None:
    if shown is None:
        return "no_certificate"
    if shown.withdrawn:
        return "withdrawn"
    if shown.router != digest:
        return "other_cascade"
    settings = question.auto.settings
    if shown.labels < settings.min_labels:
        return "few_labels"
    if shown.floor < settings.floor or shown.confidence < settings.confidence:
        return "other_terms"
    return "expired" if at_us >= shown.expires_us else None


def _judged(question: Question, standing: Standing) -> bool:
    if question.sample is None or standing.judge is None or not standing.places:
        return False
    question.reading = reading = read_sample(question.sample)
    question.judgement = in_order(standing.judge.judge_reading(reading), standing.places)
    question.router = standing.judge.digest
    return True
