"""The example of docs/resumable-streams.md runs, and what the page names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pointsman.admin.prometheus_streams import StreamCollector
from pointsman.config.reference import all_settings
from pointsman.config.streams import StreamSettings
from pointsman.gateway.resume.event_ids import LAST_EVENT_ID, RESUMABLE
from pointsman.gateway.resume.following import STREAM_BYTES
from pointsman.gateway.resume.stream_metrics import RESUMED, StreamMetrics
from tests.support.pages import DOCS, examples, run_python
from tests.support.processes import running

NAME = "resumable-streams.md"
PAGE = (DOCS / NAME).read_text(encoding="utf-8")


def test_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    example, _ = examples(NAME)  # the other: tests/acceptance/test_resumable_sdks.py
    with running("serve", "--port", "0", "--admin-port", "0", home=tmp_path) as process:
        gateway = process.wait_for(r"ready at (\S+)")[1]
        printed = run_python(example, NAME, {"http://127.0.0.1:8080": gateway})
    assert re.fullmatch(r"left behind (req_\w+):3\nwent on with \1:4\nuntil \[DONE\]\n", printed)


def test_codes_headers_metrics_and_settings_are_on_the_page() -> None:
    assert set(re.findall(r"`(\w+_(?:not_found|stream|event_id))`", PAGE)) == set(RESUMED)
    assert b": ".join(RESUMABLE).decode() in PAGE
    assert LAST_EVENT_ID.decode() in PAGE.lower()
    metrics = StreamCollector(StreamMetrics()).collect()
    names = [metric.name + ("_total" if metric.type == "counter" else "") for metric in metrics]
    assert [name for name in names if f"`{name}" not in PAGE] == []
    settings = {setting.path for setting in all_settings() if setting.path.startswith("streams.")}
    assert set(re.findall(r"`(streams\.\w+)", PAGE)) == settings


def test_the_bounds_are_those_of_the_settings() -> None:
    defaults = StreamSettings()
    rows = dict(re.findall(r"^\| `streams\.(\w+)` \| (\d+) \|", PAGE, re.MULTILINE))
    assert {name: float(value) for name, value in rows.items()} == {
        name: getattr(defaults, name) for name in ("max_stream_mb", "max_mb", "keep", "linger")
    }
    assert f"{STREAM_BYTES // 1000} KB besides its events" in PAGE
