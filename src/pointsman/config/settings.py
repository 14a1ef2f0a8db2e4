"""The settings tree. Every field says what it is, in the words of ``docs/configuration.md``."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from pointsman.config.auto import AutoSettings
from pointsman.config.cache import CacheSettings
from pointsman.config.flow import (
    AccountLimitSettings,
    BreakerSettings,
    HedgingSettings,
    LimitSettings,
    QueueSettings,
    RedisSettings,
    RouteSettings,
)
from pointsman.config.idempotency import IdempotencySettings
from pointsman.config.kinds import Count, Number, Port, Seconds, Text
from pointsman.config.prompt_cache import PromptCacheSettings
from pointsman.config.streams import StreamSettings
from pointsman.secret import Secret


class ServerSettings(Struct, frozen=True, forbid_unknown_fields=True):
    host: Annotated[Text, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="Port to listen on; 0 takes a free one.")] = 8080
    admin_host: Annotated[Text, Meta(description="Address of the admin listener.")] = "127.0.0.1"
    admin_port: Annotated[Port, Meta(description="Port of the admin listener; 0 takes a free one.")] = 8081
    max_body_mb: Annotated[
        int, Meta(ge=1, le=1024, description="Largest request body, in units of 1,048,576 bytes.")
    ] = 32


class StorageSettings(Struct, frozen=True, forbid_unknown_fields=True):
    path: Annotated[
        Text | None,
        Meta(description="File of the SQLite database. By default in the user's data directory."),
    ] = None


class TimeoutSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds; 0 switches one off."""

    connect: Annotated[
        Seconds, Meta(description="Seconds for name look-up, proxy and TLS handshake; 0 is no limit.")
    ] = 5.0
    first_byte: Annotated[
        Seconds, Meta(description="Seconds from the end of the request to the answer's first byte.")
    ] = 120.0
    idle: Annotated[Seconds, Meta(description="Seconds between two reads of the answer.")] = 60.0
    total: Annotated[Seconds, Meta(description="Seconds for the whole call.")] = 600.0


class RetrySettings(Struct, frozen=True, forbid_unknown_fields=True):
    attempts: Annotated[
        int,
        Meta(ge=1, le=20, description="Calls to a provider that one request may take."),
    ] = 3
    base_delay: Annotated[Seconds, Meta(description="Seconds before the second call, then doubling.")] = 0.5
    max_delay: Annotated[
        Seconds, Meta(description="Most seconds of that doubling wait between two calls.")
    ] = 8.0
    max_retry_after: Annotated[
        Seconds, Meta(description="A provider that asks for a longer wait than this is not waited for.")
    ] = 30.0
    budget: Annotated[
        Annotated[float, Meta(ge=0, le=10)],
        Meta(description="Retries to a provider for each request to it, on average, lest they be a storm."),
    ] = 0.2


class ProviderSettings(Struct, frozen=True, forbid_unknown_fields=True):
    dialect: Annotated[
        Literal["openai_chat", "anthropic_messages", "openai", "anthropic"] | None,
        Meta(
            description="Wire format; `openai` and `anthropic` for short. Needed for names that Pointsman "
            "does not know."
        ),
    ] = None
    base_url: Annotated[
        Text | None, Meta(description="Address. Needed for names that Pointsman does not know.")
    ] = None
    api_key: Annotated[
        Secret | None,
        Meta(description='`"env:NAME"` reads the key from the environment variable NAME; or the key itself.'),
    ] = None
    auth: Annotated[
        Literal["bearer", "x-api-key", "none"] | None,
        Meta(
            description="How the key is sent. By default as is usual for the dialect; `none` without a key."
        ),
    ] = None
    headers: Annotated[dict[str, str], Meta(description="Headers sent with every request.")] = field(
        default_factory=dict
    )
    serves: Annotated[
        tuple[Text, ...],
        Meta(description="Providers whose models can be had here too, by the catalog's names for them."),
    ] = ()
    legacy_max_tokens: Annotated[
        bool | None, Meta(description="Heeds `max_tokens` and not `max_completion_tokens`, as DeepSeek does.")
    ] = None
    learn_limits: Annotated[
        bool,
        Meta(
            description="Find out its rate limits from its headers and refusals; `false` for one whose "
            "429s say nothing of rates."
        ),
    ] = True
    models: Annotated[
        dict[str, Text], Meta(description="How this provider calls a model, by the catalog's id.")
    ] = field(default_factory=dict)
    limits: Annotated[
        AccountLimitSettings, Meta(description="Limits of the account, and of its models in tables.")
    ] = AccountLimitSettings()


class CapabilitySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out is not known, and nothing is refused for it."""

    vision: Annotated[bool | None, Meta(description="Takes images.")] = None
    tools: Annotated[bool | None, Meta(description="Calls tools.")] = None
    json_schema: Annotated[bool | None, Meta(description="Answers in a given JSON schema.")] = None
    reasoning: Annotated[bool | None, Meta(description="Reasons before it answers.")] = None
    pdf: Annotated[bool | None, Meta(description="Takes PDF documents.")] = None
    prefill: Annotated[bool | None, Meta(description="Continues a started answer.")] = None
    sampling_params: Annotated[bool | None, Meta(description="Takes temperature, top_p and top_k.")] = None
    sampling_together: Annotated[
        bool | None, Meta(description="Takes temperature and top_p in one request.")
    ] = None
    forced_tool_choice: Annotated[bool | None, Meta(description="Can be made to call a tool.")] = None


class PriceSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """US dollars per million tokens. What is left out is not known, which is not 0."""

    input: Annotated[Number | None, Meta(description="US dollars per million tokens of the prompt.")] = None
    output: Annotated[Number | None, Meta(description="US dollars per million tokens of the answer.")] = None
    cache_read: Annotated[
        Number | None, Meta(description="US dollars per million tokens read from the provider's cache.")
    ] = None


class ModelSettings(Struct, frozen=True, forbid_unknown_fields=True):
    provider: Annotated[Text, Meta(description="Name of a table `[providers.NAME]`.")]
    context_window: Annotated[int, Meta(ge=1, description="Tokens of prompt and answer together.")]
    name: Annotated[
        Text | None, Meta(description="The provider's name for the model. By default the table's own.")
    ] = None
    max_output: Annotated[Count | None, Meta(description="Most tokens of one answer.")] = None
    prices: Annotated[
        PriceSettings, Meta(description="What it costs. Unknown where left out, which is not 0.")
    ] = PriceSettings()
    capabilities: Annotated[CapabilitySettings, Meta(description="What it can do.")] = CapabilitySettings()
    aliases: Annotated[tuple[Text, ...], Meta(description="Other names for it.")] = ()


class PresetSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays as the built-in preset of that name has it."""

    model: Annotated[Text | None, Meta(description="Model that the preset uses.")] = None
    temperature: Annotated[
        Annotated[float, Meta(ge=0, le=2)] | None, Meta(description="Sampling temperature.")
    ] = None
    top_p: Annotated[
        Annotated[float, Meta(gt=0, le=1)] | None, Meta(description="Share of probability sampled from.")
    ] = None
    max_output: Annotated[Count | None, Meta(description="Most tokens of one answer.")] = None


class LoggingSettings(Struct, frozen=True, forbid_unknown_fields=True):
    level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Least severe level that is written.")
    ] = "info"
    format: Annotated[
        Literal["text", "json"], Meta(description="Lines for people, or one JSON object a line.")
    ] = "text"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """All settings. An ``api_key`` is as it was written; ``resolve_secret`` follows its ``env:``."""

    server: ServerSettings = ServerSettings()
    storage: StorageSettings = StorageSettings()
    timeouts: TimeoutSettings = TimeoutSettings()
    retries: RetrySettings = RetrySettings()
    breaker: BreakerSettings = BreakerSettings()
    hedging: HedgingSettings = HedgingSettings()
    queue: QueueSettings = QueueSettings()
    redis: RedisSettings = RedisSettings()
    cache: CacheSettings = CacheSettings()
    prompt_cache: PromptCacheSettings = PromptCacheSettings()
    idempotency: IdempotencySettings = IdempotencySettings()
    streams: StreamSettings = StreamSettings()
    limits: Annotated[dict[str, LimitSettings], Meta(extra={"key": "MODEL"})] = field(default_factory=dict)
    routes: dict[str, RouteSettings] = field(default_factory=dict)
    auto: dict[str, AutoSettings] = field(default_factory=dict)
    providers: dict[str, ProviderSettings] = field(default_factory=dict)
    models: dict[str, ModelSettings] = field(default_factory=dict)
    presets: dict[str, PresetSettings] = field(default_factory=dict)
    aliases: Annotated[dict[str, Text], Meta(description="Other names for models: `NAME = model`.")] = field(
        default_factory=dict
    )
    logging: LoggingSettings = LoggingSettings()
