from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from pointsman.cli.main import run
from pointsman.keys import looks_valid
from pointsman.ledger.sqlite import SqliteStore
from tests.support.ledger_entries import an_entry


def call(*arguments: str) -> tuple[int, str]:
    stderr = io.StringIO()
    return run(["keys", *arguments], environ={}, stderr=stderr), stderr.getvalue()


def test_the_life_of_a_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = ("--db", str(tmp_path / "pointsman.db"))
    assert call("list", *db) == (0, "")
    assert "No keys yet" in capsys.readouterr().out

    assert call("create", "team-a", "--tenant", "acme", *db) == (0, "")
    key = next(word for word in capsys.readouterr().out.split() if word.startswith("pm_"))
    assert looks_valid(key)
    code, message = call("create", "team-a", *db)
    assert code == 2 and "There is a key team-a already" in message

    assert call("list", "--json", *db) == (0, "")
    out = capsys.readouterr().out
    assert key not in out
    (listed,) = json.loads(out)
    assert (listed["name"], listed["tenant"], listed["revoked"]) == ("team-a", "acme", None)

    store = SqliteStore(tmp_path / "pointsman.db")
    store.commit([an_entry(key_id=listed["id"], key_name="team-a", cost=3)])
    store.close()
    assert call("list", *db) == (0, "")
    out = capsys.readouterr().out
    assert "active" in out and "<0.0001" in out

    assert call("revoke", "team-a", *db) == (0, "")
    assert capsys.readouterr().out.startswith("Revoked team-a")
    assert call("revoke", listed["id"], *db) == (0, "")
    assert "already" in capsys.readouterr().out
    assert call("revoke", "team-a", "--json", *db) == (0, "")
    assert json.loads(capsys.readouterr().out)["revoked"] is not None


def test_json_of_a_new_key_is_all_a_script_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("create", "ci", "--json", "--db", str(tmp_path / "a.db")) == (0, "")
    assert looks_valid(json.loads(capsys.readouterr().out)["key"])


def test_a_key_goes_by_a_route_of_the_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "pointsman.toml"
    config.write_text('[server]\nport = 8137\n[auto.support]\npool = ["gpt-6-luna", "gpt-6-sol"]\n')
    where = ("--db", str(tmp_path / "a.db"), "--config", str(config))
    assert call("create", "a", "--auto", "support", *where) == (0, "")
    out = capsys.readouterr().out
    assert "[auto.support]" in out and "OPENAI_BASE_URL=http://127.0.0.1:8137/v1" in out
    code, message = call("create", "b", "--auto", "auto:support", *where)
    assert code == 2 and "There are: support" in message
    assert call("list", "--json", *where) == (0, "")
    assert [key["name"] for key in json.loads(capsys.readouterr().out)] == ["a"]


def test_what_auto_means_for_a_key_can_be_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "pointsman.toml"
    config.write_text('[auto.support]\npool = ["gpt-6-luna", "gpt-6-sol"]\n')
    where = ("--db", str(tmp_path / "a.db"), "--config", str(config))
    assert call("create", "a", *where) == (0, "")
    capsys.readouterr()
    assert call("auto", "a", "support", *where) == (0, "")
    assert '"auto" is [auto.support]. Running' in capsys.readouterr().out
    code, message = call("auto", "a", "sales", *where)
    assert code == 2 and "There are: support" in message
    assert call("list", "--json", *where) == (0, "")
    assert json.loads(capsys.readouterr().out)[0]["auto"] == "support"
    assert call("auto", "a", *where) == (0, "")
    assert '"auto" is what it is for all.' in capsys.readouterr().out
    assert call("auto", "a", "--json", *where) == (0, "")
    assert json.loads(capsys.readouterr().out)["auto"] is None


def test_what_the_cache_does_for_a_key_can_be_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--db", str(tmp_path / "a.db"))
    assert call("create", "a", "--cache", "own,TTL=600", *where) == (0, "")
    assert "The cache, for it: own, ttl=600" in capsys.readouterr().out
    code, message = call("cache", "a", "never", *where)
    assert code == 2 and "'never'" in message
    assert call("list", "--json", *where) == (0, "")
    assert json.loads(capsys.readouterr().out)[0]["cache"] == "own, ttl=600"
    assert call("cache", "a", "off", *where) == (0, "")
    assert "the cache's policy is off. Running" in capsys.readouterr().out
    assert call("cache", "a", "--json", *where) == (0, "")
    assert json.loads(capsys.readouterr().out)["cache"] is None


def test_an_unknown_key_cannot_be_revoked(tmp_path: Path) -> None:
    code, message = call("revoke", "nobody", "--db", str(tmp_path / "a.db"))
    assert code == 2 and "pointsman keys list" in message


def test_limits_are_set_changed_shown_and_cleared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    db = ("--db", str(tmp_path / "a.db"))
    assert call("create", "a", "--rpm", "60", "--max-wait", "2.5", "--weight", "2", *db) == (0, "")
    assert "Its limits: 60 rpm, wait 2.5 s, weight 2" in capsys.readouterr().out
    assert call("limit", "a", "--tpm", "50000", "--priority", "-1", "--clear", "rpm", *db) == (0, "")
    assert "50k tpm, wait 2.5 s, weight 2, priority -1. Running" in capsys.readouterr().out
    assert call("list", "--json", *db) == (0, "")
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["limits"] == {
        "rpm": None,
        "input_tpm": None,
        "output_tpm": None,
        "tpm": 50_000,
        "concurrency": None,
        "max_wait": 2.5,
        "weight": 2.0,
        "priority": -1,
    }
    assert call("limit", "a", "--clear", "all", "--json", *db) == (0, "")
    assert json.loads(capsys.readouterr().out)["limits"]["tpm"] is None
    assert call("limit", "a", *db) == (0, "")
    assert "no limits" in capsys.readouterr().out


def test_limits_that_cannot_be_meant_are_told(tmp_path: Path) -> None:
    db = ("--db", str(tmp_path / "a.db"))
    code, message = call("create", "a", "--rpm", "0", *db)
    assert code == 2 and "rpm is a whole number from 1" in message
    assert call("limit", "nobody", "--rpm", "1", *db)[0] == 2
