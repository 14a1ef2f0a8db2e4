from pathlib import Path

import pytest

from pointsman.simulator.config import Config
from pointsman.simulator.faults import PARAMETERS
from pointsman.simulator.invoice import OUTCOMES, Call
from pointsman.simulator.limit_book import LimitBook
from pointsman.simulator.paths import BASES

DOCUMENT = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*PARAMETERS, *OUTCOMES, *(base for _, base in BASES)])
def test_kinds_outcomes_and_places_are_documented(name: str) -> None:
    assert f"`{name}`" in DOCUMENT


@pytest.mark.parametrize(
    "name", sorted({"at", *(p for parameters in PARAMETERS.values() for p in parameters)})
)
def test_parameters_are_documented(name: str) -> None:
    assert f"`{name}" in DOCUMENT


@pytest.mark.parametrize("field", Call.__struct_fields__)
def test_fields_of_the_invoice_are_documented(field: str) -> None:
    assert f"`{field}`" in DOCUMENT or ("`cache_write_…`" in DOCUMENT and field.startswith("cache_write_"))


@pytest.mark.parametrize("name", sorted({*Config.__struct_fields__} - {"seed", "pace", "speed"}))
def test_options_are_documented(name: str) -> None:
    option = "--" + name.replace("_", "-")
    assert f"`{option}`" in DOCUMENT or f"`{option} " in DOCUMENT


def test_causes_and_fields_of_the_limits_are_documented() -> None:
    book = LimitBook(Config(input_tpm=1, output_tpm=1, account_rpm=1, account_tpm=1))
    levels = {**book.of("openai", "m", 0).levels, **book.of("openai", "m", 0).account.levels}
    fields = book.report(0)["models"][0]["limits"]["requests"]
    for name in (*levels, "concurrency", "fault", "rejected_429", *fields):
        assert f"`{name}`" in DOCUMENT, name
