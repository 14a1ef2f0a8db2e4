"""Dialects are found by the name that settings and ledger use."""

from __future__ import annotations

import pytest

from pointsman.dialects import DIALECTS, get_dialect
from pointsman.errors import ConfigurationError


@pytest.mark.parametrize("name", ["openai_chat", "anthropic_messages"])
def test_a_dialect_is_found_by_its_own_name(name: str) -> None:
    assert get_dialect(name).name == name
    assert DIALECTS[name] is get_dialect(name)


def test_an_unknown_one_is_told_which_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"'openai'.*anthropic_messages, openai_chat"):
        get_dialect("openai")
