from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pointsman.catalog import (
    Capabilities,
    check_request,
    lifecycle_warning,
    load_catalog,
    load_presets,
    preset_name,
)
from pointsman.chat import Request
from pointsman.errors import ConfigurationError
from tests.support.models import a_model

PRESETS = load_presets()
ASKED = Request(model="preset:code-generation", messages=())


def test_the_five_of_the_article() -> None:
    assert [(p.name, p.temperature, p.top_p, p.max_output) for p in PRESETS.values()] == [
        ("code-generation", 0.2, 0.95, 4096),
        ("creative-writing", 0.9, 0.95, 2048),
        ("data-extraction", 0.1, 1.0, 1024),
        ("long-document-analysis", 0.3, 0.95, 8192),
        ("real-time-chat", 0.7, 0.95, 512),
    ]


@pytest.mark.parametrize("name", PRESETS)
def test_each_fills_a_request_that_its_model_accepts(name: str) -> None:
    model = load_catalog().resolve(PRESETS[name].model)
    assert model is not None
    assert lifecycle_warning(model, date(2026, 11, 23)) is None
    filled = PRESETS[name].fill(ASKED, model)
    assert filled.model == model.id
    assert (filled.temperature, filled.top_p) == (PRESETS[name].temperature, None)
    check_request(
        model,
        max_output=filled.max_output,
        has_sampling=True,
        both_samplers=filled.temperature is not None and filled.top_p is not None,
    )


FILLED: list[tuple[Capabilities, dict[str, Any], tuple[Any, ...]]] = [
    # what the model takes, what the caller set, the resulting temperature, top_p and max_output
    (Capabilities(), {}, (0.2, 0.95, 4096)),
    (Capabilities(), {"temperature": 1.0, "max_output": 7}, (1.0, 0.95, 7)),
    (Capabilities(), {"temperature": 0.0}, (0.0, 0.95, 4096)),
    (Capabilities(sampling_together=False), {}, (0.2, None, 4096)),
    (Capabilities(sampling_together=False), {"top_p": 0.5}, (None, 0.5, 4096)),
    (Capabilities(sampling_together=False), {"temperature": 0.5}, (0.5, None, 4096)),
    (Capabilities(sampling_params=False), {}, (None, None, 4096)),
]


@pytest.mark.parametrize(("can", "asked", "settings"), FILLED)
def test_what_the_caller_said_stays(
    can: Capabilities, asked: dict[str, Any], settings: tuple[Any, ...]
) -> None:
    request = Request(model="preset:code-generation", messages=(), **asked)
    filled = PRESETS["code-generation"].fill(request, a_model(capabilities=can))
    assert (filled.temperature, filled.top_p, filled.max_output) == settings
    assert filled.model == "m"


def test_a_preset_without_a_temperature_sends_its_top_p() -> None:
    preset = PRESETS["code-generation"].with_overrides({"temperature": None})
    filled = preset.fill(ASKED, a_model(capabilities=Capabilities(sampling_together=False)))
    assert (filled.temperature, filled.top_p) == (None, 0.95)


def test_overrides_and_presets_of_ones_own() -> None:
    presets = load_presets(
        {"real-time-chat": {"model": "gpt-6-luna", "top_p": None}, "mine": {"model": "gpt-4o"}}
    )
    chat = presets["real-time-chat"]
    assert (chat.model, chat.temperature, chat.top_p) == ("gpt-6-luna", 0.7, None)
    assert (presets["mine"].model, presets["mine"].temperature) == ("gpt-4o", None)
    assert PRESETS["real-time-chat"].model == "claude-haiku-4-5"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"heat": 1}, "presets.real-time-chat: .*heat"),
    ({"temperature": "hot"}, "presets.real-time-chat: .*temperature"),
    ({"temperature": 2.1}, "presets.real-time-chat.temperature must be from 0 to 2"),
    ({"top_p": 0}, "presets.real-time-chat.top_p must be above 0"),
    ({"max_output": 0}, "presets.real-time-chat.max_output must be at least 1"),
]


@pytest.mark.parametrize(("overrides", "message"), WRONG)
def test_a_wrong_override_is_named(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load_presets({"real-time-chat": overrides})


def test_a_new_preset_needs_a_model() -> None:
    with pytest.raises(ConfigurationError, match=r"presets.mine: .*model"):
        load_presets({"mine": {"temperature": 1}})


@pytest.mark.parametrize(
    ("model", "name"), [("preset:real-time-chat", "real-time-chat"), ("gpt-4o", None), ("preset:", "")]
)
def test_the_name_of_a_preset(model: str, name: str | None) -> None:
    assert preset_name(model) == name
