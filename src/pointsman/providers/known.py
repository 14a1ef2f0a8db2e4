"""The providers that Pointsman knows by name, as data."""

from __future__ import annotations

from pointsman.providers.provider import KeyRule, Provider

KNOWN: dict[str, Provider] = {
    provider.name: provider
    for provider in (
        Provider(
            name="anthropic",
            dialect="anthropic_messages",
            base_url="https://api.anthropic.com",
            auth="x-api-key",
            key_env="ANTHROPIC_API_KEY",
            counts_tokens=True,
        ),
        Provider(
            name="openai",
            dialect="openai_chat",
            base_url="https://api.openai.com/v1",
            key_env="OPENAI_API_KEY",
        ),
        Provider(
            name="gemini",
            dialect="openai_chat",
            base_url="https://generativelanguage.googleapis.com/v1beta/openai",
            key_env="GEMINI_API_KEY",
            thought_signatures=True,
        ),
        Provider(
            name="deepseek",
            dialect="openai_chat",
            base_url="https://api.deepseek.com",
            key_env="DEEPSEEK_API_KEY",
            legacy_max_tokens=True,
            prefix_at="/beta",
        ),
        Provider(
            name="holysheep",
            dialect="openai_chat",
            base_url="https://api.holysheep.ai/v1",
            key_env="HOLYSHEEP_API_KEY",
            key_rule=KeyRule(prefix="hs_", min_length=20),
            serves=("anthropic", "openai", "gemini", "deepseek"),
            model_names={
                "claude-opus-4-20250514": "opus-4",
                "claude-sonnet-4-20250514": "sonnet-4",
                "claude-3-5-haiku-20241022": "haiku-4",
                "deepseek-chat": "deepseek-v3.2",
            },
        ),
    )
}
"""By name, in the order in which they are asked for a model that more than one of them serves."""

KEY_VARIABLES: dict[str, tuple[str, ...]] = {name: (known.key_env,) for name, known in KNOWN.items()} | {
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY")
}
"""Where a provider's key is looked for: the first variable that is set has it."""

SHORT_DIALECTS = {"openai": "openai_chat", "anthropic": "anthropic_messages"}
"""How people call the dialects."""

USUAL_AUTH = {"anthropic_messages": "x-api-key", "openai_chat": "bearer"}
"""How a key is sent in each dialect, unless told otherwise."""
