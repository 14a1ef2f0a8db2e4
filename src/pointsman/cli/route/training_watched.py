"""Training with a bar to watch, and what came of it. Needs the extra ``train``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pointsman.errors import ConfigurationError
from pointsman.routing.graded import Graded
from pointsman.routing.judgement import Judgement

from .training_summary import Summary

if TYPE_CHECKING:
    from rich.console import Console

    from pointsman.clock import SystemClock

_RESAMPLES = 300


class Done(msgspec.Struct, frozen=True):
    router: bytes
    summary: Summary


def train_watched(
    prompts: list[Graded], models: tuple[str, ...], seed: int, clock: SystemClock, console: Console
) -> Done:
    """
    Raises:
        ConfigurationError: the extra is not installed.
        InvalidRequest: a model has too few labels.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from pointsman.routing.features import featurise

    try:
        from pointsman.routing.training import Example, learn
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Training needs an extra: pip install 'pointsman[train]' ({error.name} is missing)."
        ) from error
    from .training_verdict import summarise

    start = clock.now_us()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        reading = progress.add_task("reading prompts", total=len(prompts), rate="")
        examples = []
        for number, one in enumerate(prompts, 1):
            examples.append(Example(featurise(one.sample), one.scores))
            if number % 500 == 0 or number == len(prompts):
                seconds = max(clock.now_us() - start, 1) / 1e6
                progress.update(reading, completed=number, rate=f"{number / seconds:,.0f}/s")
        learning = progress.add_task("learning", total=None, rate="")

        def tell(what: str, done: int, steps: int) -> None:
            progress.update(learning, description=what, completed=done, total=steps)

        trained = learn(examples, models, seed, tell)
    data = trained.router.encode()
    judged = {
        at: Judgement(tuple(map(float, chances)), (*map(float, losses), 0.0), 1.0)
        for at, chances, losses in zip(trained.positions, trained.chances, trained.losses, strict=True)
    }
    seconds = (clock.now_us() - start) / 1e6
    pairs = summarise(prompts, models, judged, _RESAMPLES, seed)
    router = trained.router
    return Done(
        data, Summary(models, router.prompts, router.labels, seconds, len(data), router.digest, pairs)
    )
