"""What the prompt-cache autopilot earns at real prices, beside what a caller could do by itself:
python -m bench.prompt_cache --help"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.prompt_cache.pilot import RISK, Pilot
from bench.prompt_cache.provider import Provider, model_of
from bench.prompt_cache.schemes import SHARED, Scheme, best
from bench.prompt_cache.traces import PAUSES, Sent, agent, gone, one_off
from pointsman.catalog import Model
from pointsman.dialects.splice import read_fields
from pointsman.promptcache import Autopilot, Placement
from pointsman.promptcache.apply import apply, read_prompt

MODELS = ("claude-opus-5-5", "claude-sonnet-4-6", "claude-haiku-4-5")
"""They keep 512, 1,024 and 4,096 tokens at least; the first reads at a twentieth of its price, the others at
a tenth."""
_CONVERSATIONS = 5
_BETWEEN = 120.0
"""Seconds from the end of one to the next."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.prompt_cache", description=__doc__)
    parser.add_argument("--models", nargs="+", default=MODELS, help="Claude models of the catalog")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(arguments)
    models = [model_of(name) for name in asked.models]
    found = {
        "agents": [agents(model, pause) for model in models for pause in PAUSES],
        "one_off": [once(models[0], shared) for shared in (0, 3000)],
        "newcomers": [newcomers(models[0], pause) for pause in ("1 minute", "6 minutes")],
        "at_once": [at_once(models[0], count, own=own) for count in (5, 50) for own in (False, True)],
        "broken_off": [
            broken_off(models[0], count, pause) for count, pause in ((30, 20.0), (100, 0.0), (1000, 0.0))
        ],
        "cpu_us": cpu(models[0]),
    }
    if asked.json:
        print(json.dumps(found, indent=2))
    else:
        _show(found)
    return 0


def agents(model: Model, pause: str) -> dict[str, Any]:
    """A coding agent's conversations of 20 turns each: the first, when nothing is known of its pauses, and
    five one after the other."""
    conversations = _in_a_row(model, pause, 0.0, "agent")
    return {
        "model": model.id,
        "pause": pause,
        "first": _compared(model, conversations[:1]),
        "five": _compared(model, conversations),
    }


def newcomers(model: Model, pause: str) -> dict[str, Any]:
    """A tenant's conversations, where those of five others were seen before."""
    known, at = Autopilot(RISK), 0.0
    for other in range(5):
        conversations = _in_a_row(model, pause, at, f"other {other}")
        Pilot(Provider(model), tenant=f"other {other}", autopilot=known).send_all(conversations)
        at = conversations[-1][-1].at + _BETWEEN
    conversations = _in_a_row(model, pause, at, "new")
    found: dict[str, Any] = {"model": model.id, "pause": pause}
    for name, sent in (("first", conversations[:1]), ("five", conversations)):
        fixed = best(model, sent)
        pilot = Pilot(Provider(model), autopilot=deepcopy(known))
        pilot.send_all(sent)
        found[name] = {"to_best": float(round(pilot.provider.usd / fixed.usd, 3)), "best": str(fixed.scheme)}
    return found


def once(model: Model, shared: int) -> dict[str, Any]:
    """A hundred prompts that nobody goes on with."""
    trace = one_off(model.id, 100, shared=shared)
    pilot, plain = _both(model, [trace])
    return {
        "shared_words": shared,
        "breakpoints": pilot.breakpoints,
        "percent": _percent(pilot.provider.usd, plain.usd),
    }


def at_once(model: Model, count: int, *, own: bool) -> dict[str, Any]:
    """So many agents of a new tenant that begin at the same moment. ``own``: each has instructions of its
    own behind the same tools."""
    conversations = [
        agent(model.id, number, PAUSES["1 minute"], system=str(number) if own else "")
        for number in range(count)
    ]
    among = None if count <= _CONVERSATIONS else SHARED
    return {"agents": count, "own_instructions": own, **_compared(model, conversations, among)}


def broken_off(model: Model, count: int, pause: float) -> dict[str, Any]:
    """First requests with tools that nobody goes on with."""
    pilot, plain = _both(model, [gone(model.id, count, pause)])
    return {
        "requests": count,
        "seconds_between": pause,
        "lost_usd": float(round(pilot.provider.usd - plain.usd, 4)),
        "percent": float(round(100 * pilot.provider.usd / plain.usd, 2)),
        "breakpoints": pilot.breakpoints,
    }


def cpu(model: Model) -> dict[str, float]:
    """Microseconds for the last five of 20 turns: all that is done for a call, the median of each part."""
    parts: dict[str, list[float]] = {}
    gc.disable()
    for number in range(30):
        pilot = Pilot(Provider(model))
        trace = agent(model.id, number, (1.0,))
        for turn, sent in enumerate(trace):
            if turn >= 15:
                _timed(pilot, sent, parts)
            else:
                pilot.send(sent)
    gc.enable()
    medians = {name: round(sorted(each)[len(each) // 2] * 1e6, 1) for name, each in parts.items()}
    return medians | {"bytes": float(len(trace[-1].body))}


def _timed(pilot: Pilot, sent: Sent, parts: dict[str, list[float]]) -> None:
    fields = read_fields(sent.body)
    times = [time.perf_counter()]
    prompt = read_prompt(fields, "anthropic/model", "tenant")
    assert prompt is not None
    sight = pilot.autopilot.look(prompt, sent.at)
    assert not isinstance(sight, str)
    times.append(time.perf_counter())
    placement = pilot.autopilot.place(sight, pilot.terms(sight, sent), sent.at)
    times.append(time.perf_counter())
    assert isinstance(placement, Placement)
    body, _ = apply(placement, sent.body, fields)
    times.append(time.perf_counter())
    usage = pilot.provider.take(sent._replace(body=body))
    begun = time.perf_counter()
    pilot.settle(placement, usage, sent)
    times.append(times[-1] + time.perf_counter() - begun)
    for name, start, end in zip(("look", "place", "apply", "settle"), times, times[1:], strict=False):
        parts.setdefault(name, []).append(end - start)
    parts.setdefault("all", []).append(times[-1] - times[0])


def _in_a_row(model: Model, pause: str, start: float, seed: str) -> list[list[Sent]]:
    conversations: list[list[Sent]] = []
    for number in range(_CONVERSATIONS):
        conversations.append(agent(model.id, number, PAUSES[pause], start=start, seed=seed))
        start = conversations[-1][-1].at + _BETWEEN
    return conversations


def _both(model: Model, conversations: Sequence[Sequence[Sent]]) -> tuple[Pilot, Provider]:
    pilot, plain = Pilot(Provider(model)), Provider(model)
    pilot.send_all(conversations)
    for conversation in conversations:
        for sent in conversation:
            plain.take(sent)
    return pilot, plain


def _compared(
    model: Model, conversations: Sequence[Sequence[Sent]], among: Sequence[Scheme] | None = None
) -> dict[str, Any]:
    pilot, plain = _both(model, conversations)
    fixed = best(model, conversations, among)
    return {
        "without_usd": float(plain.usd),
        "autopilot_percent": _percent(pilot.provider.usd, plain.usd),
        "best_percent": _percent(fixed.usd, plain.usd),
        "best": str(fixed.scheme),
        "to_best": float(round(pilot.provider.usd / fixed.usd, 3)),
    }


def _percent(part: Decimal, whole: Decimal) -> float:
    return float(round(100 * part / whole, 1))


def _show(found: dict[str, Any]) -> None:
    console = Console()
    table = Table("model", "pauses", "", "autopilot", "", "best fixed", "which", "autopilot / best")
    for line in found["agents"]:
        for name in ("first", "five"):
            each = line[name]
            table.add_row(
                line["model"] if name == "first" else "",
                line["pause"] if name == "first" else "",
                "the first" if name == "first" else "all five",
                f"{each['autopilot_percent']:.1f} %",
                "█" * round(each["autopilot_percent"] / 5),
                f"{each['best_percent']:.1f} %",
                each["best"],
                f"{each['to_best']:.3f}",
            )
    console.print(table)
    console.print("In percent of the same calls without a cache; █ is 5 %.")
    for line in found["one_off"]:
        shared = f"that share {line['shared_words']} words" if line["shared_words"] else "that share nothing"
        console.print(f"100 prompts {shared}: {line['breakpoints']} breakpoints, {line['percent']} %")
    for line in found["newcomers"]:
        console.print(
            f"A new tenant after five others, pauses of {line['pause']}: the first conversation "
            f"{line['first']['to_best']:.3f} of the best, five {line['five']['to_best']:.3f}"
        )
    for line in found["at_once"]:
        whose = "instructions of their own" if line["own_instructions"] else "the same instructions"
        console.print(
            f"{line['agents']} agents at once with {whose}: {line['autopilot_percent']} %, "
            f"the best {line['best_percent']} % ({line['best']}), {line['to_best']:.3f}"
        )
    for line in found["broken_off"]:
        console.print(
            f"{line['requests']} first requests with tools, one each {line['seconds_between']:.0f} seconds, "
            f"that nobody goes on with: {line['percent']} %, {line['lost_usd']} USD lost"
        )
    console.print(f"CPU, microseconds: {found['cpu_us']}")
