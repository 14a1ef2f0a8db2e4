"""The examples of docs/savings.md run, and print what the page says; its figures are the real ones."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pointsman.config import load_settings
from pointsman.costs.article import at_own_prices, own_program
from pointsman.gateway.auto.baselines import read_models
from tests.support.pages import DOCS, Example, examples, run_python
from tests.support.processes import ended

PAGE = "savings.md"
EXAMPLES = examples(PAGE)
PYTHON = [example for example in EXAMPLES if example.language == "python"]
COMMANDS = [
    line.partition("  #")[0].strip()
    for each in EXAMPLES
    if each.language == "bash"
    for line in each.code.splitlines()
]


@pytest.mark.parametrize("example", PYTHON, ids=range(len(PYTHON)))
def test_programs(example: Example) -> None:
    assert run_python(example, PAGE, {}) == example.output


@pytest.mark.parametrize("line", COMMANDS)
def test_commands(line: str, tmp_path: Path) -> None:
    done = ended(*line.split()[1:], home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_figures_of_the_page() -> None:
    text = (DOCS / PAGE).read_text(encoding="utf-8")
    right = at_own_prices()
    assert f"${right.baseline_cost // 10**12:,}" in text and f"${right.cost // 10**12:,}" in text
    assert own_program().saving == right.saving
    assert {example.language for example in EXAMPLES} == {"bash", "python", "toml"}
    assert (len(PYTHON), len(COMMANDS)) == (2, 6)
    (table,) = (example.code for example in EXAMPLES if example.language == "toml")
    assert read_models(load_settings({}, tomllib.loads(table))).autos["default"].settings.shadow.share == 0.03
