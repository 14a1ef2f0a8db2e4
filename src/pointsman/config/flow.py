"""The settings of limits, queue, routes and what guards the way to the providers."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from pointsman.config.kinds import Count, Seconds, Share, Text
from pointsman.secret import Secret


class LimitSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out is not limited, unless the provider tells a limit."""

    rpm: Annotated[Count | None, Meta(description="Requests a minute.")] = None
    input_tpm: Annotated[Count | None, Meta(description="Prompt tokens a minute.")] = None
    output_tpm: Annotated[Count | None, Meta(description="Answer tokens a minute.")] = None
    tpm: Annotated[Count | None, Meta(description="Tokens a minute, prompt and answer together.")] = None
    concurrency: Annotated[Count | None, Meta(description="Calls under way at once.")] = None
    window: Annotated[
        Literal["refill", "rolling"] | None,
        Meta(
            description="How a minute is counted: `refill` flows back evenly, `rolling` holds for any "
            "minute. By default as the provider does."
        ),
    ] = None


class AccountLimitSettings(LimitSettings, frozen=True, forbid_unknown_fields=True):
    """The numbers are those of the whole account; a table is a model's at this provider."""

    models: Annotated[dict[str, LimitSettings], Meta(extra={"key": "MODEL", "rest": True})] = field(
        default_factory=dict
    )


class QueueSettings(Struct, frozen=True, forbid_unknown_fields=True):
    max_wait: Annotated[
        Seconds,
        Meta(
            description="Seconds that a request waits for room at the most, unless it or its key says "
            "otherwise; 0 is never."
        ),
    ] = 30.0
    max_waiting: Annotated[Count, Meta(description="Requests that may wait at once.")] = 10_000
    comments_after: Annotated[
        Seconds,
        Meta(description="Seconds after which a waiting stream is told its place in comments; 0 is never."),
    ] = 1.0
    slack: Annotated[
        Annotated[float, Meta(ge=0, le=30)] | None,
        Meta(
            description="Seconds by which a provider may see a request later than it was sent: room that is "
            "left in its limits. By default as suits the provider, 0.5 to 2."
        ),
    ] = None


class RedisSettings(Struct, frozen=True, forbid_unknown_fields=True):
    url: Annotated[
        Secret | None,
        Meta(description="Redis or Valkey that replicas share; `redis://…` or `env:NAME`."),
    ] = None
    timeout: Annotated[
        Annotated[float, Meta(gt=0)],
        Meta(description="Seconds for an answer of Redis; then a replica goes on by itself."),
    ] = 0.1
    lease: Annotated[
        Annotated[float, Meta(ge=1)],
        Meta(description="Seconds after which what a dead replica held is free, and others make its calls."),
    ] = 10.0
    prefix: Annotated[Text, Meta(description="What the names of all keys in Redis begin with.")] = "pointsman"


class RouteSettings(Struct, frozen=True, forbid_unknown_fields=True):
    models: Annotated[
        tuple[Text, ...],
        Meta(
            description="Models, or `PROVIDER/MODEL`, that serve it equally. By default the model of that "
            "name."
        ),
    ] = ()
    weights: Annotated[
        tuple[Annotated[int, Meta(ge=0)], ...],
        Meta(
            description="Shares of the models, in their order; 0 is only used where all others fail. "
            "By default equal."
        ),
    ] = ()
    balance: Annotated[
        Literal["weighted", "least_busy", "prefix"],
        Meta(
            description="Who is next: by weight; who has the fewest calls; who had this beginning of a "
            "prompt."
        ),
    ] = "weighted"
    fallbacks: Annotated[
        tuple[Text, ...], Meta(description="Models or routes to go to, in order, where those fail.")
    ] = ()
    on_refusal: Annotated[
        Literal["stay", "next"],
        Meta(description="Whether a safety refusal is the answer, or the next model is asked."),
    ] = "stay"
    hedge: Annotated[bool, Meta(description="Ask a second one where the first is unusually slow.")] = False
    continue_streams: Annotated[
        bool, Meta(description="Let another go on with a stream that broke off, where it can.")
    ] = False
    prompt_cache: Annotated[
        bool | None,
        Meta(
            description="Whether the prompt-cache autopilot is on for it. By default as "
            "`prompt_cache.enabled`."
        ),
    ] = None


class BreakerSettings(Struct, frozen=True, forbid_unknown_fields=True):
    threshold: Annotated[
        Annotated[float, Meta(gt=0, le=1)],
        Meta(description="Share of failed calls at which a model at a provider is left alone."),
    ] = 0.25
    min_calls: Annotated[Count, Meta(description="Calls in the window before that share means anything.")] = (
        10
    )
    window: Annotated[
        Annotated[float, Meta(gt=0)],
        Meta(description="Seconds after which a call counts for a third of a new one."),
    ] = 30.0
    open: Annotated[
        Annotated[float, Meta(gt=0)],
        Meta(description="Seconds until it is tried again; twice as long each time that this fails."),
    ] = 5.0
    max_open: Annotated[Annotated[float, Meta(gt=0)], Meta(description="Most of those seconds.")] = 120.0
    probes: Annotated[Count, Meta(description="Calls in a row that must succeed then.")] = 3


class HedgingSettings(Struct, frozen=True, forbid_unknown_fields=True):
    quantile: Annotated[
        Annotated[float, Meta(gt=0, lt=1)],
        Meta(description="A first byte that takes longer than for this share of calls is unusually slow."),
    ] = 0.95
    share: Annotated[Share, Meta(description="Most second calls, as a share of all calls.")] = 0.05
