import anthropic.types
import openai.types

from pointsman.catalog import load_catalog
from pointsman.simulator.models_list import list_models, one_model

MODELS = load_catalog().all()[:3]


def test_as_openai_shapes_it() -> None:
    listed = list_models(MODELS, "openai")
    assert listed["object"] == "list"
    assert [openai.types.Model.model_validate(each).id for each in listed["data"]] == [m.id for m in MODELS]


def test_as_anthropic_shapes_it() -> None:
    listed = list_models(MODELS, "anthropic")
    assert (listed["first_id"], listed["last_id"]) == (MODELS[0].id, MODELS[-1].id)
    assert anthropic.types.ModelInfo.model_validate(one_model(MODELS[0], "anthropic")).id == MODELS[0].id
    assert list_models([], "anthropic")["first_id"] is None
