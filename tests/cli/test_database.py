from __future__ import annotations

from pathlib import Path

from pointsman.cli.database import choose_database


def test_the_command_line_comes_before_the_settings(tmp_path: Path) -> None:
    settings = tmp_path / "pointsman.toml"
    settings.write_text('[storage]\npath = "/somewhere/else.db"\n')
    assert choose_database(tmp_path / "given.db", settings) == tmp_path / "given.db"
    assert choose_database(None, settings) == Path("/somewhere/else.db")
