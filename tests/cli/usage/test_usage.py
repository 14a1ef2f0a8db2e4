from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from pointsman.cli.main import run
from pointsman.ledger.sqlite import SqliteStore
from tests.support.ledger_entries import a_retried_entry, an_entry


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.db"
    store = SqliteStore(path)
    store.commit([an_entry("req_1", cost=1), a_retried_entry("req_2", cost=2), an_entry("req_3", cost=4)])
    store.close()
    return path


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["usage", *arguments], environ={}, stderr=stderr), stderr.getvalue()


def test_usage_by_model(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--db", str(db)) == (0, "")
    out = capsys.readouterr().out
    assert "claude-sonnet-5-5" in out and "gpt-6-luna" in out and "total" in out


def test_json_groups_filters_and_sums(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--db", str(db), "--json", "--by", "day,key", "--since", "2026-09-25") == (0, "")
    data = json.loads(capsys.readouterr().out)
    (row,) = data["rows"]
    assert (row["day"], row["key"], row["requests"], row["attempts"]) == ("2026-09-25", "team-a", 3, 4)
    assert data["total"]["cost_usd"] == "0.000000000007"
    assert call("--db", str(db), "--json", "--model", "gpt-6-luna", "--key", "key_1", "--tenant", "acme") == (
        0,
        "",
    )
    assert json.loads(capsys.readouterr().out)["total"]["requests"] == 1


def test_one_request(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--db", str(db), "--request", "req_2") == (0, "")
    assert "529" in capsys.readouterr().out
    assert call("--db", str(db), "--request", "req_2", "--json") == (0, "")
    assert json.loads(capsys.readouterr().out)["request_id"] == "req_2"
    code, message = call("--db", str(db), "--request", "req_9")
    assert code == 2 and "no request req_9" in message


def test_an_empty_ledger_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "none.db"
    assert call("--db", str(missing)) == (0, "")
    assert "pointsman serve" in capsys.readouterr().out
    assert not missing.exists()
    SqliteStore(missing).close()
    assert call("--db", str(missing)) == (0, "")
    assert "is empty" in capsys.readouterr().out


def test_nothing_that_fits_is_not_an_empty_ledger(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--db", str(db), "--until", "2026-01-01") == (0, "")
    assert "No request fits" in capsys.readouterr().out


def test_misfits_are_mentioned(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = SqliteStore(db)
    store.commit([an_entry("bad", cost=2**80)])
    store.close()
    assert call("--db", str(db)) == (0, "")
    assert "1 requests did not fit" in capsys.readouterr().out


def test_the_database_of_the_settings_is_read_where_none_is_named(
    db: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "pointsman.toml"
    settings.write_text(f'[storage]\npath = "{db}"\n')
    assert call("--config", str(settings), "--json") == (0, "")
    assert json.loads(capsys.readouterr().out)["total"]["requests"] == 3


@pytest.mark.parametrize("wrong", [("--by", "colour"), ("--since", "soon"), ("--until", "7y")])
def test_what_is_wrong_is_one_line(db: Path, wrong: tuple[str, ...]) -> None:
    code, message = call("--db", str(db), *wrong)
    assert code == 2
    assert len(message.splitlines()) == 1
