"""A route looked at anew: what it did, what could be put in service, what is wrong with its pool. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import msgspec

from pointsman.catalog import Catalog, Model
from pointsman.chat import Usage
from pointsman.config import AutoRoute
from pointsman.costs import Pricer, UnpricedUsage
from pointsman.costs.tally import Tally
from pointsman.routing.decision import WORDS, Reason
from pointsman.routing.evidence import Certificate, Refused
from pointsman.routing.hindsight import Hindsight
from pointsman.routing.pool_review import Beaten, Candidate, beaten, candidates
from pointsman.routing.tuning import InForce, Lesson, PriceOf, Proposal, divide

_DAY_US = 86_400_000_000
_USUAL_TOKENS = (600, 400)
"""Of a request, where none has been seen."""


class Traffic(msgspec.Struct, frozen=True):
    """What the route did."""

    days: float
    """From its first request in the time looked at until now."""
    tally: Tally

    @property
    def requests(self) -> int:
        return self.tally.requests + self.tally.left_out.requests

    @property
    def a_month(self) -> float:
        """Requests in 30 days."""
        return self.requests / self.days * 30 if self.days else 0.0


class Review(msgspec.Struct, frozen=True):
    """All that is said of one route."""

    auto: AutoRoute
    traffic: Traffic
    prompts: int
    """With labels and features."""
    in_force: InForce | None
    why_not: Reason | None
    """Why nothing is in force."""
    beaten: tuple[Beaten, ...]
    candidates: tuple[Candidate, ...]
    proposal: Proposal | Refused
    hindsight: Hindsight | None = None
    """What clients' feedback says of what is proposed."""

    @property
    def certificate(self) -> Certificate | None:
        """Of what is proposed, if it could be certified."""
        proposal = self.proposal
        if isinstance(proposal, Refused) or isinstance(proposal.proof, Refused):
            return None
        return proposal.proof

    @property
    def smaller_pool(self) -> tuple[str, ...] | None:
        """As the settings spell it, without the models that surely are not worth their money; None where
        there is nothing to take out, or only the baseline would be left."""
        sure = {one.model for one in self.beaten if one.sure} - {self.auto.models[-1]}
        kept = tuple(
            name for name, model in zip(self.auto.pool, self.auto.models, strict=True) if model not in sure
        )
        return kept if 1 < len(kept) < len(self.auto.pool) else None

    def why_keep(self, now: datetime) -> str | None:
        """Why what is proposed should not be put in service; None: it should."""
        certificate = self.certificate
        if certificate is None:
            return "nothing could be certified"
        if self.in_force is None:
            return None
        change = self.proposal.change if isinstance(self.proposal, Proposal) else None
        held = self.in_force.certificate
        lapses = held.expires_at - now < (held.expires_at - held.made_at) / 2
        if change is not None and change.cost.value >= 0 and not lapses:
            return "it costs no more, and more than half of its certificate's life is left"
        return None


def why_words(review: Review) -> str:
    """How the route chooses now."""
    if review.in_force is not None:
        held = review.in_force.certificate
        return f"certificate {held.id}, until {held.expires_at.astimezone(UTC):%Y-%m-%d}"
    return "everything goes to the baseline" if review.why_not is None else WORDS[review.why_not]


def traffic_of(tally: Tally, first_us: int | None, now_us: int) -> Traffic:
    """``first_us``: when the first request came; None if none did."""
    days = 0.0 if first_us is None else max(now_us - first_us, _DAY_US) / _DAY_US
    return Traffic(days, tally)


def priced_by(catalog: Catalog, now_us: int) -> PriceOf:
    """What an answer costs today, by the names that labels have."""
    pricers: dict[str, Pricer | None] = {}

    def price(model: str, tokens_in: int, tokens_out: int) -> int | None:
        if model not in pricers:
            known = catalog.resolve(model) or catalog.resolve(model.rpartition("/")[2])
            pricers[model] = None if known is None else Pricer(known)
        pricer = pricers[model]
        if pricer is None:
            return None
        try:
            return pricer.price(Usage(input=tokens_in, output=tokens_out), now_us)
        except UnpricedUsage:
            return None

    return price


def review_pool(
    auto: AutoRoute,
    lessons: Sequence[Lesson],
    catalog: Catalog,
    providers: frozenset[str],
    tokens: tuple[int, int] | None,
    now_us: int,
    today: date,
) -> tuple[tuple[Beaten, ...], tuple[Candidate, ...]]:
    """Models of the pool that are not worth their money, by what is learned from and not by what is held
    back, so that a smaller pool can be certified on that; and others to try.

    Args:
        tokens: mean of a request, in and out; None where none was seen.
    """
    pool: dict[str, Model] = {}
    for name in auto.models:
        model = catalog.resolve(name) or catalog.resolve(name.rpartition("/")[2])
        if model is not None:
            pool[name] = model
    return (
        beaten([lesson.answers for lesson in divide(lessons)[0]], auto.models),
        candidates(catalog, pool, tokens or _USUAL_TOKENS, now_us, today, providers),
    )
