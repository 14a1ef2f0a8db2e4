"""A real gateway over real sockets and a real database: shadows, feedback, and what is said of them."""

from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pointsman.routing.labels.sqlite import SqliteLabels
from tests.support.processes import Process, ended, running

SETTINGS = """
[server]
port = 0
admin_port = 0

[storage]
path = "books.db"

[auto.default]
policy = "fixed"
pool = ["claude-haiku-4-5", "claude-opus-4-8"]

[auto.default.shadow]
share = 1.0
daily_usd = 100.0

[auto.default.grader]
kind = "regex"
pattern = "[a-z]"
"""
ASKED = 6


def ask(url: str, body: dict[str, Any] | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    data = None if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data, {"content-type": "application/json"} | named)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers.items()), error.read()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Process, str, str, list[str]]]:
    """The home of a gateway, its addresses, and the ids of requests that it has answered."""
    home = tmp_path_factory.mktemp("home")
    (home / "pointsman.toml").write_text(SETTINGS, encoding="utf-8")
    with running("serve", home=home) as process:
        url = process.wait_for(r"ready at (http://\S+) ")[1]
        admin = process.wait_for(r"metrics: (http://[^,\s]+)")[1]

        def request(number: int) -> str:
            body = {
                "model": "auto",
                "max_tokens": 8,
                "stream": number % 2 == 0,
                "messages": [{"role": "user", "content": f"Tell me of train {number}."}],
            }
            status, headers, _ = ask(f"{url}/v1/chat/completions", body)
            assert status == 200
            return headers["x-request-id"]

        with ThreadPoolExecutor(ASKED) as threads:
            idents = list(threads.map(request, range(ASKED)))
        yield home, process, url, admin, idents


def test_a_life_of_labels(world: tuple[Path, Process, str, str, list[str]]) -> None:
    home, process, url, admin, idents = world
    for ident in idents[:2]:
        status, _, answer = ask(f"{url}/v1/feedback", {"request_id": ident, "score": 0.25})
        assert (status, json.loads(answer)["model"]) == (200, "claude-opus-4-8")
    status, _, answer = ask(
        f"{url}/v1/feedback", {"request_id": "req_x", "score": 1}, anthropic_version="2023-06-01"
    )
    assert (status, json.loads(answer)["type"]) == (404, "error")
    _, _, page = ask(f"{admin}/metrics")
    assert b'pointsman_labels_total{model="claude-opus-4-8",route="default",source="feedback"} 2.0' in page

    code, err = process.stop(signal.SIGTERM)
    assert (code, err) == (0, ""), "what was under way has come to its end"
    stats = json.loads(ended("labels", "stats", "--json", "--db", "books.db", home=home).stdout)
    assert [(row["model"], row["source"], row["labels"]) for row in stats] == [
        ("claude-haiku-4-5", "shadow", ASKED),
        ("claude-opus-4-8", "feedback", 2),
        ("claude-opus-4-8", "shadow", ASKED),
    ]
    usage = json.loads(ended("usage", "--by", "key", "--json", "--db", "books.db", home=home).stdout)
    by_key = {row["key"]: row for row in usage["rows"]}
    assert by_key["shadow:default"]["requests"] == ASKED
    labelled = SqliteLabels(home / "books.db").labelled("default", ("shadow",))
    assert all(found.prompt.features and len(found.costs) == 2 for found in labelled)
