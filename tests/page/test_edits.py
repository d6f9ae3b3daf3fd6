"""Drawing changes the text as little as can be: comments, assumptions and what is not drawn stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Model, catalogue
from boundgen.graphs.from_model import model_graph
from boundgen.page.edits import EditError, edited
from boundgen.page.statements import statements, variable_of
from boundgen.page.texts import edit, read

NAMES = "ZXYMW"


def drawn(text: str, *edits: dict[str, object]) -> str:
    for each in edits:
        text = edited(text, each)
    return text


INSTRUMENT = (
    {"do": "add_variable", "name": "Z"},
    {"do": "randomize", "name": "Z", "on": True},
    {"do": "add_variable", "name": "X"},
    {"do": "add_variable", "name": "Y"},
    {"do": "add_arrow", "start": "Z", "end": "X"},
    {"do": "add_arrow", "start": "X", "end": "Y"},
)


# ---------------------------------------------------------------- laws
changes = st.one_of(
    st.builds(lambda name: {"do": "add_variable", "name": name}, st.sampled_from(NAMES)),
    st.builds(lambda name: {"do": "remove_variable", "name": name}, st.sampled_from(NAMES)),
    st.builds(
        lambda name, to: {"do": "rename", "name": name, "to": to}, st.sampled_from(NAMES), st.sampled_from(NAMES)
    ),
    st.builds(lambda name, on: {"do": "randomize", "name": name, "on": on}, st.sampled_from(NAMES), st.booleans()),
    st.builds(
        lambda name, on: {"do": "observe_variable", "name": name, "on": on}, st.sampled_from(NAMES), st.booleans()
    ),
    st.builds(lambda s, e: {"do": "add_arrow", "start": s, "end": e}, st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.builds(
        lambda s, e: {"do": "remove_arrow", "start": s, "end": e}, st.sampled_from(NAMES), st.sampled_from(NAMES)
    ),
    st.builds(lambda s, e: {"do": "share", "names": [s, e]}, st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.builds(lambda s, e: {"do": "unshare", "names": [s, e]}, st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.sampled_from([{"do": "any_causes"}, {"do": "drawn_causes"}]),
)


@given(st.lists(changes, max_size=14))
@settings(max_examples=40, deadline=None)
def test_what_is_drawn_is_what_is_read(edits: list[dict[str, object]]) -> None:
    """The graph of the text is the one that the changes make of a graph without a text."""
    text, arrows, names, randomized = "model m\n", set(), [], set()
    for each in edits:
        try:
            text = edited(text, each)
        except EditError:
            continue
        match each["do"]:
            case "add_variable":
                names.append(each["name"])
            case "remove_variable":
                names.remove(each["name"])
                arrows = {pair for pair in arrows if each["name"] not in pair}
                randomized.discard(each["name"])
            case "rename":
                new = {each["name"]: each["to"]}
                names = [new.get(name, name) for name in names]
                arrows = {(new.get(one, one), new.get(other, other)) for one, other in arrows}
                randomized = {new.get(name, name) for name in randomized}
            case "randomize":
                (randomized.add if each["on"] else randomized.discard)(each["name"])
            case "add_arrow":
                arrows.add((each["start"], each["end"]))
            case "remove_arrow":
                arrows.discard((each["start"], each["end"]))
    graph = read(text)["graph"]
    assert {each["name"] for each in graph["variables"]} == set(names)
    assert {(parent, each["name"]) for each in graph["variables"] for parent in each["parents"]} == arrows
    assert {each["name"] for each in graph["variables"] if each["randomized"]} == randomized


@pytest.mark.parametrize("name", ["mediation_mmr", "iv_ate", "late_nomono", "tp_pns_comb"])
def test_a_change_and_its_opposite_leave_the_text(name: str) -> None:
    text = catalogue.text(name)
    added = edited(text, {"do": "add_variable", "name": "Extra"})
    assert edited(added, {"do": "remove_variable", "name": "Extra"}) == text
    for statement in (each for each in statements(text) if each.kind == "variable"):
        other = f"{statement.name}_other"
        renamed = edited(text, {"do": "rename", "name": statement.name, "to": other})
        assert other in renamed
        assert edited(renamed, {"do": "rename", "name": other, "to": statement.name}) == text


@pytest.mark.parametrize("name", catalogue.names()[::5])
def test_the_graph_of_a_text_is_that_of_its_model(name: str) -> None:
    text = catalogue.text(name)
    graph, model = read(text)["graph"], Model.parse(text)
    assert [(each["name"], tuple(each["parents"])) for each in graph["variables"]] == [
        (each.name, each.parents) for each in model.variables
    ]
    latent = {each["name"] for each in graph["variables"] if not each["observed"] and not each["randomized"]}
    assert latent == {node for node in model_graph(model).marked("latent") if node in model.by_name}


def test_comments_and_what_is_not_drawn_stay() -> None:
    text = catalogue.text("mediation_mmr")
    changed = drawn(
        text,
        {"do": "add_variable", "name": "W"},
        {"do": "add_arrow", "start": "W", "end": "Y"},
        {"do": "randomize", "name": "W", "on": True},
    )
    assert re.findall(r"#.*", changed) == re.findall(r"#.*", text)
    kept = ("assume", "estimand", "claim", "define", "source")
    assert [each.code for each in statements(changed) if each.kind in kept] == [
        each.code for each in statements(text) if each.kind in kept
    ]


# ---------------------------------------------------------------- examples
def test_the_instrument_is_drawn() -> None:
    text = drawn("", *INSTRUMENT, {"do": "add_statements", "statements": ["estimand ate = E[Y(X=1) - Y(X=0)]"]})
    assert text == (
        "model untitled\n\nvariable Z in {0, 1} randomized\nvariable X(Z) in {0, 1}\nvariable Y(X) in {0, 1}\n\n"
        "observe P(X, Y | Z)\n\nestimand ate = E[Y(X=1) - Y(X=0)]\n"
    )
    assert Model.parse(text)


def test_declarations_change_places_where_a_cause_stood_below() -> None:
    text = "model m\nvariable Y in {0, 1}  # last\nvariable X in {0, 1}  # first\n"
    changed = edited(text, {"do": "add_arrow", "start": "X", "end": "Y"})
    assert changed == "model m\nvariable X in {0, 1}  # first\nvariable Y(X) in {0, 1}  # last\n"


def test_causes_are_drawn_and_taken_back() -> None:
    text = drawn("", *INSTRUMENT)
    own = drawn(text, {"do": "drawn_causes"})
    assert "unconfounded" in own
    shared = drawn(own, {"do": "share", "names": ["X", "Y"]})
    assert "confounded X, Y" in shared
    assert "unconfounded" not in shared
    assert drawn(shared, {"do": "unshare", "names": ["Y", "X"]}) == own
    assert drawn(shared, {"do": "any_causes"}) == text


def test_units_are_selected_and_again_all_are_seen() -> None:
    text = catalogue.text("iv_ate")
    selected = edited(text, {"do": "select_on", "name": "X", "value": "1"})
    assert Model.parse(selected).observations == Model.parse(text.replace("P(X, Y | Z)", "P(X=1, Y | Z)")).observations
    assert read(selected)["graph"]["variables"][1]["selected"]
    assert edited(selected, {"do": "select_on", "name": "X", "value": ""}) == text
    unseen = edited(text, {"do": "observe_variable", "name": "X", "on": False})
    assert "is not observed" in edit(unseen, {"do": "select_on", "name": "X", "value": "1"})["error"]
    assert "is no value" in edit(text, {"do": "select_on", "name": "X", "value": "1) | do(Z"})["error"]


def test_sources_of_data_are_set() -> None:
    text = drawn(
        "",
        *INSTRUMENT,
        {"do": "set_observation", "place": None, "outcomes": ["Y"], "given": [], "interventions": ["X=1"]},
    )
    assert "observe P(Y | do(X=1))" in text
    text = drawn(
        text, {"do": "set_observation", "place": 0, "outcomes": ["Y", "X=1"], "given": ["Z"], "interventions": []}
    )
    assert "observe P(Y, X=1 | Z)" in text
    assert drawn(text, {"do": "remove_observation", "place": 1}).count("observe") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"do": "fly"}, "there is no such change"),
        ({"do": "add_variable"}, "the change lacks something, or has too much"),
        ({"do": "add_variable", "name": "1 <b>"}, "'1 <b>' is no name of a variable"),
        ({"do": "add_variable", "name": "assume"}, "'assume' is no name of a variable"),
        ({"do": "add_variable", "name": "X"}, "there is a 'X' already"),
        ({"do": "add_arrow", "start": "Y", "end": "Z"}, "the arrows make a cycle"),
        ({"do": "add_arrow", "start": "Q", "end": "Z"}, "there is no variable 'Q'"),
        ({"do": "share", "names": ["Z", "X"]}, "'Z' is randomized, so it shares no cause"),
        ({"do": "set_values", "name": "X", "domain": "{0} # x"}, "are no values"),
        ({"do": "set_observation", "place": 7, "outcomes": ["X"]}, "there is no such source of data"),
        ({"do": "set_observation", "place": 0, "outcomes": ["X)\nmodel y"]}, "is no variable"),
        ({"do": "add_statements", "statements": ["import os"]}, "this is no statement of a model"),
        ({"do": "remove_statement", "line": 500}, "no statement begins there"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(change: dict[str, object], message: str) -> None:
    assert message in edit(drawn("", *INSTRUMENT), change)["error"]


def test_half_written_declarations_are_passed_over() -> None:
    found = statements("variable X(\nvariable Y in {0, 1}\n")
    assert [variable_of(each) is None for each in found] == [True, False]
