"""The hub: what a chat request, an answer and a stream are, whatever the wire calls them.

Every dialect decodes into these values and encodes from them, so that N dialects need N decoders
and N encoders and never N×M translators. All of them are frozen; nothing here does anything.
"""

from .parts import (
    CacheHint,
    Document,
    Image,
    Part,
    RedactedThinking,
    Refusal,
    Source,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from .request import Message, Reasoning, Request, ResponseFormat, Tool, ToolChoice
from .response import (
    PartEnd,
    RedactedThinkingPart,
    RefusalDelta,
    Response,
    Stop,
    StreamEnd,
    StreamEvent,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallStart,
)
from .usage import Usage

__all__ = [
    "CacheHint",
    "Document",
    "Image",
    "Message",
    "Part",
    "PartEnd",
    "Reasoning",
    "RedactedThinking",
    "RedactedThinkingPart",
    "Refusal",
    "RefusalDelta",
    "Request",
    "Response",
    "ResponseFormat",
    "Source",
    "Stop",
    "StreamEnd",
    "StreamEvent",
    "StreamStart",
    "Text",
    "TextDelta",
    "Thinking",
    "ThinkingDelta",
    "Tool",
    "ToolCall",
    "ToolCallDelta",
    "ToolCallStart",
    "ToolChoice",
    "ToolResult",
    "Usage",
]
