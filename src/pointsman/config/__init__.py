"""One typed settings tree, from the command line over the environment over a file."""

from pointsman.config.auto import AutoSettings
from pointsman.config.auto_routes import AutoRoute, auto_model, configured_autos, known_as
from pointsman.config.bind import check_admin_bind, check_bind, is_loopback
from pointsman.config.flow import (
    AccountLimitSettings,
    BreakerSettings,
    HedgingSettings,
    LimitSettings,
    QueueSettings,
    RedisSettings,
    RouteSettings,
)
from pointsman.config.limits import configured_ceilings, key_ceilings, limit_shapes
from pointsman.config.load import load_settings, resolve_secret, secret_variable
from pointsman.config.models import custom_models
from pointsman.config.names import Names
from pointsman.config.paths import database_path
from pointsman.config.policies import (
    health_policy,
    preset_overrides,
    redis_url,
    retry_policy,
    upstream_timeouts,
)
from pointsman.config.routes import RoutePolicy, Stage, configured_routes
from pointsman.config.settings import (
    LoggingSettings,
    ModelSettings,
    PresetSettings,
    ProviderSettings,
    RetrySettings,
    ServerSettings,
    Settings,
    StorageSettings,
    TimeoutSettings,
)
from pointsman.config.toml_file import find_file, read_toml

__all__ = [
    "AccountLimitSettings",
    "AutoRoute",
    "AutoSettings",
    "BreakerSettings",
    "HedgingSettings",
    "LimitSettings",
    "LoggingSettings",
    "ModelSettings",
    "Names",
    "PresetSettings",
    "ProviderSettings",
    "QueueSettings",
    "RedisSettings",
    "RetrySettings",
    "RoutePolicy",
    "RouteSettings",
    "ServerSettings",
    "Settings",
    "Stage",
    "StorageSettings",
    "TimeoutSettings",
    "auto_model",
    "check_admin_bind",
    "check_bind",
    "configured_autos",
    "configured_ceilings",
    "configured_routes",
    "custom_models",
    "database_path",
    "find_file",
    "health_policy",
    "is_loopback",
    "key_ceilings",
    "known_as",
    "limit_shapes",
    "load_settings",
    "preset_overrides",
    "read_toml",
    "redis_url",
    "resolve_secret",
    "retry_policy",
    "secret_variable",
    "upstream_timeouts",
]
