"""Every block of docs/from-the-article.md runs, against a gateway that ``pointsman serve`` has started."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pointsman.catalog import load_catalog
from pointsman.config import load_settings
from pointsman.gateway.call.planner import Planner
from pointsman.providers import simulated_providers
from tests.support.pages import Example, examples, run_python
from tests.support.processes import ended, running

PAGE = "from-the-article.md"
EXAMPLES = examples(PAGE)
PYTHON = [example for example in EXAMPLES if example.language == "python"]
COMMANDS = [line for each in EXAMPLES if each.language == "bash" for line in each.code.splitlines()]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def gateway(home: Path) -> Iterator[str]:
    with running("serve", "--port", "0", "--admin-port", "0", home=home) as process:
        yield process.wait_for(r"ready at (\S+)")[1]


@pytest.mark.parametrize("example", PYTHON, ids=range(len(PYTHON)))
def test_programs(example: Example, gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    printed = run_python(example, PAGE, {"http://127.0.0.1:8080": gateway})
    assert printed == example.output if example.output else printed


@pytest.mark.parametrize("line", [line for line in COMMANDS if line != "pointsman serve"])
def test_commands(line: str, gateway: str, home: Path) -> None:
    done = ended(*line.split()[1:], home=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_aliases_send_old_names_to_models_of_today() -> None:
    (settings,) = [each.code for each in EXAMPLES if each.language == "toml"]
    aliases = load_settings({}, tomllib.loads(settings)).aliases
    planner = Planner(load_catalog(), simulated_providers("http://127.0.0.1:9"), aliases=aliases)
    for name, target in aliases.items():
        plan = planner.plan(name, lambda: date(2026, 11, 23))
        assert (plan.route.name, plan.warning) == (target, "")


def test_every_block_is_one_that_is_tested() -> None:
    assert {example.language for example in EXAMPLES} == {"bash", "python", "toml"}
    assert "pointsman serve" in COMMANDS
    assert len(PYTHON) == 6
