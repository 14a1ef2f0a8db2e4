"""The example of docs/prompt-cache.md prints what the page says, and what the page names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pointsman.admin.prometheus_prompt_cache import PromptCacheCollector
from pointsman.config.reference import all_settings
from pointsman.gateway.prompt_cache.common import HEADER
from pointsman.gateway.prompt_cache.metrics import PromptCacheMetrics
from pointsman.gateway.prompt_cache.prompt_caching import REASONS
from tests.support.pages import DOCS, examples, run_python
from tests.support.processes import running

NAME = "prompt-cache.md"
PAGE = (DOCS / NAME).read_text(encoding="utf-8")


def test_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (example,) = [each for each in examples(NAME) if each.language == "python"]
    on = {"POINTSMAN_PROMPT_CACHE__ENABLED": "true"}
    with running("serve", "--port", "0", "--admin-port", "0", home=tmp_path, environ=on) as process:
        gateway = process.wait_for(r"ready at (\S+)")[1]
        printed = run_python(example, NAME, {"http://127.0.0.1:8080": gateway})
    assert printed == example.output


def test_reasons_settings_header_and_metrics_are_on_the_page() -> None:
    assert tuple(re.findall(r"^\| `(\w+)` \| [a-z]", PAGE, re.MULTILINE)) == REASONS
    settings = {setting.path for setting in all_settings() if setting.path.startswith("prompt_cache.")}
    assert set(re.findall(r"`(prompt_cache\.\w+)`", PAGE)) == settings
    assert HEADER.decode() in PAGE
    metrics = PromptCacheCollector(PromptCacheMetrics()).collect()
    names = [metric.name + ("_total" if metric.type == "counter" else "") for metric in metrics]
    assert [name for name in names if f"`{name}`" not in PAGE] == []
