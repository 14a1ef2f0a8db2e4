"""The processes: a simulated provider that counts, a Valkey server, and four gateways."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGKILL
from typing import Any

from bench.gateways import POINTSMAN, CannotStart
from bench.process import Running, free_port, usual_environment
from bench.sharing.plan import CONCURRENCY, HELD, KEYS, LEASE, MODEL, REPLICAS, Limits
from tests.support.redis_server import RedisServer

PATIENCE = 60.0
"""Seconds until a process is ready."""


class Fleet:
    """Starts everything below ``work``, and stops it."""

    def __init__(self, limits: Limits, work: Path, redis_folder: Path) -> None:
        self._limits = limits
        self._work = work
        self.keys: dict[str, str] = {}
        self.redis = RedisServer(redis_folder)
        self.simulator = free_port()
        self.doors = [free_port() for _ in range(REPLICAS)]
        self.admins = [free_port() for _ in range(REPLICAS)]
        self._provider: Running | None = None
        self._replicas: list[Running | None] = [None] * REPLICAS

    def start(self) -> None:
        """Returns when every one is ready. Raises CannotStart with the end of a log."""
        self._make_keys()
        self.redis.start()
        self._provider = self._spawn("simulator", self._simulate())
        self._wait_for(self.simulator, "simulator", self._provider)
        for number in range(REPLICAS):
            self.launch(number)
        for number in range(REPLICAS):
            self.wait_for(number)

    def launch(self, number: int) -> None:
        """Start a replica: for the first time, or anew after it was killed."""
        place = self._work / f"replica-{number}"
        if not place.exists():
            place.mkdir()
            for path in self._work.glob("keys.db*"):
                shutil.copy(path, place / path.name.replace("keys.db", "pointsman.db"))
            (place / "pointsman.toml").write_text(self._settings(place))
        command = [
            *("serve", "--config", str(place / "pointsman.toml"), "--port", str(self.doors[number])),
            *("--admin-port", str(self.admins[number])),
        ]
        self._replicas[number] = self._spawn(f"replica-{number}", command)

    def wait_for(self, number: int) -> None:
        self._wait_for(self.doors[number], f"replica-{number}", self._replicas[number])

    def kill(self, number: int) -> None:
        """As when a machine is gone: it tells nobody."""
        running = self._replicas[number]
        assert running is not None
        running.signal(SIGKILL)
        running.stop()
        self._replicas[number] = None

    def alive(self) -> list[int]:
        return [number for number, running in enumerate(self._replicas) if running is not None]

    def referee(self, model: str = MODEL) -> Any:
        """What the provider counted of a model; None before it was asked for."""
        told = get(self.simulator, "/limits")
        return next((each for each in told["models"] if each["model"] == model), None)

    def by_command(self, number: int) -> Any:
        """``pointsman limits --json`` of a replica."""
        command = [sys.executable, POINTSMAN, "limits", "--json"]
        command += ["--url", f"http://127.0.0.1:{self.admins[number]}"]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=usual_environment(), timeout=30
        )
        return json.loads(done.stdout)

    def logs(self) -> dict[str, list[str]]:
        """What each replica wrote, without what it says when it starts."""
        found = {}
        for number in range(REPLICAS):
            lines = (self._work / f"replica-{number}.log").read_text(errors="replace").splitlines()
            found[f"replica {number}"] = lines[3:]
        return found

    def stop(self) -> None:
        self.redis.thaw()
        for running in [*self._replicas, self._provider]:
            if running is not None:
                running.stop()
        self.redis.kill()

    def _make_keys(self) -> None:
        for name in KEYS:
            command = [sys.executable, POINTSMAN, "keys", "create", name, "--db", str(self._work / "keys.db")]
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, env=usual_environment()
            )
            found = re.search(r"\bpm_[A-Za-z0-9_-]+", done.stdout)
            if found is None:
                raise CannotStart(f"keys create failed: {(done.stderr or done.stdout).strip()[-300:]}")
            self.keys[name] = found[0]

    def _simulate(self) -> list[str]:
        limits = self._limits
        window = "rolling" if limits.window == "rolling" else "bucket"
        return [
            *("simulate", "--port", str(self.simulator), "--rpm", str(limits.rpm)),
            *("--tpm", str(limits.tpm), "--concurrency", str(CONCURRENCY), "--window", window),
        ]

    def _settings(self, place: Path) -> str:
        limits = self._limits
        return (
            f'[storage]\npath = "{place / "pointsman.db"}"\n\n'
            f'[providers.openai]\nbase_url = "http://127.0.0.1:{self.simulator}/openai/v1"\n'
            'api_key = "any"\n\n'
            f'[redis]\nurl = "{self.redis.url}"\nlease = {LEASE}\n\n'
            f'[limits."{MODEL}"]\nrpm = {limits.rpm}\ntpm = {limits.tpm}\nconcurrency = {CONCURRENCY}\n'
            f'window = "{limits.window}"\n\n'
            f'[limits."{HELD}"]\nconcurrency = {CONCURRENCY}\n'
        )

    def _spawn(self, name: str, command: list[str]) -> Running:
        with (self._work / f"{name}.log").open("ab") as log:
            popen = subprocess.Popen(
                [sys.executable, POINTSMAN, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=usual_environment(),
                start_new_session=True,
            )
        return Running(popen)

    def _wait_for(self, port: int, name: str, running: Running | None) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and running is not None and running.alive:
            try:
                HTTPConnection("127.0.0.1", port, timeout=1).connect()
                return
            except (OSError, HTTPException):
                time.sleep(0.02)
        log = self._work / f"{name}.log"
        raise CannotStart(f"{name} does not listen: {log.read_text(errors='replace')[-600:]}")


def get(port: int, path: str) -> Any:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise OSError(f"{path} answered {answer.status}: {body[:200]!r}")
        return json.loads(body)
    finally:
        connection.close()


def short_folder() -> tempfile.TemporaryDirectory[str]:
    """For the server's socket, whose path may have a hundred characters at most."""
    return tempfile.TemporaryDirectory(prefix="redis-")
