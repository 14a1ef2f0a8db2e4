from pathlib import Path

import pytest

from pointsman.simulator.faults import PARAMETERS
from pointsman.simulator.invoice import OUTCOMES, Call
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
