"""The same through the whole gateway: simulated providers that answer as recorded, requests over sockets."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.replay.cascades import EXTRACT
from bench.replay.evidence import Made
from bench.replay.recordings import FLASH, HAIKU, OPUS, SONNET, Recording
from pointsman.catalog import load_catalog
from pointsman.clock import SystemClock
from pointsman.config import Settings, load_settings
from pointsman.config.auto_routes import configured_autos
from pointsman.config.names import Names
from pointsman.gateway.build import OPEN_DOOR, build_gateway
from pointsman.gateway.cascade.cascades import configured_cascades
from pointsman.gateway.edge.server import GuardedProtocol
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts
from pointsman.ledger.sqlite import SqliteLedger
from pointsman.providers import simulated_providers
from pointsman.routing.evidence import Certificate, encode_certificate
from pointsman.routing.features import featurise
from pointsman.routing.graded import Graded
from pointsman.routing.journal.sqlite import SqliteRouters
from pointsman.routing.labels.kept import Mark, Prompt
from pointsman.routing.labels.sqlite import SqliteLabels
from pointsman.simulator import Config, Replay, app
from pointsman.simulator.replay import Recorded
from tests.support.servers import serve

AT_ONCE = 8
TABLES = f"""
[auto.agree]
policy = "cascade"
pool = ["{HAIKU}", "{FLASH}", "{OPUS}"]
min_labels = 400
[auto.agree.grader]
extract = "{EXTRACT}"

[auto.sonnet]
policy = "cascade"
pool = ["{HAIKU}", "{SONNET}", "{OPUS}"]
min_labels = 400
[auto.sonnet.grader]
extract = "{EXTRACT}"

[auto.learned]
policy = "learned"
pool = ["{HAIKU}", "{FLASH}", "{OPUS}"]
min_labels = 100
sticky = false
"""
ROUTES = {"agree": (HAIKU, FLASH), "sonnet": (HAIKU, SONNET)}


@dataclass
class Served:
    """What one policy did with one prompt."""

    id: str
    model: str
    correct: bool
    route: str


@dataclass
class Run:
    """One policy over all prompts."""

    served: list[Served] = field(default_factory=list)
    usd: float = 0.0
    """As the ledger has it."""
    invoice_usd: float = 0.0
    """As the providers have it."""
    calls: int = 0
    savings: Mapping[str, Any] | None = None
    """What ``pointsman savings`` says, for routes."""

    @property
    def accuracy(self) -> float:
        return sum(each.correct for each in self.served) / len(self.served)


def read_tables(folder: Path) -> tuple[Path, Settings]:
    path = folder / "pointsman.toml"
    path.write_text(TABLES, encoding="utf-8")
    return path, load_settings({}, tomllib.loads(TABLES))


def put_in_service(routers: SqliteRouters, made: Mapping[str, Made]) -> None:
    for route, each in made.items():
        if each.router is not None:
            routers.install_router(route, each.router.digest, each.router.encode())
        if isinstance(each.outcome, Certificate):
            routers.install_certificate(
                route, each.outcome.id, each.outcome.router, encode_certificate(each.outcome)
            )


def cascade_digests(settings: Settings) -> dict[str, str]:
    names = Names(load_catalog(), ["anthropic", "gemini"], {})
    found = configured_cascades(configured_autos(settings, names))
    return {name: cascade.digest for name, cascade in found.items()}


async def run_policy(
    recordings: list[Recording],
    model: str,
    settings: Settings,
    config: Path,
    folder: Path,
    made: Mapping[str, Made],
    labelled: list[Graded],
) -> Run:
    """All of them asked for by that name, each once."""
    replay = Replay(
        {r.prompt.strip(): {name: Recorded(text) for name, text in r.texts.items()} for r in recordings}
    )
    database = Path(tempfile.mkdtemp(dir=folder)) / "ledger.db"
    ledger, routers = SqliteLedger(database), SqliteRouters(database, now_us=SystemClock().now_us)
    put_in_service(routers, made)
    run, transport = Run(), Http1Transport()
    async with serve(app(Config(replay=replay))) as simulator:
        gateway = build_gateway(
            settings,
            simulated_providers(simulator),
            ledger=ledger,
            door=OPEN_DOOR,
            environment={},
            routers=routers,
        )
        try:
            async with serve(gateway.app, http=GuardedProtocol) as url:
                waiting = iter(recordings)
                await asyncio.gather(*[_work(transport, url, model, waiting, run) for _ in range(AT_ONCE)])
            await ledger.flush()
            invoice = await _get(transport, f"{simulator}/invoice")
        finally:
            await transport.close()
            await gateway.close()
    run.calls = len(invoice["calls"])
    run.invoice_usd = sum(float(line["usd"]) for line in invoice["calls"])
    _read_money(run, model, database, config, labelled)
    return run


async def _work(transport: Http1Transport, url: str, model: str, waiting: Any, run: Run) -> None:
    for recording in waiting:
        body = {"model": model, "messages": [{"role": "user", "content": recording.prompt}]}
        request = HttpRequest(
            "POST",
            f"{url}/v1/chat/completions",
            (("content-type", "application/json"),),
            json.dumps(body).encode(),
        )
        response = await transport.send(request, Timeouts(first_byte=60, idle=60))
        answer = json.loads(await response.read())
        said, by = answer["choices"][0]["message"]["content"], response.headers["x-pointsman-model"]
        if said != recording.texts[by]:
            raise SystemExit(f"{recording.id}: {by} did not say what was recorded")
        run.served.append(
            Served(recording.id, by, recording.correct[by], response.headers.get("x-pointsman-route", ""))
        )


async def _get(transport: Http1Transport, url: str) -> Any:
    response = await transport.send(HttpRequest("GET", url, (), b""), Timeouts(first_byte=60))
    return json.loads(await response.read())


def _read_money(run: Run, model: str, database: Path, config: Path, labelled: list[Graded]) -> None:
    """What the commands of the product say of the ledger."""
    usage = _command("usage", "--json", "--db", str(database))
    run.usd = sum(float(row["cost_usd"]) for row in usage["rows"])
    if not model.startswith("auto"):
        return
    _keep_labels(database, model.removeprefix("auto:"), labelled)
    run.savings = _command("savings", "--json", "--db", str(database), "--config", str(config))


def _keep_labels(database: Path, route: str, labelled: list[Graded]) -> None:
    """So that ``savings`` knows how many tokens the baseline takes for each of the others'."""
    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    SqliteLabels(database).put_all(
        (
            Prompt(each.id, route, "", now, featurise(each.sample).encode()),
            [Mark(name, score, "import", now, "", *each.tokens[name]) for name, score in each.scores.items()],
        )
        for each in labelled
    )


def _command(*words: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "pointsman", *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"pointsman {' '.join(words)}: {done.stderr}")
    return json.loads(done.stdout)
