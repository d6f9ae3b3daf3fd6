"""Bounds in LaTeX are read as what they say, or refused with the place."""

from __future__ import annotations

import itertools
import random
import re
from fractions import Fraction
from pathlib import Path
from typing import Literal

import pytest

from boundgen import Model, catalogue, derive, verify
from boundgen.errors import ModelSyntaxError
from boundgen.language.expressions import Inequality
from boundgen.language.statements import ClaimSide
from boundgen.language.values import COMPARE
from boundgen.verification.claimed_functions import ClaimReading
from boundgen.verification.group_space import group_space
from boundgen.verification.judgement import judge
from boundgen.verification.latex_claims import latex_claims
from boundgen.verification.law_order import Law
from boundgen.verification.law_space import law_space
from boundgen.verification.sampled_laws import sampled_laws
from boundgen.work.limits import Budget
from support.catalogue import LINEAR, WITH_PIECES, derived
from support.command import Run

NAMES = [
    "mediation_mmr",
    "mediation_limited_defiers",
    "mediation_parallel",
    "iv_ate",
    "late_ratio",
    "manski_att",
    "causation_both",
]
SIDES = ("lower", "upper")
FRONT = Model.parse(
    "model front\nvariable X in {0, 1}\nvariable M(X) in {0, 1}\nvariable Y(M) in {0, 1}\nconfounded X, Y\n"
    "observe P(X, M, Y)\nestimand ate = E[Y(X=1) - Y(X=0)]\nestimand ett = E[Y(X=1) - Y(X=0) | X=1]\n"
)
MMR = catalogue.load("mediation_mmr")
LABELS = Model.parse(
    'model labels\nvariable A in {low, "very high"} randomized\nvariable Y(A) in {-1, 0, 12}\nobserve P(Y | A)\n'
    'estimand rise "a rise" = P(Y("very high")=12) - P(Y(low)=12)\n'
)


def sides(display: str, model: Model = MMR, *notations: str) -> list[tuple[str, str, str]]:
    found = latex_claims(f"Text.\n{display}\n", "paper.tex", model, notations)
    # What is printed is what is judged.
    assert Model.parse(f"{model}\n{found}")
    return [(each.estimand, each.lower, each.upper) for each in found.claims]


def assert_read_back(name: str) -> None:
    found = derived(name)
    read = latex_claims(found.latex(orbits=False), "own.tex", found.model)
    result = verify(read.judged)
    assert not result.unanswered
    assert {claim.verdict for claim in result.claims} == {"sharp"}
    # Both sides of every estimand.
    wanted = {(b.name, side) for b in found.bounds for side in ("lower", "upper")}
    assert {(claim.estimand, claim.side) for claim in result.claims} == wanted


@pytest.mark.parametrize("name", NAMES)
def test_our_own_latex_is_read_back_and_sharp(name: str) -> None:
    assert_read_back(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", LINEAR)
def test_our_own_latex_of_the_catalogue_is_read_back_and_sharp(name: str) -> None:
    assert_read_back(name)


PIECES = ["late_nomono", "li_pearl_benefit_sigma_neg", "responders_benefit", "risk_ratio"]


def claimed_value(reading: ClaimReading, side: ClaimSide, op: Literal["max", "min"], law: Law) -> Fraction | None:
    """A claimed side at a law, as it is written: no sum of maxima is multiplied out."""
    best = {"max": max, "min": min}
    found = [reading.ratio(term).value(law) for term in side.terms]
    for piece in side.pieces:
        if not all(compared(reading, guard, law) for guard in piece.guards):
            continue
        summands = [reading.ratio(piece.term).value(law)]
        for each in piece.maxima:
            options = [reading.ratio(option).value(law) for option in each.options]
            factor = reading.ratio(each.coefficient).value(law)
            summands.append(None if factor is None or None in options else factor * best[each.op](options))
        found.append(None if None in summands else sum(summands))
    over = 1 if side.denominator is None else reading.function(side.denominator).value(law)
    return None if None in found or not found or not over else best[op](found) / over


def compared(reading: ClaimReading, guard: Inequality, law: Law) -> bool:
    return COMPARE[guard.relation](reading.function(guard.left).value(law), reading.function(guard.right).value(law))


def assert_same_pieces(name: str) -> None:
    found = derived(name)
    read = latex_claims(found.latex(orbits=False), "own.tex", found.model).judged.claims
    assert {(c.estimand, s) for c in read for s in c.sides} == {(b.name, s) for b in found.closed_forms for s in SIDES}
    met = 0
    for claim in read:
        bounds = next((each for each in found.piecewise if each.name == claim.estimand), None)
        if bounds is None:
            # Estimands without pieces beside those with some.
            assert {verdict.verdict for verdict in judge(found, claim)} == {"sharp"}
            continue
        space = law_space(bounds) or group_space(bounds)
        assert space
        reading = ClaimReading(found.problem, claim, Budget())
        for law, side in itertools.product(sampled_laws(space, 6), claim.sides):
            over = 1 if bounds.denominator is None else bounds.denominator.value(law)
            printed = (bounds.lower if side == "lower" else bounds.upper).value(law)
            said = claimed_value(reading, getattr(claim, side), "max" if side == "lower" else "min", law)
            if said is not None and printed is not None:
                assert said == printed / over
                met += 1
    assert met or not found.piecewise


@pytest.mark.parametrize("name", PIECES)
def test_our_own_latex_with_pieces_is_read_back_as_the_same_function(name: str) -> None:
    assert_same_pieces(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(WITH_PIECES - {*PIECES}))
def test_our_own_latex_of_the_catalogue_with_pieces_is_read_back_as_the_same_functions(name: str) -> None:
    assert_same_pieces(name)


@pytest.mark.parametrize("name", NAMES)
def test_blanks_and_comments_change_nothing(name: str) -> None:
    """A law of TeX: lines, spacing and comments between tokens mean nothing."""
    found, chance = derived(name), random.Random(name)
    text = found.latex(orbits=False)
    breaks = [" ", "\n", "\\, ", " % \\max{\n  ", "~", " \\quad "]
    lines = [
        line if line.startswith(("%", "Here")) else re.sub(r"(?<=[},+=-]) ?", lambda _: chance.choice(breaks), line)
        for line in text.split("\n")
    ]
    spaced = "\n".join(lines)
    assert spaced != text
    own, other = (latex_claims(each, "own.tex", found.model).claims for each in (text, spaced))
    assert [(c.estimand, c.lower, c.upper) for c in own] == [(c.estimand, c.lower, c.upper) for c in other]


P, Q = "P(Y=0,M=1|A=0)", "P(Y=1,M=1|A=1)"
READ = [
    (r"\[ \max\{-p_{01\cdot0}, 0\} \leq \delta(1) \]", f"max(-{P}, 0)", ""),
    (r"$$ \delta(1) \ge -p_{01 \cdot 0} . $$", f"-{P}", ""),
    (r"\begin{equation*} \delta(1) \le 2 p_{01 \cdot 0} \end{equation*}", "", f"2 * {P}"),
    (r"\[ \delta(1) = \mathrm{ATM} \]", "ATM", "ATM"),
    (r"\[ \delta(1) \leq \tfrac12 \min\bigl(p_{01 \cdot 0},\ 1\bigr) \]", "", f"1/2 * min({P}, 1)"),
    (r"\[ \delta(1) \leq \frac{p_{01 \cdot 0} + p_{11 \cdot 1}}{2} \]", "", f"({P} + {Q}) / (2)"),
    (r"\[ \delta(1) \leq 0.5 \cdot (1 - p_{01 \cdot 0}) \]", "", f"0.5 * (1 - {P})"),
    (r"\[ \delta(1) \geq -\mathrm{P}(Y=0, M=1 \mid A=0) \]", "-P(Y=0, M=1 | A=0)", ""),
    (r"\[ \delta(1) \geq -\Pr(M=1|A=0) \]", "-P(M=1 | A=0)", ""),
    (r"\[ \operatorname{max}\left\{\begin{array}{l} 0,\\ -p_{01\cdot0} \end{array}\right\} \le \delta(1) \]",
     f"max(0, -{P})", ""),
    ("\\begin{alignat}{2}\n \\delta(1) &\\leq \\min\\{ 1, \\\\[1ex]\n & p_{01 \\cdot 0} \\} \\label{a} \\end{alignat}",
     "", f"min(1, {P})"),
    ("\\[ \\begin{aligned}[t] 0 & \\leq \\delta(1) \\\\ & \\leq p_{01 \\cdot 0} \\\\ & {} + 1 \\end{aligned} \\]",
     "0", f"{P} + 1"),
    (r"\[ \delta(1) \geq \max\{ 0 \text{ if } p_{01\cdot0} > 0, -1 \} \]", f"max((0) if {P} > 0, -1)", ""),
    (r"\[ \delta(1) \geq -1 \quad \text{when } p_{01\cdot0} \geq 0 \]", f"max((-1) if {P} >= 0)", ""),
    (r"\[ \delta(1) \leq \begin{cases} \frac12, & \text{if } \mathrm{ATM} > 0 \text{ and } p_{01\cdot0} \leq 1, \\"
     "\n" r"1 & \text{otherwise.} \end{cases} \]",
     "", f"min((1/2) if ATM > 0 and {P} <= 1, (1) if ATM <= 0, (1) if {P} > 1)"),
    (r"\[ \delta(1) \leq \left\{ \begin{array}{ll} \frac12 & \text{if } \mathrm{ATM} > 0 \\ 1 & \text{otherwise}"
     "\n" r"\end{array} \right. \]",
     "", "min((1/2) if ATM > 0, (1) if ATM <= 0)"),
    (r"\[ \delta(1) \geq \begin{dcases} -\infty & \text{if } 0 > p_{01\cdot0} \\ 0 & \text{else} \end{dcases} \]",
     f"max((0) if 0 <= {P})", ""),
    (r"\[ \delta(1) \geq -P(M=1 \mid \mathrm{do}(A=1)) \]", "-P(M=1 | do(A=1))", ""),
    (r"\[ \delta(1) \in [-p_{01\cdot0}, 1] . \]", f"-{P}", "1"),
    (r"\[ \delta(1) \in \left[ \max\{-p_{01\cdot0}, 0\},\; \min\{1, 2\} \right] \]", f"max(-{P}, 0)", "min(1, 2)"),
]  # fmt: skip


@pytest.mark.parametrize(("display", "lower", "upper"), READ)
def test_what_papers_write(display: str, lower: str, upper: str) -> None:
    assert sides(display) == [("delta1", lower, upper)]


def test_each_row_is_a_claim_with_its_line() -> None:
    rows = [
        "",
        r"\begin{align}",
        r"\delta(0) &\geq -1 \\",
        r"\delta(0) &\leq 1 \\",
        r"a &= b",
        r"\end{align}",
        r"\[ c \leq d \]",
    ]
    text = "\n".join(rows)
    found = latex_claims(text, "folder/paper.tex", MMR)
    assert str(found) == (
        'claim "paper.tex, line 3" for delta0\n  lower -1\n\nclaim "paper.tex, line 4" for delta0\n  upper 1\n'
    )
    assert str(latex_claims(text, "folder/paper.tex", MMR, lines="4")).startswith('claim "paper.tex, line 4"')


@pytest.mark.parametrize(
    ("template", "symbol"),
    [
        (r"q_{a \cdot ym}", r"q_{0\cdot01}"),
        ("q^{a}_{ym}", "q^0_{01}"),
        ("Q_{ya,m}", "Q_{00,1}"),
        (r"\pi(ym|a)", r"\pi(01 | 0)"),
    ],
)
def test_a_stated_notation(template: str, symbol: str) -> None:
    assert sides(rf"\[ \tau_1 \geq -{symbol} \]", MMR, template, r"delta1 = \tau_{1}") == [("delta1", f"-{P}", "")]


def test_labels_and_long_values() -> None:
    display = r"\[ \mathrm{rise} \geq -p_{12 \cdot \text{low}} \qquad \text{(a rise)} \]"
    assert sides(display, LABELS) == [("rise", "-P(Y=12|A=low)", "")]
    display = r"\[ \mathrm{rise} \leq P(Y=12 \mid A=\text{very high}) \]"
    assert sides(display, LABELS) == [("rise", "", 'P(Y=12 | A="very high")')]


def test_a_definition_is_not_taken_for_a_bound() -> None:
    found = latex_claims("\\[ \\delta(1) = E[Y(1)] \\]\n\\[ \\delta(1) \\leq 1 \\]", "a.tex", MMR)
    assert str(found).startswith("# a.tex, line 1: an equation that is not read: 'E' cannot be read here\n\nclaim")
    assert len(found.claims) == 1


REFUSED = [
    (r"\delta(1) \leq \max\{\foo, 0\}", ":2:24: the macro '\\foo' is not known here"),
    (r"\delta(1) \leq \max\{p_{20 \cdot 1}, 0\}", ":2:24: 'p_{20 \\cdot 1}' is no symbol of mediation_mmr"),
    (r"\tau \leq \max\{0, 1\}", ":2:13: this display bounds no estimand of mediation_mmr"),
    (r"\delta(1) \leq \max\{0, 1", ":2:27: '\\}' is missing at the end of the display"),
    (r"\delta(1) \leq \min_x p_{10\cdot1}", ":2:22: behind \\min the terms stand in \\{...\\}"),
    (r"\delta(1) \leq \min\{0, 1\}^2", ":2:30: '^' cannot be read here"),
    (r"0 \leq \delta(1) \geq 1", ":2:5: this is no bound on one estimand"),
    (r"\delta(1) \geq \begin{cases} 1 & \text{if } x \end{cases}", ":2:47: 'x' cannot be read here"),
    (r"\delta(1) \geq \begin{cases} 1 \\ 0 & \text{otherwise} \end{cases}", ":2:32: a row of cases has no condition"),
    (r"\delta(1) \geq \begin{cases} 1 & \text{if } \mathrm{ATM} = 0 \end{cases}", ":2:60: a condition compares two"),
    (r"\delta(1) \geq \begin{cases} 1 & \text{if } 1 > 0", ":2:51: '\\end{cases}' is missing at the end"),
    (r"\delta(1) \geq 0 \text{ if } \mathrm{ATM} = 0", ":2:45: a condition compares two formulas"),
    (r"\delta(1) \geq 2 3", ":2:20: what '3' belongs to is not said here"),
    (r"\delta(1) \geq 1/2 p_{01 \cdot 1}", ":2:22: what 'p' belongs to is not said here"),
    (r"\delta(1) \geq p_{10\cdot1} p_{00 \cdot 1}", ":2:3: the product"),
    (r"\delta(1) \geq P(M=1", ":2:22: ')' is missing at the end of the display"),
    (r"\delta(1) \geq P(Q=1)", ":2:3: unknown name 'Q'"),
    (r"\delta(1) \geq p_{01", ":2:18: 'p' cannot be read here"),
    (r"\delta(1) \geq \frac", ":2:18: \\frac has two parts in braces"),
    (r"\delta(1) \leq \mathrm{ATM} \text{(words)}", ":2:31: '\\text{(words)}' cannot be read here"),
    (r"\delta(1) \leq }", ":2:18: '}' cannot be read here"),
    (r"\delta(1) \leq", ":2:3: nothing stands on one side of this relation"),
    (r"\delta(1) \in \{0, 1\}", ":2:13: '\\in' beside an estimand is not read as a bound"),
    (r"\delta(1) \in [0, 1, 2]", ":2:13: this is no interval of two ends"),
    (r"\delta(1) \in [0, 1", ":2:13: this is no interval of two ends"),
    (r"0 < \delta(1)", ":2:5: '<' beside an estimand is not read as a bound"),
    (r"\delta(1) < p_{01\cdot0}", ":2:13: '<' beside an estimand is not read as a bound"),
    (r"\delta(1) \subseteq [0, 1]", ":2:13: '\\subseteq' beside an estimand"),
    (r"x \leq y", ": no display bounds an estimand of mediation_mmr"),
]  # fmt: skip


@pytest.mark.parametrize(("display", "said"), REFUSED)
def test_what_cannot_be_read_is_refused_with_the_place(run: Run, display: str, said: str) -> None:
    Path("p.tex").write_text(f"Text.\n\\[{display}\\]\n", encoding="utf-8")
    found = run("claims", "p.tex", "--model", "mediation_mmr")
    assert (found.status, found.out) == (2, "")
    assert found.err.startswith(f"p.tex{said}")
    assert "\n\n" not in found.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--notation", "q_{yx}"], "--notation 'q_{yx}' says neither cells nor a name of mediation_mmr"),
        (["--notation", "tau = x"], "--notation 'tau = x' says neither cells nor a name of mediation_mmr"),
        (["--lines", "x"], "--lines 'x' is no range of lines"),
        (["--lines", "7-9"], "p.tex: no display bounds an estimand of mediation_mmr"),
    ],
)
def test_wrong_options(run: Run, words: list[str], said: str) -> None:
    Path("p.tex").write_text(r"\[ \delta(1) \leq 1 \]", encoding="utf-8")
    found = run("claims", "p.tex", "--model", "mediation_mmr", *words)
    assert (found.status, found.out) == (2, "")
    assert found.err.startswith(said)


def test_claims_are_judged_on_request(run: Run) -> None:
    Path("p.tex").write_text(r"\[ -\mathrm{ATM} \leq \delta(1) \]", encoding="utf-8")
    found = run("claims", "p.tex", "--model", "mediation_mmr", "--verify", "--ascii")
    assert found.status == 1
    assert "p.tex, line 1\n    delta1, lower bound: valid, not sharp" in found.out


def test_own_output_in_cells_of_factors_is_read() -> None:
    found = latex_claims(derive(FRONT).latex(), "own.tex", FRONT)
    assert [each.estimand for each in found.claims] == ["ate", "ett"]
    assert {claim.verdict for claim in verify(found.judged).claims} == {"sharp"}


def test_what_was_not_read_is_said_where_nothing_was() -> None:
    display = r"\[ \mathrm{ate} = \frac{q_{1 \cdot 0}}{p_{00 \cdot 1}} - \frac{q_{1 \cdot 1}}{p_{01 \cdot 1}} \]"
    with pytest.raises(ModelSyntaxError, match=r"no display bounds an estimand of front; own\.tex, line 1: .*once"):
        latex_claims(display, "own.tex", FRONT)
