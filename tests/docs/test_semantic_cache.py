"""The example of docs/semantic-cache.md runs with the official SDK, and what the page names is there."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from bench.semantic.main import HERE, judge, rows
from pointsman.admin.prometheus_semantic import SemanticCollector
from pointsman.caching.semantic.certify import needed_hits
from pointsman.caching.semantic.guards import GUARDS
from pointsman.caching.semantic.pairs import read_pairs
from pointsman.cli.main import run
from pointsman.config.reference import all_settings
from pointsman.config.semantic_vectors import Source, local_vectors
from tests.support.cached import a_cache_view
from tests.support.pages import DOCS, examples, run_python
from tests.support.processes import running
from tests.support.semantic import PAIRS

NAME = "semantic-cache.md"
PAGE = (DOCS / NAME).read_text(encoding="utf-8")


def test_the_example_with_the_official_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("POINTSMAN_CONFIG", raising=False)
    settings, asking = examples(NAME)[:2]
    (tmp_path / "pointsman.toml").write_text(settings.code)
    (line,) = re.findall(r"^    pointsman (cache certify bench.*)$", PAGE, re.MULTILINE)
    arguments = line.replace("bench/semantic/pairs.jsonl", str(PAIRS)).split()
    assert run(arguments, environ={}, stderr=io.StringIO()) == 0
    with running("serve", "--port", "0", "--admin-port", "0", home=tmp_path) as process:
        gateway = process.wait_for(r"ready at (\S+)")[1]
        printed = run_python(asking, NAME, {"http://127.0.0.1:8080": gateway})
    assert printed == asking.output


def test_guards_metrics_settings_and_numbers_are_on_the_page() -> None:
    assert re.findall(r"^\| `(\w+)` \| [^|]*\|$", PAGE, re.MULTILINE)[: len(GUARDS)] == list(GUARDS)
    metrics = SemanticCollector(a_cache_view).collect()
    names = [metric.name + ("_total" if metric.type == "counter" else "") for metric in metrics]
    assert [name for name in names if f"`{name}`" not in PAGE] == []
    settings = {each.path for each in all_settings() if each.path.startswith("cache.semantic.")}
    assert set(re.findall(r"^\| `(cache\.semantic\.NAME\.\w+)`", PAGE, re.MULTILINE)) == settings
    assert f"at least {needed_hits(0.01, 0.95, 10)} that are hits" in PAGE
    assert f"you look, {needed_hits(0.01, 0.95, 1)} are enough" in PAGE
    assert f"one threshold, {needed_hits(0.05, 0.95, 1)}." in PAGE


def test_the_figures_are_those_of_the_bench() -> None:
    judged = judge(
        read_pairs((HERE / "held_out.jsonl").read_bytes(), "held_out.jsonl"),
        local_vectors(Source("wordllama"), "x")[1],
    )
    for row in rows(judged):
        cells = " | ".join(f"{share:.0%}, {wrong}".replace("%", " %") for share, wrong in row[1:])
        assert f"| {row.threshold:g} | {cells} |" in PAGE
