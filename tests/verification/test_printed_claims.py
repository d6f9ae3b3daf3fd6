"""What is printed can be written in a claim, and means what the output gives it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from boundgen import Model, derive, verify
from boundgen.bounds.text import conditions_text, inequality_text
from boundgen.derivation import Derivation
from boundgen.errors import BoundgenError, ModelError, ModelSyntaxError
from support.catalogue import LINEAR
from support.command import Run
from support.forms import HERE, derived, text_sides

PAPER = """model paper
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
parameter gamma in [0, 1]
define ATM = P(M=1 | A=1) - P(M=1 | A=0)
assume mmr: P(M(0)=1, M(1)=0) <= gamma
estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]
"""
LABELS = """model labels
variable A in {low, high} randomized
variable Y(A) in {-1, 0, 12}
observe P(Y | A)
observe P(Y=12 | A=low)
estimand rise = P(Y(high)=12) - P(Y(low)=12)
"""
FRONT = """model front
variable X in {0, 1}
variable M(X) in {0, 1}
variable Y(M) in {0, 1}
confounded X, Y
observe P(X, M, Y)
estimand ate = E[Y(X=1) - Y(X=0)]
"""
NAMES = [
    "mediation_mmr",
    "mediation_limited_defiers",
    "mediation_parallel",
    "iv_ate",
    "late_ratio",
    "manski_att",
    "causation_both",
    "confounded_treatment",
]


def printed_sides(found: Derivation, k: int, unicode: bool) -> tuple[str, str]:
    bounds = found.bounds[k]
    if not unicode:
        return text_sides(bounds)
    shown = inequality_text(bounds, unicode=True).replace("  (identified)", "")
    if "≥" in shown:
        low, high = re.split(r"\n[^\n]* ≤ ", shown, maxsplit=1)
        return low.split(" ≥ ", 1)[1], high
    if " ≤ " not in shown:
        return (shown.split(" = ", 1)[1],) * 2
    low, _, high = shown.split(" ≤ ")
    return low, high


def claims_of(found: Derivation, unicode: bool) -> str:
    """The derivation's own text as claims."""
    text = str(found.model).split("\nclaim ")[0]
    for k, bounds in enumerate(found.bounds):
        low, high = (
            re.sub(r"\n.* is in no term", "", side).replace("\n", "\n    ") for side in printed_sides(found, k, unicode)
        )
        text += f'\nclaim "as printed" for {bounds.name}\n  lower {low}\n  upper {high}\n'
    lines = conditions_text(found.shown_conditions or (), found.notation, unicode)
    if lines:
        text += 'claim "as printed" for conditions\n' + "".join(f"  holds {line}\n" for line in lines)
    return text


@pytest.mark.parametrize("unicode", [True, False], ids=["unicode", "ascii"])
@pytest.mark.parametrize("name", [*HERE, *NAMES])
def test_printed_bounds_are_claims_that_are_sharp(name: str, unicode: bool) -> None:
    found = derived(name)
    read = Model.parse(claims_of(found, unicode))
    assert {claim.verdict for claim in verify(read).claims} == {"sharp"}
    # Printing writes them out, and that reads as the same model.
    assert Model.parse(str(read)) == read


@pytest.mark.slow
@pytest.mark.parametrize("name", LINEAR)
def test_printed_bounds_of_the_catalogue_are_claims_that_are_sharp(name: str) -> None:
    read = Model.parse(claims_of(derived(name), unicode=True))
    assert {claim.verdict for claim in verify(read).claims} == {"sharp"}


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("p01·0", "P(Y=0, M=1 | A=0)"),
        ("p01.0", "P(Y=0, M=1 | A=0)"),
        ("−p01·0 − 2p11·1", "-P(Y=0, M=1 | A=0) - 2 * P(Y=1, M=1 | A=1)"),
        ("1/2 p01.0 - 3", "1/2 * P(Y=0, M=1 | A=0) - 3"),
        ("2p01.0/3", "2/3 P(Y=0, M=1 | A=0)"),
        ("γ − ATM", "gamma - ATM"),
        ("max{p01·0,p11·1}", "max(P(Y=0, M=1 | A=0), P(Y=1, M=1 | A=1))"),
        ("max(p01.0,p11.1, gamma)", "max(P(Y=0, M=1 | A=0), P(Y=1, M=1 | A=1), gamma)"),
    ],
)
def test_a_symbol_means_what_the_output_gives_it(printed: str, written: str) -> None:
    read, plain = (
        Model.parse(f'{PAPER}claim "p01·0" for delta1 # p01·0\n  lower {side}\n') for side in (printed, written)
    )
    assert read == plain
    assert Model.parse(str(read)) == read


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("p_-1·low", "P(Y=-1 | A=low)"),
        ("p_12.high", "P(Y=12 | A=high)"),
        ("max(p_12·high,p_0·low)", "max(P(Y=12 | A=high), P(Y=0 | A=low))"),
    ],
)
def test_symbols_with_longer_values(printed: str, written: str) -> None:
    sides = [Model.parse(f'{LABELS}claim "c" for rise\n  lower {side}\n').claims for side in (printed, written)]
    assert sides[0] == sides[1]


@pytest.mark.parametrize("unicode", [True, False], ids=["unicode", "ascii"])
def test_cells_of_factors_as_printed(unicode: bool) -> None:
    """Where causes are independent the output is in these, and they are functions of what is observed."""
    shown = derive(Model.parse(FRONT)).text(unicode=unicode).split("ate = ", 1)[1].split("  (identified)")[0]
    assert "q1·1" in shown if unicode else "q1.1" in shown
    product = shown.replace(") (", ") * (")
    read = Model.parse(f'{FRONT}claim "c" for ate\n  lower {product}\n  upper {product}\n')
    assert {claim.verdict for claim in verify(read).claims} == {"sharp"}
    assert Model.parse(str(read)) == read
    wrong = product.replace("q1·0" if unicode else "q1.0", "q0·0" if unicode else "q0.0", 1)
    assert verify(Model.parse(f'{FRONT}claim "c" for ate\n  lower {wrong}\n')).claims[0].verdict != "sharp"


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("p01·1", "P(X=0, Y=1 | do(M=1))"),
        ("q1·0 − 2q0.1", "P(M=1 | do(X=0)) - 2 * P(M=0 | do(X=1))"),
        ("p010", "P(X=0, M=1, Y=0)"),
    ],
)
def test_a_cell_of_a_factor_means_what_the_output_gives_it(printed: str, written: str) -> None:
    read, plain = (Model.parse(f'{FRONT}claim "c" for ate\n  lower {side}\n') for side in (printed, written))
    assert read == plain


def test_a_name_of_the_model_is_no_cell_of_a_factor() -> None:
    """Definitions are not in the output there, whose symbols know nothing of them."""
    text = FRONT.replace("confounded X, Y\n", "unconfounded\n").replace("estimand", "define p0 = P(Y=1)\nestimand")
    model = Model.parse(text)
    assert "p_x = P(X=x)" in derive(model).text()
    assert "lower max(p0 - P(X=1))" in str(model.claim("c", "ate", lower=["p0 - p1"]))


def test_implications_as_printed() -> None:
    read = Model.parse(f'{PAPER}claim "c" for conditions\n  holds p01·0 + γ ≥ p01·1\n  holds p11.0 ≤ 1\n')
    plain = Model.parse(
        f'{PAPER}claim "c" for conditions\n  holds P(Y=0, M=1 | A=0) + gamma >= P(Y=0, M=1 | A=1)\n'
        "  holds P(Y=1, M=1 | A=0) <= 1\n"
    )
    assert read == plain


def test_python_takes_them_too() -> None:
    model = Model.parse(PAPER)
    found = model.claim("c", "delta1", lower=["−p01·0", "γ"], upper=["p11.1"])
    assert found == model.claim("c", "delta1", lower=["-P(Y=0, M=1 | A=0)", "gamma"], upper=["P(Y=1, M=1 | A=1)"])


def test_symbols_are_never_names_of_the_model() -> None:
    """A letter whose symbols would be names is not taken, so that what is printed has one meaning."""
    text = PAPER.replace("gamma", "p01")
    model = Model.parse(f'{text}claim "c" for delta1\n  lower -p01\n')
    assert model == Model.parse(f'{text}claim "c" for delta1\n  lower -1 * p01\n')
    observational = Model.parse(
        "model o\nvariable X in {0, 1}\nvariable Y(X) in {0, 1}\nobserve P(X, Y)\nparameter p01 in [0, 1]\n"
        "assume a: P(Y(0)=1) <= p01\nestimand e = P(Y(0)=1)\n"
    )
    symbols = {symbol.text(unicode=False) for _, symbol in derive(observational).notation.symbols}
    assert symbols == {"q00", "q01", "q10", "q11"}


def test_what_two_names_are_printed_as_is_refused() -> None:
    text = PAPER.replace("define ATM", "define delta1 = P(M=1 | A=1)\ndefine delta_1 = P(M=1 | A=0)\ndefine ATM")
    text = text.replace("estimand delta1", "estimand effect")
    with pytest.raises(ModelError) as caught:
        Model.parse(f'{text}claim "c" for effect\n  lower -δ(1)\n', "m.bounds")
    message = str(caught.value)
    assert message.startswith("m.bounds:13:10: 'δ(1)' is printed for delta1 and for delta_1")
    assert message.endswith("  Write out the one that is meant.")


@pytest.mark.parametrize("side", ["p02·0", "q01·0", "p01·", "p01·0·1", "p01·0 p11·1", "\U000f0000", "\ue001"])
def test_what_is_no_symbol_is_refused(run: Run, side: str) -> None:
    Path("m.bounds").write_text(f'{PAPER}claim "c" for delta1\n  lower {side}\n', encoding="utf-8")
    found = run("verify", "m.bounds")
    assert (found.status, found.out) == (2, "")
    assert found.err.startswith("m.bounds:11:")
    assert "\n\n" not in found.err
    assert not re.search("[\ue000-\uf8ff\U000f0000-\U0010ffff]", found.err.split("\n")[0])


@pytest.mark.parametrize("statement", ["estimand e = p01·0 + E[Y(1)]", "assume p01.0 <= 1/2", "define d = p01·0"])
def test_symbols_stand_in_claims_only(statement: str) -> None:
    with pytest.raises(ModelSyntaxError):
        Model.parse(f"{PAPER}{statement}\n")


def test_places_are_those_of_the_text() -> None:
    with pytest.raises(BoundgenError) as caught:
        Model.parse(f'{PAPER}claim "c" for delta1\n  lower max(−p01·0, nothing)\n', "m.bounds")
    assert str(caught.value).startswith("m.bounds:11:21: unknown name 'nothing'")


def test_an_error_elsewhere_is_said_before_symbols_are() -> None:
    """Symbols are known only of a model that can be read, and a claim is not to blame for the rest."""
    with pytest.raises(ModelError, match="the estimand is constant"):
        Model.parse(PAPER + 'estimand sure = 3/2\nclaim "1" for delta1\n  lower max{-ATM, -p01·1}\n')


OVERLAP = """model overlap
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M=1 | A)
observe P(M | A)
estimand e = E[Y(1, 1)]
claim "both sources" for conditions
  holds P(M=1 | A=a) = P(Y=0, M=1 | A=a) + P(Y=1, M=1 | A=a) for all a in A
  expect sharp
claim "one arm" for conditions
  holds P(M=1 | A=0) = P(Y=0, M=1 | A=0) + P(Y=1, M=1 | A=0)
  expect valid
"""


def test_what_one_source_observes_is_not_what_another_adds_up_to() -> None:
    """Both sides are one function of the strata, and different cells."""
    verdicts = {claim.where: claim.verdict for claim in verify(Model.parse(OVERLAP)).claims}
    assert verdicts == {"both sources": "sharp", "one arm": "valid"}
