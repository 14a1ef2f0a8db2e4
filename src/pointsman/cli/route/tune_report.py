"""What ``pointsman route tune`` shows. Pure: a review in, tables and data out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pointsman.cli.models.report import new_table
from pointsman.cli.roi.report import percent
from pointsman.cli.savings.report import tally_data
from pointsman.cli.usage.report import short_usd
from pointsman.costs import format_usd
from pointsman.costs.roi import saving
from pointsman.routing.evidence import Certificate, Estimate, Refused
from pointsman.routing.hindsight import Hindsight
from pointsman.routing.tuning import Change, Proposal

from .tune_review import Review, why_words


def review_tables(review: Review, pool_diff: str, now: datetime) -> RenderableType:
    """One route: what it did, what is proposed, what that changes, what is wrong with its pool."""
    parts: list[RenderableType] = [
        Text(f"{review.auto.model}: {' < '.join(review.auto.models)}", style="bold"),
        Text(_traffic(review)),
        Text(f"Now: {why_words(review)}."),
    ]
    proposal = review.proposal
    if isinstance(proposal, Refused):
        parts.append(Text(f"Nothing to propose: {proposal.reason}"))
    else:
        parts.append(Text(_proof(proposal)))
        if proposal.change is not None and review.certificate is not None:
            parts += [_table(proposal.change), *map(Text, _change(proposal.change, review.traffic.a_month))]
        if review.hindsight is not None:
            parts.append(Text(_hindsight(review.hindsight)))
        if (why := review.why_keep(now)) is not None:
            parts.append(Text(f"Keep what is in service: {why}."))
    parts += [Text(line) for line in _pool(review)]
    if pool_diff:
        parts += [Text("In the settings (--write-config does it):"), Text(pool_diff.rstrip(), style="dim")]
    return Group(*parts, Text())


_NOT_COUNTED = ("shadows_usd", "judges_usd", "shadow_calls", "judge_calls", "calls_of_unknown_cost")
"""What ``pointsman savings`` tells and a review does not add up: left out, since unknown is not zero."""


def _traffic(review: Review) -> str:
    traffic = review.traffic
    if not traffic.requests:
        return f"No request in the time looked at; {review.prompts:,} labelled prompts."
    tally = traffic.tally
    return (
        f"{traffic.requests:,} requests in {_days(traffic.days)}; of them {tally.requests:,} could be"
        f" compared: {short_usd(tally.cost)} US dollars paid for answers,"
        f" {percent(saving(tally.cost, tally.baseline))} less than the baseline alone;"
        f" {review.prompts:,} labelled prompts."
    )


def _days(days: float) -> str:
    return "1 day" if f"{days:.0f}" == "1" else f"{days:.0f} days"


def _proof(proposal: Proposal) -> str:
    learned = f"Learned from {proposal.learned_from:,} prompts, tested on {proposal.held_back:,} others."
    if isinstance(proposal.proof, Refused):
        return f"{learned} Not certified: {proposal.proof.reason}"
    proof = proposal.proof
    shares = ", ".join(f"{model} {share:.0%}" for model, share in zip(proof.pool, proof.shares, strict=True))
    return (
        f"{learned} Proposed: threshold {proof.threshold:+.2f}, certified to keep {proof.floor:.1%} of the"
        f" baseline's quality with {proof.confidence:.0%} confidence until {proof.expires_at:%Y-%m-%d};"
        f" shares: {shares}."
    )


def _table(change: Change) -> Table:
    table = new_table("")
    for head in ("now", "proposed"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_row("quality kept", _share(change.now.kept), _share(change.then.kept))
    table.add_row("saved", _share(change.now.saving), _share(change.then.saving))
    return table


def _share(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    return f"{estimate.value:.1%} ({estimate.low:.1%} to {estimate.high:.1%})"


def _change(change: Change, a_month: float) -> list[str]:
    score, cost = change.score, change.cost
    lines = [
        f"On these {change.prompts:,} prompts, against now: mean score {score.value:+.4f}"
        f" ({score.low:+.4f} to {score.high:+.4f}), cost of a request {_dollars(cost)}."
    ]
    if a_month:
        month = Estimate(cost.value * a_month, cost.low * a_month, cost.high * a_month)
        lines.append(f"For {a_month:,.0f} requests in 30 days: {_dollars(month)}.")
    return lines


def _hindsight(found: Hindsight) -> str:
    now, then = found.now, found.then
    return (
        f"Clients scored {found.answers:,} answers with {now.value:.3f} on average; as proposed it would have"
        f" been {then.value:.3f} ({then.low:.3f} to {then.high:.3f}), estimated from what was left to chance."
    )


def _dollars(estimate: Estimate) -> str:
    return f"{_usd(estimate.value)} ({_usd(estimate.low)} to {_usd(estimate.high)}) US dollars"


def _usd(amount: float) -> str:
    if abs(amount) >= 1:
        return f"{amount:+,.2f}"
    return f"{amount:+.6f}".rstrip("0").rstrip(".") if amount else "0"


def _pool(review: Review) -> list[str]:
    lines = []
    for one in review.beaten:
        what = "is not worth its money" if one.sure else "may not be worth its money"
        lines.append(
            f"{one.model} {what}: {one.by} scores {one.better.value:+.3f} ({one.better.low:+.3f} to"
            f" {one.better.high:+.3f}) on {one.prompts:,} prompts and costs {one.cheaper:.0%} less."
        )
        if one.model == review.auto.models[-1]:
            lines.append(f"  It is the baseline: to make {one.by} the baseline is yours to decide.")
    for candidate in review.candidates:
        less = f"{candidate.cheaper:.0%} less" if candidate.cheaper >= 0 else f"{-candidate.cheaper:.0%} more"
        lines.append(
            f"{candidate.model} costs {less} than {candidate.instead_of} at list prices"
            f" ({candidate.because}). Unproven: nothing is known of its answers here, so start with shadows."
        )
    if review.candidates:
        lines.append(_days_to_try(review))
    return lines


def _days_to_try(review: Review) -> str:
    given = review.auto.settings
    text = "  Once it is in the pool, the baseline answers everything until its labels certify a router anew"
    share = given.shadow.share
    if not share:
        return f"{text}; [auto.{review.auto.name}.shadow] has no share yet, so none would come."
    daily = review.traffic.a_month / 30 * share
    if not daily:
        return f"{text}."
    days = 2 * given.min_labels / daily
    return f"{text}: about {days:,.0f} days at this traffic and {share:.0%} shadows, half of them to test."


def review_data(review: Review, pool_diff: str, now: datetime) -> dict[str, Any]:
    """For ``--json``."""
    proposal = review.proposal
    refused = proposal if isinstance(proposal, Refused) else proposal.proof
    traffic = tally_data(review.traffic.tally)
    return {
        "route": review.auto.name,
        "pool": review.auto.models,
        "days": review.traffic.days,
        "requests": review.traffic.requests,
        "traffic": {name: value for name, value in traffic.items() if name not in _NOT_COUNTED},
        "labelled_prompts": review.prompts,
        "in_force": None if review.in_force is None else review.in_force.certificate.id,
        "why_not": review.why_not,
        "refused": refused.reason if isinstance(refused, Refused) else None,
        "proposed": None if review.certificate is None else _certificate_data(review.certificate),
        "learned_from": None if isinstance(proposal, Refused) else proposal.learned_from,
        "held_back": None if isinstance(proposal, Refused) else proposal.held_back,
        "change": None if isinstance(proposal, Refused) else proposal.change,
        "requests_in_30_days": review.traffic.a_month,
        "hindsight": review.hindsight,
        "why_keep": review.why_keep(now),
        "beaten": review.beaten,
        "candidates": review.candidates,
        "smaller_pool": review.smaller_pool,
        "pool_diff": pool_diff,
        "paid_usd": format_usd(review.traffic.tally.cost),
    }


def _certificate_data(certificate: Certificate) -> dict[str, Any]:
    return {
        "certificate": certificate.id,
        "router": certificate.router,
        "threshold": certificate.threshold,
        "floor": certificate.floor,
        "confidence": certificate.confidence,
        "labels": certificate.labels,
        "quality": certificate.quality,
        "saving": certificate.saving,
        "shares": dict(zip(certificate.pool, certificate.shares, strict=True)),
        "p": certificate.p,
        "expires_at": certificate.expires_at,
    }
