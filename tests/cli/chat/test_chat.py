"""``pointsman chat`` as a process of its own, against a running simulator and a running gateway."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import COMMAND, ended, environment, running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def simulator(home: Path) -> Iterator[str]:
    with running("simulate", "--port", "0", "--pace", "none", home=home) as process:
        yield process.wait_for(r"(http://[^/]+)/")[1]


def test_one_question(simulator: str, home: Path) -> None:
    """The answer alone is on stdout, so that it can be piped on."""
    asked = ["chat", "Why is the sky blue?", "--model", "haiku-4", "--max-tokens", "30"]
    plain = ended(*asked, "--simulator", simulator, home=home)
    as_json = ended(*asked, "--simulator", simulator, "--json", home=home)
    assert (plain.returncode, as_json.returncode) == (0, 0)
    said = json.loads(as_json.stdout)
    assert plain.stdout == said["text"] + "\n"
    assert f"${said['cost_usd']}" in plain.stderr
    assert said["model"] in plain.stderr


def test_a_talk_from_a_pipe(simulator: str, home: Path) -> None:
    talk = ended("chat", "--simulator", simulator, "--json", home=home, stdin="One?\n\nTwo?\n/bye\nThree?\n")
    lines = [json.loads(line) for line in talk.stdout.splitlines()]
    assert (talk.returncode, talk.stderr, len(lines)) == (0, "", 2)
    assert lines[1]["usage"]["input"] > lines[0]["usage"]["input"]


def test_through_a_gateway(home: Path) -> None:
    with running("serve", "--port", "0", "--admin-port", "0", home=home) as process:
        url = process.wait_for(r"ready at (\S+)")[1]
        answer = ended("chat", "Hi", "-m", "gpt-4o", home=home, environ={"POINTSMAN_BASE_URL": url})
        assert (answer.returncode, answer.stdout != "") == (0, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "No provider is configured"),
        (["--model", "no-such", "--simulator", "SIMULATOR"], 2, "The model 'no-such' is not known"),
        (["--base-url", "http://127.0.0.1:9"], 1, "127.0.0.1:9"),
    ],
)
def test_failures_are_one_line(
    simulator: str, home: Path, arguments: list[str], code: int, said: str
) -> None:
    given = [simulator if each == "SIMULATOR" else each for each in arguments]
    failed = ended("chat", "Hi", *given, home=home)
    assert (failed.returncode, failed.stdout) == (code, "")
    assert said in failed.stderr
    assert failed.stderr.count("\n") == 1


def test_ctrl_c_ends_it_quietly(home: Path) -> None:
    """In the midst of an answer that would never end."""
    with (
        running("simulate", "--port", "0", "--faults", "stall:1:after=5", home=home) as process,
        subprocess.Popen(
            [*COMMAND, "chat", "Tell me everything", "--simulator", process.wait_for(r"(http://[^/]+)/")[1]],
            cwd=home,
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as chat,
    ):
        assert chat.stdout is not None
        assert chat.stdout.read(1)
        chat.send_signal(signal.SIGINT)
        _, err = chat.communicate(timeout=20)
        assert (chat.returncode, err) == (130, "")
