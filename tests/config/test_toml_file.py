from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.config import find_file, read_toml
from pointsman.errors import ConfigurationError


def test_no_file_is_no_settings(tmp_path: Path) -> None:
    assert find_file(None, tmp_path) is None
    assert read_toml(None) == {}


def test_the_file_in_the_directory_is_found_and_a_given_one_beats_it(tmp_path: Path) -> None:
    usual, given = tmp_path / "pointsman.toml", tmp_path / "other.toml"
    usual.write_text("[server]\nport = 1\n")
    given.write_bytes(b"\xef\xbb\xbf[server]\nport = 2\n")
    assert find_file(None, tmp_path) == usual
    assert find_file(given, tmp_path) == given
    assert read_toml(usual) == {"server": {"port": 1}}
    assert read_toml(given) == {"server": {"port": 2}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[server\n", "is not valid TOML: .*line 1"),
        (b"a = 1\na = 2\n", "is not valid TOML: .*line 2"),
        (b"name = '\xff'\n", "is not UTF-8 text"),
        (None, "there is no such file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "pointsman.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=message) as caught:
        read_toml(path)
    assert str(path) in caught.value.message


def test_a_directory_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_toml(tmp_path)
