from pathlib import Path

import pytest

from pointsman.errors import ConfigurationError
from pointsman.simulator.skills_file import read_skills


def test_it_reads_a_file(tmp_path: Path) -> None:
    path = tmp_path / "skills.toml"
    path.write_text("[m]\nlaw = 0.5\n", encoding="utf-8")
    assert read_skills(path).models == {"m"}


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    odd = tmp_path / "odd.toml"
    odd.write_bytes(b"\xff")
    for path in (tmp_path / "none.toml", odd):
        with pytest.raises(ConfigurationError, match=path.name):
            read_skills(path)
