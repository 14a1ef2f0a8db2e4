"""From ``[auto.NAME.grader]`` to a grader, checked at the start."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pointsman.config.auto_routes import AUTO, AutoRoute
from pointsman.config.load import join
from pointsman.config.names import Names
from pointsman.errors import ConfigurationError
from pointsman.routing.labels.grader import Grader
from pointsman.routing.labels.graders import Spec, make_grader
from pointsman.routing.labels.graders.code import RunTests

_USES = {
    "extract": ("exact", "number", "regex"),
    "pattern": ("regex",),
    "schema": ("schema",),
    "tests": ("code",),
    "model": ("judge",),
}
"""Which kinds a setting means something for."""


class RouteGrader(msgspec.Struct, frozen=True):
    """What scores the answers of a route: a grader, or the model that judges."""

    grader: Grader | None = None
    judge: str | None = None


def route_grader(auto: AutoRoute, names: Names, run_tests: RunTests) -> RouteGrader | None:
    """None where the settings ask for none.

    Args:
        run_tests: runs code, confined.

    Raises:
        ConfigurationError: shadows without anything to grade them; a setting that is missing, wrong, or means
            nothing for that kind; a file that cannot be read; code that cannot be confined here.
    """
    path = join("auto", auto.name)
    given, kind = auto.settings.grader, auto.settings.grader.kind
    if kind is None:
        if auto.settings.shadow.share > 0:
            raise _wrong(
                f"{path}.shadow.share",
                f"shadows without a grader cost money and tell nothing: set {path}.grader.kind, or take "
                "shadow.share out and send feedback instead",
            )
        return None
    for name, kinds in _USES.items() if auto.settings.policy != "cascade" else ():  # which goes by them too
        if kind not in kinds and getattr(given, name) not in (None, "text"):
            raise _wrong(f"{path}.grader.{name}", f"means nothing for a grader of kind {kind}")
    if kind == "judge":
        return RouteGrader(judge=_judge(given.model, names, f"{path}.grader.model"))
    if kind == "code":
        if given.tests is None:
            raise _wrong(f"{path}.grader.tests", "a grader of kind code needs a file of Python tests")
        run_tests("", "pass")  # so that a machine which cannot confine code says so at the start
    tests = None if given.tests is None else _read(given.tests, f"{path}.grader.tests")
    schema = None if given.schema is None else _read(given.schema, f"{path}.grader.schema")
    spec = Spec(kind, given.extract, given.pattern, schema, None if tests is None else tests.decode())
    return RouteGrader(make_grader(spec, run_tests, f"{path}.grader"))


def _judge(model: str | None, names: Names, path: str) -> str:
    if model is None:
        raise _wrong(path, "a judge is a model: name it")
    target = names.aliases.get(model, model)
    if target == AUTO or target.startswith(f"{AUTO}:"):
        raise _wrong(path, f"{model} chooses a model itself; name the one that judges")
    if names.model(target) is None and names.free(target) is None:
        raise names.unknown(target, path)
    return model


def read_text_file(name: str) -> bytes:
    """A file that a setting names. Raises ConfigurationError: it cannot be read, or is no text."""
    try:
        data = Path(name).expanduser().read_bytes()
        data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name} cannot be read: {error}.") from error
    return data


def _read(name: str, path: str) -> bytes:
    try:
        return read_text_file(name)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}", param=path) from error


def _wrong(path: str, what: str) -> ConfigurationError:
    return ConfigurationError(f"{path}: {what}.", param=path)
