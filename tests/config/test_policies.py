from __future__ import annotations

from pointsman.catalog import load_presets
from pointsman.config import Settings, load_settings, preset_overrides, retry_policy, upstream_timeouts
from pointsman.http1.port import Timeouts
from pointsman.resilience.retry import RetryPolicy


def test_the_defaults_are_those_of_the_rooms() -> None:
    assert upstream_timeouts(Settings().timeouts) == Timeouts()
    assert retry_policy(Settings().retries) == RetryPolicy()


def test_nought_switches_a_timeout_off() -> None:
    settings = load_settings({}, {"timeouts": {"connect": 0, "first_byte": 0, "idle": 0, "total": 0.5}})
    assert upstream_timeouts(settings.timeouts) == Timeouts(None, None, None, 0.5)


def test_a_preset_keeps_what_is_not_overridden() -> None:
    settings = load_settings({}, {"presets": {"real-time-chat": {"temperature": 0.25}}})
    overrides = preset_overrides(settings.presets)
    assert overrides == {"real-time-chat": {"temperature": 0.25}}
    before, after = load_presets()["real-time-chat"], load_presets(overrides)["real-time-chat"]
    assert after.temperature == 0.25
    assert (after.model, after.max_output) == (before.model, before.max_output)
