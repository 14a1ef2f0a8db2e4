"""``GET /models``, as each family of providers shapes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pointsman.catalog.model import Model

from .limits import Family

_CREATED = 1_735_689_600
_CREATED_AT = "2025-01-01T00:00:00Z"


def list_models(models: Sequence[Model], family: Family) -> dict[str, Any]:
    data = [one_model(model, family) for model in models]
    if family == "openai":
        return {"object": "list", "data": data}
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"data": data, "has_more": False, "first_id": first, "last_id": last}


def one_model(model: Model, family: Family) -> dict[str, Any]:
    retires = None if model.retires is None else model.retires.isoformat()
    if family == "openai":
        shown = {"id": model.id, "object": "model", "created": _CREATED, "owned_by": model.provider}
        return shown if retires is None else shown | {"shutdown_date": retires}
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.id.replace("-", " ").title(),
        "created_at": _CREATED_AT,
        "lifecycle": model.status if model.status in ("deprecated", "retired") else "active",
        "retires_at": None if retires is None else retires + "T00:00:00Z",
        "max_input_tokens": model.max_input or model.context_window,
        "max_tokens": model.max_output,
    }
