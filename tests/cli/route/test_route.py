from __future__ import annotations

from typing import Any

import pytest

from pointsman.cli.lazy import load_command
from pointsman.cli.route.route import ROUTE_COMMANDS


@pytest.fixture
def group() -> Any:
    return load_command("route")


@pytest.mark.parametrize("name", ROUTE_COMMANDS)
def test_every_command_of_the_table_is_there(group: Any, name: str) -> None:
    command = group.load(name)
    assert command.name == name
    assert command.help


def test_the_group_lists_its_commands(group: Any) -> None:
    assert list(group.commands) == list(ROUTE_COMMANDS)
    assert group.name == "route"
