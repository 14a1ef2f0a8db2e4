"""What was measured of a contender: at the provider as the simulator tells it, for callers as they saw it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.flows.drive import Outcome, Record
from bench.flows.traffic import KEYS, Plan


@dataclass(frozen=True)
class Counted:
    """What the simulator tells at one moment."""

    requests: int
    """Accepted since the beginning."""
    tokens: int
    refused: int
    """429s."""


@dataclass
class Figures:
    """None: not measured, or there is nothing to measure."""

    goodput: float | None = None
    """Accepted requests as a share of the limit, in the measured time, by the simulator's count."""
    tokens_per_minute: float | None = None
    """Of the answers that callers got, in the same time."""
    refused: int = 0
    """429s upstream, from the first second on."""
    refused_share: float | None = None
    """429s as a share of all upstream calls."""
    answered: int = 0
    """Callers who got an answer in the measured time."""
    failed: int = 0
    """Callers who got an error in the measured time, or gave up."""
    gave_up: int = 0
    """Those of them who gave up."""
    unfinished: int = 0
    """Callers who were still waiting at the end."""
    failed_after_p50: float | None = None
    """Seconds until a caller knew that there would be no answer."""
    wait_p50: float | None = None
    """Seconds until the answer was whole."""
    wait_p99: float | None = None
    jain: float | None = None
    by_key: dict[str, int] = field(default_factory=dict)
    batch_seconds: float | None = None
    batch_failures: int | None = None
    """Errors that callers of the batch saw, over all passes."""
    batch_refused: int | None = None
    errors: list[str] = field(default_factory=list)
    """The commonest that callers saw."""
    accepted_by_second: list[int] = field(default_factory=list)
    refused_by_second: list[int] = field(default_factory=list)


def counted(limits: Mapping[str, Any]) -> Counted:
    """Of ``GET /limits``. Only one model is asked for."""
    models = limits["models"]
    if not models:
        return Counted(0, 0, 0)
    (model,) = models
    totals = {name: level["total"] for name, level in model["limits"].items()}
    return Counted(totals["requests"], totals["tokens"], sum(model["rejected_429"].values()))


def jain(shares: Sequence[float]) -> float | None:
    """Jain's index: 1 where all have the same, 1/n where one has everything."""
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else None


def percentile(values: Iterable[float], percent: int) -> float | None:
    """By nearest rank; None of nothing."""
    ordered = sorted(values)
    return ordered[max(1, -(-len(ordered) * percent // 100)) - 1] if ordered else None


def outcome_of(found: Mapping[str, Any]) -> Outcome:
    """As ``drive.py`` printed it."""
    records = [Record(**record) for record in found["records"]]
    return Outcome(records, found["unfinished"], found["completed"])


def add_steady(figures: Figures, plan: Plan, outcome: Outcome, settled: Counted, end: Counted) -> None:
    """Fill in what the steady traffic says. ``settled`` is the count at ``plan.settled``."""
    minutes = (plan.seconds - plan.settled) / 60
    figures.goodput = (end.requests - settled.requests) / (plan.rpm * minutes)
    figures.refused = end.refused
    calls = end.requests + end.refused
    figures.refused_share = end.refused / calls if calls else None
    figures.unfinished = outcome.unfinished
    measured = [record for record in outcome.records if record.ended >= plan.settled]
    good = [record for record in measured if record.outcome == "ok"]
    bad = [record for record in measured if record.outcome != "ok"]
    figures.answered, figures.failed = len(good), len(bad)
    figures.tokens_per_minute = sum(record.tokens for record in good) / minutes
    waits = [record.ended - record.begun for record in good]
    figures.wait_p50, figures.wait_p99 = percentile(waits, 50), percentile(waits, 99)
    figures.failed_after_p50 = percentile([record.ended - record.begun for record in bad], 50)
    answers = Counter(record.key for record in good)
    figures.by_key = {key: answers[key] for key in KEYS}
    figures.jain = jain(list(figures.by_key.values()))
    figures.gave_up = sum(record.outcome == "gave up" for record in bad)
    figures.errors += _commonest(bad)


def add_batch(figures: Figures, outcome: Outcome, end: Counted) -> None:
    """Fill in what the batch says."""
    figures.batch_seconds = outcome.completed
    figures.batch_failures = sum(record.outcome != "ok" for record in outcome.records)
    figures.batch_refused = end.refused
    figures.errors += _commonest(record for record in outcome.records if record.outcome != "ok")


def _commonest(bad: Iterable[Record]) -> list[str]:
    said = Counter(" ".join(record.error[:100].split()) for record in bad)
    return [f"{times} × {error}" for error, times in said.most_common(2)]
