"""The two data files of the package ``wordllama``, which the extra ``vectors`` brings.

Its code is not imported: that would set up logging for the whole process and load pydantic, and it downloads
what it does not find. The files are read where they lie, and nowhere else is looked for them.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_VECTORS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"


def read_wordllama() -> tuple[bytes, bytes]:
    """Vectors and tokenizer.

    Raises:
        ModuleNotFoundError: the package is not installed.
        OSError: it has no such files any more, or they cannot be read.
    """
    found = find_spec("wordllama")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'wordllama'", name="wordllama")
    folder = Path(next(iter(found.submodule_search_locations)))
    return (folder / _VECTORS).read_bytes(), (folder / _TOKENIZER).read_bytes()
