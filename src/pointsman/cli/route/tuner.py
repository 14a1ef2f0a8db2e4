"""What ``pointsman route tune`` reads and writes: ledger, labels, what is in service, the settings file."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pointsman.cli.environment import Context, read_context
from pointsman.cli.savings.savings import routes_of_keys
from pointsman.cli.savings.sum import NOTHING, Savings
from pointsman.clock import Clock
from pointsman.config import AutoRoute
from pointsman.config.pool_edit import with_pool
from pointsman.costs.tally import Tally
from pointsman.errors import ConfigurationError, InvalidRequest
from pointsman.gateway.auto.baselines import identify_with, read_models
from pointsman.ledger import UsageQuery
from pointsman.ledger.period import parse_moment
from pointsman.ledger.sqlite import SqliteReader
from pointsman.providers import configured_providers
from pointsman.routing.decision import Decision, Reason
from pointsman.routing.evidence import Certificate, Point, Refused, certify, encode_certificate
from pointsman.routing.hindsight import Hindsight, hindsight
from pointsman.routing.journal.services import Services
from pointsman.routing.journal.sqlite import SqliteRouters
from pointsman.routing.labels.sqlite import SqliteLabels
from pointsman.routing.standing import Terms
from pointsman.routing.tuning import InForce, Judge, Lesson, Proposal, Prove, lessons_of, propose
from pointsman.storage.sqlite import has_table

from .tune_review import Review, Traffic, priced_by, review_pool, traffic_of

PRICES = "list prices of {day}, without a prompt cache"

MOST_FEEDBACK = 20_000
"""Prompts with feedback that are looked up."""

Train = Callable[[Sequence[Lesson], tuple[str, ...], int], "Trained"]


class Trained(NamedTuple):
    """A router, and its file."""

    judge: Judge
    digest: str
    data: bytes


class Tuner:
    """One for a run of the command.

    Args:
        since: from when on traffic and labels count.
        train: learns a router; needs an extra.

    Raises:
        ConfigurationError: a setting is wrong.
        InvalidRequest: ``since`` is no time.
    """

    def __init__(
        self, context: Context, database: Path, clock: Clock, *, since: str, seed: int, train: Train
    ) -> None:
        self._context = context
        self._database = database
        self._clock = clock
        self._seed = seed
        self._train = train
        self._now_us = clock.now_us()
        self._since_us = parse_moment(since, self._now_us, param="since")
        self._models = read_models(context.settings)
        self._trained: dict[str, Trained] = {}
        """By digest."""

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now_us / 1e6, UTC)

    @property
    def routes(self) -> list[str]:
        return list(self._models.autos)

    @property
    def file(self) -> Path | None:
        """The settings file."""
        return self._context.file

    def review(self, route: str) -> Review:
        """Look at one route: read, learn, certify, compare."""
        auto = self._models.autos[route]
        lessons = self._lessons(route)
        in_force, why_not = self._in_force(auto)
        traffic, tokens = self._traffic(route)
        catalog = self._models.catalog
        beaten, candidates = review_pool(
            auto, lessons, catalog, self._reachable(), tokens, self._now_us, self._clock.today()
        )
        proposal = self._propose(auto, lessons, in_force)
        return Review(
            auto=auto,
            traffic=traffic,
            prompts=len(lessons),
            in_force=in_force,
            why_not=why_not,
            beaten=beaten,
            candidates=candidates,
            proposal=proposal,
            hindsight=self._hindsight(route, proposal),
        )

    def pool_diff(self, review: Review) -> str:
        """What would change in the settings file; the line alone where that cannot be done safely, "" where
        nothing is to be changed."""
        pool = review.smaller_pool
        if pool is None:
            return ""
        changed = self._changed(review)
        if changed is None or self.file is None:
            listed = ", ".join(f'"{name}"' for name in pool)
            return f"[auto.{review.auto.name}]\npool = [{listed}]\n"
        before = self.file.read_text(encoding="utf-8")
        lines = difflib.unified_diff(
            before.splitlines(keepends=True),
            changed.splitlines(keepends=True),
            str(self.file),
            str(self.file),
            n=1,
        )
        return "".join(lines)

    def can_write(self, review: Review) -> bool:
        return self._changed(review) is not None

    def write_pool(self, review: Review) -> Review:
        """Change the settings file, and look again. The file is replaced as a whole, or not at all.

        Raises:
            ConfigurationError: it cannot be written.
        """
        changed, file = self._changed(review), self.file
        if changed is None or file is None:
            raise ConfigurationError("The pool is not written in a way that can be changed safely.")
        beside = file.with_name(f"{file.name}.new")
        try:
            beside.write_text(changed, encoding="utf-8")
            beside.replace(file)
        except OSError as error:
            raise ConfigurationError(f"{file}: cannot be written: {error.strerror or error}") from None
        self._context = read_context(file)
        self._models = read_models(self._context.settings)
        return self.review(review.auto.name)

    def install(self, review: Review) -> None:
        """Put the proposed router and its certificate in service. Raises ServerBusy if the file is away."""
        certificate = review.certificate
        if certificate is None:
            raise InvalidRequest("Nothing was certified, so there is nothing to put in service.")
        trained, store = self._trained[certificate.router], self._store()
        store.install_router(review.auto.name, trained.digest, trained.data)
        store.install_certificate(
            review.auto.name, certificate.id, certificate.router, encode_certificate(certificate)
        )

    def _changed(self, review: Review) -> str | None:
        pool, file = review.smaller_pool, self.file
        if pool is None or file is None:
            return None
        return with_pool(file.read_text(encoding="utf-8"), review.auto.name, pool)

    def _store(self) -> SqliteRouters:
        return SqliteRouters(self._database, now_us=self._clock.now_us)

    def _lessons(self, route: str) -> list[Lesson]:
        if not has_table(self._database, "label_prompts"):
            return []
        labelled = SqliteLabels(self._database).fair_labelled(route, since_us=self._since_us)
        return lessons_of(labelled, priced_by(self._models.catalog, self._now_us))

    def _in_force(self, auto: AutoRoute) -> tuple[InForce | None, Reason | None]:
        given = auto.settings
        if given.policy != "learned":
            return None, given.policy
        if not has_table(self._database, "routers"):
            return None, "no_router"
        terms = Terms(auto.models, given.floor, given.confidence, given.min_labels)
        services = Services({auto.name: terms}, self._store())
        services.reload()
        standing, certificate = services.standing(auto.name), services.certificate(auto.name)
        why_not = standing.why_not_at(self._now_us)
        if why_not is not None or standing.judge is None or certificate is None:
            return None, why_not or "no_certificate"
        return InForce(standing.judge, certificate), None

    def _traffic(self, route: str) -> tuple[Traffic, tuple[int, int] | None]:
        """What the route did, and the mean tokens of a request of it."""
        reader = SqliteReader(self._database)
        settings = self._context.settings
        found = Savings(
            (),
            self._models,
            identify_with(settings, self._models.catalog),
            lambda *_: NOTHING,
            route=route,
            of_keys=routes_of_keys(self._database),
        )
        first, requests, tokens_in, tokens_out = None, 0, 0, 0
        if reader.exists():
            for entry in reader.entries(UsageQuery(since_us=self._since_us)):
                if found.route_of(entry) != ("request", route):
                    continue
                first = entry.at_us if first is None else first
                if entry.usage is not None and len(entry.attempts) == 1:
                    requests += 1
                    tokens_in += entry.usage.prompt
                    tokens_out += entry.usage.output
                found.take(entry)
        tally = found.total if not found.empty else Tally()
        mean = (tokens_in // requests, tokens_out // requests) if requests else None
        return traffic_of(tally, first, self._now_us), mean

    def _reachable(self) -> frozenset[str]:
        """Providers of the catalog whose models can be asked for."""
        found = configured_providers(self._context.settings, self._context.environment)
        return frozenset(served for provider in found for served in (provider.name, *provider.serves))

    def _propose(
        self, auto: AutoRoute, lessons: Sequence[Lesson], in_force: InForce | None
    ) -> Proposal | Refused:
        policy = auto.settings.policy
        if policy != "learned":
            other = "'pointsman route cascade' certifies it" if policy == "cascade" else '"learned" would'
            reason = f'The policy is "{policy}", which learns nothing; {other}.'
            return Refused(reason=reason, route=auto.name, labels=0)
        return propose(lessons, auto.models, self._learn, self._prove_for(auto), in_force)

    def _hindsight(self, route: str, proposal: Proposal | Refused) -> Hindsight | None:
        if (
            isinstance(proposal, Refused)
            or isinstance(proposal.proof, Refused)
            or not has_table(self._database, "decisions")
        ):
            return None
        store = self._store()

        def decision_of(request_id: str) -> Decision | None:
            decided = store.decision(request_id)
            return None if decided is None else decided.decision

        labelled = SqliteLabels(self._database).labelled(route, ("feedback",), since_us=self._since_us)
        return hindsight(islice(labelled, MOST_FEEDBACK), decision_of, proposal.judge, proposal.proof)

    def _learn(self, lessons: Sequence[Lesson], models: tuple[str, ...]) -> Judge:
        trained = self._train(lessons, models, self._seed)
        self._trained[trained.digest] = trained
        return trained.judge

    def _prove_for(self, auto: AutoRoute) -> Prove:
        given = auto.settings

        def prove(points: Sequence[Point], judge: Judge, least: float) -> Certificate | Refused:
            digest = next(d for d, trained in self._trained.items() if trained.judge is judge)
            return certify(
                points,
                pool=judge.models,
                router=digest,
                now=self.now,
                floor=given.floor,
                confidence=given.confidence,
                min_labels=given.min_labels,
                min_familiarity=least,
                route=auto.name,
                days=given.certificate_days,
                prices=PRICES.format(day=self._clock.today()),
            )

        return prove
