"""``pointsman``: finds the command, and turns failures into one line and an exit code.

Exit codes: 0 done; 1 it failed while running; 2 the command line, a setting or the request is wrong;
130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from pointsman.errors import ConfigurationError, PointsmanError, RequestError

TRACEBACK_VARIABLE = "POINTSMAN_TRACEBACK"


def main() -> None:
    sys.exit(run(sys.argv[1:], environ=os.environ, stderr=sys.stderr))


def run(arguments: Sequence[str], *, environ: Mapping[str, str], stderr: TextIO) -> int:
    """Run one command line and return the exit code."""
    if list(arguments) == ["--version"]:  # answered before the command-line library is loaded
        print(f"pointsman {installed_version()}")
        return 0
    try:
        return _call(arguments)
    except KeyboardInterrupt:
        return 130
    except PointsmanError as error:
        if environ.get(TRACEBACK_VARIABLE) == "1":
            raise
        print(f"pointsman: {one_line(error)}", file=stderr)
        return exit_code(error)


def exit_code(error: PointsmanError) -> int:
    return 2 if isinstance(error, ConfigurationError | RequestError) else 1


def one_line(error: PointsmanError) -> str:
    return " ".join(error.message.split())


def installed_version() -> str:
    from pointsman.version import __version__

    return __version__


def _call(arguments: Sequence[str]) -> int:
    import typer

    from pointsman.cli.lazy import LazyGroup

    app = typer.Typer(
        cls=LazyGroup,
        name="pointsman",
        help="One endpoint for Claude, GPT, Gemini, DeepSeek and any compatible model.",
        no_args_is_help=True,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    def show_version(wanted: bool) -> None:
        if wanted:
            print(f"pointsman {installed_version()}")
            raise typer.Exit

    @app.callback()
    def root(
        version: bool = typer.Option(
            False, "--version", callback=show_version, is_eager=True, help="Print the version and leave."
        ),
    ) -> None:
        pass

    try:
        typer.main.get_command(app)(args=list(arguments), prog_name="pointsman")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
