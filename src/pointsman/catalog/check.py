"""Refuses what a model cannot do before it is sent, and names a model that can.

Only what is known to be impossible is refused; unknown (None) passes, and the provider decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pointsman.errors import ContextWindowExceeded, UnsupportedByModel

from .model import Model

Fits = Callable[[Model], bool]


def check_request(
    model: Model,
    *,
    prompt_tokens: int | None = None,
    max_output: int | None = None,
    has_image: bool = False,
    has_document: bool = False,
    has_tools: bool = False,
    forced_tool: bool = False,
    has_schema: bool = False,
    has_prefill: bool = False,
    has_sampling: bool = False,
    both_samplers: bool = False,
    alternatives: Iterable[Model] = (),
) -> None:
    """Raise if the model is known not to be able to do this.

    Args:
        model: the model that the request would be sent to.
        prompt_tokens: a count that the prompt surely has; never an estimate that may be too high.
        max_output: the longest answer that the caller allows.
        has_document: a PDF; plain text is no document here.
        forced_tool: the caller demands that some tool is called.
        has_schema: the answer must follow a JSON schema.
        has_prefill: the last message is the assistant's, to be continued.
        has_sampling: ``temperature``, ``top_p`` or ``top_k`` is set.
        both_samplers: ``temperature`` and ``top_p`` are both set.
        alternatives: where to look for a model to name in the message (the catalog); read only on failure.

    Raises:
        ContextWindowExceeded: the prompt is longer than the model's window or input limit.
        UnsupportedByModel: a capability is missing, or the answer may be longer than the model's longest.
    """
    can = model.capabilities
    if has_image and can.vision is False:
        _refuse(model, "cannot read images", "messages", alternatives, lambda m: m.capabilities.vision)
    if has_document and can.pdf is False:
        _refuse(model, "cannot read PDF documents", "messages", alternatives, lambda m: m.capabilities.pdf)
    if has_tools and can.tools is False:
        _refuse(model, "cannot call tools", "tools", alternatives, lambda m: m.capabilities.tools)
    if forced_tool and can.forced_tool_choice is False:
        _refuse(
            model,
            "cannot be forced to call a tool; let it choose, or",
            "tool_choice",
            alternatives,
            lambda m: m.capabilities.forced_tool_choice,
        )
    if has_schema and can.json_schema is False:
        _refuse(
            model,
            "cannot be held to a JSON schema",
            "response_format",
            alternatives,
            lambda m: m.capabilities.json_schema,
        )
    if has_prefill and can.prefill is False:
        _refuse(
            model,
            "cannot continue an answer that was begun; end with a user message, or",
            "messages",
            alternatives,
            lambda m: m.capabilities.prefill,
        )
    if has_sampling and can.sampling_params is False:
        _refuse(
            model,
            "takes no temperature, top_p or top_k; leave them out, or",
            "temperature",
            alternatives,
            lambda m: m.capabilities.sampling_params,
        )
    if both_samplers and can.sampling_together is False:
        _refuse(model, "takes temperature or top_p, not both; leave one out", "top_p", (), _never)
    _check_lengths(model, prompt_tokens, max_output, alternatives)


def prompt_limit(model: Model) -> int:
    """The longest prompt, in tokens."""
    return model.context_window if model.max_input is None else min(model.max_input, model.context_window)


def _check_lengths(
    model: Model, prompt_tokens: int | None, max_output: int | None, alternatives: Iterable[Model]
) -> None:
    if max_output is not None and model.max_output is not None and max_output > model.max_output:
        _refuse(
            model,
            f"answers with at most {model.max_output:,} tokens, not {max_output:,}; ask for less, or",
            "max_tokens",
            alternatives,
            lambda m: m.max_output is not None and m.max_output >= max_output,
        )
    if prompt_tokens is None or prompt_tokens <= prompt_limit(model):
        return
    other = _other(model, alternatives, lambda m: prompt_limit(m) >= prompt_tokens)
    raise ContextWindowExceeded(
        f"The prompt has at least {prompt_tokens:,} tokens, and {model.id} takes at most "
        f"{prompt_limit(model):,}; "
        + (f"shorten it, or use {other.id}, for instance." if other else "shorten it."),
        param="messages",
    )


def _refuse(
    model: Model,
    cannot: str,
    param: str,
    alternatives: Iterable[Model],
    can: Callable[[Model], bool | None],
) -> None:
    """Raise. ``cannot`` may end in "or", to be followed by the other model."""
    other = _other(model, alternatives, lambda m: can(m) is True)
    if other is None:
        message = f"{model.id} {cannot.removesuffix(', or')}."
    elif cannot.endswith(" or"):
        message = f"{model.id} {cannot} use {other.id}, for instance."
    else:
        message = f"{model.id} {cannot}; use {other.id}, for instance."
    raise UnsupportedByModel(message, param=param)


def _never(_: Model) -> bool:
    return False


def _other(model: Model, alternatives: Iterable[Model], fits: Fits) -> Model | None:
    """The cheapest model that can, of the same provider if there is one; never one that is on its way out."""
    able = [m for m in alternatives if m.status == "active" and m.retires is None and fits(m)]
    return min(able, key=lambda m: (m.provider != model.provider, _output_rate(m), m.id), default=None)


def _output_rate(model: Model) -> int:
    rate = model.prices[-1].standard.output if model.prices else None
    return 10**15 if rate is None else rate
