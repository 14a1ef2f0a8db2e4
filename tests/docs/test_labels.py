"""The examples of docs/labels.md run, and its tables are whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from pointsman.config.auto import GraderKind
from pointsman.gateway.labels.metrics import REASONS
from pointsman.routing.labels.kept import SOURCES
from pointsman.routing.labels.sqlite import SqliteLabels
from tests.support.pages import DOCS, examples, run_python
from tests.support.processes import running

PAGE = "labels.md"
TEXT = (DOCS / PAGE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    with running("simulate", "--port", "0", "--pace", "none", home=home) as process:
        yield process.wait_for(r"(http://[^/]+)/")[1]


def test_the_first_example(simulator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    toml, python = examples(PAGE)[:2]
    assert (toml.language, python.language) == ("toml", "python")
    (tmp_path / "pointsman.toml").write_text(toml.code, encoding="utf-8")
    assert run_python(python, PAGE, {"http://127.0.0.1:9000": simulator}) == python.output
    (found,) = [c for c in SqliteLabels(tmp_path / "calls.db").counts() if c.source == "feedback"]
    assert (found.route, found.model, found.mean) == ("default", "claude-opus-4-8", 1.0)


def test_every_reason_source_and_kind_is_on_the_page() -> None:
    assert [name for name in (*REASONS, *SOURCES, *get_args(GraderKind)) if f"`{name}`" not in TEXT] == []
