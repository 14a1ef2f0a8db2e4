"""The programs of docs/clients.md run against ``pointsman serve``; the versions that it names are tested."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.pages import DOCS, Example, examples, run_python
from tests.support.processes import running

PAGE = "clients.md"
ROOT = Path(__file__).parents[2]
PYTHON = [example for example in examples(PAGE) if example.language == "python"]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    with running("serve", "--port", "0", "--admin-port", "0", home=home) as process:
        yield process.wait_for(r"ready at (\S+)")[1]


@pytest.mark.parametrize("example", PYTHON, ids=range(len(PYTHON)))
def test_programs(example: Example, gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    printed = run_python(example, PAGE, {"http://127.0.0.1:8080": gateway})
    assert len(printed.splitlines()) >= 2


def test_the_versions_are_those_that_are_tested() -> None:
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    packages = json.loads((ROOT / "tests/conformance_cli/package.json").read_text())["dependencies"]
    previous = (ROOT / "requirements/previous-sdks.txt").read_text()
    tested = [*packages.values(), *re.findall(r"^\w+==([\d.]+)$", previous, re.MULTILINE)]
    tested += [version("openai"), version("anthropic")]
    assert len(tested) == 8
    assert [each for each in tested if each not in page] == []
