import gzip
from pathlib import Path

import pytest

from pointsman.errors import ConfigurationError
from pointsman.simulator.replay_file import read_replay

LINE = b'{"prompt": "2 + 2?", "answers": {"m": {"text": "4"}}}\n'


def test_plain_and_compressed(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"
    plain.write_bytes(LINE)
    packed.write_bytes(gzip.compress(LINE))
    for path in (plain, packed):
        assert read_replay(path).find("2 + 2?", ["m"]) == "4"


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(LINE)[:-9])
    for path in (tmp_path / "none.jsonl", cut):
        with pytest.raises(ConfigurationError, match=path.name):
            read_replay(path)
