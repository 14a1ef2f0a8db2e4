from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pointsman.catalog import load_catalog
from pointsman.cli.doctor import findings as say
from pointsman.cli.doctor.findings import DatabaseState, Finding, Level, PortState
from pointsman.config import Settings, load_settings
from pointsman.errors import ConfigurationError
from pointsman.providers import configured_providers

LOCAL = {"dialect": "openai_chat", "base_url": "http://10.0.0.5:8000/v1"}


def key_of(table: dict[str, Any], environment: dict[str, str]) -> Finding:
    settings = load_settings({}, {"providers": table})
    (provider,) = configured_providers(settings, environment)
    return say.provider_key(provider, settings, environment)


@pytest.mark.parametrize(
    ("table", "level", "words"),
    [
        ({"openai": {}}, "good", "key from OPENAI_API_KEY, at https://api.openai.com/v1"),
        ({"openai": {"api_key": "env:MINE"}}, "good", "key from MINE, at"),
        ({"openai": {"api_key": "sk-hidden"}}, "doubtful", "key written in the settings"),
        ({"x": LOCAL}, "good", "without a key, at http://10.0.0.5:8000/v1"),
        ({"x": LOCAL | {"api_key": "env:MINE"}}, "good", "key from MINE, at http://10"),
        ({"x": LOCAL | {"api_key": "env:MINE", "base_url": "http://vllm:8000"}}, "good", "key from MINE"),
        ({"x": LOCAL | {"api_key": "env:MINE", "base_url": "http://localhost"}}, "good", "key from MINE"),
        (
            {"x": LOCAL | {"api_key": "env:MINE", "base_url": "http://example.com"}},
            "doubtful",
            "sent unencrypted",
        ),
        (
            {"x": LOCAL | {"api_key": "env:MINE", "base_url": "http://8.8.8.8"}},
            "doubtful",
            "sent unencrypted",
        ),
    ],
)
def test_where_a_key_comes_from_and_how_it_travels(table: dict[str, Any], level: Level, words: str) -> None:
    finding = key_of(table, {"OPENAI_API_KEY": "sk-hidden", "MINE": "sk-hidden"})
    assert finding.level == level
    assert words in finding.message
    assert bool(finding.mend) is (level != "good")
    assert "hidden" not in repr(finding)


def test_without_providers_the_way_to_one_is_told() -> None:
    finding = say.no_providers()
    assert (finding.level, "ANTHROPIC_API_KEY" in finding.mend) == ("doubtful", True)


def test_a_wrong_setting_is_told_as_it_is() -> None:
    finding = say.wrong_setting(ConfigurationError("server.port: no"))
    assert (finding.level, finding.message) == ("wrong", "server.port: no")


def test_settings_file() -> None:
    assert "defaults" in say.settings_file(None).message
    assert say.settings_file(Path("a.toml")).message == "read from a.toml"


def test_an_alias_that_leads_nowhere_is_wrong() -> None:
    aliases = {
        "good": "claude-haiku-4-5",
        "preset": "preset:real-time-chat",
        "free": "x/anything",
        "typo": "claude-haiku-4-6",
        "nothing": "zzz",
    }
    settings = load_settings({}, {"aliases": aliases, "providers": {"x": LOCAL}})
    found = say.alias_targets(settings, load_catalog(), configured_providers(settings, {}))
    assert [(finding.subject, finding.level) for finding in found] == [
        ("aliases.typo", "wrong"),
        ("aliases.nothing", "wrong"),
    ]
    assert "did you mean" in found[0].mend
    assert "pointsman models" in found[1].mend


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (PortState(free=True), "good"),
        (PortState(free=False, in_use=True, reason="in use"), "doubtful"),
        (PortState(free=False, reason="Permission denied"), "wrong"),
    ],
)
def test_a_port_in_use_may_be_our_own(state: PortState, level: Level) -> None:
    finding = say.port("port", "127.0.0.1", 80, state)
    assert (finding.level, finding.subject) == (level, "server.port")
    assert "127.0.0.1:80" in finding.message


@pytest.mark.parametrize(
    ("host", "keys", "level", "words"),
    [
        ("127.0.0.1", 0, "good", "any key is accepted"),
        ("127.0.0.1", 1, "good", "1 virtual key in use"),
        ("0.0.0.0", 2, "good", "2 virtual keys in use"),
        ("0.0.0.0", 0, "wrong", "serve will refuse it"),
    ],
)
def test_an_address_without_keys(host: str, keys: int, level: Level, words: str) -> None:
    finding = say.bind(load_settings({}, {"server": {"host": host}}), keys)
    assert finding.level == level
    assert words in finding.message


def test_where_all_keys_are_revoked_nobody_is_let_in() -> None:
    """As the gateway has it: its door stays shut, and is not taken for one without keys."""
    finding = say.bind(Settings(), 0, 2)
    assert finding.level != "good"
    assert "nobody is let in" in finding.message
    assert say.bind(Settings(), 1, 2).level == "good"


def test_the_admin_listener_stays_at_home() -> None:
    assert say.admin_bind(Settings()) == []
    (finding,) = say.admin_bind(load_settings({}, {"server": {"admin_host": "0.0.0.0"}}))
    assert (finding.level, finding.message.startswith("server.admin_host: 0.0.0.0")) == ("wrong", True)


@pytest.mark.parametrize(
    ("state", "level", "words"),
    [
        (DatabaseState(Path("a"), exists=False, writable=True), "good", "a will be made"),
        (DatabaseState(Path("a"), exists=False, writable=False), "wrong", "a cannot be written to"),
        (DatabaseState(Path("a"), exists=True, writable=False), "wrong", "a cannot be written to"),
        (
            DatabaseState(Path("a"), exists=True, writable=True, problem="no database"),
            "wrong",
            "a: no database",
        ),
        (
            DatabaseState(Path("a"), exists=True, writable=True, size=2_500_000),
            "good",
            "2.5 MB, no tables yet",
        ),
        (
            DatabaseState(Path("a"), exists=True, writable=True, versions={"ledger": 2, "keys": 1}),
            "good",
            "tables: keys 1, ledger 2",
        ),
    ],
)
def test_the_database(state: DatabaseState, level: Level, words: str) -> None:
    finding = say.database(state)
    assert finding.level == level
    assert words in finding.message


@pytest.mark.parametrize(("limit", "levels"), [(None, []), (1024, ["doubtful"]), (4096, ["good"])])
def test_open_files(limit: int | None, levels: list[Level]) -> None:
    assert [finding.level for finding in say.open_files(limit)] == levels


def test_what_is_said_of_the_defaults_is_good() -> None:
    assert say.bind(Settings(), 0).level == "good"
