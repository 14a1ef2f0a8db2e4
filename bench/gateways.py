"""The gateways that are compared: how each is configured and started, and what stands behind them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bench import plan
from bench.process import Running, free_port, start, usual_environment

POINTSMAN = str(Path(sys.executable).parent / "pointsman")
BARE = "(uvicorn)"
DIRECT = "(direct)"
PATIENCE = {"litellm": 90.0}
"""Seconds until the first answer; 15 for all others."""


class CannotStart(Exception):
    """Says why, with the end of the log."""


@dataclass
class Gateway:
    """One that runs, or can be asked through."""

    name: str
    port: int
    stream_port: int
    key: str
    running: Running | None
    startup: float | None = None
    """Seconds from the start of its process to its first answer to a chat request."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Upstreams:
    """The two mocks. ``plain`` is nginx where there is one."""

    plain: int
    streams: int
    plain_is_nginx: bool
    processes: tuple[Running, ...]

    def pace(self, milliseconds: int) -> None:
        """Milliseconds between two events of every later stream."""
        connection = HTTPConnection("127.0.0.1", self.streams, timeout=5)
        connection.request("GET", f"/pace/{milliseconds}")
        connection.getresponse().read()
        connection.close()


def fill(template: str, target: Path, values: dict[str, object]) -> Path:
    """Write ``bench/config/<template>`` with its @NAMES@ replaced."""
    text = (plan.CONFIG / template).read_text()
    target.write_text(re.sub(r"@([A-Z_]+)@", lambda match: str(values[match[1]]), text))
    return target


def nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def start_upstreams(work: Path) -> Upstreams:
    streams, plain = free_port(), 0
    command = [sys.executable, "-m", "bench.mock_upstream", str(streams)]
    processes = [start(command, plan.LOAD_CORE, work / "streams.log")]
    _wait_for_port(streams)
    if nginx():
        plain = free_port()
        answers = {"OPENAI": plan.openai_answer().decode(), "ANTHROPIC": plan.anthropic_answer().decode()}
        processes.append(_nginx("upstream", work, plan.LOAD_CORE, {"PORT": plain, **answers}))
        _wait_for_port(plain)
    return Upstreams(plain or streams, streams, bool(plain), tuple(processes))


def direct(upstreams: Upstreams) -> Gateway:
    """No gateway at all: what the load and the upstream take themselves."""
    return Gateway(DIRECT, upstreams.plain, upstreams.streams, "none", None)


def start_nginx(upstreams: Upstreams, work: Path) -> Gateway:
    if not nginx():
        raise CannotStart("nginx is not installed (on Debian: apt install nginx)")
    port, stream_port = free_port(), free_port()
    ports = {"PORT": port, "STREAM_PORT": stream_port, **_ports(upstreams)}
    return _started(
        "nginx", lambda: _nginx("proxy", work, plan.GATEWAY_CORE, ports), port, stream_port, "none"
    )


def start_bare(work: Path) -> Gateway:
    """The server without a gateway in it; it knows plain requests only."""
    port, log = free_port(), work / "bare.log"
    command = [sys.executable, "-m", "bench.bare_app", str(port)]
    return _started(BARE, lambda: start(command, plan.GATEWAY_CORE, log), port, port, "none", log)


def start_pointsman(upstreams: Upstreams, work: Path, prefix: tuple[str, ...] = ()) -> Gateway:
    """``prefix`` goes before the command's arguments: a profiler, for one."""
    config = fill("pointsman.toml", work / "pointsman.toml", {"WORK": work, **_ports(upstreams)})
    command = [*(prefix or (sys.executable,)), POINTSMAN]
    key, notes = _make_key(config)
    port = free_port()
    arguments = ["serve", "--config", str(config), "--port", str(port), "--admin-port", str(free_port())]
    gateway = _started(
        "pointsman",
        lambda: start([*command, *arguments], plan.GATEWAY_CORE, work / "pointsman.log"),
        port,
        port,
        key,
        work / "pointsman.log",
    )
    gateway.notes += notes
    return gateway


def start_litellm(upstreams: Upstreams, work: Path, executable: Path) -> Gateway:
    config = fill("litellm.yaml", work / "litellm.yaml", _ports(upstreams))
    key, port = "sk-bench-0f6d1c52b8a94e7c93d7f5a1", free_port()
    quiet = {
        "LITELLM_MASTER_KEY": key,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
    }
    command = [str(executable), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    command += ["--num_workers", "1", "--telemetry", "False"]
    log = work / "litellm.log"
    return _started("litellm", lambda: start(command, plan.GATEWAY_CORE, log, quiet), port, port, key, log)


def _ports(upstreams: Upstreams) -> dict[str, object]:
    return {"PLAIN": upstreams.plain, "STREAMS": upstreams.streams}


def _make_key(config: Path) -> tuple[str, list[str]]:
    """One virtual key, so that authentication is on."""
    command = [sys.executable, POINTSMAN, "keys", "create", "bench", "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=usual_environment())
    found = re.search(r"\bpm_[A-Za-z0-9_-]+", done.stdout)
    if done.returncode or found is None:
        problem = (done.stderr or done.stdout).strip()[-300:]
        return "none", [f"without authentication, because `keys create` failed: {problem}"]
    return found[0], []


def _nginx(role: str, work: Path, core: int, values: dict[str, object]) -> Running:
    executable = nginx()
    assert executable is not None
    place = work / f"nginx-{role}"
    place.mkdir(exist_ok=True)
    place.chmod(0o777)  # its worker may run as another user
    fill(f"nginx-{role}.conf", place / "role.conf", values)
    config = fill("nginx.conf", place / "nginx.conf", {"WORK": place})
    return start([executable, "-e", str(place / "error.log"), "-c", str(config)], core, place / "log")


def _started(
    name: str,
    launch: Callable[[], Running],
    port: int,
    stream_port: int,
    key: str,
    log: Path | None = None,
) -> Gateway:
    began = time.perf_counter()
    running = launch()
    deadline = began + PATIENCE.get(name, 15.0)
    while not _answers(port, key):
        late = time.perf_counter() > deadline
        if late or not running.alive:
            running.stop()
            tail = log.read_text(errors="replace")[-600:] if log and log.exists() else ""
            raise CannotStart(f"{name} {'does not answer' if late else 'has stopped'}: {tail}")
        time.sleep(0.005)
    return Gateway(name, port, stream_port, key, running, startup=time.perf_counter() - began)


def _answers(port: int, key: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    try:
        body = plan.request_body(plan.PLAIN_MODEL, stream=False)
        connection.request("POST", "/v1/chat/completions", body, headers)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _wait_for_port(port: int) -> None:
    deadline = time.perf_counter() + 10
    while time.perf_counter() < deadline:
        try:
            HTTPConnection("127.0.0.1", port, timeout=1).connect()
            return
        except OSError:
            time.sleep(0.01)
    raise CannotStart(f"the mock upstream does not listen on port {port}")
