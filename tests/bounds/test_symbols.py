"""Short symbols: p10·1 for P(Y=1, M=0 | A=1)."""

from __future__ import annotations

import pytest

from boundgen.bounds.symbols import CellSymbol, Notation, latex_name, notation, pretty
from boundgen.language.model import Model
from boundgen.language.statements import Observation
from boundgen.strata.cells import observed_arms
from boundgen.work.limits import Limits
from support.piecewise import observed

HEAD = "model m\nvariable A in {0, 1} randomized\nvariable Y(A) in {0, 1}\nestimand e = P(Y(1)=1)\n"


def notation_of(text: str) -> Notation:
    model = Model.parse(text)
    return notation(model, observed_arms(model, Limits()))


@pytest.mark.parametrize(
    ("symbol", "unicode", "ascii_text", "latex", "identifier"),
    [
        (CellSymbol("p", ("1", "0"), ("1",), ("Y", "M", "A")), "p10·1", "p10.1", r"p_{10 \cdot 1}", "p10_1"),
        (CellSymbol("p", ("1",), (), ("Y",)), "p1", "p1", "p_{1}", "p1"),
        (CellSymbol("p", (), (), ()), "p", "p", "p", "p"),
        (
            CellSymbol("p", ("low", "1"), ("0",), ("M", "Y", "A")),
            "p_low,1·0",
            "p_low,1.0",
            r"p_{\text{low},1 \cdot 0}",
            "p_low_1_0",
        ),
        (CellSymbol("q", ("-1",), (), ("Y",)), "q_-1", "q_-1", "q_{-1}", "q_m1"),
        (CellSymbol("p2", ("1",), (), ("Y",)), "p2_1", "p2_1", "p^{(2)}_{1}", "p2_1"),
        (
            CellSymbol("P", ("low", "-1"), (), ("Z", "Arm"), law=True),
            "P(Z=low,Arm=-1)",
            "P(Z=low,Arm=-1)",
            r"\mathrm{P}(Z=\text{low}, \mathrm{Arm}=-1)",
            "P_Zlow_Armm1",
        ),
    ],
)
def test_one_symbol_in_all_forms(
    symbol: CellSymbol, unicode: str, ascii_text: str, latex: str, identifier: str
) -> None:
    assert symbol.text(True) == unicode
    assert symbol.text(False) == ascii_text
    assert symbol.latex() == latex
    assert symbol.identifier() == identifier


def test_values_are_exchanged_by_their_variable() -> None:
    """Zero and one of Y change places, those of A do not."""
    symbol = CellSymbol("p", ("1",), ("1",), ("Y", "A"))
    assert symbol.exchanged({"Y": {0: 1, 1: 0}}).text(False) == "p0.1"


def test_cells_and_legend() -> None:
    found = notation_of(f"{HEAD}observe P(Y | A)\n")
    assert list(found.texts(unicode=False).values()) == ["p0.0", "p1.0", "p0.1", "p1.1"]
    assert found.legend == (("p_y·a", "P(Y=y | A=a)"),)


def test_what_the_statement_fixes_is_not_repeated() -> None:
    """Under `observe P(Y=1 | A)` the symbol shows the arm alone."""
    found = notation_of(f"{HEAD}observe P(Y=1 | A)\n")
    assert list(found.texts(unicode=False).values()) == ["p.0", "p.1"]
    assert found.legend == (("p_·a", "P(Y=1 | A=a)"),)


def test_each_distribution_has_a_letter_of_its_own() -> None:
    found = notation_of(f"{HEAD}variable W in {{0, 1}}\nobserve P(Y | A)\nobserve P(W)\n")
    assert [left for left, _ in found.legend] == ["p_y·a", "q_w"]


def test_laws_of_randomized_variables_are_printed_as_they_are() -> None:
    """They need no letter and no line in the legend, also where one value is observed."""
    model = Model.parse(f"{HEAD}observe P(Y | A)\n")
    for value in (None, 1):
        law = observed(model, Observation((("A", value),)))
        found = notation(law, observed_arms(law, Limits()))
        assert [text for text in found.texts(unicode=True).values() if "P" in text][-1] == "P(A=1)"
        assert found.legend == (("p_y·a", "P(Y=y | A=a)"),)
        assert found.identifiers()["P(A=1)"] == "P_A1"


def test_what_was_selected_stands_in_the_legend() -> None:
    model = Model.parse(f"{HEAD}variable S(A) in {{0, 1}}\nobserve P(S | A)\n")
    selected = observed(
        model,
        Observation((("Y", None),), (("A", None),), selection=(("S", 1),)),
        Observation((("Y", None), ("S", 0)), (("A", 1),), selection=(("S", 1),)),
    )
    found = notation(selected, observed_arms(selected, Limits()))
    assert found.legend[1:] == (("q_y·a", "P(Y=y | A=a, S=1)"), ("r_y", "P(Y=y, S=0 | A=1, S=1)"))
    assert found.texts(unicode=False)["P(Y=1|A=0,S=1)"] == "q1.0"


def test_letters_that_the_model_uses_are_skipped() -> None:
    found = notation_of(f"{HEAD}observe P(Y | A)\nparameter p in [0, 1]\nassume P(Y(1)=1) <= p\n")
    assert found.legend[0][0] == "q_y·a"


def test_identifiers_that_would_collide_are_numbered() -> None:
    """A parameter that is called like a symbol."""
    found = notation_of(f"{HEAD}observe P(Y | A)\nparameter p0_1 in [0, 1]\nassume P(Y(1)=1) <= p0_1\n")
    names = found.identifiers()
    assert len(set(names.values())) == len(names)
    assert names["p0_1"] == "p0_1"


def test_names_as_papers_write_them() -> None:
    assert [pretty(name) for name in ("delta1", "gamma", "ATM", "x1")] == ["δ(1)", "γ", "ATM", "x1"]
    assert pretty("delta1", unicode=False) == "delta1"
    assert [latex_name(name) for name in ("delta1", "g", "ATM", "a_b")] == [
        r"\delta(1)",
        "g",
        r"\mathrm{ATM}",
        r"\mathrm{a\_b}",
    ]
