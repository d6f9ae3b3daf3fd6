"""Bounds in LaTeX are read as what they say, or refused with the place."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from boundgen import Model, catalogue, verify
from boundgen.verification.latex_claims import latex_claims
from support.catalogue import LINEAR, derived
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
    (r"\delta(1) \geq \begin{cases} 1 & \text{if } x \end{cases}", ":2:18: '\\begin{cases}' cannot be read here"),
    (r"\delta(1) \geq 0 \text{ if } \mathrm{ATM} = 0", ":2:13: this is no bound on one estimand"),
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
