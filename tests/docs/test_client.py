"""The examples of docs/client.md run, and print what the page says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pointsman import ChatResult
from tests.support.pages import DOCS, Example, examples, run_python
from tests.support.processes import running

PAGE = "client.md"
EXAMPLES = examples(PAGE)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    with running("simulate", "--port", "0", "--pace", "none", home=home) as process:
        yield process.wait_for(r"(http://[^/]+)/")[1]


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples(example: Example, simulator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where no settings file lies
    assert example.language == "python"
    printed = run_python(example, PAGE, {"http://127.0.0.1:9000": simulator})
    assert printed == example.output if example.output else printed


def test_every_field_of_a_result_is_on_the_page() -> None:
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    fields = [field.name for field in msgspec.structs.fields(ChatResult)]
    assert [name for name in (*fields, "message") if f"`{name}`" not in page] == []
