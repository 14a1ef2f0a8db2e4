"""Works out why a prompt goes to a model, as a gateway with the same settings would do it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from pointsman.config import AutoRoute, AutoSettings
from pointsman.costs import Pricer
from pointsman.errors import InvalidRequest, NotFound
from pointsman.gateway.auto.baselines import Models
from pointsman.gateway.auto.routing import terms_of
from pointsman.gateway.desk.routing_view import routing_view
from pointsman.ledger.sqlite import SqliteReader
from pointsman.routing import policies
from pointsman.routing.decision import Decision
from pointsman.routing.expected import expected_cost
from pointsman.routing.features import read_sample
from pointsman.routing.journal.services import Services
from pointsman.routing.journal.sqlite import SqliteRouters
from pointsman.routing.policies import Choice
from pointsman.routing.router import Router, load_router
from pointsman.routing.sample import Sample, read_body, sample_of
from pointsman.routing.standing import NOTHING, Standing, in_order, standing
from pointsman.storage.sqlite import has_table

_OUTPUT = 400
"""Tokens of an answer that expected costs are told for."""


def prompt_of(text: str | None, file: Path | None, *, route: str, tenant: str) -> Sample:
    """
    Raises:
        InvalidRequest: there is none, or two, or the file cannot be read.
    """
    if (text is None) == (file is None):
        raise InvalidRequest("Give a PROMPT, --file FILE or --request ID: one of them.")
    if file is None:
        return sample_of(text or "", route=route, tenant=tenant)
    try:
        body = file.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror}.", param="file") from error
    found = read_body(body, route=route, tenant=tenant)
    if found is not None:
        return found
    try:
        return sample_of(msgspec.json.decode(body, type=list[Any]), route=route, tenant=tenant)
    except msgspec.DecodeError:
        return sample_of(body.decode("utf-8", "replace"), route=route, tenant=tenant)


def explain_request(
    models: Models, database: Path, request_id: str, now_us: Callable[[], int]
) -> dict[str, Any]:
    """
    Raises:
        NotFound: nothing was decided for it, or that is not kept any more.
    """
    kept = has_table(database, "decisions")
    decided = SqliteRouters(database, now_us=now_us).decision(request_id) if kept else None
    if decided is None:
        raise NotFound(
            f"No decision is kept for a request {request_id}: its caller named a model, or it is older than "
            "keep_days of its route.",
            param="request",
        )
    reader = SqliteReader(database)
    entry = reader.find(request_id) if reader.exists() else None
    known = [models.catalog.resolve(name) for name in decided.decision.models]
    return {"request": request_id} | routing_view(decided.decision, entry, known, None)


def explain_prompt(
    models: Models,
    auto: AutoRoute,
    database: Path,
    sample: Sample,
    router: Path | None,
    now_us: Callable[[], int],
) -> dict[str, Any]:
    """As of now, for a request by itself that every model of the pool can do.

    Raises:
        InvalidRequest: the router's file cannot be read.
        ConfigurationError: it is none.
    """
    found = _standing(auto, database, router, now_us)
    judgement = None
    if found.judge is not None and found.places:
        judgement = in_order(found.judge.judge_reading(read_sample(sample)), found.places)
    known = [models.catalog.resolve(name) for name in auto.models]
    at_us, able = now_us(), (True,) * len(known)
    costs = tuple(
        expected_cost(None if model is None else Pricer(model), (sample.chars + 3) // 4, _OUTPUT, at_us)
        for model in known
    )
    shown, last = found.shown, len(known) - 1
    policy = auto.settings.policy
    if policy == "cheapest":
        prices = [float("inf") if cost is None else float(cost) for cost in costs]
        choice = policies.cheapest(able, prices)
    elif policy == "keywords":
        choice = policies.keywords(sample.text, able)
    elif policy != "learned":
        choice = Choice(last, "fixed" if policy == "fixed" else "cascade")
    elif (why_not := found.why_not_at(at_us)) is not None or judgement is None or shown is None:
        choice = Choice(last, why_not or "no_router")
    elif judgement.familiarity < shown.least_familiarity:
        choice = Choice(last, "unfamiliar")
    else:
        choice = policies.learned(judgement.losses, shown.threshold, able, found.costs)
    decision = Decision(
        auto.name,
        policy,
        auto.models,
        choice.position,
        choice.reason,
        judgement=judgement,
        threshold=None if shown is None else shown.threshold,
        certificate="" if shown is None else shown.id,
        router="" if found.judge is None else found.judge.digest,
        costs=costs,
    )
    contributions = None
    if found.judge is not None and found.places:
        position = choice.position if choice.position < last else 0
        contributions = found.judge.explain(sample, found.places[position], against=found.places[last])
    evidence = None if shown is None else shown.labels
    return routing_view(decision, None, known, contributions) | {"labels": evidence}


def route_of_a_file(name: str, router: Router) -> AutoRoute:
    """Where no settings have the route: as if it were of the router's models, and all else by default."""
    return AutoRoute(name, router.models, router.models, (), AutoSettings(pool=router.models))


def _standing(auto: AutoRoute, database: Path, router: Path | None, now_us: Callable[[], int]) -> Standing:
    if router is not None:
        try:
            data = router.read_bytes()
        except OSError as error:
            raise InvalidRequest(f"{router} cannot be read: {error.strerror}.", param="router") from error
        return standing(load_router(data), None, terms_of(auto))
    if not has_table(database, "decisions"):
        return NOTHING
    services = Services({auto.name: terms_of(auto)}, SqliteRouters(database, now_us=now_us))
    services.reload()
    return services.standing(auto.name)
