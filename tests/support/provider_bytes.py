"""Answers of providers to the byte: with fields that nobody knows, and spacing that nobody would choose."""

from __future__ import annotations

from pointsman.chat import Usage
from tests.support.upstream import Scripted

OPENAI_USAGE = Usage(input=9, cache_read=3, output=5)
OPENAI_WHOLE = (
    b'{ "id":"chatcmpl-1","object": "chat.completion","created":1700000000,"model":"gpt-6-luna",'
    b'"choices":[{"index":0,"message":{"role":"assistant","content":"Because.","x_unknown":{"a":1.50}},'
    b'"finish_reason":"stop","logprobs":null}],"usage":{"prompt_tokens":12,"completion_tokens":5,'
    b'"total_tokens":17,"prompt_tokens_details":{"cached_tokens":3}},  "brand_new":[1e2,"\\u00e9"]}\n'
)
OPENAI_EVENTS = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-6-luna",'
    b'"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"odd":{"x":1.0}}\n\n',
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-6-luna",'
    b'"choices":[{"index":0,"delta":{"content":"Because"},"finish_reason":null}],"obfuscation":"aZ"}\n\n',
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-6-luna",'
    b'"choices":[{"index":0,"delta":{"content":" so."},"finish_reason":null}]}\n\n',
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-6-luna",'
    b'"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-6-luna",'
    b'"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,'
    b'"prompt_tokens_details":{"cached_tokens":3}}}\n\n',
    b"data: [DONE]\n\n",
)
ANTHROPIC_USAGE = Usage(input=9, cache_read=3, output=5)
ANTHROPIC_WHOLE = (
    b'{"id":"msg_1", "type":"message","role":"assistant","model":"claude-haiku-4-5","content":'
    b'[{"type":"text","text":"Because.","x_unknown":{"a":1.50}}],"stop_reason":"end_turn",'
    b'"stop_sequence":null,"usage":{"input_tokens":9,"cache_read_input_tokens":3,"output_tokens":5},'
    b'"container":null,"brand_new":[1e2] }'
)
ANTHROPIC_EVENTS = (
    b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message",'
    b'"role":"assistant","model":"claude-haiku-4-5","content":[],"stop_reason":null,"stop_sequence":null,'
    b'"usage":{"input_tokens":9,"cache_read_input_tokens":3,"output_tokens":1}},"odd":1.0}\n\n',
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":'
    b'{"type":"text","text":""}}\n\n',
    b'event: ping\ndata: {"type": "ping"}\n\n',
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":'
    b'{"type":"text_delta","text":"Because"}}\n\n',
    b'event: brand_new\ndata: {"type":"brand_new","x":[1e2]}\n\n',
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":'
    b'{"type":"text_delta","text":" so."}}\n\n',
    b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn",'
    b'"stop_sequence":null},"usage":{"output_tokens":5}}\n\n',
    b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
)

OPENAI_MODEL, ANTHROPIC_MODEL = "gpt-6-luna", "claude-haiku-4-5"


def openai_error(status: int, message: str = "Slow down.", code: str = "", **headers: str) -> Scripted:
    body = b'{"error":{"message":"%s","type":"x","param":null,"code":"%s"}}' % (
        message.encode(),
        code.encode(),
    )
    return Scripted(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def anthropic_error(status: int, message: str = "Overloaded", kind: str = "overloaded_error") -> Scripted:
    body = b'{"type":"error","error":{"type":"%s","message":"%s"}}' % (kind.encode(), message.encode())
    return Scripted(status, body)
