"""Reviews of a route to show and to judge, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from pointsman.config import AutoRoute, load_settings
from pointsman.costs import PER_USD
from pointsman.costs.savings import Weighed
from pointsman.costs.tally import Tally
from pointsman.gateway.auto.baselines import read_models
from pointsman.routing.evidence import Certificate, Point, Refused, certify
from pointsman.routing.tuning import InForce, Judge, Lesson, Proposal, lessons_of, propose
from tests.support.labelled import Oracle, prompts
from tests.support.routed import LARGE, SMALL

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOW_US = int(NOW.timestamp()) * 1_000_000


def an_auto(*pool: str, shadow: float = 0.0) -> AutoRoute:
    settings = load_settings(
        {}, {"auto": {"default": {"pool": list(pool or (SMALL, LARGE)), "shadow": {"share": shadow}}}}
    )
    return read_models(settings).autos["default"]


def price_of(model: str, tokens_in: int, tokens_out: int) -> int:
    return (4 if model == LARGE else 1) * PER_USD // 1000


def prove(points: Sequence[Point], judge: Judge, least: float) -> Certificate | Refused:
    return certify(points, pool=judge.models, router="oracle", now=NOW, min_labels=200, prices="of today")


def learn(lessons: Sequence[Lesson], models: tuple[str, ...]) -> Judge:
    return Oracle(models)


def a_proposal(count: int = 1000, in_force: InForce | None = None) -> Proposal:
    found = propose(lessons_of(prompts(count), price_of), (SMALL, LARGE), learn, prove, in_force)
    if isinstance(found, Refused):
        raise TypeError(found.reason)
    return found


def in_force(made: datetime = NOW) -> InForce:
    """What the proposal of these prompts would be, made at another time."""
    proof = a_proposal().proof
    if isinstance(proof, Refused):
        raise TypeError(proof.reason)
    return InForce(
        Oracle(), replace(proof, made_at=made, expires_at=made + (proof.expires_at - proof.made_at))
    )


def a_tally(requests: int = 300) -> Tally:
    tally = Tally()
    for _ in range(requests):
        tally.add(Weighed(PER_USD // 100, 0, PER_USD // 50, PER_USD // 50, PER_USD // 50, "as it is", False))
    tally.leave_out("no answer", 0)
    return tally
