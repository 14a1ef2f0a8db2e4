"""The models that Pointsman knows, by id and by alias."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import msgspec

from pointsman.errors import ConfigurationError

from .decode import decode_models
from .model import Model
from .resources import MODEL_FILES, read


class Catalog:
    """An index of models. Never changes after it is made."""

    __slots__ = ("_by_name", "_models")

    def __init__(self, models: Iterable[Model]) -> None:
        """Raises ConfigurationError if two models share an id or alias."""
        self._models = tuple(models)
        self._by_name: dict[str, Model] = {}
        for model in self._models:
            for name in (model.id, *model.aliases):
                other = self._by_name.setdefault(name, model)
                if other is not model:
                    raise ConfigurationError(f"{name} names two models: {other.id} and {model.id}")

    def resolve(self, name: str) -> Model | None:
        """The model of this id or alias, to the letter; None if there is none."""
        return self._by_name.get(name)

    def all(self) -> tuple[Model, ...]:
        return self._models

    def suggest(self, name: str) -> tuple[str, ...]:
        """Up to three names that are close to an unknown one, the closest first, for an error message."""
        lower = {known.lower(): known for known in self._by_name}
        close = difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.6)
        return tuple(lower[match] for match in close)


def load_catalog(extra: Iterable[Model] = ()) -> Catalog:
    """The packaged models and ``extra`` ones, which take precedence: one of the same id replaces the
    packaged model, and a name that it uses is taken from any packaged model that has it as an alias.

    Raises ConfigurationError if two extra models share a name, or one takes a packaged model's id as alias.
    """
    extra = tuple(extra)
    replaced = {model.id for model in extra}
    taken = {name for model in extra for name in (model.id, *model.aliases)}
    packaged = (
        _without_aliases(model, taken)
        for name in MODEL_FILES
        for model in decode_models(read(name), name)
        if model.id not in replaced
    )
    return Catalog((*packaged, *extra))


def _without_aliases(model: Model, taken: set[str]) -> Model:
    if taken.isdisjoint(model.aliases):
        return model
    return msgspec.structs.replace(model, aliases=tuple(a for a in model.aliases if a not in taken))


def successor_of(catalog: Catalog, name: str) -> Model:
    """The model at the end of the chain of successors.

    Raises:
        KeyError: the catalog does not know the name.
    """
    model = catalog.resolve(name)
    if model is None:
        raise KeyError(name)
    seen = {model.id}
    while model.successor is not None:
        following = catalog.resolve(model.successor)
        if following is None or following.id in seen:
            break
        model = following
        seen.add(model.id)
    return model
