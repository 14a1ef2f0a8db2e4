from __future__ import annotations

import json

import pytest

from pointsman.catalog.resources import MODEL_FILES, PRESET_FILE, read


@pytest.mark.parametrize("name", [*MODEL_FILES, PRESET_FILE])
def test_every_file_ships_with_the_package(name: str) -> None:
    assert json.loads(read(name))


def test_another_file_does_not() -> None:
    with pytest.raises(FileNotFoundError):
        read("missing.json")
