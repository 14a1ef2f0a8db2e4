from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.config.wordllama import read_wordllama

READ = "from pointsman.config.wordllama import read_wordllama; read_wordllama()"


def test_its_files_are_found() -> None:
    vectors, tokenizer = read_wordllama()
    assert len(vectors) > 1 << 20 and tokenizer.lstrip().startswith(b"{")


@pytest.mark.parametrize(
    ("make", "told"),
    [(False, "ModuleNotFoundError: No module named 'wordllama'"), (True, "FileNotFoundError")],
)
def test_a_package_that_is_not_there_or_has_other_files(tmp_path: Path, make: bool, told: str) -> None:
    """In a process that sees the standard library, this module and, it may be, another wordllama."""
    if make:
        (tmp_path / "wordllama").mkdir()
        (tmp_path / "wordllama" / "__init__.py").write_text("raise SystemExit('it was imported')")
    alone = tmp_path / "alone.py"
    alone.write_bytes(Path(read_wordllama.__code__.co_filename).read_bytes())
    told_by = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import alone; alone.read_wordllama()",
        ],
        capture_output=True,
        text=True,
    )
    assert told_by.returncode == 1 and told in told_by.stderr
