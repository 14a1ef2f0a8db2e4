"""What of OpenAI's wire the hub holds without loss: the other side of ``decode_request.py``.

Types of values are left to the decoder. Here is only said which fields it reads, so that one beside them is
noticed.
"""

from __future__ import annotations

from typing import Any

from pointsman.dialects.shape import anything, array, by, either, nothing, record, scalar

_MARKS = {"prompt_cache_breakpoint": anything, "cache_control": anything}
_KIND = {"type": scalar}
_image = either(scalar, record({"url": scalar, "detail": scalar}))


def _file(value: Any) -> bool:
    """By id or by data, not both; bare base64 is left out, since the name alone says what it is."""
    if not record({"file_data": scalar, "file_id": scalar, "filename": scalar})(value):
        return False
    data, ident = value.get("file_data"), value.get("file_id")
    return not data if ident else isinstance(data, str) and data[:5].lower() == "data:"


_text = record(_KIND | _MARKS | {"text": scalar})
_part = by(
    "type",
    {
        "text": _text,
        "image_url": record(_KIND | _MARKS | {"image_url": _image}),
        "file": record(_KIND | _MARKS | {"file": _file}),
        "refusal": record(_KIND | {"refusal": scalar}),
    },
)
_content = either(scalar, array(_part))
_texts = either(scalar, array(by("type", {"text": _text})))
_call = record(
    {
        "id": scalar,
        "type": scalar,
        "function": record({"name": scalar, "arguments": either(scalar, anything)}),
    }
)
_system = record({"role": scalar, "content": _texts})
_message = by(
    "role",
    {
        "system": _system,
        "developer": _system,
        "user": record({"role": scalar, "content": _content, "name": scalar}),
        "assistant": record(
            {
                "role": scalar,
                "content": _content,
                "name": scalar,
                "refusal": scalar,
                "reasoning_content": scalar,
                "tool_calls": array(_call),
            }
        ),
        "tool": record({"role": scalar, "content": _texts, "tool_call_id": scalar}),
    },
)
_function = record({"name": scalar, "description": scalar, "parameters": anything, "strict": scalar})
_tool = record(_KIND | {"function": _function, "cache_control": anything})
_choice = either(
    scalar, by("type", {"function": record(_KIND | {"function": record({"name": scalar})})})
)  # a choice among allowed tools becomes fewer tools in the hub, which is not quite the same
_schema = record({"name": scalar, "description": scalar, "schema": anything, "strict": scalar})
_format = by(
    "type",
    {
        "text": record(_KIND),
        "json_object": record(_KIND),
        "json_schema": record(_KIND | {"json_schema": _schema}),
    },
)

_FIELDS = {
    "messages": array(_message),
    "tools": array(_tool),
    "tool_choice": _choice,
    "response_format": _format,
    "system": nothing,  # no field of OpenAI's: what a provider makes of it is not known
}


def is_whole(body: dict[str, Any]) -> bool:
    """Whether the hub's request would hold all of it. Unknown fields at the top are among what it holds."""
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        return False
    return all(shape(body[name]) for name, shape in _FIELDS.items() if body.get(name) is not None)
