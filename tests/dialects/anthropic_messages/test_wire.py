"""The field names of the wire are those of the official SDK."""

from __future__ import annotations

import anthropic.types as sdk
import anthropic.types.beta as beta
import msgspec
import pytest
from pydantic import BaseModel

from pointsman.dialects.anthropic_messages import wire


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (wire.WireUsage, beta.BetaUsage),  # `iterations` exists in the beta only
        (wire.WireIteration, beta.BetaCompactionIterationUsage),
        (wire.WireCacheCreation, sdk.CacheCreation),
        (wire.WireResponse, sdk.Message),
        (wire.WireAccount, sdk.Message),
        (wire.WireStopDetails, sdk.RefusalStopDetails),
    ],
)
def test_answers(ours: type[msgspec.Struct], theirs: type[BaseModel]) -> None:
    assert set(ours.__struct_fields__) <= set(theirs.model_fields)


@pytest.mark.parametrize(
    ("ours", "theirs", "own"),
    [
        (wire.WireTool, sdk.ToolParam, set()),
        (wire.WireThinking, sdk.ThinkingConfigEnabledParam, set()),
        (wire.WireToolChoice, sdk.ToolChoiceToolParam, set()),
        (wire.WireCache, sdk.CacheControlEphemeralParam, set()),
        (wire.WireRequest, sdk.MessageCreateParams, {"stream", "temperature", "top_p", "top_k"}),
    ],
)
def test_requests(ours: type[msgspec.Struct], theirs: type, own: set[str]) -> None:
    params = getattr(theirs, "__args__", (theirs,))[0]
    assert set(ours.__struct_fields__) <= set(params.__annotations__) | own
