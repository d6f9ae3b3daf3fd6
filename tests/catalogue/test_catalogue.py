"""Every shipped model prints to itself, derives, and carries a citation."""

from __future__ import annotations

import pytest

from boundgen import BoundgenError, Model, catalogue, derive
from boundgen.catalogue import names, text
from boundgen.language.words import estimand_words


@pytest.mark.parametrize("name", names())
def test_print_then_parse_is_the_identity(name: str) -> None:
    model = catalogue.load(name)
    assert model.name == name
    assert Model.parse(str(model)) == model


@pytest.mark.parametrize("name", names())
def test_model_has_a_citation_and_derives(name: str) -> None:
    model = catalogue.load(name)
    assert model.sources
    assert model.title
    found = derive(model, partial=model.causes is not None)
    assert len(found.closed_forms) + len(found.unanswered) == len(model.estimands) > 0
    assert model.causes is not None or not found.unanswered
    assert all("boundgen evaluate gives the bounds at data" in each.reason for each in found.unanswered)


def test_unknown_name_lists_the_models() -> None:
    with pytest.raises(BoundgenError, match="no model 'nothing' in the catalogue"):
        text("nothing")


@pytest.mark.parametrize("name", [name for name in names() if name.startswith("mediation_") and "ATM" in text(name)])
def test_mediation_models_bound_all_four_effects(name: str) -> None:
    assert [e.name for e in catalogue.load(name).estimands] == ["delta0", "delta1", "zeta0", "zeta1", "atm", "ate"]


MEDIATORS = [name for name in names() if "# mediator" in text(name) and "published" not in catalogue.path(name)]


@pytest.mark.parametrize("name", MEDIATORS)
def test_models_of_a_mediator_have_the_effects_of_the_treatment(name: str) -> None:
    """On the mediator and on the outcome; with an instrument set to a value, of which there may be several."""
    model = catalogue.load(name)
    treatment = model.variables[0].name
    for estimand, variable in (("atm", "M"), ("ate", "Y")):
        own = [each for each in model.estimands if each.name.partition("_")[0] == estimand]
        assert own
        for bounds in derive(model, [each.name for each in own]).bounds:
            assert bounds.identified
        for each in own:
            assert f"effect of {treatment} on {variable}" in estimand_words(each, model)
