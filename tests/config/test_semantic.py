from __future__ import annotations

from typing import Any

import pytest

from pointsman.config import load_settings
from pointsman.config.semantic import SemanticSettings, missing_extra
from pointsman.errors import ConfigurationError


def test_it_is_off_unless_a_route_is_named() -> None:
    assert load_settings({}, {}).cache.semantic == {}
    named = load_settings({}, {"cache": {"semantic": {"faq": {}}}})
    assert named.cache.semantic == {"faq": SemanticSettings()}


@pytest.mark.parametrize(
    "given", [{"vectors": ""}, {"timeout": 0}, {"max_age": 0}, {"max_bytes": 1}, {"threshold": 0.9}]
)
def test_what_cannot_be(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"cache\.semantic\.faq"):
        load_settings({}, {"cache": {"semantic": {"faq": given}}})


def test_who_lacks_the_extra_is_told_its_name() -> None:
    assert "pip install 'pointsman[vectors]'" in missing_extra("cache.semantic").message
