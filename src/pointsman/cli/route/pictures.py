"""The page and the picture of ``route report``. Needs the extra ``train``."""

from __future__ import annotations

from pointsman.errors import ConfigurationError
from pointsman.routing.evidence.page import page

from .examined import Examined

try:
    from pointsman.routing.evidence.matplotlib import draw
except ModuleNotFoundError as error:
    raise ConfigurationError(
        f"Pictures need an extra: pip install 'pointsman[train]' ({error.name} is missing)."
    ) from error


def drawn(found: Examined) -> tuple[bytes, str]:
    """A PNG, and a page of HTML."""
    picture, vector = draw(found.evaluation, found.certified)
    return picture, page(found.evaluation, found.certified, vector, found.labels)
