"""Texts in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence

from boundgen.rendering.characters import plain_line

GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi "
        "psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split(),
        "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ",
        strict=True,
    )
)
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ₖ", "0123456789k", strict=True))
SPELLED = {letter: "\\" + name for name, letter in GREEK.items()}
SPECIAL = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "<=": r"$\leq$",
    ">=": r"$\geq$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "·": r"$\cdot$",
    **{letter: f"${spelled}$" for letter, spelled in SPELLED.items()},
}
EDITORS = re.compile(r"(?<=-)(?=\*-)|(?<=\bvi|\bex)(?=:)|(?<=\bvim|\bVim)(?=[<=>]?\d*:)")
FRACTION = re.compile(r"(\\text\{(?:\\.|[^\\{}]|\{[^{}]*\})*\})|(\d+)/(\d+)")
BOOKTABS = (r"\toprule", r"\midrule", r"\bottomrule")
TOKEN = re.compile(rf"[{''.join(SUBSCRIPTS)}]+|[<>]=|.", re.DOTALL)


def escaped(text: str) -> str:
    r"""Words in the text of a document: nothing in them is a command, a comment, or mathematics.

    >>> escaped("50% of x_1 & C:\\new ^~"), escaped("δ₁ >= 0")
    ('50\\% of x\\_1 \\& C:\\textbackslash{}new \\textasciicircum{}\\textasciitilde{}', '$\\delta$$_{1}$ $\\geq$ 0')
    """
    return TOKEN.sub(_token, plain_line(text))


def _token(match: re.Match[str]) -> str:
    token = match[0]
    if token[0] in SUBSCRIPTS:
        return f"$_{{{subscript(token)}}}$"
    return SPECIAL.get(token, token)


def subscript(text: str) -> str:
    """``₁₂`` as ``12``."""
    return "".join(SUBSCRIPTS[character] for character in text)


def fractions(text: str) -> str:
    r"""Fractions in mathematics; what stands in ``\text{...}`` is left alone.

    >>> fractions(r"1/2 p_{\text{1/2 done}}")
    '\\tfrac{1}{2} p_{\\text{1/2 done}}'
    """
    return FRACTION.sub(lambda m: m[1] or rf"\tfrac{{{m[2]}}}{{{m[3]}}}", text)


def comment(text: str) -> str:
    """Text behind ``%``: to TeX a carriage return ends the line too, and editors obey marks in the first lines.

    >>> comment("50% -*- eval: (x) -*- vim: set x:")
    '50% - *- eval: (x) - *- vim : set x:'
    """
    return EDITORS.sub(" ", plain_line(text))


def row(cells: Sequence[str]) -> str:
    """A line of a table."""
    return " & ".join(cells) + r" \\"


def tabular(columns: str, rows: Sequence[Sequence[str]], rules: tuple[str, str, str] = BOOKTABS) -> str:
    r"""A table of cells in LaTeX, its first row between rules.

    Parameters
    ----------
    columns
        As LaTeX has them: ``lrr``.
    rules
        Above, below the head, and at the end; those of booktabs, or ``\\hline``, which needs no package.
    """
    head, *body = map(row, rows)
    lines = [rf"\begin{{tabular}}{{{columns}}}", rules[0], head, rules[1], *body, rules[2], r"\end{tabular}"]
    return "\n".join(lines) + "\n"
