"""The processes: a simulated provider for each contender, a gateway where there is one, and its callers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from bench.flows.contenders import KNOWN, LITELLM, UNKNOWN
from bench.flows.traffic import KEYS, MODEL, Plan
from bench.gateways import POINTSMAN, CannotStart
from bench.process import Running, free_port, usual_environment

PATIENCE = 60.0
"""Seconds until a process is ready. LiteLLM takes ten to be imported by itself, and all start at once."""


@dataclass(frozen=True)
class World:
    """How the simulated providers behave."""

    count_refused: bool
    window: str
    """bucket or rolling."""

    @property
    def name(self) -> str:
        return "refused requests " + ("count" if self.count_refused else "do not count")


@dataclass
class Cell:
    """One contender in one world with one sort of traffic."""

    contender: str
    mode: str
    """steady or batch."""
    world: World
    place: Path
    after: float = 0.0
    """Seconds from the common beginning to its own."""
    port: int = 0
    simulator: Running | None = None
    gateway: Running | None = None
    driver: subprocess.Popen[str] | None = None

    @property
    def out(self) -> Path:
        return self.place / "outcome.json"

    def get(self, path: str) -> Any:
        """What its simulator answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


class Stage:
    """Starts everything below ``work``, and stops it.

    Args:
        litellm: the Python that has LiteLLM.
    """

    def __init__(self, plan: Plan, plan_file: Path, work: Path, litellm: Path | None) -> None:
        self._plan = plan
        self._plan_file = plan_file
        self._work = work
        self._litellm = litellm
        self._keys: list[str] = []
        self._running: list[Running] = []
        self._drivers: list[subprocess.Popen[str]] = []

    def make_keys(self) -> None:
        """One database with a virtual key for each tenant; every gateway gets a copy."""
        for name in KEYS:
            command = [sys.executable, POINTSMAN, "keys", "create", name, "--db", str(self._database)]
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, env=usual_environment()
            )
            found = re.search(r"\bpm_[A-Za-z0-9_-]+", done.stdout)
            if found is None:
                raise CannotStart(f"keys create failed: {(done.stderr or done.stdout).strip()[-300:]}")
            self._keys.append(found[0])

    @property
    def _database(self) -> Path:
        return self._work / "keys.db"

    def start(self, cells: list[Cell]) -> None:
        """All processes of all cells, at once; returns when every one is ready.

        Raises:
            CannotStart: one is not; with the end of its log.
        """
        for cell in cells:
            cell.place.mkdir(parents=True)
            cell.port = free_port()
            cell.simulator = self._spawn(cell, "simulator", self._simulate(cell))
        for cell in cells:
            _wait_for_port(cell.port, cell.place / "simulator.log", cell.simulator)
        doors = {}
        for cell in cells:
            doors[id(cell)] = cell.port
            if cell.contender in (KNOWN, UNKNOWN):
                port = doors[id(cell)] = free_port()
                cell.gateway = self._spawn(cell, "gateway", self._serve(cell, port))
        for cell in cells:
            if cell.gateway is not None:
                _wait_for_port(doors[id(cell)], cell.place / "gateway.log", cell.gateway)
            self._start_driver(cell, doors[id(cell)])
        for cell in cells:
            assert cell.driver is not None and cell.driver.stdout is not None
            if cell.driver.stdout.readline() != "ready\n":
                raise CannotStart(f"callers of {cell.contender}: {_tail(cell.place / 'driver.log')}")

    def go(self, cells: list[Cell]) -> None:
        for cell in cells:
            assert cell.driver is not None and cell.driver.stdin is not None
            cell.driver.stdin.write("go\n")
            cell.driver.stdin.flush()

    def stop(self) -> None:
        for driver in self._drivers:
            if driver.poll() is None:
                driver.kill()
            driver.wait()
            for pipe in (driver.stdin, driver.stdout):
                if pipe is not None:
                    pipe.close()
        for running in self._running:
            running.stop()

    def _simulate(self, cell: Cell) -> list[str]:
        world = cell.world
        return [
            *(POINTSMAN, "simulate", "--port", str(cell.port), "--rpm", str(self._plan.rpm)),
            *("--tpm", str(self._plan.tpm), "--window", world.window, "--speed", "4"),
            *("--count-refused", "on" if world.count_refused else "off"),
        ]

    def _serve(self, cell: Cell, port: int) -> list[str]:
        database = cell.place / "pointsman.db"
        for path in self._work.glob("keys.db*"):
            shutil.copy(path, cell.place / path.name.replace("keys.db", database.name))
        settings = (
            f'[storage]\npath = "{database}"\n\n'
            f'[providers.openai]\nbase_url = "http://127.0.0.1:{cell.port}/openai/v1"\napi_key = "any"\n\n'
        )
        if cell.contender == KNOWN:
            window = "rolling" if cell.world.window == "rolling" else "refill"
            settings += (
                f"[providers.openai.limits.{MODEL}]\nrpm = {self._plan.rpm}\ntpm = {self._plan.tpm}\n"
                f'window = "{window}"\n\n'
            )
        if cell.mode == "batch":
            settings += "[queue]\nmax_wait = 600\n"
        config = cell.place / "pointsman.toml"
        config.write_text(settings)
        return [
            *(POINTSMAN, "serve", "--config", str(config), "--port", str(port)),
            *("--admin-port", str(free_port())),
        ]

    def _spawn(self, cell: Cell, role: str, command: list[str]) -> Running:
        with (cell.place / f"{role}.log").open("wb") as log:
            popen = subprocess.Popen(
                [sys.executable, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=usual_environment(),
                start_new_session=True,
            )
        running = Running(popen)
        self._running.append(running)
        return running

    def _start_driver(self, cell: Cell, port: int) -> None:
        own = cell.contender in (KNOWN, UNKNOWN)
        python = sys.executable
        if cell.contender.startswith(LITELLM):
            assert self._litellm is not None, "it is not compared where it is not installed"
            python = str(self._litellm)
        door = f"http://127.0.0.1:{port}/v1" if own else f"http://127.0.0.1:{port}/openai/v1"
        command = [python, "-m", "bench.flows.drive", cell.mode, cell.contender, "--door", door]
        command += ["--plan", str(self._plan_file), "--after", str(cell.after), "--out", str(cell.out)]
        if own:
            command += ["--keys", ",".join(self._keys)]
        quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "CRITICAL"}
        with (cell.place / "driver.log").open("wb") as log:
            cell.driver = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=usual_environment() | quiet,
            )
        self._drivers.append(cell.driver)


def _wait_for_port(port: int, log: Path, running: Running | None) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and (running is None or running.alive):
        try:
            HTTPConnection("127.0.0.1", port, timeout=1).connect()
            return
        except (OSError, HTTPException):
            time.sleep(0.02)
    raise CannotStart(f"nobody listens on port {port}: {_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-600:] if log.exists() else ""
