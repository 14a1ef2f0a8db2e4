"""The measurements: the gateways in turn, in short rounds, so that all of them share the machine's moods."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from bench import plan
from bench.gateways import BARE, DIRECT, Gateway, Upstreams
from bench.load import Outcome
from bench.process import pinned, spent, usual_environment


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    rounds: int
    seconds: float
    rate_seconds: float


SHORT = Effort(rounds=2, seconds=1.0, rate_seconds=2.0)
FULL = Effort(rounds=5, seconds=2.0, rate_seconds=6.0)


@dataclass
class Figures:
    """What was measured of one gateway. None: not measured, or it failed (see ``problems``)."""

    cpu_us: float | None = None
    """User and system time for each request, in the same dialect."""
    per_second: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    crossed_cpu_us: float | None = None
    """The same for OpenAI's dialect in front and Anthropic's behind."""
    added_p50_ms: float | None = None
    """At ``plan.RATE`` requests a second, less what the upstream takes when asked directly."""
    added_p99_ms: float | None = None
    flooded_event_us: float | None = None
    flooded_events_per_second: float | None = None
    paced_event_us: float | None = None
    paced_ttft_ms: float | None = None
    crossed_flooded_event_us: float | None = None
    crossed_paced_event_us: float | None = None
    startup_s: float | None = None
    idle_mb: float | None = None
    after_mb: float | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """One sort of load."""

    name: str
    model: str
    stream: bool = False
    pace_ms: int = 0
    crossed: bool = False


PLAIN = Case("plain", plan.PLAIN_MODEL)
CROSSED = Case("crossed", plan.CROSSED_MODEL, crossed=True)
FLOODED = Case("flooded", plan.STREAM_MODEL, stream=True)
PACED = Case("paced", plan.STREAM_MODEL, stream=True, pace_ms=plan.PACE_MS)
CROSSED_FLOODED = Case("crossed flooded", plan.CROSSED_STREAM_MODEL, stream=True, crossed=True)
CROSSED_PACED = Case(
    "crossed paced", plan.CROSSED_STREAM_MODEL, stream=True, pace_ms=plan.PACE_MS, crossed=True
)


@dataclass
class Sample:
    """One round of one gateway."""

    outcome: Outcome
    cpu: float | None


def can(gateway: Gateway, case: Case) -> bool:
    """Whether there is anything to measure: proxies do not translate, a bare server does not stream."""
    if gateway.name == BARE:
        return case == PLAIN
    return not (case.crossed and gateway.name in ("nginx", DIRECT))


def offer(gateway: Gateway, case: Case, mode: str, seconds: float, streams: int = 0) -> Sample:
    """Run the load in a process of its own, and take the gateway's CPU time around it."""
    port = gateway.stream_port if case.stream else gateway.port
    command = [sys.executable, "-m", "bench.load", mode, "--port", str(port), "--key", gateway.key]
    command += ["--model", case.model, "--seconds", str(seconds), "--streams", str(streams)]
    command += ["--stream"] if case.stream else []
    before = gateway.running.cpu() if gateway.running else None
    done = subprocess.run(
        pinned(command, plan.LOAD_CORE),
        capture_output=True,
        text=True,
        check=False,
        env=usual_environment(),
    )
    if done.returncode:
        return Sample(Outcome(errors=1, error=done.stderr[-300:]), None)
    after = gateway.running.cpu() if gateway.running else None
    outcome = Outcome(**json.loads(done.stdout))
    return Sample(outcome, None if before is None or after is None else spent(before, after))


def percentile(values: list[float], percent: float) -> float | None:
    return sorted(values)[min(int(len(values) * percent / 100), len(values) - 1)] if values else None


def median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


class Measurement:
    """Collects the figures of all gateways."""

    def __init__(self, gateways: list[Gateway], upstreams: Upstreams, effort: Effort) -> None:
        self.gateways, self.upstreams, self.effort = gateways, upstreams, effort
        self.figures = {gateway.name: Figures(startup_s=gateway.startup) for gateway in gateways}

    def run(self, tell: Callable[[str], None]) -> None:
        time.sleep(0.5)
        for gateway in self.gateways:
            if gateway.running:
                self.figures[gateway.name].idle_mb = gateway.running.memory()
        self._plain(tell)
        self._crossed(tell)
        self._latency(tell)
        self._streams(FLOODED, tell)
        self._streams(CROSSED_FLOODED, tell)
        self._streams(PACED, tell)
        self._streams(CROSSED_PACED, tell)
        for gateway in self.gateways:
            if gateway.running:
                self.figures[gateway.name].after_mb = gateway.running.memory()

    def _round_robin(
        self, case: Case, tell: Callable[[str], None], *, rounds: int, seconds: float, streams: int = 0
    ) -> dict[str, list[Sample]]:
        samples: dict[str, list[Sample]] = {gateway.name: [] for gateway in self.gateways}
        able = [each for each in self.gateways if can(each, case)]
        self.upstreams.pace(0)
        for gateway in list(able):
            warm = offer(gateway, case, "closed", 0.5, streams=4 * plan.CONNECTIONS)
            if not warm.outcome.requests:
                self.figures[gateway.name].problems.append(f"{case.name}: {warm.outcome.error}")
                able.remove(gateway)
        self.upstreams.pace(case.pace_ms)
        for number in range(rounds):
            for gateway in able:
                tell(f"{case.name}: round {number + 1} of {rounds}, {gateway.name}")
                sample = offer(gateway, case, "closed", seconds, streams)
                if sample.outcome.errors:
                    problem = f"{case.name}: {sample.outcome.errors} errors, such as {sample.outcome.error}"
                    self.figures[gateway.name].problems.append(problem)
                if sample.outcome.requests:
                    samples[gateway.name].append(sample)
        self.upstreams.pace(0)
        return samples

    def _plain(self, tell: Callable[[str], None]) -> None:
        effort = self.effort
        found = self._round_robin(PLAIN, tell, rounds=effort.rounds, seconds=effort.seconds)
        for name, samples in found.items():
            figures = self.figures[name]
            figures.cpu_us = median(_cpu_each(samples))
            figures.per_second = median([each.outcome.requests / each.outcome.seconds for each in samples])
            times = [percentile(each.outcome.latencies, 50) or 0 for each in samples]
            figures.p50_ms = median(times)
            figures.p99_ms = median([percentile(each.outcome.latencies, 99) or 0 for each in samples])

    def _crossed(self, tell: Callable[[str], None]) -> None:
        effort = self.effort
        found = self._round_robin(CROSSED, tell, rounds=effort.rounds, seconds=effort.seconds)
        for name, samples in found.items():
            self.figures[name].crossed_cpu_us = median(_cpu_each(samples))

    def _latency(self, tell: Callable[[str], None]) -> None:
        times: dict[str, list[float]] = {gateway.name: [] for gateway in self.gateways}
        for number in range(self.effort.rounds):
            for gateway in self.gateways:
                tell(f"latency: round {number + 1} of {self.effort.rounds}, {gateway.name}")
                sample = offer(gateway, PLAIN, "rate", self.effort.rate_seconds)
                times[gateway.name] += sample.outcome.latencies
        base = times[DIRECT]
        for name, values in times.items():
            figures = self.figures[name]
            for percent, attribute in ((50, "added_p50_ms"), (99, "added_p99_ms")):
                own, bare = percentile(values, percent), percentile(base, percent)
                if own is not None and bare is not None:
                    setattr(figures, attribute, own - bare if name != DIRECT else own)

    def _streams(self, case: Case, tell: Callable[[str], None]) -> None:
        effort = self.effort
        paced = case.pace_ms > 0
        rounds = max(1, effort.rounds // 2) if paced else effort.rounds
        found = self._round_robin(
            case,
            tell,
            rounds=rounds,
            seconds=120.0 if paced else effort.seconds,
            streams=plan.CONNECTIONS if paced else 0,
        )
        prefix = "crossed_" if case.crossed else ""
        for name, samples in found.items():
            figures = self.figures[name]
            each = [value / plan.EVENTS for value in _cpu_each(samples)]
            setattr(figures, f"{prefix}{'paced' if paced else 'flooded'}_event_us", median(each))
            if case == PACED:
                ttft = [percentile(sample.outcome.first_bytes, 50) or 0 for sample in samples]
                figures.paced_ttft_ms = median(ttft)
            if case == FLOODED:
                rate = [s.outcome.requests * plan.EVENTS / s.outcome.seconds for s in samples]
                figures.flooded_events_per_second = median(rate)


def _cpu_each(samples: list[Sample]) -> list[float]:
    """Microseconds of CPU for each answer, by round."""
    return [s.cpu / s.outcome.requests * 1e6 for s in samples if s.cpu is not None]


def as_json(figures: dict[str, Figures]) -> dict[str, object]:
    return {name: asdict(found) for name, found in figures.items()}
