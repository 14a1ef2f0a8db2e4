"""The act of the routing: of few prompts through all of its processes, and of many without them."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from pointsman.cli.demo.act_routing import next_commands, perform_routing, show_routing
from pointsman.demo.routing.routing import (
    BASELINE,
    FLOOR,
    LEARNED,
    SKILLS,
    STRONG,
    SYSTEM,
    WEAK,
    Scale,
    draw_prompts,
)
from pointsman.demo.routing.show import RoutingReport
from pointsman.routing.cascade.numerals import last_number
from pointsman.routing.evidence import Certificate, Point, Refused, certify
from pointsman.routing.features import featurise
from pointsman.routing.router import Router
from pointsman.routing.sample import sample_of
from pointsman.routing.training import Example, train
from pointsman.routing.tuning import Judge, Lesson, Proposal, propose
from pointsman.simulator import Skills
from pointsman.simulator.exercises import Exercise

FEW = Scale(60, 12)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[RoutingReport, str, Path]:
    out = io.StringIO()
    console = Console(file=out, width=100, color_system=None)
    folder: Path = tmp_path_factory.mktemp("routing")
    report = asyncio.run(perform_routing(console, os.environ, folder, scale=FEW, seed=1))
    show_routing(console, report)
    return report, out.getvalue(), folder


def test_of_few_prompts_nothing_is_certified_and_all_stays_with_the_baseline(
    played: tuple[RoutingReport, str, Path],
) -> None:
    report, said, _ = played
    assert report.route.proposed is None and report.route.refused
    learned, baseline = report.lanes[LEARNED], report.lanes[BASELINE]
    assert (learned.to_weak, learned.right, learned.cost) == (0, baseline.right, baseline.cost)
    assert f"everything stays on {STRONG}" in said
    assert "made up" in said and "simulated" in said


def test_every_prompt_is_answered_labelled_and_booked(played: tuple[RoutingReport, str, Path]) -> None:
    report, _, _ = played
    assert (report.labelled_prompts, report.learning_requests, report.learning_errors) == (60, 60, 0)
    assert all((lane.requests, lane.errors) == (12, 0) for lane in report.lanes)
    assert report.savings.requests == 60 + 12
    assert report.savings.shadow_calls >= 60
    assert report.lanes[-1].to_weak == 12 and report.lanes[-1].cost < report.lanes[BASELINE].cost / 10


def test_what_it_leaves_can_be_looked_at(played: tuple[RoutingReport, str, Path]) -> None:
    _, _, folder = played
    assert (folder / "routing.db").exists()
    commands = next_commands(folder)
    assert len(commands) == 3 and all(str(folder) in command for command in commands)


def _lesson(number: int, exercise: Exercise, skills: Skills) -> tuple[Lesson, dict[str, bool]]:
    """What shadows and grader make of it, and what is true of it."""
    said = {model: last_number(skills.answer(exercise.prompt, (model,), 1) or "") for model in (WEAK, STRONG)}
    turns = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": exercise.prompt}]
    features = featurise(sample_of(turns, route="default"))
    agrees = float(said[WEAK] == said[STRONG])
    costs = {WEAK: 50_000_000, STRONG: 1_000_000_000}
    lesson = Lesson(str(number), "", features, {WEAK: agrees, STRONG: 1.0}, costs, "shadow")
    return lesson, {model: number == str(exercise.answer) for model, number in said.items()}


def _learn(lessons: Sequence[Lesson], models: tuple[str, ...]) -> Router:
    return train([Example(lesson.features, lesson.scores) for lesson in lessons], models)


def _prove(points: Sequence[Point], judge: Judge, familiarity: float) -> Certificate | Refused:
    now = datetime.now(UTC)
    return certify(points, pool=judge.models, router="r", now=now, floor=FLOOR, min_familiarity=familiarity)


def test_of_many_a_certificate_comes_that_keeps_its_floor_and_saves() -> None:
    """As in the act, but from the models' answers at once; nobody tells it which ones are right."""
    skills, scale = Skills(SKILLS), Scale(1600, 600)
    to_learn, to_show = draw_prompts(1, scale)
    known = [_lesson(number, each, skills) for number, each in enumerate([*to_learn, *to_show])]
    lessons = [lesson for lesson, _ in known[: scale.learning]]
    proposal = propose(lessons, (WEAK, STRONG), _learn, _prove, None)
    assert isinstance(proposal, Proposal) and isinstance(proposal.proof, Certificate)
    certificate, judge = proposal.proof, proposal.judge
    right, baseline, to_weak = 0, 0, 0
    for lesson, true in known[scale.learning :]:
        weak = certificate.position(judge.judge_features(lesson.features)) == 0
        to_weak += weak
        right += true[WEAK if weak else STRONG]
        baseline += true[STRONG]
    assert right / baseline >= FLOOR
    assert to_weak / scale.showing > 0.25
