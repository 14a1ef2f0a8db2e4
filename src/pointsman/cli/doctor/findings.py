"""What ``pointsman doctor`` says, worked out from facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from pointsman.catalog import Catalog, preset_name
from pointsman.config import Settings, check_admin_bind, check_bind, is_loopback
from pointsman.errors import ConfigurationError
from pointsman.providers import Provider, key_source

Level = Literal["good", "doubtful", "wrong"]
MARKS: Mapping[Level, str] = {"good": "✓", "doubtful": "!", "wrong": "✗"}

FEW_FILES = 4096
"""Each client and each provider's connection takes a file; the usual limit of 1,024 is soon reached."""


class Finding(msgspec.Struct, frozen=True):
    """One line of the report."""

    level: Level
    subject: str
    message: str
    mend: str = ""
    """What to do about it; "" where nothing needs to be done."""


class PortState(msgspec.Struct, frozen=True):
    """Whether a port could be listened on."""

    free: bool
    in_use: bool = False
    reason: str = ""


class DatabaseState(msgspec.Struct, frozen=True):
    """What is known of the database file without changing it."""

    path: Path
    exists: bool
    writable: bool
    size: int = 0
    versions: Mapping[str, int] = {}
    """Version of the tables, by room."""
    keys: int = 0
    """Virtual keys that are not revoked."""
    revoked: int = 0
    problem: str = ""


def wrong_setting(error: ConfigurationError) -> Finding:
    return Finding("wrong", "settings", error.message, "docs/configuration.md has every setting")


def settings_file(file: Path | None) -> Finding:
    return Finding("good", "settings", "no file, so the defaults" if file is None else f"read from {file}")


def no_providers() -> Finding:
    return Finding(
        "doubtful",
        "providers",
        "none is configured, so serve runs on simulated ones",
        "set ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY, DEEPSEEK_API_KEY or HOLYSHEEP_API_KEY",
    )


def provider_key(provider: Provider, settings: Settings, environment: Mapping[str, str]) -> Finding:
    """Where a provider's key comes from, and whether it is in good hands."""
    subject, place = provider.name, f"at {provider.base_url}"
    if provider.api_key is None:
        return Finding("good", subject, f"without a key, {place}")
    source = key_source(provider.name, settings, environment)
    if source == "settings":
        mend = f'put it into a variable and write api_key = "env:{provider.name.upper()}_API_KEY"'
        return Finding("doubtful", subject, f"key written in the settings, {place}", mend)
    address = urlsplit(provider.base_url)
    if address.scheme == "http" and not _is_private(address.hostname or ""):
        return Finding("doubtful", subject, f"key from {source}, sent unencrypted {place}", "use https")
    return Finding("good", subject, f"key from {source}, {place}")


def alias_targets(settings: Settings, catalog: Catalog, providers: Sequence[Provider]) -> list[Finding]:
    """Aliases of the settings that lead nowhere."""
    names = {provider.name for provider in providers}
    return [
        Finding(
            "wrong",
            f"aliases.{alias}",
            f"there is no model {target}",
            f"did you mean {near[0]}?" if (near := catalog.suggest(target)) else "see pointsman models",
        )
        for alias, target in settings.aliases.items()
        if catalog.resolve(target) is None
        and preset_name(target) is None
        and target not in settings.routes
        and target.partition("/")[0] not in names
    ]


def port(name: str, host: str, number: int, state: PortState) -> Finding:
    subject = f"server.{name}"
    if state.free:
        return Finding("good", subject, f"{host}:{number} is free")
    if state.in_use:
        mend = f"if that is not Pointsman itself, stop it or set server.{name}"
        return Finding("doubtful", subject, f"{host}:{number} is in use", mend)
    return Finding("wrong", subject, f"{host}:{number} cannot be used: {state.reason}", f"set server.{name}")


def admin_bind(settings: Settings) -> list[Finding]:
    """Whether serve would refuse the address of the admin listener."""
    try:
        check_admin_bind(settings.server.admin_host)
    except ConfigurationError as error:
        return [Finding("wrong", "settings", error.message)]
    return []


def bind(settings: Settings, keys: int, revoked: int = 0) -> Finding:
    """Whether serve would refuse the address for want of keys. Where all were revoked, nobody may come in."""
    host = settings.server.host
    if revoked and not keys:
        return Finding(
            "doubtful", "keys", "all are revoked, so nobody is let in", "pointsman keys create NAME"
        )
    try:
        check_bind(host, keys > 0)
    except ConfigurationError:
        message = f"none, and {host} can be reached from other machines: serve will refuse it"
        return Finding("wrong", "keys", message, "pointsman keys create NAME")
    if keys:
        return Finding("good", "keys", f"{keys} virtual {'key' if keys == 1 else 'keys'} in use")
    return Finding("good", "keys", "none, so any key is accepted, from this machine only")


def database(state: DatabaseState) -> Finding:
    subject, place = "database", str(state.path)
    if state.problem:
        return Finding("wrong", subject, f"{place}: {state.problem}", "set storage.path, or mend the file")
    if not state.writable:
        mend = "set storage.path to a place that can be written to, or mend the permissions"
        return Finding("wrong", subject, f"{place} cannot be written to", mend)
    if not state.exists:
        return Finding("good", subject, f"{place} will be made")
    versions = ", ".join(f"{room} {version}" for room, version in sorted(state.versions.items()))
    tables = f"tables: {versions}" if versions else "no tables yet"
    return Finding("good", subject, f"{place}, {state.size / 1e6:.1f} MB, {tables}")


def open_files(limit: int | None) -> list[Finding]:
    """``limit`` is None where the platform has none, or does not tell."""
    if limit is None:
        return []
    if limit < FEW_FILES:
        return [Finding("doubtful", "open files", f"at most {limit:,}", "ulimit -n 65536, before serve")]
    return [Finding("good", "open files", f"at most {limit:,}")]


def _is_private(host: str) -> bool:
    """An address of this machine or of a private network, where plain HTTP is usual."""
    if is_loopback(host):
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host
