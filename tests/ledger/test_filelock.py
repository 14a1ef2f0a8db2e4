from __future__ import annotations

from pathlib import Path

from pointsman.ledger.filelock import try_lock


def test_a_file_is_locked_by_one_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    first, second = path.open("r+b"), path.open("r+b")
    assert try_lock(first)
    assert not try_lock(second)
    assert second.read() == b"content"
    first.close()
    assert try_lock(second)
    second.close()
