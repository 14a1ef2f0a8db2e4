"""What of Anthropic's wire the hub holds without loss: the other side of ``decode_request.py``.

Types of values are left to the decoder. Here is only said which fields it reads, so that one beside them is
noticed.
"""

from __future__ import annotations

from typing import Any

from pointsman.dialects.shape import Shape, anything, array, by, either, record, scalar

_BLOCK: dict[str, Shape] = {"type": scalar, "cache_control": anything}
_text = record(_BLOCK | {"text": scalar})
_REFERENCES: dict[str | None, Shape] = {
    "base64": record({"type": scalar, "media_type": scalar, "data": scalar}),
    "url": record({"type": scalar, "url": scalar}),
    "file": record({"type": scalar, "file_id": scalar}),
}
_image = record(_BLOCK | {"source": by("type", _REFERENCES)})
_document = record(
    _BLOCK
    | {
        "source": by("type", _REFERENCES | {"text": _REFERENCES["base64"]}),
        "title": scalar,
        "context": scalar,
        "citations": record({"enabled": scalar}),
    }
)
_result_part = by("type", {"text": _text, "image": _image, "document": _document})
_block = by(
    "type",
    {
        "text": _text,
        "image": _image,
        "document": _document,
        "tool_use": record(_BLOCK | {"id": scalar, "name": scalar, "input": anything}),
        "tool_result": record(
            _BLOCK
            | {
                "tool_use_id": scalar,
                "content": either(scalar, array(_result_part)),
                "is_error": scalar,
            }
        ),
        "thinking": record({"type": scalar, "thinking": scalar, "signature": scalar}),
        "redacted_thinking": record({"type": scalar, "data": scalar}),
    },
)
_message = record({"role": scalar, "content": either(scalar, array(_block))})
_tool = record(
    _BLOCK | {"name": scalar, "description": scalar, "input_schema": anything, "strict": scalar}
)  # of a field that only some of the tools have, the hub does not know which
_thinking = by(
    "type",
    {
        "enabled": record({"type": scalar, "budget_tokens": scalar, "display": scalar}),
        "disabled": record({"type": scalar}),
        "adaptive": record({"type": scalar, "display": scalar}),
        "between_tools": record({"type": scalar, "display": scalar}),
    },
)


def _output(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    wanted = value.get("format")
    return wanted is None or record({"type": scalar, "schema": anything})(wanted)


_FIELDS = {
    "system": either(scalar, array(by("type", {"text": _text}))),
    "messages": array(_message),
    "tools": array(_tool),
    "tool_choice": record({"type": scalar, "name": scalar, "disable_parallel_tool_use": scalar}),
    "thinking": _thinking,
    "output_config": _output,
}


def is_whole(body: dict[str, Any]) -> bool:
    """Whether the hub's request would hold all of it. Unknown fields at the top are among what it holds."""
    return all(shape(body[name]) for name, shape in _FIELDS.items() if body.get(name) is not None)
