"""All that ``route evaluate`` and ``route report`` show of a router. Needs the extra ``train``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from pointsman.errors import ConfigurationError
from pointsman.routing.evidence import Certificate, Refused, certify, point_of

from .labels import check_models, check_unseen, graded_in, priced, router_in

try:
    import numpy as np

    from pointsman.routing.evidence.evaluation import Evaluation, Table, evaluate, judge_all
except ModuleNotFoundError as error:
    raise ConfigurationError(
        f"Evaluating needs an extra: pip install 'pointsman[train]' ({error.name} is missing)."
    ) from error

RATIOS = (5.0, 18.75)
FLOOR = 0.98


class Examined(msgspec.Struct, frozen=True):
    labels: str
    """Name of their file."""
    router: str
    evaluation: Evaluation
    certified: Certificate | Refused
    """At a floor of 98 %, on these labels."""
    saving: dict[str, float]
    """What that saves, by price ratio; 0 where nothing is certified."""


def examined(
    labels: Path,
    router: Path,
    now: datetime,
    *,
    trained_on: Path | None,
    route: str | None,
    prices: Path | None,
    ratio: float | None,
    resamples: int,
    min_labels: int,
) -> Examined:
    """Raises InvalidRequest where files cannot be read, or say too little."""
    judge = router_in(router)
    prompts = graded_in(labels, route)
    check_models(prompts, judge.models)
    check_unseen(prompts, judge)
    table = judge_all(judge, prompts)
    given = priced(table.prompts, judge.models, now, prices, ratio)
    learned = None if trained_on is None else graded_in(trained_on)
    found = evaluate(
        table,
        np.array(given.costs),
        given.words,
        ratios=RATIOS,
        learned=learned,
        resamples=resamples,
    )
    certified = _certified(table, given.costs, given.words, judge.digest, route or "", now, min_labels)
    saving = {f"{each:g}": _saving(certified, each) for each in RATIOS}
    return Examined(labels.name, judge.digest, found, certified, saving)


def _certified(
    table: Table,
    costs: list[tuple[float, ...]],
    prices: str,
    digest: str,
    route: str,
    now: datetime,
    min_labels: int,
) -> Certificate | Refused:
    rows = zip(table.prompts, table.judgements, costs, strict=True)
    return certify(
        [point_of(one, judged, table.models, cost, "import") for one, judged, cost in rows],
        pool=table.models,
        router=digest,
        now=now,
        floor=FLOOR,
        min_labels=min_labels,
        route=route,
        prices=prices,
    )


def _saving(certified: Certificate | Refused, ratio: float) -> float:
    """Where the weakest model costs 1 and the baseline ``ratio``."""
    if isinstance(certified, Refused):
        return 0.0
    last = len(certified.pool) - 1
    costs = [ratio ** (at / last) for at in range(last + 1)]
    return float(1 - sum(s * cost for s, cost in zip(certified.shares, costs, strict=True)) / ratio)
