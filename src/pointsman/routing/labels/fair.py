"""No tenant's feedback weighs more than its share of the traffic.

Whoever likes can give feedback on each of its own requests, and on no other's: so a tenant with a tenth of
the traffic could still have nine tenths of the feedback, if the others seldom give any. What is above its
share is left out here: which of it is drawn by the ids of requests, so that nobody can choose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from .kept import Labelled

FEW = 20
"""A tenant with less feedback than this is left as it is, and nobody's share is measured by it."""


def fair_feedback(labelled: Sequence[Labelled], traffic: Mapping[str, int]) -> list[Labelled]:
    """The same prompts, without what is too much; prompts of which nothing is left are left out.

    Args:
        traffic: requests of each tenant to the route, in the same time.
    """
    given = Counter(each.prompt.tenant for each in labelled if _has_feedback(each))
    allowed = fair_counts(given, traffic)
    kept: dict[str, set[str]] = {}
    for tenant, count in allowed.items():
        if count < given[tenant]:
            theirs = [
                each.prompt.id for each in labelled if each.prompt.tenant == tenant and _has_feedback(each)
            ]
            kept[tenant] = set(sorted(theirs, key=_lot)[:count])
    found = []
    for each in labelled:
        ids = kept.get(each.prompt.tenant)
        if ids is None or each.prompt.id in ids:
            found.append(each)
            continue
        rest = tuple(mark for mark in each.marks if mark.source != "feedback")
        if rest:
            found.append(Labelled(each.prompt, rest))
    return found


def fair_counts(given: Mapping[str, int], traffic: Mapping[str, int]) -> dict[str, int]:
    """How many of each tenant's may count. Among those with ``FEW`` or more nobody has a larger part of what
    counts than of their traffic. Who is not known to have had traffic had a request for each, at least."""
    many = {tenant: count for tenant, count in given.items() if count >= FEW}
    if len(many) < 2:
        return dict(given)
    known = {tenant: max(traffic.get(tenant, 0), count) for tenant, count in many.items()}
    whole = sum(known.values())
    least = min(count * whole / known[tenant] for tenant, count in many.items())
    fair = {tenant: max(FEW, int(known[tenant] / whole * least)) for tenant in many}
    return {tenant: min(count, fair.get(tenant, count)) for tenant, count in given.items()}


def _has_feedback(each: Labelled) -> bool:
    return any(mark.source == "feedback" for mark in each.marks)


def _lot(ident: str) -> bytes:
    return blake2b(ident.encode(), digest_size=8).digest()
