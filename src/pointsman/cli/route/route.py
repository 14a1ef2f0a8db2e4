"""``pointsman route``: learn from labels which prompts need the strong model, and show what it is worth.

Each command lives in a file of its own that is imported when it is called: training
needs an extra that serving does not.
"""

from __future__ import annotations

from typing import ClassVar

import typer

from pointsman.cli.lazy import LazyGroup

ROUTE_COMMANDS: dict[str, str] = {
    "train": "Learn a router from labels.",
    "cascade": "Try a cascade on labels with answers, and certify it.",
    "evaluate": "Measure a router beside a coin, length, keywords, groups and the oracle.",
    "certify": "Certify what a router keeps of the baseline's quality.",
    "report": "Draw cost and quality of a router as a page and a picture.",
    "status": "Show what each route goes by, and what it did of late.",
    "explain": "Say which model a prompt would go to, and why.",
    "install": "Put a router and its certificate in service.",
    "withdraw": "End the certificate of a route.",
    "tune": "Look at each route anew, propose, and on yes put in service.",
}
"""Each command and what it does, in the order of the help. NAME is the function ``route_NAME`` there."""


class RouteGroup(LazyGroup):
    table: ClassVar[dict[str, str]] = ROUTE_COMMANDS
    group: ClassVar[str] = "route"


route_app = typer.Typer(
    cls=RouteGroup, help="Learn, judge and certify what chooses between models.", no_args_is_help=True
)


@route_app.callback()
def route() -> None:
    """Learn, judge and certify what chooses between models."""
