"""The act of the routing: who is simulated, what is sent, and what came of it.

Two simulated models differ in what they are good at. A route learns that from its own traffic: first all goes
to the strong one, while shadows ask the weak one too; then a router is learned and certified; and then the
route is sent new prompts, beside others that choose by another rule, each the same prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import msgspec

from pointsman.simulator.exercises import KINDS, Exercise, Kind, exercises

WEAK, STRONG = "gpt-6-luna", "gpt-6-sol"
SKILLS: Mapping[str, Mapping[Kind, float]] = {
    WEAK: {"sums": 0.994, "reading": 0.997, "languages": 0.996, "steps": 0.58, "code": 0.62, "law": 0.5},
    STRONG: {"sums": 0.998, "reading": 0.999, "languages": 0.998, "steps": 0.96, "code": 0.95, "law": 0.93},
}
"""Made up: nothing is known of the real models of these names. Their prices are real."""
ROUTE = "default"
FLOOR, CONFIDENCE = 0.98, 0.95
DAILY_USD = 1.0
ALL, FEW = 1.0, 0.02
"""Shares of requests that are shadowed: while the route learns, and later."""
SYSTEM = "Answer in a sentence or two, and end with the number."


class Scale(msgspec.Struct, frozen=True):
    """Prompts to learn from, and other ones to show what came of it."""

    learning: int = 2400
    showing: int = 1000


def small_scale(most: int) -> Scale:
    """No more requests than ``most`` in each part. Of few prompts nothing can be certified."""
    whole = Scale()
    return Scale(min(most, whole.learning), min(most, whole.showing))


def draw_prompts(seed: int, scale: Scale) -> tuple[list[Exercise], list[Exercise]]:
    """To learn from, and to show; none is in both."""
    drawn = list(islice(exercises(seed), scale.learning + scale.showing))
    return drawn[: scale.learning], drawn[scale.learning :]


class Lane(msgspec.Struct, frozen=True):
    """One way to choose between the models."""

    name: str
    asks: Callable[[float], str]
    """The model that is asked for, of a number in [0, 1) drawn for the request."""


def lanes(weak_share: float | None) -> tuple[Lane, ...]:
    """All ways that are compared, ours second.

    Args:
        weak_share: of requests, that the certificate sends to the weak model, and so does the coin; None
            where nothing is certified: then the coin is a fair one.
    """
    coin = 0.5 if weak_share is None else weak_share
    return (
        Lane(f"always {STRONG}", lambda _: "auto:strong"),
        Lane("learned, certified" if weak_share is not None else "learned, uncertified", lambda _: "auto"),
        Lane(f"coin flip, {coin:.0%}", lambda drawn: WEAK if drawn < coin else STRONG),
        Lane("keywords", lambda _: "auto:keywords"),
        Lane(f"always {WEAK}", lambda _: WEAK),
    )


BASELINE, LEARNED = 0, 1
"""Positions of these lanes."""


def settings_text(simulator: str, shadows: float) -> str:
    """Of the gateway, without its storage.

    Args:
        simulator: its address.
        shadows: share of requests.
    """
    pool = f'pool = ["{WEAK}", "{STRONG}"]\n'
    return (
        f'[providers.openai]\nbase_url = "{simulator}/openai/v1"\napi_key = "simulated"\n\n'
        f"[auto.{ROUTE}]\n{pool}floor = {FLOOR}\nconfidence = {CONFIDENCE}\n\n"
        f"[auto.{ROUTE}.shadow]\nshare = {shadows}\ndaily_usd = {DAILY_USD}\n\n"
        f'[auto.{ROUTE}.grader]\nkind = "number"\n\n'
        f'[auto.strong]\npolicy = "fixed"\n{pool}\n'
        f'[auto.keywords]\npolicy = "keywords"\n{pool}'
    )


def skills_text() -> str:
    """Of the simulator."""
    tables = []
    for model, skills in SKILLS.items():
        tables.append(f"[{model}]\n" + "".join(f"{kind} = {share}\n" for kind, share in skills.items()))
    return "\n".join(tables)


class Sent(msgspec.Struct, frozen=True):
    """One request and what came of it."""

    kind: Kind
    weak: bool
    """The weak model answered."""
    right: bool
    cost: int
    """Picodollars."""


class KindReport(msgspec.Struct, frozen=True):
    """What the learned lane did with one kind of prompt, of which it was told nothing."""

    kind: Kind
    requests: int
    to_weak: int
    right: int
    baseline_right: int


class LaneReport(msgspec.Struct, frozen=True):
    name: str
    requests: int
    errors: int
    to_weak: int
    right: int
    """By the answer that the exercise itself has, which neither gateway nor grader know."""
    cost: int
    """Picodollars."""

    @property
    def quality(self) -> float:
        """Share of right answers."""
        return self.right / self.requests if self.requests else 0.0


def lane_report(lane: Lane, sent: Sequence[Sent], errors: int) -> LaneReport:
    return LaneReport(
        lane.name,
        len(sent),
        errors,
        sum(each.weak for each in sent),
        sum(each.right for each in sent),
        sum(each.cost for each in sent),
    )


def kind_reports(learned: Sequence[Sent], baseline: Sequence[Sent]) -> tuple[KindReport, ...]:
    found = []
    for kind in KINDS:
        ours = [each for each in learned if each.kind == kind]
        theirs = [each for each in baseline if each.kind == kind]
        found.append(
            KindReport(
                kind,
                len(ours),
                sum(each.weak for each in ours),
                sum(each.right for each in ours),
                sum(each.right for each in theirs),
            )
        )
    return tuple(found)
