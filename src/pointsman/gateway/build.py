"""The composition root: settings → stores → journey. The only place that knows every room at once."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from pointsman.caching.idempotency.idempotency import IdempotencyStore
from pointsman.caching.idempotency.memory import MemoryIdempotency
from pointsman.caching.rules.policy import CacheRules
from pointsman.caching.shared.answers import Sharing
from pointsman.catalog import Catalog, load_catalog, load_presets
from pointsman.clock import Clock, SystemClock
from pointsman.config import Settings, custom_models, preset_overrides, retry_policy, upstream_timeouts
from pointsman.config.auto_routes import configured_autos
from pointsman.config.graders import read_text_file
from pointsman.config.idempotency import idempotency_policy
from pointsman.config.limits import configured_ceilings, limit_shapes
from pointsman.config.names import Names
from pointsman.config.paths import database_path
from pointsman.config.policies import health_policy
from pointsman.config.routes import configured_routes
from pointsman.config.semantic import missing_extra
from pointsman.costs import PER_USD
from pointsman.errors import ConfigurationError
from pointsman.http1 import Http1Transport, Transport
from pointsman.keys import KeyDirectory, KeyInfo
from pointsman.ledger.entry import Ledger
from pointsman.limits import LimitBook, LimitLearner, LocalLimits, MemoryLimits, Queue, SharedLimits
from pointsman.promptcache.habits import HabitStore
from pointsman.providers import Provider
from pointsman.resilience import Health
from pointsman.routing.journal import Journal, RouterStore
from pointsman.routing.labels.kept import Labels
from pointsman.routing.labels.memory import MemoryLabels
from pointsman.routing.labels.subprocess import run_tests

from .auto.baselines import Models, route_money
from .auto.choosing import Chooser
from .auto.learned import LearnedChoice
from .auto.routing import Routing, build_routing
from .cache.answer_cache import AnswerCache
from .call.planner import Planner
from .call.ports import Door, NewId, OpenCalls, Random, Sleep
from .cascade.cascades import configured_cascades
from .cascade.right import CascadeRight
from .desk.desk import Desk
from .edge.asgi import BODY_TIMEOUT, GatewayApp
from .edge.faces import NOBODY, Action, Faces, Run
from .errands import Errands
from .flow.demands import Demands
from .flow.flow import Flow
from .flow.view import FlowOverview
from .flow.waiting import Waiting
from .journey import Journey
from .labels.feedback import Feedback
from .labels.labelling import Labelling, build_labelling, configured_graders
from .metrics import Metrics
from .prompt_cache.prompt_caching import PromptCaching
from .prompt_cache.rules import configured_rules
from .resume.idempotency import Idempotency
from .resume.resumable import ResumableStreams
from .semantic.metrics import Match


class FrontDoor:
    """Asks for a key as soon as there is one. Until then whoever reaches the port may come in, which is why
    it may only be bound to loopback."""

    def __init__(self, directory: KeyDirectory) -> None:
        self._directory = directory

    def authenticate(self, token: str) -> KeyInfo:
        return NOBODY if self._directory.empty else self._directory.authenticate(token)


OPEN_DOOR: Door = FrontDoor(KeyDirectory())


class Gateway(msgspec.Struct, frozen=True):
    """A gateway that is put together, and what its owner has to see and close."""

    app: GatewayApp
    journey: Journey
    flow: Flow
    overview: FlowOverview
    desk: Desk
    planner: Planner
    metrics: Metrics
    ledger: Ledger
    transport: Transport
    new_id: NewId
    clock: Clock
    labelling: Labelling
    routing: Routing
    idempotency: Idempotency
    streams: ResumableStreams
    cache: AnswerCache | None = None
    open_calls: OpenCalls | None = None

    async def close(self, patience: float = 0.0) -> None:
        """Give up what is done behind clients' backs (under idempotency keys, after ``patience`` seconds),
        close every upstream connection, then the ledger, which flushes what is settled, and last what keeps
        the calls that it has not committed."""
        try:
            await self.idempotency.close(patience)
            await self.streams.close()
            if self.cache is not None:
                await self.cache.close()
            await self.labelling.shadows.close()
            await self.transport.close()
            await self.ledger.close()
            await self.routing.close()
            if self.journey.prompt_cache is not None:
                await self.journey.prompt_cache.keeping.keep()
        finally:
            if self.open_calls is not None:
                self.open_calls.close()


def build_gateway(
    settings: Settings,
    providers: tuple[Provider, ...],
    *,
    ledger: Ledger,
    open_calls: OpenCalls | None = None,
    limits: LocalLimits | SharedLimits | None = None,
    limits_trouble: Callable[[], str] | None = None,
    key_names: Callable[[], Mapping[str, str]] = dict,
    routers: RouterStore | None = None,
    journal: Journal | None = None,
    labels: Labels | None = None,
    idempotency: IdempotencyStore | None = None,
    habits: HabitStore | None = None,
    sharing: Sharing | None = None,
    door: Door,
    environment: Mapping[str, str],
    transport: Transport | None = None,
    clock: Clock | None = None,
    catalog: Catalog | None = None,
    rng: random.Random | None = None,
    sleep: Sleep = asyncio.sleep,
) -> Gateway:
    """Put a gateway together. Nothing is connected or written before the first request.

    Args:
        open_calls: keeps the calls under way, and is told by the ledger what is committed; None for none.
        limits: where they are counted; in this process unless given.
        limits_trouble: what is wrong with that place, where replicas share it.
        key_names: names by the ids of keys, for people to look at.
        routers: where they and their certificates are kept; without, nothing learned is in service.
        journal: keeps what was decided; in memory unless given.
        labels: where they are kept; in memory unless given.
        idempotency: keeps the answers to requests that bear a key; in memory unless given.
        habits: keeps over restarts how soon prompts were used again; None for none.
        sharing: by which processes share answers; closed with the gateway. None: they do not.
        environment: read for proxies only.
        transport, clock, catalog, rng, sleep: the real ones unless given.

    Raises:
        ConfigurationError: a preset, price or alias of the settings is wrong.
    """
    clock = clock or SystemClock()
    upstream = transport or Http1Transport.from_environment(environment)
    catalog = catalog or load_catalog(custom_models(settings.models))
    names = Names(catalog, [provider.name for provider in providers], settings.aliases)
    retries = retry_policy(settings.retries)
    policies, autos = configured_routes(settings, names), configured_autos(settings, names)
    routing = build_routing(autos, store=routers, journal=journal)
    cascades, services = configured_cascades(autos, read_text_file), routing.services
    planner = Planner(
        catalog,
        providers,
        aliases=settings.aliases,
        presets=load_presets(preset_overrides(settings.presets)),
        routes=policies,
        retries=retries,
        autos={auto.model: auto.pool[-1] for auto in autos.values()},
    )
    metrics = Metrics(route_money(settings, Models(names, policies, autos)))
    timeouts = upstream_timeouts(settings.timeouts)
    dice = (rng or random.Random()).random
    store = MemoryLimits() if limits is None else limits
    flow = build_flow(settings, providers, names, store=store, clock=clock, random=dice)
    overview = FlowOverview(flow, store, clock, key_names=key_names, shared=limits_trouble)
    journey = Journey(
        planner=planner,
        flow=flow,
        transport=upstream,
        ledger=ledger,
        meter=metrics,
        clock=clock,
        sleep=sleep,
        random=dice,
        timeouts=timeouts,
        retries=retries,
        waiting=_waiting(settings.queue.comments_after, clock),
        open_calls=open_calls,
        chooser=Chooser(
            autos,
            settings.aliases,
            planner,
            clock=clock,
            random=dice,
            learned=LearnedChoice(services, clock, dice),
            right=CascadeRight(services, cascades, clock),
            routing=routing,
        ),
        cascades=cascades,
    )
    desk = Desk(planner, upstream, ledger, clock, timeouts, routing)
    new_id = request_ids(secrets.token_hex, clock.now_us)
    labelling = build_labelling(
        autos,
        configured_graders(autos, names, run_tests),
        cascades,
        labels=MemoryLabels() if labels is None else labels,
        ledger=ledger,
        decisions=routing.journal.find,
        planner=planner,
        run=journey.run,
        new_id=new_id,
        clock=clock,
        random=dice,
    )
    cache = None
    if settings.cache.enabled:
        journey.cache = cache = AnswerCache(
            CacheRules(ttl=settings.cache.ttl, sampled=settings.cache.sampled, pace=settings.cache.pace),
            settings.cache.max_bytes,
            clock=clock,
            books=journey,
            patience=flow.patience,
            announces=settings.queue.comments_after > 0,
            coalesce=settings.cache.coalesce,
            charge=settings.cache.charge,
            sharing=sharing,
        )
        metrics.cache, metrics.answers = cache.view, cache.metrics
        metrics.flights = None if cache.flights is None else cache.flights.metrics
    if settings.cache.semantic:
        errands = Errands(journey.run, new_id, clock)
        folder = database_path(settings, environment).parent
        desk.matches = _understand(settings, cache, planner, errands, clock, folder)
    max_loss = round(settings.prompt_cache.max_loss * PER_USD)
    journey.prompt_cache = warmth = PromptCaching(max_loss, configured_rules(settings), habits)
    metrics.prompt_cache = warmth.metrics
    journey.watch = labelling.watch
    metrics.labels = labelling.metrics
    metrics.routing = routing.metrics
    labelling.shadows.graded = routing.watch.graded
    answers = idempotency_policy(settings.idempotency)
    streams = ResumableStreams(settings.streams)
    keys = MemoryIdempotency(answers) if idempotency is None else idempotency
    once = Idempotency(
        keys,
        answers,
        ledger,
        record=journey.record_aside,
        monotonic=clock.monotonic,
        streams=streams.metrics,
    )
    metrics.idempotency, metrics.streams = once.metrics, streams.metrics
    app = GatewayApp(
        _faces(journey, desk, labelling.feedback, once.around, streams),
        door,
        clock,
        new_id,
        max_body=settings.server.max_body_mb * 1024 * 1024,
        body_timeout=BODY_TIMEOUT,
    )
    return Gateway(
        app,
        journey,
        flow,
        overview,
        desk,
        planner,
        metrics,
        ledger,
        upstream,
        new_id,
        clock,
        labelling,
        routing,
        once,
        streams,
        cache,
        open_calls,
    )


def _understand(
    settings: Settings,
    cache: AnswerCache | None,
    planner: Planner,
    errands: Errands,
    clock: Clock,
    folder: Path,
) -> Callable[[str], Match | None]:
    """Let the cache answer similar questions, where the settings name routes for that; returns what tells why
    a request was given such an answer."""
    if cache is None:
        raise ConfigurationError(
            "cache.semantic: answers lie in the answer cache; set cache.enabled = true too",
            param="cache.semantic",
        )
    try:
        from .semantic.build import build_semantic  # noqa: PLC0415 - needs an extra, which most do without
    except ModuleNotFoundError as error:
        raise missing_extra("cache.semantic") from error
    semantic = build_semantic(
        settings.cache.semantic,
        planner=planner,
        errands=errands,
        clock=clock,
        folder=folder,
        alive=cache.store.__contains__,
    )
    cache.understand(semantic)
    return semantic.explained


def build_flow(
    settings: Settings,
    providers: tuple[Provider, ...],
    names: Names,
    *,
    store: LocalLimits | SharedLimits,
    clock: Clock,
    random: Random,
) -> Flow:
    """What guards the way to the providers."""
    shapes = limit_shapes(settings, {provider.name: provider.dialect for provider in providers})
    book = LimitBook(configured_ceilings(settings, names, shapes), shapes)
    queue = Queue(store, monotonic=clock.monotonic, random=random, max_waiting=settings.queue.max_waiting)
    return Flow(
        book=book,
        learner=LimitLearner(book, store, queue.revise),
        queue=queue,
        demands=Demands(),
        health=Health(health_policy(settings)),
        clock=clock,
        random=random,
        max_wait=settings.queue.max_wait,
    )


def _waiting(comments_after: float, clock: Clock) -> Waiting | None:
    return Waiting(comments_after, now=clock.monotonic) if comments_after else None


def request_ids(token_hex: Callable[[int], str], now_us: Callable[[], int]) -> NewId:
    """Ids in the order of time: 10 digits of it, in steps of 2^14 microseconds (until the year 2540), and 16
    that cannot be guessed, at the price of a system call for each hundred.

    So an index of them grows at its end: a group of rows changes one page or two of it, and not as many as
    there are rows, each to be written to the disk (with steps of a second the ledger's thread took a quarter
    longer).
    """
    pool: list[str] = []
    prefix, step = "", -1

    def new_id() -> str:
        nonlocal prefix, step
        if not pool:
            many = token_hex(800)
            pool.extend(many[at : at + 16] for at in range(0, len(many), 16))
        if (now := now_us() >> 14) != step:
            prefix, step = f"req_{now:010x}", now
        return prefix + pool.pop()

    return new_id


def _faces(
    journey: Journey, desk: Desk, feedback: Feedback, once: Callable[[Run], Run], streams: ResumableStreams
) -> Faces:
    """``once``: around each POST."""
    answer = Action(streams.around(once(journey.run)), has_body=True)
    return Faces(
        {
            ("POST", "/v1/chat/completions"): answer,
            ("POST", "/v1/messages"): answer,
            ("POST", "/v1/messages/count_tokens"): Action(once(desk.count_tokens), has_body=True),
            ("POST", "/v1/feedback"): Action(once(feedback.take), has_body=True),
            ("GET", "/v1/models"): Action(desk.models, has_body=False),
            ("GET", "/v1/models/"): Action(desk.model, has_body=False),
            ("GET", "/v1/requests/"): Action(streams.or_else(desk.request), has_body=False),
            ("DELETE", "/v1/requests/"): Action(streams.stop, has_body=False),
            ("GET", "/health"): Action(desk.health, has_body=False, public=NOBODY),
            ("GET", "/healthz"): Action(desk.health, has_body=False, public=NOBODY),
        }
    )
