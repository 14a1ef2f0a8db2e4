"""OpenAI's embeddings: ``POST /v1/embeddings``, for the gateway's own calls."""

from .dialect import OPENAI_EMBEDDINGS, OpenAIEmbeddings, read_vectors

__all__ = ["OPENAI_EMBEDDINGS", "OpenAIEmbeddings", "read_vectors"]
