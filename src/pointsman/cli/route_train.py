"""``pointsman route train``: labels to a router file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def route_train(
    labels: Annotated[Path, typer.Argument(help="Labels: a file of JSON lines.")],
) -> None:
    """Learn a router from labels."""
