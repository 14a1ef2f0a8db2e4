"""Outcome of an attempt → send again, wait, next, give up; and which deployment is asked first."""

from .balance import Standing, affinity, hold, least_busy, prefix_digest, weighted
from .breaker import Breaker, BreakerPolicy
from .budget import BudgetPolicy, RetryBudget
from .course import Course, Place
from .decide import Candidate, Continue, GiveUp, Next, SendAgain, Verdict, decide
from .health import DeploymentHealth, Health, HealthPolicy, ProviderHealth, Ticket
from .hedge import HedgePolicy, hedge_after
from .latency import Latency
from .outcome import Outcome, Remedy, outcome_of, speaks_ill
from .retry import RetryPolicy, wait_before_next, wait_for

__all__ = [
    "Breaker",
    "BreakerPolicy",
    "BudgetPolicy",
    "Candidate",
    "Continue",
    "Course",
    "DeploymentHealth",
    "GiveUp",
    "Health",
    "HealthPolicy",
    "HedgePolicy",
    "Latency",
    "Next",
    "Outcome",
    "Place",
    "ProviderHealth",
    "Remedy",
    "RetryBudget",
    "RetryPolicy",
    "SendAgain",
    "Standing",
    "Ticket",
    "Verdict",
    "affinity",
    "decide",
    "hedge_after",
    "hold",
    "least_busy",
    "outcome_of",
    "prefix_digest",
    "speaks_ill",
    "wait_before_next",
    "wait_for",
    "weighted",
]
