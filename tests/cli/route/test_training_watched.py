from __future__ import annotations

import io
import random

from rich.console import Console

from pointsman.cli.route.training_watched import train_watched
from pointsman.clock import SystemClock
from pointsman.routing.graded import grade_prompts
from pointsman.routing.label import Label
from pointsman.routing.router import load_router
from tests.support.prompts import text_of


def test_it_shows_how_far_it_is_and_judges_what_it_trains() -> None:
    rng = random.Random(2)
    labels = []
    for number in range(200):
        text = f"{text_of(rng, hard=number % 2 == 1)} {number}"
        labels.append(Label(text, "weak", float(rng.random() < (0.1 if number % 2 else 0.9))))
        labels.append(Label(text, "strong", 1.0))
    labels += [Label(f"alone {number}", "other", 1.0) for number in range(5)]
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    done = train_watched(grade_prompts(labels), ("weak", "strong"), 0, SystemClock(), console)
    assert "learning strong" in screen.getvalue() and "/s" in screen.getvalue()
    assert (done.summary.prompts, done.summary.labels) == (200, 400)
    assert done.summary.bytes == len(done.router)
    assert load_router(done.router).digest == done.summary.digest
    assert done.summary.pairs[0].prompts == 200
    assert (done.summary.pairs[0].apgr or 0) > 0.6
