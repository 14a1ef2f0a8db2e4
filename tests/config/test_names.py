from __future__ import annotations

import pytest

from pointsman.catalog import load_catalog
from pointsman.config import Names

NAMES = Names(load_catalog(), ("openai", "team"), {"fast": "gpt-4o-mini", "own": "team/llama"})


def test_a_model_is_found_by_id_alias_and_alias_of_the_settings() -> None:
    found = [NAMES.model(name) for name in ("gpt-4o-mini", "fast", "gpt-4o-2024-08-06")]
    assert [model and model.id for model in found] == ["gpt-4o-mini", "gpt-4o-mini", "gpt-4o"]
    assert NAMES.model("own") is None


def test_a_free_name_is_one_at_a_configured_provider() -> None:
    assert NAMES.free("team/llama/70b") == ("team", "llama/70b")
    assert NAMES.free("own") == ("team", "llama")
    assert [NAMES.free(name) for name in ("team/", "other/llama", "llama")] == [None, None, None]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gpt-4o-mimi", "there is no model gpt-4o-mimi; did you mean gpt-4o-mini?"),
        ("zzz", "there is no model zzz; see pointsman models"),
        ("other/llama", "no provider other is configured; there are: openai, team"),
    ],
)
def test_an_unknown_name_is_told_with_what_may_be_meant(name: str, words: str) -> None:
    error = NAMES.unknown(name, "a.b")
    assert (error.message, error.param) == (f"a.b: {words}", "a.b")
