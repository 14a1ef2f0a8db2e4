"""A certificate, or why there is none, in sentences for people."""

from __future__ import annotations

from .certificate import Certificate, Refused
from .estimate import Estimate


def certificate_text(made: Certificate) -> list[str]:
    """A line for each thing that it says."""
    cheap = [
        f"{share:.1%} of prompts to {model}"
        for model, share in zip(made.pool, made.shares, strict=True)
        if share > 0
    ]
    lines = [
        f"Certified{f' on route {made.route}' if made.route else ''}: with {made.confidence:.0%} confidence,"
        f" {made.floor:.1%} of {made.baseline}'s quality is kept.",
        f"Policy: the cheapest model with an expected loss below {made.threshold:g}, else {made.baseline};"
        f" {', '.join(cheap)}.",
        f"On {made.labels:,} labelled prompts it kept {percent(made.quality)} of the baseline's quality.",
    ]
    if made.min_familiarity > 0:
        lines.append(f"Prompts of a familiarity below {made.min_familiarity:g} go to {made.baseline}.")
    if made.saving is not None:
        lines.append(
            f"Saving at {made.prices}: {percent(made.saving)} of what {made.baseline} alone would cost."
        )
    if made.since is not None and made.until is not None:
        lines.append(f"Labels from {made.since:%Y-%m-%d} to {made.until:%Y-%m-%d}.")
    lines.append(
        f"Holds for router {made.router[:12]} until {made.expires_at:%Y-%m-%d %H:%M} UTC, while traffic is"
        " like the labelled prompts."
    )
    return lines


def refusal_text(made: Refused, baseline: str) -> list[str]:
    where = f" on route {made.route}" if made.route else ""
    lines = [f"Not certified{where}: everything goes to {baseline}.", made.reason]
    if made.quality is not None and made.threshold is not None:
        lines.append(
            f"At a threshold of {made.threshold:g} it kept {percent(made.quality)} of the quality here."
        )
    return lines


def percent(estimate: Estimate) -> str:
    """ "19.2 % (18.0 to 20.4 %)"."""
    return f"{estimate.value * 100:.1f} % ({estimate.low * 100:.1f} to {estimate.high * 100:.1f} %)"
