"""Which models the simulated providers serve, what was recorded of them, and what they are good at."""

from __future__ import annotations

from typing import Protocol

from pointsman.catalog.model import Capabilities, Model
from pointsman.errors import ModelNotFound

from .replay import Replay
from .skills import Skills

_MAKERS = (("claude", "anthropic"), ("gpt", "openai"), ("gemini", "gemini"), ("deepseek", "deepseek"))
_RESELLERS = frozenset({"holysheep"})
"""Providers that serve the models of all others."""


class Models(Protocol):
    """What is needed of the catalog."""

    def resolve(self, name: str) -> Model | None: ...

    def all(self) -> tuple[Model, ...]: ...


class Menu:
    """Models by provider. Retired ones are still served, so that their recorded answers can be had."""

    def __init__(
        self, models: Models, replay: Replay | None, skills: Skills | None = None, seed: int = 0
    ) -> None:
        self._models = models
        self._replay = replay
        self._skills = skills
        self._seed = seed

    def find(self, name: str, provider: str) -> Model:
        """Raises ModelNotFound."""
        plain = name.removeprefix("models/")
        model = self._models.resolve(plain)
        if model is None and self._replay is not None and plain in self._replay.models:
            model = _unlisted(plain)
        if model is None or not _serves(provider, model):
            message = f"The model {name!r} does not exist at {provider}, or you do not have access to it."
            raise ModelNotFound(message, param="model")
        return model

    def listed(self, provider: str) -> list[Model]:
        served = [model for model in self._models.all() if _serves(provider, model)]
        return [model for model in served if model.status != "retired"]

    def recorded(self, model: Model, name: str, prompt: str) -> str | None:
        """What this model, by any of its names, once answered to ``prompt``, or is able to answer to it."""
        names = (name, model.id, *model.aliases)
        found = None if self._replay is None else self._replay.find(prompt, names)
        if found is None and self._skills is not None:
            return self._skills.answer(prompt, names, self._seed)
        return found


def _serves(provider: str, model: Model) -> bool:
    return provider in _RESELLERS or model.provider == provider


def _unlisted(name: str) -> Model:
    """A model that only the recordings know: nothing is known of its price."""
    maker = next((maker for mark, maker in _MAKERS if name.startswith(mark)), "openai")
    return Model(name, maker, (), "retired", 200_000, None, None, Capabilities(), ())
