"""The example of docs/single-flight.md prints what it says, and what the page names is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.admin.prometheus_flights import FlightCollector
from pointsman.config.cache import CacheSettings
from pointsman.gateway.flights.metrics import FlightMetrics
from pointsman.gateway.resume.following import BEHIND, fell_behind
from tests.support.pages import DOCS, examples, run_python
from tests.support.processes import running

NAME = "single-flight.md"
PAGE = (DOCS / NAME).read_text(encoding="utf-8")


def test_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (example,) = examples(NAME)
    on = {"POINTSMAN_CACHE__ENABLED": "true"}
    with running("serve", "--port", "0", "--admin-port", "0", home=tmp_path, environ=on) as process:
        gateway = process.wait_for(r"ready at (\S+)")[1]
        assert run_python(example, NAME, {"http://127.0.0.1:8080": gateway}) == example.output


def test_metrics_settings_and_codes_are_on_the_page() -> None:
    for metric in FlightCollector(FlightMetrics()).collect():
        assert f"`{metric.name}{'_total' if metric.type == 'counter' else ''}" in PAGE
    defaults = CacheSettings()
    assert defaults.coalesce and "`cache.coalesce = false`" in PAGE
    assert f'| `"{defaults.charge}"` (default) |' in PAGE
    assert f"`{fell_behind().code}`" in PAGE and f"more than {BEHIND >> 20} MB behind" in PAGE
