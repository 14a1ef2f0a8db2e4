"""``pointsman serve`` as a process of its own."""

from __future__ import annotations

import json
import logging
import re
import signal
import socket
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pointsman import Client, errors
from pointsman.cli.running import fastest_loop, ledger_troubled
from pointsman.ledger.durable import calls_folder
from pointsman.ledger.mmap import OpenCalls
from tests.support.open_calls import an_open_call
from tests.support.processes import Process, ended, running
from tests.support.redis_server import RedisServer

PORTS = ("--port", "0", "--admin-port", "0")
READY = r"ready at (http://\S+) \((\d+) models of ([^)]*)\)"


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Process, str]]:
    with running("serve", *PORTS, home=tmp_path) as process:
        yield process, process.wait_for(READY)[1]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_without_keys_it_serves_simulated_models_and_books_them(
    served: tuple[Process, str], tmp_path: Path, how: signal.Signals
) -> None:
    process, url = served
    assert "simulated providers" in process.said[0]
    assert "ANTHROPIC_API_KEY" in process.said[0]
    admin = process.wait_for(r"Health and metrics: (\S+)")[1]
    with Client(url) as client:
        result = client.chat("claude-haiku-4-5", "Why is the sky blue?", max_tokens=20)
    assert result.cost is not None
    assert json.loads(get(url + "/health")) == {"status": "ok"}
    assert json.loads(get(admin + "/ready"))["ledger"] == "ok"
    assert "pointsman_requests" in get(admin + "/metrics")
    assert process.stop(how) == (0, "")
    usage = json.loads(ended("usage", "--json", home=tmp_path).stdout)
    assert result.model in json.dumps(usage)


def test_a_stream_under_way_is_finished_before_it_ends(served: tuple[Process, str]) -> None:
    process, url = served
    with (
        Client(url) as client,
        client.stream("claude-haiku-4-5", "Tell me of trains", max_tokens=60) as stream,
    ):
        next(stream)
        process.send(signal.SIGTERM)
        assert stream.result().text
    assert process.stop()[0] == 0


def test_a_key_in_the_environment_takes_the_place_of_the_simulator(tmp_path: Path) -> None:
    with running("serve", *PORTS, home=tmp_path, environ={"OPENAI_API_KEY": "sk-" + "x" * 40}) as process:
        assert process.wait_for(READY)[3] == "openai"
        assert len(process.said) == 1


def test_a_key_that_is_made_while_it_runs_is_asked_for(served: tuple[Process, str], tmp_path: Path) -> None:
    _, url = served
    made = re.search(r"pm_\w+", ended("keys", "create", "alice", home=tmp_path).stdout)
    assert made is not None
    with Client(url) as anybody, Client(url, made[0]) as alice:
        while True:  # it is seen within a second
            try:
                anybody.chat("gpt-4o", "Hi", max_tokens=1)
            except errors.AuthenticationFailed:
                break
        assert alice.chat("gpt-4o", "Hi", max_tokens=1).request_id


def test_without_keys_only_loopback_may_be_bound(tmp_path: Path) -> None:
    for arguments in (["--host", "0.0.0.0", *PORTS], ["--host", "::", *PORTS]):
        refused = ended("serve", *arguments, home=tmp_path)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "pointsman keys create" in refused.stderr
    (tmp_path / "pointsman.toml").write_text('[server]\nadmin_host = "0.0.0.0"\n')
    refused = ended("serve", *PORTS, home=tmp_path)
    assert (refused.returncode, "server.admin_host" in refused.stderr) == (2, True)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = ended("serve", "--port", port, "--admin-port", "0", home=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"pointsman: server.port: cannot listen on 127.0.0.1:{port}")


def test_keys_that_cannot_be_read_keep_the_door_shut(tmp_path: Path) -> None:
    data = tmp_path / "data" / "pointsman"
    data.mkdir(parents=True)
    (data / "pointsman.db").write_text("this is no database, and it is longer than a header " * 20)
    refused = ended("serve", *PORTS, home=tmp_path)
    assert (refused.returncode != 0, refused.stdout) == (True, "")
    assert "pointsman.db" in refused.stderr


def test_the_loop_is_uvloops_where_there_is_one() -> None:
    factory = fastest_loop()
    assert factory is not None
    loop = factory()
    assert type(loop).__module__.startswith("uvloop")
    loop.close()


def test_a_ledger_that_cannot_be_written_is_told_when_it_begins_and_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    ledger_troubled("The ledger cannot be written: disk full.")
    ledger_troubled(None)
    assert [(record.levelname, "disk full" in record.message) for record in caplog.records] == [
        ("WARNING", True),
        ("INFO", False),
    ]


def test_what_a_gateway_that_died_left_is_settled_and_told_before_it_is_ready(tmp_path: Path) -> None:
    calls = OpenCalls(calls_folder(tmp_path / "data" / "pointsman" / "pointsman.db"))
    calls.begin(an_open_call("req_left"))
    calls.close()
    with running("serve", *PORTS, home=tmp_path) as process:
        process.wait_for(READY)
        code, said = process.stop()
    assert code == 0
    assert "1 requests were under way" in said
    shown = ended("usage", "--request", "req_left", home=tmp_path).stdout
    assert "process_died" in shown


def test_it_serves_while_redis_is_away_says_so_once_and_then_that_it_is_there(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder))
        (tmp_path / "pointsman.toml").write_text(
            f'[redis]\nurl = "{server.url}"\n\n[limits."gpt-4o"]\nrpm = 60\n\n[queue]\nmax_wait = 30\n'
        )
        with running("serve", *PORTS, home=tmp_path) as process:
            url = process.wait_for(READY)[1]
            admin = process.wait_for(r"Health and metrics: (\S+)")[1]
            ready = json.loads(get(admin + "/ready"))
            assert ready["status"] == "degraded"
            assert ready["redis"] == json.loads(get(admin + "/limits"))["trouble"] != "ok"
            with Client(url) as client:
                assert client.chat("claude-haiku-4-5", "Hi", max_tokens=1).request_id, "it is not limited"
                try:
                    server.start()
                    assert client.chat("gpt-4o", "Hi", max_tokens=1).request_id, "it has waited for Redis"
                    assert json.loads(get(admin + "/ready"))["redis"] == "ok"
                    code, said = process.stop()
                finally:
                    server.kill()
        assert code == 0
        lines = [line for line in said.splitlines() if "Redis" in line]
        assert ["is away" in line for line in lines] == [True, False]
