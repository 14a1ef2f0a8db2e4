"""Routers and certificates in service, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pointsman.routing.evidence.certificate import Certificate, encode_certificate
from pointsman.routing.evidence.fingerprint import fingerprint_of
from pointsman.routing.explaining import Contribution
from pointsman.routing.features import Features, Reading, read_features, read_sample
from pointsman.routing.journal import InService, Withdrawn
from pointsman.routing.judgement import Judgement
from pointsman.routing.sample import Sample
from tests.support.routing_certificates import certificate

EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

ALIKE = fingerprint_of([(0.01, 0.0)] * 1000, [0.0] * 1000)
"""Of traffic that any prompt for a ``WordJudge`` fits, as far as a monitor of drift sees."""


def says(reading: Reading, word: str) -> bool:
    """Whether a word stands in the prompt."""
    return set(read_sample(Sample(word)).words) <= set(reading.words)


class WordJudge:
    """A router that knows three words: without any of them the weakest is good enough, "middling" needs one
    better, "hard" the baseline; "strange" is unfamiliar."""

    def __init__(self, models: tuple[str, ...], digest: str = "digest") -> None:
        self.models = models
        self.digest = digest
        self.asked = 0

    def judge_reading(self, reading: Reading) -> Judgement:
        self.asked += 1
        last = len(self.models) - 1
        needed = last if says(reading, "hard") else 1 if says(reading, "middling") else 0
        losses = tuple(0.0 if at == last else 0.01 if at >= needed else 0.5 for at in range(last + 1))
        familiarity = 0.0 if says(reading, "strange") else 0.9
        return Judgement(tuple(1.0 - loss for loss in losses), losses, familiarity)

    def judge_features(self, features: Features) -> Judgement:
        return self.judge_reading(read_features(features))

    def explain(
        self, sample: Sample, position: int, top: int = 8, against: int | None = None
    ) -> tuple[Contribution, ...]:
        return (Contribution(sample.text, 1.0), Contribution("bias", float(position)))


class RouterShelf:
    """``RouterStore`` in memory. ``away``: what it raises."""

    def __init__(self) -> None:
        self.judges: dict[tuple[str, str], WordJudge] = {}
        self.services: dict[str, InService] = {}
        self.withdrawn: list[tuple[str, str]] = []
        self.away: Exception | None = None
        self.changes = 0
        self.seen: dict[str, bytes] = {}

    def put(
        self,
        judge: WordJudge | None,
        given: Certificate | None = None,
        route: str = "default",
        withdrawn: Withdrawn | None = None,
    ) -> None:
        if judge is not None:
            self.judges[route, judge.digest] = judge
        self.services[route] = InService(
            route,
            "" if judge is None else judge.digest,
            0,
            b"" if given is None else encode_certificate(given),
            "" if given is None else given.id,
            0,
            withdrawn,
        )
        self.changes += 1

    def mark(self) -> bytes:
        if self.away is not None:
            raise self.away
        return b"%d" % self.changes

    def in_service(self) -> Mapping[str, InService]:
        return self.services

    def judge(self, route: str, digest: str) -> WordJudge:
        return self.judges[route, digest]

    def withdraw(self, certificate_id: str, why: str) -> bool:
        if self.away is not None:
            raise self.away
        self.withdrawn.append((certificate_id, why))
        return True

    def drift(self) -> Mapping[str, bytes]:
        if self.away is not None:
            raise self.away
        return self.seen

    def keep_drift(self, states: Mapping[str, bytes]) -> None:
        if self.away is not None:
            raise self.away
        self.seen |= states


def certified(models: tuple[str, ...], **changes: Any) -> Certificate:
    """For a ``WordJudge`` of these models: a threshold of 0.1, and costs that rise with their strength."""
    given: dict[str, Any] = {
        "router": "digest",
        "pool": models,
        "costs": tuple(float(at + 1) for at in range(len(models))),
        "shares": tuple(1 / len(models) for _ in models),
        "min_familiarity": 0.1,
        "fingerprint": ALIKE,
        "made_at": EARLY,
        "expires_at": LATE,
    }
    return certificate(**(given | changes))


def in_service(models: tuple[str, ...], route: str = "default", **changes: Any) -> RouterShelf:
    """A shelf with a router and its certificate."""
    shelf = RouterShelf()
    shelf.put(WordJudge(models), certified(models, **changes), route)
    return shelf
