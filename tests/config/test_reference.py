from __future__ import annotations

import tomllib
from pathlib import Path

from pointsman.config import load_settings
from pointsman.config.reference import all_settings
from pointsman.providers import configured_providers

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_every_setting_has_a_description_and_a_row_of_its_own() -> None:
    settings = all_settings()
    assert len({setting.path for setting in settings}) == len(settings) > 30
    assert [setting.path for setting in settings if not setting.description] == []


def test_defaults_are_told_as_toml_writes_them() -> None:
    by_path = {setting.path: setting.default for setting in all_settings()}
    assert by_path["server.host"] == '"127.0.0.1"'
    assert by_path["server.port"] == "8080"
    assert by_path["models.NAME.provider"] == "required"
    assert by_path["providers.NAME.base_url"] == ""


def test_the_document_has_exactly_one_row_for_each_setting() -> None:
    expected = [
        f"| `{path}` | {f'`{default}`' if default and default != 'required' else default} | {description} |"
        for path, default, description in all_settings()
    ]
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
    assert [" ".join(row.split()) for row in rows] == [" ".join(row.split()) for row in expected]


def test_the_example_of_the_document_is_valid() -> None:
    example = DOCUMENT.read_text().partition("```toml\n")[2].partition("```")[0]
    settings = load_settings({}, tomllib.loads(example))
    environment = {"OPENAI_API_KEY": "sk-0", "TEAM_KEY": "sk-1"}
    assert [provider.name for provider in configured_providers(settings, environment)] == list(
        settings.providers
    )
    assert settings.providers
    assert settings.models
