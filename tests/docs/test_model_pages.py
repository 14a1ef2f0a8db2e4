"""The examples on the pages about models and prices run, and print what the pages say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pointsman.catalog import load_presets
from pointsman.cli.models.report import CAPABILITIES

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["models.md", "prices.md"])
def test_examples(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    examples = EXAMPLE.findall((DOCS / page).read_text())
    assert examples
    for code, output in examples:
        exec(compile(code, page, "exec"), {})
        assert capsys.readouterr().out == output


def test_the_presets_on_the_page_are_those_that_ship() -> None:
    page = (DOCS / "models.md").read_text()
    for p in load_presets().values():
        row = f"| `{p.name}` | {p.model} | {p.temperature} | {p.top_p} | {p.max_output:,} |"
        assert row in page


def test_the_words_for_capabilities_are_on_the_page() -> None:
    page = (DOCS / "models.md").read_text()
    assert all(f"`{word}`" in page for word in CAPABILITIES)
