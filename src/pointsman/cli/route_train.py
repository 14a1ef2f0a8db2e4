"""``pointsman route train``: labels to a router file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pointsman.errors import ConfigurationError, InvalidRequest

if TYPE_CHECKING:
    from pointsman.routing.graded import Graded


def route_train(
    labels: Annotated[Path, typer.Argument(help="Labels: a file of JSON lines.")],
    weak: Annotated[str | None, typer.Option(help="The cheaper model of two, as the labels name it.")] = None,
    strong: Annotated[
        str | None, typer.Option(help="The other one, that the weak one is held against.")
    ] = None,
    pool: Annotated[
        str | None,
        typer.Option(help="In place of both: models with commas between, the weakest first: A,B,C."),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the router goes; one that is there is replaced.")
    ] = Path("router.bin"),
    route: Annotated[str | None, typer.Option(help="Only the labels of this route.")] = None,
    seed: Annotated[int, typer.Option(help="Of how prompts are divided to be judged unseen.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Learn a router from labels: which prompts need the strong model."""
    import msgspec
    from rich.console import Console

    from pointsman.clock import SystemClock

    from .route_labels import graded_in
    from .trained_report import report
    from .training_watched import train_watched

    models = pool_of(weak, strong, pool)
    console = Console(stderr=True, highlight=False)
    with console.status("Reading labels"):
        prompts = graded_in(labels, route)
    check_models(prompts, models)
    done = train_watched(prompts, models, seed, SystemClock(), console)
    write(output, done.router)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(done.summary)).decode())
    else:
        Console(highlight=False).print(report(done.summary, output))


def pool_of(weak: str | None, strong: str | None, pool: str | None) -> tuple[str, ...]:
    """Raises InvalidRequest unless it is said which models there are."""
    if pool is not None and weak is None and strong is None:
        models = tuple(name.strip() for name in pool.split(",") if name.strip())
    elif pool is None and weak is not None and strong is not None:
        models = (weak, strong)
    else:
        raise InvalidRequest("Name the models: either --weak and --strong, or --pool A,B,C.", param="pool")
    if len(models) < 2 or len(set(models)) < len(models):
        raise InvalidRequest("A router chooses between at least two different models.", param="pool")
    return models


def check_models(prompts: list[Graded], models: tuple[str, ...]) -> None:
    """Raises InvalidRequest where a model has no labels, and says which have."""
    there = sorted({model for one in prompts for model in one.scores})
    missing = [model for model in models if model not in there]
    if missing:
        told = ", ".join(there[:30]) or "none"
        more = f" and {len(there) - 30} more" if len(there) > 30 else ""
        raise InvalidRequest(
            f"No label is of {' or '.join(missing)}. There are labels of: {told}{more}.", param="pool"
        )


def write(path: Path, data: bytes) -> None:
    """The whole file or nothing of it: a gateway may be about to read it."""
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_bytes(data)
        new.replace(path)
    except OSError as error:
        raise ConfigurationError(f"The router cannot be written to {path}: {error.strerror}.") from error
