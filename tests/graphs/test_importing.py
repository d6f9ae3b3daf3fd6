"""Models from graphs: what is kept, what is chosen and said, and what is refused."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from boundgen import Model, derive, export_graph, import_graph
from boundgen.errors import GraphError, ModelError
from support.command import Run, assert_refused

FRONT_DOOR = "dag { X [exposure] Y [outcome] U [latent] X -> M -> Y; U -> {X Y} }"


def statements(source: Any, **options: Any) -> list[str]:
    """The lines of the model, without its name."""
    return [line for line in str(import_graph(source, **options).model).splitlines()[1:] if line]


def test_a_latent_cause_of_two_is_a_statement() -> None:
    expected = [
        "variable X in {0, 1}",
        "variable M(X) in {0, 1}",
        "variable Y(M) in {0, 1}",
        "confounded X, Y",
        "observe P(X, M, Y)",
        "estimand ate = E[Y(X=1) - Y(X=0)]",
    ]
    assert statements(FRONT_DOOR) == expected
    assert statements("X -> M -> Y; X <-> Y") == expected
    assert import_graph(FRONT_DOOR).remarks == (
        "U is an unmeasured cause of X and Y.",
        "The graph does not say how many values any variable has: 0 and 1 are taken.",
    )


def test_a_graph_without_causes_is_unconfounded() -> None:
    assert "unconfounded" in statements("X -> M -> Y")
    assert statements("A -> Y", randomized=["A"])[2:4] == ["unconfounded", "observe P(Y | A)"]
    assert "confounded X, M, Y" in statements("dag { X -> M -> Y; U [u]; U -> {X M Y} }")


def test_pairs_are_causes_of_their_own() -> None:
    found = import_graph("X -> M -> Y; X <-> M; M <-> Y; X <-> Y")
    assert found.model.causes == (("X", "M"), ("X", "Y"), ("M", "Y"))
    assert "X, M and Y share three causes, one for each pair; one of all three is: confounded X, M, Y" in found.remarks


@pytest.mark.parametrize(
    ("graph", "causes", "remark"),
    [
        ("dag{U[u] W[u] U->{X Y} W->{X Y} X->Y}", (("X", "Y"),), "2 causes of X and Y are one."),
        ("dag{U[u] U->{X Y} X<->Y X->Y}", (("X", "Y"),), "2 causes of X and Y are one."),
        (
            "dag{U[u] U->{X M Y} X<->Y X->M->Y}",
            (("X", "M", "Y"),),
            "The cause of X and Y is a part of that of X, M and Y.",
        ),
        (
            "dag{U[u] U->X->Y}",
            (),
            "U is a cause of X alone, which has unmeasured causes of its own anyway; it is left out.",
        ),
        ("dag{U[u] X->Y}", (), "U is latent and is left out: it affects no two variables."),
        ("dag{U[u] W[u] U->W->{X Y}}", (("X", "Y"),), "W is an unmeasured cause of X and Y."),
    ],
)
def test_causes_that_add_nothing_are_said(graph: str, causes: Any, remark: str) -> None:
    found = import_graph(graph)
    assert found.model.causes == causes
    assert remark in found.remarks


def test_a_latent_mediator_passes_on_or_is_a_variable() -> None:
    graph = "dag{L[latent] X->L->Y L->W}"
    found = import_graph(graph)
    assert str(found.model).splitlines()[2:6] == [
        "variable X in {0, 1}",
        "variable Y(X) in {0, 1}",
        "variable W(X) in {0, 1}",
        "",
    ]
    assert found.model.causes == (("Y", "W"),)
    kept = import_graph(graph, levels={"L": 2})
    assert [str(each) for each in kept.model.variables] == ["X", "L(X)", "Y(L)", "W(L)"]
    assert "L is latent: a variable of the model that is never observed." in kept.remarks
    assert kept.model.observations[0].outcomes == (("X", None), ("Y", None), ("W", None))


def test_what_sounds_latent_and_is_not_marked_is_said() -> None:
    found = import_graph('digraph { "Unobserved Confounders" -> {X Y}; X -> Y; u1 -> Y }')
    assert [remark for remark in found.remarks if "[latent]" in remark] == [
        "Unobserved_Confounders is taken as measured; if it is not, mark it in the graph: "
        "Unobserved_Confounders [latent]"
    ]
    # As DoWhy draws it; and nobody asks for the effect of what is not measured.
    labelled = import_graph('digraph { V[label="Unobserved Confounders"]; V -> T -> Y; V -> Y; W -> Y }')
    assert "V is taken as measured; if it is not, mark it in the graph: V [latent]" in labelled.remarks
    assert "estimand ate = E[Y(T=1) - Y(T=0)]" in str(labelled.model)
    assert (
        "No exposure is marked: W is taken, which nothing affects."
        in import_graph("U -> M -> Y; U -> Y; W -> Y").remarks
    )


def test_options() -> None:
    lines = statements("Z -> X -> Y; X <-> Y", randomized="Z", levels={"Z": 3}, name="iv")
    assert lines == [
        "variable Z in {0, 1, 2} randomized",
        "variable X(Z) in {0, 1}",
        "variable Y(X) in {0, 1}",
        "confounded X, Y",
        "observe P(X, Y | Z)",
        "estimand ate = E[Y(1) - Y(0)]",
    ]
    stated = import_graph("Z -> X -> Y; X <-> Y", randomized="Z", observe=["P(X | Z)", "observe P(Y | Z)", "P(Z)"])
    assert [str(each.outcomes[0][0]) for each in stated.model.observations] == ["X", "Y", "Z"]
    three = import_graph("X -> Y", levels={"X": 3})
    assert "estimand ate = E[Y(2) - Y(0)]" in str(three.model)
    assert "The effect of X is that of its last value against its first." in three.remarks


def test_a_selection_is_what_is_observed() -> None:
    lines = statements("dag { A -> Y -> S; A <-> Y; S [selected] }", randomized=[])
    assert "observe P(A, Y | S=1)" in lines
    assert "estimand ate = E[Y(1) - Y(0)]" in lines
    assert "Units are selected: only those with S=1 are observed." in import_graph("dag{A->Y->S; S[selected]}").remarks


@pytest.mark.parametrize(
    ("graph", "estimand", "why"),
    [
        ("A -> B -> C", "E[C(A=1) - C(A=0)]", "which alone is affected by nothing"),
        ("Z -> T -> O; T <-> O", "E[O(1) - O(0)]", "by its name"),
        ("V -> W -> O; W <-> O", "E[O(1) - O(0)]", "which V moves alone"),
        ("C -> X -> Y; C -> Y", "E[Y(X=1) - Y(X=0)]", "by its name"),
        ("V -> O; W -> O", "E[O(V=1) - O(V=0)]", "the first of V and W, which nothing affects"),
        ("X <-> Y", "E[Y]", "Nothing affects Y, so its mean is asked for."),
        ("dag { Y [exposure] X [outcome] X -> Y }", "E[X]", "Y does not affect X in this graph: no effect."),
        ("dag { Y [exposure, outcome] X -> Y }", "E[Y]", "Y cannot be exposure and outcome: no effect."),
    ],
)
def test_the_effect_that_is_asked_for(graph: str, estimand: str, why: str) -> None:
    found = import_graph(graph)
    assert str(found.model).rstrip().endswith(f" = {estimand}")
    assert any(why in remark for remark in found.remarks)


def test_several_exposures_and_outcomes() -> None:
    model = import_graph("dag { A [exposure] B [exposure] Y [outcome] W [outcome] A -> Y; {A B} -> W }").model
    assert [each.name for each in model.estimands] == ["ate_A_Y", "ate_A_W", "ate_B_W"]


def test_other_arms_are_not_mixed() -> None:
    found = import_graph("A -> Y; B -> Y", randomized=["A", "B"])
    assert "estimand ate = E[Y(1, 0) - Y(0, 0)]" in str(found.model)
    assert "It is asked for where B=0." in found.remarks
    observed = import_graph("A -> Y; B -> Y", randomized=["A", "B"], observe=["P(Y | A, B)", "P(B)"])
    assert "estimand ate = E[Y(A=1) - Y(A=0)]" in str(observed.model)


def test_names_become_identifiers() -> None:
    found = import_graph(
        'dag { "IL-6" [label="a cytokine"] in [outcome] "7 d" [domain="{low, high}"] "IL-6" -> in <- "7 d" }'
    )
    assert [each.name for each in found.model.variables] == ["IL_6", "V7_d", "in_"]
    assert set(found.remarks) >= {
        "IL_6 is 'IL-6' in the graph.",
        "in_ is 'in' in the graph.",
        "V7_d is '7 d' in the graph.",
        "IL_6: a cytokine",
    }
    assert import_graph('dag { "IL-6" -> Y }', levels={"IL-6": 3}) == import_graph(
        'dag { "IL-6" -> Y }', levels={"IL_6": 3}
    )


def test_what_is_written_is_the_model_with_comments() -> None:
    found = import_graph(FRONT_DOOR + "\n", name="front_door")
    assert found.text.startswith("# U is an unmeasured cause of X and Y.\n# The graph")
    assert Model.parse(found.text) == found.model
    # Nothing that a graph says can end a comment.
    hostile = import_graph('dag { X [label="a\nestimand b = 1"] X -> "Y\u2028model m" }')
    assert Model.parse(hostile.text) == hostile.model


def test_models_from_graphs_of_networkx() -> None:
    networkx = pytest.importorskip("networkx")
    made = networkx.DiGraph([("X", "M"), ("M", "Y"), ("U", "X"), ("U", "Y")])
    made.nodes["U"]["h"] = True
    assert Model.from_graph(made) == import_graph("X -> M -> Y; X <-> Y").model
    made.nodes["U"]["weight"] = 3
    with pytest.warns(UserWarning, match="'weight' of U is not used"):
        Model.from_graph(made)


def test_imported_models_have_bounds() -> None:
    found = derive(import_graph("Z -> X -> Y; X <-> Y", randomized="Z").model)
    (same,) = derive(Model.parse(str(import_graph("Z -> X -> Y; X <-> Y", randomized="Z").model))).bounds
    assert found.bounds == (same,)
    assert len(same.lower.terms) == 8


@pytest.mark.parametrize(
    "graph",
    ["X -> M -> Y; X <-> Y", "X -> M -> Y", "X -> Y; X <-> Y", "W -> X -> Y; W -> Y", "Z -> X -> M -> Y; X <-> M"],
)
def test_what_is_imported_is_derived(graph: str, run: Run) -> None:
    Path("g.dag").write_text(graph, encoding="utf-8")
    assert run("import", "g.dag", "-o", "g.bounds").status == 0
    found = run("derive", "g.bounds")
    assert (found.status, found.err) == (0, "")
    assert "ate" in found.out


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("X -> Y", {"randomized": ["Q"]}, "the graph has no variable 'Q'"),
    ("X -> Y", {"randomized": ["Y"]}, "'Y' is to be randomized, and in the graph it is affected by X"),
    ("X -> Y; X <-> Y", {"randomized": ["X"]}, "'X' is to be randomized, and has unmeasured causes"),
    ("X -> Y", {"levels": {"Y": 1}}, "'Y' has '1' levels"),
    ("X -> Y", {"levels": {"Y": 5000}}, "'Y' has '5000' levels"),
    ("dag { X [latent] Y [latent] X -> Y }", {}, "all nodes of the graph are latent"),
    ("dag { A -> L; L [latent] }", {"randomized": ["A"]}, "nothing is observed"),
    ('dag { X [domain="[0, 1]"] X -> Y }', {}, "'X' is any number between two ends, and affects 'Y'"),
]


@pytest.mark.parametrize(("graph", "options", "message"), REFUSED)
def test_graphs_that_contradict_what_is_asked(graph: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(GraphError, match=message):
        import_graph(graph, **options)


def test_what_is_observed_is_read_by_the_language() -> None:
    with pytest.raises(ModelError, match=r"observe:.*unknown variable 'W' in observe"):
        import_graph("X -> Y", observe="P(W)")
    with pytest.raises(GraphError, match="there is no format 'dotty'"):
        export_graph("iv_ate", "dotty")


def test_fifty_nodes_at_once() -> None:
    lines = [f'V{i} [pos="{i},{i}"]' for i in range(50)]
    lines += [f"V{i} -> V{j}" for i in range(50) for j in range(i + 1, 50) if (i * j) % 7 == 3]
    text = "dag {\n" + "\n".join(lines) + "\n}"
    import_graph(text)
    start = time.perf_counter()
    assert len(import_graph(text).model.variables) == 50
    assert time.perf_counter() - start < 0.1


# ---------------------------------------------------------------- the command line
def test_import_and_export_as_commands(run: Run) -> None:
    Path("smoking.dag").write_text(FRONT_DOOR, encoding="utf-8")
    assert run("import", "smoking.dag").out.rstrip() == import_graph(FRONT_DOOR, name="smoking").text.rstrip()
    done = run("import", "smoking.dag", "--levels", "M=3,Y=3", "--name", "tar", "-o", "tar.bounds")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("tar.bounds: the model of smoking.dag; look at its comments")
    assert "variable M(X) in {0, 1, 2}" in Path("tar.bounds").read_text(encoding="utf-8")
    done = run("export", "tar.bounds", "--format", "dot", "-o", "tar.dot")
    assert done.out == "tar.dot: the graph of tar, without its 1 estimand\n"
    again = run("import", "tar.dot")
    assert again.out.split("\n\n")[-4:-1] == Path("tar.bounds").read_text(encoding="utf-8").split("\n\n")[-4:-1]
    assert run("export", "tar.bounds").out.startswith("dag {\nX [exposure]\n")


def test_bad_input_as_commands(run: Run) -> None:
    Path("cycle.dag").write_text("dag { a -> b -> a }", encoding="utf-8")
    assert_refused(
        run("import", "cycle.dag"),
        "cycle.dag: the arrows make a cycle: a -> b -> a\n"
        "  Effects run forward in time: drop an arrow, or split a variable into its values at different times.",
    )
    for words in (
        ("import", "cycle.dag", "--levels", "a"),
        ("import", "nowhere.dag"),
        ("export", "nowhere"),
        ("export", "iv_ate", "--format", "x"),
    ):
        found = run(*words)
        assert (found.status, found.out) == (2, "")
        assert "\n\n" not in found.err
