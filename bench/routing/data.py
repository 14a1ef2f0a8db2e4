"""Sets of labelled prompts: parquet files with a row for each prompt and model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pointsman.routing.graded import Graded
from pointsman.routing.sample import Sample

SOURCES = """The labels are not part of the project; give their folder with --data. They come from public
sources on GitHub: lm-sys/RouteLLM (MMLU, GSM8K, MT-Bench), TIGER-AI-Lab/MMLU-Pro (evaluation results),
WildEval/ZeroEval (result_dirs) and lmarena/arena-hard-auto, all under Apache-2.0. One parquet file for each
set, with columns benchmark, split (train, calib, test), prompt_id, group, prompt, model, score
(0 to 1), input_tokens, output_tokens."""


@dataclass(frozen=True)
class Chosen:
    """A pool of models on a set of prompts. From weak to strong; the last is the baseline."""

    name: str
    file: str
    models: tuple[str, ...]
    large: bool = False

    @property
    def pair(self) -> bool:
        return len(self.models) == 2


SETS = (
    Chosen(
        "MMLU, mixtral / gpt-4",
        "routellm_mmlu",
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview"),
        True,
    ),
    Chosen(
        "GSM8K, mixtral / gpt-4",
        "routellm_gsm8k",
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview"),
    ),
    Chosen(
        "MT-Bench, mixtral / gpt-4",
        "routellm_mtbench",
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview"),
    ),
    Chosen("MMLU-Pro, gemini flash / pro", "mmlu_pro", ("gemini-1.5-flash-002", "gemini-1.5-pro-002"), True),
    Chosen(
        "MMLU-Pro, llama 8B / 70B",
        "mmlu_pro",
        ("Meta-Llama-3_1-8B-Instruct", "Meta-Llama-3_1-70B-Instruct"),
        True,
    ),
    Chosen("GSM8K, haiku 3 / opus 3", "zeroeval_gsm", ("claude-3-haiku-20240307", "claude-3-opus-20240229")),
    Chosen(
        "GSM8K, haiku 3 / sonnet 3 / opus 3",
        "zeroeval_gsm",
        ("claude-3-haiku-20240307", "claude-3-sonnet-20240229", "claude-3-opus-20240229"),
    ),
    Chosen(
        "GSM8K, haiku 3.5 / sonnet 3.5",
        "zeroeval_gsm",
        ("claude-3-5-haiku-20241022", "claude-3-5-sonnet-20241022"),
    ),
    Chosen(
        "MATH level 5, haiku 3 / opus 3",
        "zeroeval_math_l5",
        ("claude-3-haiku-20240307", "claude-3-opus-20240229"),
    ),
    Chosen(
        "MATH level 5, haiku 3.5 / sonnet 3.5",
        "zeroeval_math_l5",
        ("claude-3-5-haiku-20241022", "claude-3-5-sonnet-20241022"),
    ),
    Chosen(
        "MATH level 5, gpt-4o-mini / gpt-4o",
        "zeroeval_math_l5",
        ("gpt-4o-mini-2024-07-18", "gpt-4o-2024-08-06"),
    ),
    Chosen("Arena-Hard, gpt-3.5 / gpt-4-turbo", "arena_bench_v1", ("gpt-3.5-turbo", "gpt-4-turbo")),
)


@lru_cache(maxsize=2)
def rows_of(path: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as parquet

    rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return rows


def load(folder: Path, chosen: Chosen) -> tuple[list[Graded], list[str]]:
    """Prompts that all models were scored on, and the split of each."""
    rows = rows_of(folder / f"{chosen.file}.parquet")
    prompts: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["model"] in chosen.models:
            one = prompts.setdefault(row["prompt_id"], {"row": row, "scores": {}, "tokens": {}})
            one["scores"][row["model"]] = float(row["score"])
            if row["input_tokens"] is not None and row["output_tokens"] is not None:
                tokens = int(row["input_tokens"]), int(row["output_tokens"])
                one["tokens"][row["model"]] = tokens
    made, splits = [], []
    for ident, one in prompts.items():
        if len(one["scores"]) == len(chosen.models):
            row = one["row"]
            sample = Sample(row["prompt"])
            made.append(Graded(ident, sample, row["group"] or "", one["scores"], one["tokens"]))
            splits.append(row["split"])
    return made, splits


def missing(folder: Path, sets: Sequence[Chosen] = SETS) -> list[str]:
    names = {f"{chosen.file}.parquet" for chosen in sets}
    return sorted(name for name in names if not (folder / name).exists())
