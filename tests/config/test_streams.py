"""The settings of resumable streams."""

from __future__ import annotations

import pytest

from pointsman.config.streams import StreamSettings
from pointsman.errors import ConfigurationError
from tests.support.stack import settings


def test_they_are_off_unless_wished_for() -> None:
    assert settings().streams == StreamSettings(
        resumable=False, linger=30, keep=300, max_stream_mb=4, max_mb=64
    )


@pytest.mark.parametrize(
    "wrong", [{"linger": -1}, {"keep": -1}, {"max_mb": 0}, {"max_stream_mb": 0}, {"kept": 1}]
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match="streams"):
        settings(streams=wrong)
