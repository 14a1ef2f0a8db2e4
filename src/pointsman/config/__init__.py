"""One typed settings tree, from the command line over the environment over a file."""

from pointsman.config.bind import check_admin_bind, check_bind, is_loopback
from pointsman.config.load import load_settings, resolve_secret, secret_variable
from pointsman.config.models import custom_models
from pointsman.config.paths import database_path
from pointsman.config.policies import preset_overrides, retry_policy, upstream_timeouts
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
    "LoggingSettings",
    "ModelSettings",
    "PresetSettings",
    "ProviderSettings",
    "RetrySettings",
    "ServerSettings",
    "Settings",
    "StorageSettings",
    "TimeoutSettings",
    "check_admin_bind",
    "check_bind",
    "custom_models",
    "database_path",
    "find_file",
    "is_loopback",
    "load_settings",
    "preset_overrides",
    "read_toml",
    "resolve_secret",
    "retry_policy",
    "secret_variable",
    "upstream_timeouts",
]
