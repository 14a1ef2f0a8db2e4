"""Which path means what."""

from __future__ import annotations

import pytest

from pointsman.errors import MethodNotAllowed, NotFound
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.gateway.edge.faces import Action, Faces


async def nothing(_: Arrival) -> Answer:
    return Answer(204, [], b"")


CHAT, MODELS, MODEL = (Action(nothing, has_body=True) for _ in range(3))
FACES = Faces({("POST", "/v1/chat"): CHAT, ("GET", "/v1/models"): MODELS, ("GET", "/v1/models/"): MODEL})


def test_paths_are_found() -> None:
    assert FACES.find("POST", "/v1/chat") is CHAT
    assert FACES.find("GET", "/v1/models") is MODELS
    assert FACES.find("GET", "/v1/models/openai/gpt") is MODEL


def test_another_method_is_told_which_ones_there_are() -> None:
    with pytest.raises(MethodNotAllowed, match="POST, not GET"):
        FACES.find("GET", "/v1/chat")


@pytest.mark.parametrize("path", ["/", "", "/v1/models/", "/v1/chat/", "/V1/chat", "/admin"])
def test_anything_else_is_not_found_and_told_what_there_is(path: str) -> None:
    with pytest.raises(NotFound, match="POST /v1/chat"):
        FACES.find("GET", path)


def test_a_doubled_version_is_told_apart() -> None:
    with pytest.raises(NotFound, match="ends in /v1"):
        FACES.find("POST", "/v1/v1/chat")
